"""Refuse an output that cannot be written, or only over what is read, before any work."""

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
        What is read; None where nothing is given. Standard input and patterns are no files.

    Raises
    ------
    InputError
        If an output is an input, another output, or a folder.
    """
    taken = {one.resolve(): "what is read" for one in inputs if one is not None}
    for name, path in outputs.items():
        if path is None:
            continue
        refuse_place(path, name)
        place = path.resolve()
        if place in taken:
            raise InputError(
                f"{name} {path}",
                f"the file of {taken[place]}",
                "a file of its own",
                "name another one: what is there would be lost",
            )
        taken[place] = name
