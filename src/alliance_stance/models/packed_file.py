"""Large files of a model kept compressed, and read back with a bound on what they may become.

Eight-bit weights lose a quarter of their size. The file has gzip's form without a time, so that the
same content gives the same bytes.
"""

import gzip
import zlib
from pathlib import Path

ENDING = ".gz"
MOST_TIMES = 16
"""How many times its own size a file may become: weights of numbers are far below it."""
_GZIP_ALONE = zlib.MAX_WBITS | 16


def compress(content: bytes) -> bytes:
    """Give the compressed bytes."""
    return gzip.compress(content, compresslevel=9, mtime=0)


def read_either(path: Path) -> bytes:
    """Read a file, or the compressed one beside its name where there is only that.

    Raises
    ------
    OSError
        If there is neither.
    ValueError
        If the compressed one is damaged, cut off, followed by something, or would become more
        than 16 times as large.
    """
    packed = path.with_name(path.name + ENDING)
    if path.exists() or not packed.exists():
        return path.read_bytes()
    raw = packed.read_bytes()
    reader = zlib.decompressobj(_GZIP_ALONE)
    try:
        content = reader.decompress(raw, MOST_TIMES * len(raw) + 1)
    except zlib.error as error:
        raise ValueError(f"no gzip file ({error})") from None
    if len(content) > MOST_TIMES * len(raw):
        raise ValueError(f"a file that becomes more than {MOST_TIMES} times as large")
    if not reader.eof or reader.unused_data:
        raise ValueError("a gzip file that is cut off, or followed by something")
    return content


def is_compressed(path: Path) -> bool:
    """Say whether a file is there in its compressed form alone, as in a trimmed model."""
    return path.with_name(path.name + ENDING).exists() and not path.exists()
