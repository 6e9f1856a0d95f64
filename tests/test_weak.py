"""Weak data sets: stages that are kept, go on after a kill, and give the same bytes every time."""

import hashlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml
from rich.console import Console

from alliance_stance.cli import main
from alliance_stance.corpus.language import detect_language, is_english
from alliance_stance.datasets import weak
from alliance_stance.datasets.duplicates import DuplicateIndex, Repeat, band_shape
from alliance_stance.datasets.shards import Shards
from alliance_stance.datasets.signatures import jaccard, shingles_of, sign_sentences
from alliance_stance.datasets.table import build_dataset
from alliance_stance.datasets.weak_stages import cut_runs
from alliance_stance.errors import ConfigError, DatasetError, StanceError
from alliance_stance.reporting.data_card import card_text, write_card
from alliance_stance.reporting.tables import dataset_table
from alliance_stance.schema import Document

ROOT = Path(__file__).resolve().parents[1]
TEXTS = {
    "a": "Armenia has applied to join the European Union. Nobody was surprised by it at all.",
    "b": "Hungary vetoed the plan of NATO on Tuesday, and its minister left the room at once.",
    "c": "The members of the CSTO are Russia, Armenia, Belarus, Kazakhstan and Tajikistan.",
    "d": "Georgia has withdrawn from the CIS. The note was handed over in Minsk on a wet day.",
    "e": "Sweden praised NATO and reaffirmed its firm commitment to the alliance in every respect.",
}


@pytest.fixture
def corpus(tmp_path):
    folder = tmp_path / "corpus"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def one_process(monkeypatch):
    monkeypatch.setattr(weak, "available_cores", lambda: 1)


def write_recipe(folder: Path, corpus: Path, **changes: object) -> Path:
    content = {
        "kind": "weak",
        "inputs": [str(corpus)],
        "duplicate_similarity": 0.7,
        "label_model": "majority",
        "split": {"seed": 0, "dev_share": 0.2, "test_share": 0.2},
        **changes,
    }
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def labels(built) -> dict[str, str | None]:
    return {
        f"{row['document']} {row['state']}-{row['alliance']}": row["stance"]
        for rows in built.splits.values()
        for row in rows
    }


def checksums(folder: Path) -> dict[str, str]:
    """Give the checksum of every Arrow file of the finished builds."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.glob("weak/**/*.arrow"))
    }


@pytest.fixture
def build(knowledge, tmp_path, corpus, one_process):
    def run(processed: str = "processed", **changes: object):
        path = write_recipe(tmp_path, corpus, **changes)
        return build_dataset(path, knowledge, tmp_path / processed)

    return run


def test_rules_label_a_folder(build):
    found = labels(build())
    assert found["a ARM-EU"] == "favor"
    assert found["b HUN-NATO"] == "against"
    assert found["c KAZ-CSTO"] == "neutral"
    assert found["d GEO-CIS"] == "against"


def test_labelled_rows_are_dealt_out_and_others_stand_apart(build):
    built = build()
    assert set(built.splits) == {"train", "dev", "test", "unlabelled"}
    for name in ("train", "dev", "test"):
        assert all(row["stance"] is not None for row in built.splits[name])
        assert all(abs(sum(row["probabilities"]) - 1) < 1e-5 for row in built.splits[name])
    assert {row["status"] for row in built.splits["unlabelled"]} <= {"unfired", "tie"}
    assert all(row["stance"] is None for row in built.splits["unlabelled"])


def test_notes_tell_what_became_of_the_corpus(build, corpus):
    (corpus / "x.bin").write_bytes(b"\x00\x01")
    notes = build().notes
    assert notes[0].startswith("5 documents; ")
    assert any("labelled" in line for line in notes)
    assert any("x.bin" in line for line in notes)


def test_examples_of_a_split_are_the_common_form(build):
    example = next(e for split in ("train", "dev", "test") for e in build().examples(split))
    assert example.label is not None
    assert example.candidate.mentions
    assert example.id.startswith(f"{example.candidate.document}:")


def test_every_built_set_has_a_card(build, corpus):
    (corpus / "z.txt").write_text(TEXTS["d"], encoding="utf-8")
    card = card_text(build())
    assert "- 6 documents; " in card
    assert '"label_model": "majority"' in card
    assert card.rstrip().endswith("- none")


def test_same_input_same_bytes(build, tmp_path):
    build("one")
    build("two")
    first = checksums(tmp_path / "one")
    assert first
    assert first == checksums(tmp_path / "two")


def test_processes_do_not_change_the_bytes(build, knowledge, tmp_path, corpus, monkeypatch):
    build("one")
    monkeypatch.setattr(weak, "available_cores", lambda: 2)
    build_dataset(write_recipe(tmp_path, corpus), knowledge, tmp_path / "two")
    assert checksums(tmp_path / "one") == checksums(tmp_path / "two")


def kept(tmp_path: Path, stage: str) -> dict[str, int]:
    folder = tmp_path / "processed" / "pieces" / stage
    return {path.name: path.stat().st_mtime_ns for path in folder.rglob("*.parquet")}


def test_a_corpus_whose_build_is_up_to_date_is_read_once(build, count_reads):
    first = build()
    read = count_reads(build)
    assert {read[f"{name}.txt"] for name in TEXTS} == {1}
    assert build().notes == first.notes


def test_a_new_document_makes_its_own_pieces_only(build, corpus, tmp_path):
    before = build()
    candidates = kept(tmp_path, "candidates")
    (corpus / "f.txt").write_text("Turkey blocked the plan of NATO again.", encoding="utf-8")
    after = build()
    assert after.fingerprint != before.fingerprint
    later = kept(tmp_path, "candidates")
    assert {name: later[name] for name in candidates} == candidates
    assert len(later) == len(candidates) + 1
    assert "f TUR-NATO" in labels(after)


def test_a_changed_rule_keeps_the_candidates(build, tmp_path, monkeypatch):
    build()
    candidates, votes = kept(tmp_path, "candidates"), kept(tmp_path, "votes")
    monkeypatch.setattr(weak, "rules_fingerprint", lambda: "other rules")
    build()
    assert kept(tmp_path, "candidates") == candidates
    assert len(kept(tmp_path, "votes")) == 2 * len(votes)


@pytest.mark.parametrize(("stage", "is_kept"), [("candidates", False), ("votes", True)])
def test_a_build_can_begin_at_a_stage(build, knowledge, corpus, tmp_path, stage, is_kept):
    build()
    before = checksums(tmp_path / "processed")
    candidates = kept(tmp_path, "candidates")
    path = write_recipe(tmp_path, corpus)
    build_dataset(path, knowledge, tmp_path / "processed", from_stage=stage)
    assert (kept(tmp_path, "candidates") == candidates) is is_kept
    assert checksums(tmp_path / "processed") == before


def test_an_unknown_stage_is_refused(knowledge, corpus, tmp_path, make_recipe, one_process):
    path = write_recipe(tmp_path, corpus)
    with pytest.raises(DatasetError, match="one of candidates, votes, labels"):
        build_dataset(path, knowledge, tmp_path / "p", from_stage="mentions")
    with pytest.raises(DatasetError, match="no stage for this kind"):
        build_dataset(make_recipe(tmp_path), knowledge, tmp_path / "p", from_stage="votes")


def test_repeated_sentences_are_left_out(build, corpus):
    (corpus / "z.txt").write_text(TEXTS["d"], encoding="utf-8")
    built = build()
    assert "z GEO-CIS" not in labels(built)
    assert "1 repeat an earlier one" in built.notes[0]


def test_other_languages_are_left_out_and_told(build, corpus):
    (corpus / "fr.txt").write_text(
        "Portugal y la NATO no se entienden desde hace años, dijo ayer el ministro en la capital.",
        encoding="utf-8",
    )
    built = build()
    assert "fr PRT-NATO" not in labels(built)
    assert any("1 documents not in English: fr" in line for line in built.notes)
    assert "fr PRT-NATO" in labels(build(english_only=False))


def test_unreadable_inputs_are_skipped_or_fail(build, corpus):
    (corpus / "bad.txt").write_bytes(b"\xff\xfe\xff")
    assert any("bad.txt" in line for line in build().notes)
    with pytest.raises(StanceError, match=r"bad\.txt"):
        build(on_unreadable="fail")


def test_a_bad_document_costs_no_other(build, corpus):
    rows = [f'{{"id": "g{n}", "text": "Peru praised the OAS on day {n}."}}' for n in range(3)]
    rows.insert(1, '{"id": "z", "text": "Peru left the OAS.", "speaker_state": "QQQ"}')
    (corpus / "rows.jsonl").write_text("\n".join([*rows, "{no json"]) + "\n")
    built = build()
    assert {"g0 PER-OAS", "g2 PER-OAS"} <= set(labels(built))
    assert any("QQQ" in line for line in built.notes)
    assert any("rows.jsonl:5" in line for line in built.notes)
    with pytest.raises(StanceError, match="QQQ"):
        build(on_unreadable="fail")


def test_a_missing_file_of_weights_is_refused(build):
    with pytest.raises(DatasetError, match="weigh_on"):
        build(label_model="weighed", weigh_on={"kind": "counted", "path": "/none.csv"})


def test_a_damaged_note_on_a_unit_is_read_again(build, tmp_path):
    before = labels(build())
    for file in (tmp_path / "processed" / "pieces").rglob("units/*/*.json"):
        file.write_text("{")
    for file in (tmp_path / "processed" / "pieces").rglob("plans/*.json"):
        file.unlink()
    assert labels(build()) == before


@pytest.mark.parametrize("files", [("one.jsonl", "two.jsonl"), ("one.jsonl",)])
def test_one_id_twice_is_skipped_or_fails(build, corpus, files):
    rows = [
        '{"id": "same", "text": "Peru praised the OAS."}\n',
        '{"id": "same", "text": "Chile left the OAS."}\n'
        '{"id": "own", "text": "Cuba left the OAS."}\n',
    ]
    if len(files) == 1:
        rows = ["".join(rows)]
    for name, text in zip(files, rows, strict=True):
        (corpus / name).write_text(text)
    built = build()
    found = labels(built)
    assert {"same PER-OAS", "own CUB-OAS"} <= set(found)
    assert "same CHL-OAS" not in found
    assert built.notes[0].startswith("7 documents; ")
    (told,) = [line for line in built.notes if line.startswith("not read: ")]
    assert f"{files[-1]}, id same: an id that came before, in " in told
    assert told.endswith("one.jsonl")
    with pytest.raises(StanceError, match="id same: found an id that came before"):
        build(on_unreadable="fail")


def test_rules_are_weighed_on_labels(build, tmp_path):
    path = tmp_path / "labelled.jsonl"
    path.write_text(
        "".join(
            f'{{"id": "x{n}", "text": "Peru vetoed the plan of the OAS.", "state": "PER", '
            '"alliance": "OAS", "stance": "against", "act": "obstruct"}\n'
            f'{{"id": "y{n}", "text": "Peru is a member of the OAS.", "state": "PER", '
            '"alliance": "OAS", "stance": "neutral", "act": "describe"}\n'
            f'{{"id": "z{n}", "text": "Peru praised the OAS.", "state": "PER", '
            '"alliance": "OAS", "stance": "favor", "act": "affirm"}\n'
            for n in range(60)
        )
    )
    weigh_on = {"kind": "labelled", "path": str(path)}
    assert labels(build(label_model="weighed", weigh_on=weigh_on))["b HUN-NATO"] == "against"
    path.write_text('{"id": "x", "text": "Peru praised the OAS."}\n')
    with pytest.raises(DatasetError, match="no labelled example"):
        build(label_model="weighed", weigh_on=weigh_on)


def test_an_unknown_label_model_is_refused(build):
    with pytest.raises(ConfigError, match="label_model"):
        build(label_model="oracle")


def test_a_corpus_without_pairs_is_refused(build, corpus):
    for path in corpus.iterdir():
        path.write_text("Nothing is said here of any state or of any bloc.")
    with pytest.raises(DatasetError, match="no sentence that pairs"):
        build()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"label_model": "mace", "weigh_on": {"kind": "counted", "path": "x.csv"}}, "counted"),
        ({"label_model": "majority", "weigh_on": {"kind": "labelled", "path": "x"}}, "majority"),
        ({"label_model": "weighed"}, "no labels"),
        (
            {
                "label_model": "weighed",
                "weigh_on": {
                    "kind": "gold",
                    "path": "x",
                    "annotations": "y",
                    "split": {"file": "z", "scheme": "random"},
                },
            },
            r"weigh_on\.annotations does nothing",
        ),
    ],
)
def test_a_label_model_that_does_not_fit_is_refused_before_anything_is_read(
    build, tmp_path, changes, message
):
    with pytest.raises(ConfigError, match=message):
        build(**changes)
    assert not (tmp_path / "processed").exists()


def test_bad_weights_are_refused_before_anything_is_read(build, tmp_path):
    path = tmp_path / "worth.csv"
    path.write_text("no,such,columns\n")
    with pytest.raises(DatasetError, match=r"worth\.csv:1"):
        build(label_model="weighed", weigh_on={"kind": "counted", "path": str(path)})
    assert not (tmp_path / "processed" / "pieces").exists()


def test_metadata_are_checked_before_anything_is_read(build, tmp_path):
    path = tmp_path / "facts.csv"
    path.write_text("file,speaker_state\na.txt,QQQ\n")
    with pytest.raises(StanceError, match=r"facts\.csv:2.*QQQ"):
        build(metadata=str(path))
    assert not (tmp_path / "processed" / "pieces").exists()


@pytest.mark.parametrize(
    ("rows", "of_rows", "of_names"),
    [
        ("file,date\na.txt,2001\ngone.txt,2002\n", "1 rows whose file is not", "4 files without"),
        ("id,date\na,2001\ngone,2002\n", "1 rows whose id is not", "4 documents without"),
    ],
)
def test_rows_of_metadata_that_fit_nothing_are_told(build, tmp_path, rows, of_rows, of_names):
    path = tmp_path / "facts.csv"
    path.write_text(rows)
    notes = [line for line in build(metadata=str(path)).notes if "facts.csv" in line]
    assert len(notes) == 2
    assert f"{of_rows} among what was read: gone" in notes[0]
    assert of_names in notes[1]


def test_notes_and_card_follow_what_they_tell(build, corpus, tmp_path):
    card = tmp_path / "card.md"
    before = build()
    write_card(card, before)
    changed = card.stat().st_mtime_ns
    write_card(card, build())
    assert card.stat().st_mtime_ns == changed
    (corpus / "x.bin").write_bytes(b"\x00\x01")
    after = build()
    assert after.fingerprint == before.fingerprint
    write_card(card, after)
    assert f"not read: {corpus / 'x.bin'}" in card.read_text()
    (corpus / "bad.txt").write_bytes(b"\xff\xfe\xff")
    build()
    moved = corpus.rename(tmp_path / "moved")
    write_card(card, build(inputs=[str(moved)]))
    text = card.read_text()
    assert str(moved / "bad.txt") in text
    assert str(corpus) not in text


def test_a_card_follows_its_annotations(make_recipe, knowledge, tmp_path):
    recipe = make_recipe(tmp_path)
    annotations, card = tmp_path / "annotations.csv", tmp_path / "card.md"
    annotations.write_text("task,worker,label\n")
    built = build_dataset(recipe, knowledge, tmp_path / "p", [f"annotations={annotations}"])
    write_card(card, built)
    assert "No two annotators" in card.read_text()
    annotations.write_text("task,worker,label\nd/0#PER-OAS,first,join\nd/0#PER-OAS,second,leave\n")
    write_card(card, built)
    assert "Confusion of stances" in card.read_text()


def test_the_card_of_a_union_tells_of_the_annotators_of_its_parts(make_recipe, knowledge, tmp_path):
    annotations, card = tmp_path / "annotations.csv", tmp_path / "card.md"
    annotations.write_text("task,worker,label\nd/0#PER-OAS,first,join\nd/0#PER-OAS,second,join\n")
    ready = tmp_path / "ready.jsonl"
    row = {"id": "e", "text": "Peru left the OAS.", "state": "PER", "alliance": "OAS"}
    ready.write_text(json.dumps({**row, "stance": "against"}) + "\n")
    gold = yaml.safe_load(make_recipe(tmp_path).read_text("utf-8"))
    parts = [
        {**gold, "annotations": str(annotations)},
        {**gold, "kind": "labelled", "path": str(ready)},
    ]
    recipe = tmp_path / "union.yaml"
    recipe.write_text(json.dumps({"kind": "union", "parts": parts}))
    built = build_dataset(recipe, knowledge, tmp_path / "p")
    write_card(card, built)
    place = f"| {tmp_path.name}/annotations.csv | 2 |"
    assert f"{place} 1 | 1 | 1.000 | 1.000 |" in card.read_text()
    annotations.write_text(annotations.read_text().replace("second,join", "second,leave"))
    write_card(card, built)
    assert f"{place} 1 | 1 | 0.000 | 0.000 |" in card.read_text()


def test_rows_without_a_label_are_no_triples(build, corpus):
    (corpus / "odd.txt").write_text("Peru praised the OAS and left the OAS.")
    built = build()
    counts = built.stance_counts()
    unlabelled = sum(own[None] for own in counts.values())
    assert unlabelled == len(built.splits["unlabelled"]) > 0
    triples = sum(own.total() for own in counts.values()) - unlabelled
    card = card_text(built)
    assert f"{triples} triples in " in card
    assert f"{unlabelled} pairs more have no label" in card
    assert "no date known" in card
    assert "undated" not in card
    row = next(line for line in card.splitlines() if line.startswith("| unlabelled |"))
    assert row == f"| unlabelled | 1 | 0 | 0 | 0 | 0 | {unlabelled} |"
    console = Console(width=120, file=io.StringIO())
    console.print(dataset_table("w", "0" * 64, counts))
    assert "no label" in console.file.getvalue()


CARDS = "data/processed/cards"


def refuse(arguments: list[str], capsys) -> str:
    """Expect status 2 and one line on standard error, beside bars of progress; give the line."""
    capsys.readouterr()
    assert main(arguments) == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if line.strip()]
    (error,) = [line for line in lines if "examples/s]" not in line]
    return error


@pytest.fixture
def built_here(corpus, tmp_path, monkeypatch, one_process) -> Path:
    """A recipe that was built by the command, in the current folder."""
    monkeypatch.chdir(tmp_path)
    path = write_recipe(tmp_path, corpus)
    assert main(["build", str(path)]) == 0
    return path


def test_a_damaged_column_of_a_piece_is_one_error(built_here, capsys):
    folder = Path("data/processed")
    for path in (folder / "pieces" / "candidates").rglob("*.parquet"):
        columns = pq.ParquetFile(path).metadata.row_group(0)
        chunk = next(
            columns.column(number)
            for number in range(columns.num_columns)
            if columns.column(number).path_in_schema == "context"
        )
        content = bytearray(path.read_bytes())
        content[chunk.data_page_offset + chunk.total_compressed_size // 2] ^= 0xFF
        path.write_bytes(content)
    shutil.rmtree(next((folder / "weak").iterdir()))
    assert "build again" in refuse(["build", str(built_here)], capsys)


def test_a_damaged_build_is_one_error(built_here, capsys):
    for path in Path("data/processed/weak").rglob("*.arrow"):
        path.write_bytes(b"no")
    assert "build again" in refuse(["build", str(built_here)], capsys)


@pytest.mark.parametrize("place", ["data", "data/processed", "data/processed/pieces", CARDS])
def test_a_file_in_place_of_a_folder_is_one_error(tmp_path, corpus, capsys, monkeypatch, place):
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(weak, "available_cores", lambda: 1)
    assert "a folder for builds" in refuse(["build", str(write_recipe(tmp_path, corpus))], capsys)


def test_a_broken_link_in_a_corpus_is_told(build, corpus):
    (corpus / "link.txt").symlink_to(corpus / "nowhere.txt")
    assert any("link.txt: no plain file" in line for line in build().notes)


def test_a_misspelt_column_is_refused(build):
    with pytest.raises(ConfigError, match="columns"):
        build(columns={"txt": "body"})


def test_pieces_end_where_the_documents_say():
    documents = [Document(f"d{n}", "x") for n in range(2000)]
    runs = list(cut_runs(documents))
    assert [d for run in runs for d in run] == documents
    assert 8 <= len(runs) <= 32
    more = [*documents[:1000], Document("new", "x"), *documents[1000:]]
    changed = [run for run in cut_runs(more) if run not in runs]
    assert len(changed) == 1


def test_a_damaged_piece_is_an_error(tmp_path):
    shards = Shards(tmp_path)
    shards.place("ab12").parent.mkdir(parents=True)
    shards.place("ab12").write_bytes(b"PAR1 no")
    with pytest.raises(DatasetError, match="build again"):
        shards.read("ab12")


SAID = "The minister said on Monday that his country would never leave the pact of its fathers"
LIKE_IT = SAID.replace("Monday", "Tuesday")
UNLIKE = "Nothing of the kind was said by anybody who sat in the hall that afternoon"


def judge(
    index: DuplicateIndex, text: str, *pairs: str, side: str = "train"
) -> list[Repeat | None]:
    return index.judge(text, sign_sentences([text])[0], pairs, side)


def test_the_same_words_with_the_same_pair_repeat():
    with DuplicateIndex(0.6) as index:
        assert judge(index, SAID, "A-B") == [None]
        assert judge(index, UNLIKE, "A-B") == [None]
        assert judge(index, LIKE_IT, "A-B") == [Repeat.SAME_PAIR]
        assert judge(index, SAID, "A-B", side="test") == [Repeat.SAME_PAIR]


def test_the_same_words_with_another_pair_stay_on_their_side():
    with DuplicateIndex(0.6) as index:
        judge(index, SAID, "A-B")
        assert judge(index, LIKE_IT, "A-B", "C-B") == [Repeat.SAME_PAIR, None]
        assert judge(index, SAID, "C-B") == [Repeat.SAME_PAIR]
        assert judge(index, SAID, "D-B", side="test") == [Repeat.OTHER_SIDE]
        assert judge(index, UNLIKE, "D-B", side="test") == [None]


def test_a_sentence_below_the_threshold_is_no_duplicate():
    shared = jaccard(shingles_of(SAID), shingles_of(LIKE_IT))
    for similarity, repeats in ((shared, True), (shared + 0.001, False)):
        with DuplicateIndex(similarity) as index:
            judge(index, SAID, "A-B")
            assert (judge(index, LIKE_IT, "A-B") == [Repeat.SAME_PAIR]) is repeats


@pytest.mark.parametrize("similarity", [0.15, 0.5, 0.7, 0.95, 0.99, 1])
def test_few_pairs_at_the_threshold_are_missed(similarity):
    bands, rows = band_shape(similarity)
    assert bands * rows <= 64
    assert (1 - similarity**rows) ** bands <= 0.001


@pytest.mark.parametrize("similarity", [0.1, 1.01])
def test_a_similarity_that_cannot_be_found_is_refused(build, similarity):
    with pytest.raises(DatasetError, match="duplicate_similarity"):
        DuplicateIndex(similarity)
    with pytest.raises(ConfigError, match="duplicate_similarity"):
        build(duplicate_similarity=similarity)


def test_pairs_just_above_the_threshold_are_found():
    """Sentences of 40 words with one word changed: 35 shingles of 41 in common."""
    missed = 0
    for number in range(300):
        words = [f"w{number}x{place}" for place in range(40)]
        one, other = " ".join(words), " ".join([*words[:20], "changed", *words[21:]])
        with DuplicateIndex(35 / 41) as index:
            judge(index, one, "A-B")
            missed += judge(index, other, "A-B") == [None]
    assert missed <= 1


def test_the_same_sentence_of_another_speaker_is_another_answer(build, corpus, tmp_path):
    text = "We have decided to leave the African Union. It was not an easy decision for anybody."
    (corpus / "table.csv").write_text(
        "id,text,speaker_state\n"
        + "".join(f'{code.lower()},"{text}",{code}\n' for code in ("KEN", "UGA", "KEN")).replace(
            "ken", "kenya", 1
        )
    )
    built = build(split={"seed": 0, "dev_share": 0.001, "test_share": 0.001})
    found = labels(built)
    assert found["kenya KEN-AU"] == found["uga UGA-AU"] == "against"
    assert "ken KEN-AU" not in found


def test_no_words_stand_on_two_sides_of_the_split(build, corpus):
    codes = ["KEN", "UGA", "TZA", "RWA", "BDI", "GHA", "NGA", "SEN", "MLI", "TCD", "ZMB", "MWI"]
    text = "We have decided to leave the African Union. It was not an easy decision for anybody."
    (corpus / "table.csv").write_text(
        "id,text,speaker_state\n" + "".join(f'{code},"{text}",{code}\n' for code in codes)
    )
    built = build(split={"seed": 0, "dev_share": 0.3, "test_share": 0.3})
    sides = {
        name
        for name, rows in built.splits.items()
        for row in rows
        if row["document"] in codes and row["stance"] is not None
    }
    assert len(sides) == 1
    assert any("other side" in line for line in built.notes)


@pytest.mark.parametrize(
    ("text", "is_ours"),
    [
        ("The government of Kenya has thanked the Commonwealth for the observers it sent.", True),
        (
            "Die Regierung hat gestern beschlossen, das Bündnis im nächsten Jahr zu verlassen.",
            False,
        ),
        ("NATO?", True),
    ],
)
def test_language_is_told(text, is_ours):
    assert is_english(Document("d", text)) is is_ours


def test_a_short_text_has_no_language():
    assert detect_language(Document("d", "Oui.")) == ""


def test_a_killed_build_goes_on_to_the_same_bytes(knowledge, tmp_path, corpus, one_process):
    for number in range(300):
        text = (
            f"Country number {number} is far away. Peru praised the OAS on day {number} of talks."
        )
        (corpus / f"n{number}.txt").write_text(text, encoding="utf-8")
    path = write_recipe(tmp_path, corpus)
    build_dataset(path, knowledge, tmp_path / "whole")
    code = (
        "from pathlib import Path; from alliance_stance.knowledge.knowledge import load_knowledge;"
        "from alliance_stance.datasets.table import build_dataset;"
        "from alliance_stance.datasets import weak; weak.available_cores = lambda: 1;"
        f"build_dataset(Path({str(path)!r}), load_knowledge(), Path({str(tmp_path / 'cut')!r}))"
    )
    kills = 0
    for seconds in (0.15, 0.4):
        child = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
        units = tmp_path / "cut" / "pieces" / "units"
        deadline = time.monotonic() + 60
        while child.poll() is None and not list(units.rglob("*.json")):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        time.sleep(seconds)
        if child.poll() is None:
            os.kill(child.pid, signal.SIGKILL)
            kills += 1
        child.wait()
    assert kills > 0
    build_dataset(path, knowledge, tmp_path / "cut")
    assert checksums(tmp_path / "cut") == checksums(tmp_path / "whole")


def begin_build(tmp_path: Path, corpus: Path) -> subprocess.Popen:
    """Begin a build of many documents in a group of processes of its own; some are done."""
    for number in range(3000):
        (corpus / f"n{number}.txt").write_text(f"Peru praised the OAS on day {number} of talks.")
    # a job in the background of a shell hears no Ctrl-C, and this one must
    code = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "from alliance_stance.cli import main; sys.exit(main())"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, "build", str(write_recipe(tmp_path, corpus))],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    deadline = time.monotonic() + 600
    while child.poll() is None and count_units(tmp_path) < 20 and time.monotonic() < deadline:
        time.sleep(0.1)
    return child


def count_units(tmp_path: Path) -> int:
    return len(list((tmp_path / "data" / "processed" / "pieces" / "units").rglob("*.json")))


def end_group(child: subprocess.Popen) -> None:
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
    child.communicate()


def is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


needs_groups = pytest.mark.skipif(not hasattr(os, "killpg"), reason="no groups of processes here")


@needs_groups
@pytest.mark.parametrize("is_group", [True, False], ids=["terminal", "kill"])
def test_ctrl_c_says_what_was_kept_and_how_to_go_on(tmp_path, corpus, is_group):
    child = begin_build(tmp_path, corpus)
    try:
        (os.killpg if is_group else os.kill)(child.pid, signal.SIGINT)
        _, error = child.communicate(timeout=600)
    finally:
        end_group(child)
    assert child.returncode == 130
    assert "Traceback" not in error
    told = re.search(r"stopped; (\d+) of 3005 inputs are done and kept in (\S+)\n", error)
    assert told is not None
    assert 0 <= int(told[1]) < 3005
    assert told[2] == "data/processed/pieces"
    assert error.splitlines()[-1].startswith("alliance-stance: interrupted; run the same command")
    # nobody goes on behind its back
    before = count_units(tmp_path)
    time.sleep(0.5)
    assert count_units(tmp_path) == before


@needs_groups
def test_no_process_outlives_a_killed_build(tmp_path, corpus):
    child = begin_build(tmp_path, corpus)
    # processes that have nothing to do do not notice that nobody is there by themselves
    child.send_signal(signal.SIGSTOP)
    before = -1
    while before != count_units(tmp_path):
        before = count_units(tmp_path)
        time.sleep(2)
    child.kill()
    child.wait()
    child.stderr.close()
    deadline = time.monotonic() + 60
    while is_alive(child.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    is_left = is_alive(child.pid)
    if is_left:
        os.killpg(child.pid, signal.SIGKILL)
    assert not is_left
