"""Pooled states of an encoder that is not trained."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from transformers import AutoModel

from alliance_stance.errors import ConfigError
from alliance_stance.models.bf16 import autocast
from alliance_stance.models.encoder_network import (
    PairNetwork,
    check_places,
    use_scoring_attention,
)
from alliance_stance.models.encoder_source import loading, resolve_encoder, resolve_revision
from alliance_stance.models.encoder_text import PairTokenizer
from alliance_stance.models.encoder_training import use_threads

_BATCH = 64


class StateReader:
    """Turns token ids into what `PairNetwork` gives its head.

    Parameters
    ----------
    encoder
        As `encoder_source.resolve_encoder` takes it.
    tokenizer
        That wrote the ids.
    may_fetch
        Whether an encoder with a hub name may be fetched; one that a saved model names must be
        here already, so that opening a model asks no network for anything.

    Raises
    ------
    ConfigError
        If the encoder cannot be loaded, or has no embeddings for the markers.
    """

    def __init__(self, encoder: str, tokenizer: PairTokenizer, *, may_fetch: bool = True) -> None:
        with loading(encoder):
            pretrained = AutoModel.from_pretrained(
                resolve_encoder(encoder),
                revision=resolve_revision(encoder),
                # weights in any other form could run code
                use_safetensors=True,
                trust_remote_code=False,
                local_files_only=not may_fetch,
            )
        use_scoring_attention(pretrained)
        check_places(encoder, pretrained, tokenizer.max_tokens)
        if tokenizer.vocabulary_size > pretrained.get_input_embeddings().weight.shape[0]:
            raise ConfigError(
                f"encoder {encoder}", "no unused tokens that could be markers",
                "a vocabulary that has some, as BERT's and MPNet's",
                "choose another encoder, or a kind that trains its embeddings",
            )  # fmt: skip
        network = PairNetwork(pretrained, 0.0, tokenizer.judged_ids)
        # an empty head gives what it reads
        network.head = nn.Sequential()
        self._network = network.eval()
        self._padding_id = tokenizer.padding_id
        self.width = 3 * int(pretrained.config.hidden_size)
        """Numbers of a row of `read`."""

    @torch.inference_mode()
    def read(self, encoded: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Give pooled states of shape (n, 3 * width): all tokens, judged state, judged alliance.

        Equal ids are read once: masked sentences repeat, and pairs with nothing of theirs in the
        sentence are all alike.
        """
        use_threads()
        device = "cuda" if torch.cuda.is_available() else "cpu"
        self._network.to(device)
        contents = sorted({tuple(ids) for ids in encoded}, key=lambda ids: (len(ids), ids))
        pooled: list[NDArray[np.float32]] = []
        for start in range(0, len(contents), _BATCH):
            rows = [torch.tensor(ids) for ids in contents[start : start + _BATCH]]
            ids = nn.utils.rnn.pad_sequence(rows, True, self._padding_id).to(device)
            attention = (ids != self._padding_id).long()
            with autocast():
                states = self._network(ids, attention)
            pooled.append(states.float().cpu().numpy())
        places = {ids: place for place, ids in enumerate(contents)}
        states_of: NDArray[np.float32] = np.concatenate(pooled)
        return states_of[[places[tuple(ids)] for ids in encoded]]
