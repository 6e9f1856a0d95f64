"""Score extraction on sentences with all their pairs, and write the table."""

import argparse
import csv
from pathlib import Path

from alliance_stance.evaluation.pairs import read_labelled_sentences, score_pairs
from alliance_stance.extraction.candidates import CandidateFinder
from alliance_stance.files import write_text
from alliance_stance.fingerprints import SHORT, file_fingerprint
from alliance_stance.knowledge.knowledge import load_knowledge
from alliance_stance.training.commit import current_commit

HEADER = """# extraction: pairs found

Written by `experiments/extraction/pairs.py`; do not edit. Intervals are drawn by document.

| file | sentences | documents | pairs | missed | extra | recall [95 %] | precision [95 %] | recall of favor and against [95 %] |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
"""  # noqa: E501 - a row of a table


def main() -> None:
    """Read the arguments, score, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--alliances", type=Path, help="CSV whose ids the labels know")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("results-pairs.md"))
    arguments = parser.parse_args()
    knowledge = load_knowledge()
    ids = set(knowledge.alliances)
    if arguments.alliances:
        with arguments.alliances.open(encoding="utf-8") as file:
            ids = {row["id"] for row in csv.DictReader(file)}
    finder = CandidateFinder(knowledge)
    rows = []
    for path in arguments.files:
        sentences = list(read_labelled_sentences(path))
        scores = score_pairs(sentences, finder, alliances=ids, seed=0)
        name = f"{path.name} ({file_fingerprint(path)[:SHORT]})"
        counts = (scores.sentence_count, scores.document_count, scores.pair_count)
        errors = (scores.missed, scores.extra)
        shares = (scores.recall, scores.precision, scores.polar_recall)
        rows.append("| " + " | ".join(map(str, (name, *counts, *errors, *shares))) + " |\n")
    facts = f"\nKnowledge {knowledge.fingerprint[:SHORT]}; commit {current_commit()}.\n"
    write_text(arguments.output, HEADER + "".join(rows) + facts)
    print(arguments.output.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
