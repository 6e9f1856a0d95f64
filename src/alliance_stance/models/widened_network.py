"""A network in torch made of its fast form alone: the models in the package have no other."""

from collections.abc import Callable
from pathlib import Path

import torch

from alliance_stance.models.encoder_network import ActNetwork
from alliance_stance.models.onnx_file import find_fault
from alliance_stance.models.packed_file import read_either
from alliance_stance.models.scaling import Scaling
from alliance_stance.models.weight_shapes import compare_shapes, needed_shapes
from alliance_stance.models.widened import widened_weights

_UNREAD = "encoder.pooler."
"""Weights that some encoders have, this project's networks don't read, and exports don't hold."""


def widened_network(build: Callable[[], ActNetwork], path: Path, scaling: Scaling) -> ActNetwork:
    """Make a network of the weights that its fast form holds (`widened`).

    Its answers differ from the fast form's by as little as two roundings of a layer's inputs do.

    Parameters
    ----------
    build
        Makes the network, without its weights.
    path
        The ONNX file, which may be compressed.
    scaling
        What is done to logits.

    Raises
    ------
    ImportError
        If `onnx` is not installed.
    OSError
        If there is no such file.
    ValueError
        If the file holds another network, or more than one flat graph of standard operators.
    """
    content = read_either(path)
    fault = find_fault(content)
    if fault is not None:
        raise ValueError(fault)
    needed = needed_shapes(build)
    unread = [name for name in needed if name.startswith(_UNREAD)]
    weights = {
        **{n: torch.from_numpy(w) for n, w in widened_weights(content, needed).items()},
        "temperature": torch.tensor(scaling.temperature),
        "prior_shift": torch.tensor(scaling.prior_shift, dtype=torch.float32),
    }
    # before anything of a size is made that the architecture asks for and the file doesn't hold
    held = {name: shape for name, shape in needed.items() if name not in unread}
    compare_shapes({name: tuple(part.shape) for name, part in weights.items()}, held)
    weights.update((name, torch.zeros(needed[name])) for name in unread)
    network = build()
    network.load_state_dict(weights)
    return network
