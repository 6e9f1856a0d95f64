"""The minimal pairs: sentences that differ in one thing, and in their stance."""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from alliance_stance.schema import STANCE_OF_ACT, Act

GOLD = Path(__file__).resolve().parents[1] / "data" / "gold"
DIFFERENCES = {"negation", "holder", "target", "tense", "modality", "speaker", "scope"}
KEYS = {
    "text", "context", "title", "date", "speaker_state", "state", "alliance", "stance", "act",
}  # fmt: skip
GROUPS = [
    json.loads(line)
    for line in (GOLD / "minimal_pairs.jsonl").read_text(encoding="utf-8").splitlines()
]


def test_groups_are_many_and_of_every_difference():
    assert len(GROUPS) >= 300
    assert len({group["id"] for group in GROUPS}) == len(GROUPS)
    counts = Counter(group["difference"] for group in GROUPS)
    assert counts.keys() == DIFFERENCES
    assert min(counts.values()) >= 40


def test_no_sentence_stands_twice_or_in_the_gold_documents():
    texts = [item["text"] for group in GROUPS for item in group["items"]]
    assert len(set(texts)) == len(texts)
    documents = (GOLD / "documents.jsonl").read_text(encoding="utf-8").splitlines()
    gold = {s["text"] for line in documents for s in json.loads(line)["sentences"]}
    assert not gold & set(texts)


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group["id"])
def test_group_judges_one_pair_with_several_stances(group, knowledge):
    items = group["items"]
    assert 2 <= len(items) <= 3
    assert len({item["stance"] for item in items}) >= 2
    assert len({(item["state"], item["alliance"]) for item in items}) == 1
    for item in items:
        assert item.keys() == KEYS
        assert STANCE_OF_ACT[Act(item["act"])] == item["stance"]
        knowledge.check_pair(group["id"], item["state"], item["alliance"])
        assert item["speaker_state"] is None or item["speaker_state"] in knowledge.states


def test_final_labels_are_those_of_the_annotators():
    labels: dict[str, dict[str, str]] = {}
    with (GOLD / "minimal_annotations.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            labels.setdefault(row["task"], {})[row["worker"]] = row["label"]
    for group in GROUPS:
        for number, item in enumerate(group["items"]):
            own = labels[f"{group['id']}/{number}#{item['state']}-{item['alliance']}"]
            agreed = own["first"] if own["first"] == own["second"] else own["adjudicator"]
            assert item["act"] == agreed
