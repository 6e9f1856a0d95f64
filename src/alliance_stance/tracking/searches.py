"""Record a search: one parent run, and a child run for every trial that is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from alliance_stance.datasets.table import BuiltDataset
from alliance_stance.tracking.runs import flat_metrics, log_dataset
from alliance_stance.tracking.store import (
    EXPERIMENT_PREFIX,
    find_runs,
    open_store,
    select_experiment,
    store_errors,
)
from alliance_stance.training.experiment import told_model
from alliance_stance.training.search_space import Search
from alliance_stance.training.search_study import Trial

_KEY, _TRIAL = "search_key", "trial"
_PARENT = "mlflow.parentRunId"
_FINISHED = "FINISHED"


@dataclass(frozen=True)
class SearchRuns:
    """The runs of one search in the tracking store.

    Parameters
    ----------
    client
        MLflow's.
    experiment
        MLflow's id of the experiment.
    parent
        Id of the parent run.
    recorded
        For each trial with a run, its id, and whether it is complete; `log_trials` adds to it.
    tags
        What every child run is tagged with.
    """

    client: Any
    experiment: str
    parent: str
    recorded: dict[int, tuple[str, bool]]
    tags: Mapping[str, str]


def open_search_runs(search: Search, key: str, dataset: BuiltDataset, root: Path) -> SearchRuns:
    """Find the parent run of a search, or make it; it is running from now on.

    Parameters
    ----------
    search
        The search.
    key
        From `training.search_study.search_key`, by which the parent is found again.
    dataset
        What trials are fitted on.
    root
        Folder of the default store.

    Raises
    ------
    TrackingError
        If the store does not answer, or refuses the run.
    """
    mlflow = open_store(root)
    tags = {
        "kind": search.settings.kind,
        "dataset": dataset.name,
        "dataset_fingerprint": dataset.fingerprint,
        _KEY: key,
    }
    with store_errors():
        name = f"{EXPERIMENT_PREFIX}{search.name}"
        select_experiment(mlflow, name, root, search.settings.question)
        client = mlflow.MlflowClient()
        experiment = client.get_experiment_by_name(name).experiment_id
        runs = find_runs(client, experiment, f"tags.{_KEY} = '{key}'")
        parents = [run for run in runs if _TRIAL not in run.data.tags]
        if parents:
            parent = parents[0].info.run_id
            client.update_run(parent, status="RUNNING")
        else:
            parent = _new_parent(mlflow, client, experiment, search, tags, dataset)
        recorded = {
            int(run.data.tags[_TRIAL]): (run.info.run_id, run.info.status == _FINISHED)
            for run in runs
            if _TRIAL in run.data.tags
        }
    return SearchRuns(client, experiment, parent, recorded, tags)


def log_trials(runs: SearchRuns, trials: Sequence[Trial]) -> None:
    """Record the trials that have no complete run yet.

    Raises
    ------
    TrackingError
        If the store does not answer, or refuses a run.
    """
    with store_errors():
        for trial in trials:
            run_id, is_complete = runs.recorded.get(trial.number, ("", False))
            if not is_complete:
                runs.recorded[trial.number] = (_log_trial(runs, trial, run_id), True)


def close_search_runs(
    runs: SearchRuns, best: Trial | None, files: Sequence[Path], *, is_done: bool
) -> None:
    """End the parent run, with the best trial's scores and what was written.

    Parameters
    ----------
    runs
        From `open_search_runs`.
    best
        None where no trial has a value.
    files
        Kept with the parent run.
    is_done
        False where trials are left to make: the run is then marked as killed, until it goes on.

    Raises
    ------
    TrackingError
        If the store does not answer.
    """
    with store_errors():
        if best is not None:
            for name, value in _scores(best).items():
                runs.client.log_metric(runs.parent, f"best/{name}", value)
            runs.client.set_tag(runs.parent, "best_trial", str(best.number))
        for file in files:
            runs.client.log_artifact(runs.parent, str(file))
        runs.client.set_terminated(runs.parent, status=_FINISHED if is_done else "KILLED")


def _new_parent(
    mlflow: Any,  # noqa: ANN401 - MLflow has no types
    client: Any,  # noqa: ANN401 - MLflow has no types
    experiment: str,
    search: Search,
    tags: dict[str, str],
    dataset: BuiltDataset,
) -> str:
    run = client.create_run(experiment, run_name=search.name, tags=tags)
    run_id = str(run.info.run_id)
    settings = search.settings.model_dump(mode="json", exclude={"space", "fixed"})
    if search.settings.start is not None:
        settings["start"] = told_model(search.settings.start)
    for name, value in settings.items():
        client.log_param(run_id, name, value)
    for name, value in search.settings.fixed.items():
        client.log_param(run_id, f"fixed.{name}", value)
    for name, part in search.settings.space.items():
        client.log_param(run_id, f"space.{name}", part.model_dump(exclude_defaults=True))
    with mlflow.start_run(run_id=run_id):
        log_dataset(mlflow, dataset)
    client.update_run(run_id, status="RUNNING")
    return run_id


def _log_trial(runs: SearchRuns, trial: Trial, run_id: str) -> str:
    """Record one trial; a run that was cut off half-written is written again."""
    from mlflow.entities import Metric, Param, RunTag

    started, ended = (int(moment.timestamp() * 1000) for moment in (trial.started, trial.ended))
    if not run_id:
        tags = {**runs.tags, _PARENT: runs.parent, _TRIAL: str(trial.number)}
        run = runs.client.create_run(
            runs.experiment, start_time=started, tags=tags, run_name=f"trial {trial.number}"
        )
        run_id = str(run.info.run_id)
    values = [(name, value, 0) for name, value in _scores(trial).items()]
    values += [("dev/after_pass", value, passes) for passes, value in trial.passes.items()]
    told = {"commit": trial.commit, **({"reason": trial.reason} if trial.reason else {})}
    runs.client.log_batch(
        run_id,
        metrics=[Metric(name, value, ended, step) for name, value, step in values],
        params=[Param(name, str(value)) for name, value in trial.settings.items()],
        tags=[RunTag(name, value) for name, value in told.items()],
    )
    runs.client.set_terminated(run_id, status=_FINISHED, end_time=ended)
    return run_id


def _scores(trial: Trial) -> dict[str, float]:
    """Give the mean of every number over the seeds, and of several seeds each one's."""
    by_seed = {seed: flat_metrics(fit) for seed, fit in trial.fits.items()}
    found: dict[str, float] = {} if trial.value is None else {"objective": trial.value}
    for name in next(iter(by_seed.values()), {}):
        found[name] = mean(scores[name] for scores in by_seed.values())
    if len(by_seed) > 1:
        for seed, scores in by_seed.items():
            found.update({f"seed-{seed}/{name}": value for name, value in scores.items()})
    return found
