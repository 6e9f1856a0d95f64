"""Write a candidate as one string in which the judged pair is marked.

Masking replaces every name: the judged state and alliance by their markers, all others by the
markers of "another state" and "another alliance". A model then has to read what is said, and
cannot learn who usually dislikes whom. Without masking the judged pair is marked and every name
stays.
"""

from dataclasses import dataclass

from alliance_stance.schema import Candidate, Mention


@dataclass(frozen=True, slots=True)
class Markers:
    """The strings that stand for the parts of a pair.

    `state` and `alliance` are the judged ones, `other_state` and `other_alliance` all others;
    `absent` is written in front where the judged state is not in the sentence; `speaker` in front
    where it is the one who speaks.
    """

    state: str
    alliance: str
    other_state: str
    other_alliance: str
    speaker: str
    absent: str


WORD_MARKERS = Markers(
    state="JudgedState",
    alliance="JudgedAlliance",
    other_state="OtherState",
    other_alliance="OtherAlliance",
    speaker="JudgedSpeaks",
    absent="JudgedAbsent",
)
"""Markers for models over words: one token each."""


def mark_text(candidate: Candidate, markers: Markers, *, is_masked: bool) -> str:
    """Write the sentence with the judged pair marked.

    Parameters
    ----------
    candidate
        With its mentions found.
    markers
        What to write.
    is_masked
        True to replace every name, False to put the marker in front of the judged ones only.

    Examples
    --------
    >>> text = "Paris left NATO."
    >>> mentions = (
    ...     Mention("state", "FRA", 0, 5, "capital"),
    ...     Mention("alliance", "NATO", 11, 15, "acronym"),
    ... )
    >>> candidate = Candidate("d", 0, 0, 16, text, "", "FRA", "NATO", mentions)
    >>> mark_text(candidate, WORD_MARKERS, is_masked=True)
    'JudgedState left JudgedAlliance.'
    >>> mark_text(candidate, WORD_MARKERS, is_masked=False)
    'JudgedState Paris left JudgedAlliance NATO.'
    """
    sentence = _replace(candidate.text, candidate.mentions, candidate, markers, is_masked=is_masked)
    return f"{_prefix(candidate, markers)}{sentence}"


def mark_context(candidate: Candidate, markers: Markers, *, is_masked: bool) -> str:
    """Write the context in the same way; empty where there is none."""
    return _replace(
        candidate.context, candidate.context_mentions, candidate, markers, is_masked=is_masked
    )


Written = tuple[str, list[int]]
"""A text, and where in it each mention begins."""


def write_neutral(
    text: str, mentions: tuple[Mention, ...], markers: Markers, *, is_masked: bool
) -> Written:
    """Write a text in which nobody is judged, and say where each mention now begins.

    Parameters
    ----------
    text
        Sentence or context.
    mentions
        Its mentions, in order.
    markers
        Masked names are written as "another state" and "another alliance".
    is_masked
        True to mask names; a mention by a word such as "we" stays as it is.

    Examples
    --------
    >>> mentions = (Mention("state", "FRA", 0, 5, "capital"),)
    >>> write_neutral("Paris left it.", mentions, WORD_MARKERS, is_masked=True)
    ('OtherState left it.', [0])
    """
    parts: list[str] = []
    starts: list[int] = []
    position = length = 0
    for mention in mentions:
        before = text[position : mention.start]
        length += len(before)
        starts.append(length)
        if is_masked and mention.how != "speaker":
            other = markers.other_state if mention.kind == "state" else markers.other_alliance
        else:
            other = text[mention.start : mention.end]
        parts += [before, other]
        length += len(other)
        position = mention.end
    return "".join([*parts, text[position:]]), starts


def _prefix(candidate: Candidate, markers: Markers) -> str:
    if candidate.speaker_state == candidate.state:
        return f"{markers.speaker} "
    is_named = any(m.kind == "state" and m.id == candidate.state for m in candidate.mentions)
    return "" if is_named else f"{markers.absent} "


def _replace(
    text: str,
    mentions: tuple[Mention, ...],
    candidate: Candidate,
    markers: Markers,
    *,
    is_masked: bool,
) -> str:
    parts: list[str] = []
    position = 0
    # each row of a corpus comes through here, so there is no call for each mention
    for kind, id_, start, end, how in mentions:
        if kind == "state":
            is_judged = id_ == candidate.state
            marker = markers.state if is_judged else markers.other_state
        else:
            is_judged = id_ == candidate.alliance
            marker = markers.alliance if is_judged else markers.other_alliance
        if is_masked and how != "speaker":
            written = marker
        else:
            surface = text[start:end]
            written = f"{marker} {surface}" if is_judged else surface
        parts += [text[position:start], written]
        position = end
    return "".join([*parts, text[position:]])
