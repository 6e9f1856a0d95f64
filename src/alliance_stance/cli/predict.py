"""``alliance-stance predict``: the stances in a text."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alliance_stance import DEFAULT
from alliance_stance.cli.options import (
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
from alliance_stance.cli.outputs import refuse_overwriting

if TYPE_CHECKING:
    from alliance_stance.cli.explaining import Explainer
    from alliance_stance.corpus.documents import Corpus
    from alliance_stance.inference.predictor import Predictor


def predict(
    inputs: InputsArgument,
    model: ModelOption = DEFAULT,
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
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            help="Write one document as a page with every triple marked, instead of the table; "
            "with --explain also why.",
            show_default=False,
        ),
    ] = None,
    explain: ExplainOption = False,
    examples: ExamplesOption = None,
) -> None:
    """Print the stances in a text, in documents, or of ready examples.

    A text file is one document, a row of a table too. In a JSONL file a line with `state` and
    `alliance` is a ready example, one without is a document of which every pair is found.
    """
    from alliance_stance.cli.console import counted, quiet_libraries, show, show_json

    _check_html(html, is_json=json_)
    refuse_overwriting({"--html": html}, inputs)
    quiet_libraries()
    from alliance_stance import load
    from alliance_stance.cli.explaining import open_explainer
    from alliance_stance.cli.opening import settle_address
    from alliance_stance.cli.reading import open_inputs, read_options, tell_skipped
    from alliance_stance.corpus.facts import Facts
    from alliance_stance.inference.predictor import prediction_row
    from alliance_stance.reporting.candidates import prediction_table
    from alliance_stance.schema import Stance

    model = settle_address(model)
    predictor = load(model)
    explainer = open_explainer(predictor, examples, is_asked=explain)
    facts = Facts(title, date, speaker_state)
    options = read_options(format_, facts, columns, metadata, on_unreadable)
    corpus = open_inputs(inputs, options, predictor.artifact.knowledge)
    if html is not None:
        _write_html(corpus, predictor, html, model, (polar, abstain_below), explainer)
        tell_skipped(corpus)
        return
    count = told = 0
    shown = []
    for group in predictor.score(corpus, on_refused=corpus.refuse):
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
        title_ = f"{name}: {counted(len(shown), 'triple')}"
        show(prediction_table(shown, title=title_, abstain_below=abstain_below))
    elif not told:
        _note_nothing(count, is_json=json_)


def _note_nothing(count: int, *, is_json: bool) -> None:
    """Say why nothing was printed, where `count` triples were left out."""
    from alliance_stance.cli.console import note

    if not count:
        note("no sentence pairs a state with an alliance")
    elif not is_json:
        note(f"all {count} triples are neutral")


def _check_html(path: Path | None, *, is_json: bool) -> None:
    if path is not None and is_json:
        raise typer.BadParameter("--html writes a page; leave --json out")


def _write_html(
    corpus: "Corpus",
    predictor: "Predictor",
    path: Path,
    model: str,
    options: tuple[bool, float | None],
    explainer: "Explainer | None",
) -> None:
    """Write the one document of a corpus as a page."""
    from itertools import islice

    from alliance_stance.cli.console import counted, note
    from alliance_stance.errors import InputError
    from alliance_stance.files import write_text
    from alliance_stance.reporting.document_page import PageOptions, document_page
    from alliance_stance.schema import Document, Stance

    items = list(islice(corpus, 2))
    if len(items) != 1 or not isinstance(items[0], Document):
        found = "several documents" if items[1:] else "a ready example" if items else "no document"
        raise InputError(
            "--html", found, "one document", "give one; for many use `score` and `report`"
        )
    polar, abstain_below = options
    judged = predictor.predict(items[0])
    shown = [p for p in judged if not polar or p.stance is not Stance.NEUTRAL]
    # a page that is sent on need not tell where the folder lay
    name = model if model.startswith("models:/") else "/".join(Path(model).parts[-2:])
    page = document_page(
        items[0], shown, predictor.artifact.knowledge,
        PageOptions(name, abstain_below, len(judged) - len(shown)),
        explanations=list(explainer.explain(shown)) if explainer is not None else (),
    )  # fmt: skip
    write_text(path, page)
    note(f"written to {path}: {counted(len(shown), 'triple')}")
