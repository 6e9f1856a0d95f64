"""Which columns of a table hold what, and how a row becomes a document."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields

from alliance_stance.corpus.dates import DATE_FORMS, plain_date
from alliance_stance.errors import InputError
from alliance_stance.schema import Document

_NOTHING = frozenset({"", "nan", "none", "null", "na", "n/a"})
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the columns; None for the one that is called like the field, if there is one.

    Parameters
    ----------
    text, id, title, date, speaker_state
        As in `Document`.
    """

    text: str | None = None
    id: str | None = None
    title: str | None = None
    date: str | None = None
    speaker_state: str | None = None

    def find(self, names: Sequence[str], where: str) -> dict[str, int]:
        """Give the position of each column that the table has.

        Raises
        ------
        InputError
            If a column that was named, or one for the text, is not there, or is there twice.

        Examples
        --------
        >>> Columns(text="body").find(["Date", "body"], "a.csv:1")
        {'text': 1, 'date': 0}
        """
        plain = [_plain(name) for name in names]
        places = {}
        for key, name in asdict(self).items():
            wanted = key if name is None else name
            exact = [place for place, other in enumerate(names) if other == wanted]
            found = exact or [p for p, other in enumerate(plain) if other == _plain(wanted)]
            if len(found) > 1:
                raise InputError(where, f"the column {wanted!r} twice", "it once", "rename one")
            if found:
                places[key] = found[0]
            elif name is not None or key == "text":
                raise _no_column(key, wanted, names, where)
        return places


def parse_columns(option: str) -> Columns:
    """Read a mapping such as ``text=body,date=published``.

    A name with a comma is put into quotation marks together with its field.

    Raises
    ------
    InputError
        If the option is of another form or names no field.

    Examples
    --------
    >>> parse_columns('"text=speech, full",id=no').text
    'speech, full'
    """
    known = [field.name for field in fields(Columns)]
    names: dict[str, str] = {}
    for part in next(csv.reader([option], skipinitialspace=True), []):
        key, sign, name = (side.strip() for side in part.partition("="))
        if not sign or not name or key not in known or key in names:
            raise InputError(
                "--columns",
                f"{part!r:.60}",
                f"FIELD=COLUMN, each of {', '.join(known)} at most once",
                "write it like text=body,date=published",
            )
        names[key] = name
    return Columns(**names)


def row_document(cells: Mapping[str, object], where: str, default_id: str) -> Document | None:
    """Make a document of a row.

    Parameters
    ----------
    cells
        Keyed by field; a field without a column is absent.
    where
        File and row, for errors.
    default_id
        Of a row that has none.

    Returns
    -------
    Document or None
        None where the text is empty.

    Raises
    ------
    InputError
        If the date is of no known form, or the text is a number.
    """
    text = cells["text"]
    if is_nothing(text):
        return None
    if not isinstance(text, str):
        raise InputError(
            where, f"text {text!r:.40}", "a string", "name the column with --columns text=NAME"
        )
    row_id = cells.get("id")
    return Document(
        default_id if is_nothing(row_id) else _whole(row_id),
        text,
        "" if is_nothing(cells.get("title")) else str(cells["title"]).strip(),
        _date(cells.get("date", ""), where),
        None if is_nothing(cells.get("speaker_state")) else str(cells["speaker_state"]).strip(),
    )


def is_nothing(cell: object) -> bool:
    """Say whether a cell is empty, also in the words of table programs."""
    if isinstance(cell, str):
        return (len(cell) <= _SHOWN and cell.strip().lower() in _NOTHING) or not cell.strip()
    # NaN is the one value that differs from itself
    return cell is None or cell != cell


def _whole(cell: object) -> str:
    """Give an id as text; a table program writes whole numbers beside empty cells as 3.0."""
    is_whole = isinstance(cell, float) and cell.is_integer()
    return str(int(cell)) if is_whole else str(cell).strip()  # type: ignore[call-overload]


def _date(cell: object, where: str) -> str:
    try:
        return plain_date(cell)
    except ValueError:
        raise InputError(where, f"date {cell!r:.40}", DATE_FORMS, "rewrite or empty it") from None


def _no_column(key: str, wanted: str, names: Sequence[str], where: str) -> InputError:
    shown = ", ".join(repr(name[:40]) for name in names[:_SHOWN])
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return InputError(
        where,
        f"no column {wanted!r} among {shown or 'no columns'}{more}",
        f"a column for {key}",
        f"name one with --columns {key}=COLUMN",
    )


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")
