"""Dates as other people write them, brought to the one form of the project."""

import re
from datetime import date, datetime

_NOTHING = frozenset({"", "nan", "nat", "none", "null", "na", "n/a"})
_MONTHS = (
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
)  # fmt: skip
_NAME = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_WEEKDAY = r"(?:[a-z]{3,9},? )?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_ZONE = r" ?(?:Z|UTC|GMT|[+-](?:0\d|1[0-4]):[0-5]\d)"
"""Dates in XML may have one without a time; the day is the one that is written."""
_TIME = r"(?:,? (?:at )?\d{1,2}:\d{2}\b.*)?"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        # a table program writes years beside empty cells as 2024.0
        r"(?P<year>\d{4})(?:[.,]0+)?",
        # 2024.5 is May to one and July to another, and a program writes October's 2024.10 as 2024.1
        r"(?P<year>\d{4})[-/](?P<month>\d{1,2})",
        r"(?P<year>\d{4})(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})"
        rf"(?:[T ]+\d{{1,2}}:?\d{{2}}.*|{_ZONE})?",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:\.0|T\d{4}.*)?",
        rf"{_WEEKDAY}{_DAY} {_NAME},? (?P<year>\d{{4}}){_TIME}",
        rf"{_WEEKDAY}{_NAME} {_DAY},? (?P<year>\d{{4}}){_TIME}",
        rf"{_NAME},? (?P<year>\d{{4}})",
    )
)
"""The year has four digits, and the month stands beside it or in words.

03/04/2024 and 2024.5 are no form.
"""
DATE_FORMS = "YYYY, YYYY-MM or YYYY-MM-DD, or a form such as 2024/03/01 or 1 March 2024"
_LONGEST = 80


def plain_date(value: object) -> str:
    """Give a date as ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``.

    Parameters
    ----------
    value
        A text, a number or a date; None, NaN and "null" are no date.

    Returns
    -------
    str
        Empty for no date.

    Raises
    ------
    ValueError
        If the text can be read in two ways (03/04/2024, 2024.5), in none, or names no day of the
        calendar.

    Examples
    --------
    >>> plain_date("2024-03-01T10:00:00Z"), plain_date("March 1, 2024"), plain_date(1987)
    ('2024-03-01', '2024-03-01', '1987')
    """
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    text = " ".join(str(value)[: _LONGEST + 1].split())
    if text.lower() in _NOTHING:
        return ""
    for form in _FORMS:
        match = form.fullmatch(text)
        if match is not None and len(text) <= _LONGEST:
            return _checked(match)
    raise ValueError(text)


def _checked(match: re.Match[str]) -> str:
    parts = match.groupdict()
    year = parts["year"]
    month = parts.get("month")
    if parts.get("name"):
        month = str(_MONTHS.index(parts["name"][:3].lower()) + 1)
    day = parts.get("day")
    # the calendar refuses what cannot be
    date(int(year), int(month or 1), int(day or 1))
    return "-".join(part.zfill(2) for part in (year, month, day) if part)
