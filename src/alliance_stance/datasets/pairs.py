"""The pairs builder: any table with text, holder, target and stance.

Holders and targets are free strings, so somebody who studies parties, firms or drugs can use the
models of this project on labels of their own.
"""

import codecs
import io
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, field_validator

from alliance_stance.config import PathFromFile, Section
from alliance_stance.datasets.pair_builder import LabelledPair, PairsBuilder, PairSet
from alliance_stance.datasets.pair_parsing import PairColumns, read_label, read_pair
from alliance_stance.datasets.pair_rows import PairRow, collect_pairs, repeated_notes, take_dev
from alliance_stance.datasets.pair_splits import (
    DEV,
    TRAIN,
    ColumnSplit,
    PairSplitSettings,
    PlainKeys,
    is_split_name,
)
from alliance_stance.datasets.pair_tables import TableFormat, TableRow, read_table, table_format
from alliance_stance.datasets.splits import FixedSplit, Split, plan_splits, read_split_file
from alliance_stance.errors import DatasetError
from alliance_stance.schema import Stance

_SHOWN = 20


class PairsSettings(Section):
    """Recipe of somebody's own set."""

    kind: Literal["pairs"]
    path: PathFromFile = Field(description="The table; a relative path starts at the recipe.")
    format: TableFormat | None = Field(
        None, description="jsonl, csv, tsv or parquet, where the file's ending does not say it."
    )
    encoding: str = Field("utf-8", description="Encoding of a text file, as Python names it.")
    quoted: bool = Field(
        True, description="False where a quotation mark in CSV or TSV is a character as any other."
    )
    columns: PairColumns
    stances: Annotated[dict[str, Stance | None], PlainKeys] = Field(
        min_length=1, description="Stance of each of the set's labels; null leaves its rows out."
    )
    split: PairSplitSettings = Field(description="How rows are dealt out, or what says where.")

    @field_validator("encoding")
    @classmethod
    def _encoding_is_known(cls, encoding: str) -> str:
        try:
            # Python also knows codecs that are no text's, as hex
            io.TextIOWrapper(io.BytesIO(), encoding=codecs.lookup(encoding).name)
        except LookupError:
            raise ValueError(f"{encoding!r} is no encoding of a text that Python knows") from None
        return encoding


class _Labelled(NamedTuple):
    """A row, its label and the value of its split column."""

    row: PairRow
    where: str
    split: str


class PairsFileBuilder(PairsBuilder):
    """Hugging Face builder of somebody's own set."""

    settings_class = PairsSettings
    description = "Stances of holders toward targets, from a table of the user's."
    own_code = ("datasets/pairs", "datasets/pair_parsing")

    @classmethod
    def input_files(cls, settings: PairsSettings) -> list[Path]:
        """Give the table."""
        if not settings.path.is_file():
            raise DatasetError(
                str(settings.path), "no such file", "a table of texts, targets and stances",
                "correct 'path' in the recipe",
            )  # fmt: skip
        table_format(settings.path, settings.format)
        return [settings.path]

    @classmethod
    def read_pairs(cls, settings: PairsSettings) -> PairSet:
        """Read the table, and deal its rows out."""
        return read_pairs(settings)


def read_pairs(settings: PairsSettings) -> PairSet:
    """Read and check the whole table.

    Raises
    ------
    DatasetError
        At the first row that breaks the format (docs/formats.md), or for labels that the recipe
        does not map, all of them at once.
    """
    kind = table_format(settings.path, settings.format)
    rows = list(
        read_table(
            settings.path, kind, encoding=settings.encoding, is_quoted=settings.quoted
        )
    )  # fmt: skip
    if not rows:
        raise DatasetError(str(settings.path), "no rows", "some", "check that it is complete")
    _check_columns(rows, settings)
    labels = [read_label(row, settings.columns.stance) for row in rows]
    _check_labels(rows, labels, settings)
    kept = [
        _Labelled(
            read_pair(row, label, stance, settings.columns), row.where, _split_cell(row, settings)
        )
        for row, label in zip(rows, labels, strict=True)
        if (stance := settings.stances[label]) is not None
    ]  # fmt: skip
    if not kept:
        raise DatasetError(
            str(settings.path), "only labels that the recipe leaves out", "labelled rows",
            "map a label of 'stances' to favor, against or neutral",
        )  # fmt: skip
    _check_ids(kept)
    return PairSet(_deal(kept, settings), tuple(_notes(labels, kept, settings)))


def _check_columns(rows: Sequence[TableRow], settings: PairsSettings) -> None:
    """Refuse a recipe whose columns no row has, before rows are blamed for it."""
    present = {column for row in rows for column in row.cells}
    wanted = {column for column in settings.columns.model_dump().values() if column is not None}
    if isinstance(settings.split, ColumnSplit):
        wanted.add(settings.split.column)
    missing = sorted(wanted - present)
    if missing:
        raise DatasetError(
            str(settings.path), f"no column {', '.join(missing)}",
            f"some of its columns {', '.join(map(repr, sorted(present)))}",
            "correct 'columns' or 'split' in the recipe",
        )  # fmt: skip


def _check_labels(rows: Sequence[TableRow], labels: Sequence[str], settings: PairsSettings) -> None:
    unmapped = Counter(label for label in labels if label not in settings.stances)
    if not unmapped:
        return
    first = next(row.where for row, label in zip(rows, labels, strict=True) if label in unmapped)
    listed = ", ".join(f"{label!r:.60} ({n} rows)" for label, n in unmapped.most_common(_SHOWN))
    more = f" and {len(unmapped) - _SHOWN} more" if len(unmapped) > _SHOWN else ""
    raise DatasetError(
        first, f"labels that 'stances' does not map: {listed}{more}",
        f"labels of {', '.join(map(repr, settings.stances))}",
        "map each to favor, against or neutral, or to null to leave its rows out",
    )  # fmt: skip


def _split_cell(row: TableRow, settings: PairsSettings) -> str:
    if not isinstance(settings.split, ColumnSplit):
        return ""
    value = row.cells.get(settings.split.column)
    name = settings.split.names.get(str(value), str(value))
    if value is None or not is_split_name(name):
        raise DatasetError(
            row.where, f"{settings.split.column} {value!r:.40}",
            "the name of a split: letters, digits and _, not 'all'",
            "mend the row, or rename the value in 'split.names'",
        )  # fmt: skip
    return name


def _check_ids(kept: Sequence[_Labelled]) -> None:
    place: dict[str, str] = {}
    for row, where, _ in kept:
        if row.id in place:
            raise DatasetError(
                where, f"a second row with id {row.id!r:.60}", "each id once",
                f"see {place[row.id]}; mend one, or do not name the column of ids",
            )  # fmt: skip
        place[row.id] = where


def _deal(kept: Sequence[_Labelled], settings: PairsSettings) -> dict[str, list[LabelledPair]]:
    if isinstance(settings.split, ColumnSplit):
        return _deal_by_column(kept, settings)
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for row, _, _ in kept:
        texts[row.document].append(row.text)
    if isinstance(settings.split, FixedSplit):
        _check_fixed(settings.split, texts)
    sizes = {name: len(own) for name, own in texts.items()}
    # a text may be judged for several pairs; one look at it is enough
    once = {name: list(dict.fromkeys(own)) for name, own in texts.items()}
    plan = plan_splits(settings.split, once, sizes)
    return {
        name: collect_pairs([row for row, _, _ in kept if _belongs(row, split)])
        for name, split in plan.items()
    }


def _belongs(row: PairRow, split: Split) -> bool:
    holder, target = row.pair
    return row.document in split.documents and split.keeps(holder, target)


def _check_fixed(split: FixedSplit, documents: dict[str, list[str]]) -> None:
    known = read_split_file(split.file, split.scheme)
    for document in documents:
        if document not in known:
            raise DatasetError(
                str(split.file), f"no row of {document!r}", "a row of each document of the set",
                "add it, with an empty cell to leave the document out",
            )  # fmt: skip


def _deal_by_column(
    kept: Sequence[_Labelled], settings: PairsSettings
) -> dict[str, list[LabelledPair]]:
    assert isinstance(settings.split, ColumnSplit)
    by_split: defaultdict[str, list[PairRow]] = defaultdict(list)
    for row, _, split in kept:
        by_split[split].append(row)
    if settings.split.dev is not None:
        if DEV in by_split or TRAIN not in by_split:
            raise DatasetError(
                f"{settings.path}, column {settings.split.column}",
                f"splits {', '.join(sorted(by_split))}",
                f"{TRAIN}, and no {DEV}, where 'split.dev' deals one out",
                "remove 'split.dev', or rename values in 'split.names'",
            )  # fmt: skip
        by_split[TRAIN], by_split[DEV] = take_dev(by_split[TRAIN], settings.split.dev)
    order = [name for name in (TRAIN, DEV, "test") if name in by_split]
    order += sorted(set(by_split) - set(order))
    return {name: collect_pairs(by_split[name]) for name in order}


def _notes(labels: Sequence[str], kept: Sequence[_Labelled], settings: PairsSettings) -> list[str]:
    notes = []
    left_out = Counter(label for label in labels if settings.stances[label] is None)
    if left_out:
        listed = ", ".join(
            f"{label!r:.60} {count}" for label, count in left_out.most_common(_SHOWN)
        )
        notes.append(f"left out by label: {listed}")
    return notes + repeated_notes([row for row, _, _ in kept])
