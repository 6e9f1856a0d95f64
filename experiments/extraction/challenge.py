"""Judge the challenge items and write the table into the documentation."""

import argparse
from pathlib import Path

from alliance_stance.evaluation.challenge import judge_all, read_challenge
from alliance_stance.files import write_text
from alliance_stance.reporting.challenge import challenge_table, read_first_sight, replace_table

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Judge, write, and with --failures list the items that fail."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--failures", action="store_true")
    arguments = parser.parse_args()
    folder = ROOT / "data" / "challenge"
    verdicts = judge_all(read_challenge(folder / "extraction.jsonl"))
    page = ROOT / "docs" / "extraction.md"
    table = challenge_table(verdicts, read_first_sight(folder / "first-sight.csv"))
    write_text(page, replace_table(page.read_text(encoding="utf-8"), table))
    print(table)
    for verdict in verdicts if arguments.failures else ():
        if not verdict.passes:
            item = verdict.item
            print(f"{item.document.id} [{item.phenomenon}] {item.document.text!r}")
            print(f"   missed {sorted(verdict.missed)}, wrong {sorted(verdict.wrong)}")


if __name__ == "__main__":
    main()
