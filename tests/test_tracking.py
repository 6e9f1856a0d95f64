import pytest

from alliance_stance import load
from alliance_stance.cli import main
from alliance_stance.errors import TrackingError
from alliance_stance.tracking.registry import fetch_model, model_folder, register_champion
from alliance_stance.tracking.runs import flat_metrics, log_run
from alliance_stance.tracking.store import open_store, tracking_uri
from alliance_stance.training.experiment import read_model
from alliance_stance.training.fit import fit_model

pytestmark = pytest.mark.filterwarnings("ignore:::mlflow")


@pytest.fixture(scope="session")
def run(dataset, knowledge, root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    config = read_model(root / "configs" / "models" / "lexicon.yaml", [])
    return fit_model(config, 0, dataset, knowledge, folder / "lexicon", is_verbose=False)


@pytest.fixture
def logged(run, dataset, store):
    """The client, the id of a run logged into an empty store, and the store's folder."""
    run_id = log_run(run, dataset, "tiny", store)
    return open_store(store).MlflowClient(), run_id, store


def test_run_has_every_number_and_fact(logged, run, dataset):
    client, run_id, _ = logged
    data = client.get_run(run_id).data
    assert data.params == {"kind": "lexicon", "seed": "0", "smoothing": "1.0", "reach": "5"}
    assert data.metrics["dev/macro_f1"] == pytest.approx(run.metrics["macro_f1"]["value"])
    assert data.metrics["dev/macro_f1/low"] == pytest.approx(run.metrics["macro_f1"]["low"])
    assert data.metrics["dev/against/f1"] == pytest.approx(run.metrics["stances"]["against"]["f1"])
    assert data.tags["run_key"] == run.key
    assert data.tags["dataset_fingerprint"] == dataset.fingerprint
    assert {"commit", "kind", "model", "seed", "knowledge_fingerprint"} <= data.tags.keys()


def test_run_has_its_data_sets(logged):
    client, run_id, _ = logged
    inputs = client.get_run(run_id).inputs.dataset_inputs
    assert {entry.dataset.name for entry in inputs} == {"tiny-train", "tiny-dev"}


def test_run_has_a_picture_and_its_files(logged):
    client, run_id, _ = logged
    assert [f.path for f in client.list_artifacts(run_id, "plots")] == ["plots/confusion.png"]
    files = {f.path for f in client.list_artifacts(run_id)}
    assert {"metrics.json", "dev_predictions.jsonl", "README.md", "environment"} <= files


def test_logging_twice_gives_one_run(logged, run, dataset):
    client, run_id, store = logged
    assert log_run(run, dataset, "tiny", store) == run_id
    experiment = client.get_run(run_id).info.experiment_id
    assert len(client.search_runs([experiment])) == 1


def test_champion_is_registered_and_predicts(logged, monkeypatch):
    import pandas as pd

    client, run_id, store = logged
    assert register_champion("tiny-stance", run_id, {"reason": "a test"}, store) == "1"
    version = client.get_model_version_by_alias("tiny-stance", "champion")
    assert (version.run_id, version.tags["reason"]) == (run_id, "a test")
    model = open_store(store).pyfunc.load_model("models:/tiny-stance@champion")
    frame = pd.DataFrame(
        [
            {"text": "It rained. Qatar left OPEC.", "state": None, "alliance": None},
            {"text": "It rained.", "state": None, "alliance": None},
            {"text": "Peru thanked ASEAN.", "state": "PER", "alliance": "ASEAN"},
        ]
    )
    found = model.predict(frame)
    assert found["row"].tolist() == [0, 2]
    assert found["state"].tolist() == ["QAT", "PER"]
    monkeypatch.chdir(store)
    (prediction,) = load("models:/tiny-stance@champion").predict("Qatar left OPEC.")
    assert prediction.score == pytest.approx(found["score"][0], abs=1e-6)


def test_pyfunc_without_a_pair_gives_an_empty_frame(linear_artifact):
    import pandas as pd

    from alliance_stance.inference.pyfunc import _load_pyfunc

    model = _load_pyfunc(str(linear_artifact))
    assert len(model.predict(pd.DataFrame({"text": ["It rained."]}))) == 0


def test_pyfunc_without_text_is_refused(linear_artifact):
    import pandas as pd

    from alliance_stance.errors import InputError
    from alliance_stance.inference.pyfunc import _load_pyfunc

    with pytest.raises(InputError, match="text"):
        _load_pyfunc(str(linear_artifact)).predict(pd.DataFrame({"body": ["a"]}))


def test_registering_twice_gives_one_version(logged):
    client, run_id, store = logged
    for _ in range(2):
        assert register_champion("tiny-stance", run_id, {}, store) == "1"
    assert len(client.search_model_versions("name = 'tiny-stance'")) == 1


@pytest.mark.parametrize(
    "address", ["models:/gone@champion", "models:/gone/1", "models:/gone", "models:/"]
)
def test_model_that_is_not_registered_is_refused(store, address):
    with pytest.raises(TrackingError):
        fetch_model(address, store)


def test_folder_of_another_model_is_refused(tmp_path):
    with pytest.raises(TrackingError, match="0 model folders"):
        model_folder(tmp_path)


def test_store_is_a_file_of_the_project_unless_told_otherwise(tmp_path, monkeypatch):
    assert tracking_uri(tmp_path) == f"sqlite:///{tmp_path.resolve()}/mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")
    assert tracking_uri(tmp_path) == "http://127.0.0.1:5000"


def test_every_number_gets_a_path_like_name():
    record = {
        "split": "dev",
        "interval_level": 0.95,
        "macro_f1": {"value": 0.5, "low": 0.4},
        "stances": {"favor": {"f1": 0.6, "count": 3}},
        "confusion": [[1, 2]],
    }
    assert flat_metrics(record) == {
        "dev/macro_f1": 0.5,
        "dev/macro_f1/low": 0.4,
        "dev/favor/f1": 0.6,
        "dev/favor/count": 3.0,
    }


def test_promotion_without_proof_is_refused(trained, capsys):
    assert main(["promote", "experiments/tiny"]) == 1
    assert "not promoted" in capsys.readouterr().err
    client = open_store(trained).MlflowClient()
    assert client.search_registered_models() == []
