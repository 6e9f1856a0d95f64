"""Files of a public benchmark in a folder of the user's: found, or told where to get them."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

from alliance_stance.corpus.readers.decoding import read_lines
from alliance_stance.errors import DatasetError, InputError
from alliance_stance.schema import Stance

ValueT = TypeVar("ValueT")


class Line(NamedTuple):
    """A line of a file, with its place."""

    where: str
    number: int
    text: str


def find_files(folder: Path, names: Iterable[str], *, source: str) -> list[Path]:
    """Give the files of a benchmark.

    Parameters
    ----------
    folder
        Where the user keeps them.
    names
        Of the files.
    source
        Public repository to get them from, with the path in it.

    Raises
    ------
    DatasetError
        If one is missing.
    """
    files = [folder / name for name in names]
    missing = [path.name for path in files if not path.is_file()]
    if missing:
        raise DatasetError(
            str(folder), f"no {', '.join(missing)}" if folder.is_dir() else "no such folder",
            f"the files of {source}",
            "copy them, or a link to them, there, or set 'path' in the recipe (docs/pairs.md)",
        )  # fmt: skip
    return files


def file_lines(path: Path) -> Iterator[Line]:
    """Yield the lines that are not blank.

    Raises
    ------
    DatasetError
        If the file is no UTF-8 text.
    """
    try:
        for number, text in enumerate(read_lines(path), start=1):
            if text.strip():
                yield Line(f"{path}:{number}", number, text.removesuffix("\r"))
    except InputError as error:
        raise DatasetError(error.where, error.found, error.expected, error.next_step) from None


def look_up(labels: dict[ValueT, Stance], value: ValueT, where: str) -> Stance:
    """Give the stance of a label.

    Raises
    ------
    DatasetError
        If the benchmark has no such label.
    """
    if value not in labels:
        raise DatasetError(
            where, f"label {value!r:.40}", f"one of {', '.join(map(str, labels))}",
            "compare the file with the original",
        )  # fmt: skip
    return labels[value]
