"""How good a label model's labels are, where it gives any."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alliance_stance.evaluation.bootstrap import Interval, bootstrap
from alliance_stance.evaluation.metrics import Codes, macro_f1
from alliance_stance.labeling.label_model import LabelModel, Status, stance_sums
from alliance_stance.labeling.rule_figures import label_codes
from alliance_stance.labeling.votes import STANCE_POSITIONS, VoteMatrix
from alliance_stance.schema import STANCES, Label, Stance

FOLDS = 5
Flags = NDArray[np.bool_]
_NEUTRAL = STANCES.index(Stance.NEUTRAL)


@dataclass(frozen=True, slots=True)
class StanceScore:
    """Precision, recall and F1 of a stance among labelled candidates, and how many are right."""

    precision: float
    recall: float
    f1: float
    count: int


@dataclass(frozen=True)
class LabelScores:
    """Scores of one label model on one set of candidates.

    Parameters
    ----------
    count, labelled
        Candidates in all, and those that the model labels.
    macro_f1
        Over the three stances, of the labelled ones; None where there are none.
    coverage, polar_coverage
        Share labelled of all candidates, and of those that are not neutral.
    act_accuracy
        Share of right acts among the labelled whose act is known.
    stances
        By stance, among the labelled.
    statuses
        How many candidates have each status.
    """

    count: int
    labelled: int
    macro_f1: Interval | None
    coverage: float
    polar_coverage: float
    act_accuracy: float
    stances: dict[Stance, StanceScore]
    statuses: Counter[Status]


@dataclass(frozen=True)
class Judged:
    """What a label model made of n candidates: statuses, stances and acts, as positions."""

    statuses: list[Status]
    stances: Codes
    acts: Codes


def judge(model: LabelModel, votes: VoteMatrix) -> Judged:
    """Let a fitted model label candidates."""
    probabilities = model.predict_proba(votes)
    stances = stance_sums(probabilities).argmax(axis=1)
    own = STANCE_POSITIONS[None, :] == stances[:, None]
    acts = np.where(own, probabilities, -1.0).argmax(axis=1)
    return Judged(model.statuses(votes), stances, acts)


def judge_by_folds(
    make: Callable[[], LabelModel], votes: VoteMatrix, labels: Sequence[Label]
) -> Judged:
    """Judge each candidate by a model fitted on the other documents, in `FOLDS` parts.

    Documents are dealt out in the order of their names, so that the parts are always the same.

    Raises
    ------
    DatasetError
        If the other documents of a part hold nothing that the model could learn from.
    """
    if not make().learns:
        return judge(make().fit(votes), votes)
    names, owners = np.unique(np.asarray(votes.documents), return_inverse=True)
    folds = (np.arange(len(names)) % FOLDS)[owners]
    statuses = [Status.UNFIRED] * len(votes.ids)
    stances = np.zeros(len(votes.ids), dtype=np.intp)
    acts = np.zeros(len(votes.ids), dtype=np.intp)
    for fold in np.unique(folds):
        inside = np.flatnonzero(folds == fold)
        outside = np.flatnonzero(folds != fold)
        known = [labels[int(row)] for row in outside]
        own = judge(make().fit(votes.rows(outside), known), votes.rows(inside))
        stances[inside], acts[inside] = own.stances, own.acts
        for row, status in zip(inside, own.statuses, strict=True):
            statuses[row] = status
    return Judged(statuses, stances, acts)


def score_labels(
    judged: Judged, labels: Sequence[Label], documents: Sequence[str], *, seed: int = 0
) -> LabelScores:
    """Compare a label model's labels with given ones."""
    right, right_acts = label_codes(labels)
    covered = np.array([status is Status.LABELLED for status in judged.statuses], dtype=bool)
    is_polar = right != _NEUTRAL
    own, predicted = right[covered], judged.stances[covered]
    known = covered & (right_acts >= 0)
    interval = None
    if covered.any():
        owners = [document for document, is_in in zip(documents, covered, strict=True) if is_in]
        interval = bootstrap(macro_f1, own, predicted, owners, seed=seed)
    return LabelScores(
        count=len(right),
        labelled=int(covered.sum()),
        macro_f1=interval,
        coverage=_share(covered),
        polar_coverage=_share(covered[is_polar]),
        act_accuracy=_share((judged.acts == right_acts)[known]),
        stances={
            stance: _stance_score(own == code, predicted == code)
            for code, stance in enumerate(STANCES)
        },
        statuses=Counter(judged.statuses),
    )


def _stance_score(right: Flags, predicted: Flags) -> StanceScore:
    hits = int((right & predicted).sum())
    given, found = int(right.sum()), int(predicted.sum())
    return StanceScore(
        precision=hits / max(found, 1),
        recall=hits / max(given, 1),
        f1=2 * hits / max(given + found, 1),
        count=given,
    )


def _share(values: Flags) -> float:
    return float(values.mean()) if len(values) else 0.0
