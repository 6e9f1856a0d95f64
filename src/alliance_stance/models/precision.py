"""In which numbers a network's fast form may be written."""

from enum import StrEnum


class Precision(StrEnum):
    """What the weights of all layers but the head are."""

    INT8 = "int8"
    """Eight bits; one range for all inputs of a layer."""
    INT8_BLOCKS = "int8-blocks"
    """Eight bits; a scale for every 128 weights of an output, and for as many inputs of a row."""
    INT4_BLOCKS = "int4-blocks"
    """Four bits; a scale for every 32 weights of an output."""
    FP32 = "fp32"
    """Single precision."""


TRIED = (Precision.INT8, Precision.INT8_BLOCKS, Precision.FP32)
"""In this order, the fastest first; four bits are for those who ask for a small file."""
