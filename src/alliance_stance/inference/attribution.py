"""How much each part of a candidate moves what a model says: Shapley values by Kernel SHAP.

The parts are players of a game, and what a coalition wins is the probability of the explained
stance when only these parts are left in the sentence. The Shapley value of a part is what it adds
to a coalition, averaged over all orders in which parts can come in; all values sum to the
probability of the whole sentence less that of the judged names alone. Kernel SHAP (Lundberg and
Lee 2017, "A Unified Approach to Interpreting Model Predictions") finds them as the solution of a
weighted regression over drawn coalitions. Coalitions are drawn in pairs, each with its complement,
which takes much of the noise out (Covert and Lee 2021, "Improving KernelSHAP"). Where a sentence
has so few parts that all coalitions can be asked for, the values are exact.

Nothing of a model is used but `predict_act_proba`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alliance_stance.inference.perturbing import Part, find_parts, keep_parts
from alliance_stance.models.base import Matrix, StanceModel
from alliance_stance.schema import STANCES, Candidate, Stance

SAMPLES = 128
"""Coalitions that are asked for, beside the whole sentence and the names alone."""
_AT_ONCE = 16
"""Candidates whose coalitions a model judges in one call."""

Masks = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Attribution:
    """What each part of a candidate adds to the probability of one stance.

    Parameters
    ----------
    stance
        The explained one.
    parts
        From `perturbing.find_parts`.
    weights
        Shapley value of each part, in [-1, 1]; they sum to `probability` less `base`.
    probability
        Of the stance, given the whole sentence and its context.
    base
        Of the stance, given the judged names alone.
    evaluations
        How many candidates the model judged for this.
    """

    stance: Stance
    parts: tuple[Part, ...]
    weights: Matrix
    probability: float
    base: float
    evaluations: int


def attribute(
    model: StanceModel,
    candidates: Sequence[Candidate],
    stances: Sequence[Stance],
    *,
    samples: int = SAMPLES,
    seed: int,
) -> list[Attribution]:
    """Attribute a model's probability of a stance to the parts of each candidate.

    Parameters
    ----------
    model
        Fitted.
    candidates
        With their mentions found.
    stances
        The stance of each that is explained.
    samples
        Most coalitions of a candidate that are asked for; an even number, at least 2.
    seed
        Of the draws; the values of one candidate do not depend on which others are explained.
    """
    rows = list(zip(candidates, stances, strict=True))
    return [
        found
        for start in range(0, len(rows), _AT_ONCE)
        for found in _attribute_some(model, rows[start : start + _AT_ONCE], samples, seed)
    ]


def _attribute_some(
    model: StanceModel, rows: Sequence[tuple[Candidate, Stance]], samples: int, seed: int
) -> Iterator[Attribution]:
    parts = [find_parts(candidate) for candidate, _ in rows]
    masks = [draw_masks(len(own), samples, seed=seed) for own in parts]
    left = [
        keep_parts(candidate, own, mask)
        for (candidate, _), own, masks_ in zip(rows, parts, masks, strict=True)
        for mask in masks_
    ]
    judged = model.predict_proba(left)
    start = 0
    for (_, stance), own, masks_ in zip(rows, parts, masks, strict=True):
        values = judged[start : start + len(masks_), STANCES.index(stance)]
        start += len(masks_)
        yield Attribution(
            stance,
            tuple(own),
            solve(masks_, values),
            probability=float(values[0]),
            base=float(values[1]),
            evaluations=len(masks_),
        )


def draw_masks(count: int, samples: int, *, seed: int) -> Masks:
    """Draw the coalitions that are asked for.

    Parameters
    ----------
    count
        Number of parts.
    samples
        Most coalitions beside the first two.
    seed
        Of the draws.

    Returns
    -------
    Masks
        Of shape (n, count): first the whole, then nothing, then coalitions in pairs, each followed
        by its complement. All coalitions, each once, where there are at most `samples`; else sizes
        are drawn by the Shapley kernel, so that the regression needs no weights.
    """
    ends = np.array([[True] * count, [False] * count])
    if 2**count - 2 <= samples:
        return np.concatenate([ends, _all_masks(count)])
    random = np.random.default_rng(seed)
    sizes = np.arange(1, count)
    shares = 1 / (sizes * (count - sizes))
    halves = np.zeros((samples // 2, count), dtype=np.bool_)
    for row, size in enumerate(random.choice(sizes, len(halves), p=shares / shares.sum())):
        halves[row, random.permutation(count)[:size]] = True
    return np.concatenate([ends, _with_complements(halves)])


def solve(masks: Masks, values: Matrix) -> Matrix:
    """Find the Shapley values that fit what coalitions won.

    Parameters
    ----------
    masks
        Shape (n, count), as `draw_masks` gives them.
    values
        What each coalition won; length n.

    Returns
    -------
    Matrix
        Length `count`; sums to ``values[0] - values[1]``.

    Examples
    --------
    The first part is worth 0.5, the second nothing, whoever is there:

    >>> masks = draw_masks(2, 2, seed=0)
    >>> solve(masks, masks @ np.array([0.5, 0.0]) + 0.2).round(6).tolist()
    [0.5, 0.0]
    """
    count = masks.shape[1]
    total = values[0] - values[1]
    if count <= 1:
        return np.full(count, total)
    inner, won = masks[2:].astype(np.float64), values[2:] - values[1]
    weights = _kernel_weights(inner) if len(inner) == 2**count - 2 else np.ones(len(inner))
    # the last value is what the sum leaves, so that the fit has no side condition
    design = (inner[:, :-1] - inner[:, -1:]) * np.sqrt(weights)[:, None]
    target = (won - inner[:, -1] * total) * np.sqrt(weights)
    first = np.linalg.lstsq(design, target, rcond=None)[0]
    return np.append(first, total - first.sum())


def _all_masks(count: int) -> Masks:
    """Give every coalition but the whole and nothing, of shape (2 ** count - 2, count)."""
    numbers = np.arange(1, 2 ** max(count - 1, 0))
    halves = (numbers[:, None] >> np.arange(count)) % 2 == 1
    return _with_complements(halves)


def _with_complements(halves: Masks) -> Masks:
    return np.stack([halves, ~halves], axis=1).reshape(-1, halves.shape[1])


def _kernel_weights(inner: Matrix) -> Matrix:
    """Give the Shapley kernel's weight of each of all coalitions."""
    from scipy.special import comb

    count = inner.shape[1]
    sizes = inner.sum(axis=1)
    weights: Matrix = (count - 1) / (comb(count, sizes) * sizes * (count - sizes))
    return weights
