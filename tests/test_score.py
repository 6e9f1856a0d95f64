import datetime
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance_stance.cli import main
from alliance_stance.cli.console import Reckoning
from alliance_stance.corpus.documents import open_corpus
from alliance_stance.corpus.inputs import ReadOptions
from alliance_stance.corpus.stream import Place, Read, SeenIds, Stream
from alliance_stance.errors import InputError
from alliance_stance.extraction.candidates import CandidateFinder
from alliance_stance.extraction.mentions import MentionFinder
from alliance_stance.inference.attribution import STRONG
from alliance_stance.inference.local_engine import local_engine
from alliance_stance.inference.parts import PartOptions, PartSize, cut_parts
from alliance_stance.inference.score_folder import (
    DECIDING,
    DOCUMENTS_SCHEMA,
    ERRORS,
    EXPLAINED_SCHEMA,
    ID,
    METADATA_KEY,
    RUN,
    SCORES_SCHEMA,
    part_file,
)
from alliance_stance.inference.score_plan import make_plan
from alliance_stance.inference.score_run import run_plan, start_run
from alliance_stance.inference.scores import open_scores
from alliance_stance.inference.scoring import answer_rows
from alliance_stance.inference.spark_udf import RowPredictor
from alliance_stance.panels.choices import By
from alliance_stance.panels.triples import documents_read, read_triples
from alliance_stance.reporting.pair_rows import take_rows
from alliance_stance.schema import Document
from alliance_stance.training.one_process import lock_file, one_process

DAY = "Peru praised the OAS on day {0}. Qatar left OPEC. It rained."
SKIP = ReadOptions()
SMALL = PartSize(documents=4, characters=10_000)


def write_lines(path: Path, rows) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def many(tmp_path) -> Path:
    rows = [{"id": f"d{n}", "text": DAY.format(n), "date": "2001-02-03"} for n in range(30)]
    return write_lines(tmp_path / "many.jsonl", rows)


def score(
    inputs, folder, predictor, *, resume=False, engine=None, options=SKIP, on_part=None,
    explain=False,
):  # fmt: skip
    """Score in this process, in parts of four documents."""
    plan, reading = make_plan(
        [Path(one) for one in inputs],
        options,
        predictor.artifact,
        folder,
        parts=PartOptions(SMALL, explain),
        told={"model": "tiny", "registry_version": None},
    )
    start_run(plan, resume=resume)
    scorer = engine or local_engine(plan, reading, predictor, workers=1)
    return run_plan(plan, scorer, on_part)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def error_rows(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / ERRORS).read_text().splitlines()]


def test_rows_are_those_of_predict(many, tmp_path, predictor, knowledge):
    score([many], tmp_path / "out", predictor)
    rows = open_scores(tmp_path / "out").rows().to_pylist()
    documents = list(open_corpus([many], ReadOptions(), knowledge))
    expected = [p for group in predictor.predict_batch(documents) for p in group]
    assert len(rows) == len(expected) > 30
    for row, prediction in zip(rows, expected, strict=True):
        candidate = prediction.candidate
        assert row["document"] == candidate.document
        assert (row["state"], row["alliance"]) == (candidate.state, candidate.alliance)
        assert (row["stance"], row["act"]) == (prediction.stance, prediction.act)
        assert row["score"] == pytest.approx(prediction.score)
        assert row["favor"] == pytest.approx(prediction.probabilities["favor"])
        assert row["source"] == str(many)
        assert (row["date"], row["title"], row["speaker_state"]) == ("2001-02-03", "", None)


def test_offsets_of_rows_point_into_the_document(many, tmp_path, predictor):
    score([many], tmp_path / "out", predictor)
    rows = open_scores(tmp_path / "out").rows().to_pylist()
    assert len(rows) > 30
    for row in rows:
        text = DAY.format(row["document"][1:])
        assert text[row["start"] : row["end"]] == row["text"]
        assert text[row["state_start"] : row["state_end"]] in ("Peru", "Qatar")
        assert text[row["alliance_start"] : row["alliance_end"]] in ("OAS", "OPEC")


def test_documents_without_a_triple_are_kept(tmp_path, predictor):
    path = write_lines(
        tmp_path / "a.jsonl", [{"id": "dry", "text": "It rained. It snowed."},
                               {"id": "wet", "text": "Qatar left OPEC."}]
    )  # fmt: skip
    score([path], tmp_path / "out", predictor)
    documents = open_scores(tmp_path / "out").documents()
    assert documents.schema == DOCUMENTS_SCHEMA
    assert documents.column("document").to_pylist() == ["dry", "wet"]
    assert documents.column("sentences").to_pylist() == [2, 1]
    assert documents.column("triples").to_pylist() == [0, 1]
    assert documents.column("characters").to_pylist() == [21, 16]


def test_a_ready_example_has_its_id_and_no_place(tmp_path, predictor):
    example = {"id": "x", "text": "Qatar left OPEC.", "state": "QAT", "alliance": "OPEC"}
    score([write_lines(tmp_path / "a.jsonl", [example])], tmp_path / "out", predictor)
    (row,) = open_scores(tmp_path / "out").rows().to_pylist()
    assert (row["document"], row["id"]) == ("x", "x")
    assert (row["sentence"], row["start"], row["end"]) == (None, None, None)
    assert (row["state_start"], row["state_end"]) == (0, 5)


SPEECH = "DOC:1#a"
"""A document whose name an id's first part would not give."""


@pytest.fixture
def ready(tmp_path) -> Path:
    """Ready examples as `annotate adjudicate` writes them: two of a speech, one of another."""
    facts = {"text": "Qatar left OPEC.", "state": "QAT", "alliance": "OPEC", "date": "2019-01-01"}
    places = [("9-25", SPEECH), ("40-56", SPEECH), ("0-16", "other")]
    rows = [{**facts, "id": f"{name}:{at}#QAT-OPEC", "document": name} for at, name in places]
    rows[1]["text"] = "OPEC lost Qatar."
    return write_lines(tmp_path / "ready.jsonl", rows)


def test_ready_examples_are_of_the_document_that_they_name(ready, tmp_path, predictor):
    score([ready], tmp_path / "out", predictor)
    scores = open_scores(tmp_path / "out")
    rows = scores.rows(["document", "id"]).to_pylist()
    assert [row["document"] for row in rows] == [SPEECH, SPEECH, "other"]
    assert rows[1]["id"] == f"{SPEECH}:40-56#QAT-OPEC"
    documents = scores.documents().to_pylist()
    assert [(one["document"], one["triples"]) for one in documents] == [(SPEECH, 2), ("other", 1)]
    assert [one["id"] for one in documents] == [None, "other:0-16#QAT-OPEC"]
    assert read_triples(scores, By.YEAR).document.tolist() == [0, 0, 1]
    assert documents_read(scores, By.YEAR) == {"2019": 2}
    assert take_rows(scores, "year").documents.tolist() == [0, 0, 1]


def test_scores_of_an_earlier_version_are_read_as_they_were(ready, many, tmp_path, predictor):
    out = tmp_path / "out"
    score([ready, many], out, predictor)
    new = open_scores(out)
    for path in out.rglob("part-*.parquet"):
        table = pq.read_table(path)
        own = [
            id_ or name
            for id_, name in zip(table[ID].to_pylist(), table["document"].to_pylist(), strict=True)
        ]
        table = table.drop_columns(ID).set_column(0, table.schema.field("document"), [own])
        pq.write_table(table, path)
    run = json.loads((out / RUN).read_text())
    (out / RUN).write_text(json.dumps(run | {"format": 1}))
    old = open_scores(out)
    assert old.rows().schema == SCORES_SCHEMA
    assert old.documents().schema == DOCUMENTS_SCHEMA
    assert old.rows(["id"]) == new.rows(["id"])
    # without the key of the line there is what the id tells
    assert old.rows(["document"])["document"].to_pylist()[:3] == ["DOC:1", "DOC:1", "other:0-16"]
    assert old.rows(["document"])[3:] == new.rows(["document"])[3:]
    assert read_triples(old, By.YEAR).document[:3].tolist() == [0, 0, 1]


def test_a_run_of_other_code_does_not_go_on(many, tmp_path, predictor):
    score([many], tmp_path / "out", predictor)
    run = json.loads((tmp_path / "out" / RUN).read_text())
    run["depends_on"]["code"] = "of an earlier version"
    (tmp_path / "out" / RUN).write_text(json.dumps(run | {"format": 1}))
    with pytest.raises(InputError, match="a run whose code is"):
        score([many], tmp_path / "out", predictor, resume=True)


def test_words_that_decided_are_those_of_an_explanation(many, tmp_path, predictor, knowledge):
    score([many], tmp_path / "plain", predictor)
    score([many], tmp_path / "out", predictor, explain=True)
    plain, explained = open_scores(tmp_path / "plain"), open_scores(tmp_path / "out")
    assert (plain.has_deciding, explained.has_deciding) == (False, True)
    assert plain.rows().schema == SCORES_SCHEMA
    assert explained.rows().schema == EXPLAINED_SCHEMA
    assert explained.rows().drop_columns([DECIDING]) == plain.rows()
    documents = list(open_corpus([many], ReadOptions(), knowledge))
    expected = [
        [
            [e.prediction.candidate.start + part.start, e.prediction.candidate.start + part.end]
            for part, weight in zip(e.attribution.parts, e.attribution.weights, strict=True)
            if part.kind != "context" and weight >= STRONG
        ]
        for document in documents
        for e in predictor.explain(document)
    ]
    assert explained.rows([DECIDING])[DECIDING].to_pylist() == expected
    assert any(expected)


def test_words_of_a_ready_example_are_places_in_its_text(tmp_path, predictor):
    text = "Qatar left OPEC."
    path = write_lines(
        tmp_path / "a.jsonl", [{"id": "e", "text": text, "state": "QAT", "alliance": "OPEC"}]
    )
    score([path], tmp_path / "out", predictor, explain=True)
    (words,) = open_scores(tmp_path / "out").rows([DECIDING])[DECIDING].to_pylist()
    assert [text[start:end] for start, end in words] in (["left"], [])


def test_a_run_that_explains_does_not_go_on_without(many, tmp_path, predictor):
    score([many], tmp_path / "out", predictor, explain=True)
    with pytest.raises(InputError, match="a run whose explain is true, not false"):
        score([many], tmp_path / "out", predictor, resume=True)


def test_a_csv_file_of_scores_tells_no_deciding_words(many, tmp_path, predictor):
    score([many], tmp_path / "out", predictor)
    rows = open_scores(tmp_path / "out").rows().append_column(DECIDING, [["[[1, 2]]"] * 60])
    pa_csv.write_csv(rows, tmp_path / "scores.csv")
    opened = open_scores(tmp_path / "scores.csv")
    assert not opened.has_deciding
    assert opened.rows().schema == SCORES_SCHEMA


def test_every_part_says_what_it_comes_from(many, tmp_path, predictor):
    score([many], tmp_path / "out", predictor)
    run = open_scores(tmp_path / "out").run
    files = sorted((tmp_path / "out").rglob("part-*.parquet"))
    assert len(files) == 2 * run["counts"]["parts"] == 16
    for path in files:
        told = json.loads(pq.read_schema(path).metadata[METADATA_KEY])
        assert told["format"] == 2
        assert told["run_fingerprint"] == run["fingerprint"]
        assert told["model_fingerprint"] == run["depends_on"]["model"]["fingerprint"]
        assert told["knowledge_fingerprint"] == predictor.artifact.knowledge.fingerprint
        assert told["model"] == "linear"


class Stopped(Exception):  # noqa: N818 - no error of the program
    """Stands for a process that ends."""


@pytest.mark.parametrize("after", [0, 1, 3, 7, 8])
def test_a_resumed_run_has_the_bytes_of_an_undisturbed_one(many, tmp_path, predictor, after):
    with many.open("a", encoding="utf-8") as file:
        file.write('{"id": "d3", "text": "Peru praised the OAS."}\n{broken\n')
    score([many], tmp_path / "whole", predictor)

    def stop(progress) -> None:
        if progress.parts == after:
            raise Stopped

    with pytest.raises(Stopped):
        score([many], tmp_path / "cut", predictor, on_part=stop)
    # what a process that was killed may leave
    (tmp_path / "cut" / "scores" / ".part-000002.parquet.x1").write_bytes(b"half")
    with (tmp_path / "cut" / ERRORS).open("a") as file:
        file.write('{"where": "half of')
    score([many], tmp_path / "cut", predictor, resume=True)
    assert contents(tmp_path / "cut") == contents(tmp_path / "whole")
    reasons = [row["reason"] for row in error_rows(tmp_path / "cut")]
    assert len(reasons) == 2
    assert reasons[0] == "an id that came before"
    assert reasons[1].startswith("no JSON")


def test_a_part_that_is_missing_or_damaged_is_scored_again(many, tmp_path, predictor):
    score([many], tmp_path / "out", predictor)
    whole = contents(tmp_path / "out")
    for number, kind in ((2, "documents"), (5, "scores")):
        part_file(tmp_path / "out", kind, number).unlink()
    part_file(tmp_path / "out", "documents", 6).write_bytes(b"PAR1")
    cut = part_file(tmp_path / "out", "scores", 7)
    cut.write_bytes(cut.read_bytes()[:200])
    with pytest.raises(InputError, match="no such file"):
        open_scores(tmp_path / "out")
    score([many], tmp_path / "out", predictor, resume=True)
    assert contents(tmp_path / "out") == whole


@pytest.mark.parametrize("kind", ["scores", "documents"])
def test_a_part_with_other_bytes_or_columns_is_scored_again(many, tmp_path, predictor, kind):
    score([many], tmp_path / "out", predictor)
    whole = contents(tmp_path / "out")
    damaged = part_file(tmp_path / "out", kind, 5)
    raw = bytearray(damaged.read_bytes())
    raw[100] ^= 0xFF
    raw[101] ^= 0xFF
    damaged.write_bytes(raw)
    other = part_file(tmp_path / "out", kind, 6)
    pq.write_table(pq.read_table(other).drop_columns("document"), other)
    score([many], tmp_path / "out", predictor, resume=True)
    assert contents(tmp_path / "out") == whole


def test_finished_parts_are_not_scored_again(many, tmp_path, predictor):
    score([many], tmp_path / "out", predictor)
    for number in (3, 7):
        part_file(tmp_path / "out", "documents", number).unlink()
    scored = []

    def engine(parts):
        for work in parts:
            scored.append(work.number)
            raise Stopped
        yield

    with pytest.raises(Stopped):
        score([many], tmp_path / "out", predictor, resume=True, engine=engine)
    assert scored == [3]


def test_files_behind_the_place_are_not_opened(tmp_path, predictor, knowledge):
    for name in "abc":
        (tmp_path / f"{name}.txt").write_text("Qatar left OPEC.")
    corpus = open_corpus([tmp_path], ReadOptions(), knowledge)
    stream = Stream(corpus.units, ReadOptions(), knowledge)
    (tmp_path / "a.txt").unlink()
    assert [read.item.id for read in stream.read(Place(1, 0))] == ["b", "c"]
    assert stream.names_before(Place(2, 0)) == ["a", "b"]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda many: many.write_text(many.read_text() + '{"text": "Peru left."}\n'), "inputs"),
        (lambda many: os.utime(many, (1, 1)), "inputs.fingerprint"),
    ],
    ids=["longer", "later"],
)
def test_a_run_of_other_inputs_does_not_go_on(many, tmp_path, predictor, change, found):
    score([many], tmp_path / "out", predictor)
    change(many)
    with pytest.raises(InputError, match=f"a run whose {found}"):
        score([many], tmp_path / "out", predictor, resume=True)


def test_a_run_of_other_options_does_not_go_on(many, tmp_path, predictor):
    score([many], tmp_path / "out", predictor)
    options = ReadOptions(on_unreadable="fail")
    with pytest.raises(InputError, match=r'options.on_unreadable is "skip", not "fail"'):
        score([many], tmp_path / "out", predictor, resume=True, options=options)


def test_bad_lines_are_set_aside_and_the_rest_goes_on(tmp_path, predictor):
    path = tmp_path / "a.jsonl"
    good = [json.dumps({"id": f"g{n}", "text": "Qatar left OPEC."}).encode() for n in range(6)]
    bad = [b"{", b'{"text": "\xff"}', b'{"text": "a", "date": "soon"}', b"[]",
           b'{"id": "g0", "text": "again"}', b'{"text": "a", "speaker_state": "XXX"}']  # fmt: skip
    mixed = [line for pair in zip(good, bad, strict=True) for line in pair]
    path.write_bytes(b"\n".join(mixed) + b"\n")
    progress = score([path], tmp_path / "out", predictor)
    assert progress.counts["documents"] == 6
    assert progress.errors == len(bad)
    places = [row["where"] for row in error_rows(tmp_path / "out")]
    assert places[0] == f"{path}:2"
    assert places[1] == f"{path}:4"
    assert open_scores(tmp_path / "out").run["counts"]["errors"] == len(bad)


def test_bad_rows_of_a_table_are_set_aside(tmp_path, predictor):
    path = tmp_path / "a.csv"
    path.write_text("id,text,date\na,Qatar left OPEC.,03/04/2024\nb,Peru left.,\n")
    score([path], tmp_path / "out", predictor)
    assert open_scores(tmp_path / "out").documents().column("document").to_pylist() == ["b"]
    (error,) = error_rows(tmp_path / "out")
    assert error["where"].startswith(f"{path}:2")


def test_a_document_that_breaks_the_program_is_told_and_the_others_go_on(
    many, tmp_path, predictor, monkeypatch
):
    find = CandidateFinder.find_candidates

    def break_one(self, document):
        if document.id == "d5":
            raise ZeroDivisionError("by five")
        return find(self, document)

    monkeypatch.setattr(CandidateFinder, "find_candidates", break_one)
    progress = score([many], tmp_path / "out", predictor)
    assert progress.counts["documents"] == 29
    (error,) = error_rows(tmp_path / "out")
    assert error["document"] == "d5"
    assert error["part"] == 1
    assert error["where"] == f"{many}, id d5"
    assert "unexpected ZeroDivisionError at test_score.py:" in error["reason"]
    assert "by five" in error["reason"]


def test_a_program_that_fails_at_every_document_ends(tmp_path, predictor, monkeypatch):
    rows = [{"text": "Peru left."} for _ in range(9)]
    path = write_lines(tmp_path / "a.jsonl", rows)
    monkeypatch.setattr(sys.modules[__name__], "SMALL", PartSize(documents=9))

    def fail(self, document):
        raise ZeroDivisionError("always")

    monkeypatch.setattr(CandidateFinder, "find_candidates", fail)
    with pytest.raises(ZeroDivisionError):
        score([path], tmp_path / "out", predictor)


def test_where_nothing_can_be_read_nothing_is_left(tmp_path, predictor):
    path = tmp_path / "a.jsonl"
    path.write_text("{\n[]\n")
    with pytest.raises(InputError, match=r"no JSON .*, and 1 more, and nothing that can be read"):
        score([path], tmp_path / "out", predictor)
    assert list((tmp_path / "out").iterdir()) == []


def test_unreadable_files_are_an_error_where_that_is_wanted(tmp_path, predictor):
    path = write_lines(tmp_path / "a.jsonl", [{"text": "Peru left."}, {"text": 3}])
    with pytest.raises(InputError, match="text 3"):
        score([path], tmp_path / "out", predictor, options=ReadOptions(on_unreadable="fail"))


def test_a_repeated_id_is_set_aside_with_its_name_or_an_error(tmp_path, predictor):
    rows = [{"id": "a", "text": text} for text in ("Peru left.", "Qatar left OPEC.")]
    path = write_lines(tmp_path / "a.jsonl", rows)
    score([path], tmp_path / "out", predictor)
    (error,) = error_rows(tmp_path / "out")
    assert error["document"] == "a"
    with pytest.raises(InputError, match=r"id a: found an id that came before.*--on-unreadable"):
        score([path], tmp_path / "other", predictor, options=ReadOptions(on_unreadable="fail"))


def test_a_document_that_cannot_be_scored_is_an_error_where_that_is_wanted(
    many, tmp_path, predictor, monkeypatch
):
    find = CandidateFinder.find_candidates

    def break_one(self, document):
        return find(self, document) if document.id != "d5" else 1 / 0

    monkeypatch.setattr(CandidateFinder, "find_candidates", break_one)
    with pytest.raises(InputError, match="id d5: found unexpected ZeroDivisionError"):
        score([many], tmp_path / "out", predictor, options=ReadOptions(on_unreadable="fail"))


TEXTS = [
    "It rained in Lima. Peru said nothing.",
    "Qatar left OPEC. It rained. Peru praised the OAS.",
    "The bloc met in Minsk. Belarus thanked it.",
    'Norway was glad. "We shall stay in NATO," said the minister.',
    "Nothing.",
    "The Treaty was signed. The alliance grew; Turkey stayed out of it.",
]


def test_the_gate_loses_nothing(knowledge, monkeypatch):
    finder = CandidateFinder(knowledge)
    documents = [Document(str(n), text, title) for n, text in enumerate(TEXTS)
                 for title in ("", "NATO summit")]  # fmt: skip
    gated = [list(finder.find_candidates(document)) for document in documents]
    monkeypatch.setattr(MentionFinder, "find_for_pairs", MentionFinder.find)
    assert gated == [list(finder.find_candidates(document)) for document in documents]
    assert any(gated)
    assert not all(gated)


@settings(deadline=None)
@given(st.lists(st.lists(st.text("abcdef", max_size=2), max_size=9), max_size=9))
def test_ids_that_came_before_are_known(batches):
    seen = SeenIds()
    known: set[str] = set()
    for batch in batches:
        expected = []
        for one in batch:
            expected.append(one in known)
            known.add(one)
        assert seen.add(batch) == expected


@given(st.lists(st.integers(0, 30), min_size=1, max_size=40), st.integers(1, 9), st.integers(1, 60))
def test_parts_hold_the_stream_in_order_and_end_where_they_may(lengths, documents, characters):
    reads = [Read(Document(str(n), "a" * size), "s", Place(0, n + 1), 0)
             for n, size in enumerate(lengths)]  # fmt: skip
    size = PartSize(documents, characters)
    parts = list(cut_parts(reads, size))
    assert [read for part in parts for read in part.reads] == reads
    assert [part.number for part in parts] == list(range(len(parts)))
    for part in parts:
        weights = [read.weight for read in part.reads]
        assert len(weights) <= documents
        assert sum(weights[:-1]) < characters
    # from the end of any part on, the same parts follow
    for part in parts[:-1]:
        rest = cut_parts(reads[part.end.item :], size, first=part.number + 1)
        assert list(rest) == parts[part.number + 1 :]


def test_what_a_single_file_holds_is_opened_too(many, tmp_path, predictor):
    score([many], tmp_path / "out", predictor)
    rows = open_scores(tmp_path / "out").rows()
    assert rows.schema == SCORES_SCHEMA
    pq.write_table(rows, tmp_path / "rows.parquet")
    pa_csv.write_csv(rows, tmp_path / "rows.csv")
    for name in ("rows.parquet", "rows.csv"):
        opened = open_scores(tmp_path / name)
        assert opened.rows().equals(rows)
        documents = opened.documents()
        assert documents.num_rows == 30
        assert documents.column("triples").to_pylist() == [2] * 30
        assert documents.column("sentences").null_count == 30
    assert open_scores(tmp_path / "rows.csv").rows(["favor", "document"]).num_columns == 2


@pytest.mark.parametrize(
    ("dates", "told"),
    [
        (pa.nulls(2), ["", ""]),
        (pa.array([2020, None]), ["2020", ""]),
        (pa.array([2020.0, None]), ["2020", ""]),
    ],
    ids=["nulls", "integers", "floats"],
)
def test_gaps_in_a_column_of_another_type_are_nothing(tmp_path, dates, told):
    table = pa.table({"document": ["a", "b"], "date": dates, "source": pa.nulls(2)})
    pq.write_table(table, tmp_path / "rows.parquet")
    rows = open_scores(tmp_path / "rows.parquet").rows(["document", "source", "date"])
    assert rows.column_names == ["document", "source", "date"]
    assert rows["date"].to_pylist() == told
    assert rows["source"].to_pylist() == ["", ""]


def test_a_csv_file_that_pandas_writes_is_read(many, tmp_path, predictor):
    score([many], tmp_path / "out", predictor)
    rows = open_scores(tmp_path / "out").rows()
    frame = rows.to_pandas()
    frame.loc[3, ["state_start", "state_end", "sentence"]] = None
    frame.to_csv(tmp_path / "rows.csv", index=False)
    read = open_scores(tmp_path / "rows.csv").rows()
    assert read.schema == SCORES_SCHEMA
    assert read["state_start"].to_pylist()[2:5] == [rows["state_start"][2].as_py(), None,
                                                    rows["state_start"][4].as_py()]  # fmt: skip
    frame["end"] = frame["end"].astype(str) + "th"
    frame.to_csv(tmp_path / "rows.csv", index=False)
    with pytest.raises(InputError, match=r"column 'end': .*invalid value '\d+th'"):
        open_scores(tmp_path / "rows.csv").rows()


def test_a_column_that_cannot_be_converted_is_refused(tmp_path):
    pq.write_table(pa.table({"date": [["2020"], None]}), tmp_path / "rows.parquet")
    with pytest.raises(InputError, match="a column of another type"):
        open_scores(tmp_path / "rows.parquet").rows(["date"])


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.csv", "document,favor\na,0.5\n", "no column 'source'"),
        ("a.csv", "document,favor\na,high\n", "no table of scores"),
        ("a.parquet", "PAR1", "no whole Parquet file"),
        ("a.txt", "Peru", "the ending '.txt'"),
    ],
)
def test_files_that_hold_no_scores_are_refused(tmp_path, name, content, problem):
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=problem):
        open_scores(tmp_path / name).rows()


def test_a_run_that_is_not_finished_is_not_opened(many, tmp_path, predictor):
    def stop(progress) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        score([many], tmp_path / "out", predictor, on_part=stop)
    with pytest.raises(InputError, match="not finished"):
        open_scores(tmp_path / "out")


@pytest.mark.parametrize("content", ["{", "[]", '{"format": 9}'])
def test_a_damaged_run_file_is_refused(many, tmp_path, predictor, content):
    score([many], tmp_path / "out", predictor)
    (tmp_path / "out" / RUN).write_text(content)
    for again in (
        lambda: open_scores(tmp_path / "out"),
        lambda: score([many], tmp_path / "out", predictor, resume=True),
    ):
        with pytest.raises(InputError):
            again()


def test_rate_and_time_left_leave_out_what_was_done_before():
    times = iter([0.0, 10.0, 10.0, 20.0, 20.0])
    clock = Reckoning("documents", lambda: next(times))
    assert clock.line(100, 500, 1000) == "100 documents"
    assert clock.line(120, 600, 1000) == "120 documents, 2.0 a second, 60 %, 40 s left"


def test_the_verb_scores_refuses_and_goes_on(many, tmp_path, linear_artifact, capsys):
    out = tmp_path / "out"
    call = ["score", str(many), "--model", str(linear_artifact), "-o", str(out), "--workers", "1"]
    assert main(call) == 0
    output = capsys.readouterr()
    assert output.out == ""
    assert "60 triples in 30 documents (90 sentences)" in output.err
    assert main(call) == 2
    assert "or go on with --resume" in capsys.readouterr().err
    assert main([*call, "--resume"]) == 0
    assert main([*call, "--resume", "--title", "other"]) == 2
    assert 'options.title is "", not "other"' in capsys.readouterr().err


def test_a_small_corpus_has_many_parts_and_a_run_goes_on_with_them(
    tmp_path, linear_artifact, capsys
):
    path = tmp_path / "small.jsonl"
    write_lines(
        path, ({"id": f"d{n}", "text": DAY.format(n) + " It rained." * 900} for n in range(60))
    )
    out = tmp_path / "out"
    call = ["score", str(path), "--model", str(linear_artifact), "-o", str(out), "--workers", "1"]
    assert main(call) == 0
    assert "10 parts" in capsys.readouterr().err
    whole = contents(out)
    part_file(out, "documents", 7).unlink()
    assert main([*call, "--resume"]) == 0
    assert contents(out) == whole
    part_file(out, "documents", 7).unlink()
    assert main([*call, "--resume", "--part-characters", "4000000"]) == 2
    assert "a run whose parts.characters is 50000, not 4000000" in capsys.readouterr().err


def test_ctrl_c_tells_how_to_go_on(many, tmp_path, linear_artifact, capsys, monkeypatch):
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("alliance_stance.inference.local_engine.score_part", interrupt)
    out = tmp_path / "out"
    call = ["score", str(many), "--model", str(linear_artifact), "-o", str(out), "--workers", "1"]
    assert main(call) == 130
    error = capsys.readouterr().err
    assert f"finished parts are kept in {out}: go on with --resume" in error
    assert "Traceback" not in error


def test_a_folder_that_another_process_scores_into_is_left_to_it(
    many, tmp_path, linear_artifact, capsys
):
    out = tmp_path / "out"
    call = ["score", str(many), "--model", str(linear_artifact), "-o", str(out), "--workers", "1"]
    with one_process(lock_file(out), "scores into this folder"):
        assert main([*call, "--resume"]) == 2
    assert "another process that scores into this folder" in capsys.readouterr().err
    assert not out.exists()
    assert main([*call, "--resume"]) == 0


@pytest.mark.parametrize("resume", [True, False])
def test_a_run_that_was_killed_before_its_first_file_goes_on(many, tmp_path, predictor, resume):
    score([many], tmp_path / "whole", predictor)
    out = tmp_path / "out"
    out.mkdir()
    (out / ".run.json.0a1b2c3d").write_text("{")
    score([many], out, predictor, resume=resume)
    assert contents(out) == contents(tmp_path / "whole")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (["-", "--resume"], "standard input, which is gone"),
        (["{many}", "--engine", "dask"], "'dask' is none of local, spark"),
        (["{many}", "--engine", "spark", "--workers", "2"], "--workers is for the local engine"),
        (["{many}", "--workers", "0"], "--workers"),
        (["{folder}"], "which is read"),
        (["nowhere.txt"], "no such file"),
    ],
)
def test_the_verb_refuses(many, tmp_path, linear_artifact, capsys, changes, problem):
    arguments = [one.format(many=many, folder=tmp_path) for one in changes]
    call = ["score", *arguments, "--model", str(linear_artifact), "-o", str(tmp_path / "out")]
    assert main(call) == 2
    assert problem in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "out").exists()


def test_the_loader_for_spark_udf_answers_every_row(predictor):
    frame = pd.DataFrame(
        {"id": ["a", "b", "c"], "text": ["Qatar left OPEC.", " ", "It rained."],
         "date": ["1999", None, float("nan")]}
    )  # fmt: skip
    first, second, third = map(json.loads, RowPredictor(predictor).predict(frame))
    (triple,) = first["scores"]
    assert list(triple) == SCORES_SCHEMA.names
    assert (triple["document"], triple["date"], triple["state"]) == ("a", "1999", "QAT")
    assert (first["error"], second["error"]) == (None, "text ' '")
    assert third == {"error": None, "scores": []}


def test_cells_that_only_a_data_frame_has_do_not_stop_its_rows(predictor):
    pair = {"text": "Qatar left OPEC.", "state": "QAT", "alliance": "OPEC"}
    rows = [
        {"id": "a", **pair, "tags": np.array(["x", "y"], dtype=object), "document": "speech"},
        {"id": "b", "text": "Qatar left OPEC.", "state": pd.NA, "date": pd.Timestamp(2024, 3, 1)},
        {"id": "c", "text": "Qatar left OPEC.", "date": datetime.date(2024, 3, 1), "title": pd.NaT},
        {"id": "d", "text": "Qatar left OPEC.", "date": 2024.0, "tags": np.array([])},
        {"id": 5.0, "text": "Qatar left OPEC.", "date": "03/04/2024"},
    ]  # fmt: skip
    answers = list(answer_rows(predictor, rows))
    assert [one["error"] for one in answers] == [None] * 4 + ["date '03/04/2024'"]
    assert answers[4]["document"] == "5"
    assert [one["date"] for one in answers[:4]] == ["", "2024-03-01", "2024-03-01", "2024"]
    assert (answers[0]["document"], answers[0]["id"]) == ("speech", "a")
    assert (answers[1]["document"], answers[1]["id"]) == ("b", None)


@pytest.mark.parametrize("more", [[], ["--explain"]], ids=["plain", "explain"])
def test_processes_do_not_change_the_bytes(many, tmp_path, linear_artifact, more):
    for workers in ("1", "2"):
        assert main(
            ["score", str(many), "--model", str(linear_artifact), "-o", str(tmp_path / workers),
             "--workers", workers, "--part-characters", "300", *more]
        ) == 0  # fmt: skip
    assert contents(tmp_path / "1") == contents(tmp_path / "2")
    assert len(list((tmp_path / "1" / "scores").iterdir())) > 4


_KILLED = """
import os, signal, sys, time
from pathlib import Path
from alliance_stance.corpus.inputs import ReadOptions
from alliance_stance.inference.parts import PartOptions, PartSize
from alliance_stance.inference.predictor import Predictor
from alliance_stance.inference.local_engine import local_engine
from alliance_stance.inference.score_plan import make_plan
from alliance_stance.inference.score_run import run_plan, start_run
model, inputs, folder = map(Path, sys.argv[1:4])
predictor = Predictor.open(model)
for seconds in map(float, sys.argv[4:]):
    child = os.fork()
    if not child:
        plan, options = make_plan([inputs], ReadOptions(), predictor.artifact, folder,
            parts=PartOptions(PartSize(documents=4, characters=10_000)),
            told={"model": "tiny", "registry_version": None})
        start_run(plan, resume=True)
        run_plan(plan, local_engine(plan, options, predictor, workers=1))
        os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_run_that_is_killed_at_any_moment_has_every_row_once(
    tmp_path, predictor, linear_artifact
):
    rows = [{"id": f"d{n}", "text": DAY.format(n)} for n in range(400)]
    many = write_lines(tmp_path / "many.jsonl", [*rows, {"id": "bad"}])
    began = time.monotonic()
    score([many], tmp_path / "whole", predictor)
    seconds = time.monotonic() - began
    moments = [random.Random(place).uniform(0, seconds / 2) for place in range(8)]
    output = subprocess.run(
        [sys.executable, "-c", _KILLED, str(linear_artifact), str(many), str(tmp_path / "cut"),
         *map(str, moments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert output.stdout.split().count(str(-signal.SIGKILL)) >= 2
    score([many], tmp_path / "cut", predictor, resume=True)
    assert contents(tmp_path / "cut") == contents(tmp_path / "whole")
    assert len(error_rows(tmp_path / "cut")) == 1


def test_standard_input_is_read_by_the_process_that_has_it(tmp_path, linear_artifact):
    """A worker's standard input is empty; several workers are the default."""
    command = [sys.executable, "-m", "alliance_stance", "score", "-", "--workers", "2"]
    command += ["--model", str(linear_artifact), "-o", str(tmp_path / "out")]
    done = subprocess.run(command, input=b"Qatar left OPEC.", capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    (row,) = open_scores(tmp_path / "out").rows().to_pylist()
    assert (row["state"], row["alliance"], row["text"]) == ("QAT", "OPEC", "Qatar left OPEC.")


def test_a_name_that_is_not_utf8_is_written_with_a_backslash(tmp_path, predictor):
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    for name in (b"na\xefve.txt", b"na\xefve.jpg", b"plain.txt"):
        (folder / os.fsdecode(name)).write_text("Qatar left OPEC.")
    score([folder], tmp_path / "out", predictor)
    scores = open_scores(tmp_path / "out")
    assert scores.documents().column("document").to_pylist() == [r"na\udcefve", "plain"]
    named = rf"{tmp_path}/caf\udce9"
    assert scores.run["inputs"] == [named]
    assert error_rows(tmp_path / "out")[0]["where"] == rf"{named}/na\udcefve.jpg"


def test_no_part_ends_among_the_files_that_nothing_reads(tmp_path, predictor):
    """They come first and all stand before the first place, where a run would begin again."""
    for n in range(9):
        (tmp_path / f"image{n}.jpg").write_bytes(b"x")
        (tmp_path / f"speech{n}.txt").write_text(f"Qatar left OPEC on day {n}.")
    out = tmp_path.parent / f"{tmp_path.name}-out"
    options = ReadOptions(on_unreadable="skip")
    score([tmp_path], out, predictor, options=options)
    whole = contents(out)
    part_file(out, "scores", 1).unlink()
    score([tmp_path], out, predictor, options=options, resume=True)
    assert contents(out) == whole
    assert len(error_rows(out)) == 9
    assert open_scores(out).documents().num_rows == 9


@pytest.mark.parametrize(
    ("pattern", "is_refused"),
    [("in/**", True), ("in/**/*.parquet", True), ("in/*/*.json", True), ("in/*/run.*", True),
     ("in/*", False), ("in/*.txt", False), ("in/**/*.txt", False), ("in/*/*.txt", False)],
)  # fmt: skip
def test_a_pattern_must_not_take_in_what_is_written(
    pattern, is_refused, tmp_path, predictor, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    Path("in/deep").mkdir(parents=True)
    for path in ("in/a.txt", "in/deep/a.txt", "in/deep/a.json", "in/deep/run.txt"):
        Path(path).write_text("Qatar left OPEC.")
    if not is_refused:
        score([pattern], Path("in/out"), predictor)
        assert open_scores(Path("in/out")).rows().num_rows
        return
    with pytest.raises(InputError, match=r"in/out: found a folder in .*, which is read"):
        score([pattern], Path("in/out"), predictor)
    assert not Path("in/out").exists()


def test_a_run_that_was_killed_before_its_first_part_goes_on(many, tmp_path, predictor):
    score([many], tmp_path / "whole", predictor)
    out = tmp_path / "out"
    out.mkdir()
    run = json.loads((tmp_path / "whole" / RUN).read_text())
    (out / RUN).write_text(json.dumps({**run, "finished": False, "counts": None}))
    score([many], out, predictor, resume=True)
    assert contents(out) == contents(tmp_path / "whole")
