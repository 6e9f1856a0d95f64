"""Months, quarters and years, as names that sort in the order of time."""

import re

from alliance_stance.panels.choices import By

# a table program writes years beside empty cells as 2024.0
_DATE = re.compile(r"((?!0000)\d{4})(?:[.,]0+|-(0[1-9]|1[0-2])(?:\D.*)?)?", re.ASCII | re.DOTALL)


def period_of(date: str, by: By) -> str | None:
    """Give the period that a date falls into.

    Parameters
    ----------
    date
        ``YYYY``, ``YYYY-MM``, ``YYYY-MM-DD`` or empty; a year may be written ``2024.0``.
    by
        Length of the period.

    Returns
    -------
    str or None
        None where the date does not tell, as a year does not tell the month, or is written
        otherwise, as in a file of scores from elsewhere.

    Examples
    --------
    >>> period_of("2024-05-17", By.QUARTER)
    '2024-Q2'
    >>> period_of("2024", By.MONTH) is None
    True
    """
    found = _DATE.fullmatch(date)
    if found is None:
        return None
    year, month = found.groups()
    if by is By.YEAR:
        return str(year)
    if month is None:
        return None
    return f"{year}-{month}" if by is By.MONTH else f"{year}-Q{(int(month) + 2) // 3}"


def period_start(period: str) -> str:
    """Give the first day of a period.

    Examples
    --------
    >>> period_start("2024-Q2"), period_start("1999"), period_start("2022-11")
    ('2024-04-01', '1999-01-01', '2022-11-01')
    """
    year, _, part = period.partition("-")
    if part.startswith("Q"):
        return f"{year}-{3 * int(part[1:]) - 2:02d}-01"
    return f"{year}-{part or '01'}-01"
