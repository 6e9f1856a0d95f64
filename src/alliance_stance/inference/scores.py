"""Read scores back: a folder that `score` wrote, or one file of its rows, as tables."""

import csv
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from alliance_stance.errors import InputError
from alliance_stance.inference.score_folder import (
    DECIDING,
    DOCUMENTS,
    DOCUMENTS_SCHEMA,
    EXPLAINED_SCHEMA,
    FACTS,
    ID,
    SCORES,
    SCORES_SCHEMA,
    part_file,
    read_run,
)
from alliance_stance.schema import STANCES

_NEVER_NULL = ("source", "title", "date", "text")
"""Strings that are empty, not null, where there is nothing."""
_NUMBERS = ("score", *map(str, STANCES))
"""Columns of the model's answer, which every row has."""
_TELLS_READY = {name: pa.field(name, pa.int32()) for name in ("sentence", "sentences")}
"""Of triples and of documents: null for a ready example."""


def open_scores(folder: Path) -> "Scores":
    """Open what `score` wrote, or one Parquet or CSV file with the columns of its rows.

    Raises
    ------
    InputError
        If there is no such folder or file, it is of another format, its run is not finished, or
        parts of it are missing.
    """
    if folder.is_dir():
        run = read_run(folder)
        _check_whole(folder, run)
        return Scores(folder, run)
    if not folder.is_file():
        raise InputError(
            str(folder), "no such folder", "a folder that `score` wrote", "check the path"
        )
    if folder.suffix.lower() not in _READERS:
        raise InputError(
            str(folder),
            f"the ending {folder.suffix!r}",
            "a folder of scores, or a .parquet or .csv file of their rows",
            "convert it",
        )
    return Scores(folder, {})


class Scores:
    """Scores that can be read; made by `open_scores`.

    Parameters
    ----------
    path
        A folder of scores, or one file of rows.
    run
        Content of its run.json; empty for a file.
    """

    def __init__(self, path: Path, run: dict[str, Any]) -> None:
        self.path = path
        self.run = run

    @property
    def has_deciding(self) -> bool:
        """Whether the rows tell the words that decided; a CSV file never does."""
        path = part_file(self.path, SCORES, 0) if self.run else self.path
        return path.suffix.lower() == ".parquet" and DECIDING in _parquet_names(path)

    def rows(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Read the rows, one per triple, in the order of the documents.

        Parameters
        ----------
        columns
            Of `EXPLAINED_SCHEMA`; None for all that are there. Few columns of many rows take little
            memory.

        Returns
        -------
        pyarrow.Table
            `document` and `id` as in this version, also where an earlier one wrote the rows.

        Raises
        ------
        InputError
            If a column is missing, or a file is damaged.
        """
        if columns is None:
            schema = EXPLAINED_SCHEMA if self.has_deciding else SCORES_SCHEMA
        else:
            schema = pa.schema([EXPLAINED_SCHEMA.field(name) for name in columns])
        if self.run:
            return _read_parts(self.path / SCORES, schema)
        return _conform(_READERS[self.path.suffix.lower()](self.path), schema, self.path)

    def documents(self) -> pa.Table:
        """Read the documents, one row each, as `DOCUMENTS_SCHEMA`.

        Ready examples of one document and date are one row, without `id` if they are several, and
        with the first of their sources. Of a single file those documents that have a triple; their
        `characters` and `sentences` are null.

        Raises
        ------
        InputError
            If a file is damaged.
        """
        if self.run:
            return _brought_together(_read_parts(self.path / DOCUMENTS, DOCUMENTS_SCHEMA))
        return _documents_of(self.rows(["document", ID, *(field.name for field in FACTS)]))


def _check_whole(folder: Path, run: Mapping[str, Any]) -> None:
    if not run.get("finished"):
        raise InputError(
            str(folder),
            "a run that is not finished",
            "all documents scored",
            "run `alliance-stance score` again with --resume",
        )
    for number in range(run["counts"]["parts"]):
        for kind in (SCORES, DOCUMENTS):
            if not part_file(folder, kind, number).is_file():
                raise InputError(
                    str(part_file(folder, kind, number)),
                    "no such file",
                    "all parts of the run",
                    "run `alliance-stance score` again with --resume",
                )


def _parquet_names(path: Path) -> list[str]:
    """Give the columns of a file; none where it cannot be read, which reading its rows tells."""
    try:
        names: list[str] = pq.read_schema(path).names
    except (OSError, pa.ArrowException):
        return []
    return names


def _read_parts(folder: Path, schema: pa.Schema) -> pa.Table:
    tables = [
        _conform(_read_parquet(path, _needed(schema)), schema, path)
        for path in sorted(folder.glob("part-*.parquet"))
    ]
    return pa.concat_tables(tables) if tables else schema.empty_table()


def _read_parquet(path: Path, names: Sequence[str] | None = None) -> pa.Table:
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            # a column that is missing is told by `_conform`
            known = None if names is None else [n for n in names if n in file.schema_arrow.names]
            return file.read(columns=known)
    except (OSError, pa.ArrowException) as error:
        raise InputError(
            str(path),
            f"no whole Parquet file ({str(error).splitlines()[0]:.80})",
            "a table of scores",
            "score the documents again, or write the file anew",
        ) from None


def _read_csv(path: Path) -> pa.Table:
    options = pyarrow.csv.ConvertOptions(
        # a table program writes whole numbers beside empty cells as 3.0; `_conform` casts them
        column_types={
            field.name: pa.float64() if pa.types.is_integer(field.type) else field.type
            for field in SCORES_SCHEMA
        },
        strings_can_be_null=True,
        null_values=[""],
    )
    # a sentence may hold a line break
    parsing = pyarrow.csv.ParseOptions(newlines_in_values=True)
    try:
        return pyarrow.csv.read_csv(path, convert_options=options, parse_options=parsing)
    except (OSError, pa.ArrowException) as error:
        raise InputError(
            str(path),
            f"no table of scores ({_with_name(path, str(error).splitlines()[0]):.120})",
            "a CSV file with the columns of docs/scoring.md",
            "mend it",
        ) from None


def _with_name(path: Path, told: str) -> str:
    """Give an error of a CSV file with the name of the column in place of its number."""
    place = re.search(r"CSV column #(\d+)", told)
    if place is None:
        return told
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        names = next(csv.reader(file))
    return told.replace(place[0], f"column {names[int(place[1])]!r}")


_READERS = {".parquet": _read_parquet, ".csv": _read_csv}


def _needed(schema: pa.Schema) -> list[str]:
    """Name the columns of a schema, and those that tell ready examples from documents."""
    if not {"document", ID} & set(schema.names):
        return list(schema.names)
    return list(dict.fromkeys([*schema.names, "document", ID, *_TELLS_READY]))


def _conform(table: pa.Table, schema: pa.Schema, path: Path) -> pa.Table:
    """Give the columns of a schema, in its order and types.

    Raises
    ------
    InputError
        If one is missing, stands twice or is of a type that cannot be converted, or a row lacks a
        number that every row has.
    """
    twice = [name for name, count in Counter(table.column_names).items() if count > 1]
    if twice:
        raise InputError(
            str(path),
            f"column {twice[0]!r} twice",
            "each column once",
            "leave one of them out",
        )
    missing = [name for name in schema.names if name not in table.column_names and name != ID]
    if missing:
        raise InputError(
            str(path),
            f"no column {missing[0]!r}",
            "the columns of docs/scoring.md",
            "give a folder that `score` wrote, or name the columns so",
        )
    if ID not in table.column_names:
        table = table.append_column(ID, pa.nulls(table.num_rows, pa.string()))
    beside = [name for name in _needed(schema) if name not in schema.names]
    fields = [_field(name) for name in beside if name in table.column_names]
    whole = pa.schema([*schema, *fields])
    try:
        table = _filled(table.select(whole.names).replace_schema_metadata(None).cast(whole))
    except (pa.ArrowException, ValueError) as error:
        raise InputError(
            str(path),
            f"a column of another type ({str(error).splitlines()[0]:.80})",
            "the types of docs/scoring.md",
            "convert it",
        ) from None
    _check_numbers(table, path)
    return _name_documents(table).select(schema.names)


def _check_numbers(table: pa.Table, path: Path) -> None:
    """Refuse a score or a probability that is missing or no number: means would hide it."""
    for name in _NUMBERS:
        if name not in table.column_names:
            continue
        is_number = pc.fill_null(pc.is_finite(table.column(name)), fill_value=False)
        place = pc.index(is_number, value=False).as_py()
        if place >= 0:
            raise InputError(
                f"{path}, row {place + 1}",
                f"no number in column {name!r}",
                "a score and three probabilities in each row",
                "score the text again, or leave the row out",
            )


def _field(name: str) -> pa.Field:
    return _TELLS_READY.get(name) or SCORES_SCHEMA.field(name)


def _filled(table: pa.Table) -> pa.Table:
    """Write nothing as an empty string where a column is never null; the types are right."""
    for name in _NEVER_NULL:
        if name in table.column_names and table.column(name).null_count:
            table = _with_column(table, name, pc.fill_null(table.column(name), ""))
    return table


def _name_documents(table: pa.Table) -> pa.Table:
    """Give ready examples of an earlier version their document beside their id.

    There `document` is the example's own id. Its document is that up to the first ``#``, as of any
    example that does not name one (docs/formats.md).
    """
    tells = [name for name in _TELLS_READY if name in table.column_names]
    if not tells or not {"document", ID} <= set(table.column_names):
        return table
    is_old = pc.and_(pc.is_null(table.column(tells[0])), pc.is_null(table.column(ID)))
    if not pc.any(is_old).as_py():
        return table
    own = table.column("document")
    roots = pc.replace_substring_regex(own, "(?s)#.*", "")
    table = _with_column(table, ID, pc.if_else(is_old, own, table.column(ID)))
    return _with_column(table, "document", pc.if_else(is_old, roots, own))


def _with_column(table: pa.Table, name: str, values: pa.ChunkedArray) -> pa.Table:
    place = table.column_names.index(name)
    return table.set_column(place, table.schema.field(place), values)


def _documents_of(rows: pa.Table) -> pa.Table:
    """Give the documents that some rows come from, in their order."""
    unknown = pa.nulls(rows.num_rows)
    columns = [*rows.columns, unknown, unknown, pa.repeat(1, rows.num_rows)]
    names = [*rows.column_names, "characters", "sentences", "triples"]
    return _one_each(pa.table(columns, names=names).cast(DOCUMENTS_SCHEMA))


def _brought_together(documents: pa.Table) -> pa.Table:
    """Bring ready examples of one document together; of documents each has its own row anyway."""
    if documents.column(ID).null_count == documents.num_rows:
        return documents
    return _one_each(documents)


def _one_each(rows: pa.Table) -> pa.Table:
    """Give one row per document and date, in the order of their first ones.

    Examples of one document can have several dates, and a panel counts documents by period.
    """
    first, added = (ID, "source", "title", "speaker_state"), ("characters", "sentences", "triples")
    grouped = rows.group_by(["document", "date"], use_threads=False).aggregate(
        [
            *((name, "first") for name in first),
            *((name, "sum") for name in added),
            ([], "count_all"),
        ]
    )
    is_alone = pc.equal(grouped.column("count_all"), 1)
    columns = {
        **{name: grouped.column(name) for name in ("document", "date")},
        **{name: grouped.column(f"{name}_first") for name in first},
        **{name: grouped.column(f"{name}_sum") for name in added},
    }
    columns[ID] = pc.if_else(is_alone, columns[ID], None)
    names = DOCUMENTS_SCHEMA.names
    return pa.table([columns[name] for name in names], names=names).cast(DOCUMENTS_SCHEMA)
