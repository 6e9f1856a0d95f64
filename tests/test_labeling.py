import pytest

from alliance_stance.errors import DatasetError
from alliance_stance.labeling.agreement import measure_agreement


def test_perfect_agreement_is_one():
    measured = measure_agreement(["a", "b", "a"], ["a", "b", "a"])
    assert (measured.count, measured.share) == (3, 1)
    assert measured.kappa == pytest.approx(1)
    assert measured.alpha == pytest.approx(1)


def test_agreement_is_counted_by_hand():
    # same on 3 of 4; chance: 1/2 * 3/4 + 1/2 * 1/4 = 1/2
    measured = measure_agreement(["a", "a", "b", "b"], ["a", "a", "b", "a"])
    assert measured.share == 3 / 4
    assert measured.kappa == pytest.approx((3 / 4 - 1 / 2) / (1 / 2))
    # eight labels, five a and three b: 1 - 7 * 2 / (2 * 5 * 3)
    assert measured.alpha == pytest.approx(1 - 7 * 2 / 30)


def test_one_label_only_is_perfect_agreement():
    assert measure_agreement(["a", "a"], ["a", "a"]).alpha == 1


@pytest.mark.parametrize(("first", "second"), [([], []), (["a"], ["a", "b"])])
def test_nothing_to_compare_is_refused(first, second):
    with pytest.raises(DatasetError):
        measure_agreement(first, second)
