"""The network over packed markers: one reading of a text, one answer for each of its pairs."""

from collections.abc import Sequence
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
from alliance_stance.models.encoder_training import Batch
from alliance_stance.models.packed_reading import READINGS
from alliance_stance.models.packing import PADDING, POOLS, TEXT, Pack


class PackedInputs:
    """Packs: one item each, with a row for every pair.

    Parameters
    ----------
    packs
        What is read.
    padding_id
        What shorter ones are filled up with.
    """

    def __init__(self, packs: Sequence[Pack], padding_id: int) -> None:
        self._packs = packs
        self._padding_id = padding_id
        self.lengths: Sequence[int] = [len(pack) for pack in packs]

    def rows(self, positions: Sequence[int]) -> list[int]:
        """Give the rows of the packs' pairs."""
        return [group.row for position in positions for group in self._packs[position].groups]

    def collate(self, positions: Sequence[int]) -> Batch:
        """Give what `PackedNetwork.forward` takes; pairs keep the order of packs and groups."""
        packs = [self._packs[position] for position in positions]
        width = max(len(pack) for pack in packs)
        ids = torch.full((len(packs), width), self._padding_id)
        places = torch.zeros((len(packs), width), dtype=torch.long)
        groups = torch.full((len(packs), width), PADDING)
        pooled: list[list[list[int]]] = []
        for row, pack in enumerate(packs):
            ids[row, : len(pack)] = torch.tensor(pack.ids)
            places[row, : len(pack)] = torch.tensor(pack.positions)
            groups[row, : len(pack)] = torch.tensor(pack.group_numbers)
            pooled += pack.pooled(row * width)
        return Batch((ids, places, groups, _averages(pooled, len(packs) * width)), len(pooled))


def _averages(pooled: list[list[list[int]]], token_count: int) -> Tensor:
    """Give a row of weights, summing to 1 or all 0, for each pool of each pair."""
    weights = torch.zeros(len(pooled), POOLS, token_count)
    for pair, pools in enumerate(pooled):
        for pool, places in enumerate(pools):
            if places:
                weights[pair, pool, places] = 1 / len(places)
    return weights


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
        super().__init__(encoder, POOLS, dropout)

    def forward(self, ids: Tensor, positions: Tensor, groups: Tensor, pools: Tensor) -> Tensor:
        """Give logits for b texts of at most t tokens that have p pairs in all.

        Parameters
        ----------
        ids, positions
            Token ids and their positions, shape (b, t).
        groups
            Shape (b, t): 0 for text, k for the markers of a text's k-th pair, -1 for padding.
        pools
            Shape (p, 4, b * t): what each pair's four pooled states average over all tokens: the
            text, the judging token, the marks of the state, those of the alliance; zeros where
            there is none.

        Returns
        -------
        Tensor
            Shape (p, 14).
        """
        read = READINGS[self.encoder.config.model_type]
        states = read(self.encoder, ids, positions, attention_bias(groups))
        flat = states.reshape(-1, states.shape[-1]).to(pools.dtype)
        pooled = torch.matmul(pools, flat).flatten(1)
        logits: Tensor = self.head(pooled)
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
    pretrained = pretrained_encoder(encoder, tokenizer.vocabulary_size)
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
