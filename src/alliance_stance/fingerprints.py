"""Fingerprints: same input, same configuration, same code, same key; any change shows."""

import hashlib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
SHORT = 12
"""Characters of a fingerprint that are shown and used in folder names."""


def fingerprint(*parts: object) -> str:
    """Give the SHA-256 of JSON-able parts.

    Examples
    --------
    >>> fingerprint({"b": 1, "a": 2}) == fingerprint({"a": 2, "b": 1})
    True
    """
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def file_fingerprint(path: Path) -> str:
    """Give the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def code_fingerprint(*rooms: str) -> str:
    """Give the SHA-256 of the source of some rooms (folders or modules of the package)."""
    digest = hashlib.sha256()
    for path in _sources(rooms):
        digest.update(path.relative_to(_PACKAGE).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _sources(rooms: Iterable[str]) -> Iterable[Path]:
    for room in sorted(rooms):
        folder = _PACKAGE / room
        yield from sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]
