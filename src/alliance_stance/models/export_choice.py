"""Choose in which numbers a network's fast form is written, by what they lose.

The first of these is taken that loses less than a point of macro-F1 against the network that was
fitted, on rows that it was not fitted on: eight bits with one range for a layer, which are the
fastest; eight bits in blocks; single precision. Without such rows it is single precision. One can
also be asked for, whatever it loses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alliance_stance.models.base import Matrix, sum_acts
from alliance_stance.models.batches import Inputs
from alliance_stance.models.onnx_file import find_fault
from alliance_stance.models.precision import TRIED, Precision
from alliance_stance.models.scaling import Scaling
from alliance_stance.schema import STANCES

MOST_LOST = 0.01
"""Macro-F1 that whole numbers may lose."""
TORCH = "torch"


@dataclass(frozen=True)
class HeldOut:
    """Rows that a network was not fitted on.

    Parameters
    ----------
    inputs
        As the network reads them.
    stances
        Columns of the right stances; length n.
    logits
        What the network says, of shape (n, 14).
    """

    inputs: Inputs
    stances: Sequence[int]
    logits: Matrix


@dataclass(frozen=True)
class Export:
    """A network as an ONNX file.

    Parameters
    ----------
    precision
        What was chosen.
    reason
        Why.
    content
        The file.
    rows
        Candidates that were compared on.
    macro_f1
        Of torch and of each precision that was tried; empty without rows.
    labels_equal
        Share of torch's stances that each precision gives too; empty without rows.
    """

    precision: Precision
    reason: str
    content: bytes
    rows: int
    macro_f1: Mapping[str, float]
    labels_equal: Mapping[str, float]


def choose_export(
    plain: bytes, scaling: Scaling, held_out: HeldOut | None, wanted: Precision | None
) -> Export:
    """Write a network in the numbers that are wanted, or that may be taken.

    Parameters
    ----------
    plain
        From `onnx_export.export_network`.
    scaling
        What is done to logits.
    held_out
        Rows to choose by.
    wanted
        None to choose.

    Raises
    ------
    ValueError
        If `Precision.INT8` is wanted without rows to take ranges over, what is wanted cannot be
        written, or single precision has something that scoring would refuse.
    """
    if held_out is None:
        chosen = wanted or Precision.FP32
        reason = "no rows to compare int8 on" if wanted is None else "asked for"
        return Export(chosen, reason, write_network(plain, chosen, None), 0, {}, {})
    right, torch_says = held_out.stances, _stances(held_out.logits, scaling)
    scores = {TORCH: macro_f1(right, torch_says)}
    equal: dict[str, float] = {}
    for precision in (wanted,) if wanted else TRIED:
        try:
            content = write_network(plain, precision, held_out)
        except ValueError:
            # a network that has no such form may have the next
            if precision in {wanted, Precision.FP32}:
                raise
            continue
        found = _stances(_logits(content, held_out), scaling)
        scores[precision] = macro_f1(right, found)
        equal[precision] = float(np.mean(found == torch_says))
        if wanted or is_near(scores, precision):
            break
    reason = "asked for" if wanted else tell(scores)
    return Export(precision, reason, content, len(right), scores, equal)


def is_near(scores: Mapping[str, float], precision: Precision) -> bool:
    """Say whether a precision may be taken: single always, others if they lose little."""
    return precision is Precision.FP32 or scores[TORCH] - scores[precision] < MOST_LOST


def tell(scores: Mapping[str, float]) -> str:
    """Say what each precision that was tried loses.

    Examples
    --------
    >>> tell({"torch": 0.75, "int8": 0.71, "int8-blocks": 0.748})
    'int8 loses 0.0400 macro-F1, int8-blocks 0.0020; less than 0.01 may be lost'
    """
    lost = {name: scores[TORCH] - score for name, score in scores.items() if name != TORCH}
    lost.pop(Precision.FP32, None)
    if not lost:
        return "no form of whole numbers"
    (first, amount), *others = lost.items()
    told = [f"{first} loses {amount:.4f} macro-F1", *(f"{n} {a:.4f}" for n, a in others)]
    return f"{', '.join(told)}; less than {MOST_LOST} may be lost"


def write_network(plain: bytes, precision: Precision, held_out: HeldOut | None) -> bytes:
    """Write an exported network in another precision.

    Parameters
    ----------
    plain
        From `onnx_export.export_network`.
    precision
        The one to write.
    held_out
        What the ranges of `Precision.INT8` are taken over, and the rounding of
        `Precision.INT4_BLOCKS` looks at where there is any; the others need none.

    Raises
    ------
    ValueError
        See `choose_export`.
    """
    from alliance_stance.models.blocks import EIGHT_BITS, FOUR_BITS
    from alliance_stance.models.onnx_blocks import quantize_blocks
    from alliance_stance.models.onnx_export import quantize_network

    if precision is Precision.FP32:
        content = plain
    elif precision is Precision.INT8_BLOCKS:
        content = quantize_blocks(plain, EIGHT_BITS)
    elif precision is Precision.INT4_BLOCKS:
        # four bits lose enough that making up for it is worth a minute; eight do not
        content = quantize_blocks(plain, FOUR_BITS, None if held_out is None else held_out.inputs)
    elif held_out is None:
        raise ValueError("no rows to take the ranges of int8 over")
    else:
        content = quantize_network(plain, held_out.inputs)
    fault = find_fault(content)
    if fault is not None:
        raise ValueError(f"the export has {fault}")
    return content


def _logits(content: bytes, held_out: HeldOut) -> Matrix:
    from alliance_stance.models.onnx_network import OnnxNetwork

    return OnnxNetwork(content).logits(held_out.inputs, len(held_out.stances))


def _stances(logits: Matrix, scaling: Scaling) -> NDArray[np.intp]:
    stances: NDArray[np.intp] = sum_acts(scaling.probabilities(logits)).argmax(axis=1)
    return stances


def macro_f1(right: Sequence[int], found: NDArray[np.intp]) -> float:
    """Give the mean F1 of the three stances; one that nobody gave counts as 0.

    Examples
    --------
    >>> macro_f1([0, 1, 2, 2], np.array([0, 1, 2, 1]))
    0.7777777777777777
    """
    truth = np.asarray(right)
    scores = []
    for stance in range(len(STANCES)):
        both = np.sum((truth == stance) & (found == stance))
        given = np.sum(truth == stance) + np.sum(found == stance)
        scores.append(2 * both / given if given else 0.0)
    return float(np.mean(scores))
