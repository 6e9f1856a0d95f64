"""Shares of the right stances in a cell from the labels in that very cell.

Prediction-powered inference (Angelopoulos et al. 2023): the model's mean over all triples of the
cell, plus the mean of label minus model over the labelled ones. The model is counted with a power
lambda, as in PPI++ (Angelopoulos, Duchi and Zrnic 2023): with lambda 0 the labels stand alone.
Lambda is fitted once, on all labelled triples, so that a cell of few labels cannot fit it to its
own chance. Where the labels' sampling probabilities are told, each label counts one over its own,
which is design-based supervised learning (Egami et al. 2023).

Nothing is assumed of the model's errors. What is assumed is that the labelled triples of a cell
were drawn at random from the cell, with the probabilities told, or all alike where none are.
Documents are drawn whole: variances are those of sums over documents.
"""

from dataclasses import dataclass

import numpy as np

from alliance_stance.evaluation.metrics import Codes, Matrix
from alliance_stance.panels.labels import Labels
from alliance_stance.panels.sampling import PRIOR_DOCUMENTS, t_quantile
from alliance_stance.panels.weighting import Clusters, sums_by

MIN_LABELLED = 5
"""Fewest labelled documents, in weight, that a cell needs."""


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


def estimate_powered(clusters: Clusters, outputs: Matrix, right: Matrix, labels: Labels) -> Powered:
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
    labelled = _kish(clusters, entry, mass, total)
    errors, freedom = _errors(sums_by(clusters.cell, influence**2, count), labelled)
    is_known = (labelled >= MIN_LABELLED)[:, None]
    margins = t_quantile(np.maximum(freedom, 1))[:, None] * errors
    unknown = np.nan
    return Powered(
        np.where(is_known, power * means + rectifier, unknown),
        np.where(is_known, errors, unknown),
        np.where(is_known, margins, unknown),
    )


def _fit_power(outputs: Matrix, right: Matrix, weights: Matrix) -> Matrix:
    """Give the power of each column, in [0, 1]: the slope of the labels on the outputs."""
    share = weights / weights.sum()
    centred = outputs - share @ outputs
    spread = share @ centred**2
    slope = (share @ (centred * (right - share @ right))) / np.where(spread > 0, spread, 1)
    power: Matrix = np.clip(np.where(spread > 0, slope, 0), 0, 1)
    return power


def _kish(clusters: Clusters, entry: Codes, mass: Matrix, total: Matrix) -> Matrix:
    """Count the labelled documents of each cell, by weight (Kish 1965)."""
    held = np.bincount(entry, weights=mass, minlength=len(clusters.cell))
    squares = np.bincount(clusters.cell, weights=held**2, minlength=len(total))
    counts: Matrix = np.divide(total**2, squares, out=np.zeros_like(total), where=squares > 0)
    return counts


def _errors(squares: Matrix, labelled: Matrix) -> tuple[Matrix, Matrix]:
    """Give moderated standard errors and their degrees of freedom (`sampling`)."""
    freedom = np.maximum(labelled - 1, 0)
    spread = squares * (labelled**2)[:, None]
    common = spread[labelled >= MIN_LABELLED].sum(axis=0) / max(
        freedom[labelled >= MIN_LABELLED].sum(), 1
    )
    total = freedom + PRIOR_DOCUMENTS
    variances = (PRIOR_DOCUMENTS * common + spread) / total[:, None]
    return np.sqrt(variances / np.maximum(labelled, 1)[:, None]), total
