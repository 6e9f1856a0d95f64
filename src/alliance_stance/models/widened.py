"""Weights read back from a network's fast form, so that a model without others can be fitted on.

A rounded weight becomes the number that it stands for: what rounding lost stays lost. Exporting
keeps the names of tables, biases and norms. A layer's matrix loses its own, and is found as what is
multiplied before the layer's bias is added.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from alliance_stance.models.blocks import Floats

if TYPE_CHECKING:
    from onnx import NodeProto, TensorProto

_WEIGHT, _BIAS = ".weight", ".bias"
_TRANSPOSED = "_Transposed"
_QUANTIZED, _SCALE, _ZERO = "_quantized", "_scale", "_zero_point"
"""What onnxruntime's quantiser puts behind a name."""
_PRODUCTS = frozenset({"MatMul", "MatMulInteger"})
_MOST_BETWEEN = 2
"""Nodes between a product of whole numbers and the sum behind it: a cast and a scale."""


def widened_weights(content: bytes, names: Iterable[str]) -> dict[str, Floats]:
    """Give a network's weights from its fast form.

    Parameters
    ----------
    content
        An ONNX file that was checked (`onnx_file.find_fault`), from `fast_form.write_fast_form`.
    names
        Of the weights that are looked for, as the network in torch has them.

    Returns
    -------
    dict
        By name, in single precision and in torch's order (outputs, inputs); without those that the
        file doesn't hold.

    Raises
    ------
    ImportError
        If `onnx` is not installed.
    ValueError
        If the file can't be read, or holds a matrix in a form that this project does not write.
    """
    graph = _Graph(content)
    found = {name: graph.weight(name) for name in names}
    return {name: weight for name, weight in found.items() if weight is not None}


class _Graph:
    """The numbers of a graph, and which of its nodes makes and reads what."""

    def __init__(self, content: bytes) -> None:
        import onnx

        try:
            graph = onnx.load_from_string(content).graph
        except Exception as error:  # noqa: BLE001 - protobuf's own, which is none of Python's
            raise ValueError(str(error)) from None
        self._tensors: dict[str, TensorProto] = {t.name: t for t in graph.initializer}
        self._makers: dict[str, NodeProto] = {o: node for node in graph.node for o in node.output}
        self._sums: dict[str, NodeProto] = {
            name: node for node in graph.node if node.op_type == "Add" for name in node.input
        }

    def weight(self, name: str) -> Floats | None:
        """Give the weight of that name; None if it is not there."""
        if f"{name}{_QUANTIZED}" in self._tensors:
            return self._scaled(name, self._array(f"{name}{_ZERO}"))
        for own, is_turned in ((name, False), (f"{name}{_TRANSPOSED}", True)):
            if self._holds(own):
                return self._matrix(own).T if is_turned else self._matrix(own)
        bias = f"{name.removesuffix(_WEIGHT)}{_BIAS}"
        if not name.endswith(_WEIGHT) or bias not in self._sums:
            return None
        return self._multiplied(bias)

    def _multiplied(self, bias: str) -> Floats | None:
        """Give the matrix of the product to which a bias is added; None if there is none."""
        node = next((self._makers.get(n) for n in self._sums[bias].input if n != bias), None)
        for _ in range(_MOST_BETWEEN):
            if node is not None and node.op_type not in _PRODUCTS:
                node = self._makers.get(node.input[0])
        if node is None:
            return None
        if node.op_type == "MatMulInteger":
            _, whole, _, zero = node.input
            return self._scaled(whole.removesuffix(_QUANTIZED), self._array(zero)).T
        if node.op_type == "MatMul" and self._holds(node.input[1]):
            return self._matrix(node.input[1]).T
        return None

    def _holds(self, name: str) -> bool:
        """Say whether a name stands for numbers of the file."""
        if name in self._tensors:
            return True
        maker = self._makers.get(name)
        return maker is not None and all(map(self._holds, maker.input))

    def _matrix(self, name: str) -> Floats:
        """Give the numbers of that name, stored as they are, in half precision or in blocks."""
        if name in self._tensors:
            return self._array(name)
        maker = self._makers[name]
        if maker.op_type == "Cast":
            return self._array(maker.input[0])
        if maker.op_type == "DequantizeLinear":
            return self._widened(maker)
        raise ValueError(f"{name} made by {maker.op_type}")

    def _widened(self, node: "NodeProto") -> Floats:
        settings = {setting.name: setting.i for setting in node.attribute}
        whole, scales, zeros = map(self._matrix, node.input)
        # each block's scale and zero hold for as many rows; a last block may be shorter
        places = np.arange(len(whole)) // settings["block_size"]
        widened: Floats = (whole - zeros[places]) * scales[places]
        return widened

    def _scaled(self, name: str, zero: Floats) -> Floats:
        scaled: Floats = (self._array(f"{name}{_QUANTIZED}") - zero) * self._array(
            f"{name}{_SCALE}"
        )
        return scaled

    def _array(self, name: str) -> Floats:
        from onnx import numpy_helper

        if name not in self._tensors:
            raise ValueError(f"no numbers {name}")
        array: Floats = numpy_helper.to_array(self._tensors[name]).astype(np.float32)
        return array
