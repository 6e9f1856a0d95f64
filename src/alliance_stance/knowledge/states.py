"""The states: today's from libraries, former ones and all other names from `state_names.csv`.

Codes are ISO 3166-1 alpha-3, for former states ISO 3166-3, else a code of our own that
`data/knowledge/README.md` lists. A code is a state here when the table has a row of it.
"""

from collections.abc import Iterator
from pathlib import Path

from alliance_stance.errors import KnowledgeError
from alliance_stance.knowledge.names import Name
from alliance_stance.knowledge.tables import read_period, read_rows

COLUMNS = ("code", "name", "kind", "valid_from", "valid_to")
KINDS = frozenset({"name", "adjective", "demonym", "capital", "seat"})


def read_state_names(path: Path) -> list[Name]:
    """Read the table of state names, in its own order.

    Raises
    ------
    KnowledgeError
        If a row has a code that is not three capital letters or a kind that is not known.
    """
    names = []
    for where, row in read_rows(path, COLUMNS):
        code = row["code"]
        if not (len(code) == 3 and code.isascii() and code.isupper()):
            raise KnowledgeError(where, repr(code), "a three-letter state code", "mend the row")
        if row["kind"] not in KINDS:
            raise KnowledgeError(where, repr(row["kind"]), f"one of {sorted(KINDS)}", "mend it")
        names.append(Name(code, row["name"], row["kind"], read_period(where, row)))
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
