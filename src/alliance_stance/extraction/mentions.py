"""Find every name of a state or an alliance in a text, in one pass.

All names stand in one Aho-Corasick automaton (Aho and Corasick 1975; pyahocorasick), so that
the time does not grow with their number. Matches must begin and end at a word's edge; of
overlapping ones the first wins, and of those that begin together the longest, so "Papua New
Guinea" holds no Guinea, and a listed phrase such as "New Mexico" holds no state at all.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import ahocorasick

from alliance_stance.extraction.normalize import fold, normalize, strip_accents
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.knowledge.names import Name
from alliance_stance.schema import Mention, MentionKind

_UNNAMED = frozenset({"descriptor", "metonym"})
"""Kinds that need a context to say what they stand for; references.py settles them."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """What a string of the automaton stands for; `kind` is None for a phrase that is no state."""

    kind: MentionKind | None
    name: Name
    is_lower: bool


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
    >>> [(m.id, text[m.start : m.end], m.how) for m in finder.find(text)]
    [('ARM', 'Yerevan', 'capital'), ('CSTO', 'CSTO', 'acronym')]
    """

    def __init__(self, knowledge: Knowledge) -> None:
        entries = _entries(knowledge)
        self._automaton = ahocorasick.Automaton()
        for surface, group in entries.items():
            self._automaton.add_word(surface, (len(surface), group))
        self._automaton.make_automaton()

    def find(self, text: str, *, date: str = "") -> list[Mention]:
        """Find the mentions of a text.

        Parameters
        ----------
        text
            Any text; its offsets are those of the mentions.
        date
            Date of the text: names out of their time are passed over. Empty means any time.

        Returns
        -------
        list of Mention
            In text order, not overlapping.
        """
        return [
            Mention(entry.kind, entry.name.target, start, end, entry.name.kind)
            for start, end, entry in _longest(self._matches(text, date))
            if entry.kind is not None
        ]

    def _matches(self, text: str, date: str) -> Iterator[tuple[int, int, _Entry]]:
        plain = normalize(text)
        for last, (length, group) in self._automaton.iter(fold(plain)):
            start, end = last - length + 1, last + 1
            if _is_whole(plain, start, end):
                entry = _choose(group, plain[start:end], date)
                if entry is not None:
                    yield start, end, entry


def _entries(knowledge: Knowledge) -> dict[str, list[_Entry]]:
    """Give what each spelling stands for, in the tables' order of preference."""
    entries: dict[str, list[_Entry]] = {}
    for name in knowledge.state_names:
        for surface in _state_spellings(name):
            _add(entries, surface, "state", name)
    for name in knowledge.alliance_names:
        for surface in _spellings(name.surface) if name.kind not in _UNNAMED else ():
            _add(entries, surface, "alliance", name)
    for phrase in knowledge.not_states:
        for surface in _spellings(phrase):
            _add(entries, surface, None, Name("", phrase, "phrase"))
    return entries


def _add(
    entries: dict[str, list[_Entry]], surface: str, kind: MentionKind | None, name: Name
) -> None:
    plain = normalize(surface)
    entries.setdefault(fold(plain), []).append(_Entry(kind, name, plain[:1].islower()))


def _spellings(surface: str) -> set[str]:
    return {surface, strip_accents(surface)}


def _state_spellings(name: Name) -> set[str]:
    surfaces = _spellings(name.surface)
    if name.kind == "demonym" and name.surface[-1:] not in "sehz":
        surfaces |= {surface + "s" for surface in surfaces}
    return surfaces


def _is_whole(text: str, start: int, end: int) -> bool:
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    return not (before.isalnum() or after.isalnum() or before == "_" or after == "_")


def _choose(group: list[_Entry], surface: str, date: str) -> _Entry | None:
    """Take the first entry of the right case and time; tables are in order of preference."""
    for entry in group:
        if _case_fits(entry, surface) and entry.name.period.covers(date):
            return entry
    return None


def _case_fits(entry: _Entry, surface: str) -> bool:
    name = entry.name
    if name.case_sensitive or len(name.surface) <= 3:
        return surface == normalize(name.surface)
    # "turkey" and "chad" are other words; an acronym or a name that is written small is not
    return entry.is_lower or not surface[:1].islower() or name.kind == "acronym"


def _longest(
    matches: Iterator[tuple[int, int, _Entry]],
) -> Iterator[tuple[int, int, _Entry]]:
    """Keep the first of overlapping matches, and of those that begin together the longest."""
    ranked = sorted(matches, key=lambda match: (match[0], -match[1]))
    free_from = 0
    for start, end, entry in ranked:
        if start >= free_from:
            yield start, end, entry
            free_from = end
