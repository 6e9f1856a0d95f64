"""Do the words that an explanation names decide? Delete them, and see what the model says then.

For each triple the words that a method puts first are taken out of the sentence, and the drop of
the predicted stance's probability is written down, beside the drop for as many words that were
chosen in other ways. Rows are written as they come, so that an interrupted run goes on; `table.py`
writes the results.

    python experiments/explanations/deletion.py artifacts/default/linear/seed-0 --rows 300
"""

import argparse
import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from math import log
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from shapley import draw_masks, solve

from alliance_stance import load
from alliance_stance.datasets.gold import label_candidates
from alliance_stance.datasets.gold_file import read_gold
from alliance_stance.extraction.candidates import CandidateFinder
from alliance_stance.inference.attribution import Masks, lone_masks
from alliance_stance.inference.perturbing import Part, find_parts, is_judged, keep_parts
from alliance_stance.inference.shipped import SHIPPED, shipped_folder
from alliance_stance.models.base import Matrix, StanceModel
from alliance_stance.schema import STANCES, Candidate, Example

ROOT = Path(__file__).resolve().parents[2]
ROWS = ROOT / "artifacts" / "explanations"
COLUMNS = ("id", "document", "stance", "words", "chosen_by", "deleted", "drop")
SIZES = (1, 2, 3, 5)
SAMPLES = (32, 64, 128, 256)
RANDOM_DRAWS = 3
_LIME_WIDTH = 0.25
"""Width of LIME's kernel over the cosine distance of 0 to 1."""
_AT_ONCE = 8
Counts = Mapping[str, int]
Order = NDArray[np.intp]


def dev_examples() -> list[Example]:
    """Read the development split of the gold data: no shipped model was fitted on it."""
    with (ROOT / "data" / "gold" / "splits.csv").open(encoding="utf-8", newline="") as file:
        chosen = {row["document"] for row in csv.DictReader(file) if row["random"] == "dev"}
    from alliance_stance.knowledge.knowledge import load_knowledge

    knowledge = load_knowledge()
    finder = CandidateFinder(knowledge)
    documents = read_gold(ROOT / "data" / "gold" / "documents.jsonl", knowledge)
    return [
        example
        for document in documents
        if document.document.id in chosen
        for example in label_candidates(document, finder)
    ]


def word_counts(examples: Sequence[Example]) -> Counts:
    """Count in how many sentences each word stands."""
    sentences = {e.candidate.text: e.candidate for e in examples}
    return Counter(
        word
        for candidate in sentences.values()
        for word in {surface(candidate, part) for part in find_parts(candidate)}
    )


def surface(candidate: Candidate, part: Part) -> str:
    """Give the text of a part without regard to capitals."""
    text = candidate.context if part.kind == "context" else candidate.text
    return text[part.start : part.end].lower()


def lime(masks: Masks, values: Matrix) -> Matrix:
    """Weigh words as LIME does (Ribeiro et al. 2016), by a ridge regression near the sentence."""
    from sklearn.linear_model import Ridge

    shares = np.sqrt(masks.mean(axis=1))
    weights = np.sqrt(np.exp(-(((1 - shares) / _LIME_WIDTH) ** 2)))
    fitted = Ridge(alpha=1.0).fit(masks.astype(np.float64), values, sample_weight=weights)
    return np.asarray(fitted.coef_)


def lime_masks(count: int, samples: int, *, seed: int) -> Masks:
    """Draw sentences as LIME does: any number of words out, each number as likely."""
    random = np.random.default_rng(seed)
    masks = np.ones((samples + 1, count), dtype=np.bool_)
    for row in range(1, len(masks)):
        masks[row, random.permutation(count)[: random.integers(1, count + 1)]] = False
    return masks


class Trial:
    """One triple: the questions that its orders of words need, and the orders."""

    def __init__(self, example: Example, counts: Counts, *, seed: int) -> None:
        self.example = example
        self.candidate = example.candidate
        self.parts = find_parts(self.candidate)
        self.words = [i for i, part in enumerate(self.parts) if part.kind != "context"]
        count = len(self.parts)
        self._counts = counts
        self._seed = seed
        self.masks = {
            "shap": draw_masks(count, max(SAMPLES), seed=seed),
            "lime": lime_masks(count, 128, seed=seed),
            "alone": lone_masks(count),
        }

    def questions(self) -> list[Candidate]:
        """Give every candidate that the orders need judged."""
        return [
            keep_parts(self.candidate, self.parts, mask)
            for masks in self.masks.values()
            for mask in masks
        ]

    def orders(self, values: Matrix) -> dict[str, list[Order]]:
        """Give orders of words by the way they were chosen, from what the questions gave."""
        ends = np.cumsum([len(masks) for masks in self.masks.values()])
        shap, lime_, alone = np.split(values, ends[:-1])
        masks = self.masks["shap"]
        found = {
            # the first coalitions of many are what fewer would have drawn
            **{
                f"Kernel SHAP, {n}": self._ranked(solve(masks[: n + 2], shap[: n + 2]))
                for n in SAMPLES
            },
            "LIME, 128": self._ranked(lime(self.masks["lime"], lime_)),
            "one left out": self._ranked(alone[0] - alone[2:]),
            "nearest to the names": self._ranked(-self._distances()),
            "rarest": self._ranked(-np.array([log(self._count(p)) for p in self.parts])),
        }
        random = np.random.default_rng(self._seed)
        draws = [np.array(random.permutation(self.words)) for _ in range(RANDOM_DRAWS)]
        return {**{name: [order] for name, order in found.items()}, "random": draws}

    def without(self, order: Order, size: int) -> Candidate:
        """Give the candidate without the first words of an order."""
        kept = np.ones(len(self.parts), dtype=np.bool_)
        kept[order[:size]] = False
        return keep_parts(self.candidate, self.parts, kept)

    def _ranked(self, weights: Matrix) -> Order:
        words = np.array(self.words)
        return words[np.argsort(-weights[words], kind="stable")]

    def _distances(self) -> Matrix:
        judged = [m for m in self.candidate.mentions if is_judged(m, self.candidate)]
        return np.array(
            [
                min(
                    (max(m.start - p.end, p.start - m.end) for m in judged),
                    default=p.start,
                )
                for p in self.parts
            ],
            dtype=np.float64,
        )

    def _count(self, part: Part) -> int:
        return self._counts.get(surface(self.candidate, part), 1)


def judge(model: StanceModel, trials: Sequence[Trial]) -> Iterator[dict[str, str]]:
    """Yield the drops of some triples, all asked for in two calls."""
    own = model.predict_proba([trial.candidate for trial in trials])
    stances = own.argmax(axis=1)
    questions = [trial.questions() for trial in trials]
    judged = model.predict_proba([c for some in questions for c in some])
    places = np.cumsum([len(some) for some in questions])[:-1]
    chosen = [
        [
            (name, size, trial.without(order, size))
            for name, orders in trial.orders(values[:, stance]).items()
            for order in orders
            for size in SIZES
        ]
        for trial, values, stance in zip(trials, np.split(judged, places), stances, strict=True)
    ]
    after = iter(model.predict_proba([left for some in chosen for _, _, left in some]))
    for trial, stance, before, some in zip(trials, stances, own, chosen, strict=True):
        drops: dict[tuple[str, int], list[float]] = {}
        for name, size, _ in some:
            drops.setdefault((name, size), []).append(float(before[stance] - next(after)[stance]))
        for (name, size), values in drops.items():
            yield {
                "id": trial.example.id,
                "document": trial.candidate.document,
                "stance": str(STANCES[stance]),
                "words": str(len(trial.words)),
                "chosen_by": name,
                "deleted": str(size),
                "drop": f"{np.mean(values):.6f}",
            }


def main() -> None:
    """Judge what is missing, and write it down."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    predictor = load(str(options.model))
    examples = dev_examples()
    counts = word_counts(examples)
    order = np.random.default_rng(options.seed).permutation(len(examples))
    trials = (Trial(examples[i], counts, seed=options.seed) for i in order)
    fit = list(islice((t for t in trials if len(t.words) > max(SIZES)), options.rows))
    folder = options.model.resolve()
    # the model in the package lies in no folder of an experiment's model
    name = SHIPPED if folder == shipped_folder(SHIPPED).resolve() else folder.parent.name
    path = ROWS / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    done = set()
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            done = {row["id"] for row in csv.DictReader(file)}
    left = [trial for trial in fit if trial.example.id not in done]
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        if not done:
            writer.writeheader()
        for start in range(0, len(left), _AT_ONCE):
            writer.writerows(judge(predictor.artifact.model, left[start : start + _AT_ONCE]))
            file.flush()
            print(f"{min(start + _AT_ONCE, len(left))} of {len(left)} triples")


if __name__ == "__main__":
    main()
