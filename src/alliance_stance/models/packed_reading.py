"""How each architecture reads tokens whose positions are given: one function each, one table."""

from collections.abc import Callable

from torch import Tensor
from transformers import PreTrainedModel

Reading = Callable[[PreTrainedModel, Tensor, Tensor, Tensor], Tensor]
"""Takes an encoder, token ids and positions of shape (b, t) and what is added to attention scores,
of shape (b, 1, t, t); gives states of shape (b, t, width)."""


def read_from_zero(
    encoder: PreTrainedModel, ids: Tensor, positions: Tensor, bias: Tensor
) -> Tensor:
    """Read with positions that count from zero."""
    states: Tensor = encoder(
        input_ids=ids, position_ids=positions, attention_mask=bias
    ).last_hidden_state
    return states


def read_after_padding(
    encoder: PreTrainedModel, ids: Tensor, positions: Tensor, bias: Tensor
) -> Tensor:
    """Read with positions that count from behind the padding's own."""
    return read_from_zero(encoder, ids, positions + encoder.config.pad_token_id + 1, bias)


def read_relative(encoder: PreTrainedModel, ids: Tensor, positions: Tensor, bias: Tensor) -> Tensor:
    """Read with positions that are also relative ones, as MPNet has them.

    `transformers` computes the relative ones from the order of the tokens, so its layers are
    called one by one with those of the given positions.
    """
    layers = encoder.encoder
    offset = encoder.embeddings.padding_idx + 1
    states: Tensor = encoder.embeddings(input_ids=ids, position_ids=positions + offset)
    buckets = layers.relative_position_bucket(
        positions[:, None, :] - positions[:, :, None],
        num_buckets=encoder.config.relative_attention_num_buckets,
    )
    relative = layers.relative_attention_bias(buckets).permute(0, 3, 1, 2)
    for layer in layers.layer:
        states = layer(states, bias, relative)[0]
    return states


READINGS: dict[str, Reading] = {
    "bert": read_from_zero,
    "electra": read_from_zero,
    "roberta": read_after_padding,
    "xlm-roberta": read_after_padding,
    "mpnet": read_relative,
}
"""By the architecture's name in `transformers`."""
