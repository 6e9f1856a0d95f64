"""Fit the encoder to DSE with every row read from both ends, and write `results-mirrored.md`.

A row says who is for or against whom; with its two entities exchanged it says the same with the
labels "to the right" and "to the left" exchanged. So each training row is fitted twice, which needs
no text that is not there. What decides (whether a row is judged from one end or from both, and how
far the commonness of the labels is taken back; Menon and others 2021, "Long-tail learning via
logit adjustment") is chosen by macro-F1 on `valid_clean`. Only the winner is scored on the test
rows.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from encoder import TASKS, new_model
from numpy.typing import NDArray
from scores import interval
from units import Unit, codes, documents, read_units

from alliance_stance.datasets.table import build_dataset
from alliance_stance.errors import StanceError
from alliance_stance.files import write_text
from alliance_stance.knowledge.knowledge import load_knowledge
from alliance_stance.models.base import StanceModel
from alliance_stance.schema import ACTS, STANCE_OF_ACT
from alliance_stance.training.commit import current_commit

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
OUTPUT = HERE / "results-mirrored.md"
TASK = TASKS["dse"]
METRIC = "macro-F1 of 5"
MIRROR = {"0": "0", "1": "2", "2": "1", "3": "4", "4": "3"}
"""Label of each label's row when its two entities change places."""
_EXCHANGED = [TASK.classes.index(MIRROR[label]) for label in TASK.classes]
STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0)

LogProbabilities = NDArray[np.float64]


class Way(NamedTuple):
    """How a label is decided.

    Parameters
    ----------
    ends
        1 if a row is judged as it stands, 2 if the mean of both of its readings counts.
    strength
        Share of the labels' log-frequency that is taken off.
    """

    ends: int
    strength: float


def fit(units: Sequence[Unit]) -> StanceModel:
    """Fit the encoder on each row and on its mirror image."""
    model = new_model(TASK)
    candidates = [unit.candidates[end] for end in (0, 1) for unit in units]
    labels = [unit.label for unit in units] + [MIRROR[unit.label] for unit in units]
    acts = [TASK.acts[label] for label in labels]
    model.fit(candidates, [STANCE_OF_ACT[act] for act in acts], acts)
    return model


def read_ends(model: StanceModel, units: Sequence[Unit]) -> tuple[LogProbabilities, ...]:
    """Give the labels' probabilities of each row, of shape (n, 5): as it stands, and mirrored."""
    columns = [ACTS.index(act) for act in TASK.acts.values()]
    forward, backward = (
        model.predict_act_proba([unit.candidates[end] for unit in units])[:, columns]
        for end in (0, 1)
    )
    return forward, backward[:, _EXCHANGED]


def decide(
    ends: tuple[LogProbabilities, ...], way: Way, shares: LogProbabilities
) -> NDArray[np.intp]:
    """Give the codes of the likeliest labels."""
    found = np.mean(ends[: way.ends], axis=0)
    winners: NDArray[np.intp] = (np.log(found) - way.strength * np.log(shares)).argmax(axis=1)
    return winners


def main() -> None:
    """Fit, choose on the development rows, score the test rows once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench", type=Path, help="folder with a folder for each benchmark")
    path = (parser.parse_args().bench / "dse").resolve()
    dataset = build_dataset(
        ROOT / "configs" / "datasets" / "dse.yaml", load_knowledge(), ROOT / "data" / "processed",
        [f"path={path}"],
    )  # fmt: skip
    train, dev = read_units(dataset, "train"), read_units(dataset, "dev")
    started = time.monotonic()
    model = fit(train)
    seconds = time.monotonic() - started
    # a row and its mirror image: both labels of an exchange are as common
    counts = np.bincount(codes(train, TASK.classes), minlength=len(TASK.classes)).astype(float)
    shares = (counts + counts[_EXCHANGED]) / (2 * counts.sum())
    ends, right = read_ends(model, dev), codes(dev, TASK.classes)
    score = TASK.scored[METRIC]
    tried = {
        Way(count, strength): score(right, decide(ends, Way(count, strength), shares))
        for count in (1, 2)
        for strength in STRENGTHS
    }
    best = max(tried, key=lambda way: tried[way])
    told = [
        "# benchmarks: DSE from both ends", "",
        "Written by `experiments/benchmarks/mirrored.py`; do not edit. Macro-F1 of five labels "
        f"times 100; one seed, {len(train):,} rows and their mirror images, {seconds:,.0f} seconds "
        "to fit.", "",
        f"| `valid_clean`, {len(dev):,} rows: log-frequency taken off | "
        + " | ".join(f"{strength:g}" for strength in STRENGTHS) + " |",
        "|" + " --- |" * (len(STRENGTHS) + 1),
    ]  # fmt: skip
    for count, name in ((1, "judged as it stands"), (2, "judged from both ends")):
        cells = (f"{100 * tried[Way(count, strength)]:.1f}" for strength in STRENGTHS)
        told.append(f"| {name} | " + " | ".join(cells) + " |")
    told += [
        "", f"Chosen: {best.ends} of the two ends, {best.strength:g}.", "",
        "| rows | n | metric | score [95 %] |", "| --- | --- | --- | --- |",
    ]  # fmt: skip
    for split in ("test", "test_official"):
        told += score_rows(model, read_units(dataset, split), TASK.splits[split], best, shares)
    write_text(OUTPUT, "\n".join([*told, "", f"Commit: {current_commit()}."]) + "\n")
    print(OUTPUT.read_text(encoding="utf-8"))


def score_rows(
    model: StanceModel, units: Sequence[Unit], name: str, way: Way, shares: LogProbabilities
) -> list[str]:
    """Score rows as the winner decides, a line of the table for each metric."""
    predicted = decide(read_ends(model, units), way, shares)
    right, owners = codes(units, TASK.classes), documents(units)
    found = {
        metric: interval(score, right, predicted, owners) for metric, score in TASK.scored.items()
    }
    return [
        f"| {name} | {len(units)} | {metric} | {100 * value.value:.1f} "
        f"[{100 * value.low:.1f}, {100 * value.high:.1f}] |"
        for metric, value in found.items()
    ]


if __name__ == "__main__":
    try:
        main()
    except StanceError as error:
        sys.exit(f"error: {error}")
