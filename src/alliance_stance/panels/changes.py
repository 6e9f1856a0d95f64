"""Change points: when the level of a pair's score moved, and whether it moved at all.

A series is cut into stretches of one level each by PELT (Killick et al. 2012), as the library
`ruptures` has it (Truong et al. 2020), with the squared error of each period divided by its
variance, so that periods of few documents weigh little. A cut has to earn more than a penalty.

That variance is one of all documents of the pair, over the number in the period. A period's own
would depend on its score: documents that happen to agree have both an extreme mean and a small
standard error, and such periods, which would weigh most, look like changes of level.

The penalty is the 95 % quantile of what the best single cut earns in flat series of the same
length and the same standard errors, drawn anew for each pair: about one flat series in twenty gets
a cut, whatever its length. `experiments/coverage` measures it. Levels that wander more from one
period to the next than the drawing of documents explains are no news: variances are raised until
the differences of neighbouring periods fit them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa

from alliance_stance.draws import DRAWS, LEVEL
from alliance_stance.evaluation.metrics import Codes, Matrix
from alliance_stance.evaluation.significance import holm

MIN_PERIODS = 8
"""Periods with an estimate that a series must have."""
_MIN_STRETCH = 2
"""Periods of a stretch; one period alone is an outlier, not a level."""
_FEW = 10
_MORE_DRAWS = 20_000
_MEDIAN_SQUARE = 0.4549
"""Median of a squared standard normal number."""


@dataclass(frozen=True)
class Series:
    """The score of one pair over its periods, in order; periods without an estimate are left out.

    Parameters
    ----------
    state, alliance
        The pair.
    periods
        Length t.
    values, errors
        Score and its standard error, as `even_errors` gives it; length t, errors above 0.
    """

    state: str
    alliance: str
    periods: tuple[str, ...]
    values: Matrix
    errors: Matrix


@dataclass(frozen=True)
class Cuts:
    """Where a series was cut.

    Parameters
    ----------
    positions
        First position of each stretch but the first.
    levels
        Weighted mean of each stretch; one more than positions.
    penalty
        What a cut had to earn.
    p_value
        Share of flat series whose best single cut earns as much as this one's.
    """

    positions: tuple[int, ...]
    levels: tuple[float, ...]
    penalty: float
    p_value: float


def find_changes(table: pa.Table, *, seed: int) -> pa.Table:
    """Find the change points of all pairs of a panel that have enough periods.

    Parameters
    ----------
    table
        Of a `panel.Panel`.
    seed
        Of the flat series.

    Returns
    -------
    pyarrow.Table
        One row a change point: the pair; `before` and `since`, the last period of the old level
        and the first of the new one; `level_before`, `level_since` and `step`; `periods` of the
        series; `p_value` of the series against a flat one, and `p_holm`, the same for all series
        of the panel together.
    """
    series = list(iterate_series(table))
    cuts = [cut_series(one, seed=seed) for one in series]
    corrected = holm([cut.p_value for cut in cuts])
    rows = [
        {
            "state": one.state,
            "alliance": one.alliance,
            "before": one.periods[position - 1],
            "since": one.periods[position],
            "level_before": cut.levels[number],
            "level_since": cut.levels[number + 1],
            "step": cut.levels[number + 1] - cut.levels[number],
            "periods": len(one.periods),
            "p_value": cut.p_value,
            "p_holm": p_holm,
        }
        for one, cut, p_holm in zip(series, cuts, corrected, strict=True)
        for number, position in enumerate(cut.positions)
    ]
    return pa.Table.from_pylist(rows, schema=CHANGES_SCHEMA)


CHANGES_SCHEMA = pa.schema(
    [
        ("state", pa.string()),
        ("alliance", pa.string()),
        ("before", pa.string()),
        ("since", pa.string()),
        ("level_before", pa.float64()),
        ("level_since", pa.float64()),
        ("step", pa.float64()),
        ("periods", pa.int64()),
        ("p_value", pa.float64()),
        ("p_holm", pa.float64()),
    ]
)


def iterate_series(table: pa.Table) -> Iterator[Series]:
    """Yield the series of a panel that have at least `MIN_PERIODS` periods, by pair."""
    columns = ("state", "alliance", "period", "score", "score_se", "documents")
    rows: dict[tuple[str, str], list[tuple[str, float, float, int]]] = {}
    for state, alliance, period, score, error, documents in zip(
        *(table[name].to_pylist() for name in columns), strict=True
    ):
        if score is not None and error is not None and error > 0:
            rows.setdefault((state, alliance), []).append((period, score, error, documents))
    for (state, alliance), own in sorted(rows.items()):
        if len(own) >= MIN_PERIODS:
            periods, values, errors, counts = zip(*sorted(own), strict=True)
            even = even_errors(np.array(errors), np.array(counts))
            yield Series(state, alliance, periods, np.array(values), even)


def even_errors(errors: Matrix, documents: Codes) -> Matrix:
    """Give standard errors of a series that depend on the number of documents alone.

    Parameters
    ----------
    errors
        Standard error of each period by its own documents; length t.
    documents
        How many each period has.

    Examples
    --------
    >>> even_errors(np.array([0.1, 0.3]), np.array([5, 5])).round(4).tolist()
    [0.2236, 0.2236]
    """
    variance = np.mean(errors**2 * documents)
    even: Matrix = np.sqrt(variance / documents)
    return even


def cut_series(series: Series, *, seed: int) -> Cuts:
    """Cut one series into stretches of one level.

    Parameters
    ----------
    series
        At least ``2 * _MIN_STRETCH`` periods long.
    seed
        Of the flat series that the penalty is taken from.
    """
    from ruptures import Pelt

    random = np.random.default_rng(seed)
    flat = _flat_gains(series.errors, DRAWS, random)
    penalty = float(np.quantile(flat, LEVEL))
    errors = series.errors * _overspread(series.values[None], series.errors)[0]
    # least squares of values / errors on 1 / errors: a level with weights
    signal = np.column_stack([series.values / errors, 1 / errors])
    finder = Pelt(model="linear", min_size=_MIN_STRETCH, jump=1).fit(signal)
    ends = [0, *finder.predict(pen=penalty)]
    levels = [
        float(np.average(series.values[a:b], weights=errors[a:b] ** -2)) for a, b in pairwise(ends)
    ]
    best = _best_gains(series.values[None], series.errors)[0]
    if (flat >= best).sum() < _FEW:
        # many series are looked at together, so a small share has to be known well
        flat = _flat_gains(series.errors, _MORE_DRAWS, random)
    p_value = float((1 + (flat >= best).sum()) / (1 + len(flat)))
    return Cuts(tuple(ends[1:-1]), tuple(levels), penalty, p_value)


def _flat_gains(errors: Matrix, count: int, random: np.random.Generator) -> Matrix:
    """Give what the best single cut earns in so many flat series."""
    return _best_gains(random.standard_normal((count, len(errors))) * errors, errors)


def _best_gains(values: Matrix, errors: Matrix) -> Matrix:
    """Give what the best single cut of each row takes off the weighted squared error."""
    weights = (errors * _overspread(values, errors)[:, None]) ** -2.0
    left = np.cumsum(weights, axis=1)[:, _MIN_STRETCH - 1 : -_MIN_STRETCH]
    total = weights.sum(axis=1, keepdims=True)
    sums = np.cumsum(weights * values, axis=1)
    part = sums[:, _MIN_STRETCH - 1 : -_MIN_STRETCH]
    between = part / left - (sums[:, -1:] - part) / (total - left)
    gains: Matrix = (left * (total - left) / total * between**2).max(axis=1)
    return gains


def _overspread(values: Matrix, errors: Matrix) -> Matrix:
    """Give by how much the errors of each row fall short of its neighbours' differences; >= 1."""
    expected = errors[1:] ** 2 + errors[:-1] ** 2
    squares = np.median(np.diff(values, axis=1) ** 2 / expected, axis=1) / _MEDIAN_SQUARE
    return np.sqrt(np.maximum(squares, 1))
