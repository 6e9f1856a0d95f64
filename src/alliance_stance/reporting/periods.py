"""Stretches of time that documents are counted by: years, quarters or months."""

from collections.abc import Iterable
from typing import Literal, get_args

from alliance_stance.errors import InputError
from alliance_stance.panels import choices
from alliance_stance.panels.periods import period_of, period_start

By = Literal["year", "quarter", "month"]
_PARTS = {"year": 1, "quarter": 4, "month": 12}
_MONTHS = 12


def check_by(by: str) -> By:
    """Take the name of a stretch of time.

    Raises
    ------
    InputError
        If it is none.
    """
    for name in get_args(By):
        if by == name:
            return by  # type: ignore[return-value]
    raise InputError("--by", repr(by), "year, quarter or month", "choose one of the three")


def period_number(date: str, by: By) -> int | None:
    """Give the number of the period that a date lies in; later ones have greater numbers.

    Parameters
    ----------
    date
        ``YYYY``, ``YYYY-MM``, ``YYYY-MM-DD`` or empty.
    by
        How long a period is.

    Returns
    -------
    int or None
        None where the date is in none (`panels.periods.period_of`): a year is in no month.

    Examples
    --------
    >>> period_number("1994-05-02", "quarter"), period_number("1994", "month")
    (7977, None)
    """
    name = period_of(date, choices.By(by))
    if name is None:
        return None
    year, month, _ = map(int, period_start(name).split("-"))
    parts = _PARTS[by]
    return year * parts + (month - 1) * parts // _MONTHS


def period_name(number: int, by: By) -> str:
    """Write a period, as in ``1994``, ``1994-Q2`` or ``1994-05``.

    Examples
    --------
    >>> period_name(7977, "quarter")
    '1994-Q2'
    """
    year, part = divmod(number, _PARTS[by])
    if by == "year":
        return f"{year:04}"
    return f"{year:04}-Q{part + 1}" if by == "quarter" else f"{year:04}-{part + 1:02}"


def all_periods(numbers: Iterable[int | None]) -> range:
    """Give every period from the first to the last, those without a document too."""
    known = [number for number in numbers if number is not None]
    return range(min(known), max(known) + 1) if known else range(0)
