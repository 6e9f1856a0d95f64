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

from ahocorasick_rs import AhoCorasick, Implementation

from alliance_stance.errors import InputError
from alliance_stance.extraction.choosing import Context, Group, Hit
from alliance_stance.extraction.lexicon import STRONG, Entry, entries_of
from alliance_stance.extraction.normalize import fold, spell_out
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.knowledge.memberships import Memberships
from alliance_stance.schema import Document, Mention

MOST_NAMES = 2_000_000
"""In one document; a name takes some 700 bytes until its sentence has been read."""
_AT_ONCE = 2**22
"""Characters that are searched at once."""
_FEW = 4
"""Up to so many members a treaty's name spells out its parties."""
_SHARED_SEATS = frozenset({
    "Admiralty", "Army", "Bundesrat", "Chancellery", "Council", "Force", "Forces", "Marines",
    "Ministry", "Navy", "Office",
})  # fmt: skip
"""Last words of the bodies that other states have as well, unlike a Kremlin."""
_COMPASS = ("North", "South", "East", "West")
_COMPASS_BEFORE = re.compile(r"\b((?:North|South|East|West)(?:ern)?) (?:and|or|nor) $")
"""Before a name that begins so, too, and whose noun it shares: "North and South Korea"."""
_COMPASS_REACH = 16
"""Characters before a name in which such a word is looked for."""
_POSSESSIVES = frozenset({"'s ", "\u2019s ", "' ", "\u2019 "})


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
        self._groups = [Group(tuple(group)) for group in entries.values()]
        self._index = {string: index for index, string in enumerate(entries)}
        self._longest = max(map(len, entries))
        self._automaton = AhoCorasick(list(entries), implementation=Implementation.ContiguousNFA)
        self._parties = _parties_of_few(knowledge.memberships)

    def is_name(self, word: str) -> bool:
        """Say whether a word is one of the strings that are searched."""
        return f" {fold(word)} " in self._index

    def find(self, document: Document) -> Names:
        """Find the names of a document.

        Names out of their time are passed over where the document has a date, and those that
        need a word beside them where the document lacks it.

        Raises
        ------
        InputError
            If more than `MOST_NAMES` words may be names.
        """
        folded = f" {fold(document.text)} "
        raw = self._search(folded, document.id)
        names = self._settle(raw, Context(document, folded, raw, self._groups))
        names.is_titled = self._is_titled(document)
        return names

    def find_for_pairs(self, document: Document) -> Names | None:
        """Find the names of a document, or None where none, nor its title's, can be an alliance's.

        Such a document holds no pair, so that no more of it needs to be read. Raises as `find`.
        """
        folded = f" {fold(document.text)} "
        raw = self._search(folded, document.id)
        is_titled = self._is_titled(document)
        if not is_titled and not self._has_alliance(raw):
            return None
        names = self._settle(raw, Context(document, folded, raw, self._groups))
        names.is_titled = is_titled
        return names if names.may_hold_pairs else None

    def _is_titled(self, document: Document) -> bool:
        return self._has_alliance(self._search(f" {fold(spell_out(document.title))} ", document.id))

    def _has_alliance(self, raw: Iterable[Hit]) -> bool:
        return any(self._groups[index].names_alliance for index, _, _ in raw)

    def _search(self, folded: str, name: str) -> list[Hit]:
        """Give each hit as the index of its string, start and end; `name` is the document's.

        Raises
        ------
        InputError
            If there are more than `MOST_NAMES`, before they fill the memory.
        """
        if len(folded) <= _AT_ONCE:
            return self._automaton.find_matches_as_indexes(folded, overlapping=True)
        raw: list[Hit] = []
        for start in range(0, len(folded), _AT_ONCE):
            # a hit belongs to the piece in which it begins, and may end behind it
            piece = folded[start : start + _AT_ONCE + self._longest - 1]
            for index, begin, end in self._automaton.find_matches_as_indexes(
                piece, overlapping=True
            ):
                if begin < _AT_ONCE:
                    raw.append((index, begin + start, end + start))
            if len(raw) > MOST_NAMES:
                raise InputError(
                    f"{name:.80}",
                    f"more than {MOST_NAMES:,} words that may be names in one text",
                    "a document of sentences",
                    "cut it into documents",
                )
        return raw

    def _settle(self, raw: Iterable[Hit], context: Context) -> Names:
        """Choose a reading for each hit and settle overlaps: the first, then the longest."""
        names = Names(context.folded)
        # the padded text is one longer at the front, each string has a space on both sides
        ranked = sorted([(begin, 2 - last, index) for index, begin, last in raw])
        weak: list[tuple[int, int, Group, Entry]] = []
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
                if last is not None and _is_of_another(text, entry, (start, end), last, last_end):
                    continue
                self._add_half(names, context, (start, end), last_end)
                _add_strong(names, entry, start, end)
                taken.append((start, end))
                last = entry
                last_end, inside_from = end, start
            else:
                inside_from = end if entry.kind in {"state", "phrase"} else inside_from
                self._add_inner(names, entry, (start, end), last, last_end)
        _add_weak(names, weak, taken, context)
        return names

    def _add_half(
        self, names: Names, context: Context, span: tuple[int, int], last_end: int
    ) -> None:
        """Add the state that lacks its noun before one that has it: "North and South Korea"."""
        start, end = span
        if not context.text.startswith(_COMPASS, start):
            return
        half = _COMPASS_BEFORE.search(context.text, max(last_end, start - _COMPASS_REACH), start)
        if half is None:
            return
        noun = context.text[start:end].partition(" ")[2]
        index = self._index.get(f" {fold(f'{half[1]} {noun}')} ")
        if index is None:
            return
        entry = context.choose(self._groups[index], half.start(), end)
        if entry is not None and entry.kind == "state":
            _add_strong(names, entry, *half.span(1))

    def _add_inner(
        self, names: Names, entry: Entry, span: tuple[int, int], last: Entry | None, last_end: int
    ) -> None:
        """Add a state that lies in the name before it, where it is mentioned by that.

        A surname that ends a phrase is added too: "Salvador Allende" is no El Salvador, and was a
        president.
        """
        start, end = span
        if last is None or end > last_end:
            return
        if entry.kind == "surname" and last.kind == "phrase" and end == last_end:
            names.surnames.append((entry.target, start, end))
        elif self._is_inner(entry, last):
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


def _is_of_another(
    text: str, seat: Entry, span: tuple[int, int], last: Entry, last_end: int
) -> bool:
    """Say whether a body is that of the state named before it: "Peru's Foreign Office"."""
    if seat.how != "seat" or last.kind != "state" or last.target == seat.target:
        return False
    start, end = span
    gap = text[last_end:start]
    is_owned = gap in _POSSESSIVES or (gap == " " and last.how == "adjective")
    return is_owned and text[start:end].rpartition(" ")[2] in _SHARED_SEATS


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
    weak: Iterable[tuple[int, int, Group, Entry]],
    taken: Sequence[tuple[int, int]],
    context: Context,
) -> None:
    """Add descriptors and nouns where no name overlaps them, or only lies inside.

    "The British-led force" stands for an alliance and names a state.
    """
    free_from = 0
    for start, end, group, entry in weak:
        if entry.kind == "treaty":
            # also inside a descriptor, which may turn out to refer to nothing
            names.treaties.append((start, end))
            continue
        if start < free_from:
            continue
        shared = _overlapped(taken, start, end)
        if any(not (start <= begin and stop <= end) for begin, stop in shared):
            continue
        free_from = end
        if entry.kind == "noun":
            names.nouns.append((start, end))
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
