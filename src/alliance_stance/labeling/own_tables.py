"""CSV tables that this project writes and people edit: annotations, stand-off labels and splits."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from alliance_stance.errors import DatasetError


def read_own_table(
    path: Path, columns: Sequence[str], *, holds: str
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield ``(where, row)`` for each row of a table, `where` naming file and line.

    Parameters
    ----------
    path
        In UTF-8, with a byte order mark or without.
    columns
        Those that have to be there; others may be.
    holds
        What the table holds, for errors.

    Raises
    ------
    DatasetError
        If the file is missing, a folder, not UTF-8, lacks a column or has one twice, or a row is
        broken or has another number of cells; empty ones behind the last name do not count.
    """
    start = 1
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            # strict: a mark that nothing closes must not swallow the rows behind it
            reader = csv.reader(file, strict=True)
            names = _named(next(reader, []))
            _check_names(names, columns, f"{path}:1")
            start = reader.line_num + 1
            for cells in reader:
                if cells:
                    where = f"{path}:{reader.line_num}"
                    yield where, _row(names, cells, where)
                start = reader.line_num + 1
    except FileNotFoundError:
        raise DatasetError(
            str(path), "no such file", holds, "restore it or correct the path"
        ) from None
    except IsADirectoryError:
        raise DatasetError(str(path), "a folder", f"a file of {holds}", "name it") from None
    except UnicodeDecodeError as error:
        raise DatasetError(str(path), str(error), "a table in UTF-8", "mend the file") from None
    except csv.Error as error:
        raise DatasetError(
            f"{path}:{start}", f"a broken row ({error})", "closed quotation marks", "mend the row"
        ) from None


def _named(header: Sequence[str]) -> list[str]:
    """Leave out empty cells at the end, which spreadsheets add."""
    names = list(header)
    while names and not names[-1].strip():
        names.pop()
    return names


def _check_names(names: Sequence[str], columns: Sequence[str], where: str) -> None:
    missing = [name for name in columns if name not in names]
    if missing:
        found = f"no column {', '.join(missing)}"
        raise DatasetError(where, found, ", ".join(columns), "mend the file or the recipe")
    double = sorted({name for name in names if names.count(name) > 1})
    if double:
        raise DatasetError(where, f"column {double[0]} twice", "each column once", "remove one")


def _row(names: Sequence[str], cells: Sequence[str], where: str) -> dict[str, str]:
    own, surplus = cells[: len(names)], cells[len(names) :]
    if len(own) < len(names) or any(cell.strip() for cell in surplus):
        raise DatasetError(
            where, f"{len(cells)} cells", f"{len(names)} cells",
            "put a cell with a comma into quotation marks",
        )  # fmt: skip
    return dict(zip(names, own, strict=True))
