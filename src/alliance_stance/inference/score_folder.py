"""A folder of scores: what `score` writes, and what panels and reports are made of.

::

    scores/part-000000.parquet      one row per triple
    documents/part-000000.parquet   one row per document or ready example that was read
    errors.jsonl                    what could not be read or scored: where and why
    run.json                        what the run depends on, and its counts once it is finished

A part is a run of consecutive documents. Its rows are written first and its documents last, each
beside and renamed, so a part whose documents are there is whole. docs/scoring.md tells each column;
`scores` reads the rows back.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from alliance_stance.errors import InputError
from alliance_stance.files import new_file

FORMAT = 2
_READABLE = (1, FORMAT)
"""Format 1 has no column `id`: the `document` of a ready example is the example's own id there."""
RUN = "run.json"
ERRORS = "errors.jsonl"
ERROR_KEYS = ("where", "reason", "document", "count", "part")
"""Of a line of it, in order."""
SCORES = "scores"
DOCUMENTS = "documents"
KINDS = (SCORES, DOCUMENTS)
"""Folders of parts."""
ID = "id"
METADATA_KEY = b"alliance_stance"
"""Where the metadata of a part hold what it comes from, as JSON."""


def _text(name: str, *, nullable: bool = True) -> pa.Field:
    return pa.field(name, pa.string(), nullable=nullable)


FACTS = (_text("source"), _text("title"), _text("date"), _text("speaker_state"))
"""Columns of triples and of documents alike."""

SCORES_SCHEMA = pa.schema(
    [
        _text("document", nullable=False),
        _text(ID),
        *FACTS,
        pa.field("sentence", pa.int32()),
        pa.field("start", pa.int64()),
        pa.field("end", pa.int64()),
        _text("text"),
        _text("state"),
        _text("alliance"),
        _text("state_how"),
        _text("alliance_how"),
        pa.field("state_start", pa.int64()),
        pa.field("state_end", pa.int64()),
        pa.field("alliance_start", pa.int64()),
        pa.field("alliance_end", pa.int64()),
        _text("membership"),
        _text("stance"),
        _text("act"),
        pa.field("score", pa.float64()),
        pa.field("against", pa.float64()),
        pa.field("favor", pa.float64()),
        pa.field("neutral", pa.float64()),
    ]
)
"""One row per triple; `id` is a ready example's own, and null where a document was read."""

DECIDING = "deciding"
"""The one column that is not always there: places of the words that decided."""
EXPLAINED_SCHEMA = SCORES_SCHEMA.append(pa.field(DECIDING, pa.list_(pa.list_(pa.int64()))))
"""One row per triple of a run that explains."""

DOCUMENTS_SCHEMA = pa.schema(
    [
        _text("document", nullable=False),
        _text(ID),
        *FACTS,
        pa.field("characters", pa.int64()),
        pa.field("sentences", pa.int32()),
        pa.field("triples", pa.int32()),
    ]
)
"""One row per document; `characters` and `sentences` are null where only triples are known."""


@dataclass(frozen=True)
class Part:
    """A run of consecutive documents, scored.

    Parameters
    ----------
    rows
        As `SCORES_SCHEMA` or `EXPLAINED_SCHEMA`.
    documents
        As `DOCUMENTS_SCHEMA`.
    facts
        What else is to be known of it, as plain values; kept in the metadata of `documents`.
    """

    rows: pa.Table
    documents: pa.Table
    facts: Mapping[str, Any]


def write_part(folder: Path, number: int, part: Part, stamp: Mapping[str, Any]) -> None:
    """Write a part, whole or not at all; one of that number gives way.

    Parameters
    ----------
    folder
        The folder of scores.
    number
        Of the part, from zero.
    part
        What it holds.
    stamp
        What all parts of the run come from: model, versions, fingerprints.
    """
    stamped = {"format": FORMAT, **stamp}
    _write_table(part_file(folder, SCORES, number), part.rows, stamped)
    _write_table(
        part_file(folder, DOCUMENTS, number), part.documents, {**stamped, "part": dict(part.facts)}
    )


def part_file(folder: Path, kind: str, number: int) -> Path:
    """Give where a part's table of a kind (`SCORES` or `DOCUMENTS`) is kept."""
    return folder / kind / f"part-{number:06d}.parquet"


def files_read(scores: Path) -> list[Path]:
    """Give what is read of scores: of a folder what `score` wrote; other files may lie there."""
    return [scores / name for name in (RUN, ERRORS, *KINDS)] if scores.is_dir() else [scores]


def read_part_facts(folder: Path, number: int) -> dict[str, Any] | None:
    """Give the facts of a part that is whole; None where it is not there or damaged."""
    try:
        rows = _schema_of(part_file(folder, SCORES, number))
        documents = _schema_of(part_file(folder, DOCUMENTS, number))
        stamped = json.loads((documents.metadata or {})[METADATA_KEY])
        facts = stamped["part"]
    except (OSError, pa.ArrowException, KeyError, ValueError, TypeError):
        return None
    is_ours = rows in (SCORES_SCHEMA, EXPLAINED_SCHEMA) and documents == DOCUMENTS_SCHEMA
    return facts if is_ours and isinstance(facts, dict) else None


def _schema_of(path: Path) -> pa.Schema:
    """Give the schema of a table that is whole: all of it is read and its checksums compared."""
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        return file.read().schema


def read_run(folder: Path) -> dict[str, Any]:
    """Read the run.json of a folder of scores.

    Raises
    ------
    InputError
        If there is none, or it is of another format.
    """
    where = folder / RUN
    try:
        run = json.loads(where.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(
            str(folder), f"no {RUN}", "a folder that `score` wrote", "check the path"
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(
            str(where), f"no JSON ({error})", "a run of `score`", "score the documents again"
        ) from None
    if not isinstance(run, dict) or run.get("format") not in _READABLE:
        found = run.get("format") if isinstance(run, dict) else type(run).__name__
        raise InputError(
            str(where),
            f"format {found!r}",
            f"format {' or '.join(map(str, _READABLE))}",
            "use the version of alliance-stance that wrote it, or score the documents again",
        )
    return run


def _write_table(path: Path, table: pa.Table, stamped: Mapping[str, Any]) -> None:
    content = json.dumps(stamped, ensure_ascii=False, sort_keys=True).encode()
    with new_file(path) as beside:
        pq.write_table(
            table.replace_schema_metadata({METADATA_KEY: content}),
            beside,
            compression="zstd",
            write_page_checksum=True,
        )
        with beside.open("rb") as file:
            # so that a machine that loses power keeps whole parts only
            os.fsync(file.fileno())
