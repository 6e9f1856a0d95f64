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

from alliance_stance.models.base import ACT_STANCE_COLUMNS, Matrix, sum_acts
from alliance_stance.models.encoder_network import SCORING_ATTENTION, PairNetwork
from alliance_stance.schema import ACTS, STANCES, Act, Stance

if TYPE_CHECKING:
    from alliance_stance.models.encoder import EncoderModel

_BATCHES_A_POOL = 16
_SCORING_BATCH = 64
_UNKNOWN = -1


class ActLoss(nn.Module):
    """Cross-entropy of the stance (the sum of its acts), and of the act where one is known."""

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


class _Interrupted(Exception):  # noqa: N818 - no error
    """The user stopped the training."""


class _Net(NeuralNet):  # type: ignore[misc]
    """skorch's loop with the forward pass in bf16 where that is fast."""

    def fit_loop(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - skorch's own
        # skorch would take an interrupt for the end of training, and a half-fitted model be saved
        try:
            return super().fit_loop(*arguments, **options)
        except KeyboardInterrupt:
            raise _Interrupted from None

    def infer(self, x: tuple[Tensor, Tensor], **_: object) -> Tensor:
        with autocast():
            logits: Tensor = self.module_(*x)
        return logits.float()


class _Progress(Callback):  # type: ignore[misc]
    """A progress bar over all epochs, on standard error."""

    def __init__(self, batches: int) -> None:
        self.batches = batches
        self.progress: Any = None
        self.task: Any = None

    def on_train_begin(self, net: _Net, **_: object) -> None:
        from rich.console import Console
        from rich.progress import Progress

        self.progress = Progress(console=Console(stderr=True), transient=True)
        self.task = self.progress.add_task("fitting the encoder", total=self.batches)
        self.progress.start()

    def on_batch_end(self, net: _Net, training: bool = False, **_: object) -> None:
        self.progress.advance(self.task)

    def stop(self) -> None:
        """Take the bar away, however the training ended."""
        if self.progress is not None:
            self.progress.stop()


class _AfterEpoch(Callback):  # type: ignore[misc]
    """Tell whoever watches the model that a pass is done."""

    def __init__(self, model: "EncoderModel") -> None:
        self.model = model

    def on_epoch_end(self, net: _Net, **_: object) -> None:
        if self.model.on_epoch is not None:
            self.model.on_epoch(self.model, len(net.history))


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
    callbacks.append(_AfterEpoch(model))
    progress = _Progress(step_count)
    if model.verbose:
        callbacks.append(progress)
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
        device=_device(),
    )
    try:
        net.fit(_Rows(encoded, targets(y, acts)), None)
    except _Interrupted:
        raise KeyboardInterrupt from None
    finally:
        progress.stop()
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
    device = _device()
    network.to(device).eval()
    collate = _Collate(padding_id)
    order = sorted(range(len(encoded)), key=lambda position: len(encoded[position]))
    probabilities = np.zeros((len(encoded), len(ACTS)))
    for start in range(0, len(order), _SCORING_BATCH):
        chosen = order[start : start + _SCORING_BATCH]
        ids, attention = collate.pad([encoded[position] for position in chosen])
        with autocast():
            logits = network(ids.to(device), attention.to(device))
        scaled = logits.double() / network.temperature
        probabilities[chosen] = torch.softmax(scaled, dim=1).cpu().numpy()
    return probabilities


def set_temperature(network: PairNetwork, temperature: float) -> None:
    """Set what logits are divided by before the softmax; above 1 makes answers less sure."""
    network.temperature.fill_(temperature)


def find_temperature(act_probabilities: Matrix, stances: Sequence[int]) -> float:
    """Find the temperature of least log-loss of the stances.

    Parameters
    ----------
    act_probabilities
        Shape (n, 14), at temperature 1.
    stances
        Columns of the right stances; length n.
    """
    from scipy.optimize import minimize_scalar

    logs = np.log(np.maximum(act_probabilities, 1e-12))
    rows = np.arange(len(stances))

    def loss(log_temperature: float) -> float:
        powers = np.exp(logs / np.exp(log_temperature))
        stance = sum_acts(powers / powers.sum(axis=1, keepdims=True))
        return float(-np.log(np.maximum(stance[rows, stances], 1e-12)).mean())

    found = minimize_scalar(loss, bounds=(np.log(0.2), np.log(10.0)), method="bounded")
    return float(np.exp(found.x))


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


def _device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


def autocast() -> torch.autocast:
    """Compute in bf16 on a GPU, or on a CPU whose instructions include it; else as it is."""
    if torch.cuda.is_available():
        return torch.autocast("cuda", dtype=torch.bfloat16)
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=_cpu_has_bf16())


def _cpu_has_bf16() -> bool:
    # emulated bf16 is slower than fp32 (measured), so the instructions are asked for
    is_supported = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return bool(is_supported()) if is_supported is not None else False


def use_threads() -> None:
    """Use every core that this process may run on, or as many as `OMP_NUM_THREADS` says."""
    if "OMP_NUM_THREADS" not in os.environ and hasattr(os, "sched_getaffinity"):
        torch.set_num_threads(len(os.sched_getaffinity(0)))
