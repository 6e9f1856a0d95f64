"""Persons who stand for a state: holders of an office, known from the tables or from the text.

A name counts in its holder's term only (codebook, rule 13). A surname alone is enough with a title,
after the full name, in a row with other holders, and for the head of a state or a government.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from alliance_stance.extraction.introductions import (
    NO_FORENAMES,
    REACH,
    introduced_persons,
    is_former,
    occurrences,
)
from alliance_stance.extraction.lexicon import is_searched
from alliance_stance.extraction.mentions import Names
from alliance_stance.extraction.normalize import fold
from alliance_stance.extraction.titles import HONORIFICS
from alliance_stance.knowledge.offices import Office
from alliance_stance.schema import Mention

_HEADS = frozenset({
    "president", "prime minister", "premier", "chancellor", "taoiseach", "king", "emir",
    "general secretary", "first secretary", "leader",
})  # fmt: skip
"""Offices whose holder the papers of the time call by the surname alone."""
_WORDS = frozenset({
    "may", "major", "brown", "rice", "bush", "ford", "king", "heath", "long", "cook", "young",
    "bean", "day", "west", "price", "smith", "grey", "gray", "banks", "church", "rose", "sale",
    "song", "gore", "see", "law", "home", "small", "short", "strong", "park", "paul", "martin",
    "clark", "santos", "rama", "castle", "field", "hill", "north", "south", "lange", "moore",
    "marshall", "clinton", "wilson", "eden", "hull", "rush", "gates", "black", "white", "green",
    "charles", "moon",
})  # fmt: skip
"""Surnames that are words or places as well, or that too many others bear."""
_MONTHS = frozenset({"may", "march", "august"})
_BEFORE_MONTH = frozenset({
    "in", "since", "until", "till", "by", "of", "from", "early", "mid", "late", "last", "this",
    "next", "during", "before", "after", "every",
})  # fmt: skip
"""Words right before a month; a surname rather follows a verb or a title."""
_ROW = frozenset({", ", " and ", ", and ", " and Mr. ", " or ", " nor "})
"""What stands between the names of people who are named together."""
_REMEMBERED = 16384
_INITIAL = 2
"""Length of "J."."""
_SYLLABLE = 3
"""Letters that two spellings of a name after the surname share: "Jong-un", "Jongun"."""
_NO_OTHER_NAME = NO_FORENAMES | {
    "administration", "government", "doctrine", "cabinet", "plan", "presidency", "regime", "era",
    "white", "house", "team",
}  # fmt: skip
"""Words behind a surname that begin no name, such as what is called after a holder of an office
("the Nixon Doctrine")."""
_CALLED_BY_FORENAME = frozenset(
    {"king", "queen", "emir", "amir", "sultan", "shah", "prince", "sheikh"}
)
"""Titles before a first name: "King Hussein Bin Talal" is the king himself."""
_NEXT_WORD = re.compile(r" ([A-Z][a-z]+(?:-[A-Za-z]+)*)(?![\w.])")
_OF = re.compile(r"(?: [IVX]+)? of (?P<article>the )?(?=[A-Z])")
_ABOUT = re.compile(
    r"\b(?:by|accus\w+|warn\w*|inform\w*|assur\w+|remind\w*|suspect\w*|convinc\w+) (?:\S+ ){0,3}$"
)
"""Before a name whose "of" goes with another word ("the scolding by Mr. Bush of Iran")."""
_SMALL_WORD = re.compile(r"\b[a-z]{5,}\b")
"""In a heading whose words begin with capitals, only "to", "with" and their like do not."""


class PersonFinder:
    """Finds the office-holders of one document.

    Parameters
    ----------
    offices
        Known terms; a name outside its term is a private person.
    """

    def __init__(self, offices: Iterable[Office]) -> None:
        self._terms: dict[str, list[_Term]] = {}
        forenames: set[str] = set()
        for office in filter(is_searched, offices):
            term = _Term.of(office)
            self._terms.setdefault(fold(office.surname), []).append(term)
            forenames.update(term.first.split()[:1])
        # "Thomas" may be Grenada's prime minister, or begin the name of another person
        self._forenames = frozenset(forenames.intersection(self._terms))
        # a corpus asks for the same names on the same dates again and again
        self._in_office = lru_cache(maxsize=_REMEMBERED)(self._terms_on)

    def _terms_on(self, surname: str, date: str) -> list["_Term"]:
        return [term for term in self._terms[surname] if term.office.period.covers(date)]

    def find(
        self,
        plain: str,
        names: Names,
        date: str,
        *,
        known: Mapping[str, str] | None = None,
        is_heading: bool = False,
    ) -> list[Mention]:
        """Find persons who stand for a state.

        Parameters
        ----------
        plain
            The document's text, normalised.
        names
            What was found in it by name.
        date
            The document's date; empty means that any term counts.
        known
            Persons that the document's title introduces, to their states.
        is_heading
            True for a heading of an archive, where a bare surname is an office-holder's.

        Returns
        -------
        list of Mention
            With ``how`` equal to ``"person"``, in text order; they may overlap `states`.
        """
        mentions: dict[int, Mention] = {}
        doubtful: list[Mention] = []
        for surname, spans in _grouped(names.surnames).items():
            terms = self._in_office(surname, date)
            if not terms:
                continue
            is_forename = surname in self._forenames
            readings = [_read(plain, start, end, terms, is_forename) for start, end in spans]
            homes = {term.state for term in self._terms[surname]}
            readings = [
                replace(reading, kind="stranger")
                if _is_from_elsewhere(plain, reading, homes, names.states)
                else reading
                for reading in readings
            ]
            state = _state_of(readings, terms, is_heading=is_heading, is_dated=bool(date))
            if state is not None:
                mentions.update((m.end, m) for m in _in_office(plain, readings, state))
            elif date and len({term.state for term in terms}) == 1:
                doubtful.extend(_in_office(plain, readings, terms[0].state))
        mentions.update((m.end, m) for m in _side_by_side(plain, doubtful, mentions.values()))
        persons = {**(known or {}), **introduced_persons(plain, names.states, names.titles)}
        for mention in occurrences(plain, names.folded, persons) if persons else ():
            mentions[mention.end] = mention
        return sorted(mentions.values(), key=lambda mention: mention.start)


@dataclass(frozen=True, slots=True)
class _Term:
    """A term in office with the folded words that stand before or after the surname."""

    office: Office
    surname: str
    state: str
    first: str
    first_ends_with: str
    last: str

    @classmethod
    def of(cls, office: Office) -> "_Term":
        """Take a full name apart; in "Xi Jinping" the surname comes first."""
        if office.person.startswith(f"{office.surname} "):
            last = fold(office.person[len(office.surname) :])
            return cls(office, fold(office.surname), office.state, "", "", last)
        first = fold(office.person[: -len(office.surname)])
        before = first.strip().rpartition(" ")[2]
        return cls(office, fold(office.surname), office.state, first, before, "")


@dataclass(frozen=True, slots=True)
class _Reading:
    """One stretch that holds a surname: whose it is, by what, and how far the name reaches."""

    kind: Literal["full name", "title", "bare", "stranger"]
    state: str
    start: int
    end: int


def _grouped(surnames: list[tuple[str, int, int]]) -> dict[str, list[tuple[int, int]]]:
    groups: dict[str, list[tuple[int, int]]] = {}
    for surname, start, end in surnames:
        groups.setdefault(surname, []).append((start, end))
    return groups


def _state_of(
    readings: Sequence[_Reading], terms: Sequence[_Term], *, is_heading: bool, is_dated: bool
) -> str | None:
    """Give the state that a surname stands for in a document; None where that is open."""
    states = {reading.state for reading in readings if reading.kind == "full name"}
    if not states:
        has_title = is_heading or any(reading.kind == "title" for reading in readings)
        # where somebody else of the name is named first, the bare surname is that person's
        may_stand_alone = readings[0].kind != "stranger"
        states = {
            term.state
            for term in terms
            if has_title or (may_stand_alone and term.office.stands_alone)
        }
    if not states and is_dated and not any(reading.kind == "stranger" for reading in readings):
        states = {term.state for term in terms}
        is_head = any(term.office.office in _HEADS for term in terms)
        if not is_head or terms[0].surname in _WORDS:
            return None
    # "Mr. Johnson" alone is nobody's where two states had one
    return next(iter(states)) if len(states) == 1 else None


def _side_by_side(
    plain: str, doubtful: Iterable[Mention], certain: Iterable[Mention]
) -> Iterator[Mention]:
    """Yield the doubtful ones that stand in a row with another office-holder ("X, Y and Z")."""
    in_order = sorted([*doubtful, *certain], key=lambda mention: mention.start)
    for before, after in pairwise(in_order):
        if plain[before.end : after.start] in _ROW and before.id != after.id:
            yield before
            yield after


def _in_office(plain: str, readings: Iterable[_Reading], state: str) -> Iterator[Mention]:
    """Yield where a surname is that of the holder in office."""
    for reading in readings:
        before = plain[max(0, reading.start - REACH) : reading.start]
        if reading.kind != "stranger" and not is_former(before):
            yield Mention("state", state, reading.start, reading.end, "person")


def _read(plain: str, start: int, end: int, terms: list[_Term], is_forename: bool) -> _Reading:
    before = plain[max(0, start - REACH) : start]
    word = before[:-1].rpartition(" ")[2] if before.endswith(" ") else ""
    folded_word = fold(word).strip()
    for term in terms:
        if term.last:
            if fold(plain[end : end + len(term.last)]) == term.last:
                return _Reading("full name", term.state, start, end + len(term.last))
        elif word and term.first_ends_with == folded_word and fold(before).endswith(term.first):
            return _Reading("full name", term.state, start - len(term.first), end)
    kind = _kind_of_word(word, terms)
    comes_first = all(term.last for term in terms)
    may_begin = comes_first or (is_forename and word.lower() not in _CALLED_BY_FORENAME)
    if may_begin and _has_other_name(plain[end : end + REACH], terms):
        return _Reading("stranger", "", start, end)
    if terms[0].surname in _MONTHS and _is_month(plain, word, end):
        return _Reading("stranger", "", start, end)
    return _Reading(kind, "", start, end)


def _is_from_elsewhere(
    plain: str, reading: _Reading, homes: Collection[str], states: Sequence[Mention]
) -> bool:
    """Say whether a surname is that of a namesake: "General Brown of Canada".

    "Messrs. Brown and Merkel of Britain and Germany" are each of their own.
    """
    of = _OF.match(plain, reading.end)
    if of is None or reading.kind == "full name":
        return False
    place = bisect_left(states, of.end(), key=lambda mention: mention.start)
    home = states[place] if place < len(states) else None
    if home is None or home.start != of.end():
        # a province has a premier, too
        return not of["article"] and plain.endswith("Premier ", 0, reading.start)
    if home.how not in {"name", "capital"} or home.id in homes:
        return False
    is_other_of = _ABOUT.search(plain, max(0, reading.start - REACH), reading.start) is not None
    return not is_other_of and not plain.startswith(("'s", " and "), home.end)


def _has_other_name(after: str, terms: Iterable[_Term]) -> bool:
    """Say whether a surname stands before another name, which is none of the holders'."""
    found = _NEXT_WORD.match(after)
    if found is None or found[1].lower() in _NO_OTHER_NAME:
        return False
    syllable = fold(found[1])[:_SYLLABLE]
    is_known = any((term.last or term.first).strip().startswith(syllable) for term in terms)
    return not is_known and _SMALL_WORD.search(after, found.end()) is not None


def _is_month(plain: str, word: str, end: int) -> bool:
    """Say whether "May" is the month: "in May", "5 May", "May 2017"."""
    return (
        word.lower() in _BEFORE_MONTH or word[-1:].isdigit() or plain[end + 1 : end + 2].isdigit()
    )


def _kind_of_word(word: str, terms: list[_Term]) -> Literal["title", "bare", "stranger"]:
    """Say what the word before a surname makes of it."""
    small = word.rstrip(".").lower()
    if small in HONORIFICS:
        return "title"
    is_initial = word.endswith(".") and len(word) == _INITIAL
    if not word[:1].isupper() or not (word.isalpha() or is_initial or "-" in word):
        return "bare"
    if small in NO_FORENAMES or any(word.rstrip(".") in term.office.person for term in terms):
        return "bare"
    return "stranger"
