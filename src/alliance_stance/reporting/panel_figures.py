"""Pictures of a panel: the score of pairs over time, with intervals and change points."""

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from alliance_stance.errors import InputError
from alliance_stance.panels.periods import period_start
from alliance_stance.reporting.plots import COLOURS, inked

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Pair = tuple[str, str]
_EPOCH = datetime.date(1970, 1, 1).toordinal()
_GAP_DAYS = {"month": 32, "quarter": 93, "year": 367}
"""Longest distance between the starts of two periods that follow one another."""


def pairs_figure(
    table: pa.Table, pairs: Sequence[Pair], changes: pa.Table | None = None, *, by: str = "year"
) -> "Figure":
    """Draw the score of pairs over time, one below the other.

    A band, or the bar of a lone period, is the 95 % interval; its colour and the legend tell
    whether it holds the model's errors. Points grow with the number of documents. A period without
    a point has none: neighbours are joined only where no period lies between them. A dashed line
    stands at each change point, between the last period of the old level and the first of the new
    one.

    Parameters
    ----------
    table
        Of a `panels.panel.Panel`.
    pairs
        State and alliance of each picture.
    changes
        Of `panels.changes.find_changes`; None to draw none.
    by
        ``month``, ``quarter`` or ``year``.

    Raises
    ------
    InputError
        If a pair has no row.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 0.5 + 2.1 * len(pairs)), layout="constrained")
    grid = figure.subplots(len(pairs), 1, squeeze=False).ravel()
    for axes, pair in zip(grid, pairs, strict=True):
        draw_pair(axes, table, pair, changes, by=by)
    handles, labels = grid[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False, fontsize=8)
    return inked(figure)


def check_pairs(table: pa.Table, pairs: Sequence[Pair]) -> None:
    """Refuse pairs that cannot be drawn, before anything is.

    Parameters
    ----------
    table
        Of a `panels.panel.Panel`.
    pairs
        State and alliance of each.

    Raises
    ------
    InputError
        If a pair has no row.
    """
    for pair in pairs:
        _rows(table, pair)


def draw_pair(
    axes: "Axes", table: pa.Table, pair: Pair, changes: pa.Table | None = None, *, by: str = "year"
) -> None:
    """Draw one pair as `pairs_figure` does, into axes of your own.

    Parameters
    ----------
    axes
        Where to; further lines, a title or limits may be set on it afterwards.
    table
        Of a `panels.panel.Panel`.
    pair
        State and alliance.
    changes
        Of `panels.changes.find_changes`; None to draw none.
    by
        ``month``, ``quarter`` or ``year``.

    Raises
    ------
    InputError
        If the pair has no row.
    """
    _draw_rows(axes, _rows(table, pair), by)
    for row in [] if changes is None else _rows_or_none(changes, pair):
        middle = (_day(str(row["before"])) + _day(str(row["since"]))) / 2
        axes.axvline(middle, color=COLOURS[1], linewidth=1.1, linestyle="--")
    axes.set_title(f"{pair[0]} and {pair[1]}")
    axes.set_ylabel("score")


def _draw_rows(axes: "Axes", rows: list[dict[str, object]], by: str) -> None:
    axes.axhline(0, color="#888888", linewidth=0.6, linestyle=":")
    days = [_day(str(row["period"])) for row in rows]
    is_corrected = any(row["interval"] == "corrected" for row in rows)
    colour = COLOURS[0] if is_corrected else COLOURS[2]
    band = "95 %, with the model's errors" if is_corrected else "95 %, sampling alone"
    known = [place for place, row in enumerate(rows) if row["score_low"] is not None]
    values, low, high = (
        [float(str(rows[i][name])) for i in known] for name in ("score", "score_low", "score_high")
    )
    at = [days[i] for i in known]
    label = band
    for stretch in _stretches(at, by):
        axes.plot(at[stretch], values[stretch], color=colour, linewidth=1.0)
        if len(at[stretch]) == 1:
            # a period with no neighbour has a bar for a band
            axes.vlines(at[stretch], low[stretch], high[stretch], color=colour, linewidth=4,
                        alpha=0.3, label=label)  # fmt: skip
        else:
            axes.fill_between(at[stretch], low[stretch], high[stretch], color=colour,
                              linewidth=0, alpha=0.3, label=label)  # fmt: skip
        label = "_"
    sizes = [8 + 4 * min(30, int(str(rows[i]["documents"]))) for i in known]
    axes.scatter(at, values, s=sizes, color=colour, zorder=3, label="score (size: documents)")
    if is_corrected:
        own = [float(str(row["model_score"])) for row in rows]
        axes.scatter(days, own, s=12, marker="x", color=COLOURS[1], linewidths=0.9, zorder=3,
                     label="model's own score")  # fmt: skip
    axes.xaxis_date()
    axes.set_ylim(-1.05, 1.05)


def _stretches(days: Sequence[float], by: str) -> list[slice]:
    """Give the runs of periods that follow one another."""
    breaks = [
        place for place in range(1, len(days)) if days[place] - days[place - 1] > _GAP_DAYS[by]
    ]
    return [slice(a, b) for a, b in zip([0, *breaks], [*breaks, len(days)], strict=True)]


def _rows(table: pa.Table, pair: Pair) -> list[dict[str, object]]:
    rows = _rows_or_none(table, pair)
    if not rows:
        raise InputError(
            "--pair", f"{':'.join(pair)}, which has no row in the panel", "a pair of the panel",
            "correct it, or ask for fewer --min-documents",
        )  # fmt: skip
    return rows


def _rows_or_none(table: pa.Table, pair: Pair) -> list[dict[str, object]]:
    names = zip(table["state"].to_pylist(), table["alliance"].to_pylist(), strict=True)
    places = [place for place, found in enumerate(names) if found == pair]
    rows: list[dict[str, object]] = table.take(pa.array(places, pa.int64())).to_pylist()
    return rows


def _day(period: str) -> float:
    """Give the place of a period on Matplotlib's axis of dates, in days."""
    return float(datetime.date.fromisoformat(period_start(period)).toordinal() - _EPOCH)
