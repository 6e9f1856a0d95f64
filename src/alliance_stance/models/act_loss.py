"""What a network over acts is fitted to: labels, a teacher's probabilities, or both."""

from collections.abc import Sequence
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from alliance_stance.models.base import ACT_STANCE_COLUMNS, Lesson, Matrix, sum_acts
from alliance_stance.schema import ACTS, STANCES, Act, Stance

_UNKNOWN = -1


class Targets:
    """What the rows should be answered with.

    Parameters
    ----------
    labels
        Columns of stance and act, shape (n, 2), -1 where unknown.
    taught
        Act probabilities that a teacher gives, shape (n, 14); None without a teacher.
    teacher_share
        Weight of the teacher on a row that has a label.
    """

    def __init__(
        self, labels: NDArray[np.int64], taught: Matrix | None = None, teacher_share: float = 0.0
    ) -> None:
        self.labels = labels
        self.taught = taught
        self.teacher_share = teacher_share

    @classmethod
    def of_labels(cls, y: Sequence[Stance], acts: Sequence[Act | None]) -> Self:
        """Take labels alone."""
        return cls(_columns(y, acts))

    @classmethod
    def of_lesson(
        cls, y: Sequence[Stance | None], acts: Sequence[Act | None], lesson: Lesson
    ) -> Self:
        """Take labels and a teacher's answers."""
        return cls(_columns(y, acts), lesson.act_probabilities, lesson.share)

    @property
    def stance_counts(self) -> NDArray[np.float64]:
        """How often each stance is there, shape (3,); a row without a label counts as taught."""
        known = self.labels[:, 0][self.labels[:, 0] != _UNKNOWN]
        counts = np.bincount(known, minlength=len(STANCES)).astype(float)
        if self.taught is not None:
            counts += sum_acts(self.taught[self.labels[:, 0] == _UNKNOWN]).sum(axis=0)
        return counts

    def rows(self, rows: Sequence[int]) -> Tensor:
        """Give what `ActLoss` takes for some rows, shape (b, 2) or (b, 16)."""
        labels = torch.as_tensor(self.labels[rows])
        if self.taught is None:
            return labels
        return torch.cat([labels.float(), torch.as_tensor(self.taught[rows]).float()], dim=1)


class ActLoss(nn.Module):
    """Cross-entropy of the stance (the sum of its acts), and of the act where one is known.

    Parameters
    ----------
    label_smoothing
        Share of an act's label that is spread over all acts.
    teacher_share
        Weight of the same two cross-entropies with a teacher's probabilities in place of the
        labels, on rows that have a label; on others it is 1.
    """

    def __init__(self, label_smoothing: float = 0.0, teacher_share: float = 0.0) -> None:
        super().__init__()
        self.label_smoothing = label_smoothing
        self.teacher_share = teacher_share
        self.membership: Tensor
        membership = torch.zeros(len(ACTS), len(STANCES))
        membership[torch.arange(len(ACTS)), torch.as_tensor(ACT_STANCE_COLUMNS)] = 1
        self.register_buffer("membership", membership)

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Average over the batch; `targets` is of `Targets.rows`."""
        log_acts = torch.log_softmax(logits.float(), dim=1)
        log_stances = torch.log(log_acts.exp() @ self.membership + 1e-9)
        labels, taught = targets[:, :2].long(), targets[:, 2:]
        if not taught.shape[1]:
            return self._of_labels(logits, log_stances, labels)
        acts = -(taught * log_acts).sum(dim=1)
        stances = -((taught @ self.membership) * log_stances).sum(dim=1)
        is_labelled = labels[:, 0] != _UNKNOWN
        weights = torch.where(is_labelled, self.teacher_share, 1.0)
        loss = (weights * (acts + stances)).mean()
        if bool(is_labelled.any()):
            own = self._of_labels(
                logits[is_labelled], log_stances[is_labelled], labels[is_labelled]
            )
            loss = loss + (1 - self.teacher_share) * is_labelled.float().mean() * own
        return loss

    def _of_labels(self, logits: Tensor, log_stances: Tensor, labels: Tensor) -> Tensor:
        loss = nn.functional.nll_loss(log_stances, labels[:, 0])
        is_known = labels[:, 1] != _UNKNOWN
        if bool(is_known.any()):
            loss = loss + nn.functional.cross_entropy(
                logits[is_known].float(),
                labels[is_known, 1],
                label_smoothing=self.label_smoothing,
            )
        return loss


def _columns(y: Sequence[Stance | None], acts: Sequence[Act | None]) -> NDArray[np.int64]:
    return np.array(
        [
            (
                _UNKNOWN if stance is None else STANCES.index(stance),
                _UNKNOWN if act is None else ACTS.index(act),
            )
            for stance, act in zip(y, acts, strict=True)
        ]
    )
