"""Quotation marks in tab-separated tables, which table programs quote and most others do not."""

import re
from collections import deque
from collections.abc import Iterable, Iterator

from alliance_stance.corpus.readers.decoding import LONGEST

_MARK = '"'
_TAB_MARK = f"\t{_MARK}"
_INSIDE = re.compile(r'(?:[^"]|"")*+')
"""What a quoted cell holds behind its first mark, up to a mark that is not doubled."""
_OPEN = re.compile(rf'(?:\A|(?<=\t))"{_INSIDE.pattern}(?:(?P<end>\Z)|")')
"""A quoted cell; `end` if it goes on in the next line."""
_CELL = re.compile(r'(?:\A|(?<=\t))(?:(?P<quoted>"(?:[^"\t]|"")*+"(?=[\t\r\n]|\Z))|"[^\t\r\n]*+)')
"""A cell that begins with a mark, in a line that is a whole row."""


def quote_bare_marks(lines: Iterable[str]) -> Iterator[str]:
    r"""Give the lines of a tab-separated table so that `csv.reader` takes bare marks as they are.

    A cell is quoted where a mark begins it and another, not doubled, ends it. Any other mark is one
    of the text, and its cell is quoted here. So are two in different lines, each of them a whole
    row. Broken rows stay as they are, and so does all of a table whose first row has a quoted cell,
    since who wrote it quotes.

    Parameters
    ----------
    lines
        With or without their ends.

    Yields
    ------
    str
        As many lines as there are.

    Examples
    --------
    >>> import csv
    >>> lines = quote_bare_marks(["id\ttext\n", '1\t"Go," he said.\n', '2\t"We go."\n'])
    >>> list(csv.reader(lines, delimiter="\t"))
    [['id', 'text'], ['1', '"Go," he said.'], ['2', 'We go.']]
    """
    ahead = _Ahead(iter(lines))
    width = 0
    is_open = False
    for line in ahead:
        if not width and line.strip():
            if _has_mark(line):
                yield line
                break
            width = line.count("\t") + 1
        if is_open:
            is_open = _stays_open(line)
            yield line
        elif _has_mark(line):
            is_open, row = _row(line, ahead, width)
            yield row
        else:
            yield line
    yield from ahead


class _Ahead(Iterator[str]):
    """Lines of which the next ones may be looked at before they are taken."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._seen: deque[str] = deque()

    def __next__(self) -> str:
        return self._seen.popleft() if self._seen else next(self._lines)

    def look(self) -> Iterator[str]:
        """Yield the next lines, and keep them."""
        yield from self._seen
        for line in self._lines:
            self._seen.append(line)
            yield line


def _has_mark(line: str) -> bool:
    """Say whether a cell of a line begins with a mark."""
    return line.startswith(_MARK) or _TAB_MARK in line


def _row(line: str, ahead: _Ahead, width: int) -> tuple[bool, str]:
    """Give the line that begins a row, and whether the row goes on in the next one."""
    is_open = _goes_on(line, 0)
    if line.count("\t") + 1 != width or (is_open and not _are_rows(ahead.look(), width)):
        return is_open, line
    return False, _CELL.sub(_quoted, line)


def _quoted(cell: re.Match[str]) -> str:
    return cell[0] if cell["quoted"] else _MARK + cell[0].replace(_MARK, 2 * _MARK) + _MARK


def _are_rows(lines: Iterator[str], width: int) -> bool:
    """Say whether each line up to the next mark that is not doubled is a whole row.

    In a table of one column every line of a text would be.
    """
    length = 0
    for line in lines:
        is_row = line.count("\t") + 1 == width and not line[:1].isspace()
        if line.strip() and not is_row:
            return False
        length += len(line)
        if _inside(line) < len(line) or length > LONGEST:
            break
    return width > 1


def _stays_open(line: str) -> bool:
    """Say whether the quoted cell in which a line begins, or a later one, goes on behind it."""
    closing = _inside(line)
    return closing == len(line) or _goes_on(line, closing + 1)


def _inside(line: str) -> int:
    """Give how far the quoted cell reaches in which a line begins."""
    match = _INSIDE.match(line)
    return match.end() if match else 0


def _goes_on(line: str, start: int) -> bool:
    """Say whether the last quoted cell of a line, from a place on, goes on in the next one."""
    return any(cell["end"] is not None for cell in _OPEN.finditer(line, start))
