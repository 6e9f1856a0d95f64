"""The union builder: several data sets, split by split, as one."""

from pathlib import Path
from typing import Annotated, Literal

import datasets as hf
from pydantic import Field

from alliance_stance.config import Section
from alliance_stance.datasets.gold import GoldSettings
from alliance_stance.datasets.kinds import DOCUMENT_KINDS
from alliance_stance.datasets.splits import SPLITS
from alliance_stance.datasets.standoff import StandoffSettings
from alliance_stance.fingerprints import fingerprint
from alliance_stance.knowledge.knowledge import Knowledge

_Part = Annotated[GoldSettings | StandoffSettings, Field(discriminator="kind")]


class UnionSettings(Section):
    """Recipe of a union."""

    kind: Literal["union"]
    parts: list[_Part] = Field(min_length=1, description="Recipes, each complete.")


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


def build_union(settings: UnionSettings, knowledge: Knowledge, folder: Path) -> hf.DatasetDict:
    """Build every part, or open its build, and put their splits one behind the other."""
    built = [DOCUMENT_KINDS[part.kind].build(part, knowledge, folder) for part in settings.parts]
    return hf.DatasetDict(
        {split: hf.concatenate_datasets([part[split] for part in built]) for split in SPLITS}
    )


def note_union(settings: UnionSettings, knowledge: Knowledge, folder: Path) -> list[str]:
    """Say what of each part could be used."""
    return [
        f"{part.kind}: {line}"
        for part in settings.parts
        for line in DOCUMENT_KINDS[part.kind].notes(part, knowledge, folder)
    ]
