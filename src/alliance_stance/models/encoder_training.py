"""Fit and run the network with skorch: batches of like length, bf16 where the machine has it."""

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from skorch import NeuralNet
from skorch.callbacks import Callback, LRScheduler
from torch import Tensor, nn
from torch.utils.data import Dataset, Sampler

from alliance_stance.models.base import ACT_STANCE_COLUMNS, Matrix
from alliance_stance.models.encoder_network import SCORING_ATTENTION, PairNetwork
from alliance_stance.schema import ACTS, STANCES, Act, Stance

if TYPE_CHECKING:
    from alliance_stance.models.encoder import EncoderModel

_BATCHES_A_POOL = 16
_SCORING_BATCH = 64
_UNKNOWN = -1


class ActLoss(nn.Module):
    """Cross-entropy of the act, or of the stance (the sum of its acts) where no act is known."""

    def __init__(self, label_smoothing: float = 0.0) -> None:
        super().__init__()
        self.label_smoothing = label_smoothing
        self.membership: Tensor
        membership = torch.zeros(len(ACTS), len(STANCES))
        membership[torch.arange(len(ACTS)), torch.as_tensor(ACT_STANCE_COLUMNS)] = 1
        self.register_buffer("membership", membership)

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Average over the batch; `targets` has columns stance and act, act -1 where unknown."""
        log_acts = torch.log_softmax(logits.float(), dim=1)
        stances = torch.log(log_acts.exp() @ self.membership + 1e-9)
        loss = nn.functional.nll_loss(stances, targets[:, 0])
        is_known = targets[:, 1] != _UNKNOWN
        if bool(is_known.any()):
            loss = loss + nn.functional.cross_entropy(
                logits[is_known].float(),
                targets[is_known, 1],
                label_smoothing=self.label_smoothing,
            )
        return loss


class LengthBatches(Sampler[list[int]]):
    """Batches of like length in random order: shuffled pools, each sorted by length.

    Parameters
    ----------
    lengths
        Tokens of each candidate.
    batch_size
        Candidates in one batch.
    seed
        Seed of the order; each pass continues its random stream.
    """

    def __init__(self, lengths: Sequence[int], batch_size: int, seed: int) -> None:
        self._lengths = np.asarray(lengths)
        self._batch_size = batch_size
        self._random = np.random.default_rng(seed)

    def __len__(self) -> int:
        """Give the number of batches of one pass."""
        return -(-len(self._lengths) // self._batch_size)

    def __iter__(self) -> Iterator[list[int]]:
        """Yield the batches of one pass."""
        order = self._random.permutation(len(self._lengths))
        pool = self._batch_size * _BATCHES_A_POOL
        batches: list[list[int]] = []
        for start in range(0, len(order), pool):
            inside = order[start : start + pool]
            inside = inside[np.argsort(self._lengths[inside], kind="stable")]
            batches += [
                inside[first : first + self._batch_size].tolist()
                for first in range(0, len(inside), self._batch_size)
            ]
        for position in self._random.permutation(len(batches)):
            yield batches[position]


class _Rows(Dataset[tuple[list[int], Any]]):
    """Token ids of unequal length with their labels; skorch's own wants arrays."""

    def __init__(self, encoded: list[list[int]], labels: NDArray[np.int64]) -> None:
        self._encoded = encoded
        self._labels = labels

    def __len__(self) -> int:
        return len(self._encoded)

    def __getitem__(self, position: int) -> tuple[list[int], Any]:
        return self._encoded[position], self._labels[position]


class _Net(NeuralNet):  # type: ignore[misc]
    """skorch's loop with the forward pass in bf16 where that is fast."""

    def infer(self, x: tuple[Tensor, Tensor], **_: object) -> Tensor:
        with autocast():
            logits: Tensor = self.module_(*x)
        return logits.float()


class _Progress(Callback):  # type: ignore[misc]
    """A progress bar over all epochs, on standard error."""

    def __init__(self, batches: int) -> None:
        self.batches = batches

    def on_train_begin(self, net: _Net, **_: object) -> None:
        from rich.console import Console
        from rich.progress import Progress

        self.progress_ = Progress(console=Console(stderr=True), transient=True)
        self.task_ = self.progress_.add_task("fitting the encoder", total=self.batches)
        self.progress_.start()

    def on_batch_end(self, net: _Net, training: bool = False, **_: object) -> None:
        self.progress_.advance(self.task_)

    def on_train_end(self, net: _Net, **_: object) -> None:
        self.progress_.stop()


def train_network(
    model: "EncoderModel",
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
    torch.manual_seed(model.random_state)
    lengths = [len(ids) for ids in encoded]
    batches = LengthBatches(lengths, model.batch_size, model.random_state)
    step_count = len(batches) * model.epochs
    callbacks: list[Any] = [
        LRScheduler(torch.optim.lr_scheduler.LambdaLR, lr_lambda=_schedule(step_count, model),
                    step_every="batch"),
    ]  # fmt: skip
    if model.verbose:
        callbacks.append(_Progress(step_count))
    net = _Net(
        model.network_,
        criterion=ActLoss,
        criterion__label_smoothing=model.label_smoothing,
        optimizer=torch.optim.AdamW,
        optimizer__param_groups=[("head.*", {"lr": model.head_learning_rate})],
        optimizer__weight_decay=model.weight_decay,
        optimizer__fused=True,
        lr=model.learning_rate,
        max_epochs=model.epochs,
        batch_size=1,
        iterator_train__batch_sampler=batches,
        iterator_train__collate_fn=_Collate(model.tokenizer_.padding_id),
        train_split=None,
        callbacks=callbacks,
        verbose=0,
        device="cuda" if torch.cuda.is_available() else "cpu",
    )
    net.fit(_Rows(encoded, targets(y, acts)), None)
    model.network_ = net.module_.cpu().eval()
    # the network that is measured is the one that will be loaded
    model.network_.encoder.set_attn_implementation(SCORING_ATTENTION)


def targets(y: Sequence[Stance], acts: Sequence[Act | None]) -> NDArray[np.int64]:
    """Give stance and act columns, of shape (n, 2); an unknown act is -1."""
    return np.array(
        [
            (STANCES.index(stance), _UNKNOWN if act is None else ACTS.index(act))
            for stance, act in zip(y, acts, strict=True)
        ]
    )


@torch.inference_mode()
def score_network(network: PairNetwork, encoded: list[list[int]], padding_id: int) -> Matrix:
    """Give act probabilities of shape (n, 14), in the order of `encoded`."""
    use_threads()
    network.eval()
    collate = _Collate(padding_id)
    order = sorted(range(len(encoded)), key=lambda position: len(encoded[position]))
    probabilities = np.zeros((len(encoded), len(ACTS)))
    for start in range(0, len(order), _SCORING_BATCH):
        chosen = order[start : start + _SCORING_BATCH]
        with autocast():
            logits = network(*collate.pad([encoded[position] for position in chosen]))
        probabilities[chosen] = torch.softmax(logits.double(), dim=1).numpy()
    return probabilities


class _Collate:
    def __init__(self, padding_id: int) -> None:
        self._padding_id = padding_id

    def __call__(self, batch: list[tuple[list[int], Any]]) -> tuple[tuple[Tensor, Tensor], Tensor]:
        ids, labels = zip(*batch, strict=True)
        return self.pad(list(ids)), torch.as_tensor(np.stack(labels))

    def pad(self, ids: list[list[int]]) -> tuple[Tensor, Tensor]:
        tensors = [torch.tensor(row) for row in ids]
        padded = nn.utils.rnn.pad_sequence(
            tensors, batch_first=True, padding_value=self._padding_id
        )
        lengths = torch.tensor([len(row) for row in ids])
        return padded, (torch.arange(padded.shape[1]) < lengths[:, None]).long()


def _schedule(step_count: int, model: "EncoderModel") -> Any:  # noqa: ANN401 - a plain function
    warmup = max(1, int(step_count * model.warmup_share))

    def rate(step: int) -> float:
        if step < warmup:
            return (step + 1) / warmup
        return max(0.0, (step_count - step) / max(1, step_count - warmup))

    return rate


def autocast() -> torch.autocast:
    """Compute in bf16 on a GPU, or on a CPU whose instructions include it; else as it is."""
    if torch.cuda.is_available():
        return torch.autocast("cuda", dtype=torch.bfloat16)
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=_cpu_has_bf16())


def _cpu_has_bf16() -> bool:
    # emulated bf16 is slower than fp32 (measured), so the instructions are asked for
    from torch.cpu import _is_avx512_bf16_supported as is_supported

    return bool(is_supported())


def use_threads() -> None:
    """Use every core that this process may run on, or as many as `OMP_NUM_THREADS` says."""
    if "OMP_NUM_THREADS" not in os.environ and hasattr(os, "sched_getaffinity"):
        torch.set_num_threads(len(os.sched_getaffinity(0)))
