"""``alliance-stance evaluate``: score saved models on labelled examples, and probe them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from alliance_stance import DEFAULT
from alliance_stance.cli.options import MINIMAL_PAIRS, AbstainOption, JsonOption
from alliance_stance.cli.outputs import refuse_overwriting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alliance_stance.cli.evaluating import JudgedRows


_SWAPS = 3


def evaluate(
    data: Annotated[
        Path,
        typer.Option(
            "--data",
            help="JSONL file of labelled examples, or a recipe (.yaml) for its development split.",
        ),
    ],
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            "-m",
            help="Model folder, or an address; may be repeated, and all are compared with the "
            "first; if absent the champion, or shipped-base where there is none.",
            show_default=False,
        ),
    ] = None,
    probes: Annotated[
        bool,
        typer.Option(
            "--probes", help="Also count the minimal pairs passed, and the labels that names move."
        ),
    ] = False,
    minimal_pairs: Annotated[
        Path, typer.Option("--minimal-pairs", help="With --probes: JSONL file of groups.")
    ] = MINIMAL_PAIRS,
    swaps: Annotated[
        int, typer.Option("--swaps", min=1, help="With --probes: versions of each example.")
    ] = _SWAPS,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            help="With --probes: write their tables to this Markdown file.",
            show_default=False,
        ),
    ] = None,
    json_: JsonOption = False,
    abstain_below: AbstainOption = None,
    figures: Annotated[
        Path | None,
        typer.Option(
            "--figures",
            help="Folder for the reliability diagram and the curve of risk against coverage, each "
            "as PNG and SVG.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Score saved models on labelled examples: any file of them, or a recipe's.

    Of several models each is compared with the first one, paired by document.

    With --probes it also shows whether they read, by minimal pairs and by swapped names. With
    --abstain-below P the scores of the triples that would be answered stand beside those of all.
    """
    from alliance_stance.cli.console import note, quiet_libraries, show, show_json

    quiet_libraries()
    from alliance_stance.cli.evaluating import (
        compare_records,
        open_models,
        probe_models,
        read_rows,
        record_scores,
        score_models,
    )
    from alliance_stance.errors import InputError
    from alliance_stance.files import write_text
    from alliance_stance.reporting.probes import Probed, probe_markdown, probe_tables
    from alliance_stance.reporting.tables import metrics_table

    given = {
        "--output": output is not None,
        "--minimal-pairs": minimal_pairs != MINIMAL_PAIRS,
        "--swaps": swaps != _SWAPS,
    }
    if any(given.values()) and not probes:
        names = ", ".join(name for name, is_given in given.items() if is_given)
        raise InputError(names, "no --probes", "both, or neither", "add --probes")
    refuse_overwriting({"--output": output}, [data, minimal_pairs])
    models = open_models(model or [DEFAULT])
    rows = read_rows(data, models)
    judged = score_models(models, rows)
    records = [record_scores(one, rows, abstain_below=abstain_below) for one in judged]
    compare_records(judged, records)
    probed: list[Probed] = []
    if probes:
        probed, facts = probe_models(models, rows, minimal_pairs=minimal_pairs, per_example=swaps)
    if output is not None:
        heading = f"# Probes on {rows.name}\n\nWritten by `alliance-stance evaluate`; do not edit."
        write_text(output, f"{heading}\n\n{probe_markdown(probed, facts)}")
        note(f"written to {output}")
    _draw(judged, figures)
    _warn(records)
    if json_:
        for place, record in enumerate(records):
            show_json({**record, "probes": probed[place].record()} if probed else record)
        return
    for record in records:
        count = f"{record['example_count']} triples in {record['document_count']} documents"
        show(metrics_table(record, title=f"{record['model']} on {data}: {count}"))
    for table in probe_tables(probed) if probed else ():
        show(table)


def _draw(judged: "Sequence[JudgedRows]", folder: Path | None) -> None:
    if folder is None:
        return
    from alliance_stance.cli.console import note
    from alliance_stance.cli.results import write_calibration

    write_calibration([(one.title, one.scored) for one in judged], folder)
    note(f"drawn in {folder}")


def _warn(records: "Sequence[dict[str, Any]]") -> None:
    """Tell of every model that was fitted on what it is scored on."""
    from alliance_stance.cli.console import note

    for record in records:
        if record["trained_on_count"]:
            known = f"the sentences of {record['trained_on_count']} of these triples"
            note(f"warning: {record['model']} was fitted on {known}")
