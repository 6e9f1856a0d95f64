"""The labelled examples that are most like a candidate, for a reader to compare.

A saved model holds keys of its training sentences, not the sentences, so that nobody's corpus
travels with a model. Whoever has the sentences brings them; those whose key the model knows are
searched. Likeness is the cosine of TF-IDF vectors over words and pairs of words, with every name
masked and the judged pair marked. It tells what is alike to read. It does not tell what made
the model say what it says: for that, the model would have to be fitted without an example.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from alliance_stance.errors import InputError
from alliance_stance.evaluation.overlap import sentence_key
from alliance_stance.models.marking import WORD_MARKERS, mark_text
from alliance_stance.schema import Candidate, Example

NEAREST = 3
"""Examples that are shown for a candidate."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A labelled example, and the cosine of its words with the candidate's, in [0, 1]."""

    example: Example
    similarity: float


class Neighbours:
    """Finds the training examples most like a candidate.

    Parameters
    ----------
    examples
        Labelled, with their mentions found.
    keys
        Of the model's training sentences (`evaluation.overlap`); None for a model that holds none,
        and then all examples are searched.

    Raises
    ------
    InputError
        If no example is labelled and among the model's training sentences.
    """

    def __init__(self, examples: Sequence[Example], keys: frozenset[str] | None) -> None:
        self.examples = [
            example
            for example in examples
            if example.label is not None
            and (keys is None or sentence_key(example.candidate.text) in keys)
        ]
        if not self.examples:
            raise InputError(
                "examples",
                f"{len(examples)} examples, none a labelled one that the model was fitted on",
                "sentences of the model's training data",
                "give the file that it was trained on, such as data/gold/documents.jsonl",
            )
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
        self._rows = self._vectorizer.fit_transform(_text(e.candidate) for e in self.examples)

    def find(self, candidate: Candidate, most: int = NEAREST) -> tuple[Neighbour, ...]:
        """Give the most similar examples, nearest first; each sentence once, none without a word.

        The candidate's own sentence is left out, since a model scored on a training sentence
        would be explained by that sentence alone.
        """
        similarity = (self._rows @ self._vectorizer.transform([_text(candidate)]).T).toarray()[:, 0]
        seen = {sentence_key(candidate.text)}
        found: list[Neighbour] = []
        for place in similarity.argsort(kind="stable")[::-1]:
            if len(found) == most or similarity[place] <= 0:
                break
            example = self.examples[place]
            key = sentence_key(example.candidate.text)
            if key not in seen:
                seen.add(key)
                found.append(Neighbour(example, float(similarity[place])))
        return tuple(found)


def _text(candidate: Candidate) -> str:
    return mark_text(candidate, WORD_MARKERS, is_masked=True)
