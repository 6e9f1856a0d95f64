"""Turn the bytes of an input into text, or say plainly why that cannot be done."""

import codecs
import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast

from alliance_stance.errors import InputError

STDIN = Path("-")
STDIN_NAME = "(standard input)"
LONGEST = 2**27
"""Bytes of the longest text, line or file that is read into memory at once: 134 million."""
_BINARY_REACH = 65536
"""Bytes at the beginning of a file in which a NUL shows that it is no text."""
_GZIP = b"\x1f\x8b"
_MOST_UNPACKED = 200
"""Text packs to a third or a tenth; what unpacks to more than this is a bomb."""
_UNPACKED_FREE = 2**22
"""Bytes that are unpacked before that is asked."""


def read_text(path: Path) -> str:
    """Read a whole UTF-8 text, without its byte-order mark; ``-`` is standard input.

    Raises
    ------
    InputError
        If there is no such file, or it is a folder, empty, binary, too long, or in another
        encoding.
    """
    where = input_name(path)
    raw = read_bytes(path)
    _refuse_binary(raw[:_BINARY_REACH], where)
    text = _decode(raw.removeprefix(codecs.BOM_UTF8), where)
    if not text.strip():
        raise empty_file(where)
    return text


def read_lines(path: Path) -> Iterator[str]:
    r"""Read a UTF-8 text line by line, however long it is; ``-`` is standard input.

    A line ends at ``\n`` only, which is left out, since JSON may hold other separators.

    Raises
    ------
    InputError
        As `read_text` does, with the number of the line; lines before it have been given.
    """
    for line in lines_or_errors(path):
        if isinstance(line, InputError):
            raise line
        yield line


def lines_or_errors(path: Path) -> Iterator[str | InputError]:
    """Read a UTF-8 text line by line; one that is no UTF-8 or too long is given as its error.

    Raises
    ------
    InputError
        If there is no such file, or it is a folder, empty or binary.
    """
    where = input_name(path)
    is_empty = True
    position = number = 0
    with open_bytes(path) as file:
        while raw := file.readline(LONGEST + 1):
            number += 1
            if position < _BINARY_REACH:
                _refuse_binary(raw[: _BINARY_REACH - position], where)
            position += len(raw)
            own = raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw
            line = _line(own, where, number)
            is_empty = is_empty and isinstance(line, str) and not line.strip()
            yield line
            while len(raw) > LONGEST and not raw.endswith(b"\n"):
                # the rest of a line that is too long
                raw = file.readline(LONGEST + 1)
    if is_empty:
        raise empty_file(where)


def _line(raw: bytes, where: str, number: int) -> str | InputError:
    if len(raw) > LONGEST:
        return too_long(f"{where}:{number}", "a line")
    try:
        return _decode(raw, where, first_line=number).removesuffix("\n")
    except InputError as error:
        return error


def raw_lines(file: IO[bytes], where: str) -> Iterator[bytes]:
    """Yield the lines of an open file with their ends.

    Raises
    ------
    InputError
        At a line that is longer than `LONGEST`.
    """
    number = 0
    while raw := file.readline(LONGEST + 1):
        number += 1
        if len(raw) > LONGEST:
            raise too_long(f"{where}:{number}", "a line")
        yield raw


def read_bytes(path: Path) -> bytes:
    """Read a whole file, unpacked.

    Raises
    ------
    InputError
        If it cannot be read or is longer than `LONGEST`.
    """
    with open_bytes(path) as file:
        raw = file.read(LONGEST + 1)
    if len(raw) > LONGEST:
        raise too_long(input_name(path), "a file")
    return raw


@contextmanager
def open_bytes(path: Path) -> Iterator[BinaryIO]:
    """Open a file, or standard input, for reading; gzip is unpacked, whatever the name.

    Raises
    ------
    InputError
        If it cannot be opened. Reading raises one where packed data are broken, or unpack to more
        than 200 times their size.
    """
    where = input_name(path)
    file = sys.stdin.buffer if path == STDIN else _open(path, where)
    try:
        yield _unpacked(file, where)
    except OSError as error:
        # a failing disk or network, not something that the reader or its caller did
        if error.errno is None or isinstance(error, BrokenPipeError):
            raise
        raise _unopened(where, error) from None
    finally:
        if path != STDIN:
            file.close()


def _open(path: Path, where: str) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise InputError(where, "no such file", "an input file", "check the path") from None
    except IsADirectoryError:
        raise InputError(where, "a folder", "a file", "name one file of it") from None
    except PermissionError:
        raise InputError(
            where, "a file that may not be read", "a readable file", "change its permissions"
        ) from None
    except (OSError, ValueError) as error:
        raise _unopened(where, error) from None


def _unopened(where: str, error: OSError | ValueError) -> InputError:
    problem = getattr(error, "strerror", None) or str(error)
    return InputError(where, f"a file that cannot be read ({problem})", "a file", "check it")


def _unpacked(file: BinaryIO, where: str) -> BinaryIO:
    buffered = file if hasattr(file, "peek") else io.BufferedReader(cast("io.RawIOBase", file))
    if buffered.peek(len(_GZIP))[: len(_GZIP)] != _GZIP:
        return buffered
    return io.BufferedReader(_Gunzip(buffered, where), _BINARY_REACH)


class _Counted(io.RawIOBase):
    """Counts what is read of a file, and leaves it open."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.count = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        raw = self._file.read(size)
        self.count += len(raw)
        return raw


class _Gunzip(io.RawIOBase):
    """Unpacks gzip, and stops at broken data and at bombs."""

    def __init__(self, file: BinaryIO, where: str) -> None:
        self._packed = _Counted(file)
        self._file = gzip.GzipFile(fileobj=cast("BinaryIO", self._packed))
        self._where = where
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        try:
            raw = self._file.read1(len(buffer))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise InputError(
                self._where, f"broken packed data ({error})", "a whole gzip file", "pack it again"
            ) from None
        self._count += len(raw)
        if self._count > max(_UNPACKED_FREE, _MOST_UNPACKED * self._packed.count):
            raise InputError(
                self._where,
                f"packed data that unpack to more than {_MOST_UNPACKED} times their size",
                "packed text",
                "unpack it yourself if you trust it",
            )
        buffer[: len(raw)] = raw
        return len(raw)


def decode_any(raw: bytes, declared: str = "") -> str:
    """Decode a text of somebody who may have declared the wrong encoding, or none.

    Valid UTF-8 is UTF-8, whatever is declared; then comes the declared encoding, where it fits;
    then UTF-8 again, where most of it is; then Windows text, which older pages are. It never fails.

    Parameters
    ----------
    raw
        The bytes.
    declared
        Name of an encoding, or empty.
    """
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")
    ):  # fmt: skip
        if raw.startswith(mark):
            return raw.decode(encoding, "replace").removeprefix("\ufeff")
    for encoding in ("utf-8", _known_encoding(declared)):
        try:
            return raw.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    text = raw.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(sign > "\x7f" for sign in text) - bad
    return text if good > bad else raw.decode("cp1252", "replace")


_TEXT_ENCODINGS = (
    "utf", "iso8859", "cp", "koi8", "gb", "big5", "euc", "shift_jis", "iso2022", "mac", "tis",
)  # fmt: skip
_LATIN = frozenset({"ascii", "iso8859-1", "latin_1"})
"""Browsers read pages that declare these as Windows text, and that is what they are."""


def _known_encoding(declared: str) -> str:
    """Give Python's name of a declared encoding; UTF-8 where it is none of a text."""
    try:
        name = codecs.lookup(declared.strip()[:40]).name
    except (LookupError, ValueError):
        return "utf-8"
    if name in _LATIN:
        return "cp1252"
    # a page that could be read so far as to find "utf-16" in it is not in UTF-16
    is_text = name.startswith(_TEXT_ENCODINGS) and not name.startswith(("utf-16", "utf-32"))
    return name if is_text else "utf-8"


def whole_characters(text: str) -> str:
    r"""Give a text without half characters and NULs, which stand for nothing.

    Examples
    --------
    >>> whole_characters("Peru\ud83d spoke.")
    'Peru\ufffd spoke.'
    """
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:
        # halves that belong together become one character on the way
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _refuse_binary(raw: bytes, where: str) -> None:
    if b"\x00" in raw:
        raise InputError(where, "binary data", "UTF-8 text", "convert it to plain text first")


def empty_file(where: str) -> InputError:
    """Give the error for a file without any text."""
    return InputError(where, "an empty file", "text", "check that it was written completely")


def too_long(where: str, what: str) -> InputError:
    """Give the error for something that is too long to be read into memory."""
    return InputError(
        where, f"{what} of more than {LONGEST // 1_000_000} MB", "a shorter one", "cut it"
    )


def input_name(path: Path) -> str:
    """Give the name under which an input appears in errors and output."""
    return STDIN_NAME if path == STDIN else written_name(path)


def written_name(path: Path | str) -> str:
    r"""Give a path as text that can be written: a byte that is not UTF-8 is a backslash and a code.

    Examples
    --------
    >>> written_name("caf\udce9.txt")
    'caf\\udce9.txt'
    """
    return str(path).encode("utf-8", "backslashreplace").decode()


def _decode(raw: bytes, where: str, *, first_line: int = 1) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + first_line
        raise InputError(
            f"{where}:{line}",
            f"byte 0x{raw[error.start]:02x}, which is not UTF-8",
            "UTF-8 text",
            f"convert it, for instance: iconv -f windows-1252 -t utf-8 {where} > new.txt",
        ) from None
