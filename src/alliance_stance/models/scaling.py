"""From a network's act logits to probabilities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alliance_stance.models.base import Matrix


@dataclass(frozen=True)
class Scaling:
    """What is done to logits before the softmax.

    Parameters
    ----------
    temperature
        What they are divided by, above 0; above 1 makes answers less sure.
    prior_shift
        What is added then, of shape (14,).
    """

    temperature: float
    prior_shift: NDArray[np.float64]

    def probabilities(self, logits: Matrix) -> Matrix:
        """Give act probabilities of shape (n, 14), rows summing to 1."""
        scaled = logits / self.temperature + self.prior_shift
        powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        shares: Matrix = powers / powers.sum(axis=1, keepdims=True)
        return shares
