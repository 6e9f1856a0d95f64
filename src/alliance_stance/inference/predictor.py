"""The predictor: documents or ready examples in, predictions out."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np

from alliance_stance.errors import ArtifactError, InputError
from alliance_stance.extraction.candidate_rows import candidate_row
from alliance_stance.extraction.candidates import CandidateFinder
from alliance_stance.inference.artifact import Artifact, open_artifact
from alliance_stance.models.base import choose_acts, sum_acts
from alliance_stance.schema import (
    ACTS,
    STANCE_OF_ACT,
    STANCES,
    Candidate,
    Document,
    Example,
    Prediction,
)


class Bounds(NamedTuple):
    """How much there may be to judge.

    A sentence without end that lists all states and alliances has tens of thousands of pairs, and
    a model reads it once for each.

    Parameters
    ----------
    pairs
        Candidates.
    characters
        Of the sentences and contexts of all candidates, a sentence counted for each of its pairs.
    """

    pairs: int
    characters: int


OF_A_DOCUMENT = Bounds(100_000, 2**26)
"""What any document is held to; a book of a thousand pages stays below."""
_AT_ONCE = 2**22
"""Characters that a model is given at once, so that memory does not grow with the documents."""


class Predictor:
    """Scores text with a saved model.

    Parameters
    ----------
    artifact
        The saved model, opened.
    """

    def __init__(self, artifact: Artifact) -> None:
        self.artifact = artifact
        self._finder = CandidateFinder(artifact.knowledge)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open a model folder.

        Raises
        ------
        ArtifactError
            If the folder is incomplete, altered or of another format.
        """
        return cls(open_artifact(folder))

    def predict(self, document: str | Document | Example) -> list[Prediction]:
        """Score every candidate of one text or document, or one ready example.

        Returns
        -------
        list of Prediction
            In text order; empty where no sentence pairs a state with an alliance.

        Raises
        ------
        KnowledgeError
            If a ready example names a state or an alliance that the model does not know.
        InputError
            If there is more to judge than `OF_A_DOCUMENT`.
        """
        return self.predict_batch([document])[0]

    def predict_batch(
        self, documents: Sequence[str | Document | Example], *, most: Bounds | None = None
    ) -> list[list[Prediction]]:
        """Score many at once, which is faster than one by one; one list for each, in order.

        Parameters
        ----------
        documents
            Texts, documents or ready examples.
        most
            What all of them together may give to judge; None holds only each to its own bounds.

        Raises
        ------
        KnowledgeError, InputError
            As `predict`; nothing has been judged then.
        """
        found = self._find(documents, most)
        flat = [candidate for candidates in found for candidate in candidates]
        predictions = iter(self._judge(flat))
        return [
            [self._named(next(predictions), document) for _ in candidates]
            for document, candidates in zip(documents, found, strict=True)
        ]

    def _find(
        self, documents: Sequence[str | Document | Example], most: Bounds | None
    ) -> list[list[Candidate]]:
        """Give the candidates of each document, or refuse what has too many."""
        found = []
        pairs = characters = 0
        for document in documents:
            own: list[Candidate] = []
            own_characters = 0
            for candidate in self._candidates(document):
                own.append(candidate)
                length = len(candidate.text) + len(candidate.context)
                own_characters += length
                characters += length
                pairs += 1
                _check_bounds(candidate, Bounds(len(own), own_characters), OF_A_DOCUMENT)
                if most is not None:
                    _check_bounds(candidate, Bounds(pairs, characters), most)
            found.append(own)
        return found

    def count_sentences(self, document: Document) -> int:
        """Count the sentences of a document, as they are numbered in its predictions."""
        return self._finder.count_sentences(document)

    def _candidates(self, document: str | Document | Example) -> Iterable[Candidate]:
        if isinstance(document, str):
            document = Document(id="text", text=document)
        document = self.artifact.knowledge.settle_codes(document, document.id)
        if isinstance(document, Example):
            return [self._finder.mark_candidate(document.candidate)]
        return self._finder.find_candidates(document)

    def _judge(self, candidates: Sequence[Candidate]) -> Iterator[Prediction]:
        for some in _portions(candidates):
            act_probabilities = self.artifact.model.predict_act_proba(some)
            if not np.isfinite(act_probabilities).all():
                raise ArtifactError(
                    str(self.artifact.folder), "weights that give no numbers", "probabilities",
                    "train the model again, or fetch the folder anew",
                )  # fmt: skip
            probabilities = sum_acts(act_probabilities)
            for row, act in enumerate(choose_acts(act_probabilities)):
                yield Prediction(
                    some[row],
                    STANCE_OF_ACT[ACTS[act]],
                    ACTS[act],
                    {stance: float(probabilities[row, i]) for i, stance in enumerate(STANCES)},
                )

    @staticmethod
    def _named(prediction: Prediction, document: str | Document | Example) -> Prediction:
        if not isinstance(document, Example):
            return prediction
        return Prediction(
            prediction.candidate,
            prediction.stance,
            prediction.act,
            prediction.probabilities,
            document.id,
        )


def _check_bounds(candidate: Candidate, found: Bounds, most: Bounds) -> None:
    if found.pairs > most.pairs or found.characters > most.characters:
        raise InputError(
            f"{candidate.document:.80}, sentence {candidate.sentence}",
            f"more than {most.pairs:,} pairs, or pairs whose sentences have more than "
            f"{most.characters:,} characters together",
            "a text of sentences, or fewer texts at once",
            "cut the text, or send fewer",
        )


def _portions(candidates: Sequence[Candidate]) -> Iterator[Sequence[Candidate]]:
    """Cut a long list by the characters that are to be read."""
    start = characters = 0
    for place, candidate in enumerate(candidates):
        characters += len(candidate.text) + len(candidate.context)
        if characters > _AT_ONCE and place > start:
            yield candidates[start:place]
            start, characters = place, len(candidate.text) + len(candidate.context)
    if start < len(candidates):
        yield candidates[start:]


def prediction_row(prediction: Prediction, *, abstain_below: float | None = None) -> dict[str, Any]:
    """Give a prediction in the exchange format (docs/formats.md).

    A ready example's carries its `id` and no offsets.

    Parameters
    ----------
    prediction
        What a model says.
    abstain_below
        A probability in [0, 1]: the row has a key `abstained`, true where the stance is less
        probable; None for a row without that key.
    """
    row = {
        **candidate_row(prediction.candidate, example_id=prediction.id),
        "stance": str(prediction.stance),
        "act": str(prediction.act),
        "score": round(prediction.score, 6),
        "probabilities": {str(s): round(p, 6) for s, p in prediction.probabilities.items()},
    }
    if abstain_below is not None:
        row["abstained"] = prediction.is_below(abstain_below)
    return row
