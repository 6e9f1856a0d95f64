"""Intervals by resampling whole documents, alone and paired (Efron and Tibshirani 1993).

Sentences of one document are not independent, so documents are drawn, not examples; two models
are compared on the same draws.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from alliance_stance.evaluation.metrics import Codes

DRAWS = 1000
LEVEL = 0.95


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
    values = [metric(right[rows], predicted[rows]) for rows in _draws(documents, seed)]
    return _interval(metric(right, predicted), values)


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
        for rows in _draws(documents, seed)
    ]
    return _interval(metric(right, first) - metric(right, second), values)


def _interval(value: float, values: list[float]) -> Interval:
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return Interval(value, float(low), float(high))


def _draws(documents: Sequence[str], seed: int) -> Iterator[Codes]:
    """Yield row numbers of `DRAWS` resamples; each draws as many documents as there are."""
    names, owners = np.unique(np.asarray(documents), return_inverse=True)
    order = np.argsort(owners, kind="stable")
    rows_of = np.split(order, np.cumsum(np.bincount(owners))[:-1])
    random = np.random.default_rng(seed)
    for _ in range(DRAWS):
        chosen = random.integers(len(names), size=len(names))
        yield np.concatenate([rows_of[document] for document in chosen])
