"""The fast form of a fitted encoder: an ONNX file beside its weights, and what it loses.

Eight bits are chosen where they lose less than a point of macro-F1 against the network that was
fitted, on rows that it was not fitted on. Without such rows, or where they lose more, the file is
in single precision. An architecture that cannot be exported has none, and is scored with torch.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from alliance_stance.config import Section
from alliance_stance.errors import ArtifactError
from alliance_stance.models.base import Matrix, sum_acts
from alliance_stance.models.batches import Arrays, Inputs
from alliance_stance.models.onnx_file import find_fault
from alliance_stance.models.scaling import Scaling
from alliance_stance.schema import ACTS, STANCES

if TYPE_CHECKING:
    from alliance_stance.models.encoder_network import ActNetwork

FILE = "model.onnx"
RECORD = "onnx.json"
MOST_LOST = 0.01
"""Macro-F1 that eight bits may lose."""

Finite = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]


class FastForm(Section):
    """What the record beside the ONNX file says."""

    precision: Literal["int8", "fp32", "none"] = Field(description="none where there is no file.")
    reason: str = Field(description="Why this precision.")
    temperature: float = Field(gt=0, allow_inf_nan=False, description="Of `scaling.Scaling`.")
    prior_shift: tuple[Finite, ...] = Field(
        min_length=len(ACTS), max_length=len(ACTS), description="Of `scaling.Scaling`."
    )
    rows: int = Field(ge=0, description="Candidates that the forms were compared on.")
    macro_f1: dict[str, Share] = Field(
        description="Of torch, fp32 and int8 on these; empty without any."
    )
    labels_equal: dict[str, Share] = Field(
        description="Share of the stances of torch that fp32 and int8 give too."
    )

    @property
    def scaling(self) -> Scaling:
        """What is done to logits."""
        return Scaling(self.temperature, np.array(self.prior_shift))


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


def export_forms(
    network: "ActNetwork", example: Arrays, held_out: HeldOut | None
) -> dict[str, bytes]:
    """Export a network in every precision that there can be.

    Parameters
    ----------
    network
        Fitted.
    example
        See `onnx_export.export_network`.
    held_out
        What the ranges of eight bits are taken over; without it there is single precision alone.

    Raises
    ------
    ImportError
        If a package that exports is not installed.
    ValueError
        If the architecture cannot be exported, or an export has what scoring would refuse.
    """
    from alliance_stance.models.onnx_export import export_network, quantize_network

    forms = {"fp32": export_network(network, example)}
    if held_out is not None:
        forms["int8"] = quantize_network(forms["fp32"], held_out.inputs)
    for form in forms.values():
        fault = find_fault(form)
        if fault is not None:
            raise ValueError(f"the export has {fault}")
    return forms


def write_fast_form(
    folder: Path,
    network: "ActNetwork",
    example: Arrays,
    scaling: Scaling,
    held_out: HeldOut | None,
) -> FastForm:
    """Write a network's fast form, if it has one, and the record.

    Parameters
    ----------
    folder
        Of the weights.
    network, example, held_out
        See `export_forms`; by `held_out` the precision is chosen too.
    scaling
        What is done to logits.
    """
    try:
        forms, reason = export_forms(network, example, held_out), ""
    except ImportError as error:
        forms, reason = {}, f"{error.name} is not installed"
    except ValueError as error:
        forms, reason = {}, f"cannot be exported: {error}"
    labels = _labels(forms, scaling, held_out)
    scores = (
        {name: macro_f1(held_out.stances, found) for name, found in labels.items()}
        if held_out is not None
        else {}
    )
    precision, chosen = _choose(forms, scores)
    if precision != "none":
        (folder / FILE).write_bytes(forms[precision])
    form = FastForm(
        precision=precision,
        reason=reason or chosen,
        temperature=scaling.temperature,
        prior_shift=tuple(scaling.prior_shift.tolist()),
        rows=len(held_out.stances) if labels and held_out is not None else 0,
        macro_f1=scores,
        labels_equal={
            name: float(np.mean(found == labels["torch"]))
            for name, found in labels.items()
            if name != "torch"
        },
    )
    text = json.dumps(form.model_dump(mode="json"), indent=1) + "\n"
    (folder / RECORD).write_text(text, encoding="utf-8")
    return form


def read_fast_form(folder: Path) -> FastForm | None:
    """Read the record; None where a model was saved before there were any.

    Raises
    ------
    ArtifactError
        If it is no such record.
    """
    path = folder / RECORD
    if not path.exists():
        return None
    try:
        return FastForm.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise ArtifactError(
            str(path),
            f"no readable record ({str(error).splitlines()[0]})",
            "one",
            "train the model again, or fetch the folder anew",
        ) from None


def _choose(
    forms: Mapping[str, bytes], scores: Mapping[str, float]
) -> tuple[Literal["int8", "fp32", "none"], str]:
    if not forms:
        return "none", ""
    if not scores:
        return "fp32", "no rows to compare int8 on"
    lost = scores["torch"] - scores["int8"]
    told = f"int8 loses {lost:.4f} macro-F1"
    if lost < MOST_LOST:
        return "int8", f"{told}, less than {MOST_LOST}"
    return "fp32", f"{told}, not less than {MOST_LOST}"


def _labels(
    forms: Mapping[str, bytes], scaling: Scaling, held_out: HeldOut | None
) -> dict[str, NDArray[np.intp]]:
    """Give the stances that torch and each form find in the rows; empty without rows or forms."""
    if held_out is None or not forms:
        return {}
    from alliance_stance.models.onnx_network import OnnxNetwork

    count = len(held_out.stances)
    logits = {"torch": held_out.logits}
    logits |= {
        name: OnnxNetwork(form).logits(held_out.inputs, count) for name, form in forms.items()
    }
    return {name: _stances(own, scaling) for name, own in logits.items()}


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
