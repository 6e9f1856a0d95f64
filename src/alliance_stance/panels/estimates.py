"""Shares and score of each cell with 95 % intervals, by one of three methods.

``counted``
    What the model says, taken as it is. The interval holds the drawing of documents, and nothing
    of the model's errors: it says how far the model's own answer would move.
``adjusted``
    The right shares, by errors measured on all labelled triples (`adjusted`).
``ppi``
    The right shares, by the labels of the cell itself (`powered`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alliance_stance.draws import bounds
from alliance_stance.evaluation.metrics import Codes, Matrix
from alliance_stance.panels.adjusted import (
    ALL_VOICES,
    Confusion,
    adjust,
    by_voice,
    drawn_shares,
    measure_confusion,
    onto_simplex,
)
from alliance_stance.panels.choices import Errors
from alliance_stance.panels.labels import Labels
from alliance_stance.panels.powered import estimate_powered
from alliance_stance.panels.sampling import CellMeans, cell_means
from alliance_stance.panels.triples import VOICES, Triples
from alliance_stance.panels.weighting import Clusters
from alliance_stance.schema import STANCES, Stance

MEASURES = (*map(str, STANCES), "score")
"""Columns of every estimate: the share of each stance, and favor minus against."""
TO_MEASURES = np.column_stack(
    [
        np.eye(len(STANCES)),
        [float(s is Stance.FAVOR) - float(s is Stance.AGAINST) for s in STANCES],
    ]
)
"""Turns shares in the order of `schema.STANCES` into the columns of `MEASURES`."""
_LOWEST = np.array([0.0] * len(STANCES) + [-1.0])

_FEWEST_POSSIBLE = 0.005
"""Share of the draws below which what is possible is rare."""


@dataclass(frozen=True)
class Estimates:
    """Estimates of all cells; each of shape (cells, 4), columns as in `MEASURES`.

    Parameters
    ----------
    values, low, high
        Estimate and 95 % interval, inside [0, 1], the score inside [-1, 1]. NaN where there is
        none: a cell that refutes `adjusted`, too few labels for `ppi`, a single document in all.
    errors
        Standard error from the drawing of documents alone: what tells apart two cells of one
        panel, since the errors of the model's correction move both alike.
    """

    values: Matrix
    low: Matrix
    high: Matrix
    errors: Matrix

    @property
    def is_known(self) -> NDArray[np.bool_]:
        """Whether a cell has an estimate; length cells."""
        known: NDArray[np.bool_] = ~np.isnan(self.values[:, 0])
        return known


def count_cells(triples: Triples, clusters: Clusters) -> Estimates:
    """Take the model at its word: shares of predicted stances, and its mean score."""
    predicted = np.eye(len(STANCES))[triples.probabilities.argmax(axis=1)]
    score = triples.probabilities @ TO_MEASURES[:, -1]
    means = cell_means(clusters, np.column_stack([predicted, score]), TO_MEASURES)
    margins = means.margins()
    return _bounded(means.values, means.values - margins, means.values + margins, means.errors())


def adjust_cells(
    triples: Triples, clusters: Clusters, labels: Labels, errors: Errors, *, seed: int
) -> tuple[Estimates, Confusion]:
    """Correct every cell by errors that are measured on all labels.

    A cell whose mean no shares of right stances can give, however the draws fall, refutes the
    assumption that the model errs there as elsewhere. It gets no estimate.

    Raises
    ------
    InputError
        If the labels are too few, or the model does not tell the stances apart.
    """
    voices, voice = _voices(triples, errors)
    voiced = by_voice(triples.probabilities, voice, len(voices))
    confusion = measure_confusion(
        voices,
        voiced[labels.triples],
        labels.stances,
        labels.weights,
        triples.document[labels.triples],
        seed=seed,
    )
    means = cell_means(clusters, voiced)
    adjusted = adjust(means, confusion)
    low, high = adjusted_bounds(means, confusion, seed=seed)
    values = onto_simplex(adjusted.values) @ TO_MEASURES
    values[np.isnan(low)] = np.nan
    covariances = TO_MEASURES.T @ adjusted.covariances @ TO_MEASURES
    deviations = CellMeans(values, covariances, means.freedom).errors()
    return _bounded(values, low, high, deviations), confusion


def adjusted_bounds(means: CellMeans, confusion: Confusion, *, seed: int) -> tuple[Matrix, Matrix]:
    """Give the 95 % intervals of adjusted shares and score; NaN where a cell has none.

    An interval is cut at what is possible, which costs no coverage. But where that of a share lies
    wholly outside, and fewer than `_FEWEST_POSSIBLE` of the draws are possible altogether (none of
    the shares below 0), the cell has none. Few possible draws alone say little: draws that are very
    wide are seldom possible, wherever they lie.

    Parameters
    ----------
    means
        Of the model's probabilities by voice.
    confusion
        Its errors.
    seed
        Of the draws.

    Returns
    -------
    tuple
        Lower and upper bounds, of shape (cells, 4).
    """
    found = []
    for shares in drawn_shares(means, confusion, seed=seed):
        ends = np.stack(bounds(shares @ TO_MEASURES))
        is_rare = (shares >= 0).all(axis=2).mean(axis=0) < _FEWEST_POSSIBLE
        is_outside = (ends[1] < 0) | (ends[0] > 1)
        is_refuted = is_rare & is_outside[:, : len(STANCES)].any(axis=1)
        found.append(np.where(is_refuted[None, :, None], np.nan, np.clip(ends, _LOWEST, 1)))
    low, high = np.concatenate(found, axis=1)
    return low, high


def power_cells(triples: Triples, clusters: Clusters, labels: Labels) -> Estimates:
    """Correct the cells that have enough labels of their own; NaN in the others."""
    right = np.eye(len(STANCES))[labels.stances] @ TO_MEASURES
    outputs = triples.probabilities @ TO_MEASURES
    powered = estimate_powered(clusters, outputs, right, labels, TO_MEASURES)
    low, high = powered.values - powered.margins, powered.values + powered.margins
    values = onto_simplex(powered.values[:, : len(STANCES)]) @ TO_MEASURES
    return _bounded(values, low, high, powered.errors)


def _voices(triples: Triples, errors: Errors) -> tuple[tuple[str, ...], Codes]:
    """Give the voices that occur, and the position of each triple's."""
    if errors is Errors.POOLED:
        return ALL_VOICES, np.zeros(len(triples), dtype=np.int64)
    found, voice = np.unique(triples.voice, return_inverse=True)
    return tuple(VOICES[one] for one in found), voice


def _bounded(values: Matrix, low: Matrix, high: Matrix, errors: Matrix) -> Estimates:
    """Keep all within what is possible; an interval always holds its own estimate."""
    values = np.clip(values, _LOWEST, 1)
    low = np.clip(np.minimum(low, values), _LOWEST, 1)
    return Estimates(values, low, np.clip(np.maximum(high, values), _LOWEST, 1), errors)
