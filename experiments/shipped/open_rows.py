"""Take from a labelled file the rows that a shipped model may learn: those under CC0 or CC BY.

Rows of the UN General Debate Corpus are left out, since the stand-off labels hold them already.
"""

import argparse
import json
from collections import Counter
from pathlib import Path

from alliance_stance.files import write_text

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "data" / "corpora" / "open.jsonl"
LICENCES = ("CC0", "CC BY 4.0")
POINTED_AT = "UNGD/"


def is_taken(row: dict[str, str]) -> bool:
    """Say whether a row's source allows it, and no other part of the data has it."""
    return row["licence"] in LICENCES and not row["document"].startswith(POINTED_AT)


def main() -> None:
    """Write the rows, and count them by licence and stance."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labelled", type=Path, help="JSON lines with a licence on each.")
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in arguments.labelled.read_text("utf-8").splitlines()]
    taken = [row for row in rows if is_taken(row)]
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    write_text(TARGET, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in taken))
    counts = Counter((row["licence"], row["stance"]) for row in taken)
    print(f"{len(taken)} of {len(rows)} rows: {TARGET}")
    for (licence, stance), count in sorted(counts.items()):
        print(f"  {licence}, {stance}: {count}")


if __name__ == "__main__":
    main()
