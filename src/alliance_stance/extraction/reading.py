"""A document as a careful reader has it in mind: its sentences, names, persons and speakers.

Everything that takes the whole document is found once; what belongs to one sentence is found when
that sentence is asked for, since most sentences name no alliance.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from alliance_stance.extraction.alliance_references import AllianceReferences
from alliance_stance.extraction.headings import Heading, TitleNames
from alliance_stance.extraction.introductions import introduced_persons
from alliance_stance.extraction.mentions import MentionFinder, Names
from alliance_stance.extraction.moments import year_spoken_of
from alliance_stance.extraction.normalize import normalize, spell_out
from alliance_stance.extraction.order import Ordered
from alliance_stance.extraction.persons import PersonFinder
from alliance_stance.extraction.quotations import Quotations
from alliance_stance.extraction.speakers import (
    PRONOUNS,
    Turn,
    Voice,
    answer_to,
    find_turns,
    first_person,
    second_person,
    turn_at,
    your_state,
)
from alliance_stance.extraction.state_references import (
    GROUP_NOUNS,
    STATE_NOUNS,
    StateReferences,
    names_both,
)
from alliance_stance.extraction.subjects import find_pronouns, find_subjects
from alliance_stance.extraction.treaty_references import TreatyReferences
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.schema import Document, Mention, Sentence

_FOUNDING = re.compile(
    r"\b(?:was|were) (?:first |formally )?(?:founded|born|signed|created|established|formed|"
    r"dissolved)"
    r"\b.{0,120}\b(?:in [12]\d\d\d|years ago|by \w+ states)\b|\bcounts \w+ members\b"
)
_SEATS = frozenset({"capital", "seat"})
_QUOTES = '"\u201c\u201d\u00ab\u00bb'
_WRITERS = frozenset({"letter", "speaker"})
_LONGEST_ACRONYM = 5
_TWO = 2
_TITLE_CONTEXT = 4000
"""Characters of a text that decide what its title means."""


class Reader:
    """The finders of all documents, made once from the knowledge tables."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.names = MentionFinder(knowledge)
        self.persons = PersonFinder(knowledge.offices)
        self.alliances = AllianceReferences(knowledge.alliances, knowledge.alliance_names)
        self.states = StateReferences(knowledge.regions)
        self.heirs = frozenset(
            state.successors[0] for state in knowledge.states.values() if state.successors
        )
        self.treaties = TreatyReferences(knowledge.alliances, knowledge.memberships)

    def read(self, document: Document, sentences: Sequence[Sentence]) -> "Reading":
        """Read a document whose sentences are known."""
        return Reading(self, document, sentences, self.names.find(document))

    def heading(self, document: Document) -> Heading:
        """Take a document's title for what it tells."""

        def look_up(title: str) -> TitleNames:
            shown = self._small_letters(title) if title.isupper() else title
            # the text decides between the readings of an ambiguous name in its title
            text = document.text[:_TITLE_CONTEXT]
            names = self.names.find(Document("title", shown, text, document.date))
            plain = normalize(shown)
            persons = self.persons.find(plain, names, document.date, is_heading=True)
            introduced = introduced_persons(plain, names.states, names.titles)
            return TitleNames(Ordered([*persons, *names.states]), names.alliances, introduced)

        return Heading(spell_out(document.title), look_up)

    def _small_letters(self, title: str) -> str:
        """Give a title of capitals as it would be printed, its acronyms as they are."""
        words = title.split(" ")
        return " ".join(
            word if len(word) <= _LONGEST_ACRONYM and self.names.is_name(word) else word.title()
            for word in words
        )


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
        self._heading = reader.heading(document)
        self._plain = normalize(document.text)
        self._starts = [sentence.start for sentence in sentences]
        self._voices: dict[int, Voice | None] = {}
        self._mentions: dict[int, Ordered] = {}
        self._bags: dict[int, set[str]] = {}

    @cached_property
    def speaker(self) -> str | None:
        """The state that speaks throughout; None where nobody or an alliance speaks."""
        speaker = self.document.speaker_state
        knowledge = self._reader.knowledge
        if speaker is None:
            return self._heading.speaker
        if speaker not in knowledge.states:
            return None
        return knowledge.state_on_date(speaker, self.document.date)

    @cached_property
    def alliances(self) -> Ordered:
        """All mentions of alliances, by name and by reference, in text order."""
        title = self._heading.alliances if self._names.is_titled else ()
        references = self._reader.alliances.find(self._plain, self._names, self._starts, title)
        subjects = [mention for mention in self._subjects if mention.kind == "alliance"]
        pronouns = find_pronouns(self._plain, self._names, self._starts)
        treaties = (
            self._reader.treaties.find(
                self._plain,
                self._names,
                self.people,
                self._starts,
                title,
                (self.document.date, self.speaker),
            )
            if self._names.treaties
            else ()
        )
        return Ordered([*self._names.alliances, *references, *subjects, *pronouns, *treaties])

    @cached_property
    def _subjects(self) -> Ordered:
        """Sentences that begin with "it", and what that is."""
        return Ordered(find_subjects(self._plain, self._names, self._starts))

    @cached_property
    def people(self) -> Ordered:
        """All mentions of states by name and by office-holder, in text order."""
        persons = self._reader.persons.find(
            self._plain, self._names, self.document.date, known=self._heading.introduced
        )
        states = self._names.states
        return Ordered([*persons, *states]) if persons else Ordered.of_ordered(states)

    def mentions(self, index: int) -> Ordered:
        """Find all mentions of one sentence, in text order, not overlapping."""
        if index not in self._mentions:
            self._mentions[index] = self._find_mentions(index)
        return self._mentions[index]

    def _find_mentions(self, index: int) -> Ordered:
        sentence = self.sentences[index]
        start, end = sentence.start, sentence.end
        found = self.alliances.inside(start, end) + self.people.inside(start, end)
        found.extend(self._pronouns(index))
        found.extend(self._subjects.inside(start, end))
        if not STATE_NOUNS.isdisjoint(self._words(index)):
            found.extend(
                self._reader.states.find(self._plain, (start, end), self.people, self._starts)
            )
        return Ordered(self._at_its_time(index, found))

    def _at_its_time(self, index: int, found: list[Mention]) -> Iterator[Mention]:
        """Give capitals and seats to the state that had them when the sentence's matter was."""
        heirs = self._reader.heirs
        if not any(m.how in _SEATS and m.id in heirs for m in found):
            yield from found
            return
        moment = self._moment(index)
        for mention in found:
            if moment and mention.how in _SEATS and mention.id in heirs:
                state = self._reader.knowledge.state_on_date(mention.id, moment)
                yield mention._replace(id=state)
            else:
                yield mention

    def _moment(self, index: int) -> str:
        """Give the year of a sentence: its own, the one before's, or the last of its alliances."""
        text, sentence = self.document.text, self.sentences[index]
        before = text[self.sentences[index - 1].start : sentence.start] if index else ""
        year = year_spoken_of(text[sentence.start : sentence.end], before)
        alliances = self.alliances.inside(sentence.start, sentence.end)
        ends = [self._reader.knowledge.alliances[mention.id].ended for mention in alliances]
        # an alliance that is gone was something to those states only that were there in its time
        moments = [year]
        if ends and all(ends):
            moments.append(str(int(max(ends)) - 1))
        return min(filter(None, moments), default="")

    def _pronouns(self, index: int) -> Iterator[Mention]:
        """Yield the pronouns of a sentence that stand for a state."""
        if PRONOUNS.isdisjoint(self._words(index)):
            return
        text, (_, start, end) = self.document.text, self.sentences[index]
        voice = self.voice(index)
        if voice is not None and voice.how != "quotation":
            yield from first_person(text, start, end, voice.state)
        elif voice is not None:
            for mention in first_person(text, start, end, voice.state):
                if self._quotations.is_quoted(mention.start, mention.end):
                    yield mention
        if self._addressee is not None and (voice is None or voice.how in _WRITERS):
            yield from second_person(text, start, end, self._addressee)
        asked = self._asked(start) if voice is None and self._turns else None
        if asked is not None:
            yield from your_state(text, start, end, asked)

    def _asked(self, position: int) -> str | None:
        """Give the state of the one who is asked in a questioner's turn; None elsewhere."""
        turn = turn_at(self._turns, position)
        if turn is None or not turn.is_asker:
            return None
        return answer_to(self._turns, turn) or self.speaker

    def _words(self, index: int) -> set[str]:
        """Give the words of a sentence, folded; asking for them spares most of the patterns."""
        if index not in self._bags:
            sentence = self.sentences[index]
            # the folded text is one longer at the front
            self._bags[index] = set(
                self._names.folded[sentence.start + 1 : sentence.end + 1].split()
            )
        return self._bags[index]

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
        writer = self.speaker or self._sender
        quoted = self._quoted_other(sentence, writer) if writer and self._quotes else None
        if quoted is not None:
            return Voice(quoted, "quotation", covers_all=False)
        if self.speaker is not None:
            return Voice(self.speaker, "speaker")
        if self._sender is not None and not PRONOUNS.isdisjoint(self._words(index)):
            return Voice(self._sender, "letter", covers_all=False)
        return self._quotations.voice(index, self._words(index))

    def _quoted_other(self, sentence: Sentence, writer: str) -> str | None:
        """Give another state whose words one quotes in a sentence; None for nobody's."""
        start, end = sentence.start, sentence.end
        if not any(self.document.text.find(sign, start, end) >= 0 for sign in self._quotes):
            return None
        if all(mention.id == writer for mention in self.people.inside(start, end)):
            return None
        quoted = self._quotations.attributed(sentence.number)
        return quoted if quoted != writer else None

    def further_states(self, index: int) -> Iterator[tuple[str, str]]:
        """Yield the states that a sentence has beside its own mentions of states, and how.

        Those inside the name of an alliance, those of a group ("both countries"), and those that
        hold what it says: in a state's own speech, a turn or a quotation that is its speaker; in a
        joint text all signatories, where the sentence says "we".
        """
        yield from self._hidden_states(index)
        sentence = self.sentences[index]
        if not GROUP_NOUNS.isdisjoint(self._words(index)):
            for state in self._reader.states.find_groups(
                self._plain, (sentence.start, sentence.end), self.people, self._starts
            ):
                yield state, "reference"
        voice = self.voice(index)
        if voice is not None and voice.covers_all and not self._is_plain_fact(index):
            yield voice.state, voice.how
        joint = self._heading.joint
        if joint and (self._has_first_person(index) or self._names_both(index)):
            for state in joint:
                yield state, "speaker"

    def _hidden_states(self, index: int) -> Iterator[tuple[str, str]]:
        """Yield the states whose mention lies inside that of an alliance, and how."""
        sentence = self.sentences[index]
        for mention in self._names.inner:
            if sentence.start <= mention.start < sentence.end:
                yield mention.id, mention.how
        for reference in self.mentions(index):
            if reference.how == "reference":
                # "the Russian-led bloc" refers to an alliance and names a state
                named = self.people.inside(reference.start, reference.end)
                for mention in self._at_its_time(index, named):
                    yield mention.id, mention.how

    def _is_plain_fact(self, index: int) -> bool:
        """Say whether a sentence only tells of an alliance's founding, end or size, in no voice."""
        sentence = self.sentences[index]
        is_fact = _FOUNDING.search(self._plain, sentence.start, sentence.end) is not None
        return is_fact and not self._has_first_person(index)

    def _names_both(self, index: int) -> bool:
        """Say whether a sentence of a text that two states sign calls them "both sides"."""
        is_of_two = len(self._heading.joint) == _TWO
        _, start, end = self.sentences[index]
        return (
            is_of_two
            and not GROUP_NOUNS.isdisjoint(self._words(index))
            and names_both(self._plain, start, end)
        )

    def _has_first_person(self, index: int) -> bool:
        """Say whether a sentence speaks in the first person."""
        sentence = self.sentences[index]
        if PRONOUNS.isdisjoint(self._words(index)):
            return False
        pronouns = first_person(self.document.text, sentence.start, sentence.end, "")
        return next(pronouns, None) is not None

    @cached_property
    def _quotes(self) -> str:
        """The quotation marks that the document has."""
        return "".join(sign for sign in _QUOTES if sign in self.document.text)

    @cached_property
    def _turns(self) -> list[Turn]:
        heading = self._heading
        people, introduced = self.people, heading.introduced
        return find_turns(self.document.text, people, introduced, lambda: heading.answerer)

    @cached_property
    def _quotations(self) -> Quotations:
        return Quotations(self.document.text, self.sentences, self.people, self._heading)

    @property
    def _sender(self) -> str | None:
        return self._heading.correspondents[0] if self.speaker is None else None

    @property
    def _addressee(self) -> str | None:
        sender, addressee = self._heading.correspondents
        return addressee if self.speaker in {None, sender} else None
