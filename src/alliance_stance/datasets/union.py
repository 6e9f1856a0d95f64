"""The union builder: several data sets, split by split, as one."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import datasets as hf
from pydantic import Field, model_validator

from alliance_stance.config import Section
from alliance_stance.datasets.built import Built
from alliance_stance.datasets.gold import GoldSettings
from alliance_stance.datasets.kinds import DOCUMENT_KINDS
from alliance_stance.datasets.labelled import LabelledSettings
from alliance_stance.datasets.splits import SPLITS
from alliance_stance.datasets.standoff import StandoffSettings
from alliance_stance.errors import DatasetError
from alliance_stance.fingerprints import fingerprint
from alliance_stance.knowledge.knowledge import Knowledge

_Part = Annotated[GoldSettings | StandoffSettings | LabelledSettings, Field(discriminator="kind")]


class UnionSettings(Section):
    """Recipe of a union."""

    kind: Literal["union"]
    parts: list[_Part] = Field(min_length=1, description="Recipes, each complete.")

    @model_validator(mode="after")
    def _parts_differ(self) -> "UnionSettings":
        places = [(part.kind, os.path.realpath(part.path)) for part in self.parts]
        for number, place in enumerate(places):
            if place in places[:number]:
                raise ValueError(
                    f"parts.{number} has the documents of parts.{places.index(place)}, "
                    "which would count twice; remove one"
                )
        return self


def count_union(settings: UnionSettings, knowledge: Knowledge) -> int:
    """Read and check every part; give the number of all documents."""
    return sum(
        DOCUMENT_KINDS[part.kind].count_documents(part, knowledge) for part in settings.parts
    )


def union_fingerprint(settings: UnionSettings, knowledge: Knowledge) -> str:
    """Give the fingerprint of the parts' builds, in their order."""
    return fingerprint(
        *(DOCUMENT_KINDS[part.kind].measure(part, knowledge) for part in settings.parts)
    )


def build_union(settings: UnionSettings, knowledge: Knowledge, folder: Path) -> Built:
    """Build every part, or open its build, and put their splits one behind the other.

    Raises
    ------
    DatasetError
        If a document is in two parts.
    """
    built = [DOCUMENT_KINDS[part.kind].build(part, knowledge, folder) for part in settings.parts]
    _check_documents(settings, [part.splits for part in built])
    rows = {
        split: hf.concatenate_datasets([part.splits[split] for part in built]) for split in SPLITS
    }
    notes = tuple(
        f"{part.kind}: {line}"
        for part, own in zip(settings.parts, built, strict=True)
        for line in own.notes
    )
    return Built(fingerprint(*(part.fingerprint for part in built)), hf.DatasetDict(rows), notes)


def _check_documents(settings: UnionSettings, built: Sequence[hf.DatasetDict]) -> None:
    """Refuse a document that is in two parts: its rows would count twice, or on two sides."""
    owners: dict[str, int] = {}
    for number, part in enumerate(built):
        for name in sorted({name for split in SPLITS for name in part[split]["document"]}):
            if owners.setdefault(name, number) != number:
                raise DatasetError(
                    f"parts.{number}, {settings.parts[number].path}",
                    f"document {name}, which parts.{owners[name]} has too",
                    "each document in one part", "remove it from one",
                )  # fmt: skip
