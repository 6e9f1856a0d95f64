"""What weak labels are worth: a model fitted on weak labels, on gold ones and on both.

Scored on labelled real sentences. Documents of the corpus that hold one of these sentences are
left out of the weak training data.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from alliance_stance.datasets.table import build_dataset
from alliance_stance.evaluation.bootstrap import Interval, bootstrap
from alliance_stance.evaluation.labelled import read_labelled
from alliance_stance.evaluation.metrics import macro_f1, stance_scores
from alliance_stance.evaluation.report import INTERVAL_SEED, score_examples
from alliance_stance.files import write_text
from alliance_stance.fingerprints import SHORT
from alliance_stance.knowledge.knowledge import load_knowledge
from alliance_stance.models.table import build_model
from alliance_stance.schema import STANCES, Example
from alliance_stance.training.commit import current_commit
from alliance_stance.training.experiment import read_model

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent


def plain(text: str) -> str:
    """Give a text without differences of case and white space."""
    return " ".join(text.casefold().split())


def without(examples: Sequence[Example], held: Sequence[Example]) -> list[Example]:
    """Leave out the documents that hold a sentence of `held`."""
    texts = {plain(example.candidate.text) for example in held}
    known = {e.candidate.document for e in examples if plain(e.candidate.text) in texts}
    return [example for example in examples if example.candidate.document not in known]


def fit_and_score(
    name: str, seed: int, train: Sequence[Example], test: Sequence[Example]
) -> tuple[Interval, list[float]]:
    """Fit a model, and give macro-F1 and the F1 of each stance."""
    config = read_model(ROOT / "configs" / "models" / f"{name}.yaml", [])
    model = build_model(config.kind, config.settings, seed=seed)
    labels = [example.label for example in train if example.label is not None]
    model.fit(
        [example.candidate for example in train],
        [label.stance for label in labels],
        acts=[label.act for label in labels],
    )
    scored = score_examples(model, test, where="real")
    value = bootstrap(
        macro_f1, scored.stances, scored.predicted, scored.documents, seed=INTERVAL_SEED
    )
    by_stance = stance_scores(scored)
    return value, [by_stance[str(stance)]["f1"] for stance in STANCES]


def main() -> None:
    """Fit all, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labelled", type=Path, help="Labelled real sentences to score on.")
    parser.add_argument("--models", nargs="+", default=["linear", "encoder"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    arguments = parser.parse_args()
    knowledge = load_knowledge()
    test = read_labelled(arguments.labelled, knowledge)
    built = {
        name: build_dataset(
            ROOT / "configs" / "datasets" / f"{name}.yaml", knowledge, ROOT / "data" / "processed"
        )
        for name in ("weak", "gold")
    }
    weak = without(built["weak"].examples("train"), test)
    gold = built["gold"].examples("train")
    sources = {"weak": weak, "gold": gold, "both": [*gold, *weak]}
    rows = [
        "| model | seed | trained on | triples | macro-F1 [95 %] | against | favor | neutral |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for model in arguments.models:
        for seed in arguments.seeds:
            for source, train in sources.items():
                value, stances = fit_and_score(model, seed, train, test)
                cells = " | ".join(f"{stance:.3f}" for stance in stances)
                rows.append(f"| {model} | {seed} | {source} | {len(train)} | {value} | {cells} |")
                print(rows[-1], flush=True)
    data = ", ".join(f"{name} {one.fingerprint[:SHORT]}" for name, one in built.items())
    write_text(
        HERE / "results.md",
        f"{len(test)} triples of {arguments.labelled.name}. Data: {data}. "
        f"Commit: {current_commit()}.\n\n" + "\n".join(rows) + "\n",
    )


if __name__ == "__main__":
    main()
