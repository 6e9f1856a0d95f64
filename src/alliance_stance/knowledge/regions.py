"""What "the Baltic republic" can be: words that describe a state, to the states that they fit."""

from collections.abc import Collection
from pathlib import Path

from alliance_stance.errors import KnowledgeError
from alliance_stance.knowledge.tables import read_rows

COLUMNS = ("words", "states")


def read_regions(path: Path, states: Collection[str]) -> dict[str, frozenset[str]]:
    """Read the table of describing words, each to the codes of its states.

    Raises
    ------
    KnowledgeError
        If words stand twice, or a row names a state that is not known.
    """
    regions: dict[str, frozenset[str]] = {}
    for where, row in read_rows(path, COLUMNS):
        codes = frozenset(row["states"].split("|"))
        unknown = sorted(codes.difference(states))
        if unknown or row["words"] in regions:
            found = f"unknown states {unknown}" if unknown else f"a second {row['words']!r}"
            raise KnowledgeError(
                where, found, "codes of states.csv, each word once", "mend the row"
            )
        regions[row["words"]] = codes
    return regions
