"""Fit one model with one seed, measure it on the development split, and save it."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from alliance_stance.datasets.table import BuiltDataset
from alliance_stance.errors import ArtifactError, DatasetError
from alliance_stance.evaluation.metrics import Scored
from alliance_stance.evaluation.overlap import TRAINING_SENTENCES, keys_text
from alliance_stance.evaluation.report import measure, score_examples
from alliance_stance.fingerprints import code_fingerprint, fingerprint
from alliance_stance.inference.artifact import check_files, read_manifest, save_artifact
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.models.base import StanceModel
from alliance_stance.models.table import build_model
from alliance_stance.schema import STANCES, Example
from alliance_stance.training.card import write_card
from alliance_stance.training.commit import current_commit
from alliance_stance.training.experiment import ModelConfig

DEV = "dev"
_LIBRARIES = (
    "numpy", "onnxruntime", "onnxscript", "scikit-learn", "skorch", "tokenizers", "torch",
    "transformers",
)  # fmt: skip
_CODE = (
    "schema", "models", "evaluation/metrics", "evaluation/bootstrap", "evaluation/report",
    "evaluation/calibration", "evaluation/resampling", "evaluation/overlap",
    "training/fit",
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """One fitted and saved model.

    Parameters
    ----------
    name, kind, seed
        Of the model.
    folder
        The saved model.
    key
        Fingerprint of everything that the fit depends on.
    metrics
        What `evaluation.report.measure` gave on the development split.
    manifest
        The saved model's manifest.
    is_new
        False where an earlier fit with the same key was taken.
    """

    name: str
    kind: str
    seed: int
    folder: Path
    key: str
    metrics: dict[str, Any]
    manifest: dict[str, Any]
    is_new: bool


def run_key(config: ModelConfig, seed: int, dataset: BuiltDataset) -> str:
    """Give the fingerprint of a fit: settings, seed, data, code and libraries."""
    source = build_model(config.kind, config.settings, seed=seed).source_fingerprint()
    return fingerprint(config.record(seed), source, *fit_basis(dataset))


def fit_basis(dataset: BuiltDataset) -> tuple[object, ...]:
    """Give what all fits on one data set depend on besides settings: data, code and libraries."""
    return dataset.fingerprint, code_fingerprint(*_CODE), _library_versions()


def fit_model(
    config: ModelConfig,
    seed: int,
    dataset: BuiltDataset,
    knowledge: Knowledge,
    folder: Path,
    *,
    is_verbose: bool,
) -> Run:
    """Fit a model and save it, or take the saved one where it is up to date.

    Parameters
    ----------
    config
        The model file.
    seed
        Passed to every random step of the model.
    dataset
        Fitted on ``train``, measured on ``dev``; ``test`` is not opened.
    knowledge
        Saved with the model.
    folder
        Where to.
    is_verbose
        True to show a progress bar.
    """
    key = run_key(config, seed, dataset)
    if (saved := _saved_run(config, seed, folder, key)) is not None:
        return saved
    rows = open_rows(dataset)
    fit = fit_rows(config, seed, rows, is_verbose=is_verbose)
    facts = {
        "run_key": key,
        "dataset": dataset.name,
        "dataset_fingerprint": dataset.fingerprint,
        "knowledge_fingerprint": knowledge.fingerprint,
        "commit": current_commit(),
        "versions": _library_versions(),
    }
    documents = {
        "metrics.json": json.dumps(fit.metrics, indent=1) + "\n",
        "dev_predictions.jsonl": predictions_text(fit.scored),
        "README.md": write_card(config.record(seed), facts, fit.metrics),
        TRAINING_SENTENCES: keys_text(example.candidate.text for example in rows.train),
    }
    save_artifact(
        folder, fit.model, knowledge, config=config.record(seed), facts=facts, documents=documents
    )
    return Run(
        config.name, config.kind, seed, folder, key, fit.metrics, read_manifest(folder), is_new=True
    )


@dataclass(frozen=True)
class Rows:
    """What a fit reads of a data set; the test split is not among it."""

    dataset: BuiltDataset
    train: list[Example]
    dev: list[Example]


def open_rows(dataset: BuiltDataset) -> Rows:
    """Read the training and the development split.

    Raises
    ------
    DatasetError
        If one is missing or empty.
    """
    return Rows(dataset, _examples(dataset, "train"), _examples(dataset, DEV))


@dataclass(frozen=True)
class Fit:
    """A fitted model, what it says of the development split, and how good that is."""

    model: StanceModel
    scored: Scored
    metrics: dict[str, Any]


def fit_rows(
    config: ModelConfig,
    seed: int,
    rows: Rows,
    *,
    is_verbose: bool,
    on_epoch: Callable[[StanceModel, int], None] | None = None,
) -> Fit:
    """Fit a model on the training split and measure it on the development split; saves nothing.

    Parameters
    ----------
    config, seed
        See `fit_model`.
    rows
        From `open_rows`.
    is_verbose
        True to show a progress bar.
    on_epoch
        See `models.base.StanceModel.on_epoch`; None to hear nothing.
    """
    model = build_model(config.kind, config.settings, seed=seed)
    if is_verbose and "verbose" in model.get_params():
        model.set_params(verbose=True)
    model.on_epoch = on_epoch
    started = time.perf_counter()
    labels = [example.label for example in rows.train if example.label is not None]
    model.fit(
        [example.candidate for example in rows.train],
        [label.stance for label in labels],
        acts=[label.act for label in labels],
    )
    model.calibrate(
        [example.candidate for example in rows.dev],
        [example.label.stance for example in rows.dev if example.label is not None],
    )
    fit_seconds = time.perf_counter() - started
    started = time.perf_counter()
    scored = score_examples(model, rows.dev, where=f"{rows.dataset.name} {DEV}")
    score_seconds = time.perf_counter() - started
    metrics = {
        **measure(scored, split=DEV, data_fingerprint=rows.dataset.fingerprint),
        "fit_seconds": fit_seconds,
        "triples_per_second": len(rows.dev) / score_seconds,
        "train_example_count": len(rows.train),
    }
    return Fit(model, scored, metrics)


def _examples(dataset: BuiltDataset, split: str) -> list[Example]:
    examples = dataset.examples(split)
    if not examples:
        raise DatasetError(
            f"data set {dataset.name}", f"no examples in {split}", "some", "add documents"
        )
    return examples


def predictions_text(scored: Scored) -> str:
    """Write right stance and probabilities of each example, one JSON object a line."""
    lines = [
        json.dumps(
            {
                "id": scored.ids[row],
                "document": scored.documents[row],
                "stance": str(STANCES[scored.stances[row]]),
                "probabilities": {
                    str(stance): round(float(scored.probabilities[row, column]), 6)
                    for column, stance in enumerate(STANCES)
                },
            }
        )
        for row in range(len(scored.ids))
    ]
    return "\n".join(lines) + "\n"


def read_runs(configs: Sequence[tuple[ModelConfig, Sequence[int]]], folder: Path) -> list[Run]:
    """Open the saved models of an experiment.

    Raises
    ------
    ArtifactError
        If one is missing or damaged.
    """
    runs = []
    for config, seeds in configs:
        for seed in seeds:
            path = run_folder(folder, config.name, seed)
            manifest = read_manifest(path)
            run = _saved_run(config, seed, path, str(manifest.get("run_key")))
            if run is None:
                raise ArtifactError(str(path), "a damaged model", "a complete one", "train again")
            runs.append(run)
    return runs


def run_folder(folder: Path, name: str, seed: int) -> Path:
    """Give where an experiment keeps one fit of a model."""
    return folder / name / f"seed-{seed}"


def _saved_run(config: ModelConfig, seed: int, folder: Path, key: str) -> Run | None:
    """Open a saved model if it was fitted with this key and is complete."""
    try:
        manifest = read_manifest(folder)
        if manifest.get("run_key") != key:
            return None
        check_files(folder, manifest)
    except ArtifactError:
        return None
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    return Run(config.name, config.kind, seed, folder, key, metrics, manifest, is_new=False)


def _library_versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError

    versions = {"alliance-stance": version("alliance-stance")}
    for library in _LIBRARIES:
        try:
            versions[library] = version(library)
        except PackageNotFoundError:
            versions[library] = "not installed"
    return versions
