"""What the fit of an encoder holds besides its settings: gathered for a checkpoint, and put back.

A fit that was put back goes on as if it had never stopped: on one thread of a CPU every weight is
the same to the last bit.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import torch
from skorch.callbacks import Callback, LRScheduler
from torch import Tensor

from alliance_stance.models.checkpoint import Checkpoint, Checkpoints

if TYPE_CHECKING:
    from alliance_stance.models.encoder_callbacks import Averaging
    from alliance_stance.models.encoder_training import LengthBatches

_NETWORK, _MEAN, _ADAMW, _RANDOM = "network.", "mean.", "adamw.", "random."
_BATCHES, _IN_BF16 = "batches", "in_bf16"


class FitState:
    """The parts of a fit that change from step to step.

    Parameters
    ----------
    net
        skorch's net, whose training has begun.
    batches
        Gives the batches.
    rates
        Sets the learning rates.
    averaging
        Keeps the running mean of the weights; None where there is none.
    """

    def __init__(
        self,
        net: Any,  # noqa: ANN401 - skorch has no types
        batches: "LengthBatches",
        rates: LRScheduler,
        averaging: "Averaging | None",
    ) -> None:
        self._net = net
        self._batches = batches
        self._rates = rates
        self._averaging = averaging

    def gather(self, step: int, step_count: int) -> Checkpoint:
        """Give what a fit needs to go on after so many steps; tensors are those of the fit."""
        size = len(self._batches)
        rate = max(group["lr"] for group in self._net.optimizer_.param_groups)
        place = (
            f"pass {min(step // size + 1, step_count // size)} of {step_count // size}, step "
            f"{step} of {step_count} ({100 * step // step_count} %), learning rate {rate:.2e}"
        )
        tensors = {name: tensor.contiguous() for name, tensor in self._tensors()}
        values = {
            _BATCHES: self._batches.state((step - 1) % size + 1),
            _IN_BF16: self._net.in_bf16,
        }
        return Checkpoint(step, place, tensors, values)

    def restore(self, kept: Checkpoint) -> None:
        """Put everything back but the random numbers, whose turn comes with the next step.

        Raises
        ------
        ValueError
            If the tensors are not those of this fit; nothing has been changed then.
        """
        self._check(kept.tensors)
        self._net.module_.load_state_dict(_below(kept.tensors, _NETWORK))
        mean = self._averaging.mean if self._averaging is not None else None
        if mean is not None:
            mean.module.load_state_dict(_below(kept.tensors, _MEAN))
            mean.n_averaged.fill_(kept.step)
        self._restore_adamw(_below(kept.tensors, _ADAMW))
        self._restore_rates(kept.step)
        # another machine, or a busier hour, may take the other numbers to be faster
        self._net.in_bf16 = kept.values[_IN_BF16]
        self._batches.go_on(kept.values[_BATCHES], kept.step % len(self._batches))

    def _tensors(self) -> Iterator[tuple[str, Tensor]]:
        for name, tensor in self._net.module_.state_dict().items():
            yield _NETWORK + name, tensor
        if self._averaging is not None and self._averaging.mean is not None:
            for name, tensor in self._averaging.mean.module.state_dict().items():
                yield _MEAN + name, tensor
        for number, entries in self._net.optimizer_.state_dict()["state"].items():
            for entry, tensor in entries.items():
                yield f"{_ADAMW}{number}.{entry}", tensor
        yield f"{_RANDOM}cpu", torch.get_rng_state()
        if torch.cuda.is_available():
            yield f"{_RANDOM}cuda", torch.cuda.get_rng_state()

    def _check(self, tensors: Mapping[str, Tensor]) -> None:
        found = {name: tensor.shape for name, tensor in tensors.items()}
        # AdamW has no moments before its first step
        wanted = {name: tensor.shape for name, tensor in self._tensors()}
        moments = {name for name in found if name.startswith(_ADAMW)}
        if {name: shape for name, shape in found.items() if name not in moments} != wanted:
            raise ValueError("tensors of another network")
        parameters = [p for g in self._net.optimizer_.param_groups for p in g["params"]]
        for name in moments:
            number, _, entry = name.removeprefix(_ADAMW).partition(".")
            shape = torch.Size() if entry == "step" else parameters[int(number)].shape
            if found[name] != shape:
                raise ValueError("moments of another network")

    def _restore_adamw(self, moments: Mapping[str, Tensor]) -> None:
        optimizer = self._net.optimizer_
        entries: dict[int, dict[str, Tensor]] = {}
        for name, tensor in moments.items():
            number, _, entry = name.partition(".")
            # what was read may lie in the file itself
            entries.setdefault(int(number), {})[entry] = tensor.clone()
        optimizer.load_state_dict({**optimizer.state_dict(), "state": entries})

    def _restore_rates(self, step: int) -> None:
        scheduler = self._rates.lr_scheduler_
        scheduler.load_state_dict(
            {**scheduler.state_dict(), "last_epoch": step, "_step_count": step + 1}
        )
        factors = [factor(step) for factor in scheduler.lr_lambdas]
        groups = self._net.optimizer_.param_groups
        for group, base, factor in zip(groups, scheduler.base_lrs, factors, strict=True):
            group["lr"] = base * factor


class Checkpointing(Callback):  # type: ignore[misc]
    """Writes a checkpoint after each pass and, inside a pass, when one is due.

    It has to stand behind the callbacks whose state it keeps.

    Parameters
    ----------
    checkpoints
        Where to.
    size
        Batches of one pass.
    step_count
        Steps of the whole fit.
    """

    def __init__(self, checkpoints: Checkpoints, size: int, step_count: int) -> None:
        self.checkpoints = checkpoints
        self.size = size
        self.step_count = step_count
        self.step = 0
        self.state: FitState | None = None
        self.random: dict[str, Tensor] = {}

    def start(self, state: FitState, facts: object) -> int:
        """Begin the fit, or go on with it: give the number of steps that are done."""
        self.state = state
        kept = self.checkpoints.begin({"steps": self.step_count, "facts": facts})
        if kept is None:
            return 0
        try:
            state.restore(kept)
        except (ValueError, IndexError) as error:
            self.checkpoints.refuse(str(error))
            return 0
        self.random = _below(kept.tensors, _RANDOM)
        self.step = kept.step
        self.checkpoints.resume(kept)
        return kept.step

    def on_epoch_begin(self, net: Any, **_: object) -> None:  # noqa: ANN401 - skorch's
        """Put the random numbers back, where the fit goes on with a whole pass.

        The loader draws one at the beginning of a pass.
        """
        if self.step % self.size == 0:
            self._restore_random()

    def on_batch_begin(self, net: Any, **_: object) -> None:  # noqa: ANN401 - skorch's
        """Put the random numbers back, where the fit goes on inside a pass."""
        self._restore_random()

    def on_batch_end(self, net: Any, **_: object) -> None:  # noqa: ANN401 - skorch's
        """Count the step, and write if it is time."""
        self.step += 1
        if self.state is not None and (self.step % self.size == 0 or self.checkpoints.is_due()):
            self.checkpoints.write(self.state.gather(self.step, self.step_count))

    def _restore_random(self) -> None:
        if "cpu" in self.random:
            torch.set_rng_state(self.random["cpu"])
        if "cuda" in self.random:
            torch.cuda.set_rng_state(self.random["cuda"])
        self.random = {}


def _below(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in tensors.items()
        if name.startswith(prefix)
    }
