"""The gold builder: sentences written for this project, labelled by the codebook."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field

from alliance_stance.config import PathFromFile, Section
from alliance_stance.datasets.built import Built
from alliance_stance.datasets.documents import (
    BUILDING_CODE,
    DocumentsBuilder,
    LabelledDocument,
    build_documents,
    check_documents,
)
from alliance_stance.datasets.gold_file import read_gold
from alliance_stance.datasets.splits import SplitSettings
from alliance_stance.errors import DatasetError
from alliance_stance.extraction.candidates import CandidateFinder
from alliance_stance.fingerprints import code_fingerprint, file_fingerprint, fingerprint
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.schema import Example

_OWN_CODE = ("datasets/gold", "datasets/gold_file")


class GoldSettings(Section):
    """Recipe of the gold data set."""

    kind: Literal["gold"]
    path: PathFromFile = Field(description="Gold file; a relative path starts at the recipe.")
    annotations: PathFromFile | None = Field(
        None, description="Both annotators' labels, for the data card; none if absent."
    )
    writer: str | None = Field(
        None, description="Annotator who wrote the sentences, for the data card; none if absent."
    )
    minimal_groups: list[PathFromFile] = Field(
        [], description="Files of minimal groups, for the data card to count; no part of the set."
    )
    split: SplitSettings = Field(description="How documents are dealt out, or which file says so.")


class GoldBuilder(DocumentsBuilder):
    """Hugging Face builder of the gold data set."""

    settings_class = GoldSettings
    description = "Stances of states toward alliances, in sentences written for the purpose."

    def read_documents(
        self, settings: GoldSettings, knowledge: Knowledge
    ) -> list[LabelledDocument]:
        """Read the gold file."""
        return read_gold(settings.path, knowledge)

    def label_document(
        self, document: LabelledDocument, finder: CandidateFinder
    ) -> Iterator[Example]:
        """Find the mentions in the whole document, its sentences as they were written."""
        yield from label_candidates(document, finder)


def label_candidates(document: LabelledDocument, finder: CandidateFinder) -> Iterator[Example]:
    """Yield the labelled examples of a gold document, their mentions found."""
    sentences = document.sentences
    candidates = finder.mark_pairs(
        document.document, [s.sentence for s in sentences], [list(s.labels) for s in sentences]
    )
    for candidate in candidates:
        sentence = sentences[candidate.sentence]
        pair = (candidate.state, candidate.alliance)
        yield Example(
            id=f"{candidate.document}/{candidate.sentence}#{'-'.join(pair)}",
            candidate=candidate,
            label=sentence.labels[pair],
            register=document.register,
            tags=sentence.tags,
        )


def count_gold(settings: GoldSettings, knowledge: Knowledge) -> int:
    """Read and check the whole gold file and its split; give the number of its documents."""
    return check_documents(read_gold(settings.path, knowledge), settings.split)


def gold_fingerprint(settings: GoldSettings, knowledge: Knowledge) -> str:
    """Give the fingerprint of a build: input bytes, recipe, knowledge and the code that builds.

    Raises
    ------
    DatasetError
        If there is no such file.
    """
    if not settings.path.is_file():
        raise DatasetError(
            str(settings.path), "no such file", "a gold file", "correct 'path' in the recipe"
        )
    return fingerprint(
        file_fingerprint(settings.path),
        settings.split.measure(),
        knowledge.fingerprint,
        code_fingerprint(*BUILDING_CODE, *_OWN_CODE),
    )


def build_gold(settings: GoldSettings, knowledge: Knowledge, folder: Path) -> Built:
    """Build the data set, or open the build of the same fingerprint; see `build_documents`."""
    key = gold_fingerprint(settings, knowledge)
    return Built(key, build_documents(GoldBuilder, settings, key, knowledge, folder))
