"""The course of each pair in time, with its bands and change points.

`pair_curves` is the one door: whatever computes better bands (such as ones that count what a
classifier gets wrong) can stand behind it. Change points are those of `alliance-stance panel
--changes`, found by the same function with the same defaults (docs/decisions/0036).
"""

from dataclasses import dataclass

import numpy as np

from alliance_stance.inference.scores import Scores
from alliance_stance.panels import choices
from alliance_stance.panels.changes import find_changes
from alliance_stance.panels.panel import SEED, PanelOptions, make_panel
from alliance_stance.reporting.pair_numbers import Sums, Values, dated, group_means
from alliance_stance.reporting.pair_rows import Codes, PairRows

_NOTE = (
    "Bands are 95 % intervals of sampling, by document; a period with one document has none. "
    "What the model gets wrong is not in them."
)


@dataclass(frozen=True)
class Change:
    """Where the level of a pair's score moves; numbers as of `panels.changes.find_changes`.

    Parameters
    ----------
    pair
        Its number.
    before, since
        Number of the last period of the old level and of the first one of the new level.
    level_before, level_since
        Mean score of both levels, in which each document of a period counts once.
    p_value, p_holm
        Of the pair's series against a flat one; the same for all pairs together.
    """

    pair: int
    before: int
    since: int
    level_before: float
    level_since: float
    p_value: float
    p_holm: float


@dataclass(frozen=True)
class Curves:
    """Points of all pairs, sorted by pair and period; only periods with a triple have one.

    Parameters
    ----------
    pairs, periods
        Of each point.
    values
        Mean score in [-1, 1].
    low, high
        95 % interval; NaN where there is none, as of a period with one document.
    note
        What the intervals hold, as a sentence for readers.
    """

    pairs: Codes
    periods: Codes
    values: Values
    low: Values
    high: Values
    note: str


def pair_curves(sums: Sums, period_count: int) -> Curves:
    """Give the mean of each pair in each period.

    Parameters
    ----------
    sums
        Of each document of each pair; undated ones do not count.
    period_count
        How many periods there are.
    """
    known = dated(sums)
    keys, groups = np.unique(
        known.pairs * max(1, period_count) + known.periods, return_inverse=True
    )
    means = group_means(groups, known.scores, known.counts, len(keys))
    return Curves(
        pairs=keys // max(1, period_count),
        periods=keys % max(1, period_count),
        values=means.values,
        low=means.low,
        high=means.high,
        note=_NOTE,
    )


def pair_changes(scores: Scores, rows: PairRows) -> tuple[Change, ...]:
    """Give the change points of all pairs, in order of pair and period.

    Parameters
    ----------
    scores
        Opened.
    rows
        Its triples; they number the pairs and periods.
    """
    if not rows.periods:
        return ()
    made = make_panel(scores, PanelOptions(by=choices.By(rows.by)))
    pairs = {
        (rows.states[state], rows.alliances[alliance]): pair
        for pair, (state, alliance) in enumerate(
            zip(rows.pair_states, rows.pair_alliances, strict=True)
        )
    }
    periods = {period: number for number, period in enumerate(rows.periods)}
    return tuple(
        Change(
            pairs[row["state"], row["alliance"]], periods[row["before"]], periods[row["since"]],
            row["level_before"], row["level_since"], row["p_value"], row["p_holm"],
        )
        for row in find_changes(made.table, seed=SEED).to_pylist()
    )  # fmt: skip
