"""The table of data set builders, and the one way in for training and evaluation."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from alliance_stance.config import Section, read_yaml, validate
from alliance_stance.datasets.gold import GoldSettings, build_gold, count_gold, gold_fingerprint
from alliance_stance.datasets.rows import from_rows
from alliance_stance.errors import ConfigError, DatasetError
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.schema import Example


class DatasetKind(NamedTuple):
    """What a kind of data set is made by; every function takes its recipe and the knowledge.

    `count_documents` reads and checks the whole input, `measure` gives a build's fingerprint, and
    `build` also takes the folder where builds are kept.
    """

    section: type[Section]
    build: Callable[..., Any]
    measure: Callable[..., str]
    count_documents: Callable[..., int]


DATASETS: dict[str, DatasetKind] = {
    "gold": DatasetKind(GoldSettings, build_gold, gold_fingerprint, count_gold),
}


@dataclass(frozen=True)
class BuiltDataset:
    """A data set on disk: name, fingerprint, splits (Hugging Face data sets) and its recipe."""

    name: str
    fingerprint: str
    splits: Any
    settings: Section

    def examples(self, split: str) -> list[Example]:
        """Read a split.

        Raises
        ------
        DatasetError
            If there is no such split.
        """
        if split not in self.splits:
            raise DatasetError(
                f"data set {self.name}", f"no split {split!r}", f"{list(self.splits)}", "choose one"
            )
        return list(from_rows(self.splits[split]))

    def stance_counts(self) -> dict[str, Counter[str]]:
        """Count the stances of each split."""
        return {name: Counter(rows["stance"]) for name, rows in self.splits.items()}


def build_dataset(path: Path, knowledge: Knowledge, folder: Path) -> BuiltDataset:
    """Build the data set of a recipe, or open it where it is up to date.

    Parameters
    ----------
    path
        Recipe, a YAML file of configs/datasets/.
    knowledge
        Who and what can be mentioned.
    folder
        Where builds are kept.

    Raises
    ------
    ConfigError
        If the recipe is malformed or of an unknown kind.
    DatasetError
        If its input breaks the format.
    """
    kind, settings = read_recipe(path)
    return BuiltDataset(
        path.stem,
        kind.measure(settings, knowledge),
        kind.build(settings, knowledge, folder),
        settings,
    )


def read_recipe(path: Path) -> tuple[DatasetKind, Section]:
    """Read a recipe, its input paths resolved.

    Raises
    ------
    ConfigError
        If the file is missing or malformed, or its kind is not in the table.
    """
    values = read_yaml(path)
    kind = str(values.get("kind"))
    if kind not in DATASETS:
        raise ConfigError(
            str(path), f"data set kind {kind!r}", f"one of {', '.join(DATASETS)}", "correct 'kind'"
        )
    for key in ("path", "annotations"):
        if isinstance(values.get(key), str):
            values[key] = str(path.parent / values[key])
    section = DATASETS[kind].section
    return DATASETS[kind], validate(section, values, where=str(path))
