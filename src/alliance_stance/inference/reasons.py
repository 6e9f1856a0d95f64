"""Why a state or an alliance was taken for part of a sentence, in words (docs/extraction.md).

Only what a candidate itself carries is told: how each came in, and the mentions of the sentence
and of the one before.
"""

from dataclasses import dataclass

from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.schema import Candidate, Mention, MentionKind

_BY_NAME: dict[str, str] = {
    "name": "a name of it",
    "adjective": "an adjective of it",
    "demonym": "its people",
    "capital": "its capital",
    "seat": "its seat of power, or a body that acts for it",
    "acronym": "its acronym",
    "organ": "a body or an officer of it",
    "mission": "a mission or force of it",
    "exercise": "an exercise of it",
    "summit": "a meeting of it",
    "treaty": "a treaty or another text of it",
    "metonym": "a place that stands for it beside these words",
}
_STEP_OF: dict[str, int] = {"person": 6, "speaker": 7, "turn": 7, "addressee": 7, "quotation": 8}
_UNNAMED: dict[str, str] = {
    "speaker": "not named: the sentence is in the voice of its speaker",
    "turn": "not named: the sentence stands in a turn of its speaker",
    "quotation": "not named: the sentence quotes or reports its words",
    "reference": "not named: a group of states in the sentence holds it",
}
_NAMED_STEP, _OVERLAP_STEP = 3, 4
_REFERENCE_STEPS: dict[MentionKind, int] = {"state": 10, "alliance": 9}


@dataclass(frozen=True, slots=True)
class Reason:
    """How a state or an alliance came into a sentence.

    Parameters
    ----------
    kind, id
        As in `Mention`.
    how
        As in `Mention`, or in `Candidate.state_how`; empty where nothing shows it.
    name
        Of the state or alliance in the knowledge tables; the id where they do not know it.
    words
        What stands for it in the sentence; empty where nothing does.
    start, end
        Where the words stand in the sentence; None where there are none.
    text
        The reason, as a clause.
    step
        Number of the step of docs/extraction.md that decided; None where nothing shows it.
    """

    kind: MentionKind
    id: str
    how: str
    name: str
    words: str
    start: int | None
    end: int | None
    text: str
    step: int | None


def state_reason(candidate: Candidate, knowledge: Knowledge) -> Reason:
    """Tell how the state of a candidate was found.

    Examples
    --------
    >>> from alliance_stance.knowledge.knowledge import load_knowledge
    >>> mentions = (Mention("state", "FRA", 0, 5, "capital"),)
    >>> candidate = Candidate(
    ...     "d", 0, 0, 16, "Paris left NATO.", "", "FRA", "NATO", mentions, state_how="capital"
    ... )
    >>> reason = state_reason(candidate, load_knowledge())
    >>> reason.words, reason.text, reason.step
    ('Paris', 'its capital', 3)
    """
    known = knowledge.states.get(candidate.state)
    name = known.name if known is not None else candidate.state
    return _reason(candidate, "state", candidate.state, candidate.state_how, name)


def alliance_reason(candidate: Candidate, knowledge: Knowledge) -> Reason:
    """Tell how the alliance of a candidate was found; as `state_reason`."""
    known = knowledge.alliances.get(candidate.alliance)
    name = known.name if known is not None else candidate.alliance
    return _reason(candidate, "alliance", candidate.alliance, candidate.alliance_how, name)


def _reason(candidate: Candidate, kind: MentionKind, id_: str, how: str, name: str) -> Reason:
    own = [m for m in candidate.mentions if m.kind == kind and m.id == id_]
    if own and not how:
        # a ready example whose other half the sentence does not show
        how = own[0].how
    mention = next((m for m in own if m.how == how), None)
    words, start, end = "", None, None
    if mention is not None:
        words, start, end = candidate.text[mention.start : mention.end], mention.start, mention.end
    text, step = _told(candidate, kind, how, mention)
    return Reason(kind, id_, how, name, words, start, end, text, step)


def _told(
    candidate: Candidate, kind: MentionKind, how: str, mention: Mention | None
) -> tuple[str, int | None]:
    """Give the clause and the step."""
    if not how:
        return "given with the example; nothing in the sentence shows it", None
    step = _STEP_OF.get(how, _NAMED_STEP)
    if how == "reference":
        step = _REFERENCE_STEPS[kind]
    if mention is None and how in _BY_NAME:
        return f"{_BY_NAME[how]}, inside the name of an alliance", _OVERLAP_STEP
    if mention is None:
        return _UNNAMED.get(how, "not named"), step
    if how == "reference":
        return _reference(candidate, mention), step
    if how == "speaker":
        return f"the first person of {_speaker(candidate)}", step
    told = {"person": "who holds an office of it", "addressee": "to whom the letter goes"}
    return told.get(how) or _BY_NAME.get(how, how), step


def _speaker(candidate: Candidate) -> str:
    if candidate.speaker_state == candidate.state:
        return "the speaker, who is given with the document"
    return "the speaker, who is known from the title, a turn or a quotation"


def _reference(candidate: Candidate, mention: Mention) -> str:
    """Say what a reference goes back to, where that stands in the sentence or the one before."""
    before = [m for m in candidate.mentions if m.end <= mention.start and _same(m, mention)]
    if before:
        return f"goes back to \u201c{candidate.text[before[-1].start : before[-1].end]}\u201d"
    earlier = [m for m in candidate.context_mentions if _same(m, mention)]
    if earlier:
        words = candidate.context[earlier[-1].start : earlier[-1].end]
        return f"goes back to \u201c{words}\u201d in the sentence before"
    return "goes back to what an earlier sentence or the title names, or to its parties"


def _same(mention: Mention, other: Mention) -> bool:
    return (mention.kind, mention.id) == (other.kind, other.id)
