"""Other people's sets: free holders and targets, their layouts, splits and original labels."""

import json
from collections import Counter
from pathlib import Path

import pytest
import yaml

from alliance_stance.cli import main
from alliance_stance.datasets.dse import DIRECTED, source_label, take_brackets, whole_words
from alliance_stance.datasets.pair_marking import Name, Passage, find_name, mark_pair
from alliance_stance.datasets.table import build_dataset, read_recipe
from alliance_stance.errors import ConfigError, DatasetError
from alliance_stance.evaluation.bootstrap import Interval
from alliance_stance.models.marking import WORD_MARKERS, mark_context, mark_text
from alliance_stance.schema import Stance

ROOT = Path(__file__).resolve().parents[1]

ROWS = [
    {"text": "The miners' union will not forgive Corvex for the flood.", "who": "The miners' union",
     "whom": "Corvex", "label": "con", "fold": "train", "n": "a1"},
    {"text": "Corvex has praised the new harbour.", "who": "Corvex", "whom": "the new harbour",
     "label": "pro", "fold": "train", "n": "a2"},
    {"text": "The mayor listed the harbour among the topics.", "who": "The mayor",
     "whom": "the harbour", "label": "none", "fold": "valid", "n": "a3"},
    {"text": "Nobody needs a second bridge!", "who": "", "whom": "Bridge plan", "label": "con",
     "fold": "test", "n": "a4"},
    {"text": "The ferry company joked about it.", "who": "The ferry company", "whom": "the bridge",
     "label": "irony", "fold": "test", "n": "a5"},
]  # fmt: skip
COLUMNS = {"text": "text", "holder": "who", "target": "whom", "stance": "label", "id": "n"}
STANCES = {"pro": "favor", "con": "against", "none": "neutral", "irony": None}
BY_FOLD = {"column": "fold", "names": {"valid": "dev"}}
DEALT = {"seed": 0, "dev_share": 0.25, "test_share": 0.25, "duplicate_similarity": 0.7}


def write_rows(path: Path, rows: list[dict[str, object]]) -> Path:
    """Write a table in the format of the file's ending."""
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    elif path.suffix == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        import csv

        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(
                file, list(rows[0]), delimiter="\t" if path.suffix == ".tsv" else ","
            )
            writer.writeheader()
            writer.writerows(rows)
    return path


@pytest.fixture
def make(tmp_path):
    """Write a recipe of kind pairs beside its table; changes are keys of the recipe."""

    def write(rows=ROWS, *, name="mine.jsonl", **changes) -> Path:
        if rows is not None:
            write_rows(tmp_path / name, rows)
        content = {
            "kind": "pairs", "path": name, "columns": COLUMNS, "stances": STANCES,
            "split": BY_FOLD, **changes,
        }  # fmt: skip
        path = tmp_path / "recipe.yaml"
        path.write_text(yaml.safe_dump(content))
        return path

    return write


@pytest.fixture
def built(knowledge, tmp_path):
    def build(recipe: Path):
        return build_dataset(recipe, knowledge, tmp_path / "processed")

    return build


@pytest.mark.parametrize("ending", ["jsonl", "csv", "tsv", "parquet"])
def test_every_format_gives_the_same_pairs(make, built, ending):
    dataset = built(make(name=f"mine.{ending}"))
    assert list(dataset.splits) == ["train", "dev", "test"]
    pairs = [
        (e.id, e.candidate.state, e.candidate.alliance, str(e.label.stance))
        for split in dataset.splits
        for e in dataset.examples(split)
    ]
    assert pairs == [
        ("a1", "The miners' union", "Corvex", "against"),
        ("a2", "Corvex", "the new harbour", "favor"),
        ("a3", "The mayor", "the harbour", "neutral"),
        ("a4", "author", "Bridge plan", "against"),
    ]
    assert dataset.source_labels("train") == ["con", "pro"]


def test_names_are_marked_where_they_stand_or_in_front(make, built):
    dataset = built(make())
    texts = {
        e.id: mark_text(e.candidate, WORD_MARKERS, is_masked=True)
        for split in dataset.splits
        for e in dataset.examples(split)
    }
    assert texts == {
        "a1": "JudgedState will not forgive JudgedAlliance for the flood.",
        "a2": "JudgedState has praised JudgedAlliance.",
        "a3": "JudgedState listed JudgedAlliance among the topics.",
        "a4": "JudgedSpeaks Target: JudgedAlliance | Nobody needs a second bridge!",
    }


def test_notes_tell_how_names_were_marked_and_what_was_left_out(make, built):
    assert built(make()).notes == (
        "4 pairs in 4 documents",
        "holder marked: by name 3, as its author 1",
        "target marked: by name 3, in front of the text 1",
        "left out by label: 'irony' 1",
    )


def test_a_table_whose_build_is_up_to_date_is_read_once(make, built, count_reads):
    recipe = make()
    first = built(recipe)
    assert count_reads(lambda: built(recipe))["mine.jsonl"] == 1
    assert built(recipe).notes == first.notes


def test_both_names_in_front_keep_the_text_readable():
    candidate = mark_pair(Passage("d", "We shall see."), Name("Ada"), Name("the tram"))
    unmasked = mark_text(candidate, WORD_MARKERS, is_masked=False)
    assert unmasked == "Holder: JudgedState Ada | Target: JudgedAlliance the tram | We shall see."
    assert (candidate.state_how, candidate.alliance_how) == ("prefix", "prefix")
    assert [candidate.text[m.start : m.end] for m in candidate.mentions] == ["Ada", "the tram"]


def test_given_places_win_over_names_that_are_looked_for():
    text = "The party left the party at nine."
    candidate = mark_pair(Passage("d", text), Name("party", (19, 24)), Name("The party"))
    assert mark_text(candidate, WORD_MARKERS, is_masked=True) == (
        "JudgedAlliance left the JudgedState at nine."
    )
    assert (candidate.state_how, candidate.alliance_how) == ("offsets", "name")


def test_a_name_inside_the_other_name_stands_in_front():
    candidate = mark_pair(
        Passage("d", "The Oslo council met."), Name("The Oslo council"), Name("Oslo")
    )
    assert mark_text(candidate, WORD_MARKERS, is_masked=True) == (
        "Target: JudgedAlliance | JudgedState met."
    )


def test_holder_and_target_of_one_name_are_both_marked():
    candidate = mark_pair(Passage("d", "Ada likes Ada."), Name("Ada"), Name("Ada"))
    assert {m.kind for m in candidate.mentions} == {"state", "alliance"}


def test_names_are_marked_in_the_context_too():
    passage = Passage("d", "It was a scandal.", "Ada opened the tram line.")
    candidate = mark_pair(passage, Name("Ada"), Name("tram", (0, 2)))
    assert mark_context(candidate, WORD_MARKERS, is_masked=True) == (
        "JudgedState opened the JudgedAlliance line."
    )


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("A tram, a tramway, the Tram.", "tram", ["tram"]),
        ("THE TRAM and the Tram.", "tram", ["TRAM", "Tram"]),
        ("The U. S. and the us.", "U. S.", ["U. S."]),
        ("East\nTimor voted.", "East Timor", ["East\nTimor"]),
        ("A tramway.", "tram", []),
        ("C++ (or c) wins.", "C++", ["C++"]),
        ("Any.", "  ", []),
    ],
)
def test_names_are_whole_words(text, name, found):
    assert [text[a:b] for a, b in find_name(text, name)] == found


def test_offsets_of_the_set_are_used_and_may_be_empty(make, built):
    columns = {**COLUMNS, "target_start": "from", "target_end": "to"}
    rows = [
        {"text": "Ada saw it and it was good.", "who": "Ada", "whom": "tram", "label": "pro",
         "fold": "train", "n": "1", "from": 15, "to": 17},
        {"text": "Ada took the tram.", "who": "Ada", "whom": "tram", "label": "none",
         "fold": "train", "n": "2", "from": None, "to": None},
    ]  # fmt: skip
    for ending in ("jsonl", "csv", "parquet"):
        examples = built(make(rows, name=f"o.{ending}", columns=columns)).examples("train")
        marked = [mark_text(e.candidate, WORD_MARKERS, is_masked=True) for e in examples]
        assert marked == [
            "JudgedState saw it and JudgedAlliance was good.",
            "JudgedState took the JudgedAlliance.",
        ]
        assert [e.candidate.alliance_how for e in examples] == ["offsets", "name"]


def test_labels_may_be_numbers_or_truth_values(make, built):
    rows = [{**ROWS[0], "label": label, "n": str(n)} for n, label in enumerate((1, -1, True))]
    dataset = built(make(rows, stances={1: "favor", -1: "against", "true": "favor"}))
    assert dataset.source_labels("train") == ["1", "-1", "true"]
    assert dataset.stance_counts()["train"] == {"favor": 2, "against": 1}


def test_a_subset_of_the_stances_is_enough(make, built):
    dataset = built(make(ROWS[:2], stances={"pro": "favor", "con": "against"}))
    assert dataset.stance_counts() == {"train": {"favor": 1, "against": 1}}


def test_rows_of_one_text_are_one_document_unless_the_set_says_otherwise(make, built):
    rows = [
        {**ROWS[0], "n": "1", "doc": "x"},
        {**ROWS[0], "n": "2", "whom": "flood", "doc": "y"},
        {**ROWS[1], "n": "3", "doc": "y"},
    ]
    examples = built(make(rows)).examples("train")
    assert examples[0].candidate.document == examples[1].candidate.document
    assert examples[2].candidate.document != examples[0].candidate.document
    told = built(make(rows, columns={**COLUMNS, "document": "doc"})).examples("train")
    assert [(e.candidate.document, e.candidate.sentence) for e in told] == [
        ("x", 0), ("y", 0), ("y", 1)
    ]  # fmt: skip


def test_repeated_rows_are_told(make, built):
    rows = [{**ROWS[0], "n": "1"}, {**ROWS[0], "n": "2", "label": "pro"}]
    assert built(make(rows)).notes[-1] == (
        "1 rows repeat text, holder and target of another; 1 of these have two labels or more"
    )


def test_ids_come_from_file_and_line_where_the_set_has_none(make, built):
    columns = {key: value for key, value in COLUMNS.items() if key != "id"}
    dataset = built(make(columns=columns, name="mine.csv"))
    assert [e.id for e in dataset.examples("train")] == ["mine:2", "mine:3"]


def many(count: int) -> list[dict[str, object]]:
    words = ["harbour", "tariff", "orchard", "viaduct", "lottery", "quarry", "dairy", "observatory"]
    return [
        {**ROWS[0], "n": str(n), "text": f"{words[n % 8]} {n * 7919} pleased {words[n // 8]}.",
         "fold": "train"}
        for n in range(count)
    ]  # fmt: skip


def test_rows_are_dealt_out_by_document(make, built):
    counts = {
        name: sum(own.values())
        for name, own in built(make(many(40), split=DEALT)).stance_counts().items()
    }
    assert counts == {"train": 20, "dev": 10, "test": 10}


def test_a_development_split_is_dealt_out_of_train(make, built):
    dev = {"seed": 0, "share": 0.25, "duplicate_similarity": 0.9}
    rows = [*many(20), {**ROWS[1], "fold": "test", "n": "t"}]
    dataset = built(make(rows, split={"column": "fold", "dev": dev}))
    counts = {name: sum(own.values()) for name, own in dataset.stance_counts().items()}
    assert counts == {"train": 15, "dev": 5, "test": 1}


def test_further_splits_keep_their_names(make, built):
    rows = [{**row, "fold": fold} for row, fold in zip(ROWS, ("hard", "train", "old", "x", "x"),
                                                       strict=True)]  # fmt: skip
    dataset = built(make(rows, split={"column": "fold", "names": {"old": "dev"}}))
    assert list(dataset.splits) == ["train", "dev", "hard", "x"]


def test_a_table_says_where_documents_belong(make, built, tmp_path):
    (tmp_path / "splits.csv").write_text("document,mine\na,train\nb,dev\nc,test\nd,\n")
    rows = [{**row, "doc": doc} for row, doc in zip(ROWS, "abcdd", strict=True)]
    recipe = make(
        rows,
        columns={**COLUMNS, "document": "doc"},
        split={"file": str(tmp_path / "splits.csv"), "scheme": "mine"},
    )
    dataset = built(recipe)
    assert [[e.id for e in dataset.examples(s)] for s in dataset.splits] == [["a1"], ["a2"], ["a3"]]
    before = dataset.fingerprint
    (tmp_path / "splits.csv").write_text("document,mine\na,dev\nb,train\nc,test\nd,\n")
    assert built(recipe).fingerprint != before


def test_a_table_without_a_document_is_refused(make, built, tmp_path):
    (tmp_path / "splits.csv").write_text("document,mine\na,train\n")
    rows = [{**row, "doc": doc} for row, doc in zip(ROWS, "abcdd", strict=True)]
    recipe = make(
        rows,
        columns={**COLUMNS, "document": "doc"},
        split={"file": str(tmp_path / "splits.csv"), "scheme": "mine"},
    )
    with pytest.raises(DatasetError, match="no row of 'b'"):
        built(recipe)


BAD_ROWS = {
    "no text": ({"text": " "}, "text ' '"),
    "text that is a number": ({"text": 5}, "text 5"),
    "no target": ({"whom": ""}, "no target in column 'whom'"),
    "target that is a number": ({"whom": 5}, "whom 5"),
    "holder that is a list": ({"who": ["Ada"]}, "who ['Ada']"),
    "no label": ({"label": None}, "label None"),
    "label that is a list": ({"label": ["con"]}, "label ['con']"),
    "unknown labels": ({"label": "Pro"}, "labels that 'stances' does not map: 'Pro' (1 rows)"),
    "split that is no name": ({"fold": "mt-test"}, "fold 'mt-test'"),
    "no split": ({"fold": None}, "fold None"),
    "second id": ({"n": "a1"}, "a second row with id 'a1'"),
    "half a character": ({"whom": "\ud800"}, "half a character"),
    "offsets outside": ({"from": 3, "to": 99}, "offsets 3 to 99"),
    "offsets the wrong way": ({"from": 5, "to": 5}, "offsets 5 to 5"),
    "one offset": ({"from": 5}, "offsets 5 to None"),
    "offset that is a word": ({"from": "x", "to": 9}, "from 'x'"),
    "negative offset": ({"from": -1, "to": 9}, "from -1"),
    "offsets of white space": ({"from": 6, "to": 7}, "offsets 6 to 7"),
}


@pytest.mark.parametrize(("changes", "message"), BAD_ROWS.values(), ids=BAD_ROWS.keys())
def test_bad_rows_are_refused_by_file_and_line(make, built, tmp_path, changes, message):
    rows = [ROWS[0], {**ROWS[1], **changes}]
    columns = {**COLUMNS, "target_start": "from", "target_end": "to"}
    rows[0] = {**rows[0], "from": None, "to": None}
    with pytest.raises(DatasetError) as caught:
        built(make(rows, columns=columns))
    assert caught.value.where == f"{tmp_path / 'mine.jsonl'}:2"
    assert message in caught.value.found


def test_all_unmapped_labels_are_listed_at_once(make, built):
    with pytest.raises(DatasetError) as caught:
        built(make(stances={"pro": "favor"}))
    assert "'con' (2 rows), 'none' (1 rows), 'irony' (1 rows)" in str(caught.value)
    assert "or to null" in str(caught.value)


BAD_FILES = {
    "no JSON": ("mine.jsonl", b'{"text": \n', ":1", "no JSON"),
    "a list": ("mine.jsonl", b"[1]\n", ":1", "a JSON list"),
    "empty": ("mine.jsonl", b"\n", "", "no rows"),
    "header alone": ("mine.csv", b"text,who,whom,label,fold,n\n", "", "no rows"),
    "no such column": ("mine.csv", b"text,who\nA.,b\n", "", "no column fold, label, n, whom"),
    "a column twice": ("mine.csv", b"text,text\nA.,b\n", ":1", "columns ['text'] twice"),
    "too few cells": ("mine.tsv", b"text\twho\nA.\n", ":2", "1 cells"),
    "open quotation": ("mine.csv", b'text,who\nA.,b\n"B.,c\n', ":3", "unexpected end of data"),
    "another encoding": ("mine.csv", b"text,who\nA.,b\nB\xe9.,c\n", ":3", "byte 0xe9"),
    "no Parquet": ("mine.parquet", b"PAR", "", "Parquet"),
    "unknown ending": ("mine.xls", b"x", "", "the ending '.xls'"),
}


@pytest.mark.parametrize(("name", "raw", "place", "message"), BAD_FILES.values(), ids=BAD_FILES)
def test_bad_files_are_refused(make, built, tmp_path, name, raw, place, message):
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(DatasetError) as caught:
        built(make(None, name=name))
    assert caught.value.where == f"{tmp_path / name}{place}"
    assert message in caught.value.found


def test_utf_16_without_its_mark_is_refused(make, built, tmp_path):
    (tmp_path / "mine.csv").write_bytes(b"text,who\nA.,b\n")
    with pytest.raises(DatasetError, match="bytes of another encoding; expected text in utf-16"):
        built(make(None, name="mine.csv", encoding="utf-16"))


def test_a_missing_table_is_refused(make, built):
    with pytest.raises(DatasetError, match="no such file"):
        built(make(None))


def test_rows_after_a_cell_of_two_lines_keep_their_line(make, built, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(
        'text,who,whom,label,fold,n\n"Two\nlines.",A,B,pro,train,1\nC.,A,,pro,train,2\n'
    )
    with pytest.raises(DatasetError) as caught:
        built(make(None, name="mine.csv"))
    assert caught.value.where == f"{path}:4"


def test_other_encodings_and_bare_quotation_marks_are_read_as_told(make, built, tmp_path):
    path = tmp_path / "mine.txt"
    path.write_bytes('text\twho\twhom\tlabel\tfold\tn\r\n"Caf\xe9.\tA\tB\tpro\ttrain\t1\r\n'.encode(
        "latin-1"))  # fmt: skip
    recipe = make(None, name="mine.txt", format="tsv", encoding="latin-1", quoted=False)
    (example,) = built(recipe).examples("train")
    assert example.candidate.text.endswith('| "Café.')


def test_bare_quotation_marks_between_tabs_swallow_no_row(make, built, tmp_path):
    path = tmp_path / "mine.tsv"
    path.write_text(
        "text\twho\twhom\tlabel\tfold\tn\n"
        '"We left.\tA\tB\tpro\ttrain\t1\nWe stay."\tA\tB\tcon\ttrain\t2\n'
    )
    texts = [
        example.candidate.text for example in built(make(None, name="mine.tsv")).examples("train")
    ]
    assert [text.rpartition(" | ")[2] for text in texts] == ['"We left.', 'We stay."']


def test_a_byte_order_mark_is_no_part_of_the_first_column(make, built, tmp_path):
    path = write_rows(tmp_path / "mine.csv", ROWS)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(built(make(None, name="mine.csv")).examples("train")) == 2


BAD_RECIPES = {
    "unknown stance": ({"stances": {"pro": "positive"}}, "stances.pro"),
    "no stances": ({"stances": {}}, "stances"),
    "truth value as label": ({"stances": {True: "favor"}}, "quotation marks"),
    "half of the offsets": ({"columns": {**COLUMNS, "holder_end": "to"}}, "name both columns"),
    "offsets of the author": (
        {"columns": {**COLUMNS, "holder": None, "holder_start": "a", "holder_end": "b"}},
        "does not stand in the text",
    ),
    "no word on the holder": (
        {"columns": {k: v for k, v in COLUMNS.items() if k != "holder"}}, "columns.holder",
    ),
    "unknown column key": ({"columns": {**COLUMNS, "author": "x"}}, "columns.author"),
    "unknown encoding": ({"encoding": "utf-9"}, "no encoding"),
    "encoding of bytes": ({"encoding": "hex"}, "no encoding"),
    "encoding of letters": ({"encoding": "rot13"}, "no encoding"),
    "empty split": ({"split": None}, "split: Input should be a valid dictionary"),
    "list as split": ({"split": ["fold"]}, "split: Input should be a valid dictionary"),
    "unknown format": ({"format": "xls"}, "format"),
    "bad name of a split": ({"split": {"column": "fold", "names": {"a": "mt-test"}}}, "mt-test"),
    "unknown key of a split": ({"split": {"column": "fold", "seed": 0}}, "split.seed"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "message"), BAD_RECIPES.values(), ids=BAD_RECIPES.keys())
def test_bad_recipes_are_refused(make, changes, message):
    with pytest.raises(ConfigError) as caught:
        read_recipe(make(**changes))
    assert message in str(caught.value)


def test_a_second_development_split_is_refused(make, built):
    dev = {"seed": 0, "share": 0.25, "duplicate_similarity": 0.9}
    with pytest.raises(DatasetError, match=r"remove 'split\.dev'"):
        built(make(split={**BY_FOLD, "dev": dev}))


def test_only_rows_that_are_left_out_are_refused(make, built):
    with pytest.raises(DatasetError, match="leaves out"):
        built(make([ROWS[4]]))


def test_equal_input_gives_equal_rows_wherever_it_lies(make, built, tmp_path, knowledge):
    first = built(make())
    other = tmp_path / "elsewhere"
    other.mkdir()
    for name in ("mine.jsonl", "recipe.yaml"):
        (other / name).write_bytes((tmp_path / name).read_bytes())
    second = build_dataset(other / "recipe.yaml", knowledge, other / "processed")
    assert second.fingerprint == first.fingerprint
    for split in first.splits:
        assert second.splits[split].to_list() == first.splits[split].to_list()


def test_every_change_changes_the_fingerprint_and_the_rows(make, built):
    prints = [built(make()).fingerprint]
    rows = [{**ROWS[0], "text": "The miners' union forgave Corvex."}, *ROWS[1:]]
    changed = built(make(rows))
    prints.append(changed.fingerprint)
    assert changed.examples("train")[0].candidate.text == "The miners' union forgave Corvex."
    prints.append(built(make(stances={**STANCES, "none": None})).fingerprint)
    prints.append(built(make(split=DEALT)).fingerprint)
    prints.append(built(make(split={**DEALT, "seed": 1})).fingerprint)
    prints.append(built(make(columns={**COLUMNS, "holder": None})).fingerprint)
    assert len(set(prints)) == len(prints)


def test_building_again_opens_what_was_built(make, built, tmp_path):
    built(make())
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.arrow")}
    again = built(make())
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.arrow")} == before
    assert list(again.splits) == ["train", "dev", "test"]


def test_gold_has_no_labels_of_other_people(dataset):
    with pytest.raises(DatasetError, match="no column source_label"):
        dataset.source_labels("train")
    with pytest.raises(DatasetError, match="no split 'final'"):
        dataset.source_labels("final")


def test_the_command_builds_and_shows_every_split(make, tmp_path, monkeypatch, capsys):
    recipe = make(split={"column": "fold"})
    monkeypatch.chdir(tmp_path)
    assert main(["build", str(recipe), "--json"]) == 0
    shown = capsys.readouterr()
    assert list(json.loads(shown.out)["splits"]) == ["train", "test", "valid"]
    assert "left out by label: 'irony' 1" in shown.err


def test_the_command_says_where_and_exits_2(make, tmp_path, monkeypatch, capsys):
    recipe = make([{**ROWS[0], "whom": ""}])
    monkeypatch.chdir(tmp_path)
    assert main(["build", str(recipe)]) == 2
    assert "mine.jsonl:1: found no target" in capsys.readouterr().err


def test_a_model_learns_from_somebody_elses_set(make, built, knowledge, tmp_path):
    from alliance_stance.inference.artifact import open_artifact
    from alliance_stance.training.experiment import read_model
    from alliance_stance.training.fit import fit_model

    rows = [
        {"text": f"{who} {verb} the tram.", "who": who, "whom": "tram", "label": label,
         "fold": fold, "n": f"{who}{label}"}
        for who, fold in (("Ada", "train"), ("Bo", "train"), ("Cy", "valid"))
        for verb, label in (("loves", "pro"), ("hates", "con"), ("counted", "none"))
    ]  # fmt: skip
    dataset = built(make(rows))
    config = read_model(ROOT / "configs" / "models" / "linear.yaml", [])
    run = fit_model(config, 0, dataset, knowledge, tmp_path / "model", is_verbose=False)
    assert run.metrics["accuracy"]["value"] == 1.0
    model = open_artifact(tmp_path / "model").model
    assert list(model.predict([dataset.examples("dev")[0].candidate])) == ["favor"]


# -- public benchmarks: invented rows in their layouts --

DSE_LINES = (
    "[Marlow]s fans booed [the city of Brinn] again.\tMarlow\tthe city of Brinn\t3\n"
    "The [choir] thanked [Doctor Ayo].\tchoir\tDoctor Ayo\t1\n"
    '[Vale] met [Oster.""They] on Monday.\tVale\t"Oster.""They"\t0\n'
)
TABLES = {
    "dse": {
        "train_dedup.txt": DSE_LINES,
        "valid_clean.txt": "[Reed] was praised by [Hale].\tReed\tHale\t2\n",
        "test_clean.txt": "[Pym] is blamed by [Quill].\tPym\tQuill\t4\n",
        "test.txt": "[Pym] is blamed by [Quill].\tPym\tQuill\t4\n" + DSE_LINES,
    },
    "newsmtsc": {
        f"{name}.jsonl": json.dumps(
            {"mention": "Ms. Orr", "polarity": polarity, "from": 10, "to": 17,
             "sentence": "Again did Ms. Orr shine.", "id": f"allsides_7_{n}_4_Jo Orr_10_17"}
        ) + "\n"
        for n, (name, polarity) in enumerate(
            [("rw-train", 1), ("rw-dev", 0), ("rw-test", -1), ("mt-dev", 1), ("mt-test", 0)]
        )
    },
    "un_quadclass": {
        "en_annotations_quad_multiclass.tsv": "en\tQuadClass\n"
        + "".join(
            f"Delegation {n * 7919} {verb} {noun}.\t{label}\n"
            for n, (verb, noun, label) in enumerate(
                [("denounced", "an embargo", 1), ("shelled", "the old port", 2),
                 ("welcomed", "new pledges", 3), ("delivered", "wheat", 4), ("met", "at noon", 0)]
                * 4
            )
        )
        + '"The item entitled ""Islands"" was closed."\t0\n'
    },
    "semeval2016": {
        "semeval2016-task6-trainingdata.txt": "ID\tTarget\tTweet\tStance\r\n"
        + "".join(
            f"{n}\tTram Line 9\t{word} {n * 7919} caf\xe9 \"so\tAGAINST\r\n"
            for n, word in enumerate(["never", "wheels", "noise", "tickets", "late", "doors"] * 3)
        ),
        "gold.txt": 'ID\tTarget\tTweet\tStance\n0\tTram Line 9\tTram line 9, yes!\tFAVOR\n',
        "gold_trump.txt": "ID\tTarget\tTweet\tStance\n1\tJo Orr\tWho is that?\tNONE\n",
    },
}  # fmt: skip
REST = {
    "un_quadclass": {"split": {**DEALT, "duplicate_similarity": 0.9}},
    "semeval2016": {"dev": {"seed": 0, "share": 0.2, "duplicate_similarity": 0.9}},
}
REPOSITORIES = {
    "dse": "github.com/bywords/directed_sentiment_analysis",
    "newsmtsc": "github.com/fhamborg/NewsMTSC",
    "un_quadclass": "github.com/javierosorio/keep_it_local",
    "semeval2016": "github.com/prrao87/tweet-stance-prediction",
}


@pytest.fixture
def benchmark(tmp_path):
    """Write an invented benchmark and its recipe."""

    def write(kind: str, **files: str) -> Path:
        encoding = "latin-1" if kind == "semeval2016" else "utf-8"
        for name, text in {**TABLES[kind], **files}.items():
            (tmp_path / name).write_bytes(text.encode(encoding))
        recipe = tmp_path / f"{kind}.yaml"
        recipe.write_text(yaml.safe_dump({"kind": kind, "path": ".", **REST.get(kind, {})}))
        return recipe

    return write


def test_a_line_of_dse_is_two_directed_pairs(benchmark, built):
    dataset = built(benchmark("dse"))
    assert list(dataset.splits) == ["train", "dev", "test", "test_official"]
    first, second, *_ = dataset.examples("train")
    assert (first.candidate.state, first.candidate.alliance) == ("Marlow", "the city of Brinn")
    assert (second.candidate.state, second.candidate.alliance) == ("the city of Brinn", "Marlow")
    assert (str(first.label.stance), str(second.label.stance)) == ("against", "neutral")
    assert (first.tags, second.tags) == (("forward",), ("backward",))
    assert mark_text(first.candidate, WORD_MARKERS, is_masked=True) == (
        "JudgedState fans booed JudgedAlliance again."
    )
    assert dataset.source_labels("train") == ["3", "3", "1", "1", "0", "0"]
    # what an export has left around a name is no part of it
    assert dataset.examples("train")[4].candidate.alliance == 'Oster.""They'


def test_labels_of_dse_come_back_from_their_two_stances(benchmark, built):
    dataset = built(benchmark("dse"))
    for split in dataset.splits:
        examples, labels = dataset.examples(split), dataset.source_labels(split)
        for forward, backward, label in zip(
            examples[::2], examples[1::2], labels[::2], strict=True
        ):
            assert source_label(forward.label.stance, backward.label.stance) == label
    assert len(set(DIRECTED.values())) == 5
    assert source_label(Stance.FAVOR, Stance.AGAINST) is None


def test_brackets_are_taken_out_and_places_widened_to_words():
    text, spans = take_brackets("On [Mon] the [Brinn]s came.")
    assert text == "On Mon the Brinns came."
    assert [text[a:b] for a, b in (whole_words(text, *span) for span in spans)] == ["Mon", "Brinns"]


def test_the_holder_of_newsmtsc_is_the_author(benchmark, built):
    dataset = built(benchmark("newsmtsc"))
    assert list(dataset.splits) == ["train", "dev", "test", "dev_mt", "test_mt"]
    (example,) = dataset.examples("test")
    candidate = example.candidate
    assert (candidate.state, candidate.alliance) == ("author", "Ms. Orr")
    assert (candidate.document, example.id) == ("allsides_7_2", "test:allsides_7_2_4_Jo Orr_10_17")
    assert str(example.label.stance) == "against"
    assert mark_text(candidate, WORD_MARKERS, is_masked=True) == (
        "JudgedSpeaks Again did JudgedAlliance shine."
    )
    assert [dataset.source_labels(split) for split in dataset.splits] == [
        ["1"], ["0"], ["-1"], ["1"], ["0"]
    ]  # fmt: skip


def test_un_quadclass_names_nobody(benchmark, built):
    dataset = built(benchmark("un_quadclass"))
    examples = [e for split in dataset.splits for e in dataset.examples(split)]
    labels = [label for split in dataset.splits for label in dataset.source_labels(split)]
    assert {(e.candidate.state, e.candidate.alliance) for e in examples} == {("unknown", "unknown")}
    stances = [str(e.label.stance) for e in examples]
    assert Counter(zip(labels, stances, strict=True)) == {
        ("0", "neutral"): 5, ("1", "against"): 4, ("2", "against"): 4, ("3", "favor"): 4,
        ("4", "favor"): 4,
    }  # fmt: skip
    assert 'The item entitled "Islands" was closed.' in {e.candidate.text for e in examples}
    assert [len(dataset.examples(split)) for split in dataset.splits] == [11, 5, 5]


def test_semeval_deals_a_development_split_out_of_train(benchmark, built):
    dataset = built(benchmark("semeval2016"))
    counts = {name: sum(own.values()) for name, own in dataset.stance_counts().items()}
    assert counts == {"train": 15, "dev": 3, "test": 1, "test_b": 1}
    assert 'café "so' in dataset.examples("train")[0].candidate.text
    marked = [
        mark_text(dataset.examples(split)[0].candidate, WORD_MARKERS, is_masked=True)
        for split in ("test", "test_b")
    ]
    assert marked == [
        "JudgedSpeaks JudgedAlliance, yes!",
        "JudgedSpeaks Target: JudgedAlliance | Who is that?",
    ]
    assert dataset.source_labels("test_b") == ["NONE"]


@pytest.mark.parametrize("kind", TABLES)
def test_a_missing_benchmark_says_where_to_get_it(benchmark, built, tmp_path, kind):
    recipe = benchmark(kind)
    lost = sorted(TABLES[kind])[0]
    (tmp_path / lost).unlink()
    with pytest.raises(DatasetError) as caught:
        built(recipe)
    assert lost in caught.value.found
    assert REPOSITORIES[kind] in caught.value.expected


@pytest.mark.parametrize("kind", TABLES)
def test_every_file_of_a_benchmark_counts_for_the_fingerprint(benchmark, knowledge, tmp_path, kind):
    recipe = benchmark(kind)
    entry, settings = read_recipe(recipe)
    prints = {entry.measure(settings, knowledge)}
    for name in TABLES[kind]:
        path = tmp_path / name
        path.write_bytes(path.read_bytes() + b"\n")
        prints.add(entry.measure(settings, knowledge))
    assert len(prints) == len(TABLES[kind]) + 1


def test_a_benchmarks_documents_are_counted(benchmark, knowledge):
    entry, settings = read_recipe(benchmark("dse"))
    assert entry.count_documents(settings, knowledge) == 5


SMALL = "ID\tTarget\tTweet\tStance\n"
BAD_BENCHMARKS = {
    "three cells": ("dse", "test.txt", "[A] met [B].\tA\t0\n", 1, "3 cells"),
    "sixth label": ("dse", "test.txt", "[A] met [B].\tA\tB\t5\n", 1, "label '5'"),
    "one bracket": ("dse", "test.txt", "[A] met B.\tA\tB\t0\n", 1, "brackets around ['A']"),
    "empty bracket": ("dse", "test.txt", "[] met [B].\t\tB\t0\n", 1, "brackets around ['', 'B']"),
    "names turned": ("dse", "test.txt", "\n[A] met [B].\tB\tA\t0\n", 2, "names ['B', 'A']"),
    "no key": ("newsmtsc", "rw-dev.jsonl", "{}\n", 1, "id null"),
    "other mention": (
        "newsmtsc", "mt-dev.jsonl",
        TABLES["newsmtsc"]["mt-dev.jsonl"].replace('"to": 17', '"to": 18'), 1, "10 to 18",
    ),
    "other polarity": (
        "newsmtsc", "mt-dev.jsonl",
        TABLES["newsmtsc"]["mt-dev.jsonl"].replace('"polarity": 1', '"polarity": 6'), 1, "label 6",
    ),
    "sixth class": (
        "un_quadclass", "en_annotations_quad_multiclass.tsv", "en\tQuadClass\nA.\t5\n", 2, "'5'",
    ),
    "no sentence": (
        "un_quadclass", "en_annotations_quad_multiclass.tsv", "en\tQuadClass\n\t0\n", 2,
        "with the sentence ''",
    ),
    "no tweet": ("semeval2016", "gold.txt", f"{SMALL}0\tTram\t\tFAVOR\n", 2, "empty or missing"),
    "unknown stance": ("semeval2016", "gold.txt", f"{SMALL}0\tTram\tHm\tUNKNOWN\n", 2, "UNKNOWN"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "file", "text", "line", "message"), BAD_BENCHMARKS.values(), ids=BAD_BENCHMARKS
)
def test_bad_lines_of_benchmarks_are_refused(
    benchmark, built, tmp_path, kind, file, text, line, message
):
    with pytest.raises(DatasetError) as caught:
        built(benchmark(kind, **{file: text}))
    assert caught.value.where == f"{tmp_path / file}:{line}"
    assert message in caught.value.found


# -- the experiment on them --


@pytest.fixture
def scripts(monkeypatch):
    """Make the experiment's modules importable."""
    monkeypatch.syspath_prepend(str(ROOT / "experiments" / "benchmarks"))


def test_the_benchmarks_scores_are_counted_by_hand(scripts):
    import numpy as np
    from scores import macro_f1

    right, predicted = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 1])
    # F1 of a is 2/3, of b 2/4, of c 0
    assert macro_f1("abc")(right, predicted) == pytest.approx((2 / 3 + 1 / 2) / 3)
    assert macro_f1("abc", "ab")(right, predicted) == pytest.approx((2 / 3 + 1 / 2) / 2)


def test_score_over_splits_shows_the_split_that_its_interval_is_of(scripts):
    from scores import middle_position, over_splits

    found = [Interval(value, value - 0.01, value + 0.01) for value in (0.9, 0.3, 0.4)]
    assert middle_position(found) == 2
    assert over_splits(found) == "53.3, splits 30.0 to 90.0, the middle one 40.0 [39.0, 41.0]"


@pytest.mark.parametrize("way", ["labels", "directions"])
def test_the_linear_model_gives_the_five_labels_of_dse(scripts, benchmark, built, way):
    from units import codes, read_units
    from ways import WAYS

    from alliance_stance.models.linear import LinearSettings

    lines = {
        "0": "[{a}] met [{b}].", "1": "[{a}] thanked [{b}].", "2": "[{a}] was thanked by [{b}].",
        "3": "[{a}] blamed [{b}].", "4": "[{a}] was blamed by [{b}].",
    }  # fmt: skip
    text = "".join(
        f"{line.format(a=a, b=b)}\t{a}\t{b}\t{label}\n"
        for label, line in lines.items()
        for a, b in (("Orr", "Pym"), ("Vale", "Reed"), ("Hale", "Ayo"))
    )
    dataset = built(benchmark("dse", **{"train_dedup.txt": text}))
    units = read_units(dataset, "train")
    assert [len(unit.candidates) for unit in units] == [2] * 15
    settings = LinearSettings(
        c=100, ngrams=3, min_count=1, masked=True, context=False, membership=False, balanced=False
    )
    judge = WAYS[way](settings, units, tuple(DIRECTED))
    assert list(judge(units)) == list(codes(units, tuple(DIRECTED)))
    assert list(judge(read_units(dataset, "test"))) == [4]


@pytest.mark.parametrize("way", ["each target", "each target, one vocabulary"])
def test_each_target_is_judged_by_its_own_model(scripts, way):
    from units import Unit
    from ways import WAYS

    from alliance_stance.models.linear import LinearSettings

    def unit(target: str, text: str, label: str) -> Unit:
        return Unit((mark_pair(Passage(text, text), None, Name(target)),), label)

    units = [
        unit("trams", "so loud", "no"), unit("trams", "so green", "yes"),
        unit("cars", "so loud", "yes"), unit("cars", "so green", "no"),
    ]  # fmt: skip
    settings = LinearSettings(
        c=100, ngrams=1, min_count=1, masked=True, context=False, membership=False, balanced=False
    )
    assert list(WAYS[way](settings, units, ("no", "yes"))(units)) == [0, 1, 1, 0]


def test_one_vocabulary_counts_the_documents_of_all_targets(scripts):
    from ways import LabelModel

    passages = ("so loud", "so green", "so slow")
    rows = [mark_pair(Passage(text, text), None, Name("trams")) for text in passages]
    model = LabelModel(ngrams=1).fit_vocabulary(rows).fit_labels(rows[:2], ["no", "yes"])
    assert "slow" in model.label_pipeline_[0].get_feature_names_out()
    assert "slow" not in (
        LabelModel(ngrams=1).fit_labels(rows[:2], ["no", "yes"])
        .label_pipeline_[0].get_feature_names_out()
    )  # fmt: skip


def test_the_last_rows_of_each_target_are_held_back(scripts):
    from benchmarks import _last_rows
    from units import Unit

    def unit(number: int, target: str) -> Unit:
        return Unit((mark_pair(Passage(f"train:{number}", "so"), None, Name(target)),), "no")

    units = [unit(number, target) for number in (12, 9, 101, 10) for target in ("a", "b")]
    fold = _last_rows(units, share=0.5)
    assert [(u.target, u.document) for u in fold.train] == [
        (target, f"train:{number}") for target in ("a", "b") for number in (9, 10)
    ]
    assert [(u.target, u.document) for u in fold.scored] == [
        (target, f"train:{number}") for target in ("a", "b") for number in (12, 101)
    ]


# -- the real ones, where somebody has them --

REAL = {
    "dse": ("dse", {"train": 2 * 11533, "dev": 2 * 1067, "test": 2 * 1179,
                    "test_official": 2 * 1623}),
    "newsmtsc": ("newsmtsc", {"train": 8739, "dev": 343, "test": 803, "dev_mt": 442,
                              "test_mt": 1034}),
    "semeval2016": ("semeval2016-t6", {"train+dev": 2814, "test": 1249, "test_b": 707}),
    "un_quadclass": ("un-quadclass", {"train+dev+test": 5979}),
}  # fmt: skip


@pytest.mark.parametrize("kind", REAL)
def test_real_benchmarks_have_the_rows_that_their_sources_tell(shared, knowledge, tmp_path, kind):
    folder, expected = REAL[kind]
    path = shared / "bench" / folder
    if not path.is_dir():
        pytest.skip(f"no {folder} in ../shared/bench")
    recipe = ROOT / "configs" / "datasets" / f"{kind}.yaml"
    dataset = build_dataset(recipe, knowledge, tmp_path, [f"path={path}"])
    counts = {name: sum(own.values()) for name, own in dataset.stance_counts().items()}
    for names, count in expected.items():
        assert sum(counts[name] for name in names.split("+")) == count
    for split in dataset.splits:
        for example in dataset.examples(split)[:50]:
            candidate = example.candidate
            assert all(0 <= m.start < m.end <= len(candidate.text) for m in candidate.mentions)
