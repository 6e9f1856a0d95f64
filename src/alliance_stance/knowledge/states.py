"""The states with their lifetimes from `states.csv`, and their names from `state_names.csv`.

Codes are ISO 3166-1 alpha-3, for former states ISO 3166-3, else a code of our own that
`data/knowledge/README.md` lists.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from alliance_stance.errors import KnowledgeError
from alliance_stance.knowledge.names import Name
from alliance_stance.knowledge.tables import Period, read_period, read_rows

STATE_COLUMNS = ("code", "name", "valid_from", "valid_to", "successors", "other_codes")

COLUMNS = ("code", "name", "kind", "valid_from", "valid_to", "unless")
KINDS = frozenset({"name", "adjective", "demonym", "capital", "seat"})


@dataclass(frozen=True, slots=True)
class State:
    """A sovereign state and its time.

    `successors` are the codes of the states that followed one that has ended, the one that took
    its seat first; empty otherwise. `other_codes` are those of former names of the same state
    (BYS for BLR), which other people's data use.
    """

    code: str
    name: str
    period: Period
    successors: tuple[str, ...]
    other_codes: tuple[str, ...] = ()


def read_states(path: Path) -> dict[str, State]:
    """Read the table of states, keyed by code.

    Raises
    ------
    KnowledgeError
        If a code is not three capital letters or stands twice, or a successor has no row.
    """
    states: dict[str, State] = {}
    places: dict[str, str] = {}
    for where, row in read_rows(path, STATE_COLUMNS):
        code = row["code"]
        if not (len(code) == 3 and code.isascii() and code.isupper()):
            raise KnowledgeError(where, repr(code), "a three-letter state code", "mend the row")
        if code in states:
            raise KnowledgeError(where, f"a second {code}", "each code once", "remove one row")
        successors = tuple(row["successors"].split("|")) if row["successors"] else ()
        others = tuple(row["other_codes"].split("|")) if row["other_codes"] else ()
        states[code] = State(code, row["name"], read_period(where, row), successors, others)
        places[code] = where
    for code, state in states.items():
        _check_codes(state, states, places[code])
    return states


def _check_codes(state: State, states: Mapping[str, State], where: str) -> None:
    for successor in state.successors:
        if successor not in states:
            raise KnowledgeError(
                where, f"successor {successor!r}", "a code of this table", "mend the row"
            )
    for other in state.other_codes:
        if other in states:
            raise KnowledgeError(
                where, f"other code {other!r}", "no code of this table", "mend the row"
            )


def state_on_date(code: str, date: str, states: Mapping[str, State]) -> str:
    """Give the state that stood in the place of `code` on a date.

    A speech of 1975 that a catalogue files under Russia is the Soviet Union's. Only the state that
    took the seat counts: Ukraine in 1975 stays Ukraine.

    Returns
    -------
    str
        `code` itself where it existed, where the date is unknown and where nothing went before.
    """
    earlier = code
    while not states[earlier].period.covers(date):
        before = (state.code for state in states.values() if state.successors[:1] == (earlier,))
        earlier = next(before, "")
        if not earlier:
            return code
    return earlier


def read_state_names(path: Path, states: Collection[str]) -> list[Name]:
    """Read the table of state names, in its own order.

    Raises
    ------
    KnowledgeError
        If a row has a code that `states` lacks or a kind that is not known.
    """
    names = []
    for where, row in read_rows(path, COLUMNS):
        if row["code"] not in states:
            raise KnowledgeError(where, repr(row["code"]), "a code of states.csv", "mend the row")
        if row["kind"] not in KINDS:
            raise KnowledgeError(where, repr(row["kind"]), f"one of {sorted(KINDS)}", "mend it")
        unless = tuple(row["unless"].split("|")) if row["unless"] else ()
        period = read_period(where, row)
        names.append(Name(row["code"], row["name"], row["kind"], period, unless=unless))
    return names


def library_state_names(own: list[Name]) -> Iterator[Name]:
    """Yield the names that pycountry and Babel (Unicode CLDR) know for the states of the table.

    A library's name is left out where the table gives the same string to any state, since the
    table is dated and reviewed; so is one turned round by a comma ("Moldova, Republic of").
    """
    import pycountry
    from babel import Locale

    taken = {name.surface.casefold() for name in own}
    territories = Locale("en").territories
    for code in sorted({name.target for name in own}):
        country = pycountry.countries.get(alpha_3=code)
        if country is None:
            continue
        listed = (
            country.name,
            getattr(country, "common_name", ""),
            getattr(country, "official_name", ""),
            territories.get(country.alpha_2, ""),
        )
        for raw in listed:
            surface = raw.removeprefix("the ").removeprefix("The ").replace(" & ", " and ")
            is_plain = surface and not any(sign in surface for sign in ",()")
            if is_plain and surface.casefold() not in taken:
                taken.add(surface.casefold())
                yield Name(code, surface, "name")
