"""Words and sentences that a scan or a typesetter cut, joined again, with the way back.

A typesetter also casts letters into one: the two letters "fi" may be one sign, a ligature.
Lines that end in a carriage return, as those of Windows do, end in a mere line break.

Names are searched in the joined text; every offset that leaves this room points into the original.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from alliance_stance.extraction.normalize import LIGATURES, spell_out

_CUT = re.compile(r"-[ \t]*\r?\n[ \t]*(?=[a-z\u00df-\u00ff\ufb00-\ufb06])")
"""A hyphen at the end of a line, inside a word or between two."""
_SOFT = re.compile("\u00ad(?:[ \t]*\r?\n[ \t]*)?")
_PAGE = re.compile(r"\n[ \t\r]*\n[ \t]*-[ \t]*\d{1,4}[ \t]*-[^\n]{0,60}\n[ \t\r]*\n?(?=\S)")
"""The number of a page, between the two halves of a sentence."""
_RETURN = re.compile(r"(?P<beside>\r+(?=\n)|(?<=\n)\r+)|\r")
"""What Windows writes beside a line break, and old Macintosh programs in place of one."""
_LIGATURE = re.compile(f"[{''.join(LIGATURES)}]")
_LETTERS_BEFORE = re.compile(r"[^\W\d_]+$")
_LETTERS = re.compile(r"[^\W\d_]+")
_LONGEST_WORD = 40


class Change(NamedTuple):
    """A part of a text that is left out of it, or replaced.

    Parameters
    ----------
    start, end
        Where it stands.
    letters
        What takes its place.
    """

    start: int
    end: int
    letters: str = ""


class Joined:
    r"""A text without its cuts, its ligatures spelt out.

    Parameters
    ----------
    original
        The text as it is.
    changes
        What is changed in it, in order.

    Examples
    --------
    >>> joined = Joined("In Bul-\ngaria.", [Change(6, 8)])
    >>> joined.text, joined.start(3), joined.end(11), joined.place(8)
    ('In Bulgaria.', 3, 13, 6)
    """

    def __init__(self, original: str, changes: Sequence[Change]) -> None:
        self.original = original
        self._changes = changes
        self._starts = [change.start for change in changes]
        self._places: list[int] = []
        self._shifts = [0]
        parts: list[str] = []
        position = 0
        for start, end, letters in changes:
            parts += original[position:start], letters
            self._places.append(start - self._shifts[-1])
            self._shifts.append(self._shifts[-1] + end - start - len(letters))
            position = end
        self.text = "".join((*parts, original[position:])) if changes else original

    @property
    def is_whole(self) -> bool:
        """Whether nothing was changed, so that all offsets are the original ones."""
        return not self._places

    def start(self, position: int) -> int:
        """Give the original offset of what begins at a position of the joined text."""
        index = bisect_right(self._places, position)
        if index and position < self._places[index - 1] + len(self._changes[index - 1].letters):
            return self._starts[index - 1]
        return position + self._shifts[index]

    def end(self, position: int) -> int:
        """Give the original offset of what ends at a position of the joined text."""
        index = bisect_left(self._places, position)
        if index and position <= self._places[index - 1] + len(self._changes[index - 1].letters):
            return self._changes[index - 1].end
        return position + self._shifts[index]

    def place(self, offset: int) -> int:
        """Give where a character of the original stands in the joined text.

        One that was left out gives the place of what follows it.
        """
        index = bisect_right(self._starts, offset)
        if index and offset < self._changes[index - 1].end:
            return self._places[index - 1]
        return offset - self._shifts[index]


def join(text: str, is_name: Callable[[str], bool]) -> Joined:
    """Join what is cut in a text, spell out its ligatures, and end its lines in line breaks.

    Parameters
    ----------
    text
        Any text.
    is_name
        Says whether a word is known; "Russian-" before "led" keeps its hyphen, "Bul-" before
        "garia" loses it.
    """
    changes: list[Change] = []
    for change in sorted(_changes(text, is_name)):
        if changes and change.start < changes[-1].end:
            # a soft hyphen in the head of a page goes with the page
            changes[-1] = changes[-1]._replace(end=max(change.end, changes[-1].end))
        else:
            changes.append(change)
    return Joined(text, changes)


def _changes(text: str, is_name: Callable[[str], bool]) -> Iterator[Change]:
    for start, end in _cuts(text, is_name):
        yield Change(start, end)
    if "\r" in text:
        for match in _RETURN.finditer(text):
            yield Change(*match.span(), "" if match["beside"] else "\n")
    if not text.isascii() and any(map(text.__contains__, LIGATURES)):
        for match in _LIGATURE.finditer(text):
            yield Change(*match.span(), LIGATURES[match[0]])


def _cuts(text: str, is_name: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
    """Yield what to leave out; most texts lack the signs, and are not searched any further."""
    for match in _CUT.finditer(text):
        if _is_inside_word(text, match, is_name):
            yield match.span()
    if "\u00ad" in text:
        yield from (match.span() for match in _SOFT.finditer(text))
    has_page = "-\n" in text or "-\r" in text or "- \n" in text or "-   " in text
    for match in _PAGE.finditer(text) if has_page else ():
        start = len(text[: match.start()].rstrip(" \t\r"))
        # one line break stays as the space between the halves
        if start and (text[start - 1].islower() or text[start - 1] in ",;"):
            yield start, match.end() - 1


def _is_inside_word(text: str, cut: re.Match[str], is_name: Callable[[str], bool]) -> bool:
    """Say whether a hyphen at a line's end is the printer's, not the word's own."""
    near = text[max(0, cut.start() - _LONGEST_WORD) : cut.start()]
    before, after = _LETTERS_BEFORE.search(near), _LETTERS.match(text, cut.end())
    if before is None or after is None:
        return False
    first = spell_out(before[0])
    return is_name(first + spell_out(after[0])) or not is_name(first)
