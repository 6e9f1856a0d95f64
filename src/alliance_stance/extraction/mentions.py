"""Find every name in a text, in one pass.

All names stand in one Aho-Corasick automaton (Aho and Corasick 1975; ahocorasick_rs) over the
folded text, so that the time does not grow with their number and every spelling of case, hyphen,
apostrophe and accent is one string. Of overlapping names the first wins, and of those that begin
together the longest, so "Papua New Guinea" holds no Guinea, and a listed phrase such as "New
Mexico" holds no state at all.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ahocorasick_rs import AhoCorasick, Implementation

from alliance_stance.extraction.lexicon import STRONG, Entry, entries_of
from alliance_stance.extraction.normalize import HYPHENS, fold, normalize
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.knowledge.memberships import Memberships
from alliance_stance.knowledge.tables import covers
from alliance_stance.schema import Document, Mention

_FORENAMES = frozenset({"Chad", "Israel", "Jordan", "Georgia", "India", "Kenya", "Mali", "Cuba"})
"""States whose name is also a forename or a surname."""
_SURNAME_AFTER = re.compile(
    r"-[A-Z][a-z]| (?!Prime|Foreign|Defen[cs]e|President|King|Minister)[A-Z][a-z]+"
    r"(?:, (?:who|whose|an?|the) | (?:said|says|told|wrote) )"
)
_NEXT_WORD = re.compile(r" (?!Prime|Foreign|Defen[cs]e|President|King|Minister)[A-Z][a-z]{2,}")
_HONORIFIC_BEFORE = re.compile(
    r"(?:\b(?:Senator|Governor|Congress(?:man|woman)|Representative|Sen|Gov|Rep)\.? [A-Z][\w'-]+ of |"
    r"\b(?:Mr|Mrs|Ms|Miss|Dr|General|Gen|Captain|Colonel|Major|Sir|Lord|Lady|Professor|Judge)"
    r"\.? (?:[A-Z][a-z]+ )?|\b(?:her|his|their) (?:dog|cat|horse|son|daughter) )$"
)
_PLACE_BEFORE = re.compile(
    r"\b(?:analyst|economist|historian|professor|scholar|expert|researcher|lawyer|lecturer|trader|"
    r"broker|banker|journalist|correspondent|student|dealer|fellow|consultant) (?:based )?(?:in|at) $"
)
"""Before the city of a private person, which stands for no government."""
_OF_YEAR = re.compile(r" of ((?:1[89]|20)\d\d)\b")
_NOT_US = re.compile(r"\b(?:LET|HELP|GIVE|TELL|SPARE|SHOW|JOIN) $")
"""Before the pronoun, in a text of capitals."""
_NO_SMALL = frozenset({"us", "can", "ua", "cis", "ic", "ec", "eco", "las", "asa"})
"""Names that are other words in a text without any capital."""
_PERSON_REACH = 40
_REMEMBERED = 8
"""Spellings of one string whose readings are kept; a corpus repeats the same few."""
_FEW = 4
"""Up to so many members a treaty's name spells out its parties."""


@dataclass(slots=True)
class Names:
    """What one pass over a document finds, each list in text order and not overlapping.

    Parameters
    ----------
    folded
        The text, folded, with a space on both sides.
    states, alliances
        Mentions by name.
    surnames
        Surname, start and end of what may be an office-holder; inside no other name.
    descriptors
        Start, end and possible owners of phrases such as "the Community".
    nouns
        Start and end of the nouns that may refer to an alliance ("bloc").
    treaties
        Start and end of phrases such as "the security treaty".
    inner
        States inside the name of an alliance ("US-Japan alliance", "EU mission in Mali").
    titles
        Where the words of a speaker's title begin ("minister"), also inside names.
    is_titled
        Whether the document's own title may name an alliance.
    """

    folded: str
    states: list[Mention] = field(default_factory=list)
    alliances: list[Mention] = field(default_factory=list)
    surnames: list[tuple[str, int, int]] = field(default_factory=list)
    descriptors: list[tuple[int, int, frozenset[str]]] = field(default_factory=list)
    nouns: list[tuple[int, int]] = field(default_factory=list)
    treaties: list[tuple[int, int]] = field(default_factory=list)
    inner: list[Mention] = field(default_factory=list)
    titles: list[int] = field(default_factory=list)
    is_titled: bool = False

    @property
    def may_hold_pairs(self) -> bool:
        """Whether anything was found that is an alliance or may refer to one."""
        named = self.alliances or self.treaties
        return bool(named or (self.is_titled and (self.nouns or self.descriptors)))


class _Group:
    """All readings of one folded string.

    `certain` is the first of them where nothing can speak against it, `settled` the first by
    spelling; `names_alliance` says whether any is an alliance, `is_title` whether the first is the
    word of a title, `states` which states it can stand for.
    """

    __slots__ = (
        "_fitting", "certain", "entries", "is_strong", "is_title", "names_alliance", "settled",
        "states",
    )  # fmt: skip

    def __init__(self, entries: tuple[Entry, ...]) -> None:
        # a name that holds here goes before a descriptor that may refer to anything
        self.entries = tuple(sorted(entries, key=lambda entry: entry.kind == "descriptor"))
        self._fitting: dict[str, tuple[Entry, ...]] = {}
        self.settled: dict[str, Entry] = {}
        self.is_strong = entries[0].kind in STRONG
        self.certain = entries[0] if entries[0].is_certain else None
        self.names_alliance = any(entry.kind in {"alliance", "treaty"} for entry in entries)
        self.is_title = entries[0].kind == "title"
        self.states = tuple({entry.target for entry in entries if entry.kind == "state"})

    def fitting(self, surface: str) -> tuple[Entry, ...]:
        """Give the readings that a spelling allows, in order; a few spellings are remembered."""
        found = self._fitting.get(surface)
        if found is None:
            found = tuple(entry for entry in self.entries if _case_fits(entry, surface))
            if len(self._fitting) < _REMEMBERED:
                self._fitting[surface] = found
                if found and _is_plain(found[0], surface):
                    self.settled[surface] = found[0]
        return found


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
        entries = entries_of(knowledge)
        self._groups = [_Group(tuple(group)) for group in entries.values()]
        self._strings = frozenset(entries)
        self._automaton = AhoCorasick(list(entries), implementation=Implementation.ContiguousNFA)
        self._parties = _parties_of_few(knowledge.memberships)

    def is_name(self, word: str) -> bool:
        """Say whether a word is one of the strings that are searched."""
        return f" {fold(word)} " in self._strings

    def find(self, document: Document) -> Names:
        """Find the names of a document.

        Names out of their time are passed over where the document has a date, and those that
        need a word beside them where the document lacks it.
        """
        folded = f" {fold(document.text)} "
        raw = self._search(folded)
        names = self._settle(raw, _Context(document, folded, raw, self._groups))
        names.is_titled = self._is_titled(document)
        return names

    def find_for_pairs(self, document: Document) -> Names | None:
        """Find the names of a document, or None where none, nor its title's, can be an alliance's.

        Such a document holds no pair, so that no more of it needs to be read.
        """
        folded = f" {fold(document.text)} "
        raw = self._search(folded)
        is_titled = self._is_titled(document)
        if not is_titled and not self._has_alliance(raw):
            return None
        names = self._settle(raw, _Context(document, folded, raw, self._groups))
        names.is_titled = is_titled
        return names if names.may_hold_pairs else None

    def _is_titled(self, document: Document) -> bool:
        return self._has_alliance(self._search(f" {fold(document.title)} "))

    def _has_alliance(self, raw: "Iterable[_Hit]") -> bool:
        return any(self._groups[index].names_alliance for index, _, _ in raw)

    def _search(self, folded: str) -> "list[_Hit]":
        """Give each hit as the index of its string, start and end."""
        return self._automaton.find_matches_as_indexes(folded, overlapping=True)

    def _settle(self, raw: "Iterable[_Hit]", context: "_Context") -> Names:
        """Choose a reading for each hit and settle overlaps: the first, then the longest."""
        names = Names(context.folded)
        # the padded text is one longer at the front, each string has a space on both sides
        ranked = sorted([(begin, 2 - last, index) for index, begin, last in raw])
        weak: list[tuple[int, int, _Group, Entry]] = []
        taken: list[tuple[int, int]] = []
        last: Entry | None = None
        last_end = inside_from = 0
        groups, text = self._groups, context.text
        for start, minus_end, index in ranked:
            group, end = groups[index], -minus_end
            if group.is_title:
                names.titles.append(start)
                continue
            is_free = start >= last_end
            # inside a name: only a state in an alliance's name can matter, and any noun
            if group.is_strong and not is_free and start < inside_from:
                continue
            entry = group.certain or group.settled.get(text[start:end])
            entry = entry or context.choose(group, start, end)
            if entry is None:
                continue
            if entry.kind not in STRONG:
                weak.append((start, end, group, entry))
            elif is_free:
                _add_strong(names, entry, start, end)
                taken.append((start, end))
                last = entry
                last_end, inside_from = end, start
            elif entry.kind in {"state", "phrase"}:
                inside_from = end
                self._add_inner(names, entry, (start, end), last, last_end)
        _add_weak(names, weak, taken, context)
        return names

    def _add_inner(
        self, names: Names, entry: Entry, span: tuple[int, int], last: Entry | None, last_end: int
    ) -> None:
        """Add a state that lies in the name before it, where it is mentioned by that."""
        start, end = span
        if last is not None and end <= last_end and self._is_inner(entry, last):
            names.inner.append(Mention("state", entry.target, start, end, entry.how))

    def _is_inner(self, state: Entry, alliance: Entry) -> bool:
        """Say whether a state is mentioned inside the name of an alliance.

        It is where the name tells a place by the state's own name ("mission in Mali"), or spells
        out the parties of a treaty between a few ("Sino-Soviet pact"). "Warsaw Pact" holds no
        Poland.
        """
        if state.kind != "state" or alliance.kind != "alliance":
            return False
        if state.how == "name":
            return True
        is_party = state.target in self._parties.get(alliance.target, ())
        return is_party and state.how in {"adjective", "demonym"}


_Hit = tuple[int, int, int]
"""Index of the string, start and end, as the automaton gives them."""


class _Context:
    """What decides between the readings of a string: spelling, date and words of the document."""

    def __init__(
        self, document: Document, folded: str, raw: "Sequence[_Hit]", groups: Sequence[_Group]
    ) -> None:
        self.text = document.text
        self.folded = folded
        self._date = document.date
        self._raw = raw
        self._groups = groups
        self._speaker = document.speaker_state or ""
        self._beside = f" {fold(document.title)} "
        self._has_one: dict[tuple[str, ...], bool] = {}
        # entries live as long as the finder, so their ids stay theirs
        self._held: dict[int, bool] = {}
        self._owners: dict[int, frozenset[str]] = {}
        self._is_small = document.text.islower()

    def choose(self, group: _Group, start: int, end: int) -> Entry | None:
        """Take the first entry of the right case, time and company; tables are in order."""
        surface = self.text[start:end]
        if surface == "US" and _NOT_US.search(self.text, max(0, start - _PERSON_REACH), start):
            return None
        fallback = None
        fitting = self._any_case(group, surface) if self._is_small else group.fitting(surface)
        for entry in fitting:
            if entry.is_conditional and not self._holds(entry):
                continue
            if entry.how == "treaty" and self._is_of_another_year(entry, end):
                continue
            if entry.is_prefix and not self.text.startswith(HYPHENS, end):
                continue
            if surface in _FORENAMES and _is_person(self.text, start, end):
                return None
            if entry.how == "capital" and self._is_private_place(start):
                return None
            if self._date or not entry.valid_to or entry.kind != "state":
                return entry
            # without a date a name that has passed to another state is that one's
            fallback = fallback or entry
        return fallback

    def _is_of_another_year(self, entry: Entry, end: int) -> bool:
        """Say whether "of 1922" behind a treaty tells that another one is meant."""
        year = _OF_YEAR.match(self.text, end)
        return year is not None and not covers(entry.valid_from, entry.valid_to, year[1])

    def _is_private_place(self, start: int) -> bool:
        """Say whether a city is that of a private person ("an analyst in London")."""
        return (
            self.text.endswith((" in ", " at "), 0, start)
            and _PLACE_BEFORE.search(self.text, max(0, start - _PERSON_REACH), start) is not None
        )

    def _any_case(self, group: _Group, surface: str) -> Iterable[Entry]:
        """Give the readings of a name in a text that has no capitals at all."""
        if surface in _NO_SMALL:
            return ()
        return (*group.fitting(surface.title()), *group.fitting(surface.upper()))

    def _holds(self, entry: Entry) -> bool:
        """Say whether date and company allow an entry; asked once for each."""
        holds = self._held.get(id(entry))
        if holds is None:
            holds = self._held[id(entry)] = self._is_allowed(entry)
        return holds

    def _is_allowed(self, entry: Entry) -> bool:
        return (
            self._is_in_time(entry)
            and (not (entry.needs or entry.members) or self._has_company(entry))
            and not (entry.unless and self._has(entry.unless))
        )

    def _has_company(self, entry: Entry) -> bool:
        """Say whether a word or a member of an alliance stands beside its ambiguous name."""
        if entry.needs and self._has(entry.needs):
            return True
        return bool(entry.members) and not entry.members.isdisjoint(self._states)

    @cached_property
    def _states(self) -> set[str]:
        """The states that any name of the document can stand for, and its speaker's."""
        states = {target for index, _, _ in self._raw for target in self._groups[index].states}
        return states | {self._speaker}

    def owners(self, group: _Group) -> frozenset[str]:
        """Give all alliances that a descriptor can stand for at the document's time."""
        if id(group) not in self._owners:
            self._owners[id(group)] = frozenset(
                entry.target
                for entry in group.entries
                if entry.kind == "descriptor" and self._is_in_time(entry)
            )
        return self._owners[id(group)]

    def _is_in_time(self, entry: Entry) -> bool:
        return not self._date or covers(entry.valid_from, entry.valid_to, self._date)

    def _has(self, words: tuple[str, ...]) -> bool:
        known = self._has_one.get(words)
        if known is None:
            known = any(word in self._beside or word in self.folded for word in words)
            self._has_one[words] = known
        return known


def _add_strong(names: Names, entry: Entry, start: int, end: int) -> None:
    """Put a hit that nothing overlaps into the list of its kind."""
    if entry.kind == "state":
        names.states.append(Mention("state", entry.target, start, end, entry.how))
    elif entry.kind == "alliance":
        names.alliances.append(Mention("alliance", entry.target, start, end, entry.how))
    elif entry.kind == "surname":
        names.surnames.append((entry.target, start, end))


def _add_weak(
    names: Names,
    weak: Iterable[tuple[int, int, _Group, Entry]],
    taken: Sequence[tuple[int, int]],
    context: _Context,
) -> None:
    """Add descriptors and nouns where no name overlaps them, or only lies inside.

    "The British-led force" stands for an alliance and names a state.
    """
    free_from = 0
    for start, end, group, entry in weak:
        if start < free_from:
            continue
        shared = _overlapped(taken, start, end)
        if any(not (start <= begin and stop <= end) for begin, stop in shared):
            continue
        free_from = end
        if entry.kind in {"noun", "treaty"}:
            (names.nouns if entry.kind == "noun" else names.treaties).append((start, end))
            continue
        names.descriptors.append((start, end, context.owners(group)))
        for begin, _ in shared:
            place = bisect_left(names.states, begin, key=lambda mention: mention.start)
            if place < len(names.states) and names.states[place].start == begin:
                names.inner.append(names.states[place])


def _overlapped(taken: Sequence[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    """Give the stretches, which do not overlap, that share a character with another."""
    place = bisect_left(taken, (end, 0))
    shared = []
    while place and taken[place - 1][1] > start:
        place -= 1
        shared.append(taken[place])
    return shared


def _parties_of_few(memberships: Memberships) -> Mapping[str, Collection[str]]:
    """Give the members, past and present, of the alliances that never had more than a few."""
    parties: dict[str, set[str]] = {}
    for row in memberships.rows:
        if row.kind == "member":
            parties.setdefault(row.alliance, set()).add(row.state)
    return {alliance: states for alliance, states in parties.items() if len(states) <= _FEW}


def _is_person(text: str, start: int, end: int) -> bool:
    """Say whether a state's name is a person's here: "General Jordan", "Chad Williams, who"."""
    if _SURNAME_AFTER.match(text, end) or _HONORIFIC_BEFORE.search(
        text, max(0, start - _PERSON_REACH), start
    ):
        return True
    # "Israel Rosen ... it was Rosen who": a surname comes again without the forename
    after = _NEXT_WORD.match(text, end)
    return after is not None and len(re.findall(rf"(?<!{text[start:end]}){after[0]}\b", text)) > 0


def _is_plain(entry: Entry, surface: str) -> bool:
    """Say whether nothing around a spelling can speak against a reading."""
    return not (
        entry.is_conditional
        or entry.is_prefix
        or entry.how in {"capital", "treaty"}
        or surface in _FORENAMES
        or surface == "US"
    )


def _case_fits(entry: Entry, surface: str) -> bool:
    if entry.last_sign and surface[-1] != entry.last_sign:
        return False
    if entry.exact:
        if surface == entry.exact:
            return True
        if surface.isalnum():
            return False
        plain = normalize(surface)
        return entry.exact in (plain, f"the{plain[3:]}" if plain.startswith("The ") else plain)
    return not entry.is_proper or not surface[0].islower()
