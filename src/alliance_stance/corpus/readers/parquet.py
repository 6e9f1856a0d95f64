"""Parquet: one row, one document; read in batches, only the columns that are wanted."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from alliance_stance.corpus.readers.decoding import STDIN, read_bytes, whole_characters
from alliance_stance.corpus.readers.libraries import library
from alliance_stance.corpus.readers.rows import unit_row
from alliance_stance.corpus.readers.unit import Skipped, Unit
from alliance_stance.errors import InputError
from alliance_stance.schema import Document

_BATCH = 256


def read_parquet(unit: Unit) -> Iterator[Document | Skipped]:
    """Yield the rows that have a text.

    Raises
    ------
    InputError
        If it is no Parquet file, a column is missing or of another type, a date is of no known
        form, or no row has a text.
    """
    arrow = library("pyarrow", unit.where)
    library("pyarrow.parquet", unit.where)
    try:
        file = arrow.parquet.ParquetFile(_source(unit), pre_buffer=False)
        with file:
            yield from _documents(file, unit)
    except (arrow.ArrowException, OSError, UnicodeDecodeError) as error:
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


def _documents(table: Any, unit: Unit) -> Iterator[Document | Skipped]:  # noqa: ANN401
    names = list(table.schema_arrow.names)
    places = unit.columns.find(names, unit.where)
    number = empty = given = 0
    batches = table.iter_batches(batch_size=_BATCH, columns=[names[p] for p in places.values()])
    for batch in batches:
        columns = {key: _values(batch.column(names[place])) for key, place in places.items()}
        for row in range(batch.num_rows):
            number += 1
            cells = {key: values[row] for key, values in columns.items()}
            where = f"{unit.where}, row {number}"
            document = unit_row(unit, cells, where, number)
            empty += document is None
            if document is not None:
                given += isinstance(document, Document)
                yield document
    if empty:
        yield Skipped(unit.where, f"rows without a text: {empty}", empty)
    if not given:
        raise InputError(unit.where, "no row with a text", "one at least", "check the table")


def _values(column: Any) -> list[Any]:  # noqa: ANN401
    """Give a column's values; moments as days, since nanoseconds fit no Python date."""
    if str(column.type).startswith("timestamp"):
        import pyarrow.compute

        column = pyarrow.compute.cast(column, "date32", safe=False)
    return [whole_characters(v) if isinstance(v, str) else v for v in column.to_pylist()]
