"""Write `results.md` from the rows that `deletion.py` has gathered."""

import csv
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from alliance_stance.draws import draw_documents
from alliance_stance.evaluation.bootstrap import Interval, percentiles
from alliance_stance.files import write_text

HERE = Path(__file__).resolve().parent
ROWS = HERE.parents[1] / "artifacts" / "explanations"
CHANCE = "random"
SIZES = ("1", "2", "3", "5")
SEED = 0
_FEWEST = 30
"""Triples below which a table would tell nothing."""
Drops = Mapping[tuple[str, str], Mapping[str, float]]
"""By way and number of words, by id of the triple."""


def read_rows(path: Path) -> tuple[Drops, dict[str, str], dict[str, str]]:
    """Read the drops of one model, and document and stance of each triple."""
    drops: dict[tuple[str, str], dict[str, float]] = {}
    documents: dict[str, str] = {}
    stances: dict[str, str] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            key = row["chosen_by"], row["deleted"]
            drops.setdefault(key, {})[row["id"]] = float(row["drop"])
            documents[row["id"]], stances[row["id"]] = row["document"], row["stance"]
    return drops, documents, stances


def mean_interval(values: Sequence[float], documents: Sequence[str]) -> Interval:
    """Give a mean with its interval over resampled documents."""
    resamples = draw_documents(documents, seed=SEED)
    sums = np.bincount(resamples.owners, weights=values)
    counts = np.bincount(resamples.owners)
    drawn = (resamples.drawn @ sums) / (resamples.drawn @ counts)
    return percentiles(float(np.mean(values)), drawn)


def table(drops: Drops, documents: Mapping[str, str], ids: Sequence[str]) -> str:
    """Write a line a way: the mean drop for each number of words, and what it leads chance by."""
    header = [f"drop, {size} out" for size in SIZES] + ["3 out, minus random [95 %]"]
    lines = ["| words chosen by | " + " | ".join(header) + " |", "|" + " --- |" * 6]
    owners = [documents[id_] for id_ in ids]
    ways = sorted({way for way, _ in drops}, key=lambda way: -_mean(drops[way, "3"], ids))
    for way in ways:
        cells = [
            str(mean_interval([drops[way, size][id_] for id_ in ids], owners)) for size in SIZES
        ]
        lead = [drops[way, "3"][id_] - drops[CHANCE, "3"][id_] for id_ in ids]
        cells.append("-" if way == CHANCE else str(mean_interval(lead, owners)))
        lines.append(f"| {way} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _mean(values: Mapping[str, float], ids: Sequence[str]) -> float:
    return float(np.mean([values[id_] for id_ in ids]))


def main() -> None:
    """Write the page."""
    parts = [
        "# Drop of the predicted stance's probability when words are deleted\n",
        "Means over triples of the gold data's development split, with 95 % intervals by resampled "
        "documents. What the words are chosen by and what the figures mean stands in the "
        "[README](README.md). `table.py` writes this page.\n",
    ]
    gathered = sorted(ROWS.glob("*.csv"))
    if not gathered:
        sys.exit(f"error: no rows in {ROWS}: gather some with deletion.py first")
    for path in gathered:
        drops, documents, stances = read_rows(path)
        polar = [id_ for id_, stance in stances.items() if stance != "neutral"]
        neutral = [id_ for id_, stance in stances.items() if stance == "neutral"]
        for name, ids in (("favor or against", polar), ("neutral", neutral)):
            if len(ids) < _FEWEST:
                continue
            count = len({documents[id_] for id_ in ids})
            parts.append(f"## {path.stem}, predicted {name}\n")
            parts.append(f"{len(ids)} triples of {count} documents.\n")
            parts.append(f"{table(drops, documents, ids)}\n")
    write_text(HERE / "results.md", "\n".join(parts))


if __name__ == "__main__":
    main()
