"""Means over documents with their sampling intervals, for many groups at once.

Sentences of one document are alike, so a mean's variance is that of a ratio of two sums over
documents, by Taylor linearisation (Cochran 1977, "Sampling Techniques", section 2.11; documents are
the clusters): with s and n the sum of scores and the number of triples of each of D documents, and
m = sum(s) / sum(n), it is D / (D - 1) * sum((s - m n)^2) / sum(n)^2. The interval takes Student's t
with D - 1 degrees of freedom. It is of sampling alone: what a classifier gets wrong is not in it.
The page's own script computes the same for what a reader filters.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from alliance_stance.draws import LEVEL
from alliance_stance.reporting.pair_rows import UNDATED, Codes, PairRows

Values = NDArray[np.float64]
_TABLE = 200
"""Degrees of freedom up to which quantiles are taken from a table; above, an expansion is exact."""


@dataclass(frozen=True)
class Means:
    """Mean score of each group.

    Parameters
    ----------
    values
        NaN where a group has no triple.
    errors
        Standard errors; NaN where a group has fewer than two documents.
    triples, documents
        How many a group has.
    """

    values: Values
    errors: Values
    triples: Codes
    documents: Codes

    @property
    def low(self) -> Values:
        """Lower end of the 95 % interval, not below -1; NaN where there is no error."""
        return np.maximum(-1, self.values - quantiles(self.documents - 1) * self.errors)

    @property
    def high(self) -> Values:
        """Upper end of the 95 % interval, not above 1; NaN where there is no error."""
        return np.minimum(1, self.values + quantiles(self.documents - 1) * self.errors)


@dataclass(frozen=True)
class Sums:
    """Sum of scores and number of triples of each document of a pair, sorted by pair and date."""

    pairs: Codes
    documents: Codes
    periods: Codes
    scores: Values
    counts: Codes


def document_sums(rows: PairRows) -> Sums:
    """Add the triples up that a document has of a pair."""
    width = len(rows.document_periods)
    keys, owners, counts = np.unique(
        rows.pairs * width + rows.documents, return_inverse=True, return_counts=True
    )
    documents = keys % width
    return Sums(
        pairs=keys // width,
        documents=documents,
        periods=rows.document_periods[documents],
        scores=np.bincount(owners, rows.scores, len(keys)).astype(np.float64),
        counts=counts.astype(np.int64),
    )


def runs(pairs: Codes) -> list[slice]:
    """Give the stretch of each pair in a sorted column.

    Examples
    --------
    >>> runs(np.array([0, 0, 2]))
    [slice(0, 2, None), slice(2, 3, None)]
    """
    cuts = np.flatnonzero(np.diff(pairs)) + 1
    bounds = [0, *cuts.tolist(), len(pairs)] if len(pairs) else []
    return [slice(start, end) for start, end in pairwise(bounds)]


def group_means(groups: Codes, scores: Values, counts: Codes, size: int) -> Means:
    """Give the mean score of groups of documents.

    Parameters
    ----------
    groups
        Group of each document, in [0, size).
    scores, counts
        Sum of scores and number of triples of each document.
    size
        How many groups there are.

    Examples
    --------
    >>> found = group_means(np.array([0, 0]), np.array([1.0, 0.0]), np.array([1, 1]), 1)
    >>> found.values, found.errors
    (array([0.5]), array([0.5]))
    """
    triples = np.bincount(groups, counts, size)
    documents = np.bincount(groups, minlength=size)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = np.bincount(groups, scores, size) / triples
        left = scores - values[groups] * counts
        spread = np.bincount(groups, left * left, size)
        # 0 / 0 and 1 / 0 of a lone document become NaN
        share = np.where(documents > 1, documents / (documents - 1.0), np.nan)
        errors = np.sqrt(share * spread) / triples
    return Means(values, errors, triples.astype(np.int64), documents.astype(np.int64))


def pair_means(sums: Sums, size: int) -> Means:
    """Give the mean of each pair over all its documents, dated or not."""
    return group_means(sums.pairs, sums.scores, sums.counts, size)


@cache
def quantile_table() -> Values:
    """Give Student's t for 95 % and 1, 2, ... degrees of freedom, to four digits as in the page."""
    from scipy.stats import t

    table: Values = np.round(t.ppf((1 + LEVEL) / 2, np.arange(1, _TABLE + 1)), 4)
    return table


def quantiles(freedom: Codes | Values) -> Values:
    """Give Student's t for 95 %; NaN below one degree of freedom, parts of one do not count.

    Above the table the first term of the Cornish-Fisher expansion is right to four digits.
    """
    table = quantile_table()
    whole = np.floor(np.nan_to_num(np.asarray(freedom, dtype=np.float64)))
    looked_up = table[np.clip(whole.astype(np.int64) - 1, 0, _TABLE - 1)]
    expanded = 1.95996 + 2.37227 / np.maximum(whole, 1)
    found: Values = np.where(whole > _TABLE, expanded, looked_up)
    return np.where(whole >= 1, found, np.nan)


def dated(sums: Sums) -> Sums:
    """Leave out documents without a period."""
    kept = sums.periods != UNDATED
    return Sums(
        sums.pairs[kept],
        sums.documents[kept],
        sums.periods[kept],
        sums.scores[kept],
        sums.counts[kept],
    )
