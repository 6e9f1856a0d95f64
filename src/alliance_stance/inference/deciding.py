"""The words that decided, as places in the text: what `score --explain` writes.

They are the words that `predict --explain` marks: taken alone out of the sentence, each costs the
predicted stance at least `STRONG` of its probability (`attribution`).
"""

from collections.abc import Sequence

from alliance_stance.inference.attribution import STRONG, Attribution, attribute
from alliance_stance.models.base import StanceModel
from alliance_stance.schema import Prediction

Spans = list[list[int]]
"""Start and end of each word, in text order."""


def find_deciding(model: StanceModel, predictions: Sequence[Prediction]) -> list[Spans]:
    """Find the words that decided, one judgement of the model for every word.

    Parameters
    ----------
    model
        The one that made the predictions.
    predictions
        What it said.

    Returns
    -------
    list of Spans
        One a prediction: characters of the document, of a ready example those of its text. Empty
        where no word alone moves the probability by `STRONG`. The sentence before is never told.
    """
    found = attribute(
        model,
        [prediction.candidate for prediction in predictions],
        [prediction.stance for prediction in predictions],
    )
    return [_places(own, one) for own, one in zip(found, predictions, strict=True)]


def _places(found: Attribution, prediction: Prediction) -> Spans:
    offset = 0 if prediction.id is not None else prediction.candidate.start
    return [
        [offset + part.start, offset + part.end]
        for part, weight in zip(found.parts, found.weights, strict=True)
        if part.kind != "context" and weight >= STRONG
    ]
