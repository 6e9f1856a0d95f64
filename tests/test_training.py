import json

import numpy as np
import pytest

from alliance_stance.datasets.table import build_dataset
from alliance_stance.errors import ArtifactError, ConfigError, DatasetError
from alliance_stance.evaluation.bootstrap import Interval
from alliance_stance.evaluation.metrics import Scored
from alliance_stance.inference.artifact import open_artifact
from alliance_stance.training.compare import (
    Comparison,
    Judged,
    Row,
    beats_baselines,
    compare_predictions,
    read_predictions,
)
from alliance_stance.training.experiment import ModelConfig, read_model
from alliance_stance.training.fit import fit_model, predictions_text, read_runs, run_folder, run_key

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
    is_better, reason = beats_baselines(compare_predictions([*BASELINES, judged("linear", 0.05)]))
    assert is_better
    assert "the closest is lexicon" in reason
    assert "60 triples" in reason


def test_baseline_is_not_promoted():
    comparison = compare_predictions([*BASELINES, judged("linear", 0.9)])
    assert comparison.best == "lexicon"
    assert beats_baselines(comparison) == (False, "the best model, lexicon, is itself a baseline")


def test_equal_model_is_not_promoted():
    rows = [judged("linear", 0.5), *BASELINES]
    is_better, reason = beats_baselines(compare_predictions(rows))
    assert not is_better
    assert "does not beat lexicon" in reason


@pytest.mark.parametrize(("low", "expected"), [(-0.01, False), (0.0, False), (0.01, True)])
def test_interval_that_touches_zero_says_no(low, expected):
    def row(name: str, lead: Interval | None) -> Row:
        half = Interval(0.5, 0.4, 0.6)
        return Row(name, name, (0,), half, (0.5, 0.5), 0.5, (0.5,) * 3, 1.0, 0.1, lead)

    wide = Interval(0.3, 0.2, 0.4)
    rows = (
        row("majority", wide),
        row("state_prior", wide),
        row("lexicon", Interval(0.1, low, 0.2)),
        row("linear", None),
    )
    assert beats_baselines(Comparison(rows, "linear", 60, 30))[0] is expected


def test_comparison_without_a_baseline_says_no():
    is_better, reason = beats_baselines(
        compare_predictions([*BASELINES[:2], judged("linear", 0.05)])
    )
    assert not is_better
    assert "lexicon" in reason


def test_mean_and_range_are_over_the_seeds():
    comparison = compare_predictions([judged("linear", 0.0, 0.5), *BASELINES])
    row = comparison.rows[0]
    low, high = row.macro_f1_range
    assert high == 1
    assert row.macro_f1.value == pytest.approx((low + high) / 2)
    assert row.lead is None
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
    path = tmp_path / "p.jsonl"
    path.write_text(predictions_text(before), encoding="utf-8")
    after = read_predictions(path)
    assert (after.ids, after.documents) == (before.ids, before.documents)
    assert after.stances.tolist() == before.stances.tolist()
    np.testing.assert_allclose(after.probabilities, before.probabilities, atol=1e-6)


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
