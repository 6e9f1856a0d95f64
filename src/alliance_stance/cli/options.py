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
ModelOption = Annotated[
    str,
    typer.Option(
        "--model",
        "-m",
        help="Model folder, or an address such as models:/alliance-stance@champion.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
CHAMPION = "models:/alliance-stance@champion"
