"""A search file: one kind of model, which of its settings are fixed, and what is tried of the rest.

Every setting of the kind stands once, under ``fixed`` or under ``space``; both ends of a range and
every choice must be what the model's own settings class allows. docs/search.md has the form.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from alliance_stance.config import Section, override, read_yaml, validate
from alliance_stance.errors import ConfigError
from alliance_stance.inference.artifact import read_config
from alliance_stance.models.base import StanceModel
from alliance_stance.models.table import model_kind
from alliance_stance.training.experiment import (
    ModelConfig,
    SavedModel,
    check_start,
    read_model,
    told_model,
)

FILE = "search.yaml"
_GOLDEN = 0.381966
"""Where inside a range a number is tried that is hardly a round one."""

Value = bool | int | float | str | None
Objective = Literal["macro_f1", "polar_f1", "log_loss"]


class IntRange(Section):
    """Whole numbers from `low` to `high`, both among them."""

    kind: Literal["int"]
    low: int = Field(description="Smallest.")
    high: int = Field(description="Largest.")
    step: int = Field(1, ge=1, description="Distance of two neighbours.")
    log: bool = Field(False, description="Draw evenly over orders of magnitude.")

    @model_validator(mode="after")
    def _is_range(self) -> Self:
        _check_range(self.low, self.high, is_log=self.log)
        if self.log and self.step != 1:
            raise ValueError("log and step exclude each other")
        if (self.high - self.low) % self.step:
            raise ValueError(f"steps of {self.step} from low {self.low} do not meet {self.high}")
        return self

    def probes(self) -> tuple[Value, ...]:
        """Give values that must be allowed where the whole range is to be."""
        return (self.low, self.high)


class FloatRange(Section):
    """Numbers from `low` to `high`, both among them; four digits of a drawn one are kept."""

    kind: Literal["float"]
    low: float = Field(allow_inf_nan=False, description="Smallest.")
    high: float = Field(allow_inf_nan=False, description="Largest.")
    log: bool = Field(False, description="Draw evenly over orders of magnitude.")

    @model_validator(mode="after")
    def _is_range(self) -> Self:
        _check_range(self.low, self.high, is_log=self.log)
        return self

    def probes(self) -> tuple[Value, ...]:
        """Give values that must be allowed where the whole range is to be."""
        return (self.low, self.high, self.low + _GOLDEN * (self.high - self.low))


class Choices(Section):
    """Any of some values."""

    kind: Literal["categorical"]
    choices: list[Value] = Field(min_length=2, description="What is tried.")

    @model_validator(mode="after")
    def _differ(self) -> Self:
        # 1 == True in Python, but not in a settings file
        if len({(type(choice), choice) for choice in self.choices}) < len(self.choices):
            raise ValueError("each choice may stand once")
        return self

    def probes(self) -> tuple[Value, ...]:
        """Give values that must be allowed where the whole range is to be."""
        return tuple(self.choices)


Range = Annotated[IntRange | FloatRange | Choices, Field(discriminator="kind")]


class SearchSettings(Section):
    """Settings of a search."""

    question: str = Field(description="What the search is to answer, in one sentence.")
    dataset: Path = Field(description="Recipe; a relative path starts at the search's file.")
    kind: str = Field(description="Kind of model.")
    fixed: dict[str, Any] = Field(default={}, description="Settings that all trials have.")
    space: dict[str, Range] = Field(min_length=1, description="What is tried, by setting.")
    first: Path | None = Field(
        None,
        description="Model file whose settings are the first trial; they must be in the space.",
    )
    start: SavedModel | None = Field(
        None,
        description="Folder of a saved model whose weights every fit begins with, or shipped, or "
        "shipped-base; those of the encoder if absent.",
    )
    start_share: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="Share of the start in the mean of weights that is kept; 0 for the fit's own.",
    )
    calibration: Path | None = Field(
        None,
        description="Recipe on whose development split the fits are calibrated, as a path from the "
        "search's file; that of the data set if absent.",
    )
    objective: Objective = Field(
        "macro_f1", description="Score on the development split that decides."
    )
    seeds: list[Annotated[int, Field(ge=0, lt=2**32)]] = Field(
        default=[0], min_length=1, description="One fit each in every trial; the mean decides."
    )
    trials: int = Field(ge=1, description="How many, those of earlier calls among them.")
    timeout_minutes: float | None = Field(
        None, gt=0, description="After so long, in one call, no further trial begins."
    )
    sampler_seed: int = Field(0, ge=0, lt=2**32, description="Seed of the sampler (TPE).")
    random_trials: int = Field(
        10, ge=1, description="Trials at random before the sampler learns from scores."
    )
    prune: bool = Field(
        False,
        description="End a fit whose best score so far is worse than the median of the others' at "
        "a pass.",
    )

    @model_validator(mode="after")
    def _seeds_differ(self) -> Self:
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError("each seed may stand once")
        return self


@dataclass(frozen=True)
class Search:
    """A search, read and checked.

    Parameters
    ----------
    name
        Of its folder, and of its file where that is not ``search.yaml``.
    folder
        Where the file lies, and where results are written.
    settings
        What the file holds.
    section
        Settings class of the kind.
    dataset
        Recipe.
    calibration
        Recipe on whose development split the fits are calibrated; None for that of the data set.
    first
        Values of the searched settings that are tried first; None to begin at random.
    results
        Markdown file to write.
    model
        Model file to write.
    """

    name: str
    folder: Path
    settings: SearchSettings
    section: type[Section]
    dataset: Path
    calibration: Path | None
    first: dict[str, Any] | None
    results: Path
    model: Path

    def sources(self) -> list[str]:
        """Give what fits start from besides the data: rules, or the files of encoders.

        See `models.base.StanceModel.source_fingerprint`.
        """
        encoders = self.settings.space.get("encoder")
        choices = encoders.choices if isinstance(encoders, Choices) else [None]
        changes = [{} if choice is None else {"encoder": choice} for choice in choices]
        models = [_low_model(self.settings, change) for change in changes]
        return [model.source_fingerprint() for model in models]

    def model_config(self, values: dict[str, Any]) -> ModelConfig:
        """Give the model of some values of the searched settings.

        Raises
        ------
        ConfigError
            If the values do not go together.
        """
        section = validate(
            self.section, {**self.settings.fixed, **values}, where=f"search {self.name}"
        )
        return ModelConfig(
            self.model.stem,
            self.settings.kind,
            section,
            start=self.settings.start,
            start_share=self.settings.start_share,
        )


def read_search(path: Path, assignments: list[str]) -> Search:
    """Read a search file and check its space against the settings of the kind of model.

    Parameters
    ----------
    path
        The search's folder or its file.
    assignments
        ``key=value``, applied before validation; a dot leads into a section.

    Raises
    ------
    ConfigError
        If a file is missing or malformed, or the space holds what the kind does not allow; all
        problems are listed.
    """
    file = path / FILE if path.is_dir() else path
    values = override(read_yaml(file), assignments, where=str(file))
    settings = validate(SearchSettings, values, where=str(file), folder=file.parent)
    model_class, section = model_kind(settings.kind, where=str(file))
    check_start(str(file), settings.kind, settings.start, settings.start_share)
    problems = list(_problems(section, settings))
    if settings.prune and not model_class.has_epochs:
        problems.append(f"prune: kind {settings.kind!r} fits in one go, with no pass to stop after")
    if settings.prune and settings.start_share:
        problems.append("prune: with start_share, what a pass scores is not the mean that is kept")
    if settings.start is not None:
        problems += _read_otherwise(settings.start, model_class, section, settings)
    if settings.calibration is not None and not problems:
        problems += _uncalibrated(settings)
    first = None
    if settings.first is not None and not problems:
        first, misfits = _first(read_model(file.parent / settings.first, []), settings)
        problems += misfits
    if problems:
        listing = "".join(f"\n  {problem}" for problem in problems)
        known = ", ".join(section.model_fields)
        raise ConfigError(
            str(file),
            f"{len(problems)} problem(s){listing}\n",
            f"each setting of kind {settings.kind!r} once ({known}), with values that it allows",
            "mend the file",
        )
    suffix = "" if file.name == FILE else f"-{file.stem}"
    return Search(
        name=f"{file.resolve().parent.name}{suffix}",
        folder=file.parent,
        settings=settings,
        section=section,
        dataset=file.parent / settings.dataset,
        calibration=settings.calibration and file.parent / settings.calibration,
        first=first,
        results=file.parent / f"results{suffix}.md",
        model=file.parent / "models" / f"{settings.kind}_searched{suffix.replace('-', '_')}.yaml",
    )


def _check_range(low: float, high: float, *, is_log: bool) -> None:
    if low >= high:
        raise ValueError(f"low {low} is not below high {high}; put one value under fixed")
    if is_log and low <= 0:
        raise ValueError(f"log wants low above 0, not {low}")


def _problems(section: type[Section], settings: SearchSettings) -> Iterator[str]:
    fixed, space, known = settings.fixed, settings.space, section.model_fields
    names = [("fixed", name) for name in fixed] + [("space", name) for name in space]
    yield from (f"{part}.{name}: no such setting" for part, name in names if name not in known)
    yield from (f"space.{name}: also stands under fixed" for name in space if name in fixed)
    yield from (
        f"{name}: stands neither under fixed nor under space"
        for name, field in known.items()
        if field.is_required() and name not in fixed and name not in space
    )
    base = {**{name: part.probes()[0] for name, part in space.items()}, **fixed}
    yield from (f"fixed.{name}: {told}" for name, told in _refused(section, base) if name in fixed)
    for name, part in space.items():
        for value in part.probes():
            for at, told in _refused(section, {**base, name: value}):
                if at == name and name not in fixed:
                    yield f"space.{name}: {value!r} is not allowed: {told}"


def _read_otherwise(
    start: Path, model_class: type[StanceModel], section: type[Section], settings: SearchSettings
) -> Iterator[str]:
    """Name what the fits would read otherwise than the model that they begin with."""
    saved, where = read_config(start), told_model(start)
    saved_settings = saved.get("settings")
    if saved.get("kind") != settings.kind or not isinstance(saved_settings, dict):
        yield f"start: {where} is of kind {saved.get('kind')!r}, or has no settings"
        return
    fields = {name: section.model_fields[name] for name in model_class.read_alike}
    usual = {name: None if f.is_required() else f.get_default() for name, f in fields.items()}
    theirs = usual | saved_settings
    # what is missing is told as missing, not as another value
    missing = {name: theirs[name] for name, field in fields.items() if field.is_required()}
    own = usual | missing | settings.fixed
    searched = [name for name in usual if name in settings.space]
    yield from (
        f"space.{name}: is {theirs[name]!r} in {where}; put that under fixed" for name in searched
    )
    yield from (
        f"fixed.{name}: {own[name]!r}, where {where} has {theirs[name]!r}"
        for name in model_class.read_otherwise(own, theirs)
        if name not in searched
    )


def _low_model(settings: SearchSettings, changes: Mapping[str, Value]) -> StanceModel:
    """Build a model at the low ends of the ranges, which need not go together: it is not fitted."""
    model_class, _ = model_kind(settings.kind, where="search")
    low = {name: part.probes()[0] for name, part in settings.space.items()}
    return model_class(**{**low, **settings.fixed, **changes})


def _uncalibrated(settings: SearchSettings) -> Iterator[str]:
    """Refuse rows to calibrate on for what is not calibrated."""
    if not _low_model(settings, {}).has_calibration:
        yield f"calibration: kind {settings.kind!r} is not calibrated"


def _refused(section: type[Section], values: dict[str, Any]) -> list[tuple[str, str]]:
    """Give settings whose value the class refuses, with its words; unknown names not."""
    known = {name: value for name, value in values.items() if name in section.model_fields}
    try:
        section.model_validate(known)
    except ValidationError as error:
        return [
            (str(problem["loc"][0]), problem["msg"])
            for problem in error.errors()
            if problem["loc"] and problem["type"] != "missing"
        ]
    return []


def _first(model: ModelConfig, settings: SearchSettings) -> tuple[dict[str, Any], list[str]]:
    if model.kind != settings.kind:
        return {}, [f"first: {settings.first} is of kind {model.kind!r}, not {settings.kind!r}"]
    own = model.settings.model_dump()
    fixed = _as_read(type(model.settings), {**own, **settings.fixed})
    problems = [
        f"first: {settings.first} has {name} {own[name]!r}, fixed is {value!r}"
        for name, value in settings.fixed.items()
        if own[name] != fixed[name]
    ]
    problems += [
        f"first: {name} {own[name]!r} of {settings.first} is not in the space"
        for name, part in settings.space.items()
        if not _holds(part, own[name])
    ]
    return {name: _as_choice(part, own[name]) for name, part in settings.space.items()}, problems


def _as_read(section: type[Section], values: dict[str, Any]) -> dict[str, Any]:
    """Give values as the class reads them, with what may be left out; as they are if it refuses."""
    try:
        return section.model_validate(values).model_dump()
    except ValidationError:
        return values


def _as_choice(part: IntRange | FloatRange | Choices, value: Value) -> Value:
    """Give a value as the file of the search writes it: 4.0 as 4, where 4 is a choice."""
    choices = part.choices if isinstance(part, Choices) else []
    return next((choice for choice in choices if _is_equal(choice, value)), value)


def _is_equal(choice: Value, value: Value) -> bool:
    # 1 == True in Python, but not in a settings file
    return isinstance(choice, bool) == isinstance(value, bool) and choice == value


def _holds(part: IntRange | FloatRange | Choices, value: Value) -> bool:
    if isinstance(part, Choices):
        return any(_is_equal(choice, value) for choice in part.choices)
    if not isinstance(value, int | float) or not part.low <= value <= part.high:
        return False
    return isinstance(part, FloatRange) or (value - part.low) % part.step == 0
