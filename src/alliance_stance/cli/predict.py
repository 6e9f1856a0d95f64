"""``alliance-stance predict``: the stances in a text."""

from pathlib import Path
from typing import Annotated

import typer

from alliance_stance.cli.options import (
    CHAMPION,
    DateOption,
    FormatOption,
    JsonOption,
    ModelOption,
    SpeakerOption,
    TitleOption,
)


def predict(
    file: Annotated[
        Path, typer.Argument(help="Text or JSONL file; - for standard input.", show_default=False)
    ],
    model: ModelOption = CHAMPION,
    json_: JsonOption = False,
    format_: FormatOption = None,
    title: TitleOption = "",
    date: DateOption = "",
    speaker_state: SpeakerOption = None,
    polar: Annotated[bool, typer.Option("--polar", help="Leave neutral triples out.")] = False,
) -> None:
    """Print the stances in a text, in documents, or of ready examples.

    A text file is one document. In a JSONL file a line with `state` and `alliance` is a ready
    example, one without is a document of which every pair is found.
    """
    from alliance_stance.cli.console import note, quiet_libraries, show, show_json

    quiet_libraries()
    from alliance_stance import load
    from alliance_stance.cli.reading import Facts, read_items
    from alliance_stance.inference.predictor import prediction_row
    from alliance_stance.reporting.candidates import prediction_table
    from alliance_stance.schema import Stance

    predictor = load(model)
    facts = Facts(title, date, speaker_state)
    items = list(read_items(file, format_, facts, predictor.artifact.knowledge))
    batch = predictor.predict_batch(items)
    predictions = [prediction for group in batch for prediction in group]
    shown = [p for p in predictions if not polar or p.stance is not Stance.NEUTRAL]
    if json_:
        for prediction in shown:
            show_json(prediction_row(prediction))
    elif shown:
        show(prediction_table(shown, title=f"{file}: {len(shown)} triples"))
    elif predictions:
        note(f"all {len(predictions)} triples are neutral")
    else:
        note("no sentence pairs a state with an alliance")
