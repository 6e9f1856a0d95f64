"""Runs that are being fitted: who works on them, and what becomes of those whose process is gone.

A process that is killed (-9) cannot tell MLflow, where its run would be RUNNING for ever. So each
run names its process, and the next training of the experiment looks for runs whose process is gone.
"""

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alliance_stance.processes import process_start
from alliance_stance.tracking.store import EXPERIMENT_PREFIX, find_runs, open_store, store_errors

HOST, PROCESS, PROCESS_START = "host", "process", "process_start"
"""Tags that name the process which works on a run."""
CONTINUED_BY = "continued_by"
"""Tag of a killed run: the run of the same fit that came after it."""
CONTINUES = "continues"
"""Tag of a run: the killed one before it."""
RESUMED_AT = "resumed_at"
"""Tag of a run that went on from a checkpoint: the place where."""
REASON = "reason"
"""Tag of a killed run: why it ended."""
KILLED = "KILLED"
_RUN_KEY = "run_key"


@contextmanager
def running(name: str, key: str, root: Path) -> Iterator[str]:
    """Let a run be the active one of the current experiment, and end it with the block.

    It is FINISHED where the block ends without an error, KILLED where Ctrl-C ended it, else FAILED.
    Killed runs of the same fit are told which run came after them.

    Parameters
    ----------
    name
        Of the run.
    key
        What the fit depends on (`training.fit.run_key`).
    root
        Folder of the default store.

    Yields
    ------
    str
        The MLflow run's id.

    Raises
    ------
    TrackingError
        If the store does not answer, or refuses the run.
    """
    mlflow = open_store(root)
    with store_errors():
        client = mlflow.MlflowClient()
        active = mlflow.start_run(run_name=name, tags={_RUN_KEY: key, **_own_process()})
    run_id = str(active.info.run_id)
    status = "FAILED"
    try:
        with store_errors():
            _continue(client, run_id, active.info.experiment_id, key)
        # what the fit itself lacks is not the store's
        yield run_id
        status = "FINISHED"
    except KeyboardInterrupt:
        status = KILLED
        with store_errors():
            mlflow.set_tag(REASON, "interrupted")
        raise
    finally:
        with store_errors():
            mlflow.end_run(status)


def _continue(client: Any, run_id: str, experiment_id: str, key: str) -> None:  # noqa: ANN401
    """Tie a run to those of the same fit that were cut off."""
    condition = f"tags.{_RUN_KEY} = '{key}' and attributes.status = '{KILLED}'"
    for before in find_runs(client, experiment_id, condition):
        if CONTINUED_BY not in before.data.tags:
            client.set_tag(before.info.run_id, CONTINUED_BY, run_id)
            client.set_tag(run_id, CONTINUES, before.info.run_id)


def tell_resumed(run_id: str, place: str, root: Path) -> None:
    """Tell of a run that it went on from a checkpoint, and where.

    Raises
    ------
    TrackingError
        If the store does not answer.
    """
    with store_errors():
        open_store(root).MlflowClient().set_tag(run_id, RESUMED_AT, place)


def close_gone_runs(experiment: str, root: Path) -> list[str]:
    """Mark runs as KILLED that are said to be running, but whose process on this machine is gone.

    Runs of other machines, and runs that name no process, are left as they are.

    Parameters
    ----------
    experiment
        Name of our experiment.
    root
        Folder of the default store.

    Returns
    -------
    list of str
        Ids of the runs that were marked.

    Raises
    ------
    TrackingError
        If the store does not answer.
    """
    mlflow = open_store(root)
    with store_errors():
        client = mlflow.MlflowClient()
        place = client.get_experiment_by_name(f"{EXPERIMENT_PREFIX}{experiment}").experiment_id
        gone = [
            str(run.info.run_id)
            for run in find_runs(client, place, "attributes.status = 'RUNNING'")
            if _is_gone(run.data.tags)
        ]
        for run_id in gone:
            client.set_tag(run_id, REASON, "its process was gone")
            # when it ended is not known, so no time is given
            client.update_run(run_id, status=KILLED)
    return gone


def _own_process() -> dict[str, str]:
    process = os.getpid()
    start = process_start(process)
    return {HOST: socket.gethostname(), PROCESS: str(process), PROCESS_START: start or ""}


def _is_gone(tags: Mapping[str, str]) -> bool:
    process, start = tags.get(PROCESS, ""), tags.get(PROCESS_START)
    if tags.get(HOST) != socket.gethostname() or not start or not process.isdecimal():
        return False
    return process_start(int(process)) != start
