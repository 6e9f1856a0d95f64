"""Put a model into the package, if it beats the one that is there beyond the interval.

Both judge the same labelled sentences. The new one is trimmed to what scoring needs and gets a
card of its own. Without a model in the package any is taken.
"""

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

from alliance_stance.errors import StanceError
from alliance_stance.evaluation.labelled import read_labelled
from alliance_stance.evaluation.metrics import Scored
from alliance_stance.evaluation.report import measure, score_examples
from alliance_stance.files import write_json, write_text
from alliance_stance.fingerprints import file_fingerprint
from alliance_stance.inference.artifact import MANIFEST, Artifact, open_artifact, trim_artifact
from alliance_stance.inference.shipped import SHIPPED, shipped_folder
from alliance_stance.knowledge.knowledge import load_knowledge
from alliance_stance.training.promotion import beats

HERE = Path(__file__).resolve().parent
CARD = HERE / "card.md"
MOST_BYTES = 15_000_000
"""Of the weights."""


def judge(artifact: Artifact, labelled: Path) -> Scored:
    """Let a model judge labelled sentences, as it would after installation."""
    examples = read_labelled(labelled, load_knowledge())
    return score_examples(artifact.model, examples, where=labelled.name)


def main() -> None:
    """Compare, decide and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="Folder of the new model.")
    parser.add_argument("labelled", type=Path, help="Labelled sentences that decide.")
    arguments = parser.parse_args()
    target = shipped_folder()
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "model"
        trim_artifact(open_artifact(arguments.model), small)
        opened = open_artifact(small)
        size = sum(path.stat().st_size for path in (small / "weights").iterdir())
        if size > MOST_BYTES:
            sys.exit(f"not replaced: weights of {size:,} bytes, {MOST_BYTES:,} at most")
        own = judge(opened, arguments.labelled)
        if target.is_dir():
            told = beats(own, judge(open_artifact(target), arguments.labelled), ("new", SHIPPED))
            print(told.reason)
            if not told.is_better:
                sys.exit("not replaced")
        fingerprint = file_fingerprint(arguments.labelled)
        figures = measure(own, split=arguments.labelled.name, data_fingerprint=fingerprint)
        finish(small, figures, size)
        if target.is_dir():
            shutil.rmtree(target)
        shutil.copytree(small, target)
    print(f"written to {target}: {size:,} bytes of weights")


def finish(folder: Path, figures: dict[str, object], size: int) -> None:
    """Write the card with the figures in it, and list both in the manifest."""
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    facts = {**manifest, "size": f"{size / 1e6:.1f}", **_flat(figures)}
    write_text(folder / "README.md", CARD.read_text("utf-8").format_map(facts))
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
