"""Two scikit-learn pipelines side by side, one of stances and one of acts, kept as skops files."""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self, cast

import numpy as np

from alliance_stance.errors import ArtifactError
from alliance_stance.models.base import ACT_STANCE_COLUMNS, Matrix
from alliance_stance.schema import ACTS, STANCES, Act, Stance

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

STANCE_FILE = "stance.skops"
ACT_FILE = "act.skops"
_FAINT = 1e-6
_SCHEMA = "schema.json"
_ARRAY = ".npy"
_UNREADABLE = (
    OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RuntimeError, EOFError,
    ImportError, MemoryError,
)  # fmt: skip
"""What skops and zipfile raise at what is no file of theirs; deep nesting is a RuntimeError,
an unknown type a TypeError."""
MISFITS = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What is raised at a pipeline whose steps are others, or do not fit together."""


@dataclass(frozen=True)
class TwoPipelines:
    """A pipeline that gives stances, and one that gives acts where any act was known.

    Parameters
    ----------
    stance, act
        Fitted; `act` is None where no act was known, and then the acts of a stance are equally
        likely.
    """

    stance: "Pipeline"
    act: "Pipeline | None"

    @classmethod
    def fit(
        cls,
        make: "Callable[[bool], Pipeline]",
        features: Any,  # noqa: ANN401 - whatever the pipeline reads, a row a candidate
        y: Sequence[Stance],
        acts: Sequence[Act | None],
    ) -> Self:
        """Fit both.

        Parameters
        ----------
        make
            Gives an unfitted pipeline; it is told whether there is one class alone, which a
            logistic regression refuses.
        features
            A list of texts, or an array of shape (n, k).
        y, acts
            Their labels; length n.
        """
        stances = [str(stance) for stance in y]
        known = [place for place, act in enumerate(acts) if act is not None]
        act_pipeline = None
        if known:
            names = [str(acts[place]) for place in known]
            if isinstance(features, list):
                rows = [features[place] for place in known]
            else:
                rows = features[known]
            act_pipeline = make(len(set(names)) == 1).fit(rows, names)
        return cls(make(len(set(stances)) == 1).fit(features, stances), act_pipeline)

    def predict_act_proba(self, features: Any) -> Matrix:  # noqa: ANN401 - as in `fit`
        """Scale the acts' probabilities within each stance to the stance's own; (n, 14)."""
        stances = _columns(self.stance, features, [str(stance) for stance in STANCES])
        acts = np.full((len(stances), len(ACTS)), _FAINT)
        if self.act is not None:
            acts += _columns(self.act, features, [str(act) for act in ACTS])
        return scale_acts(stances, acts)

    def save(self, folder: Path) -> None:
        """Write the pipelines with skops."""
        from skops.io import dump

        dump(self.stance, folder / STANCE_FILE)
        if self.act is not None:
            dump(self.act, folder / ACT_FILE)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the pipelines.

        Raises
        ------
        ArtifactError
            If a file is damaged, or holds any type beyond scikit-learn's own trusted ones.
        """
        has_acts = (folder / ACT_FILE).exists()
        stance = _read(folder / STANCE_FILE, [str(stance) for stance in STANCES])
        act = _read(folder / ACT_FILE, [str(act) for act in ACTS]) if has_acts else None
        return cls(stance, act)


def scale_acts(stances: Matrix, acts: Matrix) -> Matrix:
    """Scale act probabilities, of shape (n, 14), within each stance to the stance's own."""
    scaled = np.empty_like(acts)
    for column in range(len(STANCES)):
        inside = column == ACT_STANCE_COLUMNS
        shares = acts[:, inside]
        scaled[:, inside] = shares * (stances[:, [column]] / shares.sum(axis=1, keepdims=True))
    return scaled


def _columns(pipeline: "Pipeline", features: Any, order: list[str]) -> Matrix:  # noqa: ANN401
    """Give probabilities in a set order; a class that training lacked gets zero."""
    probabilities = pipeline.predict_proba(features)
    columns = np.zeros((len(probabilities), len(order)))
    for position, name in enumerate(pipeline.classes_):
        columns[:, order.index(name)] = probabilities[:, position]
    return columns


def _read(path: Path, names: Collection[str]) -> "Pipeline":
    """Read a pipeline that answers with some of the names."""
    from zipfile import BadZipFile

    from skops.io import get_untrusted_types, load

    try:
        _refuse_bomb(path)
        untrusted = get_untrusted_types(file=path)
        if untrusted:
            raise ArtifactError(
                str(path), f"types {untrusted!s:.200}", "scikit-learn's own types",
                "do not use this file",
            )  # fmt: skip
        pipeline = load(path, trusted=[])
        _check_pipeline(pipeline, names)
    except (*_UNREADABLE, BadZipFile) as error:
        raise ArtifactError(
            str(path), f"no readable skops file ({error!s:.200})", "one", "train the model again"
        ) from None
    return cast("Pipeline", pipeline)


def _refuse_bomb(path: Path) -> None:
    """Refuse what would grow when it is read: packed parts, one part read often, absurd arrays.

    Raises
    ------
    ValueError
        Telling which.
    """
    from zipfile import ZIP_STORED, ZipFile

    with ZipFile(path) as file:
        parts = file.infolist()
        if any(part.compress_type != ZIP_STORED for part in parts):
            raise ValueError("a packed part, which skops does not write")
        if sum(part.file_size for part in parts) > path.stat().st_size:
            raise ValueError("parts that are larger than the file")
        if file.read(_SCHEMA).count(_ARRAY.encode()) > len(parts):
            raise ValueError("an array that is read more than once")
        for part in parts:
            if part.filename.endswith(_ARRAY):
                with file.open(part) as array:
                    _check_array(array, part.file_size)


def _check_array(file: IO[bytes], size: int) -> None:
    """Refuse an array whose header promises more than the file holds."""
    version = np.lib.format.read_magic(file)
    read = (
        np.lib.format.read_array_header_1_0
        if version == (1, 0)
        else np.lib.format.read_array_header_2_0
    )
    shape, _, dtype = read(file)
    if math.prod(shape) * dtype.itemsize > size or any(length < 0 for length in shape):
        raise ValueError(f"an array of shape {shape!s:.60} in {size:,} bytes")


def _check_pipeline(pipeline: object, names: Collection[str]) -> None:
    from sklearn.pipeline import Pipeline

    if not isinstance(pipeline, Pipeline):
        raise TypeError(f"a {type(pipeline).__name__}, not a pipeline")
    unknown = sorted({str(name) for name in pipeline.classes_} - set(names))
    if unknown:
        raise ValueError(f"answers {', '.join(unknown)!r:.60}")
