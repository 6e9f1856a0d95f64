"""Draws of whole documents, and the bounds of what is found on them.

Sentences of one document are not independent, so a 95 % interval rests on `DRAWS` draws of as many
documents as there are, with replacement, and not of sentences (Efron and Tibshirani 1993). Rules,
annotators and models are measured in different rooms, and all of them draw here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DRAWS = 1000
LEVEL = 0.95

Codes = NDArray[np.intp]
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Resamples:
    """The documents of a set of rows, and how often each draw takes each.

    Parameters
    ----------
    owners
        Position of each row's document; length n.
    drawn
        Shape (DRAWS, documents), counts; each row sums to the number of documents.
    seed
        Seed of the draws.
    """

    owners: Codes
    drawn: Matrix
    seed: int

    @property
    def document_count(self) -> int:
        """How many documents there are."""
        return int(self.drawn.shape[1])

    def sum_rows(self, values: NDArray[np.generic]) -> Matrix:
        """Sum what the rows of each document hold; from shape (n, ...) to (documents, ...)."""
        sums = np.zeros((self.document_count, *values.shape[1:]))
        np.add.at(sums, self.owners, values)
        return sums


def iterate_draws(count: int, *, seed: int) -> Iterator[Codes]:
    """Yield the positions that each of `DRAWS` draws takes, out of `count` documents."""
    random = np.random.default_rng(seed)
    for _ in range(DRAWS):
        yield random.integers(count, size=count)


def draw_documents(documents: Sequence[str], *, seed: int) -> Resamples:
    """Draw documents, those that `iterate_draws` gives with this seed.

    Parameters
    ----------
    documents
        Document of each row; length n >= 1.
    seed
        Seed of the draws.
    """
    names, owners = np.unique(np.asarray(documents), return_inverse=True)
    size = len(names)
    # filled in place: a list of all draws and its copies take three times the room
    drawn = np.empty((DRAWS, size))
    for place, own in enumerate(iterate_draws(size, seed=seed)):
        drawn[place] = np.bincount(own, minlength=size)
    return Resamples(owners, drawn, seed)


def draw_counts(documents: Sequence[str], *, seed: int) -> Resamples:
    """Draw documents as `draw_documents` does, other ones with the same seed.

    Figures of rules and of annotators have always been drawn so, by counts and not one after
    another; to draw them otherwise would move the third digit of those that are written down.

    Parameters
    ----------
    documents
        Document of each row; none give no document.
    seed
        Seed of the draws.
    """
    names, owners = np.unique(np.asarray(documents), return_inverse=True)
    even = np.full(len(names), 1 / max(len(names), 1))
    drawn = np.random.default_rng(seed).multinomial(len(names), even, size=DRAWS)
    return Resamples(owners, drawn.astype(np.float64), seed)


def bounds(values: Matrix) -> tuple[Matrix, Matrix]:
    """Give the ends of the middle 95 % of what the draws gave.

    Parameters
    ----------
    values
        One entry a draw; shape (draws, ...).

    Returns
    -------
    tuple
        Lower and upper bounds, each of shape (...).
    """
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(values, [tail, 1 - tail], axis=0)
    return low, high
