"""Splits of other people's sets: their own, with a development split dealt out where none is."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator

from alliance_stance.config import Section
from alliance_stance.datasets.splits import (
    DealtSplit,
    FixedSplit,
    group_documents,
    near_duplicates,
    order_key,
)

TRAIN, DEV = "train", "dev"


def _plain_keys(values: Any) -> Any:  # noqa: ANN401 - whatever the recipe holds
    if not isinstance(values, dict):
        return values
    unclear = [key for key in values if isinstance(key, bool) or key is None]
    if unclear:
        raise ValueError(f"YAML reads {unclear} as no text; put the label into quotation marks")
    return {str(key): value for key, value in values.items()}


PlainKeys = BeforeValidator(_plain_keys)
"""Keys that are values of a table: YAML's numbers are read as text, its truth values refused."""


class DealtDev(Section):
    """How a development split is dealt out of ``train``."""

    seed: int = Field(ge=0, description="Seed of the order in which documents are dealt out.")
    share: float = Field(gt=0, lt=0.5, description="Share of the rows of train to choose on.")
    duplicate_similarity: float = Field(
        gt=0, le=1, description="Jaccard similarity from which two texts are near-duplicates."
    )


class ColumnSplit(Section):
    """Which column says where each row belongs."""

    column: str = Field(description="Column of the split.")
    names: Annotated[dict[str, str], PlainKeys] = Field(
        {}, description="Split for a value of the column; other values are split names themselves."
    )
    dev: DealtDev | None = Field(
        None, description="Deals `dev` out of `train`; absent where the file has its own."
    )

    @field_validator("names")
    @classmethod
    def _names_are_names(cls, names: dict[str, str]) -> dict[str, str]:
        bad = [name for name in names.values() if not is_split_name(name)]
        if bad:
            raise ValueError(f"{bad} are no names of splits: letters, digits and _, not 'all'")
        return names

    def measure(self) -> object:
        """Give what a fingerprint has to know of it."""
        return self.model_dump()


def _tag(values: Any) -> str:  # noqa: ANN401 - whatever the recipe holds
    # a recipe may hold anything here: nothing at all, a number
    keys = values if isinstance(values, dict) else getattr(type(values), "model_fields", ())
    return "fixed" if "file" in keys else "by column" if "column" in keys else "dealt"


PairSplitSettings = Annotated[
    Annotated[DealtSplit, Tag("dealt")]
    | Annotated[FixedSplit, Tag("fixed")]
    | Annotated[ColumnSplit, Tag("by column")],
    Discriminator(_tag),
]


def is_split_name(name: str) -> bool:
    """Say whether `datasets` takes it as the name of a split.

    Examples
    --------
    >>> is_split_name("test_clean"), is_split_name("mt-test"), is_split_name("all")
    (True, False, False)
    """
    return name != "all" and re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII) is not None


def deal_dev(texts: Mapping[str, Sequence[str]], settings: DealtDev) -> set[str]:
    """Choose the documents that leave ``train`` for ``dev``.

    Documents that share a near-duplicate text stay together; groups are taken in the order of a
    seeded hash as long as they fit into the share.

    Parameters
    ----------
    texts
        The texts of the rows of each document, by document id.
    settings
        Share, seed and the similarity of near-duplicates.
    """
    owners = [document for document, own in texts.items() for _ in own]
    links = near_duplicates(
        [t for own in texts.values() for t in own], settings.duplicate_similarity
    )
    groups = group_documents(list(texts), [(owners[a], owners[b]) for a, b in links])
    room = settings.share * len(owners)
    chosen: set[str] = set()
    for group in sorted(groups, key=lambda group: order_key(group, settings.seed)):
        size = sum(len(texts[document]) for document in group)
        if size <= room:
            room -= size
            chosen.update(group)
    return chosen
