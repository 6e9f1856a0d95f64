"""The predictor: documents or ready examples in, predictions out."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

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

Scorable = str | Document | Example
"""A text, a document, or a ready example."""

_WINDOW = 2048
"""Candidates that are read together, so that batches hold sentences of like length."""
_MOST_DOCUMENTS = 1024
"""Documents that are waited with, where few of them hold candidates."""


class Predictor:
    """Scores text with a saved model; many threads may share one.

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

    def predict(self, document: Scorable) -> list[Prediction]:
        """Score every candidate of one text or document, or one ready example.

        Returns
        -------
        list of Prediction
            In text order; empty where no sentence pairs a state with an alliance.

        Raises
        ------
        KnowledgeError
            If a ready example names a state or an alliance that the model does not know.
        """
        return self.predict_batch([document])[0]

    def predict_batch(self, documents: Iterable[Scorable]) -> list[list[Prediction]]:
        """Score many at once, which is faster than one by one; one list for each, in order."""
        return list(self.score(documents))

    def score(self, documents: Iterable[Scorable]) -> Iterator[list[Prediction]]:
        """Score a stream of any length, and yield one list for each document, in order.

        Documents are read ahead until they have enough candidates for full batches, and no
        further, so that memory does not grow with the stream.

        Parameters
        ----------
        documents
            Read once, as they are asked for.

        Raises
        ------
        KnowledgeError
            As `predict`; documents before the one at fault may not have been yielded.
        """
        waiting: list[tuple[Scorable, list[Candidate]]] = []
        count = 0
        for document in documents:
            candidates = list(self._candidates(document))
            waiting.append((document, candidates))
            count += len(candidates)
            if count >= _WINDOW or len(waiting) == _MOST_DOCUMENTS:
                yield from self._judged(waiting)
                waiting, count = [], 0
        yield from self._judged(waiting)

    def _judged(
        self, found: Sequence[tuple[Scorable, list[Candidate]]]
    ) -> Iterator[list[Prediction]]:
        flat = [candidate for _, candidates in found for candidate in candidates]
        predictions = iter(self._judge(flat))
        for document, candidates in found:
            yield [self._named(next(predictions), document) for _ in candidates]

    def _candidates(self, document: Scorable) -> Iterable[Candidate]:
        if isinstance(document, str):
            document = Document(id="text", text=document)
        document = self.artifact.knowledge.settle_codes(document, document.id)
        if isinstance(document, Example):
            return [self._finder.mark_candidate(document.candidate)]
        return self._finder.find_candidates(document)

    def _judge(self, candidates: list[Candidate]) -> Iterator[Prediction]:
        # one document alone may hold more than a window
        for start in range(0, len(candidates), _WINDOW):
            window = candidates[start : start + _WINDOW]
            act_probabilities = self.artifact.model.predict_act_proba(window)
            acts = choose_acts(act_probabilities).tolist()
            shares = sum_acts(act_probabilities).tolist()
            for candidate, act, row in zip(window, acts, shares, strict=True):
                yield Prediction(
                    candidate,
                    STANCE_OF_ACT[ACTS[act]],
                    ACTS[act],
                    dict(zip(STANCES, row, strict=True)),
                )

    @staticmethod
    def _named(prediction: Prediction, document: Scorable) -> Prediction:
        if not isinstance(document, Example):
            return prediction
        return Prediction(
            prediction.candidate,
            prediction.stance,
            prediction.act,
            prediction.probabilities,
            document.id,
        )


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
