"""A network's layers as whole numbers in small blocks, each with a scale of its own.

Where one range for a whole layer loses too much, a scale for every few weights does not (as in
"group-wise" rounding, Frantar et al. 2023, "GPTQ"). A weight becomes the nearest number, or the
weights of an output make up for one another (`compensated_rounding`). The file says it in standard
operators: whole numbers, and `DequantizeLinear` before each product. onnxruntime turns the two into
one kernel that multiplies the whole numbers; it rounds the inputs of a layer row by row, so that an
answer does not depend on what else is in the batch.
"""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from alliance_stance.models.batches import Inputs
from alliance_stance.models.blocks import Blocks, Rounded, Whole, round_matrix
from alliance_stance.models.compensated_rounding import Moments, input_moments, round_compensated
from alliance_stance.models.onnx_export import (
    head_products,
    quiet_exporters,
    store_halves,
    without_traces,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from onnx import ModelProto, NodeProto, TensorProto

_BITS_OF_A_BYTE = 8


def quantize_blocks(content: bytes, blocks: Blocks, inputs: Inputs | None = None) -> bytes:
    """Turn the weights of all layers but the head into blocks of whole numbers.

    The vectors of tokens and places become eight bits with one scale a table; the head stays in
    single precision, and is stored in half, as scales are.

    Parameters
    ----------
    content
        From `onnx_export.export_network`.
    blocks
        Bits of a weight, and weights of a block.
    inputs
        Rows that the network may read to see what its layers get, so that rounding errors are made
        up for; None to round each weight to the nearest number.

    Raises
    ------
    ValueError
        If no layer has weights that it multiplies by as they are (ALBERT's go through a transpose).
    """
    import onnx
    from onnx import numpy_helper

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
    matrices = {name: numpy_helper.to_array(weights[name]) for name in sorted(shared)}
    if inputs is None:
        rounded = {name: round_matrix(own, blocks) for name, own in matrices.items()}
    else:
        moments = _layer_moments(model, layers, inputs)
        rounded = {n: round_compensated(own, blocks, moments[n]) for n, own in matrices.items()}
    for name, own in rounded.items():
        _put_rounded(model, weights[name], own, blocks)
    for layer in layers:
        layer.input[1] = _widened(layer.input[1])
    store_halves(model)
    return without_traces(model)


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


def _layer_moments(
    model: "ModelProto", layers: "Sequence[NodeProto]", inputs: Inputs
) -> dict[str, Moments]:
    """Give what the layers of each matrix read, by the matrix; of several layers, all of it."""
    moments = input_moments(model, {layer.input[0] for layer in layers}, inputs)
    by_matrix: dict[str, Moments] = {}
    for layer in layers:
        read, matrix = layer.input[:2]
        by_matrix[matrix] = moments[read] + by_matrix.get(matrix, 0.0)
    return by_matrix


def _widened(name: str) -> str:
    return f"{name}_widened"


def _put_rounded(
    model: "ModelProto", weights: "TensorProto", rounded: Rounded, blocks: Blocks
) -> None:
    """Put whole numbers in the place of weights, and widen them before anything."""
    from onnx import TensorProto, helper, numpy_helper

    name = weights.name
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
