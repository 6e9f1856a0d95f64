"""The table of challenge items, by phenomenon, as it stands in docs/extraction.md."""

from collections.abc import Iterable

from alliance_stance.evaluation.challenge import Verdict

BEGIN, END = "<!-- challenge -->", "<!-- /challenge -->"


def pass_counts(verdicts: Iterable[Verdict]) -> dict[str, tuple[int, int]]:
    """Give passed items and all items of each phenomenon, in the file's order."""
    counts: dict[str, tuple[int, int]] = {}
    for verdict in verdicts:
        passed, count = counts.get(verdict.item.phenomenon, (0, 0))
        counts[verdict.item.phenomenon] = passed + verdict.passes, count + 1
    return counts


def challenge_table(verdicts: Iterable[Verdict]) -> str:
    """Write the pass rates as a Markdown table."""
    counts = pass_counts(verdicts)
    passed, count = (sum(column) for column in zip(*counts.values(), strict=True))
    rows = [
        f"| {phenomenon.replace('_', ' ')} | {part} | {whole} | {part / whole:.2f} |"
        for phenomenon, (part, whole) in sorted(counts.items())
    ]
    return "\n".join(
        [
            "| phenomenon | passed | items | rate |",
            "| --- | --- | --- | --- |",
            *rows,
            f"| **all** | {passed} | {count} | {passed / count:.3f} |",
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
