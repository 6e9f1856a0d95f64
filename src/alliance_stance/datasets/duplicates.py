"""Near-duplicate sentences of a corpus, found by locality-sensitive hashing and then compared.

Agencies' reports and standing phrases come again and again in a corpus. Sentences that may be alike
are looked up by bands of their MinHash signatures (Broder 1997; Leskovec, Rajaraman and Ullman,
"Mining of Massive Datasets", chapter 3); each is then compared by the very shingles, so nothing is
taken for a duplicate by an estimate. The bands are kept in a temporary SQLite file, since in memory
they take some kilobytes a sentence.
"""

import hashlib
import math
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from alliance_stance.datasets.signatures import PERMUTATIONS, Signature, jaccard, shingles_of
from alliance_stance.errors import DatasetError

_MOST_MISSED = 0.001
"""Share of the pairs just at the threshold that may be missed."""
LEAST_SIMILARITY = 0.15
"""Below it 64 numbers cannot find a pair surely enough."""
_CACHE_KIB = 64 * 1024
_BETWEEN = "\n"
_ROUNDING = 1e-9
_TABLES = """
CREATE TABLE sentences (
    number INTEGER PRIMARY KEY, size INTEGER, side TEXT, pairs TEXT, text TEXT
);
CREATE TABLE bands (
    band INTEGER, sentence INTEGER, PRIMARY KEY (band, sentence)
) WITHOUT ROWID;
"""


class Repeat(StrEnum):
    """Why a pair of a sentence is left out."""

    SAME_PAIR = "duplicate"
    """The same words with the same pair came before."""
    OTHER_SIDE = "other side"
    """The same words came before with another pair, on another side of the split."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A sentence that was kept: what it was judged for, where, and its words."""

    number: int
    side: str
    pairs: tuple[str, ...]
    text: str


def band_shape(similarity: float) -> tuple[int, int]:
    """Give the number of bands and the numbers in each, for pairs from a similarity on.

    Two sentences meet if one of b bands of r numbers is the same, which happens with probability
    1 - (1 - s^r)^b. The longest bands are taken that miss one pair in a thousand at most.

    Parameters
    ----------
    similarity
        Jaccard similarity in [0.15, 1].

    Raises
    ------
    DatasetError
        If it lies outside.

    Examples
    --------
    >>> band_shape(0.7), band_shape(1)
    ((21, 3), (1, 64))
    """
    if not LEAST_SIMILARITY <= similarity <= 1:
        raise DatasetError(
            "duplicate_similarity", str(similarity), f"{LEAST_SIMILARITY} to 1", "change it"
        )
    for rows in range(PERMUTATIONS, 1, -1):
        bands = PERMUTATIONS // rows
        if (1 - similarity**rows) ** bands <= _MOST_MISSED:
            return bands, rows
    return PERMUTATIONS, 1


class DuplicateIndex:
    """Remembers the sentences that it was shown, and says what of a new one was there already.

    Two sentences are the same words if their shingles (`signatures.shingles_of`) have this Jaccard
    similarity. What repeats is not the sentence but the judged pair: the same words said by another
    speaker are another answer. They are left out only where they stand on another side of the
    split, since a model would be scored there on words that it was trained on.

    Parameters
    ----------
    similarity
        Jaccard similarity in [0.15, 1] from which two sentences are the same. Of pairs just at it
        one in a thousand may be missed, of others fewer; none is found that lies below.

    Raises
    ------
    DatasetError
        If the similarity lies outside.
    """

    def __init__(self, similarity: float) -> None:
        self._similarity = similarity
        self._shape = band_shape(similarity)
        # an empty name is a file of its own that goes with the connection
        self._store = sqlite3.connect("")
        self._store.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._store.execute("PRAGMA journal_mode = OFF")
        self._store.executescript(_TABLES)
        self._count = 0

    def close(self) -> None:
        """Forget everything."""
        self._store.close()

    def __enter__(self) -> "DuplicateIndex":
        """Give the index, which is closed when the block ends."""
        return self

    def __exit__(self, *_: object) -> None:
        """Forget everything."""
        self.close()

    def judge(
        self, text: str, signature: Signature, pairs: Sequence[str], side: str
    ) -> list[Repeat | None]:
        """Say of each pair of a sentence whether it repeats; what does not is remembered.

        Parameters
        ----------
        text
            The sentence.
        signature
            What `sign_sentences` gave for it.
        pairs
            What it is judged for, each once.
        side
            Where its document stands in the split.

        Returns
        -------
        list
            One a pair; None for a pair that is new.
        """
        own = shingles_of(text)
        bands = self._bands(signature)
        alike = [
            kept
            for kept in self._find(bands, len(own))
            if jaccard(own, shingles_of(kept.text)) >= self._similarity - _ROUNDING
        ]
        known = {pair for kept in alike for pair in kept.pairs}
        is_across = any(kept.side != side for kept in alike)
        found = [
            Repeat.SAME_PAIR if pair in known else Repeat.OTHER_SIDE if is_across else None
            for pair in pairs
        ]
        new = [pair for pair, repeat in zip(pairs, found, strict=True) if repeat is None]
        if new:
            same = next((kept for kept in alike if kept.text == text), None)
            self._keep(same or self._add(text, len(own), side, bands), new)
        return found

    def _bands(self, signature: Signature) -> list[int]:
        """Give a number for each band, the same wherever its part of the signature is the same."""
        count, rows = self._shape
        parts = signature[: count * rows].reshape(count, rows)
        return [
            int.from_bytes(
                hashlib.blake2b(part.tobytes(), digest_size=8, salt=bytes([band])).digest(),
                "little",
                signed=True,
            )
            for band, part in enumerate(parts)
        ]

    def _find(self, bands: Sequence[int], size: int) -> Iterator[_Kept]:
        """Yield the kept sentences that share a band, if their sizes allow the similarity."""
        fewest = math.ceil(size * (self._similarity - _ROUNDING))
        most = math.floor(size / (self._similarity - _ROUNDING))
        rows = self._store.execute(
            "SELECT number, side, pairs, text FROM sentences WHERE number IN "
            f"(SELECT sentence FROM bands WHERE band IN ({', '.join('?' * len(bands))})) "
            "AND size BETWEEN ? AND ? ORDER BY number",
            (*bands, fewest, most),
        )
        for number, side, pairs, text in rows:
            yield _Kept(number, side, tuple(pairs.split(_BETWEEN)), text)

    def _add(self, text: str, size: int, side: str, bands: Sequence[int]) -> _Kept:
        self._count += 1
        self._store.execute(
            "INSERT INTO sentences VALUES (?, ?, ?, '', ?)", (self._count, size, side, text)
        )
        self._store.executemany(
            "INSERT INTO bands VALUES (?, ?)", [(band, self._count) for band in bands]
        )
        return _Kept(self._count, side, (), text)

    def _keep(self, kept: _Kept, pairs: Sequence[str]) -> None:
        self._store.execute(
            "UPDATE sentences SET pairs = ? WHERE number = ?",
            (_BETWEEN.join((*kept.pairs, *pairs)), kept.number),
        )
