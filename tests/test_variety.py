import pytest

from alliance_stance.evaluation.variety import measure_variety, nearest_overlaps


def test_ratio_is_counted_by_hand():
    found = measure_variety(["The pact holds.", "the pact breaks"])
    assert (found.sentence_count, found.word_count, found.words_a_sentence) == (2, 6, 3)
    assert found.type_token_ratio == pytest.approx(4 / 6)
    assert found.moving_ratio == pytest.approx(4 / 6)
    assert found.copy_share == 0


def test_a_repeated_sentence_counts_once():
    assert measure_variety(["We left today."] * 3).sentence_count == 1


def test_moving_ratio_does_not_fall_with_the_size():
    words = [f"w{i % 600}" for i in range(5000)]
    long = measure_variety([" ".join(words)])
    assert long.moving_ratio == 1
    assert long.type_token_ratio == pytest.approx(600 / 5000)


def test_near_copies_are_counted_from_both_sides():
    copies = [
        "The minister said that the pact would hold for ever",
        "The minister said that the pact would hold for long",
        "Nobody in the capital had heard of any such promise",
    ]
    assert [round(o, 2) for o in nearest_overlaps(copies)] == [0.86, 0.86, 0]
    assert measure_variety(copies).copy_share == pytest.approx(2 / 3)


def test_a_sentence_is_no_copy_of_itself():
    assert nearest_overlaps(["one two three four five"]).tolist() == [0]


def test_nothing_is_measured_as_nothing():
    found = measure_variety([])
    assert (found.sentence_count, found.word_count, found.copy_share) == (0, 0, 0)
