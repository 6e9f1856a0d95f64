"""Words and sentences that a scan or a typesetter cut, joined again, with the way back.

Names are searched in the joined text; every offset that leaves this room points into the original.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator

_CUT = re.compile(r"(?<=[^\W\d_])-[ \t]*\r?\n[ \t]*(?=[a-z\u00df-\u00ff])")
"""A hyphen at the end of a line, inside a word or between two."""
_SOFT = re.compile("\u00ad(?:[ \t]*\r?\n[ \t]*)?")
_PAGE = re.compile(
    r"(?<=[a-z,;])[ \t]*\n[ \t]*\n[ \t]*-[ \t]*\d{1,4}[ \t]*-[^\n]{0,60}\n[ \t]*\n?(?=\S)"
)
"""The number of a page, between the two halves of a sentence."""
_LETTERS_BEFORE = re.compile(r"[^\W\d_]+$")
_LETTERS = re.compile(r"[^\W\d_]+")
_LONGEST_WORD = 40


class Joined:
    """A text without its cuts.

    Parameters
    ----------
    original
        The text as it is.
    cuts
        Start and end of what is left out of it, in order.

    Examples
    --------
    >>> joined = Joined("In Bul-\\ngaria.", [(6, 8)])
    >>> joined.text, joined.start(3), joined.end(11)
    ('In Bulgaria.', 3, 13)
    """

    def __init__(self, original: str, cuts: list[tuple[int, int]]) -> None:
        self.original = original
        self._places: list[int] = []
        self._lengths = [0]
        parts = []
        position = 0
        for start, end in cuts:
            parts.append(original[position:start])
            self._places.append(start - self._lengths[-1])
            self._lengths.append(self._lengths[-1] + end - start)
            position = end
        self.text = "".join((*parts, original[position:])) if cuts else original

    def start(self, position: int) -> int:
        """Give the original offset of what begins at a position of the joined text."""
        return position + self._lengths[bisect_right(self._places, position)]

    def end(self, position: int) -> int:
        """Give the original offset of what ends at a position of the joined text."""
        return position + self._lengths[bisect_left(self._places, position)]


def join(text: str, is_name: Callable[[str], bool]) -> Joined:
    """Join what is cut in a text.

    Parameters
    ----------
    text
        Any text.
    is_name
        Says whether a word is known; "Russian-" before "led" keeps its hyphen, "Bul-" before
        "garia" loses it.
    """
    if "-\n" not in text and "\u00ad" not in text and "\n\n" not in text and "- \n" not in text:
        return Joined(text, [])
    return Joined(text, sorted(_cuts(text, is_name)))


def _cuts(text: str, is_name: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
    for match in _CUT.finditer(text):
        before = _LETTERS_BEFORE.search(text, max(0, match.start() - _LONGEST_WORD), match.start())
        after = _LETTERS.match(text, match.end())
        left, right = before[0] if before else "", after[0] if after else ""
        if is_name(left + right) or not is_name(left):
            yield match.span()
    yield from (match.span() for match in _SOFT.finditer(text))
    # one line break stays as the space between the halves
    yield from ((match.start(), match.end() - 1) for match in _PAGE.finditer(text))
