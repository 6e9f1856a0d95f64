"""The rows of a scores folder as codes, in the order that a report counts them in."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alliance_stance.errors import InputError
from alliance_stance.inference.scores import Scores
from alliance_stance.reporting.periods import By, all_periods, period_name, period_number
from alliance_stance.schema import ACTS

Codes = NDArray[np.int64]
COLUMNS = ("document", "source", "date", "state", "alliance", "act", "score")
MOST_SOURCES = 50
"""Sources that are told apart; a list of more is nothing to choose from."""
OTHER_SOURCES = "other sources"
UNDATED = -1
DIGITS = 3
"""Digits of a score; the page's data block has as many, so that both count the same."""


@dataclass(frozen=True)
class PairRows:
    """Triples as codes, sorted by pair, then by the date of the document.

    Parameters
    ----------
    states, alliances, sources, periods
        What the codes stand for, in alphabetical order; `periods` without gaps, in order of time.
    pair_states, pair_alliances
        Codes of each pair, in order of state and alliance; shape (pairs,).
    document_periods, document_sources
        Codes of each document; the period is `UNDATED` where the date is empty or not exact enough.
        Documents are numbered by period. Ready examples of one document in several periods are a
        document of each; those of several sources count under the first.
    pairs, documents, acts
        Codes of each triple; an act's is its place in `schema.ACTS`. Shape (n,).
    scores
        P(favor) - P(against) of each triple, in [-1, 1], to `DIGITS` digits.
    places
        Which row of the scores folder each triple is.
    by
        How long a period is.
    """

    states: tuple[str, ...]
    alliances: tuple[str, ...]
    sources: tuple[str, ...]
    periods: tuple[str, ...]
    pair_states: Codes
    pair_alliances: Codes
    document_periods: Codes
    document_sources: Codes
    pairs: Codes
    documents: Codes
    acts: Codes
    scores: NDArray[np.float64]
    places: Codes
    by: By

    @property
    def pair_count(self) -> int:
        """How many pairs have a triple."""
        return len(self.pair_states)

    @property
    def row_periods(self) -> Codes:
        """Period of each triple's document."""
        return self.document_periods[self.documents]


def take_rows(scores: Scores, by: By) -> PairRows:
    """Read what a report counts of a scores folder.

    Parameters
    ----------
    scores
        Opened.
    by
        How long a period is.

    Raises
    ------
    InputError
        If there is no triple, or an act is none of the codebook's.
    """
    table = scores.rows(list(COLUMNS))
    where = str(scores.path)
    if not table.num_rows:
        raise InputError(where, "no triples", "at least one", "score texts that name alliances")
    columns = {name: _filled(table[name]) for name in COLUMNS}
    states, state_codes = _coded(columns["state"])
    alliances, alliance_codes = _coded(columns["alliance"])
    pair_keys, pairs = np.unique(state_codes * len(alliances) + alliance_codes, return_inverse=True)
    documents, owners = _documents(columns, by)
    order = np.lexsort((np.arange(len(pairs)), owners, pairs))
    return PairRows(
        states=states,
        alliances=alliances,
        sources=documents.sources,
        periods=tuple(period_name(number, by) for number in documents.range_),
        pair_states=pair_keys // len(alliances),
        pair_alliances=pair_keys % len(alliances),
        document_periods=documents.periods,
        document_sources=documents.source_codes,
        pairs=pairs[order],
        documents=owners[order],
        acts=_act_codes(columns["act"], where)[order],
        scores=np.round(np.asarray(columns["score"], dtype=np.float64)[order], DIGITS),
        places=order,
        by=by,
    )


@dataclass(frozen=True)
class _Documents:
    sources: tuple[str, ...]
    source_codes: Codes
    periods: Codes
    range_: range


def _documents(columns: dict[str, Any], by: By) -> tuple[_Documents, Codes]:
    """Give the documents, numbered by period, and which one each row is of."""
    names, sources, dates = (columns[name] for name in ("document", "source", "date"))
    of_date = {date: period_number(date, by) for date in set(dates)}
    # not by source: examples of one document may stand in several files (docs/formats.md)
    keys = zip(names, (of_date[date] for date in dates), strict=True)
    first: dict[tuple[str, int | None], int] = {}
    seen = np.array([first.setdefault(key, len(first)) for key in keys], np.int64)
    numbers = [number for _, number in first]
    range_ = all_periods(numbers)
    periods = np.array(
        [UNDATED if number is None else number - range_.start for number in numbers], np.int64
    )
    order = np.argsort(periods, kind="stable")
    _, places = np.unique(seen, return_index=True)
    grouped = group_sources([sources[place] for place in places])
    source_names, source_codes = _coded(grouped)
    ranks = np.empty_like(order)
    ranks[order] = np.arange(len(order))
    found = _Documents(source_names, source_codes[order], periods[order], range_)
    return found, ranks[seen]


def group_sources(names: Sequence[str]) -> list[str]:
    """Give each document the source that it is counted under.

    Up to `MOST_SOURCES` names stay as they are. Of more, which are mostly single files, the folders
    are taken; of more folders than that, the rarer ones become `OTHER_SOURCES`.
    """
    if len(set(names)) <= MOST_SOURCES:
        return list(names)
    folders = [_folder(name) for name in names]
    counts = Counter(folders)
    counted = sorted(counts, key=lambda name: (-counts[name], name))
    kept = set(counted if len(counted) <= MOST_SOURCES else counted[: MOST_SOURCES - 1])
    return [name if name in kept else OTHER_SOURCES for name in folders]


def _folder(name: str) -> str:
    return str(PurePath(name).parent) if "/" in name else name


def _filled(column: Any) -> list[Any]:  # noqa: ANN401 - a pyarrow column
    return ["" if value is None else value for value in column.to_pylist()]


def _coded(values: Sequence[str]) -> tuple[tuple[str, ...], Codes]:
    # no array of text: it gives each value the width of the longest
    names = tuple(sorted(set(values)))
    code_of = {name: code for code, name in enumerate(names)}
    return names, np.fromiter((code_of[value] for value in values), np.int64, len(values))


def _act_codes(acts: Sequence[str], where: str) -> Codes:
    codes = {str(act): code for code, act in enumerate(ACTS)}
    unknown = sorted(set(acts) - set(codes))
    if unknown:
        raise InputError(
            where, f"act {unknown[0]!r}", f"one of {', '.join(codes)}", "score the texts again"
        )
    return np.array([codes[act] for act in acts], np.int64)
