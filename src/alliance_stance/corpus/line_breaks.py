"""Where a line break ends a sentence: at headings, headlines, items of a list and short lines."""

import re
from collections.abc import Iterator

_LIST_ITEM = re.compile(r"\n(?=[ \t]*(?:[-*\u2022\u2013\u2014] |\(?(?:\d{1,2}|[a-z]|[ivx]+)[.)] ))")
_OPENER = re.compile(
    r"\n(?=[ \t]*[\"\u201c(]?(?:(?:The|An?|In|On|At|For|From|It|Its|He|She|They|We|This|That|"
    r"These|Those|When|After|Before|As|But|And|If|While|There|By|With|Two|Three|Some|Many|No) |"
    r"[A-Z]{3,}[A-Z ,/]*(?: \(|, )))"
)
"""A line break before a word that opens sentences, or before a dateline."""
_SHORT_LINE = 0.6
"""A line that fills less of its paragraph's width than this was ended, not wrapped."""
_MARKED = re.compile(r"^[ \t]*(?:#{1,6}[ \t][^\n]*|\|[^\n]*\|[ \t]*$)", re.MULTILINE)
"""A heading or a row of a table in Markdown."""
_UNDERLINE = re.compile(r"^[ \t]*(?:={3,}|-{3,})[ \t]*$", re.MULTILINE)
_LINE = r"[^\S\n]*+\S[^\n]*+"
_THREE_LINES = re.compile(rf"^{_LINE}(?:\n{_LINE}){{2,}}", re.MULTILINE)
"""A paragraph of three lines or more: of two that begin with a capital, one may be wrapped."""
_WHITE_LINE = re.compile(r"\n[^\S\n]+\n\s*")
"""A blank line that is not empty, which sentencex reads over."""
_FIGURES = re.compile(r"[\d/ -]*")
"""The number of a page, which scans set between two such lines in the middle of a sentence."""
_RUNS_ON = re.compile(
    r"(?:[,;\u2013\u2014-]|\b(?:the|an?|of|and|or|in|on|at|to|for|by|with|from|as|that|which|who|"
    r"is|are|was|were|be|has|have|had|will|would|its|his|her|their|our|between|against|under))$"
)
"""How a line ends whose sentence goes on."""
_ENDS = (".", "!", "?", "\u2026")
_PROSE = re.compile(r"[.!?] ")
_LONGEST_HEADING = 120
_OPENING = " ([\u2018'"
_NEAR = 4
"""Signs that may stand before a capital, and the capital."""


def block_cuts(text: str) -> list[int]:
    r"""Give where lines end that are no prose, whatever stands around them, in order.

    Headings and rows of tables in Markdown; a heading or a full stop before a line of white space;
    and headlines one below the other, three or more: each begins with a capital or a number, and
    none ends in a stop, as no paragraph of prose that was wrapped does. Capitals say nothing in a
    paragraph that has no other letters.

    Examples
    --------
    >>> block_cuts("# Aid\nPeru gave some."), block_cuts("Peru gave\nChile took\nCuba saw")
    ([0, 5], [10, 21])
    """
    cuts = {place for line in _MARKED.finditer(text) for place in line.span()}
    cuts.update(line.end() for line in _UNDERLINE.finditer(text))
    cuts.update(white.end() for white in _WHITE_LINE.finditer(text) if _ends(text, white))
    for paragraph in _THREE_LINES.finditer(text):
        if _are_headlines(paragraph[0]):
            first, last = paragraph.span()
            cuts.update(first + at + 1 for at, sign in enumerate(text[first:last]) if sign == "\n")
    return sorted(cuts)


def _ends(text: str, white: re.Match[str]) -> bool:
    """Say whether a sentence ends before a line of white space, where a page may end, too."""
    begin = text.rfind("\n", 0, white.start()) + 1
    line = text[begin : white.start()].strip()
    if not _begins_with_capital(text[white.end() : white.end() + _NEAR]):
        return False
    if line.endswith(_ENDS):
        return True
    before = text[text.rfind("\n", 0, max(0, begin - 1)) + 1 : begin]
    is_heading = not before.strip() and _PROSE.search(line) is None and len(line) < _LONGEST_HEADING
    return is_heading and _FIGURES.fullmatch(line) is None and _RUNS_ON.search(line) is None


def _are_headlines(paragraph: str) -> bool:
    lines = [line.strip() for line in paragraph.split("\n")]
    return not paragraph.isupper() and all(
        (_begins_with_capital(line) or line[:1].isdecimal())
        and not line.endswith((".", ":"))
        and _RUNS_ON.search(line) is None
        for line in lines
    )


def _begins_with_capital(text: str) -> bool:
    return text.lstrip(_OPENING)[:1].isupper()


def line_cuts(piece: str, offset: int) -> Iterator[int]:
    """Yield where a line break ends a sentence inside of what may be one.

    Parameters
    ----------
    piece
        A sentence, or several with no stop between them.
    offset
        Where it begins; it is added to what is yielded.
    """
    if "\n" not in piece:
        return
    items = [match.end() for match in _LIST_ITEM.finditer(piece)]
    if items:
        yield from (offset + item for item in items)
        return
    width = max(map(len, piece.strip().split("\n")))
    for match in _OPENER.finditer(piece):
        line = piece[piece.rfind("\n", 0, match.start()) + 1 : match.start()].strip()
        if line and len(line) < _SHORT_LINE * width and line[-1] not in ",;-\u2013\u2014":
            yield offset + match.end()
