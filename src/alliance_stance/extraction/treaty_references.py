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
        dates_of: dict[int, tuple[str, str]] = {}
        for start, end in names.treaties:
            index = bisect_right(sentence_starts, start) - 1
            stop = sentence_starts[index + 1] if index + 1 < len(sentence_starts) else len(plain)
            first = sentence_starts[max(0, index - 1)]
            if index not in dates_of:
                # a year in the sentence decides, else the date or the year in the one before
                year = latest_year(plain, sentence_starts[index], stop)
                before = latest_year(plain, first, sentence_starts[index])
                dates_of[index] = (year, "") if year else (setting[0], before)
            dates = dates_of[index]
            if plain.endswith(("between", "with"), start, end):
                stretch = (sentence_starts[index], start, end)
                fitting = self._beside(plain, stretch, people, setting[1], dates)
                if len(fitting) == 1:
                    yield Mention(
                        "alliance", fitting[0], start, plain.rindex(" ", start, end), "reference"
                    )
                continue
            # "the Mutual Defense Treaty" and "our security pact" are the speaker's own
            is_own = plain[start].isupper() or plain.endswith(("our ", "Our "), 0, start)
            speaker = setting[1] if is_own else None
            found = [
                self._fitting(_named(people, begin, stop, speaker), dates)
                for begin in (sentence_starts[index], first)
            ]
            chosen = [name for fitting in found for name in fitting if name in titled] or next(
                (fitting for fitting in found if len(fitting) == 1), []
            )
            if chosen:
                yield Mention("alliance", chosen[0], start, end, "reference")

    def _beside(
        self,
        plain: str,
        stretch: tuple[int, int, int],
        people: Ordered,
        speaker: str | None,
        dates: tuple[str, str],
    ) -> list[str]:
        """Give the treaties "between X and Y", or those "with X" of a state named before.

        `stretch` is the start of the sentence, and start and end of the phrase.
        """
        begin, start, end = stretch
        place = people.place(end)
        behind = people[place : place + 2]
        if not behind or not _NEXT.fullmatch(plain, end, behind[0].start):
            return []
        is_own = place and people[place - 1].end == start - 1
        if not is_own and not _OWN_KIND.search(plain, max(0, start - _REACH), start):
            return []
        if plain.endswith("between", start, end):
            if len(behind) < _TWO or not _AND.fullmatch(plain, behind[0].end, behind[1].start):
                return []
            return self._fitting({mention.id for mention in behind}, dates)
        parties = _named(people, begin, start, speaker)
        fitting = (self._fitting({party, behind[0].id}, dates) for party in parties)
        return list({name for names in fitting for name in names})

    def _fitting(self, named: Collection[str], dates: tuple[str, str]) -> list[str]:
        """Give the treaties whose two parties are named, in force at one of two dates."""
        seats = {_SAME_SEAT.get(state, state) for state in named}
        return [
            alliance.id
            for alliance, parties in self._treaties
            if parties <= seats and _is_in_force(alliance, dates)
        ]


def _named(people: Ordered, start: int, stop: int, speaker: str | None) -> set[str]:
    """Give the states that a stretch of text names, and the one that speaks."""
    last = people.place(stop)
    near = people[max(people.place(start), last - _MOST) : last]
    return {mention.id for mention in near} | ({speaker} if speaker is not None else set())


def _is_in_force(alliance: Alliance, dates: tuple[str, str]) -> bool:
    """Say whether a treaty was in force when a text was written, or in the year it speaks of."""
    date, year = dates
    return not date or any(
        covers(alliance.founded, alliance.ended, one) for one in (date, year) if one
    )
