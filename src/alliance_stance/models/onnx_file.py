"""Check an ONNX file before anything opens it, by a look at its own bytes.

An ONNX file is one protocol-buffer message. A network of this project has one flat graph of
standard operators, all numbers inside; anything else is refused. The `onnx` package is not needed
for it, so that scoring does without.
"""

from collections.abc import Iterator

LARGEST_BYTES = 2**31 - 1
"""A protocol-buffer message cannot be larger."""

OPERATORS = frozenset({
    "Abs", "Add", "And", "Cast", "Clip", "Concat", "Constant", "ConstantOfShape", "CumSum",
    "DequantizeLinear", "Div", "Equal", "Erf", "Expand", "Gather", "GatherElements", "GatherND",
    "Gelu", "Gemm", "Greater", "GreaterOrEqual", "Identity", "IsNaN", "LayerNormalization",
    "Less", "LessOrEqual", "Log", "MatMul", "MatMulInteger", "Max", "Min", "Mul", "Neg", "Not",
    "Or", "Pow", "QuantizeLinear", "Range", "Reciprocal", "ReduceMean", "ReduceSum", "Reshape",
    "ScatterElements", "ScatterND", "Shape", "Slice", "Softmax", "Split", "Sqrt", "Squeeze",
    "Sub", "Tanh", "Transpose", "Unsqueeze", "Where",
})  # fmt: skip
"""What exported encoders are made of: arithmetic and shapes; no loop, no branch, no call."""

_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5
_WIDTHS = {_EIGHT_BYTES: 8, _FOUR_BYTES: 4}
_LONGEST_VARINT = 10

# numbers of fields in onnx.proto
_MODEL_GRAPH, _MODEL_OPSET, _MODEL_TRAINING, _MODEL_FUNCTIONS = 7, 8, 20, 25
_OPSET_DOMAIN = 1
_GRAPH_NODE, _GRAPH_TENSOR, _GRAPH_SPARSE = 1, 5, 15
_NODE_OPERATOR, _NODE_ATTRIBUTE, _NODE_DOMAIN = 4, 5, 7
_ATTRIBUTE_TENSOR, _ATTRIBUTE_TENSORS = 5, 10
_ATTRIBUTE_GRAPHS = frozenset({6, 11, 22, 23})
_TENSOR_EXTERNAL, _TENSOR_LOCATION = 13, 14
_STANDARD = frozenset({"", "ai.onnx"})


def find_fault(content: bytes) -> str | None:
    """Say what in an ONNX file is not allowed.

    Parameters
    ----------
    content
        The whole file.

    Returns
    -------
    str or None
        None for a flat graph of known operators of the standard domain that holds all its
        numbers.

    Examples
    --------
    >>> find_fault(b"not a network")
    'bytes that are no protocol-buffer message'
    """
    if len(content) > LARGEST_BYTES:
        return f"{len(content)} bytes"
    try:
        return next(_model_faults(memoryview(content)), None)
    except (ValueError, IndexError, UnicodeDecodeError):
        return "bytes that are no protocol-buffer message"


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yield the number and content of each field of a message."""
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, place = _varint(message, place)
            yield number, value
            continue
        if wire == _LENGTH:
            width, place = _varint(message, place)
        else:
            if wire not in _WIDTHS:
                raise ValueError(wire)
            width = _WIDTHS[wire]
        if place + width > len(message):
            raise ValueError("cut off")
        yield number, message[place : place + width]
        place += width


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    value = 0
    for count in range(_LONGEST_VARINT):
        byte = message[place + count]
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            return value, place + count + 1
    raise ValueError("a number without an end")


def _text(value: int | memoryview) -> str:
    return bytes(_message(value)).decode("utf-8")


def _message(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise ValueError("a number in place of a message")
    return value


def _model_faults(model: memoryview) -> Iterator[str]:
    graphs = 0
    for number, value in _fields(model):
        if number == _MODEL_GRAPH:
            graphs += 1
            yield from _graph_faults(_message(value))
        elif number in (_MODEL_TRAINING, _MODEL_FUNCTIONS):
            yield "functions or training steps of its own"
        elif number == _MODEL_OPSET:
            domains = [_text(v) for n, v in _fields(_message(value)) if n == _OPSET_DOMAIN]
            yield from _domain_faults(domains)
    if graphs != 1:
        yield f"{graphs} graphs"


def _graph_faults(graph: memoryview) -> Iterator[str]:
    for number, value in _fields(graph):
        if number == _GRAPH_NODE:
            yield from _node_faults(_message(value))
        elif number == _GRAPH_TENSOR:
            yield from _tensor_faults(_message(value))
        elif number == _GRAPH_SPARSE:
            yield "sparse tensors"


def _node_faults(node: memoryview) -> Iterator[str]:
    for number, value in _fields(node):
        if number == _NODE_OPERATOR and _text(value) not in OPERATORS:
            yield f"the operator {_text(value)!r}"
        elif number == _NODE_DOMAIN:
            yield from _domain_faults([_text(value)])
        elif number == _NODE_ATTRIBUTE:
            yield from _attribute_faults(_message(value))


def _attribute_faults(attribute: memoryview) -> Iterator[str]:
    for number, value in _fields(attribute):
        if number in _ATTRIBUTE_GRAPHS:
            yield "a graph inside an operator"
        elif number in (_ATTRIBUTE_TENSOR, _ATTRIBUTE_TENSORS):
            yield from _tensor_faults(_message(value))


def _tensor_faults(tensor: memoryview) -> Iterator[str]:
    for number, value in _fields(tensor):
        if number == _TENSOR_EXTERNAL or (number == _TENSOR_LOCATION and value != 0):
            yield "numbers kept in another file"


def _domain_faults(domains: list[str]) -> Iterator[str]:
    for domain in domains:
        if domain not in _STANDARD:
            yield f"operators of the domain {domain!r}"
