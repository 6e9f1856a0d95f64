import json
import os
import posixpath
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from alliance_stance import load
from alliance_stance.cli import gate as gate_module
from alliance_stance.cli import main
from alliance_stance.errors import TrackingError
from alliance_stance.evaluation.bootstrap import Interval
from alliance_stance.evaluation.metrics import Scored
from alliance_stance.evaluation.report import score_examples
from alliance_stance.evaluation.slices import Slice
from alliance_stance.fingerprints import file_fingerprint
from alliance_stance.processes import process_start
from alliance_stance.tracking.comparisons import _whole_lines, row_metrics
from alliance_stance.tracking.fetching import fetched_model, model_folder, open_registered
from alliance_stance.tracking.local_store import find_local_folder
from alliance_stance.tracking.registry import find_holder, register_champion
from alliance_stance.tracking.running import close_gone_runs, running
from alliance_stance.tracking.runs import flat_metrics, log_run, prepare_store
from alliance_stance.tracking.store import open_store, store_errors, tracking_uri
from alliance_stance.training.compare import Judged, compare_predictions
from alliance_stance.training.experiment import read_model
from alliance_stance.training.fit import fit_model
from alliance_stance.training.promotion import Decision

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
    own = {"kind": "lexicon", "seed": "0", "smoothing": "1.0", "reach": "5"}
    # MLflow logs what the served model can be told as well
    assert data.params == {**own, "most_rows": "None"}
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
    tags = {"reason": "a test"}
    assert register_champion("tiny-stance", run_id, tags, store, instead_of=None) == "1"
    version = client.get_model_version_by_alias("tiny-stance", "champion")
    assert (version.run_id, version.tags["reason"]) == (run_id, "a test")
    assert version.description == "a test"
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
    assert found["start"].tolist() == [11, None]
    assert found["state"].tolist() == ["QAT", "PER"]
    monkeypatch.chdir(store)
    (prediction,) = load("models:/tiny-stance@champion").predict("Qatar left OPEC.")
    assert prediction.score == pytest.approx(found["score"][0], abs=1e-6)


def test_pyfunc_without_a_pair_gives_an_empty_frame(linear_artifact):
    import pandas as pd

    from alliance_stance.inference.pyfunc import _load_pyfunc

    model = _load_pyfunc(str(linear_artifact))
    assert len(model.predict(pd.DataFrame({"text": ["It rained."]}))) == 0


def test_pyfunc_takes_arrays_missing_values_and_timestamps(linear_artifact):
    import numpy as np
    import pandas as pd

    from alliance_stance.inference.pyfunc import open_pyfunc

    text = "Qatar left OPEC."
    frame = pd.DataFrame(
        {"text": [text, text], "state": ["QAT", pd.NA], "alliance": ["OPEC", None],
         "tags": [np.array(["a", "b"], dtype=object), None],
         "date": pd.to_datetime(["2018-05-01", None])}
    )  # fmt: skip
    found = open_pyfunc(str(linear_artifact)).predict(frame)
    assert found["row"].tolist() == [0, 1]
    assert found["membership"].tolist() == ["member", None]


def test_pyfunc_without_text_is_refused(linear_artifact):
    import pandas as pd

    from alliance_stance.errors import InputError
    from alliance_stance.inference.pyfunc import _load_pyfunc

    with pytest.raises(InputError, match="text"):
        _load_pyfunc(str(linear_artifact)).predict(pd.DataFrame({"body": ["a"]}))


def test_registered_model_declares_what_goes_in_and_comes_out(logged):
    client, run_id, store = logged
    address = client.get_run(run_id).data.tags["model_uri"]
    signature = open_store(store).models.get_model_info(address).signature
    required = {column.name: column.required for column in signature.inputs}
    assert required.pop("text")
    assert {"state", "alliance", "date", "id"} <= required.keys()
    assert not any(required.values())
    from alliance_stance.inference.pyfunc import COLUMNS

    assert tuple(signature.outputs.input_names()) == COLUMNS


BAD_ROWS = {
    "no text": ({"body": "a"}, "text"),
    "a number": ({"text": 3}, "text 3"),
    "unknown state": ({"text": "a", "state": "XQX", "alliance": "NATO"}, "unknown state"),
    "half a pair": ({"text": "a", "state": "PER"}, "no 'alliance'"),
    "date of another form": ({"text": "a", "date": "May"}, "date 'May'"),
    "half a character": ({"text": "a\ud800"}, "half a character"),
    "too many": (None, "3 rows"),
}


def test_scoring_server_refuses_with_our_words(logged):
    """MLflow's own application, in process: answers 400, no traceback, no 500."""
    from mlflow.pyfunc import scoring_server
    from starlette.testclient import TestClient

    client, run_id, store = logged
    address = client.get_run(run_id).data.tags["model_uri"]
    model = open_store(store).pyfunc.load_model(address, model_config={"most_rows": 2})
    with TestClient(scoring_server.init(model), raise_server_exceptions=False) as server:
        for row, found in BAD_ROWS.values():
            rows = [{"text": "Peru."}] * 3 if row is None else [row]
            answer = server.post(
                "/invocations",
                content=json.dumps({"dataframe_records": rows}),
                headers={"content-type": "application/json"},
            )
            assert answer.status_code == 400, found
            assert found in answer.json()["message"]
            assert "Traceback" not in answer.text
        pair = {"text": "Peru thanked ASEAN.", "state": "PER", "alliance": "ASEAN", "id": "e"}
        rows = [{"text": "Qatar left OPEC."}, pair]
        answer = server.post(
            "/invocations",
            content=json.dumps({"dataframe_records": rows}),
            headers={"content-type": "application/json"},
        )
        found = json.loads(answer.text, parse_constant=pytest.fail)["predictions"]
        assert [(p["row"], p["state"], p["id"]) for p in found] == [
            (0, "QAT", None),
            (1, "PER", "e"),
        ]
        assert server.get("/ping").status_code == server.get("/version").status_code == 200


def test_project_that_was_moved_keeps_its_runs_and_its_champion(run, dataset, database, tmp_path):
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    shutil.copy(database, before)
    run_id = log_run(run, dataset, "tiny", before)
    register_champion("tiny-stance", run_id, {}, before, instead_of=None)
    before.rename(after)
    with fetched_model("models:/tiny-stance@champion", after) as folder:
        assert folder.is_relative_to(after)
    assert find_local_folder("models:/tiny-stance@champion", after / "mlflow.db") is not None
    client = open_store(after).MlflowClient()
    assert [file.path for file in client.list_artifacts(run_id, "plots")] == ["plots/confusion.png"]
    location = client.get_experiment_by_name("alliance-stance-tiny").artifact_location
    assert location == (after / "mlartifacts" / "alliance-stance-tiny").as_uri()


def test_registering_twice_gives_one_version_with_the_later_decision(logged):
    client, run_id, store = logged
    for tags in ({"gate/forced": "a start", "reason": "a"}, {"reason": "b"}):
        holder = find_holder("tiny-stance", store)
        assert register_champion("tiny-stance", run_id, tags, store, instead_of=holder) == "1"
        client.set_model_version_tag("tiny-stance", "1", "reviewed by", "the office")
    kept = client.get_model_version_by_alias("tiny-stance", "champion").tags
    assert kept == {"reason": "b", "reviewed by": "the office"}
    assert len(client.search_model_versions("name = 'tiny-stance'")) == 1


@pytest.mark.parametrize(
    "address", ["models:/gone@champion", "models:/gone/1", "models:/gone", "models:/"]
)
def test_model_that_is_not_registered_is_refused(store, address):
    with pytest.raises(TrackingError), fetched_model(address, store):
        pass


def test_folder_of_another_model_is_refused(tmp_path):
    with pytest.raises(TrackingError, match="0 model folders"):
        model_folder(tmp_path)


def test_store_is_a_file_of_the_project_unless_told_otherwise(tmp_path, monkeypatch):
    assert tracking_uri(tmp_path) == f"sqlite:///{tmp_path.resolve()}/mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")
    assert tracking_uri(tmp_path) == "http://127.0.0.1:5000"


def test_experiment_that_was_deleted_says_how_it_comes_back(store):
    prepare_store("tiny", "Which is best?", store)
    client = open_store(store).MlflowClient()
    number = client.get_experiment_by_name("alliance-stance-tiny").experiment_id
    client.delete_experiment(number)
    with pytest.raises(TrackingError, match=f"experiments restore -x {number}"):
        prepare_store("tiny", "Which is best?", store)


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
    # the run itself tells what it was refused, and why
    (experiment,) = (e for e in client.search_experiments() if e.name == "alliance-stance-tiny")
    runs = client.search_runs([experiment.experiment_id])
    (refused,) = (run for run in runs if "refused/tiny-stance/reason" in run.data.tags)
    # a later refusal leaves nothing of an earlier one
    client.set_tag(refused.info.run_id, "refused/tiny-stance/of_before", "1")
    assert main(["promote", "experiments/tiny"]) == 1
    refused = client.get_run(refused.info.run_id)
    assert "refused/tiny-stance/of_before" not in refused.data.tags
    assert refused.data.tags["refused/tiny-stance/passed"] == "false"
    assert refused.data.tags["refused/tiny-stance/set"] == "the development split of tiny"


COMPARISON_TAG = "tags.comparison = 'dev'"


def logged_files(client, run) -> set[str]:
    return {file.path for file in client.list_artifacts(run.info.run_id)}


ODD_NAMES = ["/", "a/", ".", "..", "x/../y", "Łódź", "Łóde", "a\nb", "w" * 300, "w" * 301]


def test_any_name_of_a_slice_makes_names_of_metrics_that_are_taken():
    """MLflow takes a name that is a plain path of 250 characters."""
    right = np.array([0, 0, 1, 1, 2, 2])
    said = Scored(
        list("abcdef"), list("aabbcc"), right, np.eye(3)[right], np.full(6, -1), np.zeros((6, 14))
    )
    judged = [Judged("linear", "linear", (0,), (said,))]
    slices = [Slice("tag", name, np.arange(2)) for name in ODD_NAMES]
    comparison = compare_predictions(judged, slices=slices)
    metrics = row_metrics(comparison, comparison.rows[0], f"data-{'f' * 250}")
    assert all(posixpath.normpath(name) == name and len(name) <= 250 for name in metrics)
    assert all(re.fullmatch(r"[A-Za-z0-9_./ -]+", name) for name in metrics)
    assert sum(name.endswith("/example_count") for name in metrics) == len(ODD_NAMES)


def test_long_description_loses_whole_lines():
    found = _whole_lines("\n".join(["| a | b |"] * 1000))
    assert len(found) <= 8000
    assert set(found.split("\n")) == {"| a | b |"}


def fit_params(client, experiment, name):
    (fit,) = client.search_runs([experiment], f"tags.model = '{name}' and tags.run_key != ''")
    return fit.data.params


def test_comparison_is_a_parent_run_with_one_child_a_model(trained, tmp_path):
    output = str(tmp_path / "r.md")
    arguments = ["compare", "experiments/tiny", "--no-probes", "--output", output]
    assert main(arguments) == 0
    client = open_store(trained).MlflowClient()
    experiment = client.get_experiment_by_name("alliance-stance-tiny").experiment_id
    runs = client.search_runs([experiment], COMPARISON_TAG)
    # other tests compare in the same store, in any order
    parents = [run for run in runs if "comparison_key" in run.data.tags]
    # one that another test compared before keeps that test's files
    parent = next(p for p in parents if p.data.tags["reference"] == p.data.tags["best"])
    assert {".md", ".html"} <= {Path(name).suffix for name in logged_files(client, parent)}
    described = parent.data.tags["mlflow.note.content"]
    assert re.search(r"(?m)^\| model \| macro-F1 ", described)
    assert described.count("\n| lexicon | ") == 1
    children = {
        run.data.tags["model"]: run
        for run in runs
        if run.data.tags.get("mlflow.parentRunId") == parent.info.run_id
    }
    assert set(children) == {"majority", "state_prior", "lexicon", "linear"}
    best = parent.data.tags["best"]
    metrics = children[best].data.metrics
    # the names are those of the run that fitted the model
    (fit,) = client.search_runs([experiment], f"tags.model = '{best}' and tags.run_key != ''")
    shared = {"dev/macro_f1", "dev/macro_f1/low", "dev/log_loss", "dev/against/f1",
              "dev/calibration_error/high", "dev/fit_seconds"}  # fmt: skip
    assert shared <= metrics.keys() & fit.data.metrics.keys()
    assert metrics["dev/macro_f1"] == pytest.approx(fit.data.metrics["dev/macro_f1"])
    assert "dev/megabytes" in metrics
    assert any(name.startswith("dev/slice/decade/") for name in metrics)
    assert "dev/minus_reference" not in metrics
    # settings stand beside the numbers where runs are compared
    assert children["linear"].data.params["c"] == fit_params(client, experiment, "linear")["c"]
    assert children["lexicon"].data.params["kind"] == "lexicon"
    other = next(run for name, run in children.items() if name != best)
    assert 0 < other.data.metrics["dev/minus_reference/p"] <= 1
    assert main(arguments) == 0
    assert len(client.search_runs([experiment], COMPARISON_TAG)) == len(runs)


@pytest.fixture
def gate(trained_folder, tmp_path, monkeypatch):
    """A copy of the trained project that may be changed, with a function that promotes in it."""
    folder = shutil.copytree(trained_folder, tmp_path / "project")
    # what was logged in the other folder lies there
    monkeypatch.chdir(folder)

    def promote(*options: str) -> int:
        return main(["promote", "experiments/tiny", *options])

    return promote


def champion(gate_folder):
    client = open_store(gate_folder).MlflowClient()
    return client.get_model_version_by_alias("tiny-stance", "champion")


def test_forced_promotion_keeps_its_reason(gate, tmp_path, capsys):
    assert gate("--model", "majority", "--force", "a start is needed") == 0
    tags = champion(tmp_path / "project").tags
    assert tags["gate/forced"] == "a start is needed"
    assert tags["gate/passed"] == "false"
    assert tags["gate/set"] == "the development split of tiny"
    assert len(tags["gate/set_fingerprint"]) == 64
    assert "forced: a start is needed" in capsys.readouterr().err


@pytest.mark.parametrize("reason", ["", "  "])
def test_force_needs_a_reason(gate, capsys, reason):
    assert gate("--force", reason) == 2
    assert "reason" in capsys.readouterr().err


def test_same_model_again_is_told(gate, tmp_path, capsys):
    assert gate("--model", "lexicon", "--force", "a start") == 0
    assert gate("--model", "lexicon") == 0
    assert "is models:/tiny-stance@champion already, version 1" in capsys.readouterr().err
    assert str(champion(tmp_path / "project").version) == "1"


def test_damaged_copy_of_the_champion_is_recorded_anew(gate, tmp_path, capsys):
    assert gate("--model", "lexicon", "--force", "a start") == 0
    before = champion(tmp_path / "project")
    with fetched_model("models:/tiny-stance@champion", tmp_path / "project") as stored:
        (stored / "labels.json").unlink()
    assert gate("--model", "lexicon") == 0
    assert "whose stored copy cannot be opened" in capsys.readouterr().err
    after = champion(tmp_path / "project")
    assert (str(before.version), str(after.version)) == ("1", "2")
    assert after.run_id != before.run_id


def test_store_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "mlflow.db").write_text("notes", encoding="utf-8")
    with pytest.raises(TrackingError, match="no SQLite database"):
        prepare_store("tiny", "Which is best?", tmp_path)


def test_store_of_an_unknown_kind_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "nonsense://x")
    with pytest.raises(TrackingError):
        find_holder("tiny", tmp_path)


def test_store_without_its_driver_is_refused():
    with pytest.raises(TrackingError, match=r"no library psycopg.*unset MLFLOW"), store_errors():
        raise ModuleNotFoundError("No module named 'psycopg'", name="psycopg")


@pytest.mark.parametrize(
    ("name", "status"), [("alliance-stance", 1), ("tiny-stance", 0)], ids=["answers", "another"]
)
def test_model_worse_than_the_packaged_one_does_not_take_its_place(
    gate, monkeypatch, capsys, tmp_path, name, status
):
    """Where nobody is promoted the larger model of the package answers, and goes on answering."""
    better = Decision(True, "the package's beats it", "lexicon", Interval(0.2, 0.1, 0.3), 0.01)
    monkeypatch.setattr(gate_module, "beats_baselines", lambda *_: better)
    monkeypatch.setattr(gate_module, "compare_shipped", lambda *_: better)
    options = ("--model", "linear", "--set", f"experiment.registered_model={name}")
    assert gate(*options) == status
    told = capsys.readouterr().err
    if status:
        assert "not promoted: the package's beats it; it answers where nobody is promoted" in told
        assert gate(*options, "--force", "smaller") == 0
        told = capsys.readouterr().err
        assert "forced: smaller" in told
        # what is kept is the difference of the candidate from the package, not the other way
        client = open_store(tmp_path / "project").MlflowClient()
        kept = client.get_model_version_by_alias(name, "champion").tags
        assert float(kept["gate/high"]) < 0
    else:
        assert "but the package's beats it" in told
    assert "--model shipped-base asks it" in told


def test_model_that_does_not_beat_the_holder_is_refused(gate, tmp_path, capsys):
    assert gate("--model", "lexicon", "--force", "a start") == 0
    assert gate("--model", "majority") == 1
    err = capsys.readouterr().err
    assert "not promoted: majority, seed 0 does not beat the holder, version 1" in err
    assert str(champion(tmp_path / "project").version) == "1"


def test_model_that_beats_the_holder_is_promoted_and_says_so(gate, tmp_path, capsys):
    rows = [
        {"id": f"d{n}", "text": text.format(state), "state": code, "alliance": "ASEAN",
         "stance": stance}
        for n, (state, code) in enumerate([("Peru", "PER"), ("Chile", "CHL"), ("Cuba", "CUB")] * 8)
        for text, stance in (
            ("{} condemned ASEAN.", "against"), ("{} praised ASEAN.", "favor"),
            ("{} met ASEAN.", "neutral"),
        )
    ]  # fmt: skip
    data = tmp_path / "agreed.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert gate("--model", "majority", "--force", "a start") == 0
    assert gate("--model", "lexicon", "--data", str(data), "--force", "in any case") == 0
    told = capsys.readouterr().err
    assert "version 1 was promoted on another version of the data, or another file" in told
    assert "than what decides now: agreed.jsonl" in told
    version = champion(tmp_path / "project")
    assert str(version.version) == "2"
    assert version.tags["gate/against"] == "the holder, version 1"
    assert version.tags["gate/set"] == "agreed.jsonl"
    assert version.tags["gate/set_fingerprint"] == file_fingerprint(data)
    assert 0 < float(version.tags["gate/low"]) <= float(version.tags["gate/difference"])
    assert float(version.tags["gate/p"]) < 0.05
    assert version.tags["gate/passed"] == "true"
    assert "gate/forced" not in version.tags
    assert "all the same" not in version.description
    capsys.readouterr()


@pytest.fixture
def scored_with(monkeypatch):
    """The rows that each model of the gate is scored on, in order."""
    seen = []

    def score(model, examples, *, where):
        seen.append(examples)
        return score_examples(model, examples, where=where)

    monkeypatch.setattr("alliance_stance.cli.gate.score_examples", score)
    return seen


@pytest.fixture
def old_holder(gate, monkeypatch):
    """Promote a holder whose tables have no name for ASEAN; give a way to change them further."""
    assert gate("--model", "majority", "--force", "a start") == 0
    lost = {}

    def open_old(holder, root):
        found = open_registered(holder.address, root)
        names = tuple(n for n in found.knowledge.alliance_names if n.target != "ASEAN")
        tables = replace(found.knowledge, alliance_names=names, **lost)
        return replace(found, knowledge=tables)

    monkeypatch.setattr("alliance_stance.cli.gate._open_holder", open_old)
    return lost


@pytest.fixture
def agreed_file(tmp_path):
    row = {"id": "a", "text": "Peru condemned ASEAN.", "state": "PER", "alliance": "ASEAN",
           "stance": "against"}  # fmt: skip
    path = tmp_path / "agreed.jsonl"
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    return path


def test_holder_is_scored_with_its_own_tables(gate, old_holder, agreed_file, scored_with):
    assert gate("--model", "lexicon", "--data", str(agreed_file)) == 1
    found = [{m.id for m in rows[0].candidate.mentions} for rows in scored_with]
    assert found == [{"PER", "ASEAN"}, {"PER"}]


def test_development_split_keeps_the_names_that_were_found(gate, old_holder, scored_with):
    assert gate("--model", "lexicon") in {0, 1}
    assert scored_with[0] == scored_with[1]


def test_holder_whose_tables_lack_an_alliance_is_a_clear_error(
    gate, old_holder, agreed_file, knowledge, capsys
):
    old_holder["alliances"] = {k: v for k, v in knowledge.alliances.items() if k != "ASEAN"}
    capsys.readouterr()
    assert gate("--model", "lexicon", "--data", str(agreed_file)) == 2
    err = capsys.readouterr().err
    assert "the holder, version 1: found tables of its own" in err
    assert "unknown alliance 'ASEAN'" in err
    assert "--force" in err


def test_agreed_set_that_was_trained_on_is_refused(gate, tmp_path, train_examples, capsys):
    known = train_examples[0]
    row = {"id": "known", "text": known.candidate.text, "state": known.candidate.state,
           "alliance": known.candidate.alliance, "stance": str(known.label.stance)}  # fmt: skip
    data = tmp_path / "agreed.jsonl"
    data.write_text(json.dumps(row) + "\n", encoding="utf-8")
    assert gate("--data", str(data)) == 2
    err = capsys.readouterr().err
    assert "fitted on the sentences of 1 of the 1 triples of agreed.jsonl, such as known" in err
    assert "--force" in err


def test_holder_that_cannot_be_loaded_is_a_clear_error(gate, tmp_path, capsys):
    project = tmp_path / "project"
    assert gate("--model", "lexicon", "--force", "a start") == 0
    # the store of the copied project points to the files of the first one, so they are put back
    with fetched_model("models:/tiny-stance/1", project) as stored:
        weights = stored / "weights" / "weights.json"
    whole = weights.read_bytes()
    weights.write_bytes(b"{}")
    capsys.readouterr()
    try:
        assert gate("--model", "majority") == 2
        err = capsys.readouterr().err
        assert gate("--model", "majority", "--force", "the old one is lost") == 0
    finally:
        weights.write_bytes(whole)
    assert "a holder that cannot be loaded" in err
    assert "Traceback" not in err
    assert "not compared" in champion(project).tags["reason"]


def test_promotions_at_once_are_made_one_after_the_other(gate, tmp_path, capsys, monkeypatch):
    assert gate("--model", "majority", "--force", "a start") == 0
    compared, told = [], []

    def decide(candidate, fitted, agreed, holder, root, **_):
        compared.append((candidate.judged.name, holder.version))
        if len(compared) == 1:
            other.start()
            deadline = time.monotonic() + 60
            while not any("waiting for another promotion" in text for text in told):
                assert len(compared) == 1, "both are compared with the same holder"
                assert time.monotonic() < deadline
                time.sleep(0.01)
                told.append(capsys.readouterr().err)
        return Decision(True, "better", "the holder")

    monkeypatch.setattr("alliance_stance.cli.gate.decide", decide)
    other = Thread(target=gate, args=("--model", "linear"))
    assert gate("--model", "lexicon") == 0
    other.join()
    assert compared == [("lexicon", "1"), ("linear", "2")]
    assert str(champion(tmp_path / "project").version) == "3"


def test_promotion_that_was_overtaken_in_a_chosen_store_is_refused(
    gate, tmp_path, capsys, monkeypatch
):
    project = tmp_path / "project"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", tracking_uri(project))
    assert gate("--model", "majority", "--force", "a start") == 0

    def decide(*_, **__):
        monkeypatch.setattr("alliance_stance.cli.gate.decide", really_decide)
        assert gate("--model", "linear", "--force", "faster") == 0
        return Decision(True, "better", "the holder")

    really_decide = gate_module.decide
    monkeypatch.setattr("alliance_stance.cli.gate.decide", decide)
    capsys.readouterr()
    assert gate("--model", "lexicon") == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert "@champion: found that version 2 holds it by now; expected version 1" in error
    client = open_store(project).MlflowClient()
    assert str(champion(project).version) == "2"
    assert len(client.search_model_versions("name = 'tiny-stance'")) == 2


def test_alias_is_looked_at_again_just_before_it_is_set(logged, monkeypatch):
    client, run_id, store = logged
    tag = type(client).set_model_version_tag

    def overtaken(self, name, version, *rest):
        tag(self, name, version, *rest)
        self.set_registered_model_alias(name, "champion", version)

    monkeypatch.setattr(type(client), "set_model_version_tag", overtaken)
    with pytest.raises(TrackingError, match="version 1 holds it by now; expected nobody"):
        register_champion("tiny-stance", run_id, {"reason": "a"}, store, instead_of=None)


def test_description_follows_the_decision_unless_somebody_wrote_one(logged):
    client, run_id, store = logged
    holder = None
    for tags, told in (
        ({"reason": "a"}, "a"),
        ({"reason": "b", "gate/forced": "c"}, "b; promoted all the same: c"),
        ({"reason": "d"}, "d"),
    ):
        register_champion("tiny-stance", run_id, tags, store, instead_of=holder)
        assert client.get_model_version("tiny-stance", "1").description == told
        holder = find_holder("tiny-stance", store)
    client.update_model_version("tiny-stance", "1", "ours")
    register_champion("tiny-stance", run_id, {"reason": "c"}, store, instead_of=holder)
    assert client.get_model_version("tiny-stance", "1").description == "ours"


def test_experiment_is_described_by_its_question_unless_somebody_did(tmp_path):
    client = open_store(tmp_path).MlflowClient()
    for question, expected in (("", None), ("Which?", "Which?"), ("What?", "Which?")):
        prepare_store("tiny", question, tmp_path)
        found = client.get_experiment_by_name("alliance-stance-tiny").tags
        assert found.get("mlflow.note.content") == expected
        assert found["mlflow.experimentKind"] == "custom_model_development"


@pytest.fixture
def far_store(gate, tmp_path, monkeypatch):
    """A store whose files MLflow has to send, with a champion; gives where they come to lie."""
    from mlflow.store.artifact import artifact_repository_registry as registry
    from mlflow.store.artifact.artifact_repo import ArtifactRepository
    from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository

    class Sending(ArtifactRepository):
        def __init__(self, *place, **options):
            super().__init__(*place, **options)
            self._kept = LocalArtifactRepository(*place, **options)

        def log_artifact(self, *what):
            self._kept.log_artifact(*what)

        def log_artifacts(self, *what):
            self._kept.log_artifacts(*what)

        def list_artifacts(self, path=None):
            return self._kept.list_artifacts(path)

        def _download_file(self, remote_file_path, local_path):
            shutil.copyfile(self._kept.get_local_path(remote_file_path), local_path)

    known = registry._artifact_repository_registry._registry
    monkeypatch.setitem(known, "file", Sending)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", tracking_uri(tmp_path / "project"))
    assert gate("--model", "majority", "--force", "a start") == 0
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "sent"))
    (tmp_path / "sent").mkdir()
    return tmp_path / "sent"


CHAMPION_ADDRESS = "models:/tiny-stance@champion"


def test_what_a_store_sends_for_a_command_is_removed(far_store, gate, tmp_path, capsys):
    text = tmp_path / "text.txt"
    text.write_text("Qatar left OPEC.", encoding="utf-8")
    assert main(["predict", str(text), "--model", CHAMPION_ADDRESS]) == 0
    assert "QAT" in capsys.readouterr().out
    assert list(far_store.iterdir()) == []
    # it opens the holder to compare, then the version that is there already
    assert gate("--model", "lexicon") == 1
    assert gate("--model", "majority") == 0
    assert list(far_store.iterdir()) == []


def test_what_a_store_sends_is_removed_where_it_cannot_be_used(far_store, monkeypatch, gate):
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", fail_to_copy)
        assert gate("--model", "lexicon") == 2
    assert list(far_store.iterdir()) == []
    monkeypatch.setattr("alliance_stance.tracking.fetching.open_artifact", interrupt)
    with pytest.raises(KeyboardInterrupt):
        load(CHAMPION_ADDRESS)
    assert list(far_store.iterdir()) == []


def fail_to_copy(*_):
    raise OSError("broken off")


def interrupt(*_):
    raise KeyboardInterrupt


def test_what_a_store_sends_stays_while_the_model_is_held(far_store):
    model = load(CHAMPION_ADDRESS).artifact.model
    assert len(list(far_store.iterdir())) == 1
    del model
    assert list(far_store.iterdir()) == []


@pytest.mark.parametrize("is_chosen", [True, False])
def test_files_of_a_store_on_this_machine_stay(gate, tmp_path, monkeypatch, is_chosen):
    project = tmp_path / "project"
    assert gate("--model", "majority", "--force", "a start") == 0
    if is_chosen:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", tracking_uri(project))
    before = champion_folder(project)
    load(CHAMPION_ADDRESS)
    assert champion_folder(project) == before
    with fetched_model(CHAMPION_ADDRESS, project) as folder:
        assert sorted(folder.iterdir()) == before
    assert champion_folder(project) == before


def champion_folder(project: Path) -> list[Path]:
    location = find_local_folder(CHAMPION_ADDRESS, project / "mlflow.db")
    return sorted(model_folder(location).iterdir())


@pytest.fixture
def client(store):
    """The client of an empty store whose tiny experiment is the current one."""
    prepare_store("tiny", "Which is best?", store)
    return open_store(store).MlflowClient()


def tiny_run(client, **tags) -> str:
    experiment = client.get_experiment_by_name("alliance-stance-tiny").experiment_id
    return client.create_run(experiment, tags=tags).info.run_id


def test_run_of_a_process_that_is_gone_is_marked_and_no_other(client, store):
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    host, start = socket.gethostname(), process_start(child.pid)
    gone = {"host": host, "process": str(child.pid), "process_start": start}
    child.kill()
    while process_start(child.pid) is not None:
        time.sleep(0.01)
    own = {"host": host, "process": str(os.getpid()), "process_start": process_start(os.getpid())}
    wanted = {
        tiny_run(client, **gone): "KILLED",
        # its number is that of another process by now
        tiny_run(client, **{**own, "process_start": start}): "KILLED",
        tiny_run(client, **own): "RUNNING",
        tiny_run(client, **{**gone, "host": "another"}): "RUNNING",
        tiny_run(client, **{**gone, "process_start": ""}): "RUNNING",
        tiny_run(client): "RUNNING",
    }
    child.communicate()
    closed = close_gone_runs("tiny", store)
    assert {run: client.get_run(run).info.status for run in wanted} == wanted
    assert sorted(closed) == sorted(run for run in wanted if wanted[run] == "KILLED")
    assert client.get_run(closed[0]).data.tags["reason"] == "its process was gone"
    assert close_gone_runs("tiny", store) == []


def end_by(error, store, seen):
    """Work on a run until an error."""
    with running("one", "key", store) as run_id:
        seen += [run_id, open_store(store).MlflowClient().get_run(run_id).info.status]
        raise error


@pytest.mark.parametrize(
    ("error", "status"), [(KeyboardInterrupt, "KILLED"), (ValueError, "FAILED")]
)
def test_run_that_does_not_end_well_says_so_at_once(client, store, error, status):
    seen = []
    with pytest.raises(error):
        end_by(error, store, seen)
    assert (seen[1], client.get_run(seen[0]).info.status) == ("RUNNING", status)


def test_killed_run_names_the_one_that_came_after_it(client, store):
    with pytest.raises(KeyboardInterrupt), running("one", "key", store) as first:
        raise KeyboardInterrupt
    with running("one", "another", store) as other:
        pass
    with pytest.raises(KeyboardInterrupt), running("one", "key", store) as second:
        raise KeyboardInterrupt
    with running("one", "key", store) as third:
        pass
    tags = {run: client.get_run(run).data.tags for run in (first, other, second, third)}
    assert [tags[run].get("continued_by") for run in tags] == [second, None, third, None]
    assert [tags[run].get("continues") for run in tags] == [None, None, first, second]


@pytest.mark.parametrize("name", ["gold+open", "dev (1)", "a,b", "x&y"])
def test_any_name_of_a_file_can_begin_a_metric(trained, tmp_path, name):
    labelled = tmp_path / f"{name}.jsonl"
    rows = [
        {"id": f"{n}", "document": f"{n}", "text": text, "state": "QAT", "alliance": "OPEC",
         "stance": stance}
        for n, (text, stance) in enumerate(
            [("Qatar has left the OPEC.", "against"), ("Qatar lauded the OPEC.", "favor")]
        )
    ]  # fmt: skip
    labelled.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    arguments = ["compare", "experiments/tiny", "--data", str(labelled), "--no-probes"]
    assert main([*arguments, "--output", str(tmp_path / "r.md")]) == 0
    assert main([*arguments, "--output", str(labelled)]) == 2
    assert len(labelled.read_text().splitlines()) == 2


def test_a_library_that_a_fit_lacks_is_not_the_stores(client, store):
    with pytest.raises(ModuleNotFoundError), running("one", "key", store):
        raise ModuleNotFoundError("no skorch", name="skorch")
