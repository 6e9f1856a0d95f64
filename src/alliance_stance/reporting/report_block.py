"""The numbers and sentences of a report as one compact JSON value, column by column.

The page's script reads it (`templates/report.js`); the keys are described in docs/reports.md. Every
triple is there as three small whole numbers, so that whatever a reader filters is counted exactly;
of the sentences there is what has room.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.panels.changes import MIN_PERIODS
from alliance_stance.reporting.curves import Change, Curves
from alliance_stance.reporting.pair_numbers import quantile_table
from alliance_stance.reporting.pair_rows import DIGITS, Codes, PairRows
from alliance_stance.reporting.telling import Span, Telling
from alliance_stance.schema import ACTS, STANCE_OF_ACT

_SCALE = 10**DIGITS
_CURVE_SCALE = 10 ** (DIGITS + 1)
"""Means have a digit more, so that two digits of them are rounded right."""
_P_DIGITS = 6
_WIDEST = 0xFFFF
"""Characters beyond it take two places in a browser's strings."""


def number_block(
    rows: PairRows, curves: Curves, changes: Sequence[Change], knowledge: Knowledge
) -> dict[str, Any]:
    """Give the part of the data block that holds the numbers.

    Parameters
    ----------
    rows
        Every triple.
    curves
        Of each pair; points without an interval are left to the page's script.
    changes
        Of all pairs.
    knowledge
        For the names of states.
    """
    known = np.flatnonzero(~np.isnan(curves.low))
    return {
        "by": rows.by,
        "states": [[code, state_name(code, knowledge)] for code in rows.states],
        "alliances": [[name, alliance_name(name)] for name in rows.alliances],
        "acts": [[str(act), str(STANCE_OF_ACT[act])] for act in ACTS],
        "sources": list(rows.sources),
        "periods": list(rows.periods),
        "documents": {
            "period": rows.document_periods.tolist(),
            "source": rows.document_sources.tolist(),
        },
        "pairs": {
            "state": rows.pair_states.tolist(),
            "alliance": rows.pair_alliances.tolist(),
            "triples": np.bincount(rows.pairs, minlength=rows.pair_count).tolist(),
        },
        # documents as steps from the triple before, which are small within a pair
        "rows": {
            "document": _steps(rows.documents),
            "act": rows.acts.tolist(),
            "score": _whole(rows.scores, _SCALE),
        },
        "curves": {
            "pair": _steps(curves.pairs[known]),
            "period": curves.periods[known].tolist(),
            "value": _whole(curves.values[known], _CURVE_SCALE),
            "low": _whole(curves.low[known], _CURVE_SCALE),
            "high": _whole(curves.high[known], _CURVE_SCALE),
        },
        "note": curves.note,
        "changes": [
            [
                own.pair,
                own.before,
                own.since,
                *(round(level, DIGITS + 1) for level in (own.level_before, own.level_since)),
                *(round(p, _P_DIGITS) for p in (own.p_value, own.p_holm)),
            ]
            for own in changes
        ],
        "least": MIN_PERIODS,
        "t": quantile_table().tolist(),
    }


def sentence_block(
    tellings: Sequence[Telling], link: Callable[[Mapping[str, str]], str]
) -> dict[str, Any]:
    """Give the part of the data block that holds the sentences, each text and each document once.

    Parameters
    ----------
    tellings
        What is shown.
    link
        Gives a document's address, empty for none.
    """
    texts: dict[str, int] = {}
    papers: dict[tuple[str, ...], int] = {}
    shown: dict[str, list[Any]] = {
        name: [] for name in ("row", "text", "paper", "probability", "state", "alliance", "how")
    }
    deciding = {}
    for place, telling in enumerate(tellings):
        facts = telling.facts
        paper = (
            facts["document"], facts["title"], facts["date"], facts["speaker_state"], link(facts),
        )  # fmt: skip
        shown["row"].append(telling.row)
        shown["text"].append(texts.setdefault(telling.text, len(texts)))
        shown["paper"].append(papers.setdefault(paper, len(papers)))
        shown["probability"].append(round(100 * telling.probability))
        shown["state"].append(_units(telling.text, telling.state))
        shown["alliance"].append(_units(telling.text, telling.alliance))
        shown["how"].append(facts["state_how"])
        if telling.deciding:
            deciding[str(place)] = [_units(telling.text, span) for span in telling.deciding]
    # "how" repeats a handful of words
    hows = sorted(set(shown["how"]))
    shown["how"] = [hows.index(how) for how in shown["how"]]
    return {
        "texts": list(texts),
        "papers": [list(paper) for paper in papers],
        "hows": hows,
        "shown": shown,
        "deciding": deciding,
    }


def write_block(block: Mapping[str, Any]) -> str:
    """Write a data block so that nothing in it can end the element that holds it."""
    text = json.dumps(block, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def state_name(code: str, knowledge: Knowledge) -> str:
    """Give a state's name; its code where the tables do not know it."""
    state = knowledge.states.get(code)
    return code if state is None else state.name


def alliance_name(id_: str) -> str:
    """Write an alliance's id for people."""
    return id_.replace("_", " ")


def _units(text: str, span: Span | None) -> list[int] | int:
    """Give a place as a browser counts characters, in UTF-16 units; 0 for none."""
    if span is None:
        return 0
    if all(ord(sign) <= _WIDEST for sign in text):
        return list(span)
    return [len(text[:place].encode("utf-16-le")) // 2 for place in span]


def _steps(values: Codes) -> list[int]:
    steps: list[int] = np.diff(values, prepend=0).tolist()
    return steps


def _whole(values: Iterable[float], scale: int) -> list[int]:
    return [round(value * scale) for value in values]
