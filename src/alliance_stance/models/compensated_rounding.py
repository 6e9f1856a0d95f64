"""Rounding in which later weights of an output make up for what earlier ones lose.

Where a layer's inputs go together, the error of one rounded weight can be taken back by the
weights after it: what counts is the layer's output, not each weight (GPTQ; Frantar, Ashkboos,
Hoefler and Alistarh 2023, doi:10.48550/arXiv.2210.17323). It needs the inputs that a layer gets
from real rows; of labels it knows nothing.
"""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from alliance_stance.models.batches import Inputs, scoring_batches
from alliance_stance.models.blocks import Blocks, Floats, Rounded, round_block, widen
from alliance_stance.models.onnx_network import new_session, thread_count

if TYPE_CHECKING:
    from onnx import ModelProto

Moments = NDArray[np.float64]
_DAMPING = 0.01
"""Of the mean second moment, added to each: rows that are few must not decide on their own."""
_MOST_TOKENS = 1024


def input_moments(
    model: "ModelProto", names: Collection[str], inputs: Inputs
) -> Mapping[str, Moments]:
    """Give the sums of products of what layers read, over all tokens of all rows.

    Padding is counted with the rest; batches hold rows of like lengths, so it is little.

    Parameters
    ----------
    model
        Not yet rounded.
    names
        Of the tensors that the layers read.
    inputs
        Rows, as the network reads them.

    Returns
    -------
    Mapping
        By name; of shape (width, width).
    """
    from onnx import ModelProto, TensorProto, helper

    ordered = sorted(names)
    telling = ModelProto()
    telling.CopyFrom(model)
    telling.graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ordered
    )
    session = new_session(telling.SerializeToString(), threads=thread_count())
    sums: dict[str, Moments] = {}
    for chosen in scoring_batches(inputs.lengths, _MOST_TOKENS):
        for name, read in zip(
            ordered, session.run(ordered, inputs.collate(chosen).named), strict=True
        ):
            rows = read.reshape(-1, read.shape[-1])
            sums[name] = sums.get(name, 0.0) + (rows.T @ rows).astype(np.float64)
    return sums


def round_compensated(weights: Floats, blocks: Blocks, moments: Moments) -> Rounded:
    """Round weight by weight, and let the rest of each output make up for the error.

    Parameters
    ----------
    weights
        Shape (inputs, outputs); a last block may be shorter.
    blocks
        Bits of a weight, and weights of a block.
    moments
        Sums of products of the layer's inputs, of shape (inputs, inputs).

    Examples
    --------
    Two inputs that are always equal: what the first weight loses, the second gains.

    >>> import numpy as np
    >>> weights = np.array([[0.3], [0.3], [-7.0], [8.0]], dtype=np.float32)
    >>> together = np.eye(4) + 1e3 * (np.arange(4) < 2)[:, None] * (np.arange(4) < 2)
    >>> alone, both = (
    ...     round_compensated(weights, Blocks(4, 32), own) for own in (np.eye(4), together)
    ... )
    >>> (alone.numbers.astype(int) - alone.zeros).ravel().tolist()
    [0, 0, -7, 8]
    >>> (both.numbers.astype(int) - both.zeros).ravel().tolist()
    [0, 1, -7, 8]
    """
    shares = _error_shares(moments)
    left = weights.astype(np.float64)
    numbers = np.empty(weights.shape, dtype=np.uint8)
    scales, zeros = [], []
    for start in range(0, len(left), blocks.size):
        end = min(start + blocks.size, len(left))
        # the ends of a block are taken of what its weights have become
        scale, zero = round_block(left[start:end].astype(np.float32), blocks)
        errors = np.empty((end - start, left.shape[1]))
        for row in range(start, end):
            numbers[row] = np.clip(np.rint(left[row] / scale) + zero, 0, blocks.most)
            lost = left[row] - widen(numbers[row], scale, zero)
            errors[row - start] = lost / shares[row, row]
            left[row + 1 : end] -= np.outer(shares[row, row + 1 : end], errors[row - start])
        left[end:] -= shares[start:end, end:].T @ errors
        scales.append(scale)
        zeros.append(zero)
    return Rounded(numbers, np.array(scales), np.array(zeros, dtype=np.uint8))


def _error_shares(moments: Moments) -> NDArray[np.float64]:
    """Give the upper Cholesky factor of the inverse of damped moments."""
    damped = moments + np.eye(len(moments)) * (_DAMPING * np.mean(np.diag(moments)) or 1.0)
    factor: NDArray[np.float64] = np.linalg.cholesky(np.linalg.inv(damped)).T
    return factor
