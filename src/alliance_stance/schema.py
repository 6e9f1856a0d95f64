"""The nouns of the project, as small frozen types.

`docs/codebook.md` governs the stances and acts, `docs/pipeline.md` shows one record of each
type on its way from document to prediction. Every later module speaks in these types. Sentences and
mentions are named tuples: a corpus has many, and those are made several times faster than frozen
dataclasses.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, NamedTuple


class Stance(StrEnum):
    """What the government of a state thinks of an alliance, as far as one sentence shows it."""

    AGAINST = "against"
    FAVOR = "favor"
    NEUTRAL = "neutral"


class Act(StrEnum):
    """What the state does toward the alliance; each act belongs to one stance."""

    JOIN = "join"
    AFFIRM = "affirm"
    CONTRIBUTE = "contribute"
    APPEAL = "appeal"
    ENDORSE = "endorse"
    DESCRIBE = "describe"
    DELIBERATE = "deliberate"
    CRITICIZE = "criticize"
    OBSTRUCT = "obstruct"
    REFUSE = "refuse"
    THREATEN = "threaten"
    SUSPEND = "suspend"
    LEAVE = "leave"
    CONFRONT = "confront"


STANCES: tuple[Stance, ...] = tuple(sorted(Stance))
"""Column order of every probability matrix: against, favor, neutral (scikit-learn's own order)."""

ACTS: tuple[Act, ...] = tuple(sorted(Act))
"""Column order of every act probability matrix: alphabetical."""

STANCE_OF_ACT: Mapping[Act, Stance] = MappingProxyType(
    {
        Act.JOIN: Stance.FAVOR,
        Act.AFFIRM: Stance.FAVOR,
        Act.CONTRIBUTE: Stance.FAVOR,
        Act.APPEAL: Stance.FAVOR,
        Act.ENDORSE: Stance.FAVOR,
        Act.DESCRIBE: Stance.NEUTRAL,
        Act.DELIBERATE: Stance.NEUTRAL,
        Act.CRITICIZE: Stance.AGAINST,
        Act.OBSTRUCT: Stance.AGAINST,
        Act.REFUSE: Stance.AGAINST,
        Act.THREATEN: Stance.AGAINST,
        Act.SUSPEND: Stance.AGAINST,
        Act.LEAVE: Stance.AGAINST,
        Act.CONFRONT: Stance.AGAINST,
    }
)
"""The fixed polarity of each act (codebook, table of acts)."""

MentionKind = Literal["state", "alliance"]


@dataclass(frozen=True, slots=True)
class Document:
    """A text with what a careful reader would know about it.

    Parameters
    ----------
    id
        Readable and unique within one input.
    text
        The whole text; every offset of the pipeline points into it.
    title, date
        Empty where unknown; `date` is ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``.
    speaker_state
        Code of the state whose representative speaks throughout; None where there is no such
        speaker, as in a news report.
    """

    id: str
    text: str
    title: str = ""
    date: str = ""
    speaker_state: str | None = None


class Sentence(NamedTuple):
    """One sentence of a document: ``document.text[start:end]``, numbered from zero."""

    number: int
    start: int
    end: int


class Mention(NamedTuple):
    """A stretch of text that stands for a state or an alliance.

    Parameters
    ----------
    kind
        ``"state"`` or ``"alliance"``.
    id
        State code or alliance id.
    start, end
        Characters of the text that was searched, zero-based, end-exclusive.
    how
        Why this stretch stands for it: a name kind of the knowledge tables (``"name"``,
        ``"capital"``, ``"acronym"`` ...), ``"person"``, ``"speaker"``, ``"addressee"`` or
        ``"reference"``.
    """

    kind: MentionKind
    id: str
    start: int
    end: int
    how: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pair to be judged: one sentence in its context, one state, one alliance.

    Parameters
    ----------
    document
        Id of the document.
    sentence
        Index of the sentence in its document, from zero.
    start, end
        Offsets of the sentence in the document's text.
    text, context
        The sentence, and the text before it; `context` may be empty.
    state, alliance
        The pair.
    mentions, context_mentions
        Every mention in `text` and in `context`, in order, with offsets into that string.
    title, date, speaker_state
        As in `Document`.
    state_how, alliance_how
        How each came into the sentence: a `Mention.how`, or for a state that is not named
        ``"speaker"`` (of the document), ``"turn"`` (of a transcript) or ``"quotation"``. Empty
        where a ready example gives the pair and nothing in its sentence shows it.
    membership
        What the state was in the alliance on the document's date: ``member``, ``observer``,
        ``partner``, ``suspended``, ``applicant``, ``signed``, ``withdrew`` or ``none``; empty
        where the date is unknown.
    """

    document: str
    sentence: int
    start: int
    end: int
    text: str
    context: str
    state: str
    alliance: str
    mentions: tuple[Mention, ...] = ()
    context_mentions: tuple[Mention, ...] = ()
    title: str = ""
    date: str = ""
    speaker_state: str | None = None
    state_how: str = ""
    alliance_how: str = ""
    membership: str = ""

    def is_judged(self, mention: Mention) -> bool:
        """Say whether a mention stands for the judged state or the judged alliance.

        The kind counts: NAM is Namibia and the Non-Aligned Movement.
        """
        return mention.id == (self.state if mention.kind == "state" else self.alliance)


@dataclass(frozen=True, slots=True)
class Label:
    """What a candidate was judged to be; `act` is None where only the stance is known."""

    stance: Stance
    act: Act | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A candidate with its id and, where it has been labelled, its label."""

    id: str
    candidate: Candidate
    label: Label | None = None
    register: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model says of one candidate.

    Parameters
    ----------
    candidate
        The pair that was judged.
    stance, act
        Most probable stance, and most probable act among those of that stance.
    probabilities
        One probability per stance, summing to 1.
    id
        Id of the ready example; None where the candidate was found in a document.
    """

    candidate: Candidate
    stance: Stance
    act: Act
    probabilities: Mapping[Stance, float] = field(hash=False)
    id: str | None = None

    @property
    def score(self) -> float:
        """P(favor) - P(against), in [-1, 1]."""
        return self.probabilities[Stance.FAVOR] - self.probabilities[Stance.AGAINST]

    def is_below(self, probability: float) -> bool:
        """Say whether the most probable stance is less probable than that."""
        return max(self.probabilities.values()) < probability
