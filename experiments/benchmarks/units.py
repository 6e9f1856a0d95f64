"""A row of a benchmark: its candidates, and its label as the benchmark writes it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from alliance_stance.datasets.table import BuiltDataset
from alliance_stance.evaluation.metrics import Codes
from alliance_stance.schema import Candidate


class Unit(NamedTuple):
    """A row of a benchmark.

    Parameters
    ----------
    candidates
        One, or both directions where the benchmark judges a pair both ways; the forward one first.
    label
        As the benchmark writes it.
    """

    candidates: tuple[Candidate, ...]
    label: str

    @property
    def document(self) -> str:
        """What is drawn together for an interval."""
        return self.candidates[0].document

    @property
    def target(self) -> str:
        """What the stance is about."""
        return self.candidates[0].alliance


def read_units(dataset: BuiltDataset, split: str) -> list[Unit]:
    """Read a split; the two directions of a row stand one after the other."""
    examples, labels = dataset.examples(split), dataset.source_labels(split)
    step = 2 if examples and "forward" in examples[0].tags else 1
    return [
        Unit(tuple(e.candidate for e in examples[row : row + step]), labels[row])
        for row in range(0, len(examples), step)
    ]


def codes(units: Sequence[Unit], classes: Sequence[str]) -> Codes:
    """Give the position of each unit's label among the classes."""
    return np.array([classes.index(unit.label) for unit in units], dtype=np.intp)


def documents(units: Sequence[Unit]) -> list[str]:
    """Give the document of each unit."""
    return [unit.document for unit in units]
