"""The scores folder: schema, reading. (Stand-in: the module of the verb `score` takes its place.)"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

from alliance_stance.errors import InputError

SCORES_SCHEMA = pa.schema(
    [
        pa.field("document", pa.string(), nullable=False),
        ("source", pa.string()),
        ("title", pa.string()),
        ("date", pa.string()),
        ("speaker_state", pa.string()),
        ("sentence", pa.int32()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("text", pa.string()),
        ("state", pa.string()),
        ("alliance", pa.string()),
        ("state_how", pa.string()),
        ("alliance_how", pa.string()),
        ("state_start", pa.int64()),
        ("state_end", pa.int64()),
        ("alliance_start", pa.int64()),
        ("alliance_end", pa.int64()),
        ("membership", pa.string()),
        ("stance", pa.string()),
        ("act", pa.string()),
        ("score", pa.float64()),
        ("against", pa.float64()),
        ("favor", pa.float64()),
        ("neutral", pa.float64()),
    ]
)
DOCUMENTS_SCHEMA = pa.schema(
    [
        pa.field("document", pa.string(), nullable=False),
        ("source", pa.string()),
        ("title", pa.string()),
        ("date", pa.string()),
        ("speaker_state", pa.string()),
        ("characters", pa.int64()),
        ("sentences", pa.int32()),
        ("triples", pa.int32()),
    ]
)


@dataclass(frozen=True)
class Scores:
    """An opened scores folder or file."""

    folder: Path
    run: dict[str, Any] = field(default_factory=dict)

    def rows(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Give the triples, with the columns wanted (all there are if None)."""
        if self.folder.is_dir():
            return pq.read_table(self.folder / "scores", columns=columns)
        if self.folder.suffix == ".csv":
            options = pcsv.ConvertOptions(
                column_types={f.name: f.type for f in SCORES_SCHEMA},
                strings_can_be_null=True,
                include_columns=columns,
            )
            return pcsv.read_csv(self.folder, convert_options=options)
        return pq.read_table(self.folder, columns=columns)

    def documents(self) -> pa.Table:
        """Give the documents; of a single file, those that have a triple."""
        if self.folder.is_dir():
            return pq.read_table(self.folder / "documents")
        rows = self.rows(["document", "source", "title", "date", "speaker_state"])
        grouped = rows.group_by(rows.column_names).aggregate([([], "count_all")])
        return grouped.append_column("triples", pc.cast(grouped["count_all"], pa.int32()))


def open_scores(folder: Path) -> Scores:
    """Open a scores folder, or a .parquet or .csv file of the same columns."""
    if folder.is_dir() and (folder / "scores").is_dir():
        run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        return Scores(folder, run)
    if folder.is_file() and folder.suffix in {".parquet", ".csv"}:
        return Scores(folder)
    raise InputError(
        str(folder), "no scores", "a folder that `score` wrote, or a .parquet or .csv of its columns",
        "check the path",
    )  # fmt: skip
