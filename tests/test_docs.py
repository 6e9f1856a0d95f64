"""Documents that repeat code or counts must be up to date."""

import csv
import re
import shutil
from pathlib import Path

import pytest

from alliance_stance.datasets.table import build_dataset
from alliance_stance.knowledge.knowledge import TABLES
from alliance_stance.reporting.data_card import describe, replace_figures
from alliance_stance.tracking.registry import register_champion
from alliance_stance.tracking.runs import log_run
from alliance_stance.training.experiment import read_experiment
from alliance_stance.training.fit import read_runs

ROOT = Path(__file__).resolve().parents[1]
RUNNABLE = re.compile(r"<!-- runnable -->\s*```python\n(.*?)```", re.DOTALL)
"""A block that runs as it stands has the comment in the line above it."""
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
BLOCKS = [
    pytest.param(block, id=f"{page.relative_to(ROOT).as_posix()}-{number}")
    for page in PAGES
    if page.is_file()
    for number, block in enumerate(RUNNABLE.findall(page.read_text(encoding="utf-8")))
]


@pytest.fixture
def with_champion(trained_folder, dataset, tmp_path, monkeypatch):
    """A trained project whose linear model is the champion under the README's name."""
    folder = Path(shutil.copytree(trained_folder, tmp_path / "project"))
    monkeypatch.chdir(folder)
    experiment = read_experiment(folder / "experiments" / "tiny", [])
    runs = read_runs(experiment.models, folder / "artifacts" / "tiny")
    run_id = log_run(next(r for r in runs if r.kind == "linear"), dataset, "tiny", folder)
    register_champion("alliance-stance", run_id, {}, folder)


@pytest.mark.parametrize("block", BLOCKS)
def test_python_block_runs(block, with_champion, capsys):
    exec(compile(block, "README.md", "exec"), {"__name__": "__main__"})
    assert "CSTO" in capsys.readouterr().out


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
    assert replace_figures(card, figures) == card.read_text(encoding="utf-8")


def test_figures_of_the_standoff_card_are_up_to_date(shared, knowledge, tmp_path):
    card = ROOT / "data" / "standoff" / "README.md"
    recipe = ROOT / "configs" / "datasets" / "standoff.yaml"
    corpus = shared / "corpus" / "un-general-debate"
    dataset = build_dataset(recipe, knowledge, tmp_path, [f"corpus={corpus}"])
    assert replace_figures(card, describe(dataset)) == card.read_text(encoding="utf-8")


def test_counts_of_the_knowledge_tables_are_up_to_date():
    folder = ROOT / "data" / "knowledge"
    page = (folder / "README.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(\w+\.csv)` \| .* \| ([\d,]+) \|$", page, re.MULTILINE))
    assert told.keys() == set(TABLES)
    for name, count in told.items():
        with (folder / name).open(encoding="utf-8", newline="") as file:
            assert int(count.replace(",", "")) == sum(1 for _ in csv.reader(file)) - 1, name


def test_every_verb_of_the_makefile_exists():
    from typer.main import get_command

    from alliance_stance.cli.app import app

    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    verbs = set(re.findall(r"\$\(BIN\)/alliance-stance (\w+)", text))
    assert verbs <= set(get_command(app).commands)


def test_sample_of_the_makefile_and_the_default_experiment_exist():
    assert (ROOT / "data" / "sample" / "press_conference.txt").is_file()
    assert read_experiment(ROOT / "experiments" / "default", []).name == "default"


def test_results_in_the_readme_are_those_of_the_experiment():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"<!-- table of (\S+) -->\n((?:\|.*\n)+)", text)
    assert len(shown) == 2
    for name, table in shown:
        assert table in (ROOT / name).read_text(encoding="utf-8")


def test_no_page_has_an_unfilled_place():
    assert [page.name for page in PAGES if "@@" in page.read_text(encoding="utf-8")] == []
