"""Fit DSE with an encoder that has learnt the project's own task first, and write a table.

`encoder.py` begins with an encoder's general weights; here the fit begins with those of a saved
model of this project, head included, whose acts stand for the labels of DSE. Everything else is as
there: settings, passes, seed. `valid_clean` decides which of the two is scored on the test rows.
"""

import argparse
import sys
import time
from pathlib import Path

from encoder import SEED, new_model, read_fits
from mirrored import METRIC, ROOT, TASK
from scores import interval
from units import codes, documents, read_units

from alliance_stance.datasets.table import build_dataset
from alliance_stance.errors import StanceError
from alliance_stance.evaluation.bootstrap import Interval
from alliance_stance.files import write_text
from alliance_stance.inference.artifact import open_artifact
from alliance_stance.knowledge.knowledge import load_knowledge
from alliance_stance.models.base import StanceModel
from alliance_stance.schema import ACTS, STANCE_OF_ACT
from alliance_stance.training.commit import current_commit

OUTPUT = Path(__file__).with_name("results-from-stance.md")
COLUMNS = [ACTS.index(act) for act in TASK.acts.values()]


def new_started_model(folder: Path) -> StanceModel:
    """Give an unfitted encoder that will begin with a saved model's weights."""
    start = open_artifact(folder).model
    # names are kept in these sets, and were masked in ours; the words are read alike
    start.masked = False
    model = new_model(TASK)
    model.begin_with(start, str(folder))
    return model


def main() -> None:
    """Fit, and score the development rows; the test rows only if the start is worth it there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench", type=Path, help="folder with a folder for each benchmark")
    parser.add_argument("start", type=Path, help="saved model of kind encoder, with its weights")
    arguments = parser.parse_args()
    dataset = build_dataset(
        ROOT / "configs" / "datasets" / "dse.yaml", load_knowledge(), ROOT / "data" / "processed",
        [f"path={(arguments.bench / 'dse').resolve()}"],
    )  # fmt: skip
    train = read_units(dataset, "train")
    acts = [TASK.acts[unit.label] for unit in train]
    model, started = new_started_model(arguments.start), time.monotonic()
    model.fit(
        [unit.candidates[0] for unit in train], [STANCE_OF_ACT[act] for act in acts], acts=acts
    )
    seconds = time.monotonic() - started
    told = [
        "# benchmarks: DSE after the project's own task", "",
        "Written by `experiments/benchmarks/from_stance.py`; do not edit. Scores are times 100, "
        f"intervals 95 % by resampled documents; seed {SEED}, {len(train):,} rows, "
        f"{seconds:,.0f} seconds to fit.", "",
        "| rows | n | metric | general weights first | our task first |",
        "| --- | --- | --- | --- | --- |",
    ]  # fmt: skip
    is_better = False
    for split in ("dev", "test", "test_official"):
        if split != "dev" and not is_better:
            told += ["", "The test rows were not scored: it is no better on `valid_clean`."]
            break
        units, rows = read_units(dataset, split), TASK.splits[split]
        found = model.predict_act_proba([unit.candidates[0] for unit in units])
        predicted = found[:, COLUMNS].argmax(axis=1)
        for metric, score in TASK.scored.items():
            own = interval(score, codes(units, TASK.classes), predicted, documents(units))
            before = general_score(rows, metric)
            is_better |= split == "dev" and metric == METRIC and own.value > before.value
            told.append(f"| {rows} | {len(units)} | {metric} | {cell(before)} | {cell(own)} |")
    write_text(OUTPUT, "\n".join([*told, "", f"Commit: {current_commit()}."]) + "\n")
    print(OUTPUT.read_text(encoding="utf-8"))


def general_score(rows: str, metric: str) -> Interval:
    """Give the last score of the fit that begins with general weights."""
    lines = [
        line for line in read_fits() if (line.name, line.rows, line.metric) == ("dse", rows, metric)
    ]
    return Interval(lines[-1].score, lines[-1].low, lines[-1].high)


def cell(score: Interval) -> str:
    """Write a score times 100."""
    return f"{100 * score.value:.1f} [{100 * score.low:.1f}, {100 * score.high:.1f}]"


if __name__ == "__main__":
    try:
        main()
    except StanceError as error:
        sys.exit(f"error: {error}")
