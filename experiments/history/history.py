"""Lay panels of scored documents beside what is known of some pairs.

The stretches of each pair were written down from the public record before any curve was looked at.
Writes `results.md`, `stretches.csv`, `changes.csv` and `history.png`; no sentence of the corpus.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from alliance_stance.files import write_bytes, write_text
from alliance_stance.inference.scores import Scores, open_scores
from alliance_stance.panels.changes import find_changes, iterate_series
from alliance_stance.panels.choices import Correction, Errors
from alliance_stance.panels.panel import SEED, PanelOptions, make_panel, write_table
from alliance_stance.reporting.panel_figures import pairs_figure
from alliance_stance.reporting.plots import figure_bytes

HERE = Path(__file__).resolve().parent
SHOWN = 2.0
"""Standard errors that a difference must have to be called shown."""


class Turn(NamedTuple):
    """A pair, the first years of its stretches after the first, and the direction of each turn."""

    state: str
    alliance: str
    years: tuple[int, ...]
    directions: tuple[int, ...]
    why: str


TURNS = (
    Turn("ARM", "CSTO", (2020, 2022), (-1, -1), "war of 2020; froze its participation in 2024"),
    Turn("GEO", "CIS", (2004,), (-1,), "government of 2004; left in 2008-09"),
    Turn("UKR", "NATO", (1991, 2014), (1, 1), "independence; Crimea"),
    Turn("SWE", "NATO", (1992, 2022), (1, 1), "end of the blocs; application"),
    Turn("TUR", "EU", (1999, 2016), (1, -1), "candidate; talks stand still"),
    Turn("EGY", "ARAB_LEAGUE", (1977, 1990), (-1, 1), "peace with Israel, suspended; back"),
    Turn("NZL", "ANZUS", (1984,), (-1,), "ban on nuclear ships"),
    Turn("IDN", "ASEAN", (1998,), (0,), "a founder throughout; no turn"),
    Turn("CUB", "OAS", (1960, 2009), (-1, 1), "suspended in 1962; suspension lifted"),
    Turn("MLI", "ECOWAS", (2012, 2020), (1, -1), "intervention asked for; coups, sanctions, exit"),
    Turn("RUS", "NATO", (2007, 2014), (-1, -1), "Munich speech; Crimea"),
    Turn("FRA", "NATO", (1959, 1995), (-1, 1), "withdraws from the command; comes back"),
)


class InStretches:
    """Scores whose dates are the first year of the stretch that each falls into.

    Parameters
    ----------
    scores
        What is dated anew.
    """

    def __init__(self, scores: Scores) -> None:
        self._scores = scores
        self.run = scores.run

    def documents(self) -> pa.Table:
        """Give the documents as they are."""
        return self._scores.documents()

    def rows(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Give the rows; those of other pairs keep their date."""
        rows = self._scores.rows(columns)
        if columns is not None and "date" not in columns:
            return rows
        names = ("state", "alliance", "date")
        values = zip(*(rows[name].to_pylist() for name in names), strict=True)
        dates = [_stretch(*one) for one in values]
        return rows.set_column(rows.column_names.index("date"), "date", pa.array(dates))


def _stretch(state: str, alliance: str, date: str) -> str:
    for turn in TURNS:
        if (state, alliance) == turn[:2] and date:
            return str(max([1900, *(year for year in turn.years if year <= int(date[:4]))]))
    return date


def stretch_rows(
    scores: Scores, labelled: Path, errors: Errors
) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Estimate each stretch: the model's own score, adjusted, and by its own labels alone."""
    dated: Any = InStretches(scores)
    # errors are measured on the labels of all pairs, so the whole panel is made by year
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for name, options in (
        ("model", PanelOptions()),
        ("ppi", PanelOptions(labelled=labelled, correction=Correction.PPI)),
        ("adjusted", PanelOptions(labelled=labelled, errors=errors)),
    ):
        for row in make_panel(dated, options).table.to_pylist():
            key = (row["state"], row["alliance"], row["period"])
            own = found.setdefault(key, {"documents": row["documents"], "triples": row["triples"]})
            own["labelled"] = row["labelled"]
            own.update({f"{name}{end}": row[f"score{end}"] for end in ("", "_low", "_high", "_se")})
    return found


def verdict(before: dict[str, Any], after: dict[str, Any], name: str, direction: int) -> str:
    """Say whether the score moved the way that history did."""
    values = [one.get(name) for one in (before, after)]
    if None in values:
        return "-"
    step = values[1] - values[0]
    error = float(np.hypot(before[f"{name}_se"], after[f"{name}_se"]))
    is_shown = abs(step) > SHOWN * error
    if direction == 0:
        way = "moves" if is_shown else "flat"
    else:
        way = ("turns" if is_shown else "leans") if step * direction > 0 else (
            "turns the other way" if is_shown else "does not")  # fmt: skip
    return f"{step:+.2f}, {way}"


def table(found: dict[tuple[str, str, str], dict[str, Any]]) -> Iterator[str]:
    """Write one line a turn."""
    yield "| pair | turn | documents before, after | labelled | model's score | adjusted | ppi |"
    yield "|" + " --- |" * 7
    for turn in TURNS:
        starts = [1900, *turn.years]
        for number, direction in enumerate(turn.directions):
            keys = [(*turn[:2], str(starts[number + after])) for after in (0, 1)]
            before, after = (found.get(key, {}) for key in keys)
            counts = f"{before.get('documents', 0)}, {after.get('documents', 0)}"
            labelled = f"{before.get('labelled', 0)}, {after.get('labelled', 0)}"
            cells = [
                verdict(before, after, name, direction) if before and after else "no data"
                for name in ("model", "adjusted", "ppi")
            ]
            sign = {1: "up", -1: "down", 0: "flat"}[direction]
            yield (
                f"| {turn.state} {turn.alliance} | {turn.years[number]}, {sign} | {counts} | "
                f"{labelled} | {' | '.join(cells)} |"
            )


def main() -> None:
    """Make the panels."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scores", type=Path, help="folder that `alliance-stance score` wrote")
    parser.add_argument("labelled", type=Path, help="labels of some of the triples")
    parser.add_argument(
        "--errors", type=Errors, default=Errors("voice"), choices=list(Errors),
        help="whether the model's errors are measured by voice",
    )  # fmt: skip
    arguments = parser.parse_args()
    scores = open_scores(arguments.scores)
    found = stretch_rows(scores, arguments.labelled, arguments.errors)
    wanted = {turn[:2] for turn in TURNS}
    rows = [
        {"state": key[0], "alliance": key[1], "since": key[2].replace("1900", ""), **own}
        for key, own in sorted(found.items())
        if key[:2] in wanted
    ]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    write_table(
        HERE / "stretches.csv", pa.table({c: [row.get(c) for row in rows] for c in columns})
    )
    by_year = make_panel(scores, PanelOptions())
    changes = find_changes(by_year.table, seed=SEED)
    write_table(HERE / "changes.csv", changes)
    known = set(zip(*(by_year.table[n].to_pylist() for n in ("state", "alliance")), strict=True))
    pairs = [turn[:2] for turn in TURNS if turn[:2] in known]
    figure = pairs_figure(by_year.table, pairs, changes)
    write_bytes(HERE / "history.png", figure_bytes(figure, "png"))
    series = list(iterate_series(by_year.table))
    write_text(
        HERE / "results.md",
        f"{by_year.triples} triples, {by_year.undated} without a date left out; the model's own "
        f"scores by year have {len(series)} pairs with 8 or more years, and {changes.num_rows} "
        "change points.\n\n" + "\n".join(table(found)) + "\n\n![Scores by year](history.png)\n",
    )


if __name__ == "__main__":
    main()
