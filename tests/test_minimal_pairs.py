"""The minimal pairs: sentences that differ in one thing, and in their stance."""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from alliance_stance.datasets.splits import near_duplicates
from alliance_stance.errors import DatasetError, InputError
from alliance_stance.evaluation.minimal_pairs import (
    held_out_groups,
    minimal_pair_scores,
    read_minimal_pairs,
)
from alliance_stance.evaluation.overlap import sentence_key
from alliance_stance.schema import STANCE_OF_ACT, Act

GOLD = Path(__file__).resolve().parents[1] / "data" / "gold"
DIFFERENCES = {"negation", "holder", "target", "tense", "modality", "speaker", "scope"}
KEYS = {
    "text", "context", "title", "date", "speaker_state", "state", "alliance", "stance", "act",
}  # fmt: skip
WRITTEN = sorted(GOLD.parent.glob("*/documents.jsonl"))
"""Every set of the project's own sentences."""


def read_lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


NAMES = ("", "_unseen", "_final")
FILES = {name: read_lines(GOLD / f"minimal_pairs{name}.jsonl") for name in NAMES}
GROUPS = [group for groups in FILES.values() for group in groups]


@pytest.mark.parametrize(
    ("name", "least", "of_each"), [("", 300, 40), ("_unseen", 180, 20), ("_final", 180, 20)]
)
def test_groups_are_many_and_of_every_difference(name, least, of_each):
    groups = FILES[name]
    assert len(groups) >= least
    assert len({group["id"] for group in groups}) == len(groups)
    counts = Counter(group["difference"] for group in groups)
    assert counts.keys() == DIFFERENCES
    assert min(counts.values()) >= of_each


def test_no_sentence_stands_twice_or_in_the_gold_documents():
    texts = [item["text"] for group in GROUPS for item in group["items"]]
    assert len(set(texts)) == len(texts)
    assert not set(written_sentences()) & set(texts)


def written_sentences() -> list[str]:
    """Give every sentence that models are fitted on and that was written for the project."""
    return [text for path in WRITTEN for text in sentences_of(path)]


def sentences_of(path: Path) -> list[str]:
    return [sentence["text"] for line in read_lines(path) for sentence in line["sentences"]]


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
    for name in ("annotations", "unseen_annotations", "final_annotations"):
        with (GOLD / f"minimal_{name}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                labels.setdefault(row["task"], {})[row["worker"]] = row["label"]
    for group in GROUPS:
        for number, item in enumerate(group["items"]):
            own = labels[f"{group['id']}/{number}#{item['state']}-{item['alliance']}"]
            agreed = own["first"] if own["first"] == own["second"] else own["adjudicator"]
            assert item["act"] == agreed


def item(text, stance, act) -> dict[str, object]:
    return {
        "text": text, "context": "", "title": "", "date": "2004", "speaker_state": None,
        "state": "FRA", "alliance": "NATO", "stance": stance, "act": act,
    }  # fmt: skip


SMALL = (
    {
        "id": "a",
        "difference": "negation",
        "items": [
            item("France welcomes NATO.", "favor", "endorse"),
            item("France never welcomes NATO.", "against", "criticize"),
        ],
    },
    {
        "id": "b",
        "difference": "tense",
        "items": [
            item("France welcomes NATO with joy.", "favor", "endorse"),
            item("France is in NATO.", "neutral", "describe"),
            item("France welcomed NATO once.", "neutral", "describe"),
        ],
    },
    {
        "id": "c",
        "difference": "negation",
        "items": [
            item("France welcomes NATO at last.", "favor", "endorse"),
            item("France is not far from NATO.", "neutral", "describe"),
        ],
    },
)


@pytest.fixture
def write_groups(tmp_path):
    def write(*groups) -> Path:
        path = tmp_path / "groups.jsonl"
        path.write_text("".join(f"{json.dumps(group)}\n" for group in groups), encoding="utf-8")
        return path

    return write


@pytest.fixture
def groups(write_groups, knowledge):
    return read_minimal_pairs(write_groups(*SMALL), knowledge)


def fit_on(model, examples):
    labels = [example.label for example in examples]
    candidates = [example.candidate for example in examples]
    return model.fit(candidates, [label.stance for label in labels], acts=[a.act for a in labels])


def test_members_are_read_with_their_mentions(groups):
    assert [(group.id, group.difference) for group in groups] == [
        ("a", "negation"), ("b", "tense"), ("c", "negation"),
    ]  # fmt: skip
    first = groups[0].examples[1]
    assert (first.id, first.candidate.document) == ("a/1", "a")
    assert {mention.id for mention in first.candidate.mentions} == {"FRA", "NATO"}


def test_group_passes_with_all_members_right_only(groups, new_model):
    # the words that it knows are those of the first group's favour and the neutral ones
    model = fit_on(new_model("lexicon"), [e for group in groups for e in group.examples])
    right = [
        [str(s) for s in model.predict([e.candidate for e in group.examples])]
        == [str(e.label.stance) for e in group.examples]
        for group in groups
    ]
    hits = sum(
        str(stance) == str(example.label.stance)
        for group in groups
        for example in group.examples
        for stance in model.predict([example.candidate])
    )
    scores = minimal_pair_scores(model, groups)
    assert scores["all"].rate.value == sum(right) / 3
    assert scores["all"].members_right == hits / 7
    assert scores["pairs"].rate.value == (right[0] + right[2]) / 2
    assert scores["triplets"].rate.value == right[1]
    assert scores["negation"].rate.value == (right[0] + right[2]) / 2
    assert (scores["negation"].group_count, scores["negation"].member_count) == (2, 4)
    assert list(scores) == ["all", "pairs", "triplets", "negation", "tense"]


def test_one_answer_to_everything_passes_no_group(groups, new_model):
    model = fit_on(new_model("majority"), [e for group in groups for e in group.examples])
    scores = minimal_pair_scores(model, groups)
    assert scores["all"].rate.value == scores["all"].rate.high == 0
    assert scores["all"].members_right == 3 / 7


def test_model_that_learnt_the_sentences_passes(groups, new_model):
    model = fit_on(
        new_model("linear", c=1e4, membership=False, ngrams=3),
        [e for group in groups for e in group.examples],
    )
    scores = minimal_pair_scores(model, groups)
    assert scores["all"].rate.value == scores["all"].rate.low == 1


def test_group_that_was_trained_on_is_left_out(groups):
    assert held_out_groups(groups, ["France is in NATO."]) == [groups[0], groups[2]]
    assert held_out_groups(groups, []) == groups


def test_group_in_a_models_own_list_is_left_out_whole(groups):
    keys = frozenset({sentence_key("FRANCE is  in NATO.")})
    assert held_out_groups(groups, [], keys) == [groups[0], groups[2]]


def test_no_groups_is_an_error(new_model, groups):
    model = fit_on(new_model("majority"), groups[0].examples)
    with pytest.raises(DatasetError, match="no groups"):
        minimal_pair_scores(model, [])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"difference": 3}, "no group"),
        ({"items": SMALL[0]["items"][:1]}, "no group"),
        ({"items": [SMALL[0]["items"][0]] * 2}, "one stance"),
        ({"items": [{"text": "France."}] * 2}, "without a label"),
        ({"items": ["France", "NATO"]}, "no group"),
        ({"more": 1}, "no group"),
    ],
)
def test_line_that_is_no_group_is_refused(change, message, write_groups, knowledge):
    with pytest.raises(InputError, match=message) as caught:
        read_minimal_pairs(write_groups(SMALL[1], {**SMALL[0], **change}), knowledge)
    assert "groups.jsonl:2" in str(caught.value)


@pytest.mark.parametrize(("name", "groups"), FILES.items())
def test_shipped_groups_are_read(name, groups, knowledge):
    read = read_minimal_pairs(GOLD / f"minimal_pairs{name}.jsonl", knowledge)
    assert [len(group.examples) for group in read] == [len(group["items"]) for group in groups]


def test_no_shipped_group_is_in_a_split():
    members = [item["text"] for group in GROUPS for item in group["items"]]
    assert WRITTEN
    # one set of sentences after the other: those of two sets need not be compared
    for path in WRITTEN:
        written = sentences_of(path)
        # half of the character 5-grams the same, as between the documents of two splits
        pairs = near_duplicates([*written, *members], 0.5)
        assert not [pair for pair in pairs if min(pair) < len(written) <= max(pair)]


def test_groups_of_one_file_are_unlike_those_of_another():
    members = [(n, i["text"]) for n, groups in FILES.items() for g in groups for i in g["items"]]
    owners, texts = zip(*members, strict=True)
    pairs = near_duplicates(texts, 0.5)
    assert not [(a, b) for a, b in pairs if owners[a] != owners[b]]
