"""Documents that repeat code or counts must be up to date."""

import ast
import csv
import io
import json
import re
import runpy
import shlex
import shutil
import sys
from pathlib import Path

import pytest
import yaml

from alliance_stance.cli import main
from alliance_stance.datasets.table import build_dataset, read_recipe
from alliance_stance.inference.shipped import shipped_folder
from alliance_stance.knowledge.knowledge import TABLES
from alliance_stance.reporting.data_card import describe, replace_figures
from alliance_stance.tracking.registry import register_champion
from alliance_stance.tracking.runs import log_run
from alliance_stance.training.experiment import read_experiment
from alliance_stance.training.fit import read_runs

ROOT = Path(__file__).resolve().parents[1]
RUNNABLE = re.compile(r"<!-- runnable -->\s*```python\n(.*?)```", re.DOTALL)
"""A block that runs as it stands has the comment in the line above it."""
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
COMMANDS = re.compile(r"<!-- runnable -->\s*```\n(.*?)```", re.DOTALL)
NAME = "alliance-stance"
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
BLOCKS = [
    pytest.param(block, id=f"{page.relative_to(ROOT).as_posix()}-{number}")
    for page in PAGES
    if page.is_file()
    for number, block in enumerate(RUNNABLE.findall(page.read_text(encoding="utf-8")))
]

RUNNABLE_COMMANDS = [
    pytest.param(block, id=f"{page.relative_to(ROOT).as_posix()}-{number}")
    for page in PAGES
    for number, block in enumerate(COMMANDS.findall(page.read_text(encoding="utf-8")))
]


def fences(language: str) -> list[tuple[str, str]]:
    """Give the blocks of a language, each with its page."""
    return [
        (page.relative_to(ROOT).as_posix(), re.sub(rf"^{indent}", "", text, flags=re.MULTILINE))
        for page in PAGES
        for indent, own, text in FENCE.findall(page.read_text(encoding="utf-8"))
        if own == language
    ]


def command_lines(block: str) -> list[list[str]]:
    """Give the pipes of a block that run the program, as words; comments are left out."""
    whole = block.replace("\\\n", " ")
    lines = [shlex.split(line, comments=True) for line in whole.splitlines() if NAME in line]
    return [words for words in lines if NAME in words and (words[0] == NAME or "|" in words)]


@pytest.fixture
def with_champion(trained_folder, dataset, tmp_path, monkeypatch):
    """A trained project whose linear model is the champion under the README's name."""
    folder = Path(shutil.copytree(trained_folder, tmp_path / "project"))
    monkeypatch.chdir(folder)
    experiment = read_experiment(folder / "experiments" / "tiny", [])
    runs = read_runs(experiment.models, folder / "artifacts" / "tiny")
    run_id = log_run(next(r for r in runs if r.kind == "linear"), dataset, "tiny", folder)
    register_champion("alliance-stance", run_id, {}, folder, instead_of=None)


@pytest.mark.parametrize("block", BLOCKS)
def test_python_block_runs(block, with_champion, capsys):
    exec(compile(block, "README.md", "exec"), {"__name__": "__main__"})
    assert "CSTO" in capsys.readouterr().out


@pytest.fixture
def with_texts(with_champion):
    """The files that commands on the pages speak of, in the folder of the champion."""
    text = "Yerevan froze its participation in the CSTO. Belarus praised the bloc."
    Path("article.txt").write_text(text, encoding="utf-8")
    Path("speeches").mkdir()
    Path("speeches", "one.txt").write_text(text, encoding="utf-8")
    Path("facts.csv").write_text("file,date\nspeeches/one.txt,2024-02-22\n", encoding="utf-8")
    Path("documents.jsonl").write_text(json.dumps({"id": "x", "text": text}) + "\n", "utf-8")
    labelled = {"text": "Peru left NATO.", "state": "PER", "alliance": "NATO"}
    rows = [{"id": stance, "stance": stance, **labelled} for stance in ("against", "neutral")]
    labels = "".join(json.dumps(r) + "\n" for r in rows)
    Path("settled").mkdir()
    for name in ("labelled.jsonl", "settled/labelled.jsonl"):
        Path(name).write_text(labels, encoding="utf-8")


@pytest.mark.parametrize("block", RUNNABLE_COMMANDS)
def test_block_of_commands_runs(block, with_texts, monkeypatch, capsys):
    for words in command_lines(block):
        place = words.index(NAME)
        given = " ".join(words[1 : max(place - 1, 1)]) + "\n"
        stream = io.TextIOWrapper(io.BytesIO(given.encode()))
        monkeypatch.setattr(sys, "stdin", stream)
        assert main(words[place + 1 :]) == 0, words
        output = capsys.readouterr()
        assert output.out or "tasks" in output.err


def test_every_command_on_a_page_is_one_that_the_program_takes():
    from typer.main import get_command

    from alliance_stance.cli.app import app

    found = 0
    for page, block in fences(""):
        for words in command_lines(block):
            group, arguments = get_command(app), words[words.index(NAME) + 1 :]
            if arguments[0].startswith("-"):
                continue
            while hasattr(group, "commands"):
                group, arguments = group.commands[arguments[0]], arguments[1:]
            # raises on an unknown option and on a missing argument
            group.make_context(page, arguments)
            found += 1
    assert found > 20


def test_python_on_a_page_is_python():
    blocks = fences("python")
    assert blocks
    for page, block in blocks:
        ast.parse(block, page)


def test_json_and_yaml_on_a_page_can_be_read():
    for page, block in fences("json"):
        decoder, place, text = json.JSONDecoder(), 0, block.strip()
        while place < len(text):
            value, place = decoder.raw_decode(text, place)
            assert value, page
            place += len(text[place:]) - len(text[place:].lstrip())
    for page, block in fences("yaml"):
        assert yaml.safe_load(block), page


def test_files_of_the_guide_on_own_labels_fit_the_model_that_it_begins_with(tmp_path):
    page = "docs/guides/own-labels.md"
    recipe, experiment = (block for own, block in fences("yaml") if own == page)
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "labels.yaml").write_text(recipe, encoding="utf-8")
    (folder / "experiment.yaml").write_text(experiment, encoding="utf-8")
    found = read_experiment(folder, [])
    assert read_recipe(found.dataset)[1].path.resolve() == tmp_path / "settled" / "labelled.jsonl"
    ((config, _),) = found.models
    assert config.start == shipped_folder("shipped-base")
    begun = json.loads((config.start / "config.json").read_text(encoding="utf-8"))
    assert config.kind == begun["kind"]
    for name in ("encoder", "vocabulary", "masked", "context", "max_tokens"):
        assert getattr(config.settings, name) == begun["settings"][name]


def test_fits_that_pages_begin_with_the_larger_model_read_as_it_does():
    begun = json.loads((shipped_folder("shipped-base") / "config.json").read_text(encoding="utf-8"))
    entries = [
        re.search(r"config: \S*/(configs/models/\S+\.yaml).*\n\s+start: shipped-base", block)
        for _, block in fences("yaml")
        if "start: shipped-base" in block
    ]
    assert len(entries) == 2
    for entry in entries:
        settings = yaml.safe_load((ROOT / entry[1]).read_text(encoding="utf-8"))
        alike = ("encoder", "vocabulary", "masked", "context", "max_tokens")
        assert [settings.get(name) for name in alike] == [begun["settings"][n] for n in alike]


def test_readme_says_something():
    assert (ROOT / "README.md").read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_to_files_of_the_project_hold(page):
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text)
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_figures_of_the_data_card_are_up_to_date(knowledge, tmp_path):
    card = ROOT / "data" / "README.md"
    recipe = ROOT / "configs" / "datasets" / "gold.yaml"
    dataset = build_dataset(recipe, knowledge, tmp_path)
    figures = describe(dataset)
    assert "triples (60.1%) have a sentence before them" in figures
    beside = describe(dataset, {"of others": ["Chad left.", "Peru left."]})
    assert "| of others | 2 | 2.0 |" in beside
    assert replace_figures(card, figures) == card.read_text(encoding="utf-8")


def test_figures_of_a_standoff_card_are_up_to_date(
    shared, pointed_corpora, knowledge, tmp_path, pointed_name
):
    card = ROOT / "data" / pointed_name / "README.md"
    recipe = ROOT / "configs" / "datasets" / f"{pointed_name}.yaml"
    corpus = f"corpus={pointed_corpora[pointed_name]}"
    dataset = build_dataset(recipe, knowledge, tmp_path, [corpus])
    assert replace_figures(card, describe(dataset)) == card.read_text(encoding="utf-8")


def test_counts_of_the_knowledge_tables_are_up_to_date():
    folder = ROOT / "data" / "knowledge"
    page = (folder / "README.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(\w+\.csv)` \| .* \| ([\d,]+) \|$", page, re.MULTILINE))
    assert told.keys() == set(TABLES)
    for name, count in told.items():
        with (folder / name).open(encoding="utf-8", newline="") as file:
            assert int(count.replace(",", "")) == sum(1 for _ in csv.reader(file)) - 1, name


def test_readme_counts_the_alliances_and_states_that_are_known(knowledge):
    text = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    counts = re.search(r"It knows (\d+) alliances, .* and (\d+) states, past and present", text)
    told = [int(count) for count in counts.groups()]
    assert told == [len(knowledge.alliances), len(knowledge.states)]
    assert "United Nations" not in {alliance.name for alliance in knowledge.alliances.values()}


def test_every_verb_of_the_makefile_exists():
    from typer.main import get_command

    from alliance_stance.cli.app import app

    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    verbs = set(re.findall(r"\$\(BIN\)/alliance-stance (\w+)", text))
    assert verbs <= set(get_command(app).commands)


def test_sample_of_the_makefile_and_the_default_experiment_exist():
    assert (ROOT / "data" / "sample" / "press_conference.txt").is_file()
    assert read_experiment(ROOT / "experiments" / "default", []).name == "default"


def test_tables_of_the_results_are_those_of_the_experiment():
    text = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    shown = re.findall(r"<!-- table of (\S+) -->\n((?:\|.*\n)+)", text)
    assert len(shown) == 2
    for name, table in shown:
        assert table in (ROOT / name).read_text(encoding="utf-8")


def test_every_score_lies_in_the_interval_behind_it():
    number = r"[+-]?\d+(?:\.\d+)?"
    scored = re.compile(rf"({number}) \[({number}), ({number})\]")
    pages = [*PAGES, *(ROOT / "experiments").rglob("*.md"), *(ROOT / "data").rglob("*.md")]
    found = [(p.name, *m) for p in pages for m in scored.findall(p.read_text(encoding="utf-8"))]
    assert len(found) > 1000
    assert [row for row in found if not float(row[2]) <= float(row[1]) <= float(row[3])] == []


def test_point_of_the_learning_curve_shows_the_fit_that_its_interval_is_of():
    page = runpy.run_path(str(ROOT / "experiments" / "learning_curve" / "table.py"))
    seen = {"train_triples": "8", "against": "0", "favor": "0", "neutral": "0", "fit_seconds": "1"}
    rows = [
        {**seen, "macro_f1": f"{score}", "low": f"{score - 0.01}", "high": f"{score + 0.01}"}
        for score in (0.9, 0.3, 0.4, 0.8)
    ]
    key = "packed", "real", 0.125, 8
    line = page["table"]({key: rows}, {key: rows}).splitlines()[-1]
    assert "| 4 | 0.600 | 0.300-0.900 | 0.400 [0.390, 0.410] |" in line


def test_every_experiment_is_in_the_index():
    index = (ROOT / "experiments" / "README.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"\]\((\w+)/", index))
    there = {path.parent.name for path in (ROOT / "experiments").glob("*/*") if path.is_file()}
    assert listed == there
    targets = re.findall(r"\]\(([^)]+)\)", index)
    assert [t for t in targets if not (ROOT / "experiments" / t).is_file()] == []


def test_no_page_has_an_unfilled_place():
    assert [page.name for page in PAGES if "@@" in page.read_text(encoding="utf-8")] == []
