"""Documents to candidates, and ready examples to marked ones: the one way for all later rooms."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from typing import NamedTuple

from alliance_stance.corpus.sentences import split_sentences
from alliance_stance.extraction.joining import Joined, join
from alliance_stance.extraction.reading import Reader, Reading
from alliance_stance.knowledge.knowledge import KEPT, Knowledge
from alliance_stance.schema import Candidate, Document, Example, Mention, Sentence


class _ReadSentence(NamedTuple):
    """A ready sentence, read behind its context."""

    reading: Reading
    own: Sentence
    mentions: tuple[Mention, ...]
    text: Joined
    context: Joined


@dataclass(frozen=True)
class _Tables:
    """Knowledge; two are equal if they share their tables, whatever folder each was read from."""

    # of tables that `knowledge` keeps alive, so that none can be another's
    ids: tuple[int, ...]
    knowledge: Knowledge = field(compare=False)

    @classmethod
    def of(cls, knowledge: Knowledge) -> "_Tables":
        names = (one.name for one in fields(knowledge) if one.name != "folder")
        return cls(tuple(id(getattr(knowledge, name)) for name in names), knowledge)


@lru_cache(maxsize=KEPT)
def _reader_of(tables: _Tables) -> Reader:
    """Make the finders of some tables, which takes long, once for all who read by them."""
    return Reader(tables.knowledge)


class CandidateFinder:
    """Finds every pair of a document that a model has to judge.

    Parameters
    ----------
    knowledge
        Who and what can be mentioned.
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self._reader = _reader_of(_Tables.of(knowledge))

    def find_mentions(self, document: Document, sentences: Sequence[Sentence]) -> list[Mention]:
        """Find all mentions of a document: names, persons, pronouns of its speaker, references.

        Returns
        -------
        list of Mention
            In text order, not overlapping, offsets into the document's text; those that would
            cross the end of a sentence are left out. Cut words are not joined here, since the
            sentences are given.
        """
        reading = self._reader.read(document, sentences)
        return [mention for index in range(len(sentences)) for mention in reading.mentions(index)]

    def find_candidates(self, document: Document) -> Iterator[Candidate]:
        """Yield the candidates of a document, sentence by sentence.

        A sentence pairs each state that it mentions with each alliance that it mentions, and so
        the state in whose voice it is: "the Union's tariffs are unjust" has a holder who is not
        named. The context is the sentence before.
        """
        joined = join(document.text, self._reader.names.is_name)
        if joined.text is not document.text:
            document = replace(document, text=joined.text)
        names = self._reader.names.find_for_pairs(document)
        if names is None:
            return
        sentences = split_sentences(document)
        reading = Reading(self._reader, document, sentences, names)
        for index in _with_alliance(reading.alliances, sentences):
            mentions = tuple(reading.mentions(index))
            pairs = list(_pairs(reading, index, mentions))
            if pairs:
                yield from self._candidates(reading, joined, index, mentions, pairs)

    def count_sentences(self, document: Document) -> int:
        """Count the sentences of a document, as `find_candidates` numbers them."""
        joined = join(document.text, self._reader.names.is_name)
        return len(split_sentences(replace(document, text=joined.text)))

    def mark_pairs(
        self,
        document: Document,
        sentences: list[Sentence],
        pairs: Sequence[Iterable[tuple[str, str]]],
    ) -> Iterator[Candidate]:
        """Yield the given pairs of a document whose sentences are known, mentions found.

        Parameters
        ----------
        document
            The document.
        sentences
            Its sentences, in order.
        pairs
            For each sentence its (state, alliance) pairs.
        """
        reading = self._reader.read(document, sentences)
        uncut = Joined(document.text, [])
        for index, own_pairs in enumerate(pairs):
            mentions = tuple(reading.mentions(index))
            found = {pair[:2]: pair for pair in _pairs(reading, index, mentions)}
            wanted = [found.get(pair, (*pair, "", "")) for pair in own_pairs]
            yield from self._candidates(reading, uncut, index, mentions, wanted)

    def mark_spans(
        self, document: Document, spans: Mapping[tuple[int, int], Iterable[tuple[str, str]]]
    ) -> Iterator[Candidate]:
        """Yield the given pairs of a document of which some sentences are known, mentions found.

        The rest of the document is cut into sentences, and all of it is read, so that a reference
        to what was named long before is understood.

        Parameters
        ----------
        document
            The document.
        spans
            Start and end of each known sentence, with its (state, alliance) pairs.
        """
        joined = join(document.text, self._reader.names.is_name)
        known = {(joined.place(start), joined.place(end)): pairs for (start, end), pairs in
                 sorted(spans.items())}  # fmt: skip
        whole = replace(document, text=joined.text)
        sentences = _cut_around(split_sentences(whole), list(known))
        reading = self._reader.read(whole, sentences)
        for index, sentence in enumerate(sentences):
            wanted = known.get((sentence.start, sentence.end))
            if wanted is None:
                continue
            mentions = tuple(reading.mentions(index))
            found = {pair[:2]: pair for pair in _pairs(reading, index, mentions)}
            pairs = [found.get(pair, (*pair, "", "")) for pair in wanted]
            yield from self._candidates(reading, joined, index, mentions, pairs)

    def find_pairs(self, candidate: Candidate) -> list[tuple[str, str]]:
        """Find every pair (state, alliance) of a ready sentence in its context."""
        read = self._read_alone(candidate)
        return [pair[:2] for pair in _pairs(read.reading, read.own.number, read.mentions)]

    def mark_candidate(self, candidate: Candidate) -> Candidate:
        """Find the mentions of a ready example's sentence and context.

        The pair is given, so it is kept even where no mention of its state or alliance is found.
        """
        read = self._read_alone(candidate)
        pair = (candidate.state, candidate.alliance)
        found = {p[:2]: p for p in _pairs(read.reading, read.own.number, read.mentions)}
        _, _, state_how, alliance_how = found.get(pair, (*pair, "", ""))
        earlier = (m for index in range(read.own.number) for m in read.reading.mentions(index))
        return replace(
            candidate,
            mentions=_restored(_shifted(read.mentions, read.own.start), read.text),
            context_mentions=_restored(earlier, read.context),
            state_how=state_how,
            alliance_how=alliance_how,
            membership=self._membership(candidate.state, candidate.alliance, candidate.date),
        )

    def _read_alone(self, candidate: Candidate) -> "_ReadSentence":
        """Read a sentence that comes with its context instead of a document."""
        is_name = self._reader.names.is_name
        context, text = join(candidate.context, is_name), join(candidate.text, is_name)
        gap = "\n\n" if context.text else ""
        document = Document(
            id=candidate.document,
            text=f"{context.text}{gap}{text.text}",
            title=candidate.title,
            date=candidate.date,
            speaker_state=candidate.speaker_state,
        )
        before = split_sentences(replace(document, text=context.text))
        own = Sentence(len(before), len(context.text) + len(gap), len(document.text))
        reading = self._reader.read(document, [*before, own])
        mentions = tuple(reading.mentions(own.number))
        return _ReadSentence(reading, own, mentions, text, context)

    def mark_example(self, example: Example) -> Example:
        """Find the mentions of a ready example; see `mark_candidate`."""
        return replace(example, candidate=self.mark_candidate(example.candidate))

    def _candidates(
        self,
        reading: Reading,
        joined: Joined,
        index: int,
        mentions: tuple[Mention, ...],
        pairs: Iterable[tuple[str, str, str, str]],
    ) -> Iterator[Candidate]:
        """Yield the candidates of one sentence, with offsets into the text as it was."""
        document, sentence = reading.document, reading.sentences[index]
        start, end = joined.start(sentence.start), joined.end(sentence.end)
        own = _shifted(_restored(mentions, joined), start)
        context = ""
        before: tuple[Mention, ...] = ()
        if index:
            previous = reading.sentences[index - 1]
            context_start = joined.start(previous.start)
            context = joined.original[context_start : joined.end(previous.end)]
            before = _shifted(_restored(reading.mentions(index - 1), joined), context_start)
        # cut once: a sentence without end may have thousands of pairs
        text = joined.original[start:end]
        for state, alliance, state_how, alliance_how in pairs:
            yield Candidate(
                document=document.id,
                sentence=sentence.number,
                start=start,
                end=end,
                text=text,
                context=context,
                state=state,
                alliance=alliance,
                mentions=own,
                context_mentions=before,
                title=document.title,
                date=document.date,
                speaker_state=document.speaker_state,
                state_how=state_how,
                alliance_how=alliance_how,
                membership=self._membership(state, alliance, document.date),
            )

    def _membership(self, state: str, alliance: str, date: str) -> str:
        return self.knowledge.memberships.status(state, alliance, date)


def _cut_around(sentences: Sequence[Sentence], spans: Sequence[tuple[int, int]]) -> list[Sentence]:
    """Let known sentences stand, and cut the ones that a program found at their edges."""
    pieces = list(spans)
    for sentence in sentences:
        start = sentence.start
        for known_start, known_end in spans:
            if known_start < sentence.end and start < known_end:
                pieces.append((start, known_start))
                start = known_end
        pieces.append((start, sentence.end))
    ordered = sorted(piece for piece in pieces if piece[0] < piece[1])
    return [Sentence(number, start, end) for number, (start, end) in enumerate(ordered)]


def _with_alliance(alliances: Sequence[Mention], sentences: Sequence[Sentence]) -> Iterator[int]:
    """Yield the indices of the sentences in which an alliance is mentioned."""
    index = 0
    last = -1
    for mention in alliances:
        while index < len(sentences) and sentences[index].end < mention.end:
            index += 1
        if index < len(sentences) and sentences[index].start <= mention.start and index != last:
            last = index
            yield index


def _pairs(
    reading: Reading, index: int, mentions: Sequence[Mention]
) -> Iterator[tuple[str, str, str, str]]:
    """Yield state, alliance, and how each came into the sentence."""
    alliances: dict[str, str] = {}
    states: dict[str, str] = {}
    for mention in mentions:
        ways = states if mention.kind == "state" else alliances
        ways.setdefault(mention.id, mention.how)
    for state, how in reading.further_states(index):
        states.setdefault(state, how)
    for alliance, alliance_how in alliances.items():
        for state, state_how in states.items():
            yield state, alliance, state_how, alliance_how


def _restored(mentions: Iterable[Mention], joined: Joined) -> tuple[Mention, ...]:
    """Give mentions with offsets into the text as it was before it was joined."""
    if joined.is_whole:
        return tuple(mentions)
    return tuple(
        mention._replace(start=joined.start(mention.start), end=joined.end(mention.end))
        for mention in mentions
    )


def _shifted(mentions: Iterable[Mention], by: int) -> tuple[Mention, ...]:
    """Give mentions with offsets into their sentence."""
    return tuple(
        Mention(mention.kind, mention.id, mention.start - by, mention.end - by, mention.how)
        for mention in mentions
    )
