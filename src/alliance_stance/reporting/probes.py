"""Tables of the probes: minimal pairs and swapped names, several models side by side."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table
from rich.text import Text

from alliance_stance.evaluation.minimal_pairs import PassRate
from alliance_stance.evaluation.state_swap import SwapRate

Cells = list[tuple[str, ...]]
_PAIRS_TITLE = "Minimal pairs: share of groups with all members right [95 %, by group]"
_SWAPS_TITLE = "Swapped names: share of labels that move [95 %, by document]"
_SWAPS_HEADER = (
    "swapped", "model", "examples", "versions", "documents", "moved [95 %]", "read differently",
    "moved though read the same",
)  # fmt: skip
_ALL = "all"


@dataclass(frozen=True, slots=True)
class Probed:
    """What the probes found of one model.

    Parameters
    ----------
    name
        As it is to be shown.
    minimal_pairs
        By kind of group.
    swaps
        By probe.
    """

    name: str
    minimal_pairs: Mapping[str, PassRate]
    swaps: Mapping[str, SwapRate]

    def record(self) -> dict[str, Any]:
        """Give every number, ready for JSON."""
        return {
            "minimal_pairs": {kind: asdict(rate) for kind, rate in self.minimal_pairs.items()},
            "swaps": {probe: asdict(rate) for probe, rate in self.swaps.items()},
        }


def minimal_pair_cells(probed: Sequence[Probed]) -> Cells:
    """Give header and rows: a row for each kind of group, a column for each model."""
    first = probed[0].minimal_pairs
    rows = [
        (kind, str(rate.group_count), *(str(one.minimal_pairs[kind].rate) for one in probed))
        for kind, rate in first.items()
    ]
    right = (f"{one.minimal_pairs[_ALL].members_right:.3f}" for one in probed)
    sentences = ("sentences right", str(first[_ALL].member_count), *right)
    return [("groups", "number", *(one.name for one in probed)), *rows, sentences]


def swap_cells(probed: Sequence[Probed]) -> Cells:
    """Give header and rows: a row for each probe and model."""
    return [
        _SWAPS_HEADER,
        *(
            (
                probe.replace("_", " "),
                one.name,
                f"{rate.swapped_count} of {rate.example_count}",
                str(rate.swap_count),
                str(rate.document_count),
                str(rate.moved),
                f"{rate.remarked:.3f}",
                f"{rate.moved_alike:.3f}",
            )
            for probe in probed[0].swaps
            for one in probed
            for rate in (one.swaps[probe],)
        ),
    ]


def probe_tables(probed: Sequence[Probed]) -> Iterator[Table]:
    """Lay both tables out for a terminal."""
    for title, (header, *rows) in _tables(probed):
        table = Table(title=Text(title), title_justify="left")
        for position, name in enumerate(header):
            table.add_column(name, justify="left" if position == 0 else "right")
        for cells in rows:
            table.add_row(*cells)
        yield table


def probe_markdown(probed: Sequence[Probed], facts: Mapping[str, str]) -> str:
    """Write both tables as Markdown, with the facts that a number needs beside it."""
    parts = ["; ".join(f"{name}: {value}" for name, value in facts.items()) + "."]
    for title, (header, *rows) in _tables(probed):
        lines = [header, ("---",) * len(header), *rows]
        table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
        parts += [f"## {title}", table]
    return "\n\n".join(parts) + "\n"


def _tables(probed: Sequence[Probed]) -> list[tuple[str, Cells]]:
    return [(_PAIRS_TITLE, minimal_pair_cells(probed)), (_SWAPS_TITLE, swap_cells(probed))]
