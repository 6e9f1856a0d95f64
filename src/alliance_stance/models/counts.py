"""Weights that are a few named lists of numbers, kept as one JSON file."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from alliance_stance.errors import ArtifactError
from alliance_stance.models.base import Matrix

FILE = "weights.json"


def write_counts(folder: Path, arrays: Mapping[str, Matrix]) -> None:
    """Write named arrays of one dimension each."""
    plain = {name: [float(value) for value in values] for name, values in arrays.items()}
    (folder / FILE).write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")


def read_counts(folder: Path, lengths: Mapping[str, int]) -> dict[str, Matrix]:
    """Read what `write_counts` wrote.

    Parameters
    ----------
    folder
        Where the file lies.
    lengths
        Arrays that must be there, and how long each is.

    Raises
    ------
    ArtifactError
        If the file is missing, lacks an array, or holds anything but lists of numbers.
    """
    path = folder / FILE
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        arrays = {name: np.array(values, dtype=np.float64) for name, values in plain.items()}
        for name, length in lengths.items():
            if arrays[name].shape != (length,):
                raise ValueError(f"{name} of shape {arrays[name].shape}")
            if not np.isfinite(arrays[name]).all():
                raise ValueError(f"{name} with what is no number")
        return arrays
    except KeyError as error:
        raise ArtifactError(
            str(path), f"no array {error}", f"arrays {list(lengths)}", "train the model again"
        ) from None
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ArtifactError(
            str(path), str(error), "named lists of numbers", "train the model again"
        ) from None
