import numpy as np
import pytest

from alliance_stance.draws import DRAWS, bounds, draw_counts, draw_documents
from alliance_stance.evaluation.bootstrap import (
    Interval,
    bootstrap,
    paired_bootstrap,
    percentiles,
)
from alliance_stance.evaluation.metrics import accuracy, macro_f1, polar_f1
from alliance_stance.evaluation.resampling import (
    accuracy_of,
    confusion_sums,
    difference_interval,
    drawn_scores,
    macro_f1_of,
    one_stance_f1,
    polar_f1_of,
    score_interval,
)
from alliance_stance.evaluation.significance import approximate_randomisation, holm

RANDOM = np.random.default_rng(3)
RIGHT = RANDOM.integers(3, size=120)
DOCUMENTS = [str(i // 3) for i in range(120)]


def answers(share: float, seed: int) -> np.ndarray:
    """Predictions of which about this share is right."""
    random = np.random.default_rng(seed)
    return np.where(random.random(120) < share, RIGHT, random.integers(3, size=120))


@pytest.fixture(scope="module")
def resamples():
    return draw_documents(DOCUMENTS, seed=1)


def sums(resamples, *predicted):
    return [confusion_sums(RIGHT, own, resamples) for own in predicted]


@pytest.mark.parametrize(
    ("statistic", "metric"),
    [(macro_f1_of, macro_f1), (polar_f1_of, polar_f1), (accuracy_of, accuracy)],
)
def test_interval_from_sums_is_that_from_rows(resamples, statistic, metric):
    given = answers(0.6, 1)
    found = score_interval(statistic, sums(resamples, given), resamples, "a")
    expected = bootstrap(metric, RIGHT, given, DOCUMENTS, seed=1)
    assert (found.value, found.low, found.high) == pytest.approx(
        (expected.value, expected.low, expected.high)
    )


def test_difference_from_sums_is_that_from_rows(resamples):
    one, two = answers(0.7, 1), answers(0.5, 2)
    own, its = sums(resamples, one), sums(resamples, two)
    found = difference_interval(macro_f1_of, ("a", own), ("b", its), resamples)
    expected = paired_bootstrap(macro_f1, RIGHT, (one, two), DOCUMENTS, seed=1)
    assert (found.value, found.low, found.high) == pytest.approx(
        (expected.value, expected.low, expected.high)
    )


def test_f1_of_one_stance_is_counted_by_hand():
    # against: 2 hits, 3 right, 2 given
    drawn = draw_documents(["a"] * 4, seed=1)
    counts = confusion_sums(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), drawn).sum(axis=0)
    assert one_stance_f1(0)(counts) == 4 / 5
    assert one_stance_f1(1)(counts) == 2 / 3
    assert one_stance_f1(2)(counts) == 0


def test_seeds_widen_the_interval(resamples):
    same = answers(0.6, 1)
    documents_alone = score_interval(macro_f1_of, sums(resamples, same, same), resamples, "a")
    good, bad = RIGHT, answers(0.2, 5)
    both = score_interval(macro_f1_of, sums(resamples, good, bad), resamples, "a")
    assert documents_alone == score_interval(macro_f1_of, sums(resamples, same), resamples, "a")
    assert both.value == pytest.approx((1 + macro_f1(RIGHT, bad)) / 2)
    # a quarter of the draws takes the bad seed twice, a quarter the good one
    assert both.low < macro_f1(RIGHT, bad) + 0.05
    assert both.high == 1


def test_each_model_draws_its_own_seeds(resamples):
    own = sums(resamples, RIGHT, answers(0.2, 5))
    first = drawn_scores(macro_f1_of, own, resamples, "a")
    assert (first == drawn_scores(macro_f1_of, own, resamples, "a")).all()
    assert (first != drawn_scores(macro_f1_of, own, resamples, "b")).any()


def test_draw_without_a_row_of_the_slice_does_not_count():
    documents = ["a", "b", "c", "d"]
    drawn = draw_documents(documents, seed=1)
    right = np.array([0, 1, 2, 0])
    part = [confusion_sums(right, right, drawn, np.array([0]))]
    scores = drawn_scores(accuracy_of, part, drawn, "a")
    # the first document is in no draw with probability (3/4)^4
    assert np.isnan(scores).mean() == pytest.approx((3 / 4) ** 4, abs=0.05)
    assert score_interval(accuracy_of, part, drawn, "a") == Interval(1, 1, 1)


def test_nothing_but_empty_draws_has_no_interval():
    interval = percentiles(0.5, np.full(3, np.nan))
    assert interval.value == 0.5
    assert np.isnan([interval.low, interval.high]).all()


def test_bias_is_taken_out_and_bounds_stay_in_range():
    draws = np.linspace(0.1, 0.3, 1001)
    interval = percentiles(0.1, draws, is_centred=True)
    assert (interval.low, interval.high) == pytest.approx((0.005, 0.195))
    assert percentiles(0.01, draws, is_centred=True).low == 0


def test_p_of_few_documents_is_counted_by_hand():
    # three documents, the first model right in all, the second in none: of the 8 ways to swap, the
    # two extreme ones differ by as much
    drawn = draw_documents(["a", "b", "c"], seed=1)
    right = np.array([0, 1, 2])
    one = [confusion_sums(right, right, drawn)]
    two = [confusion_sums(right, (right + 1) % 3, drawn)]
    assert approximate_randomisation(accuracy_of, one, two, seed=1) == pytest.approx(2 / 8)


def test_rows_of_a_document_are_swapped_together():
    # thirty rows in two documents are two observations, not thirty: no p below 2/4
    documents = ["a"] * 15 + ["b"] * 15
    drawn = draw_documents(documents, seed=1)
    right = np.arange(30) % 3
    one = [confusion_sums(right, right, drawn)]
    two = [confusion_sums(right, (right + 1) % 3, drawn)]
    assert approximate_randomisation(accuracy_of, one, two, seed=1) == pytest.approx(1 / 2)


def test_equal_models_have_p_of_one(resamples):
    own = sums(resamples, answers(0.6, 1))
    assert approximate_randomisation(macro_f1_of, own, own, seed=1) == 1


def test_p_is_small_where_a_model_is_clearly_better(resamples):
    good, bad = sums(resamples, answers(0.9, 1)), sums(resamples, answers(0.3, 2))
    p = approximate_randomisation(macro_f1_of, good, bad, seed=1)
    assert p == approximate_randomisation(macro_f1_of, good, bad, seed=1)
    assert p < 0.001
    assert p == approximate_randomisation(macro_f1_of, bad, good, seed=1)


def test_p_of_models_that_do_not_differ_is_spread_evenly():
    """A test at 0.2 must reject about a fifth of the time; rows of a document are alike here."""
    random = np.random.default_rng(7)
    right = np.repeat(random.integers(3, size=30), 4)
    drawn = draw_documents([str(i // 4) for i in range(120)], seed=1)
    rejected = 0
    for _ in range(60):
        hits = np.repeat(random.random((2, 30)) < 0.6, 4, axis=1)
        one, two = (
            [confusion_sums(right, np.where(own, right, (right + 1) % 3), drawn)] for own in hits
        )
        rejected += approximate_randomisation(accuracy_of, one, two, seed=1) < 0.2
    assert 3 <= rejected <= 22


def test_other_number_of_seeds_is_compared_by_mean_counts(resamples):
    several = sums(resamples, answers(0.9, 1), answers(0.9, 2), answers(0.9, 3))
    one = sums(resamples, answers(0.3, 4))
    assert approximate_randomisation(macro_f1_of, several, one, seed=1) < 0.001


def test_holm_is_counted_by_hand():
    # 0.01 x 4; 0.02 x 3; 0.03 x 2 is 0.06 as well; 0.5 x 1
    assert holm([0.5, 0.01, 0.03, 0.02]) == pytest.approx([0.5, 0.04, 0.06, 0.06])
    assert holm([]) == []
    assert holm([0.9, 0.8]) == [1.0, 1.0]


@pytest.mark.parametrize("draw", [draw_documents, draw_counts])
def test_each_draw_takes_as_many_documents_as_there_are(draw):
    resamples = draw(["b", "a", "b"], seed=1)
    assert resamples.owners.tolist() == [1, 0, 1]
    assert resamples.drawn.shape == (DRAWS, resamples.document_count) == (DRAWS, 2)
    assert set(resamples.drawn.sum(axis=1)) == {2}
    assert resamples.sum_rows(np.array([[1, 2], [3, 4], [5, 6]])).tolist() == [[3, 4], [6, 8]]
    assert resamples.sum_rows(np.array([1, 3, 5])).tolist() == [3, 6]


def test_bounds_hold_the_middle_of_each_column():
    low, high = bounds(np.column_stack([np.arange(1001), -np.arange(1001)]))
    assert low == pytest.approx([25, -975])
    assert high == pytest.approx([975, -25])
