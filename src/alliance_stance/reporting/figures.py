"""The figures of a data set, counted row by row, so that its size does not matter."""

import hashlib
import heapq
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from alliance_stance.datasets.table import BuiltDataset
from alliance_stance.schema import STANCES, Stance

MOST_COMPARED = 20_000
"""Sentences that are compared with one another; of more, a sample is."""
NO_STANCE_OF_ITS_OWN = frozenset(
    {"forecast", "opposition", "former_government", "non_holder", "question"}
)
"""Tags of sentences whose neutral pairs tempt one to see a stance."""
_COLUMNS = (
    "document", "sentence", "text", "context", "state", "alliance", "date", "register", "tags",
    "stance", "act",
)  # fmt: skip
_BATCH = 1000


class Sample:
    """A sample of different texts, the same whatever their order: those of the least hashes.

    Bottom-k sampling (Cohen and Kaplan 2007, "Summarizing data using bottom-k sketches").

    Parameters
    ----------
    size
        The most that are kept.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._heap: list[tuple[int, str, str]] = []
        self._kept: set[tuple[str, str]] = set()
        self.is_part = False
        """Whether there were more."""

    def add(self, text: str, side: str = "") -> None:
        """Show a text; the same text on another side is another one."""
        if (side, text) in self._kept:
            return
        digest = hashlib.blake2b(f"{side}\n{text}".encode("utf-8", "replace"), digest_size=8)
        entry = (-int.from_bytes(digest.digest(), "big"), side, text)
        if len(self._heap) < self._size:
            heapq.heappush(self._heap, entry)
        else:
            self.is_part = True
            _, *gone = heapq.heappushpop(self._heap, entry)
            self._kept.discard((gone[0], gone[1]))
            if gone == [side, text]:
                return
        self._kept.add((side, text))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Give side and text of each, in order."""
        return iter(sorted(self._kept))


@dataclass
class SplitCount:
    """Counts of a split: labelled rows by stance, rows without a label, and documents."""

    stances: Counter[str] = field(default_factory=Counter)
    unlabelled: int = 0
    documents: set[str] = field(default_factory=set)

    @property
    def triples(self) -> int:
        """Number of labelled rows."""
        return self.stances.total()


@dataclass
class Figures:
    """What is counted of the labelled rows of a data set; of others, only their number.

    Parameters
    ----------
    splits
        By name, in the order of the data set.
    acts, registers, decades, alliances, states, tags
        Labelled rows by each.
    years
        All that occur, of dated rows.
    registers_of
        Register of each document.
    undated
        Labelled rows without a date.
    with_context
        Labelled rows whose sentence has one before it.
    sentences
        Sample of all labelled sentences.
    sides
        Sample of them with their split.
    """

    splits: dict[str, SplitCount] = field(default_factory=dict)
    acts: Counter[str] = field(default_factory=Counter)
    registers: Counter[str] = field(default_factory=Counter)
    decades: Counter[str] = field(default_factory=Counter)
    alliances: Counter[str] = field(default_factory=Counter)
    tags: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    years: set[str] = field(default_factory=set)
    registers_of: dict[str, str] = field(default_factory=dict)
    undated: int = 0
    with_context: int = 0
    sentences: Sample = field(default_factory=lambda: Sample(MOST_COMPARED))
    sides: Sample = field(default_factory=lambda: Sample(MOST_COMPARED))
    _places: dict[int, "_Place"] = field(default_factory=dict)

    @property
    def triples(self) -> int:
        """Number of labelled rows."""
        return sum(split.triples for split in self.splits.values())

    @property
    def unlabelled(self) -> int:
        """Number of rows without a label."""
        return sum(split.unlabelled for split in self.splits.values())

    @property
    def sentence_count(self) -> int:
        """Number of labelled sentences."""
        return len(self._places)

    def hard_neutrals(self) -> tuple[int, int]:
        """Count neutral pairs beside a stance, and others where one is tempted to see one."""
        places = self._places.values()
        return (
            sum(place.neutral for place in places if place.has_stance),
            sum(place.tempting for place in places if not place.has_stance),
        )

    def add(self, split: str, row: Mapping[str, Any]) -> None:
        """Take down one row."""
        own = self.splits[split]
        own.documents.add(row["document"])
        stance = row["stance"]
        if stance is None:
            own.unlabelled += 1
            return
        own.stances[stance] += 1
        self.acts[str(row["act"])] += 1
        self.registers[row["register"]] += 1
        self.registers_of.setdefault(row["document"], row["register"])
        self.alliances[row["alliance"]] += 1
        self.tags.update(row["tags"])
        self.states[row["state"]] += 1
        self.with_context += bool(row["context"])
        if row["date"]:
            self.years.add(row["date"][:4])
            self.decades[f"{row['date'][:3]}0s"] += 1
        else:
            self.undated += 1
        self.sentences.add(row["text"])
        self.sides.add(row["text"], split)
        place = self._places.setdefault(hash((row["document"], row["sentence"])), _Place())
        place.add(stance, is_tempting=bool(NO_STANCE_OF_ITS_OWN.intersection(row["tags"])))


@dataclass(slots=True)
class _Place:
    """One labelled sentence: whether a pair of it has a stance, and its neutral pairs."""

    has_stance: bool = False
    neutral: int = 0
    tempting: int = 0

    def add(self, stance: str, *, is_tempting: bool) -> None:
        if stance != Stance.NEUTRAL:
            self.has_stance = True
            return
        self.neutral += 1
        self.tempting += is_tempting


def take_figures(dataset: BuiltDataset) -> Figures:
    """Count a data set, one row at a time."""
    figures = Figures()
    for split, rows in dataset.splits.items():
        figures.splits[split] = SplitCount()
        for batch in rows.select_columns(list(_COLUMNS)).iter(batch_size=_BATCH):
            for values in zip(*(batch[name] for name in _COLUMNS), strict=True):
                figures.add(split, dict(zip(_COLUMNS, values, strict=True)))
    return figures


def split_rows(figures: Figures) -> Iterator[str]:
    """Write the table of splits as Markdown."""
    names = ["split", "documents", "triples", *map(str, STANCES)]
    if figures.unlabelled:
        names.append("no label")
    yield "| " + " | ".join(names) + " |"
    yield "|" + " --- |" * len(names)
    for split, own in figures.splits.items():
        cells = [len(own.documents), own.triples, *(own.stances[str(s)] for s in STANCES)]
        if figures.unlabelled:
            cells.append(own.unlabelled)
        yield f"| {split} | " + " | ".join(map(str, cells)) + " |"
