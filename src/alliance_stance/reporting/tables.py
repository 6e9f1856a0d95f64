"""Tables: for a terminal (Rich) and for documents (Markdown), from the same rows."""

from collections.abc import Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from alliance_stance.schema import STANCES
from alliance_stance.training.compare import Comparison


def dataset_table(
    name: str, fingerprint: str, counts: Mapping[str, Mapping[str | None, int]]
) -> Table:
    """Lay the stance counts of each split out; None counts rows without one."""
    table = Table(title=f"{name} ({fingerprint[:12]})", title_justify="left")
    table.add_column("split")
    for stance in STANCES:
        table.add_column(str(stance), justify="right")
    table.add_column("triples", justify="right")
    is_partly_labelled = any(by_stance.get(None) for by_stance in counts.values())
    if is_partly_labelled:
        table.add_column("no label", justify="right")
    for split, by_stance in counts.items():
        numbers = [by_stance.get(str(stance), 0) for stance in STANCES]
        numbers.append(sum(numbers))
        if is_partly_labelled:
            numbers.append(by_stance.get(None, 0))
        table.add_row(split, *map(str, numbers))
    return table


COMPARISON_HEADER = (
    "model",
    "seeds",
    "macro-F1 [95 %]",
    "range",
    "favor+against",
    "against",
    "favor",
    "neutral",
    "log-loss",
    "ECE",
    "best leads by [95 %]",
)


def comparison_cells(comparison: Comparison) -> list[tuple[str, ...]]:
    """Give the cells of a results table, one tuple a model, in the order of the header."""
    return [
        (
            row.name,
            str(len(row.seeds)),
            str(row.macro_f1),
            f"{row.macro_f1_range[0]:.3f}-{row.macro_f1_range[1]:.3f}",
            f"{row.polar_f1:.3f}",
            *(f"{score:.3f}" for score in row.stance_f1),
            f"{row.log_loss:.3f}",
            f"{row.calibration_error:.3f}",
            "best" if row.lead is None else str(row.lead),
        )
        for row in comparison.rows
    ]


def comparison_table(comparison: Comparison, *, title: str) -> Table:
    """Lay a comparison out for a terminal."""
    table = Table(title=Text(title), title_justify="left")
    for position, name in enumerate(COMPARISON_HEADER):
        table.add_column(name, justify="left" if position == 0 else "right")
    for cells in comparison_cells(comparison):
        table.add_row(*cells, style="bold" if cells[0] == comparison.best else None)
    return table


def comparison_markdown(comparison: Comparison, facts: Mapping[str, str]) -> str:
    """Write a comparison as Markdown, with the facts that a number needs beside it."""
    header = "| " + " | ".join(COMPARISON_HEADER) + " |"
    rule = "|" + " --- |" * len(COMPARISON_HEADER)
    rows = ["| " + " | ".join(cells) + " |" for cells in comparison_cells(comparison)]
    listed = "; ".join(f"{name}: {value}" for name, value in facts.items())
    count = f"{comparison.example_count} triples in {comparison.document_count} documents"
    return "\n".join(
        [
            f"{count}; {listed}.",
            "",
            header,
            rule,
            *rows,
            "",
        ]
    )


def metrics_table(metrics: Mapping[str, Any], *, title: str) -> Table:
    """Lay the scores of one model out."""
    table = Table(title=Text(title), title_justify="left")
    for name in ("score", "value", "95 % interval"):
        table.add_column(name, justify="right" if name != "score" else "left")
    for name in ("macro_f1", "polar_f1", "accuracy"):
        entry = metrics[name]
        table.add_row(name, f"{entry['value']:.3f}", f"{entry['low']:.3f} to {entry['high']:.3f}")
    for name in ("log_loss", "calibration_error", "act_accuracy", "act_macro_f1"):
        if name in metrics:
            table.add_row(name, f"{metrics[name]:.3f}", "")
    table.add_section()
    for stance, entry in metrics["stances"].items():
        table.add_row(
            f"{stance}: precision, recall, F1",
            f"{entry['precision']:.3f}, {entry['recall']:.3f}, {entry['f1']:.3f}",
            f"{entry['count']} triples",
        )
    return table
