"""What a request may ask for."""

from dataclasses import dataclass

from alliance_stance.inference.predictor import Bounds


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of what one server takes on; each is told to whoever goes beyond it.

    Parameters
    ----------
    body_bytes
        Of one request, headers not counted.
    documents
        Documents and ready examples of one request.
    characters
        Of one text, and of one context.
    title_characters
        Of one title.
    pairs
        Pairs of one request that a model has to judge.
    read_characters
        Characters of the sentences and contexts of these pairs, counted for each pair.
    waiting
        Requests whose texts are being judged or wait for it; further ones are turned away.
    seconds
        From the first byte of a body to its last, and again from there to the answer.
    """

    body_bytes: int = 2_000_000
    documents: int = 64
    characters: int = 200_000
    title_characters: int = 2_000
    pairs: int = 2_000
    read_characters: int = 4_000_000
    waiting: int = 32
    seconds: float = 30.0

    @property
    def bounds(self) -> Bounds:
        """What a predictor is told of them."""
        return Bounds(self.pairs, self.read_characters)
