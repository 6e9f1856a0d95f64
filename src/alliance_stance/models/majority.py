"""The most frequent label for everything: what any model must beat."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from alliance_stance.config import Section
from alliance_stance.models import counts
from alliance_stance.models.base import (
    Matrix,
    StanceModel,
    act_shares,
    spread_over_acts,
)
from alliance_stance.schema import STANCES, Act, Candidate, Stance


class MajoritySettings(Section):
    """The majority model has nothing to set."""


class MajorityModel(StanceModel):
    """Gives every candidate the training shares of the stances and acts."""

    def _fit(self, X: Sequence[Candidate], y: Sequence[Stance], acts: Sequence[Act | None]) -> None:
        self.stance_shares_ = np.array([sum(s == stance for s in y) for stance in STANCES]) / len(y)
        self.act_shares_ = act_shares(acts)

    def predict_act_proba(self, X: Sequence[Candidate]) -> Matrix:
        """Give every candidate the same row."""
        rows = np.tile(self.stance_shares_, (len(X), 1))
        return spread_over_acts(rows, self.act_shares_)

    def save_weights(self, folder: Path) -> None:
        """Write the shares."""
        counts.write_counts(folder, {"stances": self.stance_shares_, "acts": self.act_shares_})

    def load_weights(self, folder: Path) -> None:
        """Read the shares."""
        checks = {"stances": counts.check_stance_shares, "acts": counts.check_act_shares}
        arrays = counts.read_counts(folder, checks)
        self.classes_ = np.array([str(stance) for stance in STANCES])
        self.stance_shares_, self.act_shares_ = arrays["stances"], arrays["acts"]
