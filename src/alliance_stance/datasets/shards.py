"""Tables that are kept in pieces, each under the fingerprint of all that it was made of.

A piece that is there is never made again, so work that was killed goes on where it was, and a new
document makes one new piece. A piece is written beside and renamed, so half of one is never seen.
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from alliance_stance.errors import DatasetError
from alliance_stance.files import new_file

_ENDING = ".parquet"


class Shards:
    """A folder of tables by fingerprint.

    Parameters
    ----------
    folder
        Made when the first table is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def place(self, key: str) -> Path:
        """Give where the table of a fingerprint is kept."""
        return self.folder / key[:2] / f"{key}{_ENDING}"

    def has(self, key: str) -> bool:
        """Say whether there is a table of this fingerprint."""
        return self.place(key).is_file()

    def write(self, key: str, table: pa.Table) -> None:
        """Keep a table, whole or not at all."""
        with new_file(self.place(key)) as beside:
            pq.write_table(table, beside, compression="zstd", write_page_checksum=True)

    def read(self, key: str, columns: list[str] | None = None) -> pa.Table:
        """Read a table, or some of its columns.

        Raises
        ------
        DatasetError
            If it is missing or damaged.
        """
        try:
            return pq.read_table(self.place(key), columns=columns, page_checksum_verification=True)
        except (OSError, pa.ArrowException) as error:
            raise DatasetError(
                str(self.place(key)), " ".join(str(error).split()), "a table of an earlier stage",
                "remove the file and build again",
            ) from None  # fmt: skip
