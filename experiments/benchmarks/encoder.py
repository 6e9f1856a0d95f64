"""Fine-tune the project's encoder on public benchmarks, and write `results-encoder.md`.

One fit a line, with settings that were fixed before any of them, so nothing is chosen on the rows
that are scored. A line that has been fitted stands in `encoder.csv` and is not fitted again.
"""

import argparse
import csv
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import NamedTuple

from benchmarks import HELD_BACK, REPEATS, ROOT, RUNS
from scores import Score, accuracy, interval, macro_f1, middle_position, over_splits, percent
from sklearn.model_selection import train_test_split
from units import Unit, codes, documents, read_units

from alliance_stance.config import read_yaml
from alliance_stance.datasets.dse import DIRECTED
from alliance_stance.datasets.table import BuiltDataset, build_dataset
from alliance_stance.errors import StanceError
from alliance_stance.evaluation.bootstrap import Interval
from alliance_stance.evaluation.metrics import Codes
from alliance_stance.files import write_text
from alliance_stance.fingerprints import SHORT, code_fingerprint, fingerprint
from alliance_stance.knowledge.knowledge import load_knowledge
from alliance_stance.models.base import StanceModel
from alliance_stance.models.encoder import EncoderSettings
from alliance_stance.models.table import build_model
from alliance_stance.schema import ACTS, STANCE_OF_ACT, Act
from alliance_stance.training.commit import current_commit

HERE = Path(__file__).resolve().parent
FITS = HERE / "encoder.csv"
OUTPUT = HERE / "results-encoder.md"
SETTINGS = ROOT / "configs" / "models" / "encoder.yaml"
SEED = 0
_CODE = (
    "models/encoder", "models/encoder_text", "models/encoder_training", "models/encoder_callbacks",
    "models/encoder_network", "models/act_loss", "models/marking", "models/batches",
)  # fmt: skip
KEYS: list[str] = []
"""Of the fits that this run asks for; a fit of other code or data is not laid out."""
COLUMNS = ("key", "set", "rows", "n", "documents", "metric", "score", "low", "high", "seconds")


class Task(NamedTuple):
    """How a benchmark is fitted.

    Parameters
    ----------
    acts
        The act that stands for each of its labels, so that its classes are those of the network.
    scored
        Score by its name.
    splits
        Names of the rows that are scored, by split.
    epochs
        Passes over the training rows.
    """

    acts: Mapping[str, Act]
    scored: Mapping[str, Score]
    splits: Mapping[str, str]
    epochs: int

    @property
    def classes(self) -> tuple[str, ...]:
        """Give the labels in the order of their codes."""
        return tuple(self.acts)


_DIRECTED = dict(
    zip(DIRECTED, (Act.DESCRIBE, Act.ENDORSE, Act.JOIN, Act.CRITICIZE, Act.CONFRONT), strict=True)
)
_POLARITIES = {"-1": Act.CRITICIZE, "0": Act.DESCRIBE, "1": Act.ENDORSE}
_QUADS = {
    "0": Act.DESCRIBE, "1": Act.CRITICIZE, "2": Act.CONFRONT,
    "3": Act.ENDORSE, "4": Act.CONTRIBUTE,
}  # fmt: skip
_TWEETS = {"AGAINST": Act.CRITICIZE, "FAVOR": Act.ENDORSE, "NONE": Act.DESCRIBE}

TASKS: Mapping[str, Task] = {
    "newsmtsc": Task(
        _POLARITIES, {"macro-F1 of 3": macro_f1(tuple(_POLARITIES))},
        {"dev": "rw-dev", "test": "rw-test", "test_mt": "mt-test"}, 4,
    ),
    "dse": Task(
        _DIRECTED, {"accuracy": accuracy, "macro-F1 of 5": macro_f1(tuple(_DIRECTED))},
        {"dev": "valid_clean", "test": "test_clean", "test_official": "test (leaks)"}, 4,
    ),
    "semeval2016": Task(
        _TWEETS, {"F_avg": macro_f1(tuple(_TWEETS), ("FAVOR", "AGAINST"))},
        {"test": "task A", "test_b": "task B, no training rows"}, 8,
    ),
    "un_quadclass": Task(_QUADS, {"macro-F1 of 5": macro_f1(tuple(_QUADS))}, {}, 4),
}  # fmt: skip

Judge = Callable[[Sequence[Unit]], Codes]


def fit(task: Task, units: Sequence[Unit]) -> Judge:
    """Fit the labels as acts, on the forward candidate of each row, with names kept."""
    model = new_model(task)
    acts = [task.acts[unit.label] for unit in units]
    model.fit([u.candidates[0] for u in units], [STANCE_OF_ACT[act] for act in acts], acts)
    columns = [ACTS.index(act) for act in task.acts.values()]

    def judge(asked: Sequence[Unit]) -> Codes:
        found = model.predict_act_proba([unit.candidates[0] for unit in asked])
        winners: Codes = found[:, columns].argmax(axis=1)
        return winners

    return judge


def new_model(task: Task) -> StanceModel:
    """Give an unfitted encoder as `encoder.yaml` says, but names kept and weights averaged."""
    settings = {k: v for k, v in read_yaml(SETTINGS).items() if k != "kind"}
    changed = {"epochs": task.epochs, "masked": False, "averaging": 0.995}
    return build_model("encoder", EncoderSettings(**settings | changed), seed=SEED)


class Line(NamedTuple):
    """One score of one fit, as `encoder.csv` holds it; `COLUMNS` in their order."""

    key: str
    name: str
    rows: str
    count: int
    document_count: int
    metric: str
    score: float
    low: float
    high: float
    seconds: float


def measure(
    name: str, rows: str, units: Sequence[Unit], judge: Judge, told: tuple[str, float]
) -> list[Line]:
    """Score one set of rows by all scores of its task."""
    task, owners = TASKS[name], documents(units)
    right, predicted = codes(units, task.classes), judge(units)
    lines = []
    for metric, score in task.scored.items():
        found = interval(score, right, predicted, owners)
        lines.append(
            Line(told[0], name, rows, len(units), len(set(owners)), metric,
                 found.value, found.low, found.high, told[1])
        )  # fmt: skip
    return lines


def run_fixed(name: str, dataset: BuiltDataset) -> None:
    """Fit on the training split of a benchmark that has fixed ones, and score the others."""
    task = TASKS[name]
    train = read_units(dataset, "train")
    if "dev" not in task.splits:
        # dealt out of the training file by the build, and part of it by the set's own rule
        train = [*train, *read_units(dataset, "dev")]
    run_once(name, train, {rows: read_units(dataset, s) for s, rows in task.splits.items()})


def run_repeated(name: str, dataset: BuiltDataset) -> None:
    """Fit on five stratified splits, the ones that `benchmarks.py` scores."""
    everything = [unit for split in dataset.splits for unit in read_units(dataset, split)]
    everything.sort(key=lambda unit: unit.document)
    for seed in REPEATS:
        rest, test = train_test_split(
            everything, test_size=HELD_BACK, random_state=seed,
            stratify=[unit.label for unit in everything],
        )  # fmt: skip
        run_once(name, rest, {f"15 %, split {seed}": test})


def run_once(name: str, train: Sequence[Unit], scored: Mapping[str, Sequence[Unit]]) -> None:
    """Fit and score, unless it has been done."""
    key = fit_key(name, train, scored)
    KEYS.append(key)
    if key in {line.key for line in read_fits()}:
        return
    start = time.monotonic()
    judge = fit(TASKS[name], train)
    seconds = round(time.monotonic() - start, 1)
    lines = [
        line for rows, units in scored.items()
        for line in measure(name, rows, units, judge, (key, seconds))
    ]  # fmt: skip
    append(lines)
    for line in lines:
        print(line.name, line.rows, line.metric, f"{100 * line.score:.1f}", flush=True)


def fit_key(name: str, train: Sequence[Unit], scored: Mapping[str, Sequence[Unit]]) -> str:
    """Give the fingerprint of all that a fit and its scores depend on."""
    task = TASKS[name]
    data = [
        [[unit.label, repr(unit.candidates)] for unit in units]
        for units in (train, *scored.values())
    ]
    return fingerprint(
        data, list(scored), dict(task.acts), list(task.scored), new_model(task).get_params(),
        code_fingerprint(*_CODE),
    )[:SHORT]  # fmt: skip


def read_fits() -> list[Line]:
    """Read what has been fitted."""
    if not FITS.exists():
        return []
    with FITS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [
        Line(*row[:3], int(row[3]), int(row[4]), row[5], *map(float, row[6:]))  # type: ignore[arg-type]
        for row in rows
    ]


def append(lines: Sequence[Line]) -> None:
    """Keep the scores of a fit."""
    is_new = not FITS.exists()
    with FITS.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if is_new:
            writer.writerow(COLUMNS)
        for line in lines:
            numbers = (f"{number:.4f}" for number in (line.score, line.low, line.high))
            writer.writerow([*line[:6], *numbers, line.seconds])


_TOLD = {
    ("dse", "test_clean", "accuracy"): ("74.6", "-"),
    ("dse", "test_clean", "macro-F1 of 5"): ("17.1", "-"),
    ("dse", "test (leaks)", "accuracy"): ("65.3", "RoBERTa 85.2"),
    ("dse", "test (leaks)", "macro-F1 of 5"): ("15.8", "RoBERTa 72.5"),
    ("newsmtsc", "rw-test", "macro-F1 of 3"): ("17.9", "BERT 80.1; GRU-TSC 83.1"),
    ("newsmtsc", "mt-test", "macro-F1 of 3"): ("16.7", "BERT 73.7; GRU-TSC 82.5"),
    ("semeval2016", "task A", "F_avg"): ("65.2", "SVM-ngrams 68.98; best entry 67.82"),
    ("semeval2016", "task B, no training rows", "F_avg"): ("29.7", "best entry 56.28"),
    ("un_quadclass", "15 %", "macro-F1 of 5"):
        ("7.9", "BERT 63.6; RoBERTa 65.1; ConfliBERT 66.1"),
}  # fmt: skip
"""Majority, and what others report on the same rows (their own reports)."""


def write_results() -> None:
    """Lay all fits out."""
    lines = [line for line in read_fits() if line.key in KEYS]
    told = [
        "# benchmarks: the encoder", "",
        "Written by `experiments/benchmarks/encoder.py`; do not edit. Scores are times 100, "
        "intervals 95 % by resampled documents; one seed. What was fitted how stands in "
        "[README.md](README.md).", "",
        "| set | rows | n | documents | metric | this encoder [95 %] | majority | published | "
        "seconds to fit |", "|" + " --- |" * 9,
    ]  # fmt: skip
    told += [
        row(line, percent(_interval(line))) for line in lines if not line.rows.startswith("15 %")
    ]
    told += _repeated([line for line in lines if line.rows.startswith("15 %")])
    write_text(OUTPUT, "\n".join([*told, "", f"Commit: {current_commit()}."]) + "\n")
    print(OUTPUT.read_text(encoding="utf-8"))


def row(line: Line, score: str) -> str:
    """Lay one score out."""
    rows = line.rows.partition(" times ")[2] or line.rows
    majority, published = _TOLD.get((line.name, rows, line.metric), ("-", "-"))
    cells = (
        line.name, line.rows, line.count, line.document_count, line.metric, score, majority,
        published, f"{line.seconds:,.0f}",
    )  # fmt: skip
    return "| " + " | ".join(map(str, cells)) + " |"


def _repeated(lines: Sequence[Line]) -> list[str]:
    """Put repeats into one line: their mean, the range, and the middle one with its interval."""
    if not lines:
        return []
    found = [_interval(line) for line in lines]
    middle = lines[middle_position(found)]
    seconds = mean(line.seconds for line in lines)
    told = middle._replace(rows=f"{len(lines)} times 15 %", seconds=seconds)
    return [row(told, over_splits(found))]


def _interval(line: Line) -> Interval:
    return Interval(line.score, line.low, line.high)


def main() -> None:
    """Fit what is asked for and not yet fitted, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench", type=Path, help="folder with a folder for each benchmark")
    parser.add_argument("--only", nargs="+", choices=TASKS, default=list(TASKS))
    arguments = parser.parse_args()
    knowledge = load_knowledge()
    for name in arguments.only:
        recipe = ROOT / "configs" / "datasets" / f"{name}.yaml"
        path = [f"path={(arguments.bench / RUNS[name][0]).resolve()}"]
        dataset = build_dataset(recipe, knowledge, ROOT / "data" / "processed", path)
        (run_fixed if TASKS[name].splits else run_repeated)(name, dataset)
    write_results()


if __name__ == "__main__":
    try:
        main()
    except StanceError as error:
        sys.exit(f"error: {error}")
