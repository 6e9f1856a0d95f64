"""Minimal pairs: whether a model sees the one thing that changes the stance.

A group holds two or three sentences about one pair which differ in one thing, such as a negation or
who speaks, and in their stance. A model passes a group only if it judges all members rightly
(contrast consistency; Gardner et al. 2020, "Evaluating Models' Local Decision Boundaries via
Contrast Sets"): one that gives one answer to all members passes none.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from alliance_stance.corpus.readers.decoding import read_lines
from alliance_stance.corpus.readers.jsonl import parse_json, parse_row
from alliance_stance.errors import DatasetError, InputError
from alliance_stance.evaluation.bootstrap import Interval, bootstrap
from alliance_stance.evaluation.metrics import Codes, accuracy
from alliance_stance.evaluation.overlap import trained_on
from alliance_stance.evaluation.report import INTERVAL_SEED, score_examples
from alliance_stance.extraction.candidates import CandidateFinder
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.models.base import StanceModel
from alliance_stance.schema import Example

_KEYS = {"id", "difference", "items"}
_FEWEST = 2
_SIZES = {2: "pairs", 3: "triplets"}


@dataclass(frozen=True, slots=True)
class MinimalGroup:
    """Sentences that differ in one thing.

    Parameters
    ----------
    id
        Unique within its file.
    difference
        What differs: ``negation``, ``holder``, ``target``, ``tense``, ``modality``, ``speaker`` or
        ``scope``.
    examples
        Its members, labelled, mentions found; 2 or more, not all of one stance.
    """

    id: str
    difference: str
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class PassRate:
    """How many groups of one kind a model passes.

    Parameters
    ----------
    kind
        ``all``, a size (``pairs``, ``triplets``) or a difference.
    group_count, member_count
        Groups, and sentences in them.
    rate
        Share of groups with all members right; the interval is drawn by group.
    members_right
        Share of members that are right.
    """

    kind: str
    group_count: int
    member_count: int
    rate: Interval
    members_right: float


def read_minimal_pairs(path: Path, knowledge: Knowledge) -> list[MinimalGroup]:
    """Read a file of groups (docs/formats.md) and find the mentions of their sentences.

    Raises
    ------
    InputError
        At the first line that is no group, or whose members all have one stance.
    KnowledgeError
        If a state or an alliance is not known.
    """
    finder = CandidateFinder(knowledge)
    groups = []
    for number, line in enumerate(read_lines(path), start=1):
        where = f"{path}:{number}"
        row = _parse_group(line, where)
        examples = tuple(
            finder.mark_example(knowledge.settle_codes(example, where))
            for example in _members(row, where)
        )
        groups.append(MinimalGroup(row["id"], row["difference"], examples))
    return groups


def read_group_sizes(path: Path) -> list[tuple[str, int]]:
    """Give of each group of a file what differs in it, and how many sentences it has.

    Raises
    ------
    InputError
        At the first line that is no group.
    """
    groups = (
        _parse_group(line, f"{path}:{number}")
        for number, line in enumerate(read_lines(path), start=1)
    )
    return [(group["difference"], len(group["items"])) for group in groups]


def _parse_group(line: str, where: str) -> dict[str, Any]:
    row: Any = parse_json(line, where)
    is_group = (
        isinstance(row, dict)
        and row.keys() == _KEYS
        and all(isinstance(row[key], str) for key in ("id", "difference"))
        and isinstance(row["items"], list)
        and len(row["items"]) >= _FEWEST
        and all(isinstance(item, dict) for item in row["items"])
    )
    if not is_group:
        raise InputError(
            where,
            "no group of sentences",
            f"the keys {sorted(_KEYS)}, and {_FEWEST} items or more",
            "compare docs/formats.md",
        )
    return dict(row)


def _members(row: dict[str, Any], where: str) -> Iterator[Example]:
    stances = set()
    for number, item in enumerate(row["items"]):
        values = {**item, "id": f"{row['id']}/{number}", "document": row["id"]}
        example = parse_row(values, where, default_id="")
        if not isinstance(example, Example) or example.label is None:
            raise InputError(
                where, f"item {number} without a label", "'state', 'alliance', 'stance'", "label it"
            )
        stances.add(example.label.stance)
        yield example
    if len(stances) < _FEWEST:
        raise InputError(
            where, "one stance in all members", "members of different stances", "remove the group"
        )


def held_out_groups(
    groups: Sequence[MinimalGroup],
    train_texts: Collection[str],
    keys: frozenset[str] = frozenset(),
) -> list[MinimalGroup]:
    """Keep the groups of which no sentence was trained on; to pass the others shows nothing.

    Parameters
    ----------
    groups
        All.
    train_texts
        Sentences that a model was fitted on.
    keys
        Keys of further ones, as saved models list them; see `evaluation.overlap`.
    """
    texts = frozenset(train_texts)
    return [
        group
        for group in groups
        if all(example.candidate.text not in texts for example in group.examples)
        and not trained_on(group.examples, keys)
    ]


def minimal_pair_scores(
    model: StanceModel, groups: Sequence[MinimalGroup], *, seed: int = INTERVAL_SEED
) -> dict[str, PassRate]:
    """Count the groups that a model passes.

    Parameters
    ----------
    model
        Fitted.
    groups
        That it was not fitted on; see `held_out_groups`.
    seed
        Seed of the draws of the intervals.

    Returns
    -------
    dict
        By kind: ``all``, then ``pairs`` and ``triplets``, then each difference; kinds without a
        group are left out.

    Raises
    ------
    DatasetError
        If there are no groups.
    """
    examples = [example for group in groups for example in group.examples]
    if not examples:
        raise DatasetError("minimal pairs", "no groups", "one or more", "check the file")
    scored = score_examples(model, examples, where="minimal pairs")
    is_right = scored.stances == scored.predicted
    ends = np.cumsum([len(group.examples) for group in groups])[:-1]
    members = np.split(is_right, ends)
    passed = np.array([part.all() for part in members], dtype=np.intp)
    rates = {}
    for kind, rows in _kinds(groups).items():
        own = np.concatenate([members[row] for row in rows])
        rates[kind] = PassRate(
            kind,
            group_count=len(rows),
            member_count=len(own),
            rate=_rate(passed[rows], [groups[row].id for row in rows], seed),
            members_right=float(own.mean()),
        )
    return rates


def _kinds(groups: Sequence[MinimalGroup]) -> dict[str, list[int]]:
    """Give the positions of the groups of each kind."""
    kinds: dict[str, list[int]] = {"all": list(range(len(groups)))}
    sizes = [_SIZES.get(len(group.examples), "larger groups") for group in groups]
    differences = [group.difference for group in groups]
    for names in (sizes, differences):
        for name in sorted(set(names)):
            kinds[name] = [row for row, own in enumerate(names) if own == name]
    return kinds


def _rate(passed: Codes, names: Sequence[str], seed: int) -> Interval:
    return bootstrap(accuracy, np.ones_like(passed), passed, names, seed=seed)
