"""Documents to candidates, and ready examples to marked ones: the one way for all later rooms."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from alliance_stance.corpus.sentences import split_sentences
from alliance_stance.extraction.mentions import MentionFinder
from alliance_stance.extraction.references import ReferenceFinder
from alliance_stance.extraction.speakers import PersonFinder, first_person
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.schema import Candidate, Document, Example, Mention, Sentence


class CandidateFinder:
    """Finds every pair of a document that a model has to judge.

    Parameters
    ----------
    knowledge
        Who and what can be mentioned.
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self._names = MentionFinder(knowledge)
        self._persons = PersonFinder(knowledge.offices)
        self._references = ReferenceFinder(knowledge.alliance_names)

    def find_mentions(self, document: Document, sentences: list[Sentence]) -> list[Mention]:
        """Find all mentions of a document: names, persons, pronouns of its speaker, references.

        Returns
        -------
        list of Mention
            In text order, not overlapping, offsets into the document's text.
        """
        text, date = document.text, document.date
        named = self._names.find(text, date=date)
        states = [mention for mention in named if mention.kind == "state"]
        alliances = [mention for mention in named if mention.kind == "alliance"]
        starts = [sentence.start for sentence in sentences]
        found = [
            *self._persons.find(text, states, date=date),
            *named,
            *first_person(text, self._speaker(document)),
            *self._references.find(text, alliances, starts, date=date),
        ]
        return _without_overlaps(found)

    def find_candidates(self, document: Document) -> Iterator[Candidate]:
        """Yield the candidates of a document, sentence by sentence.

        A sentence pairs each state that it mentions with each alliance that it mentions, and so
        the speaker's state where the whole document is its speech: "the Union's tariffs are
        unjust" has a holder who is not named. The context is the sentence before.
        """
        sentences = split_sentences(document)
        mentions = self.find_mentions(document, sentences)
        previous: Sentence | None = None
        speaker = self._speaker(document)
        for sentence in sentences:
            inside = _inside(mentions, sentence)
            for pair in _pairs(inside, speaker):
                yield _candidate(document, (previous, sentence), mentions, pair)
            previous = sentence

    def _speaker(self, document: Document) -> str | None:
        """Give the speaking state; None where nobody or an alliance speaks."""
        speaker = document.speaker_state
        return speaker if speaker in self.knowledge.states else None

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
        mentions = self.find_mentions(document, sentences)
        previous: Sentence | None = None
        for sentence, own_pairs in zip(sentences, pairs, strict=True):
            for pair in own_pairs:
                yield _candidate(document, (previous, sentence), mentions, pair)
            previous = sentence

    def mark_candidate(self, candidate: Candidate) -> Candidate:
        """Find the mentions of a ready example's sentence and context.

        The pair is given, so it is kept even where no mention of its state or alliance is found.
        """
        context = candidate.context
        gap = "\n\n" if context else ""
        offset = len(context) + len(gap)
        document = Document(
            id=candidate.document,
            text=f"{context}{gap}{candidate.text}",
            title=candidate.title,
            date=candidate.date,
            speaker_state=candidate.speaker_state,
        )
        mentions = self.find_mentions(document, split_sentences(document))
        return replace(
            candidate,
            mentions=_inside(mentions, Sentence(1, offset, len(document.text))),
            context_mentions=_inside(mentions, Sentence(0, 0, len(context))),
        )

    def mark_example(self, example: Example) -> Example:
        """Find the mentions of a ready example; see `mark_candidate`."""
        return replace(example, candidate=self.mark_candidate(example.candidate))


def _candidate(
    document: Document,
    window: tuple[Sentence | None, Sentence],
    mentions: list[Mention],
    pair: tuple[str, str],
) -> Candidate:
    previous, sentence = window
    return Candidate(
        document=document.id,
        sentence=sentence.index,
        start=sentence.start,
        end=sentence.end,
        text=document.text[sentence.start : sentence.end],
        context=document.text[previous.start : previous.end] if previous else "",
        state=pair[0],
        alliance=pair[1],
        mentions=_inside(mentions, sentence),
        context_mentions=_inside(mentions, previous) if previous else (),
        title=document.title,
        date=document.date,
        speaker_state=document.speaker_state,
    )


def _pairs(mentions: tuple[Mention, ...], speaker_state: str | None) -> Iterator[tuple[str, str]]:
    states = dict.fromkeys(m.id for m in mentions if m.kind == "state")
    if speaker_state is not None:
        states.setdefault(speaker_state)
    alliances = dict.fromkeys(m.id for m in mentions if m.kind == "alliance")
    for alliance in alliances:
        for state in states:
            yield state, alliance


def _inside(mentions: list[Mention], sentence: Sentence) -> tuple[Mention, ...]:
    """Cut the mentions of a sentence out, with offsets into the sentence."""
    first = bisect_right(mentions, sentence.start - 1, key=lambda mention: mention.start)
    inside = []
    for mention in mentions[first:]:
        if mention.start >= sentence.end:
            break
        if mention.end <= sentence.end:
            inside.append(
                replace(
                    mention,
                    start=mention.start - sentence.start,
                    end=mention.end - sentence.start,
                )
            )
    return tuple(inside)


def _without_overlaps(mentions: list[Mention]) -> list[Mention]:
    """Keep the first of overlapping mentions, the longest of those that begin together."""
    kept: list[Mention] = []
    free_from = 0
    for mention in sorted(mentions, key=lambda mention: (mention.start, -mention.end)):
        if mention.start >= free_from:
            kept.append(mention)
            free_from = mention.end
    return kept
