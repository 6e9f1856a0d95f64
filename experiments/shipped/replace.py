"""Put a model into the package, if it beats the one that is there.

Both judge the same labelled sentences, none of which either was fitted on, and the new one has to
be better beyond the interval. It is trimmed to what scoring needs and gets a card of its own, with
its figures on the development sentences. Where there is no larger model yet, it has to beat the
small one.
"""

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from alliance_stance.errors import StanceError
from alliance_stance.evaluation.labelled import read_labelled
from alliance_stance.evaluation.metrics import Scored
from alliance_stance.evaluation.report import measure, score_examples
from alliance_stance.files import write_json, write_text
from alliance_stance.fingerprints import file_fingerprint
from alliance_stance.inference.artifact import MANIFEST, Artifact, open_artifact, trim_artifact
from alliance_stance.inference.shipped import SHIPPED, SHIPPED_BASE, shipped_folder
from alliance_stance.training.promotion import beats

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


class Place(NamedTuple):
    """Where a model may be put."""

    folder: Path
    card: Path
    most_bytes: int
    """Of the weights."""


PLACES = {
    SHIPPED: Place(shipped_folder(SHIPPED), HERE / "card.md", 15_000_000),
    SHIPPED_BASE: Place(
        shipped_folder(SHIPPED_BASE), ROOT / "experiments" / "shipped_base" / "card.md", 65_000_000
    ),
}


def judge(artifact: Artifact, labelled: Path) -> Scored:
    """Let a model judge labelled sentences, names found by its own tables, as when installed."""
    examples = read_labelled(labelled, artifact.knowledge)
    return score_examples(artifact.model, examples, where=labelled.name)


def main() -> None:
    """Compare, decide and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="Folder of the new model.")
    parser.add_argument("held_out", type=Path, help="Labelled sentences that decide.")
    parser.add_argument("development", type=Path, help="Labelled sentences of the card's figures.")
    parser.add_argument("--place", choices=PLACES, default=SHIPPED, help="What it is to replace.")
    arguments = parser.parse_args()
    place = PLACES[arguments.place]
    holder = place.folder if place.folder.is_dir() else shipped_folder(SHIPPED)
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "model"
        trim_artifact(open_artifact(arguments.model), small)
        opened = open_artifact(small)
        size = sum(path.stat().st_size for path in (small / "weights").iterdir())
        if size > place.most_bytes:
            sys.exit(f"not replaced: weights of {size:,} bytes, {place.most_bytes:,} at most")
        own = judge(opened, arguments.held_out)
        print(f"{size:,} bytes; {arguments.held_out.name}: {summary(own)}")
        if holder.is_dir():
            its = judge(open_artifact(holder), arguments.held_out)
            print(f"in {holder}: {summary(its)}")
            told = beats(own, its, ("new", holder.name))
            print(told.reason)
            if not told.is_better:
                sys.exit("not replaced")
        told_of = {"gate": summary(own), **figures(opened, arguments.development)}
        finish(small, opened, size, place.card, told_of)
        if place.folder.is_dir():
            shutil.rmtree(place.folder)
        shutil.copytree(small, place.folder)
    print(f"written to {place.folder}: {size:,} bytes of weights")


def figures(artifact: Artifact, labelled: Path) -> dict[str, str]:
    """Measure a model on labelled sentences, for the card."""
    fingerprint = file_fingerprint(labelled)
    measured = measure(judge(artifact, labelled), split=labelled.name, data_fingerprint=fingerprint)
    return _flat(measured)


def summary(scored: Scored) -> str:
    """Say how good a model is in a line."""
    told = measure(scored, split="", data_fingerprint="")
    whole = told["macro_f1"]
    stances = ", ".join(f"{name} {own['f1']:.3f}" for name, own in told["stances"].items())
    return (
        f"macro-F1 {whole['value']:.3f} [{whole['low']:.3f}, {whole['high']:.3f}] ({stances}) on "
        f"{told['example_count']:,} triples in {told['document_count']:,} documents"
    )


def finish(folder: Path, artifact: Artifact, size: int, card: Path, told: dict[str, str]) -> None:
    """Write the card with the figures in it, and list both in the manifest."""
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    tokens = artifact.model.get_params()["vocabulary"]
    facts = {**manifest, "size": f"{size / 1e6:.1f}", "tokens": f"{tokens:,}", **told}
    write_text(folder / "README.md", card.read_text("utf-8").format_map(facts))
    path = folder / "README.md"
    manifest["files"]["README.md"] = {
        "sha256": file_fingerprint(path), "bytes": path.stat().st_size,
    }  # fmt: skip
    write_json(folder / MANIFEST, manifest)


def _flat(figures: dict[str, object], before: str = "") -> dict[str, str]:
    """Give figures by dotted-with-underscores names, rounded."""
    flat: dict[str, str] = {}
    for key, value in figures.items():
        name = f"{before}{key}"
        if isinstance(value, dict):
            flat |= _flat(value, f"{name}_")
        else:
            flat[name] = f"{value:.3f}" if isinstance(value, float) else str(value)
    return flat


if __name__ == "__main__":
    try:
        main()
    except StanceError as error:
        sys.exit(f"error: {error}")
