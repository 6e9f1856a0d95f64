"""Compare the change points of `panel` with those that `report` had until decision 0036.

The former ones: documents in order of time are cut in two where the means of their triples differ
most, and the parts again; a cut stands if at most 1 % of 399 shuffles of the documents do as well.
Series are flat, changed in the middle (as in `alarms.py`), or wander: each period has shares of its
own around the same ones, so that no level lasts and every change point is a false one. Writes
`shuffles.md`.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from alarms import AFTER, DOCUMENTS, FLAT, LENGTHS, PAIRS
from world import Scenario, World, draw_world

from alliance_stance.evaluation.metrics import Codes, Matrix
from alliance_stance.evaluation.significance import holm
from alliance_stance.files import write_text
from alliance_stance.panels.changes import Series, cut_series, even_errors
from alliance_stance.panels.estimates import TO_MEASURES
from alliance_stance.panels.sampling import cell_means

HERE = Path(__file__).resolve().parent
COURSES = ("flat", "wandering", "changed")
WANDERING = 10.0
"""Concentration of a period's shares around `FLAT`: a standard deviation of 0.20 of the score."""
FEWEST, SIDE, MOST, SIGNIFICANCE, SHUFFLES = 20, 5, 3, 0.01, 399


def shares_of(course: str, length: int, random: np.random.Generator) -> Matrix:
    """Give the right shares of all cells, pair by pair."""
    if course == "wandering":
        return random.dirichlet(WANDERING * FLAT, PAIRS * length)
    later = np.arange(length) >= length // 2
    return np.tile(np.where((later & (course == "changed"))[:, None], AFTER, FLAT), (PAIRS, 1))


def by_periods(world: World, length: int) -> Iterator[tuple[list[int], float]]:
    """Yield the change points of each pair and its p value as `panel` has them."""
    means = cell_means(world.clusters, world.outputs @ TO_MEASURES[:, 3:])
    rows = (one.reshape(-1, length) for one in (means.values, means.errors(), world.size))
    for values, errors, size in zip(*rows, strict=True):
        even = even_errors(errors, size)
        series = Series("AAA", "BBB", tuple(map(str, range(length))), values, even)
        cuts = cut_series(series, seed=0)
        yield list(cuts.positions), cuts.p_value


def by_shuffles(world: World, length: int) -> Iterator[list[int]]:
    """Yield the change points of each pair as `report` had them."""
    random = np.random.default_rng(20)
    cell = world.clusters.cell
    score = np.bincount(world.clusters.owner, world.outputs @ TO_MEASURES[:, 3])
    for pair in range(PAIRS):
        own = slice(*np.searchsorted(cell, [pair * length, (pair + 1) * length]))
        yield _cut(score[own], world.clusters.sizes[own], cell[own] % length, random)


def _cut(scores: Matrix, counts: Matrix, periods: Codes, random: np.random.Generator) -> list[int]:
    cuts: list[int] = []
    parts = [(0, len(scores))] if len(scores) >= FEWEST else []
    while parts and len(cuts) < MOST:
        start, end = parts.pop(0)
        cut = _best(scores[start:end], counts[start:end], periods[start:end], random)
        if cut is not None:
            cuts.append(start + cut)
            parts += [(start, start + cut), (start + cut, end)]
    return [int(periods[cut]) for cut in cuts]


def _best(
    scores: Matrix, counts: Matrix, periods: Codes, random: np.random.Generator
) -> int | None:
    places = np.flatnonzero(np.diff(periods)) + 1
    places = places[(places >= SIDE) & (places <= len(scores) - SIDE)]
    if not len(places):
        return None
    left = scores - scores.sum() / counts.sum() * counts
    found = _gaps(left[None], places)[0]
    shuffled = _gaps(random.permuted(np.tile(left, (SHUFFLES, 1)), axis=1), places).max(axis=1)
    beaten = int((shuffled >= found.max()).sum())
    is_found = (beaten + 1) / (SHUFFLES + 1) <= SIGNIFICANCE
    return int(places[int(np.argmax(found))]) if is_found else None


def _gaps(left: Matrix, places: Codes) -> Matrix:
    total = left.shape[1]
    gaps: Matrix = np.abs(np.cumsum(left, axis=1)[:, places - 1])
    return gaps / np.sqrt(places * (total - places))


def main() -> None:
    """Measure each course, length and size of cells."""
    lines = [
        f"{PAIRS} series each, as the model has them: the share with a change point, and (near) "
        "with one within two periods of the change. `panel`: any; `p 0.01`: those whose series has "
        "a `p_value` of at most 0.01, to compare with `shuffles`, which were as strict, as "
        "`report` had them; `for all`: `p_holm` of at most 0.05.",
        "",
        "| documents a period | periods | course | panel | for all | p 0.01 | shuffles | "
        "panel, near | p 0.01, near | shuffles, near |",
        "|" + " --- |" * 10,
    ]
    for name, (least, most) in DOCUMENTS.items():
        for length in LENGTHS:
            for number, course in enumerate(COURSES):
                random = np.random.default_rng([length, least, number])
                size = random.integers(least, most, PAIRS * length)
                shares = shares_of(course, length, random)
                world = draw_world(Scenario(), size, shares, random)
                cuts, p_values = zip(*by_periods(world, length), strict=True)
                together = _strict(cuts, holm(p_values), 0.05)
                strict = _strict(cuts, p_values, SIGNIFICANCE)
                shuffles = list(by_shuffles(world, length))
                figures = [_any(found) for found in (cuts, together, strict, shuffles)]
                if course == "changed":
                    figures += [_near(found, length // 2) for found in (cuts, strict, shuffles)]
                cells = " | ".join(f"{figure:.3f}" for figure in figures)
                cells += "" if course == "changed" else " | | |"
                lines.append(f"| {name} | {length} | {course} | {cells} |")
    write_text(HERE / "shuffles.md", "\n".join(lines) + "\n")


def _strict(found: Sequence[list[int]], p_values: Sequence[float], most: float) -> list[list[int]]:
    return [cuts if p <= most else [] for cuts, p in zip(found, p_values, strict=True)]


def _any(found: Sequence[list[int]]) -> float:
    return sum(map(bool, found)) / PAIRS


def _near(found: Sequence[list[int]], middle: int) -> float:
    return sum(any(abs(cut - middle) <= 2 for cut in cuts) for cuts in found) / PAIRS


if __name__ == "__main__":
    main()
