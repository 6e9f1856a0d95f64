"""Scores of one set of predictions.

The headline is macro-F1 over the three stances; beside it stand the mean F1 of favor and against
(the usual score of stance data sets, Mohammad et al. 2016), accuracy, log-loss and the expected
calibration error (Guo et al. 2017, ten equal-width bins of the winning probability).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from alliance_stance.models.base import choose_acts
from alliance_stance.schema import ACTS, STANCES, Stance

Codes = NDArray[np.intp]
Matrix = NDArray[np.float64]

BINS = 10
"""Bins of the calibration error and of reliability diagrams."""
_FLOOR = 1e-12


@dataclass(frozen=True)
class Scored:
    """Labels and predictions of n examples, side by side.

    Parameters
    ----------
    ids, documents
        Id and document of each example; length n.
    stances
        Positions of the right stances in `schema.STANCES`; length n.
    probabilities
        Shape (n, 3).
    acts
        Positions of the right acts in `schema.ACTS`, -1 where not known; length n.
    act_probabilities
        Shape (n, 14).
    """

    ids: list[str]
    documents: list[str]
    stances: Codes
    probabilities: Matrix
    acts: Codes
    act_probabilities: Matrix

    @property
    def predicted(self) -> Codes:
        """Position of the most probable stance of each example."""
        winners: Codes = self.probabilities.argmax(axis=1)
        return winners


def macro_f1(right: Codes, predicted: Codes) -> float:
    """Mean F1 of the three stances; a stance that nobody gave or predicted counts as 0."""
    return float(_f1(right, predicted).mean())


def polar_f1(right: Codes, predicted: Codes) -> float:
    """Mean F1 of favor and against."""
    scores = _f1(right, predicted)
    return float((scores[STANCES.index(Stance.FAVOR)] + scores[STANCES.index(Stance.AGAINST)]) / 2)


def accuracy(right: Codes, predicted: Codes) -> float:
    """Share of examples with the right stance."""
    return float((right == predicted).mean())


RESAMPLED: Mapping[str, Callable[[Codes, Codes], float]] = {
    "macro_f1": macro_f1,
    "polar_f1": polar_f1,
    "accuracy": accuracy,
}
"""Scores that are given an interval and compared between models."""


def _f1(right: Codes, predicted: Codes) -> Matrix:
    count = len(STANCES)
    hits = np.bincount(right[right == predicted], minlength=count)
    given = np.bincount(right, minlength=count) + np.bincount(predicted, minlength=count)
    scores: Matrix = 2 * hits / np.maximum(given, 1)
    return scores


def log_loss(right: Codes, probabilities: Matrix) -> float:
    """Mean negative log of the right stance's probability, in nats."""
    return float(-np.log(np.maximum(probabilities[np.arange(len(right)), right], _FLOOR)).mean())


def calibration_error(right: Codes, probabilities: Matrix) -> float:
    """Mean gap between the winning probability and its hit rate, weighted by bin, in [0, 1]."""
    confidence = probabilities.max(axis=1)
    hit = probabilities.argmax(axis=1) == right
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [
        abs(confidence[bins == number].mean() - hit[bins == number].mean()) * (bins == number).sum()
        for number in np.unique(bins)
    ]
    return float(sum(gaps) / len(right))


def stance_scores(scored: Scored) -> dict[str, dict[str, float]]:
    """Give precision, recall, F1 and count of each stance."""
    precision, recall, f1, count = precision_recall_fscore_support(
        scored.stances, scored.predicted, labels=range(len(STANCES)), zero_division=0
    )
    return {
        str(stance): {
            "precision": float(precision[i]),
            "recall": float(recall[i]),
            "f1": float(f1[i]),
            "count": int(count[i]),
        }
        for i, stance in enumerate(STANCES)
    }


def act_scores(scored: Scored) -> dict[str, float]:
    """Give the share of right acts, and macro-F1 over the acts that the labels have.

    Empty where no example has an act.
    """
    known = scored.acts >= 0
    if not known.any():
        return {}
    right, predicted = scored.acts[known], choose_acts(scored.act_probabilities[known])
    labels = np.unique(right)
    _, _, f1, _ = precision_recall_fscore_support(right, predicted, labels=labels, zero_division=0)
    return {"act_accuracy": float((right == predicted).mean()), "act_macro_f1": float(f1.mean())}


def confusion(scored: Scored) -> list[list[int]]:
    """Count right stance (rows) by predicted stance (columns), in the order of `STANCES`."""
    table = confusion_matrix(scored.stances, scored.predicted, labels=range(len(STANCES)))
    return [[int(cell) for cell in row] for row in table]


def act_position(act: str | None) -> int:
    """Give an act's position in `ACTS`; -1 for None."""
    return -1 if act is None else [str(a) for a in ACTS].index(act)
