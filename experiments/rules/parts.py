"""The two parts of the real development sentences: one read for writing rules, one held back."""

import hashlib
from pathlib import Path
from typing import NamedTuple

from alliance_stance.evaluation.labelled import read_labelled
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.schema import Example

PARTS = 3


class Parts(NamedTuple):
    """Labelled examples that whoever writes rules may read, and those that nobody reads."""

    read: list[Example]
    held_back: list[Example]


def is_held_back(document: str) -> bool:
    """Say whether a document is held back: a third of them, by the digest of the name."""
    return int(hashlib.sha256(document.encode()).hexdigest(), 16) % PARTS == 0


def read_parts(path: Path, knowledge: Knowledge) -> Parts:
    """Read labelled examples in two parts; a document is never in both."""
    parts = Parts([], [])
    for example in read_labelled(path, knowledge):
        own = parts.held_back if is_held_back(example.candidate.document) else parts.read
        own.append(example)
    return parts
