"""Arguments and options that several verbs share."""

from pathlib import Path
from typing import Annotated

import typer

EXPERIMENT = Path("experiments/default")
PROCESSED = Path("data/processed")
ARTIFACTS = Path("artifacts")

ExperimentArgument = Annotated[
    Path, typer.Argument(help="Folder of an experiment, or its experiment.yaml.")
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="Change a setting before it is checked: MODEL.key=value, or experiment.key=value.",
    ),
]
RecipeSetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set", help="Change a setting of the recipe: key=value; paths start at its folder."
    ),
]
ModelOption = Annotated[
    str,
    typer.Option(
        "--model",
        "-m",
        help="Model folder, or an address such as models:/alliance-stance@champion.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
FormatOption = Annotated[
    str | None,
    typer.Option("--format", help="Read the file as text or jsonl, whatever its name."),
]
TitleOption = Annotated[
    str, typer.Option("--title", help="Title of documents that have none.", show_default=False)
]
DateOption = Annotated[
    str,
    typer.Option(
        "--date",
        help="Date of documents that have none: YYYY, YYYY-MM or YYYY-MM-DD.",
        show_default=False,
    ),
]
SpeakerOption = Annotated[
    str | None,
    typer.Option(
        "--speaker-state",
        help="State that speaks in documents that name none, as a code.",
        show_default=False,
    ),
]
CHAMPION = "models:/alliance-stance@champion"
