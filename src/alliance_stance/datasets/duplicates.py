"""Near-duplicate sentences of a corpus, found by MinHash and locality-sensitive hashing.

Broder 1997, "On the resemblance and containment of documents"; the library is datasketch. Agencies'
reports and standing phrases come again and again in a corpus, and would stand on two sides of a
split; the first one is kept.
"""

import re
from collections.abc import Sequence

import numpy as np
from datasketch import LeanMinHash, MinHash, MinHashLSH
from numpy.typing import NDArray

_WORD = re.compile(r"\w+")
_SHINGLE = 3
_SEED = 1
_SCHEME = "affine32"
PERMUTATIONS = 64

Signature = NDArray[np.uint32]


def sign_sentences(sentences: Sequence[str]) -> list[Signature]:
    """Give the MinHash signature of each sentence's word 3-grams: 64 numbers."""
    shingles = [_shingles(sentence) for sentence in sentences]
    hashed = MinHash.bulk(shingles, num_perm=PERMUTATIONS, seed=_SEED, scheme=_SCHEME)
    return [np.asarray(minhash.hashvalues, dtype=np.uint32) for minhash in hashed]


def _shingles(sentence: str) -> list[bytes]:
    words = _WORD.findall(sentence.casefold())
    last = max(1, len(words) - _SHINGLE + 1)
    return [" ".join(words[start : start + _SHINGLE]).encode() for start in range(last)]


class DuplicateIndex:
    """Remembers the sentences that it was shown, and says which new ones were there already.

    Parameters
    ----------
    similarity
        Jaccard similarity of word 3-grams, in (0, 1], from which two sentences are the same. It is
        estimated from 64 numbers, so pairs near the threshold may fall on either side.
    """

    def __init__(self, similarity: float) -> None:
        self._similarity = similarity
        self._index = MinHashLSH(threshold=similarity, num_perm=PERMUTATIONS)
        self._signatures: dict[str, Signature] = {}
        self._same: dict[bytes, str] = {}

    def find(self, name: str, signature: Signature) -> str | None:
        """Give the earlier sentence that this one repeats; None if there is none, then keep it.

        Parameters
        ----------
        name
            Of the sentence; unique.
        signature
            What `sign_sentences` gave.
        """
        # word for word the same ones cost no memory and no search
        exact = signature.tobytes()
        if (known := self._same.get(exact)) is not None:
            return known
        minhash = LeanMinHash(seed=_SEED, hashvalues=signature, scheme=_SCHEME)
        for candidate in sorted(self._index.query(minhash)):
            shared = np.mean(self._signatures[candidate] == signature)
            if shared >= self._similarity:
                return str(candidate)
        self._index.insert(name, minhash)
        self._signatures[name] = signature
        self._same[exact] = name
        return None
