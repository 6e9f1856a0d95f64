"""The builder of somebody's own labelled sentences: ready examples of the exchange format.

Each has its sentence, the text before it and its label (docs/formats.md); examples of one document
stay together.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from alliance_stance.config import PathFromFile, Section
from alliance_stance.corpus.readers.jsonl import read_labelled_lines
from alliance_stance.datasets.built import Built
from alliance_stance.datasets.documents import (
    BUILDING_CODE,
    DocumentsBuilder,
    LabelledDocument,
    LabelledSentence,
    build_documents,
    check_documents,
)
from alliance_stance.datasets.splits import SplitSettings
from alliance_stance.errors import DatasetError
from alliance_stance.extraction.candidates import CandidateFinder
from alliance_stance.fingerprints import code_fingerprint, file_fingerprint, fingerprint
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.schema import Document, Example, Label, Sentence

_OWN_CODE = ("datasets/labelled", "corpus/readers/jsonl")


class LabelledSettings(Section):
    """Recipe of a data set of ready examples."""

    kind: Literal["labelled"]
    path: PathFromFile = Field(description="JSON lines with state, alliance, stance and act.")
    split: SplitSettings = Field(description="How documents are dealt out, or which file says so.")


@dataclass(frozen=True, slots=True)
class ReadyDocument(LabelledDocument):
    """The examples of one document; of its text there are only their sentences."""

    examples: tuple[Example, ...]


class LabelledBuilder(DocumentsBuilder):
    """Hugging Face builder of ready examples."""

    settings_class = LabelledSettings
    description = "Stances of states toward alliances, in somebody's own labelled sentences."

    def read_documents(
        self, settings: LabelledSettings, knowledge: Knowledge
    ) -> list[LabelledDocument]:
        """Read the examples, and bring those of one document together."""
        return list(_documents(read_examples(settings.path, knowledge)))

    def label_document(
        self, document: LabelledDocument, finder: CandidateFinder
    ) -> Iterator[Example]:
        """Find the mentions of each example in its sentence and context."""
        assert isinstance(document, ReadyDocument)
        yield from map(finder.mark_example, document.examples)


def read_examples(path: Path, knowledge: Knowledge) -> list[Example]:
    """Read labelled examples as they are; their mentions are not found yet.

    Raises
    ------
    DatasetError
        If there is no such file, or a line is not labelled, or has the id of an earlier one.
    InputError
        If a line is not of the exchange format.
    KnowledgeError
        If a state or an alliance is not known.
    """
    _check_there(path)
    examples: dict[str, Example] = {}
    for where, example in read_labelled_lines(path, unlabelled):
        if example.id in examples:
            raise DatasetError(where, "a second example of this id", "one", "give it another id")
        examples[example.id] = knowledge.settle_codes(example, where)
    return list(examples.values())


def unlabelled(where: str) -> DatasetError:
    """Give the error of a line that cannot be learnt from."""
    return DatasetError(where, "no labelled example", "state, alliance and stance", "label it")


def _check_there(path: Path) -> None:
    if not path.is_file():
        raise DatasetError(
            str(path), "no such file", "labelled examples", "correct 'path' in the recipe"
        )


def _documents(examples: list[Example]) -> Iterator[ReadyDocument]:
    own: defaultdict[str, list[Example]] = defaultdict(list)
    for example in examples:
        own[example.candidate.document].append(example)
    for name, found in own.items():
        labels: defaultdict[str, dict[tuple[str, str], Label]] = defaultdict(dict)
        for example in found:
            candidate = example.candidate
            if example.label is not None:
                labels[candidate.text][candidate.state, candidate.alliance] = example.label
        sentences, start = [], 0
        for number, (text, pairs) in enumerate(labels.items()):
            sentences.append(LabelledSentence(Sentence(number, start, start + len(text)), pairs))
            start += len(text) + 1
        text = "\n".join(labels)
        yield ReadyDocument(Document(name, text), "", tuple(sentences), tuple(found))


def count_labelled(settings: LabelledSettings, knowledge: Knowledge) -> int:
    """Read and check all examples and their split; give the number of their documents."""
    documents = list(_documents(read_examples(settings.path, knowledge)))
    return check_documents(documents, settings.split)


def labelled_fingerprint(settings: LabelledSettings, knowledge: Knowledge) -> str:
    """Give the fingerprint of a build: input bytes, recipe, knowledge and the code that builds.

    Raises
    ------
    DatasetError
        If there is no such file.
    """
    _check_there(settings.path)
    return fingerprint(
        file_fingerprint(settings.path),
        settings.split.measure(),
        knowledge.fingerprint,
        code_fingerprint(*BUILDING_CODE, *_OWN_CODE),
    )


def build_labelled(settings: LabelledSettings, knowledge: Knowledge, folder: Path) -> Built:
    """Build the data set, or open the build of the same fingerprint; see `build_documents`."""
    key = labelled_fingerprint(settings, knowledge)
    return Built(key, build_documents(LabelledBuilder, settings, key, knowledge, folder))
