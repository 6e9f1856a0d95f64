"""The labelling rules as a model: what their weighed votes say, and the prior where none fires.

Rules and label model are those of `labeling` (docs/rules.md); what each rule's votes are worth is
counted on the training labels. A model that does not beat this one has learned no more than what
somebody wrote down by hand.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from alliance_stance.config import Section
from alliance_stance.errors import ArtifactError
from alliance_stance.fingerprints import SHORT, code_fingerprint, fingerprint
from alliance_stance.models import counts
from alliance_stance.models.base import Matrix, StanceModel, act_shares, spread_over_acts
from alliance_stance.schema import STANCES, Act, Candidate, Example, Label, Stance

if TYPE_CHECKING:
    from alliance_stance.labeling.votes import VoteMatrix

_RULES_FILE = "rules.json"
_TOTALS, _ACTS, _RULE = "totals", "acts", "rule:"
_CELLS = len(STANCES) ** 2


class RuleVoteSettings(Section):
    """Settings of the rules' vote."""

    strength: float = Field(gt=0, description="How many votes the guess counts for.")
    guess: float = Field(
        gt=0, lt=1, description="Share of right votes that a rule without votes is taken to have."
    )


class RuleVoteModel(StanceModel):
    """Gives what the `WeighedModel` of the rules' votes gives, else the training shares.

    Parameters
    ----------
    strength, guess
        See `RuleVoteSettings` and `labeling.label_model.WeighedModel`.
    """

    def __init__(self, *, strength: float = 4.0, guess: float = 0.6) -> None:
        self.strength = strength
        self.guess = guess

    def _fit(self, X: Sequence[Candidate], y: Sequence[Stance], acts: Sequence[Act | None]) -> None:
        from alliance_stance.labeling.label_model import measure_worth

        votes = _vote(X)
        labels = [Label(stance, act) for stance, act in zip(y, acts, strict=True)]
        self.worth_ = measure_worth(votes, labels)
        self.act_shares_ = act_shares(acts)
        self._weigh(votes.names)

    def predict_act_proba(self, X: Sequence[Candidate]) -> Matrix:
        """Let the rules vote on each candidate and weigh their votes."""
        votes = _vote(X)
        stances = np.tile(self.worth_.totals / self.worth_.totals.sum(), (len(X), 1))
        prior = spread_over_acts(stances, self.act_shares_)
        weighed = self.label_model_.predict_proba(votes)
        probabilities: Matrix = np.where(votes.fired[:, None], weighed, prior)
        return probabilities

    def source_fingerprint(self) -> str:
        """Give the fingerprint of the code of rules, votes and label model."""
        from alliance_stance.labeling.votes import rules_fingerprint

        return fingerprint(
            rules_fingerprint(), code_fingerprint("labeling/label_model", "labeling/votes")
        )

    def save_weights(self, folder: Path) -> None:
        """Write the counts of each rule's votes, and which rules voted."""
        from alliance_stance.labeling.votes import rules_fingerprint

        votes = {f"{_RULE}{name}": own.ravel() for name, own in self.worth_.columns.items()}
        own = {_TOTALS: self.worth_.totals, _ACTS: self.act_shares_}
        counts.write_counts(folder, {**own, **votes})
        rules = {"fingerprint": rules_fingerprint()}
        (folder / _RULES_FILE).write_text(json.dumps(rules) + "\n", encoding="utf-8")

    def load_weights(self, folder: Path) -> None:
        """Read the counts.

        Raises
        ------
        ArtifactError
            Also if the rules of this version are not those that were counted: the saved model
            holds no code, so what it says is what the rules at hand say.
        """
        from alliance_stance.labeling.label_model import Worth

        _check_rules(folder / _RULES_FILE)
        names = _vote([]).names
        checks = {f"{_RULE}{name}": counts.counts_of(_CELLS) for name in names}
        own = {_TOTALS: counts.counts_of(len(STANCES)), _ACTS: counts.check_act_shares}
        arrays = counts.read_counts(folder, {**own, **checks})
        self.worth_ = Worth(
            arrays[_TOTALS],
            {name: arrays[f"{_RULE}{name}"].reshape(len(STANCES), -1) for name in names},
        )
        self.act_shares_ = arrays[_ACTS]
        self.classes_ = np.array([str(stance) for stance in STANCES])
        self._weigh(names)

    def _weigh(self, names: Sequence[str]) -> None:
        from alliance_stance.labeling.label_model import WeighedModel

        model = WeighedModel(strength=self.strength, guess=self.guess)
        self.label_model_ = model.take_worth(names, self.worth_)


def _vote(X: Sequence[Candidate]) -> "VoteMatrix":
    # the rules are many, and no other model should wait for them
    from alliance_stance.labeling.votes import apply_rules

    return apply_rules(Example(str(row), candidate) for row, candidate in enumerate(X))


def _check_rules(path: Path) -> None:
    from alliance_stance.labeling.votes import rules_fingerprint

    try:
        found = json.loads(path.read_text(encoding="utf-8"))["fingerprint"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ArtifactError(
            str(path), f"no readable record ({error})", "one", "train the model again"
        ) from None
    if found != rules_fingerprint():
        raise ArtifactError(
            str(path),
            f"labelling rules {str(found)[:SHORT]}",
            f"those of this version, {rules_fingerprint()[:SHORT]}",
            "train the model again, or use the version of alliance-stance that wrote it",
        )
