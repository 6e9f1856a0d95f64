"""Why a model says what it says of a candidate, as far as that can be told.

Four answers, each of its own kind: the words that moved the probability (`attribution`), how
extraction came to the pair (`reasons`), the labelling rules that hold of the sentence, whatever
the model says, and the training examples that are most like it (`neighbours`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from alliance_stance.inference.artifact import Artifact
from alliance_stance.inference.attribution import Attribution, attribute
from alliance_stance.inference.feature_weights import FeatureWeight, feature_weights
from alliance_stance.inference.neighbours import Neighbour, Neighbours
from alliance_stance.inference.predictor import prediction_row
from alliance_stance.inference.reasons import Reason, alliance_reason, state_reason
from alliance_stance.labeling.firing import claim_of, rules_that_hold
from alliance_stance.labeling.rules.rule import Rule
from alliance_stance.schema import STANCE_OF_ACT, Prediction

FEATURES = 8
"""Features of a linear model that are told."""
_DIGITS = 6


@dataclass(frozen=True, eq=False)
class Explanation:
    """A prediction, and why.

    Parameters
    ----------
    prediction
        What is explained.
    attribution
        What the probability of the predicted stance loses with each part of the sentence.
    features
        Of a linear model, those of largest weight; None for other models.
    state, alliance
        How each came into the sentence.
    rules
        Labelling rules that hold of the candidate, also of stances that the model did not give.
    neighbours
        The most similar training examples; None where no examples were given.
    """

    prediction: Prediction
    attribution: Attribution
    features: tuple[FeatureWeight, ...] | None
    state: Reason
    alliance: Reason
    rules: tuple[Rule, ...]
    neighbours: tuple[Neighbour, ...] | None


def explain_predictions(
    artifact: Artifact,
    predictions: Sequence[Prediction],
    *,
    neighbours: Neighbours | None = None,
) -> list[Explanation]:
    """Explain predictions of a saved model.

    Parameters
    ----------
    artifact
        The model that made them.
    predictions
        What it said.
    neighbours
        Over training examples; None to search none.
    """
    candidates = [prediction.candidate for prediction in predictions]
    stances = [prediction.stance for prediction in predictions]
    attributions = attribute(artifact.model, candidates, stances)
    return [
        Explanation(
            prediction,
            attribution,
            feature_weights(artifact.model, prediction.candidate, prediction.stance, most=FEATURES),
            state_reason(prediction.candidate, artifact.knowledge),
            alliance_reason(prediction.candidate, artifact.knowledge),
            tuple(rules_that_hold(prediction.candidate)),
            None if neighbours is None else neighbours.find(prediction.candidate),
        )
        for prediction, attribution in zip(predictions, attributions, strict=True)
    ]


def explanation_row(
    explanation: Explanation, *, abstain_below: float | None = None
) -> dict[str, Any]:
    """Give a prediction with a key `explanation`, in the exchange format (docs/formats.md).

    Parameters
    ----------
    explanation
        From `explain_predictions`.
    abstain_below
        See `predictor.prediction_row`.
    """
    found, prediction = explanation.attribution, explanation.prediction
    offset = 0 if prediction.id is not None else prediction.candidate.start
    return {
        **prediction_row(prediction, abstain_below=abstain_below),
        "explanation": {
            "stance": str(found.stance),
            "probability": round(found.probability, _DIGITS),
            "names_alone": round(found.base, _DIGITS),
            "words": _word_rows(explanation, offset),
            "context": _context_weight(found),
            "evaluations": found.evaluations,
            "features": _feature_rows(explanation.features),
            "state": _reason_row(explanation.state, offset),
            "alliance": _reason_row(explanation.alliance, offset),
            "rules": [_rule_row(rule) for rule in explanation.rules],
            "examples": _example_rows(explanation.neighbours),
        },
    }


def _word_rows(explanation: Explanation, offset: int) -> list[dict[str, Any]]:
    text = explanation.prediction.candidate.text
    found = explanation.attribution
    return [
        {
            "text": text[part.start : part.end],
            "start": offset + part.start,
            "end": offset + part.end,
            "weight": round(float(weight), _DIGITS),
        }
        for part, weight in zip(found.parts, found.weights, strict=True)
        if part.kind != "context"
    ]


def _context_weight(found: Attribution) -> float | None:
    for part, weight in zip(found.parts, found.weights, strict=True):
        if part.kind == "context":
            return round(float(weight), _DIGITS)
    return None


def _feature_rows(features: Sequence[FeatureWeight] | None) -> list[dict[str, Any]] | None:
    if features is None:
        return None
    return [{"text": f.feature, "weight": round(f.weight, _DIGITS)} for f in features]


def _reason_row(reason: Reason, offset: int) -> dict[str, Any]:
    mention = None
    if reason.start is not None and reason.end is not None:
        mention = [offset + reason.start, offset + reason.end]
    return {
        "name": reason.name,
        "how": reason.how or None,
        "words": reason.words or None,
        "mention": mention,
        "reason": reason.text,
        "step": reason.step,
    }


def _rule_row(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "act": str(rule.act),
        "stance": str(STANCE_OF_ACT[rule.act]),
        "claim": claim_of(rule),
        "codebook": list(rule.codebook),
    }


def _example_rows(neighbours: Sequence[Neighbour] | None) -> list[dict[str, Any]] | None:
    if neighbours is None:
        return None
    rows = []
    for neighbour in neighbours:
        example = neighbour.example
        label = example.label
        rows.append(
            {
                "id": example.id,
                "text": example.candidate.text,
                "state": example.candidate.state,
                "alliance": example.candidate.alliance,
                "stance": None if label is None else str(label.stance),
                "act": None if label is None or label.act is None else str(label.act),
                "similarity": round(neighbour.similarity, _DIGITS),
            }
        )
    return rows
