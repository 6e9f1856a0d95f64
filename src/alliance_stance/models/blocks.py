"""Weights as whole numbers in small blocks, each with a scale and a zero of its own."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Whole = NDArray[np.uint8]


class Blocks(NamedTuple):
    """How weights are cut and rounded."""

    bits: int
    """Of a weight: 4 or 8."""
    size: int
    """Weights of one output that share a scale; a power of two, at least 16."""

    @property
    def most(self) -> int:
        """The largest of the whole numbers."""
        return (1 << self.bits) - 1


EIGHT_BITS = Blocks(8, 128)
FOUR_BITS = Blocks(4, 32)


class Rounded(NamedTuple):
    """A matrix in whole numbers: a weight is ``(number - zero) * scale`` of its block."""

    numbers: Whole
    """Shape (inputs, outputs)."""
    scales: Floats
    """Shape (blocks, outputs), each a number of half precision."""
    zeros: Whole
    """Shape (blocks, outputs)."""


def round_block(weights: Floats, blocks: Blocks) -> tuple[Floats, Floats]:
    """Give scale and zero of each output of one block, of shape (outputs,).

    Parameters
    ----------
    weights
        Shape (at most the block's size, outputs).
    blocks
        Bits of a weight.
    """
    low, high = np.minimum(weights.min(axis=0), 0), np.maximum(weights.max(axis=0), 0)
    # of what will be read back: scales are stored in half precision
    scale = ((high - low) / blocks.most).astype(np.float16).astype(np.float32)
    scale[scale == 0] = 1
    return scale, np.clip(np.rint(-low / scale), 0, blocks.most)


def round_matrix(weights: Floats, blocks: Blocks) -> Rounded:
    """Round to the nearest of the evenly spaced numbers between a block's ends, and zero.

    Parameters
    ----------
    weights
        Shape (inputs, outputs); a last block may be shorter.
    blocks
        Bits of a weight, and weights of a block.

    Examples
    --------
    >>> import numpy as np
    >>> column = np.array([[0.0], [0.5], [1.0], [1.5]], dtype=np.float32)
    >>> rounded = round_matrix(column, Blocks(4, 32))
    >>> rounded.numbers.ravel().tolist(), rounded.scales.round(2).tolist()
    ([0, 5, 10, 15], [[0.10000000149011612]])
    """
    numbers, scales, zeros = [], [], []
    for start in range(0, len(weights), blocks.size):
        own = weights[start : start + blocks.size]
        scale, zero = round_block(own, blocks)
        numbers.append(np.clip(np.rint(own / scale) + zero, 0, blocks.most).astype(np.uint8))
        scales.append(scale)
        zeros.append(zero)
    return Rounded(np.concatenate(numbers), np.array(scales), np.array(zeros, dtype=np.uint8))


def widen(numbers: Whole, scale: Floats, zero: Floats) -> Floats:
    """Give the weights that whole numbers of one block stand for."""
    weights: Floats = (numbers - zero) * scale
    return weights
