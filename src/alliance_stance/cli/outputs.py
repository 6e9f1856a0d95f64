"""Refuse an output that cannot be written, or only over what is read, before any work."""

import glob
from collections.abc import Iterable, Mapping
from pathlib import Path

from alliance_stance.errors import InputError
from alliance_stance.files import refuse_place


def refuse_overwriting(outputs: Mapping[str, Path | None], inputs: Iterable[Path | None]) -> None:
    """Refuse to write over an input, two outputs into one file, or where no file can be.

    Parameters
    ----------
    outputs
        By the name of the option; None where it is not given.
    inputs
        What is read: files, folders, patterns; None where nothing is given.

    Raises
    ------
    InputError
        If an output is an input or a file in one, another output, or a folder.
    """
    read = [one for one in inputs if one is not None]
    taken: dict[Path, str] = {}
    for name, path in outputs.items():
        if path is None:
            continue
        refuse_place(path, name)
        place = path.resolve()
        found = "what is read" if any(_reads(one, place) for one in read) else taken.get(place)
        if found is not None:
            raise InputError(
                f"{name} {path}",
                f"the file of {found}",
                "a file of its own",
                "name another one: what is there would be lost",
            )
        taken[place] = name


def _reads(one: Path, place: Path) -> bool:
    """Say whether an input is a file, or a folder or a pattern that takes in what is there."""
    if one.resolve() == place:
        return True
    if not place.exists():
        return False
    if one.is_dir():
        return place.is_relative_to(one.resolve())
    return glob.has_magic(str(one)) and any(
        Path(name).resolve() == place
        for name in glob.iglob(str(one), recursive=True)  # noqa: PTH207 - may be absolute
    )
