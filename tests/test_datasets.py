import json
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from alliance_stance.datasets.gold import gold_fingerprint
from alliance_stance.datasets.gold_file import read_gold
from alliance_stance.datasets.splits import (
    SPLITS,
    DealtSplit,
    assign_splits,
    near_duplicates,
    read_held_out,
    read_split_file,
)
from alliance_stance.datasets.standoff_file import read_standoff
from alliance_stance.datasets.table import build_dataset, read_recipe
from alliance_stance.datasets.union import union_fingerprint
from alliance_stance.errors import (
    ConfigError,
    DatasetError,
    InputError,
    KnowledgeError,
    StanceError,
)
from alliance_stance.evaluation.minimal_pairs import read_group_sizes
from alliance_stance.evaluation.variety import measure_variety
from alliance_stance.labeling.agreement import alpha_interval, as_stances
from alliance_stance.labeling.annotations import ABSENT, ADJUDICATOR, read_annotations
from alliance_stance.reporting.data_card import BEGIN, END, describe, replace_figures
from alliance_stance.reporting.figures import NO_STANCE_OF_ITS_OWN
from alliance_stance.schema import STANCE_OF_ACT, Act

ROOT = Path(__file__).resolve().parents[1]
WRITTEN = sorted(ROOT.glob("data/*/documents.jsonl"))


def settings(**changes: float) -> DealtSplit:
    return DealtSplit(
        **{"seed": 0, "dev_share": 0.2, "test_share": 0.2, "duplicate_similarity": 1.0, **changes}
    )


TWENTY = {
    f"d{i:02}": [f"{word * 3} speaks of matter {i}."]
    for i, word in enumerate("abcdefghijklmnopqrst")
}
ONES = dict.fromkeys(TWENTY, 1)


def test_splits_are_the_same_for_one_seed():
    assert assign_splits(TWENTY, ONES, settings()) == assign_splits(TWENTY, ONES, settings())


def test_splits_differ_for_two_seeds():
    assert assign_splits(TWENTY, ONES, settings()) != assign_splits(TWENTY, ONES, settings(seed=1))


def test_splits_do_not_depend_on_the_order_of_documents():
    turned = dict(reversed(TWENTY.items()))
    assert assign_splits(turned, ONES, settings()) == assign_splits(TWENTY, ONES, settings())


def test_shares_hold():
    counts = Counter(assign_splits(TWENTY, ONES, settings(duplicate_similarity=1)).values())
    assert counts == {"train": 12, "dev": 4, "test": 4}


def test_near_duplicates_stand_on_one_side():
    long = "The delegate of Peru rose to praise the charter of the union"
    documents = {f"d{i}": [f"{long}.", f"Another matter, numbered {i * 7919}."] for i in range(5)}
    for seed in range(5):
        split_of = assign_splits({**TWENTY, **documents}, {**ONES, **dict.fromkeys(documents, 1)},
                                 settings(seed=seed, duplicate_similarity=0.9))  # fmt: skip
        assert len({split_of[name] for name in documents}) == 1


def test_nothing_is_split_into_nothing():
    assert assign_splits({}, {}, settings()) == {}


def test_document_without_sentences_is_assigned():
    assert set(assign_splits({**TWENTY, "empty": []}, {**ONES, "empty": 0}, settings())) == {
        *TWENTY,
        "empty",
    }


def test_near_duplicates_are_found_from_the_similarity_on():
    texts = ["abcdef ghijkl", "abcdef ghijkl", "uvwxyz"]
    assert near_duplicates(texts, 1.0) == [(0, 1)]
    assert near_duplicates([], 0.5) == []


def test_near_duplicates_are_found_across_blocks():
    texts = [f"{i * 7919:09} {i * 104729:09}" for i in range(600)]
    assert (3, 600) in near_duplicates([*texts, texts[3]], 0.95)


def test_tiny_file_has_the_counts_of_its_readme(tiny_path, knowledge):
    documents = read_gold(tiny_path, knowledge)
    sentences = [s for d in documents for s in d.sentences]
    labels = [label for s in sentences for label in s.labels.values()]
    pairs = {pair for s in sentences for pair in s.labels}
    assert (len({state for state, _ in pairs}), len({alliance for _, alliance in pairs})) == (
        39,
        11,
    )
    assert (len(documents), len(sentences), len(labels)) == (23, 44, 46)
    assert sum(bool(s.labels) for s in sentences) == 43
    assert Counter(str(label.stance) for label in labels) == {
        "against": 19,
        "favor": 16,
        "neutral": 11,
    }
    assert {label.act for label in labels} == set(Act)


def test_tiny_data_set_falls_into_the_splits_of_its_readme(dataset):
    counts = {name: sum(rows.values()) for name, rows in dataset.stance_counts().items()}
    assert counts == {"train": 31, "dev": 9, "test": 6}


def test_splits_share_no_document(dataset):
    documents = {s: {e.candidate.document for e in dataset.examples(s)} for s in SPLITS}
    assert sum(map(len, documents.values())) == len(set().union(*documents.values())) == 23


def test_rows_read_back_as_labelled_and_marked_examples(dataset):
    (example,) = [e for s in SPLITS for e in dataset.examples(s) if e.id == "t08/0#CUB-NATO"]
    candidate = example.candidate
    assert candidate.text == "NATO is a club that bullies small fishermen."
    assert [m.id for m in candidate.mentions] == ["NATO"]
    assert (example.label.stance, example.label.act) == ("against", "criticize")
    assert (candidate.speaker_state, candidate.date, example.register) == (
        "CUB",
        "1983-09-27",
        "speech",
    )


def test_context_is_the_sentence_before(dataset):
    examples = {e.id: e for s in SPLITS for e in dataset.examples(s)}
    candidate = examples["t02/1#NOR-NATO"].candidate
    assert candidate.context == "We stand by every promise that we gave to NATO."
    assert [m.how for m in candidate.mentions] == ["reference", "speaker"]


def test_building_twice_gives_the_same_rows_and_fingerprint(
    dataset, make_recipe, knowledge, tmp_path
):
    again = build_dataset(make_recipe(tmp_path), knowledge, tmp_path / "processed")
    assert again.fingerprint == dataset.fingerprint
    for split in SPLITS:
        assert again.splits[split].to_list() == dataset.splits[split].to_list()


def test_building_again_opens_what_was_built(make_recipe, knowledge, tmp_path):
    recipe, folder = make_recipe(tmp_path), tmp_path / "processed"
    build_dataset(recipe, knowledge, folder)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.arrow")}
    build_dataset(recipe, knowledge, folder)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.arrow")} == before


def test_input_of_a_build_that_is_up_to_date_is_read_once(
    make_recipe, knowledge, tiny_path, tmp_path, count_reads
):
    rows = [
        {"id": f"e{n}", "text": f"Peru left NATO for reason {n * 7}.", "state": "PER",
         "alliance": "NATO", "stance": "against"}
        for n in range(20)
    ]  # fmt: skip
    ready = tmp_path / "ready.jsonl"
    ready.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    gold = yaml.safe_load(make_recipe(tmp_path).read_text("utf-8"))
    recipe = tmp_path / "union.yaml"
    parts = [gold, {**gold, "kind": "labelled", "path": str(ready)}]
    recipe.write_text(json.dumps({"kind": "union", "parts": parts}), encoding="utf-8")

    def build():
        return build_dataset(recipe, knowledge, tmp_path / "processed")

    first = build()
    read = count_reads(build)
    assert (read[tiny_path.name], read[ready.name]) == (1, 1)
    _, section = read_recipe(recipe)
    assert first.fingerprint == build().fingerprint == union_fingerprint(section, knowledge)


def test_changed_file_changes_fingerprint_and_rows(make_recipe, knowledge, tiny_path, tmp_path):
    path = tmp_path / "gold.jsonl"
    path.write_bytes(tiny_path.read_bytes())
    recipe = make_recipe(tmp_path, path=path)
    first = build_dataset(recipe, knowledge, tmp_path / "processed")
    path.write_text(path.read_text("utf-8").replace("brass bands", "drums"), encoding="utf-8")
    second = build_dataset(recipe, knowledge, tmp_path / "processed")
    assert first.fingerprint != second.fingerprint
    texts = {e.candidate.text for s in SPLITS for e in second.examples(s)}
    assert "Hungary ratified the treaty and entered NATO with drums." in texts


def test_changed_seed_changes_the_fingerprint(make_recipe, knowledge, tmp_path):
    prints = []
    for seed in (0, 1):
        recipe = make_recipe(tmp_path, seed=seed)
        _, settings_ = read_recipe(recipe)
        prints.append(gold_fingerprint(settings_, knowledge))
    assert prints[0] != prints[1]


def test_unknown_split_is_refused(dataset):
    with pytest.raises(DatasetError, match="no split 'final'"):
        dataset.examples("final")


def test_unknown_kind_of_data_set_is_refused(tmp_path):
    path = tmp_path / "r.yaml"
    path.write_text("kind: silver\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="silver"):
        read_recipe(path)


def test_missing_gold_file_is_refused(make_recipe, knowledge, tmp_path):
    recipe = make_recipe(tmp_path, path=tmp_path / "gone.jsonl")
    with pytest.raises(StanceError, match="no such file"):
        build_dataset(recipe, knowledge, tmp_path / "processed")


GOOD = {
    "id": "a",
    "title": "",
    "date": "",
    "speaker_state": None,
    "register": "wire",
    "sentences": [{"text": "Qatar left OPEC.", "triples": [["QAT", "OPEC", "against", "leave"]]}],
}


def with_triple(*triples: list[str]) -> dict[str, object]:
    return {**GOOD, "sentences": [{"text": "Qatar left OPEC.", "triples": list(triples)}]}


BAD_GOLD = {
    "no JSON": ("Qatar", DatasetError),
    "no sentences": ({k: v for k, v in GOOD.items() if k != "sentences"}, DatasetError),
    "unknown key": ({**GOOD, "mood": 1}, DatasetError),
    "unknown register": ({**GOOD, "register": "song"}, DatasetError),
    "unknown stance": (with_triple(["QAT", "OPEC", "hostile", "leave"]), DatasetError),
    "act of another stance": (with_triple(["QAT", "OPEC", "favor", "leave"]), DatasetError),
    "triple of three": (with_triple(["QAT", "OPEC", "favor"]), DatasetError),
    "unknown state": (with_triple(["QQQ", "OPEC", "against", "leave"]), KnowledgeError),
    "unknown alliance": (with_triple(["QAT", "HANSA", "against", "leave"]), KnowledgeError),
    "unknown speaker": ({**GOOD, "speaker_state": "QQQ"}, StanceError),
    "pair labelled twice": (
        with_triple(["QAT", "OPEC", "against", "leave"], ["QAT", "OPEC", "neutral", "describe"]),
        DatasetError,
    ),
    "empty sentence": ({**GOOD, "sentences": [{"text": "", "triples": []}]}, DatasetError),
    "half a character": ({**GOOD, "title": "\udc00"}, StanceError),
}


@pytest.mark.parametrize(("row", "error"), BAD_GOLD.values(), ids=BAD_GOLD.keys())
def test_bad_gold_line_is_refused_by_file_and_line(tmp_path, knowledge, row, error):
    path = tmp_path / "gold.jsonl"
    bad = row if isinstance(row, str) else json.dumps({**row, "id": "b"})
    path.write_text(f"{json.dumps(GOOD)}\n{bad}\n", encoding="utf-8")
    with pytest.raises(error) as caught:
        read_gold(path, knowledge)
    assert caught.value.where.startswith(f"{path}:2")


def test_a_line_is_counted_from_the_first_of_the_file(tmp_path, knowledge):
    path = tmp_path / "gold.jsonl"
    path.write_text("\n" + json.dumps(GOOD) + "\n", encoding="utf-8")
    with pytest.raises(DatasetError) as caught:
        read_gold(path, knowledge)
    assert caught.value.where == f"{path}:1"


def test_second_document_of_an_id_is_refused(tmp_path, knowledge):
    path = tmp_path / "gold.jsonl"
    path.write_text(f"{json.dumps(GOOD)}\n{json.dumps(GOOD)}\n", encoding="utf-8")
    with pytest.raises(DatasetError, match="a second a"):
        read_gold(path, knowledge)


def test_line_separator_inside_a_gold_sentence_is_kept(tmp_path, knowledge):
    path = tmp_path / "gold.jsonl"
    row = {**GOOD, "title": "two\u2028lines"}
    path.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    assert read_gold(path, knowledge)[0].document.title == "two\u2028lines"


@pytest.fixture(scope="module")
def gold(root: Path, knowledge):
    return read_gold(root / "data" / "gold" / "documents.jsonl", knowledge)


def test_gold_is_large_and_broad_enough(gold):
    """The sizes that the set was made for; its card tells what it has."""
    sentences = [s for d in gold for s in d.sentences if s.labels]
    labels = [(pair, label) for s in sentences for pair, label in s.labels.items()]
    stances = Counter(str(label.stance) for _, label in labels)
    acts = Counter(label.act for _, label in labels)
    alliances = Counter(alliance for (_, alliance), _ in labels)
    decades = Counter(d.document.date[:3] for d in gold for s in d.sentences for _ in s.labels)
    assert len(labels) >= 6000
    assert len(sentences) >= 3500
    assert min(stances["favor"], stances["against"]) >= 1800
    assert stances["neutral"] >= 2000
    assert acts.keys() == set(Act)
    assert min(acts.values()) >= 150
    assert len(alliances) >= 65
    assert sum(count for _, count in alliances.most_common(3)) < 0.3 * len(labels)
    assert len({state for (state, _), _ in labels}) >= 170
    assert {f"{decade}" for decade in range(194, 203)} <= decades.keys()
    assert len({d.register for d in gold}) >= 12


def test_card_counts_the_minimal_groups_that_the_recipe_names(tmp_path, make_recipe, knowledge):
    group = {"id": "g", "difference": "tense", "items": [{}, {}, {}]}
    files = [tmp_path / "groups.jsonl", tmp_path / "broken.jsonl"]
    files[0].write_text(f"{json.dumps(group)}\n" * 2, encoding="utf-8")
    files[1].write_text('{"id": "g"}\n', encoding="utf-8")
    recipe = make_recipe(tmp_path)
    content = yaml.safe_load(recipe.read_text())
    cards = []
    for named in ([], files[:1]):
        recipe.write_text(yaml.safe_dump({**content, "minimal_groups": list(map(str, named))}))
        cards.append(describe(build_dataset(recipe, knowledge, tmp_path / "processed")))
    row = "| groups.jsonl | 2 | 2 | 6 | tense 2 |"
    assert row not in cards[0]
    assert row in cards[1]
    with pytest.raises(InputError, match=r"broken\.jsonl:1"):
        read_group_sizes(files[1])


def test_gold_has_hard_neutrals(gold):
    """Pairs beside a stance of somebody else, or toward something else, and those that tempt."""
    hard = 0
    for sentence in (s for d in gold for s in d.sentences):
        neutral = [label for label in sentence.labels.values() if label.stance == "neutral"]
        if len(neutral) < len(sentence.labels) or NO_STANCE_OF_ITS_OWN & set(sentence.tags):
            hard += len(neutral)
    assert hard >= 900


@pytest.mark.parametrize("name", ["gold", "standoff"])
def test_independent_passes_agree(name):
    given = read_annotations(ROOT / "data" / name / "annotations.csv")
    given.pop(ADJUDICATOR)
    assert alpha_interval(as_stances(given)).value >= 0.8
    assert alpha_interval(given).value >= 0.7


def test_gold_sentences_vary(gold):
    texts = [
        text
        for d in gold
        for s, text in zip(d.sentences, d.sentence_texts(), strict=True)
        if s.labels
    ]
    assert measure_variety(texts).copy_share < 0.02


def held_pairs(folder, knowledge, split_of):
    """Give the labelled pairs of a set's training documents."""
    if (folder / "documents.jsonl").is_file():
        documents = read_gold(folder / "documents.jsonl", knowledge)
        return {p for d in documents if split_of[d.document.id] == "train" for p in d.pairs}
    pairs = set()
    for document in read_standoff(folder, knowledge):
        if split_of[document.id] == "train":
            pairs |= {pair for labels in document.labels.values() for pair in labels}
    return pairs


@pytest.mark.parametrize(("scheme", "place"), [("states", 0), ("alliances", 1)])
@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("data/*/splits.csv")), ids=lambda p: p.parent.name
)
def test_no_set_trains_on_what_is_held_out(path, knowledge, scheme, place):
    held = read_held_out(ROOT / "data" / "held_out.csv", scheme)
    unseen = held["dev"][1] | held["test"][1]
    trained = held_pairs(path.parent, knowledge, read_split_file(path, scheme))
    assert trained
    assert {pair[place] for pair in trained} & unseen == set()


def test_gold_acts_fit_their_stances(gold):
    labels = [label for d in gold for s in d.sentences for label in s.labels.values()]
    assert all(STANCE_OF_ACT[label.act] is label.stance for label in labels)


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.parent.name)
def test_final_labels_are_those_that_the_annotations_settle(path, knowledge):
    """The adjudicator's where there is one, else the one that all gave; `none` is no pair."""
    given = read_annotations(path.with_name("annotations.csv"))
    verdicts = given.pop(ADJUDICATOR, {})
    settled = {}
    for task in {task for own in given.values() for task in own}:
        labels = {own.get(task) for own in given.values()}
        settled[task] = verdicts.get(task, labels.pop() if len(labels) == 1 else "open")
    final = {
        f"{document.document.id}/{number}#{'-'.join(pair)}": str(label.act)
        for document in read_gold(path, knowledge)
        for number, sentence in enumerate(document.sentences)
        for pair, label in sentence.labels.items()
    }
    assert final == {task: label for task, label in settled.items() if label != ABSENT}


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.parent.name)
def test_no_office_holder_of_today_is_named(path, knowledge):
    began = {}
    for term in (office for office in knowledge.offices if not office.period.end):
        for name in {term.person, term.surname} if term.stands_alone else {term.person}:
            began[name] = min(term.period.start, began.get(name, "9999"))
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, began))})\b")
    named = [
        (document.document.id, name)
        for document in read_gold(path, knowledge)
        for name in pattern.findall(f"{document.document.title} {document.document.text}")
        if document.document.date >= began[name]
    ]
    assert not named


def test_gold_has_no_sentence_twice(gold):
    counts = Counter(" ".join(t.split()).casefold() for d in gold for t in d.sentence_texts())
    assert [text for text, count in counts.items() if count > 1] == []


def test_figures_are_written_between_the_markers(tmp_path):
    path = tmp_path / "card.md"
    path.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    assert replace_figures(path, "new") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"


@pytest.mark.parametrize("text", ["no markers", BEGIN, END])
def test_card_without_markers_is_refused(tmp_path, text):
    path = tmp_path / "card.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DatasetError, match="markers"):
        replace_figures(path, "new")


def test_annotations_are_read_by_annotator(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("task,worker,label\nx,first,join\nx,second,leave\n", encoding="utf-8")
    assert read_annotations(path) == {"first": {"x": "join"}, "second": {"x": "leave"}}


def test_annotations_of_other_columns_are_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("task,label\nx,join\n", encoding="utf-8")
    with pytest.raises(DatasetError, match=r"a\.csv:1"):
        read_annotations(path)
