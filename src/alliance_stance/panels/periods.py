"""Months, quarters and years, as names that sort in the order of time."""

from alliance_stance.panels.choices import By

_YEAR_DIGITS = 4
_MONTH_DIGITS = 7


def period_of(date: str, by: By) -> str | None:
    """Give the period that a date falls into.

    Parameters
    ----------
    date
        ``YYYY``, ``YYYY-MM``, ``YYYY-MM-DD`` or empty.
    by
        Length of the period.

    Returns
    -------
    str or None
        None where the date does not tell, as a year does not tell the month.

    Examples
    --------
    >>> period_of("2024-05-17", By.QUARTER)
    '2024-Q2'
    >>> period_of("2024", By.MONTH) is None
    True
    """
    if len(date) < _YEAR_DIGITS or (by is not By.YEAR and len(date) < _MONTH_DIGITS):
        return None
    if by is By.YEAR:
        return date[:_YEAR_DIGITS]
    if by is By.MONTH:
        return date[:_MONTH_DIGITS]
    return f"{date[:_YEAR_DIGITS]}-Q{(int(date[5:_MONTH_DIGITS]) + 2) // 3}"


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
