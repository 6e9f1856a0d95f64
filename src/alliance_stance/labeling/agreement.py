"""How far annotators agree, for two and for any number of them with labels missing.

References: Cohen 1960 (kappa); Krippendorff 2011 (alpha, nominal distance); Cicchetti and
Feinstein 1990 (specific agreement); Efron and Tibshirani 1993 (bootstrap).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import krippendorff
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score

from alliance_stance.draws import Resamples, bounds, draw_counts
from alliance_stance.errors import DatasetError
from alliance_stance.labeling.annotations import ABSENT, ADJUDICATOR
from alliance_stance.schema import STANCE_OF_ACT, Act, Stance

Labels = Mapping[str, Mapping[str, str]]
"""Labels by annotator, then by task; who has not labelled a task has no entry for it."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of two annotators on `count` labels; 1 is perfect, 0 is chance for the last two."""

    count: int
    share: float
    kappa: float
    alpha: float


class Alpha(NamedTuple):
    """Krippendorff's alpha with its 95 % interval over resampled documents.

    Parameters
    ----------
    value
        1 is perfect, 0 is chance; it can be negative.
    low, high
        Percentiles of the draws in which labels could differ; None where all tasks are of one
        document, or all labels are the same one.
    tasks, documents
        What was compared: tasks with two labels or more, and their documents.
    """

    value: float
    low: float | None
    high: float | None
    tasks: int
    documents: int


@dataclass(frozen=True, slots=True)
class ClassAgreement:
    """How often another annotator gives a label too, where one has given it.

    `share` is the positive specific agreement, in [0, 1]; `count` the labels it rests on: those
    of tasks that somebody else has labelled too.
    """

    share: float
    count: int


class Disagreement(NamedTuple):
    """A task on which annotators differ.

    `distance` is that of the two labels furthest apart: 1 for two acts of one stance, 2 for
    neutral and `none`, 3 for a position and one of these, 4 for favor and against.
    """

    task: str
    labels: dict[str, str]
    distance: int


def measure_agreement(first: Sequence[str], second: Sequence[str]) -> Agreement:
    """Compare two annotators' labels of the same examples, in the same order.

    Raises
    ------
    DatasetError
        If the lengths differ or there is nothing to compare.

    Examples
    --------
    >>> measure_agreement(["a", "a", "b", "b"], ["a", "a", "b", "a"]).share
    0.75
    """
    if not first or len(first) != len(second):
        raise DatasetError(
            "annotations", f"{len(first)} and {len(second)} labels", "as many of each", "check them"
        )
    codes = {label: code for code, label in enumerate(sorted({*first, *second}))}
    rows = [[codes[label] for label in labels] for labels in (first, second)]
    share = sum(a == b for a, b in zip(first, second, strict=True)) / len(first)
    if len(codes) == 1:
        return Agreement(len(first), share, 1.0, 1.0)
    return Agreement(
        count=len(first),
        share=share,
        kappa=float(cohen_kappa_score(first, second)),
        alpha=float(krippendorff.alpha(rows, level_of_measurement="nominal")),
    )


def independent(labels: Labels) -> dict[str, dict[str, str]]:
    """Give the labels of all but the adjudicator, who has seen the others'."""
    return {name: dict(own) for name, own in labels.items() if name != ADJUDICATOR}


def only_tasks(labels: Labels, tasks: Iterable[str]) -> dict[str, dict[str, str]]:
    """Give the labels of some tasks, as of one register or one alliance."""
    wanted = set(tasks)
    return {name: {t: own[t] for t in own if t in wanted} for name, own in labels.items()}


def denied_tasks(labels: Labels) -> set[str]:
    """Give the tasks of which somebody finds that the sentence does not hold the pair."""
    return {task for own in labels.values() for task, label in own.items() if label == ABSENT}


def with_pair(labels: Labels) -> dict[str, dict[str, str]]:
    """Leave out, for everybody, the tasks of which anybody finds that there is no such pair."""
    denied = denied_tasks(labels)
    return {name: {t: own[t] for t in own if t not in denied} for name, own in labels.items()}


def as_stances(labels: Labels) -> dict[str, dict[str, str]]:
    """Give stances in place of acts; `none` stays."""
    return {name: {t: stance_of(own[t]) for t in own} for name, own in labels.items()}


def stance_of(label: str) -> str:
    """Give the stance of an act; `none` stays."""
    return label if label == ABSENT else str(STANCE_OF_ACT[Act(label)])


def document_of(task: str) -> str:
    """Give the document of a task's id: what stands before its last ``:`` or ``/``.

    An id that has neither is its own document, up to its first ``#``.

    Examples
    --------
    >>> document_of("africa-001/1#GIN-AU"), document_of("a:b:10-20#GIN-AU"), document_of("x#1")
    ('africa-001', 'a:b', 'x')
    """
    cut = max(task.rfind(":"), task.rfind("/"))
    return task[:cut] if cut > 0 else task.partition("#")[0]


def alpha(labels: Labels) -> float | None:
    """Give Krippendorff's alpha for nominal labels of any number of annotators.

    Returns
    -------
    float or None
        1 where all labels are the same one; None where no task has two labels.

    Examples
    --------
    >>> alpha({"a": {"1": "x", "2": "y"}, "b": {"1": "x", "2": "y", "3": "x"}})
    1.0
    """
    counts = _Counts.of(labels)
    return None if counts is None else _whole_alpha(counts)


def alpha_interval(
    labels: Labels, documents: Mapping[str, str] | None = None, *, seed: int = 0
) -> Alpha | None:
    """Give Krippendorff's alpha with an interval by resampled documents.

    Parameters
    ----------
    labels
        As in `alpha`.
    documents
        Document of each task; None goes by `document_of`, and so does a task that is missing.
    seed
        Of the draws.

    Returns
    -------
    Alpha or None
        None where no task has two labels.
    """
    counts = _Counts.of(labels)
    if counts is None:
        return None
    known = documents or {}
    owners = [known.get(task) or document_of(task) for task in counts.tasks]
    resamples = draw_counts(owners, seed=seed)
    value = _whole_alpha(counts)
    drawn = _alphas(*counts.sums(resamples))
    usable = drawn[~np.isnan(drawn)]
    if resamples.document_count == 1 or not usable.size:
        return Alpha(value, None, None, counts.size, resamples.document_count)
    low, high = map(float, bounds(usable))
    return Alpha(value, low, high, counts.size, resamples.document_count)


def pairwise(labels: Labels) -> dict[tuple[str, str], Agreement]:
    """Compare each two annotators on the tasks that both have labelled; else no entry."""
    measured = {}
    for first, second in combinations(sorted(labels), 2):
        tasks = sorted(labels[first].keys() & labels[second].keys())
        if tasks:
            own = [[labels[name][task] for task in tasks] for name in (first, second)]
            measured[first, second] = measure_agreement(*own)
    return measured


def confusion(first: Mapping[str, str], second: Mapping[str, str]) -> Counter[tuple[str, str]]:
    """Count the pairs of labels, first's then second's, over the tasks that both have labelled.

    Examples
    --------
    >>> confusion({"1": "x", "2": "x"}, {"1": "x", "2": "y", "3": "x"})
    Counter({('x', 'x'): 1, ('x', 'y'): 1})
    """
    return Counter((first[task], second[task]) for task in sorted(first.keys() & second.keys()))


def class_agreement(labels: Labels) -> dict[str, ClassAgreement]:
    """Give the positive specific agreement of each label, over all pairs of annotators.

    For two annotators it is twice the tasks to which both gave the label, over all times that it
    was given. Tasks with one label do not count.

    Examples
    --------
    >>> class_agreement({"a": {"1": "x", "2": "x"}, "b": {"1": "x", "2": "y"}})["x"].share
    0.6666666666666666
    """
    counts = _Counts.of(labels)
    if counts is None:
        return {}
    others = counts.matrix.sum(axis=1, keepdims=True) - 1
    same = (counts.matrix * (counts.matrix - 1)).sum(axis=0)
    chances = (counts.matrix * others).sum(axis=0)
    given = counts.matrix.sum(axis=0)
    return {
        value: ClassAgreement(float(same[i] / chances[i]), int(given[i]))
        for i, value in enumerate(counts.values)
    }


def disagreements(labels: Labels) -> list[Disagreement]:
    """List the tasks on which annotators differ, the furthest apart first, then by id."""
    found = []
    for task in sorted({task for own in labels.values() for task in own}):
        own = {name: labels[name][task] for name in sorted(labels) if task in labels[name]}
        distance = max((_distance(a, b) for a, b in combinations(own.values(), 2)), default=0)
        if distance:
            found.append(Disagreement(task, own, distance))
    return sorted(found, key=lambda one: -one.distance)


def _distance(first: str, second: str) -> int:
    if first == second:
        return 0
    stances = {stance_of(first), stance_of(second)}
    if len(stances) == 1:
        return 1
    if stances == {str(Stance.FAVOR), str(Stance.AGAINST)}:
        return 4
    return 2 if stances == {str(Stance.NEUTRAL), ABSENT} else 3


class _Counts(NamedTuple):
    """How many annotators gave each value to each task that has two labels or more.

    `matrix` has the shape (tasks, values).
    """

    tasks: list[str]
    values: list[str]
    matrix: NDArray[np.float64]

    @classmethod
    def of(cls, labels: Labels) -> "_Counts | None":
        given: dict[str, Counter[str]] = {}
        for own in labels.values():
            for task, label in own.items():
                given.setdefault(task, Counter())[label] += 1
        tasks = sorted(task for task, counter in given.items() if counter.total() > 1)
        if not tasks:
            return None
        values = sorted({value for task in tasks for value in given[task]})
        rows = [[given[task][value] for value in values] for task in tasks]
        return cls(tasks, values, np.asarray(rows, dtype=np.float64))

    @property
    def size(self) -> int:
        return len(self.tasks)

    def sums(
        self, resamples: Resamples | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Sum the observed disagreement and the values over tasks.

        With `resamples`, of the documents of the tasks, once for each draw; without, once over all.
        The results have the shapes (draws,) and (draws, values).
        """
        labelled = self.matrix.sum(axis=1)
        observed = (labelled**2 - (self.matrix**2).sum(axis=1)) / (labelled - 1)
        if resamples is None:
            weights = np.ones((1, self.size))
            return weights @ observed, weights @ self.matrix
        drawn = resamples.drawn
        return drawn @ resamples.sum_rows(observed), drawn @ resamples.sum_rows(self.matrix)


def _whole_alpha(counts: _Counts) -> float:
    value = float(_alphas(*counts.sums())[0])
    # where all labels are the same one nobody could differ: perfect, as for two annotators
    return 1.0 if np.isnan(value) else value


def _alphas(observed: NDArray[np.float64], totals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give alpha for each draw: one minus observed over expected disagreement.

    NaN where one value stands alone: such a draw tells nothing, and one for perfect would be the
    upper bound wherever the rarer labels are in few documents.
    """
    labels = totals.sum(axis=1)
    expected = labels**2 - (totals**2).sum(axis=1)
    safe = np.where(expected > 0, expected, np.nan)
    alphas: NDArray[np.float64] = 1 - (labels - 1) * observed / safe
    return alphas
