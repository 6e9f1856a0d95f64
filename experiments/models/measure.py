"""Fit each kind of model once, score it twice, and write `results.csv` and `results.md`."""

import argparse
import csv
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from alliance_stance.config import Section
from alliance_stance.datasets.table import BuiltDataset, build_dataset
from alliance_stance.errors import StanceError
from alliance_stance.evaluation.labelled import read_labelled
from alliance_stance.evaluation.report import measure, score_examples
from alliance_stance.files import write_text
from alliance_stance.fingerprints import SHORT, file_fingerprint, fingerprint
from alliance_stance.knowledge.knowledge import load_knowledge
from alliance_stance.models.base import StanceModel
from alliance_stance.models.ensemble import EnsembleModel
from alliance_stance.models.table import MODELS, build_model
from alliance_stance.schema import Example
from alliance_stance.training.commit import current_commit
from alliance_stance.training.experiment import ModelConfig, read_model

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
CONFIGS = ROOT / "configs" / "models"
NAMES = (
    "majority", "state_prior", "lexicon", "rule_vote", "linear_unmasked", "linear", "frozen",
    "conv", "ensemble",
)  # fmt: skip
SEED = 0
MEGABYTE = 1_000_000
COLUMNS = (
    "model", "dev", "real", "against", "favor", "neutral", "log_loss", "calibration_error",
    "fit_seconds", "triples_per_second", "megabytes", "dataset", "labelled", "commit",
)  # fmt: skip
Row = dict[str, str]


@dataclass
class Fits:
    """Models that were fitted in this run, with their seconds: an ensemble takes its parts here.

    Parameters
    ----------
    train, dev
        Examples to fit on and to calibrate on.
    known
        Model and seconds by kind and settings.
    """

    train: Sequence[Example]
    dev: Sequence[Example]
    known: dict[str, tuple[StanceModel, float]] = field(default_factory=dict)

    def give(self, kind: str, settings: Section) -> tuple[StanceModel, float]:
        """Give a fitted and calibrated model, and the processor's seconds that it took."""
        key = fingerprint(kind, settings.model_dump(mode="json"))
        if key not in self.known:
            model = build_model(kind, settings, seed=SEED)
            began = time.process_time()
            earlier = self._fit(model)
            model.calibrate([e.candidate for e in self.dev], labels_of(self.dev)[0])
            self.known[key] = model, earlier + time.process_time() - began
        return self.known[key]

    def _fit(self, model: StanceModel) -> float:
        """Fit a model; give the seconds that its parts took earlier."""
        if not isinstance(model, EnsembleModel):
            stances, acts = labels_of(self.train)
            model.fit([e.candidate for e in self.train], stances, acts=acts)
            return 0.0
        # with one seed a part is the same model whoever fits it, so it need not be fitted twice
        began = time.process_time()
        parts = [self._part(part) for part in model.parts]
        fitted_now = time.process_time() - began
        model.parts_ = [part for part, _ in parts]
        model.weights_ = np.full(len(model.parts_), 1 / len(model.parts_))
        model.classes_ = model.parts_[0].classes_
        return sum(seconds for _, seconds in parts) - fitted_now

    def _part(self, part: Mapping[str, Any]) -> tuple[StanceModel, float]:
        kind = str(part["kind"])
        settings = {key: value for key, value in part.items() if key != "kind"}
        return self.give(kind, MODELS[kind][1](**settings))


def labels_of(examples: Sequence[Example]) -> tuple[list[Any], list[Any]]:
    """Give stances and acts, which every example of these sets has."""
    labels = [example.label for example in examples if example.label is not None]
    return [label.stance for label in labels], [label.act for label in labels]


def megabytes(model: StanceModel) -> float:
    """Give the size of the saved weights."""
    with TemporaryDirectory() as folder:
        model.save_weights(Path(folder))
        sizes = [path.stat().st_size for path in Path(folder).rglob("*") if path.is_file()]
    return sum(sizes) / MEGABYTE


def interval(score: dict[str, float]) -> str:
    """Write a score with its interval."""
    return f"{score['value']:.3f} [{score['low']:.3f}, {score['high']:.3f}]"


def measure_model(config: ModelConfig, fits: Fits, dataset: BuiltDataset, labelled: Path) -> Row:
    """Fit and score one model; seconds are those of the processor, of one core."""
    real = read_labelled(labelled, load_knowledge())
    model, fitted = fits.give(config.kind, config.settings)
    on_dev = measure(
        score_examples(model, fits.dev, where="dev"),
        split="dev",
        data_fingerprint=dataset.fingerprint,
    )
    began = time.process_time()
    scored = score_examples(model, real, where=str(labelled))
    seconds = time.process_time() - began
    on_real = measure(scored, split="real", data_fingerprint=file_fingerprint(labelled))
    return {
        "model": config.name,
        "dev": interval(on_dev["macro_f1"]),
        "real": interval(on_real["macro_f1"]),
        **{name: f"{on_real['stances'][name]['f1']:.3f}" for name in COLUMNS[3:6]},
        "log_loss": f"{on_real['log_loss']:.3f}",
        "calibration_error": f"{on_real['calibration_error']:.3f}",
        "fit_seconds": f"{fitted:.1f}",
        "triples_per_second": f"{len(real) / seconds:.0f}",
        "megabytes": f"{megabytes(model):.2f}",
        "dataset": dataset.fingerprint[:SHORT],
        "labelled": file_fingerprint(labelled)[:SHORT],
        "commit": current_commit()[:SHORT],
    }


def read_rows(path: Path) -> dict[str, Row]:
    """Read what was measured before, by model."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["model"]: row for row in csv.DictReader(file)}


def write_rows(path: Path, rows: dict[str, Row]) -> None:
    """Write all rows in the order of `NAMES`."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows[name] for name in NAMES if name in rows)


def page(rows: dict[str, Row], dev_size: str, real_size: str) -> str:
    """Write the results page."""
    titles = (
        "model", "macro-F1 dev [95 %]", "macro-F1 real [95 %]", "against", "favor", "neutral",
        "log-loss", "ECE", "fit, s", "triples/s", "MB",
    )  # fmt: skip
    lines = [
        "# models: results",
        "",
        "Written by `experiments/models/measure.py`; do not edit.",
        "",
        f"Fitted on the training split of the gold data, seed {SEED}. `dev`: {dev_size} of its "
        f"development split, on which temperatures and weights of parts are set. `real`: "
        f"{real_size} of a file of real sentences; all scores from `against` on are of it. "
        "Seconds are processor time of one core; MB are weights as saved.",
        "",
        f"| {' | '.join(titles)} |",
        f"| {' | '.join('---' for _ in titles)} |",
    ]
    ordered = [rows[name] for name in NAMES if name in rows]
    lines += [f"| {' | '.join(row[column] for column in COLUMNS[:11])} |" for row in ordered]
    facts = {f"gold {r['dataset']}, file {r['labelled']}, commit {r['commit']}" for r in ordered}
    return "\n".join([*lines, "", *sorted(facts), ""])


def main() -> None:
    """Measure the models that are named, or all that have no row yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labelled", type=Path, help="labelled real sentences")
    parser.add_argument("--only", nargs="+", choices=NAMES, help="measure these again")
    arguments = parser.parse_args()
    table = FOLDER / "results.csv"
    rows = read_rows(table)
    knowledge = load_knowledge()
    dataset = build_dataset(
        ROOT / "configs" / "datasets" / "gold.yaml", knowledge, ROOT / "data" / "processed"
    )
    fits = Fits(dataset.examples("train"), dataset.examples("dev"))
    for name in arguments.only or [name for name in NAMES if name not in rows]:
        config = read_model(CONFIGS / f"{name}.yaml", [])
        rows[name] = measure_model(config, fits, dataset, arguments.labelled)
        write_rows(table, rows)
        print(rows[name], flush=True)
    real_size = f"{len(read_labelled(arguments.labelled, knowledge))} triples"
    dev_size = f"{len(fits.dev)} triples"
    write_text(FOLDER / "results.md", page(rows, dev_size, real_size))


if __name__ == "__main__":
    try:
        main()
    except StanceError as error:
        sys.exit(f"error: {error}")
