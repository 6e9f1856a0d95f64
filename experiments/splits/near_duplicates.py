"""Look for near-duplicate sentences in all data sets, and keep which documents have them.

Comparing all sentences takes a processor eight minutes, so the tests do not: they read the record
that this writes, see that it is of the sentences of today, look again at some documents, and hold
that no pair stands on two sides of a split. One part of the record is of the sentences of the
repository, the other of these and of the stand-off sets, whose corpora it needs.
"""

import csv
import io
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from alliance_stance.datasets.documents import LabelledDocument
from alliance_stance.datasets.gold_file import read_gold
from alliance_stance.datasets.standoff import StandoffSettings, join_corpus
from alliance_stance.datasets.table import read_recipe
from alliance_stance.errors import StanceError
from alliance_stance.evaluation.leakage import find_near_duplicates
from alliance_stance.files import write_text
from alliance_stance.fingerprints import code_fingerprint, fingerprint
from alliance_stance.knowledge.knowledge import Knowledge, load_knowledge

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
POINTED = ("standoff", "records", "cables", "news", "encyclopaedia")
_CODE = ("evaluation/leakage", "datasets/splits")
Pairs = set[tuple[str, str]]


class Sentences(NamedTuple):
    """The sentences of some data sets: the names of these, and document and text of each."""

    sets: list[str]
    owners: list[str]
    texts: list[str]

    @property
    def fingerprint(self) -> str:
        """Give what the pairs depend on: the sentences, and how they are compared."""
        return fingerprint(self.owners, self.texts, code_fingerprint(*_CODE))


def read_sentences(knowledge: Knowledge, corpora: Mapping[str, Path | None]) -> Sentences:
    """Read the sets of the repository, and stand-off sets.

    Parameters
    ----------
    knowledge
        Tables of today.
    corpora
        Folder of texts of each stand-off set; None for the one that its recipe names.
    """
    sets, documents = [], list[LabelledDocument]()
    for path in sorted((ROOT / "data").glob("*/documents.jsonl")):
        documents += read_gold(path, knowledge)
        sets.append(path.parent.name)
    for name, folder in corpora.items():
        documents += read_pointed(name, folder, knowledge)
        sets.append(name)
    return Sentences(
        sets,
        [document.document.id for document in documents for _ in document.sentences],
        [text for document in documents for text in document.sentence_texts()],
    )


def read_pointed(name: str, folder: Path | None, knowledge: Knowledge) -> list[LabelledDocument]:
    """Read a stand-off data set, joined with its corpus, of which nothing may be missing."""
    _, settings = read_recipe(ROOT / "configs" / "datasets" / f"{name}.yaml")
    assert isinstance(settings, StandoffSettings)
    if folder is not None:
        settings = settings.model_copy(update={"corpus": folder})
    joined = join_corpus(settings, knowledge)
    if joined.missing or joined.unreadable or joined.lost:
        sys.exit(f"error: {name}: {'; '.join(joined.notes)}; the record needs all of it")
    return joined.documents


def find_pairs(sentences: Sentences) -> Pairs:
    """Find the documents that share a near-duplicate, each pair in alphabetical order."""
    owners = sentences.owners
    found = (sorted((owners[a], owners[b])) for a, b in find_near_duplicates(sentences.texts))
    return {(one, other) for one, other in found if one != other}


def record_file(sentences: Sentences) -> Path:
    """Give where the pairs are kept, but those of the repository where there are others too."""
    is_all = set(POINTED) <= set(sentences.sets)
    return HERE / f"near_duplicates_{'pointed' if is_all else 'own'}.csv"


def read_record(sentences: Sentences) -> tuple[str, Pairs]:
    """Give the fingerprint of the sentences that a record is of, and the pairs of documents."""
    told, pairs = _read(path := record_file(sentences))
    own = path.with_name("near_duplicates_own.csv")
    return told, pairs if path == own else pairs | _read(own)[1]


def _read(path: Path) -> tuple[str, Pairs]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    return rows[0][2], {(one, other) for one, other in rows[1:]}


def write_record(sentences: Sentences, pairs: Pairs) -> None:
    """Keep the pairs."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    # the third column has no rows
    writer.writerow(["document", "other", sentences.fingerprint])
    writer.writerows(sorted(pairs))
    path = record_file(sentences)
    write_text(path, text.getvalue())
    print(f"{path.name}: {len(sentences.texts)} sentences, {len(pairs)} pairs of documents")


def main() -> None:
    """Compare all sentences once, and write both parts of the record."""
    knowledge = load_knowledge()
    everything = read_sentences(knowledge, dict.fromkeys(POINTED))
    own = read_sentences(knowledge, {})
    pairs, known = find_pairs(everything), set(own.owners)
    inside = {pair for pair in pairs if known.issuperset(pair)}
    write_record(own, inside)
    write_record(everything, pairs - inside)


if __name__ == "__main__":
    try:
        main()
    except StanceError as error:
        sys.exit(f"error: {error}")
