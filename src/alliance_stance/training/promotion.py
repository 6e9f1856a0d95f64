"""The gate of promotion: a model must beat the holder of the name, or else every baseline.

Both have judged the same rows, the agreed set. What is compared is one fit with another, the very
weights that would answer under the name, so the interval holds documents alone. Beating every one
of several baselines needs no correction: the claim fails if any part of it does (Berger 1982,
"Multiparameter Hypothesis Testing and Acceptance Sampling", intersection-union test).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from alliance_stance.evaluation.bootstrap import Interval
from alliance_stance.evaluation.differences import differences_from_first
from alliance_stance.evaluation.metrics import Scored
from alliance_stance.models.table import BASELINES
from alliance_stance.training.compare import Judged

SIGNIFICANT = 0.05
"""Level of the shuffle test, beside the interval."""


@dataclass(frozen=True)
class Decision:
    """What the gate says, and what it rests on.

    Parameters
    ----------
    is_better
        Whether the lower bound of the difference lies above 0, and `p` under `SIGNIFICANT`.
    reason
        A sentence.
    against
        Whom the model was compared with; of several, the one that it leads by least.
    difference
        Macro-F1 of the model minus that of the other, with its interval; None where nothing could
        be compared.
    p
        By approximate randomisation over documents; None likewise.
    """

    is_better: bool
    reason: str
    against: str
    difference: Interval | None = None
    p: float | None = None

    def tags(self) -> dict[str, str]:
        """Give what is kept with the version of the model."""
        tags = {"gate/against": self.against, "gate/score": "macro_f1", "reason": self.reason}
        if self.difference is not None and self.p is not None:
            tags |= {
                "gate/difference": f"{self.difference.value:.4f}",
                "gate/low": f"{self.difference.low:.4f}",
                "gate/high": f"{self.difference.high:.4f}",
                "gate/p": f"{self.p:.4f}",
            }
        return tags


def beats(candidate: Scored, other: Scored, names: tuple[str, str]) -> Decision:
    """Say whether one fit beats another on the same rows beyond the interval.

    Parameters
    ----------
    candidate, other
        Their predictions.
    names
        What they are called, in that order.

    Raises
    ------
    DatasetError
        If the rows are not the same.
    """
    (found,) = differences_from_first([(names[1], other), (names[0], candidate)])
    difference, p = found.interval, found.p
    # an interval of very few documents is far too narrow, and of one it has no width
    is_better = difference.low > 0 and p < SIGNIFICANT
    verb = "beats" if is_better else "does not beat"
    reason = (
        f"{names[0]} {verb} {names[1]} beyond the interval: {_signed(difference)} macro-F1, "
        f"p {p:.4f}, on {len(candidate.ids)} triples in {len(set(candidate.documents))} documents"
    )
    if difference.low > 0 and not is_better:
        reason += f"; p has to be under {SIGNIFICANT}, which fewer than six documents cannot reach"
    return Decision(is_better, reason, names[1], difference, p)


def beats_baselines(candidate: Judged, judged: Sequence[Judged]) -> Decision:
    """Say whether a model's median fit beats the median fit of every baseline.

    Parameters
    ----------
    candidate
        The model.
    judged
        All models of the comparison, the candidate among them or not.
    """
    baselines = [model for model in judged if model.kind in BASELINES]
    missing = [kind for kind in BASELINES if kind not in {model.kind for model in baselines}]
    if missing:
        reason = f"the comparison has no {', '.join(missing)} to beat"
        return Decision(False, reason, "baselines")
    if candidate.kind in BASELINES:
        return Decision(False, f"{candidate.name} is itself a baseline", "baselines")
    own = candidate.scored[candidate.median_position]
    decisions = [
        beats(own, model.scored[model.median_position], (candidate.name, model.name))
        for model in baselines
    ]
    lost = [decision for decision in decisions if not decision.is_better]
    closest = min(lost or decisions, key=_low)
    if lost:
        return closest
    reason = f"{candidate.name} beats every baseline; the closest: {closest.reason}"
    return Decision(True, reason, closest.against, closest.difference, closest.p)


def _low(decision: Decision) -> float:
    return decision.difference.low if decision.difference else 0.0


def _signed(interval: Interval) -> str:
    return f"{interval.value:+.3f} [{interval.low:+.3f}, {interval.high:+.3f}]"
