"""``alliance-stance panel``: state x alliance x period, with intervals, pictures and changes."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alliance_stance.cli.outputs import refuse_overwriting
from alliance_stance.panels.choices import By, Correction, Errors, Weight

if TYPE_CHECKING:
    from rich.table import Table

    from alliance_stance.panels.labels import Labels
    from alliance_stance.panels.panel import Panel

_SHOWN = 40
_PICTURES = (".png", ".svg")
_MEASURES = ("score", "favor", "against")


def panel(
    scores: Annotated[
        Path,
        typer.Argument(help="Folder that `score` wrote, or a .parquet or .csv file of its rows."),
    ],
    by: Annotated[By, typer.Option("--by", help="Length of a period.")] = By.YEAR,
    output: Annotated[
        Path | None,
        typer.Option("--output", help="Write the table to this file (.csv or .parquet)."),
    ] = None,
    labelled: Annotated[
        Path | None,
        typer.Option(
            "--labelled",
            help="Labels of some of the scored triples: lines (.jsonl) such as the settled.jsonl "
            "of `annotate adjudicate`, or what `annotate import` wrote (.csv). The estimates are "
            "then corrected for the model's errors.",
            show_default=False,
        ),
    ] = None,
    correction: Annotated[
        Correction | None,
        typer.Option(
            "--correction",
            help="With --labelled: adjusted (errors of all labels correct every cell) or ppi "
            "(a cell's own labels correct it; cells without get no estimate). Default: adjusted.",
            show_default=False,
        ),
    ] = None,
    errors: Annotated[
        Errors | None,
        typer.Option(
            "--errors",
            help="With adjusted: voice (errors measured apart where the state itself speaks, "
            "another one does, or none) or pooled. Default: voice.",
            show_default=False,
        ),
    ] = None,
    weight: Annotated[
        Weight,
        typer.Option("--weight", help="What counts once in a cell; none: each triple does."),
    ] = Weight.DOCUMENT,
    state: Annotated[
        list[str] | None,
        typer.Option("--state", help="Only this state; may be repeated.", show_default=False),
    ] = None,
    alliance: Annotated[
        list[str] | None,
        typer.Option("--alliance", help="Only this alliance; may be repeated.", show_default=False),
    ] = None,
    min_documents: Annotated[
        int, typer.Option("--min-documents", min=1, help="Leave out cells with fewer documents.")
    ] = 1,
    changes: Annotated[
        Path | None,
        typer.Option(
            "--changes",
            help="Write change points to this file (.csv or .parquet). Without --labelled, "
            "--weight and choices of pairs they are those of a `report` page.",
            show_default=False,
        ),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", help="With --pair: draw to this file (.png or .svg)."),
    ] = None,
    pair: Annotated[
        list[str] | None,
        typer.Option(
            "--pair",
            metavar="STATE:ALLIANCE",
            help="A pair to draw; may be repeated.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Make a panel of scored triples: shares of stances and a score for each pair and period.

    The intervals hold the drawing of documents, and with --labelled the model's errors too.
    """
    from alliance_stance.cli.console import note, quiet_libraries, show
    from alliance_stance.inference.score_folder import files_read
    from alliance_stance.inference.scores import open_scores
    from alliance_stance.panels.panel import PanelOptions, check_ending, make_panel, write_table
    from alliance_stance.reporting.panel_figures import check_pairs

    quiet_libraries()
    pairs = _pairs(plot, pair or [])
    if labelled is None:
        _refuse_corrections({"--correction": correction, "--errors": errors})
    if correction is Correction.PPI and errors is not None:
        _refuse_errors()
    for path in (output, changes):
        if path is not None:
            check_ending(path)
    refuse_overwriting(
        {"--output": output, "--changes": changes, "--plot": plot}, [*files_read(scores), labelled]
    )
    options = PanelOptions(
        by,
        weight,
        tuple(state or ()),
        tuple(alliance or ()),
        min_documents,
        labelled,
        correction or Correction.ADJUSTED,
        errors or Errors.VOICE,
    )
    made = make_panel(open_scores(scores), options)
    check_pairs(made.table, pairs)
    _tell(made)
    if output is not None:
        write_table(output, made.table)
        note(f"{made.table.num_rows} rows written into {output}")
    if changes is not None or plot is not None:
        _changes(made, changes, plot, pairs)
    if output is None and changes is None and plot is None:
        show(_table(made))


def _refuse_corrections(given: Mapping[str, object]) -> None:
    """Refuse options of a correction where there are no labels to correct by."""
    from alliance_stance.errors import ConfigError

    for name, value in given.items():
        if value is not None:
            raise ConfigError(
                name, "no --labelled", "labels to correct by",
                f"add --labelled, or leave {name} out",
            )  # fmt: skip


def _refuse_errors() -> None:
    """Refuse a choice that `ppi` does not know: it measures no errors of the model."""
    from alliance_stance.errors import ConfigError

    raise ConfigError(
        "--errors", "--correction ppi", "--correction adjusted", "leave one of them out"
    )


def _pairs(plot: Path | None, given: list[str]) -> list[tuple[str, str]]:
    """Read ``STATE:ALLIANCE`` and refuse a picture without pairs, or of another kind of file."""
    from alliance_stance.errors import ConfigError

    if (plot is None) != (not given):
        found, missing = ("--pair", "--plot") if plot is None else ("--plot", "--pair")
        raise ConfigError(found, f"no {missing}", "both, or neither", f"add {missing}")
    if plot is not None and plot.suffix not in _PICTURES:
        raise ConfigError("--plot", f"ending {plot.suffix!r}", " or ".join(_PICTURES), "rename it")
    pairs = []
    for one in given:
        state, colon, alliance = one.partition(":")
        if not (state and colon and alliance):
            raise ConfigError("--pair", repr(one), "STATE:ALLIANCE, as ARM:CSTO", "correct it")
        pairs.append((state, alliance))
    return pairs


def _tell(made: "Panel") -> None:
    """Say on standard error what went into the panel, and what did not."""
    from alliance_stance.cli.console import note
    from alliance_stance.panels.triples import such_as

    note(f"{made.triples} dated triples; {made.table.num_rows} cells")
    if made.undated:
        shown = such_as(made.undated_example)
        note(f"{made.undated} triples left out: their date does not tell the {made.by}{shown}")
    if made.labels is None:
        note(
            "no labels: the intervals hold sampling alone, not the model's errors; score is the "
            "mean of P(favor) - P(against), favor and against are counts"
        )
        return
    _tell_labels(made.labels)
    left = made.table["interval"].to_pylist()
    if left.count("refuted"):
        note(
            f"{left.count('refuted')} cells have no estimate: the model does not err there as in "
            "the labels"
        )
    if left.count("none"):
        note(f"{left.count('none')} cells have no estimate: too few labels of their own")


def _tell_labels(labels: "Labels") -> None:
    """Say how many labels count, and why the others do not."""
    from alliance_stance.cli.console import note

    note(f"{len(labels)} of them labelled")
    if labels.unmatched:
        note(f"{labels.unmatched} labels are of no triple in the panel")
    if labels.differing:
        note(
            f"{labels.differing} of these have the id of a triple, but another sentence or pair: "
            "are they labels of these texts?"
        )
    if labels.ambiguous:
        note(
            f"{labels.ambiguous} of these have a sentence of several documents: give them "
            "the 'document' or the 'id' of the triple"
        )
    if labels.unsettled:
        note(f"{labels.unsettled} tasks left out: annotators differ and nobody decided")


def _changes(
    made: "Panel", path: Path | None, plot: Path | None, pairs: list[tuple[str, str]]
) -> None:
    from alliance_stance.cli.console import note
    from alliance_stance.files import write_bytes
    from alliance_stance.panels.changes import MIN_PERIODS, find_changes, iterate_series
    from alliance_stance.panels.panel import SEED, write_table
    from alliance_stance.reporting.panel_figures import pairs_figure
    from alliance_stance.reporting.plots import figure_bytes

    found = find_changes(made.table, seed=SEED)
    if path is not None:
        write_table(path, found)
        count = sum(1 for _ in iterate_series(made.table))
        note(
            f"{found.num_rows} change points written into {path}; {count} pairs have "
            f"{MIN_PERIODS} periods or more"
        )
    if plot is not None:
        figure = pairs_figure(made.table, pairs, found, by=made.by)
        write_bytes(plot, figure_bytes(figure, plot.suffix[1:]))
        note(f"picture written into {plot}")


def _table(made: "Panel") -> "Table":
    """Give the cells of most documents, to be looked at."""
    from rich.table import Table
    from rich.text import Text

    from alliance_stance.reporting.terminal import printable

    by_size = [("documents", "descending"), ("triples", "descending")]
    ordered = made.table.sort_by(by_size).slice(0, _SHOWN)
    shown = ordered.sort_by([(name, "ascending") for name in ("state", "alliance", "period")])
    more = f", the {_SHOWN} of most documents" if made.table.num_rows > _SHOWN else ""
    table = Table(title=f"{made.table.num_rows} cells{more}")
    for name in ("state", "alliance", "period", "interval"):
        table.add_column(name)
    for name in ("documents", "triples", *_MEASURES):
        table.add_column(name, justify="right")
    for row in shown.to_pylist():
        # scores of elsewhere may name anything a state
        cells = [Text(printable(row[name])) for name in ("state", "alliance", "period", "interval")]
        counts = [str(row[name]) for name in ("documents", "triples")]
        table.add_row(*cells, *counts, *(_measure(row, name) for name in _MEASURES))
    return table


def _measure(row: dict[str, float | None], name: str) -> str:
    if row[name] is None:
        return "-"
    if row[f"{name}_low"] is None:
        return f"{row[name]:.2f}"
    return f"{row[name]:.2f} [{row[f'{name}_low']:.2f}, {row[f'{name}_high']:.2f}]"
