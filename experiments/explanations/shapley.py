"""Kernel SHAP, to compare: Shapley values of the words (Lundberg and Lee 2017).

Words are players of a game, and what a coalition wins is the probability of the stance when only
these words are left. Coalitions are drawn in pairs, each with its complement (Covert and Lee 2021,
"Improving KernelSHAP").
"""

import numpy as np

from alliance_stance.inference.attribution import Masks
from alliance_stance.models.base import Matrix


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
