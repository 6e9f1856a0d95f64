"""Fit and run the network with skorch: batches of like length, bf16 where the machine has it."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from skorch import NeuralNet
from skorch.callbacks import Callback, LRScheduler
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from alliance_stance.models.act_loss import ActLoss, Targets
from alliance_stance.models.base import Matrix, sum_acts
from alliance_stance.models.batches import Arrays, Inputs, read_items
from alliance_stance.models.contrastive import contrastive_loss
from alliance_stance.models.bf16 import autocast, device, pays
from alliance_stance.models.encoder_callbacks import AfterEpoch, Averaging, ProgressBar
from alliance_stance.models.encoder_checkpoint import Checkpointing, FitState
from alliance_stance.models.encoder_layers import fit_upper_layers
from alliance_stance.models.encoder_network import ActNetwork, use_scoring_attention
from alliance_stance.models.scaling import Scaling

if TYPE_CHECKING:
    from alliance_stance.models.encoder import EncoderModel

_BATCHES_A_POOL = 16


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

    def __init__(
        self,
        lengths: Sequence[int],
        batch_size: int,
        seed: int,
        groups: Sequence[str] | None = None,
    ) -> None:
        self._lengths = np.asarray(lengths)
        self._units = None if groups is None else _units(groups)
        self._batch_size = batch_size
        self._random = np.random.default_rng(seed)
        self._began = self._random.bit_generator.state
        self._passed_over = 0

    def __len__(self) -> int:
        """Give the number of batches of one pass."""
        return -(-len(self._lengths) // self._batch_size)

    def __iter__(self) -> Iterator[list[int]]:
        """Yield the batches of one pass."""
        self._began = self._random.bit_generator.state
        order = self._order()
        pool = self._batch_size * _BATCHES_A_POOL
        batches: list[list[int]] = []
        for start in range(0, len(order), pool):
            inside = order[start : start + pool]
            inside = inside[self._by_length(inside)]
            batches += [
                inside[first : first + self._batch_size].tolist()
                for first in range(0, len(inside), self._batch_size)
            ]
        positions = self._random.permutation(len(batches))[self._passed_over :]
        self._passed_over = 0
        for position in positions:
            yield batches[position]

    def _order(self) -> NDArray[np.int64]:
        if self._units is None:
            return self._random.permutation(len(self._lengths))
        rank = self._random.permutation(int(self._units.max()) + 1)
        return np.argsort(rank[self._units], kind="stable")

    def _by_length(self, inside: NDArray[np.int64]) -> NDArray[np.int64]:
        """Sort by length, a group by its longest item."""
        if self._units is None:
            return np.argsort(self._lengths[inside], kind="stable")
        units = self._units[inside]
        longest = {u: self._lengths[inside[units == u]].max() for u in set(units.tolist())}
        return np.lexsort((units, [longest[u] for u in units.tolist()]))

    def state(self, done: int) -> dict[str, Any]:
        """Give the random state, JSON-able, of the pass that goes on when so many are done."""
        is_whole = done == len(self)
        return dict(self._random.bit_generator.state if is_whole else self._began)

    def go_on(self, state: Mapping[str, Any], done: int) -> None:
        """Let the next pass be the one of a state, without the batches that are done."""
        self._random.bit_generator.state = state
        self._passed_over = done


def _units(groups: Sequence[str]) -> NDArray[np.int64]:
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(group, len(numbers)) for group in groups])


@dataclass(frozen=True, slots=True)
class Batch:
    """What a network's `forward` takes, in order, for some rows.

    Attributes
    ----------
    tensors
        The arguments.
    rows
        How many rows the network answers; skorch asks for it by ``len``.
    """

    tensors: tuple[Tensor, ...]
    rows: int

    @classmethod
    def of(cls, arrays: Arrays) -> Self:
        """Give arrays as tensors."""
        return cls(tuple(map(torch.from_numpy, arrays.named.values())), arrays.rows)

    def __len__(self) -> int:
        """Give the number of rows."""
        return self.rows

    def to(self, device: str) -> "Batch":
        """Give the batch on another device."""
        return Batch(tuple(tensor.to(device) for tensor in self.tensors), self.rows)


class _Positions(Dataset[int]):
    """The items' positions; the batch is put together from them when it is due."""

    def __init__(self, size: int) -> None:
        self._size = size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, position: int) -> int:
        return position


class _Net(NeuralNet):  # type: ignore[misc]
    """skorch's loop with the forward pass in bf16 where that is fast.

    A fit that goes on from a checkpoint goes on in the numbers that it began in.
    """

    in_bf16 = False
    contrastive = 0.0

    def get_loss(self, y_pred: Tensor, y_true: Tensor, *args: Any, **kwargs: Any) -> Tensor:  # noqa: ANN401
        loss: Tensor = super().get_loss(y_pred, y_true, *args, **kwargs)
        if self.contrastive:
            acts = y_true[:, 1].long().to(y_pred.device)
            loss = loss + self.contrastive * contrastive_loss(self.module_.pair_states, acts)
        return loss

    def infer(self, x: Batch, **_: object) -> Tensor:
        with autocast(in_bf16=self.in_bf16):
            logits: Tensor = self.module_(*x.to(self.device).tensors)
        return logits.float()


def train_network(
    network: ActNetwork,
    settings: "EncoderModel",
    inputs: Inputs,
    targets: Targets,
    groups: Sequence[str],
) -> bool:
    """Fit a network in place.

    Parameters
    ----------
    network
        With an `encoder` and a `head`.
    settings
        The model whose parameters say how.
    inputs
        What is read.
    targets
        Of the rows.

    Returns
    -------
    bool
        Whether it was fitted in bf16.

    Raises
    ------
    UnfitError
        If no layer is left to fit.
    """
    use_threads()
    torch.manual_seed(settings.random_state)
    fit_upper_layers(network.encoder, settings.frozen_layers)
    course = _plan_course(settings, inputs, groups)
    net = _build_net(network, settings, course, inputs, targets)
    try:
        _run(net, settings, course, inputs)
    finally:
        course.progress.stop()
    network.cpu().eval()
    # measured as its weights will score; its fast form is compared with it when it is written
    use_scoring_attention(network.encoder)
    return net.in_bf16


@dataclass(frozen=True, slots=True)
class _Course:
    """The batches of a fit, and what is done after each step and each pass.

    `averaging` is None where the last weights are kept, `checkpointing` where no checkpoints are.
    """

    batches: LengthBatches
    rates: LRScheduler
    averaging: Averaging | None
    checkpointing: Checkpointing | None
    after_epoch: AfterEpoch
    progress: ProgressBar

    def callbacks(self, *, is_shown: bool) -> list[Callback]:
        """Give them in the order in which they are called; a checkpoint is of those before it."""
        shown = self.progress if is_shown else None
        every = (self.rates, self.averaging, self.checkpointing, self.after_epoch, shown)
        return [callback for callback in every if callback is not None]


def _plan_course(
    settings: "EncoderModel", inputs: Inputs, groups: Sequence[str]
) -> _Course:
    kept = None
    if settings.contrastive:
        kept = [groups[inputs.rows([item])[0]] for item in range(len(inputs.lengths))]
    batches = LengthBatches(inputs.lengths, settings.batch_size, settings.random_state, kept)
    step_count = len(batches) * settings.epochs
    rates = LRScheduler(
        torch.optim.lr_scheduler.LambdaLR,
        lr_lambda=_schedule(step_count, settings),
        step_every="batch",
    )
    averaging = Averaging(settings.averaging) if settings.averaging else None
    checkpointing = None
    if settings.checkpoints is not None:
        checkpointing = Checkpointing(settings.checkpoints, len(batches), step_count)
    after_epoch, progress = AfterEpoch(settings, averaging), ProgressBar(step_count)
    return _Course(batches, rates, averaging, checkpointing, after_epoch, progress)


def _build_net(
    network: ActNetwork,
    settings: "EncoderModel",
    course: _Course,
    inputs: Inputs,
    targets: Targets,
) -> _Net:
    def collate(positions: list[int]) -> tuple[Batch, Tensor]:
        return Batch.of(inputs.collate(positions)), targets.rows(inputs.rows(positions))

    net = _Net(
        network,
        criterion=ActLoss,
        criterion__label_smoothing=settings.label_smoothing,
        criterion__teacher_share=targets.teacher_share,
        optimizer=torch.optim.AdamW,
        optimizer__param_groups=[("head.*", {"lr": settings.head_learning_rate})],
        optimizer__weight_decay=settings.weight_decay,
        optimizer__fused=True,
        lr=settings.learning_rate,
        batch_size=1,
        iterator_train__batch_sampler=course.batches,
        iterator_train__collate_fn=collate,
        train_split=None,
        callbacks=course.callbacks(is_shown=settings.verbose),
        verbose=0,
        device=device(),
    )
    net.in_bf16 = pays()
    net.contrastive = settings.contrastive
    return net


def _run(net: _Net, settings: "EncoderModel", course: _Course, inputs: Inputs) -> None:
    """Make all passes, or those that are left behind the last checkpoint."""
    net.initialize()
    net.notify("on_train_begin", X=None, y=None)
    passes_done = 0
    if course.checkpointing is not None:
        state = FitState(net, course.batches, course.rates, course.averaging)
        done = course.checkpointing.start(state, _facts(settings, inputs))
        passes_done = done // len(course.batches)
        course.progress.go_on(done)
    course.after_epoch.passes_before = passes_done
    # the loop alone: `fit` would take the user's interrupt for the end of the training
    net.fit_loop(_Positions(len(inputs.lengths)), epochs=settings.epochs - passes_done)
    net.notify("on_train_end", X=None, y=None)


def _facts(settings: "EncoderModel", inputs: Inputs) -> dict[str, Any]:
    """Tell what a checkpoint has to be of, besides what its owner knows."""
    parameters = {k: v for k, v in settings.get_params().items() if k != "verbose"}
    kind, rows = type(settings).__name__, len(inputs.lengths)
    return {
        "kind": kind, "parameters": parameters, "rows": rows, "device": device(),
        "encoder_commit": settings.encoder_commit,
    }  # fmt: skip


def score_network(network: ActNetwork, inputs: Inputs, row_count: int) -> Matrix:
    """Give act probabilities of shape (n, 14), in the order of the rows."""
    logits = network_logits(network, inputs, row_count)
    scaling = Scaling(float(network.temperature), network.prior_shift.cpu().double().numpy())
    return scaling.probabilities(logits)


def network_logits(network: ActNetwork, inputs: Inputs, row_count: int) -> Matrix:
    """Give act logits as the network has them, of shape (n, 14), in the order of the rows."""
    use_threads()
    place = device()
    # not in inference mode: what is moved in it could never be written into again (`calibrate`)
    network.to(place).eval()

    def read(arrays: Arrays) -> Matrix:
        with torch.inference_mode(), autocast():
            answer: Tensor = network(*Batch.of(arrays).to(place).tensors)
        logits: Matrix = answer.double().cpu().numpy()
        return logits

    return read_items(inputs, row_count, read)


def set_temperature(network: ActNetwork, temperature: float) -> None:
    """Set what logits are divided by before the softmax; above 1 makes answers less sure."""
    network.temperature.fill_(temperature)


def set_prior_shift(network: ActNetwork, shift: NDArray[np.float64]) -> None:
    """Set what is added to the scaled act logits, of shape (14,)."""
    network.prior_shift.copy_(torch.as_tensor(shift))


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


def _schedule(step_count: int, settings: "EncoderModel") -> Any:  # noqa: ANN401 - a plain function
    warmup = max(1, int(step_count * settings.warmup_share))

    def rate(step: int) -> float:
        if step < warmup:
            return (step + 1) / warmup
        return max(0.0, (step_count - step) / max(1, step_count - warmup))

    return rate


def use_threads() -> None:
    """Use every core that this process may run on, or as many as `OMP_NUM_THREADS` says."""
    if "OMP_NUM_THREADS" not in os.environ and hasattr(os, "sched_getaffinity"):
        torch.set_num_threads(len(os.sched_getaffinity(0)))
