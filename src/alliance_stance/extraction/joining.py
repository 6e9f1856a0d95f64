"""Words and sentences that a scan or a typesetter cut, joined again, with the way back.

Names are searched in the joined text; every offset that leaves this room points into the original.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator

_CUT = re.compile(r"-[ \t]*\r?\n[ \t]*(?=[a-z\u00df-\u00ff])")
"""A hyphen at the end of a line, inside a word or between two."""
_SOFT = re.compile("\u00ad(?:[ \t]*\r?\n[ \t]*)?")
_PAGE = re.compile(r"\n[ \t]*\n[ \t]*-[ \t]*\d{1,4}[ \t]*-[^\n]{0,60}\n[ \t]*\n?(?=\S)")
"""The number of a page, between the two halves of a sentence."""
_LETTERS_BEFORE = re.compile(r"[^\W\d_]+$")
_LETTERS = re.compile(r"[^\W\d_]+")
_LONGEST_WORD = 40


class Joined:
    r"""A text without its cuts.

    Parameters
    ----------
    original
        The text as it is.
    cuts
        Start and end of what is left out of it, in order.

    Examples
    --------
    >>> joined = Joined("In Bul-\ngaria.", [(6, 8)])
    >>> joined.text, joined.start(3), joined.end(11), joined.place(8)
    ('In Bulgaria.', 3, 13, 6)
    """

    def __init__(self, original: str, cuts: list[tuple[int, int]]) -> None:
        self.original = original
        self._places: list[int] = []
        self._cut_starts = [start for start, _ in cuts]
        self._lengths = [0]
        parts = []
        position = 0
        for start, end in cuts:
            parts.append(original[position:start])
            self._places.append(start - self._lengths[-1])
            self._lengths.append(self._lengths[-1] + end - start)
            position = end
        self.text = "".join((*parts, original[position:])) if cuts else original

    @property
    def is_whole(self) -> bool:
        """Whether nothing was left out, so that all offsets are the original ones."""
        return not self._places

    def start(self, position: int) -> int:
        """Give the original offset of what begins at a position of the joined text."""
        return position + self._lengths[bisect_right(self._places, position)]

    def end(self, position: int) -> int:
        """Give the original offset of what ends at a position of the joined text."""
        return position + self._lengths[bisect_left(self._places, position)]

    def place(self, offset: int) -> int:
        """Give where a character of the original stands in the joined text.

        One that was left out gives the place of what follows it.
        """
        index = bisect_right(self._cut_starts, offset)
        if index and offset < self._cut_starts[index - 1] + self._cut_length(index - 1):
            return self._places[index - 1]
        return offset - self._lengths[index]

    def _cut_length(self, index: int) -> int:
        return self._lengths[index + 1] - self._lengths[index]


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
    cuts: list[tuple[int, int]] = []
    for start, end in sorted(_cuts(text, is_name)):
        if cuts and start < cuts[-1][1]:
            # a soft hyphen in the head of a page goes with the page
            cuts[-1] = cuts[-1][0], max(end, cuts[-1][1])
        else:
            cuts.append((start, end))
    return Joined(text, cuts)


def _cuts(text: str, is_name: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
    """Yield what to leave out; most texts lack the signs, and are not searched any further."""
    for match in _CUT.finditer(text):
        if _is_inside_word(text, match, is_name):
            yield match.span()
    if "\u00ad" in text:
        yield from (match.span() for match in _SOFT.finditer(text))
    has_page = "-\n" in text or "-\r" in text or "- \n" in text or "-   " in text
    for match in _PAGE.finditer(text) if has_page else ():
        start = len(text[: match.start()].rstrip(" \t"))
        # one line break stays as the space between the halves
        if start and (text[start - 1].islower() or text[start - 1] in ",;"):
            yield start, match.end() - 1


def _is_inside_word(text: str, cut: re.Match[str], is_name: Callable[[str], bool]) -> bool:
    """Say whether a hyphen at a line's end is the printer's, not the word's own."""
    near = text[max(0, cut.start() - _LONGEST_WORD) : cut.start()]
    before, after = _LETTERS_BEFORE.search(near), _LETTERS.match(text, cut.end())
    if before is None or after is None:
        return False
    return is_name(before[0] + after[0]) or not is_name(before[0])
