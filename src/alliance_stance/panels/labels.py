"""A labelled subsample of the scored triples: what people say of them, matched to the scores.

Read from ready examples (JSON lines) or from the annotations that ``annotate import`` writes
(docs/formats.md). A triple is found by its task's id, if that is an id of the label's own and words
and pair are the same; where the scores do not have the id, by the words of its sentence and the
pair, in the same document if the label names one. It is of no triple where several documents have
them and it names none: they may say different things by the same sentence.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from alliance_stance.corpus.readers.decoding import read_lines
from alliance_stance.corpus.readers.jsonl import parse_json, parse_row
from alliance_stance.errors import InputError
from alliance_stance.evaluation.metrics import Codes, Matrix
from alliance_stance.inference.score_folder import ID
from alliance_stance.inference.scores import Scores
from alliance_stance.knowledge.knowledge import load_knowledge
from alliance_stance.labeling.annotations import (
    ABSENT,
    ADJUDICATOR,
    Annotation,
    read_annotation_rows,
)
from alliance_stance.labeling.sampling import SAMPLING_PROBABILITY
from alliance_stance.labeling.sheets import replace_controls
from alliance_stance.labeling.tasks import pair_id
from alliance_stance.panels.triples import Triples
from alliance_stance.schema import STANCE_OF_ACT, STANCES, Act, Example, Stance

_COLUMNS = ("document", ID, "start", "end", "text", "state", "alliance")


@dataclass(frozen=True)
class Labels:
    """Labels of some triples of a panel.

    Parameters
    ----------
    triples
        Position in `Triples` of each labelled one; length m, each once.
    stances
        Position in `schema.STANCES` of each label.
    weights
        One over the probability that the triple was drawn for labelling; 1 where untold, as for
        a sample in which all were as probable.
    has_probabilities
        Whether the file tells the probabilities.
    unmatched
        Labels for which there is no triple in a cell of the panel.
    unsettled
        Tasks on which annotators differ and none has more than half of the labels.
    differing
        Those of `unmatched` whose id is that of a triple of another sentence or pair.
    ambiguous
        Those of `unmatched` that tell no document, though several have their sentence and pair.
    """

    triples: Codes
    stances: Codes
    weights: Matrix
    has_probabilities: bool
    unmatched: int
    unsettled: int
    differing: int = 0
    ambiguous: int = 0

    def __len__(self) -> int:
        """Count the labelled triples."""
        return len(self.triples)


Words = tuple[str, str, str]
"""A sentence without what programs do to its white space, its state and its alliance."""


class _Given(NamedTuple):
    """One label, and what its triple is found by.

    `id` and `document` are empty where the label does not name them, `words` is None where it tells
    no sentence.
    """

    where: str
    id: str
    stance: Stance
    weight: float | None = None
    document: str = ""
    words: Words | None = None


def read_labels(path: Path, scores: Scores, triples: Triples) -> Labels:
    """Read labels and match them to the triples of a panel.

    A label `none` (the sentence does not hold the pair) counts as neutral: the state shows no
    stance there, and the triple is one of those that the scores count.

    Parameters
    ----------
    path
        ``.csv`` holds annotations, any other file ready examples, whose stance may also be `none`.
    scores
        What the triples were read from.
    triples
        Of the panel.

    Raises
    ------
    InputError
        If a line is no labelled example, some lines have a sampling probability and others none,
        no label fits, or two labels of one triple differ.
    DatasetError
        If annotations cannot be read.
    """
    unsettled = 0
    table = scores.rows(list(_COLUMNS))
    if path.suffix == ".csv":
        given, unsettled = _settled(read_annotation_rows(path), path)
    else:
        given = list(_examples(path, set(table["state"].unique().to_pylist())))
    has_probabilities = _tells_probabilities(given, path)
    found: dict[int, _Given] = {}
    places = _Places(table, triples, given)
    for label in given:
        position = places.find(label)
        if position is None:
            continue
        known = found.setdefault(position, label)
        if known.stance is not label.stance:
            raise InputError(
                label.where, f"'{label.stance}', and '{known.stance}' in {known.where}",
                "one label of a triple", "remove one of them",
            )  # fmt: skip
    if not found:
        raise _none_found(path, len(given), places)
    positions = sorted(found)
    return Labels(
        np.array(positions, dtype=np.int64),
        np.array([STANCES.index(found[one].stance) for one in positions], dtype=np.int64),
        np.array([found[one].weight or 1.0 for one in positions]),
        has_probabilities,
        len(given) - places.found_count,
        unsettled,
        places.differing_count,
        places.ambiguous_count,
    )


def _none_found(path: Path, count: int, places: "_Places") -> InputError:
    told = [
        f"{number} {what}"
        for number, what in (
            (places.differing_count, "have the id of one, but another sentence or pair"),
            (places.ambiguous_count, "name no document, where several have their sentence"),
        )
        if number
    ]
    shown = f" ({'; '.join(told)})" if told else ""
    return InputError(
        str(path), f"{count} labels, none of a triple of the panel{shown}",
        "labels of scored triples: the same sentence and pair, by id or by words",
        "label triples of this corpus: alliance-stance annotate export",
    )  # fmt: skip


def _examples(path: Path, states: Set[str]) -> Iterator[_Given]:
    """Read labelled lines; `states` are the codes that the scores have."""
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        row = parse_json(line, where)
        # a number that the line does not tell itself is no id to find anything by
        item = parse_row(_as_neutral(row), where, default_id="")
        if not isinstance(item, Example) or item.label is None:
            raise InputError(
                where, "a line without 'state', 'alliance' and 'stance'",
                "labelled examples only", "label it, or remove the line",
            )  # fmt: skip
        assert isinstance(row, dict)  # `parse_row` refuses all else
        own = item.candidate
        state = own.state if own.state in states else _former_codes().get(own.state, own.state)
        yield _Given(
            where,
            item.id,
            item.label.stance,
            _weight(row, where),
            own.document if row.get("document") else "",
            _words(own.text, state, own.alliance),
        )


@cache
def _former_codes() -> Mapping[str, str]:
    """Give the code that `score` writes in place of a former one (BYS, RHO)."""
    states = load_knowledge().states.values()
    return {other: state.code for state in states for other in state.other_codes}


def _as_neutral(row: object) -> object:
    """Give a copy of what a line holds, neutral where its stance is `none`."""
    if not isinstance(row, dict):
        return row
    own = dict(row)
    if own.get("stance") == ABSENT:
        own["stance"] = str(Stance.NEUTRAL)
        own["act"] = None if own.get("act") == ABSENT else own.get("act")
    return own


def _weight(row: Mapping[str, Any], where: str) -> float | None:
    value = row.get(SAMPLING_PROBABILITY)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        raise InputError(
            where, f"{SAMPLING_PROBABILITY} {value!r:.40}", "a number above 0, at most 1",
            "correct it",
        )  # fmt: skip
    return 1 / value


def _tells_probabilities(given: Sequence[_Given], path: Path) -> bool:
    told = [label.weight is not None for label in given]
    if any(told) and not all(told):
        label = given[told.index(False)]
        raise InputError(
            label.where, f"no '{SAMPLING_PROBABILITY}', which other lines of {path.name} have",
            "all lines with it, or none", "add or remove it",
        )  # fmt: skip
    return any(told)


def _settled(rows: Sequence[Annotation], path: Path) -> tuple[list[_Given], int]:
    """Settle each task by the adjudicator, else by more than half; count those left open."""
    by_task: defaultdict[str, list[Annotation]] = defaultdict(list)
    for row in rows:
        by_task[row.task].append(row)
    settled = []
    for task, own in by_task.items():
        final = [row.label for row in own if row.worker == ADJUDICATOR]
        stances = Counter(map(_stance, final or [row.label for row in own]))
        (stance, count), *_ = stances.most_common(1)
        if 2 * count > stances.total():
            settled.append(_Given(f"{path}, task {task}", task, stance))
    return settled, len(by_task) - len(settled)


def _stance(label: str) -> Stance:
    return Stance.NEUTRAL if label == ABSENT else STANCE_OF_ACT[Act(label)]


class _Places:
    """Where in a panel the labelled triples are; only what some label asks for is kept."""

    def __init__(self, table: pa.Table, triples: Triples, given: Sequence[_Given]) -> None:
        ids = {label.id for label in given if label.id}
        asked = {label.words for label in given}
        self._by_id: defaultdict[str, list[tuple[Words, int]]] = defaultdict(list)
        self._by_words: defaultdict[Words, list[tuple[str, int]]] = defaultdict(list)
        self.found_count = self.differing_count = self.ambiguous_count = 0
        rows = table.take(pa.array(triples.numbers))
        columns = (rows[name].to_pylist() for name in _COLUMNS)
        for position, row in enumerate(zip(*columns, strict=True)):
            document, own_id, start, end, text, state, alliance = row
            id_ = own_id or pair_id(document, start, end, state, alliance)
            words = _words(text or "", state, alliance)
            if id_ in ids:
                self._by_id[id_].append((words, position))
            if words in asked:
                self._by_words[words].append((document, position))

    def find(self, label: _Given) -> int | None:
        """Give the position of a label's triple: of equal ones of one document the first."""
        named = self._by_id.get(label.id)
        if named is not None:
            found = [place for words, place in named if label.words in (None, words)]
            self.differing_count += not found
        else:
            equal = self._by_words.get(label.words, []) if label.words else []
            own = [one for one in equal if label.document in ("", one[0])]
            is_ambiguous = len({document for document, _ in own}) > 1
            self.ambiguous_count += is_ambiguous
            found = [] if is_ambiguous else [place for _, place in own]
        self.found_count += bool(found)
        return found[0] if found else None


def _words(text: str, state: str, alliance: str) -> Words:
    # `annotate` replaces what no spreadsheet keeps
    return (" ".join(replace_controls(text).split()), state, alliance)
