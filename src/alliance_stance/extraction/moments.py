"""Of which year a sentence speaks: a history written today may call the Soviet Union "Moscow"."""

import re

_YEAR = re.compile(
    r"\b(?:(1[89]\d\d|20\d\d)s?|(?:nineteen-)?(twent|thirt|fort|fift|sixt|sevent|eight)ies)\b"
)
_DECADES = {
    "twent": "1925", "thirt": "1935", "fort": "1945", "fift": "1955", "sixt": "1965",
    "sevent": "1975", "eight": "1985",
}  # fmt: skip


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
