"""The network: an encoder, the states of the judged pair's markers, and a head over the acts."""

import copy
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PretrainedConfig, PreTrainedModel

from alliance_stance.errors import UnfitError
from alliance_stance.models.architecture import read_architecture
from alliance_stance.models.encoder_source import loading, resolve_encoder, resolve_revision
from alliance_stance.models.encoder_text import PairTokenizer
from alliance_stance.schema import ACTS

TRAINING_ATTENTION = "eager"
SCORING_ATTENTION = "sdpa"
"""PyTorch's fused attention: the faster one where nothing is fitted."""
_ATTENTION_DROPOUTS = ("attention_probs_dropout_prob", "attention_dropout")
"""What architectures call the share of attention that training drops (DistilBERT: the second)."""


class ActNetwork(nn.Module):
    """An encoder, and a head that gives act logits for what is pooled of the encoder's states.

    Parameters
    ----------
    encoder
        A BERT-like encoder.
    pools
        How many pooled states the head reads, one behind the other.
    dropout
        Share of the head's inputs that training drops.
    """

    def __init__(self, encoder: PreTrainedModel, pools: int, dropout: float) -> None:
        super().__init__()
        width = int(encoder.config.hidden_size)
        self.encoder = encoder
        self.temperature: Tensor
        self.register_buffer("temperature", torch.ones(()))
        self.prior_shift: Tensor
        self.register_buffer("prior_shift", torch.zeros(len(ACTS)))
        self.head = nn.Sequential(
            nn.Dropout(dropout),
            nn.Linear(pools * width, width),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(width, len(ACTS)),
        )


class PairNetwork(ActNetwork):
    """Gives act logits for a batch of marked candidates.

    The head reads the mean over all tokens, and the means over the tokens of the judged state
    and of the judged alliance (zero where one is not in the text).

    Parameters
    ----------
    encoder
        A BERT-like encoder.
    dropout
        Share of the head's inputs that training drops.
    marker_ids
        Token ids of the judged state's and the judged alliance's markers.
    """

    def __init__(
        self, encoder: PreTrainedModel, dropout: float, marker_ids: tuple[int, int]
    ) -> None:
        super().__init__(encoder, 1 + len(marker_ids), dropout)
        self.marker_ids = marker_ids

    def forward(self, ids: Tensor, attention: Tensor) -> Tensor:
        """Give logits of shape (batch, 14) for ids and attention of shape (batch, tokens)."""
        states = self.encoder(input_ids=ids, attention_mask=attention).last_hidden_state
        pooled = [_mean(states, attention)]
        pooled += [_mean(states, (ids == marker).to(attention.dtype)) for marker in self.marker_ids]
        logits: Tensor = self.head(torch.cat(pooled, dim=1))
        return logits


def _mean(states: Tensor, weights: Tensor) -> Tensor:
    expanded = weights.unsqueeze(-1).to(states.dtype)
    return (states * expanded).sum(dim=1) / expanded.sum(dim=1).clamp(min=1.0)


def build_network(
    encoder: str, dropout: float, tokenizer: PairTokenizer, *, seed: int
) -> PairNetwork:
    """Load an encoder's weights and put a fresh head on it."""
    torch.manual_seed(seed)
    return PairNetwork(pretrained_encoder(encoder, tokenizer), dropout, tokenizer.judged_ids)


def read_config(encoder: str) -> PretrainedConfig:
    """Read an encoder's architecture, without its weights."""
    source, revision = resolve_encoder(encoder), resolve_revision(encoder)
    with loading(encoder):
        config: PretrainedConfig = AutoConfig.from_pretrained(
            source, revision=revision, trust_remote_code=False
        )
    return config


def pretrained_encoder(encoder: str, tokenizer: PairTokenizer) -> PreTrainedModel:
    """Load an encoder with its weights, ready to be trained, with an embedding for every token."""
    source, revision = resolve_encoder(encoder), resolve_revision(encoder)
    config = read_config(encoder)
    with loading(encoder):
        # measured on a CPU: plain attention without dropout trains a fifth faster than the fused
        for name in _ATTENTION_DROPOUTS:
            if hasattr(config, name):
                setattr(config, name, 0.0)
        pretrained: PreTrainedModel = AutoModel.from_pretrained(
            source,
            revision=revision,
            config=config,
            attn_implementation=TRAINING_ATTENTION,
            # weights in any other form could run code
            use_safetensors=True,
            trust_remote_code=False,
        )
    check_places(encoder, pretrained, tokenizer.max_tokens)
    if tokenizer.kept_ids is not None:
        _keep_tokens(pretrained, tokenizer.kept_ids)
    elif tokenizer.vocabulary_size > pretrained.config.vocab_size:
        pretrained.resize_token_embeddings(tokenizer.vocabulary_size)
    return pretrained


def check_places(encoder: str, pretrained: PreTrainedModel, max_tokens: int) -> None:
    """Refuse longer texts than an encoder has positions for; some have no end.

    Raises
    ------
    UnfitError
        Telling how many it has.
    """
    places = getattr(getattr(pretrained, "embeddings", None), "position_embeddings", None)
    if not isinstance(places, nn.Embedding):
        return
    # RoBERTa's family counts from behind the padding's own
    most = places.num_embeddings - (0 if places.padding_idx is None else places.padding_idx + 1)
    if max_tokens > most:
        raise UnfitError(
            f"encoder {encoder}", f"max_tokens {max_tokens}", f"{most} at most, its positions",
            "lower it, or choose another encoder",
        )  # fmt: skip


def ready_to_train(network: ActNetwork, dropout: float) -> ActNetwork:
    """Give a copy of a fitted network as one that is to be fitted: not calibrated, plain attention.

    Parameters
    ----------
    network
        Stays as it is.
    dropout
        Share of the head's inputs that training drops.
    """
    again = copy.deepcopy(network).train()
    again.temperature.fill_(1.0)
    again.prior_shift.zero_()
    for module in again.head:
        if isinstance(module, nn.Dropout):
            module.p = dropout
    if again.encoder._supports_sdpa:
        again.encoder.set_attn_implementation(TRAINING_ATTENTION)
    return again


def copy_weights(network: nn.Module) -> dict[str, Tensor]:
    """Give a copy of the weights as they are, for `mix_weights`."""
    # on the processor, where a fit leaves its network
    return {name: tensor.detach().cpu().clone() for name, tensor in network.state_dict().items()}


def mix_weights(network: nn.Module, start: dict[str, Tensor], share: float) -> None:
    """Pull fitted weights back toward those that the fit began with, in place.

    The mean of both is often better than either, most of all on text unlike that of the fit, and
    costs no more to score (Izmailov et al. 2018, "Averaging weights leads to wider optima and
    better generalization"; Wortsman et al. 2022, "Robust fine-tuning of zero-shot models").

    Parameters
    ----------
    network
        Fitted.
    start
        From `copy_weights`, before the fit.
    share
        Of the start in each mean, in [0, 1]. Whole numbers, which count, stay those of the fit.
    """
    with torch.no_grad():
        for name, own in network.state_dict().items():
            if own.is_floating_point():
                own.lerp_(start[name], share)


def _keep_tokens(encoder: PreTrainedModel, kept_ids: list[int]) -> None:
    """Leave an encoder the embeddings of some tokens, in this order."""
    if max(kept_ids) >= encoder.config.vocab_size:
        encoder.resize_token_embeddings(max(kept_ids) + 1)
    kept = encoder.get_input_embeddings().weight.detach()[kept_ids].clone()
    embeddings = encoder.resize_token_embeddings(len(kept_ids))
    with torch.no_grad():
        embeddings.weight.copy_(kept)


def empty_network(
    architecture: dict[str, Any], dropout: float, marker_ids: tuple[int, int]
) -> PairNetwork:
    """Build a network of a saved architecture, for weights to be read into.

    The architecture is one of the classes that `transformers` itself has; code that a model
    brings along is never run.
    """
    return PairNetwork(empty_encoder(architecture), dropout, marker_ids)


def empty_encoder(architecture: dict[str, Any]) -> PreTrainedModel:
    """Build an encoder of a saved architecture, without its weights.

    Raises
    ------
    ValueError
        If the architecture is of no known kind, or a setting is absurd.
    """
    config = read_architecture(architecture)
    encoder: PreTrainedModel = AutoModel.from_config(config, trust_remote_code=False)
    use_scoring_attention(encoder)
    return encoder


def use_scoring_attention(encoder: PreTrainedModel) -> None:
    """Change to the attention that scores fastest, where an architecture has it."""
    # an architecture without it warns and cannot be changed (MPNet with its relative positions)
    if encoder._supports_sdpa:
        encoder.set_attn_implementation(SCORING_ATTENTION)
