"""A comparison as a table for the terminal and as Markdown; `reporting.page` writes it as HTML."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from rich.table import Table
from rich.text import Text

from alliance_stance.evaluation.bootstrap import Interval
from alliance_stance.evaluation.slices import ACT, FEW
from alliance_stance.training.compare import Comparison, Row, SliceRow

_Value = TypeVar("_Value")
NOTHING = "-"
SCORES = (
    "model",
    "seeds",
    "macro-F1 [95 %]",
    "over seeds",
    "minus reference [95 %]",
    "p",
    "p, Holm",
    "favor+against [95 %]",
    "against [95 %]",
    "favor [95 %]",
    "neutral [95 %]",
    "log-loss",
    "ECE [95 %]",
)
_NOT_ON_TERMINALS = frozenset({"over seeds", "p", "log-loss"})
_BARE_ON_TERMINALS = frozenset(SCORES[7:11])
"""Scores that stand there without their interval, for want of room."""
_DECIDING = ("model", "macro-F1 [95 %]", "minus reference [95 %]", "p, Holm")
COSTS = (
    "model",
    "minimal pairs [95 %]",
    "labels moved by a swap [95 %]",
    "seconds to fit",
    "triples a second",
    "MB",
)
READING = (
    "Each score is the mean over a model's seeds. Intervals are 95 % percentiles of 1,000 draws of "
    "whole documents and of seeds (Sellam et al. 2022); with one seed they hold documents alone.",
    "Differences are paired by document. p: approximate randomisation over documents (Noreen 1989; "
    "Yeh 2000), two-sided; beside it corrected for the number of models in the table (Holm 1979).",
    "ECE: expected calibration error in ten bins (Guo et al. 2017). It leans up on few rows. On "
    "rows that a model was calibrated on (its own development split, unless a line above names "
    "others) it and the log-loss flatter the model.",
    "Minimal pairs: share of groups of sentences, alike but for one thing, of which all members "
    "are right (Gardner et al. 2020); none of them was trained on. Swap: share of labels that move "
    "with another judged state, which should be none. Both are of the fit of median score.",
    "Seconds are of the machine of each fit, with as many threads as it had; a fit that begins "
    "with another's weights counts its own alone. Triples a second are of the machine that made "
    "this table, in the form in which a saved model answers.",
    f"A slice of fewer than {FEW} triples says so; read nothing into its scores. A dash stands "
    "where a slice lacks one of the three stances: it has no macro-F1.",
)
"""How the figures are to be read, a sentence or two each."""


def score_cells(comparison: Comparison) -> list[tuple[str, ...]]:
    """Give the cells of the table of scores, one tuple a model, in the order of `SCORES`."""
    return [
        (
            row.name,
            str(len(row.seeds)),
            str(row.macro_f1),
            _spread(row),
            *_difference(row),
            str(row.polar_f1),
            *map(str, row.stance_f1),
            f"{row.log_loss:.3f}",
            str(row.calibration_error),
        )
        for row in comparison.rows
    ]


def _spread(row: Row) -> str:
    if row.macro_f1_spread is None:
        return NOTHING
    low, high = row.macro_f1_range
    return f"{low:.3f} to {high:.3f}, sd {row.macro_f1_spread:.3f}"


def _difference(row: Row) -> tuple[str, str, str]:
    if row.difference is None:
        return "reference", NOTHING, NOTHING
    difference = row.difference
    return signed(difference.interval), f"{difference.p:.4f}", f"{difference.p_holm:.4f}"


def signed(interval: Interval) -> str:
    """Write a difference and its interval to three digits, with signs.

    Examples
    --------
    >>> signed(Interval(-0.1, -0.2, 0.05))
    '-0.100 [-0.200, +0.050]'
    """
    return f"{interval.value:+.3f} [{interval.low:+.3f}, {interval.high:+.3f}]"


def cost_cells(comparison: Comparison) -> list[tuple[str, ...]]:
    """Give the cells of the table of probes and costs, in the order of `COSTS`."""
    return [
        (
            row.name,
            _known(row.probes.minimal_pairs, str),
            _known(row.probes.swapped, str),
            *(
                (NOTHING,) * 3
                if row.cost is None
                else (
                    _known(row.cost.fit_seconds, "{:,.1f}".format),
                    f"{row.cost.triples_per_second:,.0f}",
                    f"{row.cost.megabytes:,.1f}",
                )
            ),
        )
        for row in comparison.rows
    ]


def _known(value: _Value | None, write: Callable[[_Value], str]) -> str:
    return NOTHING if value is None else write(value)


def slice_header(comparison: Comparison) -> tuple[str, ...]:
    """Give the header of a table of slices."""
    return ("slice", "triples", "documents", *(row.name for row in comparison.rows))


def slice_cells(comparison: Comparison, *, of_acts: bool) -> list[tuple[str, ...]]:
    """Give the cells of the table of slices by macro-F1, or of the acts by share of right stances.

    An act has one stance, so that F1 says nothing of it. A slice that lacks a stance has no
    macro-F1.
    """
    rows = [part for part in comparison.slices if (part.dimension == ACT) is of_acts]
    names = [row.name for row in comparison.rows]
    return [
        (
            slice_name(part),
            f"{part.example_count}{f' (under {FEW})' if part.is_small else ''}",
            str(part.document_count),
            *(_slice_score(part, name, of_acts=of_acts) for name in names),
        )
        for part in rows
    ]


def slice_name(part: SliceRow) -> str:
    """Write a slice with its dimension, unless its name tells it."""
    return part.name if part.dimension in part.name else f"{part.dimension}: {part.name}"


def _slice_score(part: SliceRow, name: str, *, of_acts: bool) -> str:
    interval = (part.accuracy if of_acts else part.macro_f1).get(name)
    if interval is None:
        return NOTHING
    # nothing can be drawn of one document
    return f"{interval.value:.3f}" if part.document_count == 1 else str(interval)


def comparison_table(comparison: Comparison, *, title: str) -> Table:
    """Lay the scores out for a terminal, without the columns that would not fit there."""
    table = Table(title=Text(title), title_justify="left")
    shown = [position for position, name in enumerate(SCORES) if name not in _NOT_ON_TERMINALS]
    for position in shown:
        name = _on_terminal(SCORES[position], position)
        table.add_column(name, justify="right" if position else "left", no_wrap=True)
    for cells in score_cells(comparison):
        style = "bold" if cells[0] == comparison.best else None
        table.add_row(*(_on_terminal(cells[position], position) for position in shown), style=style)
    return table


def _on_terminal(cell: str, position: int) -> str:
    return cell.partition(" [")[0] if SCORES[position] in _BARE_ON_TERMINALS else cell


def comparison_markdown(
    comparison: Comparison, facts: Mapping[str, str], figures: Sequence[tuple[str, str]] = ()
) -> str:
    """Write a comparison as Markdown, with the facts that a number needs beside it.

    Parameters
    ----------
    comparison
        The tables.
    facts
        By name: rows, data, seeds, commit.
    figures
        What each picture shows, and its file beside the page.
    """
    parts = [f"{counted(comparison)}; {listed(facts)}.", *_table(SCORES, score_cells(comparison))]
    parts += ["## Probes and costs", *_table(COSTS, cost_cells(comparison))]
    header = slice_header(comparison)
    if by_stance := slice_cells(comparison, of_acts=False):
        parts += ["## Slices: macro-F1 [95 %]", *_table(header, by_stance)]
    if by_act := slice_cells(comparison, of_acts=True):
        parts += ["## Acts: share with the right stance [95 %]", *_table(header, by_act)]
    if figures:
        parts += ["## Calibration", *(f"![{what}]({file})" for what, file in figures)]
    parts += ["## How to read it", "\n".join(f"- {sentence}" for sentence in READING)]
    return "\n\n".join(parts) + "\n"


def comparison_summary(comparison: Comparison) -> str:
    """Write the few scores that decide as a table in Markdown, for a narrow place."""
    places = [SCORES.index(name) for name in _DECIDING]
    rows = [[cells[place] for place in places] for cells in score_cells(comparison)]
    return "\n\n".join([f"{counted(comparison)}.", *_table(_DECIDING, rows)])


def counted(comparison: Comparison) -> str:
    """Say how large the set is."""
    return f"{comparison.example_count} triples in {comparison.document_count} documents"


def listed(facts: Mapping[str, str]) -> str:
    """Write facts on one line."""
    return "; ".join(f"{name}: {value}" for name, value in facts.items())


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [header, ["---"] * len(header), *rows]
    return ["\n".join("| " + " | ".join(map(_cell, cells)) + " |" for cells in lines)]


def _cell(text: str) -> str:
    """Keep a name of the user's own from ending its cell."""
    return text.replace("|", "\\|").replace("\n", " ")
