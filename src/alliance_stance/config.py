"""Every YAML file is a closed, frozen pydantic model; a misspelt key is an error with its path.

The base class and the loader stand here; the settings of a model or a data set stand beside the
code that they set. One file is complete on its own: nothing is inherited or interpolated.
"""

from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, ValidationInfo

from alliance_stance.errors import ConfigError

_LONGEST = 2**20
"""Bytes of a configuration; the longest of the project's own has ten thousand."""
_NO_YAML = (yaml.YAMLError, ValueError, RecursionError)
"""What is raised at what is no YAML, no UTF-8, holds an impossible date, or is nested too deep."""


class Section(BaseModel):
    """One part of a configuration file; unknown keys are errors and values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


SectionT = TypeVar("SectionT", bound=Section)


def _from_file(path: Path, info: ValidationInfo) -> Path:
    folder: Path = (info.context or {}).get("folder", Path())
    return folder / path


PathFromFile = Annotated[Path, AfterValidator(_from_file)]
"""A path that starts at the configuration's folder, if it is relative."""


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file that must hold one mapping.

    Raises
    ------
    ConfigError
        If the file is missing, too long, is not UTF-8, is not YAML, holds no mapping, or repeats a
        part by an alias.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_LONGEST + 1)
        if len(raw) > _LONGEST:
            raise ConfigError(
                str(path), f"more than {_LONGEST:,} bytes", "a configuration", "check the path"
            )
        loaded = _load(raw.decode())
    except FileNotFoundError:
        raise ConfigError(
            str(path), "no such file", "a YAML configuration", "check the path"
        ) from None
    except (OSError, *_NO_YAML) as error:
        problem = " ".join(str(error).split())
        raise ConfigError(str(path), problem, "a UTF-8 YAML file", "mend the file") from None
    if not isinstance(loaded, dict):
        raise ConfigError(
            str(path),
            f"a {type(loaded).__name__}",
            "a mapping of keys to values",
            "see configs/ for examples",
        )
    return loaded


def override(values: dict[str, Any], assignments: list[str], *, where: str) -> dict[str, Any]:
    """Apply ``key.path=value`` assignments, before validation.

    Parameters
    ----------
    values
        What the file held; not changed.
    assignments
        One string each; the value is read as YAML, so ``0.5`` is a number.
    where
        Named in an error.

    Raises
    ------
    ConfigError
        If an assignment has no ``=`` or its path runs through something that is no mapping.

    Examples
    --------
    >>> override({"model": {"c": 1}}, ["model.c=0.5"], where="x.yaml")
    {'model': {'c': 0.5}}
    """
    result = _copy(values)
    for assignment in assignments:
        path, separator, value = assignment.partition("=")
        *parents, last = path.split(".")
        target: Any = result
        for parent in parents:
            target = target.get(parent) if isinstance(target, dict) else None
        if not separator or not last or not isinstance(target, dict):
            raise ConfigError(
                f"{where} --set",
                repr(assignment),
                "key.path=value with a path that the file has",
                "compare the file's keys",
            )
        target[last] = _read_value(value, f"{where} --set {path}")
    return result


def _read_value(value: str, where: str) -> Any:  # noqa: ANN401 - whatever YAML holds
    try:
        return _load(value)
    except _NO_YAML as error:
        problem = " ".join(str(error).split())
        raise ConfigError(where, problem, "a YAML value", "quote or mend it") from None


class _PlainLoader(yaml.SafeLoader):
    """Builds plain values alone, each part of them written out.

    An alias that holds ten aliases that hold ten more is small in a file and without end for
    whoever walks through it.
    """

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuse an alias."""
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(
                None, None, "an alias, where every part must be written out", event.start_mark
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Refuse a key that stands twice: the first of the two would be lost without a word."""
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        twice = next((key for number, key in enumerate(keys) if key in keys[:number]), None)
        if twice is not None:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {twice!r} twice, where each may stand once", node.start_mark
            )
        return super().construct_mapping(node, deep)


def _load(text: str) -> Any:  # noqa: ANN401 - whatever YAML holds
    return yaml.load(text, Loader=_PlainLoader)


def _copy(values: dict[str, Any]) -> dict[str, Any]:
    return {k: _copy(v) if isinstance(v, dict) else v for k, v in values.items()}


def validate(
    section: type[SectionT], values: dict[str, Any], *, where: str, folder: Path | None = None
) -> SectionT:
    """Turn plain values into a section, or list every problem at once.

    Parameters
    ----------
    section
        What the values must be.
    values
        What a file held.
    where
        Named in an error.
    folder
        Where its relative paths start; None for the working directory.

    Raises
    ------
    ConfigError
        With one line per problem: path to the key, then what is wrong.
    """
    try:
        return section.model_validate(values, context={"folder": folder or Path()})
    except ValidationError as error:
        problems = [
            f"{_key_path(problem['loc'], values) or '(file)'}: {problem['msg']}"
            for problem in error.errors()
        ]
        listing = "".join(f"\n  {line}" for line in problems)
        known = ", ".join(section.model_fields)
        raise ConfigError(
            where, f"{len(problems)} problem(s){listing}\n", f"the keys {known}", "mend the file"
        ) from None


def _key_path(place: tuple[int | str, ...], values: dict[str, Any]) -> str:
    """Give the path of a key as the file has it: pydantic also names the kind it had chosen."""
    current: Any = values
    parts = []
    for part in place[:-1]:
        if isinstance(part, str) and isinstance(current, dict) and part not in current:
            continue
        current = current[part]
        parts.append(str(part))
    for last in place[-1:]:
        if isinstance(current, dict) or isinstance(last, int):
            parts.append(str(last))
    return ".".join(parts)
