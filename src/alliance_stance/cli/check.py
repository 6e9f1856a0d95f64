"""``alliance-stance check``: whether an experiment is well-formed."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from alliance_stance.cli.options import EXPERIMENT, ExperimentArgument, SetOption

if TYPE_CHECKING:
    from alliance_stance.knowledge.knowledge import Knowledge


def check(experiment: ExperimentArgument = EXPERIMENT, set_: SetOption = None) -> None:
    """Check an experiment, its models, the recipes of its data sets and what they read, and tables.

    Writes nothing; prints the resolved configuration.
    """
    from alliance_stance.cli.console import show_json
    from alliance_stance.knowledge.knowledge import load_knowledge
    from alliance_stance.training.experiment import read_experiment

    found = read_experiment(Path(experiment), set_ or [])
    knowledge = load_knowledge()
    recipes = {"dataset": found.dataset, "calibration": found.settings.calibration}
    show_json(
        {
            "experiment": found.name,
            **{
                name: _checked(recipe, knowledge)
                for name, recipe in recipes.items()
                if recipe is not None
            },
            "models": [model.record(seeds[0]) | {"seeds": seeds} for model, seeds in found.models],
        }
    )


def _checked(path: Path, knowledge: "Knowledge") -> dict[str, Any]:
    """Give a data set's recipe, and how much it would read."""
    from alliance_stance.datasets.table import read_recipe

    kind, recipe = read_recipe(path)
    count = kind.count_documents(recipe, knowledge)
    return recipe.model_dump(mode="json") | {kind.counted: count}
