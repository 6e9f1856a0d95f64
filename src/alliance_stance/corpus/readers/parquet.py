"""Parquet: one row, one document; read in batches, only the columns that are wanted."""

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

from alliance_stance.corpus.readers.decoding import LONGEST, STDIN, read_bytes, whole_characters
from alliance_stance.corpus.readers.libraries import library
from alliance_stance.corpus.readers.rows import unit_row
from alliance_stance.corpus.readers.unit import Skipped, Unit
from alliance_stance.errors import InputError
from alliance_stance.schema import Document

_ODD = (KeyError, OverflowError, ValueError)
"""What the library raises for a column of lists, and for dates that Python has none for."""
_BATCH = 256
_MOST_UNPACKED = 200
_UNPACKED_FREE = 2**24
"""As with gzip (`decoding`): small files that hold very much are bombs."""


def read_parquet(unit: Unit) -> Iterator[Document | Skipped]:
    """Yield the rows that have a text.

    Raises
    ------
    InputError
        If it is no Parquet file, a column is missing or of another type, a date is of no known
        form, or no row has a text. Also if a column unpacks, or repeats its texts, to very much
        more than the file's size.
    """
    arrow = library("pyarrow", unit.where)
    library("pyarrow.parquet", unit.where)
    try:
        source = _source(unit)
        with arrow.parquet.ParquetFile(source, pre_buffer=False) as table:
            names = list(table.schema_arrow.names)
            places = unit.columns.find(names, unit.where)
            _refuse_bomb(table.metadata, {names[place] for place in places.values()}, unit)
        wanted = [names[place] for place in places.values()]
        # a text that stands in many rows is kept once
        with arrow.parquet.ParquetFile(source, pre_buffer=False, read_dictionary=wanted) as table:
            yield from _documents(table, places, unit)
    except InputError:
        raise
    except (arrow.ArrowException, OSError, UnicodeDecodeError, *_ODD) as error:
        raise InputError(
            unit.where,
            f"no whole Parquet file ({str(error).splitlines()[0]:.80})",
            "a Parquet file with UTF-8 text",
            "write it again",
        ) from None


def _source(unit: Unit) -> str | BytesIO:
    """Give what the library opens; its table of contents stands at the end, so a stream is read."""
    is_stream = unit.path == STDIN or unit.path.suffix.lower() == ".gz"
    return BytesIO(read_bytes(unit.path)) if is_stream else str(unit.path)


def _refuse_bomb(metadata: Any, wanted: set[str], unit: Unit) -> None:  # noqa: ANN401
    for group in range(metadata.num_row_groups):
        for number in range(metadata.num_columns):
            column = metadata.row_group(group).column(number)
            most = max(_UNPACKED_FREE, _MOST_UNPACKED * column.total_compressed_size)
            if column.path_in_schema in wanted and column.total_uncompressed_size > most:
                raise _bomb(unit)


def _bomb(unit: Unit) -> InputError:
    return InputError(
        unit.where,
        f"columns that hold more than {_MOST_UNPACKED} times the file's size",
        "a table of texts",
        "write it again without its repetitions if you trust it",
    )


def _documents(
    table: Any,  # noqa: ANN401
    places: Mapping[str, int],
    unit: Unit,
) -> Iterator[Document | Skipped]:
    names = list(table.schema_arrow.names)
    number = empty = given = length = 0
    most = max(LONGEST, _MOST_UNPACKED * _size(unit))
    batches = table.iter_batches(batch_size=_BATCH, columns=[names[p] for p in places.values()])
    for batch in batches:
        columns = {key: _values(batch.column(names[place])) for key, place in places.items()}
        for row in range(batch.num_rows):
            number += 1
            cells = {key: _value(values[row]) for key, values in columns.items()}
            where = f"{unit.where}, row {number}"
            document = unit_row(unit, cells, where, number)
            empty += document is None
            # a row without a text costs something too
            length += len(document.text) if isinstance(document, Document) else 1
            if length > most:
                raise _bomb(unit)
            if document is not None:
                given += 1
                yield document
    if empty:
        yield Skipped(unit.where, f"rows without a text: {empty}", empty)
    if not given:
        raise InputError(unit.where, "no row with a text", "one at least", "check the table")


def _size(unit: Unit) -> int:
    return 0 if unit.path == STDIN else unit.path.stat().st_size


def _values(column: Any) -> Any:  # noqa: ANN401
    """Give a column to be asked row by row; moments as days: nanoseconds fit no Python date."""
    if str(column.type).startswith("timestamp"):
        import pyarrow.compute

        return pyarrow.compute.cast(column, "date32", safe=False)
    return column


def _value(cell: Any) -> Any:  # noqa: ANN401
    value = cell.as_py()
    return whole_characters(value) if isinstance(value, str) else value
