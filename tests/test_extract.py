"""The verb `extract`: candidates without a model."""

import json
import sys

import pytest

from alliance_stance.cli import main

TEXT = "It rained. Qatar left OPEC. Its envoys say that Peru praised the cartel."


@pytest.fixture
def text_file(tmp_path):
    path = tmp_path / "note.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def extracted(capsys, *arguments: str) -> list[dict]:
    assert main(["extract", *arguments, "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_text_gives_candidates_with_offsets_and_reasons(text_file, capsys):
    first, second = extracted(capsys, str(text_file), "--date", "2019-01-02")
    assert first == {
        "document": "note", "sentence": 1, "start": 11, "end": 27, "text": "Qatar left OPEC.",
        "state": "QAT", "alliance": "OPEC", "state_how": "name", "alliance_how": "acronym",
        "state_mention": [11, 16], "alliance_mention": [22, 26], "membership": "withdrew",
    }  # fmt: skip
    assert (second["state"], second["alliance_how"]) == ("PER", "reference")
    start, end = second["alliance_mention"]
    assert TEXT[start:end] == "the cartel"


def test_without_a_date_membership_is_unknown(text_file, capsys):
    assert {row["membership"] for row in extracted(capsys, str(text_file))} == {None}


def test_speaker_who_is_not_named_has_no_offsets(tmp_path, capsys):
    path = tmp_path / "speech.txt"
    path.write_text("OPEC must pump more.", encoding="utf-8")
    (row,) = extracted(capsys, str(path), "--speaker-state", "IND")
    assert (row["state"], row["state_how"], row["state_mention"]) == ("IND", "speaker", None)


def test_title_decides_what_a_noun_stands_for(tmp_path, capsys):
    path = tmp_path / "news.txt"
    path.write_text("Peru will leave the alliance.", encoding="utf-8")
    assert extracted(capsys, str(path)) == []
    (row,) = extracted(capsys, str(path), "--title", "NATO in turmoil")
    assert (row["state"], row["alliance"]) == ("PER", "NATO")


def test_documents_keep_what_they_tell_themselves(tmp_path, capsys):
    path = tmp_path / "two.jsonl"
    rows = [
        {"id": "a", "text": "Peru left OPEC.", "date": "1962"},
        {"id": "b", "text": "Peru left OPEC."},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    found = extracted(capsys, str(path), "--date", "2019")
    assert [row["document"] for row in found] == ["a", "b"]


def test_ready_example_carries_its_id_and_offsets_into_its_text(tmp_path, capsys):
    path = tmp_path / "ready.jsonl"
    row = {
        "id": "x",
        "text": "Peru left it.",
        "context": "OPEC met.",
        "state": "PER",
        "alliance": "OPEC",
    }
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    (found,) = extracted(capsys, str(path))
    assert found["id"] == "x"
    assert found["state_mention"] == [0, 4]
    assert "document" not in found


def test_table_shows_each_sentence_once(text_file, capsys):
    assert main(["extract", str(text_file)]) == 0
    output = capsys.readouterr().out
    assert output.count("Qatar left OPEC.") == 1
    assert "acronym" in output
    assert "membership" not in output


def test_nothing_found_is_told_on_standard_error(tmp_path, capsys):
    path = tmp_path / "weather.txt"
    path.write_text("It rained.", encoding="utf-8")
    assert main(["extract", str(path)]) == 0
    output = capsys.readouterr()
    assert output.out == ""
    assert "no sentence pairs" in output.err


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--date", "2019-1"], "--date: found '2019-1'"),
        (["--speaker-state", "QQQ"], "--speaker-state: found unknown state 'QQQ'"),
        (["--format", "papyrus"], "--format: found 'papyrus'"),
    ],
)
def test_option_that_cannot_be_is_refused(text_file, capsys, options, expected):
    assert main(["extract", str(text_file), *options]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert expected in output.err
    assert output.err.count("\n") == 1


def test_no_model_and_no_heavy_library_is_needed(text_file, capsys):
    import subprocess

    code = (
        "import sys; from alliance_stance.cli import main; "
        "main(['extract', sys.argv[1], '--json']); heavy = {'torch', 'sklearn', 'mlflow'}; "
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, str(text_file)], capture_output=True, text=True, check=True
    )
    assert result.stdout.count("\n") == 2
    assert result.stderr.strip().endswith("[]")


@pytest.mark.parametrize("options", [["--json"], []], ids=["lines", "table"])
def test_a_reader_that_has_read_enough_is_no_error(tmp_path, options):
    """As after `| head`: much more is to be written than a pipe holds."""
    import subprocess

    (tmp_path / "long.txt").write_text("Qatar left OPEC. " * 2000, encoding="utf-8")
    command = [sys.executable, "-m", "alliance_stance", "extract", "long.txt", *options]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline()
        process.stdout.close()
        told = process.stderr.read()
    assert process.returncode == 0
    assert "Traceback" not in told
    assert "Exception ignored" not in told
