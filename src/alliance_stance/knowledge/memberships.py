"""Who was what in which alliance, and when."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from alliance_stance.errors import KnowledgeError
from alliance_stance.knowledge.tables import Period, read_period, read_rows

COLUMNS = ("alliance", "state", "kind", "valid_from", "valid_to")
KINDS = frozenset({"member", "observer", "partner", "suspended", "applicant", "signed", "withdrew"})
OUTSIDER = "none"
"""The status of a state of which the table knows no other on the date."""


@dataclass(frozen=True, slots=True)
class Membership:
    """One spell of one status of a state in an alliance."""

    alliance: str
    state: str
    kind: str
    period: Period


class Memberships:
    """All spells, to be asked by pair and date.

    Parameters
    ----------
    rows
        In the table's order: by alliance, state and beginning.
    """

    def __init__(self, rows: Iterable[Membership]) -> None:
        self.rows = tuple(rows)
        self._spells: dict[tuple[str, str], list[Membership]] = {}
        for row in self.rows:
            self._spells.setdefault((row.state, row.alliance), []).append(row)

    def states_of(self, alliance: str) -> frozenset[str]:
        """Give every state that ever had a part in an alliance, of any kind."""
        return frozenset(row.state for row in self.rows if row.alliance == alliance)

    def status(self, state: str, alliance: str, date: str) -> str:
        """Give the status of a state in an alliance on a date.

        Parameters
        ----------
        date
            ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``; empty where unknown.

        Returns
        -------
        str
            A kind of the table; ``"none"`` where it knows of no status on the date; empty where
            the date is unknown. Of several spells in one year of a coarse date, the last.
        """
        if not date:
            return ""
        for row in reversed(self._spells.get((state, alliance), ())):
            if row.period.covers(date):
                return row.kind
        return OUTSIDER


def read_memberships(
    path: Path, alliances: Collection[str], states: Collection[str]
) -> Memberships:
    """Read the table of memberships.

    Raises
    ------
    KnowledgeError
        If a row names an alliance, a state or a kind that is not known.
    """
    rows = []
    for where, row in read_rows(path, COLUMNS):
        for column, known, table in (
            ("alliance", alliances, "an id of alliances.csv"),
            ("state", states, "a code of states.csv"),
            ("kind", KINDS, f"one of {sorted(KINDS)}"),
        ):
            if row[column] not in known:
                raise KnowledgeError(where, f"{column} {row[column]!r}", table, "mend the row")
        period = read_period(where, row)
        rows.append(Membership(row["alliance"], row["state"], row["kind"], period))
    return Memberships(rows)
