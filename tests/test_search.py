"""Searches: what is tried, what is kept, and that a search that was killed goes on."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import yaml

from alliance_stance.cli import main
from alliance_stance.datasets.table import build_dataset
from alliance_stance.errors import UnfitError
from alliance_stance.evaluation.overlap import TRAINING_SENTENCES, keys_text
from alliance_stance.evaluation.report import measure, score_examples
from alliance_stance.fingerprints import file_fingerprint
from alliance_stance.inference.artifact import MANIFEST
from alliance_stance.models.encoder_source import PACKAGE_CHECKSUMS
from alliance_stance.schema import STANCES
from alliance_stance.training import search as searching
from alliance_stance.training.calibration import open_calibration
from alliance_stance.training.experiment import read_experiment, read_model
from alliance_stance.training.fit import fit_model, fit_rows, open_rows
from alliance_stance.training.search import run_trials
from alliance_stance.training.search_space import read_search
from alliance_stance.training.search_study import (
    Trial,
    finished_trials,
    open_study,
    rank_trials,
    search_key,
    setting_importances,
)

pytestmark = pytest.mark.filterwarnings("ignore:::mlflow")

LEXICON = {
    "question": "How much smoothing?",
    "dataset": "../../configs/datasets/tiny.yaml",
    "kind": "lexicon",
    "trials": 4,
    "random_trials": 2,
    "fixed": {"reach": 5},
    "space": {"smoothing": {"kind": "float", "low": 0.1, "high": 10, "log": True}},
}
LINEAR = {
    **LEXICON,
    "question": "Which settings?",
    "kind": "linear",
    "seeds": [0, 1],
    "trials": 6,
    "random_trials": 3,
    "first": "../../configs/models/linear.yaml",
    "fixed": {"masked": True, "context": False, "membership": True, "min_count": 1},
    "space": {
        "c": {"kind": "float", "low": 0.1, "high": 100, "log": True},
        "ngrams": {"kind": "int", "low": 1, "high": 3},
        "balanced": {"kind": "categorical", "choices": [True, False]},
    },
}


def write_yaml(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return path


@pytest.fixture
def make(project):
    """Write a search into the project."""

    def write(content=LEXICON, **changes) -> Path:
        path = project / "experiments" / "try" / "search.yaml"
        return write_yaml(path, {**content, **changes})

    return write


def trials_of(path: Path, knowledge, changes=()) -> list[Trial]:
    """Read the trials of a search that has been run."""
    search = read_search(path, list(changes))
    dataset = build_dataset(search.dataset, knowledge, Path("data/processed"))
    calibration = open_calibration(search.calibration, knowledge, Path("data/processed"))
    key = search_key(search, dataset, calibration)
    with open_study(search, key, Path("artifacts") / search.name) as study:
        return finished_trials(study)


def runs_of(project: Path):
    """Give the parents and the children that the tracking store has of the search ``try``."""
    from alliance_stance.tracking.store import open_store

    client = open_store(project).MlflowClient()
    experiment = client.get_experiment_by_name("alliance-stance-try")
    found = client.search_runs([experiment.experiment_id], max_results=1000)
    children = [run for run in found if "mlflow.parentRunId" in run.data.tags]
    return [run for run in found if run not in children], children


def told(trial: Trial) -> tuple:
    return trial.number, dict(trial.settings), trial.value, trial.reason


@pytest.fixture
def counted(monkeypatch):
    """The fits that searches make, as settings and seed."""
    made = []

    def fit(config, seed, rows, **options):
        made.append((config.settings, seed))
        return fit_rows(config, seed, rows, **options)

    monkeypatch.setattr(searching, "fit_rows", fit)
    return made


def test_best_settings_are_printed_and_written(make, knowledge, capsys):
    path = make()
    assert main(["search", str(path.parent)]) == 0
    output = capsys.readouterr()
    best = rank_trials(trials_of(path, knowledge), "macro_f1")[0]
    assert f"{best.settings['smoothing']}" in output.out
    config = read_model(path.parent / "models" / "lexicon_searched.yaml", [])
    assert (config.kind, config.settings.smoothing) == ("lexicon", best.settings["smoothing"])
    page = (path.parent / "results.md").read_text(encoding="utf-8")
    assert "4 trials, 4 with a score; 9 triples in 5 documents; rows: the development split" in page
    for fact in ("trained on: tiny ", "seeds of each trial: 0;", "TPE, seed 0", "commit: "):
        assert fact in page


def test_model_that_was_found_is_ready_for_an_experiment(make, capsys):
    path = make(LINEAR, trials=2)
    assert main(["search", str(path)]) == 0
    write_yaml(
        path.with_name("experiment.yaml"),
        {
            "question": "Is it better?",
            "dataset": LINEAR["dataset"],
            "registered_model": "try",
            "models": [{"config": "models/linear_searched.yaml", "seeds": [0]}],
        },
    )
    assert read_experiment(path.parent, []).models[0][0].kind == "linear"


def test_first_trial_has_the_settings_of_the_file(make, knowledge):
    path = make(LINEAR, trials=1)
    assert main(["search", str(path)]) == 0
    (trial,) = trials_of(path, knowledge)
    own = read_model(Path("configs/models/linear.yaml"), []).settings.model_dump()
    assert trial.settings == {name: own[name] for name in LINEAR["space"]}
    assert "Trial 1 has the settings of" in (path.parent / "results.md").read_text("utf-8")


def of_seed(fit, seed: int, rows):
    """Give a fit whose answers are those of a seed: 0 has every stance right, others see none."""
    right = fit.scored.stances
    given = right if seed == 0 else np.full_like(right, STANCES.index("neutral"))
    scored = replace(fit.scored, probabilities=np.eye(len(STANCES))[given])
    found = measure(scored, split="dev", data_fingerprint=rows.dataset.fingerprint)
    return replace(fit, scored=scored, metrics={**fit.metrics, **found})


def test_value_and_interval_are_of_the_mean_over_the_seeds(make, knowledge, monkeypatch):
    monkeypatch.setattr(
        searching,
        "fit_rows",
        lambda config, seed, rows, **options: of_seed(
            fit_rows(config, seed, rows, **options), seed, rows
        ),
    )
    path = make(seeds=[0, 1], trials=1)
    assert main(["search", str(path)]) == 0
    (trial,) = trials_of(path, knowledge)
    poor = trial.fits[1]["macro_f1"]
    assert trial.fits[0]["macro_f1"]["value"] == 1
    assert trial.value == pytest.approx((1 + poor["value"]) / 2)
    assert trial.macro_f1.value == pytest.approx(trial.value)
    # the poor seed's own interval does not hold the mean; draws of seeds reach from it to the good
    assert poor["high"] < trial.value
    assert trial.macro_f1.low <= poor["value"]
    assert trial.macro_f1.high == 1
    line = f"| {trial.macro_f1} | {poor['value']:.3f}-1.000 |"
    assert line in (path.parent / "results.md").read_text(encoding="utf-8")


def test_interval_of_one_seed_is_that_of_its_fit(make, knowledge):
    path = make(trials=1)
    assert main(["search", str(path)]) == 0
    (trial,) = trials_of(path, knowledge)
    assert asdict(trial.macro_f1) == pytest.approx(trial.fits[0]["macro_f1"])


def test_trial_that_kept_no_interval_shows_none(make, monkeypatch, knowledge):
    # as trials of several seeds did before they kept what each seed answered
    fit = searching._fit

    def without_answers(*arguments):
        return {name: found for name, found in fit(*arguments).items() if name != "predicted"}

    monkeypatch.setattr(searching, "_fit", without_answers)
    path = make(seeds=[0, 1], trials=1)
    assert main(["search", str(path)]) == 0
    (trial,) = trials_of(path, knowledge)
    assert trial.macro_f1 is None
    assert f"| {trial.value:.3f} | " in (path.parent / "results.md").read_text(encoding="utf-8")


def test_every_trial_is_a_child_of_one_run(make, project, knowledge, dataset):
    path = make()
    assert main(["search", str(path)]) == 0
    (parent,), children = runs_of(project)
    trials = trials_of(path, knowledge)
    assert parent.info.status == "FINISHED"
    assert parent.data.tags["dataset_fingerprint"] == dataset.fingerprint
    assert {run.data.tags["mlflow.parentRunId"] for run in children} == {parent.info.run_id}
    by_number = {int(run.data.tags["trial"]): run for run in children}
    assert sorted(by_number) == [1, 2, 3, 4]
    for trial in trials:
        data = by_number[trial.number].data
        assert data.params == {"smoothing": str(trial.settings["smoothing"])}
        assert data.metrics["objective"] == pytest.approx(trial.value)
        assert data.metrics["dev/macro_f1"] == pytest.approx(trial.value)
        assert data.metrics["dev/log_loss"] == pytest.approx(trial.fits[0]["log_loss"])
        assert data.tags["commit"] == trial.commit
    best = rank_trials(trials, "macro_f1")[0]
    assert parent.data.metrics["best/objective"] == pytest.approx(best.value)


def test_search_that_is_done_makes_no_trial_and_no_run(make, project, counted):
    path = make()
    assert main(["search", str(path)]) == 0
    page = (path.parent / "results.md").read_text(encoding="utf-8")
    assert len(counted) == 4
    assert main(["search", str(path)]) == 0
    assert len(counted) == 4
    assert (path.parent / "results.md").read_text(encoding="utf-8") == page
    assert [len(runs) for runs in runs_of(project)] == [1, 4]


def test_more_trials_go_on_where_the_search_was(make, project, knowledge, counted):
    path = make(trials=2)
    assert main(["search", str(path)]) == 0
    before = [told(trial) for trial in trials_of(path, knowledge)]
    assert main(["search", str(path), "--set", "trials=5"]) == 0
    after = [told(trial) for trial in trials_of(path, knowledge)]
    assert after[:2] == before
    assert (len(after), len(counted)) == (5, 5)
    assert [len(runs) for runs in runs_of(project)] == [1, 5]


@pytest.mark.parametrize(
    "change", ["sampler_seed=1", "objective=log_loss", "space.smoothing.high=5"]
)
def test_other_question_is_another_search(make, counted, capsys, change):
    path = make(trials=2)
    assert main(["search", str(path)]) == 0
    assert main(["search", str(path), "--set", change]) == 0
    assert "left aside" in capsys.readouterr().err


def test_sampler_seed_decides_what_is_tried(make, knowledge):
    def tried(seed):
        path = make(trials=2, sampler_seed=seed)
        assert main(["search", str(path)]) == 0
        return [trial.settings for trial in trials_of(path, knowledge)]

    assert tried(0) != tried(1)


def test_drawn_numbers_are_short_and_in_range(make, knowledge):
    path = make(trials=6)
    assert main(["search", str(path)]) == 0
    drawn = [trial.settings["smoothing"] for trial in trials_of(path, knowledge)]
    assert len(set(drawn)) == 6
    assert all(0.1 <= value <= 10 and value == float(f"{value:.4g}") for value in drawn)


def test_settings_that_come_again_are_not_fitted_again(make, counted, knowledge):
    path = make(
        LINEAR,
        trials=8,
        seeds=[0],
        first=None,
        fixed={**LINEAR["fixed"], "c": 1.0, "ngrams": 1},
        space={"balanced": {"kind": "categorical", "choices": [True, False]}},
    )
    assert main(["search", str(path)]) == 0
    assert len(trials_of(path, knowledge)) == 8
    assert len(counted) <= 2


KILLED = """
import sys, time
from pathlib import Path
from alliance_stance.cli import main
from alliance_stance.training import search
fit_rows, made = search.fit_rows, []
def fit(*arguments, **options):
    made.append(arguments)
    if len(made) == int(sys.argv[2]):
        Path("reached").touch()
        time.sleep(600)
    return fit_rows(*arguments, **options)
search.fit_rows = fit
main(["search", sys.argv[1]])
"""


def kill_at_fit(number: int, path: Path) -> None:
    """Run a search in a process of its own, and kill it in the middle of a fit."""
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path), str(number)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 300
        while not Path("reached").exists():
            assert child.poll() is None, "the search ended before it was killed"
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        child.kill()
        child.wait()
        Path("reached").unlink(missing_ok=True)


def test_killed_search_goes_on_to_the_same_trials(make, project, knowledge, counted):
    path = make(LINEAR)
    # in the first trial, and then, each trial having two seeds, in the second half of another
    kill_at_fit(1, path)
    assert trials_of(path, knowledge) == []
    kill_at_fit(6, path)
    assert len(trials_of(path, knowledge)) == 2
    (parent,), children = runs_of(project)
    assert (parent.info.status, len(children)) == ("RUNNING", 2)
    assert main(["search", str(path)]) == 0
    # five fits of twelve were done; the first half of the third trial is not done again
    assert len(counted) == 7
    trials = [told(trial) for trial in trials_of(path, knowledge)]
    (again,), children = runs_of(project)
    assert (again.info.run_id, again.info.status) == (parent.info.run_id, "FINISHED")
    assert sorted(int(run.data.tags["trial"]) for run in children) == [1, 2, 3, 4, 5, 6]
    assert {run.data.tags["mlflow.parentRunId"] for run in children} == {parent.info.run_id}
    page = (path.parent / "results.md").read_text(encoding="utf-8")

    Path("artifacts").rename("artifacts of the killed")
    assert main(["search", str(path)]) == 0
    assert [told(trial) for trial in trials_of(path, knowledge)] == trials
    undisturbed = (path.parent / "results.md").read_text(encoding="utf-8")
    assert without_seconds(undisturbed) == without_seconds(page)


def without_seconds(page: str) -> list[list[str]]:
    return [line.split("|")[:-2] if line.startswith("|") else [line] for line in page.splitlines()]


def test_run_that_was_cut_off_half_written_is_completed(make, project, knowledge):
    path = make(trials=2)
    assert main(["search", str(path)]) == 0
    from alliance_stance.tracking.store import open_store

    client = open_store(project).MlflowClient()
    _, children = runs_of(project)
    client.update_run(children[0].info.run_id, status="RUNNING")
    client.delete_run(children[1].info.run_id)
    assert main(["search", str(path)]) == 0
    _, children = runs_of(project)
    assert sorted((run.data.tags["trial"], run.info.status) for run in children) == [
        ("1", "FINISHED"),
        ("2", "FINISHED"),
    ]


def test_interrupt_tells_what_is_kept_and_the_search_goes_on(make, project, capsys, monkeypatch):
    path = make()
    fits = []

    def fit(*arguments, **options):
        fits.append(arguments)
        if len(fits) == 3:
            raise KeyboardInterrupt
        return fit_rows(*arguments, **options)

    monkeypatch.setattr(searching, "fit_rows", fit)
    assert main(["search", str(path)]) == 130
    err = capsys.readouterr().err
    assert "stopped with 2 of 4 trials done; they are kept" in err
    assert "run the same command again to go on" in err
    assert not (path.parent / "results.md").exists()
    (parent,), children = runs_of(project)
    assert (parent.info.status, len(children)) == ("KILLED", 2)
    assert main(["search", str(path)]) == 0
    assert "2 of 4 trials are done" in capsys.readouterr().err
    (parent,), children = runs_of(project)
    assert (parent.info.status, len(children)) == ("FINISHED", 4)


def test_no_trial_begins_after_the_time(make, knowledge, capsys):
    path = make(timeout_minutes=1e-9)
    assert main(["search", str(path)]) == 2
    assert "no score after 0 trials" in capsys.readouterr().err
    assert not (path.parent / "results.md").exists()


def test_fit_that_fails_is_told_and_the_search_goes_on(make, project, monkeypatch, capsys):
    fits = []

    def fit(*arguments, **options):
        fits.append(arguments)
        if len(fits) == 2:
            raise ValueError("no terms\nremain")
        return fit_rows(*arguments, **options)

    monkeypatch.setattr(searching, "fit_rows", fit)
    path = make()
    assert main(["search", str(path)]) == 0
    assert "the fit failed: ValueError: no terms remain" in capsys.readouterr().err
    page = (path.parent / "results.md").read_text(encoding="utf-8")
    assert "4 trials, 3 with a score" in page
    assert "Without a score (1):\n\n- trial 2: smoothing " in page
    _, children = runs_of(project)
    (failed,) = [run for run in children if "reason" in run.data.tags]
    assert (failed.data.tags["trial"], failed.data.metrics) == ("2", {})


def test_setting_that_the_data_cannot_be_fitted_with_is_skipped(make, monkeypatch, capsys):
    fits = []

    def fit(*arguments, **options):
        fits.append(arguments)
        if len(fits) == 2:
            raise UnfitError("linear.min_count", "900", "a count that some words reach", "lower it")
        return fit_rows(*arguments, **options)

    monkeypatch.setattr(searching, "fit_rows", fit)
    assert main(["search", str(make())]) == 0
    assert "the fit failed: linear.min_count: found 900" in capsys.readouterr().err


def test_search_without_any_score_is_one_clear_error(make, monkeypatch, capsys):
    def fit(*_, **__):
        raise ValueError("no terms remain")

    monkeypatch.setattr(searching, "fit_rows", fit)
    path = make(trials=2)
    assert main(["search", str(path)]) == 2
    assert "found no score after 2 trials (the fit failed: ValueError" in capsys.readouterr().err
    assert not (path.parent / "models").exists()


def test_probabilities_that_are_no_numbers_are_no_score(make, knowledge, monkeypatch):
    def fit(config, seed, rows, **options):
        found = fit_rows(config, seed, rows, **options)
        return replace(found, metrics={**found.metrics, "log_loss": float("nan")})

    monkeypatch.setattr(searching, "fit_rows", fit)
    path = make(trials=1)
    assert main(["search", str(path)]) == 2
    assert trials_of(path, knowledge)[0].value is None


def test_bad_space_is_status_two_and_leaves_nothing(make, project, capsys):
    path = make(space={"smooth": LEXICON["space"]["smoothing"]})
    assert main(["search", str(path)]) == 2
    output = capsys.readouterr()
    assert "space.smooth: no such setting" in output.err
    assert "smoothing: stands neither under fixed nor under space" in output.err
    assert output.out == ""
    assert "Traceback" not in output.err
    assert not (project / "artifacts").exists()


@pytest.mark.parametrize("changes", [{"seeds": [2**32]}, {"sampler_seed": 2**32}])
def test_a_seed_that_no_library_takes_is_refused_at_once(make, changes, capsys):
    path = make(**changes)
    assert main(["search", str(path)]) == 2
    assert "4294967296" in capsys.readouterr().err


def test_missing_search_is_status_two(project, capsys):
    assert main(["search", "experiments/gone"]) == 2
    assert "no such file" in capsys.readouterr().err


def test_another_process_is_not_let_in(make, knowledge, capsys):
    path = make()
    search = read_search(path, [])
    dataset = build_dataset(search.dataset, knowledge, Path("data/processed"))
    with open_study(search, search_key(search, dataset), Path("artifacts/try")):
        assert main(["search", str(path)]) == 2
    assert "another process that runs this search" in capsys.readouterr().err


def test_damaged_database_is_one_clear_error(make, project, capsys):
    path = make()
    database = project / "artifacts" / "try" / "search.db"
    database.parent.mkdir(parents=True)
    database.write_text("no database at all, but a text of some length\n" * 99, encoding="utf-8")
    assert main(["search", str(path)]) == 2
    assert "a database of trials" in capsys.readouterr().err


def test_setting_that_is_missing_is_told_once(make, root, capsys):
    fixed = read_model(root / "configs" / "models" / "packed.yaml", []).settings.model_dump()
    del fixed["encoder"], fixed["dropout"]
    space = {"dropout": {"kind": "float", "low": 0.0, "high": 0.5}}
    assert (
        main(["search", str(make(kind="packed", fixed=fixed, space=space, start="shipped"))]) == 2
    )
    told = capsys.readouterr().err
    assert "encoder: stands neither under fixed nor under space" in told
    assert "fixed.encoder" not in told
    assert "Undefined" not in told


def test_database_of_another_optuna_is_one_clear_error(make, project, knowledge, capsys):
    path = make()
    database = project / "artifacts" / "try" / "search.db"
    trials_of(path, knowledge)
    with closing(sqlite3.connect(database)) as store, store:
        store.execute("UPDATE alembic_version SET version_num = 'v0.9.0.a'")
    assert main(["search", str(path)]) == 2
    told = capsys.readouterr().err
    assert "optuna storage upgrade" in told
    assert "Traceback" not in told


def test_lower_log_loss_ranks_first(make, knowledge):
    path = make(objective="log_loss")
    assert main(["search", str(path)]) == 0
    trials = trials_of(path, knowledge)
    best = rank_trials(trials, "log_loss")[0]
    assert best.value == min(trial.value for trial in trials)
    assert best.value == best.fits[0]["log_loss"]
    assert "lower is better" in (path.parent / "results.md").read_text(encoding="utf-8")


def test_test_split_is_not_read(make, monkeypatch):
    from alliance_stance.datasets.table import BuiltDataset

    read = []
    examples = BuiltDataset.examples
    monkeypatch.setattr(
        BuiltDataset, "examples", lambda self, split: read.append(split) or examples(self, split)
    )
    assert main(["search", str(make(trials=1))]) == 0
    assert set(read) == {"train", "dev"}


def test_importances_are_shares(make, knowledge, fitted, monkeypatch):
    path = make(LINEAR)
    search = read_search(path, [])
    dataset = build_dataset(search.dataset, knowledge, Path("data/processed"))
    scored = score_examples(fitted("majority"), open_rows(dataset).dev, where="dev")

    def fit(config, seed, rows, **options):
        c = config.settings.c
        metrics = {"macro_f1": c / (1 + c), "log_loss": 1.0}
        return SimpleNamespace(metrics=metrics, scored=scored)

    monkeypatch.setattr(searching, "fit_rows", fit)
    with open_study(search, search_key(search, dataset), Path("artifacts/try")) as study:
        assert setting_importances(study, search) == {}
        run_trials(study, search, open_rows(dataset), on_trial=lambda _: None)
        shares = setting_importances(study, search)
    assert set(shares) == set(LINEAR["space"])
    assert sum(shares.values()) == pytest.approx(1)
    assert next(iter(shares)) == "c"


def test_fit_under_the_median_is_ended_early(make, root, knowledge, fitted, monkeypatch):
    passes = []
    linear = read_model(root / "configs" / "models" / "linear.yaml", [])

    def fit(config, seed, rows, *, is_verbose, on_epoch):
        # five good trials, then one that is worse from the first pass on
        model = fitted("linear" if len(passes) < 15 else "majority")
        for number in (1, 2, 3):
            passes.append(number)
            on_epoch(model, number)
        return fit_rows(linear, 0, rows, is_verbose=False)

    monkeypatch.setattr(searching, "fit_rows", fit)
    settings = read_model(root / "configs" / "models" / "encoder.yaml", []).settings.model_dump()
    del settings["dropout"]
    path = make(
        kind="encoder",
        prune=True,
        trials=6,
        fixed=settings,
        space={"dropout": {"kind": "float", "low": 0.0, "high": 0.5}},
    )
    assert main(["search", str(path)]) == 0
    last = trials_of(path, knowledge)[-1]
    assert last.reason.startswith("worse than the median of the others after pass 2")
    assert last.value is None
    assert list(last.passes) == [1, 2]
    assert passes == [1, 2, 3] * 5 + [1, 2]


@pytest.fixture
def prune_dropouts(make, root, knowledge, fitted, monkeypatch):
    """Search with fits that score what their dropout is; gives trials with their passes.

    With `is_cut` each trial is stopped once in its second fit, and the search goes on.
    """
    monkeypatch.setitem(searching._SCORES, "macro_f1", float)
    monkeypatch.setattr(searching, "score_examples", lambda dropout, *_, **__: dropout)
    settings = read_model(root / "configs" / "models" / "encoder.yaml", []).settings.model_dump()
    del settings["dropout"]
    space = {"dropout": {"kind": "float", "low": 0.0, "high": 0.5}}
    path = make(kind="encoder", prune=True, trials=10, seeds=[0, 1], fixed=settings, space=space)
    search = read_search(path, ["random_trials=10"])
    dataset = build_dataset(search.dataset, knowledge, Path("data/processed"))
    scored = score_examples(fitted("majority"), open_rows(dataset).dev, where="dev")

    def run(folder: str, *, is_cut: bool):
        cut = set()

        def fit(config, seed, rows, *, is_verbose, on_epoch):
            dropout = config.settings.dropout
            if is_cut and seed == 1 and dropout not in cut:
                cut.add(dropout)
                raise KeyboardInterrupt
            for passes in (1, 2) if on_epoch else ():
                on_epoch(dropout, passes)
            return SimpleNamespace(metrics={"macro_f1": dropout, "log_loss": 1.0}, scored=scored)

        monkeypatch.setattr(searching, "fit_rows", fit)
        while True:
            with open_study(search, search_key(search, dataset), Path(folder)) as study:
                with suppress(KeyboardInterrupt):
                    run_trials(study, search, open_rows(dataset), on_trial=lambda _: None)
                done = finished_trials(study)
            if len(done) == search.settings.trials:
                return [(*told(trial), trial.passes) for trial in done]

    return run


def test_search_that_is_cut_off_ends_the_same_fits_early(prune_dropouts):
    undisturbed = prune_dropouts("undisturbed", is_cut=False)
    assert any("worse than the median" in reason for *_, reason, _ in undisturbed)
    assert prune_dropouts("cut", is_cut=True) == undisturbed


def test_encoder_tells_each_pass_and_can_be_stopped(new_model, train_examples, dev_examples):
    told = []

    class EnoughError(Exception):
        pass

    def on_epoch(model, passes):
        told.append((passes, model.predict_proba([e.candidate for e in dev_examples]).shape))
        if passes == 2:
            raise EnoughError

    model = new_model("encoder", epochs=3)
    model.on_epoch = on_epoch
    rows = train_examples[:16]
    with pytest.raises(EnoughError):
        model.fit([e.candidate for e in rows], [e.label.stance for e in rows])
    assert told == [(1, (9, 3)), (2, (9, 3))]


def test_encoder_that_is_watched_is_the_one_that_is_not(new_model, train_examples, dev_examples):
    rows, scored = train_examples[:16], [e.candidate for e in dev_examples]
    found = []
    for watch in (None, lambda model, passes: model.predict_proba(scored)):
        model = new_model("encoder", epochs=2)
        model.on_epoch = watch
        model.fit([e.candidate for e in rows], [e.label.stance for e in rows])
        found.append(model.predict_proba(scored))
    assert found[0] == pytest.approx(found[1], abs=1e-6)


@pytest.fixture(scope="module")
def begun(small_config, dataset, knowledge, tmp_path_factory):
    """A packed model, fitted and saved, to begin with."""
    folder = tmp_path_factory.mktemp("begun") / "packed"
    return fit_model(small_config("packed"), 0, dataset, knowledge, folder, is_verbose=False)


@pytest.fixture
def make_begun(make, begun, small_config):
    """Write a search whose fits begin with that model, and learn as good as nothing."""

    def write(changed_settings=(), **changes) -> Path:
        fixed = small_config("packed").settings.model_dump() | dict(changed_settings)
        del fixed["learning_rate"]
        fixed["head_learning_rate"] = 1e-12
        space = {"learning_rate": {"kind": "float", "low": 1e-13, "high": 1e-12, "log": True}}
        packed = {"kind": "packed", "fixed": fixed, "space": space, "trials": 2, "seeds": [1]}
        return make(**{**packed, "random_trials": 2, "start": str(begun.folder), **changes})

    return write


def test_every_fit_begins_with_the_start(make_begun, begun, project, knowledge, dataset):
    path = make_begun(calibration="../../configs/datasets/tiny.yaml", trials=1)
    assert main(["search", str(path)]) == 0
    # with another seed and nothing learnt, only the start's head can answer as the start does
    expected = begun.metrics["log_loss"]
    assert trials_of(path, knowledge)[0].fits[1]["log_loss"] == pytest.approx(expected, abs=1e-4)
    page = (path.parent / "results.md").read_text(encoding="utf-8")
    head = (path.parent / "models" / "packed_searched.yaml").read_text(encoding="utf-8")
    start = os.path.relpath(begun.folder, path.parent)
    for told_there in (f"start: {start}", f"calibrated on: tiny {dataset.fingerprint[:12]}"):
        assert told_there in page
        assert f"# {told_there}\n" in head
    parents, _ = runs_of(project)
    params = parents[0].data.params
    assert params["start"].endswith("packed")
    assert params["calibration"] == "../../configs/datasets/tiny.yaml"


def test_fits_without_a_start_begin_with_the_encoder(make_begun, begun, knowledge):
    path = make_begun(start=None, trials=1)
    assert main(["search", str(path)]) == 0
    found = trials_of(path, knowledge)[0].fits[1]["log_loss"]
    assert abs(found - begun.metrics["log_loss"]) > 1e-3


def test_start_that_has_seen_what_decides_is_told(make_begun, begun, dataset, tmp_path, capsys):
    copy = shutil.copytree(begun.folder, tmp_path / "copy")
    keys = keys_text(dataset.splits["dev"]["text"], ())
    (copy / TRAINING_SENTENCES).write_text(keys, encoding="utf-8")
    manifest = json.loads((copy / MANIFEST).read_text("utf-8"))
    known = {"sha256": file_fingerprint(copy / TRAINING_SENTENCES), "bytes": len(keys)}
    manifest["files"][TRAINING_SENTENCES] = manifest["files"][TRAINING_SENTENCES] | known
    (copy / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    path = make_begun(start=str(copy), trials=1)
    assert main(["search", str(path)]) == 0
    rows = len(dataset.splits["dev"])
    assert f"fitted on the sentences of {rows} triples that decide" in capsys.readouterr().err
    page = (path.parent / "results.md").read_text(encoding="utf-8")
    assert f"triples of sentences that the start was fitted on: {rows}" in page


def test_start_and_calibration_are_part_of_what_a_search_is(make_begun, knowledge, begun, tmp_path):
    copy = shutil.copytree(begun.folder, tmp_path / "copy")
    search, moved, shared = (
        read_search(make_begun(**changes), [])
        for changes in ({}, {"start": str(copy)}, {"start_share": 0.5})
    )
    alone = read_search(make_begun(start=None), [])
    dataset = build_dataset(search.dataset, knowledge, Path("data/processed"))
    keys = [search_key(one, dataset) for one in (search, moved, shared, alone)]
    assert keys[0] == keys[1]
    assert len({*keys, search_key(search, dataset, dataset)}) == 4


TOKENS = {"max_tokens": {"kind": "categorical", "choices": [32, 64]}}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"start": "nowhere"}, "nowhere"),
        ({"start": "shipped"}, "fixed.vocabulary: None, where shipped has 14000"),
        ({"changed_settings": {"masked": False}}, "fixed.masked: False, where "),
        ({"space": TOKENS}, "space.max_tokens: is "),
        ({"start_share": 0.5, "prune": True}, "prune: with start_share"),
        ({"kind": "encoder"}, "is of kind 'packed'"),
        ({"start": ["a"]}, "start"),
    ],
)
def test_start_that_cannot_be_is_refused_before_anything(make_begun, changes, told, capsys):
    assert main(["search", str(make_begun(**changes))]) == 2
    assert told in capsys.readouterr().err
    assert not Path("artifacts/try").exists()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"start": "shipped"}, "a start for kind lexicon"),
        ({"start_share": 0.5}, "start_share 0.5 without a start"),
        ({"calibration": "../../configs/datasets/tiny.yaml"}, "'lexicon' is not calibrated"),
    ],
)
def test_what_a_kind_cannot_take_is_refused_before_anything(make, changes, told, capsys):
    assert main(["search", str(make(**changes))]) == 2
    assert told in capsys.readouterr().err
    assert not Path("artifacts/try").exists()


STRENGTH = {"strength": {"kind": "float", "low": 1, "high": 8}}


def test_rules_and_encoders_are_part_of_what_a_search_is(make, small_settings, monkeypatch):
    votes = read_search(make(kind="rule_vote", fixed={"guess": 0.5}, space=STRENGTH), [])
    before = votes.sources()
    monkeypatch.setattr("alliance_stance.labeling.votes.rules_fingerprint", lambda: "other")
    assert votes.sources() != before
    fixed = {**small_settings("frozen")}
    choices = [fixed.pop("encoder"), "name on a hub"]
    del fixed["c"]
    space = {"c": LINEAR["space"]["c"], "encoder": {"kind": "categorical", "choices": choices}}
    path = make(kind="frozen", fixed=fixed, space=space)
    assert read_search(path, []).sources() == [
        PACKAGE_CHECKSUMS[choices[0].removeprefix("package:")],
        choices[1],
    ]


LAYERS = {"kept_layers": {"kind": "int", "low": 2, "high": 6}}


def test_low_ends_that_do_not_go_together_can_be_calibrated(make, root):
    settings = read_model(root / "configs" / "models" / "encoder.yaml", []).settings.model_dump()
    fixed = {**settings, "frozen_layers": 2}
    del fixed["kept_layers"]
    recipe = "../../configs/datasets/tiny.yaml"
    search = read_search(make(kind="encoder", fixed=fixed, space=LAYERS, calibration=recipe), [])
    assert search.calibration is not None


def test_data_without_a_development_split_is_refused_before_anything(make, project, capsys):
    (project / "rows.csv").write_text("h,t,s,x,fold\nMaria,taxes,favor,Maria likes taxes.,train\n")
    columns = {"holder": "h", "target": "t", "stance": "s", "text": "x"}
    recipe = {
        "kind": "pairs", "path": "../../rows.csv", "columns": columns,
        "stances": {"favor": "favor"}, "split": {"column": "fold"},
    }  # fmt: skip
    write_yaml(project / "configs" / "datasets" / "tiny.yaml", recipe)
    assert main(["search", str(make())]) == 2
    assert "dev" in capsys.readouterr().err
    assert not (project / "artifacts").exists()


def test_first_may_write_a_number_otherwise(make, knowledge):
    space = {**LINEAR["space"], "c": {"kind": "categorical", "choices": [1, 4, 16]}}
    path = make(LINEAR, trials=1, seeds=[0], space=space)
    assert main(["search", str(path)]) == 0
    assert trials_of(path, knowledge)[0].settings["c"] == 4


def test_first_may_leave_out_what_has_a_default(make, project, small_settings):
    settings = {key: value for key, value in small_settings("ensemble").items() if key == "parts"}
    file = write_yaml(project / "both.yaml", {"kind": "ensemble", **settings, "weighted": True})
    space = {"weighted": {"kind": "categorical", "choices": [False, True]}}
    path = make(kind="ensemble", fixed=settings, space=space, first=f"../../{file.name}")
    assert read_search(path, []).first == {"weighted": True}


def test_command_line_starts_without_optuna():
    code = (
        "import sys; from alliance_stance.cli import main; main(['search', '--help']);"
        "heavy = {'optuna', 'sqlalchemy', 'sklearn', 'mlflow', 'numpy'};"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stderr.strip() == "[]"
    assert "SEARCH" in result.stdout


def test_metrics_of_a_trial_are_plain_numbers(make, knowledge):
    path = make(trials=1)
    assert main(["search", str(path)]) == 0
    (trial,) = trials_of(path, knowledge)
    assert json.loads(json.dumps(trial.fits[0])) == trial.fits[0]
    assert trial.ended >= trial.started
