"""Fit the project's linear model to public benchmarks, and write `results.md`.

Settings are chosen on development rows alone; then each benchmark is scored once by its own metric.
Every fit of the search stands in `search.csv`, and one that has been done is not done again.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from scores import Score, accuracy, interval, macro_f1, middle_position, over_splits, percent
from search import Fold, choose, grid
from sklearn.model_selection import train_test_split
from units import Unit, codes, documents, read_units
from ways import Choice, fit, fit_majority

from alliance_stance.datasets.dse import DIRECTED
from alliance_stance.datasets.table import BuiltDataset, build_dataset
from alliance_stance.datasets.un_quadclass import LABELS
from alliance_stance.errors import StanceError
from alliance_stance.evaluation.metrics import Codes
from alliance_stance.files import write_text
from alliance_stance.fingerprints import SHORT
from alliance_stance.knowledge.knowledge import load_knowledge
from alliance_stance.training.commit import current_commit

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = Path(__file__).resolve().with_name("results.md")
POLARITIES = ("-1", "0", "1")
TWEET_STANCES = ("AGAINST", "FAVOR", "NONE")
REPEATS = range(5)
"""Seeds of the repeated splits of UN QuadClass."""
EACH_TARGET = ("each target", "each target, one vocabulary")
"""The ways that fit a model for each target."""
HELD_BACK = 0.15
"""Share that each repeat scores; the same share of the rest chooses the settings."""


class Published(NamedTuple):
    """What others report on the same rows by the same metric, as they write it."""

    linear: str
    neural: str


class Result(NamedTuple):
    """One line of the table."""

    name: str
    rows: str
    count: int
    document_count: int
    metric: str
    score: str
    majority: float
    published: Published
    shared: int


class Benchmark(NamedTuple):
    """All of one benchmark: its lines, what was chosen, and the build they come from."""

    results: list[Result]
    chosen: list[str]
    dataset: BuiltDataset


class Scored(NamedTuple):
    """Predictions on the rows of one split."""

    units: Sequence[Unit]
    classes: Sequence[str]
    predicted: Codes
    majority: Codes
    seen: set[str]

    def line(self, name: str, rows: str, metric: tuple[str, Score], published: Published) -> Result:
        """Score them by one metric."""
        right = codes(self.units, self.classes)
        own = documents(self.units)
        shared = sum(document in self.seen for document in own)
        return Result(
            name, rows, len(own), len(set(own)), metric[0],
            percent(interval(metric[1], right, self.predicted, own)),
            metric[1](right, self.majority), published, shared,
        )  # fmt: skip


def judge(
    choice: Choice, train: Sequence[Unit], scored: Sequence[Unit], classes: Sequence[str]
) -> Scored:
    """Fit once, and let the model judge the rows."""
    predicted = fit(choice, train, classes)(scored)
    usual = fit_majority(train, classes, by_target=choice.way in EACH_TARGET)(scored)
    return Scored(scored, classes, predicted, usual, set(documents(train)))


def run_dse(dataset: BuiltDataset) -> Benchmark:
    """Five classes; chosen between fitting them and fitting the two directions."""
    classes = tuple(DIRECTED)
    train, dev = read_units(dataset, "train"), read_units(dataset, "dev")
    score = macro_f1(classes)
    tried = [
        *grid("labels", masked=(True, False)),
        *grid("labels", masked=(True,), beside="window"),
        *grid("directions", masked=(True,)),
    ]
    choice, at_dev = choose("dse dev", tried, [Fold(train, dev)], classes, score)
    results = []
    for split, rows, published in (
        ("test", "test_clean", (Published("73.5", "-"), Published("34.1", "-"))),
        ("test_official", "test (leaks)",
         (Published("81.1", "DSE2QA 79.7; RoBERTa 85.2"),
          Published("65.1", "DSE2QA 67.7; RoBERTa 72.5"))),
    ):  # fmt: skip
        scored = judge(choice, train, read_units(dataset, split), classes)
        results.append(scored.line("dse", rows, ("accuracy", accuracy), published[0]))
        results.append(scored.line("dse", rows, ("macro-F1 of 5", score), published[1]))
    return Benchmark(results, [f"dse | {choice.way} | {choice.describe()} | {at_dev:.3f}"], dataset)


def run_newsmtsc(dataset: BuiltDataset) -> Benchmark:
    """Three polarities toward a span."""
    train = read_units(dataset, "train")
    dev = [*read_units(dataset, "dev"), *read_units(dataset, "dev_mt")]
    score = macro_f1(POLARITIES)
    both = (True, False)
    tried = [*grid("labels", masked=both), *grid("labels", masked=both, beside="window")]
    choice, at_dev = choose("newsmtsc dev", tried, [Fold(train, dev)], POLARITIES, score)
    results = [
        judge(choice, train, read_units(dataset, split), POLARITIES).line(
            "newsmtsc", rows, ("macro-F1 of 3", score), published
        )
        for split, rows, published in (
            ("test", "rw-test", Published("63.2", "BERT 80.1; GRU-TSC 83.1")),
            ("test_mt", "mt-test", Published("59.6", "BERT 73.7; GRU-TSC 82.5")),
        )
    ]
    return Benchmark(
        results, [f"newsmtsc | {choice.way} | {choice.describe()} | {at_dev:.3f}"], dataset
    )


def run_quadclass(dataset: BuiltDataset) -> Benchmark:
    """Five classes over repeated stratified splits; each repeat chooses on rows of its own."""
    classes = tuple(LABELS)
    everything = [unit for split in dataset.splits for unit in read_units(dataset, split)]
    # the order of the dealt splits must not count
    everything.sort(key=lambda unit: unit.document)
    score = macro_f1(classes)
    tried = grid("labels")
    lines, chosen = [], []
    for seed in REPEATS:
        rest, test = _stratified(everything, seed)
        train, dev = _stratified(rest, seed)
        name = f"un_quadclass split {seed}"
        choice, at_dev = choose(name, tried, [Fold(train, dev)], classes, score)
        chosen.append(f"{name} | {choice.way} | {choice.describe()} | {at_dev:.3f}")
        scored = judge(choice, rest, test, classes)
        found = interval(score, codes(test, classes), scored.predicted, documents(test))
        line = scored.line("un_quadclass", "15 %", ("macro-F1 of 5", score), _QUADCLASS)
        lines.append((found, line))
    every = [found for found, _ in lines]
    _, line = lines[middle_position(every)]
    rows = f"{len(REPEATS)} times 15 %"
    return Benchmark([line._replace(rows=rows, score=over_splits(every))], chosen, dataset)


_QUADCLASS = Published("58.8", "BERT 63.6; RoBERTa 65.1; ConfliBERT 66.1")


def _stratified(units: Sequence[Unit], seed: int) -> tuple[list[Unit], list[Unit]]:
    kept, held_back = train_test_split(
        list(units), test_size=HELD_BACK, random_state=seed, stratify=[u.label for u in units]
    )
    return kept, held_back


def run_semeval(dataset: BuiltDataset) -> Benchmark:
    """Task A with one model or one a target; task B with models that saw other targets only."""
    whole = [*read_units(dataset, "train"), *read_units(dataset, "dev")]
    score = macro_f1(TWEET_STANCES, ("FAVOR", "AGAINST"))
    tried = [
        *(c for way in EACH_TARGET for c in grid(way, runs=(1, 3), characters=5)),
        *(c for way in EACH_TARGET for c in grid(way, runs=(1,), beside="characters")),
    ]
    choice, at_dev = choose(
        "semeval2016 last 30 %", tried, [_last_rows(whole)], TWEET_STANCES, score
    )
    zero, at_left_out = choose(
        "semeval2016 a target left out", grid("labels", masked=(True, False)),
        list(_leave_targets_out(whole)), TWEET_STANCES, score,
    )  # fmt: skip
    task_a = judge(choice, whole, read_units(dataset, "test"), TWEET_STANCES)
    task_b = judge(zero, whole, read_units(dataset, "test_b"), TWEET_STANCES)
    metric = ("F_avg", score)
    return Benchmark(
        [
            task_a.line("semeval2016", "task A", metric,
                        Published("68.1", "SVM-ngrams 68.98; best entry 67.82")),
            task_b.line("semeval2016", "task B, no training rows", metric,
                        Published("-", "best entry 56.28")),
        ],
        [
            f"semeval2016 A | {choice.way} | {choice.describe()} | {at_dev:.3f}",
            f"semeval2016 B | {zero.way} | {zero.describe()} | {at_left_out:.3f}",
        ],
        dataset,
    )  # fmt: skip


def _last_rows(units: Sequence[Unit], share: float = 0.3) -> Fold:
    """Score the last rows of each target, which are the latest, with the earlier ones to fit on.

    The file is in order of time, and the set's authors cut their test file off in the same way.
    """
    by_target: dict[str, list[Unit]] = {}
    for unit in sorted(units, key=lambda unit: int(unit.document.rpartition(":")[2])):
        by_target.setdefault(unit.target, []).append(unit)
    cuts = {target: len(own) - round(share * len(own)) for target, own in by_target.items()}
    return Fold(
        [unit for target, own in by_target.items() for unit in own[: cuts[target]]],
        [unit for target, own in by_target.items() for unit in own[cuts[target] :]],
    )


def _leave_targets_out(units: Sequence[Unit]) -> Iterator[Fold]:
    for target in sorted({unit.target for unit in units}):
        yield Fold(
            [unit for unit in units if unit.target != target],
            [unit for unit in units if unit.target == target],
        )


RUNS = {
    "dse": ("dse", run_dse),
    "newsmtsc": ("newsmtsc", run_newsmtsc),
    "un_quadclass": ("un-quadclass", run_quadclass),
    "semeval2016": ("semeval2016-t6", run_semeval),
}
"""Recipe, folder and function of each benchmark."""


def write_results(benchmarks: Sequence[Benchmark]) -> str:
    """Lay results, choices and builds out."""
    lines = [
        "# benchmarks: results", "",
        "Written by `experiments/benchmarks/benchmarks.py`; do not edit. Scores are times 100, "
        "intervals 95 % by resampled documents. What the columns mean, and what the numbers can "
        "show, stands in [README.md](README.md).", "",
        "| set | rows | n | documents | metric | this linear model [95 %] | majority | another "
        "linear model | published | rows with a document in training |",
        "|" + " --- |" * 10,
    ]  # fmt: skip
    for result in (result for benchmark in benchmarks for result in benchmark.results):
        cells = (
            result.name, result.rows, result.count, result.document_count, result.metric,
            result.score, f"{100 * result.majority:.1f}", *result.published, result.shared,
        )  # fmt: skip
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    lines += ["", "| chosen for | way | settings | score of the choice |", "|" + " --- |" * 4]
    lines += [f"| {chosen} |" for benchmark in benchmarks for chosen in benchmark.chosen]
    prints = ", ".join(f"{b.dataset.name} {b.dataset.fingerprint[:SHORT]}" for b in benchmarks)
    seeds = ", ".join(map(str, REPEATS))
    lines += [
        "",
        f"Data: {prints}. Seeds: 0 (the solver has no random step); un_quadclass: splits {seeds}. "
        f"Commit: {current_commit()}.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run what is asked for; the table is written when all four have run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench", type=Path, help="folder with a folder for each benchmark")
    parser.add_argument("--only", nargs="+", choices=RUNS, default=list(RUNS))
    arguments = parser.parse_args()
    knowledge = load_knowledge()
    done = []
    for name in arguments.only:
        folder, run = RUNS[name]
        recipe = ROOT / "configs" / "datasets" / f"{name}.yaml"
        path = [f"path={(arguments.bench / folder).resolve()}"]
        dataset = build_dataset(recipe, knowledge, ROOT / "data" / "processed", path)
        done.append(run(dataset))
        for result in done[-1].results:
            print(result.name, result.rows, result.metric, result.score, flush=True)
    if set(arguments.only) == set(RUNS):
        write_text(OUTPUT, write_results(done))
        print(OUTPUT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    try:
        main()
    except StanceError as error:
        sys.exit(f"error: {error}")
