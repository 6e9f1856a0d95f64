"""Which pairs moved most, from the first third of their documents to the last."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import floor

import numpy as np

from alliance_stance.reporting.pair_numbers import Sums, dated, group_means, quantiles, runs
from alliance_stance.reporting.pair_rows import Codes

SIDE = 5
"""Documents that each of the two stretches has at least."""


@dataclass(frozen=True)
class Stretch:
    """One of the two stretches of time that are compared.

    Parameters
    ----------
    first, last
        Its first and last period that has a document.
    value
        Mean score in [-1, 1].
    documents, triples
        How many it has.
    """

    first: int
    last: int
    value: float
    documents: int
    triples: int


@dataclass(frozen=True)
class Mover:
    """How far a pair moved.

    Parameters
    ----------
    pair
        Its number.
    before, after
        The first and the last stretch.
    change
        Mean of the last minus mean of the first, in [-2, 2].
    low, high
        95 % interval of the change.
    """

    pair: int
    before: Stretch
    after: Stretch
    change: float
    low: float
    high: float

    @property
    def sure_change(self) -> float:
        """How far it moved at least: the interval's end nearest zero, 0 where it holds zero."""
        return max(self.low, -self.high, 0.0)


def rank_movers(sums: Sums) -> list[Mover]:
    """Rank the pairs by how far they moved at least, then by how far they moved.

    The first stretch is the fewest periods from a pair's beginning that hold a third of its dated
    documents and `SIDE` of them; the last one likewise from its end. A pair whose stretches would
    meet is left out. The interval is Welch's, with documents as clusters.
    """
    found = list(_movers(dated(sums)))
    return sorted(found, key=lambda mover: (-mover.sure_change, -abs(mover.change), mover.pair))


def _movers(sums: Sums) -> Iterator[Mover]:
    for own in runs(sums.pairs):
        if own.stop - own.start < 2 * SIDE:
            continue
        cut, resumed = (own.start + place for place in _stretches(sums.periods[own]))
        if cut <= resumed:
            yield _compared(sums, slice(own.start, cut), slice(resumed, own.stop))


def _stretches(periods: Codes) -> tuple[int, int]:
    """Give the end of the first stretch and the start of the last, both at a change of period."""
    wanted = max(SIDE, -(-len(periods) // 3))
    cut = int(np.searchsorted(periods, periods[wanted - 1], side="right"))
    resumed = int(np.searchsorted(periods, periods[len(periods) - wanted], side="left"))
    return cut, resumed


def _compared(sums: Sums, first: slice, last: slice) -> Mover:
    groups = np.repeat([0, 1], [first.stop - first.start, last.stop - last.start])
    scores = np.concatenate([sums.scores[first], sums.scores[last]])
    counts = np.concatenate([sums.counts[first], sums.counts[last]])
    means = group_means(groups, scores, counts, 2)
    change = float(means.values[1] - means.values[0])
    variances = means.errors**2
    total = float(variances.sum())
    parts = float((variances**2 / (means.documents - 1)).sum())
    # Welch and Satterthwaite; documents that are all alike leave nothing to estimate
    freedom = floor(total**2 / parts) if parts else int(means.documents.min()) - 1
    reach = float(quantiles(np.array([freedom]))[0]) * total**0.5
    before, after = (
        Stretch(
            int(sums.periods[part.start]), int(sums.periods[part.stop - 1]),
            float(means.values[side]), int(means.documents[side]), int(means.triples[side]),
        )
        for side, part in enumerate((first, last))
    )  # fmt: skip
    return Mover(
        int(sums.pairs[first.start]), before, after, change, change - reach, change + reach
    )
