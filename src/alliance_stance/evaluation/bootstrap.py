"""Intervals by resampling whole documents, alone and paired (Efron and Tibshirani 1993).

Sentences of one document are not independent, so documents are drawn, not examples; two models
are compared on the same draws.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from alliance_stance.draws import bounds, iterate_draws
from alliance_stance.evaluation.metrics import Codes, Matrix


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with its 95 % percentile interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """Write value and interval to three digits.

        Examples
        --------
        >>> str(Interval(0.5, 0.41, 0.6))
        '0.500 [0.410, 0.600]'
        """
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def bootstrap(
    metric: Callable[[Codes, Codes], float],
    right: Codes,
    predicted: Codes,
    documents: Sequence[str],
    *,
    seed: int,
) -> Interval:
    """Give a metric's value and interval.

    Parameters
    ----------
    metric
        From right and predicted stances to a number.
    right, predicted, documents
        One entry per example.
    seed
        Seed of the draws.
    """
    values = [metric(right[rows], predicted[rows]) for rows in _drawn_rows(documents, seed)]
    return percentiles(metric(right, predicted), np.array(values))


def paired_bootstrap(
    metric: Callable[[Codes, Codes], float],
    right: Codes,
    predicted: tuple[Codes, Codes],
    documents: Sequence[str],
    *,
    seed: int,
) -> Interval:
    """Give the difference of a metric, first minus second predictions, and its interval."""
    first, second = predicted
    values = [
        metric(right[rows], first[rows]) - metric(right[rows], second[rows])
        for rows in _drawn_rows(documents, seed)
    ]
    return percentiles(metric(right, first) - metric(right, second), np.array(values))


def percentiles(value: float, draws: Matrix, *, is_centred: bool = False) -> Interval:
    """Give a value with the percentile interval of its draws.

    Parameters
    ----------
    value
        On all rows.
    draws
        On each resample; NaN where it held no row, which does not count.
    is_centred
        True to take out the bias of resampling, the mean of the draws minus the value (Efron and
        Tibshirani 1993, chapter 10), for scores in [0, 1] that noise alone makes larger.
    """
    known = draws[~np.isnan(draws)]
    if not len(known):
        return Interval(value, float("nan"), float("nan"))
    low, high = map(float, bounds(known))
    if is_centred:
        bias = float(known.mean()) - value
        low, high = (min(1.0, max(0.0, bound - bias)) for bound in (low, high))
    return Interval(value, low, high)


def _drawn_rows(documents: Sequence[str], seed: int) -> Iterator[Codes]:
    """Yield the numbers of the rows that each draw of documents takes."""
    names, owners = np.unique(np.asarray(documents), return_inverse=True)
    order = np.argsort(owners, kind="stable")
    rows_of = np.split(order, np.cumsum(np.bincount(owners))[:-1])
    for chosen in iterate_draws(len(names), seed=seed):
        yield np.concatenate([rows_of[document] for document in chosen])
