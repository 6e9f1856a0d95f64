"""``alliance-stance search``: find good settings of a model on the development split."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alliance_stance.cli.options import ARTIFACTS, PROCESSED

if TYPE_CHECKING:
    from optuna import Study

    from alliance_stance.tracking.searches import SearchRuns
    from alliance_stance.training.fit import FitRows
    from alliance_stance.training.search_space import Search
    from alliance_stance.training.search_study import Trial


def search(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="SEARCH", help="Folder of a search, or its search.yaml.", show_default=False
        ),
    ],
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change a key of the search: trials=60, space.c.high=30."),
    ] = None,
) -> None:
    """Try settings of a model, and write the best ones as a model file beside the search.

    Trials are kept under artifacts/ as they are made and recorded in MLflow as children of one run.
    A search that was stopped, in whatever way, goes on where it was when it is run again; raise
    its number of trials to search on. Only the development split decides.
    """
    from alliance_stance.cli.console import note, quiet_libraries

    quiet_libraries()
    from alliance_stance.datasets.table import build_dataset
    from alliance_stance.knowledge.knowledge import load_knowledge
    from alliance_stance.reporting.searches import seen_by_start
    from alliance_stance.tracking.searches import open_search_runs
    from alliance_stance.tracking.store import project_root, tracking_uri
    from alliance_stance.training.calibration import open_calibration
    from alliance_stance.training.fit import open_rows
    from alliance_stance.training.search_space import read_search
    from alliance_stance.training.search_study import open_study, other_studies, search_key

    found = read_search(file, set_ or [])
    knowledge = load_knowledge()
    dataset = build_dataset(found.dataset, knowledge, PROCESSED)
    calibration = open_calibration(found.calibration, knowledge, PROCESSED)
    rows = open_rows(dataset, calibration)
    key = search_key(found, dataset, calibration)
    with open_study(found, key, ARTIFACTS / found.name) as study:
        if others := other_studies(study, found):
            note(f"trials with other settings, data or code are left aside: {', '.join(others)}")
        runs = open_search_runs(found, key, dataset, project_root())
        if known := seen_by_start(found, rows):
            note(f"the start was fitted on the sentences of {known} triples that decide")
        _go_on(study, found, rows, runs)
    note(f"runs are in {tracking_uri(project_root())}; see them with: make ui")


def _go_on(study: "Study", search: "Search", rows: "FitRows", runs: "SearchRuns") -> None:
    """Make the trials that are missing, record them, and tell what was found."""
    from alliance_stance.cli.console import note
    from alliance_stance.tracking.searches import close_search_runs, log_trials
    from alliance_stance.training.search import run_trials
    from alliance_stance.training.search_study import finished_trials, rank_trials

    wanted = search.settings.trials
    done = finished_trials(study)
    note(f"{len(done)} of {wanted} trials are done")
    log_trials(runs, done)

    def tell(trials: "list[Trial]") -> None:
        _tell(trials, search)
        log_trials(runs, trials)

    try:
        trials = run_trials(study, search, rows, on_trial=tell, is_verbose=True)
    except BaseException as error:
        trials = finished_trials(study)
        best = next(iter(rank_trials(trials, search.settings.objective)), None)
        close_search_runs(runs, best, [], is_done=False)
        if isinstance(error, KeyboardInterrupt):
            note(f"stopped with {len(trials)} of {wanted} trials done; they are kept")
        raise
    if len(trials) < wanted:
        note(f"time is over with {len(trials)} of {wanted} trials; run again to go on")
    _report(study, search, rows, runs, trials)


def _tell(trials: "list[Trial]", search: "Search") -> None:
    from alliance_stance.cli.console import note
    from alliance_stance.reporting.searches import trial_line
    from alliance_stance.training.search_study import rank_trials

    last = trials[-1]
    best = rank_trials(trials, search.settings.objective)
    is_best = bool(best) and best[0] is last
    mark = ", the best so far" if is_best else ""
    note(f"[{last.number}/{search.settings.trials}] {trial_line(last, search)}{mark}")


def _report(
    study: "Study",
    search: "Search",
    rows: "FitRows",
    runs: "SearchRuns",
    trials: "list[Trial]",
) -> None:
    """Print and write what the trials show."""
    from alliance_stance.cli.console import note, show
    from alliance_stance.errors import ConfigError
    from alliance_stance.files import write_text
    from alliance_stance.reporting.searches import (
        best_table,
        importance_table,
        model_yaml,
        search_markdown,
    )
    from alliance_stance.tracking.searches import close_search_runs
    from alliance_stance.training.search_study import rank_trials, setting_importances

    ranked = rank_trials(trials, search.settings.objective)
    is_done = len(trials) >= search.settings.trials
    if not ranked:
        close_search_runs(runs, None, [], is_done=is_done)
        reasons = "; ".join(sorted({trial.reason for trial in trials})) or "no trial in the time"
        raise ConfigError(
            f"search {search.name}",
            f"no score after {len(trials)} trials ({reasons})",
            "a score",
            "change the space, or give more time",
        )
    importances = setting_importances(study, search)
    show(best_table(trials, search))
    if importances:
        show(importance_table(importances))
    write_text(search.model, model_yaml(ranked[0], search, rows))
    write_text(search.results, search_markdown(trials, search, importances, rows))
    close_search_runs(runs, ranked[0], [search.model, search.results], is_done=is_done)
    note(f"the best settings are in {search.model}, the table in {search.results}")
