"""Fit one model with one seed, measure it on the development split, and save it."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from alliance_stance.datasets.table import BuiltDataset
from alliance_stance.errors import ArtifactError, ConfigError, DatasetError, UnfitError
from alliance_stance.evaluation.metrics import Scored
from alliance_stance.evaluation.overlap import (
    TRAINING_SENTENCES,
    check_told,
    keys_of_all,
    keys_text,
)
from alliance_stance.evaluation.report import measure, score_examples
from alliance_stance.files import remove_half_written
from alliance_stance.fingerprints import code_fingerprint, fingerprint
from alliance_stance.inference.artifact import (
    check_files,
    open_artifact,
    read_manifest,
    save_artifact,
)
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.models.base import Lesson, StanceModel
from alliance_stance.models.checkpoint import Checkpoints
from alliance_stance.models.table import build_model
from alliance_stance.schema import STANCES, Candidate, Example, Stance
from alliance_stance.training.calibration import check_unseen
from alliance_stance.training.card import write_card
from alliance_stance.training.commit import current_commit
from alliance_stance.training.experiment import ModelConfig
from alliance_stance.training.made_of import weights_identity
from alliance_stance.training.teaching import Answers, Teaching

DEV = "dev"
_ENOUGH = 8
_OF_THE_FIT = ("fitted_in", "encoder_commit")
_LIBRARIES = (
    "numpy", "onnxruntime", "onnxscript", "scikit-learn", "skorch", "tokenizers", "torch",
    "transformers",
)  # fmt: skip
_CODE = (
    "schema", "models", "draws", "evaluation/metrics", "evaluation/bootstrap", "evaluation/report",
    "evaluation/calibration", "evaluation/resampling", "evaluation/overlap",
    "training/calibration", "training/fit", "training/made_of", "training/teaching",
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


def run_key(
    config: ModelConfig,
    seed: int,
    dataset: BuiltDataset,
    teaching: Teaching | None = None,
    calibration: BuiltDataset | None = None,
) -> str:
    """Give the fingerprint of a fit: settings, seed, data, code, libraries, start and teacher."""
    model = build_model(config.kind, config.settings, seed=seed)
    told: list[object] = []
    if teaching is not None:
        told += ["taught", teaching.key]
    if config.start is not None:
        told += ["begun", weights_identity(config.start), config.start_share]
    if calibration is not None and model.has_calibration:
        told += ["calibrated", calibration.fingerprint]
    source = model.source_fingerprint()
    return fingerprint(config.identity(seed), source, *fit_basis(dataset), *told)


def fit_basis(dataset: BuiltDataset) -> tuple[object, ...]:
    """Give what all fits on one data set depend on besides settings: data, code and libraries."""
    return dataset.fingerprint, *code_basis()


def code_basis() -> tuple[object, ...]:
    """Give what all fits depend on besides settings and data: code and libraries."""
    return code_fingerprint(*_CODE), _library_versions()


def fit_model(  # noqa: PLR0913 - all that a fit depends on
    config: ModelConfig,
    seed: int,
    dataset: BuiltDataset,
    knowledge: Knowledge,
    folder: Path,
    *,
    is_verbose: bool,
    teaching: Teaching | None = None,
    calibration: BuiltDataset | None = None,
    checkpoints: Checkpoints | None = None,
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
    teaching
        What it is taught by; None where it learns from labels alone.
    calibration
        On whose ``dev`` it is calibrated; None for that of the data set.
    checkpoints
        Written while it is fitted, and removed when it is saved; None to write none.
    """
    key = run_key(config, seed, dataset, teaching, calibration)
    run = saved_run(config, seed, folder, key)
    if run is None:
        rows = open_rows(dataset, calibration)
        fit = fit_rows(
            config, seed, rows, is_verbose=is_verbose, teaching=teaching, checkpoints=checkpoints
        )
        run = _save_fit(fit, config, seed, dataset, knowledge, (folder, key))
    if checkpoints is not None:
        clean_up(run, checkpoints)
    return run


def clean_up(run: Run, checkpoints: Checkpoints) -> None:
    """Remove what the fits of a saved model left beside it: checkpoints, and half-saved folders.

    Where nothing was fitted, the checkpoint of a fit with other settings stays.
    """
    if run.is_new:
        checkpoints.remove()
    else:
        checkpoints.remove_own()
    remove_half_written(run.folder)


def _save_fit(
    fit: "Fit",
    config: ModelConfig,
    seed: int,
    dataset: BuiltDataset,
    knowledge: Knowledge,
    place: tuple[Path, str],
) -> Run:
    folder, key = place
    facts = {
        "run_key": key,
        "dataset": dataset.name,
        "dataset_fingerprint": dataset.fingerprint,
        "knowledge_fingerprint": knowledge.fingerprint,
        "commit": current_commit(),
        "versions": _library_versions(),
        **{name: told for name in _OF_THE_FIT if (told := getattr(fit.model, name))},
        **_calibration_facts(fit.calibration),
    }
    documents = {
        "metrics.json": json.dumps(fit.metrics, indent=1) + "\n",
        "dev_predictions.jsonl": predictions_text(fit.scored),
        "README.md": write_card(config.record(seed), facts, fit.metrics),
        TRAINING_SENTENCES: keys_text((candidate.text for candidate in fit.fitted_on), fit.made_of),
    }
    save_artifact(
        folder, fit.model, knowledge, config=config.record(seed), facts=facts, documents=documents
    )
    return Run(
        config.name, config.kind, seed, folder, key, fit.metrics, read_manifest(folder), is_new=True
    )


@dataclass(frozen=True)
class FitRows:
    """What a fit reads of data sets; no test split is among it.

    Parameters
    ----------
    dataset
        Fitted and measured on.
    train, dev
        Its splits.
    calibration
        On whose development split models are calibrated; None for `dev`.
    """

    dataset: BuiltDataset
    train: list[Example]
    dev: list[Example]
    calibration: BuiltDataset | None = None


def open_rows(dataset: BuiltDataset, calibration: BuiltDataset | None = None) -> FitRows:
    """Read the training and the development split.

    Raises
    ------
    DatasetError
        If one is missing or empty.
    """
    return FitRows(dataset, _examples(dataset, "train"), _examples(dataset, DEV), calibration)


@dataclass(frozen=True)
class Fit:
    """A fitted model, what it says of the development split, and how good that is.

    `made_of` are the saved models that it began with or learned from, and `calibration` the data
    set that it was calibrated on, None for its own.
    """

    model: StanceModel
    scored: Scored
    metrics: dict[str, Any]
    fitted_on: list[Candidate]
    made_of: tuple[Path, ...]
    calibration: BuiltDataset | None = None


def fit_rows(  # noqa: PLR0913 - all that a fit depends on
    config: ModelConfig,
    seed: int,
    rows: FitRows,
    *,
    is_verbose: bool,
    on_epoch: Callable[[StanceModel, int], None] | None = None,
    teaching: Teaching | None = None,
    checkpoints: Checkpoints | None = None,
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
    teaching
        See `fit_model`; the time that the teacher takes counts as time of the fit.
    checkpoints
        See `models.base.StanceModel.checkpoints`; what was done before counts as time of the fit.
    """
    model = build_model(config.kind, config.settings, seed=seed)
    if is_verbose and "verbose" in model.get_params():
        model.set_params(verbose=True)
    model.on_epoch, model.checkpoints = on_epoch, checkpoints
    if config.start is not None:
        # not kept here, so that the model can let go of it
        model.begin_with(
            open_artifact(config.start).model, str(config.start), share=config.start_share
        )
        check_told(config.start)
    model.check_fit()
    teacher = None if teaching is None else teaching.settings.model
    made_of = tuple(folder for folder in (config.start, teacher) if folder is not None)
    calibration = rows.calibration if model.has_calibration else None
    held_out = rows.dev
    if calibration is not None:
        held_out = _read_calibration(calibration, rows, teaching, made_of)
    answers = None
    if teaching is not None:
        answers = teaching.answers(
            [example.candidate for example in rows.train] + teaching.unlabelled,
            code_basis(), is_verbose=is_verbose, checkpoints=checkpoints,
        )  # fmt: skip
    started = time.perf_counter()
    fitted_on = _fit(model, rows, teaching, answers)
    _check_converged(model, config.name, rows)
    model.calibrate(*_labelled(held_out))
    if calibration is not None:
        # what a fast form may lose is measured where the model is
        model.keep_rows(*_labelled(rows.dev))
    fit_seconds = time.perf_counter() - started
    fit_seconds += 0.0 if answers is None else answers.seconds
    fit_seconds += 0.0 if checkpoints is None else checkpoints.seconds_before
    started = time.perf_counter()
    scored = score_examples(model, rows.dev, where=f"{rows.dataset.name} {DEV}")
    score_seconds = time.perf_counter() - started
    metrics = {
        **measure(scored, split=DEV, data_fingerprint=rows.dataset.fingerprint),
        "fit_seconds": fit_seconds,
        "triples_per_second": len(rows.dev) / score_seconds,
        "train_example_count": len(rows.train),
        **({} if teaching is None else {"unlabelled_example_count": len(teaching.unlabelled)}),
    }
    return Fit(model, scored, metrics, fitted_on, made_of, calibration)


def _read_calibration(
    calibration: BuiltDataset, rows: FitRows, teaching: Teaching | None, made_of: Sequence[Path]
) -> list[Example]:
    held_out = _examples(calibration, DEV)
    learned = [example.candidate for example in rows.train]
    learned += [] if teaching is None else teaching.unlabelled
    check_unseen(calibration.name, held_out, learned, keys_of_all(made_of), rows.dataset)
    return held_out


def _labelled(examples: Sequence[Example]) -> tuple[list[Candidate], list[Stance]]:
    pairs = [(e.candidate, e.label.stance) for e in examples if e.label is not None]
    return [candidate for candidate, _ in pairs], [stance for _, stance in pairs]


def _calibration_facts(calibration: BuiltDataset | None) -> dict[str, str]:
    if calibration is None:
        return {}
    return {
        "calibrated_on": calibration.name,
        "calibration_fingerprint": calibration.fingerprint,
    }


def _check_converged(model: StanceModel, name: str, rows: FitRows) -> None:
    """Refuse a fit whose weights have become no numbers: all that follows would hide it."""
    # weights that are no numbers spoil every answer, so a few show it
    found = model.predict_act_proba([example.candidate for example in rows.dev[:_ENOUGH]])
    if not np.isfinite(found).all():
        raise UnfitError(
            name, "probabilities that are no numbers after the fit", "a fit that converges",
            "lower its learning rate, and fit anew with --no-resume",
        )  # fmt: skip


def _fit(
    model: StanceModel,
    rows: FitRows,
    teaching: Teaching | None,
    answers: Answers | None,
) -> list[Candidate]:
    """Fit on labels, or on labels and a teacher's answers, and give what was fitted on."""
    labels = [example.label for example in rows.train if example.label is not None]
    candidates = [example.candidate for example in rows.train]
    stances: list[Stance | None] = [label.stance for label in labels]
    acts = [label.act for label in labels]
    if teaching is None or answers is None:
        model.fit(candidates, stances, acts=acts)
        return candidates
    candidates += teaching.unlabelled
    nothing = [None] * len(teaching.unlabelled)
    lesson = Lesson(answers.probabilities, teaching.settings.share)
    model.fit(candidates, [*stances, *nothing], acts=[*acts, *nothing], lesson=lesson)
    return candidates


def _examples(dataset: BuiltDataset, split: str) -> list[Example]:
    examples = dataset.examples(split)
    if not examples:
        raise DatasetError(
            f"data set {dataset.name}", f"no examples in {split}", "some", "add documents"
        )
    return examples


def predictions_text(scored: Scored) -> str:
    """Write right stance and probabilities of each example, one JSON object a line.

    They are not rounded: near ties come back as they were, and so does a right stance that the
    model holds for all but impossible.
    """
    lines = [
        json.dumps(
            {
                "id": scored.ids[row],
                "document": scored.documents[row],
                "stance": str(STANCES[scored.stances[row]]),
                "probabilities": {
                    str(stance): float(scored.probabilities[row, column])
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
            run = saved_run(config, seed, path, str(manifest.get("run_key")))
            if run is None:
                raise ArtifactError(str(path), "a damaged model", "a complete one", "train again")
            runs.append(run)
    return runs


def run_folder(folder: Path, name: str, seed: int) -> Path:
    """Give where an experiment keeps one fit of a model."""
    return folder / name / f"seed-{seed}"


def check_origins(config: ModelConfig, folders: Sequence[Path]) -> None:
    """Refuse a start or a teacher that the model's own fits would write over.

    Raises
    ------
    ConfigError
        If one lies in a folder where a fit is saved.
    """
    teacher = None if config.teacher is None else config.teacher.model
    own = {folder.resolve() for folder in folders}
    for what, origin in (("start", config.start), ("teacher.model", teacher)):
        if origin is not None and origin.resolve() in own:
            raise ConfigError(
                f"model {config.name}, {what}",
                f"{origin}, where this model is saved itself",
                "a saved model that its own fits leave as it is",
                "copy it elsewhere first, and name the copy",
            )


def checkpoint_folder(folder: Path) -> Path:
    """Give where the checkpoints of a model's fit lie: beside where it will be saved, hidden."""
    return folder.with_name(f".{folder.name}.checkpoint")


def saved_run(config: ModelConfig, seed: int, folder: Path, key: str) -> Run | None:
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


def find_damage(folder: Path, key: str) -> str:
    """Say why a saved model that has this key is not taken for up to date; empty where it is."""
    try:
        manifest = read_manifest(folder)
    except ArtifactError:
        return ""
    try:
        if manifest.get("run_key") == key:
            check_files(folder, manifest)
    except ArtifactError as error:
        return str(error)
    return ""


def _library_versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError

    versions = {"alliance-stance": version("alliance-stance")}
    for library in _LIBRARIES:
        try:
            versions[library] = version(library)
        except PackageNotFoundError:
            versions[library] = "not installed"
    return versions
