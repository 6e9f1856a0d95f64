"""How far two annotators agree: raw share, Cohen's kappa, Krippendorff's alpha.

References: Cohen 1960 (kappa); Krippendorff 2011 (alpha, nominal distance).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import krippendorff
from sklearn.metrics import cohen_kappa_score

from alliance_stance.errors import DatasetError


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of two annotators on `count` labels; 1 is perfect, 0 is chance for the last two."""

    count: int
    share: float
    kappa: float
    alpha: float


def measure_agreement(first: Sequence[str], second: Sequence[str]) -> Agreement:
    """Compare two annotators' labels of the same examples, in the same order.

    Raises
    ------
    DatasetError
        If the lengths differ or there is nothing to compare.

    Examples
    --------
    >>> measure_agreement(["a", "a", "b", "b"], ["a", "a", "b", "a"]).share
    0.75
    """
    if not first or len(first) != len(second):
        raise DatasetError(
            "annotations", f"{len(first)} and {len(second)} labels", "as many of each", "check them"
        )
    codes = {label: code for code, label in enumerate(sorted({*first, *second}))}
    rows = [[codes[label] for label in labels] for labels in (first, second)]
    share = sum(a == b for a, b in zip(first, second, strict=True)) / len(first)
    if len(codes) == 1:
        return Agreement(len(first), share, 1.0, 1.0)
    return Agreement(
        count=len(first),
        share=share,
        kappa=float(cohen_kappa_score(first, second)),
        alpha=float(krippendorff.alpha(rows, level_of_measurement="nominal")),
    )
