"""What stands behind a point of a panel: the scored sentences of one cell."""

import pyarrow as pa
import pyarrow.compute as pc

from alliance_stance.errors import InputError
from alliance_stance.inference.scores import Scores
from alliance_stance.panels.choices import By
from alliance_stance.panels.periods import period_of
from alliance_stance.panels.triples import Cell


def rows_behind(scores: Scores, cell: Cell, by: By = By.YEAR) -> pa.Table:
    """Give the scored triples that a cell of a panel is made of.

    Parameters
    ----------
    scores
        Those that the panel was made of.
    cell
        State, alliance and period, as a row of the panel names them.
    by
        Length of the panel's periods.

    Returns
    -------
    pyarrow.Table
        All columns of docs/scoring.md, the furthest from neutral first; those of equal score in
        the order of the documents.

    Raises
    ------
    InputError
        If no triple falls into the cell.
    """
    table = scores.rows()
    periods = pa.array([period_of(date, by) for date in table["date"].to_pylist()], pa.string())
    is_inside = pc.equal(table["state"], cell.state)
    for column, value in ((table["alliance"], cell.alliance), (periods, cell.period)):
        is_inside = pc.and_(is_inside, pc.equal(column, value))
    # a null, where no state or no period is told, is left out
    found = table.filter(is_inside)
    if not found.num_rows:
        raise InputError(
            f"{cell.state}, {cell.alliance}, {cell.period}", "no triple", "a cell of the panel",
            f"take state, alliance and period from one row of it; periods are by {by}",
        )  # fmt: skip
    strength = pc.abs(found["score"])
    order = pc.sort_indices(
        pa.table({"strength": strength, "place": pa.array(range(found.num_rows))}),
        sort_keys=[("strength", "descending"), ("place", "ascending")],
    )
    return found.take(order)
