"""Find every name in a text, in one pass.

All names stand in one Aho-Corasick automaton (Aho and Corasick 1975; pyahocorasick) over the
folded text, so that the time does not grow with their number and every spelling of case, hyphen,
apostrophe and accent is one string. Of overlapping names the first wins, and of those that begin
together the longest, so "Papua New Guinea" holds no Guinea, and a listed phrase such as "New
Mexico" holds no state at all.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import ahocorasick

from alliance_stance.extraction.normalize import fold, normalize
from alliance_stance.extraction.titles import TITLE_ENDS
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.knowledge.memberships import Memberships
from alliance_stance.knowledge.names import Name
from alliance_stance.knowledge.offices import Office
from alliance_stance.schema import Document, Mention

GENERIC_NOUNS = (
    "alliance", "bloc", "block", "grouping", "pact", "cartel", "union", "organization",
    "organisation", "treaty", "club", "coalition", "association", "league", "body", "community",
    "forum", "confederation", "group", "council", "commonwealth", "membership", "latter", "former",
    "article",
)  # fmt: skip
"""Nouns that can stand for an alliance named before, with an article in front."""

_FORENAMES = frozenset({"Chad", "Israel", "Jordan", "Georgia", "India", "Kenya", "Mali", "Cuba"})
"""States whose name is also a forename or a surname."""
_SURNAME_AFTER = re.compile(
    r"-[A-Z][a-z]| [A-Z][a-z]+(?:, (?:who|whose|an?|the) | (?:said|says|told|wrote) )"
    r"(?<!Prime Minister )(?<!President )"
)
_HONORIFIC_BEFORE = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Miss|Dr|General|Gen|Captain|Colonel|Major|Sir|Lord|Lady|Professor|Judge)\.? "
    r"(?:[A-Z][a-z]+ )?|\b(?:her|his|their) (?:dog|cat|horse|son|daughter) )$"
)
_PERSON_REACH = 40
_FEW = 4
"""Up to so many members a treaty's name spells out its parties."""
_SHORTEST_SURNAME = 3
"""Shorter surnames stand in too many other names."""
_TWO_SPELLINGS = (
    ("efence", "efense"), ("rganisation", "rganization"), ("ooperation", "o-operation"),
    ("entre", "enter"), ("eighbour", "eighbor"), ("rogramme", "rogram"), ("isation", "ization"),
)  # fmt: skip
"""What differs between British and American spellings, and an old one, in names."""
_LONG = 9
"""From this length on, an alliance's name of several words is found in small letters too."""

EntryKind = Literal[
    "state", "alliance", "phrase", "surname", "descriptor", "noun", "inner", "title"
]


@dataclass(frozen=True, slots=True)
class _Entry:
    """One reading of a folded string.

    `exact` is the one spelling that counts where case matters; `is_proper` asks for a capital;
    `last_sign` is the sign after the last letter, which folding drops ("OPEC+").
    """

    kind: EntryKind
    name: Name
    exact: str = ""
    is_proper: bool = True
    last_sign: str = ""


_Hit = tuple[int, int, _Entry, tuple[_Entry, ...]]
"""Start, end, the reading that was chosen, and all readings of the string."""

_STRONG = frozenset({"state", "alliance", "phrase", "surname"})
_WEAK = frozenset({"descriptor", "noun"})
"""Readings that give way to any name that they overlap."""


@dataclass(frozen=True, slots=True)
class Names:
    """What one pass over a document finds, each list in text order and not overlapping.

    Parameters
    ----------
    states, alliances
        Mentions by name.
    surnames
        Surname, start and end of what may be an office-holder; inside no other name.
    descriptors
        Start, end and possible owners of phrases such as "the Community".
    nouns
        Start and end of the nouns that may refer to an alliance ("bloc").
    inner
        States inside the name of an alliance ("US-Japan alliance", "EU mission in Mali").
    titles
        Where the words of a speaker's title begin ("minister"), also inside names.
    folded
        The text, folded, with a space on both sides.
    """

    states: list[Mention]
    alliances: list[Mention]
    surnames: list[tuple[str, int, int]]
    descriptors: list[tuple[int, int, frozenset[str]]]
    nouns: list[tuple[int, int]]
    inner: list[Mention]
    titles: list[int]
    folded: str


class MentionFinder:
    """Finds mentions by name.

    Parameters
    ----------
    knowledge
        The tables whose names are searched.

    Examples
    --------
    >>> from alliance_stance.knowledge.knowledge import load_knowledge
    >>> finder = MentionFinder(load_knowledge())
    >>> text = "Yerevan left the CSTO, not New Mexico."
    >>> names = finder.find(Document("d", text))
    >>> [(m.id, text[m.start : m.end], m.how) for m in names.states + names.alliances]
    [('ARM', 'Yerevan', 'capital'), ('CSTO', 'CSTO', 'acronym')]
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self._automaton = ahocorasick.Automaton()
        for folded, group in _entries(knowledge).items():
            names_alliance = any(entry.kind == "alliance" for entry in group)
            self._automaton.add_word(folded, (len(folded), tuple(group), names_alliance))
        self._automaton.make_automaton()
        self._parties = _parties_of_few(knowledge.memberships)

    def find(self, document: Document) -> Names:
        """Find the names of a document.

        Names out of their time are passed over where the document has a date, and those that
        need a word beside them where the document lacks it.
        """
        folded = f" {fold(document.text)} "
        context = _Context(document, folded)
        return _sort_out(_settle(_hits(self._automaton.iter(folded), context), self._parties), context)

    def find_for_pairs(self, document: Document) -> Names | None:
        """Find the names of a document, or None where none can be an alliance's.

        Such a document holds no pair, so that no more of it needs to be read.
        """
        folded = f" {fold(document.text)} "
        raw = list(self._automaton.iter(folded))
        if not any(names_alliance for _, (_, _, names_alliance) in raw):
            return None
        context = _Context(document, folded)
        return _sort_out(_settle(_hits(raw, context), self._parties), context)


class _Context:
    """What decides between the readings of a string: spelling, date and words of the document."""

    def __init__(self, document: Document, folded: str) -> None:
        self.text = document.text
        self._date = document.date
        self.folded = folded
        self._title = f" {fold(document.title)} "
        self._has_one: dict[tuple[str, ...], bool] = {}

    def choose(self, group: tuple[_Entry, ...], start: int, end: int) -> _Entry | None:
        """Take the first entry of the right case, time and company; tables are in order."""
        surface = self.text[start:end]
        for entry in group:
            if (
                _case_fits(entry, surface)
                and not (surface in _FORENAMES and _is_person(self.text, start, end))
                and entry.name.period.covers(self._date)
                and (not entry.name.needs or self._has(entry.name.needs))
                and not (entry.name.unless and self._has(entry.name.unless))
            ):
                return entry
        return None

    def owners(self, group: Iterable[_Entry]) -> frozenset[str]:
        """Give all alliances that a descriptor can stand for at the document's time."""
        return frozenset(e.name.target for e in group if e.name.period.covers(self._date))

    def _has(self, words: tuple[str, ...]) -> bool:
        known = self._has_one.get(words)
        if known is None:
            known = any(self._stands(f" {fold(word)} ") for word in words)
            self._has_one[words] = known
        return known

    def _stands(self, word: str) -> bool:
        return word in self._title or word in self.folded


def _hits(
    raw: Iterable[tuple[int, tuple[int, tuple[_Entry, ...], bool]]], context: _Context
) -> Iterator[_Hit]:
    for last, (length, group, _) in raw:
        # the padded text is one longer at the front, the pattern has a space on both sides
        start, end = last - length + 1, last - 1
        entry = context.choose(group, start, end)
        if entry is not None:
            yield start, end, entry, group


def _settle(hits: Iterable[_Hit], parties: Mapping[str, Collection[str]]) -> list[_Hit]:
    """Settle overlaps: names before mere nouns, then the first, then the longest."""
    ranked = sorted(hits, key=lambda hit: (hit[0], -hit[1]))
    names: list[_Hit] = []
    inner: list[_Hit] = []
    inside_from = 0
    for hit in ranked:
        if hit[2].kind not in _STRONG:
            continue
        if not names or hit[0] >= names[-1][1]:
            names.append(hit)
            inside_from = hit[0]
        elif hit[0] >= inside_from and hit[2].kind in {"phrase", "state"}:
            inside_from = hit[1]
            if _is_inner(hit, names[-1], parties):
                inner.append((hit[0], hit[1], replace(hit[2], kind="inner"), ()))
    nouns = list(_first_of_overlapping(hit for hit in ranked if hit[2].kind in _WEAK))
    titles = [hit for hit in ranked if hit[2].kind == "title"]
    free = []
    for hit in nouns:
        shared = _overlapped(names, hit)
        if all(hit[0] <= name[0] and name[1] <= hit[1] for name in shared):
            free.append(hit)
            # "the British-led force" stands for an alliance and names a state
            inner += [
                (name[0], name[1], replace(name[2], kind="inner"), ())
                for name in shared
                if name[2].kind == "state"
            ]
    return [*names, *inner, *free, *titles]


def _is_inner(hit: _Hit, outer: _Hit, parties: Mapping[str, Collection[str]]) -> bool:
    """Say whether a state is mentioned inside the name of an alliance.

    It is where the name tells a place by the state's own name ("mission in Mali"), or spells out
    the parties of a treaty between a few ("Sino-Soviet pact"). "Warsaw Pact" holds no Poland.
    """
    state = hit[2]
    if state.kind != "state" or outer[2].kind != "alliance" or hit[1] > outer[1]:
        return False
    if state.name.kind == "name":
        return True
    is_party = state.name.target in parties.get(outer[2].name.target, ())
    return is_party and state.name.kind in {"adjective", "demonym"}


def _first_of_overlapping(ranked: Iterable[_Hit]) -> Iterator[_Hit]:
    free_from = 0
    for hit in ranked:
        if hit[0] >= free_from:
            yield hit
            free_from = hit[1]


def _overlapped(names: list[_Hit], hit: _Hit) -> list[_Hit]:
    """Give the names, which do not overlap, that share a character with a hit."""
    place = bisect_left(names, hit[1], key=lambda name: name[0])
    shared = []
    while place and names[place - 1][1] > hit[0]:
        place -= 1
        shared.append(names[place])
    return shared


def _sort_out(
    hits: Iterable[_Hit], context: _Context
) -> Names:
    names = Names([], [], [], [], [], [], [], context.folded)
    for start, end, entry, group in hits:
        name = entry.name
        if entry.kind == "state":
            names.states.append(Mention("state", name.target, start, end, name.kind))
        elif entry.kind == "alliance":
            names.alliances.append(Mention("alliance", name.target, start, end, name.kind))
        elif entry.kind == "surname":
            names.surnames.append((name.surface, start, end))
        elif entry.kind == "descriptor":
            owners = context.owners(e for e in group if e.kind == "descriptor")
            names.descriptors.append((start, end, owners))
        elif entry.kind == "noun":
            names.nouns.append((start, end))
        elif entry.kind == "inner":
            names.inner.append(Mention("state", name.target, start, end, name.kind))
        elif entry.kind == "title":
            names.titles.append(start)
    return names


def _parties_of_few(memberships: Memberships) -> dict[str, set[str]]:
    """Give the members, past and present, of the alliances that never had more than a few."""
    parties: dict[str, set[str]] = {}
    for row in memberships.rows:
        if row.kind == "member":
            parties.setdefault(row.alliance, set()).add(row.state)
    return {alliance: states for alliance, states in parties.items() if len(states) <= _FEW}


def _entries(knowledge: Knowledge) -> dict[str, list[_Entry]]:
    """Give what each folded string stands for, in the tables' order of preference."""
    entries: dict[str, list[_Entry]] = {}

    def add(surface: str, entry: _Entry) -> None:
        for folded in _folded_spellings(surface):
            group = entries.setdefault(folded, [])
            signed = entry if surface[-1].isalnum() else replace(entry, last_sign=surface[-1])
            if signed not in group:
                group.append(signed)

    for name in knowledge.state_names:
        for surface in _state_spellings(name):
            add(surface, _Entry("state", name, _exact(name), _is_proper(surface)))
    for name in knowledge.alliance_names:
        kind: EntryKind = "alliance" if _names_it(name) else "descriptor"
        add(name.surface, _Entry(kind, name, _exact(name), _is_proper_alliance(name)))
    for phrase in (*knowledge.not_states, *knowledge.not_alliances):
        add(phrase, _Entry("phrase", Name("", phrase, "phrase"), "", _is_proper(phrase)))
    for surname in {office.surname for office in knowledge.offices if is_searched(office)}:
        add(surname, _Entry("surname", Name("", fold(surname), "surname")))
    for word in TITLE_ENDS:
        add(word, _Entry("title", Name("", word, "title"), "", is_proper=False))
    for noun in GENERIC_NOUNS:
        add(noun, _Entry("noun", Name("", noun, "noun"), "", is_proper=False))
    return entries


def is_searched(office: Office) -> bool:
    """Say whether a surname is long or telling enough to be looked for."""
    return len(office.surname) >= _SHORTEST_SURNAME or office.stands_alone


def _names_it(name: Name) -> bool:
    """Say whether the string names its alliance; a descriptor waits for references.py."""
    return name.kind != "descriptor" and (name.kind != "metonym" or bool(name.needs))


def _folded_spellings(surface: str) -> set[str]:
    """Give the folded forms: composed, decomposed, British, American, and split by a scan."""
    plain = normalize(surface)
    forms = {plain, unicodedata.normalize("NFD", plain)}
    for british, american in _TWO_SPELLINGS:
        forms |= {form.replace(british, american) for form in forms}
        forms |= {form.replace(american, british) for form in forms}
    forms |= {form.replace("-", "- ") for form in forms}
    return {f" {fold(form)} " for form in forms}


def _state_spellings(name: Name) -> set[str]:
    surfaces = {name.surface}
    if name.kind == "demonym" and name.surface[-1:] not in "sehz":
        surfaces.add(name.surface + "s")
    return surfaces


def _exact(name: Name) -> str:
    """Give the one spelling that counts, where another case is another word."""
    return normalize(name.surface) if name.case_sensitive or len(name.surface) <= 3 else ""  # noqa: PLR2004


def _is_proper(surface: str) -> bool:
    # "turkey" and "chad" are other words; a name that is written small is not
    return not surface[:1].islower()


def _is_proper_alliance(name: Name) -> bool:
    if name.kind == "acronym" or not _is_proper(name.surface):
        return False
    return " " not in name.surface or len(name.surface) < _LONG


def _is_person(text: str, start: int, end: int) -> bool:
    """Say whether a state's name is a person's here: "General Jordan", "Chad Williams, who"."""
    return (
        _SURNAME_AFTER.match(text, end) is not None
        or _HONORIFIC_BEFORE.search(text, max(0, start - _PERSON_REACH), start) is not None
    )


def _case_fits(entry: _Entry, surface: str) -> bool:
    if entry.last_sign and surface[-1] != entry.last_sign:
        return False
    if entry.exact:
        plain = normalize(surface)
        return entry.exact in (plain, f"the{plain[3:]}" if plain.startswith("The ") else plain)
    return not entry.is_proper or not surface[:1].islower()
