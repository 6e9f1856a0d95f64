"""What is done beside the steps of an encoder's fit: averaging, a bar, telling who watches."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import torch
from skorch import NeuralNet
from skorch.callbacks import Callback
from torch import Tensor
from torch.optim.swa_utils import AveragedModel

if TYPE_CHECKING:
    from alliance_stance.models.encoder import EncoderModel

_WARM_UP = 10
"""After n steps the mean keeps (1 + n) / (10 + n) of itself at most, as in TensorFlow's average."""


class Averaging(Callback):  # type: ignore[misc]
    """Keeps a running mean of the weights, and leaves it in the network at the end.

    The mean forgets by a constant factor (Polyak and Juditsky 1992; as exponential moving average
    in Tarvainen and Valpola 2017), and at first faster, so that a fit of few steps keeps nothing of
    its start.
    """

    def __init__(self, decay: float) -> None:
        self.decay = decay
        self.mean: AveragedModel | None = None

    def on_train_begin(self, net: NeuralNet, **_: object) -> None:
        """Begin a mean."""
        self.mean = AveragedModel(net.module_, multi_avg_fn=self._update)

    def on_batch_end(self, net: NeuralNet, training: bool = False, **_: object) -> None:
        """Add the weights after a step."""
        if training and self.mean is not None:
            self.mean.update_parameters(net.module_)

    def on_train_end(self, net: NeuralNet, **_: object) -> None:
        """Put the mean in the place of the weights."""
        if self.mean is not None:
            net.module_.load_state_dict(self.mean.module.state_dict())
            self.mean = None

    @contextmanager
    def put_in_place(self, net: NeuralNet) -> Iterator[None]:
        """Let the network have the mean inside the block, and its own weights again behind it."""
        if self.mean is None:
            yield
            return
        own = {name: tensor.clone() for name, tensor in net.module_.state_dict().items()}
        net.module_.load_state_dict(self.mean.module.state_dict())
        try:
            yield
        finally:
            net.module_.load_state_dict(own)

    @torch.no_grad()
    def _update(
        self, means: Sequence[Tensor], weights: Sequence[Tensor], step_count: Tensor | int
    ) -> None:
        """Move the means toward the weights after a step; `step_count` is of those before it."""
        forget = 1.0 - min(self.decay, (1 + int(step_count)) / (_WARM_UP + int(step_count)))
        for mean, weight in zip(means, weights, strict=True):
            mean.lerp_(weight, forget)


class ProgressBar(Callback):  # type: ignore[misc]
    """A progress bar over all epochs, on standard error."""

    def __init__(self, batches: int) -> None:
        self.batches = batches
        self.progress: Any = None
        self.task: Any = None

    def on_train_begin(self, net: NeuralNet, **_: object) -> None:
        """Show the bar."""
        from rich.console import Console
        from rich.progress import Progress

        self.progress = Progress(console=Console(stderr=True), transient=True)
        self.task = self.progress.add_task("fitting the encoder", total=self.batches)
        self.progress.start()

    def go_on(self, done: int) -> None:
        """Begin with so many batches done."""
        if self.progress is not None:
            self.progress.update(self.task, completed=done)

    def on_batch_end(self, net: NeuralNet, training: bool = False, **_: object) -> None:
        """Count the batch."""
        self.progress.advance(self.task)

    def stop(self) -> None:
        """Take the bar away, however the training ended."""
        if self.progress is not None:
            self.progress.stop()


class AfterEpoch(Callback):  # type: ignore[misc]
    """Tell whoever watches the model that a pass is done, with the weights that would be kept.

    Parameters
    ----------
    model
        Whose `on_epoch` is called.
    averaging
        Keeps the running mean of the weights; None where the last ones are kept.
    """

    def __init__(self, model: "EncoderModel", averaging: Averaging | None) -> None:
        self.model = model
        self.averaging = averaging
        self.passes_before = 0

    def on_epoch_end(self, net: NeuralNet, **_: object) -> None:
        """Tell it, with the number of all passes."""
        if self.model.on_epoch is None:
            return
        with nullcontext() if self.averaging is None else self.averaging.put_in_place(net):
            self.model.on_epoch(self.model, self.passes_before + len(net.history))
