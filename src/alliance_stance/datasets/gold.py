"""The gold builder: sentences written for this project, labelled by the codebook."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import datasets as hf
from pydantic import Field

from alliance_stance.config import Section
from alliance_stance.datasets.gold_file import GoldDocument, read_gold
from alliance_stance.datasets.rows import FEATURES, to_row
from alliance_stance.datasets.splits import SPLITS, SplitSettings, assign_splits
from alliance_stance.errors import DatasetError
from alliance_stance.extraction.candidates import CandidateFinder
from alliance_stance.fingerprints import SHORT, code_fingerprint, file_fingerprint, fingerprint
from alliance_stance.knowledge.knowledge import Knowledge, load_knowledge
from alliance_stance.schema import Example

_ROOMS = ("schema", "knowledge", "corpus", "extraction", "datasets")


class GoldSettings(Section):
    """Recipe of the gold data set."""

    kind: Literal["gold"]
    path: Path = Field(description="Gold file; a relative path starts at this configuration.")
    annotations: Path | None = Field(
        None, description="Both annotators' labels, for the data card; none if absent."
    )
    split: SplitSettings = Field(description="How documents are dealt out.")


@dataclass
class GoldBuilderConfig(hf.BuilderConfig):  # type: ignore[misc]
    """What one build depends on, in plain values, since `datasets` hashes them into the folder.

    The fingerprint of the input stands in the configuration's name; `datasets` alone would
    serve stale rows when a file changed.
    """

    settings: str = ""
    knowledge_folder: str = ""


class GoldBuilder(hf.GeneratorBasedBuilder):  # type: ignore[misc]
    """Hugging Face builder of the gold data set: splits train, dev and test, one row a triple."""

    BUILDER_CONFIG_CLASS = GoldBuilderConfig
    VERSION = hf.Version("1.0.0")

    def _info(self) -> hf.DatasetInfo:
        return hf.DatasetInfo(
            description="Stances of states toward alliances, in sentences written for the purpose.",
            features=FEATURES,
        )

    def _split_generators(self, dl_manager: object) -> list[hf.SplitGenerator]:
        settings = GoldSettings.model_validate_json(self.config.settings)
        knowledge = load_knowledge(Path(self.config.knowledge_folder))
        documents = read_gold(settings.path, knowledge)
        split_of = assign_splits(
            {d.document.id: d.sentence_texts() for d in documents},
            {d.document.id: d.label_count for d in documents},
            settings.split,
        )
        finder = CandidateFinder(knowledge)
        return [
            hf.SplitGenerator(
                name=split,
                gen_kwargs={
                    "documents": [d for d in documents if split_of[d.document.id] == split],
                    "finder": finder,
                },
            )
            for split in SPLITS
        ]

    def _generate_examples(
        self, documents: list[GoldDocument], finder: CandidateFinder
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        for document in documents:
            for example in label_candidates(document, finder):
                yield example.id, to_row(example)


def label_candidates(document: GoldDocument, finder: CandidateFinder) -> Iterator[Example]:
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
    """Read and check the whole gold file; give the number of its documents."""
    return len(read_gold(settings.path, knowledge))


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
        settings.split.model_dump(),
        knowledge.fingerprint,
        code_fingerprint(*_ROOMS),
    )


def build_gold(settings: GoldSettings, knowledge: Knowledge, folder: Path) -> hf.DatasetDict:
    """Build the data set, or open the build of the same fingerprint.

    Parameters
    ----------
    settings
        The recipe, its path resolved.
    knowledge
        Who and what can be mentioned.
    folder
        Where builds are kept; `datasets` writes beside and renames.
    """
    key = gold_fingerprint(settings, knowledge)
    builder = GoldBuilder(
        cache_dir=str(folder),
        config_name=f"gold-{key[:SHORT]}",
        settings=settings.model_dump_json(),
        knowledge_folder=str(knowledge.folder),
    )
    builder.download_and_prepare(verification_mode="no_checks")
    return builder.as_dataset()
