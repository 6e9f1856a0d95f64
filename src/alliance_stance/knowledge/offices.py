"""Office-holders: a name stands for the state only in its holder's term (codebook rule 13)."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from alliance_stance.errors import KnowledgeError
from alliance_stance.knowledge.tables import Period, read_period, read_rows

COLUMNS = ("state", "person", "surname", "office", "valid_from", "valid_to", "alone")


@dataclass(frozen=True, slots=True)
class Office:
    """One term of one person in an office that speaks for the state.

    `stands_alone` is True where the surname without first name or title means this person in the
    papers of the time ("Putin", but not "Brown").
    """

    state: str
    person: str
    surname: str
    office: str
    period: Period
    stands_alone: bool = False


def read_offices(path: Path, states: Collection[str]) -> list[Office]:
    """Read the table of office-holders, in its own order.

    Raises
    ------
    KnowledgeError
        If a row names a state that is not among `states`.
    """
    offices = []
    for where, row in read_rows(path, COLUMNS):
        if row["state"] not in states:
            raise KnowledgeError(
                where, f"state {row['state']!r}", "a code of states.csv", "mend the row"
            )
        if row["alone"] not in {"yes", "no", ""}:
            raise KnowledgeError(where, f"alone {row['alone']!r}", "yes or no", "mend the row")
        period = read_period(where, row)
        is_alone = row["alone"] == "yes"
        offices.append(
            Office(row["state"], row["person"], row["surname"], row["office"], period, is_alone)
        )
    return offices
