"""From the bytes of a request to documents and ready examples, or a refusal that says why not."""

import asyncio
import json
from collections.abc import Iterator

from starlette.requests import Request

from alliance_stance.corpus.readers.jsonl import parse_line, parse_row
from alliance_stance.errors import InputError
from alliance_stance.schema import Document, Example
from alliance_stance.serving.limits import Limits
from alliance_stance.serving.refused import JSON, RefusedError

LINES = ("application/jsonl", "application/x-ndjson", "application/ndjson")
"""Names of JSON lines; there is no registered one."""
_BODY = "request body"
_FORMAT = "see docs/formats.md"
_CLOSE = {"connection": "close"}
"""A body that was not read to its end would be taken for the next request."""


async def read_body(request: Request, limits: Limits) -> bytes:
    """Read a body, no further than it may reach.

    Raises
    ------
    RefusedError
        413 where it is too long, 408 where it comes too slowly, 415 where it is packed.
    """
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        error = InputError(
            "header content-encoding", "a packed body", "a plain one", "send it unpacked"
        )
        raise RefusedError(415, error, _CLOSE)
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > limits.body_bytes:
        raise _too_long(limits)
    body = bytearray()
    try:
        async with asyncio.timeout(limits.seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limits.body_bytes:
                    raise _too_long(limits)
    except TimeoutError:
        error = InputError(
            _BODY, f"no end after {limits.seconds:g} seconds", "a whole body", "send it again"
        )
        raise RefusedError(408, error, _CLOSE) from None
    return bytes(body)


def _too_long(limits: Limits) -> RefusedError:
    error = InputError(
        _BODY,
        f"more than {limits.body_bytes:,} bytes",
        f"{limits.body_bytes:,} bytes at most",
        "send it in several requests",
    )
    return RefusedError(413, error, _CLOSE)


def is_lines(content_type: str) -> bool:
    """Say whether a content type is that of JSON lines."""
    return _media_type(content_type) in LINES


def parse_items(body: bytes, content_type: str, limits: Limits) -> list[Document | Example]:
    """Turn a body into documents and ready examples.

    Parameters
    ----------
    body
        One object of the exchange format or a list of them as JSON, or JSON lines.
    content_type
        As the request declares it.
    limits
        Of their number and length.

    Raises
    ------
    RefusedError
        415 for another content type.
    InputError
        If the body breaks the format or goes beyond a limit, naming place or line.
    """
    kind = _media_type(content_type)
    if kind not in (JSON, *LINES) or _charset(content_type) not in ("", "utf-8", "utf8"):
        error = InputError(
            "header content-type",
            f"{content_type!r:.60}" if content_type else "none",
            f"{JSON} or {LINES[0]}, in UTF-8",
            "declare what the body is",
        )
        raise RefusedError(415, error)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            _BODY, f"byte {error.start}, which is not UTF-8", "UTF-8 text", "encode it as UTF-8"
        ) from None
    items: list[Document | Example] = []
    for item in _lines(text) if kind in LINES else _values(text):
        if len(items) == limits.documents:
            raise InputError(
                _BODY,
                f"more than {limits.documents} documents and examples",
                f"{limits.documents} at most",
                "send them in several requests",
            )
        _check_length(item, len(items), limits)
        items.append(item)
    if not items:
        raise InputError(_BODY, "nothing", "a document or a ready example", _FORMAT)
    return items


def _lines(text: str) -> Iterator[Document | Example]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield parse_line(line, f"{_BODY}, line {number}", default_id=str(number))


def _values(text: str) -> Iterator[Document | Example]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        # ValueError covers bad JSON and numbers of thousands of digits
        problem = str(error).splitlines()[0]
        raise InputError(
            _BODY, f"no JSON ({problem:.80})", "a JSON object or a list of them", _FORMAT
        ) from None
    rows = content if isinstance(content, list) else [content]
    for number, row in enumerate(rows, start=1):
        yield parse_row(row, f"{_BODY}, item {number}", default_id=str(number))


def _check_length(item: Document | Example, place: int, limits: Limits) -> None:
    own = item if isinstance(item, Document) else item.candidate
    if len(own.title) > limits.title_characters:
        raise InputError(
            f"{_BODY}, item {place + 1}",
            f"a title of {len(own.title):,} characters",
            f"{limits.title_characters:,} at most",
            "give the title alone; what is to be judged stands in text",
        )
    longest = max(len(own.text), 0 if isinstance(item, Document) else len(item.candidate.context))
    if longest > limits.characters:
        raise InputError(
            f"{_BODY}, item {place + 1}",
            f"a text of {longest:,} characters",
            f"{limits.characters:,} at most",
            "cut it, or score it with `alliance-stance predict`",
        )


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _charset(content_type: str) -> str:
    _, _, charset = content_type.lower().partition("charset=")
    return charset.split(";")[0].strip(" \"'")
