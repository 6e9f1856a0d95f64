"""All tables together, loaded once and passed on; a saved model carries its own copy."""

import csv
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from alliance_stance.errors import KnowledgeError
from alliance_stance.fingerprints import file_fingerprint
from alliance_stance.knowledge import alliances as alliance_tables
from alliance_stance.knowledge import memberships as membership_tables
from alliance_stance.knowledge import offices as office_tables
from alliance_stance.knowledge import regions as region_tables
from alliance_stance.knowledge import states as state_tables
from alliance_stance.knowledge.alliances import (
    Alliance,
    read_alliance_names,
    read_alliances,
    read_contexts,
)
from alliance_stance.knowledge.memberships import Memberships, read_memberships
from alliance_stance.knowledge.names import Name
from alliance_stance.knowledge.offices import Office, read_offices
from alliance_stance.knowledge.regions import read_regions
from alliance_stance.knowledge.states import (
    State,
    library_state_names,
    read_state_names,
    read_states,
    state_on_date,
)
from alliance_stance.knowledge.tables import read_rows
from alliance_stance.schema import Document, Example

ItemT = TypeVar("ItemT", bound=Document | Example)
_LONGEST_CODE = 40
KEPT = 4
"""Sets of tables that a process keeps: those of the package, and of a few saved models."""
PHRASE_COLUMNS = ("phrase", "why")
TABLES = (
    "states.csv", "state_names.csv", "not_states.csv", "regions.csv", "offices.csv",
    "alliances.csv", "alliance_names.csv", "contexts.csv", "not_alliances.csv", "memberships.csv",
)  # fmt: skip


@dataclass(frozen=True)
class Knowledge:
    """Who and what can be mentioned.

    Parameters
    ----------
    states, alliances
        Keyed by code and by id.
    state_names, alliance_names
        Every name, of every kind and time.
    not_states, not_alliances
        Longer phrases in which a name stands for something else ("New Mexico", "Axis Bank").
    regions
        What "the Baltic republic" can be: describing words, to the codes of the states.
    offices
        Office-holders with their terms.
    memberships
        Who was what in which alliance, and when.
    folder
        Where the tables were read.
    """

    states: dict[str, State]
    alliances: dict[str, Alliance]
    state_names: tuple[Name, ...]
    alliance_names: tuple[Name, ...]
    not_states: tuple[str, ...]
    not_alliances: tuple[str, ...]
    regions: dict[str, frozenset[str]]
    offices: tuple[Office, ...]
    memberships: Memberships
    folder: Path

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over every row, so that any change of a fact shows."""
        content = (
            [sorted(map(repr, rows.values())) for rows in (self.states, self.alliances)],
            # the order of names decides between their readings
            [list(map(repr, rows)) for rows in (self.state_names, self.alliance_names)],
            [sorted(rows) for rows in (self.not_states, self.not_alliances)],
            sorted((words, sorted(codes)) for words, codes in self.regions.items()),
            sorted(map(repr, self.offices)),
            sorted(map(repr, self.memberships.rows)),
        )
        return hashlib.sha256(repr(content).encode()).hexdigest()

    def state_on_date(self, code: str, date: str) -> str:
        """Give the state that stood in the place of `code` on a date; see `states.py`."""
        return state_on_date(code, date, self.states)

    def settle_codes(self, item: ItemT, where: str) -> ItemT:
        """Give a document or an example with the codes of these tables.

        A code of a former name of the same state (BYS, RHO) becomes the state's own.

        Raises
        ------
        KnowledgeError
            If a code is not known, with `where` in front.
        """
        spoken = item.candidate if isinstance(item, Example) else item
        speaker = self._own_codes.get(spoken.speaker_state or "", spoken.speaker_state)
        # an alliance can speak too, as the European Union does in the General Debate
        if speaker is not None and speaker not in self.alliances:
            self.check_state(f"{where}: speaker_state", speaker)
        if isinstance(item, Example):
            state = self._own_codes.get(item.candidate.state, item.candidate.state)
            self.check_pair(where, state, item.candidate.alliance)
            candidate = replace(item.candidate, state=state, speaker_state=speaker)
            return replace(item, candidate=candidate)
        return replace(item, speaker_state=speaker)

    @cached_property
    def _own_codes(self) -> dict[str, str]:
        return {other: s.code for s in self.states.values() for other in s.other_codes}

    @property
    def _mending(self) -> str:
        """What to do about a code that is not known; a saved model has tables of its own."""
        told = "correct it, or add it to data/knowledge/ (see its README)"
        if self.folder == knowledge_folder():
            return told
        return f"{told} and give the model these tables: alliance-stance export MODEL NEW --tables"

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
                f"unknown alliance {alliance!r:.40}",
                f"an id of data/knowledge/alliances.csv{_suggest(alliance, self.alliances)}",
                self._mending,
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
                f"unknown state {state!r:.40}",
                f"a code of data/knowledge/states.csv{_suggest(state, self.states)}",
                self._mending,
            )


def _suggest(code: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    # a whole text in the place of a code is near to none, and would take long to compare
    near = get_close_matches(code.upper()[:_LONGEST_CODE], list(known), n=3)
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

    Notes
    -----
    Most saved models carry the same tables: what was read from files of the same bytes is shared.
    """
    folder = folder or knowledge_folder()
    knowledge = _read(_Files(_checksums(folder), folder), is_snapshot)
    return knowledge if knowledge.folder == folder else replace(knowledge, folder=folder)


@dataclass(frozen=True)
class _Files:
    """A folder of tables; two are equal if their files are."""

    checksums: tuple[str, ...]
    folder: Path = field(compare=False)


def _checksums(folder: Path) -> tuple[str, ...]:
    """Give the checksum of each table; empty for one that is missing, which reading will tell."""
    paths = (folder / name for name in TABLES)
    return tuple(file_fingerprint(path) if path.is_file() else "" for path in paths)


@lru_cache(maxsize=KEPT)
def _read(files: _Files, is_snapshot: bool) -> Knowledge:
    folder = files.folder
    states = read_states(folder / "states.csv")
    alliances = read_alliances(folder / "alliances.csv")
    state_names = read_state_names(folder / "state_names.csv", states)
    if not is_snapshot:
        state_names.extend(library_state_names(state_names))
    return Knowledge(
        states=states,
        alliances=alliances,
        state_names=tuple(state_names),
        alliance_names=tuple(
            read_alliance_names(
                folder / "alliance_names.csv", alliances, read_contexts(folder / "contexts.csv")
            )
        ),
        not_states=_read_phrases(folder / "not_states.csv"),
        not_alliances=_read_phrases(folder / "not_alliances.csv"),
        regions=read_regions(folder / "regions.csv", states),
        offices=tuple(read_offices(folder / "offices.csv", states)),
        memberships=read_memberships(folder / "memberships.csv", alliances, states),
        folder=folder,
    )


def _read_phrases(path: Path) -> tuple[str, ...]:
    return tuple(row["phrase"] for _, row in read_rows(path, PHRASE_COLUMNS))


def write_snapshot(knowledge: Knowledge, folder: Path) -> None:
    """Write all tables, the libraries' names among them, for `load_knowledge` to read back."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, columns, rows in _snapshot(knowledge):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(rows)


def _snapshot(
    knowledge: Knowledge,
) -> Iterator[tuple[str, Sequence[str], Iterable[Sequence[str]]]]:
    """Yield each table's file name, columns and rows."""
    yield (
        "states.csv",
        state_tables.STATE_COLUMNS,
        (
            (
                s.code,
                s.name,
                s.period.start,
                s.period.end,
                "|".join(s.successors),
                "|".join(s.other_codes),
            )
            for s in knowledge.states.values()
        ),
    )
    yield (
        "state_names.csv",
        state_tables.COLUMNS,
        (
            (n.target, n.surface, n.kind, n.period.start, n.period.end, "|".join(n.unless))
            for n in knowledge.state_names
        ),
    )
    yield "not_states.csv", PHRASE_COLUMNS, ((phrase, "") for phrase in knowledge.not_states)
    yield (
        "regions.csv",
        region_tables.COLUMNS,
        ((words, "|".join(sorted(codes))) for words, codes in knowledge.regions.items()),
    )
    yield (
        "offices.csv",
        office_tables.COLUMNS,
        (
            (
                *(o.state, o.person, o.surname, o.office, o.period.start, o.period.end),
                "yes" if o.stands_alone else "",
            )
            for o in knowledge.offices
        ),
    )
    yield (
        "alliances.csv",
        alliance_tables.COLUMNS,
        (
            (a.id, a.name, a.kind, a.founded, a.ended, a.predecessor, a.successor)
            for a in knowledge.alliances.values()
        ),
    )
    yield (
        "alliance_names.csv",
        alliance_tables.NAME_COLUMNS,
        (
            (
                *(n.target, n.surface, n.kind, "yes" if n.case_sensitive else "no"),
                *(n.period.start, n.period.end, "|".join(n.needs), "|".join(n.unless)),
            )
            for n in knowledge.alliance_names
        ),
    )
    # the names carry the words of their contexts already
    yield "contexts.csv", alliance_tables.CONTEXT_COLUMNS, ()
    yield "not_alliances.csv", PHRASE_COLUMNS, ((phrase, "") for phrase in knowledge.not_alliances)
    yield (
        "memberships.csv",
        membership_tables.COLUMNS,
        (
            (m.alliance, m.state, m.kind, m.period.start, m.period.end)
            for m in knowledge.memberships.rows
        ),
    )
