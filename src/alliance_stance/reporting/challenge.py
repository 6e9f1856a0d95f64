"""The table of challenge items, by phenomenon, as it stands in docs/extraction.md."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from alliance_stance.evaluation.challenge import Verdict

BEGIN, END = "<!-- challenge -->", "<!-- /challenge -->"


def pass_counts(verdicts: Iterable[Verdict]) -> dict[str, tuple[int, int]]:
    """Give passed items and all items of each phenomenon, in the file's order."""
    counts: dict[str, tuple[int, int]] = {}
    for verdict in verdicts:
        passed, count = counts.get(verdict.item.phenomenon, (0, 0))
        counts[verdict.item.phenomenon] = passed + verdict.passes, count + 1
    return counts


def read_first_sight(path: Path) -> dict[str, int]:
    """Read how many items of each phenomenon passed before the rules were mended on them."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["phenomenon"]: int(row["passed"]) for row in csv.DictReader(file)}


def challenge_table(verdicts: Iterable[Verdict], first_sight: Mapping[str, int]) -> str:
    """Write the pass rates as a Markdown table, those at first sight beside today's."""
    counts = pass_counts(verdicts)
    passed, count = (sum(column) for column in zip(*counts.values(), strict=True))
    first = sum(first_sight[phenomenon] for phenomenon in counts)
    rows = [
        f"| {phenomenon.replace('_', ' ')} | {whole} | {first_sight[phenomenon] / whole:.2f} | "
        f"{part / whole:.2f} |"
        for phenomenon, (part, whole) in sorted(counts.items())
    ]
    return "\n".join(
        [
            "| phenomenon | items | passed at first sight | passed today |",
            "| --- | --- | --- | --- |",
            *rows,
            f"| **all** | {count} | {first / count:.3f} | {passed / count:.3f} |",
        ]
    )


def replace_table(page: str, table: str) -> str:
    """Put a table between the markers of a page.

    Raises
    ------
    ValueError
        If the page lacks the markers.
    """
    before, _, rest = page.partition(BEGIN)
    _, marker, after = rest.partition(END)
    if not marker:
        raise ValueError(f"no {BEGIN} and {END} in the page")
    return f"{before}{BEGIN}\n{table}\n{END}{after}"
