"""What a reader is given and what it gives: units, and what of them could not be read."""

from dataclasses import dataclass, field
from pathlib import Path

from alliance_stance.corpus.facts import Facts
from alliance_stance.corpus.readers.columns import Columns
from alliance_stance.corpus.readers.decoding import input_name


@dataclass(frozen=True, slots=True)
class Unit:
    """One file, or standard input, and all that a reader must know of it; it can be pickled.

    Parameters
    ----------
    path
        The file, or ``-``.
    format
        A name of `table.FORMATS`.
    id
        Of the document, where the file is one; unique among the units of a list.
    is_alone
        Whether it is the one file that was asked for. Else the documents inside, where they are
        many, are named with the unit's id in front, and an unreadable unit is left out.
    columns
        For tables.
    facts
        What the table of metadata tells of this file.
    told_by
        Name of the row that tells it; empty for none.
    is_patient
        Whether a line or a row that cannot be read is told as `Skipped`, and those behind it are
        read; else it ends the reading.
    """

    path: Path
    format: str
    id: str
    is_alone: bool = False
    columns: Columns = field(default_factory=Columns)
    facts: Facts = field(default_factory=Facts)
    told_by: str = ""
    is_patient: bool = False

    @property
    def where(self) -> str:
        """Its name in errors."""
        return input_name(self.path)

    def inner_id(self, name: object) -> str:
        """Give the id of a document inside the unit that has no id of its own making.

        Examples
        --------
        >>> Unit(Path("in/a.csv"), "csv", "a").inner_id(3)
        'a/3'
        >>> Unit(Path("a.csv"), "csv", "a", is_alone=True).inner_id(3)
        '3'
        """
        return str(name) if self.is_alone else f"{self.id}/{name}"


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was not read, and why.

    Parameters
    ----------
    where
        A file, or a place in one.
    reason
        In a few words.
    count
        Number of things, where a reader tells many at once.
    document
        Id of the document, where it is known.
    """

    where: str
    reason: str
    count: int = 1
    document: str | None = None

    def __str__(self) -> str:
        """Give both as one line."""
        return f"{self.where}: {self.reason}"
