"""Fits that are calibrated on the development split of another data set."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from alliance_stance.cli import main
from alliance_stance.datasets.table import build_dataset
from alliance_stance.errors import DatasetError
from alliance_stance.evaluation.overlap import TRAINING_SENTENCES, keys_text
from alliance_stance.inference.artifact import open_artifact, read_manifest
from alliance_stance.models.encoder import EncoderModel
from alliance_stance.tracking.store import open_store
from alliance_stance.training import fit
from alliance_stance.training.calibration import open_calibration
from alliance_stance.training.experiment import TeacherSettings
from alliance_stance.training.fit import fit_model, fit_rows, open_rows, run_key
from alliance_stance.training.teaching import open_teaching

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def other_recipe(make_recipe, tiny_path, tmp_path_factory):
    """A recipe of sentences that the tiny data set lacks."""
    folder = tmp_path_factory.mktemp("other")
    rows = [json.loads(line) for line in tiny_path.read_text("utf-8").splitlines()]
    path = folder / "documents.jsonl"
    path.write_text("".join(f"{json.dumps(_renamed(row))}\n" for row in rows), encoding="utf-8")
    return make_recipe(folder, path=path)


@pytest.fixture(scope="module")
def other(other_recipe, knowledge):
    return build_dataset(other_recipe, knowledge, other_recipe.parent / "processed")


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


def with_dev(rows):
    """Give a data set whose development split has the rows."""
    return SimpleNamespace(name="held", fingerprint="0" * 64, examples=lambda split: rows)


def refused(config, rows, **changes):
    with pytest.raises(DatasetError) as error:
        fit_rows(config, 0, rows, is_verbose=False, **changes)
    return str(error.value)


@pytest.mark.parametrize(
    ("split", "told"), [("train", "that is fitted on"), ("test", "of the test split of tiny")]
)
def test_rows_that_are_fitted_on_or_wait_for_the_last_score_calibrate_nothing(
    small_config, dataset, split, told
):
    rows = open_rows(dataset, with_dev(dataset.examples(split)[:3]))
    assert f"3 of 3 triples with a sentence {told}" in refused(small_config("packed"), rows)


def test_rows_that_the_start_or_the_teacher_was_fitted_on_calibrate_nothing(
    small_config, dataset, other, tmp_path, monkeypatch
):
    held = other.examples("dev")
    (tmp_path / TRAINING_SENTENCES).write_text(keys_text([held[0].candidate.text]))
    monkeypatch.setattr(fit, "open_artifact", lambda folder: SimpleNamespace(model=None))
    monkeypatch.setattr(EncoderModel, "begin_with", lambda *args, **options: None)
    config = replace(small_config("packed"), start=tmp_path)
    told = refused(config, open_rows(dataset, with_dev(held[:2])))
    assert f"1 of 2 triples with a sentence that is fitted on, such as {held[0].id}" in told


def test_rows_that_a_teacher_labels_calibrate_nothing(small_config, dataset, other):
    held = other.examples("dev")
    settings = SimpleNamespace(model=Path("nobody"))
    teaching = SimpleNamespace(settings=settings, unlabelled=[held[1].candidate])
    rows = open_rows(dataset, with_dev(held[:2]))
    told = refused(small_config("packed"), rows, teaching=teaching)
    assert "1 of 2 triples with a sentence that is fitted on" in told


def test_a_teacher_labels_no_document_that_is_calibrated_on(
    artifact_copy, dataset, other, other_recipe, knowledge, tmp_path
):
    (artifact_copy / TRAINING_SENTENCES).write_text(keys_text(["Chad praised NATO."]))
    settings = TeacherSettings(model=artifact_copy, share=0.5, unlabelled=other_recipe)
    first = other.examples("train")[:1]
    free, held = (
        open_teaching(settings, dataset, knowledge, tmp_path, rows)
        for rows in (None, with_dev(first))
    )
    document = first[0].candidate.document
    assert document in {candidate.document for candidate in free.unlabelled}
    assert document not in {candidate.document for candidate in held.unlabelled}
    assert free.key != held.key


def test_a_kind_that_is_not_calibrated_takes_no_notice(small_config, dataset, other):
    config = small_config("majority")
    assert run_key(config, 0, dataset, calibration=other) == run_key(config, 0, dataset)
    rows = open_rows(dataset, with_dev(dataset.examples("train")))
    assert fit_rows(config, 0, rows, is_verbose=False).calibration is None


def test_what_is_calibrated_on_identifies_a_fit(small_config, dataset, other):
    config = small_config("packed")
    keys = {run_key(config, 0, dataset, calibration=rows) for rows in (None, dataset, other)}
    assert len(keys) == 3


def test_no_recipe_is_no_data_set(knowledge, tmp_path):
    assert open_calibration(None, knowledge, tmp_path) is None


def test_an_experiment_names_the_recipe(project, small_settings, capsys):
    file = project / "experiments" / "tiny" / "experiment.yaml"
    settings = {"kind": "conv", **small_settings("conv")}
    (project / "configs" / "models" / "conv.yaml").write_text(yaml.safe_dump(settings))
    content = yaml.safe_load(file.read_text())
    content["calibration"] = content["dataset"]
    content["models"] = [
        {"config": f"../../configs/models/{kind}.yaml"} for kind in ("majority", "conv")
    ]
    file.write_text(yaml.safe_dump(content))
    assert main(["check", "experiments/tiny"]) == 0
    assert json.loads(capsys.readouterr().out)["calibration"]["document_count"] > 0
    assert main(["train", "experiments/tiny"]) == 0
    manifests = {
        kind: read_manifest(project / "artifacts" / "tiny" / kind / "seed-0")
        for kind in ("majority", "conv")
    }
    assert "calibrated_on" not in manifests["majority"]
    assert manifests["conv"]["calibrated_on"] == "tiny"
    fingerprint = manifests["conv"]["dataset_fingerprint"]
    assert manifests["conv"]["calibration_fingerprint"] == fingerprint
    runs = open_store(project).search_runs(
        search_all_experiments=True, filter_string="tags.calibrated_on = 'tiny'",
        output_format="list",
    )  # fmt: skip
    assert [run.data.tags["model"] for run in runs] == ["conv"]
    assert main(["compare", "experiments/tiny", "--no-probes"]) == 0
    assert "calibrated on: tiny" in file.with_name("results-dev.md").read_text("utf-8")
    del content["calibration"]
    file.write_text(yaml.safe_dump(content))
    assert main(["compare", "experiments/tiny", "--no-probes"]) == 2
    assert "a model of other settings, data or code" in capsys.readouterr().err


def test_a_missing_recipe_is_told_by_check(project, capsys):
    command = ["check", "experiments/tiny", "--set", "experiment.calibration=nobody.yaml"]
    assert main(command) == 2
    assert "nobody.yaml" in capsys.readouterr().err
