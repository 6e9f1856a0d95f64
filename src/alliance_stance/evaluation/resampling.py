"""Intervals of a model that was fitted with several seeds: documents and seeds are both drawn.

A score of one fit varies with the documents that happen to be in the set and with the seed of the
fit; an interval over documents alone is too narrow for "this kind of model". The Multi-Bootstrap
(Sellam et al. 2022, "The MultiBERTs") draws both: in each of `DRAWS` resamples whole documents, and
seeds, with replacement, and takes the mean score of the drawn seeds on the drawn documents. All
models see the same documents in a draw, and each its own seeds, since the seed 3 of one kind of
model has nothing to do with the seed 3 of another.

A draw is fast because scores are computed from sums over documents: a statistic sees for each draw
the sum of what its documents hold (right by predicted stance, or the bins of a reliability
diagram), never single rows.

With k seeds the drawn seeds vary (k - 1) / k times as much as seeds do, so that an interval over
few seeds is a little too narrow; with one seed it holds documents alone.
"""

import zlib
from collections.abc import Callable, Sequence

import numpy as np

from alliance_stance.draws import Resamples
from alliance_stance.evaluation.bootstrap import Interval, percentiles
from alliance_stance.evaluation.metrics import Codes, Matrix
from alliance_stance.schema import STANCES

Statistic = Callable[[Matrix], Matrix]
"""From sums of shape (..., k) to scores of shape (...); NaN where the sums hold no row."""


def confusion_sums(
    right: Codes, predicted: Codes, resamples: Resamples, chosen: Codes | None = None
) -> Matrix:
    """Count right by predicted stance in each document, of shape (documents, 9).

    Parameters
    ----------
    right, predicted
        One entry per row; length n.
    resamples
        Of the same rows.
    chosen
        Numbers of the rows that count; None for all.
    """
    rows = np.arange(len(right)) if chosen is None else chosen
    cells = len(STANCES) ** 2
    places = resamples.owners[rows] * cells + right[rows] * len(STANCES) + predicted[rows]
    counts = np.bincount(places, minlength=resamples.document_count * cells)
    return counts.reshape(-1, cells).astype(np.float64)


def stance_f1(sums: Matrix) -> Matrix:
    """Give the F1 of each stance, of shape (..., 3); NaN where no row is."""
    tables = sums.reshape(*sums.shape[:-1], len(STANCES), len(STANCES))
    hits = np.diagonal(tables, axis1=-2, axis2=-1)
    given = tables.sum(axis=-1) + tables.sum(axis=-2)
    scores = np.where(given > 0, 2 * hits / np.maximum(given, 1), 0.0)
    return np.where(sums.sum(axis=-1, keepdims=True) > 0, scores, np.nan)


def macro_f1_of(sums: Matrix) -> Matrix:
    """Give the mean F1 of the three stances; `metrics.macro_f1` from sums."""
    scores: Matrix = stance_f1(sums).mean(axis=-1)
    return scores


def polar_f1_of(sums: Matrix) -> Matrix:
    """Give the mean F1 of favor and against; `metrics.polar_f1` from sums."""
    polar = [position for position, stance in enumerate(STANCES) if stance != "neutral"]
    scores: Matrix = stance_f1(sums)[..., polar].mean(axis=-1)
    return scores


def accuracy_of(sums: Matrix) -> Matrix:
    """Give the share of rows with the right stance; `metrics.accuracy` from sums."""
    total = sums.sum(axis=-1)
    hits = sums[..., :: len(STANCES) + 1].sum(axis=-1)
    return np.where(total > 0, hits / np.maximum(total, 1), np.nan)


def one_stance_f1(position: int) -> Statistic:
    """Give the statistic that is the F1 of one stance, by its position in `STANCES`."""
    return lambda sums: stance_f1(sums)[..., position]


def seed_scores(statistic: Statistic, sums: Sequence[Matrix]) -> Matrix:
    """Give the score of each seed on all rows, of shape (seeds,)."""
    return statistic(np.stack([own.sum(axis=0) for own in sums]))


def drawn_scores(
    statistic: Statistic, sums: Sequence[Matrix], resamples: Resamples, name: str
) -> Matrix:
    """Give the mean score of the drawn seeds on the drawn documents, of shape (DRAWS,).

    Parameters
    ----------
    statistic
        The score.
    sums
        What each document holds, of shape (documents, k), one matrix a seed.
    resamples
        Of the rows that were summed.
    name
        Of the model: which of its seeds are drawn depends on it and on the seed of the draws.
    """
    scores = np.stack([statistic(resamples.drawn @ own) for own in sums], axis=1)
    if len(sums) == 1:
        return scores[:, 0]
    random = np.random.default_rng([resamples.seed, zlib.crc32(name.encode())])
    chosen = random.integers(len(sums), size=scores.shape)
    means: Matrix = np.take_along_axis(scores, chosen, axis=1).mean(axis=1)
    return means


def score_interval(
    statistic: Statistic, sums: Sequence[Matrix], resamples: Resamples, name: str
) -> Interval:
    """Give the mean score over the seeds and its interval over documents and seeds."""
    value = float(seed_scores(statistic, sums).mean())
    return percentiles(value, drawn_scores(statistic, sums, resamples, name))


def difference_interval(
    statistic: Statistic,
    first: tuple[str, Sequence[Matrix]],
    second: tuple[str, Sequence[Matrix]],
    resamples: Resamples,
) -> Interval:
    """Give the first model's score minus the second's, paired by document, and its interval.

    Parameters
    ----------
    statistic
        The score.
    first, second
        Name of a model, and its sums as in `drawn_scores`.
    resamples
        Of the rows that were summed.
    """
    (one, its_sums), (other, other_sums) = first, second
    value = seed_scores(statistic, its_sums).mean() - seed_scores(statistic, other_sums).mean()
    draws = drawn_scores(statistic, its_sums, resamples, one)
    return percentiles(float(value), draws - drawn_scores(statistic, other_sums, resamples, other))
