"""Pictures, drawn with Matplotlib."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from alliance_stance.evaluation.bootstrap import Interval
from alliance_stance.evaluation.calibration import Bin, Curve
from alliance_stance.schema import STANCES
from alliance_stance.training.compare import Comparison

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def save_confusion(counts: Sequence[Sequence[int]], path: Path, *, title: str) -> None:
    """Draw a confusion matrix: counts written out, shade by share of the right stance.

    Parameters
    ----------
    counts
        Right stance in rows, predicted in columns, in the order of `schema.STANCES`.
    path
        A file name that ends in ``.png`` or ``.svg``.
    title
        Above the picture.
    """
    from matplotlib.figure import Figure

    names = [str(stance) for stance in STANCES]
    shares = [[cell / max(1, sum(row)) for cell in row] for row in counts]
    figure = Figure(figsize=(4.6, 4.2), layout="constrained")
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("predicted")
    axes.set_ylabel("right")
    axes.set_title(title, fontsize=11)
    for row, cells in enumerate(counts):
        for column, cell in enumerate(cells):
            share = shares[row][column]
            axes.text(
                column,
                row,
                f"{cell}\n{share:.0%}",
                ha="center",
                va="center",
                color="white" if share > 0.55 else "black",
            )
    figure.savefig(path, dpi=150)


COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Told apart by most people who see few colours (Okabe and Ito 2008)."""
_INK = "#010203"
"""Colour of text and lines; in a page it becomes that of the page's text."""
_STYLES = ("-", "--", ":", "-.")
_SETTLED = 0.05
"""From this coverage on a curve of risk sets the height of the picture."""


def forest_figure(comparison: Comparison) -> "Figure":
    """Draw the macro-F1 of every model with its interval; the reference's value as a line."""
    rows = comparison.rows
    figure = _figure(5.2, 0.9 + 0.34 * len(rows))
    axes = figure.subplots()
    for place, row in enumerate(reversed(rows)):
        score = row.macro_f1
        is_reference = row.name == comparison.reference
        axes.plot([score.low, score.high], [place, place], color=_INK, linewidth=1.4)
        marker, colour = ("D", COLOURS[1]) if is_reference else ("o", COLOURS[0])
        axes.plot(score.value, place, marker, color=colour)
        if is_reference:
            axes.axvline(score.value, color=_INK, linewidth=0.6, linestyle=":")
    axes.set_yticks(range(len(rows)), [_plain(row.name) for row in reversed(rows)])
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_xlabel("macro-F1, 95 % interval")
    return inked(figure)


def reliability_figure(rows: Sequence[tuple[str, Sequence[Bin], Interval]]) -> "Figure":
    """Draw reliability diagrams side by side: hits against the winning probability.

    Parameters
    ----------
    rows
        Name, bins and calibration error of each model.
    """
    across = min(3, len(rows))
    down = -(-len(rows) // across)
    figure = _figure(2.5 * across + 0.4, 2.6 * down + 0.2)
    grid = figure.subplots(down, across, squeeze=False).ravel()
    for axes, (name, bins, error) in zip(grid, rows, strict=False):
        _draw_reliability(axes, name, bins, error)
    for axes in grid[len(rows) :]:
        axes.set_visible(False)
    return inked(figure)


def _draw_reliability(axes: "Axes", name: str, bins: Sequence[Bin], error: Interval) -> None:
    axes.plot([0, 1], [0, 1], color=_INK, linewidth=0.6, linestyle=":")
    total = sum(bin_.count for bin_ in bins)
    for bin_ in bins:
        place, hits = bin_.confidence, bin_.hit_share
        axes.plot([place, place], [hits.low, hits.high], color=COLOURS[0], linewidth=1.2)
        axes.scatter(place, hits.value, s=12 + 90 * bin_.count / total, color=COLOURS[0])
    axes.set_xlim(0.25, 1.02)
    axes.set_ylim(-0.02, 1.02)
    axes.set_xlabel("winning probability")
    axes.set_ylabel("share of hits")
    axes.set_title(f"{_plain(name)}\nECE {error.value:.3f} [{error.low:.3f}, {error.high:.3f}]")


def selective_figure(rows: Sequence[tuple[str, Curve]]) -> "Figure":
    """Draw the share of wrong stances against the share of rows that are answered.

    The first few answers of a model may all be wrong or all right; where the curves begin they may
    leave the picture, whose height is that of what follows.
    """
    figure = _figure(5.2, 3.4 + 0.1 * len(rows))
    axes = figure.subplots()
    for position, (name, curve) in enumerate(rows):
        axes.step(
            [0, *curve.coverage],
            [curve.risk[0], *curve.risk],
            where="pre",
            color=COLOURS[position % len(COLOURS)],
            linestyle=_STYLES[position // len(COLOURS) % len(_STYLES)],
            label=f"{_plain(name)} ({curve.area:.3f})",
        )
    axes.set_xlim(0, 1.0)
    axes.set_ylim(0, 1.1 * max((_highest(curve) for _, curve in rows), default=0.0) or None)
    axes.set_xlabel("coverage: share of triples answered, the surest first")
    axes.set_ylabel("risk: share of wrong stances")
    # below the axes: inside, it would hide the curves of weak models
    figure.legend(
        loc="outside lower center", ncols=2, title="model (area)", frameon=False,
        fontsize=8, title_fontsize=8, labelcolor=_INK,
    )  # fmt: skip
    figure.legends[0].get_title().set_color(_INK)
    return inked(figure)


def _highest(curve: Curve) -> float:
    settled = curve.risk[curve.coverage >= _SETTLED]
    return float(settled.max())


def figure_bytes(figure: "Figure", ending: str) -> bytes:
    """Give a picture as the bytes of a ``png`` or ``svg`` file, on white, the same each time."""
    from matplotlib import rc_context

    buffer = io.BytesIO()
    metadata = {"Date": None} if ending == "svg" else {"Software": None}
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "alliance-stance"}):
        figure.savefig(buffer, format=ending, dpi=150, metadata=metadata)
    return buffer.getvalue()


def figure_markup(figure: "Figure") -> str:
    """Give a picture as an ``<svg>`` element for a page: no background, the page's text colour."""
    figure.patch.set_visible(False)
    for axes in figure.axes:
        axes.patch.set_visible(False)
    text = figure_bytes(figure, "svg").decode()
    return text[text.index("<svg") :].replace(_INK, "currentColor")


def _plain(name: str) -> str:
    """Keep Matplotlib from reading dollar signs as the ends of a formula."""
    return name.replace("$", r"\$")


def _figure(width: float, height: float) -> "Figure":
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def inked(figure: "Figure") -> "Figure":
    """Set text, ticks and frames in the one colour that `figure_markup` knows; give the figure."""
    for axes in figure.axes:
        axes.tick_params(colors=_INK, labelsize=8)
        for text in (axes.xaxis.label, axes.yaxis.label, axes.title):
            text.set_color(_INK)
            text.set_fontsize(9)
        for side, spine in axes.spines.items():
            spine.set_color(_INK)
            spine.set_visible(side in {"left", "bottom"})
    return figure
