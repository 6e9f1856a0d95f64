"""Fits that are calibrated on the development split of another data set."""

import json
from dataclasses import replace

import pytest
import yaml

from alliance_stance.cli import main
from alliance_stance.datasets.table import build_dataset
from alliance_stance.errors import DatasetError
from alliance_stance.inference.artifact import open_artifact, read_manifest
from alliance_stance.training.calibration import open_calibration
from alliance_stance.training.fit import fit_model, fit_rows, open_rows, run_key

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def other(make_recipe, tiny_path, knowledge, tmp_path_factory):
    """A data set of sentences that the tiny one lacks."""
    folder = tmp_path_factory.mktemp("other")
    rows = [json.loads(line) for line in tiny_path.read_text("utf-8").splitlines()]
    path = folder / "documents.jsonl"
    path.write_text("".join(f"{json.dumps(_renamed(row))}\n" for row in rows), encoding="utf-8")
    return build_dataset(make_recipe(folder, path=path), knowledge, folder / "processed")


def _renamed(document):
    sentences = [
        {**sentence, "text": f"Yesterday, it was said: {sentence['text']}"}
        for sentence in document["sentences"]
    ]
    return {**document, "id": f"other-{document['id']}", "sentences": sentences}


def test_a_fit_is_calibrated_on_the_rows_that_are_named(
    small_config, dataset, other, knowledge, tmp_path
):
    config = small_config("packed")
    runs = [
        fit_model(
            config, 0, dataset, knowledge, tmp_path / name, is_verbose=False, calibration=rows
        )
        for name, rows in (("own", None), ("other", other))
    ]
    assert runs[0].key != runs[1].key
    temperatures = [float(open_artifact(run.folder).model.network_.temperature) for run in runs]
    assert temperatures[0] != temperatures[1]
    # as measured on the development split of its own data set either way
    assert runs[0].metrics["data_fingerprint"] == runs[1].metrics["data_fingerprint"]
    assert "calibrated_on" not in read_manifest(runs[0].folder)
    assert read_manifest(runs[1].folder)["calibrated_on"] == other.name
    assert f"| calibrated on the development split of | {other.name} |" in (
        runs[1].folder / "README.md"
    ).read_text("utf-8")
    expected = open_artifact(runs[0].folder).model
    expected.use_torch()
    rows = other.examples("dev")
    expected.calibrate([e.candidate for e in rows], [e.label.stance for e in rows])
    assert float(expected.network_.temperature) == pytest.approx(temperatures[1], rel=1e-4)


def test_rows_that_are_fitted_on_calibrate_nothing(small_config, dataset):
    rows = replace(
        open_rows(dataset), calibration=dataset.examples("train")[:3], calibrated_on="tiny"
    )
    with pytest.raises(DatasetError, match="3 of 3 triples with a sentence that is fitted on"):
        fit_rows(small_config("majority"), 0, rows, is_verbose=False)


def test_its_own_development_split_may_be_named(small_config, dataset):
    assert fit_rows(small_config("majority"), 0, open_rows(dataset, dataset), is_verbose=False)


def test_a_changed_recipe_is_another_fit(small_config, dataset, other):
    config = small_config("majority")
    assert run_key(config, 0, dataset, calibration=other) != run_key(config, 0, dataset)


def test_no_recipe_is_no_data_set(knowledge, tmp_path):
    assert open_calibration(None, knowledge, tmp_path) is None


def test_an_experiment_names_the_recipe(project, capsys):
    file = project / "experiments" / "tiny" / "experiment.yaml"
    content = yaml.safe_load(file.read_text())
    content["calibration"] = content["dataset"]
    file.write_text(yaml.safe_dump(content))
    assert main(["train", "experiments/tiny", "--only", "majority"]) == 0
    manifest = read_manifest(project / "artifacts" / "tiny" / "majority" / "seed-0")
    assert manifest["calibrated_on"] == manifest["dataset"]
    assert main(["train", "experiments/tiny"]) == 0
    assert "up to date" in capsys.readouterr().err
    assert main(["compare", "experiments/tiny", "--no-probes"]) == 0
    results = file.with_name("results-dev.md").read_text("utf-8")
    assert "calibrated on: tiny" in results
    del content["calibration"]
    file.write_text(yaml.safe_dump(content))
    assert main(["compare", "experiments/tiny", "--no-probes"]) == 2
    assert "a model of other settings, data or code" in capsys.readouterr().err
