"""What a document's title tells: who speaks, who writes to whom, who signs, whom it introduces.

The title is part of what a careful reader knows (codebook, "The question"). Its names are looked
up only where its form promises something, since most titles promise nothing.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from alliance_stance.extraction.normalize import fold
from alliance_stance.extraction.order import Ordered
from alliance_stance.extraction.titles import QUALIFIED, TITLE_HEADS
from alliance_stance.schema import Mention

_SPEECH = re.compile(
    r"(?:[\w' -]+: )?(?:Opening |Closing |Joint )?(?:Statement|Address|Speech|Remarks|Lecture|"
    r"Intervention|Message|(?:Press|News) (?:briefing|conference)|Doorstep|Interview)\b"
    r"[^\n]*? (?:by|of|from|with) "
    rf"[^\n]*?{QUALIFIED}\b"
)
_PAPER = re.compile(
    r"\b(?:memorand\w+|minute|submission|cablegram|savingram|telegram|despatch|dispatch|letter|"
    r"message|brief|paper|report|note|record|aide-memoire)\b",
    re.IGNORECASE,
)
_TO = re.compile(
    r"(?P<sender>[^\n]{3,120}?),? ?\b(?:to|for) (?P<addressee>[A-Za-z][^\n]{2,80})$", re.IGNORECASE
)
_NAMES = r"[A-Z][\w.'-]*(?:(?:,? (?:of|in|the|and|for))*,? [A-Z][\w.'-]*)*"
_FROM_NAME_TO_NAME = re.compile(rf"(?P<sender>{_NAMES}),? (?:to|TO) (?P<addressee>{_NAMES})$")
_JOINT = re.compile(
    r"\bjoint\b[^\n]{0,40}\b(?:statement|communiqu|declaration|readout)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class TitleNames:
    """What a title names: states and office-holders, alliances, and persons to their states."""

    people: Ordered = field(default_factory=Ordered)
    alliances: Sequence[Mention] = ()
    introduced: Mapping[str, str] = field(default_factory=dict)


class Heading:
    """A document's title, read.

    Parameters
    ----------
    title
        The title; empty for none.
    look_up
        Finds the names of a title.
    """

    def __init__(self, title: str, look_up: Callable[[str], TitleNames]) -> None:
        self._title = title
        self._look_up = look_up

    @property
    def people(self) -> Ordered:
        """Mentions of states and office-holders, with offsets into the title."""
        return self._found.people

    @property
    def alliances(self) -> Sequence[Mention]:
        """Mentions of alliances, with offsets into the title."""
        return self._found.alliances

    @cached_property
    def introduced(self) -> Mapping[str, str]:
        """Persons whom the title introduces as holders of an office, to their states."""
        has_office = not TITLE_HEADS.isdisjoint(fold(self._title).split())
        return self._found.introduced if has_office else {}

    @cached_property
    def speaker(self) -> str | None:
        """The state whose representative speaks ("Address by the Minister of ..."), if one does."""
        if not _SPEECH.match(self._title):
            return None
        return _only({mention.id for mention in self.people})

    @cached_property
    def only(self) -> str | None:
        """The state that the title names, where it names one only."""
        return _only({mention.id for mention in self.people})

    @cached_property
    def correspondents(self) -> tuple[str | None, str | None]:
        """The states of sender and addressee of a letter or an official paper.

        A paper without an addressee is of the one state that its title names; None stands for one
        that is not known, and for both of a title of another kind.
        """
        is_paper = _PAPER.search(self._title) is not None
        match = (_TO if is_paper else _FROM_NAME_TO_NAME).match(self._title)
        if match is None:
            names = {m.id for m in self.people if m.how != "capital"} if is_paper else set()
            return _only(names), None
        middle = match.end("sender")
        before = self._title
        own = [m for m in self.people if not before[: m.start].endswith((" in ", " at "))]
        sender = _only({m.id for m in own if m.end <= middle and m.how != "capital"})
        to = next((m for m in own if m.start > middle), None)
        if sender is None:
            # one who writes to a minister by name is of the same state
            return (to.id if to is not None and to.how == "person" else None), None
        return sender, to.id if to is not None and to.id != sender else None

    @cached_property
    def joint(self) -> tuple[str, ...]:
        """The states that sign a joint text; empty for another kind of title."""
        if not _JOINT.search(self._title):
            return ()
        return tuple(dict.fromkeys(mention.id for mention in self.people))

    @cached_property
    def _found(self) -> TitleNames:
        return self._look_up(self._title) if self._title else TitleNames()


def _only(states: set[str]) -> str | None:
    return next(iter(states)) if len(states) == 1 else None
