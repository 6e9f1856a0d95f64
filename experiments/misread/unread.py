"""Let models judge real labelled texts that they did not learn, and compare the last two.

The texts are those of the stand-off labels on diplomatic cables, news and encyclopaedia pages, all
splits, without the sentences of some files, such as those that decide which model is packaged. Of
one half of the documents, drawn by checksum, the errors were read (experiments/misread_again); on
the half that was kept no error was read.
"""

import argparse
import hashlib
import sys
from itertools import pairwise
from pathlib import Path

from alliance_stance.datasets.table import build_dataset
from alliance_stance.draws import draw_documents
from alliance_stance.errors import StanceError
from alliance_stance.evaluation.bootstrap import bootstrap
from alliance_stance.evaluation.labelled import read_labelled
from alliance_stance.evaluation.metrics import Scored, macro_f1, stance_scores
from alliance_stance.evaluation.overlap import sentence_key
from alliance_stance.evaluation.report import INTERVAL_SEED, score_examples
from alliance_stance.inference.artifact import open_artifact
from alliance_stance.inference.shipped import SHIPPED, SHIPPED_BASE, shipped_folder
from alliance_stance.knowledge.knowledge import Knowledge, load_knowledge
from alliance_stance.schema import Example
from alliance_stance.training.promotion import beats

ROOT = Path(__file__).resolve().parents[2]
RECIPES = ("cables", "news", "encyclopaedia")
SPLITS = ("train", "dev", "test")
HALVES = ("read", "kept")
READ_BEFORE = ("news", "dev")
"""Recipe and split of the documents on which errors of a much earlier model had been read."""


def half_of(document: str) -> str:
    """Say in which half a document is: the draw depends on nothing but its id."""
    return HALVES[int(hashlib.sha256(document.encode()).hexdigest(), 16) % 2]


def read_unread(
    knowledge: Knowledge,
    without: list[Path],
    halves: tuple[str, ...] = HALVES,
    *,
    by_all: bool = False,
) -> dict[str, list[Example]]:
    """Give the examples of each recipe whose sentences are in none of some labelled files.

    With `by_all` without those on which errors of any model had been read (`READ_BEFORE`).
    """
    known = {
        sentence_key(example.candidate.text)
        for path in without
        for example in read_labelled(path, knowledge)
    }
    found = {}
    for name in RECIPES:
        recipe = ROOT / "configs" / "datasets" / f"{name}.yaml"
        built = build_dataset(recipe, knowledge, ROOT / "data" / "processed")
        found[name] = [
            example
            for split in SPLITS
            if not by_all or (name, split) != READ_BEFORE
            for example in built.examples(split)
            if sentence_key(example.candidate.text) not in known
            and half_of(example.candidate.document) in halves
        ]
    return found


def told(scored: Scored, title: str) -> str:
    """Give a line of a table."""
    score = bootstrap(
        macro_f1, scored.stances, scored.predicted, scored.documents, seed=INTERVAL_SEED
    )
    parts = ", ".join(f"{name} {f1['f1']:.3f}" for name, f1 in stance_scores(scored).items())
    documents = draw_documents(scored.documents, seed=INTERVAL_SEED).document_count
    return (
        f"{title}: macro-F1 {score.value:.3f} [{score.low:.3f}, {score.high:.3f}] ({parts}) "
        f"on {len(scored.ids):,} triples in {documents:,} documents"
    )


def main() -> None:
    """Score and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="+", help="Folders, shipped, or shipped-base.")
    parser.add_argument("--without", type=Path, nargs="*", default=[], help="Labelled sentences.")
    parser.add_argument("--half", choices=HALVES, help="Of the documents; both if absent.")
    parser.add_argument(
        "--unread-by-all",
        action="store_true",
        help="Leave out the news on which errors of a much earlier model had been read.",
    )
    arguments = parser.parse_args()
    halves = HALVES if arguments.half is None else (arguments.half,)
    examples = read_unread(
        load_knowledge(), arguments.without, halves, by_all=arguments.unread_by_all
    )
    judged: list[tuple[str, Scored]] = []
    for name in arguments.models:
        folder = shipped_folder(name) if name in {SHIPPED, SHIPPED_BASE} else Path(name)
        model = open_artifact(folder).model
        for part, own in examples.items():
            print(told(score_examples(model, own, where=part), f"{name}, {part}"), flush=True)
        every = [example for own in examples.values() for example in own]
        judged.append((name, score_examples(model, every, where="unread")))
        print(told(judged[-1][1], name), flush=True)
    for (first, before), (second, after) in pairwise(judged):
        print(beats(after, before, (second, first)).reason)


if __name__ == "__main__":
    try:
        main()
    except StanceError as error:
        sys.exit(f"error: {error}")
