"""The alliances: ids and lifetimes from `alliances.csv`, their names from `alliance_names.csv`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from alliance_stance.errors import KnowledgeError
from alliance_stance.knowledge.names import Name
from alliance_stance.knowledge.tables import read_period, read_rows

COLUMNS = ("id", "name", "kind", "founded", "ended", "predecessor", "successor")
NAME_COLUMNS = (
    "alliance", "name", "kind", "case_sensitive", "valid_from", "valid_to", "needs", "unless",
)  # fmt: skip
CONTEXT_COLUMNS = ("name", "words")
MEMBERS = "@members"
"""In the column `needs`: any state that ever had a part in the alliance."""
KINDS = frozenset({"military", "security", "political", "economic"})
NAME_KINDS = frozenset({
    "name", "acronym", "adjective", "organ", "mission", "exercise", "summit", "treaty",
    "metonym", "descriptor",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Alliance:
    """An organisation or treaty by which states bind themselves to one another.

    `founded` and `ended` are years; `ended` is empty while it exists. `predecessor` and `successor`
    say in words, or by an id, what went before and what followed; empty for nothing.
    """

    id: str
    name: str
    kind: str
    founded: str
    ended: str
    predecessor: str
    successor: str


def read_alliances(path: Path) -> dict[str, Alliance]:
    """Read the table of alliances, keyed by id.

    Raises
    ------
    KnowledgeError
        If an id stands twice or a kind is not known.
    """
    alliances: dict[str, Alliance] = {}
    for where, row in read_rows(path, COLUMNS):
        if row["id"] in alliances:
            raise KnowledgeError(where, f"a second {row['id']}", "each id once", "remove one row")
        if row["kind"] not in KINDS:
            raise KnowledgeError(where, repr(row["kind"]), f"one of {sorted(KINDS)}", "mend it")
        alliances[row["id"]] = Alliance(**row)
    return alliances


def read_contexts(path: Path) -> dict[str, tuple[str, ...]]:
    """Read the lists of words that several names need beside them, keyed by their own name.

    Raises
    ------
    KnowledgeError
        If a name stands twice, or is ``members``.
    """
    contexts: dict[str, tuple[str, ...]] = {}
    for where, row in read_rows(path, CONTEXT_COLUMNS):
        if f"@{row['name']}" == MEMBERS or row["name"] in contexts:
            raise KnowledgeError(
                where, f"the name {row['name']!r}", "another name for each list", "rename it"
            )
        contexts[row["name"]] = tuple(row["words"].split("|"))
    return contexts


def read_alliance_names(
    path: Path,
    alliances: Mapping[str, Alliance],
    contexts: Mapping[str, Sequence[str]],
) -> list[Name]:
    """Read the table of alliance names, in its own order.

    Parameters
    ----------
    path
        The table.
    alliances
        Keyed by id.
    contexts
        What stands for ``@name`` in the columns `needs` and `unless`.

    Raises
    ------
    KnowledgeError
        If a row names an alliance, a kind or a list of words that is not known.
    """
    names = []
    for where, row in read_rows(path, NAME_COLUMNS):
        if row["alliance"] not in alliances:
            raise KnowledgeError(
                where, repr(row["alliance"]), "an id of alliances.csv", "add it there first"
            )
        if row["kind"] not in NAME_KINDS or row["case_sensitive"] not in {"yes", "no", ""}:
            raise KnowledgeError(
                where,
                f"kind {row['kind']!r}, case_sensitive {row['case_sensitive']!r}",
                f"a kind of {sorted(NAME_KINDS)} and yes or no",
                "mend the row",
            )
        period = read_period(where, row)
        is_strict = row["case_sensitive"] == "yes"
        needs = tuple(_needed(where, row["needs"], contexts))
        unless = tuple(_needed(where, row["unless"], contexts))
        if MEMBERS in unless:
            raise KnowledgeError(where, f"{MEMBERS} in 'unless'", "it in 'needs' only", "move it")
        names.append(
            Name(row["alliance"], row["name"], row["kind"], period, is_strict, needs, unless)
        )
    return names


def _needed(where: str, cell: str, contexts: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield the words of a cell, those of a named list in its place."""
    for word in cell.split("|") if cell else ():
        if not word.startswith("@") or word == MEMBERS:
            yield word
        elif word[1:] in contexts:
            yield from contexts[word[1:]]
        else:
            raise KnowledgeError(where, repr(word), f"@ and one of {sorted(contexts)}", "mend it")
