"""Mark a holder and a target of any kind in a text, so that models see the judged pair.

Elsewhere mentions are found with the knowledge tables. The holders and targets of other people's
sets are free strings; they are looked for as they are written. A holder is marked as a state, a
target as an alliance: these are the two places of a judged pair.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from alliance_stance.schema import Candidate, Mention, MentionKind

AUTHOR = "author"
"""Holder of the stance where the set names none: whoever wrote the text."""
UNKNOWN = "unknown"
"""Holder and target of a set that tells neither."""

OFFSETS, NAME, PREFIX, SPEAKER = "offsets", "name", "prefix", "speaker"
"""How a name came in: by the set's offsets, found in the text, written in front; or it speaks."""

_WORDS = {"state": "Holder", "alliance": "Target"}


@dataclass(frozen=True, slots=True)
class Name:
    """A holder or target: what it is called, and where it stands if the set tells."""

    text: str
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A text to be judged, with what stands before it, and where it belongs."""

    document: str
    text: str
    context: str = ""
    sentence: int = 0


class _Place(NamedTuple):
    mention: Mention
    is_given: bool


def mark_pair(passage: Passage, holder: Name | None, target: Name | None) -> Candidate:
    """Make a candidate of a text, its holder and its target.

    Names that do not stand in the text are written in front of it, as in
    ``Holder: Peru | Target: the dam | TEXT``, and marked there; offsets count from the start of
    that string.

    Parameters
    ----------
    passage
        The text.
    holder
        None for the author, who is marked as the one who speaks.
    target
        None where the set tells no target; nothing is marked then, and with a `holder` of None
        the holder is unknown as well.

    Examples
    --------
    >>> candidate = mark_pair(Passage("d", "We need it."), Name("Peru"), Name("the dam"))
    >>> candidate.text
    'Holder: Peru | Target: the dam | We need it.'
    >>> [m.how for m in candidate.mentions]
    ['prefix', 'prefix']
    """
    names: dict[MentionKind, Name] = {}
    if holder is not None:
        names["state"] = holder
    if target is not None:
        names["alliance"] = target
    found = _choose(_places(passage.text, names))
    missing = {kind: name for kind, name in names.items() if kind not in {m.kind for m in found}}
    prefix, in_front = _write_prefix(missing)
    mentions = (*in_front, *(_moved(mention, len(prefix)) for mention in found))
    how = {mention.kind: mention.how for mention in reversed(mentions)}
    speaks = holder is None and target is not None
    text = f"{prefix}{passage.text}"
    return Candidate(
        document=passage.document,
        sentence=passage.sentence,
        start=0,
        end=len(text),
        text=text,
        context=passage.context,
        state=holder.text if holder is not None else AUTHOR if speaks else UNKNOWN,
        alliance=target.text if target is not None else UNKNOWN,
        mentions=mentions,
        context_mentions=tuple(_choose(_places(passage.context, _without_spans(names)))),
        speaker_state=AUTHOR if speaks else None,
        state_how=SPEAKER if speaks else how.get("state", ""),
        alliance_how=how.get("alliance", ""),
    )


def find_name(text: str, name: str) -> list[tuple[int, int]]:
    """Find where a name stands as whole words, with its capitals or else with any.

    Examples
    --------
    >>> find_name("China and Chinatown; china.", "China")
    [(0, 5)]
    >>> find_name("THE DAM is not the dam's wall.", "The Dam")
    [(0, 7), (15, 22)]
    """
    words = r"\s+".join(re.escape(word) for word in name.split())
    if not words:
        return []
    pattern = rf"(?<!\w){words}(?!\w)"
    for flags in (re.NOFLAG, re.IGNORECASE):
        spans = [match.span() for match in re.finditer(pattern, text, flags)]
        if spans:
            return spans
    return []


def _places(text: str, names: dict[MentionKind, Name]) -> list[_Place]:
    return [
        _Place(
            Mention(kind, name.text, start, end, OFFSETS if name.span else NAME), bool(name.span)
        )
        for kind, name in names.items()
        for start, end in ([name.span] if name.span else find_name(text, name.text))
    ]


def _choose(places: Iterable[_Place]) -> list[Mention]:
    """Take the given ones first, then by their start, the longest first; none may overlap."""
    chosen: list[Mention] = []
    for place in sorted(places, key=lambda p: (not p.is_given, p.mention.start, -p.mention.end)):
        own = place.mention
        if all(own.end <= other.start or other.end <= own.start for other in chosen):
            chosen.append(own)
    return sorted(chosen, key=lambda mention: mention.start)


def _write_prefix(missing: dict[MentionKind, Name]) -> tuple[str, list[Mention]]:
    text = ""
    mentions = []
    for kind, name in missing.items():
        start = len(text) + len(f"{_WORDS[kind]}: ")
        text += f"{_WORDS[kind]}: {name.text} | "
        mentions.append(Mention(kind, name.text, start, start + len(name.text), PREFIX))
    return text, mentions


def _moved(mention: Mention, distance: int) -> Mention:
    return mention._replace(start=mention.start + distance, end=mention.end + distance)


def _without_spans(names: dict[MentionKind, Name]) -> dict[MentionKind, Name]:
    return {kind: Name(name.text) for kind, name in names.items()}
