"""Read stand-off labels, which point into somebody's own copy of a corpus.

A label has the document's name, the sentence's offsets and its checksum; it never has the text.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from alliance_stance.datasets.gold_file import REGISTERS
from alliance_stance.errors import DatasetError
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.knowledge.tables import is_date
from alliance_stance.labeling.annotations import ABSENT, ADJUDICATOR, read_annotations
from alliance_stance.labeling.own_tables import read_own_table
from alliance_stance.schema import STANCE_OF_ACT, Act, Label

GIVEN = "given.csv"
SENTENCES = "sentences.csv"
ANNOTATIONS = "annotations.csv"
DOCUMENTS = "documents.csv"
FILES = (GIVEN, SENTENCES, ANNOTATIONS, DOCUMENTS)
_FACT_COLUMNS = ("document", "date", "speaker_state", "register", "source")
_SPAN_COLUMNS = ("document", "start", "end", "checksum")
_CHECKSUM_DIGITS = 16
_SOURCE = re.compile(r"[\w.-]+/[\w.-]+@[0-9a-f]+:[^/\\].*")


class Span(NamedTuple):
    """Where a labelled sentence stands: characters of its document, end-exclusive."""

    start: int
    end: int
    checksum: str


@dataclass(frozen=True)
class DocumentFacts:
    """What is known of a document whose name does not tell it.

    Parameters
    ----------
    date
        In ISO format, perhaps a year alone; empty if not known.
    speaker_state
        Code of the state that speaks; None where nobody does.
    register
        Such as ``speech``.
    source
        Where the public has it: ``owner/repository@commit:path``.
    """

    date: str
    speaker_state: str | None
    register: str
    source: str

    @property
    def path(self) -> Path:
        """Path inside the public repository."""
        return Path(self.source.partition(":")[2])

    @property
    def repository(self) -> Path:
        """Owner and name of the public repository."""
        return Path(self.source.partition("@")[0])


@dataclass(frozen=True)
class PointedDocument:
    """A document's labelled sentences, without its text.

    Parameters
    ----------
    id
        Its name.
    labels
        By sentence and pair.
    facts
        Of a set with a table of documents; None where the name tells them.
    """

    id: str
    labels: dict[Span, dict[tuple[str, str], Label]]
    facts: DocumentFacts | None = None

    @property
    def label_count(self) -> int:
        """Number of labelled pairs."""
        return sum(len(labels) for labels in self.labels.values())


def checksum(sentence: str) -> str:
    """Give the first 16 digits of the SHA-256 of a sentence in UTF-8.

    Examples
    --------
    >>> checksum("We left the pact.")
    '363b92378d31cee3'
    """
    return hashlib.sha256(sentence.encode()).hexdigest()[:_CHECKSUM_DIGITS]


def read_standoff(folder: Path, knowledge: Knowledge) -> list[PointedDocument]:
    """Read and check the labels of a folder.

    The final label of a pair is the adjudicator's where there is one, else the one that all
    annotators gave; a pair that is settled as ``none`` is left out.

    Raises
    ------
    DatasetError
        At the first row that breaks the format (docs/formats.md), a pair with two labels or one
        on which annotators differ and nobody has decided, or two sentences that overlap; or if no
        pair has a label.
    KnowledgeError
        At the first pair with an unknown state or alliance.
    """
    labels: defaultdict[str, dict[Span, dict[tuple[str, str], Label]]] = defaultdict(dict)
    facts = _read_facts(folder / DOCUMENTS, knowledge) if (folder / DOCUMENTS).exists() else None
    # a set whose documents are told in a table was labelled by annotators alone
    given = folder / GIVEN if facts is None or (folder / GIVEN).exists() else None
    columns = (*_SPAN_COLUMNS, "state", "alliance", "act")
    for where, span, row in () if given is None else _spans(given, columns):
        pairs = labels[row["document"]].setdefault(span, {})
        pair = (row["state"], row["alliance"])
        knowledge.check_pair(where, *pair)
        if pair in pairs:
            raise DatasetError(where, f"a second label of {'-'.join(pair)}", "one", "remove it")
        pairs[pair] = _label(row["act"], where)
    places = {
        (row["document"], span.start, span.end): span
        for _, span, row in _spans(folder / SENTENCES, _SPAN_COLUMNS)
    }
    for task, act in _settle(folder / ANNOTATIONS).items():
        where = f"{folder / ANNOTATIONS}, task {task}"
        document, start, end, pair = _parse_task(task, where)
        if (document, start, end) not in places:
            raise DatasetError(where, "no such sentence", f"a row in {SENTENCES}", "add it")
        span = places[document, start, end]
        if act != ABSENT:
            knowledge.check_pair(where, *pair)
            if pair in labels[document].setdefault(span, {}):
                raise DatasetError(
                    where, f"a label that {GIVEN} has too", "one label", "remove one of them"
                )
            labels[document][span][pair] = _label(act, where)
    _check_labels(folder, labels)
    return [
        PointedDocument(id_, spans, None if facts is None else _facts_of(id_, facts, folder))
        for id_, spans in sorted(labels.items())
    ]


def _facts_of(document: str, facts: dict[str, DocumentFacts], folder: Path) -> DocumentFacts:
    if document not in facts:
        raise DatasetError(
            str(folder / DOCUMENTS), f"no row for {document}", "one for each labelled document",
            "add it",
        )  # fmt: skip
    return facts[document]


def _read_facts(path: Path, knowledge: Knowledge) -> dict[str, DocumentFacts]:
    facts: dict[str, DocumentFacts] = {}
    for where, row in read_own_table(path, _FACT_COLUMNS, holds="facts of documents"):
        if row["document"] in facts:
            raise DatasetError(where, f"a second row for {row['document']}", "one", "remove it")
        if row["register"] not in REGISTERS:
            known = ", ".join(sorted(REGISTERS))
            raise DatasetError(where, f"register {row['register']!r}", f"one of {known}", "mend it")
        if row["date"] and not is_date(row["date"]):
            wanted = "YYYY, YYYY-MM or YYYY-MM-DD"
            raise DatasetError(where, f"date {row['date']!r}", wanted, "mend it")
        if not _SOURCE.fullmatch(row["source"]) or ".." in Path(row["source"]).parts:
            wanted = "owner/repository@commit:path inside the repository"
            raise DatasetError(where, f"source {row['source']!r}", wanted, "mend it")
        speaker = row["speaker_state"] or None
        if speaker is not None:
            knowledge.check_state(where, speaker)
        facts[row["document"]] = DocumentFacts(row["date"], speaker, row["register"], row["source"])
    return facts


def _check_labels(folder: Path, labels: Mapping[str, Iterable[Span]]) -> None:
    if not labels:
        raise DatasetError(
            str(folder), "no label of a pair", "one at least", "check that it is complete"
        )
    for document, spans in labels.items():
        _check_overlap(document, sorted(spans))


def _check_overlap(document: str, spans: list[Span]) -> None:
    for first, second in pairwise(spans):
        if second.start < first.end:
            raise DatasetError(
                f"{document}:{second.start}-{second.end}",
                f"a sentence that overlaps {first.start}-{first.end}",
                "each part of a text labelled once",
                "remove the labels of one of them",
            )


def _label(act: str, where: str) -> Label:
    if act not in set(Act):
        raise DatasetError(where, f"act {act!r}", f"one of {', '.join(Act)}", "mend the row")
    return Label(STANCE_OF_ACT[Act(act)], Act(act))


def _spans(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[str, Span, dict[str, str]]]:
    for where, row in read_own_table(path, columns, holds="stand-off labels"):
        yield where, _span(row, where), row


def _span(row: dict[str, str], where: str) -> Span:
    start, end = row["start"], row["end"]
    if not (start.isdecimal() and end.isdecimal() and int(start) < int(end)):
        raise DatasetError(where, f"offsets {start!r}, {end!r}", "start < end", "mend the row")
    return Span(int(start), int(end), row["checksum"])


def _settle(path: Path) -> dict[str, str]:
    by_worker = read_annotations(path)
    decided = by_worker.pop(ADJUDICATOR, {})
    given: defaultdict[str, set[str]] = defaultdict(set)
    for labels in by_worker.values():
        for task, label in labels.items():
            given[task].add(label)
    settled = {}
    for task in sorted({*given, *decided}):
        if task not in decided and len(given[task]) > 1:
            raise DatasetError(
                f"{path}, task {task}", " and ".join(sorted(given[task])), "one label",
                "add the adjudicator's",
            )  # fmt: skip
        settled[task] = decided[task] if task in decided else next(iter(given[task]))
    return settled


def _parse_task(task: str, where: str) -> tuple[str, int, int, tuple[str, str]]:
    place, _, pair = task.rpartition("#")
    document, _, offsets = place.rpartition(":")
    start, _, end = offsets.partition("-")
    state, _, alliance = pair.partition("-")
    if not (document and start.isdecimal() and end.isdecimal() and state and alliance):
        raise DatasetError(where, "no place", "DOCUMENT:START-END#STATE-ALLIANCE", "mend it")
    return document, int(start), int(end), (state, alliance)
