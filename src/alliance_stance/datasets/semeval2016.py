"""The SemEval-2016 task 6 builder: stance of tweets toward given topics.

Mohammad et al. 2016, "SemEval-2016 Task 6: Detecting Stance in Tweets". The holder is the author.
Task A tests on the five topics of training, task B on a sixth one.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field

from alliance_stance.config import PathFromFile, Section
from alliance_stance.datasets.benchmark_files import find_files, look_up
from alliance_stance.datasets.pair_builder import PairsBuilder, PairSet
from alliance_stance.datasets.pair_marking import Name
from alliance_stance.datasets.pair_rows import PairRow, collect_pairs, take_dev
from alliance_stance.datasets.pair_splits import DealtDev
from alliance_stance.datasets.pair_tables import TableRow, read_table
from alliance_stance.errors import DatasetError
from alliance_stance.schema import Stance

FILES: Mapping[str, str] = {
    "train": "semeval2016-task6-trainingdata.txt",
    "test": "gold.txt",
    "test_b": "gold_trump.txt",
}
"""File of each split: task A's two, then task B's. A part of `train` becomes `dev`."""

_STANCES = {"AGAINST": Stance.AGAINST, "FAVOR": Stance.FAVOR, "NONE": Stance.NEUTRAL}
_COLUMNS = ("ID", "Target", "Tweet", "Stance")
_SOURCE = "github.com/prrao87/tweet-stance-prediction, folders data and data/eval"


class Semeval2016Settings(Section):
    """Recipe of SemEval-2016 task 6."""

    kind: Literal["semeval2016"]
    path: PathFromFile = Field(description="Folder of its files; it may start at the recipe.")
    dev: DealtDev = Field(description="How `dev` is dealt out of `train`; the set has none.")


class Semeval2016Builder(PairsBuilder):
    """Hugging Face builder of SemEval-2016 task 6."""

    settings_class = Semeval2016Settings
    description = "Stance of tweets toward given topics."
    own_code = ("datasets/semeval2016", "datasets/benchmark_files")

    @classmethod
    def input_files(cls, settings: Semeval2016Settings) -> list[Path]:
        """Give the files of all splits."""
        return find_files(settings.path, FILES.values(), source=_SOURCE)

    @classmethod
    def read_pairs(cls, settings: Semeval2016Settings) -> PairSet:
        """Read both tasks, and deal ``dev`` out of the training file."""
        files = dict(zip(FILES, cls.input_files(settings), strict=True))
        rows = {
            split: [
                parse_row(row, split)
                for row in read_table(path, "tsv", encoding="latin-1", is_quoted=False)
            ]
            for split, path in files.items()
        }
        train, dev = take_dev(rows["train"], settings.dev)
        return PairSet(
            {
                name: collect_pairs(own)
                for name, own in (
                    ("train", train), ("dev", dev), ("test", rows["test"]),
                    ("test_b", rows["test_b"]),
                )
            }
        )  # fmt: skip


def parse_row(row: TableRow, split: str) -> PairRow:
    """Make a pair of a row.

    Raises
    ------
    DatasetError
        If a column is missing, a cell is empty, or the label is none of the three.
    """
    if any(not row.cells.get(column, "").strip() for column in _COLUMNS):
        raise DatasetError(
            row.where, f"columns {', '.join(row.cells)}, some of them empty or missing",
            f"columns {', '.join(_COLUMNS)}, all filled", "compare the file with the original",
        )  # fmt: skip
    number, target, text, label = (row.cells[column] for column in _COLUMNS)
    name = f"{split}:{number}"
    return PairRow(
        id=name,
        document=name,
        text=text,
        holder=None,
        target=Name(target),
        stance=look_up(_STANCES, label, row.where),
        label=label,
    )
