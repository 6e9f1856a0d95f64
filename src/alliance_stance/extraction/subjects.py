"""What a sentence that begins with "It" is about: what the sentence before began with."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from alliance_stance.extraction.mentions import Names
from alliance_stance.schema import Mention

_SUBJECT = re.compile(
    r"It (?!(?:is|was|will be|would be|has been|had been) (?!(?:seen|considered|regarded|based|"
    r"headquartered|composed|made|one|a|an|also|the|now) )|seems|appears|remains|took|takes|may|"
    r"might|must|should|follows|goes|does|did|became|becomes|would|will|rained|rains|snowed)|"
    r"Its (?:members?|membership|charter|headquarters|founding|secretariat|aims?|purpose)\b"
)
"""A sentence whose subject is the thing that the sentence before was about."""


def find_subjects(plain: str, names: Names, sentence_starts: Sequence[int]) -> Iterator[Mention]:
    """Find the sentences that begin with an "it" for what the sentence before began with.

    Yields
    ------
    Mention
        Of an alliance or a state, with ``how`` equal to ``"reference"``.
    """
    for index, start in enumerate(sentence_starts):
        if index and plain.startswith("It", start) and _SUBJECT.match(plain, start):
            before = sentence_starts[index - 1]
            subjects = [
                mention
                for mentions in (names.alliances, names.states)
                for mention in _first_from(mentions, before, start)
            ]
            if subjects:
                subject = min(subjects, key=lambda mention: mention.start)
                yield subject._replace(start=start, end=start + len("It"), how="reference")


def _first_from(mentions: Sequence[Mention], start: int, end: int) -> Sequence[Mention]:
    """Give the first mention in a stretch of text, in a sequence of one; empty if there is none."""
    place = bisect_left(mentions, start, key=lambda mention: mention.start)
    return (
        mentions[place : place + 1] if place < len(mentions) and mentions[place].start < end else ()
    )
