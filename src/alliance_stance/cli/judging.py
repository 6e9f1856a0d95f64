"""Let every fitted model of an experiment judge the same rows."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from typing import Any

from alliance_stance import load
from alliance_stance.cli.opening import settle_address
from alliance_stance.cli.options import PROCESSED
from alliance_stance.datasets.table import BuiltDataset, build_dataset
from alliance_stance.errors import ArtifactError, DatasetError, InputError
from alliance_stance.evaluation.labelled import read_labelled
from alliance_stance.evaluation.overlap import keys_of_all, trained_on
from alliance_stance.evaluation.report import score_examples
from alliance_stance.evaluation.slices import Seen, cut
from alliance_stance.fingerprints import SHORT, file_fingerprint
from alliance_stance.inference.artifact import Artifact, open_artifact
from alliance_stance.knowledge.knowledge import Knowledge, load_knowledge
from alliance_stance.schema import Example
from alliance_stance.tracking.registry import find_version
from alliance_stance.tracking.runs import model_params
from alliance_stance.training.calibration import open_calibration
from alliance_stance.training.commit import current_commit
from alliance_stance.training.compare import (
    Beside,
    Comparison,
    Cost,
    Judged,
    Probes,
    best_model,
    compare_predictions,
    read_predictions,
)
from alliance_stance.training.experiment import Experiment
from alliance_stance.training.fit import DEV, Run, read_runs, run_folder, run_key
from alliance_stance.training.teaching import open_teaching

_TITLES = {DEV: "the development split", "test": "the test split"}
_BYTES_A_MEGABYTE = 1e6
_TIMED_ROWS, _WARM_UP_ROWS = 256, 8
"""The first so many rows are scored once more for the speed, after some that are not timed."""


@dataclass(frozen=True)
class Guest:
    """A saved model that is compared with those of an experiment, which did not fit it."""

    name: str
    artifact: Artifact
    version: str = ""
    """Which of a registered model's; empty for a folder and for the package."""


@dataclass(frozen=True)
class Fitted:
    """An experiment's data set and its fitted models, all up to date.

    Parameters
    ----------
    dataset, knowledge, runs
        Of the experiment.
    calibration
        The data set that they were calibrated on; None where it is the same.
    seen
        What all models were trained on; of nothing where some learned more than the data set.
    guests
        Saved models to compare them with.
    """

    dataset: BuiltDataset
    knowledge: Knowledge
    runs: list[Run]
    calibration: BuiltDataset | None = None
    seen: Seen = field(default_factory=Seen)
    guests: tuple[Guest, ...] = ()

    @property
    def folders(self) -> list[Path]:
        """Where all models lie, the guests' last."""
        own = [run.folder for run in self.runs]
        return own + [guest.artifact.folder for guest in self.guests]


@dataclass(frozen=True)
class RowChoice:
    """Which rows are judged.

    Parameters
    ----------
    name
        ``dev``, ``test`` or ``data-FILE``: goes into names of files and metrics.
    title
        In words.
    data
        A file of labelled examples; None for the split of that name.
    """

    name: str
    title: str
    data: Path | None = None


@dataclass(frozen=True)
class Result:
    """A comparison, the facts that stand beside it, and what is to be told about it.

    `params` are the settings of each model, by name.
    """

    comparison: Comparison
    facts: dict[str, str]
    params: dict[str, dict[str, Any]]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProbeFindings:
    """What probes found, by model, and the facts that stand beside it."""

    of_models: Mapping[str, Probes] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)


def choose_rows(*, data: Path | None, is_test: bool) -> RowChoice:
    """Say which rows are meant.

    Raises
    ------
    InputError
        If a file and the test split are asked for at once.
    """
    if data is None:
        split = "test" if is_test else DEV
        return RowChoice(split, _TITLES[split])
    if is_test:
        raise InputError("--test", "--data as well", "one of the two", "choose the rows to score")
    return RowChoice(f"data-{data.stem}", data.name, data)


def open_fitted(experiment: Experiment, artifacts: Path, guests: Sequence[str] = ()) -> Fitted:
    """Open an experiment's data set and models, and saved models to compare them with.

    Parameters
    ----------
    experiment
        What was fitted.
    artifacts
        Folder of all fits.
    guests
        Folders or addresses of saved models.

    Raises
    ------
    ArtifactError
        If a model is missing or was fitted on other data, settings or code, or a guest cannot be
        opened.
    InputError
        If a guest is called as another model.
    """
    _check_guests(experiment, guests)
    _check_fitted(experiment, artifacts)
    opened = tuple(map(_open_guest, guests))
    knowledge = load_knowledge()
    dataset = build_dataset(experiment.dataset, knowledge, PROCESSED)
    calibration = open_calibration(experiment.settings.calibration, knowledge, PROCESSED)
    runs = read_runs(experiment.models, artifacts / experiment.name)
    keys: dict[tuple[str, int], str] = {}
    for config, seeds in experiment.models:
        teaching = open_teaching(config.teacher, dataset, knowledge, PROCESSED, calibration)
        keys |= {
            (config.name, seed): run_key(config, seed, dataset, teaching, calibration)
            for seed in seeds
        }
    for run in runs:
        if run.key != keys[run.name, run.seed]:
            raise ArtifactError(
                str(run.folder),
                "a model of other settings, data or code",
                "one that is up to date",
                f"run: alliance-stance train {experiment.folder}",
            )
    has_learned_more = guests or any(
        config.start is not None or config.teacher is not None for config, _ in experiment.models
    )
    return Fitted(
        dataset, knowledge, runs, calibration,
        Seen() if has_learned_more else _seen(dataset),
        opened,
    )  # fmt: skip


def _open_guest(name: str) -> Guest:
    """Open a saved model; an address that may mean another one tomorrow is told with its version.

    Raises
    ------
    ArtifactError, TrackingError
        If it cannot be opened, or found.
    """
    address = settle_address(name)
    version = f"version {find_version(address)}" if address.startswith("models:/") else ""
    return Guest(name, load(address).artifact, version)


def _check_guests(experiment: Experiment, guests: Sequence[str]) -> None:
    """Refuse two models of one name: a table could not tell them apart."""
    names = [config.name for config, _ in experiment.models]
    for guest in guests:
        if guest in names:
            raise InputError(
                "--beside", f"{guest}, which is in the table already", "another saved model",
                "leave it out, or give its folder by another path",
            )  # fmt: skip
        names.append(guest)


def _check_fitted(experiment: Experiment, artifacts: Path) -> None:
    """Refuse an experiment of which a model has not been fitted, before anything slow is done."""
    missing = [
        config.name
        for config, seeds in experiment.models
        for seed in seeds
        if not run_folder(artifacts / experiment.name, config.name, seed).is_dir()
    ]
    if missing:
        names = ", ".join(dict.fromkeys(missing))
        raise ArtifactError(
            str(artifacts / experiment.name),
            f"no fitted {names}",
            "every model of the experiment",
            f"run: alliance-stance train {experiment.folder}, which fits what is missing",
        )


def read_rows(fitted: Fitted, rows: RowChoice) -> list[Example]:
    """Read the rows, their mentions found.

    Raises
    ------
    InputError
        If a file holds anything but labelled examples.
    DatasetError
        If there are none.
    """
    if rows.data is not None:
        examples = read_labelled(rows.data, fitted.knowledge)
    else:
        examples = fitted.dataset.examples(rows.name)
    if not examples:
        raise DatasetError(rows.title, "no examples", "labelled examples", "choose other rows")
    return examples


def rows_fingerprint(fitted: Fitted, rows: RowChoice) -> str:
    """Give the fingerprint of the file, or of the data set whose split the rows are."""
    return fitted.dataset.fingerprint if rows.data is None else file_fingerprint(rows.data)


def judged_on_dev(fitted: Fitted) -> list[Judged]:
    """Read what every fit said of the development split when it was saved."""
    return [
        Judged(
            name,
            runs[0].kind,
            tuple(run.seed for run in runs),
            tuple(read_predictions(run.folder / "dev_predictions.jsonl") for run in runs),
        )
        for name, runs in _by_name(fitted.runs).items()
    ]


def median_run(fitted: Fitted, judged: Judged) -> Run:
    """Give the fit of a model's median score, of what `judged_on_dev` gave."""
    seed = judged.seeds[judged.median_position]
    return next(run for run in fitted.runs if (run.name, run.seed) == (judged.name, seed))


def judge_fitted(
    fitted: Fitted, rows: RowChoice, *, reference: str | None, probed: ProbeFindings | None = None
) -> Result:
    """Compare all models on some rows.

    On the development split the predictions saved with each model are read; on other rows the
    models are opened and predict. One fit of each is timed on some of the rows.

    Parameters
    ----------
    fitted
        The models.
    rows
        What they judge.
    reference
        Model that all others are compared with; None for the best on the development split, which
        is chosen before the rows are looked at.
    probed
        What probes found; None where there were none.

    Raises
    ------
    InputError
        If a file holds no labelled examples, or no model is called as the reference.
    """
    examples = read_rows(fitted, rows)
    probed = probed or ProbeFindings()
    on_dev = judged_on_dev(fitted)
    judged = on_dev if rows.name == DEV else _judge(fitted.runs, examples, rows.title)
    guests = [_judge_guest(guest, fitted, rows, examples) for guest in fitted.guests]
    comparison = compare_predictions(
        judged + [guest for guest, _ in guests],
        reference=reference or best_model(on_dev),
        slices=cut(examples, fitted.seen),
        beside=Beside(
            _costs(fitted.runs, examples) | {guest.name: cost for guest, cost in guests},
            probed.of_models,
        ),
    )
    facts = {
        "rows": rows.title,
        "trained on": f"{fitted.dataset.name} {fitted.dataset.fingerprint[:SHORT]}",
        **_calibrated_on(fitted),
        **({"file": rows_fingerprint(fitted, rows)[:SHORT]} if rows.data else {}),
        "reference": "as asked for" if reference else "the best on the development split",
        **_guest_facts(fitted.guests),
        **probed.facts,
        "seeds": ", ".join(map(str, sorted({run.seed for run in fitted.runs}))),
        "commit": current_commit(),
    }
    # a start or a teacher gives a model sentences that the others have not seen
    known = trained_on(examples, keys_of_all(fitted.folders))
    params = _params(fitted)
    if not known:
        return Result(comparison, facts, params)
    facts["triples of sentences that were trained on"] = str(len(known))
    warning = f"the models were trained on the sentences of {len(known)} of these triples, such as "
    return Result(comparison, facts, params, (warning + known[0],))


def _params(fitted: Fitted) -> dict[str, dict[str, Any]]:
    """Give the settings of every model, without the seed: a row may be of several."""
    found = {run.name: model_params(run.folder) for run in fitted.runs}
    found |= {guest.name: model_params(guest.artifact.folder) for guest in fitted.guests}
    return {name: {k: v for k, v in own.items() if k != "seed"} for name, own in found.items()}


def _calibrated_on(fitted: Fitted) -> dict[str, str]:
    """Say on what else the fits were calibrated that can be."""
    dataset = fitted.calibration
    if dataset is None or not any("calibrated_on" in run.manifest for run in fitted.runs):
        return {}
    return {"calibrated on": f"{dataset.name} {dataset.fingerprint[:SHORT]}"}


def _guest_facts(guests: Sequence[Guest]) -> dict[str, str]:
    """Say what the guests are, so that their rows are not taken for fits of the data set."""
    if not guests:
        return {}
    told = (f"{guest.name} ({_origin(guest)})" for guest in guests)
    return {"saved models beside": ", ".join(told)}


def _origin(guest: Guest) -> str:
    manifest = guest.artifact.manifest
    told = [guest.version, f"of {manifest.get('dataset', 'unknown data')}"]
    told.append(f"fit {manifest['run_key'][:SHORT]}" if manifest.get("run_key") else "")
    return ", ".join(filter(None, told))


def _judge_guest(
    guest: Guest, fitted: Fitted, rows: RowChoice, examples: list[Example]
) -> tuple[Judged, Cost]:
    """Let a saved model judge the rows, a file's names found by its own tables; give its cost."""
    artifact = guest.artifact
    if rows.data is not None and artifact.knowledge.fingerprint != fitted.knowledge.fingerprint:
        examples = read_labelled(rows.data, artifact.knowledge)
    scored = score_examples(artifact.model, examples, where=rows.title)
    config = json.loads((artifact.folder / "config.json").read_text(encoding="utf-8"))
    judged = Judged(guest.name, str(config["kind"]), (int(config.get("seed", 0)),), (scored,))
    # what it took to fit, perhaps in many fits and elsewhere, is not known here
    return judged, Cost(None, _speed(artifact, examples), _megabytes(artifact.folder))


def _judge(runs: list[Run], examples: list[Example], where: str) -> list[Judged]:
    return [
        Judged(
            name,
            own[0].kind,
            tuple(run.seed for run in own),
            tuple(
                score_examples(open_artifact(run.folder).model, examples, where=where)
                for run in own
            ),
        )
        for name, own in _by_name(runs).items()
    ]


def _speed(artifact: Artifact, examples: list[Example]) -> float:
    """Give the triples a second of a saved model, in the form that answers.

    Rows are taken as they stand: pairs of one sentence, which some kinds read together, stay so.
    """
    score_examples(artifact.model, examples[:_WARM_UP_ROWS], where="warm-up")
    timed = examples[:_TIMED_ROWS]
    started = time.perf_counter()
    score_examples(artifact.model, timed, where="speed")
    return len(timed) / (time.perf_counter() - started)


def _by_name(runs: list[Run]) -> dict[str, list[Run]]:
    named: dict[str, list[Run]] = {}
    for run in runs:
        named.setdefault(run.name, []).append(run)
    return named


def _seen(dataset: BuiltDataset) -> Seen:
    train = dataset.splits["train"]
    return Seen(frozenset(train["alliance"]), frozenset(train["state"]))


def _costs(runs: list[Run], examples: list[Example]) -> dict[str, Cost]:
    return {
        name: Cost(
            mean(run.metrics["fit_seconds"] for run in own),
            _speed(open_artifact(own[0].folder), examples),
            mean(_megabytes(run.folder) for run in own),
        )
        for name, own in _by_name(runs).items()
    }


def _megabytes(folder: Path) -> float:
    sizes = (path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return sum(sizes) / _BYTES_A_MEGABYTE
