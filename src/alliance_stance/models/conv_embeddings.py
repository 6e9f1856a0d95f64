"""Static word-piece embeddings: the input embeddings of an encoder, made narrower."""

import torch
from torch import Tensor
from transformers import AutoModel

from alliance_stance.errors import UnfitError
from alliance_stance.models.encoder_source import loading, resolve_encoder, resolve_revision


def read_embeddings(encoder: str, width: int, size: int) -> Tensor:
    """Give the principal components of an encoder's input embeddings, of unit variance as a whole.

    Parameters
    ----------
    encoder
        As `encoder_source.resolve_encoder` takes it.
    width
        How many components are kept.
    size
        Tokens that need one. Those that the encoder has not, as markers may be, are drawn from a
        distribution like that of the others, with torch's own seed.

    Returns
    -------
    Tensor
        Shape (vocabulary, width).

    Raises
    ------
    ConfigError
        If the encoder cannot be loaded, or its embeddings are narrower than that.
    """
    with loading(encoder):
        pretrained = AutoModel.from_pretrained(
            resolve_encoder(encoder),
            revision=resolve_revision(encoder),
            # weights in any other form could run code
            use_safetensors=True,
            trust_remote_code=False,
        )
    if size > pretrained.get_input_embeddings().weight.shape[0]:
        pretrained.resize_token_embeddings(size)
    full: Tensor = pretrained.get_input_embeddings().weight.detach().float()
    if width > full.shape[1]:
        raise UnfitError(
            f"encoder {encoder}", f"embeddings of width {full.shape[1]}", f"{width} or more",
            "make 'width' smaller",
        )  # fmt: skip
    centered = full - full.mean(dim=0)
    # eigenvalues come in rising order
    _, directions = torch.linalg.eigh(centered.T @ centered)
    components: Tensor = centered @ directions[:, -width:]
    scaled: Tensor = components / components.std()
    return scaled
