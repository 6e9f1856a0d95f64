"""Tables for spreadsheet programs: written so that they are safe, read as such programs save them.

A cell that begins like a formula gets an apostrophe in front, so that no program runs it. The
apostrophe is taken off again when the table is read (OWASP calls the danger CSV injection).
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from alliance_stance.corpus.readers.bare_marks import quote_bare_marks
from alliance_stance.corpus.readers.decoding import read_text
from alliance_stance.errors import InputError

_MARK = "'"
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20", _MARK)
"""First characters that get the mark; the mark itself too, so that reading can take it off."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_DELIMITERS = (",", ";", "\t")
_SEPARATOR_LINE = re.compile(r"sep=.\r?\n", re.IGNORECASE)
CELL_LIMIT = 32_767
"""Characters that a cell holds in Excel; more are cut off without a word."""


class SheetRow(NamedTuple):
    """A row of a table.

    Parameters
    ----------
    where
        File and line at which the row begins, for errors; with the row's number, which spreadsheet
        programs show, where line breaks in cells make it another.
    cells
        Keyed by column; an absent cell is empty.
    """

    where: str
    cells: dict[str, str]


def escape_cell(text: str) -> str:
    """Put an apostrophe before a cell that a spreadsheet program might run as a formula.

    Examples
    --------
    >>> escape_cell("=1+1"), escape_cell("Peru left.")
    ("'=1+1", 'Peru left.')
    """
    return _MARK + text if text.startswith(_RISKY) else text


def unescape_cell(cell: str) -> str:
    """Undo `escape_cell`.

    Examples
    --------
    >>> unescape_cell("'=1+1"), unescape_cell("Peru left.")
    ('=1+1', 'Peru left.')
    """
    return cell.removeprefix(_MARK)


def is_same_text(cell: str, text: str) -> bool:
    """Say whether a cell still shows a text, whatever a program did to its marks and line breaks.

    Some programs take the apostrophe for their own sign and drop it.
    """
    wanted = text.split()
    return wanted in (cell.split(), unescape_cell(cell).split())


def replace_controls(text: str) -> str:
    """Replace control characters, which no spreadsheet keeps, by U+FFFD; the length stays."""
    return _CONTROL.sub("\ufffd", text)


def sheet_text(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """Give a table as CSV, safe to open in a spreadsheet program.

    It begins with a byte-order mark, without which Excel takes UTF-8 for another encoding. Every
    cell is quoted; a key that a row lacks is an empty cell.
    """
    file = io.StringIO()
    file.write("\ufeff")
    writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([escape_cell(str(row.get(column, ""))) for column in columns])
    return file.getvalue()


def read_sheet(path: Path, needed: Sequence[str]) -> list[SheetRow]:
    """Read a table as spreadsheet programs save it; blank rows are left out.

    The delimiter may be a comma, a semicolon or a tab, and a byte-order mark and a line ``sep=;``
    may stand in front. Cells are given as they stand, marks included.

    Parameters
    ----------
    path
        The file.
    needed
        Columns that must be there; further ones are given too.

    Raises
    ------
    InputError
        If the file cannot be read, is not UTF-8, lacks a column or has a broken row.
    """
    text = _read_utf8(path)
    skipped = _SEPARATOR_LINE.match(text)
    first_line = 2 if skipped else 1
    text = text[skipped.end() :] if skipped else text
    return list(_rows(text, path, first_line, needed))


def _read_utf8(path: Path) -> str:
    try:
        return read_text(path)
    except InputError as error:
        if error.expected != "UTF-8 text":
            raise
        raise InputError(
            error.where,
            error.found,
            "a table in UTF-8",
            "save it again as CSV in UTF-8 (Excel: 'CSV UTF-8'; LibreOffice: character set UTF-8)",
        ) from None


def _delimiter(text: str, needed: Sequence[str]) -> str:
    """Choose the delimiter under which the first line has the most of the needed columns."""
    first = text.split("\n", 1)[0].lower()

    def found(delimiter: str) -> int:
        cells = {cell.strip(' "\r') for cell in first.split(delimiter)}
        return len(cells.intersection(needed))

    return max(_DELIMITERS, key=found)


def _check_columns(columns: Sequence[str], needed: Sequence[str], where: str) -> None:
    missing = [name for name in needed if name not in columns]
    if missing:
        raise InputError(
            where,
            f"no column {', '.join(map(repr, missing))} among {', '.join(columns)!r:.80}",
            f"a first row with {', '.join(needed)}",
            "keep the first row as it was exported",
        )
    twice = [name for name in needed if columns.count(name) > 1]
    if twice:
        raise InputError(where, f"the column {twice[0]!r} twice", "each once", "remove one")


def _rows(text: str, path: Path, first_line: int, needed: Sequence[str]) -> Iterator[SheetRow]:
    file = io.StringIO(text, newline="")
    delimiter = _delimiter(text, needed)
    lines = quote_bare_marks(file) if delimiter == "\t" else file
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    # line breaks in cells make the number of a row and its line differ
    offset = first_line - 1
    try:
        columns = [name.strip().lower() for name in next(reader, [])]
        _check_columns(columns, needed, f"{path}:{first_line}")
        last = reader.line_num
        for number, cells in enumerate(reader, start=2):
            line, last = last + 1 + offset, reader.line_num
            where = f"{path}:{line}" + (f" (row {number})" if number != line else "")
            if any(cell.strip() for cell in cells):
                yield SheetRow(where, _by_column(columns, cells, where))
    except csv.Error as error:
        raise InputError(
            f"{path}:{reader.line_num + offset}",
            f"a broken row ({error})",
            "a table with quoted cells",
            "save it again as CSV",
        ) from None


def _by_column(columns: Sequence[str], cells: Sequence[str], where: str) -> dict[str, str]:
    if any(cell.strip() for cell in cells[len(columns) :]):
        raise InputError(
            where, f"{len(cells)} cells", f"{len(columns)} as in the first row", "mend the row"
        )
    missing = [""] * (len(columns) - len(cells))
    return dict(zip(columns, [*cells, *missing], strict=False))
