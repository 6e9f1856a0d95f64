"""The most telling sentences of each pair: as many as a page has room for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from alliance_stance.inference.scores import Scores
from alliance_stance.reporting.pair_numbers import Values, runs
from alliance_stance.reporting.pair_rows import Codes, PairRows
from alliance_stance.schema import ACTS, STANCE_OF_ACT, Stance

MOST_OF_A_PAIR = 40
LONGEST = 700
"""Characters of a sentence that are shown; of a longer one, a piece around the names."""
_AROUND = 150
_ENTRY = 70
"""Bytes that a shown sentence takes besides its text, about."""
_STRETCHES = 4
_POLAR = np.array([STANCE_OF_ACT[act] is not Stance.NEUTRAL for act in ACTS])
_COLUMNS = (
    "document", "source", "title", "date", "speaker_state", "start", "text", "state_start",
    "state_end", "alliance_start", "alliance_end", "state_how", "stance", *map(str, Stance),
)  # fmt: skip
DECIDING = "deciding"
"""Optional column: a list of [start, end] in the document, as `state_start` counts."""

Span = tuple[int, int]


@dataclass(frozen=True)
class Telling:
    """A triple's sentence as it is shown.

    Parameters
    ----------
    row
        Number of the triple in `PairRows`.
    text
        The sentence, or a piece of it.
    probability
        Of its stance, in [0, 1].
    state, alliance
        Where the judged names stand in `text`, in characters; None where nothing names it there.
    deciding
        Words that decided, where the scores tell.
    facts
        ``document``, ``source``, ``title``, ``date``, ``speaker_state`` and ``state_how``.
    """

    row: int
    text: str
    probability: float
    state: Span | None
    alliance: Span | None
    deciding: tuple[Span, ...]
    facts: dict[str, str]


def choose_telling(
    rows: PairRows, scores: Scores, *, most: int, room: int
) -> list[Telling]:
    """Choose the sentences of a page, round by round: the most telling one of each pair first.

    Within a pair those whose stance is the most probable come first, but each act, and each quarter
    of the pair's time, has its turn before one comes again, and favor and against come before
    neutral, so that whatever a reader filters leaves something to read. A sentence that stands
    twice is shown once.

    Parameters
    ----------
    rows
        The triples as codes.
    scores
        Where their sentences are.
    most
        Sentences of a pair at most.
    room
        Bytes of all.

    Returns
    -------
    list of Telling
        Sorted by pair; within a pair the most telling first.
    """
    table = scores.rows()
    names = [name for name in (*_COLUMNS, DECIDING) if name in table.column_names]
    table = table.select(names)
    texts = table["text"]
    strengths = _strengths(table)[rows.places]
    queues = _queues(rows, strengths, most)
    taken: dict[int, list[int]] = {pair: [] for pair in queues}
    seen: dict[int, set[str]] = {pair: set() for pair in queues}
    spent: dict[str, int] = {}
    left = room
    for turn in range(max(map(len, queues.values()))):
        for pair, queue in queues.items():
            if turn >= len(queue):
                continue
            row = queue[turn]
            text = texts[int(rows.places[row])].as_py() or ""
            if text in seen[pair]:
                continue
            size = _ENTRY + (0 if text in spent else min(len(text.encode()), 2 * LONGEST))
            if size > left:
                continue
            left -= size
            spent[text] = size
            seen[pair].add(text)
            taken[pair].append(row)
    chosen = [row for pair in sorted(taken) for row in taken[pair]]
    records = table.take(rows.places[chosen]).to_pylist()
    return [
        _telling(row, record, float(strengths[row]))
        for row, record in zip(chosen, records, strict=True)
    ]


def _strengths(table: Any) -> Values:  # noqa: ANN401 - a pyarrow table
    """Give the probability of each triple's stance."""
    stances = np.asarray(table["stance"].to_pylist(), dtype=object)
    found = np.zeros(table.num_rows)
    for stance in map(str, Stance):
        own = stances == stance
        found[own] = np.asarray(table[stance].to_pylist(), dtype=np.float64)[own]
    return found


def _queues(rows: PairRows, strengths: Values, most: int) -> dict[int, list[int]]:
    """Give the triples of each pair in the order in which they are shown; large pairs first."""
    queues = {}
    for stretch_ in sorted(runs(rows.pairs), key=lambda own: own.start - own.stop):
        own = np.arange(stretch_.start, stretch_.stop)
        periods = rows.row_periods[own]
        stretch = _STRETCHES * (periods - periods.min()) // (np.ptp(periods) + 1)
        acts = rows.acts[own]
        order = np.lexsort((own, -strengths[own], ~_POLAR[acts]))
        order = _dealt(order, acts * _STRETCHES + stretch)
        order = _dealt(order, acts)
        queues[int(rows.pairs[own[0]])] = own[order][:most].tolist()
    return queues


def _dealt(order: Codes, groups: Codes) -> Codes:
    """Let each group have its turn before one comes again; what came first stays first."""
    counted: dict[int, int] = {}
    turns = []
    for group in groups[order].tolist():
        turns.append(counted.get(group, 0))
        counted[group] = turns[-1] + 1
    return order[np.argsort(turns, kind="stable")]


def _telling(row: int, record: dict[str, Any], probability: float) -> Telling:
    text = record["text"] or ""
    # offsets of a ready example point into its text
    offset = record["start"] or 0
    state = _inside(record["state_start"], record["state_end"], offset, text)
    alliance = _inside(record["alliance_start"], record["alliance_end"], offset, text)
    words = [_inside(start, end, offset, text) for start, end in record.get(DECIDING) or ()]
    text, moved = _piece(text, [span for span in (state, alliance) if span])
    keep = _Moved(moved, len(text))
    return Telling(
        row=row,
        text=text,
        probability=probability,
        state=keep(state),
        alliance=keep(alliance),
        deciding=tuple(span for span in map(keep, words) if span),
        facts={
            name: record[name] or ""
            for name in ("document", "source", "title", "date", "speaker_state", "state_how")
        },
    )


def _inside(start: int | None, end: int | None, offset: int, text: str) -> Span | None:
    """Give a place in the document as one in the sentence; None where it lies elsewhere."""
    if start is None or end is None or not offset <= start < end <= offset + len(text):
        return None
    return start - offset, end - offset


def _piece(text: str, spans: Sequence[Span]) -> tuple[str, int]:
    """Cut what is too long to read, at white space; say by how much places in it move."""
    if len(text) <= LONGEST:
        return text, 0
    start = max(0, min((span[0] for span in spans), default=0) - _AROUND)
    start = text.rfind(" ", 0, start) + 1 if start else 0
    end = text.find(" ", start + LONGEST)
    end = len(text) if end < 0 else end
    before, after = ("\u2026 " if start else ""), (" \u2026" if end < len(text) else "")
    return f"{before}{text[start:end]}{after}", len(before) - start


@dataclass(frozen=True)
class _Moved:
    """Moves places of a sentence into the piece of it that is shown."""

    by: int
    length: int

    def __call__(self, span: Span | None) -> Span | None:
        if span is None or span[0] + self.by < 0 or span[1] + self.by > self.length:
            return None
        return span[0] + self.by, span[1] + self.by

