"""Extraction scored on sentences with all their pairs, own ones and the shared development set."""

import csv
import json

import pytest

from alliance_stance.errors import InputError
from alliance_stance.evaluation.pairs import read_labelled_sentences, score_pairs
from alliance_stance.extraction.candidates import CandidateFinder

FACTS = {"context": "", "title": "", "date": "", "speaker_state": None}


def line(document: str, text: str, *triples: tuple[str, str, str]) -> str:
    named = [dict(zip(("state", "alliance", "stance"), triple, strict=True)) for triple in triples]
    return json.dumps({"document": document, "text": text, **FACTS, "triples": named}) + "\n"


@pytest.fixture(scope="module")
def finder(knowledge):
    return CandidateFinder(knowledge)


@pytest.fixture
def labelled(tmp_path):
    path = tmp_path / "sentences.jsonl"
    path.write_text(
        line("a", "Peru left ASEAN.", ("PER", "ASEAN", "against"), ("CHL", "ASEAN", "favor"))
        + line("b", "Chile and Peru joined ASEAN.", ("CHL", "ASEAN", "favor"))
        + line("c", "Chile met NATO.", ("CHL", "NATO", "neutral")),
        encoding="utf-8",
    )
    return path


def test_pairs_are_counted(labelled, finder):
    scores = score_pairs(
        list(read_labelled_sentences(labelled)), finder, alliances={"ASEAN", "NATO"}, seed=0
    )
    assert (scores.sentence_count, scores.document_count, scores.pair_count) == (3, 3, 4)
    assert (scores.missed, scores.extra) == (1, 1)
    assert scores.recall.value == scores.precision.value == 0.75
    assert scores.polar_recall.value == pytest.approx(2 / 3)
    assert scores.recall.low < 0.75 < scores.recall.high


def test_alliance_that_the_labels_do_not_know_counts_neither_way(labelled, finder):
    sentences = list(read_labelled_sentences(labelled))[:2]
    sentences[0].pairs.clear()
    scores = score_pairs(sentences, finder, alliances={"NATO"}, seed=0)
    assert scores.extra == 0


def test_triples_of_one_sentence_are_brought_together(tmp_path):
    path = tmp_path / "triples.jsonl"
    rows = [
        {"document": "a", "text": "Peru and Chile left ASEAN.", **FACTS, "alliance": "ASEAN",
         "state": state, "stance": "against"}
        for state in ("PER", "CHL")
    ]  # fmt: skip
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (sentence,) = read_labelled_sentences(path)
    assert sentence.pairs.keys() == {("PER", "ASEAN"), ("CHL", "ASEAN")}


@pytest.mark.parametrize("text", ["[]", "{}", line("a", "x").replace("context", "before")])
def test_line_without_its_keys_is_refused(tmp_path, text):
    path = tmp_path / "sentences.jsonl"
    path.write_text(text + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"sentences\.jsonl:1"):
        list(read_labelled_sentences(path))


def test_pairs_of_the_shared_sentences(shared, finder):
    path = shared / "gold" / "dev-sentences.jsonl"
    if not path.is_file():
        pytest.skip("no ../shared/gold/dev-sentences.jsonl")
    with (shared / "alliance-ids.csv").open(encoding="utf-8") as file:
        ids = {row["id"] for row in csv.DictReader(file)}
    scores = score_pairs(list(read_labelled_sentences(path)), finder, alliances=ids, seed=0)
    assert scores.recall.value >= 0.97
    assert scores.precision.value >= 0.95
