"""Tables of a data set and of one model, for a terminal."""

from collections.abc import Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from alliance_stance.schema import STANCES


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


def metrics_table(metrics: Mapping[str, Any], *, title: str) -> Table:
    """Lay the scores of one model out."""
    table = Table(title=Text(title), title_justify="left")
    for name in ("score", "value", "95 % interval"):
        table.add_column(name, justify="right" if name != "score" else "left")
    for name in ("macro_f1", "polar_f1", "accuracy", "calibration_error"):
        entry = metrics[name]
        table.add_row(name, f"{entry['value']:.3f}", f"{entry['low']:.3f} to {entry['high']:.3f}")
    for name in ("log_loss", "act_accuracy", "act_macro_f1"):
        if name in metrics:
            table.add_row(name, f"{metrics[name]:.3f}", "")
    table.add_section()
    for stance, entry in metrics["stances"].items():
        table.add_row(
            f"{stance}: precision, recall, F1",
            f"{entry['precision']:.3f}, {entry['recall']:.3f}, {entry['f1']:.3f}",
            f"{entry['count']} triples",
        )
    if "minus_first" in metrics:
        _add_difference(table, metrics["minus_first"])
    if "abstention" in metrics:
        _add_abstention(table, metrics["abstention"])
    return table


def _add_difference(table: Table, found: Mapping[str, Any]) -> None:
    """Add how far the model is from another one on the same rows."""
    macro = found["macro_f1"]
    table.add_section()
    table.add_row(
        Text(f"macro_f1 minus that of {found['model']}"),
        f"{macro['value']:+.3f}",
        f"{macro['low']:+.3f} to {macro['high']:+.3f}",
    )
    table.add_row("p; corrected by Holm", f"{found['p']:.4f}; {found['p_holm']:.4f}", "")


def _add_abstention(table: Table, left: Mapping[str, Any]) -> None:
    """Add what a threshold leaves; a score of no triples is told as such."""
    table.add_section()
    for name in ("coverage", "macro_f1", "accuracy"):
        entry = left[name]
        title = f"{name}, abstaining below {left['threshold']:g}"
        if entry is None:
            table.add_row(title, "-", "nothing is answered")
        else:
            interval = f"{entry['low']:.3f} to {entry['high']:.3f}"
            table.add_row(title, f"{entry['value']:.3f}", interval)
