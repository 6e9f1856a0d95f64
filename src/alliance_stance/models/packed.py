"""A BERT-like encoder that reads each sentence once and judges all its pairs.

As `EncoderModel`, but the pairs are marked behind the text (`packing`), so that a sentence of
five pairs costs little more than a sentence of one.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from alliance_stance.models.batches import Inputs, PackedInputs
from alliance_stance.models.encoder import EncoderModel, EncoderSettings
from alliance_stance.schema import Candidate

if TYPE_CHECKING:
    from alliance_stance.models.encoder_network import ActNetwork


class PackedEncoderSettings(EncoderSettings):
    """Settings of the encoder that reads a sentence once; `batch_size` counts sentences."""


class PackedEncoderModel(EncoderModel):
    """A fine-tuned encoder with packed markers; the parameters are those of `EncoderModel`."""

    def inputs(self, X: Sequence[Candidate]) -> Inputs:
        """Give candidates as the network reads them."""
        from alliance_stance.models.packing import PairPacker

        packer = PairPacker(
            self.tokenizer_, is_masked=self.masked, has_context=self.context,
            has_relation=self.relation,
        )  # fmt: skip
        return PackedInputs(packer.pack(X), self.tokenizer_.padding_id)

    def _new_network(self) -> "ActNetwork":
        from alliance_stance.models.packed_network import build_packed_network

        return build_packed_network(
            self.encoder, self.dropout, self.tokenizer_, seed=self.random_state
        )

    def _empty_network(self, architecture: dict[str, object]) -> "ActNetwork":
        from alliance_stance.models.packed_network import empty_packed_network

        return empty_packed_network(architecture, self.dropout)
