"""Real configuration files as test cases: ours must load, the invalid ones must fail as told."""

from pathlib import Path

import pytest
import yaml

from alliance_stance.config import override, read_yaml
from alliance_stance.datasets.table import read_recipe
from alliance_stance.errors import ConfigError
from alliance_stance.models.table import build_model
from alliance_stance.training.experiment import read_experiment, read_model
from alliance_stance.training.search_space import read_search

ROOT = Path(__file__).resolve().parents[1]
OTHERS = {"dse", "newsmtsc", "pairs", "semeval2016", "un_quadclass"}
"""Kinds whose files belong to somebody else."""
INVALID = sorted((ROOT / "tests" / "configs" / "invalid").glob("*.yaml"))


def names(paths: list[Path]) -> list[str]:
    return [path.relative_to(ROOT).as_posix() for path in paths]


@pytest.mark.parametrize("name", names(sorted((ROOT / "configs" / "models").glob("*.yaml"))))
def test_model_file_loads_and_builds(name):
    config = read_model(ROOT / name, [])
    build_model(config.kind, config.settings, seed=0)


@pytest.mark.parametrize("name", names(sorted((ROOT / "configs" / "datasets").glob("*.yaml"))))
def test_recipe_loads_and_its_input_exists(name):
    _, settings = read_recipe(ROOT / name)
    if settings.kind in OTHERS:
        # the files are the user's own
        assert "corpora" in settings.path.parts
        return
    for part in getattr(settings, "parts", [settings]):
        if part.kind == "weak":  # its corpus is the user's
            assert part.weigh_on.path.is_file()
            continue
        if part.kind == "labelled":  # and so are these
            assert "corpora" in part.path.parts
            continue
        assert part.path.exists()
        assert part.annotations.is_file()
        part.split.measure()


def test_every_kind_of_somebody_elses_set_has_a_recipe():
    files = (ROOT / "configs" / "datasets").glob("*.yaml")
    assert {read_yaml(path)["kind"] for path in files} >= OTHERS


@pytest.mark.parametrize("name", names(sorted((ROOT / "experiments").glob("*/experiment.yaml"))))
def test_experiment_loads_with_all_its_models(name):
    experiment = read_experiment(ROOT / name, [])
    assert experiment.dataset.is_file()
    assert experiment.name == Path(name).parent.name


@pytest.mark.parametrize("name", names(sorted((ROOT / "experiments").glob("*/search.yaml"))))
def test_search_loads_with_its_recipe(name):
    search = read_search(ROOT / name, [])
    assert search.dataset.is_file()
    assert search.name == Path(name).parent.name


def test_every_kind_of_model_has_a_file():
    from alliance_stance.models.table import MODELS

    files = (ROOT / "configs" / "models").glob("*.yaml")
    assert {read_model(path, []).kind for path in files} == set(MODELS)


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_invalid_file_fails_as_told(path):
    comment = path.read_text(encoding="utf-8").splitlines()[0]
    read = {
        "model": lambda: read_model(path, []),
        "dataset": lambda: read_recipe(path),
        "experiment": lambda: read_experiment(path, []),
        "search": lambda: read_search(path, []),
    }[path.stem.split("_")[0]]
    with pytest.raises(ConfigError) as caught:
        read()
    assert comment.removeprefix("# ") in str(caught.value)


def test_every_problem_is_listed_at_once(tmp_path):
    path = tmp_path / "m.yaml"
    path.write_text("kind: lexicon\nsmooth: 1\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="3 problem"):
        read_model(path, [])


def test_missing_file_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="no such file"):
        read_yaml(tmp_path / "gone.yaml")


def test_path_through_a_file_is_refused(tmp_path):
    (tmp_path / "a.yaml").write_text("a: 1", encoding="utf-8")
    with pytest.raises(ConfigError):
        read_yaml(tmp_path / "a.yaml" / "b.yaml")


def test_other_encoding_is_refused(tmp_path):
    (tmp_path / "a.yaml").write_bytes("a: Côte".encode("latin-1"))
    with pytest.raises(ConfigError, match="UTF-8"):
        read_yaml(tmp_path / "a.yaml")


def test_override_leaves_the_values_alone():
    values = {"a": {"b": 1}}
    assert override(values, ["a.b=[2, 3]", "a.c=x=y"], where="f") == {
        "a": {"b": [2, 3], "c": "x=y"}
    }
    assert values == {"a": {"b": 1}}


@pytest.mark.parametrize("assignment", ["a.b", "b.c=1", "a.b.c=1", "=1", "", "a.b=[", "a.b=*x"])
def test_bad_override_is_refused(assignment):
    with pytest.raises(ConfigError):
        override({"a": {"b": 1}}, [assignment], where="f")


DEFAULT = ROOT / "experiments" / "default"


def test_setting_of_a_model_reaches_that_model_alone():
    experiment = read_experiment(DEFAULT, ["linear.c=0.5"])
    strengths = {
        config.name: config.settings.c for config, _ in experiment.models if config.kind == "linear"
    }
    assert strengths == {"linear": 0.5, "linear_unmasked": 4.0}


def test_setting_of_the_experiment_is_applied():
    experiment = read_experiment(DEFAULT, ["experiment.registered_model=other"])
    assert experiment.settings.registered_model == "other"


@pytest.mark.parametrize(
    "assignment", ["oracle.c=1", "linear.C=1", "linear", "experiment", "experiment=1", "linear.c="]
)
def test_setting_that_fits_nothing_is_refused(assignment):
    with pytest.raises(ConfigError):
        read_experiment(DEFAULT, [assignment])


def test_an_assignment_reaches_a_model_whose_name_has_a_dot_and_no_other(project):
    file = project / "experiments" / "tiny" / "experiment.yaml"
    models = project / "configs" / "models"
    (models / "linear.v2.yaml").write_bytes((models / "linear.yaml").read_bytes())
    content = yaml.safe_load(file.read_text())
    content["models"].append({"config": "../../configs/models/linear.v2.yaml"})
    file.write_text(yaml.safe_dump(content))
    found = read_experiment(file, ["linear.v2.c=1", "linear.c=2"])
    changed = {config.name: config.settings.c for config, _ in found.models[-2:]}
    assert changed == {"linear": 2, "linear.v2": 1}


def test_a_model_that_is_called_as_the_experiment_itself_is_refused(project):
    file = project / "experiments" / "tiny" / "experiment.yaml"
    content = yaml.safe_load(file.read_text())
    content["models"].append({"config": "experiment.yaml"})
    file.write_text(yaml.safe_dump(content))
    with pytest.raises(ConfigError, match="none called 'experiment'"):
        read_experiment(file, [])
