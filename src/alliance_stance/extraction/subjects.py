"""What "it" is: a sentence that speaks on about the alliance or the state of the one before.

Where the sentence before opens with an alliance, that is what "it", "its" and "itself" are in one
that names no other; a state that opens it is only what a sentence that begins with "It" is about.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from alliance_stance.extraction.mentions import Names
from alliance_stance.schema import Mention

_SUBJECT = re.compile(
    r"It (?!(?:is|was|will be|would be|has been|had been) (?!(?:seen|considered|regarded|based|"
    r"headquartered|composed|made|one|a|an|also|the(?! [A-Z])|now|asked|invited|called|told|"
    r"blamed|praised) )|"
    r"seem(?:s|ed)|appear(?:s|ed)|emerge[sd]|remain(?:s|ed)|took|takes|may|might|must|should|follows|goes|does|did|became|becomes|"
    r"would|will(?! be)|rained|rains|snowed)|"
    r"Its (?:members?|membership|charter|headquarters|founding|secretariat|aims?|purpose|summit|"
    r"council|secretary)\b"
)
"""A sentence whose subject is the thing that the sentence before was about."""
_PRONOUN = re.compile(
    r"(?<=[\w,] )(?:it|itself)\b(?! (?:is|was|will|would|has|had|may|might|seems?|appears?|"
    r"takes?|took)"
    r"\b(?! (?:be |been )?\w+ed\b)| (?:known|plain|clear|possible|impossible|necessary|"
    r"difficult|easier|that|to)\b)"
)
"""One inside a sentence, unless it only announces a clause ("it is clear that")."""
_OTHER = re.compile(r"\b(?:United Nations|UN|Council|Commission|Assembly|Court|Bank|Fund)\b")
"""Another body that "it" may be."""
_AS_SUBJECT = re.compile(
    r"[\"\u201c]?(?:(?:But|And|Yet|So|Then|Still|However,|Meanwhile,|In \d{4},?|On [A-Z]\w+,?|"
    r"Today,?|(?:[\w, ]{0,20}, )?[Ww]hat (?:is|was)) )?"
    r"(?:[Tt]he )?(?:(?:[Gg]overnment|[Kk]ingdom|[Rr]epublic|[Ss]tate|[Dd]elegation) of (?:the )?)?"
)
"""All that stands before a state or an alliance where a sentence is about it."""
_OPENING = 5
"""Characters within which a sentence names what it is about."""


def find_subjects(plain: str, names: Names, sentence_starts: Sequence[int]) -> Iterator[Mention]:
    """Find the pronouns for what the sentence before began with.

    Yields
    ------
    Mention
        Of an alliance or a state, with ``how`` equal to ``"reference"``.
    """
    if not names.alliances and not names.states:
        return
    for index, start in enumerate(sentence_starts):
        if not index:
            continue
        if plain.startswith("It", start) and _SUBJECT.match(plain, start):
            before = sentence_starts[index - 1]
            subjects = [
                mention
                for mentions in (names.alliances, names.states)
                for mention in _first_from(mentions, before, start)
            ]
            subject = min(subjects, key=lambda mention: mention.start, default=None)
            # "the WHO, among whose members is the EU" is about another
            if subject is not None and _AS_SUBJECT.fullmatch(plain, before, subject.start):
                yield subject._replace(start=start, end=start + len("It"), how="reference")


def find_pronouns(plain: str, names: Names, sentence_starts: Sequence[int]) -> Iterator[Mention]:
    """Find the "it" inside a sentence for the alliance with which the sentence before opens.

    Yields
    ------
    Mention
        Of an alliance, with ``how`` equal to ``"reference"``.
    """
    ends = (*sentence_starts[1:], len(plain))
    for alliance in names.alliances:
        index = bisect_left(sentence_starts, alliance.start + 1) - 1
        opens = index >= 0 and alliance.start - sentence_starts[index] <= _OPENING
        if not opens or index + 1 >= len(sentence_starts):
            continue
        start, end = sentence_starts[index + 1], ends[index + 1]
        match = _PRONOUN.search(plain, start, end)
        is_other = match is None or _OTHER.search(plain, start, match.start()) is not None
        if match is not None and not is_other and not _first_from(names.alliances, start, end):
            yield alliance._replace(start=match.start(), end=match.end(), how="reference")


def _first_from(mentions: Sequence[Mention], start: int, end: int) -> Sequence[Mention]:
    """Give the first mention in a stretch of text, in a sequence of one; empty if there is none."""
    place = bisect_left(mentions, start, key=lambda mention: mention.start)
    return (
        mentions[place : place + 1] if place < len(mentions) and mentions[place].start < end else ()
    )
