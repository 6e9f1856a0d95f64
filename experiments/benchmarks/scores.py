"""The benchmarks' own scores, for any number of classes."""

from collections.abc import Callable, Sequence

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


__all__ = ["Score", "accuracy", "interval", "macro_f1"]
