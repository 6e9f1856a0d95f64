"""From votes to probabilities: label models with one interface.

`fit(votes, labels)` learns how far each column can be trusted; `predict_proba(votes)` gives a
probability for each act; `statuses(votes)` says of each candidate whether it is labelled, or why
not. "Nobody voted", "the votes are at odds" and "neutral" are three answers.

A model weighs stances; the acts refine the stance that they belong to, in proportion to the votes
for them (`docs/decisions/0002-acts-decide-stances.md`).
"""

import csv
import io
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alliance_stance.errors import DatasetError
from alliance_stance.labeling.rule_figures import label_codes
from alliance_stance.labeling.votes import ABSTAIN, STANCE_POSITIONS, VoteMatrix
from alliance_stance.schema import ACTS, STANCES, Label, Stance

Matrix = NDArray[np.float64]

_SAME = 1e-9
"""Leads that differ by less are equal: sums of floating-point numbers."""
WORTH_COLUMNS = ("column", "voted", *STANCES)
_FAINT = 0.02
"""Weight of an act for which nobody votes, beside those of its stance that have votes."""


class Status(StrEnum):
    """What became of a candidate."""

    LABELLED = "labelled"
    UNFIRED = "unfired"
    TIE = "tie"


class LabelModel(ABC):
    """Weighs votes.

    Parameters
    ----------
    min_lead
        How far the likeliest stance must lead the next, in [0, 1), or the candidate is a tie.
    """

    needs_labels = False
    learns = True
    """Whether votes or labels change it."""

    def __init__(self, min_lead: float = 0.0) -> None:
        if not 0 <= min_lead < 1:
            raise DatasetError("min_lead", str(min_lead), "a number in [0, 1)", "change it")
        self.min_lead = min_lead
        self._names: list[str] = []

    def fit(self, votes: VoteMatrix, labels: Sequence[Label] | None = None) -> "LabelModel":
        """Learn from votes and, where the model can use them, labels of the same candidates.

        Raises
        ------
        DatasetError
            If there is no candidate, if labels are missing that the model needs, or if there are
            not as many labels as candidates.
        """
        if not votes.ids:
            raise DatasetError("votes", "no candidate", "some to learn from", "give more data")
        if labels is None and self.needs_labels:
            raise DatasetError(
                type(self).__name__, "no labels", "labelled candidates", "take another label model"
            )
        if labels is not None and len(labels) != len(votes.ids):
            raise DatasetError(
                "labels", f"{len(labels)}", f"{len(votes.ids)}", "give one a candidate"
            )
        self._names = list(votes.names)
        self._fit(votes, labels)
        return self

    def predict_proba(self, votes: VoteMatrix) -> Matrix:
        """Give probabilities of shape (n, 14); a row of zeros where nobody votes.

        Raises
        ------
        DatasetError
            If the columns are not those that the model was fitted on.
        """
        if votes.names != self._names:
            raise DatasetError(
                "votes", "other columns", "those that the model was fitted on", "fit it anew"
            )
        stances = self._stance_proba(votes)
        acts = stances[:, STANCE_POSITIONS] * _act_shares(votes)
        probabilities: Matrix = np.where(votes.fired[:, None], acts, 0.0)
        return probabilities

    def statuses(self, votes: VoteMatrix) -> list[Status]:
        """Give the status of each candidate."""
        stances = np.sort(stance_sums(self.predict_proba(votes)), axis=1)
        leads = stances[:, -1] - stances[:, -2]
        return [
            Status.UNFIRED if not fires
            else Status.TIE if lead <= max(self.min_lead, _SAME)
            else Status.LABELLED
            for fires, lead in zip(votes.fired, leads, strict=True)
        ]  # fmt: skip

    @abstractmethod
    def _fit(self, votes: VoteMatrix, labels: Sequence[Label] | None) -> None: ...

    @abstractmethod
    def _stance_proba(self, votes: VoteMatrix) -> Matrix:
        """Give probabilities of shape (n, 3), rows summing to 1; any row where nobody votes."""


class MajorityModel(LabelModel):
    """Every vote counts the same; the stance with most votes wins."""

    learns = False

    def _fit(self, votes: VoteMatrix, labels: Sequence[Label] | None) -> None:
        """Learn nothing."""

    def _stance_proba(self, votes: VoteMatrix) -> Matrix:
        counts = _stance_counts(votes)
        shares: Matrix = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        return shares


class DawidSkeneModel(LabelModel):
    """Dawid and Skene 1979, without labels: how often each column gives which stance for which.

    The estimation is crowd-kit's. A column that only ever votes for one stance tells this model
    nothing, since it counts no abstentions; columns of several stances, as annotators are, are
    what it is made for.
    """

    def _fit(self, votes: VoteMatrix, labels: Sequence[Label] | None) -> None:
        from crowdkit.aggregation import DawidSkene

        model = DawidSkene(n_iter=100, tol=1e-5)
        model.fit_predict_proba(_vote_rows(votes))
        codes = range(len(STANCES))
        self._priors = np.array([float(model.priors_.get(code, 0.0)) for code in codes])
        self._errors = np.ones((len(votes.names), len(STANCES), len(STANCES)))
        for (name, given), row in model.errors_.iterrows():
            for code in codes:
                place = votes.names.index(name)
                self._errors[place, given, code] = float(row.get(code, 0.0))

    def _stance_proba(self, votes: VoteMatrix) -> Matrix:
        return _posterior(votes, self._priors, self._errors)


class MaceModel(LabelModel):
    """MACE (Hovy et al. 2013), without labels: each column knows, or votes by habit.

    Estimated by crowd-kit. With a column that always votes for one stance, habit and knowledge
    agree there, and a wrong vote tells how often it was habit.
    """

    def _fit(self, votes: VoteMatrix, labels: Sequence[Label] | None) -> None:
        import pandas as pd
        from crowdkit.aggregation import MACE

        rows = _vote_rows(votes)
        # crowd-kit mixes the order of appearance with that of names; of these numbers they agree
        workers, names = pd.factorize(rows["worker"])
        given, codes = pd.factorize(rows["label"])
        model = MACE(n_restarts=1, n_iter=30, random_state=0)
        model.fit(rows.assign(worker=workers, label=given))
        count = len(STANCES)
        self._priors = np.full(count, 1 / count)
        self._errors = np.full((len(votes.names), count, count), 1 / count)
        for number, name in enumerate(names):
            habit, knowledge = model.spamming_[number]
            own = np.eye(count) * knowledge
            own[codes] += habit * model.thetas_[number][:, None]
            self._errors[votes.names.index(name)] = own

    def _stance_proba(self, votes: VoteMatrix) -> Matrix:
        return _posterior(votes, self._priors, self._errors)


@dataclass(frozen=True)
class Worth:
    """What votes were worth on labelled candidates: plain counts, that can be kept and shared.

    Parameters
    ----------
    totals
        Candidates by right stance; shape (3,), in the order of `schema.STANCES`.
    columns
        Of each column's votes, shape (3, 3): how many for each stance, by the right one.
    """

    totals: Matrix
    columns: Mapping[str, Matrix]

    def of(self, name: str) -> Matrix:
        """Give a column's counts; zeros where it was never counted."""
        found = self.columns.get(name)
        return np.zeros((len(STANCES), len(STANCES))) if found is None else found


def measure_worth(votes: VoteMatrix, labels: Sequence[Label]) -> Worth:
    """Count what each column's votes are worth on labelled candidates."""
    right, _ = label_codes(labels)
    count = len(STANCES)
    given = votes.stances
    columns = {}
    for place, name in enumerate(votes.names):
        counts = np.zeros((count, count))
        for code in range(count):
            counts[code] = np.bincount(right[given[:, place] == code], minlength=count)
        columns[name] = counts
    return Worth(np.bincount(right, minlength=count).astype(np.float64), columns)


def worth_text(worth: Worth) -> str:
    """Write counts as CSV (docs/formats.md): a row a column and stance, and one for all."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(WORTH_COLUMNS)
    writer.writerow(["", "", *(int(value) for value in worth.totals)])
    for name, counts in sorted(worth.columns.items()):
        for code, stance in enumerate(STANCES):
            if counts[code].sum():
                writer.writerow([name, stance, *(int(value) for value in counts[code])])
    return out.getvalue()


def read_worth(path: Path) -> Worth:
    """Read counts that `worth_text` wrote.

    Raises
    ------
    DatasetError
        If the file is missing or malformed.
    """
    totals = np.zeros(len(STANCES))
    columns: dict[str, Matrix] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            if tuple(next(reader, ())) != WORTH_COLUMNS:
                raise DatasetError(
                    f"{path}:1", "other columns", ", ".join(WORTH_COLUMNS), "write it anew"
                )
            for name, stance, *values in reader:
                counts = np.array([int(value) for value in values], dtype=np.float64)
                if counts.shape != totals.shape:
                    raise ValueError(f"{len(values)} counts")
                if not name:
                    totals = counts
                    continue
                own = columns.setdefault(name, np.zeros((len(STANCES), len(STANCES))))
                own[STANCES.index(Stance(stance))] = counts
    except FileNotFoundError:
        raise DatasetError(str(path), "no such file", "counts of votes", "restore it") from None
    except (ValueError, csv.Error) as error:
        raise DatasetError(
            f"{path}:{reader.line_num}", str(error), "counts by stance", "write it anew"
        ) from None
    if not totals.sum():
        raise DatasetError(str(path), "no row of all candidates", "one", "write it anew")
    return Worth(totals, columns)


class WeighedModel(LabelModel):
    """Votes weighed by what they were worth on labelled candidates.

    Each column's votes move the log-odds of the stances by how much more often each stance was
    right where it voted than anywhere: the naive Bayes rule (Domingos and Pazzani 1997), whose
    weights for independent voters are the best there are (Nitzan and Paroush 1982). Shares of few
    votes are drawn toward a guess by m-estimates (Cestnik 1990). Rules are not independent, so the
    sum is divided by the root of the number of votes. All stances start even: a rare stance is
    found by its votes, not hidden by its rarity.

    Parameters
    ----------
    min_lead
        As in `LabelModel`. Its value is the largest that left more than 0.35 of favor and against
        labelled in the folds of `train.jsonl` (experiments/rules).
    strength
        How many votes the guess counts for.
    guess
        The share of right votes that a column without votes is taken to have.
    """

    needs_labels = True

    def __init__(self, min_lead: float = 0.75, strength: float = 4.0, guess: float = 0.6) -> None:
        super().__init__(min_lead)
        self.strength = strength
        self.guess = guess

    def _fit(self, votes: VoteMatrix, labels: Sequence[Label] | None) -> None:
        worth = measure_worth(votes, labels or ())
        self._weigh([worth.of(name) for name in votes.names], worth.totals)

    def take_worth(self, names: Sequence[str], worth: "Worth") -> "WeighedModel":
        """Learn from counts that were made elsewhere, in place of `fit`.

        Parameters
        ----------
        names
            The columns of the votes to come; one that was never counted is taken by the guess.
        worth
            What the columns were worth on labelled candidates.
        """
        self._names = list(names)
        self._weigh([worth.of(name) for name in names], worth.totals)
        return self

    def _weigh(self, seen: Sequence[Matrix], totals: Matrix) -> None:
        count = len(STANCES)
        base = (totals + 1) / (totals.sum() + count)
        self._weights = np.zeros((len(seen), count, count))
        for place, counts in enumerate(seen):
            for code in range(count):
                guess = np.full(count, (1 - self.guess) / (count - 1))
                guess[code] = self.guess
                share = (counts[code] + self.strength * guess) / (
                    counts[code].sum() + self.strength
                )
                self._weights[place, code] = np.log(share / base)

    def _stance_proba(self, votes: VoteMatrix) -> Matrix:
        given = votes.stances
        scores = np.zeros((len(votes.ids), len(STANCES)))
        for code in range(len(STANCES)):
            scores += (given == code).astype(np.float64) @ self._weights[:, code]
        scores /= np.sqrt(np.maximum((given != ABSTAIN).sum(axis=1, keepdims=True), 1))
        return _softmax(scores)


LABEL_MODELS: Mapping[str, Callable[[], LabelModel]] = MappingProxyType(
    {
        "majority": MajorityModel,
        "dawid-skene": DawidSkeneModel,
        "mace": MaceModel,
        "weighed": WeighedModel,
    }
)
"""Every label model with its own settings, by name."""
DEFAULT = "weighed"
"""The label model that did best on `train.jsonl`, by folds (experiments/rules)."""


def stance_sums(act_probabilities: Matrix) -> Matrix:
    """Sum the probabilities of the acts of each stance; from (n, 14) to (n, 3)."""
    sums = np.zeros((len(act_probabilities), len(STANCES)))
    for code in range(len(STANCES)):
        sums[:, code] = act_probabilities[:, code == STANCE_POSITIONS].sum(axis=1)
    return sums


def _stance_counts(votes: VoteMatrix) -> Matrix:
    given = votes.stances
    return np.stack([(given == code).sum(axis=1) for code in range(len(STANCES))], axis=1).astype(
        np.float64
    )


def _act_shares(votes: VoteMatrix) -> Matrix:
    """Give each act's share of its stance, by the votes for it; shape (n, 14)."""
    counts = np.stack([(votes.votes == code).sum(axis=1) for code in range(len(ACTS))], axis=1)
    weights = counts + _FAINT
    sums = stance_sums(weights)
    shares: Matrix = weights / sums[:, STANCE_POSITIONS]
    return shares


def _softmax(scores: Matrix) -> Matrix:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Matrix = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _posterior(votes: VoteMatrix, priors: Matrix, errors: Matrix) -> Matrix:
    """Give each stance's probability where `errors` has P(given | right) as (m, given, right)."""
    given = votes.stances
    scores = np.tile(np.log(np.maximum(priors, _SAME)), (len(votes.ids), 1))
    logs = np.log(np.maximum(errors, _SAME))
    for code in range(len(STANCES)):
        scores += (given == code).astype(np.float64) @ logs[:, code]
    return _softmax(scores)


def _vote_rows(votes: VoteMatrix) -> Any:  # noqa: ANN401 - pandas
    """Give the votes as crowd-kit wants them: a row a vote, in a fixed order."""
    import pandas as pd

    given = votes.stances
    rows, columns = np.nonzero(given != ABSTAIN)
    if not len(rows):
        raise DatasetError("votes", "no vote at all", "some to learn from", "give more data")
    return pd.DataFrame(
        {
            "task": rows,
            "worker": [votes.names[column] for column in columns],
            "label": given[rows, columns].astype(int),
        }
    )
