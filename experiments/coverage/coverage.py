"""Measure whether the intervals of a panel cover the right shares as often as they say.

Corpora are invented with known right shares (`world.py`), labelled and estimated by the package's
own code, many times over. Each scenario adds its rows to `coverage.csv`, and one that has them is
not run again. Writes `coverage.md` and `coverage.png` from the rows of all.
"""

import argparse
import csv
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from world import SIZES, Scenario, World, draw_cells, draw_world

from alliance_stance.draws import DRAWS
from alliance_stance.errors import InputError
from alliance_stance.evaluation.metrics import Matrix
from alliance_stance.files import write_text
from alliance_stance.panels.adjusted import (
    ALL_VOICES,
    Confusion,
    measure_confusion,
)
from alliance_stance.panels.estimates import MEASURES, TO_MEASURES, adjusted_bounds
from alliance_stance.panels.labels import Labels
from alliance_stance.panels.powered import estimate_powered
from alliance_stance.panels.sampling import cell_means

HERE = Path(__file__).resolve().parent
ROWS = HERE / "coverage.csv"
SCENARIOS = {
    "holds, 200 documents labelled": Scenario(),
    "holds, 600 documents labelled": Scenario(labelled_documents=600),
    "holds, 80 documents labelled": Scenario(labelled_documents=80),
    "labels drawn by prediction, told": Scenario(wanted_against=6),
    "labels drawn by prediction, not told": Scenario(wanted_against=6, tells_probabilities=False),
    "broken: labels from plainer text": Scenario(foreign=1.0),
}
METHODS = ("naive", "counted", "bootstrap", "adjusted", "ppi")
"""``naive``: predicted shares, with the usual interval of so many independent triples;
``bootstrap``: as ``adjusted``, but the documents of a cell are drawn with replacement.
"""
BEST, WORST = 0.97, 0.93
Bounds = tuple[Matrix, Matrix]


def intervals(world: World, confusion: Confusion, seed: int) -> Iterator[tuple[str, Bounds]]:
    """Yield the 95 % intervals of each method, of shape (cells, 4); NaN where there is none."""
    outputs = world.outputs @ TO_MEASURES
    predicted = np.eye(3)[world.outputs.argmax(axis=1)] @ TO_MEASURES
    yield "naive", _binomial(world, predicted)
    own = np.column_stack([predicted[:, :3], outputs[:, 3]])
    means = cell_means(world.clusters, own)
    yield "counted", (means.values - means.margins(), means.values + means.margins())
    shares = cell_means(world.clusters, world.outputs)
    yield "adjusted", adjusted_bounds(shares, confusion, seed=seed)
    yield "bootstrap", _plain_bootstrap(world, confusion, seed)
    labels = Labels(world.labelled, world.stances[world.labelled], world.label_weights, False, 0, 0)
    right = np.eye(3)[labels.stances] @ TO_MEASURES
    powered = estimate_powered(world.clusters, outputs, right, labels)
    yield "ppi", (powered.values - powered.margins, powered.values + powered.margins)


def _binomial(world: World, values: Matrix) -> Bounds:
    cell = world.clusters.cell[world.clusters.owner]
    count = np.bincount(cell)[:, None]
    mean = np.stack([np.bincount(cell, weights=v) for v in values.T], axis=1) / count
    square = np.stack([np.bincount(cell, weights=v**2) for v in values.T], axis=1) / count
    margin = 1.96 * np.sqrt((square - mean**2) / count)
    return mean - margin, mean + margin


def _plain_bootstrap(world: World, confusion: Confusion, seed: int) -> Bounds:
    """Draw the documents of each cell with replacement (as Poisson counts), and M as elsewhere."""
    clusters = world.clusters
    means = clusters.document_means(world.outputs)
    inverses = np.linalg.inv(confusion.draws[:, 0])
    random = np.random.default_rng([seed, 2])
    drawn = []
    for size in SIZES:
        of_size = np.flatnonzero(world.size[clusters.cell] == size)
        values = means[of_size].reshape(-1, size, 3)
        counts = random.multinomial(size, np.full(size, 1 / size), (DRAWS, len(values)))
        drawn.append(np.einsum("bcd,cdk->bck", counts / size, values) @ inverses @ TO_MEASURES)
    # cells are in the order of their sizes
    low, high = np.quantile(np.concatenate(drawn, axis=1), [0.025, 0.975], axis=0)
    return low, high


def run(scenario: Scenario, repeats: int) -> tuple[dict[tuple[str, int], list[Matrix]], int]:
    """Repeat a scenario; give hits and widths by method and size, and runs with too few labels."""
    found = defaultdict(list)
    unusable = 0
    for seed in range(repeats):
        random = np.random.default_rng(seed)
        world = draw_world(scenario, *draw_cells(random), random)
        truth = world.shares @ TO_MEASURES
        documents = world.clusters.owner[world.labelled]
        try:
            confusion = measure_confusion(
                ALL_VOICES, world.label_outputs, world.stances[world.labelled],
                world.label_weights, documents, seed=seed,
            )  # fmt: skip
        except InputError:
            unusable += 1
            continue
        for method, (low, high) in intervals(world, confusion, seed):
            if method == "ppi" and scenario.foreign:
                continue
            hits = np.where(np.isnan(low), np.nan, (low <= truth) & (truth <= high))
            lowest = np.array([0, 0, 0, -1])
            widths = np.clip(high, lowest, 1) - np.clip(low, lowest, 1)
            for size in SIZES:
                own = world.size == size
                found[method, size].append(np.stack([hits[own], widths[own]]))
    return found, unusable


def rows_of(
    name: str, found: dict[tuple[str, int], list[Matrix]], runs_count: int
) -> Iterator[dict[str, Any]]:
    """Yield coverage and width of each method, size and measure."""
    for (method, size), runs in found.items():
        hits, widths = np.stack(runs, axis=1)
        for column, measure in enumerate(MEASURES):
            known = ~np.isnan(hits[..., column])
            # an interval in few cells says nothing of the size
            if known.mean() < 0.1:
                continue
            yield {
                "scenario": name, "runs": runs_count, "method": method, "documents": size,
                "measure": measure,
                "cells": int(known.sum()), "without": round(1 - known.mean(), 4),
                "coverage": round(float(np.nanmean(hits[..., column])), 4),
                "width": round(float(np.nanmean(widths[..., column])), 3),
            }  # fmt: skip


def table(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Write coverage, mean over the four measures, and the width of the score's interval."""
    yield "| scenario | runs | documents in a cell | " + " | ".join(METHODS) + " | refuted |"
    yield "|" + " --- |" * (len(METHODS) + 4)
    for name in SCENARIOS:
        runs = next(row["runs"] for row in rows if row["scenario"] == name)
        for size in SIZES:
            cells = []
            refuted = "-"
            for method in METHODS:
                own = [
                    row
                    for row in rows
                    if (row["scenario"], row["method"]) == (name, method)
                    and int(row["documents"]) == size
                ]
                if not own:
                    cells.append("-")
                    continue
                mean = np.mean([row["coverage"] for row in own])
                cells.append(f"{mean:.3f} ({own[-1]['width']:.2f})")
                if method == "adjusted":
                    refuted = f"{own[-1]['without']:.3f}"
            yield f"| {name} | {runs} | {size} | " + " | ".join(cells) + f" | {refuted} |"


def draw(rows: list[dict[str, Any]]) -> None:
    """Draw coverage over the size of a cell, a picture a scenario."""
    colours = dict(
        zip(METHODS, ("#555555", "#E69F00", "#CC79A7", "#0072B2", "#009E73"), strict=True)
    )
    figure, grid = plt.subplots(2, 3, figsize=(11, 6), sharex=True, sharey=True)
    for axes, name in zip(grid.ravel(), SCENARIOS, strict=True):
        axes.axhspan(WORST, BEST, color="#0072B2", alpha=0.12)
        for method, marker in zip(METHODS, "xsvoD", strict=True):
            points = defaultdict(list)
            for row in rows:
                if row["scenario"] == name and row["method"] == method:
                    points[int(row["documents"])].append(row["coverage"])
            axes.plot(
                list(points), [np.mean(p) for p in points.values()], marker=marker,
                color=colours[method], label=method,
            )  # fmt: skip
        axes.set(title=name, xscale="log", ylim=(0, 1.02))
        axes.title.set_fontsize(9)
    for axes in grid[1]:
        axes.set_xlabel("documents in a cell")
    for axes in grid[:, 0]:
        axes.set_ylabel("coverage")
    grid[0, 0].legend(frameon=False, fontsize=8, loc="lower left")
    figure.tight_layout()
    figure.savefig(HERE / "coverage.png", dpi=110)


def read_rows() -> list[dict[str, Any]]:
    """Read the rows of the scenarios that have been run."""
    if not ROWS.is_file():
        return []
    with ROWS.open(encoding="utf-8", newline="") as file:
        return [
            {**row, **{name: float(row[name]) for name in ("coverage", "width", "without")}}
            for row in csv.DictReader(file)
        ]


def append(rows: list[dict[str, Any]]) -> None:
    """Add the rows of a scenario, all in one write."""
    is_new = not ROWS.is_file()
    with ROWS.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        if is_new:
            writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    """Run the scenarios that have not been run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=100)
    parser.add_argument("--only", type=int, nargs="+", help="numbers of scenarios, from 0")
    arguments = parser.parse_args()
    for number, (name, scenario) in enumerate(SCENARIOS.items()):
        is_wanted = arguments.only is None or number in arguments.only
        if not is_wanted or any(row["scenario"] == name for row in read_rows()):
            continue
        started = time.process_time()
        found, unusable = run(scenario, arguments.repeats)
        append(list(rows_of(name, found, arguments.repeats - unusable)))
        print(f"{name}: {time.process_time() - started:.0f} s", flush=True)
    rows = read_rows()
    if {row["scenario"] for row in rows} != set(SCENARIOS):
        return
    write_text(
        HERE / "coverage.md",
        "12 cells of each size in each run. Coverage of 95 % intervals, mean over the three shares "
        "and the score; in brackets the mean width of the score's interval, inside [-1, 1]. "
        "`refuted`: cells to which `adjusted` gives no estimate. `runs` are those whose labels "
        "were enough.\n\n" + "\n".join(table(rows)) + "\n\n![Coverage](coverage.png)\n",
    )
    draw(rows)


if __name__ == "__main__":
    main()
