"""CSV and TSV: one row, one document; read row by row."""

import csv
import re
from collections.abc import Collection, Iterator
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from alliance_stance.corpus.readers.bare_marks import quote_bare_marks
from alliance_stance.corpus.readers.decoding import LONGEST, input_name, read_lines
from alliance_stance.corpus.readers.rows import unit_row
from alliance_stance.corpus.readers.unit import Skipped, Unit
from alliance_stance.errors import InputError
from alliance_stance.schema import Document

_DELIMITERS = ",;\t|"
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?", re.IGNORECASE)


def read_csv(unit: Unit) -> Iterator[Document | Skipped]:
    """Yield the rows that have a text; the delimiter is found in the first row.

    Raises
    ------
    InputError
        If a column is missing, a row is broken or has more cells than the first, or a date is of
        no known form; rows before it have been given. Also if no row has a text.
    """
    yield from _read(unit, None)


def read_tsv(unit: Unit) -> Iterator[Document | Skipped]:
    """Yield the rows that have a text, with tabs between the cells.

    Raises
    ------
    InputError
        As `read_csv` does.
    """
    yield from _read(unit, "\t")


class TableRow(NamedTuple):
    """A row with its place: file, line, and the number of the row below the first."""

    where: str
    number: int
    cells: list[str]


def table_rows(
    path: Path, wanted: Collection[str], delimiter: str | None = None
) -> Iterator[TableRow]:
    """Yield the rows of a table, first the names of its columns; blank rows are left out.

    A byte-order mark and a line ``sep=;`` may stand in front. A row may be shorter than the first.

    Parameters
    ----------
    path
        The file.
    wanted
        Names of columns, by which the delimiter is found.
    delimiter
        If it is known.

    Raises
    ------
    InputError
        If the file is no UTF-8 text, or a row is broken or longer than the first.
    """
    # the library's own limit, 131,072 characters, is less than a long speech
    csv.field_size_limit(LONGEST)
    lines = read_lines(path)
    first = next(lines, "")
    before = 0
    if (separator := _SEPARATOR_LINE.fullmatch(first)) is not None:
        delimiter, first, before = separator[1], next(lines, ""), 1
    delimiter = delimiter or _delimiter(first, wanted)
    ended = (line + "\n" for line in chain([first], lines))
    rows = csv.reader(
        quote_bare_marks(ended) if delimiter == "\t" else ended, delimiter=delimiter, strict=True
    )
    number = last = width = 0
    try:
        for cells in rows:
            line, last = last + 1, rows.line_num
            if not any(cells):
                continue
            # line breaks in cells make the number of a row and its line differ
            where = f"{input_name(path)}:{line + before}" + (f" (row {number})" if number else "")
            width = width or len(cells)
            _check_length(cells, width, where)
            yield TableRow(where, number, cells)
            number += 1
    except csv.Error as error:
        raise InputError(
            f"{input_name(path)}:{rows.line_num + before}",
            f"a broken row ({error})",
            "a table whose cells are quoted where they hold quotation marks or line breaks",
            "save it again as CSV",
        ) from None


def _read(unit: Unit, delimiter: str | None) -> Iterator[Document | Skipped]:
    wanted = [name or key for key, name in asdict(unit.columns).items()]
    places: dict[str, int] = {}
    given = empty = 0
    for where, number, cells in table_rows(unit.path, wanted, delimiter):
        if not number:
            places = unit.columns.find(cells, where)
            continue
        row = {key: cells[place] if place < len(cells) else "" for key, place in places.items()}
        document = unit_row(unit, row, where, number)
        if document is None:
            empty += 1
            continue
        given += 1
        yield document
    if empty:
        yield Skipped(unit.where, f"rows without a text: {empty}", empty)
    if not given:
        raise InputError(unit.where, "no row with a text", "one at least", "check the table")


def _check_length(cells: list[str], width: int, where: str) -> None:
    """Refuse a row with more cells than columns, whose text most likely was cut at a comma."""
    if any(cell.strip() for cell in cells[width:]):
        raise InputError(
            where,
            f"{len(cells)} cells",
            f"{width} as in the first row",
            "put the text into quotation marks",
        )


def _delimiter(first: str, wanted: Collection[str]) -> str:
    """Choose the delimiter under which the first row shows most of the wanted columns."""
    known = {name.lower() for name in wanted}

    def found(delimiter: str) -> tuple[int, int]:
        cells = [cell.strip(' "\r').lower() for cell in first.split(delimiter)]
        return len(known.intersection(cells)), len(cells)

    return max(_DELIMITERS, key=found)
