"""``alliance-stance compare``: all models of an experiment on the same rows."""

from pathlib import Path
from typing import Annotated

import typer

from alliance_stance.cli.options import ARTIFACTS, EXPERIMENT, ExperimentArgument, SetOption
from alliance_stance.cli.outputs import refuse_overwriting


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
    reference: Annotated[
        str | None,
        typer.Option(
            "--reference",
            help="Model that all others are compared with; the best on the development split if "
            "absent.",
            show_default=False,
        ),
    ] = None,
    beside: Annotated[
        list[str] | None,
        typer.Option(
            "--beside",
            help="Saved model to put into the tables as well: a folder, an address or the name of "
            "a model of the package; may be repeated.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            help="Markdown file, with an HTML page and pictures of its name beside it; "
            "results-SPLIT.md of the experiment if absent.",
        ),
    ] = None,
    probes: Annotated[
        bool,
        typer.Option(
            "--probes/--no-probes",
            help="Try the median fit of each model on minimal pairs and swapped names, too.",
        ),
    ] = True,
    set_: SetOption = None,
) -> None:
    """Compare the fitted models of an experiment: Markdown, an HTML page, and runs in MLflow."""
    from alliance_stance.cli.console import note, quiet_libraries, show, waiting

    refuse_overwriting({"--output": output}, [data])
    if output is not None and output.suffix == ".html":
        from alliance_stance.errors import ConfigError

        raise ConfigError(
            "--output", f"{output.name}", "the Markdown file; the page is written beside it",
            f"give {output.with_suffix('.md').name}",
        )  # fmt: skip
    quiet_libraries()
    from alliance_stance.cli.judging import choose_rows, judge_fitted, open_fitted, read_rows
    from alliance_stance.cli.probing import probe_fitted
    from alliance_stance.cli.results import write_results
    from alliance_stance.reporting.comparison import comparison_table
    from alliance_stance.tracking.comparisons import log_comparison
    from alliance_stance.tracking.runs import prepare_store
    from alliance_stance.tracking.store import project_root
    from alliance_stance.training.compare import check_reference
    from alliance_stance.training.experiment import read_experiment

    found = read_experiment(Path(experiment), set_ or [])
    # before all is scored
    check_reference(reference, [*(config.name for config, _ in found.models), *(beside or ())])
    rows = choose_rows(data=data, is_test=test)
    root = project_root()
    with waiting("opening the data set and the fitted models ..."):
        prepare_store(found.name, found.settings.question, root)
        fitted = open_fitted(found, ARTIFACTS, beside or ())
    probed = None
    if probes:
        with waiting("trying minimal pairs and swapped names ..."):
            probed = probe_fitted(fitted, read_rows(fitted, rows))
    with waiting(f"scoring {rows.title}, and drawing the intervals ..."):
        result = judge_fitted(fitted, rows, reference=reference, probed=probed)
    show(comparison_table(result.comparison, title=f"{found.name}: {rows.title}"))
    note(f"compared with {result.comparison.reference}, {result.facts['reference']}")
    for warning in result.warnings:
        note(f"warning: {warning}")
    path = output or found.folder / f"results-{rows.name}.md"
    files = write_results(result, found, path)
    log_comparison(
        result.comparison, rows.name, result.facts, files, (found.name, root), result.params
    )
    note(f"written to {path} and {path.with_suffix('.html')}")
