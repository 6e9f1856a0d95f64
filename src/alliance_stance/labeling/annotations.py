"""Read annotations: who gave which label to which pair."""

import csv
from pathlib import Path

from alliance_stance.errors import DatasetError
from alliance_stance.schema import Act

ANNOTATION_COLUMNS = ("task", "worker", "label")
ABSENT = "none"
"""Label of an annotator who finds that the sentence does not hold the pair at all."""


def read_annotations(path: Path) -> dict[str, dict[str, str]]:
    """Read annotations (`task, worker, label`), keyed by annotator, then by example.

    Raises
    ------
    DatasetError
        If the file is missing or has other columns.
    """
    labels: dict[str, dict[str, str]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            if tuple(reader.fieldnames or ()) != ANNOTATION_COLUMNS:
                raise DatasetError(
                    f"{path}:1", f"{reader.fieldnames}", f"{ANNOTATION_COLUMNS}", "mend the file"
                )
            for row in reader:
                if row["label"] not in {ABSENT, *Act}:
                    raise DatasetError(
                        f"{path}:{reader.line_num}", f"label {row['label']!r}", "an act", "mend it"
                    )
                labels.setdefault(row["worker"], {})[row["task"]] = row["label"]
    except FileNotFoundError:
        raise DatasetError(str(path), "no such file", "annotations", "restore it") from None
    return labels
