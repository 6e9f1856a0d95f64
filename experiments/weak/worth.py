"""What weak labels are worth: a model fitted on weak labels, on gold ones and on both.

Scored on labelled real sentences. Documents of the corpus that hold one of these sentences are
left out of the weak training data. Each fit adds its row to `worth.csv`, and one that has its row
is not done again: a run can be stopped and taken up, or shared out to several processes.
"""

import argparse
import csv
from collections.abc import Sequence
from itertools import product, starmap
from pathlib import Path
from typing import NamedTuple

from alliance_stance.datasets.table import build_dataset
from alliance_stance.evaluation.bootstrap import bootstrap
from alliance_stance.evaluation.labelled import read_labelled
from alliance_stance.evaluation.metrics import macro_f1, stance_scores
from alliance_stance.evaluation.report import INTERVAL_SEED, score_examples
from alliance_stance.files import write_text
from alliance_stance.fingerprints import SHORT
from alliance_stance.knowledge.knowledge import load_knowledge
from alliance_stance.models.table import build_model
from alliance_stance.schema import STANCES, Example
from alliance_stance.training.commit import current_commit
from alliance_stance.training.experiment import read_model

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
ROWS = HERE / "worth.csv"
SOURCES = ("weak", "gold", "both")
COLUMNS = (
    "model", "seed", "source", "triples", "macro_f1", "against", "favor", "neutral", "commit",
)  # fmt: skip
HEADS = {"source": "trained on", "macro_f1": "macro-F1 [95 %]"}


class Fit(NamedTuple):
    """What identifies one fit."""

    model: str
    seed: int
    source: str


def plain(text: str) -> str:
    """Give a text without differences of case and white space."""
    return " ".join(text.casefold().split())


def without(examples: Sequence[Example], held: Sequence[Example]) -> list[Example]:
    """Leave out the documents that hold a sentence of `held`."""
    texts = {plain(example.candidate.text) for example in held}
    known = {e.candidate.document for e in examples if plain(e.candidate.text) in texts}
    return [example for example in examples if example.candidate.document not in known]


def fit_and_score(fit: Fit, train: Sequence[Example], test: Sequence[Example]) -> dict[str, object]:
    """Fit a model, and give its row of the table."""
    config = read_model(ROOT / "configs" / "models" / f"{fit.model}.yaml", [])
    model = build_model(config.kind, config.settings, seed=fit.seed)
    labels = [example.label for example in train if example.label is not None]
    model.fit(
        [example.candidate for example in train],
        [label.stance for label in labels],
        acts=[label.act for label in labels],
    )
    scored = score_examples(model, test, where="real")
    value = bootstrap(
        macro_f1, scored.stances, scored.predicted, scored.documents, seed=INTERVAL_SEED
    )
    by_stance = stance_scores(scored)
    return {
        **fit._asdict(),
        "triples": len(train),
        "macro_f1": str(value),
        **{str(stance): f"{by_stance[str(stance)]['f1']:.3f}" for stance in STANCES},
        "commit": current_commit()[:SHORT],
    }


def read_rows() -> list[dict[str, str]]:
    """Read the rows that are there."""
    if not ROWS.is_file():
        return []
    with ROWS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def add_row(row: dict[str, object]) -> None:
    """Add a row in one write, so that several processes may."""
    is_new = not ROWS.is_file()
    with ROWS.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        if is_new:
            writer.writeheader()
        writer.writerow(row)


def table(head: str) -> str:
    """Write all rows as a table."""
    order = {name: place for place, name in enumerate(SOURCES)}
    rows = sorted(read_rows(), key=lambda row: (row["model"], row["seed"], order[row["source"]]))
    lines = [
        f"| {' | '.join(HEADS.get(column, column) for column in COLUMNS)} |",
        f"|{' --- |' * len(COLUMNS)}",
        *(f"| {' | '.join(row[column] for column in COLUMNS)} |" for row in rows),
    ]
    return head + "\n\n" + "\n".join(lines) + "\n"


def main() -> None:
    """Fit all that has no row yet, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labelled", type=Path, help="Labelled real sentences to score on.")
    parser.add_argument("--models", nargs="+", default=["linear", "packed"])
    parser.add_argument("--sources", nargs="+", default=list(SOURCES), choices=SOURCES)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    arguments = parser.parse_args()
    knowledge = load_knowledge()
    test = read_labelled(arguments.labelled, knowledge)
    built = {
        name: build_dataset(
            ROOT / "configs" / "datasets" / f"{name}.yaml", knowledge, ROOT / "data" / "processed"
        )
        for name in ("weak", "gold")
    }
    weak = without(built["weak"].examples("train"), test)
    gold = built["gold"].examples("train")
    sources = {"weak": weak, "gold": gold, "both": [*gold, *weak]}
    done = {(row["model"], int(row["seed"]), row["source"]) for row in read_rows()}
    for fit in starmap(Fit, product(arguments.models, arguments.seeds, arguments.sources)):
        if fit not in done:
            add_row(fit_and_score(fit, sources[fit.source], test))
            print(*fit, flush=True)
    data = ", ".join(f"{name} {one.fingerprint[:SHORT]}" for name, one in built.items())
    head = f"{len(test)} triples of {arguments.labelled.name}. Data: {data}."
    write_text(HERE / "results.md", table(head))


if __name__ == "__main__":
    main()
