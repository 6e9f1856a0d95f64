"""Give a model of the package today's tables of names, and measure what that changes.

The weights stay as they are. Names that are hidden from the model, and the membership of the judged
state, come from the tables, so a few answers move. If it is worse beyond the interval on the
labelled sentences that decide what is in the package, it keeps the tables that it has.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
from replace import PLACES, figures, finish, judge, summary

from alliance_stance.errors import StanceError
from alliance_stance.inference.artifact import open_artifact, renew_tables
from alliance_stance.inference.shipped import SHIPPED
from alliance_stance.knowledge.knowledge import load_knowledge
from alliance_stance.training.promotion import beats


def main() -> None:
    """Copy, compare, decide and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("held_out", type=Path, help="Labelled sentences that decide.")
    parser.add_argument("development", type=Path, help="Labelled sentences of the card's figures.")
    parser.add_argument("--place", choices=PLACES, default=SHIPPED, help="Which model.")
    arguments = parser.parse_args()
    place = PLACES[arguments.place]
    holder = open_artifact(place.folder)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "model"
        renew_tables(holder, copy, load_knowledge())
        renewed = open_artifact(copy)
        its, own = judge(holder, arguments.held_out), judge(renewed, arguments.held_out)
        same = np.mean(np.asarray(its.predicted) == np.asarray(own.predicted))
        print(f"before: {summary(its)}\nafter: {summary(own)}\nthe same stance in {same:.3f}")
        told = beats(its, own, ("before", "after"))
        print(told.reason)
        if told.is_better:
            sys.exit("not renewed")
        size = sum(path.stat().st_size for path in (copy / "weights").iterdir())
        told_of = {"gate": summary(own), **figures(renewed, arguments.development)}
        finish(copy, renewed, size, place.card, told_of)
        shutil.rmtree(place.folder)
        shutil.copytree(copy, place.folder)
    print(f"written to {place.folder}")


if __name__ == "__main__":
    try:
        main()
    except StanceError as error:
        sys.exit(f"error: {error}")
