"""Explain what a model says, a few triples at a time, and print it or give it to a page."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from alliance_stance.cli.console import counting, show, show_json

if TYPE_CHECKING:
    from alliance_stance.inference.explanation import Explanation
    from alliance_stance.inference.neighbours import Neighbours
    from alliance_stance.inference.predictor import Predictor
    from alliance_stance.knowledge.knowledge import Knowledge
    from alliance_stance.schema import Example, Prediction

_AT_ONCE = 16


class Explainer:
    """Explains predictions, and prints what it finds.

    Parameters
    ----------
    predictor
        The model that made them.
    neighbours
        Over training examples; None to search none.
    """

    def __init__(self, predictor: "Predictor", neighbours: "Neighbours | None") -> None:
        self._artifact = predictor.artifact
        self._neighbours = neighbours

    def show(
        self, predictions: Sequence["Prediction"], *, is_json: bool, abstain_below: float | None
    ) -> None:
        """Print a few explanations as soon as they are there."""
        from alliance_stance.inference.explanation import explanation_row
        from alliance_stance.reporting.explanations import explanation_view

        for explanation in self.explain(predictions):
            if is_json:
                show_json(explanation_row(explanation, abstain_below=abstain_below))
            else:
                show(explanation_view(explanation, abstain_below=abstain_below))

    def explain(self, predictions: Sequence["Prediction"]) -> Iterator["Explanation"]:
        """Yield the explanation of each prediction, and tell how many are done."""
        from alliance_stance.inference.explanation import explain_predictions

        with counting("triples explained") as tell:
            for start in range(0, len(predictions), _AT_ONCE):
                some = predictions[start : start + _AT_ONCE]
                yield from explain_predictions(self._artifact, some, neighbours=self._neighbours)
                tell(start + len(some), len(predictions))


def open_explainer(
    predictor: "Predictor", examples: Sequence[Path] | None, *, is_asked: bool
) -> Explainer | None:
    """Open what `--explain` and `--examples` ask for; None where nothing is to be explained.

    Raises
    ------
    InputError
        If there are examples and nothing to explain, or no example is of the model's training.
    """
    from alliance_stance.errors import InputError

    if not is_asked:
        if examples:
            raise InputError("--examples", "no --explain", "both", "add --explain")
        return None
    return Explainer(predictor, _open_neighbours(predictor, examples) if examples else None)


def _open_neighbours(predictor: "Predictor", paths: Sequence[Path]) -> "Neighbours":
    from alliance_stance.evaluation.overlap import training_keys
    from alliance_stance.inference.neighbours import Neighbours

    artifact = predictor.artifact
    examples = [e for path in paths for e in _read_examples(path, artifact.knowledge)]
    return Neighbours(examples, training_keys(artifact.folder))


def _read_examples(path: Path, knowledge: "Knowledge") -> list["Example"]:
    """Read labelled examples, or the labelled pairs of gold documents."""
    from alliance_stance.evaluation.labelled import read_labelled

    if not _holds_gold(path):
        return read_labelled(path, knowledge)
    from alliance_stance.datasets.gold import label_candidates
    from alliance_stance.datasets.gold_file import read_gold
    from alliance_stance.extraction.candidates import CandidateFinder

    finder = CandidateFinder(knowledge)
    documents = read_gold(path, knowledge)
    return [example for one in documents for example in label_candidates(one, finder)]


def _holds_gold(path: Path) -> bool:
    """Say whether a file's first line is a gold document; what cannot be read is none."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            first = json.loads(next(file, ""))
    except (OSError, ValueError):
        return False
    return isinstance(first, dict) and "sentences" in first
