"""What a file of weights must hold for a network, checked before anything of that size is made."""

from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from safetensors import safe_open
from torch import nn


def check_shapes(build: Callable[[], nn.Module], path: Path) -> None:
    """Refuse weights that are not those of a network, without making the network.

    The network is built on PyTorch's device without memory. A model folder that asks for a layer
    of a million times a million numbers is refused so, unless its file holds them.

    Parameters
    ----------
    build
        Makes the network.
    path
        A safetensors file; its header is read alone, which the library holds to 100 MB.

    Raises
    ------
    ValueError
        At the first name or shape that differs.
    SafetensorError
        If the file is none, or its header does not fit what follows it.
    """
    with safe_open(path, framework="pt") as file:
        found = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
    compare_shapes(found, needed_shapes(build))


def needed_shapes(build: Callable[[], nn.Module]) -> dict[str, tuple[int, ...]]:
    """Give the shapes of a network's weights by name, without making the network."""
    with torch.device("meta"):
        return {name: tuple(part.shape) for name, part in build().state_dict().items()}


def compare_shapes(
    found: Mapping[str, tuple[int, ...]], expected: Mapping[str, tuple[int, ...]]
) -> None:
    """Refuse weights that are not those of a network.

    Raises
    ------
    ValueError
        At the first name or shape that differs.
    """
    for name in sorted(found.keys() | expected.keys()):
        if found.get(name) != expected.get(name):
            raise ValueError(f"weights {name} of shape {found.get(name)}, not {expected.get(name)}")
