"""A comparison as one HTML page that needs nothing else: no network, no files beside it.

Every text is escaped by the template engine; only our own pictures go in as they are.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from alliance_stance.evaluation.slices import FEW
from alliance_stance.reporting.comparison import (
    COSTS,
    READING,
    SCORES,
    cost_cells,
    counted,
    score_cells,
    slice_cells,
    slice_header,
)
from alliance_stance.reporting.plots import (
    figure_markup,
    forest_figure,
    reliability_figure,
    selective_figure,
)
from alliance_stance.training.compare import Comparison

_TEMPLATES = Path(__file__).parent / "templates"


def comparison_page(
    comparison: Comparison, facts: Mapping[str, str], *, title: str, question: str
) -> str:
    """Write a comparison as an HTML page.

    Parameters
    ----------
    comparison
        The tables.
    facts
        By name: rows, data, seeds, commit.
    title, question
        Of the experiment.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    marks = {
        row.name: " ".join(
            mark
            for mark, holds in (
                ("best", row.name == comparison.best),
                ("reference", row.name == comparison.reference),
            )
            if holds
        )
        for row in comparison.rows
    }
    header = slice_header(comparison)
    reliability = [
        Markup(figure_markup(reliability_figure([(row.name, row.bins, row.calibration_error)])))
        for row in comparison.rows
    ]
    curves = [(row.name, row.curve) for row in comparison.rows if row.curve is not None]
    return environment.get_template("comparison.html").render(
        title=title,
        question=question,
        comparison=comparison,
        counted=counted(comparison),
        facts=facts,
        scores=_table(SCORES, score_cells(comparison), marks),
        costs=_table(COSTS, cost_cells(comparison), marks),
        slices=_table(header, slice_cells(comparison, of_acts=False)),
        acts=_table(header, slice_cells(comparison, of_acts=True)),
        forest=Markup(figure_markup(forest_figure(comparison))),
        reliability=reliability,
        selective=Markup(figure_markup(selective_figure(curves))),
        reading=READING,
    )


def _table(
    header: Sequence[str],
    rows: Sequence[tuple[str, ...]],
    marks: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Give a table's header and its rows, each with the classes that it is shown by."""
    small = f"(under {FEW})"
    return {
        "header": header,
        "rows": [
            (cells, (marks or {}).get(cells[0], "small" if small in cells[1] else ""))
            for cells in rows
        ],
    }
