"""Who speaks throughout a document, in a turn of a transcript, or in a letter.

The speaker's state holds what is said (codebook, rules 2 and 15), also where the sentence does not
name it. Quotations inside a report are the business of quotations.py.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from alliance_stance.extraction.normalize import fold
from alliance_stance.extraction.titles import QUALIFIED
from alliance_stance.schema import Mention

_FIRST_PERSON = re.compile(
    r"\b(?:[Ww]e|[Uu]s|[Oo]urs?|[Oo]urselves|I|[Mm]e|[Mm]y|[Mm]yself|[Mm]ine)\b(?!\.[A-Z])"
)
_SECOND_PERSON = re.compile(r"\b(?:[Yy]ou|[Yy]ours?|[Yy]ourself)\b")

PRONOUNS = tuple(
    f" {word} "
    for word in "we our i us my ours me ourselves mine myself you your yours yourself".split()
)
"""The pronouns of the first and second person, folded, with a space on both sides."""

_WORD = r"(?:[A-Z\u00c0-\u00de][\w.'\u2019-]*|of|the|and|for|de|al|van|von|bin)"
_TURN = re.compile(
    rf"(?:\*+|\[)?(?P<label>{_WORD}(?: {_WORD}){{0,9}})(?: ?\((?P<aside>[^)\n]{{1,60}})\))?"
    r"(?:\*+|\])?:(?=\s|$)"
)
_ASKER = re.compile(
    r"(?:Q|QUESTION|QUESTIONER|REPORTER|JOURNALIST|MODERATOR|INTERVIEWER|PRESS|CORRESPONDENT)\b",
    re.IGNORECASE,
)
_LONGEST_LABEL = 110
_FEWEST_TURNS = 2

_SPEECH_TITLE = re.compile(
    r"^(?:[\w' -]+: )?(?:Opening |Closing |Joint )?(?:Statement|Address|Speech|Remarks|Intervention|"
    rf"Lecture|Message|Press briefing|Doorstep|Interview)\b[^\n]*? (?:by|of|from|with) [^\n]*?{QUALIFIED}"
)
_PAPER = re.compile(
    r"\b(?:memorand\w+|minute|submission|cablegram|savingram|telegram|despatch|dispatch|letter|message|"
    r"brief|briefing paper|paper|report|note|record|aide-memoire|to)\b",
    re.IGNORECASE,
)
_LETTER_TITLE = re.compile(
    r"^(?P<sender>[^\n]{3,120}?)(?:,|\b) ?\b(?:to|for)\b (?P<addressee>[A-Z][^\n]{2,80})$",
    re.IGNORECASE,
)
_JOINT = re.compile(
    r"\bjoint\b[^\n]{0,40}\b(?:statement|communiqu|declaration|readout)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Voice:
    """In whose voice a sentence is, and how that is known.

    `covers_all` is False where only the first person stands for the state.
    """

    state: str
    how: str
    covers_all: bool = True


@dataclass(frozen=True, slots=True)
class Turn:
    """A paragraph that begins with a speaker's label; `state` is None for one without a state."""

    start: int
    state: str | None
    is_asker: bool


def first_person(text: str, start: int, end: int, state: str) -> Iterator[Mention]:
    """Find the pronouns by which a speaker names the own state (codebook rule 15).

    Examples
    --------
    >>> text = "We and our allies met in the U.S."
    >>> [m.start for m in first_person(text, 0, len(text), "FRA")]
    [0, 7]
    """
    for match in _FIRST_PERSON.finditer(text, start, end):
        yield Mention("state", state, match.start(), match.end(), "speaker")


def second_person(text: str, start: int, end: int, state: str) -> Iterator[Mention]:
    """Find the pronouns that stand for the state to which a letter goes."""
    for match in _SECOND_PERSON.finditer(text, start, end):
        yield Mention("state", state, match.start(), match.end(), "addressee")


def find_turns(
    text: str, people: Sequence[Mention], persons: Mapping[str, str]
) -> list[Turn]:
    """Find the turns of a transcript.

    A label that once shows its state ("Mr. Setiadi (Indonesia):") keeps it where it comes again.

    Parameters
    ----------
    text
        The document's text.
    people
        Its mentions of states and of persons who stand for one, in order.
    persons
        Persons that its title introduces, to their states.

    Returns
    -------
    list of Turn
        In text order; empty where fewer than two paragraphs begin with a label.
    """
    known = {fold(name.rsplit(" ", 1)[-1]): state for name, state in persons.items()}
    turns = []
    position = 0
    for line in text.split("\n"):
        if ":" in line[:_LONGEST_LABEL]:
            match = _TURN.match(line, len(line) - len(line.lstrip()))
            if match is not None:
                turns.append(_turn(match, position, people, known))
        position += len(line) + 1
    return turns if len(turns) >= _FEWEST_TURNS else []


def _turn(
    match: re.Match[str], offset: int, people: Sequence[Mention], known: dict[str, str]
) -> Turn:
    start, end = offset + match.start("label"), offset + match.end()
    label = match["label"]
    if _ASKER.match(label):
        return Turn(start, None, is_asker=True)
    surname = fold(label.rsplit(" ", 1)[-1])
    first = bisect_left(people, start, key=lambda mention: mention.start)
    inside = [mention for mention in people[first : first + 4] if mention.end <= end]
    if inside:
        known[surname] = inside[-1].id
    return Turn(start, known.get(surname), is_asker=False)


def turn_at(turns: Sequence[Turn], position: int) -> Turn | None:
    """Give the turn that a position stands in; None before the first."""
    index = bisect_right(turns, position, key=lambda turn: turn.start) - 1
    return turns[index] if index >= 0 else None


def speaker_of_title(title: str, people: Sequence[Mention]) -> str | None:
    """Give the state whose representative speaks, by a title such as "Address by the Minister ...".

    Parameters
    ----------
    title
        The document's title.
    people
        Mentions of states and persons in the title.

    Returns
    -------
    str or None
        None for a title of another kind, or one that names no state or several.
    """
    return _only({m.id for m in people}) if people and _SPEECH_TITLE.match(title) else None


def correspondents(title: str, people: Sequence[Mention]) -> tuple[str | None, str | None]:
    """Give the states of sender and addressee of a letter or an official paper, by its title.

    A paper without an addressee is of the one state that its title names.

    Parameters
    ----------
    title
        The document's title ("Message, Macmillan to Menzies").
    people
        Mentions of states and persons in the title.

    Returns
    -------
    tuple
        Sender and addressee; None for one that is not known or a title of another kind.
    """
    if not _PAPER.search(title):
        return None, None
    match = _LETTER_TITLE.search(title)
    if match is None:
        return _only({mention.id for mention in people if mention.how != "capital"}), None
    middle = match.end("sender")
    own = [mention for mention in people if not title[: mention.start].endswith((" in ", " at "))]
    sender = _only({m.id for m in own if m.end <= middle and m.how != "capital"})
    addressee = next((m.id for m in own if m.start > middle), None)
    # one who writes to the own minister, or home, is of the same state
    return sender or addressee, addressee if sender not in {None, addressee} else None


def joint_states(title: str, people: Sequence[Mention]) -> tuple[str, ...]:
    """Give the states that sign a joint text, by its title; empty for another kind of title."""
    if not _JOINT.search(title):
        return ()
    return tuple(dict.fromkeys(mention.id for mention in people))


def _only(states: set[str]) -> str | None:
    return next(iter(states)) if len(states) == 1 else None
