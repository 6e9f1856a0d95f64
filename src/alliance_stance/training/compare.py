"""Compare models on the same rows: means over seeds, and paired differences with intervals."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import numpy as np

from alliance_stance.errors import DatasetError
from alliance_stance.evaluation.bootstrap import Interval, bootstrap, paired_bootstrap
from alliance_stance.evaluation.metrics import (
    Matrix,
    Scored,
    calibration_error,
    log_loss,
    macro_f1,
    polar_f1,
    stance_scores,
)
from alliance_stance.evaluation.report import INTERVAL_SEED
from alliance_stance.models.table import BASELINES
from alliance_stance.schema import ACTS, STANCES


@dataclass(frozen=True)
class Judged:
    """One model's predictions of one set of rows, all its seeds.

    Parameters
    ----------
    name, kind
        Of the model.
    seeds
        In the order of `scored`.
    scored
        Predictions of each seed, on the same rows in the same order.
    """

    name: str
    kind: str
    seeds: tuple[int, ...]
    scored: tuple[Scored, ...]

    @property
    def median_position(self) -> int:
        """Position of the seed of median macro-F1, which stands for the model in comparisons."""
        scores = [macro_f1(s.stances, s.predicted) for s in self.scored]
        return sorted(range(len(scores)), key=scores.__getitem__)[(len(scores) - 1) // 2]


@dataclass(frozen=True)
class Row:
    """One line of a results table; `lead` is None for the best model."""

    name: str
    kind: str
    seeds: tuple[int, ...]
    macro_f1: Interval
    macro_f1_range: tuple[float, float]
    polar_f1: float
    stance_f1: tuple[float, ...]
    log_loss: float
    calibration_error: float
    lead: Interval | None


@dataclass(frozen=True)
class Comparison:
    """A results table, in the order of the models given."""

    rows: tuple[Row, ...]
    best: str
    example_count: int
    document_count: int


def compare_predictions(judged: Sequence[Judged]) -> Comparison:
    """Compare models on the same rows.

    The best model is the one of highest mean macro-F1 over its seeds; every other row tells how
    far the best leads it, both represented by their seed of median score, on the same resampled
    documents.

    Raises
    ------
    DatasetError
        If two sets of predictions are not of the same rows.
    """
    ids = judged[0].scored[0].ids
    for model in judged:
        if any(scored.ids != ids for scored in model.scored):
            raise DatasetError(
                model.name, "predictions of other rows", "the same rows", "train again"
            )
    best = max(judged, key=lambda model: mean(_macro_scores(model)))
    first = judged[0].scored[0]
    return Comparison(
        rows=tuple(_row(model, best) for model in judged),
        best=best.name,
        example_count=len(ids),
        document_count=len(set(first.documents)),
    )


def beats_baselines(comparison: Comparison) -> tuple[bool, str]:
    """Say whether the best model beats every baseline beyond the interval, and why.

    Returns
    -------
    tuple
        The decision, and a sentence that gives its reason.
    """
    baselines = [row for row in comparison.rows if row.kind in BASELINES]
    best = next(row for row in comparison.rows if row.name == comparison.best)
    missing = [kind for kind in BASELINES if kind not in {row.kind for row in baselines}]
    if missing:
        return False, f"the comparison has no {', '.join(missing)} to beat"
    if best.kind in BASELINES:
        return False, f"the best model, {best.name}, is itself a baseline"
    for row in baselines:
        if row.lead is None or row.lead.low <= 0:
            return False, f"{best.name} does not beat {row.name} beyond the interval: {row.lead}"
    closest = min(baselines, key=lambda row: row.lead.low if row.lead else 0.0)
    return True, (
        f"{best.name} beats every baseline; the closest is {closest.name}, "
        f"by {closest.lead} macro-F1 on {comparison.example_count} triples"
    )


def read_predictions(path: Path) -> Scored:
    """Read predictions that `fit.predictions_text` wrote; they hold no acts."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    names = [str(stance) for stance in STANCES]
    probabilities: Matrix = np.array([[row["probabilities"][n] for n in names] for row in rows])
    return Scored(
        ids=[row["id"] for row in rows],
        documents=[row["document"] for row in rows],
        stances=np.array([names.index(row["stance"]) for row in rows]),
        probabilities=probabilities,
        acts=np.full(len(rows), -1),
        act_probabilities=np.zeros((len(rows), len(ACTS))),
    )


def _macro_scores(model: Judged) -> list[float]:
    return [macro_f1(scored.stances, scored.predicted) for scored in model.scored]


def _row(model: Judged, best: Judged) -> Row:
    scores = _macro_scores(model)
    shown = model.scored[model.median_position]
    leader = best.scored[best.median_position]
    interval = bootstrap(
        macro_f1, shown.stances, shown.predicted, shown.documents, seed=INTERVAL_SEED
    )
    lead = None
    if model is not best:
        lead = paired_bootstrap(
            macro_f1,
            shown.stances,
            (leader.predicted, shown.predicted),
            shown.documents,
            seed=INTERVAL_SEED,
        )
    by_seed = [stance_scores(scored) for scored in model.scored]
    return Row(
        name=model.name,
        kind=model.kind,
        seeds=model.seeds,
        macro_f1=Interval(mean(scores), interval.low, interval.high),
        macro_f1_range=(min(scores), max(scores)),
        polar_f1=mean(polar_f1(s.stances, s.predicted) for s in model.scored),
        stance_f1=tuple(mean(s[str(stance)]["f1"] for s in by_seed) for stance in STANCES),
        log_loss=mean(log_loss(s.stances, s.probabilities) for s in model.scored),
        calibration_error=mean(calibration_error(s.stances, s.probabilities) for s in model.scored),
        lead=lead,
    )
