"""How far a cell's mean would move if other documents had been drawn.

A bootstrap of the documents of a cell is too narrow where there are few: with one document it has
no width at all, and most cells of a panel have few. So the spread between documents is taken from
the cell and, as if by `PRIOR_DOCUMENTS` further ones, from all cells of the panel together, and the
interval has the quantiles of Student's t with as many degrees of freedom as both have (variances
moderated by a common one: Smyth 2004, "Linear models and empirical Bayes methods for assessing
differential expression", section 3). `experiments/coverage` compares both.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from alliance_stance.draws import LEVEL
from alliance_stance.evaluation.metrics import Matrix
from alliance_stance.panels.weighting import Clusters, sums_by

PRIOR_DOCUMENTS = 4.0
"""Degrees of freedom that the common spread of all cells counts for."""
_UNSEEN = 0.5
"""Documents of each extreme that are supposed where none was seen."""


@dataclass(frozen=True)
class CellMeans:
    """Means of some values over the documents of each cell, and how uncertain they are.

    Parameters
    ----------
    values
        Shape (cells, k).
    covariances
        Of `values`, from the drawing of documents; shape (cells, k, k).
    freedom
        Degrees of freedom of `covariances`; length cells.
    """

    values: Matrix
    covariances: Matrix
    freedom: Matrix

    def errors(self) -> Matrix:
        """Give the standard error of each value, of shape (cells, k)."""
        return np.sqrt(np.diagonal(self.covariances, axis1=1, axis2=2))

    def margins(self) -> Matrix:
        """Give the half width of each value's 95 % interval, of shape (cells, k)."""
        return t_quantile(self.freedom)[:, None] * self.errors()


def cell_means(clusters: Clusters, values: Matrix, extremes: Matrix | None = None) -> CellMeans:
    """Give the weighted mean of each cell, with a moderated covariance.

    Where no cell has two documents, the spread between cells stands for that between documents,
    which is too wide rather than too narrow. Where all documents agree there is no spread, though
    the next one may differ: with `extremes`, the common one is at least `least_variances`. One
    document in all has no spread: its covariance is NaN.

    Parameters
    ----------
    clusters
        Documents of each cell.
    values
        One row per triple; shape (n, k).
    extremes
        What a triple's values can be at most; shape (e, k). None where they need not be known.
    """
    count = clusters.cell_count
    means = clusters.document_means(values)
    centres = sums_by(clusters.cell, clusters.weights[:, None] * means, count)
    residuals = clusters.weights[:, None] * (means - centres[clusters.cell])
    own = _outer_sums(clusters, residuals)
    kish = 1 / np.bincount(clusters.cell, weights=clusters.weights**2)
    freedom = np.maximum(kish - 1, 0)
    # with n documents that count alike, the sum of squares around their mean
    spread = own * (kish**2)[:, None, None]
    common, known = _common(spread, freedom, centres)
    if extremes is not None:
        least = least_variances(means, known, extremes)
        common = common + np.diag(np.maximum(least - np.diag(common), 0))
    total = PRIOR_DOCUMENTS + freedom
    moderated = (PRIOR_DOCUMENTS * common + spread) / total[:, None, None]
    return CellMeans(centres, moderated / kish[:, None, None], total)


def least_variances(seen: Matrix, freedom: float, extremes: Matrix) -> Matrix:
    """Give the variances that half a document of each extreme would show, had it been seen too.

    Half a success and half a failure more are what keeps the interval of a share that was seen to
    be 0 or 1 from having no width (Jeffreys' prior; Brown, Cai and DasGupta 2001, "Interval
    estimation for a binomial proportion").

    Parameters
    ----------
    seen
        Values of the documents; shape (d, k).
    freedom
        Degrees of freedom of the variances that were seen.
    extremes
        Shape (e, k).

    Examples
    --------
    >>> least_variances(np.ones((4, 1)), 3.0, np.array([[0.0], [1.0]])).tolist()
    [0.125]
    """
    squares = (extremes - seen.mean(axis=0)) ** 2
    least: Matrix = _UNSEEN * squares.sum(axis=0) / (freedom + _UNSEEN * len(extremes))
    return least


def t_quantile(freedom: Matrix) -> Matrix:
    """Give the quantile of Student's t that bounds the middle 95 %."""
    return np.asarray(stats.t.ppf((1 + LEVEL) / 2, freedom), dtype=np.float64)


def _outer_sums(clusters: Clusters, residuals: Matrix) -> Matrix:
    width = residuals.shape[1]
    products = (residuals[:, :, None] * residuals[:, None, :]).reshape(-1, width**2)
    return sums_by(clusters.cell, products, clusters.cell_count).reshape(-1, width, width)


def _common(spread: Matrix, freedom: Matrix, centres: Matrix) -> tuple[Matrix, float]:
    """Give the covariance between documents of one cell that all cells together show.

    Its degrees of freedom are the second part.
    """
    if freedom.sum() > 0:
        return spread.sum(axis=0) / freedom.sum(), float(freedom.sum())
    if len(centres) > 1:
        return np.atleast_2d(np.cov(centres, rowvar=False)), len(centres) - 1.0
    return np.full(spread.shape[1:], np.nan), 0.0
