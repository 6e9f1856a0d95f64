"""Spellings of one string brought together, character by character, so that offsets hold."""

import unicodedata

_SAME = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\u00ad", "-"),
    **dict.fromkeys("\u2018\u2019\u201b\u02bc\u00b4`", "'"),
    **dict.fromkeys("\t\n\r\v\f\u00a0\u2002\u2003\u2009\u200a\u202f", " "),
}
_TABLE = str.maketrans(_SAME)


def normalize(text: str) -> str:
    r"""Bring hyphens, apostrophes and white space to one form; the length never changes.

    Examples
    --------
    >>> normalize("C\u00f4te d\u2019Ivoire\nand Trans\u2013Caspian")
    "Côte d'Ivoire and Trans-Caspian"
    """
    return text.translate(_TABLE)


def fold(text: str) -> str:
    """Lower-case a normalised text without changing its length.

    A few letters grow when lower-cased (the Turkish dotted capital I); they stay as they are.

    Examples
    --------
    >>> len(fold("\u0130zmir")) == len("\u0130zmir")
    True
    """
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := sign.lower()) == 1 else sign for sign in text)


def strip_accents(text: str) -> str:
    """Give the text without its accents ("Cote d'Ivoire"), for a second spelling of a name."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))
