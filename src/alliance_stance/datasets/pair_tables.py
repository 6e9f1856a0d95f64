"""Tables of other people's sets: JSON lines, CSV, TSV and Parquet, row by row, with their place."""

import codecs
import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from alliance_stance.corpus.readers.bare_marks import quote_bare_marks
from alliance_stance.errors import DatasetError

TableFormat = Literal["jsonl", "csv", "tsv", "parquet"]

FORMATS: Mapping[str, TableFormat] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
}
"""Formats by file name ending."""

_DELIMITERS = {"csv": ",", "tsv": "\t"}


class TableRow(NamedTuple):
    """A row of a table.

    Parameters
    ----------
    where
        File and line at which the row begins, for errors; in Parquet the row's number from 1.
    number
        That line or row.
    cells
        Keyed by column.
    """

    where: str
    number: int
    cells: dict[str, Any]


def table_format(path: Path, given: TableFormat | None = None) -> TableFormat:
    """Give the format of a file: the given one, else that of its ending.

    Raises
    ------
    DatasetError
        If the ending is none of `FORMATS`.
    """
    if given is None and path.suffix.lower() not in FORMATS:
        raise DatasetError(
            str(path), f"the ending {path.suffix!r}", f"one of {', '.join(FORMATS)}",
            "set 'format' in the recipe, or convert the file",
        )  # fmt: skip
    return given or FORMATS[path.suffix.lower()]


def read_table(
    path: Path, kind: TableFormat, *, encoding: str = "utf-8", is_quoted: bool = True
) -> Iterator[TableRow]:
    """Yield the rows of a table.

    Parameters
    ----------
    path
        The file.
    kind
        Its format; CSV and TSV have a header.
    encoding
        Of a text file; a byte-order mark of UTF-8 is left out.
    is_quoted
        False where a quotation mark in CSV or TSV is a character as any other.

    Raises
    ------
    DatasetError
        If there is no such file, it is in another encoding, or a row is malformed.
    """
    if not path.is_file():
        raise DatasetError(str(path), "no such file", "a table", "correct 'path' in the recipe")
    if kind == "parquet":
        return _parquet_rows(path)
    lines = _lines(path, encoding)
    if kind == "jsonl":
        return _json_rows(path, lines)
    if kind == "tsv" and is_quoted:
        lines = quote_bare_marks(lines)
    return _delimited_rows(path, lines, _DELIMITERS[kind], is_quoted=is_quoted)


def _lines(path: Path, encoding: str) -> Iterator[str]:
    r"""Yield the lines with their ends; a line ends at ``\n`` only, as JSON wants it."""
    codec = "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding
    try:
        with path.open(encoding=codec, newline="\n") as file:
            yield from file
    except UnicodeError:  # one that names no byte: UTF-16 without its mark
        raise _undecodable(path, encoding) from None


def _undecodable(path: Path, encoding: str) -> DatasetError:
    """Find the place again: while reading, text is decoded in blocks."""
    raw = path.read_bytes()
    where, found = str(path), "bytes of another encoding"
    try:
        raw.decode(encoding)
    except UnicodeError as error:
        if isinstance(error, UnicodeDecodeError):
            line = raw.count(b"\n", 0, error.start) + 1
            where = f"{path}:{line}"
            found = f"byte 0x{raw[error.start]:02x}"
    return DatasetError(
        where, found, f"text in {encoding}", "set 'encoding' in the recipe, or convert the file"
    )


def _json_rows(path: Path, lines: Iterable[str]) -> Iterator[TableRow]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            problem = str(error).splitlines()[0]
            raise DatasetError(
                where, f"no JSON ({problem})", "one JSON object", "mend it"
            ) from None
        if not isinstance(row, dict):
            raise DatasetError(where, f"a JSON {type(row).__name__}", "one JSON object", "mend it")
        yield TableRow(where, number, row)


def _delimited_rows(
    path: Path, lines: Iterable[str], delimiter: str, *, is_quoted: bool
) -> Iterator[TableRow]:
    reader = csv.reader(
        lines,
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if is_quoted else csv.QUOTE_NONE,
        strict=True,
    )
    header: list[str] | None = None
    start = 1
    try:
        for cells in reader:
            number, start = start, reader.line_num + 1
            if not cells:
                continue
            if header is None:
                header = _check_header(cells, f"{path}:{number}")
                continue
            if len(cells) != len(header):
                raise DatasetError(
                    f"{path}:{number}", f"{len(cells)} cells", f"{len(header)} cells",
                    "mend the row, or set 'quoted' in the recipe as the file was written",
                )  # fmt: skip
            yield TableRow(f"{path}:{number}", number, dict(zip(header, cells, strict=True)))
    except csv.Error as error:
        raise DatasetError(
            f"{path}:{start}", f"a row that cannot be read ({error})", "closed quotation marks",
            "mend the row, or set 'quoted: false' where quotation marks mean nothing",
        ) from None  # fmt: skip


def _check_header(cells: list[str], where: str) -> list[str]:
    twice = sorted({cell for cell in cells if cells.count(cell) > 1})
    if twice:
        raise DatasetError(where, f"columns {twice} twice", "a header of names", "rename them")
    return cells


def _parquet_rows(path: Path) -> Iterator[TableRow]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        number = 0
        for batch in pq.ParquetFile(path).iter_batches():
            for row in batch.to_pylist():
                number += 1
                yield TableRow(f"{path}:{number}", number, row)
    except (pa.ArrowException, OSError) as error:
        problem = " ".join(str(error).split())
        raise DatasetError(str(path), problem, "a Parquet file", "write it again") from None
