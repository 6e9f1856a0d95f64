"""Fit a model on growing shares of several training sets and score it on real sentences.

Each fit adds its rows to `results.csv`, and one that has them is not done again: a run can be
stopped and taken up, and seeds can be added. Rows of a fit on other triples, of an earlier version
of the data, give way to the new ones. `table.py` writes the table from the rows.
"""

import argparse
import csv
import hashlib
import io
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from alliance_stance.datasets.table import build_dataset
from alliance_stance.errors import StanceError
from alliance_stance.evaluation.bootstrap import bootstrap
from alliance_stance.evaluation.labelled import read_labelled
from alliance_stance.evaluation.metrics import Scored, macro_f1, stance_scores
from alliance_stance.evaluation.report import INTERVAL_SEED, score_examples
from alliance_stance.files import write_text
from alliance_stance.fingerprints import fingerprint
from alliance_stance.knowledge.knowledge import Knowledge, load_knowledge
from alliance_stance.models.table import build_model
from alliance_stance.schema import Example
from alliance_stance.training.commit import current_commit
from alliance_stance.training.experiment import read_model

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
ROWS = HERE / "results.csv"
POINTED = ("standoff", "records", "cables", "news", "encyclopaedia")
SHARES = (0.125, 0.25, 0.5, 1.0)
COLUMNS = (
    "model", "source", "share", "seed", "train_triples", "train_fingerprint", "set", "triples",
    "macro_f1", "low", "high", "against", "favor", "neutral", "fit_seconds", "commit",
)  # fmt: skip


class Source(NamedTuple):
    """Training examples of one origin."""

    name: str
    examples: list[Example]


class Fit(NamedTuple):
    """What identifies one fit."""

    model: str
    source: str
    share: float
    seed: int


def read_sources(knowledge: Knowledge, labelled: Path) -> dict[str, Source]:
    """Read the four training sets; the last one is the yardstick of real sentences."""
    processed = ROOT / "data" / "processed"
    parts = {
        recipe: build_dataset(
            ROOT / "configs" / "datasets" / f"{recipe}.yaml", knowledge, processed
        ).examples("train")
        for recipe in ("gold", *POINTED)
    }
    own = parts["gold"]
    standoff = [example for recipe in POINTED for example in parts[recipe]]
    real = read_labelled(labelled / "train.jsonl", knowledge)
    return {
        name: Source(name, examples)
        for name, examples in (
            ("own", own), ("stand-off", standoff), ("both", [*own, *standoff]), ("real", real)
        )
    }  # fmt: skip


def take(examples: Sequence[Example], share: float, seed: int) -> list[Example]:
    """Take documents in a seeded order up to a share; a larger share holds the smaller ones."""

    def place(example: Example) -> str:
        return hashlib.sha256(f"{seed} {example.candidate.document}".encode()).hexdigest()

    ordered = sorted(examples, key=place)
    return ordered[: round(share * len(ordered))]


def done() -> dict[Fit, list[dict[str, str]]]:
    """Read the rows of the fits that have been done."""
    rows: dict[Fit, list[dict[str, str]]] = {}
    if ROWS.is_file():
        with ROWS.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                fit = Fit(row["model"], row["source"], float(row["share"]), int(row["seed"]))
                rows.setdefault(fit, []).append(row)
    return rows


def train_key(chosen: Sequence[Example]) -> str:
    """Give the fingerprint of training triples and their labels."""
    return fingerprint([(e.id, str(e.label)) for e in chosen])[:12]


def fit_rows(
    fit: Fit, chosen: Sequence[Example], sets: dict[str, list[Example]]
) -> Iterator[dict[str, object]]:
    """Fit once, and score on each set."""
    config = read_model(ROOT / "configs" / "models" / f"{fit.model}.yaml", [])
    model = build_model(config.kind, config.settings, seed=fit.seed)
    started = time.perf_counter()
    labels = [example.label for example in chosen if example.label is not None]
    model.fit(
        [example.candidate for example in chosen],
        [label.stance for label in labels],
        acts=[label.act for label in labels],
    )
    seconds = time.perf_counter() - started
    for name, examples in sets.items():
        scored = score_examples(model, examples, where=name)
        interval = bootstrap(
            macro_f1, scored.stances, scored.predicted, scored.documents, seed=INTERVAL_SEED
        )
        yield {
            **fit._asdict(),
            "train_triples": len(chosen), "train_fingerprint": train_key(chosen),
            "set": name, "triples": len(examples),
            "macro_f1": f"{interval.value:.4f}", "low": f"{interval.low:.4f}",
            "high": f"{interval.high:.4f}", **_stances(scored),
            "fit_seconds": round(seconds), "commit": current_commit()[:10],
        }  # fmt: skip


def _stances(scored: Scored) -> dict[str, str]:
    return {name: f"{values['f1']:.4f}" for name, values in stance_scores(scored).items()}


def put(fit: Fit, rows: list[dict[str, object]]) -> None:
    """Put the rows of one fit in the place of its earlier ones."""
    others = [row for other, kept in done().items() if other != fit for row in kept]
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows([*others, *rows])
    write_text(ROWS, out.getvalue())


def main() -> None:
    """Do what is missing of the fits that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labelled", type=Path, default=ROOT.parent / "shared" / "gold")
    parser.add_argument("--models", nargs="+", default=["linear", "packed", "encoder"])
    parser.add_argument("--sources", nargs="+", default=["own", "stand-off", "both", "real"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2, 3, 4])
    arguments = parser.parse_args()
    knowledge = load_knowledge()
    sources = read_sources(knowledge, arguments.labelled)
    own = build_dataset(
        ROOT / "configs" / "datasets" / "gold.yaml", knowledge, ROOT / "data" / "processed"
    )
    sets = {
        "real": read_labelled(arguments.labelled / "dev.jsonl", knowledge),
        "own dev": own.examples("dev"),
    }
    wanted = [
        Fit(model, source, share, seed)
        for seed in arguments.seeds
        for model in arguments.models
        for source in arguments.sources
        for share in reversed(SHARES)
    ]
    for number, fit in enumerate(wanted, start=1):
        chosen = take(sources[fit.source].examples, fit.share, fit.seed)
        # another process may have added rows since
        if train_key(chosen) in {row["train_fingerprint"] for row in done().get(fit, [])}:
            continue
        rows = list(fit_rows(fit, chosen, sets))
        put(fit, rows)
        print(f"{number}/{len(wanted)} {tuple(fit)} {rows[0]['macro_f1']}", flush=True)


if __name__ == "__main__":
    try:
        main()
    except StanceError as error:
        sys.exit(f"error: {error}")
