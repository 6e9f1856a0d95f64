"""Write beside, then rename: nobody ever sees a half-written file or folder."""

import errno
import json
import os
import re
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from alliance_stance.errors import InputError

_OLD = "folder"
"""Name of the old folder while it is aside."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
"""What the system answers where there is no room: the disk is full, or the user's share of it."""


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    with new_file(path) as beside:
        beside.write_bytes(content)


def write_json(path: Path, content: Any) -> None:  # noqa: ANN401 - whatever JSON holds
    """Write a JSON file whole or not at all."""
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Give an empty file that takes the place of `path` when the block ends without an error.

    It is made as any file is, so the umask says who may read it; `tempfile` would keep out all
    but its owner. A link stays, and what it leads to gives way. A pipe or a terminal, such as
    ``/dev/stdout``, stays too, and is given what was written.

    Raises
    ------
    InputError
        As `refuse_place` does.
    OSError
        If there is no room for it: with the name of the file, which the system does not tell.
    """
    refuse_place(path)
    write = _passed_on if _is_stream(path) else _renamed
    with _telling_no_room(path), write(path) as beside:
        yield beside


def refuse_place(path: Path, name: str = "") -> None:
    """Refuse a path at which no file can be written.

    Parameters
    ----------
    path
        Where it is to be.
    name
        Of the option that names it.

    Raises
    ------
    InputError
        If a folder, a disk or a socket is there.
    """
    mode = _mode(path)
    if not mode or stat.S_ISREG(mode) or _is_stream(path):
        return
    found = "a folder" if stat.S_ISDIR(mode) else "a device or a socket"
    raise InputError(f"{name} {path}".lstrip(), found, "the name of a file", "name another")


def _is_stream(path: Path) -> bool:
    mode = _mode(path)
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


def _mode(path: Path) -> int:
    """Tell what is at a path, or at the end of a link; 0 where nothing is."""
    try:
        return path.stat().st_mode
    except OSError:
        return 0


@contextmanager
def _renamed(path: Path) -> Iterator[Path]:
    place = Path(os.path.realpath(path))
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = _beside(place)
    beside.touch(exist_ok=False)
    try:
        yield beside
        beside.replace(place)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


@contextmanager
def _passed_on(path: Path) -> Iterator[Path]:
    """Give a file elsewhere, and write what it then holds into a pipe or a terminal."""
    with tempfile.TemporaryDirectory() as folder:
        beside = Path(folder) / path.name
        beside.touch()
        yield beside
        # no file is made if the pipe has gone, and whoever reads it may stop before its end
        with (
            suppress(BrokenPipeError),
            beside.open("rb") as written,
            os.fdopen(os.open(path, os.O_WRONLY), "wb") as stream,
        ):
            shutil.copyfileobj(written, stream)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Give an empty folder that takes the place of `path` when the block ends without an error.

    The umask says who may read it and what it holds.

    Raises
    ------
    OSError
        If there is no room for it: with the name of the folder.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = _beside(path)
    with _telling_no_room(path):
        beside.mkdir()
        try:
            yield beside
            _open_to_readers(beside)
            _take_place(beside, path)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise


def _beside(path: Path) -> Path:
    """Give a name that is not taken; `remove_half_written` knows such ones."""
    return path.parent / f".{path.name}.{secrets.token_hex(4)}"


@contextmanager
def _telling_no_room(path: Path) -> Iterator[None]:
    """Say where there is no room: an error of `write` carries no name of a file."""
    try:
        yield
    except Exception as error:
        number = _number_of(error)
        if number not in FULL:
            raise
        raise OSError(number, os.strerror(number), str(path)) from error


def _number_of(error: Exception) -> int:
    """Give the system's number of an error; 0 where it has none."""
    if isinstance(error, OSError):
        return error.errno or 0
    # safetensors raises an error of its own, with the number in its text
    told = re.search(r"\(os error (\d+)\)", str(error))
    return int(told[1]) if told else 0


def _open_to_readers(folder: Path) -> None:
    """Give what a folder holds the rights that the umask gave the folder.

    Some libraries write files that only their owner can read. To ask for the umask is to set it,
    for all threads.
    """
    rights = stat.S_IMODE(folder.stat().st_mode)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(rights if path.is_dir() else rights & 0o666)


def _take_place(new: Path, path: Path) -> None:
    """Move the old folder aside, the new one in, and only then remove the old one."""
    if not path.exists():
        new.rename(path)
        return
    old = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.old."))
    try:
        # refused where the folder is in use, as one on which something is mounted
        path.rename(old / _OLD)
        new.rename(path)
    except BaseException:
        # Ctrl-C too: if the new folder is not there yet, the old one is all that there is
        if not path.exists():
            (old / _OLD).rename(path)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def remove_half_written(path: Path) -> None:
    """Remove what `new_folder` left beside a path when its process was killed.

    If it was killed while the old folder was aside and the new one not yet there, the old one is
    put back.
    """
    # eight characters stand behind the name
    beside = re.compile(rf"\.{re.escape(path.name)}\.(old\.)?[a-z0-9_]{{8}}")
    for left in path.parent.glob(f".{path.name}.*"):
        if beside.fullmatch(left.name) and left.is_dir() and not left.is_symlink():
            if left.name.startswith(f".{path.name}.old.") and not path.exists():
                with suppress(OSError):
                    (left / _OLD).rename(path)
            shutil.rmtree(left, ignore_errors=True)
