"""``alliance-stance check``: whether an experiment is well-formed."""

from pathlib import Path

from alliance_stance.cli.options import EXPERIMENT, ExperimentArgument, SetOption


def check(experiment: ExperimentArgument = EXPERIMENT, set_: SetOption = None) -> None:
    """Check an experiment, its models, the recipe and input of its data set, and knowledge tables.

    Writes nothing; prints the resolved configuration.
    """
    from alliance_stance.cli.console import show_json
    from alliance_stance.datasets.table import read_recipe
    from alliance_stance.knowledge.knowledge import load_knowledge
    from alliance_stance.training.experiment import read_experiment

    found = read_experiment(Path(experiment), set_ or [])
    kind, recipe = read_recipe(found.dataset)
    count = kind.count_documents(recipe, load_knowledge())
    show_json(
        {
            "experiment": found.name,
            "dataset": recipe.model_dump(mode="json") | {kind.counted: count},
            "models": [model.record(seeds[0]) | {"seeds": seeds} for model, seeds in found.models],
        }
    )
