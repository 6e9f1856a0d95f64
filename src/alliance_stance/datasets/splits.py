"""Which documents are for train, dev and test: dealt out by a recipe, or fixed in a file.

Dealt out: documents that share a near-duplicate sentence (character 5-grams, Jaccard similarity;
Broder 1997) form one group; whole groups are dealt out in the order of a seeded hash, so that a
new document never moves an old one out of its place in that order. Fixed: a table says it, one
column for each scheme; where a scheme holds states or alliances out, another table names them.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Discriminator, Field, Tag
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import CountVectorizer

from alliance_stance.config import PathFromFile, Section
from alliance_stance.errors import DatasetError
from alliance_stance.fingerprints import file_fingerprint
from alliance_stance.labeling.own_tables import read_own_table

SPLITS = ("train", "dev", "test")
HELD_OUT_COLUMNS = ("scheme", "split", "kind", "id")


class DealtSplit(Section):
    """How documents are dealt out."""

    seed: int = Field(ge=0, description="Seed of the order in which documents are dealt out.")
    dev_share: float = Field(gt=0, lt=0.5, description="Share of the examples to choose on.")
    test_share: float = Field(gt=0, lt=0.5, description="Share of the examples to report on.")
    duplicate_similarity: float = Field(
        gt=0, le=1, description="Jaccard similarity from which two sentences are near-duplicates."
    )

    def measure(self) -> object:
        """Give what a fingerprint has to know of it."""
        return self.model_dump()


class FixedSplit(Section):
    """Which table says where each document belongs."""

    file: PathFromFile = Field(description="CSV: `document`, and one column for each scheme.")
    scheme: str = Field(description="The column that counts.")
    held_out: PathFromFile | None = Field(
        None, description="CSV of the states and alliances that schemes hold out; none if absent."
    )

    def measure(self) -> object:
        """Give what a fingerprint has to know of it.

        Raises
        ------
        DatasetError
            If one of its files is missing.
        """
        files = [self.file] if self.held_out is None else [self.file, self.held_out]
        for file in files:
            if not file.is_file():
                raise DatasetError(str(file), "no such file", "a CSV table", "correct 'split'")
        return [self.scheme, *(file_fingerprint(file) for file in files)]


def _tag(values: Any) -> str:  # noqa: ANN401 - whatever the recipe holds
    # a recipe may hold anything here: nothing at all, a number
    keys = values if isinstance(values, dict) else getattr(type(values), "model_fields", ())
    return "fixed" if "file" in keys else "dealt"


SplitSettings = Annotated[
    Annotated[DealtSplit, Tag("dealt")] | Annotated[FixedSplit, Tag("fixed")], Discriminator(_tag)
]


@dataclass(frozen=True)
class Split:
    """The documents of a split, and which of their pairs count.

    Parameters
    ----------
    documents
        Ids.
    kind
        ``"state"`` or ``"alliance"``: what `only` and `never` are ids of; empty where all count.
    only
        Pairs of other ones do not count; None for no such limit.
    never
        Pairs of these do not count.
    """

    documents: frozenset[str]
    kind: str = ""
    only: frozenset[str] | None = None
    never: frozenset[str] = frozenset()

    def keeps(self, state: str, alliance: str) -> bool:
        """Say whether a pair counts."""
        judged = {"state": state, "alliance": alliance}.get(self.kind, "")
        return judged not in self.never and (self.only is None or judged in self.only)


def plan_splits(
    settings: DealtSplit | FixedSplit,
    sentences: Mapping[str, Sequence[str]],
    sizes: Mapping[str, int],
) -> dict[str, Split]:
    """Say what belongs to each split.

    Parameters
    ----------
    settings
        Of the recipe.
    sentences
        The sentences of each document, by document id.
    sizes
        Number of examples of each document.

    Raises
    ------
    DatasetError
        If a table is malformed or lacks a document.
    """
    if isinstance(settings, DealtSplit):
        split_of = assign_splits(sentences, sizes, settings)
        held: dict[str, tuple[str, frozenset[str]]] = {}
    else:
        split_of = read_split_file(settings.file, settings.scheme)
        for document in sentences:
            if document not in split_of:
                raise DatasetError(
                    str(settings.file), f"no row of {document}", "a row of each document",
                    "run experiments/splits/deal.py",
                )  # fmt: skip
        held = (
            {} if settings.held_out is None else read_held_out(settings.held_out, settings.scheme)
        )
    chosen = {
        name: frozenset(d for d, split in split_of.items() if split == name) for name in SPLITS
    }
    unseen = frozenset().union(*(ids for _, ids in held.values())) if held else frozenset[str]()
    kind = next((kind for kind, _ in held.values()), "")
    return {
        name: Split(documents, *held[name])
        if name in held
        else Split(documents, kind, never=unseen)
        for name, documents in chosen.items()
    }


def read_split_file(path: Path, scheme: str) -> dict[str, str]:
    """Read one scheme of a split table; a document of no split has an empty cell.

    Raises
    ------
    DatasetError
        If the file is missing or has no such column, or a cell is no split.
    """
    split_of: dict[str, str] = {}
    for where, row in read_own_table(path, ("document", scheme), holds="splits"):
        if row[scheme] not in {"", *SPLITS} or row["document"] in split_of:
            raise DatasetError(
                where, f"{row['document']} in {row[scheme]!r}",
                f"each document once, in one of {', '.join(SPLITS)} or in none", "mend the row",
            )  # fmt: skip
        split_of[row["document"]] = row[scheme]
    return split_of


def read_schemes(path: Path) -> list[str]:
    """Give the schemes of a split table, in the order of its columns; none of one without rows.

    A column that holds anything but splits, such as a remark, is no scheme.

    Raises
    ------
    DatasetError
        If the file is missing or malformed.
    """
    rows = [row for _, row in read_own_table(path, ("document",), holds="splits")]
    names = [name for name in (rows[0] if rows else ()) if name not in {"", "document"}]
    return [name for name in names if {row[name] for row in rows} <= {"", *SPLITS}]


def read_held_out(path: Path, scheme: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Read what a scheme holds out for each split: ``"state"`` or ``"alliance"``, and the ids.

    Raises
    ------
    DatasetError
        If the file is missing or malformed.
    """
    found: dict[str, tuple[str, frozenset[str]]] = {}
    kinds: set[str] = set()
    for where, row in read_own_table(path, HELD_OUT_COLUMNS, holds="what is held out"):
        if row["split"] not in SPLITS[1:] or row["kind"] not in {"state", "alliance"}:
            raise DatasetError(
                where, f"{row['kind']} for {row['split']}",
                "a state or an alliance for dev or test", "mend the row",
            )  # fmt: skip
        if row["scheme"] == scheme:
            kinds.add(row["kind"])
            if len(kinds) > 1:
                # a pair would be kept in train by the one that it does not hold
                raise DatasetError(
                    where, f"states and alliances in scheme {scheme!r}",
                    "a scheme that holds out one of the two", "use two schemes",
                )  # fmt: skip
            _, ids = found.get(row["split"], ("", frozenset()))
            found[row["split"]] = row["kind"], ids | {row["id"]}
    return found


def assign_splits(
    sentences: Mapping[str, Sequence[str]], sizes: Mapping[str, int], settings: DealtSplit
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
    owners = [document for document, texts in sentences.items() for _ in texts]
    texts = [text for own in sentences.values() for text in own]
    links = near_duplicates(texts, settings.duplicate_similarity)
    groups = group_documents(list(sentences), [(owners[a], owners[b]) for a, b in links])
    total = sum(sizes.values())
    room = {"test": settings.test_share * total, "dev": settings.dev_share * total}
    filled: Counter[str] = Counter()
    split_of: dict[str, str] = {}
    for group in sorted(groups, key=lambda group: order_key(group, settings.seed)):
        size = sum(sizes[document] for document in group)
        split = next((name for name in room if filled[name] + size <= room[name]), "train")
        filled[split] += size
        split_of.update(dict.fromkeys(group, split))
    return split_of


def order_key(group: Sequence[str], seed: int) -> str:
    """Give what groups are sorted by: a hash of the first of their documents."""
    return hashlib.sha256(f"{seed} {min(group)}".encode()).hexdigest()


def group_documents(documents: Sequence[str], links: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Bring documents together that are linked, directly or through others.

    Examples
    --------
    >>> group_documents(["a", "b", "c", "d"], [("d", "b")])
    [['a'], ['b', 'd'], ['c']]
    """
    place = {document: position for position, document in enumerate(documents)}
    ends = np.array([(place[a], place[b]) for a, b in links], dtype=int).reshape(-1, 2)
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(documents),) * 2)
    _, labels = connected_components(graph, directed=False)
    groups: dict[int, list[str]] = {}
    for document, label in zip(documents, labels, strict=True):
        groups.setdefault(int(label), []).append(document)
    return list(groups.values())


def near_duplicates(
    texts: Sequence[str], similarity: float, *, analyzer: str = "char_wb", size: int = 5
) -> list[tuple[int, int]]:
    """Find the pairs of texts whose n-grams have at least this Jaccard similarity.

    Parameters
    ----------
    texts
        Any texts.
    similarity
        In (0, 1].
    analyzer
        ``"char_wb"`` for characters inside words, ``"word"`` for word shingles.
    size
        Characters or words of one n-gram.

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
    words = {"token_pattern": r"\w+"} if analyzer == "word" else {}
    vectorizer = CountVectorizer(analyzer=analyzer, ngram_range=(size, size), binary=True, **words)
    try:
        grams = csr_array(vectorizer.fit_transform(texts), dtype=np.float32)
    except ValueError:  # no text is as long as one n-gram
        return []
    sizes = np.asarray(grams.sum(axis=1)).ravel()
    pairs: list[tuple[int, int]] = []
    for start in range(0, len(texts), 512):
        # earlier texts have been compared with these
        shared = coo_array(grams[start : start + 512] @ grams[start:].T)
        rows, columns = (place + start for place in shared.coords)
        jaccard = shared.data / (sizes[rows] + sizes[columns] - shared.data)
        chosen = (rows < columns) & (jaccard >= similarity)
        pairs += zip(rows[chosen].tolist(), columns[chosen].tolist(), strict=True)
    return sorted(pairs)
