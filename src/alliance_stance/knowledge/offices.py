"""Office-holders: a name stands for the state only in its holder's term (codebook rule 13)."""

from dataclasses import dataclass
from pathlib import Path

from alliance_stance.knowledge.tables import Period, read_period, read_rows

COLUMNS = ("state", "person", "surname", "office", "valid_from", "valid_to")


@dataclass(frozen=True, slots=True)
class Office:
    """One term of one person in an office that speaks for the state."""

    state: str
    person: str
    surname: str
    office: str
    period: Period


def read_offices(path: Path) -> list[Office]:
    """Read the table of office-holders, in its own order."""
    return [
        Office(row["state"], row["person"], row["surname"], row["office"], read_period(where, row))
        for where, row in read_rows(path, COLUMNS)
    ]
