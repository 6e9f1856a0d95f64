"""The Hugging Face builder of sets whose holders and targets are free strings.

A kind of such a set says which files it reads and how its rows become labelled pairs; the rest is
here. Rows are those of every data set, with one column more: the set's own label.
"""

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets as hf

from alliance_stance.config import Section
from alliance_stance.datasets.built import Built, keep_notes
from alliance_stance.datasets.kinds import DatasetKind
from alliance_stance.datasets.pair_marking import NAME, OFFSETS, PREFIX, SPEAKER
from alliance_stance.datasets.rows import FEATURES, to_row
from alliance_stance.fingerprints import SHORT, code_fingerprint, file_fingerprint, fingerprint
from alliance_stance.schema import Example

PAIR_CODE = (
    "schema", "config", "corpus/readers/decoding", "corpus/readers/bare_marks", "datasets/rows",
    "datasets/splits", "datasets/pair_builder", "datasets/pair_marking", "datasets/pair_rows",
    "datasets/pair_splits", "datasets/pair_tables", "labeling/own_tables",
)  # fmt: skip
"""The code that every such build depends on; a kind adds its own modules."""

SOURCE_LABEL = "source_label"
PAIR_FEATURES = hf.Features({**FEATURES, SOURCE_LABEL: hf.Value("string")})
"""The columns of every data set, and the label as the set itself writes it."""

_HOW = {
    OFFSETS: "at the set's offsets",
    NAME: "by name",
    PREFIX: "in front of the text",
    SPEAKER: "as its author",
    "": "nowhere",
}


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """A labelled example with the label as the set itself writes it."""

    example: Example
    source_label: str


@dataclass(frozen=True)
class PairSet:
    """What was read of a set.

    Parameters
    ----------
    splits
        Labelled pairs by split, in the order in which the splits are shown.
    notes
        What of the input could not be used, a line each.
    """

    splits: dict[str, list[LabelledPair]]
    notes: tuple[str, ...] = ()


@dataclass
class PairsConfig(hf.BuilderConfig):  # type: ignore[misc]
    """What one build depends on; the fingerprint of the input stands in the name."""

    settings: str = ""


class PairsBuilder(hf.GeneratorBasedBuilder):  # type: ignore[misc]
    """Hugging Face builder of labelled pairs, with any names of splits.

    Attributes
    ----------
    settings_class
        The recipe.
    own_code
        Modules beyond `PAIR_CODE` that its builds depend on.
    """

    BUILDER_CONFIG_CLASS = PairsConfig
    VERSION = hf.Version("1.0.0")
    settings_class: type[Section]
    description: str
    own_code: tuple[str, ...]

    @classmethod
    @abstractmethod
    def input_files(cls, settings: Any) -> list[Path]:  # noqa: ANN401 - each kind has its own settings
        """Give the files that are read; a missing one is an error that says where to get it."""

    @classmethod
    @abstractmethod
    def read_pairs(cls, settings: Any) -> PairSet:  # noqa: ANN401 - each kind has its own settings
        """Read and check the input."""

    def _info(self) -> hf.DatasetInfo:
        return hf.DatasetInfo(description=self.description, features=PAIR_FEATURES)

    def _split_generators(self, dl_manager: object) -> list[hf.SplitGenerator]:
        settings = self.settings_class.model_validate_json(self.config.settings)
        return [
            hf.SplitGenerator(name=split, gen_kwargs={"pairs": pairs})
            for split, pairs in self.read_pairs(settings).splits.items()
        ]

    def _generate_examples(self, pairs: list[LabelledPair]) -> Iterator[tuple[str, dict[str, Any]]]:
        for pair in pairs:
            yield pair.example.id, {**to_row(pair.example), SOURCE_LABEL: pair.source_label}


def pair_kind(builder: type[PairsBuilder]) -> DatasetKind:
    """Give the entry of a builder in the table of data sets."""

    def measure(settings: Section, knowledge: object) -> str:
        return pairs_fingerprint(builder, settings)

    def build(settings: Section, knowledge: object, folder: Path) -> Built:
        return build_pairs(builder, settings, folder)

    def count(settings: Section, knowledge: object) -> int:
        pairs = builder.read_pairs(settings).splits.values()
        return len({pair.example.candidate.document for own in pairs for pair in own})

    return DatasetKind(builder.settings_class, build, measure, count)


def pairs_fingerprint(builder: type[PairsBuilder], settings: Section) -> str:
    """Give the fingerprint of a build: the input's bytes, the recipe and the code that builds.

    The knowledge tables are not read, and paths do not count.

    Raises
    ------
    DatasetError
        If a file is missing.
    """
    files = {path.name: file_fingerprint(path) for path in builder.input_files(settings)}
    split = getattr(settings, "split", None)
    return fingerprint(
        files,
        settings.model_dump(mode="json", exclude={"path", "split"}),
        None if split is None else split.measure(),
        code_fingerprint(*PAIR_CODE, *builder.own_code),
    )


def build_pairs(builder: type[PairsBuilder], settings: Section, folder: Path) -> Built:
    """Build a set of labelled pairs, or open the build of the same fingerprint.

    Parameters
    ----------
    builder
        Of the set's kind.
    settings
        The recipe, its paths resolved.
    folder
        Where builds are kept; `datasets` writes beside and renames.
    """
    key = pairs_fingerprint(builder, settings)
    prepared = builder(
        cache_dir=str(folder),
        config_name=f"{settings.kind}-{key[:SHORT]}",  # type: ignore[attr-defined]
        settings=settings.model_dump_json(),
    )
    prepared.download_and_prepare(verification_mode="no_checks")
    splits = hf.DatasetDict(
        {
            # `datasets` refuses to open a split without rows
            name: prepared.as_dataset(split=name) if info.num_examples else _no_rows()
            for name, info in prepared.info.splits.items()
        }
    )
    place = settings.model_dump_json()
    notes = keep_notes(folder, (key, place), lambda: describe_pairs(builder.read_pairs(settings)))
    return Built(key, splits, notes)


def _no_rows() -> hf.Dataset:
    return hf.Dataset.from_dict({name: [] for name in PAIR_FEATURES}, features=PAIR_FEATURES)


def describe_pairs(read: PairSet) -> list[str]:
    """Say how many pairs there are, how their names were marked, and what was left out."""
    pairs = [pair for own in read.splits.values() for pair in own]
    candidates = [pair.example.candidate for pair in pairs]
    lines = [f"{len(pairs)} pairs in {len({c.document for c in candidates})} documents"]
    for name, hows in (
        ("holder", Counter(c.state_how for c in candidates)),
        ("target", Counter(c.alliance_how for c in candidates)),
    ):
        listed = ", ".join(f"{_HOW[how]} {count}" for how, count in hows.most_common())
        lines.append(f"{name} marked: {listed}")
    return [*lines, *read.notes]
