"""Persons who stand for a state: holders of an office that the text or the tables know.

A person's name stands for a state where the text itself introduces the holder of an office
("Kremlin spokesman Dmitry Peskov") or the table of offices knows the term (codebook, "State" and
rule 13). Once introduced, the surname alone is enough in the rest of the document.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from ahocorasick_rs import AhoCorasick

from alliance_stance.extraction.lexicon import is_searched
from alliance_stance.extraction.mentions import Names
from alliance_stance.extraction.normalize import fold
from alliance_stance.extraction.titles import (
    HONORIFICS,
    NAME,
    PLURAL,
    QUALIFIED,
    RANK,
    TITLE,
    TITLE_ENDS,
)
from alliance_stance.knowledge.offices import Office
from alliance_stance.schema import Mention

_TITLE_THEN_NAME = re.compile(rf"(?:'s |'s? |-born | ){QUALIFIED},? {RANK}{NAME}")
_TITLE_IS_NAME = re.compile(rf"(?:'s |'s? | ){QUALIFIED} (?:is|was) {RANK}{NAME}")
_TITLE_AFTER = re.compile(rf"(?:'s |'s? | ){QUALIFIED}\b")
_OF_STATE_THEN_NAME = re.compile(rf",? {RANK}{NAME}")
_NAME_BEFORE = re.compile(rf"{NAME}, (?:the |an? )?$")
_NAME_TITLE_OF = re.compile(
    rf"{NAME}, (?:the |an? )?{QUALIFIED} (?:of|to|in|for|at|from) (?:the )?$"
)
_TITLE_NAME_OF = re.compile(rf"\b{TITLE} {RANK}{NAME} of (?:the )?(?:Republic of )?$")
_PLURAL_NAME_OF = re.compile(rf"\b{PLURAL} (?:[^.;]*? and )?{RANK}{NAME} of (?:the )?$")
_TITLE_OF = re.compile(rf"{TITLE} (?:of|in) (?:the )?$")
_WHO_FOR = re.compile(
    rf"{NAME}, who (?:(?:sits|sat|speaks|spoke|stands|stood|negotiates|negotiated) for|represents|"
    r"represented) (?:the )?$"
)
_WHOM_SENT = re.compile(rf"{NAME}, whom $")
_WHO_ENDS = tuple(
    f" {word} {rest}"
    for word in ("for", "represents", "represented", "whom")
    for rest in ("", "the ")
)
"""What stands between a person who is introduced without a title, and the state."""
_SENT = re.compile(r" (?:had |has )?(?:sent|appointed|dispatched|recalled)\b")
_SPEAKS_FOR = re.compile(rf"{RANK}{NAME} (?:speaks|spoke) for (?:the )?$")
_FORMER = re.compile(
    r"(?:\b(?:[Ff]ormer|[Oo]pposition|[Cc]andidate|[Ll]ate|[Oo]ne-time|[Rr]etired|[Oo]usted|"
    r"[Dd]eposed)\b|\b(?:[Ee]x|[Tt]hen)(?=-)|-elect\b)[ -][\w' -]{0,24}$"
)
_FORMER_HINTS = (
    "ormer", "pposition", "andidate", "ate ", "ne-time", "etired", "usted", "eposed", "x-", "hen-",
    "-elect",
)  # fmt: skip
"""Every `_FORMER` holds one of these; looking for them first saves most searches."""
_PREPOSITIONS = tuple(
    f" {word} {rest}" for word in ("of", "in", "to", "for") for rest in ("", "the ")
)
_TITLE_REACH = 45
"""Characters behind a state in which the last word of a title has to begin."""
_REACH = 80
"""Characters before a name in which a title or a "former" is looked for."""
_SURNAME_FIRST = frozenset({"CHN", "TWN", "KOR", "PRK", "VNM", "VDR", "KHM", "SGP"})
"""States where the first word of a name is the surname; texts turn it round now and then."""
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
})  # fmt: skip
"""Surnames that are words or places as well, or that too many others bear."""
_ROW = frozenset({", ", " and ", ", and ", " and Mr. ", " or ", " nor "})
"""What stands between the names of people who are named together."""
_REMEMBERED = 16384
_INITIAL = 2
"""Length of "J."."""
_SHORTEST = 3
"""Shorter surnames stand in too many other names."""


def introduced_persons(
    plain: str, states: Sequence[Mention], titles: Sequence[int]
) -> dict[str, str]:
    """Find the persons whom the text itself introduces as holders of a state's office.

    Parameters
    ----------
    plain
        The document's text, normalised.
    states
        Its mentions of states, in order.
    titles
        Where the words of titles begin ("minister"), in order.

    Returns
    -------
    dict
        Full name as written, to state code; names after "former", "-elect" and the like are
        left out, since they do not speak for the state.

    Examples
    --------
    >>> text = "Kremlin spokesman Dmitry Peskov met former Polish president Lech Walesa."
    >>> kremlin = Mention("state", "RUS", 0, 7, "seat")
    >>> polish = Mention("state", "POL", 43, 49, "adjective")
    >>> introduced_persons(text, [kremlin, polish], [8, 56])
    {'Dmitry Peskov': 'RUS'}
    """
    persons: dict[str, str] = {}
    place = 0
    has_who = ", who" in plain
    for state in states:
        # most states have no title beside them; the patterns are tried on those that do
        while place < len(titles) and titles[place] < state.end:
            place += 1
        has_after = place < len(titles) and titles[place] <= state.end + _TITLE_REACH
        has_before = place > 0 and titles[place - 1] >= state.start - _REACH
        is_who = has_who and plain.endswith(_WHO_ENDS, 0, state.start)
        if not (has_after or has_before or is_who):
            continue
        found = _introduced(plain, state, has_after=has_after, has_before=has_before)
        if found is None:
            continue
        # "the President in Sana'a, Kuwait" introduces nobody
        offset = 0 if found.string is plain else max(0, state.start - _REACH)
        at = bisect_left(states, offset + found.start("name"), key=lambda named: named.start)
        if at == len(states) or states[at].start != offset + found.start("name"):
            persons[found["name"].rstrip(".'").removesuffix("'s")] = state.id
    return persons


def _introduced(
    plain: str, state: Mention, *, has_after: bool, has_before: bool
) -> re.Match[str] | None:
    """Give the match whose ``name`` is introduced with a mention of a state, if any.

    `has_after` and `has_before` say on which sides the word of a title stands.
    """
    before = plain[max(0, state.start - _REACH) : state.start]
    found = _WHO_FOR.search(before) if ", who" in before else None
    if found is None and before.endswith(", whom ") and _SENT.match(plain, state.end):
        found = _WHOM_SENT.search(before)
    if found is None and has_after:
        found = _TITLE_THEN_NAME.match(plain, state.end) or _TITLE_IS_NAME.match(plain, state.end)
        if found is None and before.endswith((", ", ", the ", ", a ", ", an ")):
            found = _NAME_BEFORE.search(before)
            found = found if found and _TITLE_AFTER.match(plain, state.end) else None
    if found is None and has_before and before.endswith(_PREPOSITIONS):
        found = _introduced_before(plain, state, before)
    if found is None or _is_former(before) or found["name"].split()[0].lower() in _NO_FORENAMES:
        return None
    return found


def _introduced_before(plain: str, state: Mention, before: str) -> re.Match[str] | None:
    """Find a name by its title on the left of a state: "X, president of", "Minister X of"."""
    preposition = before.removesuffix("the ").rstrip().rpartition(" ")
    word = preposition[0].rpartition(" ")[2]
    # a title or a name goes before the "of", else ("the people of") there is nobody to be found
    if (
        not word[:1].isupper()
        and word.lower() not in TITLE_ENDS
        and word not in {"speaks", "spoke"}
    ):
        return None
    if word in {"speaks", "spoke"}:
        return _SPEAKS_FOR.search(before)
    if word.lower() not in TITLE_ENDS:
        found = _TITLE_NAME_OF.search(before) or _PLURAL_NAME_OF.search(before)
        if found is not None:
            return found
    found = _NAME_TITLE_OF.search(before)
    if found is not None:
        return found
    follows = _OF_STATE_THEN_NAME.match(plain, state.end)
    return follows if follows and _TITLE_OF.search(before) else None


class PersonFinder:
    """Finds the office-holders of one document.

    Parameters
    ----------
    offices
        Known terms; a name outside its term is a private person.
    """

    def __init__(self, offices: Iterable[Office]) -> None:
        self._terms: dict[str, list[_Term]] = {}
        for office in filter(is_searched, offices):
            self._terms.setdefault(fold(office.surname), []).append(_Term.of(office))
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
            readings = [_read(plain, start, end, terms) for start, end in spans]
            state = _state_of(readings, terms, is_heading=is_heading, is_dated=bool(date))
            if state is not None:
                mentions.update((m.end, m) for m in _in_office(plain, readings, state))
            elif date and len({term.state for term in terms}) == 1:
                doubtful.extend(_in_office(plain, readings, terms[0].state))
        mentions.update((m.end, m) for m in _side_by_side(plain, doubtful, mentions.values()))
        persons = {**(known or {}), **introduced_persons(plain, names.states, names.titles)}
        for mention in _occurrences(plain, names.folded, persons) if persons else ():
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
        states = {term.state for term in terms if has_title or term.office.stands_alone}
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
        before = plain[max(0, reading.start - _REACH) : reading.start]
        if reading.kind != "stranger" and not _is_former(before):
            yield Mention("state", state, reading.start, reading.end, "person")


def _read(plain: str, start: int, end: int, terms: list[_Term]) -> _Reading:
    before = plain[max(0, start - _REACH) : start]
    word = before[:-1].rpartition(" ")[2] if before.endswith(" ") else ""
    folded_word = fold(word).strip()
    for term in terms:
        if term.last:
            if fold(plain[end : end + len(term.last)]) == term.last:
                return _Reading("full name", term.state, start, end + len(term.last))
        elif word and term.first_ends_with == folded_word and fold(before).endswith(term.first):
            return _Reading("full name", term.state, start - len(term.first), end)
    return _Reading(_kind_of_word(word, terms), "", start, end)


def _kind_of_word(word: str, terms: list[_Term]) -> Literal["title", "bare", "stranger"]:
    """Say what the word before a surname makes of it."""
    small = word.rstrip(".").lower()
    if small in HONORIFICS:
        return "title"
    is_initial = word.endswith(".") and len(word) == _INITIAL
    if not word[:1].isupper() or not (word.isalpha() or is_initial or "-" in word):
        return "bare"
    if small in _NO_FORENAMES or any(word.rstrip(".") in term.office.person for term in terms):
        return "bare"
    return "stranger"


_NO_FORENAMES = frozenset({
    "the", "and", "but", "as", "if", "when", "while", "after", "before", "with", "from", "for",
    "by", "to", "of", "in", "on", "at", "that", "since", "under", "against", "between",
    "because", "although", "though", "however", "meanwhile", "yesterday", "today", "monday",
    "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "president", "minister",
    "secretary", "premier", "chancellor", "says", "said", "told", "i", "his", "her", "its",
    "their", "our",
})  # fmt: skip


def _occurrences(plain: str, folded: str, persons: dict[str, str]) -> Iterator[Mention]:
    """Yield where introduced persons stand, taking in the full name where that is written out."""
    names = [
        (name, short)
        for name, state in persons.items()
        for short in _short_forms(name, state)
        if len(short) >= _SHORTEST
    ]
    if not names:
        return
    automaton = AhoCorasick([f" {fold(short)} " for _, short in names])
    for index, begin, last in automaton.find_matches_as_indexes(folded, overlapping=True):
        (name, short), start, end = names[index], begin, last - 2
        if plain[start:end] != short:
            continue
        before, after = name.split(short, 1)
        if before and plain.endswith(before, 0, start):
            start -= len(before)
        if after and plain.startswith(after, end):
            end += len(after)
        if not _is_former(plain[max(0, start - _REACH) : start]):
            yield Mention("state", persons[name], start, end, "person")


def _short_forms(name: str, state: str) -> list[str]:
    """Give what a person is called again: the surname, also without its article ("al-")."""
    words = name.split(" ")
    surname = words[0] if state in _SURNAME_FIRST else words[-1]
    plain = re.sub(r"^(?:al|el|ul)-", "", surname)
    return list(dict.fromkeys((surname, plain, words[-1])))


def _is_former(before: str) -> bool:
    return any(hint in before for hint in _FORMER_HINTS) and _FORMER.search(before) is not None
