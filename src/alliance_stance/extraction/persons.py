"""Persons who stand for a state: holders of an office that the text or the tables know.

A person's name stands for a state where the text itself introduces the holder of an office
("Kremlin spokesman Dmitry Peskov") or the table of offices knows the term (codebook, "State" and
rule 13). Once introduced, the surname alone is enough in the rest of the document.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
_NAME_TITLE_OF = re.compile(rf"{NAME}, (?:the |an? )?{QUALIFIED} (?:of|to|in) (?:the )?$")
_TITLE_NAME_OF = re.compile(rf"\b{TITLE} {RANK}{NAME} of (?:the )?(?:Republic of )?$")
_PLURAL_NAME_OF = re.compile(rf"\b{PLURAL} (?:[^.;]*? and )?{RANK}{NAME} of (?:the )?$")
_TITLE_OF = re.compile(rf"{TITLE} (?:of|in) (?:the )?$")
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
_INITIAL = 2
"""Length of "J."."""
_SHORTEST = 3
"""Shorter surnames stand in too many other names."""


def introduced_persons(
    plain: str, states: Iterable[Mention], titles: Sequence[int]
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
    for state in states:
        name = _introduced(plain, state, titles)
        if name is not None:
            persons[name.rstrip(".'").removesuffix("'s")] = state.id
    return persons


def _introduced(plain: str, state: Mention, titles: Sequence[int]) -> str | None:
    """Give the name that is introduced with a mention of a state, if any."""
    # most states have no title beside them; the patterns are tried on those that do
    place = bisect_left(titles, state.end)
    has_after = place < len(titles) and titles[place] <= state.end + _TITLE_REACH
    has_before = place > 0 and titles[place - 1] >= state.start - _REACH
    if not has_after and not has_before:
        return None
    before = plain[max(0, state.start - _REACH) : state.start]
    found = None
    if has_after:
        found = _TITLE_THEN_NAME.match(plain, state.end) or _TITLE_IS_NAME.match(plain, state.end)
        if found is None and before.endswith((", ", ", the ", ", a ", ", an ")):
            found = _NAME_BEFORE.search(before)
            found = found if found and _TITLE_AFTER.match(plain, state.end) else None
    if found is None and has_before and before.endswith(_PREPOSITIONS):
        found = _introduced_before(plain, state, before)
    if found is None or _is_former(before) or found["name"].split()[0].lower() in _NO_FORENAMES:
        return None
    return found["name"]


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
        for surname, spans in _grouped(names.surnames).items():
            terms = [term for term in self._terms[surname] if term.office.period.covers(date)]
            for mention in _in_office(plain, spans, terms, is_heading) if terms else ():
                mentions[mention.end] = mention
        persons = {**(known or {}), **introduced_persons(plain, names.states, names.titles)}
        for mention in _occurrences(plain, names.folded, persons) if persons else ():
            mentions[mention.end] = mention
        return sorted(mentions.values(), key=lambda mention: mention.start)


@dataclass(frozen=True, slots=True)
class _Term:
    """A term in office with the folded words that stand before or after the surname."""

    office: Office
    state: str
    first: str
    first_ends_with: str
    last: str

    @classmethod
    def of(cls, office: Office) -> "_Term":
        """Take a full name apart; in "Xi Jinping" the surname comes first."""
        if office.person.startswith(f"{office.surname} "):
            return cls(office, office.state, "", "", fold(office.person[len(office.surname) :]))
        first = fold(office.person[: -len(office.surname)])
        return cls(office, office.state, first, first.strip().rpartition(" ")[2], "")


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


def _in_office(
    plain: str, spans: list[tuple[int, int]], terms: list[_Term], is_heading: bool
) -> Iterator[Mention]:
    """Yield where a surname is that of the holder in office."""
    readings = [_read(plain, start, end, terms) for start, end in spans]
    states = {reading.state for reading in readings if reading.kind == "full name"}
    if not states:
        has_title = is_heading or any(reading.kind == "title" for reading in readings)
        states = {term.state for term in terms if has_title or term.office.stands_alone}
    # "Mr. Johnson" alone is nobody's where two states had one
    if len(states) != 1:
        return
    (state,) = states
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
    names = [name for name in persons if len(_surname(name)) >= _SHORTEST]
    if not names:
        return
    automaton = AhoCorasick([f" {fold(_surname(name))} " for name in names])
    for index, begin, last in automaton.find_matches_as_indexes(folded, overlapping=True):
        name, start, end = names[index], begin, last - 2
        if plain[start:end] != _surname(name):
            continue
        first = name[: -len(_surname(name))]
        if first and plain.endswith(first, 0, start):
            start -= len(first)
        if not _is_former(plain[max(0, start - _REACH) : start]):
            yield Mention("state", persons[name], start, end, "person")


def _surname(name: str) -> str:
    return name.rsplit(" ", 1)[-1]


def _is_former(before: str) -> bool:
    return any(hint in before for hint in _FORMER_HINTS) and _FORMER.search(before) is not None
