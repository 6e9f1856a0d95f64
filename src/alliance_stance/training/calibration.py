"""Calibrate on the development split of another data set than the one that is fitted on.

A model fitted on clear invented sentences is too sure on real text; a temperature found on real
rows mends that (docs/decisions/0038-calibrated-on-real-sentences.md).
"""

from collections.abc import Sequence
from pathlib import Path

from alliance_stance.datasets.table import BuiltDataset, build_dataset
from alliance_stance.errors import DatasetError
from alliance_stance.evaluation.overlap import trained_on
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.schema import Example


def open_calibration(
    recipe: Path | None, knowledge: Knowledge, processed: Path
) -> BuiltDataset | None:
    """Build the data set that an experiment calibrates on; None where it is that of the fits."""
    return None if recipe is None else build_dataset(recipe, knowledge, processed)


def check_unseen(name: str, rows: Sequence[Example], keys: frozenset[str]) -> None:
    """Refuse to calibrate on sentences that are fitted on.

    Parameters
    ----------
    name
        Of the data set that is calibrated on.
    rows
        Of its development split.
    keys
        Of the sentences that the model, or one that it is made of, is fitted on.

    Raises
    ------
    DatasetError
        If a row has one of them: the model would be sure of it by heart.
    """
    known = trained_on(rows, keys)
    if known:
        raise DatasetError(
            f"calibration on data set {name}",
            f"{len(known)} of {len(rows)} triples with a sentence that is fitted on, "
            f"such as {known[0]}",
            "rows that no fit has seen",
            "name another recipe, or take 'calibration' away",
        )
