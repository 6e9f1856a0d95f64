"""An experiment file: one data set, some models with their seeds, and what is promoted."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from alliance_stance.config import PathFromFile, Section, override, read_yaml, validate
from alliance_stance.errors import ArtifactError, ConfigError
from alliance_stance.files import write_text
from alliance_stance.inference.shipped import is_shipped, shipped_folder, shipped_name
from alliance_stance.models.table import model_kind

FILE = "experiment.yaml"
_ITSELF = "experiment"
"""Stands before the keys of the experiment's own file in an assignment."""
_OWNER = "experiment.txt"
"""Beside an experiment's models: where the experiment lies."""


def _differ(seeds: list[int]) -> list[int]:
    if len(set(seeds)) < len(seeds):
        raise ValueError("each seed may stand once")
    return seeds


Seeds = Annotated[
    list[Annotated[int, Field(ge=0, lt=2**32)]], Field(min_length=1), AfterValidator(_differ)
]
"""Seeds of the fits of one model; numpy takes 32 bits."""


def _folder_of(value: object) -> object:
    return shipped_folder(value) if isinstance(value, str) and is_shipped(value) else value


SavedModel = Annotated[PathFromFile, BeforeValidator(_folder_of)]
"""The folder of a saved model, or the name of one that comes with the package."""


def told_model(folder: Path) -> str:
    """Give a saved model as a file names it: where the package lies is a matter of the machine."""
    return shipped_name(folder) or _from_here(folder)


def _from_here(path: Path) -> str:
    """Give a path as seen from the project, in whatever way its experiment was named."""
    return Path(os.path.relpath(path)).as_posix()


class TeacherSettings(Section):
    """A saved model whose probabilities another one learns."""

    model: SavedModel = Field(description="Folder of the saved model; shipped, or shipped-base.")
    share: float = Field(
        gt=0, le=1, description="Weight of its answer where there is a label; elsewhere it is all."
    )
    unlabelled: PathFromFile | None = Field(
        None, description="Recipe of a data set whose candidates the teacher alone labels."
    )
    left_out: list[PathFromFile] = Field(
        [], description="Labelled files; no document of theirs is taken from the unlabelled."
    )

    def record(self) -> dict[str, Any]:
        """Give what a saved model keeps of them."""
        return {
            "model": told_model(self.model),
            "share": self.share,
            "unlabelled": None if self.unlabelled is None else _from_here(self.unlabelled),
            "left_out": [_from_here(path) for path in self.left_out],
        }


class ModelEntry(Section):
    """One model of an experiment."""

    config: Path = Field(description="Model file; a relative path starts at the experiment's file.")
    seeds: Seeds | None = Field(
        None, description="One fit each; those of the experiment if absent."
    )
    teacher: TeacherSettings | None = Field(None, description="What it is taught by, if anything.")
    start: SavedModel | None = Field(
        None,
        description="Folder of a saved model of the same kind and encoder, whose weights the fit "
        "begins with, or shipped, or shipped-base; those of the encoder if absent.",
    )
    start_share: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="Share of the start in the mean of weights that is kept; 0 for the fit's own.",
    )


class ExperimentSettings(Section):
    """Settings of an experiment."""

    question: str = Field(description="What the experiment is to answer, in one sentence.")
    dataset: Path = Field(description="Recipe; a relative path starts at the experiment's file.")
    calibration: PathFromFile | None = Field(
        None,
        description="Recipe on whose development split the models are calibrated; that of the "
        "data set if absent.",
    )
    registered_model: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$", description="Name in the model registry."
    )
    seeds: Seeds = Field([0], description="Seeds of the models that name none.")
    models: list[ModelEntry] = Field(min_length=1, description="What is compared, in table order.")


@dataclass(frozen=True)
class ModelConfig:
    """A model file, read: its name is the file's."""

    name: str
    kind: str
    settings: Section
    teacher: TeacherSettings | None = None
    start: Path | None = None
    start_share: float = 0.0

    def record(self, seed: int) -> dict[str, Any]:
        """Give what a saved model keeps in its ``config.json``."""
        taught = {} if self.teacher is None else {"teacher": self.teacher.record()}
        begun: dict[str, Any] = {}
        if self.start is not None:
            begun = {"start": told_model(self.start), "start_share": self.start_share}
        return {**self.identity(seed), **taught, **begun}

    def identity(self, seed: int) -> dict[str, Any]:
        """Give what identifies a fit.

        Where teacher and start lie does not; what they are is known by what they hold.
        """
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
    own = [a.removeprefix(f"{_ITSELF}.") for a in assignments if a.startswith(f"{_ITSELF}.")]
    values = override(read_yaml(file), own, where=str(file))
    settings = validate(ExperimentSettings, values, where=str(file), folder=file.parent)
    names = [entry.config.stem for entry in settings.models]
    if len(set(names)) < len(names) or any(f"{n}.".startswith(f"{_ITSELF}.") for n in names):
        raise ConfigError(
            str(file), f"models {names}", f"each name once, and none called {_ITSELF!r}",
            "rename a model file",
        )  # fmt: skip
    changes = _by_target(assignments, [_ITSELF, *names])
    models = tuple(
        (_read_entry(entry, file, changes[entry.config.stem]), tuple(entry.seeds or settings.seeds))
        for entry in settings.models
    )
    return Experiment(
        file.resolve().parent.name, file.parent, settings, file.parent / settings.dataset, models
    )


def _by_target(assignments: list[str], names: list[str]) -> dict[str, list[str]]:
    """Sort assignments by the name before their key; a name may have dots, and begin another's."""
    found: dict[str, list[str]] = {name: [] for name in names}
    for assignment in assignments:
        target = max((n for n in names if assignment.startswith(f"{n}.")), key=len, default=None)
        if target is None:
            raise ConfigError(
                "--set", repr(assignment), f"a key of {', '.join(names)}", "correct it"
            )
        found[target].append(assignment.removeprefix(f"{target}."))
    return found


def claim_folder(folder: Path, experiment: Path) -> None:
    """Note which experiment the models of a folder are of.

    Parameters
    ----------
    folder
        Where an experiment's models lie, two folders down from where paths are relative to.
    experiment
        The experiment's own folder.

    Raises
    ------
    ArtifactError
        If another experiment of the same name has its models there, and still exists.
    """
    base, note = folder.absolute().parents[1], folder / _OWNER
    own = os.path.relpath(experiment.absolute(), base)
    if note.is_file():
        owner = note.read_text(encoding="utf-8").strip()
        if owner != own and (base / owner).is_dir():
            raise ArtifactError(
                str(folder),
                f"the models of {owner}",
                f"those of {own}, or none",
                "rename the folder of one of the two experiments, which is its name",
            )
    folder.mkdir(parents=True, exist_ok=True)
    write_text(note, f"{own}\n")


def _read_entry(entry: ModelEntry, file: Path, assignments: list[str]) -> ModelConfig:
    config = read_model(file.parent / entry.config, assignments)
    kind, _ = model_kind(config.kind, where=str(file))
    check_start(f"{file}, model {config.name}", config.kind, entry.start, entry.start_share)
    if entry.teacher is not None and not kind.has_teacher:
        raise ConfigError(
            f"{file}, model {config.name}",
            f"a teacher for kind {config.kind}",
            "a kind that can be taught (encoder, packed)",
            "take 'teacher' away, or choose another model file",
        )
    return replace(config, teacher=entry.teacher, start=entry.start, start_share=entry.start_share)


def check_start(where: str, kind: str, start: Path | None, share: float) -> None:
    """Refuse a start for a kind that cannot begin with one, and a share of none.

    Raises
    ------
    ConfigError
        If it is so.
    """
    model_class, _ = model_kind(kind, where=where)
    if start is not None and not model_class.has_start:
        raise ConfigError(
            where,
            f"a start for kind {kind}",
            "a kind that can begin with a fitted model's weights (encoder, packed)",
            "take 'start' away, or choose another kind",
        )
    if start is None and share:
        raise ConfigError(
            where,
            f"start_share {share:g} without a start",
            "a start whose weights it is a share of",
            "name one, or take 'start_share' away",
        )


def read_model(path: Path, assignments: list[str]) -> ModelConfig:
    """Read a model file, with assignments of ``key=value`` applied before validation.

    Raises
    ------
    ConfigError
        If it is missing or malformed, or of an unknown kind.
    """
    values = override(read_yaml(path), assignments, where=str(path))
    kind = str(values.pop("kind", None))
    _, section = model_kind(kind, where=str(path))
    return ModelConfig(path.stem, kind, validate(section, values, where=str(path)))
