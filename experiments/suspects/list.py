"""List the labels of a data set that a model, fitted on other documents, is surest are wrong.

Confident learning (Northcutt, Jiang and Chuang 2021; cleanlab): the classes' thresholds are the
mean probability that the model gives to each class's own triples. Each document is judged by a
model that was fitted on the others. Needs `pip install cleanlab`. The list holds no label and no
prediction, so that it can be given to annotators as it is; `--key` writes those to a file of its
own.
"""

import argparse
import csv
import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from cleanlab.filter import find_label_issues
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

from alliance_stance.datasets.table import build_dataset
from alliance_stance.errors import StanceError
from alliance_stance.files import write_text
from alliance_stance.knowledge.knowledge import load_knowledge
from alliance_stance.models.table import build_model
from alliance_stance.schema import STANCES, Example
from alliance_stance.training.experiment import read_model

ROOT = Path(__file__).resolve().parents[2]
FOLDS = 5


def read_examples(recipes: Sequence[str]) -> list[Example]:
    """Read the labelled triples of all splits of the recipes."""
    knowledge = load_knowledge()
    found = []
    for name in recipes:
        built = build_dataset(
            ROOT / "configs" / "datasets" / f"{name}.yaml", knowledge, ROOT / "data" / "processed"
        )
        found += [e for split in ("train", "dev", "test") for e in built.examples(split)]
    return [example for example in found if example.label is not None]


def judge_unseen(examples: Sequence[Example], kind: str) -> NDArray[np.float64]:
    """Give each triple's probabilities by a model that was fitted on other documents.

    Returns
    -------
    ndarray of shape (n, 3)
        Columns in the order of `STANCES`.
    """
    config = read_model(ROOT / "configs" / "models" / f"{kind}.yaml", [])
    documents = [example.candidate.document for example in examples]
    judged = np.zeros((len(examples), len(STANCES)))
    for fold, (fitted, held) in enumerate(GroupKFold(FOLDS).split(documents, groups=documents)):
        labels = [label for i in fitted if (label := examples[i].label) is not None]
        model = build_model(config.kind, config.settings, seed=0)
        model.fit(
            [examples[i].candidate for i in fitted],
            [label.stance for label in labels],
            acts=[label.act for label in labels],
        )
        judged[held] = model.predict_proba([examples[i].candidate for i in held])
        print(f"fold {fold + 1} of {FOLDS}", file=sys.stderr, flush=True)
    return judged


def find_suspects(examples: Sequence[Example], judged: NDArray[np.float64]) -> list[int]:
    """Give the positions of suspect labels, the least likely label first."""
    given = np.array([STANCES.index(e.label.stance) for e in examples if e.label is not None])
    ranked = find_label_issues(given, judged, return_indices_ranked_by="self_confidence", n_jobs=1)
    return [int(place) for place in ranked]


def main() -> None:
    """Write the list, and the key."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipes", nargs="+", help="names of configs/datasets")
    parser.add_argument("--model", default="linear", help="a name of configs/models")
    parser.add_argument("--documents", help="list only documents whose id begins so, by commas")
    parser.add_argument("--skip", type=Path, help="a table whose column task names labels to pass")
    parser.add_argument("--most", type=int, default=300)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--key", type=Path, required=True)
    arguments = parser.parse_args()
    examples = read_examples(arguments.recipes)
    judged = judge_unseen(examples, arguments.model)
    found = find_suspects(examples, judged)
    wanted = tuple(arguments.documents.split(",")) if arguments.documents else ("",)
    passed = set()
    if arguments.skip:
        with arguments.skip.open(encoding="utf-8", newline="") as file:
            passed = {row["task"] for row in csv.DictReader(file)}
    listed = [
        place
        for place in found
        if examples[place].candidate.document.startswith(wanted)
        and examples[place].id not in passed
    ]
    print(f"{len(examples)} labels, {len(found)} suspects, {len(listed)} of them wanted")
    chosen = listed[: arguments.most]
    write_text(arguments.output, "".join(_shown(n, examples[p]) for n, p in enumerate(chosen, 1)))
    key = io.StringIO()
    writer = csv.writer(key, lineterminator="\n")
    writer.writerow(["n", "task", "stance", "act", "predicted", "probability_of_label"])
    for number, place in enumerate(chosen, 1):
        label = examples[place].label
        own = judged[place]
        writer.writerow([
            number, examples[place].id, label and label.stance, label and label.act,
            STANCES[int(own.argmax())], f"{own[STANCES.index(label.stance)]:.3f}" if label else "",
        ])  # fmt: skip
    write_text(arguments.key, key.getvalue())


def _shown(number: int, example: Example) -> str:
    candidate = example.candidate
    return (
        json.dumps(
            {
                "n": number,
                "date": candidate.date,
                "speaker_state": candidate.speaker_state,
                "sentence_before": candidate.context or None,
                "sentence": candidate.text,
                "state": candidate.state,
                "alliance": candidate.alliance,
            },
            ensure_ascii=False,
        )
        + "\n"
    )


if __name__ == "__main__":
    try:
        main()
    except StanceError as error:
        sys.exit(f"error: {error}")
