"""Who speaks throughout a document or in a turn of a transcript, and by which pronouns.

The speaker's state holds what is said (codebook, rules 2 and 15), also where the sentence does not
name it. Quotations inside a report are the business of quotations.py, letters of
headings.py.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from alliance_stance.extraction.normalize import fold
from alliance_stance.extraction.order import Ordered
from alliance_stance.extraction.titles import HONORIFICS, TITLE_ENDS, TITLE_HEADS
from alliance_stance.schema import Mention

_NO_NUMERAL = "".join(
    # looked for behind the letter, since a pattern that begins with a letter is found much faster
    rf"(?<!\b{word} I)"
    for word in (
        "War", "Wars", "Annex", "Appendix", "Article", "Articles", "Part", "PART", "Chapter",
        "Title", "Section", "Phase", "Stage", "Protocol", "Volume", "Book", "Table", "Schedule",
        "Category", "Class", "Division", "List", "Level", "START", "SALT", "Basel", "Selassie",
        "Charles", "Elizabeth", "Nicholas", "Napoleon", "Alexander",
    )
)  # fmt: skip
"""What the numeral stands behind. Names are few: mostly a pronoun follows ("in Lima I said")."""
_NO_PIT = "|".join(
    rf"(?<=\b{word} mine)"
    for word in ("of", "is", "are", "was", "like", "than", "and", "as", "to", "with")
)
_MINE = (
    rf"mine(?:{_NO_PIT})(?=[.,;:!?)\"\u201d\u2019]|$| (?:is|are|was|were|has|have|will|would|"
    r"and|or|to|in|from|that|who|namely|too)\b)|Mine(?= (?:is|are|was|were)\b)"
)
"""The pronoun; other mines are dug, laid and cleared."""
_FIRST_PERSON = re.compile(
    r"\b(?:[Ww]e|[Uu]s|[Oo]urs?(?! (?:sub-?)?(?:region|continent|hemisphere|planet|world|globe|"
    r"times?|"
    r"age|era|century|ocean)\b)|[Oo]urselves|"
    rf"I{_NO_NUMERAL}(?! of (?:the )?[A-Z]|\. [A-Z])|[Mm]e|[Mm]y|[Mm]yself|{_MINE})\b(?!\.[A-Z])"
)
_SECOND_PERSON = re.compile(r"\b(?:[Yy]ou|[Yy]ours?|[Yy]ourself)\b")
_YOUR_STATE = re.compile(
    r"\b[Yy]our (?:own )?(?:country|government|nation|cabinet|delegation|parliament|army|troops|"
    r"forces|foreign ministry|side)\b(?!-)"
)
"""What can only be the state of the official who is asked (codebook, rule 87)."""

PRONOUNS = frozenset({
    "we", "our", "i", "us", "my", "ours", "me", "ourselves", "mine", "myself", "you", "your",
    "yours", "yourself",
})  # fmt: skip
"""The pronouns of the first and second person, in small letters."""

_WORD = r"(?:[A-Z\u00c0-\u00de][\w.'\u2019-]*|of|the|and|for|de|al|van|von|bin)"
_LANGUAGE = (
    r"(?:spoke|speaking|speaks|interpret(?:ed|ation)|(?:re-?)?translat(?:ed|ion)|original|through|"
    r"via|in)\b"
)
_TURN = re.compile(
    rf"(?:\*+|\[)?(?P<who>(?P<label>{_WORD}(?: {_WORD}){{0,9}})"
    rf"(?: ?\((?!{_LANGUAGE})[^)\n]{{1,60}}\))?)(?: ?\([^)\n]{{1,80}}\))?"
    r"(?:\*+|\])?:(?:\*+|\])?(?=\s|$)"
)
"""A label. Its ``who`` ends before a parenthesis on the language: "(spoke in French)" and
"(interpretation from Spanish)" name no state."""
_TITLES = TITLE_HEADS | (HONORIFICS - TITLE_ENDS)
_QUOTED = re.compile(r"\"[^\"]*\"?|\u201c[^\u201d]*\u201d?")
_ASKER = re.compile(
    r"(?:Q|QUESTION|QUESTIONER|REPORTER|JOURNALIST|MODERATOR|INTERVIEWER|CORRESPONDENT|"
    r"PRESS(?! (?:SECRETARY|OFFICER|ATTACH|SPOKES)))\b",
    re.IGNORECASE,
)
_NAMELESS = re.compile(
    r"(?:AUDIENCE|PARTICIPANT|STUDENT|OPERATOR|HOST|ANCHOR|PRESENTER|UNIDENTIFIED)\b",
    re.IGNORECASE,
)
"""Who asks too, unless the label tells for which state: "Participant (Indonesia)"."""
_QUESTION = re.compile(
    r"\**Q(?:UESTION\b|[.:]|\t|[ \u00a0]{2}|[ \u00a0](?=[\"\u201c(\u2013\u2014-]*[A-Z]))"
)
"""In White House transcripts "Q" has no stop but blanks, of which HTML's reader keeps one."""
_ANSWER = re.compile(r"\**(?:A|ANSWER|Answer)[.:](?=\**\s)")
_LETTER = re.compile(rf"(?:^|\n)[ \t]*(?={_QUESTION.pattern}|{_ANSWER.pattern})")
_HAS_ANSWERS = ("\nQ", "\nA. ", "*Q")
_LONGEST_LABEL = 110
_LONGEST_OPENING = 1000
"""Characters of a turn's first paragraph in which its "we" is looked for."""
_FEWEST_TURNS = 2
_MOST_QUESTIONS = 8
"""Turns of questioners that may follow each other before one answers."""


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


def your_state(text: str, start: int, end: int, state: str) -> Iterator[Mention]:
    """Find the phrases by which a questioner names the state of the one who is asked.

    Examples
    --------
    >>> text = "Will you tell us why your government left?"
    >>> [text[m.start : m.end] for m in your_state(text, 0, len(text), "FRA")]
    ['your government']
    """
    for match in _YOUR_STATE.finditer(text, start, end):
        yield Mention("state", state, match.start(), match.end(), "addressee")


def find_turns(
    text: str, people: Ordered, persons: Mapping[str, str], answerer: Callable[[], str | None]
) -> list[Turn]:
    """Find the turns of a transcript.

    A label that once shows its state ("Mr. Setiadi (Indonesia):") keeps it where it comes again.
    Labels that only name a state ("Indonesia:") may be those of a list. They have no state unless
    at least half of them are followed by words in the first person.

    Parameters
    ----------
    text
        The document's text.
    people
        Its mentions of states and of persons who stand for one, in order.
    persons
        Persons that its title introduces, to their states.
    answerer
        Gives the state of the one who has an "A." for each "Q."; None where nobody tells.

    Returns
    -------
    list of Turn
        In text order; empty where fewer than two paragraphs begin with a label.
    """
    has_answers = text.startswith("Q") or any(sign in text for sign in _HAS_ANSWERS)
    if text.count(":") < _FEWEST_TURNS and not has_answers:
        return []
    known = {fold(name.rsplit(" ", 1)[-1]): state for name, state in persons.items()}
    starts = sorted(_labelled_lines(text, has_answers=has_answers))
    labels = {start: match for start in starts if (match := _TURN.match(text, start))}
    listed = _listed(text, list(labels.values()), people)
    # "A. Background" opens an outline where nobody asks
    has_answers = has_answers and any(_asks(text, start, labels.get(start)) for start in starts)
    turns = []
    for start in starts:
        match = labels.get(start)
        if has_answers and _ANSWER.match(text, start):
            turns.append(Turn(start, answerer(), is_asker=False))
        elif has_answers and _QUESTION.match(text, start):
            turns.append(Turn(start, None, is_asker=True))
        elif match is not None:
            turns.append(_turn(match, people, known, is_listed=start in listed))
    return turns if len(turns) >= _FEWEST_TURNS else []


def _labelled_lines(text: str, *, has_answers: bool) -> set[int]:
    """Give where the lines begin that have a colon near their beginning, or are a "Q." or "A."."""
    starts = set()
    colon = text.find(":")
    while colon >= 0:
        start = text.rfind("\n", 0, colon) + 1
        if colon - start < _LONGEST_LABEL:
            line = text[start:colon]
            starts.add(colon - len(line.lstrip()))
        colon = text.find(":", colon + 1)
    if has_answers:
        starts.update(match.end() for match in _LETTER.finditer(text))
    return starts


def _asks(text: str, start: int, label: re.Match[str] | None) -> bool:
    """Say whether a line opens a question."""
    return bool(_QUESTION.match(text, start) or (label and _ASKER.match(label["label"])))


def _listed(text: str, labels: Sequence[re.Match[str]], people: Ordered) -> set[int]:
    """Give where the labels begin that only name a state, unless those of the text speak."""
    bare: list[int] = []
    speaking = 0
    for label, after in zip_longest(labels, labels[1:]):
        if _only_names_state(label, people):
            bare.append(label.start())
            reach = label.end() + _LONGEST_OPENING
            words = text[label.end() : min(reach, after.start()) if after else reach].lstrip()
            own = _QUOTED.sub("", words.partition("\n\n")[0])
            speaking += _FIRST_PERSON.search(own) is not None
    return set() if 2 * speaking >= len(bare) else set(bare)


def _only_names_state(label: re.Match[str], people: Ordered) -> bool:
    """Say whether a label names a state, and no person or title ("Poland", "War in Ukraine")."""
    inside = people.inside(*label.span("who"))
    return (
        bool(inside)
        and not _ASKER.match(label["label"])
        and inside[-1].start < label.end("label")
        and all(mention.how != "person" for mention in inside)
        and _TITLES.isdisjoint(fold(label["label"]).split())
    )


def _turn(match: re.Match[str], people: Ordered, known: dict[str, str], *, is_listed: bool) -> Turn:
    label = match["label"]
    inside = people.inside(*match.span("who"))
    is_nameless = bool(_NAMELESS.match(label))
    if _ASKER.match(label) or (is_nameless and not inside):
        return Turn(match.start(), None, is_asker=True)
    if is_nameless:
        # of this turn alone: the next participant is another
        return Turn(match.start(), inside[-1].id, is_asker=False)
    surname = fold(label.rsplit(" ", 1)[-1])
    if inside and not is_listed:
        known[surname] = inside[-1].id
    return Turn(match.start(), known.get(surname), is_asker=False)


def answer_to(turns: Sequence[Turn], turn: Turn) -> str | None:
    """Give the state that has the next turn after a question; None where that is not known."""
    index = bisect_right(turns, turn.start, key=lambda one: one.start)
    answer = next((one for one in turns[index : index + _MOST_QUESTIONS] if not one.is_asker), None)
    return answer.state if answer is not None else None


def turn_at(turns: Sequence[Turn], position: int) -> Turn | None:
    """Give the turn that a position stands in; None before the first."""
    index = bisect_right(turns, position, key=lambda turn: turn.start) - 1
    return turns[index] if index >= 0 else None
