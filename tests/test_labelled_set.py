"""Somebody's own labelled sentences as a data set, alone and beside others."""

import json

import pytest

from alliance_stance.cli import main
from alliance_stance.datasets.labelled import LabelledSettings, build_labelled, read_examples
from alliance_stance.datasets.rows import from_rows
from alliance_stance.datasets.table import build_dataset
from alliance_stance.errors import DatasetError, StanceError
from alliance_stance.schema import Act, Stance

SPLIT = {"seed": 0, "dev_share": 0.2, "test_share": 0.2, "duplicate_similarity": 0.7}
TEXTS = (
    "Qatar left OPEC.", "Peru thanked ASEAN for its help.", "Chad and NATO met in the rain.",
    "Egypt warned the Arab League that it might go.", "Norway will pay more into NATO's budget.",
    "Fiji asked the Commonwealth to be let back in.", "Minsk has blocked the budget of the CIS.",
)  # fmt: skip
PAIRS = (
    ("QAT", "OPEC", "leave"), ("PER", "ASEAN", "affirm"), ("TCD", "NATO", "describe"),
    ("EGY", "ARAB_LEAGUE", "threaten"), ("NOR", "NATO", "contribute"),
    ("FJI", "COMMONWEALTH", "appeal"), ("BLR", "CIS", "obstruct"),
)  # fmt: skip


def rows():
    from alliance_stance.schema import STANCE_OF_ACT

    for number, (text, (state, alliance, act)) in enumerate(zip(TEXTS, PAIRS, strict=True)):
        yield {
            "id": f"r{number}", "document": f"d{number // 2}", "text": text,
            "context": "It rained.", "state": state, "alliance": alliance, "act": act,
            "stance": str(STANCE_OF_ACT[Act(act)]), "licence": "CC0",
        }  # fmt: skip


def write(path, lines):
    path.write_text("".join(json.dumps(row) + "\n" for row in lines), encoding="utf-8")
    return path


@pytest.fixture
def settings(tmp_path):
    path = write(tmp_path / "labelled.jsonl", rows())
    return LabelledSettings(kind="labelled", path=path, split=SPLIT)


def test_every_example_is_built_once_with_its_mentions(settings, knowledge, tmp_path):
    built = build_labelled(settings, knowledge, tmp_path / "processed").splits
    examples = [example for split in built for example in from_rows(built[split])]
    assert sorted(e.id for e in examples) == [f"r{n}" for n in range(len(TEXTS))]
    first = next(e for e in examples if e.id == "r0")
    assert first.label.stance is Stance.AGAINST
    assert {m.id for m in first.candidate.mentions} >= {"QAT", "OPEC"}
    assert first.candidate.context == "It rained."


def test_documents_stay_together(settings, knowledge, tmp_path):
    built = build_labelled(settings, knowledge, tmp_path / "processed").splits
    owners = {}
    for split in built:
        for name in built[split]["document"]:
            assert owners.setdefault(name, split) == split
    assert set(owners.values()) >= {"train"}


def test_a_change_of_the_file_is_another_build(settings, knowledge, tmp_path):
    recipe = tmp_path / "own.yaml"
    recipe.write_text(
        f"kind: labelled\npath: labelled.jsonl\nsplit: {json.dumps(SPLIT)}\n", encoding="utf-8"
    )
    first = build_dataset(recipe, knowledge, tmp_path / "processed").fingerprint
    assert build_dataset(recipe, knowledge, tmp_path / "processed").fingerprint == first
    write(settings.path, list(rows())[:-1])
    assert build_dataset(recipe, knowledge, tmp_path / "processed").fingerprint != first


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"stance": None, "act": None}, "no labelled example"),
        ({"id": "r0"}, "a second example of this id"),
        ({"alliance": "HANSA"}, "HANSA"),
    ],
)
def test_bad_line_is_told(settings, knowledge, change, told):
    lines = list(rows())
    lines[3] = {k: v for k, v in {**lines[3], **change}.items() if v is not None}
    write(settings.path, lines)
    with pytest.raises(StanceError, match=told):
        read_examples(settings.path, knowledge)


def test_missing_file_is_told(settings, knowledge, tmp_path):
    gone = settings.model_copy(update={"path": tmp_path / "gone.jsonl"})
    with pytest.raises(DatasetError, match="no such file"):
        build_labelled(gone, knowledge, tmp_path / "processed")


def test_it_goes_beside_the_gold_data(settings, root, tiny_path, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    recipe = tmp_path / "union.yaml"
    parts = [
        {"kind": "gold", "path": str(tiny_path), "split": {**SPLIT, "duplicate_similarity": 0.5}},
        {"kind": "labelled", "path": "labelled.jsonl", "split": SPLIT},
    ]
    recipe.write_text(json.dumps({"kind": "union", "parts": parts}), encoding="utf-8")
    assert main(["build", str(recipe)]) == 0
    assert "train" in capsys.readouterr().out
