"""A document as a careful reader has it in mind: its sentences, names, persons and speakers.

Everything that takes the whole document is found once; what belongs to one sentence is found when
that sentence is asked for, since most sentences name no alliance.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property

from alliance_stance.extraction.mentions import MentionFinder, Names
from alliance_stance.extraction.normalize import fold, normalize
from alliance_stance.extraction.persons import PersonFinder, introduced_persons
from alliance_stance.extraction.quotations import Quotations
from alliance_stance.extraction.references import ReferenceFinder
from alliance_stance.extraction.speakers import (
    Turn,
    PRONOUNS,
    Voice,
    correspondents,
    find_turns,
    first_person,
    joint_states,
    second_person,
    speaker_of_title,
    turn_at,
)
from alliance_stance.extraction.titles import TITLE_HEADS
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.schema import Document, Mention, Sentence


class Reader:
    """The finders of all documents, made once from the knowledge tables."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.names = MentionFinder(knowledge)
        self.persons = PersonFinder(knowledge.offices)
        self.references = ReferenceFinder(
            knowledge.alliances, knowledge.alliance_names, knowledge.regions
        )

    def read(self, document: Document, sentences: Sequence[Sentence]) -> "Reading":
        """Read a document whose sentences are known."""
        return Reading(self, document, sentences, self.names.find(document))

    def read_heading(self, document: Document) -> tuple[list[Mention], dict[str, str]]:
        """Find the states and office-holders in a document's title, and whom it introduces."""
        title = document.title.title() if document.title.isupper() else document.title
        names = self.names.find(Document("title", title, date=document.date))
        plain = normalize(title)
        persons = self.persons.find(plain, names, document.date, is_heading=True)
        introduced = introduced_persons(plain, names.states, names.titles)
        return without_overlaps([*persons, *names.states]), introduced


class Reading:
    """One document, read.

    Parameters
    ----------
    reader
        The finders.
    document
        The document.
    sentences
        Its sentences, in order.
    names
        What was found by name.
    """

    def __init__(
        self, reader: Reader, document: Document, sentences: Sequence[Sentence], names: Names
    ) -> None:
        self.document = document
        self.sentences = sentences
        self._reader = reader
        self._names = names
        self._plain = normalize(document.text)
        self._starts = [sentence.start for sentence in sentences]
        self._voices: dict[int, Voice | None] = {}
        self._mentions: dict[int, list[Mention]] = {}

    @cached_property
    def speaker(self) -> str | None:
        """The state that speaks throughout; None where nobody or an alliance speaks."""
        speaker = self.document.speaker_state
        knowledge = self._reader.knowledge
        if speaker is None:
            return speaker_of_title(self.document.title, self._heading[0])
        if speaker not in knowledge.states:
            return None
        return knowledge.state_on_date(speaker, self.document.date)

    @cached_property
    def alliances(self) -> list[Mention]:
        """All mentions of alliances, by name and by reference, in text order."""
        references = self._reader.references.find_alliances(
            self._plain, self._names, self._starts
        )
        subjects = [mention for mention in self._subjects if mention.kind == "alliance"]
        return without_overlaps([*self._names.alliances, *references, *subjects])

    @cached_property
    def _subjects(self) -> list[Mention]:
        """Sentences that begin with "it", and what that is."""
        finder = self._reader.references
        return list(finder.find_subjects(self._plain, self._names, self._starts))

    @cached_property
    def people(self) -> list[Mention]:
        """All mentions of states by name and by office-holder, in text order."""
        persons = self._reader.persons.find(
            self._plain, self._names, self.document.date, known=self._introduced
        )
        return without_overlaps([*persons, *self._names.states])

    def mentions(self, index: int) -> list[Mention]:
        """Find all mentions of one sentence, in text order, not overlapping."""
        if index not in self._mentions:
            self._mentions[index] = self._find_mentions(index)
        return self._mentions[index]

    def _find_mentions(self, index: int) -> list[Mention]:
        sentence = self.sentences[index]
        text, start, end = self.document.text, sentence.start, sentence.end
        people = inside(self.people, start, end)
        found = [*inside(self.alliances, start, end), *people]
        found.extend(self._pronouns(index))
        found.extend(inside(self._subjects, start, end))
        found.extend(
            self._reader.references.find_states(
                self._plain, (start, end), self.people, self._starts
            )
        )
        return without_overlaps(found)

    def _pronouns(self, index: int) -> Iterator[Mention]:
        """Yield the pronouns of a sentence that stand for a state."""
        text, (_, start, end) = self.document.text, self.sentences[index]
        voice = self.voice(index)
        if not self._has_pronoun(start, end):
            return
        if voice is not None and voice.how != "quotation":
            yield from first_person(text, start, end, voice.state)
        elif voice is not None:
            for mention in first_person(text, start, end, voice.state):
                if self._quotations.is_quoted(mention.start, mention.end):
                    yield mention
        if self._addressee is not None and (voice is None or voice.how == "letter"):
            yield from second_person(text, start, end, self._addressee)

    def _has_pronoun(self, start: int, end: int) -> bool:
        """Say whether a stretch may hold a pronoun of the first or second person."""
        folded = self._names.folded
        # the folded text is one longer at the front
        return any(folded.find(word, start, end + 2) >= 0 for word in PRONOUNS)

    def voice(self, index: int) -> Voice | None:
        """Give the state in whose voice a sentence is; None for a report by nobody's side."""
        if index not in self._voices:
            self._voices[index] = self._find_voice(index)
        return self._voices[index]

    def _find_voice(self, index: int) -> Voice | None:
        sentence = self.sentences[index]
        turn = turn_at(self._turns, sentence.start) if self._turns else None
        if turn is not None and turn.is_asker:
            return None
        if turn is not None and turn.state is not None:
            return Voice(turn.state, "turn")
        if self.speaker is not None:
            return Voice(self.speaker, "speaker")
        if self._sender is not None:
            return Voice(self._sender, "letter", covers_all=False)
        return self._quotations.voice(index)

    @cached_property
    def joint(self) -> tuple[str, ...]:
        """The states that sign a joint text, by its title."""
        return joint_states(self.document.title, self._heading[0])

    def further_states(self, index: int) -> Iterator[tuple[str, str]]:
        """Yield the states that a sentence has beside its own mentions of states, and how.

        Those inside the name of an alliance, and those that hold what it says: in a state's own speech, a turn or a quotation that is its speaker; in a joint text all
        signatories, where the sentence says "we".
        """
        sentence = self.sentences[index]
        for mention in inside(self._names.inner, sentence.start, sentence.end):
            yield mention.id, mention.how
        for state in self._reader.references.find_groups(
            self._plain, (sentence.start, sentence.end), self.people, self._starts
        ):
            yield state, "reference"
        voice = self.voice(index)
        if voice is not None and voice.covers_all:
            yield voice.state, voice.how
        if self.joint and self.has_first_person(index):
            for state in self.joint:
                yield state, "speaker"

    def has_first_person(self, index: int) -> bool:
        """Say whether a sentence speaks in the first person."""
        sentence = self.sentences[index]
        if not self._has_pronoun(sentence.start, sentence.end):
            return False
        pronouns = first_person(self.document.text, sentence.start, sentence.end, "")
        return next(pronouns, None) is not None

    @cached_property
    def _turns(self) -> list[Turn]:
        return find_turns(self.document.text, self.people, self._introduced)

    @cached_property
    def _quotations(self) -> Quotations:
        return Quotations(
            self.document.text, self.sentences, self.people, self._heading[0]
        )

    @property
    def _sender(self) -> str | None:
        return self._correspondents[0]

    @property
    def _addressee(self) -> str | None:
        return self._correspondents[1]

    @cached_property
    def _correspondents(self) -> tuple[str | None, str | None]:
        if self.speaker is not None:
            return None, None
        return correspondents(self.document.title, self._heading[0])

    @property
    def _introduced(self) -> dict[str, str]:
        """The persons that the title introduces, to their states."""
        has_title = not TITLE_HEADS.isdisjoint(fold(self.document.title).split())
        return self._heading[1] if has_title else {}

    @cached_property
    def _heading(self) -> tuple[list[Mention], dict[str, str]]:
        """What the title names, and the persons that it introduces, to their states."""
        return self._reader.read_heading(self.document) if self.document.title else ([], {})


def inside(mentions: Sequence[Mention], start: int, end: int) -> Iterator[Mention]:
    """Yield the mentions that lie in a stretch of text."""
    first = bisect_left(mentions, start, key=lambda mention: mention.start)
    for place in range(first, len(mentions)):
        mention = mentions[place]
        if mention.start >= end:
            break
        if mention.end <= end:
            yield mention


def without_overlaps(mentions: list[Mention]) -> list[Mention]:
    """Keep the first of overlapping mentions, the longest of those that begin together."""
    kept: list[Mention] = []
    free_from = 0
    for mention in sorted(mentions, key=lambda mention: (mention.start, -mention.end)):
        if mention.start >= free_from:
            kept.append(mention)
            free_from = mention.end
    return kept
