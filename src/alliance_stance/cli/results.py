"""Write a comparison: Markdown, an HTML page, and the pictures of both."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from alliance_stance.draws import draw_documents
from alliance_stance.evaluation.calibration import (
    calibration_interval,
    reliability,
    selective_curve,
)
from alliance_stance.evaluation.metrics import Scored
from alliance_stance.evaluation.report import INTERVAL_SEED
from alliance_stance.files import write_bytes, write_text
from alliance_stance.reporting.comparison import comparison_markdown
from alliance_stance.reporting.page import comparison_page
from alliance_stance.reporting.plots import figure_bytes, reliability_figure, selective_figure

if TYPE_CHECKING:
    from alliance_stance.cli.judging import Result
    from alliance_stance.training.experiment import Experiment


def write_results(result: "Result", experiment: "Experiment", path: Path) -> list[Path]:
    """Write a comparison beside a Markdown file's name; every file is written whole or not at all.

    Parameters
    ----------
    result
        The comparison, with its facts.
    experiment
        Whose name and question stand above.
    path
        The Markdown file.

    Returns
    -------
    list of Path
        What was written.
    """
    comparison, facts = result.comparison, result.facts
    title = f"{experiment.name}: results on {facts['rows']}"
    question = experiment.settings.question
    pictures = {
        "reliability": reliability_figure(
            [(row.name, row.bins, row.calibration_error) for row in comparison.rows]
        ),
        "selective": selective_figure(
            [(row.name, row.curve) for row in comparison.rows if row.curve is not None]
        ),
    }
    files = {name: path.with_name(f"{path.stem}-{name}.svg") for name in pictures}
    shown = [
        ("Reliability of each model", files["reliability"].name),
        ("Risk against coverage", files["selective"].name),
    ]
    heading = f"# {title}\n\n{question}\n\nWritten by `alliance-stance compare`; do not edit.\n\n"
    # drawn and laid out before anything is written, so that a failure leaves nothing behind
    page = comparison_page(comparison, facts, title=title, question=question)
    drawn = {files[name]: figure_bytes(figure, "svg") for name, figure in pictures.items()}
    for file, content in drawn.items():
        write_bytes(file, content)
    write_text(path.with_suffix(".html"), page)
    write_text(path, heading + comparison_markdown(comparison, facts, shown))
    return [path, path.with_suffix(".html"), *files.values()]


def write_calibration(judged: Sequence[tuple[str, Scored]], folder: Path) -> None:
    """Draw the reliability diagrams and the curves of risk against coverage of some models.

    Parameters
    ----------
    judged
        Name and predictions of each model, on the same rows.
    folder
        Where ``reliability`` and ``selective`` are written, each as PNG and SVG.
    """
    resamples = draw_documents(judged[0][1].documents, seed=INTERVAL_SEED)
    pictures = {
        "reliability": reliability_figure(
            [
                (name, reliability(scored, resamples), calibration_interval([scored], resamples))
                for name, scored in judged
            ]
        ),
        "selective": selective_figure(
            [
                (name, selective_curve(scored.stances, scored.probabilities))
                for name, scored in judged
            ]
        ),
    }
    for stem, figure in pictures.items():
        for ending in ("png", "svg"):
            write_bytes(folder / f"{stem}.{ending}", figure_bytes(figure, ending))
