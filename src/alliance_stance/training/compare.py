"""Compare models on the same rows, each against one reference, as a referee would want it.

Every score is the mean over a model's seeds, with an interval over documents and seeds; every
difference is paired by document, tested by approximate randomisation and corrected by Holm's method
for the number of models in the table (`evaluation.resampling`, `evaluation.significance`).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean

import numpy as np

from alliance_stance.draws import Resamples, draw_documents
from alliance_stance.errors import DatasetError, InputError
from alliance_stance.evaluation.bootstrap import Interval
from alliance_stance.evaluation.calibration import (
    Bin,
    Curve,
    calibration_interval,
    reliability,
    selective_curve,
)
from alliance_stance.evaluation.differences import Difference, differences
from alliance_stance.evaluation.metrics import Matrix, Scored, log_loss, macro_f1
from alliance_stance.evaluation.report import INTERVAL_SEED
from alliance_stance.evaluation.resampling import (
    accuracy_of,
    confusion_sums,
    macro_f1_of,
    one_stance_f1,
    polar_f1_of,
    score_interval,
    seed_scores,
)
from alliance_stance.evaluation.slices import Slice, stances_present
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
    def macro_scores(self) -> list[float]:
        """Macro-F1 of each seed."""
        return [macro_f1(scored.stances, scored.predicted) for scored in self.scored]

    @property
    def median_position(self) -> int:
        """Position of the seed of median macro-F1: the fit that would be promoted, and drawn."""
        scores = self.macro_scores
        return sorted(range(len(scores)), key=scores.__getitem__)[(len(scores) - 1) // 2]


@dataclass(frozen=True)
class Cost:
    """What a model costs: mean over its seeds.

    Parameters
    ----------
    fit_seconds
        To fit, calibration included, on the machine of the fit; None where it is not known.
    triples_per_second
        Scored when the table is made, on its machine, by one fit on the first rows of the table,
        in the form in which the saved model answers.
    megabytes
        Of the saved folder on disk, in units of 10^6 bytes.
    """

    fit_seconds: float | None
    triples_per_second: float
    megabytes: float


@dataclass(frozen=True)
class Probes:
    """What a model does with sentences made to catch it out; None where it was not tried."""

    minimal_pairs: Interval | None = None
    swapped: Interval | None = None


@dataclass(frozen=True)
class Row:
    """One line of a results table; `difference` is None for the reference.

    `macro_f1_spread` is the standard deviation over the seeds, None with one seed; `stance_f1` is
    in the order of `schema.STANCES`.
    """

    name: str
    kind: str
    seeds: tuple[int, ...]
    macro_f1: Interval
    macro_f1_range: tuple[float, float]
    macro_f1_spread: float | None
    polar_f1: Interval
    accuracy: Interval
    stance_f1: tuple[Interval, ...]
    log_loss: float
    calibration_error: Interval
    difference: Difference | None
    bins: tuple[Bin, ...] = ()
    curve: Curve | None = None
    cost: Cost | None = None
    probes: Probes = field(default_factory=Probes)


@dataclass(frozen=True)
class SliceRow:
    """The scores of all models on one slice, by name of the model.

    `macro_f1` is empty where the slice lacks one of the three stances, since the mean of three F1
    says nothing there.
    """

    dimension: str
    name: str
    example_count: int
    document_count: int
    is_small: bool
    macro_f1: Mapping[str, Interval]
    accuracy: Mapping[str, Interval]


@dataclass(frozen=True)
class Comparison:
    """A results table, in the order of the models given.

    Parameters
    ----------
    rows
        One a model.
    best
        The model of highest mean macro-F1 on these rows.
    reference
        The model that all others are compared with.
    example_count, document_count
        Size of the set.
    slices
        Scores of its parts.
    """

    rows: tuple[Row, ...]
    best: str
    reference: str
    example_count: int
    document_count: int
    slices: tuple[SliceRow, ...] = ()


@dataclass(frozen=True)
class Beside:
    """What is known of the models besides their predictions, by name."""

    costs: Mapping[str, Cost] = field(default_factory=dict)
    probes: Mapping[str, Probes] = field(default_factory=dict)


def best_model(judged: Sequence[Judged]) -> str:
    """Give the name of the model of highest mean macro-F1, the first of equals."""
    return max(judged, key=lambda model: mean(model.macro_scores)).name


def check_reference(reference: str | None, names: Sequence[str]) -> None:
    """Refuse a reference that is none of the models.

    Raises
    ------
    InputError
        If no model has its name.
    """
    if reference is not None and reference not in names:
        raise InputError("--reference", reference, f"one of {', '.join(names)}", "name a model")


def compare_predictions(
    judged: Sequence[Judged],
    *,
    reference: str | None = None,
    slices: Sequence[Slice] = (),
    beside: Beside | None = None,
) -> Comparison:
    """Compare models on the same rows.

    Parameters
    ----------
    judged
        At least one model.
    reference
        Name of the model that all others are compared with; None for the best one on these rows,
        which is only fair where these are the rows that choose.
    slices
        Parts of the rows that are scored by themselves.
    beside
        Costs and probes.

    Raises
    ------
    DatasetError
        If two sets of predictions are not of the same rows.
    InputError
        If no model has the reference's name.
    """
    _check_same_rows(judged)
    best = best_model(judged)
    check_reference(reference, [model.name for model in judged])
    first = judged[0].scored[0]
    resamples = draw_documents(first.documents, seed=INTERVAL_SEED)
    sums = {model.name: _confusions(model, resamples) for model in judged}
    chosen = reference or best
    found = differences(sums, chosen, resamples)
    return Comparison(
        rows=tuple(
            _row(model, resamples, found.get(model.name), beside or Beside()) for model in judged
        ),
        best=best,
        reference=chosen,
        example_count=len(first.ids),
        document_count=resamples.document_count,
        slices=tuple(_slice_row(part, judged, resamples) for part in slices),
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


def _check_same_rows(judged: Sequence[Judged]) -> None:
    ids = judged[0].scored[0].ids
    for model in judged:
        if any(scored.ids != ids for scored in model.scored):
            raise DatasetError(
                model.name, "predictions of other rows", "the same rows", "train again"
            )


def _confusions(model: Judged, resamples: Resamples, part: Slice | None = None) -> list[Matrix]:
    rows = None if part is None else part.rows
    return [confusion_sums(s.stances, s.predicted, resamples, rows) for s in model.scored]


def _row(model: Judged, resamples: Resamples, difference: Difference | None, beside: Beside) -> Row:
    sums = _confusions(model, resamples)
    scores = seed_scores(macro_f1_of, sums)
    shown = model.scored[model.median_position]
    return Row(
        name=model.name,
        kind=model.kind,
        seeds=model.seeds,
        macro_f1=score_interval(macro_f1_of, sums, resamples, model.name),
        macro_f1_range=(float(scores.min()), float(scores.max())),
        macro_f1_spread=float(scores.std(ddof=1)) if len(scores) > 1 else None,
        polar_f1=score_interval(polar_f1_of, sums, resamples, model.name),
        accuracy=score_interval(accuracy_of, sums, resamples, model.name),
        stance_f1=tuple(
            score_interval(one_stance_f1(position), sums, resamples, model.name)
            for position in range(len(STANCES))
        ),
        log_loss=mean(log_loss(s.stances, s.probabilities) for s in model.scored),
        calibration_error=calibration_interval(model.scored, resamples, model.name),
        difference=difference,
        bins=tuple(reliability(shown, resamples)),
        curve=selective_curve(shown.stances, shown.probabilities),
        cost=beside.costs.get(model.name),
        probes=beside.probes.get(model.name, Probes()),
    )


def _slice_row(part: Slice, judged: Sequence[Judged], resamples: Resamples) -> SliceRow:
    sums = {model.name: _confusions(model, resamples, part) for model in judged}
    has_all = stances_present(judged[0].scored[0].stances[part.rows]) == len(STANCES)
    return SliceRow(
        dimension=part.dimension,
        name=part.name,
        example_count=len(part.rows),
        document_count=len(np.unique(resamples.owners[part.rows])),
        is_small=part.is_small,
        macro_f1={
            name: score_interval(macro_f1_of, own, resamples, name) for name, own in sums.items()
        }
        if has_all
        else {},
        accuracy={
            name: score_interval(accuracy_of, own, resamples, name) for name, own in sums.items()
        },
    )
