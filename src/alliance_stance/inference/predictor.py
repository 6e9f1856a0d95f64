"""The predictor: documents or ready examples in, predictions out."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

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

if TYPE_CHECKING:
    from alliance_stance.inference.explanation import Explanation
    from alliance_stance.inference.neighbours import Neighbours


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
        """
        return self.predict_batch([document])[0]

    def predict_batch(
        self, documents: Sequence[str | Document | Example]
    ) -> list[list[Prediction]]:
        """Score many at once, which is faster than one by one; one list for each, in order."""
        found = [list(self._candidates(document)) for document in documents]
        flat = [candidate for candidates in found for candidate in candidates]
        predictions = iter(self._judge(flat))
        return [
            [self._named(next(predictions), document) for _ in candidates]
            for document, candidates in zip(documents, found, strict=True)
        ]

    def explain(
        self,
        document: str | Document | Example,
        *,
        neighbours: "Neighbours | None" = None,
    ) -> "list[Explanation]":
        """Score every candidate of one text, document or ready example, and tell why.

        Parameters
        ----------
        document
            As in `predict`.
        neighbours
            Over examples that the model was fitted on; None to search none.

        Returns
        -------
        list of Explanation
            One a prediction, in the order of `predict`. Each costs one judgement of the
            model for every word (`inference.attribution`).
        """
        # the labelling rules are many, and who only predicts should not wait for them
        from alliance_stance.inference.explanation import explain_predictions

        return explain_predictions(self.artifact, self.predict(document), neighbours=neighbours)

    def _candidates(self, document: str | Document | Example) -> Iterable[Candidate]:
        if isinstance(document, str):
            document = Document(id="text", text=document)
        document = self.artifact.knowledge.settle_codes(document, document.id)
        if isinstance(document, Example):
            return [self._finder.mark_candidate(document.candidate)]
        return self._finder.find_candidates(document)

    def _judge(self, candidates: list[Candidate]) -> Iterator[Prediction]:
        act_probabilities = self.artifact.model.predict_act_proba(candidates)
        probabilities = sum_acts(act_probabilities)
        for row, act in enumerate(choose_acts(act_probabilities)):
            yield Prediction(
                candidates[row],
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
