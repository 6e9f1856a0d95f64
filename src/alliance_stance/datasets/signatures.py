"""Signatures of sentences: what near-duplicates are looked up by.

MinHash (Broder 1997, "On the resemblance and containment of documents"); the library is datasketch.
"""

import re
from collections.abc import Sequence

import numpy as np
from datasketch import MinHash
from numpy.typing import NDArray

_WORD = re.compile(r"\w+")
_SHINGLE = 3
_SEED = 1
_SCHEME = "affine32"
PERMUTATIONS = 64

Signature = NDArray[np.uint32]


def sign_sentences(sentences: Sequence[str]) -> list[Signature]:
    """Give the MinHash signature of each sentence's shingles, of shape (64,)."""
    shingles = [[shingle.encode() for shingle in shingles_of(text)] for text in sentences]
    hashed = MinHash.bulk(shingles, num_perm=PERMUTATIONS, seed=_SEED, scheme=_SCHEME)
    return [np.asarray(minhash.hashvalues, dtype=np.uint32) for minhash in hashed]


def shingles_of(sentence: str) -> frozenset[str]:
    """Give the word 3-grams of a sentence without regard to case; a shorter one is one shingle.

    Examples
    --------
    >>> sorted(shingles_of("We left the pact."))
    ['left the pact', 'we left the']
    """
    words = _WORD.findall(sentence.casefold())
    last = max(1, len(words) - _SHINGLE + 1)
    return frozenset(" ".join(words[start : start + _SHINGLE]) for start in range(last))


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Give the share of two sets' members that both have; neither may be empty."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)
