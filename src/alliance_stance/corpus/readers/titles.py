"""Titles that programs wrote into a file's properties, and that may be no titles."""

import re

from alliance_stance.corpus.readers.decoding import whole_characters

_NO_TITLE = re.compile(
    r"(?:untitled|document|dokument|title|microsoft (?:word|powerpoint) - .*|slide|layout|"
    r"(?:powerpoint |word )?presentation|print|scan)[ _\d]*|"
    r"[^ ]*[\d_/\\][^ ]*|.*\.(?:docx?|rtf|odt|pdf|indd|qxd|p65|pub|tex|dvi|html?|txt|wpd|xlsx?)",
    re.IGNORECASE,
)
_LONGEST = 300


def sane_title(title: str) -> str:
    """Give a title, or nothing where it is a file's name or a program's.

    Examples
    --------
    >>> sane_title("Address  to the Council"), sane_title("Microsoft Word - speech_v2.doc")
    ('Address to the Council', '')
    """
    title = " ".join(whole_characters(title).split())
    return "" if len(title) > _LONGEST or _NO_TITLE.fullmatch(title) else title
