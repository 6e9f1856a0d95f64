"""Many inputs as one stream in which every thing has its place, so that a reading can go on."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from alliance_stance.corpus.documents import broken_off, read_unit
from alliance_stance.corpus.inputs import ReadOptions
from alliance_stance.corpus.readers.decoding import STDIN
from alliance_stance.corpus.readers.table import FORMATS
from alliance_stance.corpus.readers.unit import Skipped, Unit
from alliance_stance.errors import StanceError
from alliance_stance.fingerprints import fingerprint
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.schema import Document, Example


class Place(NamedTuple):
    """Where a reading stands: this many units are done, and of the next this many things."""

    unit: int
    item: int


BEGINNING = Place(0, 0)


@dataclass(frozen=True, slots=True)
class Read:
    """One thing that was read.

    Parameters
    ----------
    item
        A document, a ready example, what could not be read, or a unit that is one document, which
        whoever works on it reads.
    source
        Name of the input that it comes from.
    after
        Where the reading goes on behind it.
    done
        Bytes of the inputs that lie behind it; inside a file an estimate from the characters.
    """

    item: "Document | Example | Unit | Skipped"
    source: str
    after: Place
    done: int

    @property
    def weight(self) -> int:
        """Characters of a text; bytes of a unit that is not read yet."""
        if isinstance(self.item, Document):
            return len(self.item.text)
        if isinstance(self.item, Example):
            return len(self.item.candidate.text) + len(self.item.candidate.context)
        return size_of(self.item) if isinstance(self.item, Unit) else 0


class Stream:
    """The things in some units, in order.

    Parameters
    ----------
    units
        What is read.
    options
        How; with `on_unreadable` None it goes by the unit, as everywhere.
    knowledge
        Whose codes are allowed.
    left_out
        Files that no reader reads; they stand at the beginning of the stream.
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
        self._left_out = left_out
        self._sizes = [size_of(unit) for unit in units]

    @property
    def size(self) -> int:
        """Bytes of all inputs; 0 where they are not known, as with standard input."""
        is_known = all(unit.path != STDIN for unit in self.units)
        return sum(self._sizes) if is_known else 0

    @property
    def fingerprint(self) -> str:
        """What tells the inputs from others: names, sizes, times of change, and how each is read.

        The bytes themselves are not read for it.
        """
        own = zip(self.units, self._sizes, strict=True)
        return fingerprint(
            [[repr(replace(unit, is_patient=False)), size, _changed(unit)] for unit, size in own],
            [str(skipped) for skipped in self._left_out],
        )

    def names_before(self, place: Place) -> list[str]:
        """Give the ids of the units before a place that are one document."""
        return [unit.id for unit in self.units[: place.unit] if FORMATS[unit.format].is_single]

    def read(self, start: Place = BEGINNING) -> Iterator[Read]:
        """Read on from a place.

        Units before it are not opened; things before it in its own unit are read and passed over.
        Ids are not compared.

        Raises
        ------
        StanceError
            If something cannot be read and must be.
        """
        if start == BEGINNING:
            for skipped in self._left_out:
                yield Read(skipped, skipped.where, BEGINNING, 0)
        before = sum(self._sizes[: start.unit])
        for number in range(start.unit, len(self.units)):
            skip = start.item if number == start.unit else 0
            yield from self._read_unit(number, skip, before)
            before += self._sizes[number]

    def _read_unit(self, number: int, skip: int, before: int) -> Iterator[Read]:
        unit, size = self.units[number], self._sizes[number]
        # standard input is this process's own: a worker could not read it
        if FORMATS[unit.format].is_single and unit.path != STDIN:
            yield Read(unit, unit.where, Place(number + 1, 0), before + size)
            return
        read = 0
        items = read_settled(unit, self._options, self._knowledge)
        for count, item in enumerate(items, start=1):
            one = Read(item, unit.where, Place(number, count), before + min(read, size))
            read += one.weight
            if count > skip:
                yield one


def read_settled(
    unit: Unit, options: ReadOptions, knowledge: Knowledge
) -> Iterator[Document | Example | Skipped]:
    """Read one unit with the project's own codes; what cannot be read stands at its place.

    Raises
    ------
    StanceError
        If something cannot be read and must be.
    """
    is_strict = options.fails(unit)
    skipped: list[Skipped] = []
    is_begun = False
    try:
        for item in read_unit(unit, options, on_skip=skipped.append):
            is_begun = True
            yield from _taken(skipped)
            try:
                settled = knowledge.settle_codes(item, f"{unit.where}, id {item.id}")
            except StanceError as error:
                if is_strict:
                    raise
                yield Skipped(error.where, error.found)
                continue
            yield settled
    except StanceError as error:
        if is_strict:
            raise
        skipped.append(broken_off(unit, error, is_begun=is_begun))
    yield from _taken(skipped)


def _taken(skipped: list[Skipped]) -> Iterator[Skipped]:
    while skipped:
        yield skipped.pop(0)


def size_of(unit: Unit) -> int:
    """Give the bytes of a unit; 0 where that is not known."""
    try:
        return 0 if unit.path == STDIN else unit.path.stat().st_size
    except OSError:
        return 0


def _changed(unit: Unit) -> int:
    try:
        return unit.path.stat().st_mtime_ns
    except OSError:
        return 0


class SeenIds:
    """Which ids came before, in eight bytes each.

    An id is known by 64 bits of its BLAKE2b hash: among a hundred million ids the chance that any
    two are taken for one is 0.03 %.
    """

    def __init__(self) -> None:
        # sorted, each at least twice as long as the next, so that few have to be searched
        self._runs: list[np.ndarray[tuple[int], np.dtype[np.uint64]]] = []

    def add(self, ids: Sequence[str]) -> list[bool]:
        """Take down ids; say of each whether it came before, here or earlier in the sequence."""
        raw = b"".join(
            hashlib.blake2b(one.encode("utf-8", "replace"), digest_size=8).digest() for one in ids
        )
        keys = np.frombuffer(raw, dtype=np.uint64)
        unique, first = np.unique(keys, return_index=True)
        is_new = np.zeros(len(keys), dtype=bool)
        is_new[first] = True
        for run in self._runs:
            places = np.minimum(np.searchsorted(run, keys), len(run) - 1)
            is_new &= run[places] != keys
        self._keep(np.sort(keys[is_new]) if not is_new.all() else unique)
        return [not new for new in is_new.tolist()]

    def _keep(self, run: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> None:
        if not len(run):
            return
        while self._runs and len(self._runs[-1]) < 2 * len(run):
            run = np.sort(np.concatenate([self._runs.pop(), run]), kind="stable")
        self._runs.append(run)
