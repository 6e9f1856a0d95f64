"""Which tracking store: `MLFLOW_TRACKING_URI`, or an SQLite file at the project's root."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from alliance_stance.errors import TrackingError
from alliance_stance.tracking.moved import follow_files

_CHOICE = "MLFLOW_TRACKING_URI"
DATABASE = "mlflow.db"
MODEL_TAG = "model_uri"
"""Tag of a run that tells the address of its model."""
DESCRIPTION = "mlflow.note.content"
"""Tag that MLflow's pages show as the description of an experiment or a run, read as Markdown."""
_KIND = {"mlflow.experimentKind": "custom_model_development"}
"""Tells MLflow's pages that models are trained here, not prompts written."""
ARTIFACTS = "mlartifacts"
EXPERIMENT_PREFIX = "alliance-stance-"
"""MLflow has an experiment called Default of its own, for runs that name none."""
_PAGE = 1000
_SQLITE = b"SQLite format 3\x00"
"""How such a file begins."""


def project_root() -> Path:
    """Give the project that the current folder lies in, else the current folder itself.

    A project has an ``experiments`` and a ``configs`` folder.
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "experiments").is_dir() and (folder / "configs").is_dir():
            return folder
    return here


def is_chosen() -> bool:
    """Say whether the user named a store in the environment."""
    return bool(os.environ.get(_CHOICE))


def has_store(root: Path) -> bool:
    """Say whether there is a store to read: one that was chosen, or the default file."""
    return is_chosen() or (root / DATABASE).is_file()


def can_ask() -> bool:
    """Say whether MLflow is installed, without importing it."""
    return find_spec("mlflow") is not None


@contextmanager
def store_errors() -> Iterator[None]:
    """Turn what MLflow or its database refuses, or lacks, into a `TrackingError`."""
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except ModuleNotFoundError as error:
        # such as the driver of a database that the user chose
        raise TrackingError(
            "MLflow", f"no library {error.name}", f"what the store in {_CHOICE} needs",
            f"install it, or unset {_CHOICE} for the file at the project's root",
        ) from None  # fmt: skip
    except (MlflowException, SQLAlchemyError) as error:
        raise TrackingError(
            "MLflow",
            str(error).splitlines()[0],
            "a tracking store that answers",
            f"check {_CHOICE}, or unset it for the file at the project's root",
        ) from None


def open_store(root: Path) -> Any:  # noqa: ANN401 - MLflow has no types
    """Point MLflow at its store and give the module.

    MLflow's own default depends on the current folder and on what lies there, so the store is
    always set. Nothing is sent to MLflow's makers.

    Parameters
    ----------
    root
        Folder of the default SQLite file and of the files of its runs.

    Raises
    ------
    TrackingError
        If MLflow is not installed, or the default file is no database that can be written.
    """
    if not is_chosen():
        _check_default(root / DATABASE)
        follow_files(root / DATABASE, root.resolve() / ARTIFACTS)
    # MLflow asks a server that does not answer seven times, for minutes
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
    try:
        import mlflow
    except ImportError:
        unset = f", or unset {_CHOICE}" if is_chosen() else ""
        raise TrackingError(
            "tracking", "no mlflow", "an installed mlflow",
            f"pip install 'alliance-stance[train]'{unset}",
        ) from None  # fmt: skip
    was_chosen = is_chosen()
    mlflow.set_tracking_uri(tracking_uri(root))
    if not was_chosen:
        # MLflow writes what was set into the environment, where it would pass for the user's choice
        os.environ.pop(_CHOICE, None)
    return mlflow


def _check_default(database: Path) -> None:
    """Refuse a file that MLflow would try to open for minutes."""
    exists = database.is_file()
    if exists and database.stat().st_size:
        with database.open("rb") as file:
            head = file.read(len(_SQLITE))
        if head != _SQLITE:
            raise TrackingError(
                str(database), "a file that is no SQLite database", "the tracking store",
                f"move it away, or name a store in {_CHOICE}",
            )  # fmt: skip
    if not os.access(database if exists else database.parent, os.W_OK):
        raise TrackingError(
            str(database), "no right to write it", "a tracking store that can be written",
            f"mend the rights, or name a store in {_CHOICE}",
        )  # fmt: skip


def tracking_uri(root: Path) -> str:
    """Give the address of the store."""
    return os.environ.get(_CHOICE) or f"sqlite:///{root.resolve() / DATABASE}"


def select_experiment(mlflow: Any, name: str, root: Path, question: str = "") -> None:  # noqa: ANN401
    """Make an experiment the current one; a new one keeps its files under the project's root.

    Parameters
    ----------
    mlflow
        The module.
    name
        Of MLflow's experiment.
    root
        Folder of the default store.
    question
        What it asks, which becomes its description unless it has one; empty for none.

    Raises
    ------
    TrackingError
        If somebody deleted it: its runs are hidden, and its name is taken.
    """
    known = mlflow.get_experiment_by_name(name)
    if known is not None and known.lifecycle_stage == "deleted":
        raise TrackingError(
            "MLflow", f"experiment {name}, which was deleted", "one that is there, or none",
            f"mlflow experiments restore -x {known.experiment_id}, or remove it for good with "
            f"mlflow gc --experiment-ids {known.experiment_id}",
        )  # fmt: skip
    if known is None:
        is_default = not is_chosen()
        location = (root.resolve() / ARTIFACTS / name).as_uri() if is_default else None
        mlflow.create_experiment(name, artifact_location=location, tags=_KIND)
    found = mlflow.set_experiment(name)
    if question and not found.tags.get(DESCRIPTION):
        mlflow.set_experiment_tag(DESCRIPTION, question)


def find_runs(client: Any, experiment: str, condition: str) -> list[Any]:  # noqa: ANN401 - MLflow's
    """Give every run of an experiment for which a condition holds, the newest first.

    Parameters
    ----------
    client
        MLflow's.
    experiment
        MLflow's id.
    condition
        In MLflow's filter language.
    """
    found: list[Any] = []
    token = None
    while True:
        page = client.search_runs(
            [experiment], filter_string=condition, max_results=_PAGE, page_token=token
        )
        found += page
        token = page.token
        if not token:
            return found
