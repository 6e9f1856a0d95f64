"""Record a fitted model as an MLflow run: every number that it has, and the model itself."""

import platform
import tempfile
from collections.abc import Mapping
from contextlib import nullcontext
from importlib.metadata import distributions, version
from pathlib import Path
from typing import Any

from alliance_stance.datasets.table import BuiltDataset
from alliance_stance.fingerprints import SHORT
from alliance_stance.reporting.plots import save_confusion
from alliance_stance.tracking.fetching import find_damage
from alliance_stance.tracking.pyfunc import LOADER, MODEL_CONFIG, model_signature
from alliance_stance.tracking.running import running
from alliance_stance.tracking.store import (
    EXPERIMENT_PREFIX,
    MODEL_TAG,
    is_chosen,
    open_store,
    select_experiment,
    store_errors,
)
from alliance_stance.training.fit import Run

_LOCK = ".mlflow.lock"
_SKIPPED = frozenset({"interval_level", "seed"})
_ORIGINS = ("start", "start_share", "teacher")
_WHERE_TOLD = ("calibrated_on", "calibration_fingerprint", "fitted_in", "encoder_commit")
"""Facts that not every manifest has."""


def prepare_store(experiment: str, question: str, root: Path) -> None:
    """Open the store and make the experiment, so that a store that fails does so before a fit.

    Parameters
    ----------
    experiment
        Name of our experiment.
    question
        What it asks, for whoever looks at it in MLflow.
    root
        Folder of the default store.

    Raises
    ------
    TrackingError
        If the store does not answer, or refuses the experiment.
    """
    from filelock import FileLock

    mlflow = open_store(root)
    # two runs that begin together in a new project would both make the tables of its own store
    lock = nullcontext() if is_chosen() else FileLock(root / _LOCK)
    with lock, store_errors():
        select_experiment(mlflow, f"{EXPERIMENT_PREFIX}{experiment}", root, question)


def log_run(
    run: Run, dataset: BuiltDataset, experiment: str, root: Path, *, is_checked: bool = False
) -> str:
    """Record a run that was fitted before, or find it where it is recorded.

    Parameters
    ----------
    run
        The fitted and saved model.
    dataset
        What it was fitted on.
    experiment
        Name of our experiment; MLflow's is `EXPERIMENT_PREFIX` and that.
    root
        Folder of the default store.
    is_checked
        True to open what a recorded run has stored, which a server has to send first, and to record
        the run anew where that is damaged.

    Returns
    -------
    str
        The MLflow run's id.

    Raises
    ------
    TrackingError
        If the store does not answer, or refuses the run.
    """
    mlflow = open_store(root)
    with store_errors():
        name = f"{EXPERIMENT_PREFIX}{experiment}"
        select_experiment(mlflow, name, root)
        recorded = mlflow.search_runs(
            experiment_names=[name],
            filter_string=f"tags.run_key = '{run.key}' and attributes.status = 'FINISHED'",
            max_results=1,
            output_format="list",
        )
    for known in recorded:
        if not is_checked or find_damage(known.data.tags.get(MODEL_TAG, ""), root) is None:
            return str(known.info.run_id)
    with running(run_title(run.name, run.seed), run.key, root) as run_id:
        record_run(run, dataset, root)
    return run_id


def run_title(name: str, seed: int) -> str:
    """Give the name that MLflow shows for the fit of a model."""
    return f"{name} seed {seed}"


def record_run(run: Run, dataset: BuiltDataset, root: Path) -> None:
    """Record all that is known of a run in the active run of `tracking.running`.

    Parameters
    ----------
    run, dataset, root
        See `log_run`.

    Raises
    ------
    TrackingError
        If the store does not answer, or refuses something.
    """
    mlflow = open_store(root)
    with store_errors():
        mlflow.set_tags(_tags(run, dataset))
        mlflow.log_params(model_params(run.folder))
        mlflow.log_metrics(flat_metrics(run.metrics))
        log_dataset(mlflow, dataset)
        _log_files(mlflow, run)
        logged = mlflow.pyfunc.log_model(
            name="model",
            loader_module=LOADER,
            data_path=str(run.folder),
            signature=model_signature(),
            model_config=MODEL_CONFIG,
            pip_requirements=[f"alliance-stance[train]=={version('alliance-stance')}"],
        )
        mlflow.set_tag(MODEL_TAG, logged.model_uri)


def flat_metrics(metrics: Mapping[str, Any]) -> dict[str, float]:
    """Give every number of a metrics record under a path-like name.

    Examples
    --------
    >>> flat_metrics({"split": "dev", "macro_f1": {"value": 0.5, "low": 0.4}, "log_loss": 1.0})
    {'dev/macro_f1': 0.5, 'dev/macro_f1/low': 0.4, 'dev/log_loss': 1.0}
    """
    flat: dict[str, float] = {}

    def walk(prefix: str, content: Mapping[str, Any]) -> None:
        for key, value in content.items():
            name = prefix if key == "value" else f"{prefix}/{key}"
            if isinstance(value, Mapping):
                walk(name, value)
            elif isinstance(value, int | float) and key not in _SKIPPED:
                flat[name] = float(value)

    walk(str(metrics["split"]), {k: v for k, v in metrics.items() if k != "stances"})
    walk(str(metrics["split"]), metrics.get("stances", {}))
    return flat


def _tags(run: Run, dataset: BuiltDataset) -> dict[str, str]:
    return {
        "run_key": run.key,
        "model": run.name,
        "kind": run.kind,
        "seed": str(run.seed),
        "commit": str(run.manifest["commit"]),
        "dataset": dataset.name,
        # MLflow's own digest reads no further than 10,000 rows
        "dataset_fingerprint": dataset.fingerprint,
        "knowledge_fingerprint": str(run.manifest["knowledge_fingerprint"]),
        **{key: str(run.manifest[key]) for key in _WHERE_TOLD if key in run.manifest},
        "python": platform.python_version(),
        "platform": platform.platform(),
    }


def model_params(folder: Path) -> dict[str, Any]:
    """Give what a saved model's settings are, as MLflow keeps them: flat, by name."""
    import json

    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    begun = {key: config[key] for key in _ORIGINS if key in config}
    seed, settings = config.get("seed", 0), config.get("settings") or {}
    return {"kind": config["kind"], "seed": seed, **begun, **settings}


def log_dataset(mlflow: Any, dataset: BuiltDataset) -> None:  # noqa: ANN401 - MLflow has no types
    """Name the splits that were read as inputs of the active run."""
    for split, context in (("train", "training"), ("dev", "validation")):
        rows = dataset.splits[split].select_columns(["id", "text", "state", "alliance", "stance"])
        source = mlflow.data.from_huggingface(
            rows,
            path=None,
            name=f"{dataset.name}-{split}",
            targets="stance",
            digest=dataset.fingerprint[:SHORT],
        )
        mlflow.log_input(source, context=context)


def _log_files(mlflow: Any, run: Run) -> None:  # noqa: ANN401 - MLflow has no types
    installed = sorted(f"{d.metadata['Name']}=={d.version}" for d in distributions())
    mlflow.log_text("\n".join(installed) + "\n", "environment/requirements.txt")
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "confusion.png"
        save_confusion(run.metrics["confusion"], picture, title=f"{run.name}, seed {run.seed}, dev")
        mlflow.log_artifact(str(picture), "plots")
    for name in ("metrics.json", "dev_predictions.jsonl", "README.md"):
        mlflow.log_artifact(str(run.folder / name))
