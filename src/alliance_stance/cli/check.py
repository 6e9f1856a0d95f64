"""``alliance-stance check``: whether an experiment is well-formed."""

from pathlib import Path

from alliance_stance.cli.options import EXPERIMENT, ExperimentArgument, SetOption


def check(experiment: ExperimentArgument = EXPERIMENT, set_: SetOption = None) -> None:
    """Check an experiment, its models, data set recipe, gold file and knowledge tables.

    Writes nothing; prints the resolved configuration.
    """
    from alliance_stance.cli.console import show_json
    from alliance_stance.config import validate
    from alliance_stance.datasets.gold import GoldSettings
    from alliance_stance.datasets.gold_file import read_gold
    from alliance_stance.datasets.table import read_recipe
    from alliance_stance.knowledge.knowledge import load_knowledge
    from alliance_stance.training.experiment import read_experiment

    found = read_experiment(Path(experiment), set_ or [])
    recipe = read_recipe(found.dataset)
    settings = validate(GoldSettings, recipe, where=str(found.dataset))
    documents = read_gold(settings.path, load_knowledge())
    show_json(
        {
            "experiment": found.name,
            "dataset": recipe | {"path": str(settings.path), "documents": len(documents)},
            "models": [model.record(seeds[0]) | {"seeds": seeds} for model, seeds in found.models],
        }
    )
