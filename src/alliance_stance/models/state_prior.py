"""Each state's usual stance in training: what a model must beat to have read the sentence."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydantic import Field

from alliance_stance.config import Section
from alliance_stance.models import counts
from alliance_stance.models.base import Matrix, StanceModel, act_shares, spread_over_acts
from alliance_stance.schema import STANCES, Act, Candidate, Stance

_ALL = "*"


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
        overall = sum(found.values()) / len(y)
        self.shares_ = {
            state: (row + self.smoothing * overall) / (row.sum() + self.smoothing)
            for state, row in sorted(found.items())
        }
        self.shares_[_ALL] = overall
        self.act_shares_ = act_shares(acts)

    def predict_act_proba(self, X: Sequence[Candidate]) -> Matrix:
        """Look each candidate's state up; a state without training labels gets the overall row."""
        overall = self.shares_[_ALL]
        rows = np.array([self.shares_.get(c.state, overall) for c in X]).reshape(-1, len(STANCES))
        return spread_over_acts(rows, self.act_shares_)

    def save_weights(self, folder: Path) -> None:
        """Write the shares of each state."""
        counts.write_counts(folder, {**self.shares_, "acts": self.act_shares_})

    def load_weights(self, folder: Path) -> None:
        """Read the shares of each state."""
        checks = {_ALL: counts.check_stance_shares, "acts": counts.check_act_shares}
        self.shares_ = counts.read_counts(folder, checks, others=counts.check_stance_shares)
        self.act_shares_ = self.shares_.pop("acts")
        self.classes_ = np.array([str(stance) for stance in STANCES])
