"""Fit a model with and without twelve alliances, and score it on rows of those.

The twelve are those that the scheme `alliances` holds out (`data/held_out.csv`). One training set
is that of the main job, one lacks every document in which one of the twelve is judged, and one has
as few triples as that but of all alliances. The models are scored on the rows of the twelve: real
ones of `dev.jsonl` and `train.jsonl`, neither of which is trained on, and own ones of the
development split. What each fit answers is kept in `artifacts/unseen`, so that it is not made
again; `results.csv` has the means over the seeds, with intervals over documents and seeds.
"""

import argparse
import csv
import io
import json
import sys
from pathlib import Path

import numpy as np

from alliance_stance.datasets.splits import order_key, read_held_out
from alliance_stance.datasets.table import BuiltDataset, build_dataset
from alliance_stance.draws import draw_documents
from alliance_stance.errors import StanceError
from alliance_stance.evaluation.labelled import read_labelled
from alliance_stance.evaluation.report import INTERVAL_SEED, score_examples
from alliance_stance.evaluation.resampling import (
    confusion_sums,
    difference_interval,
    macro_f1_of,
    score_interval,
)
from alliance_stance.files import write_json, write_text
from alliance_stance.fingerprints import fingerprint
from alliance_stance.knowledge.knowledge import Knowledge, load_knowledge
from alliance_stance.models.table import build_model
from alliance_stance.schema import STANCES, Example
from alliance_stance.training.commit import current_commit
from alliance_stance.training.experiment import ModelConfig, read_model
from alliance_stance.training.fit import fit_basis

ROOT = Path(__file__).resolve().parents[2]
ROWS = Path(__file__).resolve().parent / "results.csv"
RECIPE = ROOT / "configs" / "datasets" / "gold_and_contrasts.yaml"
ORDER_SEED = 0
WAYS = ("with", "fewer", "without")
SETS = ("dev.jsonl", "train.jsonl", "own dev")
COLUMNS = (
    "model", "set", "triples", "documents", "with_triples", "without_triples",
    *(f"{way}{part}" for way in WAYS for part in ("", "_low", "_high", "_seeds")),
    *(f"lost{to}{part}" for to in ("", "_to_fewer") for part in ("", "_low", "_high")),
    "data", "key", "commits",
)  # fmt: skip
Answers = dict[str, list[int]]
"""Positions of the stances that a fit gives to the rows of each set."""


def held_out_alliances() -> frozenset[str]:
    """Read the ids that no training row of the scheme `alliances` has."""
    held = read_held_out(ROOT / "data" / "held_out.csv", "alliances")
    return frozenset().union(*(ids for _, ids in held.values()))


def training_sets(train: list[Example], unseen: frozenset[str]) -> dict[str, list[Example]]:
    """Give all examples, as few of all alliances as the last, and those of untouched documents."""
    touched = {e.candidate.document for e in train if e.candidate.alliance in unseen}
    without = [e for e in train if e.candidate.document not in touched]
    in_order = sorted(train, key=lambda e: order_key([e.candidate.document], ORDER_SEED))
    return {"with": train, "fewer": in_order[: len(without)], "without": without}


def fit_once(
    config: ModelConfig,
    seed: int,
    train: list[Example],
    sets: dict[str, list[Example]],
    kept: Path,
) -> None:
    """Fit, judge each set and keep the answers, unless such a fit has been made."""
    if kept.is_file():
        return
    model = build_model(config.kind, config.settings, seed=seed)
    labels = [example.label for example in train if example.label is not None]
    model.fit(
        [example.candidate for example in train],
        [label.stance for label in labels],
        acts=[label.act for label in labels],
    )
    answers = {
        key: score_examples(model, rows, where=key).predicted.tolist() for key, rows in sets.items()
    }
    write_json(kept, {"commit": current_commit(), "answers": answers})


def compare(rows: list[Example], answers: dict[str, list[list[int]]]) -> dict[str, str | int]:
    """Give the mean score of the seeds of each way, and what is lost without the alliances.

    Parameters
    ----------
    rows
        Of one set.
    answers
        By way, those of each seed on the rows.
    """
    right = np.array([STANCES.index(e.label.stance) for e in rows if e.label is not None])
    resamples = draw_documents([e.candidate.document for e in rows], seed=INTERVAL_SEED)
    sums = {
        way: [confusion_sums(right, np.array(own), resamples) for own in of_seeds]
        for way, of_seeds in answers.items()
    }
    found = {way: score_interval(macro_f1_of, own, resamples, way) for way, own in sums.items()}
    for key, way in (("lost", "with"), ("lost_to_fewer", "fewer")):
        if way in sums and "without" in sums:
            pair = ((way, sums[way]), ("without", sums["without"]))
            found[key] = difference_interval(macro_f1_of, *pair, resamples)
    values: dict[str, str | int] = {f"{way}_seeds": len(own) for way, own in answers.items()}
    for key, interval in found.items():
        parts = {key: interval.value, f"{key}_low": interval.low, f"{key}_high": interval.high}
        values |= {part: f"{value:.4f}" for part, value in parts.items()}
    return values


def put(rows: list[dict[str, object]]) -> None:
    """Put rows in the place of earlier ones of the same model, and of any on other data."""
    models = {row["model"] for row in rows}
    before = csv.DictReader(io.StringIO(ROWS.read_text("utf-8"))) if ROWS.is_file() else ()
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    data = {row["data"] for row in rows}
    kept = [r for r in before if r["model"] not in models and r.get("data") in data]
    writer.writerows([*kept, *rows])
    write_text(ROWS, out.getvalue())


def read_sets(
    knowledge: Knowledge, labelled: Path, unseen: frozenset[str]
) -> tuple[BuiltDataset, dict[str, list[Example]], dict[str, list[Example]]]:
    """Read what is trained on, and the rows of unseen alliances that are scored."""
    built = build_dataset(RECIPE, knowledge, ROOT / "data" / "processed")
    everything = {
        **{name: read_labelled(labelled / name, knowledge) for name in SETS[:2]},
        SETS[2]: built.examples("dev"),
    }
    scored = {
        key: [e for e in rows if e.candidate.alliance in unseen] for key, rows in everything.items()
    }
    return built, training_sets(built.examples("train"), unseen), scored


def main() -> None:
    """Measure what is missing, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labelled", type=Path, default=ROOT.parent / "shared" / "gold")
    parser.add_argument("--models", nargs="+", default=["linear", "packed"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2, 3, 4])
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    arguments = parser.parse_args()
    unseen = held_out_alliances()
    built, trains, sets = read_sets(load_knowledge(), arguments.labelled, unseen)
    for name in arguments.models:
        config = read_model(ROOT / "configs" / "models" / f"{name}.yaml", [])
        place = ROOT / "artifacts" / "unseen" / name / key_of(config, built, {**trains, **sets})
        for seed in arguments.seeds:
            for way in arguments.ways:
                fit_once(config, seed, trains[way], sets, place / f"{way}-{seed}.json")
                print(name, seed, way, flush=True)
        put(table_rows(name, place, built, trains, sets))


def key_of(config: ModelConfig, built: BuiltDataset, rows: dict[str, list[Example]]) -> str:
    """Give the fingerprint of settings, code, libraries, and all that is learnt and scored."""
    source = build_model(config.kind, config.settings, seed=0).source_fingerprint()
    told = {key: list(map(repr, own)) for key, own in rows.items()}
    return fingerprint(config.identity(0), source, fit_basis(built), told)[:12]


def table_rows(
    name: str,
    place: Path,
    built: BuiltDataset,
    trains: dict[str, list[Example]],
    sets: dict[str, list[Example]],
) -> list[dict[str, object]]:
    """Give a row for each set, from all fits that there are of these settings and data."""
    fits = {
        way: [json.loads(path.read_text("utf-8")) for path in sorted(place.glob(f"{way}-*"))]
        for way in WAYS
    }
    answers = {
        key: {way: [fit["answers"][key] for fit in own] for way, own in fits.items() if own}
        for key in sets
    }
    commits = {fit["commit"] for own in fits.values() for fit in own}
    return [
        {
            "model": name, "set": key, "triples": len(rows),
            "documents": len({e.candidate.document for e in rows}),
            "with_triples": len(trains["with"]), "without_triples": len(trains["without"]),
            **compare(rows, answers[key]),
            "data": built.fingerprint[:12], "key": place.name, "commits": " ".join(sorted(commits)),
        }
        for key, rows in sets.items()
    ]  # fmt: skip


if __name__ == "__main__":
    try:
        main()
    except StanceError as error:
        sys.exit(f"error: {error}")
