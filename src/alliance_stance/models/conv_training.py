"""Fit and run the convolutional network with skorch: batches of like length, one rate for all."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from skorch import NeuralNet
from skorch.callbacks import LRScheduler
from torch import Tensor, nn

from alliance_stance.models.act_loss import ActLoss, Targets
from alliance_stance.models.base import Matrix
from alliance_stance.models.bf16 import autocast
from alliance_stance.models.conv_network import ConvNetwork
from alliance_stance.models.encoder_training import LengthBatches, use_threads
from alliance_stance.schema import ACTS, Act, Stance

if TYPE_CHECKING:
    from alliance_stance.models.conv import ConvModel

_SCORING_BATCH = 64
_RISE = 0.1
"""Share of all steps before the peak rate."""


def train_conv(
    model: "ConvModel",
    encoded: list[list[int]],
    y: Sequence[Stance],
    acts: Sequence[Act | None],
) -> None:
    """Fit ``model.network_`` in place with the model's own parameters.

    Parameters
    ----------
    model
        With tokenizer and network built.
    encoded
        Token ids of each candidate.
    y, acts
        Their labels.
    """
    use_threads()
    targets = Targets.of_labels(y, acts)
    padding_id = model.tokenizer_.padding_id

    def collate(rows: list[int]) -> tuple[dict[str, Tensor], Tensor]:
        ids, attention = _pad([encoded[row] for row in rows], padding_id)
        return {"ids": ids, "attention": attention}, targets.rows(rows)

    batches = LengthBatches([len(ids) for ids in encoded], model.batch_size, model.random_state)
    step_count = len(batches) * model.epochs
    net = _Net(
        model.network_,
        criterion=ActLoss,
        optimizer=torch.optim.AdamW,
        optimizer__weight_decay=model.weight_decay,
        optimizer__fused=True,
        lr=model.learning_rate,
        batch_size=1,
        iterator_train__batch_sampler=batches,
        iterator_train__collate_fn=collate,
        train_split=None,
        callbacks=[
            LRScheduler(
                torch.optim.lr_scheduler.OneCycleLR,
                max_lr=model.learning_rate,
                total_steps=step_count + 1,
                pct_start=_rise(step_count + 1),
                anneal_strategy="linear",
                cycle_momentum=False,
                step_every="batch",
            )
        ],
        verbose=0,
        device="cuda" if torch.cuda.is_available() else "cpu",
    )
    net.initialize()
    net.notify("on_train_begin", X=None, y=None)
    # the loop alone: `fit` would take the user's interrupt for the end of the training
    net.fit_loop(_Numbers(len(encoded)), epochs=model.epochs)
    model.network_ = net.module_.cpu().eval()


def score_conv(network: ConvNetwork, encoded: list[list[int]], padding_id: int) -> Matrix:
    """Give act probabilities of shape (n, 14), in the order of `encoded`."""
    use_threads()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    # not in inference mode: what is moved in it could never be written into again (`calibrate`)
    network.to(device).eval()
    order = sorted(range(len(encoded)), key=lambda row: len(encoded[row]))
    probabilities = np.zeros((len(encoded), len(ACTS)))
    for start in range(0, len(order), _SCORING_BATCH):
        rows = order[start : start + _SCORING_BATCH]
        ids, attention = _pad([encoded[row] for row in rows], padding_id)
        with torch.inference_mode():
            with autocast():
                logits = network(ids.to(device), attention.to(device))
            scaled = logits.double() / network.temperature
            probabilities[rows] = torch.softmax(scaled, dim=1).cpu().numpy()
    return probabilities


class _Net(NeuralNet):  # type: ignore[misc]
    """skorch's loop with the forward pass in bf16 where that is fast."""

    def infer(self, x: dict[str, Tensor], **_: object) -> Tensor:
        with autocast():
            logits: Tensor = self.module_(**{k: v.to(self.device) for k, v in x.items()})
        return logits.float()


class _Numbers(torch.utils.data.Dataset[int]):
    """Row numbers: the batch looks its rows up itself."""

    def __init__(self, size: int) -> None:
        self._size = size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, position: int) -> int:
        return position


def _rise(total: int) -> float:
    """Give the share of steps before the peak; PyTorch divides by zero where it is one step."""
    return _RISE if _RISE * total != 1 else 0.99 * _RISE


def _pad(encoded: list[list[int]], padding_id: int) -> tuple[Tensor, Tensor]:
    rows: list[Any] = [torch.tensor(ids) for ids in encoded]
    ids = nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=padding_id)
    lengths = torch.tensor([len(row) for row in rows])
    return ids, (torch.arange(ids.shape[1]) < lengths[:, None]).long()
