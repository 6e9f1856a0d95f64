"""What is shipped: the list of a wheel's files, told by the build's own settings."""

import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from hatchling.builders.wheel import WheelBuilder

from alliance_stance import __version__
from alliance_stance.cli import main
from alliance_stance.knowledge.knowledge import TABLES

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel_names(tmp_path_factory) -> list[str]:
    folder = tmp_path_factory.mktemp("wheel")
    path = next(WheelBuilder(str(ROOT)).build(directory=str(folder)))
    with zipfile.ZipFile(path) as wheel:
        return wheel.namelist()


def test_wheel_has_what_the_program_reads(wheel_names):
    for table in TABLES:
        assert f"alliance_stance/knowledge/data/{table}" in wheel_names
    assert "alliance_stance/py.typed" in wheel_names
    templates = (ROOT / "src" / "alliance_stance").rglob("*.html")
    assert {p.relative_to(ROOT / "src").as_posix() for p in templates} <= set(wheel_names)


def test_wheel_has_every_module_and_nothing_else(wheel_names):
    own = {p.relative_to(ROOT / "src").as_posix() for p in (ROOT / "src").rglob("*.py")}
    shipped = {n for n in wheel_names if not n.startswith("alliance_stance-")}
    assert own <= shipped
    assert all(n.startswith("alliance_stance/") for n in shipped)
    assert not [n for n in shipped if "tests" in n or n.endswith((".pyc", ".jsonl"))]


def test_citation_is_of_this_version():
    told = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert told["version"] == __version__
    assert {"cff-version", "message", "title", "authors", "license"} <= told.keys()
    assert f"Version {__version__}." in (ROOT / "docs" / "cite.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "expected"), [("alliance-stance pre", "predict"), ("alliance-stance predict --exp",
    "--explain")])  # fmt: skip
def test_shell_completes_verbs_and_options(words, expected, monkeypatch, capsys):
    monkeypatch.setenv("_ALLIANCE_STANCE_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", "1" if expected == "predict" else "2")
    with pytest.raises(SystemExit):
        main([])
    assert expected in capsys.readouterr().out.split()


@pytest.fixture
def lacking(monkeypatch):
    """Let every command fail as it does where a library is not installed."""

    def lack(library: str) -> None:
        def fail(**_: object) -> None:
            raise ModuleNotFoundError(f"No module named {library!r}", name=library)

        monkeypatch.setattr("typer.main.get_command", lambda app: SimpleNamespace(main=fail))

    return lack


def test_library_of_an_extra_that_is_missing_is_named_in_one_line(lacking, capsys):
    lacking("datasets.builder")
    assert main(["check"]) == 2
    output = capsys.readouterr()
    assert output.err.count("\n") == 1
    assert "alliance-stance[train]" in output.err


def test_missing_module_of_no_extra_is_a_bug_with_its_traceback(lacking):
    lacking("alliance_stance.gone")
    with pytest.raises(ModuleNotFoundError, match="gone"):
        main(["check"])
