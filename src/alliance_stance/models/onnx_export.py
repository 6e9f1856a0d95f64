"""A fitted network as ONNX, in single precision or in whole numbers of eight bits.

The whole numbers are those of onnxruntime's dynamic quantisation, with one change: it takes the
range of each layer's inputs anew from every batch, so that an answer would depend on what else
is in the batch. Here the ranges are taken once, over rows that were not fitted on, and kept.
"""

import logging
import math
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from alliance_stance.models.batches import Arrays, Inputs, scoring_batches
from alliance_stance.models.onnx_network import new_session, thread_count

if TYPE_CHECKING:
    from onnx import ModelProto

    from alliance_stance.models.encoder_network import ActNetwork

_OPSET = 21
_LEVELS = 255
"""Steps between the least and the greatest value of eight bits without a sign."""
_LARGE = 2**14
"""Numbers of a tensor that is worth storing shorter."""
_DYNAMIC = "DynamicQuantizeLinear"


def export_network(network: "ActNetwork", example: Arrays) -> bytes:
    """Write a network as ONNX in single precision.

    Parameters
    ----------
    network
        Fitted, on the processor.
    example
        What it reads, at least two of everything; a network of any batch size comes out.

    Raises
    ------
    ImportError
        If a package that exports is not installed.
    ValueError
        If the architecture cannot be exported.
    """
    import torch

    with quiet_exporters():
        import onnxscript  # noqa: F401 - torch would tell of its absence in other words
    arguments = tuple(map(torch.from_numpy, example.named.values()))
    shapes = tuple(dict.fromkeys(range(a.ndim), torch.export.Dim.DYNAMIC) for a in arguments)
    try:
        with torch.no_grad(), quiet_exporters():
            program = torch.onnx.export(
                network.cpu().eval(),
                arguments,
                input_names=list(example.named),
                output_names=["logits"],
                dynamic_shapes=shapes,
                opset_version=_OPSET,
                dynamo=True,
                verbose=False,
            )
    except torch.onnx.errors.OnnxExporterError as error:
        raise ValueError(str(error).strip().splitlines()[0]) from None
    if program is None:
        raise ValueError("the exporter gives no program")
    return without_traces(program.model_proto)


@contextmanager
def quiet_exporters() -> Iterator[None]:
    """Keep the exporters' remarks on packages and on their own code out of what a user reads."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def without_traces(model: "ModelProto") -> bytes:
    """Take out what tells of the exporting machine: stack traces with their paths."""
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.input, *graph.output, *graph.value_info):
        part.ClearField("doc_string")
        part.ClearField("metadata_props")
    for tensor in graph.initializer:
        tensor.ClearField("doc_string")
        tensor.ClearField("metadata_props")
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def quantize_network(content: bytes, inputs: Inputs) -> bytes:
    """Turn the weights of all layers but the head into whole numbers of eight bits.

    Weights have one scale for each output and seven of the eight bits (on processors without the
    instructions for it, sums of two full products would overflow); the head is computed in single
    precision, and stored in half.

    Parameters
    ----------
    content
        From `export_network`.
    inputs
        What the ranges of the layers' inputs are taken over.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "plain.onnx", Path(folder) / "quantized.onnx"
        source.write_bytes(content)
        head = head_products(onnx.load(source))
        with quiet_exporters():
            quantize_dynamic(
                source,
                target,
                op_types_to_quantize=["MatMul", "Gather"],
                per_channel=True,
                reduce_range=True,
                weight_type=QuantType.QInt8,
                nodes_to_exclude=head,
                extra_options={"MatMulConstBOnly": True},
            )
        model = onnx.load(target)
    _fix_ranges(model, [inputs.collate(chosen) for chosen in scoring_batches(inputs.lengths)])
    store_halves(model)
    return without_traces(model)


def head_products(model: "ModelProto") -> list[str]:
    """Name the products of the head as onnxruntime's quantizer does.

    It writes each as a product and a sum before it looks which to leave out.
    """
    return [f"{node.name}_MatMul" for node in model.graph.node if node.op_type == "Gemm"]


def store_halves(model: "ModelProto") -> None:
    """Keep large tensors that are still in single precision in half of it.

    They are widened when the file is opened, so nothing is slower; what is lost is far below what
    eight bits lose elsewhere.
    """
    from onnx import TensorProto, helper, numpy_helper

    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or math.prod(tensor.dims) < _LARGE:
            continue
        name, values = tensor.name, numpy_helper.to_array(tensor)
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}_half"))
        widen = helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT)
        # before whatever reads it
        model.graph.node.insert(0, widen)


def _fix_ranges(model: "ModelProto", batches: Iterable[Arrays]) -> None:
    """Replace ranges that are taken from each batch by those over all batches."""
    from onnx import numpy_helper

    dynamic = [node for node in model.graph.node if node.op_type == _DYNAMIC]
    ranges = _ranges(model, dynamic, batches)
    for node, (low, high) in zip(dynamic, ranges, strict=True):
        quantized, scale_name, zero_name = node.output
        scale = (high - low) / _LEVELS or 1.0
        zero = np.clip(np.rint(-low / scale), 0, _LEVELS)
        model.graph.initializer.extend(
            [
                numpy_helper.from_array(np.array(scale, dtype=np.float32), scale_name),
                numpy_helper.from_array(np.array(zero, dtype=np.uint8), zero_name),
            ]
        )
        node.op_type = "QuantizeLinear"
        del node.output[:]
        node.output.append(quantized)
        node.input.extend([scale_name, zero_name])


def _ranges(
    model: "ModelProto", dynamic: list[Any], batches: Iterable[Arrays]
) -> list[tuple[float, float]]:
    """Give least and greatest input of each layer; zero is always within."""
    from onnx import ModelProto, TensorProto, helper

    telling = ModelProto()
    telling.CopyFrom(model)
    names = [name for node in dynamic for name in node.output[1:]]
    types = [TensorProto.FLOAT, TensorProto.UINT8] * len(dynamic)
    telling.graph.output.extend(
        helper.make_tensor_value_info(name, kind, [])
        for name, kind in zip(names, types, strict=True)
    )
    session = new_session(telling.SerializeToString(), threads=thread_count())
    low, high = np.zeros(len(dynamic)), np.zeros(len(dynamic))
    for arrays in batches:
        told = np.array(session.run(names, arrays.named), dtype=np.float64)
        scales, zeros = told[0::2], told[1::2]
        low = np.minimum(low, -zeros * scales)
        high = np.maximum(high, (_LEVELS - zeros) * scales)
    return list(zip(low.tolist(), high.tolist(), strict=True))
