"""``alliance-stance compare``: all models of an experiment on the same rows."""

from pathlib import Path
from typing import Annotated

import typer

from alliance_stance.cli.options import ARTIFACTS, EXPERIMENT, ExperimentArgument, SetOption


def compare(
    experiment: ExperimentArgument = EXPERIMENT,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            help="Score a JSONL file of labelled examples instead of the development split.",
        ),
    ] = None,
    test: Annotated[
        bool,
        typer.Option("--test", help="Score the test split; do this once, when all is chosen."),
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", help="Markdown file; results-SPLIT.md of the experiment if absent."
        ),
    ] = None,
    set_: SetOption = None,
) -> None:
    """Compare the fitted models of an experiment and write the results table."""
    from alliance_stance.cli.console import note, quiet_libraries, show

    quiet_libraries()
    from alliance_stance.cli.judging import judge_fitted, open_fitted
    from alliance_stance.files import write_text
    from alliance_stance.reporting.tables import comparison_markdown, comparison_table
    from alliance_stance.training.compare import beats_baselines, compare_predictions
    from alliance_stance.training.experiment import read_experiment

    found = read_experiment(Path(experiment), set_ or [])
    judged, facts = judge_fitted(open_fitted(found, ARTIFACTS), data=data, is_test=test)
    comparison = compare_predictions(judged)
    show(comparison_table(comparison, title=f"{found.name}: {facts['rows']}"))
    _, reason = beats_baselines(comparison)
    note(reason)
    split = f"data-{data.stem}" if data else "test" if test else "dev"
    path = output or found.folder / f"results-{split}.md"
    heading = f"# {found.name}: results on {facts['rows']}\n\n{found.settings.question}\n\n"
    written = "Written by `alliance-stance compare`; do not edit.\n\n"
    write_text(path, heading + written + comparison_markdown(comparison, facts))
    note(f"written to {path}")
