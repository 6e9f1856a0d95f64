"""Shares of the right stances from what a model says, by its errors on a labelled subsample.

Adjusted classify-and-count (Forman 2005, "Counting positives accurately despite inaccurate
classification"; 2008, "Quantifying counts and costs via classification") with probabilities in
place of counts (Bella et al. 2010, "Quantification via probability estimators"; their scaled
probability average for more than two classes). Let M hold, for each right stance (row), the mean
probabilities that the model gives (columns). If the model errs alike everywhere, the mean
probabilities of a cell are its right shares times M, and the shares follow by the inverse.

A model errs otherwise where a state speaks for itself than where others speak of it, so M is
measured for each *voice* (`triples.VOICES`) on its own, each triple is corrected by the M of its
voice, and a cell is the mean of its triples.

The assumption is that P(model's output | right stance, voice) is the same in every cell and in the
labelled subsample; how common the stances are may differ. Cells without a label are corrected by
it, and that is its price: where it fails, the intervals are wrong (`experiments/coverage` shows by
how much).

M is uncertain too. It is drawn anew by a Bayesian bootstrap of the labelled documents (Rubin 1981),
which, unlike drawing with replacement, never leaves out a rare stance; a stance with few labelled
documents gets the wider quantile of Student's t. All cells share the draws of M.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import stats

from alliance_stance.draws import DRAWS, LEVEL
from alliance_stance.errors import InputError
from alliance_stance.evaluation.metrics import Codes, Matrix
from alliance_stance.panels.sampling import CellMeans, t_quantile
from alliance_stance.panels.weighting import sums_by
from alliance_stance.schema import STANCES

ALL_VOICES = ("all",)
MIN_DOCUMENTS = 5
"""Fewest labelled documents in which each stance of a voice must occur."""
_LARGEST_CONDITION = 50.0
"""Of M; above it the model does not tell the stances apart well enough to be corrected."""
_AT_ONCE = 256


@dataclass(frozen=True)
class Confusion:
    """What a model says of triples of each right stance in each voice, and how sure that is.

    Parameters
    ----------
    voices
        Names of the v voices; one, `ALL_VOICES`, where they are not told apart.
    values
        Mean probabilities by voice and right stance, shape (v, 3, 3); each row sums to 1.
    draws
        The same, drawn anew; shape (`DRAWS`, v, 3, 3).
    documents
        Labelled documents that have a triple of each voice and right stance; shape (v, 3).
    """

    voices: tuple[str, ...]
    values: Matrix
    draws: Matrix
    documents: Codes


def measure_confusion(
    voices: tuple[str, ...], voiced: Matrix, stances: Codes, weights: Matrix, documents: Codes,
    *, seed: int,
) -> Confusion:  # fmt: skip
    """Measure what a model says of each right stance.

    Parameters
    ----------
    voices
        Names of the voices.
    voiced
        Its probabilities for the labelled triples, as `by_voice` gives them; shape (m, 3 v).
    stances
        Right stances, as positions in `schema.STANCES`; length m.
    weights
        Of each label: one over its sampling probability.
    documents
        Code of each one's document.
    seed
        Of the draws.

    Raises
    ------
    InputError
        If a stance of a voice occurs in fewer than `MIN_DOCUMENTS` labelled documents, or the
        outputs do not tell the stances apart.
    """
    size = len(STANCES)
    shape = (len(voices), size, size)
    outputs = voiced.reshape(len(voiced), len(voices), size)
    is_right = (outputs.sum(axis=2) > 0)[:, :, None] & (stances[:, None] == np.arange(size))[
        :, None
    ]
    _, owner = np.unique(documents, return_inverse=True)
    count = int(owner.max()) + 1
    held = sums_by(owner, is_right.reshape(len(voiced), -1), count)
    in_documents = (held > 0).sum(axis=0).reshape(shape[:2])
    _check_counts(voices, in_documents)
    shown = weights[:, None, None] * is_right
    mass = sums_by(owner, shown.reshape(len(voiced), -1), count)
    said = (shown[..., None] * outputs[:, :, None, :]).reshape(len(voiced), -1)
    sums = sums_by(owner, said, count)
    values = sums.sum(axis=0).reshape(shape) / mass.sum(axis=0).reshape(shape[:2])[..., None]
    _check_condition(voices, values)
    drawn = np.random.default_rng(seed).exponential(size=(DRAWS, count))
    draws = (drawn @ sums).reshape(-1, *shape) / (drawn @ mass).reshape(-1, *shape[:2])[..., None]
    widened = values + _widening(in_documents)[..., None] * (draws - values)
    return Confusion(voices, values, widened, in_documents)


def by_voice(probabilities: Matrix, voice: Codes, count: int) -> Matrix:
    """Write probabilities into the columns of their voice, with zeros in those of the others.

    Parameters
    ----------
    probabilities
        Shape (n, 3).
    voice
        Position of each triple's voice; length n.
    count
        Number of voices, v.

    Returns
    -------
    numpy.ndarray
        Shape (n, 3 v).
    """
    rows = np.zeros((len(voice), count, probabilities.shape[1]))
    rows[np.arange(len(voice)), voice] = probabilities
    return rows.reshape(len(voice), -1)


def adjust(means: CellMeans, confusion: Confusion) -> CellMeans:
    """Give the shares of the right stances that fit the model's mean probabilities.

    Parameters
    ----------
    means
        Of the model's probabilities by voice; 3 v columns.
    confusion
        Measured on labelled triples, of the same voices.

    Returns
    -------
    CellMeans
        Shares in the order of `schema.STANCES`; they sum to 1, but one may lie outside [0, 1].
        The covariances hold the drawing of documents alone.
    """
    inverse = _inverses(confusion.values)
    return CellMeans(means.values @ inverse, inverse.T @ means.covariances @ inverse, means.freedom)


def drawn_shares(means: CellMeans, confusion: Confusion, *, seed: int) -> Iterator[Matrix]:
    """Yield draws of `adjust`'s shares that hold both uncertainties, for some cells at a time.

    A cell's mean moves as Student's t says (`sampling`), and M moves with its draws.

    Yields
    ------
    Matrix
        Shape (`DRAWS`, some cells, 3), cells in order.
    """
    random = np.random.default_rng([seed, 1])
    inverses = _inverses(confusion.draws)
    for start in range(0, len(means.values), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        roots = _roots(means.covariances[some])
        freedom = means.freedom[some]
        noise = random.standard_normal((DRAWS, *means.values[some].shape))
        noise *= np.sqrt(freedom / random.chisquare(freedom, (DRAWS, len(freedom))))[:, :, None]
        moved = means.values[some] + np.einsum("bci,cij->bcj", noise, roots)
        yield moved @ inverses


def onto_simplex(shares: Matrix) -> Matrix:
    """Give the nearest shares that are none below 0 and sum to 1 (Duchi et al. 2008).

    Parameters
    ----------
    shares
        Rows that sum to 1; shape (n, k).

    Examples
    --------
    >>> onto_simplex(np.array([[-0.2, 0.6, 0.6]])).tolist()
    [[0.0, 0.5, 0.5]]
    """
    descending = np.sort(shares, axis=1)[:, ::-1]
    excess = (np.cumsum(descending, axis=1) - 1) / np.arange(1, shares.shape[1] + 1)
    kept = (descending > excess).sum(axis=1)
    lifted: Matrix = np.maximum(shares - excess[np.arange(len(shares)), kept - 1][:, None], 0)
    return lifted


def _inverses(confusions: Matrix) -> Matrix:
    """Give what turns mean probabilities by voice into shares; shape (..., 3 v, 3)."""
    size = len(STANCES)
    inverses = np.linalg.inv(confusions).astype(np.float64)
    return inverses.reshape(*confusions.shape[:-3], -1, size)


def _widening(documents: Codes) -> Matrix:
    """Give what a normal deviation is stretched by to have the reach of Student's t."""
    normal = stats.norm.ppf((1 + LEVEL) / 2)
    count = documents.astype(np.float64)
    reach: Matrix = t_quantile(count - 1) / normal * np.sqrt(count / (count - 1))
    return reach


def _roots(covariances: Matrix) -> Matrix:
    """Give symmetric square roots; rounding below zero counts as zero."""
    values, vectors = np.linalg.eigh(covariances)
    scaled = vectors * np.sqrt(np.maximum(values, 0))[:, None, :]
    roots: Matrix = scaled @ np.swapaxes(vectors, 1, 2)
    return roots


def _check_counts(voices: tuple[str, ...], documents: Codes) -> None:
    few = [
        f"'{stance}' in {count}{_of(voice)}"
        for voice, row in zip(voices, documents.tolist(), strict=True)
        for stance, count in zip(STANCES, row, strict=True)
        if count < MIN_DOCUMENTS
    ]
    if few:
        few[-1] += _elsewhere(voices, documents)
        pooled = "" if voices == ALL_VOICES else "--errors pooled, or "
        raise InputError(
            "--labelled", f"too few labelled documents: {', '.join(few)}",
            f"at least {MIN_DOCUMENTS} documents for each stance, with dates that tell the period",
            f"{pooled}label more, drawn among those that the model calls so, each with its "
            "sampling_probability",
        )  # fmt: skip


def _elsewhere(voices: tuple[str, ...], documents: Codes) -> str:
    """Tell where all labels are where a voice has none, since what was labelled is enough there."""
    totals = dict(zip(voices, documents.sum(axis=1).tolist(), strict=True))
    held = [f"'{voice}'" for voice, total in totals.items() if total]
    return f"; all labels are in voice {' and '.join(held)}" if 0 < len(held) < len(voices) else ""


def _check_condition(voices: tuple[str, ...], values: Matrix) -> None:
    for voice, condition in zip(voices, np.linalg.cond(values).tolist(), strict=True):
        if not condition < _LARGEST_CONDITION:
            raise InputError(
                "--labelled",
                f"a model that does not tell the stances apart{_of(voice)} "
                f"(condition {condition:.0f})",
                f"a condition below {_LARGEST_CONDITION:.0f} of the matrix of its errors",
                "score with a better model",
            )


def _of(voice: str) -> str:
    return "" if (voice,) == ALL_VOICES else f" in voice '{voice}'"
