from dataclasses import replace

import numpy as np
import pytest

from alliance_stance.evaluation.overlap import keys_text, sentence_key, trained_on
from alliance_stance.evaluation.slices import DIMENSIONS, FEW, Seen, cut
from alliance_stance.labeling.wording import is_denied, is_guessed, is_told
from alliance_stance.schema import Act, Candidate, Example, Label, Mention, Stance


def example(number: int, text: str = "Peru left ASEAN.", **changes) -> Example:
    mentions = (Mention("state", "PER", 0, 4, "name"), Mention("alliance", "ASEAN", 10, 15, "x"))
    candidate = Candidate(
        f"UN/{number}", 0, 0, len(text), text, "", "PER", "ASEAN", mentions, date="1994-05"
    )
    return Example(
        str(number), replace(candidate, **changes), Label(Stance.AGAINST, Act.LEAVE), "speech"
    )


ROWS = [
    example(0),
    example(1, alliance="OPEC", date="2003", membership="member"),
    example(2, "We may leave it.", mentions=(Mention("state", "PER", 0, 2, "speaker"),)),
    example(3, "Peru and Chile did not leave ASEAN, he said.", mentions=(
        Mention("state", "PER", 0, 4, "name"), Mention("state", "CHL", 9, 14, "name")), date=""),
]  # fmt: skip


SEEN = Seen(frozenset({"ASEAN"}))


def named(examples=ROWS, seen=SEEN) -> dict[tuple[str, str], list[int]]:
    return {(part.dimension, part.name): part.rows.tolist() for part in cut(examples, seen)}


@pytest.mark.parametrize(
    ("dimension", "expected"),
    [
        ("alliance in training", {"seen": [0, 2, 3], "not seen": [1]}),
        ("hedged", {"hedged": [2], "not hedged": [0, 1, 3]}),
        ("negated", {"negated": [3], "not negated": [0, 1, 2]}),
        ("reported", {"reported": [3], "not reported": [0, 1, 2]}),
        ("states in the sentence", {"one state": [0, 1, 2], "two states": [3]}),
        ("judged state", {"named": [0, 1, 3], "not named": [2]}),
        ("membership on the date", {"member": [1], "not known": [0, 2, 3]}),
        ("decade", {"1990s": [0, 2], "2000s": [1], "no date": [3]}),
    ],
)
def test_rows_fall_where_they_belong(dimension, expected):
    found = {name: rows for (own, name), rows in named().items() if own == dimension}
    assert found == expected


def test_source_is_what_stands_before_a_slash():
    ids = ("UN/1", "/srv/2", "3", "EU/4")
    rows = [example(number, document=name) for number, name in enumerate(ids)]
    found = {name: own for (dimension, name), own in named(rows).items() if dimension == "source"}
    assert found == {"UN": [0], "EU": [3]}


def test_dimension_of_one_slice_is_left_out():
    dimensions = {dimension for dimension, _ in named()}
    assert not {"act", "register", "source", "length"} & dimensions
    assert dimensions <= set(DIMENSIONS)


def test_unknown_training_data_gives_no_slice_of_it():
    assert "alliance in training" not in {d for d, _ in named(seen=Seen())}


def test_tags_may_overlap():
    rows = [replace(ROWS[0], tags=("irony", "list")), replace(ROWS[1], tags=("list",)), ROWS[2]]
    found = named(rows)
    assert (found["tag", "irony"], found["tag", "list"]) == ([0], [0, 1])


def test_longest_band_has_no_end():
    rows = [example(n, "Peru " * length) for n, length in enumerate((15, 16, 30, 31, 50, 51))]
    found = {name: own for (d, name), own in named(rows).items() if d == "length"}
    assert list(found.values()) == [[0], [1, 2], [3, 4], [5]]
    assert list(found) == ["up to 15 words", "16 to 30 words", "31 to 50 words", "over 50 words"]


def test_small_slices_say_so():
    rows = [example(n, date="1994" if n < FEW else "2003") for n in range(2 * FEW - 1)]
    small = {p.name: p.is_small for p in cut(rows, Seen()) if p.dimension == "decade"}
    assert small == {"1990s": False, "2000s": True}


@pytest.mark.parametrize(
    ("claim", "yes", "no"),
    [
        (is_guessed, "If it may leave", "On 5 May Peru left"),
        (is_guessed, "Perhaps Peru left", "Peru left in May 2014"),
        (is_guessed, "They could not rule out an exit", "They left"),
        (is_denied, "Peru can\u2019t leave", "Peru noted it"),
        (is_denied, "No state left", "Nordic states left"),
        (is_told, "\u201cWe left\u201d", "Peru left"),
        (is_told, "According to Lima: according to it, Peru left", "Peru accords it a place"),
    ],
)
def test_wording_is_heard(claim, yes, no):
    assert claim(yes)
    assert not claim(no)


def test_wording_agrees_with_the_annotators_tags(train_examples):
    """On the tiny set: a sentence tagged as a denial has a word of denial."""
    tagged = [e for e in train_examples if "negation" in e.tags]
    assert all(is_denied(e.candidate.text) for e in tagged)


def test_trained_sentences_are_known_again():
    keys = frozenset(keys_text(["Peru left  ASEAN.", "It rained."]).split())
    assert trained_on([example(0), example(1, "Chile left.")], keys) == ["0"]
    assert len(sentence_key("a")) == 12
    assert keys_text(["a", "A"]) == keys_text(["a"])


def test_rows_of_slices_are_numbers():
    assert all(part.rows.dtype == np.intp for part in cut(ROWS, Seen()))
