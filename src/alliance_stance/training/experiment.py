"""An experiment file: one data set, some models with their seeds, and what is promoted."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from alliance_stance.config import Section, override, read_yaml, validate
from alliance_stance.errors import ConfigError
from alliance_stance.models.table import model_kind

FILE = "experiment.yaml"


def _differ(seeds: list[int]) -> list[int]:
    if len(set(seeds)) < len(seeds):
        raise ValueError("each seed may stand once")
    return seeds


Seeds = Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=1), AfterValidator(_differ)]
"""Seeds of the fits of one model."""


class ModelEntry(Section):
    """One model of an experiment."""

    config: Path = Field(description="Model file; a relative path starts at the experiment's file.")
    seeds: Seeds | None = Field(
        None, description="One fit each; those of the experiment if absent."
    )


class ExperimentSettings(Section):
    """Settings of an experiment."""

    question: str = Field(description="What the experiment is to answer, in one sentence.")
    dataset: Path = Field(description="Recipe; a relative path starts at the experiment's file.")
    registered_model: str = Field(description="Name in the model registry.")
    seeds: Seeds = Field([0], description="Seeds of the models that name none.")
    models: list[ModelEntry] = Field(min_length=1, description="What is compared, in table order.")


@dataclass(frozen=True)
class ModelConfig:
    """A model file, read: its name is the file's."""

    name: str
    kind: str
    settings: Section

    def record(self, seed: int) -> dict[str, Any]:
        """Give what a saved model keeps in its ``config.json``."""
        return {
            "name": self.name,
            "kind": self.kind,
            "settings": self.settings.model_dump(mode="json"),
            "seed": seed,
        }


@dataclass(frozen=True)
class Experiment:
    """An experiment, read and resolved."""

    name: str
    folder: Path
    settings: ExperimentSettings
    dataset: Path
    models: tuple[tuple[ModelConfig, tuple[int, ...]], ...]


def read_experiment(path: Path, assignments: list[str]) -> Experiment:
    """Read an experiment and every model file that it names.

    Parameters
    ----------
    path
        The experiment's folder or its file.
    assignments
        ``experiment.key=value`` or ``MODEL.key=value``, applied before validation; MODEL is the
        name of a model file.

    Raises
    ------
    ConfigError
        If a file is missing or malformed, a model stands twice, or an assignment fits nothing.
    """
    file = path / FILE if path.is_dir() else path
    own = [a.removeprefix("experiment.") for a in assignments if a.startswith("experiment.")]
    values = override(read_yaml(file), own, where=str(file))
    settings = validate(ExperimentSettings, values, where=str(file))
    names = [entry.config.stem for entry in settings.models]
    for assignment in assignments:
        target, has_key, _ = assignment.partition("=")[0].partition(".")
        if not has_key or target not in {"experiment", *names}:
            raise ConfigError(
                "--set", repr(assignment), f"a key of experiment, {', '.join(names)}", "correct it"
            )
    if len(set(names)) < len(names):
        raise ConfigError(str(file), f"models {names}", "each name once", "rename a model file")
    models = tuple(
        (read_model(file.parent / entry.config, assignments), tuple(entry.seeds or settings.seeds))
        for entry in settings.models
    )
    return Experiment(
        file.resolve().parent.name, file.parent, settings, file.parent / settings.dataset, models
    )


def read_model(path: Path, assignments: list[str]) -> ModelConfig:
    """Read a model file.

    Raises
    ------
    ConfigError
        If it is missing or malformed, or of an unknown kind.
    """
    own = [a.partition(".")[2] for a in assignments if a.split(".")[0] == path.stem]
    values = override(read_yaml(path), own, where=str(path))
    kind = str(values.pop("kind", None))
    _, section = model_kind(kind, where=str(path))
    return ModelConfig(path.stem, kind, validate(section, values, where=str(path)))
