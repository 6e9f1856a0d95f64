"""Write beside, then rename: nobody ever sees a half-written file or folder."""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        # mkstemp keeps others out; a result is as readable as any other file
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_json(path: Path, content: Any) -> None:  # noqa: ANN401 - whatever JSON holds
    """Write a JSON file whole or not at all."""
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Give an empty folder that takes the place of `path` when the block ends without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
    try:
        yield beside
        _open_to_readers(beside)
        _take_place(beside, path)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise


def _open_to_readers(folder: Path) -> None:
    """Let everybody read a folder: some libraries write files that only their owner can."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)


def _take_place(new: Path, path: Path) -> None:
    """Move the old folder aside, the new one in, and only then remove the old one."""
    if not path.exists():
        new.rename(path)
        return
    old = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.old."))
    path.rename(old / "folder")
    try:
        new.rename(path)
    except OSError:
        (old / "folder").rename(path)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def remove_half_written(path: Path) -> None:
    """Remove what `new_folder` left beside a path when its process was killed."""
    # eight characters are what tempfile puts behind the prefix
    beside = re.compile(rf"\.{re.escape(path.name)}\.(old\.)?[a-z0-9_]{{8}}")
    for left in path.parent.glob(f".{path.name}.*"):
        if beside.fullmatch(left.name) and left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)
