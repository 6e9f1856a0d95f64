"""The table of data set builders, and the one way in for training and evaluation."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alliance_stance.config import Section, override, read_yaml, validate
from alliance_stance.datasets.dse import DseBuilder
from alliance_stance.datasets.kinds import DOCUMENT_KINDS, DatasetKind
from alliance_stance.datasets.newsmtsc import NewsmtscBuilder
from alliance_stance.datasets.pair_builder import SOURCE_LABEL, pair_kind
from alliance_stance.datasets.pairs import PairsFileBuilder
from alliance_stance.datasets.plain_errors import plain_errors
from alliance_stance.datasets.rows import from_rows
from alliance_stance.datasets.semeval2016 import Semeval2016Builder
from alliance_stance.datasets.un_quadclass import UnQuadclassBuilder
from alliance_stance.datasets.union import (
    UnionSettings,
    build_union,
    count_union,
    union_fingerprint,
)
from alliance_stance.datasets.weak import (
    build_weak,
    count_weak,
    forget_stages,
    weak_fingerprint,
)
from alliance_stance.datasets.weak_recipe import WeakSettings
from alliance_stance.errors import ConfigError, DatasetError
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.schema import Example

DATASETS: dict[str, DatasetKind] = {
    **DOCUMENT_KINDS,
    "union": DatasetKind(UnionSettings, build_union, union_fingerprint, count_union),
    "weak": DatasetKind(
        WeakSettings,
        build_weak,
        weak_fingerprint,
        count_weak,
        forget_stages,
        has_stages=True,
        counted="input_count",
    ),
    "pairs": pair_kind(PairsFileBuilder),
    "dse": pair_kind(DseBuilder),
    "newsmtsc": pair_kind(NewsmtscBuilder),
    "un_quadclass": pair_kind(UnQuadclassBuilder),
    "semeval2016": pair_kind(Semeval2016Builder),
}


@dataclass(frozen=True)
class BuiltDataset:
    """A data set on disk.

    Parameters
    ----------
    name
        Of the recipe's file.
    fingerprint
        Of everything that the build depends on.
    splits
        Hugging Face data sets by name.
    settings
        The recipe.
    notes
        What of the input could be used, a line each; empty where all was.
    """

    name: str
    fingerprint: str
    splits: Any
    settings: Section
    notes: tuple[str, ...] = ()

    def examples(self, split: str) -> list[Example]:
        """Read a split.

        Raises
        ------
        DatasetError
            If there is no such split.
        """
        return list(from_rows(self._rows(split)))

    def source_labels(self, split: str) -> list[str]:
        """Read the labels of a split as the set itself writes them, in the order of `examples`.

        Raises
        ------
        DatasetError
            If there is no such split, or the set's labels are the project's own.
        """
        rows = self._rows(split)
        if SOURCE_LABEL not in rows.column_names:
            raise DatasetError(
                f"data set {self.name}", f"no column {SOURCE_LABEL}",
                "a set of other people's labels, such as kind 'pairs'", "use the stances",
            )  # fmt: skip
        return list(rows[SOURCE_LABEL])

    def _rows(self, split: str) -> Any:  # noqa: ANN401 - `datasets` has no types
        if split not in self.splits:
            raise DatasetError(
                f"data set {self.name}", f"no split {split!r}", f"{list(self.splits)}", "choose one"
            )
        return self.splits[split]

    def stance_counts(self) -> dict[str, Counter[str | None]]:
        """Count the stances of each split; None counts rows without one."""
        return {name: Counter(rows["stance"]) for name, rows in self.splits.items()}


def build_dataset(
    path: Path,
    knowledge: Knowledge,
    folder: Path,
    assignments: Sequence[str] = (),
    *,
    from_stage: str | None = None,
    on_unit: Callable[[int, int], None] | None = None,
) -> BuiltDataset:
    """Build the data set of a recipe, or open it where it is up to date.

    Parameters
    ----------
    path
        Recipe, a YAML file of configs/datasets/.
    knowledge
        Who and what can be mentioned.
    folder
        Where builds are kept.
    assignments
        ``key=value`` that the recipe is changed by.
    from_stage
        Do this stage and all later ones again, of a kind that has stages; None to do what is
        missing.
    on_unit
        Is told how many inputs are done, of how many, by a kind that has stages.

    Raises
    ------
    ConfigError
        If the recipe is malformed or of an unknown kind.
    DatasetError
        If its input breaks the format, or builds cannot be kept in the folder.
    """
    kind, settings = read_recipe(path, assignments)
    watch = {"on_unit": on_unit} if kind.has_stages else {}
    with plain_errors(folder):
        if from_stage is not None:
            kind.forget(settings, knowledge, folder, from_stage)
        built = kind.build(settings, knowledge, folder, **watch)
    return BuiltDataset(path.stem, built.fingerprint, built.splits, settings, built.notes)


def read_recipe(path: Path, assignments: Sequence[str] = ()) -> tuple[DatasetKind, Section]:
    """Read a recipe, its input paths resolved.

    Raises
    ------
    ConfigError
        If the file is missing or malformed, or its kind is not in the table.
    """
    values = override(read_yaml(path), list(assignments), where=str(path))
    kind = str(values.get("kind"))
    if kind not in DATASETS:
        raise ConfigError(
            str(path), f"data set kind {kind!r}", f"one of {', '.join(DATASETS)}", "correct 'kind'"
        )
    section = DATASETS[kind].section
    return DATASETS[kind], validate(section, values, where=str(path), folder=path.parent)
