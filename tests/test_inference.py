import json
import shutil
from dataclasses import replace

import pytest

from alliance_stance import load
from alliance_stance.errors import ArtifactError, InputError, KnowledgeError
from alliance_stance.inference.artifact import open_artifact, read_manifest, save_artifact
from alliance_stance.inference.predictor import Predictor, prediction_row
from alliance_stance.schema import STANCE_OF_ACT, Candidate, Document, Example

TEXT = "It rained. Qatar left OPEC. Peru praised ASEAN and blamed OPEC."
DOCUMENT_KEYS = [
    "document", "sentence", "start", "end", "text", "state", "alliance", "state_how",
    "alliance_how", "state_mention", "alliance_mention", "membership", "stance", "act", "score",
    "probabilities",
]  # fmt: skip


def ready(state: str = "QAT", alliance: str = "OPEC") -> Example:
    text = "Qatar left OPEC."
    return Example("e7", Candidate("d", 0, 0, len(text), text, "", state, alliance))


def test_saved_model_opens_and_predicts_like_the_fitted_one(fitted, predictor, dev_examples):
    rows = [e.candidate for e in dev_examples]
    expected = fitted("linear").predict_proba(rows)
    assert predictor.artifact.model.predict_proba(rows).tolist() == expected.tolist()


def test_saved_model_carries_its_knowledge(predictor, knowledge):
    assert predictor.artifact.knowledge.fingerprint == knowledge.fingerprint


def test_load_opens_a_folder(linear_artifact):
    assert isinstance(load(str(linear_artifact)), Predictor)


@pytest.mark.parametrize(
    "name", ["config.json", "labels.json", "weights/linear.safetensors", "knowledge/offices.csv"]
)
def test_missing_file_is_refused(artifact_copy, name):
    (artifact_copy / name).unlink()
    with pytest.raises(ArtifactError, match="missing file"):
        open_artifact(artifact_copy)


@pytest.mark.parametrize(
    "name", ["config.json", "README.md", "weights/linear.safetensors", "knowledge/offices.csv"]
)
def test_altered_file_is_refused(artifact_copy, name):
    with (artifact_copy / name).open("ab") as file:
        file.write(b" ")
    with pytest.raises(ArtifactError, match=r"sha256|bytes"):
        open_artifact(artifact_copy)


@pytest.mark.parametrize("name", ["extra.py", "weights/extra.pkl", "knowledge/.hidden"])
def test_added_file_is_refused(artifact_copy, name):
    (artifact_copy / name).write_text("", encoding="utf-8")
    with pytest.raises(ArtifactError, match="unlisted file"):
        open_artifact(artifact_copy)


@pytest.mark.parametrize("name", ["config.json", "weights/linear.safetensors", "manifest.json"])
def test_link_in_place_of_a_file_is_refused(artifact_copy, tmp_path, name):
    target = tmp_path / "elsewhere"
    shutil.move(artifact_copy / name, target)
    (artifact_copy / name).symlink_to(target)
    with pytest.raises(ArtifactError):
        open_artifact(artifact_copy)


@pytest.mark.parametrize("name", ["weights", "knowledge"])
def test_link_in_place_of_a_folder_is_refused(artifact_copy, tmp_path, name):
    target = tmp_path / "elsewhere"
    shutil.move(artifact_copy / name, target)
    (artifact_copy / name).symlink_to(target)
    with pytest.raises(ArtifactError):
        open_artifact(artifact_copy)


def test_missing_folder_is_refused(tmp_path):
    with pytest.raises(ArtifactError, match="no such folder"):
        open_artifact(tmp_path / "gone")


def test_folder_without_manifest_is_refused(tmp_path):
    with pytest.raises(ArtifactError, match="no such file"):
        open_artifact(tmp_path)


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", "{", '{"format": 2, "files": {}}', '{"format": 1, "files": []}', "[" * 99999],
)
def test_bad_manifest_is_refused(artifact_copy, content):
    (artifact_copy / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(ArtifactError):
        open_artifact(artifact_copy)


def test_manifest_that_points_outside_is_refused(artifact_copy, tmp_path):
    (tmp_path / "outside.txt").write_text("x", encoding="utf-8")
    manifest = read_manifest(artifact_copy)
    manifest["files"]["../outside.txt"] = {"sha256": "0"}
    (artifact_copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ArtifactError):
        open_artifact(artifact_copy)


def resign(folder, name: str, content: object) -> None:
    """Write a file and its new checksum, as an attacker or another version would."""
    from alliance_stance.fingerprints import file_fingerprint

    (folder / name).write_text(json.dumps(content), encoding="utf-8")
    manifest = read_manifest(folder)
    manifest["files"][name] = {"sha256": file_fingerprint(folder / name)}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def test_other_labels_are_refused(artifact_copy):
    resign(artifact_copy, "labels.json", {"stances": ["pro", "con"], "acts": []})
    with pytest.raises(ArtifactError, match=r"labels\.json"):
        open_artifact(artifact_copy)


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"kind": "oracle", "settings": {}},
        {"kind": "linear", "settings": {"c": -1}},
        {"kind": "linear", "settings": [1]},
        {"kind": "majority", "settings": {}, "seed": "x"},
        {"kind": "majority", "settings": {}, "seed": float("inf")},
        {"kind": "majority", "settings": {}, "seed": 0},
    ],
)
def test_config_of_no_such_model_is_refused(artifact_copy, config):
    resign(artifact_copy, "config.json", config)
    with pytest.raises(ArtifactError):
        open_artifact(artifact_copy)


def test_saving_replaces_the_older_model_whole(artifact_copy, fitted, knowledge):
    config = {"kind": "majority", "settings": {}, "seed": 0}
    save_artifact(artifact_copy, fitted("majority"), knowledge, config=config, facts={},
                  documents={})  # fmt: skip
    assert open_artifact(artifact_copy).manifest["format"] == 1
    assert not (artifact_copy / "weights" / "linear.safetensors").exists()


def test_failed_saving_leaves_the_older_model(artifact_copy, new_model, knowledge):
    config = {"kind": "majority", "settings": {}, "seed": 0}
    with pytest.raises(AttributeError):  # not fitted
        save_artifact(artifact_copy, new_model("majority"), knowledge, config=config, facts={},
                      documents={})  # fmt: skip
    open_artifact(artifact_copy)
    assert [path.name for path in artifact_copy.parent.iterdir()] == ["model"]


def test_text_gives_one_prediction_a_pair(predictor):
    found = predictor.predict(TEXT)
    assert [(p.candidate.sentence, p.candidate.state, p.candidate.alliance) for p in found] == [
        (1, "QAT", "OPEC"),
        (2, "PER", "ASEAN"),
        (2, "PER", "OPEC"),
    ]
    for prediction in found:
        assert STANCE_OF_ACT[prediction.act] is prediction.stance
        assert sum(prediction.probabilities.values()) == pytest.approx(1)
        assert prediction.stance == max(prediction.probabilities, key=prediction.probabilities.get)
        assert -1 <= prediction.score <= 1
        candidate = prediction.candidate
        assert TEXT[candidate.start : candidate.end] == candidate.text


def test_document_keeps_its_id_and_speaker(predictor):
    document = Document("doc-1", "We left OPEC.", speaker_state="QAT")
    (prediction,) = predictor.predict(document)
    assert prediction.candidate.document == "doc-1"
    assert prediction.candidate.state == "QAT"
    assert prediction.id is None


def test_example_is_one_prediction_with_its_id(predictor):
    (prediction,) = predictor.predict(ready())
    assert prediction.id == "e7"
    assert prediction.candidate.mentions


def test_batch_answers_in_order(predictor):
    batch = predictor.predict_batch([ready(), "It rained.", TEXT, ""])
    assert [len(predictions) for predictions in batch] == [1, 0, 3, 0]
    assert batch[2] == predictor.predict(TEXT)


@pytest.mark.parametrize("text", ["", "   ", "It rained.", "\n\n", "NATO.", "Peru."])
def test_text_without_a_pair_gives_nothing(predictor, text):
    assert predictor.predict(text) == []


def test_empty_batch_gives_nothing(predictor):
    assert predictor.predict_batch([]) == []


@pytest.mark.parametrize(("state", "alliance"), [("QQQ", "OPEC"), ("QAT", "HANSA")])
def test_unknown_pair_is_refused(predictor, state, alliance):
    with pytest.raises(KnowledgeError, match="unknown"):
        predictor.predict(ready(state, alliance))


@pytest.mark.parametrize("speaker", ["QQQ", ""])
def test_unknown_speaker_is_refused(predictor, speaker):
    with pytest.raises(KnowledgeError, match="unknown state"):
        predictor.predict(Document("d", "We left OPEC.", speaker_state=speaker))


@pytest.mark.parametrize("other", [None, 5, b"Qatar left OPEC.", {"text": TEXT}, [TEXT]])
def test_what_is_no_document_is_refused_by_its_type(predictor, other):
    with pytest.raises(InputError, match=f"found one of type {type(other).__name__}"):
        predictor.predict(other)
    with pytest.raises(InputError, match=f"found one of type {type(other).__name__}"):
        list(predictor.score([other]))


def test_one_text_is_no_batch(predictor):
    for answer in (predictor.predict_batch, lambda text: list(predictor.score(text))):
        with pytest.raises(InputError, match="found one text"):
            answer(TEXT)


@pytest.mark.parametrize("date", ["1 May 1985", "1985-02-30", 1985])
def test_a_date_of_another_form_is_refused(predictor, date):
    example = ready()
    dated = replace(example, candidate=replace(example.candidate, date=date))
    for item in (Document("d", TEXT, date=date), dated):
        with pytest.raises(InputError, match=f"{item.id}: found date {date!r}"):
            predictor.predict(item)


def test_row_of_a_document_has_offsets(predictor):
    row = prediction_row(predictor.predict(TEXT)[0])
    assert list(row) == DOCUMENT_KEYS
    assert (row["document"], row["sentence"], row["start"], row["end"]) == ("text", 1, 11, 27)
    assert set(row["probabilities"]) == {"favor", "neutral", "against"}
    probabilities = row["probabilities"]
    assert row["score"] == pytest.approx(
        probabilities["favor"] - probabilities["against"], abs=2e-6
    )
    json.dumps(row)


def test_row_of_an_example_has_its_id_and_no_offsets(predictor):
    row = prediction_row(predictor.predict(ready())[0])
    assert row["id"] == "e7"
    assert not {"start", "end", "sentence"} & row.keys()
