"""What writing and reading a checkpoint costs: a few steps of a model as its file has it.

    python experiments/checkpoints/cost.py configs/models/packed.yaml

It writes after every step. Beside the time by the clock stands processor time, since a busy machine
moves the first more than the second.
"""

import argparse
import tempfile
import time
from pathlib import Path

from alliance_stance.datasets.table import build_dataset
from alliance_stance.files import write_text
from alliance_stance.knowledge.knowledge import load_knowledge
from alliance_stance.models.checkpoint import Checkpoint, Checkpoints
from alliance_stance.models.table import build_model
from alliance_stance.training.experiment import read_model

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = Path(__file__).parent / "results-cost.md"


class Timed(Checkpoints):
    """Keeps how long each write took, by the clock and on the processor."""

    taken: list[tuple[float, float]]

    def write(self, checkpoint: Checkpoint) -> None:
        """Write and take the time."""
        clock, processor = time.perf_counter(), time.process_time()
        super().write(checkpoint)
        self.taken.append((time.perf_counter() - clock, time.process_time() - processor))


def main() -> None:
    """Fit for a few steps and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--rows", type=int, default=128)
    given = parser.parse_args()
    config = read_model(given.model, ["epochs=1"])
    with tempfile.TemporaryDirectory() as place:
        recipe = ROOT / "configs" / "datasets" / "gold.yaml"
        dataset = build_dataset(recipe, load_knowledge(), Path(place) / "processed")
        rows = dataset.examples("train")[: given.rows]
        folder = Path(place) / "checkpoint"
        checkpoints = Timed(folder, "cost", every_seconds=0)
        checkpoints.taken = []
        model = build_model(config.kind, config.settings, seed=0)
        model.checkpoints = checkpoints
        labels = [example.label for example in rows if example.label is not None]
        model.fit(
            [example.candidate for example in rows],
            [label.stance for label in labels],
            acts=[label.act for label in labels],
        )
        size = sum(path.stat().st_size for path in folder.iterdir())
    clock, processor = zip(*checkpoints.taken, strict=True)
    lines = [
        "| model | writes | MB | s by the clock, least, mean, most | processor s, mean |",
        "| --- | --- | --- | --- | --- |",
        f"| {config.name} | {len(clock)} | {size / 1e6:.0f} | {min(clock):.2f}, "
        f"{sum(clock) / len(clock):.2f}, {max(clock):.2f} | {sum(processor) / len(clock):.2f} |",
    ]
    write_text(OUTPUT, "\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
