"""A scores folder as one page: matrix, curves, change points, movers and sentences, with filters.

The matrix, the change points and the movers stand in the page as plain tables; its script
(`templates/report.js`) redraws them for what a reader filters, and draws the rest.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from alliance_stance.fingerprints import SHORT
from alliance_stance.inference.scores import Scores
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.panels.changes import MIN_PERIODS
from alliance_stance.reporting.curves import pair_changes, pair_curves
from alliance_stance.reporting.links import Links
from alliance_stance.reporting.movers import rank_movers
from alliance_stance.reporting.pages import write_page
from alliance_stance.reporting.pair_numbers import Means, document_sums, pair_means
from alliance_stance.reporting.pair_rows import PairRows, take_rows
from alliance_stance.reporting.periods import By
from alliance_stance.reporting.report_block import (
    number_block,
    sentence_block,
    write_block,
)
from alliance_stance.reporting.report_lists import (
    SURE,
    Names,
    change_count,
    change_rows,
    mover_count,
    mover_rows,
    write_number,
)
from alliance_stance.reporting.telling import MOST_OF_A_PAIR, choose_telling

FEW = 5
"""Documents below which a cell is shown as one that little stands behind."""
EDGES = (0.05, 0.2, 0.4, 0.6)
"""Where the shades of a mean score begin, on either side of 0."""
MOST_BYTES = 4_800_000
"""Size of a page, within which sentences take what the numbers leave."""
LEAST_ROOM = 500_000
"""Bytes of sentences in a page, also where its numbers fill it."""
_CELL, _EMPTY, _FRAME = 85, 30, 100_000
"""Bytes of a filled cell of the matrix, of an empty one, and of what every page has, about."""
_PRINTED = 16
_PRINTED_ROWS = 40
_READING = (
    "A score is the probability of favor minus that of against that the model gives one sentence, "
    "for one state and one alliance. A mean counts every triple once.",
    "Intervals are of sampling, by document: how much a mean would vary had other documents of the "
    "same kind been read. What the model gets wrong is not in them.",
    "A mean compares what was said, not what was meant, and only in what was read: a pair with "
    "three triples in one speech is one speech.",
    "A change point says when the level of a pair's score moved; it is what `alliance-stance panel "
    "--changes` finds, counts each document once, and is looked for in pairs with at least "
    f"{MIN_PERIODS} periods. Of a hundred pairs that never changed, four to thirteen show one, so "
    f"read the p value for all pairs together: up to {SURE} it is more than chance.",
    "First and last third compares the two ends of a pair's documents. It does not say when, and a "
    "pair that turned and came back is not in it.",
    "Filters count every triple exactly. Sentences are a part: the page says how many it shows of "
    "how many.",
)


@dataclass(frozen=True)
class ReportOptions:
    """What a report shows.

    Parameters
    ----------
    title
        Of the page.
    by
        How long a period is.
    link
        Template of a document's address; None for what its id and source tell.
    sentences
        Sentences of a pair at most, at least 0.
    """

    title: str = "Stances of states toward alliances"
    by: By = "year"
    link: str | None = None
    sentences: int = MOST_OF_A_PAIR


@dataclass(frozen=True)
class Report:
    """A page, and what is in it.

    Parameters
    ----------
    page
        HTML.
    triples, pairs, sentences
        How many it counts, and how many sentences it shows.
    """

    page: str
    triples: int
    pairs: int
    sentences: int


def report_page(
    scores: Scores, knowledge: Knowledge, options: ReportOptions, *, folder: Path
) -> Report:
    """Write a scores folder as a page.

    Parameters
    ----------
    scores
        Opened.
    knowledge
        For the names of states.
    options
        What it shows.
    folder
        Where the page will lie; links to files start there.

    Raises
    ------
    InputError
        If there is no triple, an act is not known, or the address of links is not to be used.
    """
    link = Links(options.link, folder)
    rows = take_rows(scores, options.by)
    sums = document_sums(rows)
    changes = pair_changes(scores, rows)
    numbers = number_block(rows, pair_curves(sums, len(rows.periods)), changes, knowledge)
    tellings = choose_telling(
        rows, scores, most=options.sentences, room=_room(rows, len(write_block(numbers).encode()))
    )
    names = Names(rows, knowledge)
    movers = rank_movers(sums)
    page = write_page(
        "report.html",
        {
            "title": options.title,
            "counted": _counted(rows, scores),
            "facts": _facts(scores, rows),
            "few": FEW,
            "printed": _PRINTED,
            "printed_rows": _PRINTED_ROWS,
            "legend": list(_legend()),
            "matrix": _matrix(rows, pair_means(sums, rows.pair_count), names),
            "movers": mover_rows(movers, names),
            "mover_count": mover_count(movers),
            "changes": change_rows(changes, names),
            "change_count": change_count(changes),
            "reading": _READING,
            "block": _markup(write_block(numbers | sentence_block(tellings, link))),
        },
        styles=["page.css", "report.css"],
        script="report.js",
    )
    return Report(page, len(rows.pairs), rows.pair_count, len(tellings))


def _room(rows: PairRows, numbers: int) -> int:
    """Give the bytes that a page has for sentences."""
    cells = len(rows.states) * len(rows.alliances)
    matrix = _CELL * rows.pair_count + _EMPTY * (cells - rows.pair_count)
    return max(LEAST_ROOM, MOST_BYTES - _FRAME - matrix - numbers)


def _counted(rows: PairRows, scores: Scores) -> str:
    with_triple = len(rows.document_periods)
    read = max(scores.documents().num_rows, with_triple)
    return (
        f"{_several(len(rows.pairs), 'triple')} of {_several(len(rows.states), 'state')} and "
        f"{_several(len(rows.alliances), 'alliance')}, in {with_triple:,} of "
        f"{_several(read, 'document')} that {'was' if read == 1 else 'were'} read."
    )


def _several(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _facts(scores: Scores, rows: PairRows) -> dict[str, str]:
    """Tell where the scores come from, as far as the folder tells."""
    model = (scores.run.get("depends_on") or {}).get("model") or {}
    parts = (scores.run.get("model_name") or "", (model.get("fingerprint") or "")[:SHORT])
    undated = int((rows.document_periods < 0).sum())
    facts = {
        "Time": f"{rows.periods[0]} to {rows.periods[-1]}" if rows.periods else "no dates",
        "Undated": f"{undated:,} documents: in the matrix, in no curve" if undated else "",
        "Model": " ".join(filter(None, parts)),
        "Scores": scores.path.name,
        "Written by": f"alliance-stance {version('alliance-stance')}",
    }
    return {name: value for name, value in facts.items() if value}


def _legend() -> Iterator[tuple[str, str]]:
    """Give class and words of each shade, from against to favor."""
    for step in range(len(EDGES), 0, -1):
        yield f"a{step}", write_number(-EDGES[step - 1])
    yield "z", "0"
    for step, edge in enumerate(EDGES, 1):
        yield f"f{step}", write_number(edge)


def _matrix(rows: PairRows, means: Means, names: Names) -> dict[str, Any]:
    """Lay the matrix out, states and alliances with the most triples first."""
    pairs = {
        (int(state), int(alliance)): pair
        for pair, (state, alliance) in enumerate(
            zip(rows.pair_states, rows.pair_alliances, strict=True)
        )
    }
    states = _most_first(np.bincount(rows.pair_states, means.triples))
    alliances = _most_first(np.bincount(rows.pair_alliances, means.triples))
    return {
        "counted": f"{_several(len(states), 'state')}, {_several(len(alliances), 'alliance')}",
        "heads": [{"code": code, "name": names.alliance(code)} for code in alliances],
        "rows": [
            {
                "code": state,
                "name": names.state(state),
                "short": rows.states[state],
                "cells": [_cell(pairs.get((state, alliance)), means) for alliance in alliances],
            }
            for state in states
        ],
    }


def _most_first(triples: Any) -> list[int]:  # noqa: ANN401 - an array
    return [int(code) for code in np.argsort(-triples, kind="stable")]


def _cell(pair: int | None, means: Means) -> dict[str, Any] | None:
    if pair is None:
        return None
    mean = float(means.values[pair])
    return {
        "class": shade(mean) + " few" * bool(means.documents[pair] < FEW),
        "pair": pair,
        "mean": write_number(mean),
        "triples": int(means.triples[pair]),
    }


def shade(mean: float) -> str:
    """Give the class that colours a mean score: ``a4`` to ``a1``, ``z``, ``f1`` to ``f4``.

    Examples
    --------
    >>> shade(-0.45), shade(0.01), shade(0.2)
    ('a3', 'z', 'f2')
    """
    step = sum(abs(mean) >= edge for edge in EDGES)
    return f"{'f' if mean > 0 else 'a'}{step}" if step else "z"


def _markup(text: str) -> str:
    """Mark what has been escaped already."""
    from markupsafe import Markup

    return Markup(text)
