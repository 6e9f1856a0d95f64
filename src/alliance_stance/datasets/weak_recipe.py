"""The recipe of a weak data set."""

import hashlib
from typing import Annotated, Literal

from pydantic import Field, model_validator

from alliance_stance.config import PathFromFile, Section
from alliance_stance.corpus.inputs import ReadOptions
from alliance_stance.corpus.readers.columns import Columns
from alliance_stance.datasets.duplicates import LEAST_SIMILARITY
from alliance_stance.datasets.gold import GoldSettings
from alliance_stance.datasets.standoff import StandoffSettings


class LabelledFile(Section):
    """Labelled ready examples of docs/formats.md."""

    kind: Literal["labelled"]
    path: PathFromFile = Field(description="JSON lines with state, alliance, stance and act.")


class CountedFile(Section):
    """Counts of what each rule was worth on labelled candidates."""

    kind: Literal["counted"]
    path: PathFromFile = Field(description="CSV of docs/formats.md, as data/rules/worth.csv.")


Weighed = Annotated[
    GoldSettings | StandoffSettings | LabelledFile | CountedFile, Field(discriminator="kind")
]


class SharedOut(Section):
    """How documents are dealt out, each by itself: a corpus may be larger than memory."""

    seed: int = Field(ge=0, description="Seed of the hash that deals them out.")
    dev_share: float = Field(gt=0, lt=0.5, description="Share of the documents for dev.")
    test_share: float = Field(gt=0, lt=0.5, description="Share of the documents for test.")

    def side_of(self, document: str) -> str:
        """Give the split that a document belongs to."""
        digest = hashlib.sha256(f"{self.seed} {document}".encode("utf-8", "replace")).digest()
        place = int.from_bytes(digest[:8], "big") / 2**64
        if place < self.test_share:
            return "test"
        return "dev" if place < self.test_share + self.dev_share else "train"


class WeakSettings(Section):
    """Recipe of a weak data set."""

    kind: Literal["weak"]
    inputs: list[PathFromFile] = Field(
        min_length=1, description="Files, folders or patterns; they may start at the recipe."
    )
    format: str | None = Field(None, description="Of all inputs; by their names if absent.")
    columns: Columns = Field(Columns(), description="For tables: which column is what.")
    metadata: PathFromFile | None = Field(None, description="Facts on files; none if absent.")
    on_unreadable: Literal["skip", "fail"] = Field("skip", description="What cannot be read.")
    english_only: bool = Field(True, description="Leave out documents in other languages.")
    duplicate_similarity: float = Field(
        ge=LEAST_SIMILARITY,
        le=1,
        description="Similarity from which a sentence repeats an earlier one; 1 for the same "
        "words alone.",
    )
    label_model: Literal["majority", "dawid-skene", "mace", "weighed"] = Field(
        description="How votes are brought together."
    )
    weigh_on: Weighed | None = Field(
        None, description="Labelled examples that tell what a rule is worth; none if absent."
    )
    split: SharedOut = Field(description="How documents are dealt out.")

    @model_validator(mode="after")
    def _model_fits_weights(self) -> "WeakSettings":
        if self.label_model == "weighed" and self.weigh_on is None:
            raise ValueError(
                "label_model weighed needs weigh_on: no labels tell what a rule is worth"
            )
        if self.label_model == "majority" and self.weigh_on is not None:
            raise ValueError("weigh_on does nothing for label_model majority; leave one out")
        if isinstance(self.weigh_on, CountedFile) and self.label_model != "weighed":
            raise ValueError("weigh_on counted is for label_model weighed alone")
        if getattr(self.weigh_on, "annotations", None) is not None:
            raise ValueError("weigh_on.annotations does nothing: no card tells of it; leave it out")
        return self

    def read_options(self) -> ReadOptions:
        """Give how inputs are read."""
        return ReadOptions(
            format=self.format,
            columns=self.columns,
            metadata=self.metadata,
            on_unreadable=self.on_unreadable,
        )
