"""Weights that are a few named lists of numbers, kept as one JSON file."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from alliance_stance.errors import ArtifactError
from alliance_stance.models.base import Matrix, sum_acts
from alliance_stance.schema import ACTS, STANCES

FILE = "weights.json"
_ROUNDING = 1e-6
_MOST = 2.0**53

Check = Callable[[Matrix], str]
"""Says what is wrong with an array; nothing where it is as it should be."""


def write_counts(folder: Path, arrays: Mapping[str, Matrix]) -> None:
    """Write named arrays of one dimension each."""
    plain = {name: [float(value) for value in values] for name, values in arrays.items()}
    (folder / FILE).write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")


def read_counts(
    folder: Path, checks: Mapping[str, Check], others: Check | None = None
) -> dict[str, Matrix]:
    """Read what `write_counts` wrote.

    Parameters
    ----------
    folder
        Where the file lies.
    checks
        Arrays that must be there, and what each has to pass.
    others
        What all others have to pass; None where there may be none.

    Raises
    ------
    ArtifactError
        If the file is missing, lacks an array, or holds anything but such lists of numbers.
    """
    path = folder / FILE
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        arrays = {name: np.array(values, dtype=np.float64) for name, values in plain.items()}
        for name in {**arrays, **checks}:
            check = checks.get(name, others)
            fault = "one too many" if check is None else check(arrays[name])
            if fault:
                raise ValueError(f"{name:.60}: {fault}")
        return arrays
    except KeyError as error:
        raise ArtifactError(
            str(path), f"no array {error}", f"arrays {list(checks)}", "train the model again"
        ) from None
    except (
        OSError, ValueError, TypeError, AttributeError, OverflowError, RecursionError
    ) as error:  # fmt: skip
        raise ArtifactError(
            str(path), str(error), "named lists of numbers", "train the model again"
        ) from None


def counts_of(length: int) -> Check:
    """Give a check of so many numbers, none below 0."""

    def check(array: Matrix) -> str:
        if array.shape != (length,):
            return f"shape {array.shape}"
        # what is no number passes no comparison
        return "" if np.all((array >= 0) & (array <= _MOST)) else "a number below 0, or no number"

    return check


def shares_of(length: int) -> Check:
    """Give a check of so many shares, which sum to 1."""

    def check(array: Matrix) -> str:
        return counts_of(length)(array) or _sums(array.sum())

    return check


check_stance_shares = shares_of(len(STANCES))
"""Checks shares of the three stances."""


def check_act_shares(array: Matrix) -> str:
    """Check shares of the acts, which sum to 1 within each stance."""
    return counts_of(len(ACTS))(array) or _sums(sum_acts(array[None, :]))


def _sums(sums: Matrix | np.float64) -> str:
    return "" if np.allclose(sums, 1, atol=_ROUNDING) else "shares that do not sum to 1"
