"""Of which year a sentence speaks: a history written today may call the Soviet Union "Moscow"."""

import re

_YEAR = re.compile(
    r"\b(?:(1[89]\d\d|20\d\d)s?|(?:nineteen-)?(twent|thirt|fort|fift|sixt|sevent|eight)ies)\b"
)
_DECADES = {
    "twent": "1925", "thirt": "1935", "fort": "1945", "fift": "1955", "sixt": "1965",
    "sevent": "1975", "eight": "1985",
}  # fmt: skip
_NOT_OF_ITS_TIME = re.compile(
    r"\b(?:since|because of|(?:his|her|their) (?:early |mid-|late )?)\s*$", re.IGNORECASE
)
"""What stands before a year from which on something is so, a reason, or somebody's age."""
_LONGEST_BEFORE = 20
_ASIDE = re.compile(r"\W{0,3}(?:The )?[A-Z]\w+, (?:which|whose)\b[^,;]*,")
"""What a sentence tells of its subject in passing ("Prague, which left in 1991, supports")."""
_OF_TODAY = re.compile(
    r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day(?!,? (?:\d|[A-Z][a-z]+ \d))|today|yesterday|"
    r"nowadays|currently|this (?:week|month|year))\b",
    re.IGNORECASE,
)
"""Words by which a report speaks of its own days; "Tuesday, 20 August 1968" is a date."""
_OF_NOW = re.compile(r"\b(?:now|still)\b", re.IGNORECASE)
"""Words by which a sentence leaves the time of the one before."""
_OPENING = re.compile(
    rf"\W{{0,3}}(?:In|By|During|Until|From|Between|Throughout) [\w -]{{0,20}}?{_YEAR.pattern}"
)


def year_spoken_of(sentence: str, before: str) -> str:
    """Give the year of which a sentence speaks: its own, else the one before's; empty for neither.

    A report of today may name the year of another thing ("a promise made in 1990"), which moves
    nobody's capital.

    Parameters
    ----------
    sentence
        A sentence.
    before
        The one before it.

    Examples
    --------
    >>> year_spoken_of("Moscow left.", "In 1975 rain fell.")
    '1975'
    >>> year_spoken_of("On Friday Moscow recalled a promise made in 1975.", "")
    ''
    """
    if _OF_TODAY.search(sentence) and not _OPENING.match(sentence):
        return ""
    return _year_of_its_time(sentence) or (
        "" if _OF_NOW.search(sentence) else _year_of_its_time(before)
    )


def _year_of_its_time(sentence: str) -> str:
    aside = _ASIDE.match(sentence)
    years = (
        latest_year(sentence, *year.span())
        for year in _YEAR.finditer(sentence, aside.end() if aside else 0)
        if not _NOT_OF_ITS_TIME.search(sentence[: year.start()][-_LONGEST_BEFORE:])
    )
    return max(years, default="")


def latest_year(text: str, start: int, end: int) -> str:
    """Give the latest year or decade that a stretch of text names; empty for none.

    Examples
    --------
    >>> text = "Between 1961 and the eighties Moscow was silent."
    >>> latest_year(text, 0, len(text))
    '1985'
    """
    years = (match[1] or _DECADES[match[2]] for match in _YEAR.finditer(text, start, end))
    return max(years, default="")
