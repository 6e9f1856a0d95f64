import json
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import yaml

from alliance_stance.errors import ArtifactError, ConfigError
from alliance_stance.evaluation.overlap import (
    TRAINING_SENTENCES,
    keys_text,
    sentence_key,
    training_keys,
)
from alliance_stance.fingerprints import file_fingerprint
from alliance_stance.inference.artifact import MANIFEST, open_artifact, read_manifest
from alliance_stance.inference.shipped import SHIPPED, shipped_folder
from alliance_stance.models.base import Matrix
from alliance_stance.models.checkpoint import Checkpoints
from alliance_stance.models.linear import LinearModel
from alliance_stance.schema import Candidate
from alliance_stance.training.experiment import TeacherSettings, read_experiment
from alliance_stance.training.fit import fit_model, run_key
from alliance_stance.training.teaching import Teaching, open_teaching

TEXTS = {
    "one": "Peru left ASEAN in anger. Chad praised NATO and its patience.",
    "two": "Armenia froze its participation in the CSTO.",
}


TEACHERS_OWN = "Malta thanked the OSCE."
"""A sentence that the teacher was fitted on, and the student is not."""


@pytest.fixture
def teacher(artifact_copy):
    """A linear model that tells what it was fitted on."""
    path = artifact_copy / TRAINING_SENTENCES
    path.write_text(keys_text([TEACHERS_OWN]), encoding="utf-8")
    manifest = read_manifest(artifact_copy)
    manifest["files"][path.name] = {"sha256": file_fingerprint(path)}
    (artifact_copy / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return artifact_copy


@pytest.fixture
def settings(teacher, tmp_path, monkeypatch):
    """A linear teacher, and two unlabelled documents, which one process reads soonest."""
    monkeypatch.setattr("alliance_stance.datasets.weak.available_cores", lambda: 1)
    for name, text in TEXTS.items():
        (tmp_path / "corpus").mkdir(exist_ok=True)
        (tmp_path / "corpus" / f"{name}.txt").write_text(text)
    recipe = {
        "kind": "weak",
        "inputs": ["corpus"],
        "duplicate_similarity": 1.0,
        "label_model": "majority",
        "split": {"seed": 0, "dev_share": 0.01, "test_share": 0.01},
    }
    path = tmp_path / "unlabelled.yaml"
    path.write_text(yaml.safe_dump(recipe))
    return TeacherSettings(model=teacher, share=0.5, unlabelled=path)


@pytest.fixture
def opened(dataset, knowledge, tmp_path):
    def opening(settings):
        return open_teaching(settings, dataset, knowledge, tmp_path / "processed")

    return opening


def pairs(teaching):
    return {(c.state, c.alliance) for c in teaching.unlabelled}


def labelled_line(text, state, alliance):
    return json.dumps(
        {"id": "x", "text": text, "state": state, "alliance": alliance, "stance": "neutral"}
    )


def test_no_teacher_no_teaching(opened):
    assert opened(None) is None


def test_teacher_answers_for_every_candidate(opened, settings):
    teaching = opened(settings)
    assert pairs(teaching) == {("PER", "ASEAN"), ("TCD", "NATO"), ("ARM", "CSTO")}
    answers = teaching.answers(teaching.unlabelled, is_verbose=False).probabilities
    wanted: Matrix = open_artifact(settings.model).model.predict_act_proba(teaching.unlabelled)
    np.testing.assert_allclose(answers, wanted)


def test_a_teacher_needs_no_weights(opened, settings):
    shipped = settings.model_copy(update={"model": shipped_folder(SHIPPED)})
    assert open_artifact(shipped.model).is_trimmed
    assert not open_artifact(settings.model).is_trimmed
    teaching = opened(shipped)
    answers = teaching.answers(teaching.unlabelled, is_verbose=False).probabilities
    assert answers.shape == (len(teaching.unlabelled), 14)
    np.testing.assert_allclose(answers.sum(axis=1), 1)


def test_documents_of_a_file_to_be_scored_are_left_out(opened, settings, tmp_path):
    path = tmp_path / "scored.jsonl"
    path.write_text(labelled_line("Peru left ASEAN in anger.", "PER", "ASEAN") + "\n")
    teaching = opened(settings.model_copy(update={"left_out": [path]}))
    assert pairs(teaching) == {("ARM", "CSTO")}
    assert teaching.key != opened(settings).key


def test_a_file_to_leave_out_needs_something_to_be_left_out_of(opened, settings, tmp_path):
    changed = settings.model_copy(update={"unlabelled": None, "left_out": [tmp_path / "x.jsonl"]})
    with pytest.raises(ConfigError, match="left_out without unlabelled"):
        opened(changed)


def test_a_set_without_a_test_split_can_be_taught(settings, dataset, knowledge, tmp_path):
    splits = {name: rows for name, rows in dataset.splits.items() if name != "test"}
    teaching = open_teaching(settings, replace(dataset, splits=splits), knowledge, tmp_path / "p")
    assert teaching.unlabelled


def test_missing_teacher_is_an_error(opened, settings, tmp_path):
    with pytest.raises(ArtifactError, match="no such folder"):
        opened(settings.model_copy(update={"model": tmp_path / "nobody"}))


def test_taught_model_is_another_fit_and_names_what_it_read(
    opened, settings, dataset, knowledge, small_config, tmp_path
):
    teaching = opened(settings)
    config = replace(small_config("packed"), teacher=settings)
    run = fit_model(
        config, 0, dataset, knowledge, tmp_path / "run", is_verbose=False, teaching=teaching
    )
    assert run.key == run_key(config, 0, dataset, teaching)
    assert run.key != run_key(config, 0, dataset)
    assert {sentence_key(TEXTS["two"]), sentence_key(TEACHERS_OWN)} <= training_keys(run.folder)
    card, told = (run.folder / "README.md").read_text(encoding="utf-8"), settings.record()
    assert f"| taught by | {told['model']} |" in card
    assert "| share of its answer where there is a label | 0.5 |" in card
    assert f"| unlabelled data set, which it alone labelled | {told['unlabelled']} |" in card
    assert "| triples of that | 3 |" in card


def test_teacher_that_does_not_tell_its_sentences_is_refused(opened, settings, linear_artifact):
    with pytest.raises(ArtifactError, match="no training_sentences"):
        opened(settings.model_copy(update={"model": linear_artifact}))


def test_experiment_names_the_teacher_from_its_own_folder(project):
    file = project / "experiments" / "tiny" / "experiment.yaml"
    content = yaml.safe_load(file.read_text())
    content["models"][-1]["teacher"] = {"model": "../teacher", "share": 0.5}
    file.write_text(yaml.safe_dump(content))
    with pytest.raises(ConfigError, match="a teacher for kind linear"):
        read_experiment(file, [])


def test_student_of_the_distilled_experiment_has_the_base_model_for_a_teacher(root):
    experiment = read_experiment(root / "experiments" / "distilled", [])
    taught = {config.name: config.teacher for config, _ in experiment.models}
    assert taught["packed"] is None
    assert taught["packed_taught"].model.parent.name == "packed_base"


def test_answers_of_a_killed_teacher_are_kept(opened, settings, tmp_path, monkeypatch):
    monkeypatch.setattr("alliance_stance.training.teaching._AT_ONCE", 1)
    teaching = opened(settings)
    asked: list[int] = []
    answer = LinearModel.predict_act_proba

    def counted(self: LinearModel, X: Sequence[Candidate]) -> Matrix:
        asked.append(len(X))
        if len(asked) == 2:
            raise KeyboardInterrupt
        return answer(self, X)

    told: list[str] = []

    def kept() -> Checkpoints:
        return Checkpoints(tmp_path / "kept", "key", every_seconds=0, on_resume=told.append)

    def ask() -> Matrix:
        found = teaching.answers(teaching.unlabelled, "basis", is_verbose=False, checkpoints=kept())
        return found.probabilities

    whole = teaching.answers(teaching.unlabelled, is_verbose=False).probabilities
    assert len(whole) >= 3
    monkeypatch.setattr(LinearModel, "predict_act_proba", counted)
    with pytest.raises(KeyboardInterrupt):
        ask()
    for rest in (len(whole) - 1, 0):
        before = len(asked)
        again = ask()
        np.testing.assert_array_equal(again, whole)
        assert len(asked) - before == rest
    # what was answered to the end is nothing that goes on
    assert told == [f"answer 1 of {len(whole)} of the teacher"]


@pytest.fixture
def asked(monkeypatch):
    """How many candidates the teacher was asked about, each time."""
    counts: list[int] = []
    answer = LinearModel.predict_act_proba

    def counted(self: LinearModel, X: Sequence[Candidate]) -> Matrix:
        counts.append(len(X))
        return answer(self, X)

    monkeypatch.setattr(LinearModel, "predict_act_proba", counted)
    return counts


def test_every_seed_learns_of_the_same_answers(
    opened, settings, dataset, knowledge, small_config, tmp_path, asked
):
    """What a teacher says takes longer than a fit, and does not depend on the student."""
    config = small_config("packed")

    def fit(seed: int, *, is_resumed: bool = True) -> None:
        teaching = opened(settings)
        folder = tmp_path / f"run-{seed}-{is_resumed}"
        checkpoints = Checkpoints(folder.with_suffix(".kept"), f"{seed}", is_resumed=is_resumed)
        fit_model(
            config, seed, dataset, knowledge, folder,
            is_verbose=False, teaching=teaching, checkpoints=checkpoints,
        )  # fmt: skip
        assert not folder.with_suffix(".kept").exists()

    fit(0)
    first = len(asked)
    assert first
    fit(1)
    assert len(asked) == first
    fit(0, is_resumed=False)
    assert len(asked) == first


@pytest.mark.parametrize("change", ["basis", "candidates", "teacher", "share"])
def test_other_questions_are_asked_anew(opened, settings, tmp_path, asked, change):
    def ask(teaching, candidates, basis) -> None:
        kept = Checkpoints(tmp_path / "kept", "key")
        teaching.answers(candidates, basis, is_verbose=False, checkpoints=kept)

    teaching = opened(settings)
    candidates = teaching.unlabelled
    ask(teaching, candidates, ["1.0"])
    before = len(asked)
    if change == "basis":
        ask(teaching, candidates, ["1.1"])
    elif change == "candidates":
        ask(teaching, candidates[:-1], ["1.0"])
    elif change == "share":
        ask(opened(settings.model_copy(update={"share": 0.25})), candidates, ["1.0"])
    else:
        labels = settings.model / "labels.json"
        labels.write_text(labels.read_text("utf-8") + "\n", "utf-8")
        manifest = read_manifest(settings.model)
        manifest["files"][labels.name] = {"sha256": file_fingerprint(labels)}
        (settings.model / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
        ask(opened(settings), candidates, ["1.0"])
    # how far a student believes what it hears is no question
    assert (len(asked) > before) is (change != "share")


def test_time_that_a_teacher_took_counts_for_every_fit(opened, settings, tmp_path, monkeypatch):
    teaching = opened(settings)
    answer = LinearModel.predict_act_proba

    def answer_late(self: LinearModel, X: Sequence[Candidate]) -> Matrix:
        time.sleep(0.3)
        return answer(self, X)

    monkeypatch.setattr(LinearModel, "predict_act_proba", answer_late)
    for number in range(2):
        kept = Checkpoints(tmp_path / f"kept-{number}", "key")
        found = teaching.answers(teaching.unlabelled, is_verbose=False, checkpoints=kept)
        assert 0.3 <= found.seconds < 30
        # else they would be counted twice
        assert kept.seconds_before == 0


def test_two_fits_ask_in_turn(opened, settings, tmp_path, monkeypatch):
    teaching = opened(settings)
    waiting = threading.Semaphore(0)
    monkeypatch.setattr(f"{Teaching.__module__}._tell_waiting", waiting.release)
    answer = LinearModel.predict_act_proba
    asked: list[int] = []

    def answer_late(self: LinearModel, X: Sequence[Candidate]) -> Matrix:
        asked.append(len(X))
        for _ in range(2):
            assert waiting.acquire(timeout=60)
        return answer(self, X)

    monkeypatch.setattr(LinearModel, "predict_act_proba", answer_late)

    def ask(number: int) -> Matrix:
        kept = Checkpoints(tmp_path / f"kept-{number}", "key")
        found = teaching.answers(teaching.unlabelled, is_verbose=False, checkpoints=kept)
        return found.probabilities

    with ThreadPoolExecutor(3) as threads:
        first, *others = threads.map(ask, range(3))
    for other in others:
        np.testing.assert_array_equal(other, first)
    assert len(asked) == 1
