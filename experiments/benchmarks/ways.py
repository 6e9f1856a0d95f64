"""Ways to fit the project's linear model to labels that are not the three stances."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.frozen import FrozenEstimator
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
    """A way to fit, the model's settings, and what is written beside the text.

    Parameters
    ----------
    way
        A key of `WAYS`.
    settings
        Of the linear model.
    beside
        A key of `BESIDE`.
    """

    way: str
    settings: LinearSettings
    beside: str = "nothing"

    @property
    def features(self) -> tuple[object, ...]:
        """What is written beside, with all that it depends on."""
        return self.beside, WINDOW, CHARACTERS

    def describe(self) -> str:
        """Say the settings in words."""
        own = self.settings
        parts = [
            f"c {own.c:g}", f"runs of 1 to {own.ngrams} words",
            "names masked" if own.masked else "names kept",
            "classes weighed equally" if own.balanced else "classes as they are",
            f"{self.beside} beside",
        ]  # fmt: skip
        if own.characters:
            parts.insert(2, f"runs of 2 to {own.characters} characters")
        return ", ".join(parts)


def fit(choice: Choice, units: Sequence[Unit], classes: Sequence[str]) -> Judge:
    """Fit as chosen."""
    judge = WAYS[choice.way](
        choice.settings, [write_beside(unit, choice.beside) for unit in units], classes
    )

    def judge_as_fitted(asked: Sequence[Unit]) -> Codes:
        return judge([write_beside(unit, choice.beside) for unit in asked])

    return judge_as_fitted


def write_beside(unit: Unit, beside: str) -> Unit:
    """Write further features as words into the context, which the setting `context` reads.

    The linear model counts words wherever they stand, and has no features of places or characters.
    What stood in the context is left out.
    """
    if beside == "nothing":
        return unit
    return unit._replace(
        candidates=tuple(
            replace(c, context=" ".join(BESIDE[beside](c)), context_mentions=())
            for c in unit.candidates
        )
    )


def _window(candidate: Candidate) -> Iterator[str]:
    """Give the words near each judged name, with the name and the side, as targetright_denied."""
    for mention in candidate.mentions:
        name = "holder" if mention.kind == "state" else "target"
        before = re.findall(r"\w+", candidate.text[: mention.start])[-WINDOW:]
        after = re.findall(r"\w+", candidate.text[mention.end :])[:WINDOW]
        yield from (f"{name}left_{word}" for word in before)
        yield from (f"{name}right_{word}" for word in after)


def _characters(candidate: Candidate) -> Iterator[str]:
    """Give the runs of characters in each word, its ends marked, as chars_tra for tram."""
    for word in re.findall(r"\w+", candidate.text):
        marked = f"_{word}_"
        for size in CHARACTERS:
            yield from (
                f"chars{marked[start : start + size]}" for start in range(len(marked) - size + 1)
            )


WINDOW = 5
"""Words on either side of a name."""
CHARACTERS = (3, 4, 5)
"""Lengths of runs of characters."""
BESIDE: Mapping[str, Callable[[Candidate], Iterator[str]]] = {
    "window": _window,
    "characters": _characters,
}


class LabelModel(LinearModel):
    """The linear model's own features and classifier, with any labels as classes."""

    vocabulary_: BaseEstimator | None = None

    def fit_vocabulary(self, X: Sequence[Candidate]) -> Self:
        """Count features and their documents in these candidates, not in those of the labels."""
        self.vocabulary_ = FrozenEstimator(super()._new_vectorizer().fit(self._texts(X)))
        return self

    def _new_vectorizer(self) -> BaseEstimator:
        return self.vocabulary_ or super()._new_vectorizer()

    def fit_labels(self, X: Sequence[Candidate], labels: Sequence[str]) -> Self:
        """Fit one logistic regression, as the model does for the stances."""
        pipeline = self._new_pipeline(len(set(labels)) == 1)
        self.label_pipeline_ = pipeline.fit(self._texts(X), list(labels))
        return self

    def predict_labels(self, X: Sequence[Candidate]) -> list[str]:
        """Give the most probable label of each candidate."""
        return [str(label) for label in self.label_pipeline_.predict(self._texts(X))]


def fit_labels(
    settings: LinearSettings,
    units: Sequence[Unit],
    classes: Sequence[str],
    counted: Sequence[Unit] | None = None,
) -> Judge:
    """Fit the labels themselves, on the forward candidate of each unit.

    Parameters
    ----------
    settings
        Of the linear model.
    units
        What to fit on.
    classes
        All labels.
    counted
        The units whose texts give the features and their document counts; None for `units`.
    """
    model = LabelModel(**settings.model_dump(), random_state=SEED)
    if counted is not None:
        model.fit_vocabulary([unit.candidates[0] for unit in counted])
    model.fit_labels([unit.candidates[0] for unit in units], [unit.label for unit in units])

    def judge(asked: Sequence[Unit]) -> Codes:
        labels = model.predict_labels([unit.candidates[0] for unit in asked])
        return np.array([classes.index(label) for label in labels], dtype=np.intp)

    return judge


def fit_each_target(
    settings: LinearSettings, units: Sequence[Unit], classes: Sequence[str]
) -> Judge:
    """Fit one model for each target; a target that training lacks is an error."""
    return _fit_each(settings, units, classes, None)


def fit_each_target_in_one_vocabulary(
    settings: LinearSettings, units: Sequence[Unit], classes: Sequence[str]
) -> Judge:
    """Fit one model for each target, over the features and document counts of all targets."""
    return _fit_each(settings, units, classes, units)


def _fit_each(
    settings: LinearSettings,
    units: Sequence[Unit],
    classes: Sequence[str],
    counted: Sequence[Unit] | None,
) -> Judge:
    judges = {
        target: fit_labels(settings, [u for u in units if u.target == target], classes, counted)
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


def fit_majority(units: Sequence[Unit], classes: Sequence[str], *, by_target: bool) -> Judge:
    """Give everything the commonest label of training, of all of it or of the unit's target."""
    labels: defaultdict[str, list[str]] = defaultdict(list)
    for unit in units:
        labels[unit.target if by_target else ""].append(unit.label)
    usual = {
        target: max(range(len(classes)), key=lambda code, own=own: own.count(classes[code]))
        for target, own in labels.items()
    }

    def judge(asked: Sequence[Unit]) -> Codes:
        return np.array([usual[u.target if by_target else ""] for u in asked], dtype=np.intp)

    return judge


WAYS: Mapping[str, Callable[[LinearSettings, Sequence[Unit], Sequence[str]], Judge]] = {
    "labels": fit_labels,
    "each target": fit_each_target,
    "each target, one vocabulary": fit_each_target_in_one_vocabulary,
    "directions": fit_directions,
}
