"""`annotate`: tasks out, labels in, agreement, and what is settled. All sentences are invented."""

import csv
import hashlib
import io
import json
import random
import re
import shutil
import tracemalloc
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise as neighbours
from pathlib import Path

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance_stance.cli import main
from alliance_stance.errors import DatasetError, InputError
from alliance_stance.fingerprints import fingerprint
from alliance_stance.inference.scores import open_scores
from alliance_stance.labeling import agreement
from alliance_stance.labeling.adjudication import Method, Why, caveats, settle
from alliance_stance.labeling.agreement_report import agreement_markdown, measure_all
from alliance_stance.labeling.annotations import (
    LABELS,
    Annotation,
    annotations_text,
    by_worker,
    read_annotation_rows,
    read_annotations,
)
from alliance_stance.labeling.label_studio import ACT_MEANINGS, labeling_config, task_html
from alliance_stance.labeling.sampling import draw_by_stance, read_sampling
from alliance_stance.labeling.sheets import (
    escape_cell,
    is_same_text,
    read_sheet,
    sheet_text,
    unescape_cell,
)
from alliance_stance.labeling.tasks import (
    TASK_COLUMNS,
    Task,
    checksum,
    draw_sentences,
    find_tasks,
    read_tasks,
)
from alliance_stance.panels.choices import By
from alliance_stance.panels.labels import read_labels
from alliance_stance.panels.triples import read_triples
from alliance_stance.schema import STANCE_OF_ACT, Act, Candidate, Document, Example, Label

ROOT = Path(__file__).resolve().parents[1]
TEXTS = {
    "north": "It snowed all day. Norway praised NATO for its patrols. Sweden will join NATO soon.",
    "south": "Peru left ASEAN.\nIts envoy spoke at noon. Chile and Peru quarrelled over ASEAN.",
    "east": "Qatar left OPEC. Iran blamed OPEC for the glut. Iraq and Kuwait met at OPEC.",
    "odd": '=1+1, says Peru of NATO. @home Qatar thanked OPEC. <script>alert("x")</script> Chad '
    "scolds the African Union & goes.",
}  # fmt: skip
PAIR_COUNT = 13


@pytest.fixture(autouse=True)
def _read_once(knowledge, finder, monkeypatch):
    """Give every verb the session's tables and finder, which take most of a small verb's time."""
    monkeypatch.setattr("alliance_stance.knowledge.knowledge.load_knowledge", lambda: knowledge)
    name = "alliance_stance.extraction.candidates.CandidateFinder"
    monkeypatch.setattr(name, lambda _: finder)


@pytest.fixture
def corpus(tmp_path):
    folder = tmp_path / "corpus"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def exported_once(tmp_path_factory):
    folder = tmp_path_factory.mktemp("annotate")
    for name, text in TEXTS.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    assert main(["annotate", "export", str(folder), "--output", str(folder / "tasks")]) == 0
    return folder / "tasks"


@pytest.fixture
def exported(exported_once, tmp_path):
    """The folder that `export` writes for the texts above."""
    return Path(shutil.copytree(exported_once, tmp_path / "tasks"))


def rows_of(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    text = path.read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def json_lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def save(path: Path, rows, *, delimiter=",", bom=False, ends="\n", encoding="utf-8") -> Path:
    """Save a table as a spreadsheet program would."""
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter, lineterminator=ends)
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(file.getvalue().encode("utf-8-sig" if bom else encoding))
    return path


def fill(rows, acts, **more):
    """Fill in acts one after the other, from the beginning as often as needed."""
    return [{**row, "act": acts[i % len(acts)], **more} for i, row in enumerate(rows)]


def refused(arguments, capsys) -> str:
    """Expect status 2 and nothing on standard output; give the error."""
    assert main(["annotate", *map(str, arguments)]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "Traceback" not in output.err
    assert output.err.startswith("alliance-stance: ")
    return output.err


def imported(files, folder, output, *more) -> int:
    return main([
        "annotate", "import", *map(str, files), "--tasks", str(folder / "tasks.csv"), "--output",
        str(output), *more,
    ])  # fmt: skip


def refused_import(files, folder, output, capsys, *more) -> str:
    arguments = ["import", *files, "--tasks", folder / "tasks.csv", "--output", output, *more]
    before = output.read_bytes() if output.exists() else None
    error = refused(arguments, capsys)
    assert (output.read_bytes() if output.exists() else None) == before
    return error


def task(name: str, sentence: str = "Peru left ASEAN.", document: str = "d") -> Task:
    return Task(
        id=name, document=document, start=0, end=len(sentence), sentence=sentence, context="",
        checksum=checksum(sentence), state="PER", state_name="Peru", alliance="ASEAN",
        alliance_name="Association of Southeast Asian Nations",
    )  # fmt: skip


# cells


@given(st.text())
def test_escaped_cell_comes_back_and_begins_no_formula(text):
    cell = escape_cell(text)
    assert unescape_cell(cell) == text
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@given(
    st.lists(
        st.lists(
            st.text(st.characters(blacklist_characters="\x00", codec="utf-8"), min_size=1),
            min_size=2,
            max_size=2,
        ),
        min_size=1,
    )
)
def test_table_comes_back_as_it_was_written(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("sheets") / "a.csv"
    table = [{"one": one, "two": two} for one, two in rows]
    path.write_bytes(sheet_text(("one", "two"), table).encode())
    wanted = [row for row in table if any(escape_cell(cell).strip() for cell in row.values())]
    read = [{k: unescape_cell(c) for k, c in r.cells.items()} for r in read_sheet(path, ("one",))]
    assert read == wanted


@pytest.mark.parametrize("cell", ["'=1+1 is\r\nPeru", "=1+1 is\nPeru", "'=1+1  is Peru"])
def test_text_is_the_same_without_mark_and_with_other_line_breaks(cell):
    assert is_same_text(cell, "=1+1 is\nPeru")
    assert not is_same_text(cell, "=1+1 was\nPeru")


def test_row_is_told_by_its_line_and_its_number(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('a,b\n"x\ny",1\n\nz,2\n', encoding="utf-8")
    assert [row.where.removeprefix(str(path)) for row in read_sheet(path, ("a",))] == [
        ":2", ":5 (row 4)",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "an empty file"),
        (b"\xff\xfea\x00,\x00", "CSV UTF-8"),
        ("task,act\nç,join\n".encode("cp1252"), "a.csv:2: found byte 0xe7"),
        (b"task;label\n1;join\n", "no column 'act'"),
        (b"act,task,task\n", "the column 'task' twice"),
        (b"task,act\nx,join,more\n", "a.csv:2: found 3 cells"),
        (b'task,act\n"x,join\n', "a broken row"),
    ],
)
def test_table_that_cannot_be_read_is_refused(tmp_path, content, expected):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=re.escape(expected)):
        read_sheet(path, ("task", "act"))


# export


def test_export_writes_three_files_of_the_same_tasks(exported):
    rows = rows_of(exported / "tasks.csv")
    studio = json.loads((exported / "tasks.json").read_text(encoding="utf-8"))
    assert tuple(rows[0]) == TASK_COLUMNS
    assert [row["task"] for row in rows] == [entry["data"]["task"] for entry in studio]
    assert len(rows) == PAIR_COUNT
    assert (exported / "tasks.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_task_points_into_its_document(exported):
    for row in rows_of(exported / "tasks.csv"):
        text = TEXTS[row["document"]]
        sentence = text[int(row["start"]) : int(row["end"])]
        assert unescape_cell(row["sentence"]) == sentence
        digest = hashlib.sha256(sentence.encode()).hexdigest()
        assert row["checksum"] == f"sha256:{digest[:16]}"
        place = f"{row['document']}:{row['start']}-{row['end']}"
        assert row["task"] == f"{place}#{row['state']}-{row['alliance']}"
    first = rows_of(exported / "tasks.csv")[0]
    assert (first["state_name"], first["state_words"]) == ("Qatar", "Qatar")
    assert first["alliance_words"] == "OPEC"
    assert (first["act"], first["note"]) == ("", "")


def test_context_is_the_sentence_before(exported):
    by_task = {row["task"]: row for row in rows_of(exported / "tasks.csv")}
    (row,) = (row for name, row in by_task.items() if name.endswith("#NOR-NATO"))
    assert row["context"] == "It snowed all day."


def test_no_answer_of_a_ready_example_is_shown(tmp_path):
    path = tmp_path / "ready.jsonl"
    example = {
        "id": "r1", "document": "doc", "text": "Peru will quit ASEAN.", "state": "PER",
        "alliance": "ASEAN", "stance": "against", "act": "leave", "date": "1999",
        "speaker_state": "CHL", "title": "On the quitting",
    }  # fmt: skip
    path.write_text(json.dumps(example) + "\n", encoding="utf-8")
    assert main(["annotate", "export", str(path), "--output", str(tmp_path / "t")]) == 0
    (row,) = rows_of(tmp_path / "t" / "tasks.csv")
    assert (row["task"], row["document"], row["act"]) == ("r1", "doc", "")
    assert (row["title"], row["date"], row["speaker_state"]) == ("On the quitting", "1999", "CHL")
    for name in ("tasks.csv", "tasks.json"):
        content = (tmp_path / "t" / name).read_text(encoding="utf-8")
        assert "against" not in content
        assert "leave" not in content
    assert "predictions" not in json.loads((tmp_path / "t" / "tasks.json").read_text())[0]


def test_documents_and_options_tell_the_facts(tmp_path):
    path = tmp_path / "two.jsonl"
    path.write_text(
        '{"id": "a", "text": "OPEC must pump more.", "date": "1984", "title": "T"}\n'
        '{"id": "b", "text": "OPEC must pump less."}\n'
    )
    options = ["--date", "2001-02-03", "--speaker-state", "IND", "--title", "Other"]
    out = str(tmp_path / "t")
    assert main(["annotate", "export", str(path), "-o", out, *options]) == 0
    rows = rows_of(tmp_path / "t" / "tasks.csv")
    assert [(r["date"], r["title"], r["speaker_state"], r["state_words"]) for r in rows] == [
        ("1984", "T", "IND", ""),
        ("2001-02-03", "Other", "IND", ""),
    ]


def test_formulas_are_escaped_and_come_back(exported, knowledge):
    cells = [c for row in rows_of(exported / "tasks.csv") for c in row.values() if c]
    assert "'=1+1, says Peru of NATO." in cells
    assert not [cell for cell in cells if cell[0] in "=+-@\t\r"]
    sentences = {t.sentence for t in read_tasks([exported / "tasks.csv"], knowledge).values()}
    assert "=1+1, says Peru of NATO." in sentences


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags = set()
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)

    def handle_data(self, data):
        self.text += data


def test_text_of_a_corpus_brings_no_markup(exported):
    for entry in json.loads((exported / "tasks.json").read_text(encoding="utf-8")):
        parser = Tags()
        parser.feed(entry["data"]["html"])
        assert parser.tags <= {"p", "small", "mark"}
        assert entry["data"]["sentence"] in parser.text


def test_markup_in_every_fact_is_escaped(finder):
    nasty = '"><img src=x onerror=alert(1)>'
    document = Document("d", f"{nasty} It rained. Peru left ASEAN.", title=nasty, date="1999")
    (found,) = find_tasks(document, finder)
    assert "<img" not in task_html(found)
    assert '<mark style="background:#ffe08a;color:#000;font-weight:bold">Peru</mark> left' in (
        task_html(found)
    )


def test_control_characters_are_replaced_and_offsets_hold(finder):
    text = "It\x00 rained. Peru\x07 left ASEAN."
    (found,) = find_tasks(Document("d", text), finder)
    assert found.context == "It\ufffd rained."
    assert found.sentence == "Peru\ufffd left ASEAN."
    assert found.end - found.start == len(found.sentence)


def test_id_with_a_line_break_is_refused(finder):
    with pytest.raises(InputError, match="control character"):
        list(find_tasks(Document("a\nb", "Peru left ASEAN."), finder))


def test_sample_keeps_sentences_whole_and_is_the_same_again(corpus, tmp_path, capsys):
    drawn = []
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        out = str(tmp_path / name)
        arguments = ["export", str(corpus), "-o", out, "--sample", "4", "--seed", seed]
        assert main(["annotate", *arguments]) == 0
        drawn.append((tmp_path / name / "tasks.csv").read_bytes())
    assert drawn[0] == drawn[1] != drawn[2]
    assert main(["annotate", "export", str(corpus), "-o", str(tmp_path / "all")]) == 0
    everything = rows_of(tmp_path / "all" / "tasks.csv")
    rows = rows_of(tmp_path / "a" / "tasks.csv")
    places = {row["task"].partition("#")[0] for row in rows}
    assert len(places) == 4
    wanted = [row["task"] for row in everything if row["task"].partition("#")[0] in places]
    assert [row["task"] for row in rows] == wanted
    said = capsys.readouterr().err
    assert "4 sentences of" in said
    assert "drawn from 10 sentences with seed 1" in said
    assert f"all: {PAIR_COUNT} tasks in 10 sentences of 4 documents" in said


def test_sample_does_not_depend_on_the_order_of_files(corpus, tmp_path):
    files = [str(path) for path in sorted(corpus.iterdir())]
    for name, order in (("a", files), ("b", files[::-1])):
        out = str(tmp_path / name)
        assert main(["annotate", "export", *order, "-o", out, "--sample", "3"]) == 0
    one, other = (
        {row["task"] for row in rows_of(tmp_path / name / "tasks.csv")} for name in ("a", "b")
    )
    assert one == other


def test_sample_holds_no_more_tasks_than_it_draws(tmp_path, monkeypatch):
    size, documents = 20_000, 200
    path = tmp_path / "many.jsonl"
    path.write_text(
        "".join(json.dumps({"id": f"d{n}", "text": "x"}) + "\n" for n in range(documents)),
        encoding="utf-8",
    )

    def find_long(item, finder):
        yield replace(task(item.id, document=item.id), context=f"{item.id:.<{size}}")

    monkeypatch.setattr("alliance_stance.labeling.tasks.find_tasks", find_long)
    arguments = ["annotate", "export", str(path), "--sample", "5", "-o"]
    assert main([*arguments, str(tmp_path / "first")]) == 0  # imports take memory of their own
    tracemalloc.start()
    try:
        assert main([*arguments, str(tmp_path / "out")]) == 0
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(rows_of(tmp_path / "out" / "tasks.csv")) == 5
    assert most < size * documents / 2


def test_sample_takes_the_sentences_of_lowest_fingerprint():
    # the second half holds a second pair of each sentence, as ready examples may come
    tasks = [task(f"{n}{half}", document=f"d{n}") for half in "ab" for n in range(30)]
    lowest = sorted({one.place for one in tasks}, key=lambda place: fingerprint(7, place))[:4]
    drawn = draw_sentences(iter(tasks), 4, seed=7)
    assert drawn.tasks == [one for one in tasks if one.place in lowest]
    assert drawn.sentence_count == 30
    assert draw_sentences(tasks, 99, seed=7).tasks == tasks


def test_draw_by_stance_takes_so_many_of_each_and_tells_how_probable_each_was():
    tasks = [task(f"t{n}", document=f"d{n}") for n in range(12)]
    stances = {f"t{n}": "neutral" if n < 8 else "favor" for n in range(10)}
    drawn = draw_by_stance(iter(tasks), stances, 4, seed=7)
    lowest = sorted((one.id for one in tasks[:8]), key=lambda id_: fingerprint(7, id_))[:4]
    assert [one.id for one in drawn.tasks] == [*sorted(lowest), "t8", "t9"]
    assert drawn.probabilities == {**dict.fromkeys(lowest, 4 / 8), "t8": 1.0, "t9": 1.0}
    assert drawn.found == {"neutral": 8, "favor": 2}
    other = draw_by_stance(tasks[::-1], stances, 4, seed=7)
    assert other.probabilities == drawn.probabilities


@pytest.fixture
def scores(corpus, save_scores, tmp_path):
    """Scores of all tasks: one against, the others neutral; and of one that is no task."""
    assert main(["annotate", "export", str(corpus), "-o", str(tmp_path / "all")]) == 0
    made = [
        {"document": row["document"], "sentence": 0, "start": int(row["start"]),
         "end": int(row["end"]), "source": "", "title": "", "date": "1999",
         "text": unescape_cell(row["sentence"]), "state": row["state"],
         "alliance": row["alliance"], "stance": "against" if place == 3 else "neutral",
         "act": "describe", "score": 0.0, "against": 0.0, "favor": 0.0, "neutral": 1.0}
        for place, row in enumerate(rows_of(tmp_path / "all" / "tasks.csv"))
    ]  # fmt: skip
    return save_scores([*made, made[0] | {"document": "gone"}], tmp_path / "scores.parquet")


def test_tasks_drawn_by_stance_hide_it_and_keep_their_probabilities(
    corpus, scores, tmp_path, capsys
):
    out = tmp_path / "drawn"
    call = ["export", corpus, "--scores", scores, "--per-stance", "3", "-o", out]
    assert main(["annotate", *map(str, call)]) == 0
    said = capsys.readouterr().err
    assert f"1 of 1 against, 0 of 0 favor, 3 of {PAIR_COUNT - 1} neutral; 1 scored" in said
    rows = rows_of(out / "tasks.csv")
    assert list(rows[0]) == list(TASK_COLUMNS)
    assert len(rows) == 4
    assert "probab" not in (out / "tasks.json").read_text(encoding="utf-8")
    for row in rows:
        row["act"] = "describe"
    rows[0]["act"] = "none"
    filled = save(tmp_path / "maria.csv", rows)
    labels, settled = tmp_path / "annotations.csv", tmp_path / "settled"
    given = ["--tasks", str(out / "tasks.csv"), "-o"]
    assert main(["annotate", "import", str(filled), *given, str(labels)]) == 0
    assert main(["annotate", "adjudicate", str(labels), *given, str(settled)]) == 0
    assert "panel does" in capsys.readouterr().err
    lines = json_lines(settled / "settled.jsonl")
    assert sorted(one["sampling_probability"] for one in lines) == [*[3 / (PAIR_COUNT - 1)] * 3, 1]
    held = json_lines(settled / "labelled.jsonl")
    assert held == [one for one in lines if one["stance"] != "none"]
    table = open_scores(scores)
    read = read_labels(settled / "settled.jsonl", table, read_triples(table, By.YEAR))
    assert read.has_probabilities
    assert sorted(read.weights) == pytest.approx([1, *[(PAIR_COUNT - 1) / 3] * 3])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--per-stance", "3"], "add --scores"),
        (["--scores", "scores.parquet"], "add --per-stance"),
        (["--scores", "scores.parquet", "--per-stance", "3", "--sample", "2"], "--sample"),
        (["--scores", "scores.parquet", "--per-stance", "3", "--exclude", "t.csv"], "--exclude"),
    ],
)
def test_draws_by_stance_whose_probabilities_nobody_knows_are_refused(
    options, message, corpus, tmp_path, capsys
):
    assert message in refused(["export", corpus, "-o", tmp_path / "out", *options], capsys)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("cells", "message"),
    [(["half"], "'half'"), (["0"], "'0'"), (["nan"], "'nan'"), (["0.5"], "no probability of 1")],
)
def test_probabilities_that_are_none_or_lacking_are_refused(cells, message, tmp_path):
    rows = [{"task": f"t{n}", "sampling_probability": cell} for n, cell in enumerate(cells)]
    save(tmp_path / "sampling.csv", rows)
    with pytest.raises(InputError, match=message):
        read_sampling([tmp_path / "tasks.csv"], ["t0", "t1"])


def test_excluded_tasks_are_not_given_again(corpus, tmp_path, capsys):
    first, second = tmp_path / "a", tmp_path / "b"
    assert main(["annotate", "export", str(corpus), "-o", str(first), "--sample", "4"]) == 0
    more = ["--exclude", str(first / "tasks.csv")]
    assert main(["annotate", "export", str(corpus), "-o", str(second), *more]) == 0
    names = [{row["task"] for row in rows_of(f / "tasks.csv")} for f in (first, second)]
    assert not names[0] & names[1]
    assert len(names[0] | names[1]) == PAIR_COUNT
    capsys.readouterr()
    more += ["--exclude", second / "tasks.csv"]
    assert "no new sentence" in refused(["export", corpus, "-o", tmp_path / "c", *more], capsys)


def test_export_from_standard_input(tmp_path, monkeypatch):
    class Stdin:
        buffer = io.BytesIO(b"Peru left ASEAN.")

    monkeypatch.setattr("sys.stdin", Stdin)
    assert main(["annotate", "export", "-", "-o", str(tmp_path / "t")]) == 0
    (row,) = rows_of(tmp_path / "t" / "tasks.csv")
    assert row["task"] == "stdin:0-16#PER-ASEAN"


def test_folder_is_read_deeply_without_hidden_and_other_files(tmp_path, capsys):
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / ".hidden").mkdir()
    for name in ("deep/a.txt", ".hidden/b.txt", ".c.txt", "d.pdf"):
        (tmp_path / "in" / name).write_text("Peru left ASEAN.")
    assert main(["annotate", "export", str(tmp_path / "in"), "-o", str(tmp_path / "t")]) == 0
    assert [row["document"] for row in rows_of(tmp_path / "t" / "tasks.csv")] == ["deep/a"]
    (tmp_path / "empty").mkdir()
    capsys.readouterr()
    assert "no file to read" in refused(
        ["export", tmp_path / "empty", "-o", tmp_path / "x"], capsys
    )


def test_export_refuses_a_folder_with_something_in_it(exported, corpus, capsys):
    before = (exported / "tasks.csv").read_bytes()
    assert "new or empty folder" in refused(["export", corpus, "-o", exported], capsys)
    assert (exported / "tasks.csv").read_bytes() == before


def test_two_documents_of_one_name_are_refused(corpus, tmp_path, capsys):
    (tmp_path / "north.txt").write_text("Peru left ASEAN.")
    arguments = ["export", corpus, tmp_path / "north.txt", "-o", tmp_path / "t"]
    assert "id north: found an id that" in refused(arguments, capsys)
    assert not (tmp_path / "t").exists()


def test_text_without_a_pair_and_missing_input_are_refused(tmp_path, capsys):
    (tmp_path / "a.txt").write_text("It rained.")
    error = refused(["export", tmp_path / "a.txt", "-o", tmp_path / "t"], capsys)
    assert "no new sentence that pairs" in error
    assert "no such file" in refused(["export", tmp_path / "b.txt", "-o", tmp_path / "t"], capsys)
    assert not (tmp_path / "t").exists()


def test_sentence_longer_than_a_cell_is_left_out_and_told(tmp_path, capsys):
    long = "Peru " + "and its many friends " * 1600 + "left ASEAN."
    (tmp_path / "a.txt").write_text(f"{long}\n\nIt rained.\n\nChile left ASEAN.")
    assert main(["annotate", "export", str(tmp_path / "a.txt"), "-o", str(tmp_path / "t")]) == 0
    assert "left out: 1 tasks" in capsys.readouterr().err
    assert all(len(row["sentence"]) < 32767 for row in rows_of(tmp_path / "t" / "tasks.csv"))


# Label Studio


def test_configuration_asks_for_one_act_grouped_by_stance():
    root = ElementTree.fromstring(labeling_config())
    (choices,) = root.iter("Choices")
    assert (choices.get("choice"), choices.get("required")) == ("single", "true")
    groups = [[c.get("alias") for c in view.iter("Choice")] for view in choices]
    assert [name for group in groups for name in group] == list(LABELS)
    for group in groups[:-1]:
        assert len({STANCE_OF_ACT[Act(name)] for name in group}) == 1
    shown = {element.get("name") for element in root.iter("HyperText")}
    assert {e.get("toName") for e in root.iter() if e.get("toName")} == shown


def test_acts_are_explained_in_the_words_of_the_codebook():
    page = (ROOT / "docs" / "codebook.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| `(\w+)` \| (favor|neutral|against) \| (.+) \|$", page, re.MULTILINE)
    assert [(act, STANCE_OF_ACT[act], told) for act, told in ACT_MEANINGS.items()] == table


def studio(folder: Path, answers, *, more=None) -> list[dict]:
    """Give a standard JSON export; `answers` are (worker, acts in order of the tasks)."""
    entries = json.loads((folder / "tasks.json").read_text(encoding="utf-8"))
    for number, entry in enumerate(entries):
        entry["id"] = 100 + number
        entry["annotations"] = [
            {
                "id": number,
                "completed_by": worker,
                "was_cancelled": False,
                "result": [
                    {"from_name": "act", "to_name": "shown", "type": "choices",
                     "value": {"choices": [acts[number % len(acts)]]}},
                    {"from_name": "note", "to_name": "shown", "type": "textarea",
                     "value": {"text": ["seen\ntwice"]}},
                ],
            }
            for worker, acts in answers
        ]  # fmt: skip
        entry["predictions"] = []
    if more:
        more(entries)
    return entries


def write_export(path: Path, entries) -> Path:
    path.write_text(json.dumps(entries), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "result",
    [
        7,
        [{"from_name": "act", "value": {"choices": 7}}],
        [{"from_name": "note", "value": {"text": 7}}],
    ],
)
def test_studio_answers_that_are_no_list_are_refused(result, exported, tmp_path, capsys):
    entries = studio(exported, [[3, ["join"]]])
    entries[0]["annotations"][0]["result"] = result
    path = write_export(tmp_path / "export.json", entries)
    error = refused_import([path], exported, tmp_path / "a.csv", capsys)
    assert "'7'; expected a list; export again" in error


def test_studio_export_of_two_annotators_is_imported(exported, tmp_path):
    answers = [(7, ["join"]), ({"id": 8, "email": "jo@example.org"}, ["leave", "none"])]
    path = write_export(tmp_path / "e.json", studio(exported, answers))
    out = tmp_path / "annotations.csv"
    assert imported([path], exported, out) == 0
    labels = read_annotations(out)
    assert labels.keys() == {"7", "jo@example.org"}
    assert set(labels["7"].values()) == {"join"}
    assert sorted(set(labels["jo@example.org"].values())) == ["leave", "none"]
    assert {row.note for row in read_annotation_rows(out)} == {"seen twice"}


def test_cancelled_and_empty_annotations_are_skipped_and_counted(exported, tmp_path, capsys):
    def change(entries):
        entries[0]["annotations"][0]["was_cancelled"] = True
        entries[1]["annotations"][0]["result"] = []
        entries[2]["annotations"] = []

    path = write_export(tmp_path / "e.json", studio(exported, [(1, ["join"])], more=change))
    assert imported([path], exported, tmp_path / "a.csv") == 0
    said = capsys.readouterr().err
    assert f"{PAIR_COUNT - 3} labels read (1 {PAIR_COUNT - 3})" in said
    assert "without an act: 2 rows" in said


def test_full_wording_of_a_choice_counts_as_its_act(exported, tmp_path):
    path = write_export(tmp_path / "e.json", studio(exported, [(1, ["leave: withdraws"])]))
    assert imported([path], exported, tmp_path / "a.csv") == 0
    assert set(read_annotations(tmp_path / "a.csv")["1"].values()) == {"leave"}


def _set(path, value):
    *parents, last = path

    def change(entries):
        target = entries[0]
        for key in parents:
            target = target[key]
        target[last] = value

    return change


ACT_PATH = ("annotations", 0, "result", 0, "value", "choices")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_set(("data", "task"), "x"), "task 'x' is not among"),
        (_set(("data", "sentence"), "Peru left."), "the sentence was edited"),
        (_set(("data", "checksum"), "sha256:0"), "another text"),
        (_set(("data", "state"), "QQQ"), "unknown state 'QQQ'"),
        (_set(ACT_PATH, ["dance"]), "unknown act 'dance'"),
        (_set(ACT_PATH, ["join", "leave"]), "2 acts (join, leave)"),
        (_set(("annotations", 0, "completed_by"), None), "worker ''"),
    ],
)
def test_studio_annotation_that_breaks_the_rules_is_told(
    exported, tmp_path, capsys, change, expected
):
    path = write_export(tmp_path / "e.json", studio(exported, [(1, ["join"])], more=change))
    error = refused_import([path], exported, tmp_path / "a.csv", capsys)
    assert f"{path}, task 1 (id 100): " in error
    assert expected in error


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("[{", "no JSON"),
        ("{}", "a JSON dict"),
        ('[{"task": "x", "act": "join"}]', "not as JSON-MIN"),
        ('[{"data": {}, "annotations": [3]}]', "no object"),
        ("[" * 5000 + "]" * 5000, "no JSON"),
    ],
)
def test_file_that_is_no_export_is_refused(exported, tmp_path, capsys, content, expected):
    path = tmp_path / "e.json"
    path.write_text(content)
    assert expected in refused_import([path], exported, tmp_path / "a.csv", capsys)


def test_worker_names_one_annotator_of_an_export_only(exported, tmp_path, capsys):
    one = write_export(tmp_path / "one.json", studio(exported, [(1, ["join"])]))
    assert imported([one], exported, tmp_path / "a.csv", "--worker", "anna") == 0
    assert read_annotations(tmp_path / "a.csv").keys() == {"anna"}
    capsys.readouterr()
    two = write_export(tmp_path / "two.json", studio(exported, [(1, ["join"]), (2, ["join"])]))
    error = refused_import([two], exported, tmp_path / "b.csv", capsys, "--worker", "anna")
    assert "labels of 1, 2" in error


# import of tables


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", [True, False])
def test_table_saved_by_a_spreadsheet_program_is_read(exported, tmp_path, delimiter, ends, bom):
    rows = fill(rows_of(exported / "tasks.csv"), ["Join ", "none"])
    path = save(tmp_path / "anna.csv", rows, delimiter=delimiter, ends=ends, bom=bom)
    assert imported([path], exported, tmp_path / "a.csv") == 0
    labels = read_annotations(tmp_path / "a.csv")["anna"]
    assert list(labels) == sorted(row["task"] for row in rows)
    assert set(labels.values()) == {"join", "none"}


def test_table_with_a_separator_line_and_dropped_marks_is_read(exported, tmp_path):
    rows = fill(rows_of(exported / "tasks.csv"), ["join"])
    rows = [{key: cell.removeprefix("'") for key, cell in row.items()} for row in rows]
    path = save(tmp_path / "anna.csv", rows, delimiter=";", ends="\r\n")
    path.write_bytes(b"sep=;\r\n" + path.read_bytes())
    assert imported([path], exported, tmp_path / "a.csv") == 0


def test_table_of_tabs_that_nobody_quoted_is_read(tmp_path):
    path = tmp_path / "anna.tsv"
    path.write_text('task\ttext\n1\t"We left," he said.\n2\t"We left.\n3\tWe stay."\n')
    assert [row.cells["text"] for row in read_sheet(path, ["task", "text"])] == [
        '"We left," he said.', '"We left.', 'We stay."'
    ]  # fmt: skip


def test_tasks_that_went_through_a_spreadsheet_program_still_fit(tmp_path, knowledge, finder):
    document = Document("d", "Peru\r\nleft ASEAN. 'Peru' scolds\nASEAN.")
    tasks = list(find_tasks(document, finder))
    text = sheet_text(TASK_COLUMNS, ({**_row(t)} for t in tasks))
    path = tmp_path / "tasks.csv"
    path.write_text(text.replace("\r\n", "\n"), encoding="utf-8")
    assert [t.id for t in read_tasks([path], knowledge).values()] == [t.id for t in tasks]


def _row(task):
    from alliance_stance.labeling.tasks import task_row

    return task_row(task)


def test_worker_comes_from_column_option_or_name(exported, tmp_path):
    rows = fill(rows_of(exported / "tasks.csv"), ["join"])
    out = tmp_path / "a.csv"
    assert imported([save(tmp_path / "anna.csv", rows)], exported, out) == 0
    given = [{**row, "worker": "ben"} for row in rows]
    assert imported([save(tmp_path / "x.csv", given)], exported, out) == 0
    assert imported([save(tmp_path / "y.csv", rows)], exported, out, "--worker", "cleo") == 0
    annotator = [{**row, "annotator": "dora"} for row in rows]
    assert imported([save(tmp_path / "z.csv", annotator)], exported, out) == 0
    # an account's number is no name to publish
    emma = save(tmp_path / "z.csv", [{**row, "annotator": "17"} for row in rows])
    assert imported([emma], exported, out, "--worker", "emma") == 0
    assert read_annotations(out).keys() == {"anna", "ben", "cleo", "dora", "emma"}


def test_columns_act_and_task_are_enough(exported, tmp_path):
    rows = [{"task": row["task"], "act": "join"} for row in rows_of(exported / "tasks.csv")]
    assert imported([save(tmp_path / "anna.csv", rows)], exported, tmp_path / "a.csv") == 0


def test_stance_beside_its_act_is_accepted(exported, tmp_path):
    rows = rows_of(exported / "tasks.csv")
    rows[0].update(act="leave", stance="Against")
    rows[1].update(act="none", stance="none")
    rows = [{"stance": "", **row} for row in rows]
    assert imported([save(tmp_path / "anna.csv", rows)], exported, tmp_path / "a.csv") == 0


BAD_ROWS = {
    "unknown act": ({"act": "joyn"}, "unknown act 'joyn'; did you mean 'join'?"),
    "stance as act": ({"act": "favor"}, "unknown act 'favor'"),
    "act and stance disagree": (
        {"act": "leave", "stance": "favor"},
        "act 'leave' with stance 'favor'; its stance is 'against'",
    ),
    "stance of no pair": ({"act": "none", "stance": "neutral"}, "its stance is 'none'"),
    "stance alone": ({"act": "", "stance": "favor"}, "stance 'favor' without an act"),
    "unknown state": ({"state": "QQQ"}, "unknown state 'QQQ'"),
    "unknown alliance": ({"alliance": "HANSA"}, "unknown alliance 'HANSA'"),
    "another state": ({"state": "FRA"}, "state 'FRA', but the task is about QAT"),
    "unknown task": ({"task": "x:1-2#QAT-OPEC"}, "task 'x:1-2#QAT-OPEC' is not among"),
    "edited sentence": ({"sentence": "Qatar loves OPEC."}, "the sentence was edited"),
    "edited context": ({"context": "It hailed."}, "the context was edited"),
    "another checksum": ({"checksum": "sha256:0123456789abcdef"}, "another text"),
    "odd worker": ({"worker": "=cmd"}, "worker '=cmd'"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), BAD_ROWS.values(), ids=BAD_ROWS.keys())
def test_row_that_breaks_the_codebook_is_told_with_file_and_line(
    exported, tmp_path, capsys, change, expected
):
    rows = fill(rows_of(exported / "tasks.csv"), ["join"], stance="", worker="anna")
    rows[0].update(change)
    path = save(tmp_path / "anna.csv", rows)
    error = refused_import([path], exported, tmp_path / "a.csv", capsys)
    assert f"\n  {path}:2: " in error
    assert expected in error
    assert error.count("\n") == 2


def test_all_bad_rows_are_told_at_once(exported, tmp_path, capsys):
    rows = fill(rows_of(exported / "tasks.csv"), ["join", "jump", "leap"])
    path = save(tmp_path / "anna.csv", rows)
    error = refused_import([path], exported, tmp_path / "a.csv", capsys)
    assert "8 rows that cannot be taken" in error
    assert error.count("unknown act") == 8


def test_many_bad_rows_are_counted(exported, tmp_path, capsys):
    rows = fill(rows_of(exported / "tasks.csv"), ["jump"])
    files = [save(tmp_path / f"{name}.csv", rows) for name in ("anna", "ben")]
    error = refused_import(files, exported, tmp_path / "a.csv", capsys)
    assert error.count("unknown act") == 20
    assert "... and 6 more" in error


def test_one_annotator_with_two_labels_is_told(exported, tmp_path, capsys):
    rows = fill(rows_of(exported / "tasks.csv"), ["join"])
    first = save(tmp_path / "one.csv", rows)
    second = save(tmp_path / "two.csv", fill(rows[:1], ["leave"]))
    more = ["--worker", "anna"]
    error = refused_import([first, second], exported, tmp_path / "a.csv", capsys, *more)
    assert f"{second}:2: 'anna' says 'leave' here, 'join' in {first}:2" in error


def test_same_label_twice_is_taken_once(exported, tmp_path):
    rows = fill(rows_of(exported / "tasks.csv"), ["join"])
    files = [save(tmp_path / name, rows) for name in ("one.csv", "two.csv")]
    assert imported(files, exported, tmp_path / "a.csv", "--worker", "anna") == 0
    assert len(read_annotation_rows(tmp_path / "a.csv")) == PAIR_COUNT


def test_labels_are_added_and_a_changed_one_is_refused(exported, tmp_path, capsys):
    rows = rows_of(exported / "tasks.csv")
    out = tmp_path / "a.csv"
    half = [*fill(rows[:3], ["join"], note="=x"), *rows[3:]]
    assert imported([save(tmp_path / "anna.csv", half)], exported, out) == 0
    assert imported([save(tmp_path / "anna.csv", fill(rows, ["join"]))], exported, out) == 0
    found = read_annotation_rows(out)
    assert len(found) == PAIR_COUNT
    assert sum(row.note == "=x" for row in found) == 3
    assert "'=x" in out.read_text()
    capsys.readouterr()
    changed = save(tmp_path / "anna.csv", fill(rows[:1], ["leave"]))
    error = refused_import([changed], exported, out, capsys)
    assert (
        f"{changed}:2: task {rows[0]['task']}: 'anna' says 'leave' here, 'join' in {out}" in error
    )
    assert "expected one label of a worker for a task" in error
    assert f"alliance-stance: {out}" not in error


def test_unfilled_rows_are_counted_and_nothing_filled_in_is_refused(exported, tmp_path, capsys):
    rows = rows_of(exported / "tasks.csv")
    some = [{**rows[0], "act": "join"}, {**rows[1], "note": "hard"}, *rows[2:]]
    assert imported([save(tmp_path / "anna.csv", some)], exported, tmp_path / "a.csv") == 0
    said = capsys.readouterr().err
    assert f"without an act: {PAIR_COUNT - 1} rows, 1 of them with a note" in said
    path = save(tmp_path / "ben.csv", rows)
    assert "no label, " in refused_import([path], exported, tmp_path / "b.csv", capsys)


def test_table_that_names_nobody_is_refused(exported, tmp_path, capsys):
    path = save(tmp_path / "tasks.csv", fill(rows_of(exported / "tasks.csv"), ["join"]))
    error = refused_import([path], exported, tmp_path / "a.csv", capsys)
    assert "no annotator's name" in error
    error = refused_import([path], exported, tmp_path / "a.csv", capsys, "--worker", "=cmd")
    assert "--worker: found '=cmd'" in error


def test_table_in_another_encoding_is_refused(exported, tmp_path, capsys):
    rows = fill(rows_of(exported / "tasks.csv"), ["join"], note="çà")
    path = save(tmp_path / "anna.csv", rows, encoding="cp1252")
    error = refused_import([path], exported, tmp_path / "a.csv", capsys)
    assert "not UTF-8" in error
    assert "CSV UTF-8" in error


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"sentence": "Qatar adores OPEC."}, "does not fit its checksum"),
        ({"date": "22/02/2024"}, "date '22/02/2024'"),
        ({"start": "1,5"}, "start '1,5'"),
        ({"document": ""}, "an empty cell"),
        ({"document": "1"}, "document '1' for task 'east:0-16#QAT-OPEC'"),
        ({"state": "QQQ"}, "unknown state 'QQQ'"),
        ({"speaker_state": "QQQ"}, "unknown state 'QQQ'"),
    ],
)
def test_tasks_that_were_rewritten_are_refused(exported, knowledge, change, expected):
    rows = rows_of(exported / "tasks.csv")
    save(exported / "tasks.csv", [{**rows[0], **change}, *rows[1:]])
    with pytest.raises(Exception, match=re.escape(expected)) as caught:
        read_tasks([exported / "tasks.csv"], knowledge)
    assert str(caught.value).startswith(f"{exported / 'tasks.csv'}:2: ")


def test_one_id_for_two_tasks_is_refused(exported, tmp_path, knowledge):
    rows = rows_of(exported / "tasks.csv")
    other = save(tmp_path / "b.csv", [{**rows[1], "task": rows[0]["task"]}])
    assert len(read_tasks([exported / "tasks.csv", exported / "tasks.csv"], knowledge)) == len(rows)
    with pytest.raises(InputError, match="a second task"):
        read_tasks([exported / "tasks.csv", other], knowledge)


# annotations


def test_annotations_come_back_as_they_were_written(tmp_path):
    rows = [
        Annotation("=t", "b", "join"),
        Annotation("'t", "a", "none", "-1, and\n more"),
    ]
    path = tmp_path / "a.csv"
    path.write_text(annotations_text(rows), encoding="utf-8")
    assert read_annotation_rows(path) == sorted(rows)
    assert annotations_text(rows) == annotations_text(rows[::-1])


def test_annotations_of_the_gold_data_are_read():
    labels = read_annotations(ROOT / "data" / "gold" / "annotations.csv")
    assert {"first", "second"} <= labels.keys()


def test_annotations_of_a_standoff_set_are_read(pointed_name):
    labels = read_annotations(ROOT / "data" / pointed_name / "annotations.csv")
    assert {"first", "second"} <= labels.keys()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("task,label\n", "a.csv:1"),
        ("task,worker,label\nt,a,dance\n", "a.csv:2: found label 'dance'"),
        ("task,worker,label\n,a,join\n", "an empty cell"),
        ("task,worker,label\nt,a,join\nt,a,leave\n", "'leave' of 'a' for 't', 'join' before"),
        ('task,worker,label,note\nt,a,join,"so\nu,a,leave,\n', "a.csv:2: found a broken row"),
        ('task,worker,label,note\nt,a,join,x\nu,a,leave,"so" he says\n', "a.csv:3: found a bro"),
        ("task,worker,label,note\nt,a,join,perhaps, no\n", "a.csv:2: found 5 cells"),
    ],
)
def test_bad_annotations_are_refused(tmp_path, content, expected):
    (tmp_path / "a.csv").write_text(content)
    with pytest.raises(DatasetError, match=re.escape(expected)):
        read_annotations(tmp_path / "a.csv")


def test_empty_cells_behind_the_last_column_are_no_annotation(tmp_path):
    (tmp_path / "a.csv").write_text("task,worker,label,note\nt,a,join,sure,,\n")
    assert read_annotation_rows(tmp_path / "a.csv") == [Annotation("t", "a", "join", "sure")]


def test_an_open_quotation_mark_costs_no_labels(exported, tmp_path, capsys):
    filled = save(tmp_path / "bob.csv", fill(rows_of(exported / "tasks.csv"), ["join"]))
    known = tmp_path / "known.csv"
    text = 'task,worker,label,note\n1,anna,join,"unsure\n2,anna,leave,\n'
    known.write_text(text)
    more = ["--tasks", exported / "tasks.csv", "--output", known]
    assert "known.csv:2: found a broken row" in refused(["import", filled, *more], capsys)
    assert known.read_text() == text


@pytest.mark.parametrize("name", [".", "{}", "../empty"])
def test_the_working_directory_is_no_folder_to_export_to(
    corpus, tmp_path, monkeypatch, capsys, name
):
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    arguments = ["export", corpus, "--output", name.format(empty)]
    assert "name a folder in it" in refused(arguments, capsys)
    assert list(empty.iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} == {"corpus", "empty"}


@pytest.mark.parametrize("more", [[], ["--worker", "ADJUDICATOR"]])
def test_the_adjudicator_may_have_a_capital(exported, tmp_path, more):
    rows = rows_of(exported / "tasks.csv")
    annotations = tmp_path / "annotations.csv"
    filled = save(tmp_path / "Adjudicator.csv", fill(rows, ["join"]))
    assert imported([filled], exported, annotations, *more) == 0
    assert read_annotations(annotations).keys() == {"adjudicator"}


def test_the_adjudicator_of_an_edited_row_may_have_a_capital(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("task,worker,label\nt,Adjudicator,join\nt,Anna,leave\n")
    assert read_annotations(path).keys() == {"adjudicator", "Anna"}
    path.write_text("task,worker,label\nt,Adjudicator,join\nt,adjudicator,leave\n")
    with pytest.raises(DatasetError, match="'join' before"):
        read_annotations(path)


def test_output_of_the_other_kind_is_refused(exported, tmp_path, capsys):
    rows = rows_of(exported / "tasks.csv")
    path = save(tmp_path / "anna.csv", fill(rows, ["join"]))
    (tmp_path / "folder").mkdir()
    more = ["--tasks", exported / "tasks.csv", "--output"]
    for arguments in (
        ["import", path, *more, tmp_path / "folder"],
        ["agreement", path, *more, tmp_path / "folder"],
        ["adjudicate", path, *more, path],
    ):
        assert "--output" in refused(arguments, capsys)


def test_missing_annotations_are_refused(tmp_path, capsys):
    assert "no such file" in refused(["agreement", tmp_path / "a.csv"], capsys)
    assert "a folder" in refused(["agreement", tmp_path], capsys)


# agreement


def random_labels(seed, *, workers=4, tasks=60, values=("a", "b", "c"), missing=0.3):
    random_ = random.Random(seed)
    return {
        f"w{w}": {
            f"d{t // 5}/{t}": random_.choice(values)
            for t in range(tasks)
            if random_.random() > missing
        }
        for w in range(workers)
    }


@pytest.mark.parametrize("seed", range(5))
def test_alpha_is_that_of_the_library_with_labels_missing(seed):
    labels = random_labels(seed)
    tasks = sorted({t for own in labels.values() for t in own})
    matrix = [
        ["abc".index(own[t]) if t in own else np.nan for t in tasks] for own in labels.values()
    ]
    wanted = krippendorff.alpha(matrix, level_of_measurement="nominal")
    assert agreement.alpha(labels) == pytest.approx(wanted)


def test_alpha_is_counted_by_hand():
    # 4 tasks, eight labels, five a and three b, one task differs: 1 - 7 * 2 / (2 * 5 * 3)
    labels = {
        "x": dict(zip("1234", "aabb", strict=True)),
        "y": {**dict(zip("1234", "aaba", strict=True)), "5": "b"},
    }
    assert agreement.alpha(labels) == pytest.approx(1 - 7 * 2 / 30)
    assert agreement.alpha({"x": {"1": "a"}, "y": {"1": "a"}}) == 1
    assert agreement.alpha({"x": {"1": "a"}, "y": {"2": "a"}}) is None


def test_interval_of_alpha_holds_it_and_is_the_same_again():
    found = agreement.alpha_interval(random_labels(1), seed=3)
    assert found.low < found.value < found.high
    assert found.documents == 12
    assert found == agreement.alpha_interval(random_labels(1), seed=3)
    assert found.low != agreement.alpha_interval(random_labels(1), seed=4).low
    one = agreement.alpha_interval(random_labels(1), {f"d{t // 5}/{t}": "d" for t in range(60)})
    assert (one.low, one.high, one.documents) == (None, None, 1)


def test_draws_without_the_rare_label_are_no_perfect_agreement():
    labels = {name: {f"d{t % 20}/{t}": "neutral" for t in range(50)} for name in "xy"}
    labels["x"]["d7/7"] = "favor"
    found = agreement.alpha_interval(labels)
    assert found.value == pytest.approx(0)
    assert found.high == pytest.approx(0)
    assert found.low < -0.01


def test_where_all_labels_are_one_there_is_no_interval():
    labels = {name: {f"d{t}/0": "neutral" for t in range(9)} for name in "xy"}
    found = agreement.alpha_interval(labels)
    assert (found.value, found.low, found.high, found.documents) == (1, None, None, 9)


def test_interval_of_perfect_agreement_is_a_point():
    labels = {name: {f"d/{t}": "ab"[t % 2] for t in range(9)} | {"e/1": "a"} for name in "xy"}
    found = agreement.alpha_interval(labels)
    assert (found.value, found.low, found.high) == (1, 1, 1)


def test_class_agreement_is_counted_by_hand():
    labels = {
        "x": {"1": "a", "2": "a", "3": "b", "4": "b"},
        "y": {"1": "a", "2": "b", "3": "b"},
        "z": {"1": "b", "2": "b"},
    }
    found = agreement.class_agreement(labels)
    # a: given 2 in task 1 and 1 in task 2, each beside 2 others; agreed 2 times of 6
    assert (found["a"].share, found["a"].count) == (pytest.approx(2 / 6), 3)
    # b: task 1 once, task 2 twice, task 3 twice: (0 + 2 + 2) of (2 + 4 + 2)
    assert (found["b"].share, found["b"].count) == (pytest.approx(4 / 8), 5)
    assert agreement.class_agreement({"x": {"1": "a"}}) == {}


def test_pairs_are_compared_on_what_both_labelled():
    labels = {"x": {"1": "a", "2": "a"}, "y": {"1": "a", "3": "a"}, "z": {"4": "a"}}
    assert {pair: found.count for pair, found in agreement.pairwise(labels).items()} == {
        ("x", "y"): 1
    }
    assert agreement.confusion(labels["x"], labels["y"]) == {("a", "a"): 1}


def test_pairs_that_somebody_denies_are_apart():
    labels = {
        "x": {"1": "join", "2": "none"},
        "y": {"1": "affirm", "2": "join"},
        "adjudicator": {"1": "none"},
    }
    own = agreement.independent(labels)
    assert agreement.denied_tasks(own) == {"2"}
    assert agreement.with_pair(own) == {"x": {"1": "join"}, "y": {"1": "affirm"}}
    assert agreement.as_stances(own)["x"] == {"1": "favor", "2": "none"}
    assert agreement.only_tasks(own, ["2"])["y"] == {"2": "join"}


def test_disagreements_come_the_furthest_apart_first():
    pairs = {
        "same": ("join", "join"), "acts": ("join", "affirm"), "none": ("none", "describe"),
        "polar": ("leave", "describe"), "absent": ("leave", "none"), "opposite": ("join", "leave"),
    }  # fmt: skip
    labels = {w: {t: both[i] for t, both in pairs.items()} for i, w in enumerate("xy")}
    found = agreement.disagreements(labels)
    assert [(one.task, one.distance) for one in found] == [
        ("opposite", 4), ("absent", 3), ("polar", 3), ("none", 2), ("acts", 1),
    ]  # fmt: skip


def test_agreement_of_nobody_is_refused(tmp_path, capsys):
    path = tmp_path / "a.csv"
    path.write_text("task,worker,label\nt,a,join\nt,adjudicator,join\n")
    error = refused(["agreement", path], capsys)
    assert "no task with two labels, 1 with one of a" in error


def test_report_tells_figures_and_sentences(exported, tmp_path, capsys):
    rows = rows_of(exported / "tasks.csv")
    files = [
        save(tmp_path / "anna.csv", fill(rows, ["join", "leave", "describe", "none"])),
        save(tmp_path / "ben.csv", fill(rows, ["join", "affirm", "describe", "none", "leave"])),
    ]
    out = tmp_path / "a.csv"
    assert imported(files, exported, out) == 0
    capsys.readouterr()
    more = ["--tasks", str(exported / "tasks.csv")]
    report = tmp_path / "report.md"
    assert main(["annotate", "agreement", str(out), *more, "--output", str(report)]) == 0
    shown = capsys.readouterr().out
    assert report.read_text(encoding="utf-8") == shown
    for part in ("Krippendorff's alpha", "| anna and ben | 13 |", "| anna \\ ben |", "favor / ag"):
        assert part in shown
    assert "<script>" not in shown
    assert main(["annotate", "agreement", str(out), *more, "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["annotators"] == {"anna": 13, "ben": 13}
    assert figures["tasks"] == 13
    distances = [one["distance"] for one in figures["disagreements"]]
    assert all(a >= b for a, b in neighbours(distances))
    assert all(one["sentence"] for one in figures["disagreements"])
    (matrix,) = figures["confusion"]
    assert sum(sum(row.values()) for row in matrix["stance"].values()) == 13


def test_report_of_many_annotators_and_disagreements_is_short():
    labels = random_labels(2, workers=5, values=("join", "leave", "none"))
    figures = measure_all(labels, where="a.csv")
    report = agreement_markdown(figures, most=3)
    assert "The matrices of the 10 pairs" in report
    assert f"... and {len(figures['disagreements']) - 3} more" in report
    assert len(figures["confusion"]) == 10
    json.dumps(figures, allow_nan=False)


# adjudication


def annotate_all(labels) -> list[Annotation]:
    return [Annotation(t, w, label) for w, own in labels.items() for t, label in own.items()]


def test_majority_tie_and_nobody_stay_apart():
    tasks = {
        name: task(name) for name in ("won", "tie", "neutral", "most", "one", "nobody", "ruled")
    }
    labels = {
        "a": {"won": "join", "tie": "join", "neutral": "describe", "most": "leave", "one": "join",
              "ruled": "join"},
        "b": {"won": "join", "tie": "leave", "neutral": "describe", "most": "leave"},
        "c": {"won": "leave", "neutral": "join", "most": "join"},
        "d": {"most": "affirm"},
        "e": {"most": "endorse"},
        "adjudicator": {"ruled": "none"},
    }  # fmt: skip
    found = settle(annotate_all(labels), tasks).verdicts
    assert {name: (v.label, v.why) for name, v in found.items()} == {
        "won": ("join", Why.SETTLED),
        "tie": (None, Why.TIE),
        "neutral": ("describe", Why.SETTLED),
        "most": (None, Why.NO_MAJORITY),
        "one": ("join", Why.SETTLED),
        "nobody": (None, Why.UNLABELLED),
        "ruled": ("none", Why.SETTLED),
    }
    assert found["ruled"].by == "adjudicator"
    assert found["won"].confidence == pytest.approx(2 / 3)
    assert found["nobody"].confidence is None


def test_wanted_confidence_and_number_of_labels_leave_more_to_a_person():
    tasks = {name: task(name) for name in ("won", "one")}
    labels = {"a": {"won": "join", "one": "join"}, "b": {"won": "join"}, "c": {"won": "leave"}}
    found = settle(annotate_all(labels), tasks, min_confidence=0.7, min_labels=2).verdicts
    assert (found["won"].why, found["one"].why) == (Why.UNSURE, Why.FEW)


def test_labels_of_other_tasks_are_left_aside():
    rows = annotate_all({"a": {"x": "join", "other": "leave"}})
    assert list(settle(rows, {"x": task("x")}).verdicts) == ["x"]


def test_nothing_but_the_adjudicator_will_do():
    rows = annotate_all({"adjudicator": {"x": "join"}})
    for method in Method:
        found = settle(rows, {"x": task("x")}, method=method)
        assert found.verdicts["x"].label == "join"
        assert found.skills == {}


ACTS = ("join", "leave", "describe", "criticize")


def crowd(seed: int, errors) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Simulate annotators who err as often as told; give the truth and their labels."""
    random_ = random.Random(seed)
    truth = {f"d{i}/0#PER-ASEAN": random_.choice(ACTS) for i in range(200)}

    def label(right, error):
        wrong = [act for act in ACTS if act != right]
        return random_.choice(wrong) if random_.random() < error else right

    return truth, {
        f"w{number}": {name: label(right, error) for name, right in truth.items()}
        for number, error in enumerate(errors)
    }


def test_dawid_skene_finds_the_bad_annotators_and_does_better_than_votes():
    truth, labels = crowd(5, (0.05, 0.1, 0.75, 0.75, 0.75))
    tasks = {name: task(name) for name in truth}
    rows = annotate_all(labels)
    right = {}
    for method in Method:
        found = settle(rows, tasks, method=method)
        right[method] = sum(found.verdicts[name].label == act for name, act in truth.items())
    skills = settle(rows, tasks, method=Method.DAWID_SKENE).skills
    good, bad = ("w0", "w1"), ("w2", "w3", "w4")
    assert min(skills[w].accuracy for w in good) > 0.8
    assert max(skills[w].accuracy for w in bad) < 0.5
    assert skills["w0"].count == 200
    assert right[Method.DAWID_SKENE] > right[Method.MAJORITY] + 20


def test_dawid_skene_gives_the_same_whatever_the_order():
    truth, labels = crowd(6, (0.1, 0.3, 0.5))
    tasks = {name: task(name) for name in truth}
    rows = annotate_all(labels)
    shuffled = rows.copy()
    random.Random(1).shuffle(shuffled)
    one, other = (settle(r, tasks, method=Method.DAWID_SKENE) for r in (rows, shuffled))
    assert one == other


def test_dawid_skene_learns_from_what_a_person_settled():
    truth, labels = crowd(7, (0.45, 0.45, 0.45))
    rows = annotate_all(labels)
    tasks = {name: task(name) for name in truth}
    known = dict(list(truth.items())[:120])
    # a label that nobody gave must not break the model
    known[next(iter(known))] = "confront"
    ruled = annotate_all({"adjudicator": known})
    found = settle([*rows, *ruled], tasks, method=Method.DAWID_SKENE)
    assert all(found.verdicts[name].label == act for name, act in known.items())
    assert found.verdicts.keys() == tasks.keys()
    told = settle(rows, tasks, method=Method.DAWID_SKENE).skills
    assert found.skills != told


def test_dawid_skene_believes_a_person_who_overrules_everybody():
    said = {str(number): "describe" for number in range(12)}
    overruled = {str(number): "leave" for number in range(6)}
    agreed = {str(number): "describe" for number in range(6, 9)}
    rows = annotate_all({"a": said, "b": said, "adjudicator": {**overruled, **agreed}})
    skills = settle(rows, {n: task(n) for n in said}, method=Method.DAWID_SKENE).skills
    assert skills.keys() == {"a", "b"}
    assert skills["a"].by_label == {"describe": pytest.approx(1), "leave": 0}
    assert skills["a"].accuracy < 0.5
    assert skills["a"].count == 12


def test_few_annotators_and_labels_are_warned_of():
    rows = annotate_all({"a": {"x": "join"}, "b": {"x": "leave"}, "adjudicator": {"x": "join"}})
    first, second = caveats(rows, Method.DAWID_SKENE)
    assert "with 2 annotators cannot tell who is right" in first
    assert "fewer than 50 labels of a, b" in second
    assert caveats(rows, Method.MAJORITY) == []


# the whole way


def left_filled_in(folder: Path, name: str, act: str) -> Path:
    return save(folder / name, fill(rows_of(folder / name), [act]), delimiter=";", bom=True)


def adjudicated(annotations, exported, folder, *more) -> int:
    return main([
        "annotate", "adjudicate", str(annotations), "--tasks", str(exported / "tasks.csv"),
        "--output", str(folder), *more,
    ])  # fmt: skip


def test_the_loop_closes(exported, tmp_path, linear_artifact, capsys):
    rows = rows_of(exported / "tasks.csv")
    ana = ["join", "leave", "describe", "none"]
    table = save(tmp_path / "ana.csv", fill(rows, ana), delimiter=";", ends="\r\n", bom=True)
    ben = [{"id": 5, "email": "ben@example.org"}, ["join", "criticize", "affirm", "none"]]
    export = write_export(tmp_path / "export.json", studio(exported, [ben]))
    annotations = tmp_path / "annotations.csv"
    assert imported([table, export], exported, annotations) == 0
    assert main(["annotate", "agreement", str(annotations), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert len(figures["disagreements"]) == 6

    settled = tmp_path / "settled"
    assert adjudicated(annotations, exported, settled) == 0
    assert "| not settled: tie | 6 |" in capsys.readouterr().out
    left = rows_of(settled / "left.csv")
    assert {row["why"] for row in left} == {"tie"}
    shown = {row["task"]: (row["state_words"], row["alliance_words"]) for row in rows}
    assert any(words != ("", "") for words in shown.values())
    assert all(shown[row["task"]] == (row["state_words"], row["alliance_words"]) for row in left)
    assert (left[0]["label_ana"], left[0]["label_ben@example.org"]) == ("leave", "criticize")
    assert left[0]["notes"] == "ben@example.org: seen twice"
    filled = left_filled_in(settled, "left.csv", "affirm")
    error = refused(
        ["adjudicate", annotations, "--tasks", exported / "tasks.csv", "-o", settled], capsys
    )
    assert "6 filled-in rows that are not among the annotations" in error
    assert imported([filled], exported, annotations, "--worker", "adjudicator") == 0
    assert adjudicated(annotations, exported, settled) == 0
    assert rows_of(settled / "left.csv") == []
    said = capsys.readouterr().out
    assert "| settled by adjudicator | 6 |" in said
    assert "| of the settled: no such pair (`none`) | 3 |" in said

    lines = (settled / "labelled.jsonl").read_text(encoding="utf-8").splitlines()
    examples = [json.loads(line) for line in lines]
    assert len(examples) == PAIR_COUNT - 3
    for example in examples:
        assert STANCE_OF_ACT[example["act"]] == example["stance"]
    odd = {e["text"]: e for e in examples}["=1+1, says Peru of NATO."]
    assert odd["document"] == "odd"

    data = ["--data", str(settled / "labelled.jsonl")]
    assert main(["evaluate", *data, "--model", str(linear_artifact), "--json"]) == 0
    metrics = json.loads(capsys.readouterr().out)
    assert (metrics["example_count"], metrics["document_count"]) == (len(examples), 4)

    # the labelled examples are tasks again, under the ids that they have
    again = tmp_path / "again"
    arguments = ["export", str(settled / "labelled.jsonl"), "--output", str(again)]
    assert main(["annotate", *arguments]) == 0
    assert {row["task"] for row in rows_of(again / "tasks.csv")} == {e["id"] for e in examples}


def test_pairs_that_no_sentence_holds_are_settled_for_a_panel(exported, tmp_path, capsys):
    rows = rows_of(exported / "tasks.csv")
    table = save(tmp_path / "ana.csv", fill(rows, ["none", "join", "describe"]))
    annotations, settled = tmp_path / "a.csv", tmp_path / "s"
    assert imported([table], exported, annotations) == 0
    assert adjudicated(annotations, exported, settled) == 0
    labelled, whole = (
        [json.loads(line) for line in (settled / name).read_text(encoding="utf-8").splitlines()]
        for name in ("labelled.jsonl", "settled.jsonl")
    )
    absent = [row for row in whole if row["stance"] == "none"]
    assert (len(whole), len(absent)) == (PAIR_COUNT, 5)
    assert [row for row in whole if row not in absent] == labelled
    assert {row["act"] for row in absent} == {None}
    said = capsys.readouterr().out
    assert f"settled.jsonl: {PAIR_COUNT} settled tasks, for panel --labelled; the 5 `none`" in said
    # a file of false pairs is not to be taken for examples of neutral
    data = str(settled / "settled.jsonl")
    assert main(["evaluate", "--data", data, "--model", "shipped"]) == 2
    assert "stance 'none'" in capsys.readouterr().err


def test_settling_again_writes_the_same_bytes(exported, tmp_path, capsys):
    rows = rows_of(exported / "tasks.csv")
    acts = {"ana": ["join", "leave"], "ben": ["join"], "cleo": ["join", "affirm", "leave"]}
    files = [save(tmp_path / f"{name}.csv", fill(rows, own)) for name, own in acts.items()]
    annotations = tmp_path / "a.csv"
    assert imported(files, exported, annotations) == 0
    for method in ("majority", "dawid-skene"):
        written = []
        for folder in (tmp_path / method / "1", tmp_path / method / "2"):
            assert adjudicated(annotations, exported, folder, "--method", method) == 0
            written.append([p.read_bytes() for p in sorted(folder.iterdir())])
        assert written[0] == written[1]
    output = capsys.readouterr()
    assert "Estimated by Dawid-Skene" in output.out
    assert "beware: fewer than 50 labels of ana, ben, cleo" in output.err


def test_unknown_method_is_refused(tmp_path, capsys):
    arguments = ["adjudicate", tmp_path / "a", "--tasks", tmp_path / "t", "-o", tmp_path / "o"]
    assert "--method: found 'oracle'" in refused([*arguments, "--method", "oracle"], capsys)


def test_labels_of_other_tasks_alone_leave_what_was_settled(exported, tmp_path, capsys):
    rows = rows_of(exported / "tasks.csv")
    annotations, settled = tmp_path / "a.csv", tmp_path / "s"
    assert imported([save(tmp_path / "ana.csv", fill(rows, ["join"]))], exported, annotations) == 0
    assert adjudicated(annotations, exported, settled) == 0
    capsys.readouterr()
    before = [path.read_bytes() for path in sorted(settled.iterdir())]
    renamed = [{**r, **{key: f"other-{r[key]}" for key in ("task", "document")}} for r in rows]
    other = save(tmp_path / "tasks.csv", renamed)
    error = refused(["adjudicate", annotations, "--tasks", other, "-o", settled], capsys)
    assert f"found {PAIR_COUNT} labels, none of a task in --tasks {other}" in error
    assert [path.read_bytes() for path in sorted(settled.iterdir())] == before


def test_labels_of_tasks_that_are_not_given_are_told(exported, tmp_path, capsys):
    rows = rows_of(exported / "tasks.csv")
    annotations = tmp_path / "a.csv"
    assert imported([save(tmp_path / "ana.csv", fill(rows, ["join"]))], exported, annotations) == 0
    save(exported / "tasks.csv", rows[:4])
    assert adjudicated(annotations, exported, tmp_path / "s") == 0
    assert f"left aside: {PAIR_COUNT - 4} labels" in capsys.readouterr().err


def test_task_of_a_ready_example_keeps_its_words(finder):
    candidate = Candidate("doc", 0, 0, 13, "Peru left it.", "ASEAN met.", "PER", "ASEAN")
    example = Example("r1", candidate, Label(STANCE_OF_ACT[Act.LEAVE], Act.LEAVE))
    (found,) = find_tasks(example, finder)
    assert (found.id, found.document, found.context) == ("r1", "doc", "ASEAN met.")
    assert found.words(found.state_spans) == "Peru"


@pytest.mark.parametrize(
    ("text", "speaker", "state"),
    [
        ("Japan thanked all who serve in the US-Japan alliance.", None, "USA"),
        ("ASEAN heard Laos and Vietnam out, and both countries signed. Both countries like ASEAN.",
         None, "LAO"),
        ("The rules of NATO are too old for this sea.", "NOR", "NOR"),
    ],
    ids=["inside the alliance's name", "in a group", "speaks"],
)  # fmt: skip
def test_state_without_words_of_its_own_is_one_of_three_kinds(text, speaker, state, finder):
    """As the guide for annotators says."""
    document = Document("d", text, "", "2019", speaker)
    last = [task for task in find_tasks(document, finder) if task.end == len(text)]
    assert [task.state_spans for task in last if task.state == state] == [()]


@pytest.mark.parametrize("verb", ["export", "import", "agreement", "adjudicate"])
def test_verb_explains_itself(verb, capsys):
    assert main(["annotate", verb, "--help"]) == 0
    assert verb in capsys.readouterr().out


def test_tasks_are_written_and_read_without_the_training_libraries(corpus, tmp_path):
    import subprocess
    import sys

    code = (
        "import sys; from alliance_stance.cli import main; "
        "main(['annotate', 'export', *sys.argv[1:]]); "
        "print(sorted({'torch', 'sklearn', 'mlflow', 'crowdkit', 'pandas'} & set(sys.modules)))"
    )
    arguments = [sys.executable, "-c", code, str(corpus), "-o", str(tmp_path / "t")]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")


def test_workers_keep_apart():
    rows = annotate_all({"a": {"x": "join"}, "b": {"x": "leave", "y": "none"}})
    assert by_worker(rows) == {"a": {"x": "join"}, "b": {"x": "leave", "y": "none"}}


def test_agreement_does_not_write_over_the_labels(tmp_path, capsys):
    labels = tmp_path / "ann.csv"
    labels.write_text("task,worker,label\na,x,describe\na,y,leave\n", encoding="utf-8")
    before = labels.read_bytes()
    error = refused(["agreement", labels, "--output", labels], capsys)
    assert "the file of what is read" in error
    assert labels.read_bytes() == before


@pytest.mark.parametrize("name", [" lead", "no\u00a0break", "a\u3000b"])
def test_an_id_with_an_odd_space_is_exported_and_comes_back(name, tmp_path):
    corpus = tmp_path / "a.jsonl"
    corpus.write_text(json.dumps({"id": name, "text": "Peru left ASEAN."}), encoding="utf-8")
    folder = tmp_path / "t"
    assert main(["annotate", "export", str(corpus), "-o", str(folder)]) == 0
    rows = rows_of(folder / "tasks.csv")
    assert rows[0]["task"] == f"{name}:0-16#PER-ASEAN"
    filled = save(tmp_path / "ann.csv", fill(rows, ["leave"]))
    assert imported([filled], folder, tmp_path / "annotations.csv") == 0
