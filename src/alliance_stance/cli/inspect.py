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
    beside: Annotated[
        Path | None,
        typer.Option("--beside", help="Labelled sentences (JSON lines) to compare variety with."),
    ] = None,
    set_: RecipeSetOption = None,
) -> None:
    """Count what a data set holds, how varied it is, and measure its annotators' agreement."""
    from alliance_stance.cli.console import note, quiet_libraries

    quiet_libraries()
    from alliance_stance.datasets.table import build_dataset
    from alliance_stance.files import write_text
    from alliance_stance.knowledge.knowledge import load_knowledge
    from alliance_stance.reporting.data_card import compare_variety, describe, replace_figures

    dataset = build_dataset(recipe, load_knowledge(), PROCESSED, set_ or [])
    figures = describe(dataset)
    if write is None:
        typer.echo(figures)
        if beside is not None:
            typer.echo("\n" + compare_variety({beside.name: _read_texts(beside)}))
        return
    write_text(write, replace_figures(write, figures))
    note(f"figures written into {write}")


def _read_texts(path: Path) -> list[str]:
    from alliance_stance.corpus.readers.jsonl import read_json_lines
    from alliance_stance.schema import Example

    return [
        item.candidate.text if isinstance(item, Example) else item.text
        for item in read_json_lines(path)
    ]
