"""``alliance-stance inspect``: what is in the gold data, and how far its annotators agree."""

from pathlib import Path
from typing import Annotated

import typer

from alliance_stance.cli.options import PROCESSED, RecipeSetOption


def inspect(
    recipe: Annotated[Path, typer.Argument(help="A YAML file of configs/datasets/.")] = Path(
        "configs/datasets/gold.yaml"
    ),
    write: Annotated[
        Path | None,
        typer.Option("--write", help="Write the figures between the markers of this data card."),
    ] = None,
    set_: RecipeSetOption = None,
) -> None:
    """Count what a data set holds and measure its annotators' agreement."""
    from alliance_stance.cli.console import note, quiet_libraries

    quiet_libraries()
    from alliance_stance.datasets.table import build_dataset
    from alliance_stance.files import write_text
    from alliance_stance.knowledge.knowledge import load_knowledge
    from alliance_stance.reporting.data_card import describe, replace_figures

    dataset = build_dataset(recipe, load_knowledge(), PROCESSED, set_ or [])
    figures = describe(dataset)
    if write is None:
        typer.echo(figures)
        return
    write_text(write, replace_figures(write, figures))
    note(f"figures written into {write}")
