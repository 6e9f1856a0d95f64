"""Rows of a data frame, pandas' or Spark's, as lines of the exchange format (docs/formats.md)."""

from collections.abc import Mapping, Sized
from typing import Any

from alliance_stance.corpus.dates import plain_date

_PLAIN = (str, int, float, list, dict)
_IDS = ("id", "document")


def plain_row(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Give a row the values that a line of JSON would have; empty cells are left out.

    An array becomes a list, and an id of 3.0 is 3. A date is read as in a table: a timestamp gives
    its day, and a number is a year. What is no date stays, to be told as in any line.

    Parameters
    ----------
    row
        Cells by column.

    Examples
    --------
    >>> from datetime import datetime
    >>> plain_row({"text": "It rained.", "date": datetime(2024, 3, 1), "title": None})
    {'text': 'It rained.', 'date': '2024-03-01'}
    """
    told = {str(key): _plain(key, cell) for key, cell in row.items() if not is_absent(cell)}
    if not told.get("date"):
        # "NaN" or "null", in words
        told.pop("date", None)
    return told


def is_absent(cell: object) -> bool:
    """Say whether a cell is empty: None, NaN, NaT or pandas' NA.

    Examples
    --------
    >>> is_absent(float("nan")), is_absent(""), is_absent([])
    (True, False, False)
    """
    if cell is None:
        return True
    if isinstance(cell, Sized):
        # an array is neither equal to itself nor not
        return False
    try:
        # NaN and NaT are the values that differ from themselves
        return bool(cell != cell)
    except TypeError:
        # pandas' NA will not say
        return True


def _plain(key: object, cell: Any) -> Any:  # noqa: ANN401 - a cell may hold anything
    if key == "date":
        try:
            return plain_date(cell)
        except ValueError:
            return _plain("", cell)
    # arrays and numbers of NumPy
    given = cell.tolist() if hasattr(cell, "tolist") else cell
    if key in _IDS and isinstance(given, float) and given.is_integer():
        # as pandas has whole numbers beside empty cells
        return int(given)
    return given if isinstance(given, _PLAIN) else str(given)
