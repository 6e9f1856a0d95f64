"""Figures of each voter: how often it fires, meets others, contradicts them, and is right.

Accuracy is agreement with the labels that are given; where those are rules' own it says nothing.
Intervals are drawn by document, as everywhere (`draws`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from alliance_stance.draws import Resamples, bounds, draw_counts
from alliance_stance.labeling.votes import ABSTAIN, STANCE_POSITIONS, VoteMatrix
from alliance_stance.schema import ACTS, STANCES, Act, Label

FEW_VOTES = 5
"""With fewer votes a voter's accuracy is no ground for a warning."""


class Share(NamedTuple):
    """A share with its 95 % interval; all None where there is nothing to divide by."""

    value: float | None
    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        """Write value and interval to two digits.

        Examples
        --------
        >>> str(Share(0.5, 0.4, 0.625)), str(Share(None))
        ('0.50 [0.40, 0.62]', '-')
        """
        if self.value is None:
            return "-"
        return f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"


@dataclass(frozen=True, slots=True)
class VoterFigures:
    """How one column votes.

    Parameters
    ----------
    name
        Of the column.
    acts
        What it votes for, in the order of `schema.ACTS` (its polarity).
    count
        Candidates on which it votes.
    coverage
        Their share of all.
    overlap, conflict
        Share of all candidates on which it and another vote, and on which another votes for another
        stance.
    stance_accuracy, act_accuracy
        Share of its votes with the right stance and, where the act is known, the right act.
    """

    name: str
    acts: tuple[Act, ...]
    count: int
    coverage: float
    overlap: float
    conflict: float
    stance_accuracy: Share
    act_accuracy: Share


def measure_voters(
    matrix: VoteMatrix, labels: Sequence[Label] | None = None, *, seed: int = 0
) -> list[VoterFigures]:
    """Give the figures of each column, with accuracies where labels are given."""
    votes, stances = matrix.votes, matrix.stances
    fires = votes != ABSTAIN
    others = fires.sum(axis=1, keepdims=True) - fires > 0
    per_stance = np.stack([(stances == code).sum(axis=1) for code in range(len(STANCES))], axis=1)
    same = np.take_along_axis(per_stance, np.where(fires, stances, 0).astype(np.intp), axis=1)
    against = fires & (fires.sum(axis=1, keepdims=True) - same > 0)
    if labels is None:
        nothing = [Share(None)] * len(matrix.names)
        by_stance = by_act = nothing
    else:
        right_stances, right_acts = label_codes(labels)
        drawn = draw_counts(matrix.documents, seed=seed)
        by_stance = _shares(fires, stances == right_stances[:, None], drawn)
        known = fires & (right_acts != ABSTAIN)[:, None]
        by_act = _shares(known, votes == right_acts[:, None], drawn)
    size = max(len(matrix.ids), 1)
    return [
        VoterFigures(
            name=name,
            acts=tuple(ACTS[code] for code in np.unique(votes[fires[:, place], place])),
            count=int(fires[:, place].sum()),
            coverage=float(fires[:, place].sum() / size),
            overlap=float((fires & others)[:, place].sum() / size),
            conflict=float(against[:, place].sum() / size),
            stance_accuracy=by_stance[place],
            act_accuracy=by_act[place],
        )
        for place, name in enumerate(matrix.names)
    ]


def label_codes(labels: Sequence[Label]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give the positions of stances and of acts; `ABSTAIN` for an act that is not known."""
    stances = np.array([STANCES.index(label.stance) for label in labels], dtype=np.intp)
    acts = [ABSTAIN if label.act is None else ACTS.index(label.act) for label in labels]
    return stances, np.array(acts, dtype=np.intp)


def doubtful_voters(figures: Sequence[VoterFigures], labels: Sequence[Label]) -> list[str]:
    """Warn of each column that is right less often than its stance occurs anyway.

    Columns of more than one stance, and of fewer than `FEW_VOTES` votes, are left out.
    """
    stances, _ = label_codes(labels)
    base = np.bincount(stances, minlength=len(STANCES)) / max(len(stances), 1)
    told = []
    for own in figures:
        codes = {int(STANCE_POSITIONS[ACTS.index(act)]) for act in own.acts}
        accuracy = own.stance_accuracy
        if own.count < FEW_VOTES or len(codes) != 1 or accuracy.value is None:
            continue
        chance = float(base[codes.pop()])
        if accuracy.value < chance:
            is_sure = accuracy.high is not None and accuracy.high < chance
            told.append(
                f"{own.name}: {accuracy.value:.2f} of {own.count} votes have the right stance, "
                f"{'surely ' if is_sure else ''}fewer than the {chance:.2f} that chance gives"
            )
    return told


def _shares(fires: NDArray[np.bool_], hits: NDArray[np.bool_], resamples: Resamples) -> list[Share]:
    """Give each column's share of hits among what fires, with an interval by documents."""
    given, right = resamples.sum_rows(fires), resamples.sum_rows(fires & hits)
    drawn_given, drawn_right = resamples.drawn @ given, resamples.drawn @ right
    shares = []
    for place in range(fires.shape[1]):
        whole = given[:, place].sum()
        if not whole:
            shares.append(Share(None))
            continue
        usable = drawn_given[:, place] > 0
        low, high = bounds(drawn_right[usable, place] / drawn_given[usable, place])
        shares.append(Share(float(right[:, place].sum() / whole), float(low), float(high)))
    return shares
