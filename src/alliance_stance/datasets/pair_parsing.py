"""Rows of somebody's own set: which column is what, and what a cell may hold."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from alliance_stance.config import Section
from alliance_stance.datasets.pair_marking import Name
from alliance_stance.datasets.pair_rows import PairRow, document_of
from alliance_stance.datasets.pair_tables import TableRow
from alliance_stance.errors import DatasetError
from alliance_stance.schema import Stance


class PairColumns(Section):
    """Which column is what; a column that is not named is not read."""

    text: str = Field(description="The text that is judged.")
    holder: str | None = Field(description="Who holds the stance; null: the author of each text.")
    target: str = Field(description="What the stance is about.")
    stance: str = Field(description="The set's own label.")
    context: str | None = Field(None, description="Text before the text.")
    id: str | None = Field(None, description="Id of the row; else file name and line.")
    document: str | None = Field(
        None, description="What stays together in splits and intervals; else equal texts do."
    )
    holder_start: str | None = Field(None, description="First character of the holder in the text.")
    holder_end: str | None = Field(None, description="Character after the holder.")
    target_start: str | None = Field(None, description="First character of the target in the text.")
    target_end: str | None = Field(None, description="Character after the target.")

    @model_validator(mode="after")
    def _offsets_are_whole(self) -> Self:
        for name, start, end in (
            ("holder", self.holder_start, self.holder_end),
            ("target", self.target_start, self.target_end),
        ):
            if (start is None) != (end is None):
                raise ValueError(f"{name}_start and {name}_end: name both columns, or neither")
        if self.holder is None and self.holder_start is not None:
            raise ValueError("holder_start without holder: the author does not stand in the text")
        return self


def read_label(row: TableRow, column: str) -> str:
    """Give a label as text; numbers and truth values as JSON writes them.

    Raises
    ------
    DatasetError
        If there is none.
    """
    value = row.cells.get(column)
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float) or not str(value).strip():
        raise DatasetError(
            row.where, f"{column} {value!r:.40}", "a label", "fill it in, or remove the row"
        )
    return str(value).strip()


def read_pair(row: TableRow, label: str, stance: Stance, columns: PairColumns) -> PairRow:
    """Check a row, and make a pair of it.

    Raises
    ------
    DatasetError
        If it has no text or no target, a cell of another type, or offsets outside its text.
    """
    text = _string(row, columns.text)
    if not text.strip():
        raise DatasetError(row.where, f"{columns.text} {text!r:.40}", "a text", "fill it in")
    target = _string(row, columns.target)
    if not target.strip():
        raise DatasetError(
            row.where, f"no target in column {columns.target!r}", "a name", "fill it in"
        )
    holder = _string(row, columns.holder)
    context = _string(row, columns.context)
    row_id = (
        _identifier(row, columns.id) or f"{Path(row.where.rpartition(':')[0]).stem}:{row.number}"
    )
    return PairRow(
        id=row_id,
        document=_identifier(row, columns.document) or document_of(text),
        text=text,
        context=context,
        holder=_name(row, text, holder, (columns.holder_start, columns.holder_end)),
        target=_name(row, text, target, (columns.target_start, columns.target_end)),
        stance=stance,
        label=label,
    )


def _string(row: TableRow, column: str | None) -> str:
    """Give a cell that holds text; empty where there is no such column or cell."""
    value = None if column is None else row.cells.get(column)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise DatasetError(row.where, f"{column} {value!r:.40}", "text", "write it as a string")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise DatasetError(
            row.where, f"half a character (lone surrogate) in {column!r}", "valid Unicode",
            "remove it",
        ) from None  # fmt: skip
    return value


def _identifier(row: TableRow, column: str | None) -> str:
    value = None if column is None else row.cells.get(column)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return _string(row, column).strip()


def _name(
    row: TableRow, text: str, name: str, columns: tuple[str | None, str | None]
) -> Name | None:
    span = [_offset(row, column) for column in columns]
    if not name.strip():
        if span != [None, None]:
            raise DatasetError(row.where, "offsets without a name", "both", "mend the row")
        return None
    start, end = span
    if start is None and end is None:
        return Name(" ".join(name.split()))
    if (
        start is None
        or end is None
        or not (start < end <= len(text))
        or not text[start:end].strip()
    ):
        raise DatasetError(
            row.where, f"offsets {start} to {end} of {name!r:.40}",
            f"a part of the text, which has {len(text)} characters",
            "count characters from zero, the end not included; or empty both cells",
        )  # fmt: skip
    return Name(" ".join(name.split()), (start, end))


def _offset(row: TableRow, column: str | None) -> int | None:
    """Give an offset, None for an empty cell; a Parquet column with gaps may hold 5.0."""
    value = None if column is None else row.cells.get(column)
    if value is None or value == "":
        return None
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdecimal()):
        raise DatasetError(
            row.where, f"{column} {value!r:.40}", "a whole number from 0 on", "mend the row"
        )
    return int(text)
