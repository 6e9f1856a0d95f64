"""Take from labelled files the rows that a shipped model may learn: those under CC0 or CC BY.

Rows of the UN General Debate Corpus are left out, since the stand-off labels hold them already,
and those of documents that stand on the development or test side of `data/records`.
All other rows decide, but for those of a document that may be learnt: nothing may be fitted on
them, nor on documents that hold one.
"""

import argparse
import csv
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from alliance_stance.files import write_text

ROOT = Path(__file__).resolve().parents[2]
LEARNT = ROOT / "data" / "corpora" / "open.jsonl"
HELD_OUT = ROOT / "data" / "corpora" / "held_out.jsonl"
RECORDS = ROOT / "data" / "records"
LICENCES = ("CC0", "CC BY 4.0")
POINTED_AT = "UNGD/"


def is_learnt(row: dict[str, str], measured: frozenset[str]) -> bool:
    """Say whether a row's source allows it, and no other part of the data has or measures it."""
    return (
        row["licence"] in LICENCES
        and not row["document"].startswith(POINTED_AT)
        and row["source"] not in measured
    )


def measured_sources() -> frozenset[str]:
    """Give the public addresses of the records' documents that are not in train."""
    sources = {row["document"]: row["source"] for row in read_table(RECORDS / "documents.csv")}
    return frozenset(
        sources[row["document"]]
        for row in read_table(RECORDS / "splits.csv")
        if row["random"] != "train"
    )


def read_table(path: Path) -> list[dict[str, str]]:
    """Read a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_rows(path: Path, rows: Sequence[dict[str, str]]) -> None:
    """Write rows, and count them by stance."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    counts = ", ".join(f"{n} {stance}" for stance, n in sorted(stances(rows).items()))
    print(f"{path}: {len(rows)} rows ({counts})")


def stances(rows: Sequence[dict[str, str]]) -> Counter[str]:
    """Count the stances of rows."""
    return Counter(row["stance"] for row in rows)


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read JSON lines."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def main() -> None:
    """Write what may be learnt, and what decides."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labelled", type=Path, help="JSON lines with a licence on each.")
    parser.add_argument("development", type=Path, help="JSON lines that nothing is fitted on.")
    arguments = parser.parse_args()
    rows = read_rows(arguments.labelled)
    measured = measured_sources()
    learnt = [row for row in rows if is_learnt(row, measured)]
    documents = {row["document"] for row in learnt}
    development = read_rows(arguments.development)
    shared = documents & {row["document"] for row in development}
    if shared:
        sys.exit(f"error: learnt documents in {arguments.development}: {sorted(shared)[:3]}")
    unseen = [
        row
        for row in rows
        if row["licence"] not in LICENCES
        and not row["document"].startswith(POINTED_AT)
        and row["document"] not in documents
    ]
    write_rows(LEARNT, learnt)
    write_rows(HELD_OUT, [*development, *unseen])


if __name__ == "__main__":
    main()
