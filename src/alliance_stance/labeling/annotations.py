"""Annotations: what each annotator called each pair, one row a label (docs/formats.md)."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from alliance_stance.errors import DatasetError
from alliance_stance.labeling.own_tables import read_own_table
from alliance_stance.labeling.sheets import escape_cell, unescape_cell
from alliance_stance.schema import Act

ANNOTATION_COLUMNS = ("task", "worker", "label")
NOTE_COLUMN = "note"
"""May follow the other columns."""
ABSENT = "none"
"""Label of an annotator who finds that the sentence does not hold the pair at all."""
ADJUDICATOR = "adjudicator"
"""Worker who settles where the others differ; no independent annotator."""
LABELS = (*map(str, Act), ABSENT)
"""Every label, in the codebook's order."""


class Annotation(NamedTuple):
    """One label: the task's id, who gave it, an act or `ABSENT`, and a remark or nothing."""

    task: str
    worker: str
    label: str
    note: str = ""


def worker_name(name: str) -> str:
    """Give the name of a worker; that of the adjudicator as it is written everywhere.

    Examples
    --------
    >>> worker_name("Adjudicator"), worker_name("Anna")
    ('adjudicator', 'Anna')
    """
    return ADJUDICATOR if name.lower() == ADJUDICATOR else name


def read_annotation_rows(path: Path) -> list[Annotation]:
    """Read annotations with their notes, in the order of the file; a row given twice once.

    Raises
    ------
    DatasetError
        As `read_own_table` does; and if there is an unknown label, an empty task or worker, or two
        labels of one worker for one task.
    """
    rows: dict[tuple[str, str], Annotation] = {}
    for where, row in read_own_table(path, ANNOTATION_COLUMNS, holds="annotations"):
        found = _annotation(row, where)
        known = rows.setdefault((found.task, found.worker), found)
        if known.label != found.label:
            raise DatasetError(
                where,
                f"{found.label!r} of {found.worker!r} for {found.task!r}, {known.label!r} before",
                "one label of a worker for a task",
                "remove one row",
            )
    return list(rows.values())


def read_annotations(path: Path) -> dict[str, dict[str, str]]:
    """Read annotations (`task, worker, label`), keyed by annotator, then by task.

    Raises
    ------
    DatasetError
        As `read_annotation_rows` does.
    """
    return by_worker(read_annotation_rows(path))


def by_worker(rows: Iterable[Annotation]) -> dict[str, dict[str, str]]:
    """Key labels by annotator, then by task."""
    labels: dict[str, dict[str, str]] = {}
    for row in rows:
        labels.setdefault(row.worker, {})[row.task] = row.label
    return labels


def annotations_text(rows: Iterable[Annotation]) -> str:
    """Give annotations as CSV, by task and worker; with a column of notes where there is one."""
    ordered = sorted(rows)
    has_notes = any(row.note for row in ordered)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow((*ANNOTATION_COLUMNS, NOTE_COLUMN) if has_notes else ANNOTATION_COLUMNS)
    for row in ordered:
        cells = row if has_notes else row[:-1]
        writer.writerow([escape_cell(cell) for cell in cells])
    return file.getvalue()


def _annotation(row: dict[str, str], where: str) -> Annotation:
    task, worker, label = (unescape_cell(row[name]) for name in ANNOTATION_COLUMNS)
    if label not in LABELS:
        raise DatasetError(where, f"label {label!r}", "an act", "mend it")
    if not task or not worker:
        raise DatasetError(where, "an empty cell", "a task and a worker", "fill it in")
    return Annotation(task, worker_name(worker), label, unescape_cell(row.get(NOTE_COLUMN, "")))
