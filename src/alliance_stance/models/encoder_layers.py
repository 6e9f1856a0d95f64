"""Which layers of an encoder are kept, and which of them are fitted."""

import numpy as np
from torch import nn
from transformers import PretrainedConfig, PreTrainedModel

from alliance_stance.errors import UnfitError


def fit_upper_layers(encoder: PreTrainedModel, frozen: int) -> None:
    """Let all but the lowest layers be fitted, or everything.

    What lies below the first layer that is fitted needs no gradients, so that a step takes less
    time. Lower layers hold what is common to many tasks, and change least in a fit (Lee, Tang and
    Lin 2019, "What would Elsa do? Freezing layers during Transformer fine-tuning").

    Parameters
    ----------
    encoder
        Changed in place.
    frozen
        How many layers stay as they are, from the lowest on. Where there are some, so does all
        that is in no layer, such as embeddings and position biases that layers share, but for a
        norm behind the last one.

    Raises
    ------
    UnfitError
        If no layer would be left to fit.
    """
    for weight in encoder.parameters():
        weight.requires_grad_(not frozen)
    if not frozen:
        return
    check_layers(encoder.config, None, frozen)
    layers = _layers(encoder)
    # ModernBERT has a norm behind its layers
    norms = [part for name, part in encoder.named_children() if name.endswith("norm")]
    for part in (*layers[frozen:], *norms):
        for weight in part.parameters():
            weight.requires_grad_(True)


def check_layers(config: PretrainedConfig, kept: int | None, frozen: int) -> None:
    """Refuse settings that leave an encoder none of its layers to fit, or want more, or of none.

    Raises
    ------
    UnfitError
        Naming the setting.
    """
    count = config.num_hidden_layers
    # ALBERT's
    if hasattr(config, "num_hidden_groups"):
        raise UnfitError(
            "frozen_layers" if kept is None else "kept_layers",
            "an encoder whose layers share their weights", "one whose layers have their own",
            "leave it out, or choose another encoder",
        )  # fmt: skip
    if kept is not None and kept > count:
        raise UnfitError(
            "kept_layers", f"{kept}, and an encoder of {count}", f"{count} at most",
            "lower it, or leave it out to keep all",
        )  # fmt: skip
    if frozen >= count:
        raise UnfitError(
            "frozen_layers", f"{frozen} of the {count} layers of this encoder",
            "at least one layer that is fitted", "lower it, or use 'kind: frozen'",
        )  # fmt: skip


def keep_layers(encoder: PreTrainedModel, count: int) -> None:
    """Leave an encoder fewer layers, evenly spread from the lowest to the highest.

    What is left begins nearer to its end than new layers would, and time falls with the layers
    (Sanh et al. 2019, "DistilBERT, a distilled version of BERT", section 3).

    Parameters
    ----------
    encoder
        Changed in place; left as it is where it has as many.
    count
        How many are left.

    Raises
    ------
    UnfitError
        If it has fewer, or layers that share their weights.
    """
    check_layers(encoder.config, count, 0)
    layers = _layers(encoder)
    kept = np.linspace(0, len(layers) - 1, count).round().astype(int).tolist()
    for place in sorted(set(range(len(layers))) - set(kept), reverse=True):
        del layers[place]
    config = encoder.config
    config.num_hidden_layers = count
    # ModernBERT's layers look near or far by turns
    if getattr(config, "layer_types", None):
        config.layer_types = [config.layer_types[place] for place in kept]


def _layers(encoder: PreTrainedModel) -> nn.ModuleList:
    """Find the stack of layers."""
    count = encoder.config.num_hidden_layers
    for module in encoder.modules():
        if isinstance(module, nn.ModuleList) and len(module) == count:
            return module
    raise UnfitError(
        f"encoder {type(encoder).__name__}", f"no stack of {count} layers", "one, as BERT has",
        "leave kept_layers and frozen_layers out, or choose another encoder",
    )  # fmt: skip
