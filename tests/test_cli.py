import io
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest

from alliance_stance import load
from alliance_stance.cli import evaluating, judging, main
from alliance_stance.cli.console import show_json
from alliance_stance.evaluation.differences import differences_from_first
from alliance_stance.evaluation.labelled import read_labelled
from alliance_stance.evaluation.overlap import sentence_key
from alliance_stance.evaluation.report import score_examples
from alliance_stance.fingerprints import SHORT, file_fingerprint
from alliance_stance.inference.artifact import open_artifact, read_manifest, renew_tables
from alliance_stance.inference.predictor import Bounds
from alliance_stance.inference.shipped import shipped_folder
from alliance_stance.labeling.votes import read_votes

TEXT = "It rained. Qatar left OPEC. Peru praised ASEAN."
LABELLED = [
    {"id": "a", "text": "Qatar left OPEC.", "state": "QAT", "alliance": "OPEC",
     "stance": "against", "act": "leave"},
    {"id": "b", "text": "Peru praised ASEAN.", "state": "PER", "alliance": "ASEAN",
     "stance": "favor"},
    {"id": "c", "text": "Peru met ASEAN.", "state": "PER", "alliance": "ASEAN",
     "stance": "neutral"},
]  # fmt: skip
DOCUMENT_KEYS = {
    "document", "sentence", "start", "end", "text", "state", "alliance", "state_how",
    "alliance_how", "state_mention", "alliance_mention", "membership", "stance", "act", "score",
    "probabilities",
}  # fmt: skip


def lines(rows) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def model(linear_artifact) -> list[str]:
    return ["--model", str(linear_artifact)]


@pytest.fixture
def text_file(tmp_path):
    path = tmp_path / "note.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def labelled_file(tmp_path):
    path = tmp_path / "labelled.jsonl"
    path.write_text(lines(LABELLED), encoding="utf-8")
    return path


def assert_refused(arguments: list[str], capsys) -> str:
    """Expect status 2, nothing on standard output, one line on standard error; give the line."""
    assert main(arguments) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "Traceback" not in output.err
    assert output.err.count("\n") == 1
    assert output.err.startswith("alliance-stance: ")
    return output.err


def test_version_is_told(capsys):
    from alliance_stance import __version__

    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"alliance-stance {__version__}\n"


@pytest.mark.parametrize(
    "verb",
    ["check", "build", "inspect", "train", "search", "compare", "promote", "evaluate", "predict"],
)
def test_verb_explains_itself(verb, capsys):
    assert main([verb, "--help"]) == 0
    assert verb in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["dance"], ["predict"], ["predict", "a", "--loud"]])
def test_wrong_usage_is_status_two(arguments, capsys):
    assert main(arguments) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_text_is_predicted_as_json_lines(text_file, model, capsys):
    assert main(["predict", str(text_file), "--json", *model]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["state"], row["alliance"]) for row in rows] == [("QAT", "OPEC"), ("PER", "ASEAN")]
    for row in rows:
        assert row.keys() == DOCUMENT_KEYS
        assert row["document"] == "note"
        assert TEXT[row["start"] : row["end"]] == row["text"]


def test_text_is_predicted_as_a_table(text_file, model, capsys):
    assert main(["predict", str(text_file), *model]) == 0
    out = capsys.readouterr().out
    assert "Qatar left OPEC." in out
    assert "\x1b" not in out


def test_file_name_with_brackets_is_printed(tmp_path, model, capsys):
    path = tmp_path / "a[/b].txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(TEXT, encoding="utf-8")
    assert main(["predict", str(path), *model]) == 0


def test_examples_and_documents_of_one_file_are_predicted(tmp_path, model, capsys):
    path = tmp_path / "mixed.jsonl"
    path.write_text(lines([LABELLED[0], {"id": "doc", "text": TEXT}]), encoding="utf-8")
    assert main(["predict", str(path), "--json", *model]) == 0
    first, *others = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert first["id"] == "a"
    assert not {"start", "end"} & first.keys()
    assert {row["document"] for row in others} == {"doc"}


def test_a_document_with_too_many_pairs_costs_only_itself_among_many(
    text_file, model, capsys, monkeypatch
):
    monkeypatch.setattr("alliance_stance.inference.predictor.OF_A_DOCUMENT", Bounds(2, 10_000))
    bad = text_file.with_name("bad.txt")
    bad.write_text("Peru, Qatar and Cuba left OPEC.")
    assert main(["predict", str(bad), str(text_file), "--json", *model]) == 0
    out, err = capsys.readouterr()
    assert {json.loads(line)["document"] for line in out.splitlines()} == {"note"}
    assert f"skipped: {bad}, bad, sentence 0: more than 2 pairs" in err
    assert "skipped in all: 1" in err
    assert main(["predict", str(bad), str(text_file), "--on-unreadable", "fail", *model]) == 2
    assert f"{bad}, bad, sentence 0: found more than 2 pairs" in capsys.readouterr().err
    assert main(["predict", str(bad), "--on-unreadable", "skip", *model]) == 2
    assert "nothing that can be read" in capsys.readouterr().err


def test_polar_leaves_neutral_triples_out(text_file, model, capsys):
    assert main(["predict", str(text_file), "--json", "--polar", *model]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert "neutral" not in {row["stance"] for row in rows}


def test_text_without_a_pair_is_a_note_and_no_error(tmp_path, model, capsys):
    path = tmp_path / "a.txt"
    path.write_text("It rained.", encoding="utf-8")
    assert main(["predict", str(path), *model]) == 0
    output = capsys.readouterr()
    assert output.out == ""
    assert "no sentence pairs" in output.err


def give(monkeypatch, content: bytes) -> None:
    class Stdin:
        buffer = io.BytesIO(content)

    monkeypatch.setattr(sys, "stdin", Stdin)  # the process's own stream: there is no argument


def test_standard_input_is_read_as_text(monkeypatch, model, capsys):
    give(monkeypatch, TEXT.encode())
    assert main(["predict", "-", "--json", *model]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_standard_input_is_read_as_json_lines_when_told(monkeypatch, model, capsys):
    give(monkeypatch, lines(LABELLED).encode())
    assert main(["predict", "-", "--format", "jsonl", "--json", *model]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["id"] for row in rows] == ["a", "b", "c"]


def test_empty_standard_input_is_refused(monkeypatch, model, capsys):
    give(monkeypatch, b"")
    assert "standard input" in assert_refused(["predict", "-", *model], capsys)


BAD_INPUTS = {
    "empty": ("a.txt", b""),
    "byte-order mark only": ("a.txt", b"\xef\xbb\xbf"),
    "binary": ("a.txt", b"\x00\x01\x02"),
    "Latin-1": ("a.txt", "Côte".encode("latin-1")),
    "unknown ending": ("a.docx", b"PK"),
    "no JSON": ("a.jsonl", b"Peru spoke.\n"),
    "no text": ("a.jsonl", b'{"id": "a"}\n'),
    "state alone": ("a.jsonl", b'{"text": "Peru.", "state": "PER"}\n'),
    "unknown state": ("a.jsonl", b'{"text": "a", "state": "QQQ", "alliance": "EU"}\n'),
    "unknown alliance": ("a.jsonl", b'{"text": "a", "state": "PER", "alliance": "HANSA"}\n'),
    "unknown speaker": ("a.jsonl", b'{"text": "We like NATO.", "speaker_state": "QQQ"}\n'),
    "speaker that is a list": ("a.jsonl", b'{"text": "We like NATO.", "speaker_state": ["PER"]}\n'),
    "unknown stance": (
        "a.jsonl",
        b'{"text": "a", "state": "PER", "alliance": "EU", "stance": "hot"}\n',
    ),
    "act of another stance": (
        "a.jsonl",
        b'{"text": "a", "state": "PER", "alliance": "EU", "stance": "favor", "act": "leave"}\n',
    ),
    "half a character": ("a.jsonl", b'{"text": "Peru \\ud83d left OPEC."}\n'),
    "half a character in the speaker": (
        "a.jsonl",
        b'{"text": "We left OPEC.", "speaker_state": "\\ud83d"}\n',
    ),
}


@pytest.mark.parametrize(("name", "content"), BAD_INPUTS.values(), ids=BAD_INPUTS.keys())
def test_bad_input_is_one_line_and_status_two(tmp_path, model, capsys, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    assert_refused(["predict", str(path), *model], capsys)


@pytest.mark.parametrize("kind", ["unknown state", "unknown alliance", "unknown speaker"])
def test_unknown_code_is_named_by_its_file(tmp_path, model, capsys, kind):
    name, content = BAD_INPUTS[kind]
    path = tmp_path / name
    path.write_bytes(content)
    assert str(path) in assert_refused(["predict", str(path), *model], capsys)


def test_missing_input_is_refused(tmp_path, model, capsys):
    assert "no such file" in assert_refused(["predict", str(tmp_path / "gone.txt"), *model], capsys)


def test_unknown_format_is_refused(text_file, model, capsys):
    assert_refused(["predict", str(text_file), "--format", "papyrus", *model], capsys)


def test_missing_model_is_refused(text_file, tmp_path, capsys):
    assert_refused(["predict", str(text_file), "--model", str(tmp_path / "gone")], capsys)


def test_altered_model_is_refused(text_file, artifact_copy, capsys):
    (artifact_copy / "weights" / "linear.safetensors").write_bytes(b"x")
    assert_refused(["predict", str(text_file), "--model", str(artifact_copy)], capsys)


def test_model_that_was_not_promoted_is_refused(project, text_file, capsys):
    assert "models:/tiny@champion" in assert_refused(
        ["predict", str(text_file), "--model", "models:/tiny@champion"], capsys
    )


@pytest.mark.parametrize("option", [("--minimal-pairs", "own.jsonl"), ("--swaps", "5")])
def test_what_is_for_probes_alone_needs_them(labelled_file, option, capsys):
    arguments = ["evaluate", "--data", str(labelled_file), *option]
    assert "add --probes" in assert_refused(arguments, capsys)


def test_a_recipe_that_has_a_development_split_alone_can_be_scored(project):
    (project / "rows.csv").write_text("h,t,s,x,fold\nMaria,taxes,for,Maria likes taxes.,dev\n")
    recipe = {
        "kind": "pairs", "path": "rows.csv", "stances": {"for": "favor"},
        "columns": {"holder": "h", "target": "t", "stance": "s", "text": "x"},
        "split": {"column": "fold"},
    }  # fmt: skip
    (project / "dev.yaml").write_text(json.dumps(recipe))
    rows = evaluating.read_rows(Path("dev.yaml"), [])
    assert (len(rows.examples), rows.train_texts) == (1, frozenset())


def test_each_model_reads_a_file_by_its_own_tables(labelled_file, linear_artifact, monkeypatch):
    first = open_artifact(linear_artifact)
    other = SimpleNamespace(model=first.model, knowledge=SimpleNamespace(fingerprint="other"))
    models = [("first", first), ("other", other)]
    rows = evaluating.read_rows(labelled_file, models)
    read = []

    def read_labelled(path, knowledge):
        read.append((path, knowledge.fingerprint))
        return rows.examples

    monkeypatch.setattr(evaluating, "read_labelled", read_labelled)
    judged = evaluating.score_models(models, rows)
    assert [one.name for one in judged] == ["first", "other"]
    assert read == [(labelled_file, "other")]


def test_page_and_json_do_not_go_together(text_file, model, capsys):
    assert main(["predict", str(text_file), *model, "--html", "page.html", "--json"]) == 2
    assert "leave --json out" in capsys.readouterr().err
    assert not Path("page.html").exists()


def test_what_could_not_be_measured_is_null(capsys):
    show_json({"moved": float("nan"), "rates": [0.5, float("inf")]})
    assert json.loads(capsys.readouterr().out) == {"moved": None, "rates": [0.5, None]}


def test_labelled_file_is_evaluated(labelled_file, model, capsys):
    assert main(["evaluate", "--data", str(labelled_file), "--json", *model]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["example_count"], record["split"]) == (3, "labelled.jsonl")
    assert record["macro_f1"]["low"] <= record["macro_f1"]["value"] <= record["macro_f1"]["high"]
    assert main(["evaluate", "--data", str(labelled_file), *model]) == 0
    assert "macro_f1" in capsys.readouterr().out


def test_models_are_compared_with_the_first_that_is_named(
    labelled_file, model, artifact_of, knowledge, capsys
):
    other = str(artifact_of("majority"))
    command = ["evaluate", "--data", str(labelled_file), *model, "-m", other, "-m", model[1]]
    assert main([*command, "--json"]) == 0
    first, second, again = map(json.loads, capsys.readouterr().out.splitlines())
    assert "minus_first" not in first
    rows = read_labelled(labelled_file, knowledge)
    scored = [
        (name, score_examples(load(name).artifact.model, rows, where=""))
        for name in (model[1], other)
    ]
    found = second["minus_first"]
    assert found["model"] == first["model"]
    assert found["macro_f1"]["value"] == pytest.approx(
        second["macro_f1"]["value"] - first["macro_f1"]["value"]
    )
    (expected,) = differences_from_first(scored)
    assert found["p"] == expected.p
    assert found["p_holm"] == min(1.0, 2 * expected.p)
    # a model does not differ from itself
    own = again["minus_first"]
    assert (own["p"], own["macro_f1"]["low"], own["macro_f1"]["high"]) == (1.0, 0.0, 0.0)
    assert main(command) == 0
    assert capsys.readouterr().out.count("macro_f1 minus that of") == 2


@pytest.mark.parametrize(
    "row", [{"text": TEXT}, {"text": "a", "state": "PER", "alliance": "EU"}], ids=["text", "bare"]
)
def test_evaluation_without_labels_is_refused(tmp_path, model, capsys, row):
    path = tmp_path / "a.jsonl"
    path.write_text(lines([row]), encoding="utf-8")
    assert_refused(["evaluate", "--data", str(path), *model], capsys)


def test_evaluation_of_a_missing_file_is_refused(tmp_path, model, capsys):
    assert_refused(["evaluate", "--data", str(tmp_path / "gone.jsonl"), *model], capsys)


def test_evaluation_of_standard_input_is_refused(monkeypatch, model, capsys):
    give(monkeypatch, lines(LABELLED).encode())
    told = assert_refused(["evaluate", "--data", "-", "--json", *model], capsys)
    assert "standard input" in told
    assert "for its fingerprint" in told


@pytest.fixture
def group_file(tmp_path):
    items = [
        {"text": f"Peru {verb} ASEAN.", "context": "", "title": "", "date": "2001",
         "speaker_state": None, "state": "PER", "alliance": "ASEAN", "stance": stance, "act": act}
        for verb, stance, act in (("praised", "favor", "endorse"), ("blamed", "against",
                                                                    "criticize"))
    ]  # fmt: skip
    path = tmp_path / "groups.jsonl"
    path.write_text(lines([{"id": "g", "difference": "tense", "items": items}]), encoding="utf-8")
    return path


def test_probes_stand_beside_the_scores(labelled_file, group_file, model, tmp_path, capsys):
    page = tmp_path / "probes.md"
    arguments = ["evaluate", "--data", str(labelled_file), "--probes", "--minimal-pairs",
                 str(group_file), *model]  # fmt: skip
    assert main([*arguments, "--swaps", "2", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["example_count"] == 3
    assert record["probes"]["minimal_pairs"]["all"]["group_count"] == 1
    assert record["probes"]["minimal_pairs"]["all"]["rate"]["value"] in (0, 1)
    state = record["probes"]["swaps"]["state"]
    assert (state["example_count"], state["swapped_count"], state["swap_count"]) == (3, 3, 6)
    assert main([*arguments, *model, "--output", str(page)]) == 0
    assert "labels that move" in capsys.readouterr().out
    table = page.read_text(encoding="utf-8")
    assert "| tense | 1 |" in table
    assert "| state | " in table
    assert table.count("| invented alliance |") == 2


def test_probes_of_a_recipe_leave_out_what_was_trained_on(trained, group_file, tmp_path, capsys):
    from alliance_stance.datasets.table import build_dataset
    from alliance_stance.knowledge.knowledge import load_knowledge

    recipe = trained / "configs" / "datasets" / "tiny.yaml"
    built = build_dataset(recipe, load_knowledge(), trained / "data" / "processed")
    seen = built.examples("train")[0].candidate.text
    group = json.loads(group_file.read_text(encoding="utf-8"))
    other = {**group, "id": "h", "items": [{**group["items"][0], "text": seen}, group["items"][1]]}
    group_file.write_text(lines([group, other]), encoding="utf-8")
    page = tmp_path / "probes.md"
    arguments = ["evaluate", "--data", str(recipe), "--probes", "--minimal-pairs", str(group_file),
                 "--model", "artifacts/tiny/linear/seed-0", "--output", str(page)]  # fmt: skip
    assert main(arguments) == 0
    assert "1 groups left out that were trained on" in page.read_text(encoding="utf-8")
    assert "| all | 1 |" in page.read_text(encoding="utf-8")
    group_file.write_text(lines([other]), encoding="utf-8")
    capsys.readouterr()
    page.unlink()
    assert_refused(arguments, capsys)
    assert not page.exists()


@pytest.fixture
def listed_group(group_file, train_examples):
    """Put a group beside another one: its first sentence was trained on, in small letters."""
    group = json.loads(group_file.read_text(encoding="utf-8"))
    seen = {**group["items"][0], "text": train_examples[0].candidate.text.upper()}
    other = {**group, "id": "h", "items": [seen, group["items"][1]]}
    group_file.write_text(lines([group, other]), encoding="utf-8")
    return group_file


def test_probes_leave_out_groups_of_which_any_model_lists_a_sentence(
    trained, labelled_file, listed_group, model, tmp_path, capsys
):
    # the first model has no list; the group is left out for it as well
    page = tmp_path / "probes.md"
    arguments = ["evaluate", "--data", str(labelled_file), "--probes", "--minimal-pairs",
                 str(listed_group), *model, "--model", "artifacts/tiny/linear/seed-0",
                 "--output", str(page)]  # fmt: skip
    assert main(arguments) == 0
    assert "1 groups of minimal pairs left out" in capsys.readouterr().err
    assert "1 groups left out that were trained on" in page.read_text(encoding="utf-8")
    assert "| all | 1 |" in page.read_text(encoding="utf-8")


def test_comparison_leaves_out_groups_of_which_a_model_lists_a_sentence(
    trained, labelled_file, listed_group, tmp_path, monkeypatch
):
    monkeypatch.setattr("alliance_stance.cli.probing.MINIMAL_PAIRS", listed_group)
    path = tmp_path / "results.md"
    data = ["--data", str(labelled_file), "--output", str(path)]
    assert main(["compare", "experiments/tiny", *data]) == 0
    text = path.read_text(encoding="utf-8")
    assert "groups of minimal pairs: 1;" in text
    assert "groups of minimal pairs left out that were trained on: 1;" in text


def test_output_without_probes_is_refused(labelled_file, model, tmp_path, capsys):
    output = tmp_path / "a.md"
    arguments = ["evaluate", "--data", str(labelled_file), *model, "--output", str(output)]
    assert "--probes" in assert_refused(arguments, capsys)
    assert not output.exists()


def test_probes_without_groups_are_refused(labelled_file, model, tmp_path, capsys):
    missing = str(tmp_path / "gone.jsonl")
    arguments = ["evaluate", "--data", str(labelled_file), *model, "--probes"]
    assert_refused([*arguments, "--minimal-pairs", missing], capsys)


def test_check_prints_what_it_resolved(project, capsys):
    assert main(["check", "experiments/tiny", "--set", "linear.c=0.5"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["experiment"] == "tiny"
    assert found["dataset"]["document_count"] == 23
    assert [m["settings"].get("c") for m in found["models"]] == [None, None, None, 0.5]
    assert not (project / "data").exists()


@pytest.mark.parametrize(
    ("table", "scheme", "message"),
    [
        (None, "random", "splits.csv: found no such file"),
        ("document,random\n", "randon", "no column randon"),
        ("document,random\n", "random", "no row of"),
    ],
)
def test_check_reads_the_split_table(project, tiny_path, capsys, table, scheme, message):
    splits = project / "splits.csv"
    (project / "configs" / "datasets" / "tiny.yaml").write_text(json.dumps({
        "kind": "gold", "path": str(tiny_path), "split": {"file": str(splits), "scheme": scheme},
    }))  # fmt: skip
    if table is not None:
        splits.write_text(table)
    assert message in assert_refused(["check", "experiments/tiny"], capsys)


def weak_recipe(project: Path, text_file: Path, **weigh_on: object) -> None:
    (project / "configs" / "datasets" / "tiny.yaml").write_text(json.dumps({
        "kind": "weak", "inputs": [str(text_file)], "duplicate_similarity": 0.7,
        "label_model": "weighed", "weigh_on": weigh_on,
        "split": {"seed": 0, "dev_share": 0.2, "test_share": 0.2},
    }))  # fmt: skip


def test_check_counts_the_inputs_that_rules_are_to_label(project, text_file, labelled_file, capsys):
    weak_recipe(project, text_file, kind="labelled", path=str(labelled_file))
    assert main(["check", "experiments/tiny"]) == 0
    dataset = json.loads(capsys.readouterr().out)["dataset"]
    assert dataset["input_count"] == 1
    assert "document_count" not in dataset


@pytest.mark.parametrize("kind", ["labelled", "counted", "gold"])
def test_check_reads_what_rules_are_weighed_on(project, text_file, capsys, kind):
    split = {"seed": 0, "dev_share": 0.2, "test_share": 0.2, "duplicate_similarity": 0.7}
    more = {"split": split} if kind == "gold" else {}
    weak_recipe(project, text_file, kind=kind, path=str(project / "gone"), **more)
    assert "gone" in assert_refused(["check", "experiments/tiny"], capsys)


def test_build_tells_its_counts(project, capsys):
    assert main(["build", "configs/datasets/tiny.yaml", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    counts = {split: sum(stances.values()) for split, stances in found["splits"].items()}
    assert counts == {"train": 31, "dev": 9, "test": 6}
    assert main(["build", "configs/datasets/tiny.yaml"]) == 0
    assert found["fingerprint"][:12] in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["build", "gone.yaml"],
        ["check", "gone"],
        ["train", "gone"],
        ["compare", "gone"],
        ["promote", "gone"],
        ["train", "experiments/tiny", "--only", "oracle"],
        ["check", "experiments/tiny", "--set", "oracle.c=1"],
        ["check", "experiments/tiny", "--set", "linear.c=["],
    ],
    ids=" ".join,
)
def test_bad_argument_is_one_line_and_status_two(project, capsys, arguments):
    assert_refused(arguments, capsys)


def test_saved_model_stands_beside_those_of_the_experiment(trained, tmp_path, capsys):
    path = tmp_path / "beside.md"
    arguments = ["compare", "experiments/tiny", "--output", str(path)]
    assert main([*arguments, "--beside", "shipped"]) == 0
    page = path.read_text("utf-8")
    manifest = read_manifest(shipped_folder("shipped"))
    told = f"of {manifest['dataset']}, fit {manifest['run_key'][:SHORT]}"
    assert f"saved models beside: shipped ({told})" in page
    scores, costs = (line for line in page.splitlines() if line.startswith("| shipped |"))
    # it is compared with the best of the experiment, and every stance has its interval
    assert scores.count("[") == 7
    assert "reference" not in scores
    fit_seconds, triples_per_second = (cell.strip() for cell in costs.split("|")[4:6])
    assert fit_seconds == "-"
    assert float(triples_per_second) > 0
    # it learned more than this data set, so nobody knows what is new to it
    assert "alliance in training" not in page
    assert "shipped" in path.with_suffix(".html").read_text("utf-8")


def test_all_models_are_timed_alike_on_rows_as_they_stand(trained, tmp_path, monkeypatch):
    """Whether fitted or beside: the first rows, behind some that are not timed."""
    ticks, timed = count(step=2), []

    def score(model, examples, *, where):
        timed.append((where, [example.id for example in examples]))
        return score_examples(model, examples, where=where)

    monkeypatch.setattr(judging, "time", SimpleNamespace(perf_counter=lambda: next(ticks)))
    monkeypatch.setattr(judging, "score_examples", score)
    monkeypatch.setattr(judging, "_TIMED_ROWS", 6)
    path = tmp_path / "timed.md"
    arguments = ["compare", "experiments/tiny", "--no-probes", "--output", str(path)]
    assert main([*arguments, "--beside", "shipped"]) == 0
    rows = [ids for where, ids in timed if where == "speed"]
    every = max((ids for _, ids in timed), key=len)
    assert rows == [every[:6]] * 5
    costs = path.read_text("utf-8").split("triples a second")[1]
    speeds = {
        line.split("|")[1].strip(): line.split("|")[5].strip()
        for line in costs.splitlines()
        if line.startswith(("| majority | -", "| linear | -", "| shipped | -"))
    }
    # six rows in two seconds by this clock
    assert speeds == {"majority": "3", "linear": "3", "shipped": "3"}


def test_guest_of_a_model_s_name_is_refused(trained, capsys):
    told = assert_refused(["compare", "experiments/tiny", "--beside", "linear"], capsys)
    assert "linear, which is in the table already" in told


@pytest.mark.parametrize("verb", ["compare", "promote"])
def test_models_that_were_not_trained_are_refused(project, capsys, verb):
    assert main(["build", "configs/datasets/tiny.yaml"]) == 0
    capsys.readouterr()
    assert "no fitted" in assert_refused([verb, "experiments/tiny"], capsys)


def test_bad_setting_is_refused_with_its_path(project, capsys):
    assert main(["check", "experiments/tiny", "--set", "linear.c=-1"]) == 2
    assert "c: Input should be greater than 0" in capsys.readouterr().err


def test_missing_gold_file_is_refused(project, make_recipe, capsys):
    make_recipe(project / "configs" / "datasets", path=project / "gone.jsonl")
    assert "gone.jsonl" in assert_refused(["build", "configs/datasets/tiny.yaml"], capsys)


def test_bad_gold_file_is_refused_by_line(project, make_recipe, capsys):
    (project / "bad.jsonl").write_text('{"id": "a"}\n', encoding="utf-8")
    make_recipe(project / "configs" / "datasets", path=project / "bad.jsonl")
    assert "bad.jsonl:1" in assert_refused(["build", "configs/datasets/tiny.yaml"], capsys)


def test_training_again_finds_everything_up_to_date(trained, capsys):
    assert main(["train", "experiments/tiny"]) == 0
    err = capsys.readouterr().err
    assert err.count("up to date") == 4
    assert "fitted in" not in err


def test_models_of_another_experiment_of_the_same_name_are_not_written_over(project, capsys):
    assert main(["train", "experiments/tiny", "--only", "majority"]) == 0
    shutil.copytree("experiments/tiny", "trials/tiny")
    capsys.readouterr()
    told = assert_refused(["train", "trials/tiny", "--only", "majority"], capsys)
    assert "the models of experiments/tiny" in told
    shutil.rmtree("experiments/tiny")
    assert main(["train", "trials/tiny", "--only", "majority"]) == 0


def test_trained_models_lie_where_they_are_looked_for(trained, text_file, capsys):
    for name in ("majority", "state_prior", "lexicon", "linear"):
        folder = trained / "artifacts" / "tiny" / name / "seed-0"
        assert main(["predict", str(text_file), "--json", "--model", str(folder)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 8


@pytest.mark.parametrize(
    ("options", "rows"),
    [([], "the development split"), (["--test", "--no-probes"], "the test split")],
    ids=["dev", "test"],
)
def test_comparison_is_printed_and_written(trained, tmp_path, capsys, options, rows):
    path = tmp_path / "results.md"
    assert main(["compare", "experiments/tiny", "--output", str(path), *options]) == 0
    output = capsys.readouterr()
    assert rows in output.out
    written = path.read_text(encoding="utf-8")
    for name in ("majority", "state_prior", "lexicon", "linear"):
        assert f"\n| {name} | 1 |" in written
    assert written.index("| majority |") < written.index("| linear |")


def test_comparison_writes_a_page_and_pictures(trained, tmp_path, capsys):
    path = tmp_path / "results.md"
    arguments = ["compare", "experiments/tiny", "--reference", "lexicon", "--no-probes"]
    assert main([*arguments, "--output", str(path)]) == 0
    page = path.with_suffix(".html").read_text(encoding="utf-8")
    assert "The reference is <strong>lexicon</strong>" in page
    text = path.read_text(encoding="utf-8")
    assert "| decade: " in text
    assert "reference: as asked for" in text
    for name in ("reliability", "selective"):
        assert f"(results-{name}.svg)" in text
        assert (tmp_path / f"results-{name}.svg").stat().st_size > 1000


def test_comparison_with_an_unknown_reference_writes_nothing(
    trained, tmp_path, capsys, monkeypatch
):
    # it is refused before anything is opened
    monkeypatch.setattr(judging, "open_fitted", None)
    path = tmp_path / "results.md"
    arguments = ["compare", "experiments/tiny", "--reference", "oracle", "--output", str(path)]
    assert "oracle" in assert_refused(arguments, capsys)
    assert list(tmp_path.iterdir()) == []


def test_comparison_on_a_file_counts_its_rows(trained, tmp_path, labelled_file, capsys):
    path = tmp_path / "results.md"
    data = ["--data", str(labelled_file), "--no-probes", "--output", str(path)]
    assert main(["compare", "experiments/tiny", *data]) == 0
    text = path.read_text(encoding="utf-8")
    assert "3 triples in 3 documents" in text
    assert "reference: the best on the development split" in text
    assert "warning" not in capsys.readouterr().err


def test_comparison_on_training_sentences_is_told(trained, tmp_path, train_examples, capsys):
    known = train_examples[0].candidate
    rows = [*LABELLED, {"text": known.text, "state": known.state, "alliance": known.alliance,
                        "stance": "favor", "id": "known"}]  # fmt: skip
    data, path = tmp_path / "rows.jsonl", tmp_path / "results.md"
    data.write_text(lines(rows), encoding="utf-8")
    arguments = ["compare", "experiments/tiny", "--data", str(data), "--no-probes"]
    assert main([*arguments, "--output", str(path)]) == 0
    assert (
        "trained on the sentences of 1 of these triples, such as known" in capsys.readouterr().err
    )
    assert "triples of sentences that were trained on: 1" in path.read_text(encoding="utf-8")


def test_comparison_of_models_of_other_settings_is_refused(trained, tmp_path, capsys):
    arguments = ["compare", "experiments/tiny", "--set", "linear.c=9", "--output"]
    assert "train" in assert_refused([*arguments, str(tmp_path / "r.md")], capsys)


def test_abstained_triples_are_marked_and_kept(text_file, model, capsys):
    arguments = ["predict", str(text_file), "--json", *model, "--abstain-below"]
    for threshold, expected in (("1", True), ("0", False)):
        assert main([*arguments, threshold]) == 0
        rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [row["abstained"] for row in rows] == [expected] * 2
        assert rows[0].keys() == DOCUMENT_KEYS | {"abstained"}


@pytest.mark.parametrize("value", ["-0.1", "1.1", "nan", "much"])
@pytest.mark.parametrize("verb", ["predict", "evaluate"])
def test_threshold_that_is_no_probability_is_refused(text_file, labelled_file, capsys, verb, value):
    given = ["predict", str(text_file)] if verb == "predict" else [
        "evaluate", "--data", str(labelled_file)]  # fmt: skip
    assert main([*given, f"--abstain-below={value}"]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_evaluation_tells_coverage_and_scores_of_what_is_answered(labelled_file, model, capsys):
    arguments = ["evaluate", "--data", str(labelled_file), *model, "--abstain-below"]
    assert main([*arguments, "0", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["abstention"]["coverage"]["value"] == 1
    assert record["abstention"]["macro_f1"]["value"] == record["macro_f1"]["value"]
    assert record["trained_on_count"] is None  # this small model has no list of its sentences
    assert main([*arguments, "1", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["abstention"]["answered_count"], record["abstention"]["macro_f1"]) == (0, None)
    assert main([*arguments, "1"]) == 0
    assert "nothing is answered" in capsys.readouterr().out


def test_evaluation_draws_its_figures(labelled_file, model, tmp_path, capsys):
    folder = tmp_path / "figures"
    arguments = ["evaluate", "--data", str(labelled_file), *model, "--figures", str(folder)]
    assert main(arguments) == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        "reliability.png", "reliability.svg", "selective.png", "selective.svg",
    ]  # fmt: skip


def test_one_model_alone_is_trained(project, capsys):
    assert main(["train", "experiments/tiny", "--only", "majority"]) == 0
    folder = project / "artifacts" / "tiny"
    assert sorted(path.name for path in folder.iterdir()) == ["experiment.txt", "majority"]


def test_model_that_another_process_fits_is_left_to_it(project, capsys):
    from alliance_stance.training.one_process import lock_file, one_process

    folder = project / "artifacts" / "tiny" / "majority" / "seed-0"
    arguments = ["train", "experiments/tiny", "--only", "majority"]
    with one_process(lock_file(folder), "fits this model"):
        assert main(arguments) == 2
    output = capsys.readouterr()
    assert "another process that fits this model" in output.err
    assert "Traceback" not in output.err
    assert not folder.exists()
    assert main(arguments) == 0


def test_polar_says_when_all_is_neutral(tmp_path, linear_artifact, capsys):
    from alliance_stance import load

    path = tmp_path / "list.txt"
    path.write_text("The members of OPEC include Iraq, Iran, Kuwait and Venezuela.")
    found = load(str(linear_artifact)).predict(path.read_text())
    assert len(found) == 4
    assert main(["predict", str(path), "--polar", "--model", str(linear_artifact)]) == 0
    said = capsys.readouterr()
    assert ("all 4 triples are neutral" in said.err) == ("OPEC" not in said.out)


def test_sentence_in_place_of_a_file_is_refused(model, capsys):
    assert_refused(["predict", "Peru left OPEC. " * 40, *model], capsys)


def test_data_and_test_together_are_refused(trained, tmp_path, capsys):
    path = tmp_path / "rows.jsonl"
    path.write_text(lines(LABELLED))
    assert_refused(["compare", "experiments/tiny", "--data", str(path), "--test"], capsys)


def test_champion_without_a_store_is_refused(tmp_path, text_file, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    named = ["predict", str(text_file), "--model", "models:/alliance-stance@champion"]
    assert "mlflow.db" in assert_refused(named, capsys)
    assert not (tmp_path / "mlflow.db").exists()


def test_rules_are_measured_on_labelled_examples(tmp_path, capsys):
    data, page, votes = (tmp_path / name for name in ("a.jsonl", "rules.md", "votes.npz"))
    rows = [
        {"id": f"d{row}#QAT-OPEC", "text": text, "state": "QAT", "alliance": "OPEC", **label}
        for row, (text, label) in enumerate(
            [
                ("Qatar left OPEC.", {"stance": "against", "act": "leave"}),
                ("OPEC met in Qatar.", {"stance": "neutral", "act": "describe"}),
                ("Qatar supports the decision of OPEC.", {"stance": "favor", "act": "endorse"}),
            ]
            * 5
        )
    ]
    data.write_text(lines(rows), encoding="utf-8")
    arguments = ["inspect", "--rules", "--data", str(data)]
    assert main([*arguments, "--output", str(page), "--votes", str(votes)]) == 0
    text = page.read_text(encoding="utf-8")
    assert "15 candidates in 15 documents of a.jsonl" in text
    assert "| `leaves` | leave | 20 | 5 |" in text
    assert "| weighed |" in text
    assert read_votes(votes).votes.shape[0] == 15
    capsys.readouterr()


def test_rules_are_measured_where_no_label_model_can_be_judged(labelled_file, capsys):
    rows = [{**row, "document": "one"} for row in LABELLED]
    labelled_file.write_text(lines(rows), encoding="utf-8")
    assert main(["inspect", "--rules", "--data", str(labelled_file)]) == 0
    output = capsys.readouterr()
    assert "3 candidates in 1 documents" in output.out
    assert "| `leaves` | leave | 20 | 1 |" in output.out
    assert "| majority | 3 of 3 |" in output.out
    for name in ("dawid-skene", "mace", "weighed"):
        assert f"| {name} | - | - |" in output.out
        assert f"label model {name} is not judged: no candidate in the other doc" in output.err
    assert "Where a row holds dashes" in output.out


def test_a_changed_recipe_is_refused_where_none_is_read(labelled_file, capsys):
    arguments = ["inspect", "--rules", "--data", str(labelled_file), "--set", "split.seed=1"]
    assert "--set" in assert_refused(arguments, capsys)


def test_options_of_rules_need_rules(tmp_path, capsys):
    assert main(["inspect", "--data", str(tmp_path / "a.jsonl")]) == 2
    assert "--rules" in capsys.readouterr().err
    assert main(["inspect", "--rules", "--write", str(tmp_path / "a.md")]) == 2
    assert "--write" in capsys.readouterr().err


def test_colours_that_are_asked_for_make_no_bar_where_there_is_no_terminal(monkeypatch, capsys):
    from alliance_stance.cli.console import counting, reckoning

    monkeypatch.setenv("FORCE_COLOR", "1")
    with reckoning("documents") as tell:
        tell(1, 1, 2)
    with counting("triples") as tell:
        tell(1, 2)
    assert capsys.readouterr().err == ""


def test_output_that_cannot_be_written_is_one_line(text_file, tmp_path, capsys):
    (tmp_path / "file").write_text("", encoding="utf-8")
    place = tmp_path / "file" / "page.html"
    assert main(["predict", str(text_file), "--model", "shipped", "--html", str(place)]) == 2
    (line,) = [one for one in capsys.readouterr().err.splitlines() if "file" in one]
    assert "name another" in line


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--trim", "--precision", "int8"], "--precision as well"),
        (["--tables", "--data", "rows.jsonl"], "--data as well"),
        (["--trim", "--tables"], "--tables as well"),
        (["--precision", "int4-blocks"], "LinearModel"),
        (["--data", "none.jsonl"], "none.jsonl"),
    ],
)
def test_model_that_cannot_be_exported_so_is_refused(linear_artifact, tmp_path, arguments, message,
                                                     capsys):  # fmt: skip
    assert main(["export", str(linear_artifact), str(tmp_path / "out"), *arguments]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_rows_that_a_model_was_fitted_on_do_not_choose_its_form(linear_artifact, tmp_path, capsys):
    folder = tmp_path / "model"
    shutil.copytree(linear_artifact, folder)
    text = "Qatar left OPEC."
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (folder / "training_sentences.txt").write_text(f"{sentence_key(text)}\n", encoding="utf-8")
    keys = folder / "training_sentences.txt"
    manifest["files"][keys.name] = {
        "sha256": file_fingerprint(keys), "bytes": keys.stat().st_size,
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    row = {"id": "r", "text": text, "state": "QAT", "alliance": "OPEC", "stance": "against"}
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps(row) + "\n", encoding="utf-8")
    assert main(["export", str(folder), str(tmp_path / "out"), "--data", str(rows)]) == 2
    told = capsys.readouterr().err
    assert "1 rows left out" in told
    assert "new to it" in told


def test_the_page_does_not_take_the_place_of_the_text(text_file, capsys):
    before = text_file.read_bytes()
    call = ["predict", str(text_file), "--model", "shipped", "--html", str(text_file)]
    assert main(call) == 2
    assert "the file of what is read" in capsys.readouterr().err
    assert text_file.read_bytes() == before


@pytest.mark.parametrize("inputs", [".", "*.txt", "**/note.*", "../*/note.txt"])
def test_the_page_does_not_take_the_place_of_a_text_of_a_folder(
    text_file, inputs, monkeypatch, capsys
):
    before = text_file.read_bytes()
    monkeypatch.chdir(text_file.parent)
    assert main(["predict", inputs, "--model", "shipped", "--html", "note.txt"]) == 2
    assert "--html note.txt: found the file of what is read" in capsys.readouterr().err
    assert text_file.read_bytes() == before


@pytest.mark.parametrize(
    ("verb", "name"),
    [("report", "run.json"), ("report", "errors.jsonl"), ("panel", "scores/part-000000.parquet")],
)
def test_a_run_of_score_is_not_written_over(verb, name, tmp_path, capsys):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("as it was")
    assert main([verb, str(tmp_path), "--output", str(path)]) == 2
    assert "found the file of what is read" in capsys.readouterr().err
    assert path.read_text() == "as it was"


WITHOUT = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in sys.argv[1].split():
            raise ModuleNotFoundError(name, name=name)

sys.meta_path.insert(0, Absent())
from alliance_stance.cli import main
sys.exit(main(sys.argv[2:]))
"""


def test_a_model_is_scored_on_a_file_without_what_fitting_needs(tmp_path):
    (tmp_path / "rows.jsonl").write_text(lines(LABELLED), encoding="utf-8")
    absent = "torch transformers datasets mlflow pandas krippendorff crowdkit filelock optuna"
    call = ["evaluate", "--data", "rows.jsonl", "--model", "shipped", "--figures", "figures"]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, absent, *call],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "macro_f1" in done.stdout


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_file_or_pipe_is_utf8_whatever_the_locale(encoding, tmp_path):
    text = "The Łódź talks ended. Qatar left OPEC."
    (tmp_path / "a.txt").write_text(f"{text} Łódź praised Qatar and OPEC.", encoding="utf-8")
    command = [sys.executable, "-m", "alliance_stance", "extract", "a.txt"]
    for more in ([], ["--json"]):
        done = subprocess.run(
            [*command, *more], cwd=tmp_path, capture_output=True, check=False,
            env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "Łódź" in done.stdout.decode("utf-8")


def test_what_another_process_fits_is_not_cleaned_up(project, capsys):
    """A second `train`, whose model is up to date, must leave the first one's checkpoints."""
    from alliance_stance.training.one_process import lock_file, one_process

    folder = project / "artifacts" / "tiny" / "majority" / "seed-0"
    arguments = ["train", "experiments/tiny", "--only", "majority"]
    assert main(arguments) == 0
    half = [folder.parent / ".seed-0.0a9ba4e9", folder.parent / ".seed-0.checkpoint"]
    for one in half:
        one.mkdir()
    with one_process(lock_file(folder), "fits this model"):
        assert main(arguments) == 0
        assert all(one.is_dir() for one in half)
    assert main(arguments) == 0
    assert not any(one.exists() for one in half)


def test_checkpoint_of_a_fit_with_other_settings_is_kept(project, capsys):
    torch = pytest.importorskip("torch")
    from alliance_stance.models.checkpoint import FILE, Checkpoint, Checkpoints

    arguments = ["train", "experiments/tiny", "--only", "majority"]
    assert main(arguments) == 0
    kept = project / "artifacts" / "tiny" / "majority" / ".seed-0.checkpoint"
    stopped = Checkpoints(kept, "other settings")
    stopped.write(Checkpoint(1, "here", {"x": torch.zeros(1)}, {}))
    capsys.readouterr()
    assert main(arguments) == 0
    assert (kept / FILE).is_file()
    error = capsys.readouterr().err
    assert "up to date" in error
    assert f"{kept.name} keeps the checkpoint of another fit" in error


def test_model_is_copied_with_the_tables_of_this_version(
    linear_artifact, knowledge, tmp_path, capsys
):
    names = tuple(name for name in knowledge.alliance_names if name.target != "OPEC")
    old = renew_tables(
        open_artifact(linear_artifact), tmp_path / "old", replace(knowledge, alliance_names=names)
    )
    text = tmp_path / "a.txt"
    text.write_text("Qatar left OPEC.", encoding="utf-8")
    found = []
    assert main(["export", str(tmp_path / "old"), str(tmp_path / "new"), "--tables"]) == 0
    for folder in ("old", "new"):
        capsys.readouterr()
        assert main(["predict", str(text), "--model", str(tmp_path / folder), "--json"]) == 0
        found.append(len(capsys.readouterr().out.splitlines()))
    assert found == [0, 1]
    new = json.loads((tmp_path / "new" / "manifest.json").read_text(encoding="utf-8"))
    assert new["knowledge_fingerprint"] == knowledge.fingerprint != old["knowledge_fingerprint"]
    assert new["fitted_with_knowledge"] == old["fitted_with_knowledge"]
    assert new["run_key"] == old["run_key"]
