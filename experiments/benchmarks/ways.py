"""Ways to fit the project's linear model to labels that are not the three stances."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, Self

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


class Choice(NamedTuple):
    """A way to fit, the model's settings, and the window.

    Parameters
    ----------
    way
        A key of `WAYS`.
    settings
        Of the linear model.
    window
        Words on either side of a judged name that are written once more; 0 for none.
    """

    way: str
    settings: LinearSettings
    window: int

    def describe(self) -> str:
        """Say the settings in words."""
        own = self.settings
        parts = [
            f"c {own.c:g}", f"runs of 1 to {own.ngrams} words",
            "names masked" if own.masked else "names kept",
            "classes weighed equally" if own.balanced else "classes as they are",
            f"window of {self.window}" if self.window else "no window",
        ]  # fmt: skip
        return ", ".join(parts)


def fit(choice: Choice, units: Sequence[Unit], classes: Sequence[str]) -> Judge:
    """Fit as chosen."""
    judge = WAYS[choice.way](
        choice.settings, [write_window(unit, choice.window) for unit in units], classes
    )

    def judge_with_window(asked: Sequence[Unit]) -> Codes:
        return judge([write_window(unit, choice.window) for unit in asked])

    return judge_with_window


def write_window(unit: Unit, size: int) -> Unit:
    """Write the words near the judged names into the context, each with its side.

    The linear model counts words wherever they stand; ``targetright_denied`` tells it that a word
    stands behind the target. What stood in the context is left out.
    """
    if not size:
        return unit
    return unit._replace(
        candidates=tuple(
            replace(c, context=" ".join(_near_words(c, size)), context_mentions=())
            for c in unit.candidates
        )
    )


def _near_words(candidate: Candidate, size: int) -> Iterator[str]:
    for mention in candidate.mentions:
        name = "holder" if mention.kind == "state" else "target"
        before = re.findall(r"\w+", candidate.text[: mention.start])[-size:]
        after = re.findall(r"\w+", candidate.text[mention.end :])[:size]
        yield from (f"{name}left_{word}" for word in before)
        yield from (f"{name}right_{word}" for word in after)


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


WAYS: Mapping[str, Callable[[LinearSettings, Sequence[Unit], Sequence[str]], Judge]] = {
    "labels": fit_labels,
    "each target": fit_each_target,
    "directions": fit_directions,
}
