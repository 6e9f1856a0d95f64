"""Score the whole way, from a sentence to its stances: pairs are found, then judged.

What counts is a triple (state, alliance, favor or against) of a sentence: right where a careful
reader gave it too. A neutral pair that is missed or found too often costs nothing.
"""

import argparse
import csv
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from alliance_stance.draws import draw_documents
from alliance_stance.evaluation.pairs import LabelledSentence, read_labelled_sentences
from alliance_stance.evaluation.report import INTERVAL_SEED
from alliance_stance.evaluation.resampling import score_interval
from alliance_stance.extraction.candidates import CandidateFinder
from alliance_stance.files import write_text
from alliance_stance.fingerprints import SHORT, file_fingerprint
from alliance_stance.inference.artifact import open_artifact
from alliance_stance.knowledge.knowledge import load_knowledge
from alliance_stance.models.base import StanceModel
from alliance_stance.schema import Candidate, Stance
from alliance_stance.training.commit import current_commit

OUTPUT = Path(__file__).with_name("results-whole-way.md")
Triple = tuple[str, str, str]

HEADER = """# extraction: the whole way

Written by `experiments/extraction/whole_way.py`; do not edit. Triples of favor and against, found
and judged as a reader gave them, of {wanted} in {sentences} sentences of {documents} documents
({file}); 95 % by resampled documents.

| model | found | right | precision | recall | F1 [95 %] |
| --- | --- | --- | --- | --- | --- |
"""


def find_triples(
    model: StanceModel,
    sentences: Sequence[LabelledSentence],
    finder: CandidateFinder,
    alliances: Collection[str],
) -> list[set[Triple]]:
    """Give the triples of favor and against of each sentence that extraction and model find."""
    places: list[int] = []
    candidates: list[Candidate] = []
    for place, sentence in enumerate(sentences):
        for state, alliance in finder.find_pairs(sentence.candidate):
            if alliance in alliances:
                pair = replace(sentence.candidate, state=state, alliance=alliance)
                candidates.append(finder.mark_candidate(pair))
                places.append(place)
    found: list[set[Triple]] = [set() for _ in sentences]
    for place, candidate, stance in zip(places, candidates, model.predict(candidates), strict=True):
        if stance != Stance.NEUTRAL:
            found[place].add((candidate.state, candidate.alliance, str(stance)))
    return found


def wanted_triples(sentence: LabelledSentence) -> set[Triple]:
    """Give the triples of favor and against that a reader gave."""
    return {
        (*pair, str(stance))
        for pair, stance in sentence.pairs.items()
        if stance is not Stance.NEUTRAL
    }


def score(found: Sequence[set[Triple]], sentences: Sequence[LabelledSentence]) -> str:
    """Give the cells of one model."""
    counts = np.array(
        [
            (len(own & wanted_triples(sentence)), len(own), len(wanted_triples(sentence)))
            for own, sentence in zip(found, sentences, strict=True)
        ]
    )
    resamples = draw_documents([s.candidate.document for s in sentences], seed=INTERVAL_SEED)
    sums = resamples.sum_rows(counts)
    f1 = score_interval(lambda own: 2 * own[..., 0] / own[..., 1:].sum(-1), [sums], resamples, "")
    right, given, wanted = counts.sum(axis=0)
    precision = f"{right / given:.3f}" if given else "-"
    return f"{given} | {right} | {precision} | {right / wanted:.3f} | {f1}"


def lines(arguments: argparse.Namespace, sentences: list[LabelledSentence]) -> Iterator[str]:
    """Score every model."""
    knowledge = load_knowledge()
    finder, ids = CandidateFinder(knowledge), set(knowledge.alliances)
    if arguments.alliances:
        with arguments.alliances.open(encoding="utf-8") as file:
            ids = {row["id"] for row in csv.DictReader(file)}
    for folder in arguments.models:
        artifact = open_artifact(folder)
        cells = score(find_triples(artifact.model, sentences, finder, ids), sentences)
        yield f"| {folder} | {cells} |\n"


def main() -> None:
    """Read the arguments, score, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sentences", type=Path, help="JSON lines with all triples of a sentence")
    parser.add_argument("models", type=Path, nargs="+", help="model folders")
    parser.add_argument("--alliances", type=Path, help="CSV whose ids the labels know")
    arguments = parser.parse_args()
    sentences = list(read_labelled_sentences(arguments.sentences))
    name = f"{arguments.sentences.name} {file_fingerprint(arguments.sentences)[:SHORT]}"
    told = HEADER.format(
        wanted=sum(len(wanted_triples(sentence)) for sentence in sentences),
        sentences=len(sentences),
        documents=len({sentence.candidate.document for sentence in sentences}),
        file=name,
    )
    body = "".join(lines(arguments, sentences))
    write_text(OUTPUT, f"{told}{body}\nCommit {current_commit()}.\n")
    print(OUTPUT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
