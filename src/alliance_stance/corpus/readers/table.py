"""The table of formats: which reader reads which endings."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from alliance_stance.corpus.readers.decoding import STDIN
from alliance_stance.corpus.readers.delimited import read_csv, read_tsv
from alliance_stance.corpus.readers.docx import read_docx
from alliance_stance.corpus.readers.feed import read_feed
from alliance_stance.corpus.readers.html import read_html
from alliance_stance.corpus.readers.jsonl import read_json_unit
from alliance_stance.corpus.readers.mail import read_mailbox, read_message
from alliance_stance.corpus.readers.parquet import read_parquet
from alliance_stance.corpus.readers.pdf import read_pdf
from alliance_stance.corpus.readers.text import read_plain_text
from alliance_stance.corpus.readers.transcript import read_transcript
from alliance_stance.corpus.readers.un_debates import parse_name, read_statement
from alliance_stance.corpus.readers.unit import Skipped, Unit
from alliance_stance.corpus.readers.warc import read_warc
from alliance_stance.errors import InputError
from alliance_stance.schema import Document, Example

Reader = Callable[[Unit], Iterator[Document | Example | Skipped]]


class Format(NamedTuple):
    """A kind of file.

    Parameters
    ----------
    endings
        Of names, in small letters.
    read
        Yields what is in a unit, and tells what of it cannot be read.
    is_guessed
        Whether title and date are found by rule of thumb, so that a table of metadata knows them
        better.
    is_single
        Whether a unit is one document, which has the unit's id.
    """

    endings: tuple[str, ...]
    read: Reader
    is_guessed: bool = False
    is_single: bool = False


FORMATS: dict[str, Format] = {
    "text": Format((".txt", ".md", ".markdown"), read_plain_text, is_single=True),
    "jsonl": Format((".jsonl", ".ndjson"), read_json_unit),
    "html": Format((".html", ".htm", ".xhtml"), read_html, is_guessed=True, is_single=True),
    "pdf": Format((".pdf",), read_pdf, is_guessed=True, is_single=True),
    "docx": Format((".docx",), read_docx, is_guessed=True, is_single=True),
    "csv": Format((".csv",), read_csv),
    "tsv": Format((".tsv", ".tab"), read_tsv),
    "parquet": Format((".parquet",), read_parquet),
    "un-debates": Format((), read_statement, is_single=True),
    "warc": Format((".warc",), read_warc, is_guessed=True),
    "feed": Format((".rss", ".atom", ".xml"), read_feed),
    "mail": Format((".eml",), read_message, is_single=True),
    "mbox": Format((".mbox",), read_mailbox),
    "transcript": Format((".transcript",), read_transcript, is_single=True),
}
ENDINGS: dict[str, str] = {e: name for name, format_ in FORMATS.items() for e in format_.endings}
"""The format of each ending; ``.gz`` may follow."""
_PACKED = ".gz"


def bare_name(name: str) -> str:
    """Give a file's name without its ending, and without the further one of a packed file.

    Examples
    --------
    >>> bare_name("speech.txt"), bare_name("Speech.v2.TXT.gz"), bare_name("speech")
    ('speech', 'Speech.v2', 'speech')
    """
    return Path(_unpacked(name)).stem


def format_of(path: Path) -> str | None:
    """Give the format of a file by its name; None for an ending that no reader knows."""
    name = _unpacked(path.name)
    ending = Path(name).suffix.lower()
    if ending == ".txt":
        statement = parse_name(Path(name).stem)
        if statement is not None and statement.is_sure:
            return "un-debates"
    return ENDINGS.get(ending)


def check_format(name: str | None) -> None:
    """Refuse a format that the table does not have.

    Raises
    ------
    InputError
        Naming all formats.
    """
    if name is not None and name not in FORMATS:
        raise InputError("--format", repr(name), f"one of {', '.join(FORMATS)}", "correct it")


def unknown_ending(path: Path) -> InputError:
    """Give the error for a file that no reader reads."""
    return InputError(
        str(path),
        f"the ending {Path(_unpacked(path.name)).suffix!r}",
        f"one of {', '.join(ENDINGS)}",
        "rename or convert the file, or name its format with --format",
    )


def read_input(path: Path, *, ending: str | None = None) -> Iterator[Document | Example]:
    """Read one file by its ending; what cannot be read inside it is passed over.

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
    if path == STDIN:
        name, unit_id = ENDINGS.get(ending or ".txt"), "stdin"
    else:
        check_file(path)
        name, unit_id = ENDINGS.get(ending) if ending else format_of(path), bare_name(path.name)
    if name is None:
        raise unknown_ending(path)
    unit = Unit(path, name, unit_id, is_alone=True)
    return (item for item in FORMATS[name].read(unit) if not isinstance(item, Skipped))


def check_file(path: Path) -> None:
    """Refuse what is no file.

    Raises
    ------
    InputError
        If there is nothing, or a folder.
    """
    try:
        found = "" if path.is_file() else "a folder" if path.is_dir() else "no such file"
    except (OSError, ValueError):
        # a name that no file can have, such as a sentence
        found = "no such file"
    # a pipe such as /dev/stdin can be read too
    if found == "no such file" and _is_pipe(path):
        return
    if found:
        raise InputError(f"{path!s:.80}", found, "an input file", "check the path")


def _is_pipe(path: Path) -> bool:
    try:
        return path.is_fifo()
    except (OSError, ValueError):
        return False


def _unpacked(name: str) -> str:
    return name[: -len(_PACKED)] if name.lower().endswith(_PACKED) else name
