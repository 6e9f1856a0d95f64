"""The scored triples of a panel as columns of numbers, with the cell that each falls into.

A cell is a state, an alliance and a period. Triples without a date that tells the period fall into
none; they are counted, not spread over periods.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from alliance_stance.errors import InputError
from alliance_stance.evaluation.metrics import Codes, Matrix
from alliance_stance.inference.scores import Scores
from alliance_stance.knowledge.knowledge import load_knowledge
from alliance_stance.panels.choices import By
from alliance_stance.panels.periods import period_of
from alliance_stance.schema import ACTS, STANCES

_COLUMNS = (
    "document", "source", "date", "sentence", "speaker_state", "state", "alliance", "act",
    *map(str, STANCES),
)  # fmt: skip
VOICES = ("own", "other", "none")
"""Who speaks in the document: the judged state, another one, or no state throughout.

An alliance may speak, too (docs/formats.md). It is no state.
"""


class Cell(NamedTuple):
    """What one row of a panel is about."""

    state: str
    alliance: str
    period: str


@dataclass(frozen=True)
class Triples:
    """Scored triples that fall into a cell.

    Parameters
    ----------
    cells
        Sorted by state, alliance and period.
    numbers
        Position of each triple in the scores; length n. All further columns have that length.
    cell, document, source
        Position of each triple's cell, and codes of its document and source.
    place
        Code of the sentence; two triples of one sentence share it.
    probabilities
        Shape (n, 3), in the order of `schema.STANCES`.
    acts
        Position of the predicted act in `schema.ACTS`.
    voice
        Position in `VOICES`.
    undated
        Triples that were left out since their date does not tell the period.
    undated_example
        The first of their dates; empty where none has one.
    """

    cells: tuple[Cell, ...]
    numbers: Codes
    cell: Codes
    document: Codes
    source: Codes
    place: Codes
    probabilities: Matrix
    acts: Codes
    voice: Codes
    undated: int
    undated_example: str = ""

    def __len__(self) -> int:
        """Count the triples."""
        return len(self.numbers)


def read_triples(scores: Scores, by: By) -> Triples:
    """Read scored triples and sort them into cells.

    Parameters
    ----------
    scores
        The opened scores.
    by
        Length of the periods.

    Raises
    ------
    InputError
        If no triple has a date that tells the period.
    """
    table = scores.rows(list(_COLUMNS))
    dates = _codes(table["date"])
    periods = _periods(dates, by)
    example = _first_untold(dates, periods)
    is_dated = np.array([period is not None for period in periods.names], np.bool_)[periods.codes]
    numbers = np.flatnonzero(is_dated)
    if not len(numbers):
        raise InputError(
            "scores",
            f"{table.num_rows} triples, none with a date that tells the {by}{such_as(example)}",
            "dated triples",
            "score with --date or --metadata, or choose longer periods",
        )
    states_, alliances_ = _codes(table["state"]), _codes(table["alliance"])
    cells, cell = _cells((states_, alliances_, periods), numbers)
    document = _codes(table["document"]).codes
    places = np.stack([document, _sentences(table, scores)], axis=1)[numbers]
    return Triples(
        cells,
        numbers,
        cell,
        document[numbers],
        _codes(table["source"]).codes[numbers],
        np.unique(places, axis=0, return_inverse=True)[1].ravel(),
        np.stack([table[str(s)].to_numpy() for s in STANCES], axis=1)[numbers],
        _act_positions(table["act"])[numbers],
        _voices(table)[numbers],
        int((~is_dated).sum()),
        example,
    )


def such_as(date: str) -> str:
    """Give the words that show one of the dates left out; none where there is none to show."""
    return f", such as {date!r:.40}" if date else ""


def documents_read(scores: Scores, by: By) -> dict[str, int]:
    """Count the documents that were read in each period, also those without any triple."""
    documents = scores.documents()
    periods = _periods(_codes(documents["date"]), by)
    place: dict[str, int] = {}
    places = [-1 if n is None else place.setdefault(n, len(place)) for n in periods.names]
    period = np.array(places, dtype=np.int64)[periods.codes]
    # a document counts once, also one whose ready examples come from several files or days
    own = np.stack([period, _codes(documents["document"]).codes], axis=1)[period >= 0]
    counts = np.bincount(np.unique(own, axis=0)[:, 0], minlength=len(place))
    return {name: int(counts[number]) for name, number in place.items()}


class _Coded(NamedTuple):
    """A column as codes; several codes may have one name."""

    names: list[str | None]
    codes: Codes


def _codes(column: pa.ChunkedArray) -> _Coded:
    encoded = column.fill_null("").combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    return _Coded(encoded.dictionary.to_pylist(), encoded.indices.to_numpy().astype(np.int64))


def _periods(dates: _Coded, by: By) -> _Coded:
    return _Coded([period_of(name or "", by) for name in dates.names], dates.codes)


def _first_untold(dates: _Coded, periods: _Coded) -> str:
    """Give the first date that is there and tells no period."""
    both = zip(dates.names, periods.names, strict=True)
    return next((date for date, period in both if date and period is None), "")


def _sentences(table: pa.Table, scores: Scores) -> Codes:
    """Code the sentences of each document: by their number, those of ready examples by words."""
    numbers: Codes = table["sentence"].fill_null(-1).to_numpy().astype(np.int64)
    if not table["sentence"].null_count:
        return numbers
    words = _codes(scores.rows(["text"])["text"]).codes
    return np.where(numbers < 0, -1 - words, numbers)


def _cells(columns: Sequence[_Coded], numbers: Codes) -> tuple[tuple[Cell, ...], Codes]:
    """Give the cells in order, and the position of each triple's."""
    sorted_names = [sorted({name or "" for name in column.names}) for column in columns]
    keys = np.zeros(len(numbers), dtype=np.int64)
    for column, names in zip(columns, sorted_names, strict=True):
        place = {name: position for position, name in enumerate(names)}
        ranks = np.array([place[name or ""] for name in column.names], dtype=np.int64)
        keys = keys * len(names) + ranks[column.codes[numbers]]
    found, cell = np.unique(keys, return_inverse=True)
    cells = []
    for key in found.tolist():
        parts = []
        for names in reversed(sorted_names):
            key, rank = divmod(key, len(names))
            parts.append(names[rank])
        cells.append(Cell(*reversed(parts)))
    return tuple(cells), cell


def _act_positions(column: pa.ChunkedArray) -> Codes:
    place = {str(act): position for position, act in enumerate(ACTS)}
    names, codes = _codes(column)
    unknown = [name for name in names if name not in place]
    if unknown:
        raise InputError("scores", f"act {unknown[0]!r}", f"one of {', '.join(ACTS)}", "score anew")
    return np.array([place[name or ""] for name in names], dtype=np.int64)[codes]


def _voices(table: pa.Table) -> Codes:
    is_own = table["speaker_state"].to_numpy() == table["state"].to_numpy()
    names, speaker = _codes(table["speaker_state"])
    told = {name for name in names if name}
    # a judged one is a state; the tables are read only where others speak
    others = told.difference(table["state"].unique().to_pylist())
    told -= _alliances(others)
    is_state = np.array([name in told for name in names], np.bool_)[speaker]
    return np.where(is_own, 0, np.where(is_state, 1, 2))


def _alliances(names: Set[str]) -> Set[str]:
    """Give those speakers that are alliances, of which none is a state."""
    if not names:
        return set()
    knowledge = load_knowledge()
    return names & (knowledge.alliances.keys() - knowledge.states.keys())
