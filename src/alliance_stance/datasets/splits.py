"""Assign documents to train, dev and test so that no near-duplicates stand on two sides.

Documents that share a near-duplicate sentence (character 5-grams, Jaccard similarity; Broder
1997) form one group; whole groups are dealt out in the order of a seeded hash, so that a new
document never moves an old one out of its place in that order.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from pydantic import Field
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import CountVectorizer

from alliance_stance.config import Section

SPLITS = ("train", "dev", "test")


class SplitSettings(Section):
    """How a data set is cut."""

    seed: int = Field(ge=0, description="Seed of the order in which documents are dealt out.")
    dev_share: float = Field(gt=0, lt=0.5, description="Share of the examples to choose on.")
    test_share: float = Field(gt=0, lt=0.5, description="Share of the examples to report on.")
    duplicate_similarity: float = Field(
        gt=0, le=1, description="Jaccard similarity from which two sentences are near-duplicates."
    )


def assign_splits(
    sentences: Mapping[str, Sequence[str]], sizes: Mapping[str, int], settings: SplitSettings
) -> dict[str, str]:
    """Assign every document to a split.

    Parameters
    ----------
    sentences
        The sentences of each document, by document id.
    sizes
        Number of examples of each document.
    settings
        Shares, seed and the similarity of near-duplicates.

    Returns
    -------
    dict
        ``"train"``, ``"dev"`` or ``"test"`` by document id. Shares hold up to one group.
    """
    groups = _group_documents(sentences, settings.duplicate_similarity)
    total = sum(sizes.values())
    room = {"test": settings.test_share * total, "dev": settings.dev_share * total}
    filled: Counter[str] = Counter()
    split_of: dict[str, str] = {}
    for group in sorted(groups, key=lambda group: _order_key(group, settings.seed)):
        size = sum(sizes[document] for document in group)
        split = next((name for name in room if filled[name] + size <= room[name]), "train")
        filled[split] += size
        split_of.update(dict.fromkeys(group, split))
    return split_of


def _order_key(group: Sequence[str], seed: int) -> str:
    return hashlib.sha256(f"{seed} {min(group)}".encode()).hexdigest()


def _group_documents(sentences: Mapping[str, Sequence[str]], similarity: float) -> list[list[str]]:
    documents = list(sentences)
    owners = [i for i, document in enumerate(documents) for _ in sentences[document]]
    texts = [text for document in documents for text in sentences[document]]
    pairs = near_duplicates(texts, similarity)
    links = np.array([(owners[a], owners[b]) for a, b in pairs]).reshape(-1, 2)
    graph = coo_array(
        (np.ones(len(links)), (links[:, 0], links[:, 1])), shape=(len(documents),) * 2
    )
    _, labels = connected_components(graph, directed=False)
    groups: dict[int, list[str]] = {}
    for document, label in zip(documents, labels, strict=True):
        groups.setdefault(int(label), []).append(document)
    return list(groups.values())


def near_duplicates(texts: Sequence[str], similarity: float) -> list[tuple[int, int]]:
    """Find the pairs of texts whose character 5-grams have at least this Jaccard similarity.

    Returns
    -------
    list of tuple
        Positions, the smaller first.

    Examples
    --------
    >>> near_duplicates(["We left the pact today.", "We left the pact today!", "No."], 0.6)
    [(0, 1)]
    """
    if not texts:
        return []
    vectorizer = CountVectorizer(analyzer="char_wb", ngram_range=(5, 5), binary=True)
    grams = csr_array(vectorizer.fit_transform(texts), dtype=np.float32)
    sizes = np.asarray(grams.sum(axis=1)).ravel()
    pairs: list[tuple[int, int]] = []
    for start in range(0, len(texts), 512):
        shared = coo_array(grams[start : start + 512] @ grams.T)
        rows, columns = shared.coords
        rows = rows + start
        jaccard = shared.data / (sizes[rows] + sizes[columns] - shared.data)
        chosen = (rows < columns) & (jaccard >= similarity)
        pairs += zip(rows[chosen].tolist(), columns[chosen].tolist(), strict=True)
    return sorted(pairs)
