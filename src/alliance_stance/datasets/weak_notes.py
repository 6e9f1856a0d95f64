"""What became of a corpus in a weak build, in words."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from alliance_stance.corpus.metadata import read_metadata
from alliance_stance.corpus.readers.unit import Skipped
from alliance_stance.datasets.weak_labels import Tally
from alliance_stance.datasets.weak_recipe import WeakSettings
from alliance_stance.datasets.weak_stages import UnitWork

_SHOWN = 20


@dataclass(frozen=True)
class Told:
    """What a build knows of its corpus.

    Parameters
    ----------
    units
        What became of each input.
    skipped
        What was not read, beside what the units say.
    ids
        Of all documents.
    tally
        Counts of candidates and labels.
    """

    units: Sequence[UnitWork]
    skipped: Sequence[Skipped]
    ids: Collection[str]
    tally: Tally


def write_notes(told: Told, settings: WeakSettings) -> list[str]:
    """Say what became of the corpus, a line each."""
    tally = told.tally
    lines = [
        f"{len(told.ids)} documents; {tally.sentences} sentences with a pair, of which "
        f"{tally.duplicates} repeat an earlier one; {tally.statuses.total()} candidates",
        "candidates: " + _listing(tally.statuses),
        "labels: " + _listing(tally.stances),
    ]
    foreign = [name for unit in told.units for piece in unit.pieces for name in piece.foreign]
    if foreign:
        more = ", ..." if len(foreign) > 3 else ""
        lines.append(f"{len(foreign)} documents not in English: {', '.join(foreign[:3])}{more}")
    if settings.metadata is not None:
        table = read_metadata(settings.metadata)
        lines += table.fit_notes([result.unit for result in told.units], told.ids)
    return [*lines, *_skipped_lines(told)]


def _skipped_lines(told: Told) -> list[str]:
    skipped = [*told.skipped, *(one for result in told.units for one in result.skipped)]
    skipped += [
        Skipped(result.problem.where, result.problem.found)
        for result in told.units
        if result.problem is not None
    ]
    lines = [f"not read: {one}" for one in skipped[:_SHOWN]]
    more = sum(one.count for one in skipped[_SHOWN:])
    if more:
        lines.append(f"not read: {more} more")
    return lines


def _listing(counts: Counter[str]) -> str:
    total = max(1, counts.total())
    return (
        ", ".join(f"{name} {count} ({count / total:.1%})" for name, count in sorted(counts.items()))
        or "none"
    )
