"""``alliance-stance predict``: the stances in a text."""

from typing import TYPE_CHECKING, Annotated

import typer

from alliance_stance.cli.options import (
    CHAMPION,
    AbstainOption,
    ColumnsOption,
    DateOption,
    ExamplesOption,
    ExplainOption,
    FormatOption,
    InputsArgument,
    JsonOption,
    MetadataOption,
    ModelOption,
    SpeakerOption,
    TitleOption,
    UnreadableOption,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alliance_stance.corpus.documents import Corpus
    from alliance_stance.inference.predictor import Predictor
    from alliance_stance.schema import Prediction

_AT_ONCE = 256


def predict(
    inputs: InputsArgument,
    model: ModelOption = CHAMPION,
    json_: JsonOption = False,
    format_: FormatOption = None,
    title: TitleOption = "",
    date: DateOption = "",
    speaker_state: SpeakerOption = None,
    columns: ColumnsOption = None,
    metadata: MetadataOption = None,
    on_unreadable: UnreadableOption = None,
    abstain_below: AbstainOption = None,
    polar: Annotated[bool, typer.Option("--polar", help="Leave neutral triples out.")] = False,
    explain: ExplainOption = False,
    examples: ExamplesOption = None,
) -> None:
    """Print the stances in a text, in documents, or of ready examples.

    A text file is one document, a row of a table too. In a JSONL file a line with `state` and
    `alliance` is a ready example, one without is a document of which every pair is found.
    """
    from alliance_stance.cli.console import note, quiet_libraries, show, show_json

    quiet_libraries()
    from alliance_stance import load
    from alliance_stance.cli.explaining import open_explainer
    from alliance_stance.cli.reading import open_inputs, read_options, tell_skipped
    from alliance_stance.corpus.facts import Facts
    from alliance_stance.inference.predictor import prediction_row
    from alliance_stance.reporting.candidates import prediction_table
    from alliance_stance.schema import Stance

    predictor = load(model)
    explainer = open_explainer(predictor, examples, is_asked=explain)
    facts = Facts(title, date, speaker_state)
    options = read_options(format_, facts, columns, metadata, on_unreadable)
    corpus = open_inputs(inputs, options, predictor.artifact.knowledge)
    count = told = 0
    shown = []
    for group in _predicted(corpus, predictor):
        count += len(group)
        wanted = [p for p in group if not polar or p.stance is not Stance.NEUTRAL]
        told += len(wanted)
        if explainer is not None:
            explainer.show(wanted, is_json=json_, abstain_below=abstain_below)
        elif json_:
            for prediction in wanted:
                show_json(prediction_row(prediction, abstain_below=abstain_below))
        else:
            shown += wanted
    tell_skipped(corpus)
    if shown:
        name = str(inputs[0]) if len(inputs) == 1 else f"{len(inputs)} inputs"
        title_ = f"{name}: {len(shown)} triples"
        show(prediction_table(shown, title=title_, abstain_below=abstain_below))
    elif not count:
        note("no sentence pairs a state with an alliance")
    elif not told and not json_:
        note(f"all {count} triples are neutral")


def _predicted(corpus: "Corpus", predictor: "Predictor") -> "Iterator[list[Prediction]]":
    """Yield the predictions of so many documents at once as keep a model busy."""
    from itertools import islice

    items = iter(corpus)
    while some := list(islice(items, _AT_ONCE)):
        yield [prediction for group in predictor.predict_batch(some) for prediction in group]
