"""The fast form of a fitted encoder: an ONNX file beside its weights, and a record of it.

Its precision is chosen by what it loses (`export_choice`). An architecture that cannot be exported
has none, and is scored with torch.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from pydantic import Field, ValidationError

from alliance_stance.config import Section
from alliance_stance.errors import ArtifactError
from alliance_stance.models.batches import Arrays
from alliance_stance.models.export_choice import Export, HeldOut, choose_export
from alliance_stance.models.precision import Precision
from alliance_stance.models.scaling import Scaling
from alliance_stance.schema import ACTS

if TYPE_CHECKING:
    from alliance_stance.models.encoder_network import ActNetwork

FILE = "model.onnx"
RECORD = "onnx.json"

Finite = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]


class FastForm(Section):
    """What the record beside the ONNX file says."""

    precision: Precision | Literal["none"] = Field(description="none where there is no file.")
    reason: str = Field(description="Why this precision.")
    temperature: float = Field(gt=0, allow_inf_nan=False, description="Of `scaling.Scaling`.")
    prior_shift: tuple[Finite, ...] = Field(
        min_length=len(ACTS), max_length=len(ACTS), description="Of `scaling.Scaling`."
    )
    rows: int = Field(ge=0, description="Candidates that the forms were compared on.")
    macro_f1: Mapping[str, Share] = Field(
        description="Of torch and of each precision that was tried on these; empty without any."
    )
    labels_equal: Mapping[str, Share] = Field(
        description="Share of the stances of torch that each precision gives too."
    )

    @property
    def scaling(self) -> Scaling:
        """What is done to logits."""
        return Scaling(self.temperature, np.array(self.prior_shift))


def write_fast_form(
    folder: Path,
    network: "ActNetwork",
    example: Arrays,
    scaling: Scaling,
    held_out: HeldOut | None,
    wanted: Precision | None,
) -> FastForm:
    """Write a network's fast form, if it has one, and the record.

    Parameters
    ----------
    folder
        Of the weights.
    network
        Fitted.
    example
        See `onnx_export.export_network`.
    scaling
        What is done to logits.
    held_out, wanted
        See `export_choice.choose_export`.

    Raises
    ------
    ArtifactError
        If a precision is wanted that cannot be written.
    """
    from alliance_stance.models.onnx_export import export_network

    export, reason = None, ""
    try:
        export = choose_export(export_network(network, example), scaling, held_out, wanted)
    except ImportError as error:
        reason = f"{error.name} is not installed"
    except ValueError as error:
        reason = f"cannot be exported: {error}"
    if export is not None:
        (folder / FILE).write_bytes(export.content)
    elif wanted is not None:
        raise ArtifactError(
            str(folder), f"no form in {wanted} ({reason})", "a network that has one",
            "choose another precision, or name labelled rows",
        )  # fmt: skip
    form = _record(export, reason, scaling)
    text = json.dumps(form.model_dump(mode="json"), indent=1) + "\n"
    (folder / RECORD).write_text(text, encoding="utf-8")
    return form


def _record(export: Export | None, reason: str, scaling: Scaling) -> FastForm:
    return FastForm(
        precision=export.precision if export else "none",
        reason=export.reason if export else reason,
        temperature=scaling.temperature,
        prior_shift=tuple(scaling.prior_shift.tolist()),
        rows=export.rows if export else 0,
        macro_f1=export.macro_f1 if export else {},
        labels_equal=export.labels_equal if export else {},
    )


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
