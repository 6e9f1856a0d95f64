"""``alliance-stance report``: scored texts as one page to look at and to share."""

from pathlib import Path
from typing import Annotated

import typer

from alliance_stance.cli.outputs import refuse_overwriting


def report(
    scores: Annotated[
        Path,
        typer.Argument(
            metavar="SCORES",
            help="Folder that `score` wrote, or one .parquet or .csv file of its columns.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The page; an older one is replaced.")
    ] = Path("report.html"),
    title: Annotated[
        str, typer.Option("--title", help="What stands above the page.")
    ] = "Stances of states toward alliances",
    by: Annotated[
        str, typer.Option("--by", help="How long a point of a curve is: year, quarter or month.")
    ] = "year",
    link: Annotated[
        str | None,
        typer.Option(
            "--link",
            help="Address of a document, with {document} or {source} in it; '' for no links. By "
            "default a web address in the scores, or the file that the source names.",
            show_default=False,
        ),
    ] = None,
    sentences: Annotated[
        int, typer.Option("--sentences", min=0, help="Sentences of a pair at most.")
    ] = 40,
) -> None:
    """Write scored texts as one self-contained HTML page.

    A matrix of states by alliances, each pair's course in time, when its level changed (the change
    points of `panel --changes`), who moved most from first to last, and the most telling sentences,
    with filters. The page needs no network and no file beside it.
    """
    from alliance_stance.cli.console import note
    from alliance_stance.corpus.readers.libraries import library

    library("pyarrow", str(scores))
    from alliance_stance.files import write_text
    from alliance_stance.inference.score_folder import files_read
    from alliance_stance.inference.scores import open_scores
    from alliance_stance.knowledge.knowledge import load_knowledge
    from alliance_stance.reporting.periods import check_by
    from alliance_stance.reporting.report_page import ReportOptions, report_page

    refuse_overwriting({"--output": output}, files_read(scores))
    options = ReportOptions(title, check_by(by), link, sentences)
    opened = open_scores(scores)
    written = report_page(opened, load_knowledge(), options, folder=output.resolve().parent)
    write_text(output, written.page)
    note(
        f"written to {output}: {written.triples} triples of {written.pairs} pairs, "
        f"{written.sentences} sentences, {len(written.page.encode()) / 1e6:.1f} MB"
    )
