"""The stand-off builder: labels that point into a corpus, joined with a user's copy of it.

The corpus of `data/standoff/` is the United Nations General Debate Corpus (Baturo, Dasandi and
Mikhaylov 2017, "Understanding State Preferences With Text As Data", Research & Politics 4(2)): one
file a statement, ``ISO_NN_YYYY.txt`` for state, session and year. Other sets have a table of their
documents, with the public repository that each is from.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import Field

from alliance_stance.config import PathFromFile, Section
from alliance_stance.corpus.readers.decoding import read_bytes, read_text
from alliance_stance.corpus.readers.html import page_document
from alliance_stance.corpus.readers.un_debates import parse_name
from alliance_stance.datasets.built import Built, keep_notes
from alliance_stance.datasets.documents import (
    BUILDING_CODE,
    DocumentsBuilder,
    LabelledDocument,
    LabelledSentence,
    build_documents,
    check_documents,
)
from alliance_stance.datasets.splits import SplitSettings
from alliance_stance.datasets.standoff_file import (
    DOCUMENTS,
    FILES,
    DocumentFacts,
    PointedDocument,
    Span,
    checksum,
    read_standoff,
)
from alliance_stance.errors import DatasetError, InputError
from alliance_stance.extraction.candidates import CandidateFinder
from alliance_stance.fingerprints import code_fingerprint, file_fingerprint, fingerprint
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.schema import Document, Example, Label, Sentence

_OWN_CODE = (
    "datasets/standoff", "datasets/standoff_file", "labeling/annotations",
    "labeling/own_tables",
    "corpus/readers/un_debates", "corpus/readers/html", "corpus/readers/decoding",
)  # fmt: skip
_REACH = 2000
"""Characters before and after its place in which a sentence is looked for."""
_SHOWN = 3
_FLAT_REACH = 1_000_000
"""The same in a flat text, which may have much before the document: a menu, a day's other items."""
_PAGES = frozenset({".html", ".htm", ".php"})
_WORD = re.compile(r"\S+")


class StandoffSettings(Section):
    """Recipe of the stand-off data set."""

    kind: Literal["standoff"]
    path: PathFromFile = Field(description="Folder of the labels; it may start at the recipe.")
    corpus: PathFromFile = Field(description="Your copy of the corpus, in any folders.")
    annotations: PathFromFile | None = Field(
        None, description="Annotators' labels, for the data card; none if absent."
    )
    split: SplitSettings = Field(description="How documents are dealt out, or which file says so.")


@dataclass(frozen=True)
class JoinedCorpus:
    """What could be joined of the labels, and what could not.

    Parameters
    ----------
    documents
        With the sentences that were found, in text order.
    missing
        Names of documents that the corpus lacks.
    moved
        Number of sentences found at another place than the labels say.
    lost
        Sentences that are not in their document, as ``DOCUMENT:START-END``.
    unreadable
        Documents that are no UTF-8 text, as the reader said it.
    wanted
        Number of triples that the labels hold.
    """

    documents: list[LabelledDocument]
    missing: list[str]
    moved: int
    lost: list[str]
    unreadable: list[str]
    wanted: int

    @cached_property
    def notes(self) -> list[str]:
        """Say it in words, a line each; every name of what is missing is told."""
        return self._told(None)

    @property
    def summary(self) -> str:
        """The notes in one line, with a few names each."""
        return "; ".join(self._told(_SHOWN))

    def _told(self, shown: int | None) -> list[str]:
        sentences = sum(len(document.sentences) for document in self.documents)
        triples = sum(document.label_count for document in self.documents)
        lines = [
            f"joined {triples} of {self.wanted} triples on {sentences} sentences of "
            f"{len(self.documents)} documents; {self.moved} sentences stood elsewhere"
        ]
        for names, what in (
            (self.missing, "documents are not in the corpus"),
            (self.unreadable, "documents cannot be read"),
            (self.lost, "sentences are not in their document as they were"),
        ):
            if names:
                more = ", ..." if names[:shown] != names else ""
                lines.append(f"{len(names)} {what}: {', '.join(names[:shown])}{more}")
        return lines


class _Found(NamedTuple):
    """One pointed document with its text."""

    document: LabelledDocument
    moved: int
    lost: list[str]


class StandoffBuilder(DocumentsBuilder):
    """Hugging Face builder of the stand-off data set."""

    settings_class = StandoffSettings
    description = "Stances of states toward alliances, in General Debate statements."

    def read_documents(
        self, settings: StandoffSettings, knowledge: Knowledge
    ) -> list[LabelledDocument]:
        """Join the labels with the corpus."""
        return join_corpus(settings, knowledge).documents

    def label_document(
        self, document: LabelledDocument, finder: CandidateFinder
    ) -> Iterator[Example]:
        """Find the mentions in the whole document, the labelled sentences as they were labelled."""
        spans = {(s.sentence.start, s.sentence.end): s.labels for s in document.sentences}
        for candidate in finder.mark_spans(document.document, spans):
            pair = (candidate.state, candidate.alliance)
            place = f"{candidate.document}:{candidate.start}-{candidate.end}"
            yield Example(
                id=f"{place}#{'-'.join(pair)}",
                candidate=candidate,
                label=spans[candidate.start, candidate.end][pair],
                register=document.register,
            )


def join_corpus(settings: StandoffSettings, knowledge: Knowledge) -> JoinedCorpus:
    """Join the labels with a copy of the corpus.

    A sentence counts as found where its checksum fits, at its place or near it; other releases of
    a corpus may have other line ends or a corrected word before it.

    Raises
    ------
    DatasetError
        If there is no such folder, or no label could be joined.
    """
    pointed = read_standoff(settings.path, knowledge)
    files = _corpus_files(settings.corpus, pointed)
    documents, missing, lost, unreadable, moved = [], [], [], [], 0
    for labels in pointed:
        if labels.id not in files:
            missing.append(labels.id)
            continue
        try:
            text = _text(files[labels.id])
        except InputError as error:
            unreadable.append(f"{error.where} ({error.found})")
            continue
        found = _place(labels, text)
        moved += found.moved
        lost += found.lost
        if found.document.sentences:
            documents.append(found.document)
    wanted = sum(len(pairs) for labels in pointed for pairs in labels.labels.values())
    joined = JoinedCorpus(documents, missing, moved, lost, unreadable, wanted)
    if not documents:
        raise DatasetError(
            str(settings.corpus), joined.summary, "the files that the labels point to",
            f"set 'corpus' to a folder with {_wanted(pointed[0])}",
        )  # fmt: skip
    return joined


def _wanted(labels: PointedDocument) -> str:
    if labels.facts is None:
        return "files like AFG_71_2016.txt"
    return f"files like {labels.id}.txt or {labels.facts.path} (see {DOCUMENTS})"


def _corpus_files(corpus: Path, pointed: Sequence[PointedDocument]) -> dict[str, Path]:
    """Find the file of each document: by its name, or by its place in the public repository."""
    if not corpus.is_dir():
        is_told = bool(pointed) and pointed[0].facts is not None
        told = f" ({DOCUMENTS} says where)" if is_told else " (doi:10.7910/DVN/0TJX8Y)"
        raise DatasetError(
            str(corpus), "no such folder", "your copy of the corpus that the labels point to",
            f"get it{told} and set 'corpus' in the recipe, or put it, or a link to it, there",
        )  # fmt: skip
    # an archive made on a Mac has a hidden twin of each file
    by_name = {p.stem: p for p in sorted(corpus.rglob("*.txt")) if not p.name.startswith(".")}
    found = {}
    for labels in pointed:
        file = by_name.get(labels.id) or _cloned(corpus, labels.facts)
        if file is not None:
            found[labels.id] = file
    return found


def _cloned(corpus: Path, facts: DocumentFacts | None) -> Path | None:
    """Find a document in a clone of its repository, or of several that lie side by side."""
    if facts is None:
        return None
    places = (corpus, corpus / facts.repository.name, corpus / facts.repository)
    return next((p for place in places if (p := place / facts.path).is_file()), None)


def _text(file: Path) -> str:
    if file.suffix in _PAGES:
        return page_document(read_bytes(file), str(file), file.stem).text
    return read_text(file).replace("\r\n", "\n")


def _place(labels: PointedDocument, text: str) -> _Found:
    flat = None if labels.facts is None else FlatText(text)
    sentences: list[tuple[int, int, dict[tuple[str, str], Label]]] = []
    moved, lost, shift = 0, [], 0
    for span, pairs in sorted(labels.labels.items()):
        if flat is not None:
            start = flat.find(span, shift)
        else:
            # a release may have a long heading; once a sentence is found the others are near it
            reach = _REACH if sentences else len(text)
            start = find_sentence(text, _shifted(span, shift), reach=reach)
        if start is None:
            lost.append(f"{labels.id}:{span.start}-{span.end}")
            continue
        shift = start - span.start
        moved += start != span.start
        end = start + span.end - span.start
        bounds = (start, end) if flat is None else flat.places(start, end)
        sentences.append((*bounds, pairs))
    return _Found(_document(labels, text, sentences), moved, lost)


class FlatText:
    r"""A text with each run of white space as one space: wrapped or not, a page's is the same.

    Parameters
    ----------
    text
        As it was read.

    Examples
    --------
    >>> flat = FlatText("We left\n  the pact.  We did.")
    >>> flat.text, flat.places(8, 17)
    ('We left the pact. We did.', (10, 19))
    """

    def __init__(self, text: str) -> None:
        words = list(_WORD.finditer(text))
        self.text = " ".join(word[0] for word in words)
        self._in_text = [word.start() for word in words]
        self._in_flat: list[int] = []
        start = 0
        for word in words:
            self._in_flat.append(start)
            start += len(word[0]) + 1

    def find(self, span: Span, shift: int = 0) -> int | None:
        """Find where a sentence begins in the flat text.

        Parameters
        ----------
        span
            Place and checksum.
        shift
            How far from its place the sentence before stood; it is looked for there first.

        Returns
        -------
        int or None
            None where it is not within a million characters of there.
        """
        reach = min(_FLAT_REACH, len(self.text))
        return find_sentence(self.text, _shifted(span, shift), reach=reach)

    def places(self, start: int, end: int) -> tuple[int, int]:
        """Give the offsets in the text of a piece of the flat text."""
        return self._place(start), self._place(end - 1) + 1

    def _place(self, flat: int) -> int:
        word = bisect_right(self._in_flat, flat) - 1
        return self._in_text[word] + flat - self._in_flat[word]


def _shifted(span: Span, shift: int) -> Span:
    return span._replace(start=span.start + shift, end=span.end + shift)


def find_sentence(text: str, span: Span, *, reach: int = _REACH) -> int | None:
    """Find where a sentence of this length and checksum begins, the nearest to its place first.

    Parameters
    ----------
    text
        Of the document.
    span
        Place and checksum.
    reach
        Characters before and after its place in which it is looked for.

    Returns
    -------
    int or None
        None where it is not within reach of its place.
    """
    length = span.end - span.start
    for distance in range(reach + 1):
        for start in {span.start + distance, span.start - distance}:
            if (
                0 <= start <= len(text) - length
                and checksum(text[start : start + length]) == span.checksum
            ):
                return start
    return None


def _document(
    labels: PointedDocument,
    text: str,
    sentences: list[tuple[int, int, dict[tuple[str, str], Label]]],
) -> LabelledDocument:
    facts, statement = labels.facts, parse_name(labels.id)
    title, date, speaker, register = "", "", None, "speech"
    if facts is not None:
        date, speaker, register = facts.date, facts.speaker_state, facts.register
    elif statement is not None:
        title, date, speaker = statement.title, statement.year, statement.speaker
    return LabelledDocument(
        Document(labels.id, text, title, date, speaker),
        register,
        tuple(
            LabelledSentence(Sentence(number, start, end), labels)
            for number, (start, end, labels) in enumerate(sorted(sentences, key=lambda s: s[:2]))
        ),
    )


def count_standoff(settings: StandoffSettings, knowledge: Knowledge) -> int:
    """Join all labels, and check their split; give the number of documents."""
    return check_documents(join_corpus(settings, knowledge).documents, settings.split)


def standoff_fingerprint(settings: StandoffSettings, knowledge: Knowledge) -> str:
    """Give the fingerprint of a build: labels, the corpus's files, recipe, knowledge and code.

    Raises
    ------
    DatasetError
        If labels or corpus are missing.
    """
    pointed = read_standoff(settings.path, knowledge)
    return _measure(settings, knowledge, _corpus_files(settings.corpus, pointed))


def _measure(settings: StandoffSettings, knowledge: Knowledge, files: Mapping[str, Path]) -> str:
    texts = {document: _content(file) for document, file in files.items()}
    return fingerprint(
        [file_fingerprint(settings.path / n) for n in FILES if (settings.path / n).exists()],
        texts,
        settings.split.measure(),
        knowledge.fingerprint,
        code_fingerprint(*BUILDING_CODE, *_OWN_CODE),
    )


def _content(file: Path) -> str:
    try:
        return file_fingerprint(file)
    except OSError as error:
        # a broken link, say: the notes tell that the document cannot be read
        return error.strerror or ""


def build_standoff(settings: StandoffSettings, knowledge: Knowledge, folder: Path) -> Built:
    """Build the data set, or open the build of the same fingerprint; see `build_documents`.

    The notes say how many labels could be joined.
    """
    files = _corpus_files(settings.corpus, read_standoff(settings.path, knowledge))
    key = _measure(settings, knowledge, files)
    splits = build_documents(StandoffBuilder, settings, key, knowledge, folder)
    # a document that cannot be read is named by its place
    places = {document: str(file) for document, file in files.items()}
    notes = keep_notes(folder, (key, places), lambda: join_corpus(settings, knowledge).notes)
    return Built(key, splits, notes)
