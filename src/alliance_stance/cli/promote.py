"""``alliance-stance promote``: make the best model of an experiment the champion."""

from pathlib import Path

import typer

from alliance_stance.cli.options import (
    ARTIFACTS,
    EXPERIMENT,
    ExperimentArgument,
    SetOption,
)


def promote(experiment: ExperimentArgument = EXPERIMENT, set_: SetOption = None) -> None:
    """Register the best model and give it the alias `champion`, if it beats every baseline.

    The development split decides: the best mean macro-F1 over the seeds, its lead over each
    baseline beyond the 95 % interval. Otherwise nothing is changed and the exit status is 1.
    """
    from alliance_stance.cli.console import note, quiet_libraries

    quiet_libraries()
    from alliance_stance.cli.judging import judge_fitted, open_fitted
    from alliance_stance.tracking.registry import CHAMPION, register_champion
    from alliance_stance.tracking.runs import log_run
    from alliance_stance.tracking.store import project_root
    from alliance_stance.training.compare import beats_baselines, compare_predictions
    from alliance_stance.training.experiment import read_experiment

    found = read_experiment(Path(experiment), set_ or [])
    fitted = open_fitted(found, ARTIFACTS)
    judged, _ = judge_fitted(fitted, data=None, is_test=False)
    comparison = compare_predictions(judged)
    is_better, reason = beats_baselines(comparison)
    if not is_better:
        note(f"not promoted: {reason}")
        raise typer.Exit(1)
    best = next(model for model in judged if model.name == comparison.best)
    seed = best.seeds[best.median_position]
    run = next(run for run in fitted.runs if run.name == best.name and run.seed == seed)
    root = project_root()
    run_id = log_run(run, fitted.dataset, found.name, root)
    name = found.settings.registered_model
    tags = {"reason": reason, "dataset_fingerprint": fitted.dataset.fingerprint, "run_key": run.key}
    version = register_champion(name, run_id, tags, root)
    note(f"promoted {run.name}, seed {run.seed}: models:/{name}@{CHAMPION} is version {version}")
    note(reason)
