"""Labelled documents, and the Hugging Face builder that turns them into rows."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets as hf

from alliance_stance.config import Section
from alliance_stance.datasets.rows import FEATURES, to_row
from alliance_stance.datasets.splits import SPLITS, DealtSplit, FixedSplit, Split, plan_splits
from alliance_stance.extraction.candidates import CandidateFinder
from alliance_stance.fingerprints import SHORT
from alliance_stance.knowledge.knowledge import Knowledge, load_knowledge
from alliance_stance.schema import Document, Example, Label, Sentence

BUILDING_CODE = (
    "schema", "config", "knowledge", "corpus/sentences", "corpus/readers/decoding", "extraction",
    "datasets/documents", "datasets/rows", "datasets/splits", "labeling/own_tables",
)  # fmt: skip
"""The code that every build of labelled documents depends on; a kind adds its own modules."""


@dataclass(frozen=True, slots=True)
class LabelledSentence:
    """A sentence with the label of each of its pairs."""

    sentence: Sentence
    labels: dict[tuple[str, str], Label]
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelledDocument:
    """A document, its register, and its sentences, labelled ones and others."""

    document: Document
    register: str
    sentences: tuple[LabelledSentence, ...]

    @property
    def label_count(self) -> int:
        """Number of labelled pairs."""
        return sum(len(sentence.labels) for sentence in self.sentences)

    @property
    def pairs(self) -> set[tuple[str, str]]:
        """The pairs (state, alliance) that are labelled somewhere in it."""
        return {pair for sentence in self.sentences for pair in sentence.labels}

    def sentence_texts(self) -> list[str]:
        """Give the text of each sentence."""
        text = self.document.text
        return [text[s.sentence.start : s.sentence.end] for s in self.sentences]


@dataclass
class DocumentsConfig(hf.BuilderConfig):  # type: ignore[misc]
    """What one build depends on, in plain values, since `datasets` hashes them into the folder.

    The fingerprint of the input stands in the configuration's name; `datasets` alone would
    serve stale rows when a file changed.
    """

    settings: str = ""
    knowledge_folder: str = ""


class DocumentsBuilder(hf.GeneratorBasedBuilder):  # type: ignore[misc]
    """Hugging Face builder of labelled documents: splits train, dev and test, one row a triple.

    A kind of data set says how its documents are read, and how its examples are made of them.
    """

    BUILDER_CONFIG_CLASS = DocumentsConfig
    VERSION = hf.Version("1.0.0")
    settings_class: type[Section]
    description: str

    @abstractmethod
    def read_documents(self, settings: Any, knowledge: Knowledge) -> list[LabelledDocument]:  # noqa: ANN401 - each kind has its own settings
        """Read and check the input."""

    @abstractmethod
    def label_document(
        self, document: LabelledDocument, finder: CandidateFinder
    ) -> Iterator[Example]:
        """Yield the labelled examples of a document, their mentions found."""

    def _info(self) -> hf.DatasetInfo:
        return hf.DatasetInfo(description=self.description, features=FEATURES)

    def _split_generators(self, dl_manager: object) -> list[hf.SplitGenerator]:
        settings: Any = self.settings_class.model_validate_json(self.config.settings)
        knowledge = load_knowledge(Path(self.config.knowledge_folder))
        documents = self.read_documents(settings, knowledge)
        plan = _plan(documents, settings.split)
        finder = CandidateFinder(knowledge)
        return [
            hf.SplitGenerator(
                name=split,
                gen_kwargs={
                    "documents": [d for d in documents if d.document.id in plan[split].documents],
                    "split": plan[split],
                    "finder": finder,
                },
            )
            for split in SPLITS
        ]

    def _generate_examples(
        self, documents: list[LabelledDocument], split: Split, finder: CandidateFinder
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        for document in documents:
            for example in self.label_document(document, finder):
                if split.keeps(example.candidate.state, example.candidate.alliance):
                    yield example.id, to_row(example)


def _plan(
    documents: Sequence[LabelledDocument], split: DealtSplit | FixedSplit
) -> dict[str, Split]:
    return plan_splits(
        split,
        {d.document.id: d.sentence_texts() for d in documents},
        {d.document.id: d.label_count for d in documents},
    )


def check_documents(documents: Sequence[LabelledDocument], split: DealtSplit | FixedSplit) -> int:
    """Check that a split table has a place for each document; give their number.

    Raises
    ------
    DatasetError
        If the table is missing or malformed, or lacks a document.
    """
    # dealing out takes long on many sentences, and always succeeds
    if isinstance(split, FixedSplit):
        _plan(documents, split)
    return len(documents)


def build_documents(
    builder: type[DocumentsBuilder], settings: Section, key: str, knowledge: Knowledge, folder: Path
) -> hf.DatasetDict:
    """Build a data set of labelled documents, or open the build of the same fingerprint.

    Parameters
    ----------
    builder
        Of the data set's kind.
    settings
        The recipe, its paths resolved.
    key
        Fingerprint of the build.
    knowledge
        Who and what can be mentioned.
    folder
        Where builds are kept; `datasets` writes beside and renames.
    """
    prepared = builder(
        cache_dir=str(folder),
        config_name=f"{settings.kind}-{key[:SHORT]}",  # type: ignore[attr-defined]
        settings=settings.model_dump_json(),
        knowledge_folder=str(knowledge.folder),
    )
    prepared.download_and_prepare(verification_mode="no_checks")
    sizes = prepared.info.splits
    return hf.DatasetDict(
        {
            # `datasets` refuses to open a split without rows, which a part of a corpus may give
            name: prepared.as_dataset(split=name) if sizes[name].num_examples else _no_rows()
            for name in SPLITS
        }
    )


def _no_rows() -> hf.Dataset:
    return hf.Dataset.from_dict({name: [] for name in FEATURES}, features=FEATURES)
