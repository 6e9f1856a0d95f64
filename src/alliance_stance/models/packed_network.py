"""The network over packed markers: one reading of a text, one answer for each of its pairs."""

from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from alliance_stance.errors import ConfigError
from alliance_stance.models.encoder_network import (
    ActNetwork,
    empty_encoder,
    pretrained_encoder,
)
from alliance_stance.models.encoder_text import PairTokenizer
from alliance_stance.models.packed_reading import READINGS
from alliance_stance.models.packing import POOLED_ROLES, TEXT


class PackedNetwork(ActNetwork):
    """Gives act logits for every pair of a batch of packs.

    Parameters
    ----------
    encoder
        A BERT-like encoder that takes positions and a mask of shape (b, 1, t, t).
    dropout
        Share of the head's inputs that training drops.
    """

    def __init__(self, encoder: PreTrainedModel, dropout: float) -> None:
        super().__init__(encoder, 1 + POOLED_ROLES, dropout)

    def forward(
        self,
        ids: Tensor,
        positions: Tensor,
        groups: Tensor,
        texts: Tensor,
        places: Tensor,
        pools: Tensor,
    ) -> Tensor:
        """Give logits for b texts of at most t tokens that have p pairs and k markers in all.

        Parameters
        ----------
        ids, positions
            Token ids and their positions, shape (b, t).
        groups
            Shape (b, t): 0 for text, k for the markers of a text's k-th pair, -1 for padding.
        texts
            Shape (p,): the text of each pair.
        places
            Shape (k,): where each marker stands among all b * t tokens.
        pools
            Shape (k,): three times its pair, and its role.

        Returns
        -------
        Tensor
            Shape (p, 14).
        """
        read = READINGS[self.encoder.config.model_type]
        states = read(self.encoder, ids, positions, attention_bias(groups)).float()
        width = states.shape[-1]
        is_text = (groups == TEXT).unsqueeze(-1).to(states.dtype)
        means = (states * is_text).sum(dim=1) / is_text.sum(dim=1)
        marked = states.reshape(-1, width)[places]
        # sums by index take time by the markers that there are, and memory by the pairs
        sums = states.new_zeros(POOLED_ROLES * texts.shape[0], width)
        counts = states.new_zeros(POOLED_ROLES * texts.shape[0], 1)
        sums = sums.index_add(0, pools, marked)
        counts = counts.index_add(0, pools, states.new_ones(pools.shape[0], 1))
        roles = (sums / counts.clamp(min=1.0)).reshape(texts.shape[0], POOLED_ROLES * width)
        # what a contrastive loss compares
        self.pair_states = torch.cat([means[texts], roles], dim=1)
        logits: Tensor = self.head(self.pair_states)
        return logits


def attention_bias(groups: Tensor) -> Tensor:
    """Give what is added to attention scores, of shape (b, 1, t, t): 0 where one may look.

    Everything looks at the text, and the markers of a pair at each other.
    """
    is_text = (groups == TEXT)[:, None, :]
    is_own = (groups[:, :, None] == groups[:, None, :]) & (groups > TEXT)[:, :, None]
    allowed = (is_text | is_own).unsqueeze(1)
    return torch.zeros(allowed.shape, device=groups.device).masked_fill(~allowed, -1e4)


def build_packed_network(
    encoder: str, dropout: float, tokenizer: PairTokenizer, *, seed: int
) -> PackedNetwork:
    """Load an encoder's weights and put a fresh head on it.

    Raises
    ------
    ConfigError
        If a token cannot be given a position in this encoder.
    """
    torch.manual_seed(seed)
    pretrained = pretrained_encoder(encoder, tokenizer)
    if pretrained.config.model_type not in READINGS:
        raise ConfigError(
            f"encoder {encoder}",
            f"the architecture {pretrained.config.model_type}",
            f"one of {', '.join(READINGS)}, whose positions can be given",
            "use 'kind: encoder' with it, or choose another encoder",
        )
    return PackedNetwork(pretrained, dropout)


def empty_packed_network(architecture: dict[str, Any], dropout: float) -> PackedNetwork:
    """Build a network of a saved architecture, for weights to be read into."""
    return PackedNetwork(empty_encoder(architecture), dropout)
