"""Which alliance "the organization" is: the one named last, if no other body stands between.

Much else is called so, the United Nations first of all, so that only an alliance close by is taken
up; one whose own name has the noun may stand as far back as for other phrases.
"""

import re
from bisect import bisect_right
from collections.abc import Collection, Sequence
from typing import NamedTuple

from alliance_stance.extraction.order import Ordered
from alliance_stance.schema import Mention

NOUNS = frozenset({"organization", "organisation"})
SENTENCES_BACK = 4
"""Sentences before a phrase in which an alliance may be named that it stands for."""

_NEAR = 2
"""The same for an alliance whose name does not have the noun."""
_FARTHEST = 10_000
"""Characters within which an alliance is looked for at all; so many sentences are not longer."""
_REACH = 2000
"""Characters before; a sentence without end is none that anybody wrote."""
_BODY = re.compile(
    r"\b(?:United Nations|UN|U\.N\.|League of Nations|General Assembly|Security Council|"
    r"Secretary-General|San Francisco)(?!\w)|"
    r"\b[A-Z][\w-]+ (?:Organi[sz]ation|Fund|Bank|Agency|Committee|Council|Commission|Association|"
    r"Institute|Court|Party|Group|Watch|Foundation|Company|Corporation|Programme|Program)\b"
)
"""What else it can be, if it is named between."""
_THING = re.compile(
    r"\b[Oo]rgani[sz]ations?\b|\b[A-Z]{3,}\b|"
    r"\b(?:group|movement|militia|charity|agency|foundation|company)\b"
)
"""The same, for an alliance whose name does not have the noun."""
_ACRONYM = re.compile(r"\b[A-Z]{3,}\b")
_NAMED_THING = re.compile(r"\b(?:organi[sz]ation|group|charity|agency) (?:called )?[A-Z]")
"""Another that is so called by its name ("the aid organization Nine Wells")."""
_NARROWED = re.compile(
    r" (?:which|that|who|whose|responsible|charged|known|in charge|dealing|working|seeking|running|"
    r"representing|campaigning|calling|supporting|monitoring|providing|fighting|helping|promoting)\b"
)
"""What tells behind the noun which one it is, so that none named before is meant."""


class Scene(NamedTuple):
    """What a phrase of a document may refer to.

    `plain` is the normalised text, `alliances` its mentions by name, `sentence_starts` where its
    sentences begin, `title` the mentions of alliances in its title.
    """

    plain: str
    alliances: Ordered
    sentence_starts: Sequence[int]
    title: Sequence[Mention]

    def floor(self, position: int, back: int) -> int:
        """Give where the sentence begins that is so many before that of a position."""
        index = bisect_right(self.sentence_starts, position) - 1
        return self.sentence_starts[max(0, index - back)] if index >= 0 else 0

    def is_near(self, position: int) -> bool:
        """Say whether any alliance is named at all that a phrase may refer to."""
        if self.title:
            return True
        place = self.alliances.place(position)
        return place > 0 and position - self.alliances[place - 1].start < _FARTHEST


def named_last(
    scene: Scene, start: int, end: int, so_called: Collection[str], *, is_proper: bool
) -> Mention | None:
    """Give the alliance that "the organization" stands for; None where that is open.

    Parameters
    ----------
    scene
        The document.
    start, end
        The phrase.
    so_called
        Alliances whose own name has the noun.
    is_proper
        Whether the noun has a capital, so that no alliance of another name can be meant.
    """
    if _NARROWED.match(scene.plain, end):
        return None
    near = scene.floor(start, _NEAR)
    place = scene.alliances.place(start)
    last = scene.alliances[place - 1] if place else None
    if scene.title and (last is None or last.start < near):
        named, since = scene.title[0], near
    elif last is not None and last.start >= scene.floor(start, SENTENCES_BACK):
        named, since = last, last.end
    else:
        return None
    if start - since > _REACH or _BODY.search(scene.plain, since, start):
        return None
    if named.id in so_called:
        is_clear = _ACRONYM.search(scene.plain, since, start) is None
    else:
        is_clear = not is_proper and since >= near and not _THING.search(scene.plain, since, start)
    floor = max(near, start - _REACH)
    return named if is_clear and not _NAMED_THING.search(scene.plain, floor, start) else None
