"""What goes wrong with the folder of builds, as errors that a user can mend."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
from datasets.exceptions import DatasetGenerationError

from alliance_stance.errors import DatasetError, StanceError


@contextmanager
def plain_errors(folder: Path) -> Iterator[None]:
    """Let builds in a folder raise errors that say what is to be done.

    Parameters
    ----------
    folder
        Where builds are kept; made if it is not there.

    Raises
    ------
    StanceError
        In place of what `datasets` wraps it in.
    DatasetError
        In place of an error of the file system, or of a damaged Arrow file.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except DatasetGenerationError as error:
        # what the builder raised lies inside
        if isinstance(error.__cause__, StanceError):
            raise error.__cause__ from None
        if isinstance(error.__cause__, OSError):
            raise _of_system(error.__cause__, folder) from None
        raise
    except pa.ArrowException as error:
        raise DatasetError(
            str(folder), " ".join(str(error).split()), "whole Arrow files",
            "remove the damaged build there and build again",
        ) from None  # fmt: skip
    except OSError as error:
        raise _of_system(error, folder) from None


def _of_system(error: OSError, folder: Path) -> DatasetError:
    where = str(error.filename or folder)
    if isinstance(error, FileExistsError | NotADirectoryError):
        return DatasetError(where, "a file", "a folder for builds", "move it away")
    return DatasetError(
        where, (error.strerror or str(error)).lower(), "files that can be read and written",
        "mend that and build again",
    )  # fmt: skip
