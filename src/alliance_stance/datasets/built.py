"""What a kind of data set gives when it is built or opened, and the notes kept beside its rows."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from alliance_stance.files import write_json
from alliance_stance.fingerprints import fingerprint


class Built(NamedTuple):
    """A data set of a kind, on disk.

    Parameters
    ----------
    fingerprint
        Of everything that the build depends on.
    splits
        Hugging Face data sets by name.
    notes
        What of the input could be used, a line each; empty where all was.
    """

    fingerprint: str
    splits: Any
    notes: tuple[str, ...] = ()


def keep_notes(
    folder: Path, depends_on: tuple[object, ...], write: Callable[[], list[str]]
) -> tuple[str, ...]:
    """Give the notes of a build; they are written once and kept, since writing reads the input.

    Parameters
    ----------
    folder
        Where builds are kept.
    depends_on
        All that the notes depend on: the build's fingerprint, and the places that they name.
    write
        Reads the input, and gives a line for each note.
    """
    file = folder / "notes" / f"{fingerprint(*depends_on)}.json"
    known = _read(file)
    if known is None:
        known = write()
        write_json(file, known)
    return tuple(known)


def _read(file: Path) -> list[str] | None:
    """Read notes; None where there are none, or they are damaged."""
    try:
        notes = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    is_whole = isinstance(notes, list) and all(isinstance(line, str) for line in notes)
    return notes if is_whole else None
