"""The corpus: documents and ready examples of any number of inputs, one at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from alliance_stance.corpus.inputs import OnSkip, ReadOptions, list_units
from alliance_stance.corpus.metadata import read_metadata
from alliance_stance.corpus.readers.decoding import input_name
from alliance_stance.corpus.readers.table import FORMATS
from alliance_stance.corpus.readers.unit import Skipped, Unit
from alliance_stance.errors import InputError, StanceError
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.schema import Document, Example

_MOST_KEPT = 1000


def read_unit(
    unit: Unit,
    options: ReadOptions = ReadOptions(),  # noqa: B008 - it cannot change
    *,
    on_skip: OnSkip | None = None,
) -> Iterator[Document | Example]:
    """Read one unit by itself, with the facts that metadata and options add.

    A table of metadata goes before a title and a date that a reader guessed (HTML, PDF, Word,
    WARC); otherwise what a document tells itself stands. The options fill in what is still
    missing.

    Parameters
    ----------
    unit
        Of `list_units`.
    options
        The same as there.
    on_skip
        Is told what cannot be read inside the unit; without it such things are passed over.

    Raises
    ------
    InputError
        If the unit cannot be read; what was read before has been given.
    """
    format_ = FORMATS[unit.format]
    table = None if options.metadata is None else read_metadata(options.metadata)
    for item in format_.read(unit):
        if isinstance(item, Skipped):
            if options.on_unreadable == "fail":
                raise InputError(
                    item.where, item.reason, "text", "mend it, or give --on-unreadable skip"
                )
            if on_skip is not None:
                on_skip(item)
            continue
        if isinstance(item, Example):
            yield item
            continue
        row = table.of_document(item.id) if table is not None else None
        facts = unit.facts if row is None else row.facts
        known = facts.correct(item) if format_.is_guessed else facts.complete(item)
        yield options.facts.complete(known)


def broken_off(unit: Unit, error: StanceError, *, is_begun: bool) -> Skipped:
    """Tell why a unit could not be read, and whether documents behind the place are lost.

    Parameters
    ----------
    unit
        Of one document or of many.
    error
        What ended the reading.
    is_begun
        Whether something of the unit was read before.
    """
    is_within = is_begun or error.where != unit.where
    is_lossy = is_within and not FORMATS[unit.format].is_single
    lost = "; nothing behind it was read" if is_lossy else ""
    return Skipped(error.where, error.found + lost)


@dataclass
class SkipLog:
    """What was not read: the first thousand, and how many in all."""

    first: list[Skipped] = field(default_factory=list)
    count: int = 0

    def add(self, skipped: Skipped) -> None:
        """Take down one more."""
        self.count += skipped.count
        if len(self.first) < _MOST_KEPT:
            self.first.append(skipped)


def open_corpus(
    inputs: Sequence[Path | str],
    options: ReadOptions,
    knowledge: Knowledge,
) -> "Corpus":
    """List the units of some inputs, ready to be read.

    Parameters
    ----------
    inputs
        Files, folders, patterns with ``*``, or ``-`` for standard input.
    options
        How they are read.
    knowledge
        Whose codes are allowed.

    Raises
    ------
    InputError
        If an input is not there, or the table of metadata cannot be used.
    KnowledgeError
        If the table of metadata has a code that is not known.
    """
    if options.metadata is not None:
        read_metadata(options.metadata).check(knowledge)
    left_out: list[Skipped] = []
    units = list_units(inputs, options, on_skip=left_out.append)
    return Corpus(units, options, knowledge, left_out)


class Corpus:
    """Documents and ready examples, read anew with every iteration.

    Parameters
    ----------
    units
        What is read, in order.
    options
        How.
    knowledge
        Whose codes are allowed.
    left_out
        Files that were found and are of no known format.
    """

    def __init__(
        self,
        units: Sequence[Unit],
        options: ReadOptions,
        knowledge: Knowledge,
        left_out: Sequence[Skipped] = (),
    ) -> None:
        self.units = units
        self._options = options
        self._knowledge = knowledge
        self.left_out = left_out
        self._ids: dict[str, Path] = {}
        self._usable = 0
        self.skipped = SkipLog()

    def __iter__(self) -> Iterator[Document | Example]:
        """Read all units.

        Raises
        ------
        InputError
            If a unit cannot be read and must be, or nothing at all could be read.
        KnowledgeError
            If a code is not known, in a unit that must be read.
        """
        self.skipped = SkipLog()
        self._ids = {}
        self._usable = 0
        for skipped in self.left_out:
            self.skipped.add(skipped)
        for unit in self.units:
            for item in self._read(unit):
                self._usable += 1
                yield item
        if not self._usable:
            raise self._nothing()

    def refuse(self, item: Document | Example | str, error: StanceError) -> None:
        """Take the last document back, which can be read and not used.

        Parameters
        ----------
        item
            The document.
        error
            Why.

        Raises
        ------
        InputError
            If what cannot be read is an error; it names the file.
        """
        path = self._ids.get(getattr(item, "id", ""))
        where = error.where if path is None else f"{input_name(path)}, {error.where}"
        if any(self._options.fails(unit) for unit in self.units):
            raise InputError(where, error.found, error.expected, error.next_step)
        self._usable -= 1
        self.skipped.add(Skipped(where, error.found))

    def metadata_notes(self) -> list[str]:
        """Say what of the table of metadata fits nothing; it is known after an iteration."""
        if self._options.metadata is None:
            return []
        table = read_metadata(self._options.metadata)
        return table.fit_notes(self.units, self._ids)

    def _read(self, unit: Unit) -> Iterator[Document | Example]:
        is_strict = self._options.fails(unit)
        is_begun = False
        try:
            for item in read_unit(unit, self._options, on_skip=self.skipped.add):
                is_begun = True
                try:
                    yield self._settled(item, unit)
                except StanceError as error:
                    if is_strict:
                        raise
                    self.skipped.add(Skipped(error.where, error.found))
        except StanceError as error:
            if is_strict:
                raise
            self.skipped.add(broken_off(unit, error, is_begun=is_begun))

    def _settled(self, item: Document | Example, unit: Unit) -> Document | Example:
        """Give an item with the project's own codes; refuse a document's id that comes again."""
        where = f"{unit.where}, id {item.id}"
        item = self._knowledge.settle_codes(item, where)
        if isinstance(item, Document):
            if item.id in self._ids:
                raise InputError(
                    where,
                    f"an id that came before, in {input_name(self._ids[item.id])}",
                    "each document named once",
                    "rename one",
                )
            self._ids[item.id] = unit.path
        return item

    def _nothing(self) -> InputError:
        first, *others = self.skipped.first or [Skipped("-", "no documents")]
        more = f", and {len(others)} more" if others else ""
        return InputError(
            first.where,
            f"{first.reason}{more}, and nothing that can be read",
            "one readable document at least",
            "see docs/readers.md",
        )
