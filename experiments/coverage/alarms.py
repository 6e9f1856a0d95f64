"""Measure how often a flat series gets a change point, and how often a real change is found.

Series are cells of invented corpora (`world.py`) with the same right shares in every period, or
with other shares from the middle on, estimated by the package's own code. Writes `alarms.md`.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from world import Scenario, World, draw_world

from alliance_stance.evaluation.metrics import Matrix
from alliance_stance.files import write_text
from alliance_stance.panels.adjusted import ALL_VOICES, adjust, measure_confusion
from alliance_stance.panels.changes import Series, cut_series, even_errors
from alliance_stance.panels.estimates import TO_MEASURES
from alliance_stance.panels.sampling import cell_means

HERE = Path(__file__).resolve().parent
PAIRS = 200
LENGTHS = (10, 20, 40)
DOCUMENTS = {"1 to 3": (1, 4), "5 to 15": (5, 16)}
FLAT = np.array([0.12, 0.35, 0.53])
AFTER = np.array([0.40, 0.15, 0.45])
"""Shares of against, favor and neutral, before and after a change."""


def series_of(world: World, length: int, seed: int) -> Iterator[tuple[str, Series]]:
    """Yield each pair's series, as the model has it and adjusted."""
    confusion = measure_confusion(
        ALL_VOICES, world.label_outputs, world.stances[world.labelled], world.label_weights,
        world.clusters.owner[world.labelled], seed=seed,
    )  # fmt: skip
    counted = cell_means(world.clusters, world.outputs)
    periods = tuple(f"{number:04d}" for number in range(length))
    for name, means in (("counted", counted), ("adjusted", adjust(counted, confusion))):
        score = means.values @ TO_MEASURES[:, 3]
        variances = TO_MEASURES[:, 3] @ means.covariances @ TO_MEASURES[:, 3]
        rows = (one.reshape(-1, length) for one in (score, np.sqrt(variances), world.size))
        for values, errors, size in zip(*rows, strict=True):
            yield name, Series("AAA", "BBB", periods, values, even_errors(errors, size))


def shares_of(length: int, *, is_flat: bool) -> Matrix:
    """Give the right shares of all cells, pair by pair."""
    later = np.arange(length) >= length // 2
    one = np.where(later[:, None] & (not is_flat), AFTER, FLAT)
    return np.tile(one, (PAIRS, 1))


def main() -> None:
    """Measure each length and size of cells."""
    started = time.process_time()
    lines = [
        f"{PAIRS} series each. Shares against, favor, neutral: {FLAT.tolist()}; changed: "
        f"{AFTER.tolist()} from the middle on. `found`: a change point within two periods of it.",
        "",
        "| documents a period | periods | scores | flat series with a change point | "
        "changed series with one | found |",
        "|" + " --- |" * 6,
    ]
    for name, (least, most) in DOCUMENTS.items():
        for length in LENGTHS:
            counts: dict[str, list[int]] = {"counted": [0, 0, 0], "adjusted": [0, 0, 0]}
            for is_flat in (True, False):
                random = np.random.default_rng([length, least, is_flat])
                size = random.integers(least, most, PAIRS * length)
                shares = shares_of(length, is_flat=is_flat)
                world = draw_world(Scenario(labelled_documents=400), size, shares, random)
                for method, series in series_of(world, length, seed=length):
                    cuts = cut_series(series, seed=0).positions
                    counts[method][0 if is_flat else 1] += bool(cuts)
                    is_near = any(abs(cut - length // 2) <= 2 for cut in cuts)
                    counts[method][2] += is_near and not is_flat
            for method, found in counts.items():
                cells = " | ".join(f"{count / PAIRS:.3f}" for count in found)
                lines.append(f"| {name} | {length} | {method} | {cells} |")
            print(f"{name}, {length}: {time.process_time() - started:.0f} s", flush=True)
    write_text(HERE / "alarms.md", "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
