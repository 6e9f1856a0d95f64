import numpy as np
import pytest

from alliance_stance.draws import draw_documents
from alliance_stance.evaluation.calibration import (
    abstain,
    bin_sums,
    calibration_error_of,
    calibration_interval,
    reliability,
    selective_curve,
)
from alliance_stance.evaluation.metrics import Scored, calibration_error


def scored(right, probabilities, documents=None) -> Scored:
    count = len(right)
    return Scored(
        [str(i) for i in range(count)],
        documents or [str(i) for i in range(count)],
        np.array(right),
        np.array(probabilities),
        np.full(count, -1),
        np.zeros((count, 14)),
    )


# four times sure at 0.9, right 2 of 4; twice at 0.5, right 1 of 2
PROBABILITIES = [[0.9, 0.1, 0]] * 4 + [[0.5, 0.3, 0.2]] * 2
RIGHT = [0, 0, 1, 1, 0, 1]


@pytest.fixture(scope="module")
def many() -> Scored:
    random = np.random.default_rng(5)
    probabilities = random.dirichlet([2, 1, 1], size=900)
    cumulated = probabilities.cumsum(axis=1)
    right = (random.random(900)[:, None] > cumulated).sum(axis=1)
    return scored(right, probabilities, [str(i // 3) for i in range(900)])


def test_error_from_sums_is_that_from_rows(many):
    resamples = draw_documents(many.documents, seed=1)
    found = calibration_error_of(bin_sums(many, resamples).sum(axis=0))
    assert found == pytest.approx(calibration_error(many.stances, many.probabilities))


def test_interval_of_the_error_holds_it(many):
    resamples = draw_documents(many.documents, seed=1)
    interval = calibration_interval([many], resamples)
    assert 0 <= interval.low < interval.value < interval.high < 0.1


def test_bins_are_counted_by_hand():
    own = scored(RIGHT, PROBABILITIES)
    first, second = reliability(own, draw_documents(own.documents, seed=1))
    assert (first.low, first.count, first.confidence, first.hit_share.value) == (0.5, 2, 0.5, 1 / 2)
    assert (second.low, second.count, second.confidence) == pytest.approx((0.9, 4, 0.9))
    assert second.hit_share.low <= 0.5 <= second.hit_share.high


def test_certainty_is_in_the_last_bin():
    own = scored([0, 0], [[1.0, 0, 0]] * 2)
    (only,) = reliability(own, draw_documents(own.documents, seed=1))
    assert (only.high, only.hit_share.value) == (1, 1)


def test_equal_probabilities_come_in_together():
    curve = selective_curve(np.array(RIGHT), np.array(PROBABILITIES))
    assert curve.coverage.tolist() == pytest.approx([4 / 6, 1])
    assert curve.risk.tolist() == pytest.approx([2 / 4, 3 / 6])
    assert curve.area == pytest.approx(1 / 2)


def test_threshold_leaves_out_the_unsure():
    own = scored(RIGHT, PROBABILITIES)
    left = abstain(own, draw_documents(own.documents, seed=1), 0.6)
    assert left.answered_count == 4
    assert left.coverage.value == pytest.approx(4 / 6)
    assert left.accuracy.value == 1 / 2
    # against: 2 hits, 2 right, 4 given; the others none
    assert left.macro_f1.value == pytest.approx(2 * 2 / 6 / 3)


def test_probability_equal_to_the_threshold_is_answered():
    own = scored(RIGHT, PROBABILITIES)
    assert abstain(own, draw_documents(own.documents, seed=1), 0.9).answered_count == 4
    assert abstain(own, draw_documents(own.documents, seed=1), 0.0).coverage.value == 1


def test_nothing_answered_has_no_score():
    own = scored(RIGHT, PROBABILITIES)
    left = abstain(own, draw_documents(own.documents, seed=1), 1.0)
    assert (left.answered_count, left.coverage.value) == (0, 0)
    assert left.macro_f1 is None
    assert left.accuracy is None
