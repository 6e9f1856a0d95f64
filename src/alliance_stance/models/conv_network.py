"""The network: convolutions over embeddings and distances, pooled by the pair's places."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from alliance_stance.schema import ACTS

_FAR = 1_000_000
"""Farther than any text is long: where there is no marker."""
_LOW = -1e4
_INPUT_DROPOUT = 0.1
_PIECES = 4


@dataclass(frozen=True, slots=True)
class ConvShape:
    """Sizes of a network; see `ConvSettings`."""

    vocabulary: int
    width: int
    filters: int
    layers: int
    kernel: int
    reach: int
    place_width: int


class ConvNetwork(nn.Module):
    """Gives act logits for a batch of marked candidates.

    Parameters
    ----------
    shape
        Its sizes.
    dropout
        Share of the pooled features that training drops.
    marker_ids
        Token ids of the judged state's and the judged alliance's markers.
    separator_id
        Token id that ends the context and the sentence.
    """

    def __init__(
        self, shape: ConvShape, dropout: float, marker_ids: tuple[int, int], separator_id: int
    ) -> None:
        super().__init__()
        self.reach = shape.reach
        self.marker_ids = marker_ids
        self.separator_id = separator_id
        self.temperature: Tensor
        self.register_buffer("temperature", torch.ones(()))
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.places = nn.ModuleList(
            # one for each distance to either side, and one for "nowhere"
            nn.Embedding(2 * shape.reach + 2, shape.place_width)
            for _ in marker_ids
        )
        width = shape.width + len(marker_ids) * shape.place_width
        self.convolutions = nn.ModuleList(
            nn.Conv1d(
                shape.filters if layer else width,
                shape.filters,
                shape.kernel,
                padding=(shape.kernel // 2) * 2**layer,
                dilation=2**layer,
            )
            for layer in range(shape.layers)
        )
        self.input_dropout = nn.Dropout(_INPUT_DROPOUT)
        self.head = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(_PIECES * shape.filters, len(ACTS))
        )

    def take_embeddings(self, embeddings: Tensor) -> None:
        """Start from embeddings of shape (vocabulary, width)."""
        with torch.no_grad():
            self.embedding.weight.copy_(embeddings)

    def forward(self, ids: Tensor, attention: Tensor) -> Tensor:
        """Give logits of shape (batch, 14) for ids and attention of shape (batch, tokens)."""
        distances = [signed_distances(ids == marker) for marker in self.marker_ids]
        parts = [self.embedding(ids)]
        parts += [embed(self._bins(own)) for embed, own in zip(self.places, distances, strict=True)]
        features = self.input_dropout(torch.cat(parts, dim=2)) * attention.unsqueeze(-1)
        features = features.transpose(1, 2)
        for layer, convolution in enumerate(self.convolutions):
            found = torch.relu(convolution(features)) * attention.unsqueeze(1)
            features = found if layer == 0 else features + found
        sentence = sentence_tokens(ids, self.separator_id) & (attention > 0)
        pieces = cut_pieces(sentence, attention > 0, distances)
        logits: Tensor = self.head(torch.cat([_peaks(features, piece) for piece in pieces], dim=1))
        return logits

    def _bins(self, distances: Tensor) -> Tensor:
        near = distances.clamp(-self.reach, self.reach) + self.reach
        nowhere = torch.full_like(near, 2 * self.reach + 1)
        return torch.where(distances.abs() < _FAR // 2, near, nowhere)


def signed_distances(is_marker: Tensor) -> Tensor:
    """Give each token's distance to the nearest marker, negative before it; shape (batch, tokens).

    Examples
    --------
    >>> signed_distances(torch.tensor([[False, True, False, False, False, True]])).tolist()
    [[-1, 0, 1, 2, -1, 0]]
    """
    places = torch.arange(is_marker.shape[1], device=is_marker.device)
    last = torch.where(is_marker, places, -_FAR).cummax(dim=1).values
    following = torch.where(is_marker, places, _FAR).flip(1).cummin(dim=1).values.flip(1)
    return torch.where(places - last <= following - places, places - last, places - following)


def sentence_tokens(ids: Tensor, separator_id: int) -> Tensor:
    """Say which tokens stand between the two separators; boolean, shape (batch, tokens)."""
    is_separator = ids == separator_id
    return (is_separator.cumsum(dim=1) == 1) & ~is_separator


def cut_pieces(sentence: Tensor, text: Tensor, distances: list[Tensor]) -> list[Tensor]:
    """Cut texts into before, between and behind the pair, and all that is not of the sentence.

    The pair is the sentence's first marker of the alliance and the marker of the state that is
    nearest to it. Where one of the two is missing, the other stands for both; where both are, the
    whole sentence lies between. The markers belong to both pieces that they part.

    Parameters
    ----------
    sentence, text
        Which tokens are of the sentence, and of the input at all; boolean, (batch, tokens).
    distances
        To the state and to the alliance, as `signed_distances` gives them.

    Returns
    -------
    list
        Four boolean tensors of shape (batch, tokens).
    """
    places = torch.arange(sentence.shape[1], device=sentence.device)
    to_state, to_alliance = distances
    alliance = _first(sentence & (to_alliance == 0), places)
    first_state = _first(sentence & (to_state == 0), places)
    at_alliance = alliance.clamp(max=sentence.shape[1] - 1)
    nearest = alliance - to_state.gather(1, at_alliance)
    # the nearest one may stand in the context
    is_inside = sentence.gather(1, nearest.clamp(0, sentence.shape[1] - 1)) & (nearest >= 0)
    is_inside &= nearest < sentence.shape[1]
    state = torch.where((alliance < _FAR) & is_inside, nearest, first_state)
    low = torch.minimum(alliance, state)
    high = torch.maximum(
        torch.where(alliance < _FAR, alliance, state), torch.where(state < _FAR, state, alliance)
    )
    is_without = low >= _FAR
    between = sentence & (((places >= low) & (places <= high)) | is_without)
    before = sentence & (places <= low) & ~is_without
    behind = sentence & (places >= high) & ~is_without
    return [before, between, behind, text & ~sentence]


def _first(is_there: Tensor, places: Tensor) -> Tensor:
    return torch.where(is_there, places, _FAR).amin(dim=1, keepdim=True)


def _peaks(features: Tensor, piece: Tensor) -> Tensor:
    """Give the largest value of each feature in a piece; zeros where the piece is empty."""
    peaks = features.masked_fill(~piece.unsqueeze(1), _LOW).amax(dim=2)
    return torch.where(piece.any(dim=1, keepdim=True), peaks, torch.zeros_like(peaks))
