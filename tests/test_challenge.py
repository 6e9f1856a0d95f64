"""The challenge items, which name what is hard, and the table of them in the documentation."""

from pathlib import Path

import pytest

from alliance_stance.errors import InputError
from alliance_stance.evaluation.challenge import judge, judge_all, read_challenge
from alliance_stance.extraction.candidates import CandidateFinder
from alliance_stance.reporting.challenge import (
    challenge_table,
    pass_counts,
    read_first_sight,
    replace_table,
)

ROOT = Path(__file__).resolve().parents[1]
ITEMS = list(read_challenge(ROOT / "data" / "challenge" / "extraction.jsonl"))
LOWEST_RATE = 0.9
LINE = (
    '{"id": "x", "phenomenon": "list", "text": "Peru met NATO. Chile left ASEAN.", "title": "", '
    '"date": "", "speaker_state": null, "scope": "last", "must": [["CHL", "ASEAN"]], '
    '"must_not": [["PER", "ASEAN"]], "note": ""}\n'
)


@pytest.fixture(scope="module")
def verdicts():
    return judge_all(ITEMS)


def test_items_are_many_and_named():
    assert len(ITEMS) >= 400
    assert len({item.document.id for item in ITEMS}) == len(ITEMS)
    assert len({item.document.text for item in ITEMS}) == len(ITEMS)
    assert all(item.must or item.must_not for item in ITEMS)
    assert not any(item.must & item.must_not for item in ITEMS)


def test_items_use_known_codes(knowledge):
    for item in ITEMS:
        knowledge.settle_codes(item.document, item.document.id)
        for state, alliance in item.must | item.must_not:
            knowledge.check_pair(item.document.id, state, alliance)


@pytest.mark.parametrize("phenomenon", sorted({item.phenomenon for item in ITEMS}))
def test_phenomenon_is_mastered(verdicts, phenomenon):
    passed, count = pass_counts(verdicts)[phenomenon]
    assert count >= 12
    assert passed / count >= LOWEST_RATE


def test_table_in_the_documentation_is_up_to_date(verdicts):
    page = (ROOT / "docs" / "extraction.md").read_text(encoding="utf-8")
    first = read_first_sight(ROOT / "data" / "challenge" / "first-sight.csv")
    assert replace_table(page, challenge_table(verdicts, first)) == page


def test_item_fails_on_what_is_missing_and_on_what_is_wrong(knowledge, tmp_path):
    path = tmp_path / "items.jsonl"
    path.write_text(LINE, encoding="utf-8")
    (item,) = read_challenge(path)
    finder = CandidateFinder(knowledge)
    assert judge(item, finder.find_candidates, last_sentence=1).passes
    verdict = judge(item, lambda document: [], last_sentence=1)
    assert (verdict.missed, verdict.wrong) == ({("CHL", "ASEAN")}, set())
    other = judge(item, finder.find_candidates, last_sentence=0)
    assert not other.passes


@pytest.mark.parametrize(
    "line",
    ["[]\n", "no json\n", LINE.replace('"last"', '"first"'), LINE.replace('"note"', '"hint"')],
)
def test_line_that_is_no_item_is_refused(tmp_path, line):
    path = tmp_path / "items.jsonl"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(InputError, match=r"items\.jsonl:1"):
        list(read_challenge(path))


def test_page_without_markers_is_refused():
    with pytest.raises(ValueError, match="challenge"):
        replace_table("# A page", "| a |")
