"""Fixed splits: their tables, what they hold out, and that nothing leaks across them."""

import runpy
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from alliance_stance.datasets.gold_file import read_gold
from alliance_stance.datasets.splits import (
    SPLITS,
    DealtSplit,
    FixedSplit,
    group_documents,
    near_duplicates,
    plan_splits,
    read_held_out,
    read_schemes,
    read_split_file,
)
from alliance_stance.datasets.table import build_dataset, read_recipe
from alliance_stance.errors import ConfigError, DatasetError
from alliance_stance.evaluation.leakage import close_pairs, count_leaks, embed

ROOT = Path(__file__).resolve().parents[1]
SCHEMES = ("random", "alliances", "states", "date")


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def table(tmp_path):
    return write(tmp_path / "splits.csv", "document,random,alliances\na,train,train\nb,test,test\n")


@pytest.fixture
def held_out(tmp_path):
    return write(
        tmp_path / "held_out.csv",
        "scheme,split,kind,id\nalliances,test,alliance,CSTO\nalliances,dev,alliance,NAM\n",
    )


SENTENCES = {"a": ["One."], "b": ["Two."]}
SIZES = {"a": 1, "b": 1}


def test_fixed_split_follows_the_table(table):
    plan = plan_splits(FixedSplit(file=table, scheme="random"), SENTENCES, SIZES)
    assert {name: set(split.documents) for name, split in plan.items()} == {
        "train": {"a"},
        "dev": set(),
        "test": {"b"},
    }
    assert all(split.keeps("ARM", "CSTO") for split in plan.values())


def test_held_out_pairs_count_on_their_side_only(table, held_out):
    settings = FixedSplit(file=table, scheme="alliances", held_out=held_out)
    plan = plan_splits(settings, SENTENCES, SIZES)
    assert [plan[s].keeps("ARM", "CSTO") for s in SPLITS] == [False, False, True]
    assert [plan[s].keeps("ARM", "NAM") for s in SPLITS] == [False, True, False]
    assert [plan[s].keeps("ARM", "EU") for s in SPLITS] == [True, False, False]


def test_a_state_is_not_taken_for_an_alliance_of_the_same_letters(tmp_path, table):
    held = write(tmp_path / "h.csv", "scheme,split,kind,id\nalliances,test,state,NAM\n")
    settings = FixedSplit(file=table, scheme="alliances", held_out=held)
    train = plan_splits(settings, SENTENCES, SIZES)["train"]
    assert train.keeps("ARM", "NAM")
    assert not train.keeps("NAM", "AU")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("document,alliances\na,train\nb,test\n", "no column random"),
        ("document,random\na,training\nb,test\n", "a in 'training'"),
        ("document,random\na,train\na,test\n", "each document once"),
        ("document,random\na,train\n", "no row of b"),
        ("document,random\na\n", "cells"),
    ],
)
def test_bad_split_tables_are_refused(tmp_path, text, message):
    path = write(tmp_path / "s.csv", text)
    with pytest.raises(DatasetError, match=message):
        plan_splits(FixedSplit(file=path, scheme="random"), SENTENCES, SIZES)


def test_bad_held_out_row_is_refused(tmp_path):
    path = write(tmp_path / "h.csv", "scheme,split,kind,id\nx,train,alliance,EU\n")
    with pytest.raises(DatasetError, match=":2: found alliance for train"):
        read_held_out(path, "x")


def test_missing_split_table_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="no such file"):
        FixedSplit(file=tmp_path / "none.csv", scheme="random").measure()


def test_a_changed_table_shows_in_the_fingerprint(table):
    settings = FixedSplit(file=table, scheme="random")
    before = settings.measure()
    table.write_text(table.read_text().replace("b,test", "b,dev"))
    assert settings.measure() != before


@pytest.mark.parametrize(
    ("split", "message"),
    [
        ({"file": "x.csv"}, "split.scheme: Field required"),
        ({"seed": 0}, "split.dev_share: Field required"),
        ({"file": "x.csv", "scheme": "random", "seed": 0}, "split.seed: Extra inputs"),
    ],
)
def test_a_recipe_says_which_key_of_the_split_is_wrong(tmp_path, split, message):
    import yaml

    path = write(tmp_path / "r.yaml", yaml.safe_dump({"kind": "gold", "path": "x", "split": split}))
    with pytest.raises(ConfigError, match=message):
        read_recipe(path)


def test_dealt_and_fixed_splits_are_told_apart():
    settings = DealtSplit(seed=0, dev_share=0.2, test_share=0.2, duplicate_similarity=0.5)
    assert set(plan_splits(settings, SENTENCES, SIZES)) == set(SPLITS)


def test_groups_join_through_others():
    links = [("a", "b"), ("b", "d")]
    assert group_documents(["a", "b", "c", "d"], links) == [["a", "b", "d"], ["c"]]


def test_word_shingles_find_a_changed_word():
    texts = [
        "The minister said that the treaty would be kept whatever the neighbours did",
        "The minister said that the treaty would be kept whatever the allies did",
        "Nothing of the kind was said by anybody at the meeting in the capital",
    ]
    assert near_duplicates(texts, 0.5, analyzer="word", size=3) == [(0, 1)]
    assert near_duplicates(["a", "b"], 0.5, analyzer="word", size=3) == []


def test_leaks_are_counted_between_sides_only():
    split_of = {"a": "train", "b": "test", "c": ""}
    owners = ["a", "b", "c", "a"]
    leaks = count_leaks(owners, {(0, 1), (0, 2), (0, 3)}, split_of)
    assert leaks == Counter({("test", "train"): 1})


def test_close_pairs_are_found_across_blocks():
    import numpy as np

    rows = np.eye(1500, dtype=np.float32)
    rows[1400] = rows[3]
    assert close_pairs(rows, 0.9) == [(3, 1400)]


def test_texts_of_as_many_tokens_are_encoded_together(monkeypatch):
    from sentence_transformers import SentenceTransformer

    # as many characters, and not as many tokens
    long, short = "international " * 2, "a b " * 7
    texts = [f"{words}{number}" for number in range(64) for words in (long, short)]
    read, forward = [], SentenceTransformer.forward

    def watched(self, features, **options):
        read.append(features["attention_mask"].float().mean().item())
        return forward(self, features, **options)

    with monkeypatch.context() as patch:
        patch.setattr(SentenceTransformer, "forward", watched)
        together = embed(texts)
    assert len(read) == 2
    assert min(read) > 0.9
    for place in (0, 7):
        assert (embed([texts[place]]) @ together[place]).item() == pytest.approx(1, abs=1e-3)
    assert embed([]).shape[0] == 0
    assert close_pairs(embed([]), 0.85) == []


@pytest.fixture(scope="module")
def gold(knowledge):
    return read_gold(ROOT / "data" / "gold" / "documents.jsonl", knowledge)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_gold_document_has_its_place(gold, scheme):
    split_of = read_split_file(ROOT / "data" / "gold" / "splits.csv", scheme)
    assert list(split_of) == [d.document.id for d in gold]
    shares = Counter(split_of.values())
    assert all(shares[split] > 50 for split in SPLITS)
    assert shares[""] < 10


@pytest.mark.parametrize(("scheme", "place"), [("states", 0), ("alliances", 1)])
def test_no_training_document_has_what_is_held_out(gold, scheme, place):
    split_of = read_split_file(ROOT / "data" / "gold" / "splits.csv", scheme)
    held = read_held_out(ROOT / "data" / "held_out.csv", scheme)
    unseen = held["dev"][1] | held["test"][1]
    assert len(held["test"][1]) + len(held["dev"][1]) >= 12
    seen = {pair[place] for d in gold if split_of[d.document.id] == "train" for pair in d.pairs}
    assert seen & unseen == set()
    dev = {pair[place] for d in gold if split_of[d.document.id] == "dev" for pair in d.pairs}
    assert dev & held["test"][1] == set()


def test_csto_is_in_no_training_row_of_the_unseen_alliances(knowledge, tmp_path):
    recipe = ROOT / "configs" / "datasets" / "gold_unseen_alliances.yaml"
    built = build_dataset(recipe, knowledge, tmp_path)
    train = {e.candidate.alliance for e in built.examples("train")}
    test = {e.candidate.alliance for e in built.examples("test")}
    assert "CSTO" in test
    assert train & test == set()
    assert len(built.examples("test")) > 1000


def test_dates_are_cut_at_2015(gold):
    split_of = read_split_file(ROOT / "data" / "gold" / "splits.csv", "date")
    years = {
        split: sorted(d.document.date[:4] for d in gold if split_of[d.document.id] == split)
        for split in SPLITS
    }
    assert years["train"][-1] < years["dev"][0] <= years["dev"][-1] < "2015" <= years["test"][0]


@pytest.fixture(scope="module")
def near():
    """The functions of the script that keeps which documents have near-duplicates."""
    return runpy.run_path(str(ROOT / "experiments" / "splits" / "near_duplicates.py"))


@pytest.fixture(scope="module")
def sentences(near, knowledge, pointed_corpora):
    """All sentences; those of the stand-off sets where copies of all their corpora are at hand."""
    is_all = pointed_corpora.keys() == set(near["POINTED"])
    return near["read_sentences"](knowledge, pointed_corpora if is_all else {})


@pytest.fixture(scope="module")
def recorded(near, sentences):
    """The recorded pairs of documents; a record of other sentences says nothing."""
    told, pairs = near["read_record"](sentences)
    assert told == sentences.fingerprint, "run: python experiments/splits/near_duplicates.py"
    return pairs


def test_no_near_duplicate_stands_on_two_sides(sentences, recorded):
    leaks = {}
    for scheme in SCHEMES:
        split_of = {
            document: split
            for name in sentences.sets
            for document, split in read_split_file(
                ROOT / "data" / name / "splits.csv", scheme
            ).items()
        }
        sides = ({split_of.get(name, "") for name in pair} - {""} for pair in recorded)
        leaks[scheme] = sum(len(own) > 1 for own in sides)
    assert leaks == dict.fromkeys(SCHEMES, 0)


def test_record_of_near_duplicates_is_what_a_search_finds(near, sentences, recorded):
    """Of documents drawn anew whenever a sentence changes; half of them are in recorded pairs."""
    draw = Random(sentences.fingerprint)
    paired = {name for pair in draw.sample(sorted(recorded), 100) for name in pair}
    others = set(draw.sample(sorted(set(sentences.owners) - paired), 200))
    chosen = paired | others
    rows = [(o, t) for o, t in zip(sentences.owners, sentences.texts, strict=True) if o in chosen]
    found = near["find_pairs"](
        near["Sentences"](sentences.sets, [o for o, _ in rows], [t for _, t in rows])
    )
    assert len(found) >= 100
    # a cosine at the very border may fall to either side on another processor
    differing = found ^ {pair for pair in recorded if chosen.issuperset(pair)}
    assert len(differing) <= len(found) / 50, differing


@pytest.mark.parametrize("split", ["dev", "test"])
def test_a_scheme_that_holds_out_states_and_alliances_is_refused(tmp_path, split):
    """Train would keep the pairs of the first kind."""
    rows = f"y,dev,alliance,EU\nx,dev,state,FRA\nx,{split},alliance,NATO\n"
    path = write(tmp_path / "h.csv", f"scheme,split,kind,id\n{rows}")
    with pytest.raises(DatasetError, match=":4: found states and alliances in scheme 'x'"):
        read_held_out(path, "x")


def test_a_split_table_as_a_spreadsheet_program_saves_it_is_read(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("document,random\na,train\n", encoding="utf-8-sig")
    assert read_split_file(path, "random") == {"a": "train"}


def test_a_quotation_mark_that_is_not_closed_is_told(tmp_path):
    path = write(tmp_path / "s.csv", 'document,random\n"a,train\n' + "b,train\n" * 20)
    with pytest.raises(DatasetError, match="unexpected end of data"):
        read_split_file(path, "random")


def test_column_of_remarks_is_no_scheme(tmp_path):
    path = write(
        tmp_path / "splits.csv", "document,random,note,empty,,\na,dev,too long,,,\nb,,,,,\n"
    )
    assert read_schemes(path) == ["random", "empty"]
    assert read_split_file(path, "random") == {"a": "dev", "b": ""}
