"""What a probability is worth: reliability, calibration error, and answers left out.

The reliability diagram and the expected calibration error follow Guo et al. 2017, with ten
equal-width bins of the winning probability. Selective prediction (El-Yaniv and Wiener 2010; Geifman
and El-Yaniv 2017) leaves out the answers below a probability: the risk is the share of wrong ones
among those that stay, the coverage how many stay.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from alliance_stance.draws import Resamples
from alliance_stance.evaluation.bootstrap import Interval, percentiles
from alliance_stance.evaluation.metrics import BINS, Codes, Matrix, Scored
from alliance_stance.evaluation.resampling import (
    accuracy_of,
    confusion_sums,
    drawn_scores,
    macro_f1_of,
    score_interval,
    seed_scores,
)


@dataclass(frozen=True)
class Bin:
    """One bin of a reliability diagram: `low` <= winning probability < `high`, 1 in the last."""

    low: float
    high: float
    count: int
    confidence: float
    hit_share: Interval


@dataclass(frozen=True)
class Curve:
    """Risk against coverage, from the surest answers to all.

    Parameters
    ----------
    coverage, risk
        Rising shares of rows in (0, 1], and the share of wrong stances among them.
    area
        Mean risk over all coverages (AURC), lower is better.
    """

    coverage: Matrix
    risk: Matrix
    area: float


@dataclass(frozen=True)
class Abstention:
    """What a threshold leaves: scores of the rows that are answered.

    `coverage` is their share; the scores are None where nothing is answered.
    """

    threshold: float
    answered_count: int
    coverage: Interval
    macro_f1: Interval | None
    accuracy: Interval | None


def bin_sums(scored: Scored, resamples: Resamples) -> Matrix:
    """Sum rows, winning probabilities and hits of each bin in each document: (documents, 30)."""
    confidence, hits = scored.probabilities.max(axis=1), scored.predicted == scored.stances
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    places = resamples.owners * BINS + bins
    columns = [
        np.bincount(places, weights, minlength=resamples.document_count * BINS).reshape(-1, BINS)
        for weights in (np.ones(len(bins)), confidence, hits.astype(np.float64))
    ]
    return np.concatenate(columns, axis=1)


def calibration_error_of(sums: Matrix) -> Matrix:
    """Give the expected calibration error from sums of shape (..., 30)."""
    count, confidence, hits = np.split(sums, 3, axis=-1)
    total = count.sum(axis=-1)
    error = np.abs(confidence - hits).sum(axis=-1)
    return np.where(total > 0, error / np.maximum(total, 1), np.nan)


def calibration_interval(
    scored: Sequence[Scored], resamples: Resamples, name: str = ""
) -> Interval:
    """Give the calibration error, mean over the seeds, and its interval.

    Resampling adds noise to every bin, and the error counts noise as error, so that the draws lie
    above the value; their bias is taken out of the interval. The value itself leans up, too, the
    more so the fewer rows there are (Kumar et al. 2019, "Verified Uncertainty Calibration").
    """
    sums = [bin_sums(own, resamples) for own in scored]
    value = float(seed_scores(calibration_error_of, sums).mean())
    draws = drawn_scores(calibration_error_of, sums, resamples, name)
    return percentiles(value, draws, is_centred=True)


def reliability(scored: Scored, resamples: Resamples) -> list[Bin]:
    """Give the bins of a reliability diagram that hold any row."""
    sums = bin_sums(scored, resamples)
    count, confidence, hits = np.split(sums.sum(axis=0), 3)
    drawn_count, _, drawn_hits = np.split(resamples.drawn @ sums, 3, axis=1)
    bins = []
    for number in np.flatnonzero(count):
        with np.errstate(invalid="ignore"):
            draws = drawn_hits[:, number] / drawn_count[:, number]
        bins.append(
            Bin(
                number / BINS,
                (number + 1) / BINS,
                int(count[number]),
                float(confidence[number] / count[number]),
                percentiles(float(hits[number] / count[number]), draws),
            )
        )
    return bins


def selective_curve(right: Codes, probabilities: Matrix) -> Curve:
    """Give risk against coverage; rows of equal probability come in together.

    Examples
    --------
    >>> import numpy as np
    >>> sure = np.array([[0.9, 0.1, 0.0], [0.8, 0.1, 0.1], [0.5, 0.4, 0.1]])
    >>> curve = selective_curve(np.array([0, 1, 0]), sure)
    >>> [round(float(risk), 3) for risk in curve.risk]
    [0.0, 0.5, 0.333]
    """
    confidence = probabilities.max(axis=1)
    wrong = (probabilities.argmax(axis=1) != right).astype(np.float64)
    order = np.argsort(-confidence, kind="stable")
    is_last = np.append(np.diff(confidence[order]) != 0, True)
    counts = np.flatnonzero(is_last) + 1
    risks = np.cumsum(wrong[order])[is_last] / counts
    coverage = counts / len(right)
    area = float((risks * np.diff(coverage, prepend=0.0)).sum())
    return Curve(coverage, risks, area)


def abstain(scored: Scored, resamples: Resamples, threshold: float) -> Abstention:
    """Score the rows whose winning probability is at least a threshold.

    Parameters
    ----------
    scored
        All rows.
    resamples
        Of the same rows.
    threshold
        In [0, 1]; at 0 everything is answered.
    """
    kept = np.flatnonzero(scored.probabilities.max(axis=1) >= threshold)
    sums = confusion_sums(scored.stances, scored.predicted, resamples, kept)
    rows = np.bincount(resamples.owners, minlength=resamples.document_count)
    counts = np.stack([sums.sum(axis=1), rows], axis=1)
    return Abstention(
        threshold,
        len(kept),
        score_interval(lambda both: both[..., 0] / both[..., 1], [counts], resamples, ""),
        score_interval(macro_f1_of, [sums], resamples, "") if len(kept) else None,
        score_interval(accuracy_of, [sums], resamples, "") if len(kept) else None,
    )
