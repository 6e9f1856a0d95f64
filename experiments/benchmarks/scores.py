"""The benchmarks' own scores, for any number of classes."""

from collections.abc import Callable, Sequence
from statistics import mean

import numpy as np

from alliance_stance.evaluation.bootstrap import Interval, bootstrap
from alliance_stance.evaluation.metrics import Codes, accuracy
from alliance_stance.evaluation.report import INTERVAL_SEED

Score = Callable[[Codes, Codes], float]


def macro_f1(classes: Sequence[str], counted: Sequence[str] | None = None) -> Score:
    """Give the mean F1 of some classes as a function of right and predicted codes.

    Parameters
    ----------
    classes
        All of them, in the order of the codes.
    counted
        The classes whose F1 counts; None for all.
    """
    rows = [classes.index(name) for name in (counted or classes)]
    size = len(classes)

    def score(right: Codes, predicted: Codes) -> float:
        hits = np.bincount(right[right == predicted], minlength=size)
        given = np.bincount(right, minlength=size) + np.bincount(predicted, minlength=size)
        return float((2 * hits / np.maximum(given, 1))[rows].mean())

    return score


def interval(score: Score, right: Codes, predicted: Codes, owners: Sequence[str]) -> Interval:
    """Give a score with its interval by resampled documents."""
    return bootstrap(score, right, predicted, owners, seed=INTERVAL_SEED)


def percent(found: Interval) -> str:
    """Write a score with its interval, times 100."""
    return f"{100 * found.value:.1f} [{100 * found.low:.1f}, {100 * found.high:.1f}]"


def middle_position(found: Sequence[Interval]) -> int:
    """Give the position of the split of median score, the lower of two."""
    return sorted(range(len(found)), key=lambda at: found[at].value)[(len(found) - 1) // 2]


def over_splits(found: Sequence[Interval]) -> str:
    """Write the mean over splits, their range, and the middle one with its own interval.

    Each split scores other rows, so that the mean has no interval by documents.
    """
    values = [100 * own.value for own in found]
    return (
        f"{mean(values):.1f}, splits {min(values):.1f} to {max(values):.1f}, the middle one "
        f"{percent(found[middle_position(found)])}"
    )


__all__ = [
    "Score", "accuracy", "interval", "macro_f1", "middle_position", "over_splits", "percent",
]  # fmt: skip
