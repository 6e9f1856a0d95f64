"""Fit a model with and without twelve alliances, and score it on rows of those.

The twelve are those that the scheme `alliances` holds out (`data/held_out.csv`). One training set
is that of the main job, one lacks every document in which one of the twelve is judged, and one has
as few triples as that but of all alliances. The models are scored on the rows of the twelve: real
ones of `dev.jsonl`, and own ones of the development split. Each round adds its rows to
`results.csv`; what is there is not fitted again.
"""

import argparse
import csv
import io
import sys
from pathlib import Path

from alliance_stance.datasets.splits import order_key, read_held_out
from alliance_stance.datasets.table import build_dataset
from alliance_stance.errors import StanceError
from alliance_stance.evaluation.bootstrap import bootstrap, paired_bootstrap
from alliance_stance.evaluation.labelled import read_labelled
from alliance_stance.evaluation.metrics import Scored, macro_f1
from alliance_stance.evaluation.report import INTERVAL_SEED, score_examples
from alliance_stance.files import write_text
from alliance_stance.fingerprints import fingerprint
from alliance_stance.knowledge.knowledge import Knowledge, load_knowledge
from alliance_stance.models.table import build_model
from alliance_stance.schema import Example
from alliance_stance.training.commit import current_commit
from alliance_stance.training.experiment import read_model

ROOT = Path(__file__).resolve().parents[2]
ROWS = Path(__file__).resolve().parent / "results.csv"
RECIPE = ROOT / "configs" / "datasets" / "gold_and_contrasts.yaml"
ORDER_SEED = 0
COLUMNS = (
    "model", "seed", "set", "triples", "documents", "with_triples", "without_triples",
    "with", "with_low", "with_high", "fewer", "fewer_low", "fewer_high",
    "without", "without_low", "without_high", "lost", "lost_low", "lost_high",
    "lost_to_fewer", "lost_to_fewer_low", "lost_to_fewer_high", "data", "commit",
)  # fmt: skip


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


def fit_and_score(
    name: str, seed: int, train: list[Example], sets: dict[str, list[Example]]
) -> dict[str, Scored]:
    """Fit once, and score on each set."""
    config = read_model(ROOT / "configs" / "models" / f"{name}.yaml", [])
    model = build_model(config.kind, config.settings, seed=seed)
    labels = [example.label for example in train if example.label is not None]
    model.fit(
        [example.candidate for example in train],
        [label.stance for label in labels],
        acts=[label.act for label in labels],
    )
    return {key: score_examples(model, rows, where=key) for key, rows in sets.items()}


def compare(scored: dict[str, Scored]) -> dict[str, str]:
    """Give the scores, and what is lost without the alliances on the same draws of documents."""
    found = {
        key: bootstrap(macro_f1, own.stances, own.predicted, own.documents, seed=INTERVAL_SEED)
        for key, own in scored.items()
    }
    without = scored["without"]
    for name, key in (("lost", "with"), ("lost_to_fewer", "fewer")):
        found[name] = paired_bootstrap(
            macro_f1, without.stances, (scored[key].predicted, without.predicted),
            without.documents, seed=INTERVAL_SEED,
        )  # fmt: skip
    values: dict[str, str] = {}
    for name, interval in found.items():
        parts = {name: interval.value, f"{name}_low": interval.low, f"{name}_high": interval.high}
        values |= {key: f"{value:.4f}" for key, value in parts.items()}
    return values


def read_rows() -> list[dict[str, str]]:
    """Read what has been measured."""
    if not ROWS.is_file():
        return []
    with ROWS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def put(rows: list[dict[str, object]]) -> None:
    """Put rows in the place of earlier ones of the same model and seed."""
    keys = {(row["model"], str(row["seed"])) for row in rows}
    kept = [row for row in read_rows() if (row["model"], row["seed"]) not in keys]
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows([*kept, *rows])
    write_text(ROWS, out.getvalue())


def read_sets(
    knowledge: Knowledge, labelled: Path, unseen: frozenset[str]
) -> tuple[dict[str, list[Example]], dict[str, list[Example]]]:
    """Read what is trained on, and the rows of unseen alliances that are scored."""
    built = build_dataset(RECIPE, knowledge, ROOT / "data" / "processed")
    everything = {
        "dev.jsonl": read_labelled(labelled / "dev.jsonl", knowledge),
        "own dev": built.examples("dev"),
    }
    scored = {
        key: [e for e in rows if e.candidate.alliance in unseen] for key, rows in everything.items()
    }
    return training_sets(built.examples("train"), unseen), scored


def main() -> None:
    """Measure what is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labelled", type=Path, default=ROOT.parent / "shared" / "gold")
    parser.add_argument("--models", nargs="+", default=["linear", "packed"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2, 3, 4])
    arguments = parser.parse_args()
    unseen = held_out_alliances()
    trains, sets = read_sets(load_knowledge(), arguments.labelled, unseen)
    data = fingerprint([(e.id, str(e.label)) for e in trains["with"]])[:12]
    done = {(row["model"], row["seed"], row["data"]) for row in read_rows()}
    for seed in arguments.seeds:
        for name in arguments.models:
            if (name, str(seed), data) in done:
                continue
            answers = {key: fit_and_score(name, seed, own, sets) for key, own in trains.items()}
            rows: list[dict[str, object]] = [
                {
                    "model": name, "seed": seed, "set": key, "triples": len(examples),
                    "documents": len({e.candidate.document for e in examples}),
                    "with_triples": len(trains["with"]),
                    "without_triples": len(trains["without"]),
                    **compare({way: answer[key] for way, answer in answers.items()}),
                    "data": data, "commit": current_commit()[:10],
                }
                for key, examples in sets.items()
            ]  # fmt: skip
            put(rows)
            told = (f"{r['set']} {r['with']} {r['fewer']} {r['without']}" for r in rows)
            print(name, seed, *told, flush=True)


if __name__ == "__main__":
    try:
        main()
    except StanceError as error:
        sys.exit(f"error: {error}")
