"""How varied the language of a set of sentences is."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import CountVectorizer

_WORD = re.compile(r"\w+(?:['\u2019-]\w+)*")
_SHINGLE = 4
_WINDOW = 500
_BLOCK = 512
COPY_OVERLAP = 0.5
COMPARED_WORDS = 19_000
"""Words that type-token ratios are taken of, so that sets of different size can be compared."""


@dataclass(frozen=True, slots=True)
class Variety:
    """Figures of a set of sentences.

    Parameters
    ----------
    sentence_count, word_count
        Sizes.
    type_token_ratio
        Different words by all words, of the first `token_limit` words; it falls with the number of
        words, so only ratios of the same limit can be compared.
    token_limit
        Words that `type_token_ratio` was taken of.
    moving_ratio
        Mean type-token ratio of every window of 500 words, which does not depend on the size
        (Covington and McFall 2010).
    copy_share
        Share of the sentences that have more than half of their word 4-grams in common with one
        other sentence.
    """

    sentence_count: int
    word_count: int
    type_token_ratio: float
    token_limit: int
    moving_ratio: float
    copy_share: float

    @property
    def words_a_sentence(self) -> float:
        """Mean length."""
        return self.word_count / max(1, self.sentence_count)


def measure_variety(sentences: Sequence[str], *, seed: int = 0) -> Variety:
    """Measure the variety of sentences, each taken once, in a seeded order.

    Parameters
    ----------
    sentences
        Texts; a repeated one counts once.
    seed
        Of the order.
    """
    distinct = sorted(set(sentences))
    order = np.random.default_rng(seed).permutation(len(distinct))
    words = [word for position in order for word in _words(distinct[position])]
    limit = min(COMPARED_WORDS, len(words))
    return Variety(
        sentence_count=len(distinct),
        word_count=len(words),
        type_token_ratio=len(set(words[:limit])) / max(1, limit),
        token_limit=limit,
        moving_ratio=_moving_ratio(words),
        copy_share=float(np.mean(nearest_overlaps(distinct) > COPY_OVERLAP)) if distinct else 0.0,
    )


def nearest_overlaps(sentences: Sequence[str]) -> np.ndarray:
    """Give the largest share of each sentence's word 4-grams that one other sentence holds.

    Returns
    -------
    ndarray
        One value in [0, 1] a sentence; 0 for one that has no 4-gram.

    Examples
    --------
    >>> nearest_overlaps(["we left the pact today", "we left the pact in May", "no"]).tolist()
    [0.5, 0.3333333333333333, 0.0]
    """
    if not any(len(_words(sentence)) >= _SHINGLE for sentence in sentences):
        return np.zeros(len(sentences))
    vectorizer = CountVectorizer(
        analyzer="word",
        tokenizer=_words,
        token_pattern=None,
        ngram_range=(_SHINGLE, _SHINGLE),
        binary=True,
        lowercase=False,
    )
    grams = csr_array(vectorizer.fit_transform(sentences), dtype=np.float32)
    sizes = np.asarray(grams.sum(axis=1)).ravel()
    nearest = np.zeros(len(sentences))
    for start in range(0, len(sentences), _BLOCK):
        shared = (grams[start : start + _BLOCK] @ grams.T).tolil()
        for row in range(shared.shape[0]):
            shared[row, start + row] = 0
        largest = shared.tocsr().max(axis=1).toarray().ravel()
        nearest[start : start + _BLOCK] = largest
    return nearest / np.maximum(sizes, 1)


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _moving_ratio(words: Sequence[str]) -> float:
    if len(words) <= _WINDOW:
        return len(set(words)) / max(1, len(words))
    ratios = list(_window_ratios(words))
    return sum(ratios) / len(ratios)


def _window_ratios(words: Sequence[str]) -> Iterator[float]:
    counts: dict[str, int] = {}
    for position, word in enumerate(words):
        counts[word] = counts.get(word, 0) + 1
        if position >= _WINDOW:
            gone = words[position - _WINDOW]
            counts[gone] -= 1
            if not counts[gone]:
                del counts[gone]
        if position >= _WINDOW - 1:
            yield len(counts) / _WINDOW
