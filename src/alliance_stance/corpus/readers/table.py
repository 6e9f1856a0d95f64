"""The table of readers, by file name ending."""

from collections.abc import Callable, Iterator
from pathlib import Path

from alliance_stance.corpus.readers.decoding import STDIN
from alliance_stance.corpus.readers.jsonl import read_json_lines
from alliance_stance.corpus.readers.text import read_plain_text
from alliance_stance.errors import InputError
from alliance_stance.schema import Document, Example

Reader = Callable[[Path], Iterator[Document | Example]]

READERS: dict[str, Reader] = {
    ".txt": read_plain_text,
    ".md": read_plain_text,
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
}


def read_input(path: Path, *, ending: str | None = None) -> Iterator[Document | Example]:
    """Read a file by its ending.

    Parameters
    ----------
    path
        The file, or ``-`` for standard input.
    ending
        Read it as if its name ended so; standard input without it is plain text.

    Raises
    ------
    InputError
        If no reader knows the ending, or the reader finds bad input.
    """
    ending = ending or (".txt" if path == STDIN else path.suffix.lower())
    if path != STDIN and not _is_file(path):
        found = "a folder" if _is_folder(path) else "no such file"
        raise InputError(f"{path!s:.80}", found, "an input file", "check the path")
    if ending not in READERS:
        raise InputError(
            str(path),
            f"the ending {ending!r}",
            f"one of {', '.join(READERS)}",
            "rename or convert the file, or name its format with --format",
        )
    return READERS[ending](path)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        # a name that no file can have, such as a sentence
        return False
