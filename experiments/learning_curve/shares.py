"""Ask whether a model is worse on real sentences, or whether they only hold other shares.

Precision, recall and F1 of each stance on the gold data's development split and on a labelled file;
and the F1 that the model would have on the first if its stances had the shares of the second, each
with its own recall.

    python experiments/learning_curve/shares.py MODEL [MODEL ...] --data ../shared/gold/dev.jsonl
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alliance_stance import load
from alliance_stance.datasets.table import build_dataset
from alliance_stance.errors import StanceError
from alliance_stance.evaluation.labelled import read_labelled
from alliance_stance.evaluation.report import score_examples
from alliance_stance.knowledge.knowledge import load_knowledge
from alliance_stance.models.base import StanceModel
from alliance_stance.schema import STANCES, Example

ROOT = Path(__file__).resolve().parents[2]
Table = NDArray[np.float64]


def confusion(model: StanceModel, examples: list[Example]) -> Table:
    """Count right (rows) by predicted stance (columns), of shape (3, 3)."""
    scored = score_examples(model, examples, where="rows")
    table = np.zeros((len(STANCES), len(STANCES)))
    np.add.at(table, (scored.stances, scored.predicted), 1)
    return table


def told(name: str, rows: str, table: Table) -> str:
    """Give a row of the table: the macro-F1, and of each stance share, precision, recall, F1."""
    hits = np.diag(table)
    precision, recall = hits / table.sum(axis=0), hits / table.sum(axis=1)
    scores = 2 * hits / (table.sum(axis=0) + table.sum(axis=1))
    shares = table.sum(axis=1) / table.sum()
    cells = [
        f"{shares[i]:.2f}; {precision[i]:.3f}, {recall[i]:.3f}, {scores[i]:.3f}"
        for i in range(len(STANCES))
    ]
    return f"| {name} | {rows} | {scores.mean():.3f} | " + " | ".join(cells) + " |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", help="Folders, shipped, or shipped-base.")
    parser.add_argument("--data", type=Path, required=True, help="Labelled real sentences.")
    arguments = parser.parse_args()
    knowledge = load_knowledge()
    recipe = ROOT / "configs" / "datasets" / "gold.yaml"
    own = build_dataset(recipe, knowledge, ROOT / "data" / "processed").examples("dev")
    real = read_labelled(arguments.data, knowledge)
    stances = " | ".join(f"{stance}: share; precision, recall, F1" for stance in STANCES)
    print(f"| model | rows | macro-F1 | {stances} |")
    print("|" + " --- |" * (3 + len(STANCES)))
    for name in arguments.models:
        model = load(name).artifact.model
        invented, found = confusion(model, own), confusion(model, real)
        moved = invented / invented.sum(axis=1, keepdims=True) * found.sum(axis=1, keepdims=True)
        print(told(name, "own dev", invented))
        print(told(name, "own dev, at the shares of real text", moved))
        print(told(name, arguments.data.name, found))


if __name__ == "__main__":
    try:
        main()
    except StanceError as error:
        sys.exit(f"error: {error}")
