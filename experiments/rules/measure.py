"""Measure the labelling rules and the label models, and write `results.md`."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from parts import Parts, read_parts

from alliance_stance.evaluation.label_scores import (
    FOLDS,
    LabelScores,
    judge,
    judge_by_folds,
    score_labels,
)
from alliance_stance.evaluation.labelled import read_labelled
from alliance_stance.extraction.candidates import CandidateFinder
from alliance_stance.files import write_text
from alliance_stance.fingerprints import SHORT, file_fingerprint
from alliance_stance.knowledge.knowledge import Knowledge, load_knowledge
from alliance_stance.labeling.label_model import DEFAULT, LABEL_MODELS
from alliance_stance.labeling.rule_figures import doubtful_voters, measure_voters
from alliance_stance.labeling.votes import VoteMatrix, apply_rules, vote_on_candidate
from alliance_stance.reporting.rule_table import facts_line, label_model_table, rule_table
from alliance_stance.schema import Document, Example, Label
from alliance_stance.training.commit import current_commit

MEGABYTE = 1_000_000


def labels_of(examples: Sequence[Example]) -> list[Label]:
    """Give the labels, which every example of these files has."""
    return [example.label for example in examples if example.label is not None]


def score_folds(matrix: VoteMatrix, labels: Sequence[Label]) -> dict[str, LabelScores]:
    """Score each label model on candidates of documents that it was not fitted on."""
    return {
        name: score_labels(judge_by_folds(make, matrix, labels), labels, matrix.documents)
        for name, make in LABEL_MODELS.items()
    }


def score_elsewhere(
    fitted: tuple[VoteMatrix, Sequence[Label]], examples: Sequence[Example]
) -> tuple[VoteMatrix, dict[str, LabelScores]]:
    """Score each label model, fitted on one file, on other examples."""
    matrix = apply_rules(examples)
    labels = labels_of(examples)
    return matrix, {
        name: score_labels(judge(make().fit(*fitted), matrix), labels, matrix.documents)
        for name, make in LABEL_MODELS.items()
    }


def speed_lines(corpus: Path, knowledge: Knowledge) -> list[str]:
    """Measure extraction and rules on whole documents, on one core."""
    paths = sorted((corpus / "documents").rglob("*.txt"))
    documents = [
        Document(path.stem, path.read_text(encoding="utf-8-sig", errors="replace"))
        for path in paths
    ]
    size = sum(len(document.text.encode()) for document in documents) / MEGABYTE
    finder = CandidateFinder(knowledge)
    began = time.process_time()
    candidates = [own for document in documents for own in finder.find_candidates(document)]
    extracted = time.process_time() - began
    began = time.process_time()
    fired = sum(any(vote >= 0 for vote in vote_on_candidate(own)) for own in candidates)
    voted = time.process_time() - began
    return [
        "## Cost",
        "Processor time of one core; documents without their titles, dates and speakers.",
        "",
        "| what | value |",
        "| --- | --- |",
        f"| documents, megabytes, candidates | {len(documents)}, {size:.1f}, {len(candidates)} |",
        f"| extraction | {extracted:.1f} s, {size / extracted:.1f} MB/s |",
        f"| rules | {voted:.1f} s, {len(candidates) / voted:.0f} candidates/s |",
        f"| candidates on which a rule votes | {fired / max(len(candidates), 1):.3f} |",
        f"| Python | {sys.version.split()[0]} |",
        "",
    ]


def report(train: Path, dev: Path, corpus: Path | None) -> str:
    """Write the whole page."""
    knowledge = load_knowledge()
    examples = read_labelled(train, knowledge)
    parts: Parts = read_parts(dev, knowledge)
    labels = labels_of(examples)
    matrix = apply_rules(examples)
    figures = measure_voters(matrix, labels)
    lines = [
        "# rules: results",
        "",
        "Written by `experiments/rules/measure.py`; do not edit. Precision and recall count the "
        f"candidates that the model labels. The default is `{DEFAULT}`.",
        "",
        f"## On {train.name}, by {FOLDS} folds of documents",
        facts_line(matrix, f"{train.name} ({file_fingerprint(train)[:SHORT]})"),
        "The rules were written on these sentences; the folds keep apart the weights alone.",
        "",
        label_model_table(score_folds(matrix, labels)),
        "",
    ]
    for title, note, part in (
        ("read", "These sentences were read while rules were written.", parts.read),
        ("held back", "Nobody read these sentences; nothing was chosen by them.", parts.held_back),
        ("whole", "Both parts together.", parts.read + parts.held_back),
    ):
        own, scores = score_elsewhere((matrix, labels), part)
        source = f"{dev.name} ({file_fingerprint(dev)[:SHORT]}), {title}"
        lines += [f"## On {dev.name}, {title}", facts_line(own, source), note, ""]
        lines += [label_model_table(scores), ""]
    if corpus is not None:
        lines += speed_lines(corpus, knowledge)
    lines += [f"## Rules on {train.name}", rule_table(figures), ""]
    warnings = doubtful_voters(figures, labels)
    if warnings:
        lines += ["## Worse than chance", *(f"- {line}" for line in warnings), ""]
    lines.append(f"Commit {current_commit()}.")
    return "\n".join([*lines, ""])


def main() -> None:
    """Read the arguments, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("train", type=Path, help="labelled examples that weights come from")
    parser.add_argument("dev", type=Path, help="labelled examples, a third of them held back")
    parser.add_argument("--corpus", type=Path, help="folder of documents, to measure the cost")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("results.md"))
    arguments = parser.parse_args()
    page = report(arguments.train, arguments.dev, arguments.corpus)
    write_text(arguments.output, page)
    print(page)


if __name__ == "__main__":
    main()
