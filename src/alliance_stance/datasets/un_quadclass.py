"""The UN QuadClass builder: conflict and cooperation in sentences of the United Nations.

Osorio et al., github.com/javierosorio/keep_it_local. The set names neither holder nor target, so
the pair of every row is unknown: a model trained on it learns what conflict and cooperation sound
like, not whose they are.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field

from alliance_stance.config import PathFromFile, Section
from alliance_stance.datasets.benchmark_files import find_files, look_up
from alliance_stance.datasets.pair_builder import PairsBuilder, PairSet
from alliance_stance.datasets.pair_rows import PairRow, collect_pairs, document_of
from alliance_stance.datasets.pair_tables import TableRow, read_table
from alliance_stance.datasets.splits import DealtSplit, plan_splits
from alliance_stance.errors import DatasetError
from alliance_stance.schema import Stance

FILE = "en_annotations_quad_multiclass.tsv"
LABELS: Mapping[str, str] = {
    "0": "irrelevant",
    "1": "verbal conflict",
    "2": "material conflict",
    "3": "verbal cooperation",
    "4": "material cooperation",
}
"""What the set's labels mean."""

_STANCES = {
    "0": Stance.NEUTRAL,
    "1": Stance.AGAINST,
    "2": Stance.AGAINST,
    "3": Stance.FAVOR,
    "4": Stance.FAVOR,
}
_TEXT, _LABEL = "en", "QuadClass"
_SOURCE = "github.com/javierosorio/keep_it_local, folder 1_data/en/quadclass"


class UnQuadclassSettings(Section):
    """Recipe of UN QuadClass."""

    kind: Literal["un_quadclass"]
    path: PathFromFile = Field(description="Folder of its file; it may start at the recipe.")
    split: DealtSplit = Field(description="How rows are dealt out; the set has no splits.")


class UnQuadclassBuilder(PairsBuilder):
    """Hugging Face builder of UN QuadClass."""

    settings_class = UnQuadclassSettings
    description = "Conflict and cooperation in sentences of the United Nations."
    own_code = ("datasets/un_quadclass", "datasets/benchmark_files")

    @classmethod
    def input_files(cls, settings: UnQuadclassSettings) -> list[Path]:
        """Give the one file."""
        return find_files(settings.path, [FILE], source=_SOURCE)

    @classmethod
    def read_pairs(cls, settings: UnQuadclassSettings) -> PairSet:
        """Read the file, and deal its rows out; near-duplicate sentences stay together."""
        (path,) = cls.input_files(settings)
        rows = [parse_row(row) for row in read_table(path, "tsv")]
        if not rows:
            raise DatasetError(str(path), "no rows", "some", "compare it with the original")
        plan = plan_splits(
            settings.split,
            {row.document: [row.text] for row in rows},
            {row.document: 1 for row in rows},
        )
        return PairSet(
            {
                name: collect_pairs(row for row in rows if row.document in split.documents)
                for name, split in plan.items()
            }
        )


def parse_row(row: TableRow) -> PairRow:
    """Make a row without holder and target.

    Raises
    ------
    DatasetError
        If a column is missing, the sentence is empty, or the label is none of the five.
    """
    text = row.cells.get(_TEXT, "")
    if not text.strip() or _LABEL not in row.cells:
        raise DatasetError(
            row.where, f"columns {', '.join(row.cells)} with the sentence {text!r:.40}",
            f"columns {_TEXT} and {_LABEL}, both filled", "compare the file with the original",
        )  # fmt: skip
    label = row.cells[_LABEL]
    return PairRow(
        id=f"quad:{row.number}",
        document=document_of(text),
        text=text,
        holder=None,
        target=None,
        stance=look_up(_STANCES, label, row.where),
        label=label,
    )
