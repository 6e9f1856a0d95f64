"""Whose government speaks, by the title of a speech, a statement or a press conference.

Only the words on the speaker count. A state behind "on" or "in" is the matter or the place, and one
who speaks for an organisation or against the government speaks for no state (codebook, "State").
"""

import re
from collections.abc import Iterator, Sequence

from alliance_stance.extraction.titles import QUALIFIED
from alliance_stance.schema import Mention

_KIND = r"(?:opening|closing|keynote|inaugural|welcome|national|press) "
_SPEECH = re.compile(
    rf"(?:[\w' -]+: )?(?:(?:{_KIND}|joint (?!statement))?(?:statement|address|speech|remarks|"
    r"lecture|intervention|message)|briefing|press release|doorstep|interview|"
    r"(?-i:(?:Press|News) (?:briefing|conference)))\b",
    re.IGNORECASE,
)
"""What opens the title of a speech.

White House transcripts are a "Press Briefing": half of it is asked, and a sentence by itself does
not tell by whom.
"""
_CAPITALS = r"(?: (?:[A-Z\d][\w.'-]*|at|to|before|in|on|of|the|and|for))*"
_OWN_SPEECH = re.compile(
    rf"(?P<who>[A-Z][\w-]*{_CAPITALS})['\u2019]s? (?:{_KIND})?(?:statement|"
    rf"address|speech|remarks|lecture|intervention|message){_CAPITALS}$"
)
"""A speech that stands behind its speaker.

Beside names and small words there is none: "Minister slams Premier's speech", or "Premier's speech
draws fire", is a headline.
"""
_SPEAKS = re.compile(r" (by|of|from|with) ")
_OFFICE = re.compile(rf"\b(?:{QUALIFIED}|[Gg]overnment|PM)\b")
_ABOUT = re.compile(
    r",? (?:(?:on(?! behalf )|about|concerning|regarding|in|at|to|before|after|following|during|"
    r"upon|ahead of|against|(?:announc|celebrat|commemorat|condemn|congratulat|honou?r|mark|"
    r"mourn|respond|welcom)ing)\b|[|\u2013\u2014-] )|: ",
    re.IGNORECASE,
)
"""Where the words on a speaker end: the matter, the place or those who listen."""
_AND = re.compile(r",? (?:and|&) ")
_FOR_NO_STATE = re.compile(
    r"\b(?:UN|U\.N\.|United Nations|Secretary[- ][Gg]eneral|High Representative)(?!\w)"
)
"""Who speaks for an organisation; a state behind that is a field of work."""
NOT_GOVERNING = re.compile(
    r"\b(?:opposition|former|ex|shadow|candidate|exiled|deposed|ousted|late)\b|-elect\b",
    re.IGNORECASE,
)
"""Who does not speak for a state (codebook, rule 13)."""
_FIELD = (" for ", " for the ")
_LONGEST = 400
"""Characters of a title that are read."""


def speaking_part(title: str) -> tuple[int, int] | None:
    """Give where a title tells who speaks; None for the title of anything but a speech.

    Examples
    --------
    >>> title = "Statement by the Minister of Peru on Chile"
    >>> start, end = speaking_part(title)
    >>> title[start:end]
    'the Minister of Peru'
    >>> speaking_part("Peruvian Minister's speech in Lima")
    (0, 17)
    """
    title = title[:_LONGEST]
    own = _OWN_SPEECH.match(title)
    if own is not None:
        is_speaker = _OFFICE.search(own["who"]) and not _ABOUT.search(own["who"])
        return own.span("who") if is_speaker else None
    speech = _SPEECH.match(title)
    if speech is None:
        return None
    about = _ABOUT.search(title, speech.end())
    for word in _SPEAKS.finditer(title, speech.end()):
        if about is not None and about.start() < word.start() and word[1] in {"of", "with"}:
            # "Statement on the death of the Minister"
            continue
        start = word.end()
        behind = _ABOUT.search(title, start)
        end = behind.start() if behind else len(title)
        if _OFFICE.search(title, start, end):
            return start, end
    return None


def speaking_state(
    title: str, part: tuple[int, int], states: Sequence[Mention], alliances: Sequence[Mention]
) -> str | None:
    """Give the only state for whose government one speaks; None for none or several.

    Parameters
    ----------
    title
        A document's title.
    part
        Where it tells who speaks.
    states
        Its mentions of states and office-holders.
    alliances
        Its mentions of alliances.
    """
    found = set()
    for start, end in _speakers(title, part, states):
        own_end = _own_end(title, start, end, alliances)
        for mention in states:
            before = title[: mention.start]
            is_own = start <= mention.start and mention.end <= own_end
            is_place = mention.how == "capital" and before.endswith(", ")
            if is_own and not is_place and not before.endswith(_FIELD):
                found.add(mention.id)
    return found.pop() if len(found) == 1 else None


def _speakers(
    title: str, part: tuple[int, int], states: Sequence[Mention]
) -> Iterator[tuple[int, int]]:
    """Yield where each speaker is named who may speak for a government."""
    start, end = part
    breaks = [
        word.span()
        for word in _AND.finditer(title, start, end)
        # "Bosnia and Herzegovina" has one speaker
        if not any(m.start < word.start() < m.end for m in states)
    ]
    for stop, following in (*breaks, (end, end)):
        if not NOT_GOVERNING.search(title, start, stop):
            yield start, stop
        start = following


def _own_end(title: str, start: int, end: int, alliances: Sequence[Mention]) -> int:
    """Give where the words on a speaker come to an alliance or another organisation."""
    other = _FOR_NO_STATE.search(title, start, end)
    ends = [mention.start for mention in alliances if start <= mention.start < end]
    return min([*ends, other.start() if other else end])
