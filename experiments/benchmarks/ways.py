"""Ways to fit the project's linear model to labels that are not the three stances."""

from collections.abc import Callable, Mapping, Sequence
from typing import Self

import numpy as np
from units import Unit

from alliance_stance.datasets.dse import DIRECTED
from alliance_stance.evaluation.metrics import Codes
from alliance_stance.models.linear import LinearModel, LinearSettings
from alliance_stance.models.table import build_model
from alliance_stance.schema import STANCES, Candidate, Stance

SEED = 0
"""Of the solver, which has no random step: another seed gives the same model."""

Judge = Callable[[Sequence[Unit]], Codes]
"""From units to the positions of their predicted labels."""
Way = Callable[[LinearSettings, Sequence[Unit], Sequence[str]], Judge]
"""From settings, training units and all classes to a judge."""


class LabelModel(LinearModel):
    """The linear model's own features and classifier, with any labels as classes."""

    def fit_labels(self, X: Sequence[Candidate], labels: Sequence[str]) -> Self:
        """Fit one logistic regression, as the model does for the stances."""
        self.label_pipeline_ = self._fit_pipeline(self._texts(X), list(labels))
        return self

    def predict_labels(self, X: Sequence[Candidate]) -> list[str]:
        """Give the most probable label of each candidate."""
        return [str(label) for label in self.label_pipeline_.predict(self._texts(X))]


def fit_labels(settings: LinearSettings, units: Sequence[Unit], classes: Sequence[str]) -> Judge:
    """Fit the labels themselves, on the forward candidate of each unit."""
    model = LabelModel(**settings.model_dump(), random_state=SEED).fit_labels(
        [unit.candidates[0] for unit in units], [unit.label for unit in units]
    )

    def judge(asked: Sequence[Unit]) -> Codes:
        labels = model.predict_labels([unit.candidates[0] for unit in asked])
        return np.array([classes.index(label) for label in labels], dtype=np.intp)

    return judge


def fit_each_target(
    settings: LinearSettings, units: Sequence[Unit], classes: Sequence[str]
) -> Judge:
    """Fit one model for each target; a target that training lacks is an error."""
    judges = {
        target: fit_labels(settings, [u for u in units if u.target == target], classes)
        for target in sorted({unit.target for unit in units})
    }

    def judge(asked: Sequence[Unit]) -> Codes:
        found = np.empty(len(asked), dtype=np.intp)
        for target in sorted({unit.target for unit in asked}):
            rows = [row for row, unit in enumerate(asked) if unit.target == target]
            found[rows] = judges[target]([asked[row] for row in rows])
        return found

    return judge


def fit_directions(
    settings: LinearSettings, units: Sequence[Unit], classes: Sequence[str]
) -> Judge:
    """Fit the three stances of both directions, and put the five labels together from them.

    The label whose two stances have the highest product of probabilities wins.
    """
    model = build_model("linear", settings, seed=SEED)
    stances = [stance for unit in units for stance in DIRECTED[unit.label]]
    model.fit([candidate for unit in units for candidate in unit.candidates], stances)

    def column(stance: Stance) -> int:
        return STANCES.index(stance)

    def judge(asked: Sequence[Unit]) -> Codes:
        probabilities = model.predict_proba([c for unit in asked for c in unit.candidates])
        forward, backward = probabilities[::2], probabilities[1::2]
        products = [
            forward[:, column(first)] * backward[:, column(second)]
            for first, second in (DIRECTED[label] for label in classes)
        ]
        winners: Codes = np.stack(products, axis=1).argmax(axis=1)
        return winners

    return judge


WAYS: Mapping[str, Way] = {
    "labels": fit_labels,
    "each target": fit_each_target,
    "directions": fit_directions,
}
