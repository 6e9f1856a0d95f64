"""Which treaty between two states "the security treaty" is: that of the two named with it.

Treaties of two parties are called by their kind ("its mutual defence pact with the United States")
far more often than by name. One stands where both parties are mentioned in its sentence or the one
before, where it was in force on the date, and where no other treaty would do.
"""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence

from alliance_stance.extraction.mentions import Names
from alliance_stance.extraction.moments import latest_year
from alliance_stance.extraction.order import Ordered
from alliance_stance.knowledge.alliances import Alliance
from alliance_stance.knowledge.memberships import Memberships
from alliance_stance.knowledge.tables import covers
from alliance_stance.schema import Mention

_TWO = 2
_MOST = 64
"""Mentions that are looked at; a sentence with more is none that anybody wrote."""
_SAME_SEAT = {"RUS": "SUN"}
"""Heirs that took over the treaties of another state."""
_OWN_KIND = re.compile(
    r"(?:\w's |\ws' |\b(?:[Tt]he|[Ii]ts|[Tt]heir|[Oo]ur|[Tt]his|[Tt]hat|[Hh]is|[Hh]er|[Oo]ld|under|"
    r"by|military|defen[cs]e|security|friendship|bilateral|strategic|formal|1[89]\d\d|20\d\d) |^)$"
)
"""What goes before "treaty with"; "peace", "trade" or "tax" would make it another kind."""
_PREPOSITION = re.compile(r" (between|with)\b")
_NEXT = re.compile(r" (?:the )?$")
_AND = re.compile(r" and (?:the )?$")
_REACH = 24


class TreatyReferences:
    """Finds the treaties of two parties that are called by their kind.

    Parameters
    ----------
    alliances
        Keyed by id.
    memberships
        Their parties.
    """

    def __init__(self, alliances: Mapping[str, Alliance], memberships: Memberships) -> None:
        parties: dict[str, set[str]] = {}
        for row in memberships.rows:
            if row.kind in {"member", "signed"}:
                seat = _SAME_SEAT.get(row.state, row.state)
                parties.setdefault(row.alliance, set()).add(seat)
        self._treaties = [
            (alliances[name], states) for name, states in parties.items() if len(states) == _TWO
        ]

    def find(
        self,
        plain: str,
        names: Names,
        people: Ordered,
        sentence_starts: Sequence[int],
        title: Sequence[Mention],
        setting: tuple[str, str | None],
    ) -> Iterator[Mention]:
        """Find the references of a document.

        Parameters
        ----------
        plain
            The document's text, normalised.
        names
            What was found by name; its `treaties` are the phrases.
        people
            Mentions of states, in order.
        sentence_starts
            Where the sentences begin, in order.
        title
            Mentions of alliances in the title, which decide between several.
        setting
            The document's date, empty for any, and the state that speaks throughout, if one does.

        Yields
        ------
        Mention
            With ``how`` equal to ``"reference"``.
        """
        titled = {mention.id for mention in title}
        moments = _Moments(plain, sentence_starts, setting[0])
        for start, end in names.treaties:
            index = bisect_right(sentence_starts, start) - 1
            is_bare = plain.endswith(("between", "with"), start, end)
            end = plain.rindex(" ", start, end) if is_bare else end
            beside = self._beside(plain, (sentence_starts[index], start, end), people, setting[1])
            chosen = moments.in_force(beside, index)
            if is_bare and not _is_of_own_kind(plain, people, start):
                continue
            if not is_bare and len(chosen) != 1:
                # "the Mutual Defense Treaty" and "our security pact" are the speaker's own
                is_own = plain[start].isupper() or plain.endswith(("our ", "Our "), 0, start)
                near = self._near(people, sentence_starts, index, setting[1] if is_own else None)
                found = [moments.in_force(fitting, index) for fitting in near]
                chosen = [name for fitting in found for name in fitting if name in titled] or next(
                    (fitting for fitting in found if len(fitting) == 1), []
                )
                chosen = chosen[:1]
            if len(chosen) == 1:
                yield Mention("alliance", chosen[0], start, end, "reference")

    def _near(
        self, people: Ordered, sentence_starts: Sequence[int], index: int, speaker: str | None
    ) -> Iterator[list[Alliance]]:
        """Yield the treaties of the states of a sentence, then with those of the one before."""
        is_last = index + 1 == len(sentence_starts)
        stop = None if is_last else sentence_starts[index + 1]
        for first in (index, max(0, index - 1)):
            yield self._fitting(_named(people, sentence_starts[first], stop, speaker))

    def _beside(
        self, plain: str, stretch: tuple[int, int, int], people: Ordered, speaker: str | None
    ) -> list[Alliance]:
        """Give the treaties "between X and Y", or those "with X" of a state named before.

        `stretch` is the start of the sentence, and start and end of the phrase.
        """
        begin, start, end = stretch
        word = _PREPOSITION.match(plain, end)
        if word is None:
            return []
        place = people.place(word.end())
        behind = people[place : place + 2]
        if not behind or not _NEXT.fullmatch(plain, word.end(), behind[0].start):
            return []
        if word[1] == "between":
            if len(behind) < _TWO or not _AND.fullmatch(plain, behind[0].end, behind[1].start):
                return []
            return self._fitting({mention.id for mention in behind})
        parties = _named(people, begin, start, speaker)
        fitting = (self._fitting({party, behind[0].id}) for party in parties)
        return [treaty for treaties in fitting for treaty in treaties]

    def _fitting(self, named: Collection[str]) -> list[Alliance]:
        """Give the treaties whose two parties are named, whenever they were in force."""
        seats = {_SAME_SEAT.get(state, state) for state in named}
        return [alliance for alliance, parties in self._treaties if parties <= seats]


def _is_of_own_kind(plain: str, people: Ordered, start: int) -> bool:
    """Say whether a mere "treaty" is no peace or tax treaty: "its" or "American" is before it."""
    place = people.place(start)
    if place and people[place - 1].end == start - 1:
        return True
    return _OWN_KIND.search(plain, max(0, start - _REACH), start) is not None


def _named(people: Ordered, start: int, stop: int | None, speaker: str | None) -> set[str]:
    """Give the states that a stretch of text names, and the one that speaks."""
    last = len(people) if stop is None else people.place(stop)
    near = people[max(people.place(start), last - _MOST) : last]
    return {mention.id for mention in near} | ({speaker} if speaker is not None else set())


class _Moments:
    """Of which time the sentences of a document speak; asked only where a treaty may fit."""

    def __init__(self, plain: str, sentence_starts: Sequence[int], date: str) -> None:
        self._plain = plain
        self._starts = (*sentence_starts, len(plain))
        self._date = date
        self._known: dict[int, tuple[str, str]] = {}

    def in_force(self, treaties: Sequence[Alliance], index: int) -> list[str]:
        """Give the treaties that were in force when a sentence was written or speaks of."""
        if not treaties:
            return []
        if index not in self._known:
            self._known[index] = self._dates(index)
        date, year = self._known[index]
        dates = [one for one in (date, year) if one] if date else []
        return list({
            treaty.id: None
            for treaty in treaties
            if not dates or any(covers(treaty.founded, treaty.ended, one) for one in dates)
        })  # fmt: skip

    def _dates(self, index: int) -> tuple[str, str]:
        """Give the year in a sentence, else the document's date and the year in the one before."""
        start, stop = self._starts[index : index + 2]
        year = latest_year(self._plain, start, stop)
        before = "" if year else latest_year(self._plain, self._starts[max(0, index - 1)], start)
        return (year, "") if year else (self._date, before)
