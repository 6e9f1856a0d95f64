"""Facts in a table beside the documents: one row a file, or one row a document."""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath

from alliance_stance.corpus.dates import DATE_FORMS, plain_date
from alliance_stance.corpus.facts import Facts
from alliance_stance.corpus.readers.columns import is_nothing
from alliance_stance.corpus.readers.delimited import table_rows
from alliance_stance.corpus.readers.unit import Unit
from alliance_stance.errors import InputError
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.schema import Document

_KEYS = ("file", "id")
_FACTS = ("title", "date", "speaker_state")
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class MetadataRow:
    """One row: a name of a file or of a document, and what is told of it."""

    name: str
    facts: Facts
    where: str


@dataclass(frozen=True)
class Metadata:
    """The table, ready to be asked.

    Parameters
    ----------
    path
        The file.
    key
        Its column of names: ``file`` or ``id``.
    rows
        Keyed by name, as it is written.
    """

    path: Path
    key: str
    rows: Mapping[str, MetadataRow]
    _by_place: Mapping[str, MetadataRow] = field(default_factory=dict, repr=False)

    def of_file(self, path: Path, name: str) -> MetadataRow | None:
        """Give the row of a file.

        Parameters
        ----------
        path
            The file.
        name
            Its path inside the folder that is read, or its name.

        Returns
        -------
        MetadataRow or None
            The row whose `file` is the path from the table's folder; else from the folder that is
            read; else the bare name.
        """
        if self.key != "file":
            return None
        row = self._by_place.get(place_of(path)) or self.rows.get(name)
        return row or self.rows.get(path.name)

    def of_document(self, name: str) -> MetadataRow | None:
        """Give the row of a document's id."""
        return self.rows.get(name) if self.key == "id" else None

    def fit_notes(self, units: Sequence[Unit], ids: Collection[str]) -> list[str]:
        """Say which rows fit nothing that was read, and what was read without a row.

        Parameters
        ----------
        units
            What was read.
        ids
            Of the documents in them.
        """
        used = {unit.told_by for unit in units}
        rows = [name for name in self.rows if name not in used and name not in ids]
        names = [unit.where for unit in units if not unit.told_by]
        if self.key == "id":
            names = [name for name in ids if name not in self.rows]
        of_rows = f"rows whose {self.key} is not among what was read"
        of_names = "files without a row" if self.key == "file" else "documents without a row"
        return [
            f"{self.path}: {len(some)} {what}: {', '.join(some[:_SHOWN])}"
            + (", ..." if len(some) > _SHOWN else "")
            for some, what in ((rows, of_rows), (names, of_names))
            if some
        ]

    def check(self, knowledge: Knowledge) -> None:
        """Refuse codes that the knowledge tables do not have.

        Raises
        ------
        KnowledgeError
            Naming the row.
        """
        for row in self.rows.values():
            if row.facts.speaker_state is not None:
                # the document stands for any that has this speaker
                document = Document("", "", speaker_state=row.facts.speaker_state)
                knowledge.settle_codes(document, row.where)


def place_of(path: Path) -> str:
    """Give the one name of a path, whichever way it was written; links are not followed."""
    return os.path.abspath(path)  # noqa: PTH100 - which would follow them


def read_metadata(path: Path) -> Metadata:
    """Read the table, once for as long as the file stays the same.

    Raises
    ------
    InputError
        If the file cannot be read, has neither `file` nor `id`, or none of `title`, `date` and
        `speaker_state`; if a row has no name, a name comes twice, or a date is of no known form.
    """
    try:
        status = path.stat()
    except (OSError, ValueError):
        raise InputError(str(path), "no such file", "a table", "check --metadata") from None
    return _read_metadata(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=4)
def _read_metadata(path: Path, _changed: int, _size: int) -> Metadata:
    rows: dict[str, MetadataRow] = {}
    key = ""
    for where, cells in _cells(path):
        key = key or next(name for name in _KEYS if name in cells)
        row = _row(cells, key, where)
        if row.name in rows:
            raise InputError(
                where,
                f"the {key} {row.name!r:.80}, which {rows[row.name].where} has too",
                "each once",
                "remove one row",
            )
        rows[row.name] = row
    if key != "file":
        return Metadata(path, key or _KEYS[0], rows)
    by_place = {place_of(path.parent / name): row for name, row in rows.items()}
    return Metadata(path, key, rows, by_place)


def _cells(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    names: list[str] = []
    for where, number, cells in table_rows(path, (*_KEYS, *_FACTS)):
        if number:
            yield where, dict(zip(names, cells, strict=False))
        else:
            names = [name.strip().lower() for name in cells]
            _check_names(names, where)


def _check_names(names: list[str], where: str) -> None:
    wanted = [name for name in (*_KEYS, *_FACTS) if name in names]
    twice = [name for name in wanted if names.count(name) > 1]
    if twice:
        raise InputError(where, f"the column {twice[0]!r} twice", "it once", "rename one")
    if not set(wanted).intersection(_KEYS) or not set(wanted).intersection(_FACTS):
        raise InputError(
            where,
            f"columns {', '.join(names)!r:.80}",
            "a column file or id, and title, date or speaker_state",
            "rename the columns",
        )


def _row(cells: Mapping[str, str], key: str, where: str) -> MetadataRow:
    name = cells[key].strip()
    if not name:
        raise InputError(where, f"a row without a {key}", f"its {key}", "fill it in or remove it")
    if key == "file":
        name = str(PurePosixPath(name.replace("\\", "/")))
    try:
        day = plain_date(cells.get("date", ""))
    except ValueError:
        raise InputError(
            where, f"date {cells['date']!r:.40}", DATE_FORMS, "rewrite or empty it"
        ) from None
    speaker = cells.get("speaker_state", "").strip()
    facts = Facts(cells.get("title", "").strip(), day, None if is_nothing(speaker) else speaker)
    return MetadataRow(name, facts, where)
