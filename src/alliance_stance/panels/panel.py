"""The panel: one row for each state, alliance and period (docs/panels.md)."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from alliance_stance.errors import InputError
from alliance_stance.evaluation.metrics import Codes
from alliance_stance.files import write_bytes
from alliance_stance.inference.scores import Scores
from alliance_stance.labeling.sheets import escape_cell
from alliance_stance.panels.adjusted import Confusion
from alliance_stance.panels.choices import By, Correction, Errors, Weight
from alliance_stance.panels.estimates import (
    MEASURES,
    Estimates,
    adjust_cells,
    count_cells,
    power_cells,
)
from alliance_stance.panels.labels import Labels, read_labels
from alliance_stance.panels.periods import period_start
from alliance_stance.panels.triples import Triples, documents_read, read_triples
from alliance_stance.panels.weighting import Clusters, make_clusters
from alliance_stance.schema import ACTS, STANCES

SEED = 20240
"""Of the draws, as in all of the project's intervals."""
METADATA_KEY = "alliance_stance"
ENDINGS = (".csv", ".parquet")
_TOLD = 10


@dataclass(frozen=True)
class PanelOptions:
    """What a panel is made of.

    Parameters
    ----------
    by
        Length of the periods.
    weight
        What counts once in a cell.
    states, alliances
        Whose cells the table shows; empty for all. What holds for all cells, the model's errors and
        how much documents differ, is measured on all triples whatever is shown.
    min_documents
        Cells with fewer documents are left out of the table.
    labelled
        File of labels of some of the triples; None to take the model at its word.
    correction
        How the labels correct; without labels it does nothing.
    errors
        Whether `adjusted` measures the model's errors for each voice or for all together.
    """

    by: By = By.YEAR
    weight: Weight = Weight.DOCUMENT
    states: tuple[str, ...] = ()
    alliances: tuple[str, ...] = ()
    min_documents: int = 1
    labelled: Path | None = None
    correction: Correction = Correction.ADJUSTED
    errors: Errors = Errors.VOICE


@dataclass(frozen=True)
class Panel:
    """A panel and what it was made from.

    Parameters
    ----------
    table
        One row a cell, sorted by state, alliance and period; columns as in docs/panels.md. A cell
        without triples has no row.
    by
        Length of the periods.
    triples
        Triples in cells, also in those that the table does not show.
    undated
        Triples in no cell, since their date does not tell the period.
    undated_example
        The first of their dates; empty where none has one.
    labels, confusion
        What corrected it; None where nothing did, and no confusion with `ppi`.
    """

    table: pa.Table
    by: By
    triples: int
    undated: int
    undated_example: str = ""
    labels: Labels | None = None
    confusion: Confusion | None = None


def make_panel(scores: Scores, options: PanelOptions) -> Panel:
    """Make a panel of scored triples.

    Raises
    ------
    InputError
        If no triple is dated, there is none of a wanted state or alliance, the labels cannot be
        used, or every cell has too few documents.
    DatasetError
        If annotations cannot be read.
    """
    triples = read_triples(scores, options.by)
    wanted = _is_wanted(triples, options)
    clusters = make_clusters(triples, options.weight)
    counted = count_cells(triples, clusters)
    labels = confusion = None
    estimates = counted
    if options.labelled is not None:
        labels = read_labels(options.labelled, scores, triples)
        if options.correction is Correction.PPI:
            estimates = power_cells(triples, clusters, labels)
        else:
            estimates, confusion = adjust_cells(
                triples, clusters, labels, options.errors, seed=SEED
            )
    kept = _kept(clusters, wanted, options.min_documents)
    columns = {
        **_keys(triples, documents_read(scores, options.by)),
        **_counts(triples, clusters, labels),
        **_raw(counted),
        **_estimates(estimates),
        **_method(estimates, labels, options.correction),
        **_acts(triples, clusters.cell_count),
    }
    table = pa.table(columns).take(pa.array(kept))
    facts = _facts(scores, options, triples, labels, confusion)
    table = table.replace_schema_metadata({METADATA_KEY: json.dumps(facts)})
    return Panel(
        table,
        options.by,
        len(triples),
        triples.undated,
        triples.undated_example,
        labels,
        confusion,
    )


def _is_wanted(triples: Triples, options: PanelOptions) -> NDArray[np.bool_]:
    """Say of each cell whether the table shows it."""
    wanted = np.ones(len(triples.cells), dtype=np.bool_)
    for name, choice in (("state", options.states), ("alliance", options.alliances)):
        if not choice:
            continue
        found = [getattr(cell, name) for cell in triples.cells]
        missing = sorted(set(choice) - set(found))
        if missing:
            known = sorted(set(found))
            more = ", ..." if len(known) > _TOLD else ""
            raise InputError(
                f"--{name}", f"{', '.join(missing)}, of which there is no dated triple",
                f"what the scores hold: {', '.join(known[:_TOLD])}{more}", "correct it",
            )  # fmt: skip
        wanted &= np.array([one in choice for one in found])
    return wanted


def _kept(clusters: Clusters, wanted: NDArray[np.bool_], least: int) -> Codes:
    documents = np.bincount(clusters.cell)
    kept = np.flatnonzero(wanted & (documents >= least))
    if not len(kept):
        most = int(documents[wanted].max(initial=0))
        raise InputError(
            "--min-documents", f"{least}, and no cell with more than {most} documents",
            "cells with so many documents", "ask for fewer, or for longer periods",
        )  # fmt: skip
    return kept


def check_ending(path: Path) -> None:
    """Refuse a file name that tells no format.

    Raises
    ------
    InputError
        If it ends neither in ``.csv`` nor in ``.parquet``.
    """
    if path.suffix not in ENDINGS:
        raise InputError(str(path), f"ending {path.suffix!r}", " or ".join(ENDINGS), "rename it")


def write_table(path: Path, table: pa.Table) -> None:
    """Write a table as CSV or Parquet, by its ending, whole or not at all.

    In CSV, an empty cell is a missing value, and a text that a spreadsheet program might run as a
    formula has an apostrophe before it: scores of elsewhere may name anything a state. Parquet
    keeps what the table was made from as metadata.

    Raises
    ------
    InputError
        As `check_ending` does.
    """
    check_ending(path)
    buffer = io.BytesIO()
    if path.suffix == ".csv":
        pa_csv.write_csv(_escaped(table), buffer, pa_csv.WriteOptions(quoting_style="needed"))
    else:
        pq.write_table(table, buffer)
    write_bytes(path, buffer.getvalue())


def _escaped(table: pa.Table) -> pa.Table:
    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            cells = [None if c is None else escape_cell(c) for c in table.column(place).to_pylist()]
            table = table.set_column(place, field, pa.array(cells, pa.string()))
    return table


def _keys(triples: Triples, read: dict[str, int]) -> dict[str, Sequence[Any]]:
    cells = triples.cells
    return {
        "state": [cell.state for cell in cells],
        "alliance": [cell.alliance for cell in cells],
        "period": [cell.period for cell in cells],
        "period_start": [period_start(cell.period) for cell in cells],
        "documents_read": [read.get(cell.period, 0) for cell in cells],
    }


def _counts(triples: Triples, clusters: Clusters, labels: Labels | None) -> dict[str, Codes]:
    count = clusters.cell_count
    labelled = np.zeros(count, dtype=np.int64)
    if labels is not None:
        labelled = np.bincount(triples.cell[labels.triples], minlength=count)
    return {
        "documents": np.bincount(clusters.cell),
        "sources": _distinct(triples.cell, triples.source, count),
        "sentences": _distinct(triples.cell, triples.place, count),
        "triples": np.bincount(triples.cell, minlength=count),
        "labelled": labelled,
    }


def _distinct(cell: Codes, codes: Codes, count: int) -> Codes:
    span = int(codes.max()) + 1
    return np.bincount(np.unique(cell * span + codes) // span, minlength=count)


def _raw(counted: Estimates) -> dict[str, pa.Array]:
    return {
        f"model_{name}": pa.array(counted.values[:, column]) for column, name in enumerate(MEASURES)
    }


def _estimates(estimates: Estimates) -> dict[str, pa.Array]:
    columns = {}
    for column, name in enumerate(MEASURES):
        parts = {
            name: estimates.values, f"{name}_low": estimates.low, f"{name}_high": estimates.high,
            f"{name}_se": estimates.errors,
        }  # fmt: skip
        for title, values in parts.items():
            columns[title] = pa.array(values[:, column], from_pandas=True)
    return columns


def _method(
    estimates: Estimates, labels: Labels | None, correction: Correction
) -> dict[str, list[str]]:
    known = estimates.is_known.tolist()
    if labels is None:
        return {"method": ["counted"] * len(known), "interval": ["sampling"] * len(known)}
    missing = "refuted" if correction is Correction.ADJUSTED else "none"
    return {
        "method": [str(correction)] * len(known),
        "interval": ["corrected" if one else missing for one in known],
    }


def _acts(triples: Triples, count: int) -> dict[str, Codes]:
    width = len(ACTS)
    counts = np.bincount(triples.cell * width + triples.acts, minlength=count * width)
    return {f"act_{act}": counts.reshape(count, width)[:, i] for i, act in enumerate(ACTS)}


def _facts(
    scores: Scores,
    options: PanelOptions,
    triples: Triples,
    labels: Labels | None,
    confusion: Confusion | None,
) -> dict[str, Any]:
    """Give what a table was made from, as plain values."""
    facts: dict[str, Any] = {
        "by": str(options.by),
        "weight": str(options.weight),
        "min_documents": options.min_documents,
        "triples": len(triples),
        "undated": triples.undated,
        "run": scores.run,
        "seed": SEED,
    }
    if labels is not None:
        facts |= {
            "correction": str(options.correction),
            "labelled": len(labels),
            "labels_unmatched": labels.unmatched,
            "labels_differing": labels.differing,
            "labels_ambiguous": labels.ambiguous,
            "labels_unsettled": labels.unsettled,
            "sampling_probabilities": labels.has_probabilities,
        }
    if confusion is not None:
        facts["errors"] = {
            voice: dict(zip(map(str, STANCES), values.round(6).tolist(), strict=True))
            for voice, values in zip(confusion.voices, confusion.values, strict=True)
        }
    return facts
