"""WARC, the archive of web crawls: one page, one document."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from alliance_stance.corpus.dates import plain_date
from alliance_stance.corpus.readers.decoding import decode_any, open_bytes, whole_characters
from alliance_stance.corpus.readers.html import LONGEST_PAGE, page_document
from alliance_stance.corpus.readers.libraries import library
from alliance_stance.corpus.readers.names import UniqueNames
from alliance_stance.corpus.readers.unit import Skipped, Unit
from alliance_stance.errors import InputError
from alliance_stance.schema import Document

_PAGES = ("text/html", "application/xhtml+xml")
_PLAIN = "text/plain"


def read_warc(unit: Unit) -> Iterator[Document | Skipped]:
    """Yield the pages and plain texts that a server sent with status 200, named by address.

    A page's own date counts; without one, the day on which it was fetched.

    Raises
    ------
    InputError
        If the file is no WARC or breaks off; records before that have been given.
    """
    iterator = library("warcio.archiveiterator", unit.where)
    exceptions = library("warcio.exceptions", unit.where)
    # wanted by the first page; said here, so that it is said once
    library("trafilatura", unit.where)
    names = UniqueNames()
    count = 0
    try:
        with open_bytes(unit.path) as file:
            for record in iterator.ArchiveIterator(file, no_record_parse=False):
                count += 1
                if _is_text(record):
                    yield _document(record, unit, names)
    except (exceptions.ArchiveLoadFailed, EOFError, ValueError, AttributeError, TypeError) as error:
        problem = " ".join(str(error).split())
        raise InputError(
            unit.where, f"no whole WARC file ({problem:.80})", "WARC", "fetch it again"
        ) from None
    if not count:
        raise InputError(unit.where, "a WARC file without records", "one at least", "check it")


def _is_text(record: Any) -> bool:  # noqa: ANN401 - warcio has no types
    return (
        record.rec_type == "response"
        and record.http_headers is not None
        and record.http_headers.get_statuscode() == "200"
        and _content_type(record)[0] in (*_PAGES, _PLAIN)
    )


def _content_type(record: Any) -> tuple[str, str]:  # noqa: ANN401
    """Give the type of a record, and the encoding that it declares."""
    header = record.http_headers.get_header("Content-Type") or ""
    kind, _, rest = header.partition(";")
    _, _, charset = rest.lower().partition("charset=")
    return kind.strip().lower(), charset.split(";")[0].strip(" \"'")


def _document(record: Any, unit: Unit, names: UniqueNames) -> Document | Skipped:  # noqa: ANN401
    address = record.rec_headers.get_header("WARC-Target-URI") or "no address"
    address = whole_characters(" ".join(address.strip("<>").split()))
    where = f"{unit.where}, {address:.200}"
    kind, charset = _content_type(record)
    raw = _content(record)
    try:
        if kind == _PLAIN:
            document = Document("", whole_characters(decode_any(raw, charset)))
        else:
            document = page_document(raw, where, "", declared=charset)
    except InputError as error:
        return Skipped(where, error.found)
    if len(raw) > LONGEST_PAGE:
        return Skipped(where, f"a text of more than {LONGEST_PAGE // 1_000_000} MB")
    if not document.text.strip():
        return Skipped(where, "an empty text")
    name = unit.inner_id(names.make(address))
    return replace(document, id=name, date=document.date or _fetched(record))


def _content(record: Any) -> bytes:  # noqa: ANN401
    """Read a record, unpacked, as far as a page may reach."""
    stream = record.content_stream()
    parts = []
    left = LONGEST_PAGE + 1
    while left > 0 and (part := stream.read(min(left, 65536))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _fetched(record: Any) -> str:  # noqa: ANN401
    try:
        return plain_date(record.rec_headers.get_header("WARC-Date") or "")
    except ValueError:
        return ""
