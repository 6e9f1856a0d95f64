"""The most telling sentences of each pair: as many as a page has room for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from alliance_stance.errors import InputError
from alliance_stance.inference.score_folder import DECIDING
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


def choose_telling(rows: PairRows, scores: Scores, *, most: int, room: int) -> list[Telling]:
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
    table = scores.rows(_COLUMNS)
    strengths = _strengths(table)[rows.places]
    queues = _queues(rows, strengths, most)
    chosen = _take_turns(queues, _Room(table["text"], rows.places, room))
    places = rows.places[chosen]
    records = table.take(places).to_pylist()
    deciding = _deciding(scores, places)
    return [
        _telling(row, {**record, DECIDING: words}, float(strengths[row]))
        for row, record, words in zip(chosen, records, deciding, strict=True)
    ]


class _Room:
    """What room the sentences have left.

    Parameters
    ----------
    texts
        Column of sentences.
    places
        Which of them is each triple's.
    left
        Bytes.
    """

    def __init__(self, texts: Any, places: Codes, left: int) -> None:  # noqa: ANN401 - a pyarrow column
        self._texts = texts
        self._places = places
        self._left = left
        self._taken: set[str] = set()
        self._seen: set[tuple[int, str]] = set()

    def take(self, pair: int, row: int) -> bool:
        """Take a triple's sentence, unless the pair has it already or it is too long."""
        text = self._texts[int(self._places[row])].as_py()
        size = _ENTRY + (0 if text in self._taken else min(len(text.encode()), 2 * LONGEST))
        if (pair, text) in self._seen or size > self._left:
            return False
        self._left -= size
        self._taken.add(text)
        self._seen.add((pair, text))
        return True


def _take_turns(queues: dict[int, list[int]], room: _Room) -> list[int]:
    """Take the first triple of each pair, then the second; give them sorted by pair."""
    taken: dict[int, list[int]] = {pair: [] for pair in queues}
    for turn in range(max(map(len, queues.values()))):
        for pair, queue in queues.items():
            if turn < len(queue) and room.take(pair, queue[turn]):
                taken[pair].append(queue[turn])
    return [row for pair in sorted(taken) for row in taken[pair]]


def _deciding(scores: Scores, places: Codes) -> list[Any]:
    """Give the words that decided, of some triples; None of each where the scores tell none."""
    if not scores.has_deciding:
        return [None] * len(places)
    words: list[Any] = scores.rows([DECIDING])[DECIDING].take(places).to_pylist()
    odd = [span for spans in words for span in spans or () if span is None or len(span) != 2]
    if odd:
        raise InputError(
            f"{scores.path}, column {DECIDING}", f"{odd[0]!r}", "a start and an end", "mend it"
        )
    return words


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
    words = [_inside(start, end, offset, text) for start, end in record[DECIDING] or ()]
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
    if start:
        # a run of signs without a space is cut where it is
        space = text.rfind(" ", max(0, start - _AROUND), start)
        start = space + 1 if space >= 0 else start
    end = start + LONGEST
    if end < len(text):
        space = text.find(" ", end, end + _AROUND)
        end = space if space >= 0 else end
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
