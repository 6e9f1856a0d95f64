"""Turn the bytes of an input into text, or say plainly why that cannot be done."""

import sys
from pathlib import Path

from alliance_stance.errors import InputError

STDIN = Path("-")
STDIN_NAME = "(standard input)"


def read_text(path: Path) -> str:
    """Read a whole UTF-8 text, without its byte-order mark; ``-`` is standard input.

    Raises
    ------
    InputError
        If there is no such file, or it is a folder, empty, binary, or in another encoding.
    """
    where = input_name(path)
    try:
        raw = sys.stdin.buffer.read() if path == STDIN else path.read_bytes()
    except FileNotFoundError:
        raise InputError(where, "no such file", "an input file", "check the path") from None
    except IsADirectoryError:
        raise InputError(where, "a folder", "a file", "name one file of it") from None
    except PermissionError:
        raise InputError(
            where, "a file that may not be read", "a readable file", "change its permissions"
        ) from None
    if b"\x00" in raw[:65536]:
        raise InputError(where, "binary data", "UTF-8 text", "convert it to plain text first")
    text = _decode(raw, where)
    if not text.strip():
        raise InputError(where, "an empty file", "text", "check that it was written completely")
    return text


def input_name(path: Path) -> str:
    """Give the name under which an input appears in errors and output."""
    return STDIN_NAME if path == STDIN else str(path)


def _decode(raw: bytes, where: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{where}:{line}",
            f"byte 0x{raw[error.start]:02x}, which is not UTF-8",
            "UTF-8 text",
            f"convert it, for instance: iconv -f windows-1252 -t utf-8 {where} > new.txt",
        ) from None
