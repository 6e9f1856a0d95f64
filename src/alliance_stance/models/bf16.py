"""Whether to compute in bf16: on a GPU, and on a processor that is faster in it."""

import time
from functools import cache

import torch

_ROWS, _WIDTH = 256, 768
"""Of the product that is timed: a layer of a small encoder over a batch."""
_TRIES = 5
_CLEARLY = 0.8
"""Share of the time of single precision that bf16 must stay under to be used."""


def autocast() -> torch.autocast:
    """Compute in bf16 on a GPU, or on a processor that is faster in it; else as it is."""
    if torch.cuda.is_available():
        return torch.autocast("cuda", dtype=torch.bfloat16)
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=is_faster())


@cache
def is_faster() -> bool:
    """Say whether this processor is clearly faster in bf16 than in single precision.

    Emulated bf16 is slower. So is, by half, that of Intel's processors with AVX512-BF16 and
    without AMX, though they have the instructions (measured on a Xeon of the sixth family, model
    207). So a product is timed once. Where bf16 pays, it takes half of the time or less.
    """
    has_instructions = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    if has_instructions is None or not has_instructions():
        return False
    rows, weights = torch.ones(_ROWS, _WIDTH), torch.ones(_WIDTH, _WIDTH)
    half = rows.bfloat16(), weights.bfloat16()
    seconds = [(_seconds(rows, weights), _seconds(*half)) for _ in range(_TRIES)]
    return min(own for _, own in seconds) < _CLEARLY * min(single for single, _ in seconds)


def _seconds(rows: torch.Tensor, weights: torch.Tensor) -> float:
    started = time.perf_counter()
    torch.nn.functional.linear(rows, weights)
    return time.perf_counter() - started
