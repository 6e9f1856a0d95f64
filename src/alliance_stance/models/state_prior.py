"""Each state's usual stance in training: what a model must beat to have read the sentence."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydantic import Field

from alliance_stance.config import Section
from alliance_stance.models import counts
from alliance_stance.models.base import Matrix, StanceModel, act_shares, spread_over_acts
from alliance_stance.schema import STANCES, Act, Candidate, Stance

_ALL, _ACTS = "*", "acts"
"""What the file names besides states."""
_MARK = "\\"
"""Stands in the file before a state, or another holder, that is called like one of these."""


class StatePriorSettings(Section):
    """Settings of the state prior."""

    smoothing: float = Field(
        gt=0, description="Weight of the overall shares, in labels; larger trusts a state less."
    )


class StatePriorModel(StanceModel):
    """Gives a candidate its state's stance shares, smoothed toward those of all states.

    Parameters
    ----------
    smoothing
        How many labels the overall shares weigh.
    """

    def __init__(self, *, smoothing: float = 3.0) -> None:
        self.smoothing = smoothing

    def _fit(self, X: Sequence[Candidate], y: Sequence[Stance], acts: Sequence[Act | None]) -> None:
        found: dict[str, Matrix] = {}
        for candidate, stance in zip(X, y, strict=True):
            row = found.setdefault(candidate.state, np.zeros(len(STANCES)))
            row[STANCES.index(stance)] += 1
        overall: Matrix = np.sum(list(found.values()), axis=0) / len(y)
        self.shares_ = {
            state: (row + self.smoothing * overall) / (row.sum() + self.smoothing)
            for state, row in sorted(found.items())
        }
        self.overall_ = overall
        self.act_shares_ = act_shares(acts)

    def predict_act_proba(self, X: Sequence[Candidate]) -> Matrix:
        """Look each candidate's state up; a state without training labels gets the overall row."""
        rows = np.array([self.shares_.get(c.state, self.overall_) for c in X])
        return spread_over_acts(rows.reshape(-1, len(STANCES)), self.act_shares_)

    def save_weights(self, folder: Path) -> None:
        """Write the shares of each state."""
        states = {_MARK + s if _is_taken(s) else s: row for s, row in self.shares_.items()}
        counts.write_counts(folder, {**states, _ALL: self.overall_, _ACTS: self.act_shares_})

    def load_weights(self, folder: Path) -> None:
        """Read the shares of each state."""
        checks = {_ALL: counts.check_stance_shares, _ACTS: counts.check_act_shares}
        found = counts.read_counts(folder, checks, others=counts.check_stance_shares)
        self.overall_, self.act_shares_ = found.pop(_ALL), found.pop(_ACTS)
        self.shares_ = {s.removeprefix(_MARK) if _is_taken(s) else s: r for s, r in found.items()}
        self.classes_ = np.array([str(stance) for stance in STANCES])


def _is_taken(state: str) -> bool:
    """Say whether a name, but for marks before it, is one of the file's own."""
    return state.lstrip(_MARK) in {_ALL, _ACTS}
