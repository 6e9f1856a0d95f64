"""Count what each rule's votes are worth on labelled sentences, for recipes of weak data sets.

Writes `data/rules/worth.csv`: figures alone, no sentence.
"""

import argparse
from pathlib import Path

from alliance_stance.evaluation.labelled import read_labelled
from alliance_stance.files import write_text
from alliance_stance.knowledge.knowledge import load_knowledge
from alliance_stance.labeling.label_model import measure_worth, worth_text
from alliance_stance.labeling.votes import apply_rules

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Let the rules vote on labelled examples, and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labelled", type=Path, help="JSON lines of labelled ready examples.")
    arguments = parser.parse_args()
    examples = read_labelled(arguments.labelled, load_knowledge())
    labels = [example.label for example in examples if example.label is not None]
    worth = measure_worth(apply_rules(examples), labels)
    write_text(ROOT / "data" / "rules" / "worth.csv", worth_text(worth))
    print(f"counted on {len(labels)} triples")


if __name__ == "__main__":
    main()
