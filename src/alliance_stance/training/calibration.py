"""Calibrate on the development split of another data set than the one that is fitted on.

A model fitted on clear invented sentences is too sure on real text; a temperature found on real
rows mends that (docs/decisions/0038-calibrated-on-real-sentences.md).
"""

from collections.abc import Sequence
from pathlib import Path

from alliance_stance.datasets.table import BuiltDataset, build_dataset
from alliance_stance.errors import DatasetError
from alliance_stance.evaluation.overlap import sentence_key, trained_on
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.schema import Candidate, Example

TEST = "test"


def open_calibration(
    recipe: Path | None, knowledge: Knowledge, processed: Path
) -> BuiltDataset | None:
    """Build the data set that an experiment calibrates on; None where it is that of the fits."""
    return None if recipe is None else build_dataset(recipe, knowledge, processed)


def check_unseen(
    name: str,
    rows: Sequence[Example],
    fitted_on: Sequence[Candidate],
    keys: frozenset[str],
    dataset: BuiltDataset,
) -> None:
    """Refuse to calibrate on sentences that are fitted on, or that wait for the last score.

    Parameters
    ----------
    name
        Of the data set that is calibrated on.
    rows
        Of its development split.
    fitted_on
        What the model learns.
    keys
        Of the sentences that the models which it is made of were fitted on.
    dataset
        Whose test split is not to be calibrated on either.

    Raises
    ------
    DatasetError
        If a row has such a sentence.
    """
    own = frozenset(sentence_key(candidate.text) for candidate in fitted_on)
    _refuse(name, rows, own | keys, "that is fitted on")
    if TEST in dataset.splits:
        test = frozenset(sentence_key(text) for text in dataset.splits[TEST]["text"])
        _refuse(name, rows, test, f"of the test split of {dataset.name}")


def _refuse(name: str, rows: Sequence[Example], keys: frozenset[str], what: str) -> None:
    known = trained_on(rows, keys)
    if known:
        raise DatasetError(
            f"calibration on data set {name}",
            f"{len(known)} of {len(rows)} triples with a sentence {what}, such as {known[0]}",
            "rows that no fit has seen and no test waits for",
            "name another recipe, or take 'calibration' away",
        )
