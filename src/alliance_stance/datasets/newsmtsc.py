"""The NewsMTSC builder: sentiment of political news toward a person or group.

Hamborg and Donnay 2021, "NewsMTSC: A Dataset for (Multi-)Target-dependent Sentiment Classification
in Political News Articles". The holder is the author, that is the newspaper.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from alliance_stance.config import PathFromFile, Section
from alliance_stance.datasets.benchmark_files import find_files, look_up
from alliance_stance.datasets.pair_builder import PairsBuilder, PairSet
from alliance_stance.datasets.pair_marking import Name
from alliance_stance.datasets.pair_rows import PairRow, collect_pairs, repeated_notes
from alliance_stance.datasets.pair_tables import TableRow, read_table
from alliance_stance.errors import DatasetError
from alliance_stance.schema import Stance

FILES: Mapping[str, str] = {
    "train": "rw-train.jsonl",
    "dev": "rw-dev.jsonl",
    "test": "rw-test.jsonl",
    "dev_mt": "mt-dev.jsonl",
    "test_mt": "mt-test.jsonl",
}
"""File of each split; `mt` are sentences with two targets or more."""

_STANCES = {-1: Stance.AGAINST, 0: Stance.NEUTRAL, 1: Stance.FAVOR}
_TYPES = {"id": str, "sentence": str, "mention": str, "from": int, "to": int, "polarity": int}
_SOURCE = (
    "github.com/fhamborg/NewsMTSC, folders "
    "NewsSentiment/experiments/default/datasets/newsmtsc-rw-hf and -mt-hf"
)
_PARTS = {"polusa": 3, "allsides": 3}
"""Parts of an id, up to `_`, that name the article."""


class NewsmtscSettings(Section):
    """Recipe of NewsMTSC."""

    kind: Literal["newsmtsc"]
    path: PathFromFile = Field(description="Folder of its files; it may start at the recipe.")


class NewsmtscBuilder(PairsBuilder):
    """Hugging Face builder of NewsMTSC."""

    settings_class = NewsmtscSettings
    description = "Sentiment of political news toward a person or group."
    own_code = ("datasets/newsmtsc", "datasets/benchmark_files")

    @classmethod
    def input_files(cls, settings: NewsmtscSettings) -> list[Path]:
        """Give the files of all splits."""
        return find_files(settings.path, FILES.values(), source=_SOURCE)

    @classmethod
    def read_pairs(cls, settings: NewsmtscSettings) -> PairSet:
        """Read all splits."""
        files = cls.input_files(settings)
        rows = {
            split: [parse_row(row, split) for row in read_table(path, "jsonl")]
            for split, path in zip(FILES, files, strict=True)
        }
        notes = [f"{name}: {line}" for name, own in rows.items() for line in repeated_notes(own)]
        return PairSet({name: collect_pairs(own) for name, own in rows.items()}, tuple(notes))


def parse_row(row: TableRow, split: str) -> PairRow:
    """Make a pair of a row.

    Raises
    ------
    DatasetError
        If a key is missing or of another type, the offsets do not hold the mention, or the
        polarity is none of -1, 0 and 1.
    """
    cells: dict[str, Any] = row.cells
    for key, kind in _TYPES.items():
        if not isinstance(cells.get(key), kind):
            raise DatasetError(
                row.where, f"{key} {json.dumps(cells.get(key))[:40]}",
                f"keys {', '.join(_TYPES)}, the last three whole numbers",
                "compare the file with the original",
            )  # fmt: skip
    text, start, end = cells["sentence"], cells["from"], cells["to"]
    if start < 0 or text[start:end] != cells["mention"] or not cells["mention"].strip():
        raise DatasetError(
            row.where, f"{cells['mention']!r:.40} at {start} to {end}", "the mention at its place",
            "compare the file with the original",
        )  # fmt: skip
    return PairRow(
        id=f"{split}:{cells['id']}",
        document=article_of(cells["id"]),
        text=text,
        holder=None,
        target=Name(" ".join(cells["mention"].split()), (start, end)),
        stance=look_up(_STANCES, cells["polarity"], row.where),
        label=str(cells["polarity"]),
    )


def article_of(row_id: str) -> str:
    """Give the article of a row: source, and its two numbers.

    Examples
    --------
    >>> article_of("allsides_12_7_3_Jane Roe_0_8")
    'allsides_12_7'
    """
    parts = row_id.split("_")
    return "_".join(parts[: _PARTS.get(parts[0], len(parts))])
