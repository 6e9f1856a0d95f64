"""All tables together, loaded once and passed on; a saved model carries its own copy."""

import csv
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from alliance_stance.errors import KnowledgeError
from alliance_stance.knowledge import alliances as alliance_tables
from alliance_stance.knowledge import offices as office_tables
from alliance_stance.knowledge import states as state_tables
from alliance_stance.knowledge.alliances import Alliance, read_alliance_names, read_alliances
from alliance_stance.knowledge.names import Name
from alliance_stance.knowledge.offices import Office, read_offices
from alliance_stance.knowledge.states import library_state_names, read_state_names
from alliance_stance.knowledge.tables import read_rows
from alliance_stance.schema import Candidate, Document, Example

PHRASE_COLUMNS = ("phrase", "why")
TABLES = ("alliances.csv", "alliance_names.csv", "state_names.csv", "offices.csv", "not_states.csv")


@dataclass(frozen=True)
class Knowledge:
    """Who and what can be mentioned.

    Parameters
    ----------
    alliances
        Keyed by id.
    state_names, alliance_names
        Every name, of every kind and time.
    offices
        Office-holders with their terms.
    not_states
        Longer phrases in which a state's name stands for something else ("New Mexico").
    folder
        Where the tables were read.
    """

    alliances: dict[str, Alliance]
    state_names: tuple[Name, ...]
    alliance_names: tuple[Name, ...]
    offices: tuple[Office, ...]
    not_states: tuple[str, ...]
    folder: Path

    @cached_property
    def states(self) -> frozenset[str]:
        """Codes of all states."""
        return frozenset(name.target for name in self.state_names)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over every row, so that any change of a fact shows."""
        content = (
            sorted(map(repr, self.alliances.values())),
            [sorted(map(repr, rows)) for rows in (self.state_names, self.alliance_names)],
            sorted(map(repr, self.offices)),
            sorted(self.not_states),
        )
        return hashlib.sha256(repr(content).encode()).hexdigest()

    def check_codes(self, item: Document | Example, where: str) -> None:
        """Refuse a document or an example whose codes the tables do not know.

        Raises
        ------
        KnowledgeError
            With `where` in front.
        """
        spoken = item.candidate if isinstance(item, Example) else item
        speaker = spoken.speaker_state
        # an alliance can speak too, as the European Union does in the General Debate
        if speaker is not None and speaker not in self.alliances:
            self.check_state(f"{where}: speaker_state", speaker)
        if isinstance(spoken, Candidate):
            self.check_pair(where, spoken.state, spoken.alliance)

    def check_pair(self, where: str, state: str, alliance: str) -> None:
        """Refuse a state or an alliance that the tables do not know.

        Raises
        ------
        KnowledgeError
            Naming the nearest known codes.
        """
        self.check_state(where, state)
        if alliance not in self.alliances:
            raise KnowledgeError(
                where,
                f"unknown alliance {alliance!r}",
                f"an id of data/knowledge/alliances.csv{_suggest(alliance, self.alliances)}",
                "correct it, or add it to data/knowledge/ (see its README)",
            )

    def check_state(self, where: str, state: str) -> None:
        """Refuse a state that the tables do not know.

        Raises
        ------
        KnowledgeError
            Naming the nearest known codes.
        """
        if state not in self.states:
            raise KnowledgeError(
                where,
                f"unknown state {state!r}",
                f"an ISO alpha-3 code of data/knowledge/{_suggest(state, self.states)}",
                "correct it, or add it to data/knowledge/ (see its README)",
            )


def _suggest(code: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(code.upper(), list(known), n=3)
    return f" such as {', '.join(near)}" if near else ""


def knowledge_folder() -> Path:
    """Give the folder of the shipped tables: inside the package, or the repository's own."""
    packaged = Path(str(files("alliance_stance"))) / "knowledge" / "data"
    if packaged.is_dir():
        return packaged
    return Path(__file__).resolve().parents[3] / "data" / "knowledge"


def load_knowledge(folder: Path | None = None, *, is_snapshot: bool = False) -> Knowledge:
    """Load and validate all tables.

    Parameters
    ----------
    folder
        Where the tables stand; None for the ones shipped with the package.
    is_snapshot
        True for the copy in a saved model, which holds the libraries' names already.

    Raises
    ------
    KnowledgeError
        At the first row that breaks a table's schema.
    """
    folder = folder or knowledge_folder()
    alliances = read_alliances(folder / "alliances.csv")
    state_names = read_state_names(folder / "state_names.csv")
    if not is_snapshot:
        state_names.extend(library_state_names(state_names))
    offices = read_offices(folder / "offices.csv", {name.target for name in state_names})
    return Knowledge(
        alliances,
        tuple(state_names),
        tuple(read_alliance_names(folder / "alliance_names.csv", alliances)),
        tuple(offices),
        tuple(row["phrase"] for _, row in read_rows(folder / "not_states.csv", PHRASE_COLUMNS)),
        folder,
    )


def write_snapshot(knowledge: Knowledge, folder: Path) -> None:
    """Write all tables, the libraries' names among them, for `load_knowledge` to read back."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(
        folder / "alliances.csv",
        alliance_tables.COLUMNS,
        ((a.id, a.name, a.kind, a.founded, a.ended) for a in knowledge.alliances.values()),
    )
    _write(
        folder / "alliance_names.csv",
        alliance_tables.NAME_COLUMNS,
        (
            (n.target, n.surface, n.kind, "yes" if n.case_sensitive else "no", *_bounds(n))
            for n in knowledge.alliance_names
        ),
    )
    _write(
        folder / "state_names.csv",
        state_tables.COLUMNS,
        ((n.target, n.surface, n.kind, *_bounds(n)) for n in knowledge.state_names),
    )
    _write(
        folder / "offices.csv",
        office_tables.COLUMNS,
        (
            (o.state, o.person, o.surname, o.office, o.period.start, o.period.end)
            for o in knowledge.offices
        ),
    )
    _write(folder / "not_states.csv", PHRASE_COLUMNS, ((p, "") for p in knowledge.not_states))


def _bounds(name: Name) -> tuple[str, str]:
    return name.period.start, name.period.end


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
