"""What counts once in a cell: a document, a source, or a triple.

All estimates of a panel are weighted means over the documents of a cell, so that weighting is
decided once, here.
"""

from dataclasses import dataclass

import numpy as np

from alliance_stance.evaluation.metrics import Codes, Matrix
from alliance_stance.panels.choices import Weight
from alliance_stance.panels.triples import Triples


@dataclass(frozen=True)
class Clusters:
    """The documents of each cell: what is drawn, since triples of one document are alike.

    Parameters
    ----------
    cell
        Cell of each document in a cell; length d. One document has an entry in every cell in
        which it has a triple.
    owner
        Position of each triple's entry; length n.
    weights
        Weight of each entry; they sum to 1 over a cell.
    sizes
        Triples of each entry.
    """

    cell: Codes
    owner: Codes
    weights: Matrix
    sizes: Matrix

    @property
    def cell_count(self) -> int:
        """How many cells there are."""
        return int(self.cell.max()) + 1

    def document_means(self, values: Matrix) -> Matrix:
        """Give the mean of triples' values over each entry, of shape (d, k).

        Parameters
        ----------
        values
            Shape (n, k).
        """
        return sums_by(self.owner, values, len(self.cell)) / self.sizes[:, None]

    def triple_weights(self) -> Matrix:
        """Give each triple's weight; they sum to 1 over a cell."""
        weights: Matrix = (self.weights / self.sizes)[self.owner]
        return weights


def make_clusters(triples: Triples, weight: Weight) -> Clusters:
    """Bring the triples of a cell together by document, and weigh the documents.

    Parameters
    ----------
    triples
        In cells.
    weight
        ``document``: each document of a cell counts once, however many sentences it has.
        ``source``: each source counts once, and its documents alike. ``none``: each triple counts
        once, so that long documents count more.
    """
    span = int(triples.document.max()) + 1
    keys, owner = np.unique(triples.cell * span + triples.document, return_inverse=True)
    cell = keys // span
    sizes = np.bincount(owner).astype(np.float64)
    if weight is Weight.NONE:
        raw = sizes
    elif weight is Weight.DOCUMENT:
        raw = np.ones(len(keys))
    else:
        source = np.zeros(len(keys), dtype=np.int64)
        source[owner] = triples.source
        _, group = np.unique(cell * (int(source.max()) + 1) + source, return_inverse=True)
        raw = 1 / np.bincount(group)[group]
    return Clusters(cell, owner, raw / np.bincount(cell, weights=raw)[cell], sizes)


def sums_by(owner: Codes, values: Matrix, count: int) -> Matrix:
    """Sum rows by owner, of shape (count, k)."""
    return np.stack(
        [np.bincount(owner, weights=column, minlength=count) for column in values.T], axis=1
    )
