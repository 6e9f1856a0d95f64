"""A fit that begins with a fitted model's weights."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from alliance_stance.cli import main
from alliance_stance.errors import ArtifactError, ConfigError, UnfitError
from alliance_stance.evaluation.overlap import TRAINING_SENTENCES, keys_text, training_keys
from alliance_stance.inference.artifact import MANIFEST, open_artifact, trim_artifact
from alliance_stance.inference.shipped import SHIPPED, SHIPPED_BASE, shipped_folder
from alliance_stance.models.table import build_model
from alliance_stance.training.experiment import TeacherSettings, read_experiment
from alliance_stance.training.fit import fit_model, run_key
from alliance_stance.training.teaching import open_teaching

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def first(small_config, dataset, knowledge, tmp_path_factory):
    """A packed model, fitted and saved."""
    folder = tmp_path_factory.mktemp("first") / "packed"
    return fit_model(small_config("packed"), 0, dataset, knowledge, folder, is_verbose=False)


def further(config, first, **changes):
    """Give the model file of a fit that goes on from the first, as good as without learning."""
    still = {"learning_rate": 1e-12, "head_learning_rate": 1e-12, **changes}
    return replace(config, settings=config.settings.model_copy(update=still), start=first.folder)


def test_a_fit_that_learns_nothing_gives_the_model_that_it_began_with(
    first, small_config, dataset, knowledge, dev_examples, tmp_path
):
    config = further(small_config("packed"), first)
    run = fit_model(config, 1, dataset, knowledge, tmp_path / "run", is_verbose=False)
    rows = [example.candidate for example in dev_examples]
    models = [open_artifact(folder).model for folder in (first.folder, run.folder)]
    for model in models:
        model.use_torch()
    before, after = (model.predict_act_proba(rows) for model in models)
    np.testing.assert_allclose(after, before, atol=1e-3)
    assert "start" in (run.folder / "config.json").read_text()
    assert training_keys(run.folder) == training_keys(first.folder)


def test_the_mean_with_the_start_lies_where_its_share_says(
    first, small_config, dataset, knowledge, tmp_path
):
    learning = {"learning_rate": 1e-3, "head_learning_rate": 1e-3}
    config = further(small_config("packed"), first, **learning)
    runs = {
        share: fit_model(
            replace(config, start_share=share), 1, dataset, knowledge, tmp_path / str(share),
            is_verbose=False,
        )
        for share in (0.0, 0.25)
    }  # fmt: skip
    start, fitted, mean = (
        open_artifact(folder).model.network_.state_dict()
        for folder in (first.folder, runs[0.0].folder, runs[0.25].folder)
    )
    moved = 0.0
    for name in fitted.keys() - {"temperature"}:
        expected = 0.75 * fitted[name] + 0.25 * start[name]
        np.testing.assert_allclose(mean[name], expected, atol=1e-6, err_msg=name)
        moved = max(moved, float((fitted[name] - start[name]).abs().max()))
    assert moved > 1e-3
    assert runs[0.0].key != runs[0.25].key
    assert "| share of them in the mean that was kept | 0.25 |" in (
        runs[0.25].folder / "README.md"
    ).read_text("utf-8")


def break_off(*_):
    raise KeyboardInterrupt


@pytest.mark.parametrize("where", ["fit", "layers"])
def test_the_fit_behind_one_that_was_broken_off_begins_anew_and_is_no_mean(
    where, first, small_config, train_examples, monkeypatch
):
    """Start and share are of one fit, as the start always was."""
    from alliance_stance.models import encoder_training

    config = small_config("packed")
    model = build_model(config.kind, config.settings, seed=0)
    model.begin_with(open_artifact(first.folder).model, "first", share=0.5)
    rows = [example.candidate for example in train_examples[:4]]
    stances = [example.label.stance for example in train_examples[:4]]
    if where == "fit":
        with monkeypatch.context() as patch:
            patch.setattr(encoder_training, "train_network", break_off)
            with pytest.raises(KeyboardInterrupt):
                model.fit(rows, stances)
    else:
        model.set_params(kept_layers=99)
        with pytest.raises(UnfitError):
            model.fit(rows, stances)
        model.set_params(kept_layers=None)
    anew = build_model(config.kind, config.settings, seed=0)
    for own in (model, anew):
        own.fit(rows, stances)
    for name, weights in anew.network_.state_dict().items():
        np.testing.assert_array_equal(model.network_.state_dict()[name], weights, err_msg=name)


def test_a_share_without_a_start_is_refused(project):
    file = project / "experiments" / "tiny" / "experiment.yaml"
    content = yaml.safe_load(file.read_text())
    content["models"][-1]["start_share"] = 0.5
    file.write_text(yaml.safe_dump(content))
    with pytest.raises(ConfigError, match=r"start_share 0\.5 without a start"):
        read_experiment(file, [])


def test_sentences_of_the_start_are_training_sentences_too(first):
    keys = keys_text(["Chad praised NATO."], [first.folder]).split()
    assert set(keys) == training_keys(first.folder) | set(keys_text(["Chad praised NATO."]).split())


def test_the_start_is_part_of_what_identifies_a_fit(first, small_config, dataset):
    config = further(small_config("packed"), first)
    assert run_key(config, 0, dataset) != run_key(replace(config, start=None), 0, dataset)


def test_a_card_written_anew_does_not_make_a_fit_out_of_date(
    first, small_config, dataset, tmp_path
):
    """Its weights do."""
    copy = Path(shutil.copytree(first.folder, tmp_path / "copy"))
    config = replace(further(small_config("packed"), first), start=copy)
    key = run_key(config, 0, dataset)
    manifest = json.loads((copy / MANIFEST).read_text("utf-8"))

    def edit(*names: str) -> None:
        for name in names:
            manifest["files"][name] = {"sha256": "0" * 64, "bytes": 9}
        (copy / MANIFEST).write_text(json.dumps(manifest), "utf-8")

    edit("README.md", "metrics.json", "config.json", "knowledge/states.csv")
    assert run_key(config, 0, dataset) == key
    told = json.loads((copy / "config.json").read_text("utf-8"))
    (copy / "config.json").write_text(json.dumps({**told, "start": "elsewhere", "name": "own"}))
    assert run_key(config, 0, dataset) == key
    told["settings"]["max_tokens"] += 1
    (copy / "config.json").write_text(json.dumps(told))
    assert run_key(config, 0, dataset) != key
    told["settings"]["max_tokens"] -= 1
    (copy / "config.json").write_text(json.dumps(told))
    assert run_key(config, 0, dataset) == key
    edit("weights/model.safetensors")
    assert run_key(config, 0, dataset) != key


def test_a_start_that_is_not_told_as_it_should_be_is_one_clear_error(
    first, small_config, dataset, knowledge, tmp_path
):
    copy = Path(shutil.copytree(first.folder, tmp_path / "copy"))
    config = replace(further(small_config("packed"), first), start=copy)
    (copy / "config.json").write_text('{"kind": "packed", "settings": [1]}')
    manifest = json.loads((copy / MANIFEST).read_text("utf-8"))
    manifest["files"]["weights/model.safetensors"] = "damaged"
    (copy / MANIFEST).write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(ArtifactError):
        fit_model(config, 0, dataset, knowledge, tmp_path / "run", is_verbose=False)
    assert not (tmp_path / "run").exists()


def test_a_fit_is_the_same_however_its_experiment_is_named(
    linear_artifact, project, dataset, knowledge, monkeypatch
):
    """The start, the teacher and what it labels are those that they are, not how one gets there."""
    copy = Path(shutil.copytree(linear_artifact, project / "artifacts" / "tiny" / "saved"))
    (copy / TRAINING_SENTENCES).write_text(keys_text(["Chad praised NATO."]))
    folder = project / "experiments" / "tiny"
    settings = yaml.safe_load((shipped_folder(SHIPPED) / "config.json").read_text())["settings"]
    (folder / "further.yaml").write_text(yaml.safe_dump({"kind": "packed", **settings}))
    (folder / "rows.jsonl").write_text(
        '{"id": "a", "text": "Qatar left OPEC.", "state": "QAT", "alliance": "OPEC", '
        '"stance": "against"}\n'
    )
    content = yaml.safe_load((folder / "experiment.yaml").read_text())
    saved = "../../artifacts/tiny/saved"
    teacher = {"model": saved, "share": 0.5, "left_out": ["rows.jsonl"]}
    teacher["unlabelled"] = content["dataset"]
    content["models"] = [{"config": "further.yaml", "start": saved, "teacher": teacher}]
    (folder / "experiment.yaml").write_text(yaml.safe_dump(content))
    found = []
    for named in (Path("experiments/tiny"), folder, Path("tiny/experiment.yaml")):
        if named.parts[0] == "tiny":
            # paths are told as seen from where the command runs, and this one runs elsewhere
            monkeypatch.chdir(project / "experiments")
        ((config, _),) = read_experiment(named, []).models
        teaching = open_teaching(config.teacher, dataset, knowledge, project / "data" / "processed")
        found.append((run_key(config, 0, dataset, teaching), config.record(0)))
    assert len({key for key, _ in found}) == 1
    told = found[0][1]
    assert found[1][1] == told
    assert told["start"] == told["teacher"]["model"] == "artifacts/tiny/saved"
    assert told["teacher"]["left_out"] == ["experiments/tiny/rows.jsonl"]
    assert str(project) not in json.dumps([record for _, record in found])


@pytest.mark.parametrize("changes", [{"masked": False}, {"max_tokens": 64}, {"vocabulary": 9000}])
def test_a_start_that_is_read_otherwise_is_refused(
    first, small_config, dataset, knowledge, tmp_path, changes
):
    config = further(small_config("packed"), first, **changes)
    with pytest.raises(ConfigError, match=f"another {next(iter(changes))}"):
        fit_model(config, 0, dataset, knowledge, tmp_path / "run", is_verbose=False)
    assert not (tmp_path / "run").exists()


def test_a_model_of_another_kind_is_no_start(
    artifact_copy, small_config, dataset, knowledge, tmp_path
):
    config = replace(small_config("packed"), start=artifact_copy)
    with pytest.raises(ConfigError, match="a LinearModel"):
        fit_model(config, 0, dataset, knowledge, tmp_path / "run", is_verbose=False)


def test_a_start_that_does_not_tell_its_sentences_is_refused(
    first, small_config, dataset, knowledge, tmp_path
):
    folder = Path(shutil.copytree(first.folder, tmp_path / "untold"))
    (folder / TRAINING_SENTENCES).unlink()
    manifest = json.loads((folder / MANIFEST).read_text())
    del manifest["files"][TRAINING_SENTENCES]
    (folder / MANIFEST).write_text(json.dumps(manifest))
    config = replace(small_config("packed"), start=folder)
    with pytest.raises(ArtifactError, match="no training_sentences"):
        fit_model(config, 0, dataset, knowledge, tmp_path / "run", is_verbose=False)


def test_a_trimmed_start_is_widened(
    first, small_config, dataset, knowledge, dev_examples, tmp_path
):
    folder = tmp_path / "trimmed"
    trim_artifact(open_artifact(first.folder), folder)
    config = replace(further(small_config("packed"), first), start=folder)
    run = fit_model(config, 0, dataset, knowledge, tmp_path / "run", is_verbose=False)
    rows = [example.candidate for example in dev_examples]
    before, after = (open_artifact(own).model for own in (folder, run.folder))
    after.use_torch()
    np.testing.assert_allclose(
        after.predict_act_proba(rows), before.predict_act_proba(rows), atol=0.05
    )


@pytest.mark.parametrize("name", [SHIPPED, SHIPPED_BASE])
def test_the_models_of_the_package_are_starts_by_name(project, name):
    file = project / "experiments" / "tiny" / "experiment.yaml"
    settings = yaml.safe_load((shipped_folder(name) / "config.json").read_text())["settings"]
    (file.parent / "further.yaml").write_text(yaml.safe_dump({"kind": "packed", **settings}))
    content = yaml.safe_load(file.read_text())
    content["models"] = [{"config": "further.yaml", "start": name}]
    file.write_text(yaml.safe_dump(content))
    ((config, _),) = read_experiment(file, []).models
    assert config.start == shipped_folder(name)
    assert config.record(0)["start"] == name
    model = build_model(config.kind, config.settings, seed=0)
    start = open_artifact(config.start).model
    model.begin_with(start, name)
    assert model.start is start


def test_a_teacher_of_the_package_is_told_by_its_name():
    teacher = TeacherSettings.model_validate({"model": SHIPPED, "share": 0.5})
    assert teacher.model == shipped_folder(SHIPPED)
    assert teacher.record()["model"] == SHIPPED


def test_a_missing_start_is_told(small_config, dataset, tmp_path):
    config = replace(small_config("packed"), start=tmp_path / "nobody")
    with pytest.raises(ArtifactError, match="no such folder"):
        run_key(config, 0, dataset)


def test_kinds_without_a_start_refuse_one(project):
    file = project / "experiments" / "tiny" / "experiment.yaml"
    content = yaml.safe_load(file.read_text())
    content["models"][-1]["start"] = "../first"
    file.write_text(yaml.safe_dump(content))
    with pytest.raises(ConfigError, match="a start for kind linear"):
        read_experiment(file, [])


@pytest.mark.parametrize("what", ["start", "teacher"])
def test_a_model_that_a_fit_would_write_over_is_no_start_and_no_teacher(project, what, capsys):
    file = project / "experiments" / "tiny" / "experiment.yaml"
    settings = yaml.safe_load((shipped_folder(SHIPPED) / "config.json").read_text())["settings"]
    (file.parent / "own.yaml").write_text(yaml.safe_dump({"kind": "packed", **settings}))
    saved = "../../artifacts/tiny/own/seed-1"
    origin = {"start": saved, "teacher": {"model": saved, "share": 0.5}}[what]
    content = yaml.safe_load(file.read_text())
    content["models"] = [{"config": "own.yaml", "seeds": [0, 1], what: origin}]
    file.write_text(yaml.safe_dump(content))
    assert main(["train", "experiments/tiny"]) == 2
    assert "where this model is saved itself" in capsys.readouterr().err
    assert not (project / "artifacts").exists()
