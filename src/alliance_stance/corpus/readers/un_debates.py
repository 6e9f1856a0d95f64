"""The United Nations General Debate Corpus: one statement a file, ``ISO_NN_YYYY.txt``.

Baturo, Dasandi and Mikhaylov 2017, "Understanding State Preferences With Text As Data", Research &
Politics 4(2). The name tells the state that speaks, the session and the year.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from alliance_stance.corpus.readers.decoding import read_text
from alliance_stance.corpus.readers.unit import Unit
from alliance_stance.errors import InputError
from alliance_stance.schema import Document

_NAME = re.compile(r"(?P<speaker>[A-Z]{2,4})_(?P<session>\d{2})_(?P<year>\d{4})")
_BEFORE_FIRST = 1945
"""The first session met in 1946, and every year has had one since."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What the name of a file tells."""

    speaker: str
    session: int
    year: str

    @property
    def title(self) -> str:
        """Give the document's title."""
        return f"UN General Debate statement, {self.speaker}, session {self.session} ({self.year})"

    @property
    def is_sure(self) -> bool:
        """Whether session and year fit, so that it is no chance likeness of names."""
        return int(self.year) == _BEFORE_FIRST + self.session


def parse_name(name: str) -> Statement | None:
    """Read a file's name without its ending; None for another form.

    Examples
    --------
    >>> parse_name("AFG_71_2016").title
    'UN General Debate statement, AFG, session 71 (2016)'
    """
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    return Statement(match["speaker"], int(match["session"]), match["year"])


def read_statement(unit: Unit) -> Iterator[Document]:
    r"""Yield the statement with its speaker and year; ``\r\n`` is read as ``\n``.

    Raises
    ------
    InputError
        If the file's name is of another form, or the file is no UTF-8 text.
    """
    statement = parse_name(unit.path.name.split(".")[0])
    if statement is None:
        raise InputError(
            unit.where, "a name of another form", "one like AFG_71_2016.txt", "give --format text"
        )
    text = read_text(unit.path).replace("\r\n", "\n")
    yield Document(unit.id, text, statement.title, statement.year, statement.speaker)
