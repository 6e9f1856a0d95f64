import numpy as np
import pytest
from sklearn import metrics as sk

from alliance_stance.errors import ArtifactError, DatasetError
from alliance_stance.evaluation.bootstrap import Interval, bootstrap, paired_bootstrap
from alliance_stance.evaluation.metrics import (
    Scored,
    accuracy,
    act_position,
    act_scores,
    calibration_error,
    confusion,
    log_loss,
    macro_f1,
    polar_f1,
    stance_scores,
)
from alliance_stance.evaluation.report import measure, score_examples
from alliance_stance.schema import ACTS, Act, Example

#                 against   favor     neutral
RIGHT = np.array([0, 0, 0, 1, 1, 2])
GIVEN = np.array([0, 0, 1, 1, 2, 2])
# against: 2 hits of 3 right and 2 given; favor: 1 of 2 and 2; neutral: 1 of 1 and 2
F1 = (4 / 5, 2 / 4, 2 / 3)
DOCUMENTS = ["a", "a", "b", "b", "c", "d"]


def scored(right=RIGHT, given=GIVEN, acts=None) -> Scored:
    count = len(right)
    act_probabilities = np.full((count, 14), 1 / 14)
    return Scored(
        [str(i) for i in range(count)],
        DOCUMENTS[:count],
        right,
        np.eye(3)[given] * 0.7 + 0.1,
        np.full(count, -1) if acts is None else acts,
        act_probabilities,
    )


def test_f1_is_counted_by_hand():
    assert macro_f1(RIGHT, GIVEN) == pytest.approx(sum(F1) / 3)
    assert polar_f1(RIGHT, GIVEN) == pytest.approx((F1[0] + F1[1]) / 2)
    assert accuracy(RIGHT, GIVEN) == 4 / 6


def test_stance_that_nobody_gave_counts_as_zero():
    only = np.array([1, 1])
    assert macro_f1(only, only) == pytest.approx(1 / 3)
    assert polar_f1(only, only) == 1 / 2


def test_scores_equal_those_of_scikit_learn():
    random = np.random.default_rng(3)
    right, given = random.integers(3, size=(2, 200))
    probabilities = random.dirichlet([1, 1, 1], size=200)
    assert macro_f1(right, given) == pytest.approx(sk.f1_score(right, given, average="macro"))
    assert accuracy(right, given) == sk.accuracy_score(right, given)
    assert log_loss(right, probabilities) == pytest.approx(
        sk.log_loss(right, probabilities, labels=[0, 1, 2])
    )


def test_stance_scores_are_counted_by_hand():
    assert stance_scores(scored())["against"] == pytest.approx(
        {"precision": 2 / 2, "recall": 2 / 3, "f1": 4 / 5, "count": 3}
    )


def test_confusion_has_right_stances_in_rows():
    assert confusion(scored()) == [[2, 1, 0], [0, 1, 1], [0, 0, 1]]


def test_log_loss_of_an_impossible_event_is_finite():
    assert np.isfinite(log_loss(np.array([0]), np.array([[0.0, 1.0, 0.0]])))


def test_calibration_error_is_counted_by_hand():
    # four times sure at 0.9, right 2 of 4; twice at 0.5, right 1 of 2
    probabilities = np.array([[0.9, 0.1, 0]] * 4 + [[0.5, 0.3, 0.2]] * 2)
    right = np.array([0, 0, 1, 1, 0, 1])
    assert calibration_error(right, probabilities) == pytest.approx(4 / 6 * 0.4)


def test_calibration_of_certainty_is_in_the_last_bin():
    assert calibration_error(np.array([0, 0]), np.array([[1.0, 0, 0]] * 2)) == 0


def test_acts_that_are_not_known_are_left_out():
    acts = np.array([ACTS.index(Act.CONFRONT), -1, -1, -1, -1, ACTS.index(Act.JOIN)])
    # even probabilities: half the acts are against, and confront is the first of those
    assert act_scores(scored(acts=acts)) == {"act_accuracy": 1 / 2, "act_macro_f1": (2 / 3) / 2}
    assert act_scores(scored()) == {}


def test_unknown_act_has_no_position():
    assert act_position(None) == -1
    assert act_position("affirm") == 0


def test_interval_holds_the_value_and_is_the_same_again():
    first = bootstrap(macro_f1, RIGHT, GIVEN, DOCUMENTS, seed=1)
    assert first == bootstrap(macro_f1, RIGHT, GIVEN, DOCUMENTS, seed=1)
    assert first.low <= first.value <= first.high
    assert first.low < first.high


def test_interval_depends_on_the_seed():
    random = np.random.default_rng(3)
    right, given = random.integers(3, size=(2, 60))
    documents = [str(i // 2) for i in range(60)]
    first = bootstrap(macro_f1, right, given, documents, seed=1)
    assert first != bootstrap(macro_f1, right, given, documents, seed=2)


def test_one_document_has_an_interval_of_no_width():
    interval = bootstrap(accuracy, RIGHT, GIVEN, ["a"] * 6, seed=1)
    assert interval.low == interval.high == interval.value == 4 / 6


def test_interval_agrees_with_the_closed_form():
    random = np.random.default_rng(3)
    right = np.zeros(400, dtype=int)
    given = (random.random(400) < 0.3).astype(int)
    interval = bootstrap(accuracy, right, given, [str(i) for i in range(400)], seed=1)
    share = float((given == 0).mean())
    half = 1.96 * (share * (1 - share) / 400) ** 0.5
    assert interval.low == pytest.approx(share - half, abs=0.01)
    assert interval.high == pytest.approx(share + half, abs=0.01)


def test_documents_are_drawn_whole():
    # right in one document of ten rows, wrong in the other: a draw scores 0, 1/2 or 1, no more
    right, given = np.zeros(20, dtype=int), np.repeat([0, 1], 10)
    seen = set()

    def watch(r, g):
        seen.add(accuracy(r, g))
        return accuracy(r, g)

    bootstrap(watch, right, given, ["a"] * 10 + ["b"] * 10, seed=1)
    assert seen == {0, 1 / 2, 1}


def test_equal_predictions_differ_by_nothing():
    difference = paired_bootstrap(macro_f1, RIGHT, (GIVEN, GIVEN), DOCUMENTS, seed=1)
    assert difference == Interval(0, 0, 0)


def test_turned_difference_is_the_negative():
    one = paired_bootstrap(accuracy, RIGHT, (RIGHT, GIVEN), DOCUMENTS, seed=1)
    two = paired_bootstrap(accuracy, RIGHT, (GIVEN, RIGHT), DOCUMENTS, seed=1)
    assert one.value == -two.value == pytest.approx(2 / 6)
    assert one.low == pytest.approx(-two.high)


def test_record_has_count_split_and_fingerprint():
    record = measure(scored(), split="dev", data_fingerprint="f")
    assert record["example_count"] == 6
    assert record["document_count"] == 4
    assert (record["split"], record["data_fingerprint"]) == ("dev", "f")
    assert record["macro_f1"]["low"] <= record["macro_f1"]["value"] <= record["macro_f1"]["high"]
    assert sum(map(sum, record["confusion"])) == 6


def test_model_is_scored_beside_its_labels(fitted, dev_examples):
    result = score_examples(fitted("linear"), dev_examples, where="dev")
    assert result.ids == [e.id for e in dev_examples]
    assert [ACTS[i] for i in result.acts] == [e.label.act for e in dev_examples]


def test_nothing_to_score_is_refused(fitted):
    with pytest.raises(DatasetError, match="no examples"):
        score_examples(fitted("majority"), [], where="dev")


def test_example_without_label_is_refused_by_id(fitted, dev_examples):
    bare = Example("bare", dev_examples[0].candidate)
    with pytest.raises(DatasetError, match="bare"):
        score_examples(fitted("majority"), [dev_examples[0], bare], where="dev")


def test_answers_that_are_no_numbers_are_refused(dev_examples):
    class Broken:
        def predict_act_proba(self, rows):
            return np.full((len(rows), len(ACTS)), np.nan)

    with pytest.raises(ArtifactError, match="give no numbers"):
        score_examples(Broken(), dev_examples, where="tiny dev")
