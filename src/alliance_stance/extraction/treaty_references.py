"""Which treaty between two states "the security treaty" is: that of the two named with it.

Treaties of two parties are called by their kind ("its mutual defence pact with the United States")
far more often than by name. One stands where both parties are mentioned in its sentence or the one
before, where it was in force on the date, and where no other treaty would do.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

from alliance_stance.extraction.mentions import Names
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
        names: Names,
        people: Ordered,
        sentence_starts: Sequence[int],
        title: Sequence[Mention],
        date: str,
    ) -> Iterator[Mention]:
        """Find the references of a document.

        Parameters
        ----------
        names
            What was found by name; its `treaties` are the phrases.
        people
            Mentions of states, in order.
        sentence_starts
            Where the sentences begin, in order.
        title
            Mentions of alliances in the title, which decide between several.
        date
            The document's date; empty for any.

        Yields
        ------
        Mention
            With ``how`` equal to ``"reference"``.
        """
        titled = {mention.id for mention in title}
        for start, end in names.treaties:
            index = bisect_right(sentence_starts, start) - 1
            stop = sentence_starts[index + 1] if index + 1 < len(sentence_starts) else None
            found = [
                self._fitting(people, sentence_starts[first], stop, date)
                for first in (index, max(0, index - 1))
            ]
            chosen = [name for fitting in found for name in fitting if name in titled] or next(
                (fitting for fitting in found if len(fitting) == 1), []
            )
            if chosen:
                yield Mention("alliance", chosen[0], start, end, "reference")

    def _fitting(self, people: Ordered, start: int, stop: int | None, date: str) -> list[str]:
        """Give the treaties in force whose two parties a stretch of text names."""
        last = len(people) if stop is None else people.place(stop)
        near = people[max(people.place(start), last - _MOST) : last]
        named = {_SAME_SEAT.get(mention.id, mention.id) for mention in near}
        return [
            alliance.id
            for alliance, parties in self._treaties
            if parties <= named and (not date or covers(alliance.founded, alliance.ended, date))
        ]
