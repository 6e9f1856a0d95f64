"""Parts of a candidate that can be taken away, and the candidate that is left.

A part is a word of the sentence, a name that is not of the judged pair, or the whole sentence
before. The judged names stay: without them there would be nothing to judge. What is left is a
candidate like any other, with every mention where its words now stand.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from alliance_stance.schema import Candidate, Mention

MAX_WORDS = 96
"""Most parts that a sentence is taken apart into; words of a longer one are taken in runs."""

_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")

PartKind = Literal["words", "name", "context"]


@dataclass(frozen=True, slots=True)
class Part:
    """Something that can be taken out of a candidate.

    Parameters
    ----------
    kind
        ``"words"`` for a word or a run of words, ``"name"`` for a mention of another state or
        alliance, ``"context"`` for the text before the sentence.
    start, end
        Characters of the sentence; of the context for the last kind.
    """

    kind: PartKind
    start: int
    end: int


def find_parts(candidate: Candidate) -> list[Part]:
    """Take a candidate apart.

    Returns
    -------
    list of Part
        The words and names in text order, then the context where there is one. Empty where the
        sentence holds no word but the judged names.

    Examples
    --------
    >>> text = "Paris left NATO."
    >>> mentions = (
    ...     Mention("state", "FRA", 0, 5, "capital"),
    ...     Mention("alliance", "NATO", 11, 15, "acronym"),
    ... )
    >>> candidate = Candidate("d", 0, 0, 16, text, "It rained.", "FRA", "NATO", mentions)
    >>> [(part.kind, part.start, part.end) for part in find_parts(candidate)]
    [('words', 6, 10), ('context', 0, 10)]
    """
    parts = sorted([*_words(candidate), *_names(candidate)], key=lambda part: part.start)
    if candidate.context.strip():
        parts.append(Part("context", 0, len(candidate.context)))
    return parts


def keep_parts(candidate: Candidate, parts: Sequence[Part], is_kept: Sequence[bool]) -> Candidate:
    """Give the candidate without some of its parts.

    `start` and `end` still tell where the whole sentence stands in its document.

    Parameters
    ----------
    candidate
        With its mentions found.
    parts
        From `find_parts`.
    is_kept
        One truth value a part.
    """
    gone = [part for part, kept in zip(parts, is_kept, strict=True) if not kept]
    text, mentions = _cut(candidate, [part for part in gone if part.kind != "context"])
    if any(part.kind == "context" for part in gone):
        return replace(candidate, text=text, mentions=mentions, context="", context_mentions=())
    return replace(candidate, text=text, mentions=mentions)


def _names(candidate: Candidate) -> Iterator[Part]:
    for mention in candidate.mentions:
        if not candidate.is_judged(mention):
            yield Part("name", mention.start, mention.end)


def _words(candidate: Candidate) -> list[Part]:
    """Give the words outside the mentions, in runs where there are too many."""
    ends = [(mention.start, mention.end) for mention in candidate.mentions]
    gaps: list[tuple[int, int]] = []
    position = 0
    for start, end in [*ends, (len(candidate.text), len(candidate.text))]:
        gaps.append((position, start))
        position = end
    words = [
        [(match.start(), match.end()) for match in _WORD.finditer(candidate.text, *gap)]
        for gap in gaps
    ]
    # no run crosses a mention, so a run is one stretch of the text
    length = -(-sum(map(len, words)) // MAX_WORDS) or 1
    return [
        Part("words", run[0][0], run[-1][1])
        for own in words
        for run in (own[place : place + length] for place in range(0, len(own), length))
    ]


def _cut(candidate: Candidate, gone: Sequence[Part]) -> tuple[str, tuple[Mention, ...]]:
    """Cut stretches out of a sentence, with one of the spaces around each; move the mentions."""
    text = candidate.text
    left = ""
    mentions: list[Mention] = []
    position = 0
    for start, end in [*((part.start, part.end) for part in gone), (len(text), len(text))]:
        piece = text[position:start]
        if not left or left[-1].isspace():
            position += len(piece) - len(piece.lstrip())
            piece = piece.lstrip()
        by = len(left) - position
        mentions += [
            mention._replace(start=mention.start + by, end=mention.end + by)
            for mention in candidate.mentions
            if position <= mention.start and mention.end <= start
        ]
        left += piece
        position = end
    return left, tuple(mentions)
