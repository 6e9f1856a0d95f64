"""Texts of others on a terminal: their letters, not their commands."""

import re

_COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def printable(text: str) -> str:
    r"""Replace control characters, which can move a cursor or rename a window, by U+FFFD.

    Line breaks and tabs stay.

    Examples
    --------
    >>> printable("Peru\x1b[2J left.")
    'Peru\ufffd[2J left.'
    """
    return _COMMANDS.sub("\ufffd", text)
