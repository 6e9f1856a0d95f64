"""Tests of a difference between two models on the same rows, and their correction over a table.

Dror et al. 2018, "The Hitchhiker's Guide to Testing Statistical Significance in Natural Language
Processing", recommend sampling-based tests for scores such as F1, whose distribution is not known.
"""

from collections.abc import Sequence

import numpy as np

from alliance_stance.evaluation.metrics import Matrix
from alliance_stance.evaluation.resampling import Statistic

SHUFFLES = 9999
_CELLS_AT_ONCE = 4_000_000


def approximate_randomisation(
    statistic: Statistic, first: Sequence[Matrix], second: Sequence[Matrix], *, seed: int
) -> float:
    """Give the two-sided p value of a difference, by approximate randomisation over documents.

    If the two models do not differ, it is chance which of them gave which of two sets of answers to
    a document. So the answers of each document are swapped with probability 1/2, all its rows and
    all seeds together, and the p value is twice the share of `SHUFFLES` shuffles whose difference
    is as large as the one seen and to the same side, the seen one counted among them (Noreen 1989;
    Yeh 2000). With so few documents that all swaps can be listed, all are (scipy's
    `permutation_test`).

    Parameters
    ----------
    statistic
        The score, from sums over documents.
    first, second
        What each document holds, of shape (documents, k), one matrix a seed. With as many seeds on
        both sides the n-th of one is swapped with the n-th of the other and the mean of their
        differences is tested; otherwise each side's sums are averaged over its seeds first, and the
        test is approximate in this, too.
    seed
        Seed of the shuffles.

    Returns
    -------
    float
        In (0, 1]. It counts the documents; that other seeds would have given other fits is not in
        it, but in the interval of the difference (`resampling`).
    """
    from scipy.stats import permutation_test

    if len(first) != len(second):
        first, second = [np.mean(first, axis=0)], [np.mean(second, axis=0)]
    documents = len(first[0])
    if documents < 2 or all(np.array_equal(a, b) for a, b in zip(first, second, strict=True)):
        return 1.0
    totals = [(a.sum(axis=0), b.sum(axis=0)) for a, b in zip(first, second, strict=True)]
    gaps = [b - a for a, b in zip(first, second, strict=True)]

    def difference(own: Matrix, _other: Matrix, axis: int = -1) -> Matrix:
        # scipy swaps the numbers of documents: from `documents` on they are the second model's
        is_swapped = (np.moveaxis(own, axis, -1) >= documents).astype(np.float64)
        moved = [is_swapped @ gap for gap in gaps]
        scores = [
            statistic(a + shift) - statistic(b - shift)
            for (a, b), shift in zip(totals, moved, strict=True)
        ]
        mean: Matrix = np.mean(scores, axis=0)
        return mean

    numbers = np.arange(documents)
    result = permutation_test(
        (numbers, numbers + documents),
        difference,
        permutation_type="samples",
        vectorized=True,
        n_resamples=SHUFFLES,
        batch=max(1, _CELLS_AT_ONCE // documents),
        rng=np.random.default_rng(seed),
    )
    return min(1.0, float(result.pvalue))


def holm(p_values: Sequence[float]) -> list[float]:
    """Correct p values for their number (Holm 1979, "A simple sequentially rejective procedure").

    Those below 0.05 after it hold together: the chance that any of them is of two models that do
    not differ is at most 0.05, whatever the dependence between the tests.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    corrected = [0.0] * len(p_values)
    largest = 0.0
    for rank, position in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[position]))
        corrected[position] = largest
    return corrected
