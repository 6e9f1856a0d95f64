"""Shares of the right stances in a cell from the labels in that very cell.

Prediction-powered inference (Angelopoulos et al. 2023): the model's mean over all triples of the
cell, plus the mean of label minus model over the labelled ones. The model is counted with a power
lambda, as in PPI++ (Angelopoulos, Duchi and Zrnic 2023): with lambda 0 the labels stand alone.
Lambda is fitted once, on all labelled triples, so that a cell of few labels cannot fit it to its
own chance, and for all columns together, so that shares still sum to 1. Where the labels' sampling
probabilities are told, each label counts one over its own, which is design-based supervised
learning (Egami et al. 2023).

Nothing is assumed of the model's errors. What is assumed is that the labelled triples of a cell
were drawn at random from the cell, with the probabilities told, or all alike where none are.
Documents are drawn whole: variances are those of sums over documents.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alliance_stance.evaluation.metrics import Codes, Matrix
from alliance_stance.panels.labels import Labels
from alliance_stance.panels.sampling import PRIOR_DOCUMENTS, least_variances, t_quantile
from alliance_stance.panels.weighting import Clusters, sums_by

MIN_LABELLED = 5
"""Fewest labelled documents that a cell needs."""
_MIN_EQUAL = 2.0
"""Fewest documents of equal weight that they must be worth, lest one of them decide alone."""


@dataclass(frozen=True)
class Powered:
    """Estimates of the cells that have enough labels; NaN in the others.

    Parameters
    ----------
    values, errors, margins
        Estimate, standard error and half width of the 95 % interval; shape (cells, k).
    """

    values: Matrix
    errors: Matrix
    margins: Matrix


def estimate_powered(
    clusters: Clusters,
    outputs: Matrix,
    right: Matrix,
    labels: Labels,
    extremes: Matrix | None = None,
) -> Powered:
    """Estimate the means of `right` in each cell from its own labels and the model's outputs.

    Parameters
    ----------
    clusters
        Documents of each cell.
    outputs
        What the model says of each triple; shape (n, k).
    right
        What the labels say of each labelled triple; shape (m, k).
    labels
        Of the triples; length m.
    extremes
        What `right` can be; shape (e, k). Given, labels that all agree have an interval, too.
    """
    count = clusters.cell_count
    own = outputs[labels.triples]
    power = _fit_power(own, right, labels.weights)
    rest = right - power * own
    weights = clusters.triple_weights()
    mass: Matrix = weights[labels.triples] * labels.weights
    entry = clusters.owner[labels.triples]
    cell = clusters.cell[entry]
    total: Matrix = np.bincount(cell, weights=mass, minlength=count).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        rectifier = sums_by(cell, mass[:, None] * rest, count) / total[:, None]
    owners = clusters.cell[clusters.owner]
    means = sums_by(owners, weights[:, None] * outputs, count)
    entries = len(clusters.cell)
    influence = sums_by(
        entry, (mass / total[cell])[:, None] * (rest - rectifier[cell]), entries
    ) + power * clusters.weights[:, None] * (
        clusters.document_means(outputs) - means[clusters.cell]
    )
    sample = _sample(clusters, entry, mass)
    known = float(sample.freedom[sample.is_enough].sum())
    least = np.zeros(1) if extremes is None else least_variances(right, known, extremes)
    errors, freedom = _errors(sums_by(clusters.cell, influence**2, count), sample, least)
    margins = t_quantile(np.maximum(freedom, 1))[:, None] * errors
    is_known, unknown = sample.is_enough[:, None], np.nan
    return Powered(
        np.where(is_known, power * means + rectifier, unknown),
        np.where(is_known, errors, unknown),
        np.where(is_known, margins, unknown),
    )


def _fit_power(outputs: Matrix, right: Matrix, weights: Matrix) -> float:
    """Give the power, in [0, 1]: the slope of the labels on the outputs, over all columns."""
    share = weights / weights.sum()
    centred = outputs - share @ outputs
    spread = float((share @ centred**2).sum())
    common = float((share @ (centred * (right - share @ right))).sum())
    return min(max(common / spread, 0.0), 1.0) if spread > 0 else 0.0


@dataclass(frozen=True)
class _Sample:
    """The labelled documents of each cell.

    Parameters
    ----------
    worth
        How many documents of equal weight they are worth (Kish 1965).
    freedom
        What a spread between documents is to be divided by, `worth` - 1 where they weigh alike.
    is_enough
        Whether the cell gets an estimate.
    """

    worth: Matrix
    freedom: Matrix
    is_enough: NDArray[np.bool_]


def _sample(clusters: Clusters, entry: Codes, mass: Matrix) -> _Sample:
    """Count the labelled documents of each cell, by number and by weight."""
    count = clusters.cell_count
    own = np.unique(entry)
    held = np.bincount(entry, weights=mass, minlength=len(clusters.cell))[own]
    cell = clusters.cell[own]
    share = held / np.bincount(cell, weights=held, minlength=count)[cell]
    squares = np.bincount(cell, weights=share**2, minlength=count)
    cubes = np.bincount(cell, weights=share**3, minlength=count)
    worth = np.divide(1, squares, out=np.zeros(count), where=squares > 0)
    # the squares of a weighted sum around its own mean, for documents that differ by 1
    freedom = np.maximum(worth**2 * (squares + squares**2 - 2 * cubes), 0)
    is_enough = (np.bincount(cell, minlength=count) >= MIN_LABELLED) & (worth >= _MIN_EQUAL)
    return _Sample(worth, freedom, is_enough)


def _errors(squares: Matrix, sample: _Sample, least: Matrix) -> tuple[Matrix, Matrix]:
    """Give moderated standard errors and their degrees of freedom (`sampling`)."""
    spread = squares * (sample.worth**2)[:, None]
    known = sample.is_enough
    common = spread[known].sum(axis=0) / sample.freedom[known].sum() if known.any() else 0.0
    total = sample.freedom + PRIOR_DOCUMENTS
    variances = (PRIOR_DOCUMENTS * np.maximum(common, least) + spread) / total[:, None]
    return np.sqrt(variances / np.maximum(sample.worth, 1)[:, None]), total
