"""A network's layers as whole numbers in small blocks, each with a scale of its own.

Where one range for a whole layer loses too much, a scale for every few weights does not (as in
"group-wise" rounding, Frantar et al. 2023, "GPTQ"; here to the nearest number). The file says it
in standard operators: whole numbers, and `DequantizeLinear` before each product. onnxruntime turns
the two into one kernel that multiplies the whole numbers; it rounds the inputs of a layer row by
row, so that an answer does not depend on what else is in the batch.
"""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from alliance_stance.models.onnx_export import (
    head_products,
    quiet_exporters,
    store_halves,
    without_traces,
)

if TYPE_CHECKING:
    from onnx import ModelProto, TensorProto

Floats = NDArray[np.float32]
Whole = NDArray[np.uint8]
_BITS_OF_A_BYTE = 8


class Blocks(NamedTuple):
    """How weights are cut and rounded."""

    bits: int
    """Of a weight: 4 or 8."""
    size: int
    """Weights of one output that share a scale; a power of two, at least 16."""


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


def quantize_blocks(content: bytes, blocks: Blocks) -> bytes:
    """Turn the weights of all layers but the head into blocks of whole numbers.

    The vectors of tokens and places become eight bits with one scale a table; the head stays in
    single precision, and is stored in half, as scales are.

    Parameters
    ----------
    content
        From `onnx_export.export_network`.
    blocks
        Bits of a weight, and weights of a block.

    Raises
    ------
    ValueError
        If no layer has weights that it multiplies by as they are (ALBERT's go through a transpose).
    """
    import onnx

    head = head_products(onnx.load_from_string(content))
    model = _tables_in_eight_bits(content)
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    layers = [
        node
        for node in model.graph.node
        if node.op_type == "MatMul" and node.input[1] in weights and node.name not in head
    ]
    # layers that share their weights share the rounded ones, too
    shared = {layer.input[1] for layer in layers}
    if not shared:
        raise ValueError("no layer with weights of its own to round")
    for name in sorted(shared):
        _round_weights(model, weights[name], blocks)
    for layer in layers:
        layer.input[1] = _widened(layer.input[1])
    store_halves(model)
    return without_traces(model)


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
    inputs, outputs = weights.shape
    count = -(-inputs // blocks.size)
    cut = np.zeros((count * blocks.size, outputs), dtype=np.float32)
    cut[:inputs] = weights
    cut = cut.reshape(count, blocks.size, outputs)
    most = 2**blocks.bits - 1
    low, high = np.minimum(cut.min(axis=1), 0), np.maximum(cut.max(axis=1), 0)
    # of what will be read back: scales are stored in half precision
    scales = ((high - low) / most).astype(np.float16).astype(np.float32)
    scales[scales == 0] = 1
    zeros = np.clip(np.rint(-low / scales), 0, most)
    numbers = np.clip(np.rint(cut / scales[:, None]) + zeros[:, None], 0, most)
    return Rounded(
        numbers.reshape(-1, outputs)[:inputs].astype(np.uint8), scales, zeros.astype(np.uint8)
    )


def _tables_in_eight_bits(content: bytes) -> "ModelProto":
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory() as folder, quiet_exporters():
        source, target = Path(folder) / "plain.onnx", Path(folder) / "tables.onnx"
        source.write_bytes(content)
        quantize_dynamic(
            source, target, op_types_to_quantize=["Gather"], weight_type=QuantType.QInt8
        )
        return onnx.load(target)


def _widened(name: str) -> str:
    return f"{name}_widened"


def _round_weights(model: "ModelProto", weights: "TensorProto", blocks: Blocks) -> None:
    """Put whole numbers in the place of weights, and widen them before anything."""
    from onnx import TensorProto, helper, numpy_helper

    name = weights.name
    rounded = round_matrix(numpy_helper.to_array(weights), blocks)
    kind = TensorProto.UINT4 if blocks.bits < _BITS_OF_A_BYTE else TensorProto.UINT8
    whole = {f"{name}_whole": rounded.numbers, f"{name}_zeros": rounded.zeros}
    model.graph.initializer.remove(weights)
    model.graph.initializer.extend(
        [
            *(
                helper.make_tensor(own, kind, numbers.shape, _packed(numbers, blocks), raw=True)
                for own, numbers in whole.items()
            ),
            numpy_helper.from_array(rounded.scales, f"{name}_scales"),
        ]
    )
    widen = helper.make_node(
        "DequantizeLinear",
        [f"{name}_whole", f"{name}_scales", f"{name}_zeros"],
        [_widened(name)],
        axis=0,
        block_size=blocks.size,
    )
    model.graph.node.insert(0, widen)


def _packed(numbers: Whole, blocks: Blocks) -> bytes:
    """Give the bytes of a tensor; of two numbers of four bits the first is the lower half."""
    if blocks.bits == _BITS_OF_A_BYTE:
        return numbers.tobytes()
    flat = numbers.ravel()
    pairs = np.pad(flat, (0, flat.size % 2)).reshape(-1, 2)
    return (pairs[:, 0] | pairs[:, 1] << 4).astype(np.uint8).tobytes()
