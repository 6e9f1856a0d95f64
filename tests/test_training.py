import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from alliance_stance.datasets.table import build_dataset
from alliance_stance.errors import (
    ArtifactError,
    ConfigError,
    DatasetError,
    InputError,
    UnfitError,
)
from alliance_stance.evaluation.bootstrap import Interval
from alliance_stance.evaluation.metrics import Scored, log_loss
from alliance_stance.evaluation.significance import holm
from alliance_stance.evaluation.slices import Slice
from alliance_stance.inference.artifact import open_artifact
from alliance_stance.training import commit
from alliance_stance.training.compare import (
    Beside,
    Cost,
    Judged,
    Probes,
    compare_predictions,
    read_predictions,
)
from alliance_stance.training.experiment import ModelConfig, read_model
from alliance_stance.training.fit import (
    find_damage,
    fit_model,
    fit_rows,
    open_rows,
    predictions_text,
    read_runs,
    run_folder,
    run_key,
)
from alliance_stance.training.promotion import beats, beats_baselines

ROOT = Path(__file__).resolve().parents[1]
RIGHT = np.array([0, 0, 1, 1, 2, 2] * 10)
DOCUMENTS = [str(i // 2) for i in range(60)]


def scored(predicted, ids=None) -> Scored:
    count = len(predicted)
    return Scored(
        ids or [f"e{i}" for i in range(count)],
        DOCUMENTS[:count],
        RIGHT[:count],
        np.eye(3)[predicted] * 0.7 + 0.1,
        np.full(count, -1),
        np.zeros((count, 14)),
    )


def wrong(share: float) -> np.ndarray:
    """Predictions of which this share is wrong, spread evenly."""
    given = RIGHT.copy()
    count = round(share * len(given))
    given[np.linspace(0, len(given) - 1, count).astype(int)] += 1
    return given % 3


def judged(name: str, *shares: float, kind: str | None = None) -> Judged:
    return Judged(
        name, kind or name, tuple(range(len(shares))), tuple(scored(wrong(s)) for s in shares)
    )


BASELINES = [judged("majority", 0.7), judged("state_prior", 0.6), judged("lexicon", 0.5)]


def test_clear_lead_over_every_baseline_is_enough():
    decision = beats_baselines(judged("linear", 0.05), BASELINES)
    assert decision.is_better
    assert decision.against == "lexicon"
    assert "beats every baseline" in decision.reason
    assert "60 triples in 30 documents" in decision.reason
    assert 0 < decision.difference.low < decision.difference.value
    assert decision.p < 0.05


def test_baseline_is_not_promoted():
    decision = beats_baselines(BASELINES[2], BASELINES)
    assert not decision.is_better
    assert decision.reason == "lexicon is itself a baseline"


def test_equal_model_is_not_promoted():
    decision = beats_baselines(judged("linear", 0.5), BASELINES)
    assert not decision.is_better
    assert "linear does not beat lexicon" in decision.reason
    assert (decision.difference, decision.p) == (Interval(0, 0, 0), 1)


def test_comparison_without_a_baseline_says_no():
    decision = beats_baselines(judged("linear", 0.05), BASELINES[:2])
    assert not decision.is_better
    assert "lexicon" in decision.reason
    assert "gate/difference" not in decision.tags()


def test_gate_compares_one_fit_with_another():
    better, same = scored(wrong(0.05)), scored(wrong(0.5))
    won = beats(better, same, ("a", "the holder, version 3"))
    lost = beats(same, better, ("a", "b"))
    assert won.is_better
    assert not lost.is_better
    assert won.difference.value == pytest.approx(-lost.difference.value)
    assert won.tags()["gate/against"] == "the holder, version 3"
    assert float(won.tags()["gate/low"]) > 0
    assert float(won.tags()["gate/p"]) == pytest.approx(won.p, abs=1e-4)


def test_lead_that_is_not_beyond_the_interval_is_refused():
    # one row of sixty more right than the other
    decision = beats(scored(wrong(0.05)), scored(wrong(4 / 60)), ("a", "b"))
    assert decision.difference.value > 0
    assert decision.difference.low <= 0
    assert not decision.is_better


def test_gate_on_other_rows_is_refused():
    with pytest.raises(DatasetError, match="other rows"):
        beats(scored(RIGHT), scored(RIGHT, [f"x{i}" for i in range(60)]), ("a", "b"))


def test_others_are_compared_with_the_reference():
    rows = [*BASELINES, judged("linear", 0.05)]
    comparison = compare_predictions(rows, reference="lexicon")
    assert (comparison.best, comparison.reference) == ("linear", "lexicon")
    by_name = {row.name: row.difference for row in comparison.rows}
    assert by_name["lexicon"] is None
    assert by_name["linear"].interval.low > 0
    assert by_name["majority"].interval.high < 0


def test_p_values_are_corrected_over_the_table():
    rows = compare_predictions([*BASELINES, judged("linear", 0.05)]).rows
    found = [(row.difference.p, row.difference.p_holm) for row in rows if row.difference]
    assert [p_holm for _, p_holm in found] == pytest.approx(holm([p for p, _ in found]))
    assert all(p_holm >= p for p, p_holm in found)


def test_unknown_reference_is_refused():
    with pytest.raises(InputError, match="one of majority, state_prior, lexicon"):
        compare_predictions(BASELINES, reference="oracle")


def test_slices_are_scored_by_themselves():
    half = Slice("half", "first", np.arange(30))
    against = Slice("stance", "against", np.flatnonzero(RIGHT == 0))
    own = scored(np.where(np.arange(60) < 30, RIGHT, (RIGHT + 1) % 3))
    comparison = compare_predictions(
        [Judged("linear", "linear", (0,), (own,))], slices=[half, against]
    )
    first, one_stance = comparison.slices
    assert (first.example_count, first.document_count) == (30, 15)
    assert first.macro_f1["linear"] == Interval(1, 1, 1)
    # a slice of one stance has no macro-F1
    assert one_stance.macro_f1 == {}
    assert one_stance.accuracy["linear"].value == 1 / 2
    assert one_stance.is_small


def test_costs_and_probes_stand_beside_their_model():
    cost, probes = Cost(1, 2, 3), Probes(Interval(0.8, 0.7, 0.9))
    rows = compare_predictions(
        BASELINES, beside=Beside({"lexicon": cost}, {"lexicon": probes})
    ).rows
    assert [row.cost for row in rows] == [None, None, cost]
    assert rows[2].probes == probes
    assert rows[0].probes == Probes()


def test_mean_and_range_are_over_the_seeds():
    comparison = compare_predictions([judged("linear", 0.0, 0.5), *BASELINES])
    row = comparison.rows[0]
    low, high = row.macro_f1_range
    assert high == 1
    assert row.macro_f1.value == pytest.approx((low + high) / 2)
    assert row.macro_f1_spread == pytest.approx(np.std([low, high], ddof=1))
    assert comparison.rows[1].macro_f1_spread is None
    assert row.difference is None
    assert (comparison.example_count, comparison.document_count) == (60, 30)


def test_median_position_stands_for_the_model():
    assert judged("linear", 0.5, 0.0, 0.2).median_position == 2
    assert judged("linear", 0.0, 0.5).median_position == 1


def test_rows_keep_the_order_given():
    comparison = compare_predictions([judged("linear", 0.1), *BASELINES])
    assert [row.name for row in comparison.rows] == [
        "linear",
        "majority",
        "state_prior",
        "lexicon",
    ]


def test_predictions_of_other_rows_are_refused():
    other = Judged("linear", "linear", (0,), (scored(RIGHT, [f"x{i}" for i in range(60)]),))
    with pytest.raises(DatasetError, match="other rows"):
        compare_predictions([*BASELINES, other])


def test_predictions_read_back(tmp_path):
    before = scored(wrong(0.3))
    before.probabilities[0] = [3e-9, 0.49999996, 0.500000037]
    path = tmp_path / "p.jsonl"
    path.write_text(predictions_text(before), encoding="utf-8")
    after = read_predictions(path)
    assert (after.ids, after.documents) == (before.ids, before.documents)
    assert after.stances.tolist() == before.stances.tolist()
    np.testing.assert_array_equal(after.probabilities, before.probabilities)
    assert after.stances[0] == 0
    assert log_loss(after.stances, after.probabilities) == log_loss(
        before.stances, before.probabilities
    )


@pytest.fixture
def config(tmp_path) -> ModelConfig:
    path = tmp_path / "lexicon.yaml"
    path.write_text("kind: lexicon\nsmoothing: 1.0\nreach: 5\n", encoding="utf-8")
    return read_model(path, [])


@pytest.fixture
def fit(config, dataset, knowledge, tmp_path):
    def run(*, seed: int = 0, config=config, dataset=dataset):
        folder = run_folder(tmp_path / "artifacts", config.name, seed)
        return fit_model(config, seed, dataset, knowledge, folder, is_verbose=False)

    return run


def test_fit_saves_a_model_that_opens(fit):
    run = fit()
    assert run.is_new
    artifact = open_artifact(run.folder)
    assert artifact.manifest["run_key"] == run.key
    assert run.metrics["split"] == "dev"
    assert (run.metrics["example_count"], run.metrics["train_example_count"]) == (9, 31)


def test_card_is_made_from_the_run(fit, dataset):
    run = fit()
    card = (run.folder / "README.md").read_text(encoding="utf-8")
    assert card.startswith("# lexicon, seed 0\n")
    assert f"{run.metrics['macro_f1']['value']:.3f}" in card
    assert dataset.fingerprint in card
    assert "| smoothing | 1.0 |" in card


def test_fit_that_is_up_to_date_is_skipped(fit):
    first, second = fit(), fit()
    assert (first.is_new, second.is_new) == (True, False)
    assert second.metrics == first.metrics
    assert second.key == first.key


def test_changed_setting_fits_again(fit, config):
    first = fit()
    changed = ModelConfig(config.name, config.kind, config.settings.model_copy(
        update={"smoothing": 2.0}))  # fmt: skip
    second = fit(config=changed)
    assert second.is_new
    assert second.key != first.key


def test_other_seed_is_another_fit(fit):
    first, second = fit(), fit(seed=1)
    assert second.is_new
    assert first.folder != second.folder
    assert first.key != second.key


def test_damaged_model_is_fitted_again(fit):
    run = fit()
    (run.folder / "weights" / "weights.json").write_text("{}", encoding="utf-8")
    assert fit().is_new


def test_stray_file_is_told_where_a_model_is_up_to_date_but_for_it(fit):
    run = fit()
    assert find_damage(run.folder, run.key) == ""
    (run.folder / ".DS_Store").touch()
    assert ".DS_Store" in find_damage(run.folder, run.key)
    assert find_damage(run.folder, "of other settings") == ""
    assert find_damage(run.folder / "gone", run.key) == ""


def test_changed_data_fit_again(fit, make_recipe, knowledge, tmp_path):
    first = fit()
    other = build_dataset(make_recipe(tmp_path, seed=1), knowledge, tmp_path / "processed")
    second = fit(dataset=other)
    assert second.is_new
    assert second.key != first.key


def test_key_depends_on_data_settings_and_seed(config, dataset):
    assert run_key(config, 0, dataset) == run_key(config, 0, dataset)
    assert run_key(config, 0, dataset) != run_key(config, 1, dataset)


def test_fitting_twice_gives_identical_weights_and_predictions(fit, tmp_path):
    names = ("weights/weights.json", "dev_predictions.jsonl")
    run = fit()
    before = [(run.folder / name).read_bytes() for name in names]
    (run.folder / "manifest.json").unlink()
    assert fit().is_new
    assert [(run.folder / name).read_bytes() for name in names] == before


def test_runs_are_read_back(fit, config, tmp_path):
    run = fit()
    (found,) = read_runs([(config, [0])], tmp_path / "artifacts")
    assert (found.key, found.is_new, found.metrics) == (run.key, False, run.metrics)


def test_missing_run_is_refused(config, tmp_path):
    with pytest.raises(ArtifactError, match="no such folder"):
        read_runs([(config, [0])], tmp_path / "artifacts")


def test_damaged_run_is_refused(fit, config, tmp_path):
    run = fit()
    (run.folder / "README.md").unlink()
    with pytest.raises(ArtifactError, match="damaged"):
        read_runs([(config, [0])], tmp_path / "artifacts")


def test_manifest_is_plain_json(fit):
    manifest = json.loads((fit().folder / "manifest.json").read_text(encoding="utf-8"))
    assert {"commit", "versions", "dataset_fingerprint", "knowledge_fingerprint"} <= manifest.keys()


def test_missing_model_file_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="no such file"):
        read_model(tmp_path / "gone.yaml", [])


@pytest.mark.skipif(shutil.which("git") is None, reason="no git")
def test_commit_is_that_of_the_code_and_not_of_a_checkout_around_it(tmp_path, monkeypatch):
    def git(*arguments):
        told = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        command = ["git", "-C", str(tmp_path), *told, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    installed = tmp_path / ".venv" / "alliance_stance" / "training" / "commit.py"
    installed.parent.mkdir(parents=True)
    installed.write_text("")
    (tmp_path / "own.txt").write_text("somebody's project")
    git("init", "-q")
    git("add", "own.txt")
    git("commit", "-q", "-m", "own")
    monkeypatch.setattr(commit, "__file__", str(installed))
    assert commit.current_commit() == "unknown"
    git("add", "-f", str(installed))
    git("commit", "-q", "-m", "code")
    assert commit.current_commit().removesuffix("+changes") == git("rev-parse", "HEAD")


@pytest.mark.parametrize("documents", [1, 3, 5])
def test_a_lead_on_very_few_documents_is_refused(documents):
    """Their intervals are far too narrow; that of one document has no width at all."""
    names = [f"d{i % documents}" for i in range(60)]
    better, worse = (replace(scored(wrong(share)), documents=names) for share in (0.05, 0.5))
    decision = beats(better, worse, ("a", "b"))
    assert decision.difference.low > 0
    assert not decision.is_better
    assert "p has to be under 0.05" in decision.reason


def test_a_fit_that_does_not_converge_is_refused(dataset, monkeypatch):
    """Nothing would stop before the calibration error, which cannot count such rows."""
    config = read_model(ROOT / "configs" / "models" / "linear.yaml", [])
    monkeypatch.setattr(
        "alliance_stance.models.linear.LinearModel.predict_act_proba",
        lambda _, rows: np.full((len(rows), 14), np.nan),
    )
    with pytest.raises(UnfitError, match="linear: found probabilities that are no numbers"):
        fit_rows(config, 0, open_rows(dataset), is_verbose=False)
