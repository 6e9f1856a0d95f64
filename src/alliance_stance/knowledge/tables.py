"""Read the CSV tables of `data/knowledge/`: strict columns, dated rows, one error per bad row."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from alliance_stance.errors import KnowledgeError

_DATE = re.compile(r"(?!0000)[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?")


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time; an empty bound is open.

    Bounds are ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``; both are inclusive at the precision that
    they are written in.
    """

    start: str = ""
    end: str = ""

    def covers(self, date: str) -> bool:
        """Say whether a date falls into the period; an unknown (empty) date always does.

        Dates of different precision are compared at the coarser one, so that ``1991`` is covered
        by a period that ends in ``1991-12``.

        Examples
        --------
        >>> Period("1949", "1991-12").covers("1991"), Period("1949", "1991").covers("1992-01")
        (True, False)
        """
        return not date or covers(self.start, self.end, date)


ALWAYS = Period()
"""A period without bounds."""


def covers(start: str, end: str, date: str) -> bool:
    """Say whether a date falls between two bounds; see `Period`."""
    return _at_most(start, date) and _at_most(date, end)


def is_date(text: str) -> bool:
    """Say whether a text is ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``, and in the calendar."""
    if _DATE.fullmatch(text) is None:
        return False
    try:
        return len(text) < len("YYYY-MM-DD") or bool(date.fromisoformat(text))
    except ValueError:
        return False


def _at_most(earlier: str, later: str) -> bool:
    width = min(len(earlier), len(later))
    if not width:
        return True
    return earlier[:width] <= later[:width]


_MOST_TOLD = 500
"""Characters of what was found; a line may be as long as its file."""


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield ``(where, row)`` for each row of a table, `where` naming file and line.

    Raises
    ------
    KnowledgeError
        If the file is missing, is not UTF-8, has other columns or a row of another length.
    """
    start = 1
    try:
        with path.open(encoding="utf-8", newline="") as file:
            # strict: a mark that nothing closes must not swallow the rows behind it
            reader = csv.reader(file, strict=True)
            names = next(reader, None)
            if names != list(columns):
                raise KnowledgeError(
                    f"{path}:1",
                    f"columns {names}"[:_MOST_TOLD],
                    f"columns {list(columns)}",
                    "compare data/knowledge/README.md",
                )
            start = reader.line_num + 1
            for cells in reader:
                start = reader.line_num + 1
                if not cells:
                    continue
                where = f"{path}:{reader.line_num}"
                if len(cells) != len(columns):
                    raise KnowledgeError(
                        where, "a row of another length", f"{len(columns)} cells", "mend the row"
                    )
                yield where, dict(zip(columns, cells, strict=True))
    except FileNotFoundError:
        raise KnowledgeError(
            str(path), "no such file", "a knowledge table", "restore it from the repository"
        ) from None
    except UnicodeDecodeError as error:
        raise KnowledgeError(str(path), str(error), "UTF-8 text", "save it as UTF-8") from None
    except csv.Error as error:
        # an open quotation mark, a NUL, or a cell of more than 131,072 characters
        where = f"{path}:{start}"
        raise KnowledgeError(where, f"a broken row ({error})", "CSV", "mend it") from None


def read_period(where: str, row: dict[str, str]) -> Period:
    """Read ``valid_from`` and ``valid_to`` of a row.

    Raises
    ------
    KnowledgeError
        If a bound is not a date, or the period ends before it begins.
    """
    period = Period(row["valid_from"], row["valid_to"])
    for bound in (period.start, period.end):
        if bound and not is_date(bound):
            raise KnowledgeError(where, repr(bound), "YYYY, YYYY-MM or YYYY-MM-DD", "mend the row")
    if period.start and period.end and not _at_most(period.start, period.end):
        raise KnowledgeError(
            where, f"{period.start} to {period.end}", "an end after the beginning", "mend the row"
        )
    return period
