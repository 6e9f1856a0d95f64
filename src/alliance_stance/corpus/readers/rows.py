"""A row of a table as a document, or what is wrong with it."""

from collections.abc import Mapping

from alliance_stance.corpus.readers.columns import row_document
from alliance_stance.corpus.readers.unit import Skipped, Unit
from alliance_stance.errors import InputError
from alliance_stance.schema import Document


def unit_row(
    unit: Unit, cells: Mapping[str, object], where: str, number: int
) -> Document | Skipped | None:
    """Make a document of a row; None where its text is empty.

    Raises
    ------
    InputError
        If the row cannot be read, and the unit is not patient.
    """
    try:
        return row_document(cells, where, unit.inner_id(number))
    except InputError as error:
        if not unit.is_patient:
            raise
        return Skipped(error.where, error.found)
