"""Turn the bytes of an input into text, or say plainly why that cannot be done."""

import codecs
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO

from alliance_stance.errors import InputError

STDIN = Path("-")
STDIN_NAME = "(standard input)"
_BINARY_REACH = 65536
"""Bytes at the beginning of a file in which a NUL shows that it is no text."""


def read_text(path: Path) -> str:
    """Read a whole UTF-8 text, without its byte-order mark; ``-`` is standard input.

    Raises
    ------
    InputError
        If there is no such file, or it is a folder, empty, binary, or in another encoding.
    """
    where = input_name(path)
    with _opened(path) as file:
        raw = file.read()
    _refuse_binary(raw[:_BINARY_REACH], where)
    text = _decode(raw.removeprefix(codecs.BOM_UTF8), where)
    if not text.strip():
        raise _empty(where)
    return text


def read_lines(path: Path) -> Iterator[str]:
    r"""Read a UTF-8 text line by line, however long it is; ``-`` is standard input.

    A line ends at ``\n`` only, which is left out, since JSON may hold other separators.

    Raises
    ------
    InputError
        As `read_text` does, with the number of the line; lines before it have been given.
    """
    where = input_name(path)
    is_empty = True
    position = 0
    with _opened(path) as file:
        for number, raw in enumerate(file, start=1):
            if position < _BINARY_REACH:
                _refuse_binary(raw[: _BINARY_REACH - position], where)
            position += len(raw)
            own = raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw
            line = _decode(own, where, first_line=number).removesuffix("\n")
            is_empty = is_empty and not line.strip()
            yield line
    if is_empty:
        raise _empty(where)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    where = input_name(path)
    try:
        file = nullcontext(sys.stdin.buffer) if path == STDIN else path.open("rb")
    except FileNotFoundError:
        raise InputError(where, "no such file", "an input file", "check the path") from None
    except IsADirectoryError:
        raise InputError(where, "a folder", "a file", "name one file of it") from None
    except PermissionError:
        raise InputError(
            where, "a file that may not be read", "a readable file", "change its permissions"
        ) from None
    with file as opened:
        yield opened


def _refuse_binary(raw: bytes, where: str) -> None:
    if b"\x00" in raw:
        raise InputError(where, "binary data", "UTF-8 text", "convert it to plain text first")


def _empty(where: str) -> InputError:
    return InputError(where, "an empty file", "text", "check that it was written completely")


def input_name(path: Path) -> str:
    """Give the name under which an input appears in errors and output."""
    return STDIN_NAME if path == STDIN else str(path)


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
