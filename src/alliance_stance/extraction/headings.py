"""What a document's title tells: who speaks, who writes to whom, who signs, whom it introduces.

The title is part of what a careful reader knows (codebook, "The question"). Its names are looked
up only where its form promises something, since most titles promise nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from alliance_stance.extraction.joint_titles import is_of_a_joint_text, signatories
from alliance_stance.extraction.letter_titles import (
    Correspondents,
    correspondents,
    is_of_a_letter,
)
from alliance_stance.extraction.normalize import fold
from alliance_stance.extraction.order import Ordered
from alliance_stance.extraction.speech_titles import speaking_part, speaking_state
from alliance_stance.extraction.titles import TITLE_HEADS
from alliance_stance.schema import Mention


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
        part = self._speaking_part
        # one who writes to another state does not speak to all
        if part is None or self.correspondents[1] is not None:
            return None
        return speaking_state(self._title, part, self.people, self.alliances)

    @cached_property
    def answerer(self) -> str | None:
        """The state of the one who is asked: of the speaker, else the only one of the title."""
        if self._speaking_part is not None:
            return self.speaker
        return _only({mention.id for mention in self.people})

    @cached_property
    def correspondents(self) -> Correspondents:
        """The states of sender and addressee of a letter; None for one that is not known."""
        if not is_of_a_letter(self._title):
            return None, None
        return correspondents(self._title, self.people, self.alliances)

    @cached_property
    def joint(self) -> tuple[str, ...]:
        """The states that sign a joint text; empty for another kind of title."""
        if self._speaking_part is not None or not is_of_a_joint_text(self._title):
            return ()
        return signatories(self._title, self.people, self.alliances)

    @cached_property
    def _speaking_part(self) -> tuple[int, int] | None:
        return speaking_part(self._title)

    @cached_property
    def _found(self) -> TitleNames:
        return self._look_up(self._title) if self._title else TitleNames()


def _only(states: set[str]) -> str | None:
    return next(iter(states)) if len(states) == 1 else None
