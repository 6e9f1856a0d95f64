"""The course of each pair in time, with its bands and change points.

`pair_curves` is the one door: whatever computes better bands (such as ones that count what a
classifier gets wrong) can stand behind it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from alliance_stance.reporting.pair_numbers import Sums, Values, dated, group_means, runs
from alliance_stance.reporting.pair_rows import Codes

FEWEST = 20
"""Dated documents below which no change point is looked for."""
SIDE = 5
"""Documents that each side of a change point has at least."""
MOST = 3
"""Change points of a pair at most."""
SIGNIFICANCE = 0.01
_NOTE = (
    "Bands are 95 % intervals of sampling, by document; a period with one document has none. "
    "What the model gets wrong is not in them."
)
_SHUFFLES = 399
_SEED = 20


@dataclass(frozen=True)
class Change:
    """A period at which the mean of a pair changes.

    Parameters
    ----------
    pair
        Its number.
    period
        The first period of the later level.
    before, after
        Mean score from the change point before to this one, and from this one to the next.
    """

    pair: int
    period: int
    before: float
    after: float


@dataclass(frozen=True)
class Curves:
    """Points of all pairs, sorted by pair and period; only periods with a triple have one.

    Parameters
    ----------
    pairs, periods
        Of each point.
    values
        Mean score in [-1, 1].
    low, high
        95 % interval; NaN where there is none, as of a period with one document.
    changes
        In order of pair and period.
    note
        What the intervals hold, as a sentence for readers.
    """

    pairs: Codes
    periods: Codes
    values: Values
    low: Values
    high: Values
    changes: tuple[Change, ...]
    note: str


def pair_curves(sums: Sums, period_count: int) -> Curves:
    """Give the mean of each pair in each period, and where it changes.

    Parameters
    ----------
    sums
        Of each document of each pair; undated ones do not count.
    period_count
        How many periods there are.
    """
    known = dated(sums)
    keys, groups = np.unique(
        known.pairs * max(1, period_count) + known.periods, return_inverse=True
    )
    means = group_means(groups, known.scores, known.counts, len(keys))
    return Curves(
        pairs=keys // max(1, period_count),
        periods=keys % max(1, period_count),
        values=means.values,
        low=means.low,
        high=means.high,
        changes=tuple(_all_changes(known)),
        note=_NOTE,
    )


def _all_changes(sums: Sums) -> Iterator[Change]:
    random = np.random.default_rng(_SEED)
    for own in runs(sums.pairs):
        if own.stop - own.start >= FEWEST:
            yield from _changes(sums, own, random)


def _changes(sums: Sums, own: slice, random: np.random.Generator) -> Iterator[Change]:
    """Split one pair's documents in two where the means differ most, and each part again.

    Binary segmentation (Scott and Knott 1974) of documents in order of time, cut between periods
    only. A cut stands if its statistic is beaten by at most 1 % of shuffles of the documents
    (a permutation test; Antoch and Huskova 2001).
    """
    scores, counts, periods = sums.scores[own], sums.counts[own], sums.periods[own]
    cuts: list[int] = []
    parts = [(0, len(scores))]
    while parts and len(cuts) < MOST:
        start, end = parts.pop(0)
        cut = _best_cut(scores[start:end], counts[start:end], periods[start:end], random)
        if cut is not None:
            cuts.append(start + cut)
            parts += [(start, start + cut), (start + cut, end)]
    bounds = [0, *sorted(cuts), len(scores)]
    levels = [scores[low:high].sum() / counts[low:high].sum() for low, high in pairwise(bounds)]
    for place, cut in enumerate(sorted(cuts)):
        yield Change(
            int(sums.pairs[own.start]), int(periods[cut]),
            float(levels[place]), float(levels[place + 1]),
        )  # fmt: skip


def _best_cut(
    scores: Values, counts: Codes, periods: Codes, random: np.random.Generator
) -> int | None:
    """Give the number of documents before the best cut, or None where none stands the test."""
    cuts = np.flatnonzero(np.diff(periods)) + 1
    cuts = cuts[(cuts >= SIDE) & (cuts <= len(scores) - SIDE)]
    if not len(cuts):
        return None
    left = scores - scores.sum() / counts.sum() * counts
    found = _gains(left[None], cuts)[0]
    best = int(np.argmax(found))
    shuffled = random.permuted(np.tile(left, (_SHUFFLES, 1)), axis=1)
    beaten = int((_gains(shuffled, cuts).max(axis=1) >= found[best]).sum())
    return int(cuts[best]) if (beaten + 1) / (_SHUFFLES + 1) <= SIGNIFICANCE else None


def _gains(left: Values, cuts: Codes) -> Values:
    """Give the standardised gap of the means at each cut, up to a factor that shuffling keeps."""
    total = left.shape[1]
    gaps: Values = np.abs(np.cumsum(left, axis=1)[:, cuts - 1]) / np.sqrt(cuts * (total - cuts))
    return gaps
