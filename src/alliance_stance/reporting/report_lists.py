"""The lists of a report: change points, and pairs whose first and last thirds differ.

Both are given as rows of words for the page's templates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.reporting.curves import Change
from alliance_stance.reporting.movers import Mover
from alliance_stance.reporting.pair_rows import PairRows
from alliance_stance.reporting.report_block import alliance_name, state_name

_MOST_MOVERS = 25
_MOST_CHANGES = 50
SURE = 0.05
"""Corrected p value up to which a change point is more than chance among all pairs."""
_LEAST_P, _COARSE_P = 0.001, 0.1
_BY_CHANCE = 20
"""One interval of so many leaves zero out where nothing changed."""


@dataclass(frozen=True)
class Names:
    """Names of the pairs of a report, for people and for addresses."""

    rows: PairRows
    knowledge: Knowledge

    def state(self, code: int) -> str:
        """Give a state's name."""
        return state_name(self.rows.states[code], self.knowledge)

    def alliance(self, code: int) -> str:
        """Give an alliance's name."""
        return alliance_name(self.rows.alliances[code])

    def pair(self, pair: int) -> str:
        """Give the names of a pair."""
        state, alliance = int(self.rows.pair_states[pair]), int(self.rows.pair_alliances[pair])
        return f"{self.state(state)}, {self.alliance(alliance)}"

    def key(self, pair: int) -> str:
        """Give a pair as the page's address has it."""
        state = self.rows.states[self.rows.pair_states[pair]]
        return f"{state}-{self.rows.alliances[self.rows.pair_alliances[pair]]}"

    def span(self, first_number: int, last_number: int) -> str:
        """Give the time from one period to another."""
        first, last = self.rows.periods[first_number], self.rows.periods[last_number]
        return first if first == last else f"{first}\u2013{last}"


def mover_rows(movers: Sequence[Mover], names: Names) -> list[dict[str, str]]:
    """Give the first pairs of a ranking, in its order."""
    return [_mover(mover, names) for mover in movers[:_MOST_MOVERS]]


def mover_count(movers: Sequence[Mover]) -> str:
    """Tell how many of how many pairs are shown, and how many would be by chance."""
    sure = sum(mover.sure_change > 0 for mover in movers)
    pairs = f"{len(movers):,} pair{'' if len(movers) == 1 else 's'}"
    return (
        f"Shown: {min(_MOST_MOVERS, len(movers))} of {pairs} with enough dated documents; {sure} "
        "of the intervals leave zero out, where chance alone would let about "
        f"{round(len(movers) / _BY_CHANCE)} do so."
    )


def change_rows(changes: Sequence[Change], names: Names) -> list[dict[str, Any]]:
    """Give the change points that are least like chance, those first."""
    found = sorted(
        changes, key=lambda own: (own.p_holm, own.p_value, -abs(_step(own)), own.pair, own.since)
    )
    return [_change(change, names) for change in found[:_MOST_CHANGES]]


def change_count(changes: Sequence[Change]) -> str:
    """Tell how many of how many change points are shown, and how many are more than chance."""
    sure = sum(change.p_holm <= SURE for change in changes)
    points = f"{len(changes):,} change point{'' if len(changes) == 1 else 's'}"
    return (
        f"Shown: {min(_MOST_CHANGES, len(changes))} of {points}; {sure} with a p value of at most "
        f"{SURE} for all pairs together."
    )


def write_number(value: float) -> str:
    """Write a score for people: with its sign, a true minus, two digits.

    Examples
    --------
    >>> write_number(-0.123), write_number(0.001), write_number(1)
    ('\u22120.12', '0.00', '+1.00')
    """
    text = f"{abs(value):.2f}"
    return text if text == "0.00" else f"{'+' if value > 0 else chr(0x2212)}{text}"


def write_p(value: float) -> str:
    """Write a p value for people.

    Examples
    --------
    >>> write_p(0.00005), write_p(0.0342), write_p(0.839)
    ('<0.001', '0.034', '0.84')
    """
    return "<0.001" if value < _LEAST_P else f"{value:.3f}" if value < _COARSE_P else f"{value:.2f}"


def _way(value: float) -> str:
    return "favor" if value > 0 else "against" if value < 0 else "neutral"


def _mover(mover: Mover, names: Names) -> dict[str, str]:
    return {
        "key": names.key(mover.pair),
        "name": names.pair(mover.pair),
        "way": _way(mover.change),
        "change": write_number(mover.change),
        "interval": f"{write_number(mover.low)} to {write_number(mover.high)}",
        "before": write_number(mover.before.value),
        "early": names.span(mover.before.first, mover.before.last),
        "after": write_number(mover.after.value),
        "late": names.span(mover.after.first, mover.after.last),
        "documents": f"{mover.before.documents}, {mover.after.documents}",
        "x": f"{60 + 52 * mover.before.value:.1f}",
        "y": f"{60 + 52 * mover.after.value:.1f}",
    }


def _step(change: Change) -> float:
    return change.level_since - change.level_before


def _change(change: Change, names: Names) -> dict[str, Any]:
    return {
        "pair": change.pair,
        "key": names.key(change.pair),
        "name": names.pair(change.pair),
        "way": _way(_step(change)),
        "step": write_number(_step(change)),
        "before": names.rows.periods[change.before],
        "since": names.rows.periods[change.since],
        "level_before": write_number(change.level_before),
        "level_since": write_number(change.level_since),
        "p_value": write_p(change.p_value),
        "p_holm": write_p(change.p_holm),
    }
