"""Arguments and options that several verbs share."""

from pathlib import Path
from typing import Annotated

import typer

EXPERIMENT = Path("experiments/default")
PROCESSED = Path("data/processed")
ARTIFACTS = Path("artifacts")
MINIMAL_PAIRS = Path("data/gold/minimal_pairs.jsonl")

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
        help="Model folder, or an address such as models:/alliance-stance@champion; shipped and "
        "shipped-base are the models in the package, default is the champion where there is one, "
        "else shipped-base.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
InputsArgument = Annotated[
    list[Path],
    typer.Argument(
        metavar="INPUT...",
        help="Files, folders, or patterns in quotation marks; - for standard input.",
        show_default=False,
    ),
]
FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format",
        help="Read the files so, whatever their names: text, jsonl, html, pdf, docx, csv, tsv, "
        "parquet, un-debates, warc, feed, mail, mbox or transcript.",
        show_default=False,
    ),
]
ColumnsOption = Annotated[
    str | None,
    typer.Option(
        "--columns",
        help="Columns of a table: text=body,date=published; also id, title, speaker_state.",
        show_default=False,
    ),
]
MetadataOption = Annotated[
    Path | None,
    typer.Option(
        "--metadata",
        help="CSV with a column file or id, and title, date, speaker_state: what the documents "
        "lack.",
        show_default=False,
    ),
]
UnreadableOption = Annotated[
    str | None,
    typer.Option(
        "--on-unreadable",
        help="skip or fail; by default one named file fails, and among many it is skipped.",
        show_default=False,
    ),
]
BulkUnreadableOption = Annotated[
    str | None,
    typer.Option(
        "--on-unreadable",
        help="skip or fail; by default what cannot be read is skipped, one named file too.",
        show_default=False,
    ),
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


def _probability(value: float | None) -> float | None:
    # NaN passes the comparisons of a range
    if value is not None and not 0 <= value <= 1:
        raise typer.BadParameter(f"{value} is no probability: give a number from 0 to 1")
    return value


AbstainOption = Annotated[
    float | None,
    typer.Option(
        "--abstain-below",
        metavar="P",
        callback=_probability,
        help="Mark triples whose stance is less probable than P as abstained; none is dropped.",
        show_default=False,
    ),
]
ExplainOption = Annotated[
    bool,
    typer.Option(
        "--explain",
        help="Tell why: the words that decided, how state and alliance were found, the labelling "
        "rules that hold, and with --examples the most similar training sentences.",
    ),
]
ExamplesOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--examples",
        help="With --explain: labelled sentences that the model was fitted on, as JSON lines or "
        "gold documents.",
        show_default=False,
    ),
]
