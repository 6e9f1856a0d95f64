"""What torch computes on, and whether in bf16: on a GPU, and on a processor faster in it."""

import time
from functools import cache

import torch

_ROWS, _WIDTH = 256, 768
"""Of the product that is timed: a layer of a small encoder over a batch."""
_TRIES = 9
_CLEARLY = 0.8
"""Share of the time of single precision that bf16 must stay under to be used."""


def device() -> str:
    """Name what torch computes on: a GPU where there is one."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def autocast(*, in_bf16: bool | None = None) -> torch.autocast:
    """Compute in bf16, or as it is; None to compute in bf16 where it pays."""
    is_on = pays() if in_bf16 is None else in_bf16
    return torch.autocast(device(), dtype=torch.bfloat16, enabled=is_on)


def pays() -> bool:
    """Say whether to compute in bf16 here."""
    if torch.cuda.is_available():
        # emulated, it is slower than single precision (cards before the Ampere family)
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return is_faster()


def named(in_bf16: bool) -> str:
    """Name the numbers of a fit, for its record."""
    return "bf16" if in_bf16 else "fp32"


@cache
def is_faster() -> bool:
    """Say whether this processor is clearly faster in bf16 than in single precision.

    Emulated bf16 is slower. So is, by half or more, that of Intel's processors with AVX512-BF16
    and without AMX, though they have the instructions (measured on a Xeon of the sixth family,
    model 207). So a product is timed once in both, by turns. Where bf16 pays, it takes half of the
    time or less; it must do so in most turns, since others at work on the machine disturb some.
    """
    has_instructions = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    if has_instructions is None or not has_instructions():
        return False
    rows, weights = torch.ones(_ROWS, _WIDTH), torch.ones(_WIDTH, _WIDTH)
    half = rows.bfloat16(), weights.bfloat16()
    turns = [(_seconds(rows, weights), _seconds(*half)) for _ in range(_TRIES)]
    return sum(own < _CLEARLY * single for single, own in turns) > _TRIES / 2


def _seconds(rows: torch.Tensor, weights: torch.Tensor) -> float:
    # of this thread alone: on a busy machine most of what a clock shows is waiting
    started = time.thread_time()
    torch.nn.functional.linear(rows, weights)
    return time.thread_time() - started


def torch_numbers() -> str:
    """Name what torch computes with here: kind of device, and numbers."""
    return f"{device()} {named(pays())}"
