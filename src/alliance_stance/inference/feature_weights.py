"""The features of a linear model in one sentence, with their exact share in the stance's logit."""

from dataclasses import dataclass

import numpy as np

from alliance_stance.models.base import StanceModel
from alliance_stance.models.linear import LinearModel
from alliance_stance.schema import STANCES, Candidate, Stance


@dataclass(frozen=True, slots=True)
class FeatureWeight:
    """A feature, a run of words or of characters, and what it adds.

    `weight` is the feature's value times its coefficient for the stance less the mean of those of
    all stances, in log-odds: the sum over all features and the intercept is the stance's logit.
    """

    feature: str
    weight: float


def feature_weights(
    model: StanceModel, candidate: Candidate, stance: Stance, *, most: int
) -> tuple[FeatureWeight, ...] | None:
    """Give the features of largest weight, positive or negative, largest first.

    Parameters
    ----------
    model
        Fitted.
    candidate
        With its mentions found.
    stance
        Whose logit is taken apart.
    most
        How many features at most.

    Returns
    -------
    tuple or None
        None for a model whose features have no weights of their own.
    """
    if not isinstance(model, LinearModel):
        return None
    names, logits = model.weighed_runs(candidate)
    own = logits[:, STANCES.index(stance)]
    if np.isnan(own).any() or not names:
        return None
    weights = own - np.nanmean(logits, axis=1)
    order = np.argsort(-np.abs(weights), kind="stable")[:most]
    return tuple(FeatureWeight(names[i], float(weights[i])) for i in order)
