"""Slices of a labelled set: the rows that have something in common, to be scored by themselves.

One mean over all rows hides where a model fails (Ribeiro et al. 2020; Wu et al. 2019, "Errudite").
Each dimension is a short function from an example to the names of its slices. Hedged, negated and
reported go by the words of the sentence (`labeling.wording`), not by a reader's judgement.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from alliance_stance.evaluation.metrics import Codes
from alliance_stance.labeling.wording import is_denied, is_guessed, is_told
from alliance_stance.schema import ACTS, Candidate, Example

FEW = 30
"""Slices of fewer rows are shown, but say nothing."""
ACT = "act"
_UNNAMED = frozenset({"speaker", "turn", "quotation", "reference"})
_YEAR = re.compile(r"^\d{4}")
_BANDS = ((15, "up to 15 words"), (30, "16 to 30 words"), (50, "31 to 50 words"))
_LONGEST = "over 50 words"


@dataclass(frozen=True)
class Seen:
    """The alliances and states of the training rows; None where they are not known."""

    alliances: frozenset[str] | None = None
    states: frozenset[str] | None = None


@dataclass(frozen=True)
class Slice:
    """Some rows of a set.

    Parameters
    ----------
    dimension, name
        What the rows have in common, such as ``"decade"`` and ``"1990s"``.
    rows
        Their numbers, rising.
    """

    dimension: str
    name: str
    rows: Codes

    @property
    def is_small(self) -> bool:
        """Whether there are too few rows to read anything into a score of them."""
        return len(self.rows) < FEW


def cut(examples: Sequence[Example], seen: Seen) -> list[Slice]:
    """Cut labelled examples by every dimension, in the order of `DIMENSIONS`.

    A dimension in which all examples fall into one slice is left out: that slice is the whole set.

    Parameters
    ----------
    examples
        Length n >= 1.
    seen
        What the models were trained on.
    """
    slices = []
    for dimension, names_of in DIMENSIONS.items():
        named: dict[str, list[int]] = {}
        for row, example in enumerate(examples):
            for name in names_of(example, seen):
                named.setdefault(name, []).append(row)
        if len(named) > 1 or any(len(rows) < len(examples) for rows in named.values()):
            order = _ORDER.get(dimension, ())
            slices += [
                Slice(dimension, name, np.array(named[name]))
                for name in sorted(named, key=partial(_rank, order))
            ]
    return slices


def _rank(order: Sequence[str], name: str) -> tuple[int, str]:
    return (order.index(name) if name in order else len(order)), name


def _alliance_seen(example: Example, seen: Seen) -> Iterator[str]:
    if seen.alliances is not None:
        yield "seen" if example.candidate.alliance in seen.alliances else "not seen"


def _state_seen(example: Example, seen: Seen) -> Iterator[str]:
    if seen.states is not None:
        yield "seen" if example.candidate.state in seen.states else "not seen"


def _act(example: Example, _: Seen) -> Iterator[str]:
    if example.label is not None and example.label.act is not None:
        yield str(example.label.act)


def _register(example: Example, _: Seen) -> Iterator[str]:
    if example.register:
        yield example.register


def _source(example: Example, _: Seen) -> Iterator[str]:
    source, is_before, _rest = example.candidate.document.partition("/")
    if source and is_before:
        yield source


def _decade(example: Example, _: Seen) -> Iterator[str]:
    year = _YEAR.match(example.candidate.date)
    yield f"{year[0][:3]}0s" if year else "no date"


def _holders(example: Example, _: Seen) -> Iterator[str]:
    states = {m.id for m in example.candidate.mentions if m.kind == "state"}
    count = len(states | {example.candidate.state})
    yield {1: "one state", 2: "two states"}.get(count, "three states or more")


def _length(example: Example, _: Seen) -> Iterator[str]:
    words = len(example.candidate.text.split())
    yield next((name for longest, name in _BANDS if words <= longest), _LONGEST)


def _membership(example: Example, _: Seen) -> Iterator[str]:
    membership = example.candidate.membership
    if membership in {"member", "none", ""}:
        yield {"member": "member", "none": "no tie", "": "not known"}[membership]
    else:
        yield "other tie"


def is_named(candidate: Candidate) -> bool:
    """Say whether the sentence itself names the judged state: not by "we" or "the country"."""
    return any(
        m.kind == "state" and m.id == candidate.state and m.how not in _UNNAMED
        for m in candidate.mentions
    )


def _named(example: Example, _: Seen) -> Iterator[str]:
    yield "named" if is_named(example.candidate) else "not named"


def _wording(claim: Callable[[str], bool], name: str) -> Callable[[Example, Seen], Iterator[str]]:
    def names(example: Example, _: Seen) -> Iterator[str]:
        yield name if claim(example.candidate.text) else f"not {name}"

    return names


def _tags(example: Example, _: Seen) -> Iterator[str]:
    yield from dict.fromkeys(example.tags)


DIMENSIONS: dict[str, Callable[[Example, Seen], Iterator[str]]] = {
    "alliance in training": _alliance_seen,
    "state in training": _state_seen,
    "hedged": _wording(is_guessed, "hedged"),
    "negated": _wording(is_denied, "negated"),
    "reported": _wording(is_told, "reported"),
    "states in the sentence": _holders,
    "judged state": _named,
    "membership on the date": _membership,
    "length": _length,
    "register": _register,
    "source": _source,
    "decade": _decade,
    "tag": _tags,
    ACT: _act,
}
"""The dimensions, each with a function that gives the names of an example's slices, or none."""

_ORDER: dict[str, tuple[str, ...]] = {
    "alliance in training": ("seen", "not seen"),
    "state in training": ("seen", "not seen"),
    "states in the sentence": ("one state", "two states", "three states or more"),
    "membership on the date": ("member", "other tie", "no tie", "not known"),
    "length": (*(name for _, name in _BANDS), _LONGEST),
    ACT: tuple(str(act) for act in ACTS),
}


def stances_present(right: Codes) -> int:
    """Count the different right stances of some rows."""
    return len(Counter(right.tolist()))
