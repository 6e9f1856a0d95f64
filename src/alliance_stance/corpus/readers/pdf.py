"""PDF with a text layer, by PDFium, which also reads what other programs wrote badly."""

import re
import zlib
from bisect import bisect_left
from collections.abc import Iterator
from datetime import date
from typing import Any

from alliance_stance.corpus.readers.decoding import LONGEST, read_bytes, too_long, whole_characters
from alliance_stance.corpus.readers.libraries import library
from alliance_stance.corpus.readers.titles import sane_title
from alliance_stance.corpus.readers.unit import Unit
from alliance_stance.errors import InputError
from alliance_stance.schema import Document

_CUT_WORD = "\ufffe"
"""PDFium's sign for a hyphen at the end of a line, with the line break."""
_DATE = re.compile(r"D:(\d{4})(\d{2})(\d{2})")
_FIRST_YEAR = 1993
"""The year of the first PDF."""
_STREAM = re.compile(rb"stream\r?\n(?=[\x08-\x78])")
_STREAM_END = re.compile(rb"endstream")
_UNPACKED_MOST = 2**26
_PACKED_FREE = 60_000
"""Bytes that cannot unpack to so much: zlib packs to a thousandth at most."""
_CHUNK = 2**16


def read_pdf(unit: Unit) -> Iterator[Document]:
    """Yield the text as one document, lines as they are printed, with the file's title and date.

    The date is that of the file's making, which may be later than that of the text.

    Raises
    ------
    InputError
        If it is no PDF, wants a password, or has no text, as a scan has none.
    """
    pdfium = library("pypdfium2", unit.where)
    raw = read_bytes(unit.path)
    _refuse_bomb(raw, unit.where)
    try:
        document = pdfium.PdfDocument(raw)
    except pdfium.PdfiumError as error:
        raise _unopened(unit.where, str(error)) from None
    try:
        text = _text(document, unit.where, pdfium.PdfiumError)
        facts = document.get_metadata_dict()
    finally:
        document.close()
    if not any(map(str.isalpha, text)):
        raise InputError(
            unit.where,
            "a PDF without a text layer, such as a scan",
            "one with text",
            "run text recognition (OCR) on it first",
        )
    yield Document(unit.id, text, sane_title(facts.get("Title", "")), _made(facts))


def _text(document: Any, where: str, error_class: type[Exception]) -> str:  # noqa: ANN401
    pages: list[str] = []
    length = 0
    for number in range(len(document)):
        try:
            pages.append(_page_text(document, number))
        except error_class as error:
            raise InputError(
                f"{where}, page {number + 1}",
                f"a broken page ({error})",
                "a whole PDF",
                "print it into a new PDF",
            ) from None
        length += len(pages[-1])
        if length > LONGEST:
            raise too_long(where, "a text")
    # a sentence may go on over the page's end
    return "\n".join(pages)


def _page_text(document: Any, number: int) -> str:  # noqa: ANN401
    page = document[number]
    try:
        text_page = page.get_textpage()
        try:
            text = text_page.get_text_range(errors="replace")
        finally:
            text_page.close()
    finally:
        page.close()
    lines = whole_characters(text).replace("\r\n", "\n").replace("\r", "\n")
    return lines.replace(_CUT_WORD, "-\n").strip("\n\ufffd")


def _made(facts: dict[str, str]) -> str:
    match = _DATE.match(facts.get("CreationDate", ""))
    if match is None:
        return ""
    try:
        made = date(*map(int, match.groups()))
    except ValueError:
        return ""
    return made.isoformat() if _FIRST_YEAR <= made.year <= date.today().year else ""


def _unopened(where: str, problem: str) -> InputError:
    if "assword" in problem:
        return InputError(
            where, "an encrypted PDF", "one without a password", "save it without its password"
        )
    return InputError(where, "no whole PDF", "a PDF", "fetch or save it again")


def _refuse_bomb(raw: bytes, where: str) -> None:
    """Refuse a stream of small size that unpacks to very much; PDFium would take a gigabyte."""
    ends = [match.start() for match in _STREAM_END.finditer(raw)] + [len(raw)]
    view = memoryview(raw)
    for match in _STREAM.finditer(raw):
        start = match.end()
        end = ends[bisect_left(ends, start)]
        if end - start > _PACKED_FREE and _unpacks_to_more(view[start:end]):
            raise InputError(
                where,
                "a stream that unpacks to more than 67 MB",
                "a text",
                "print it into a new PDF",
            )


def _unpacks_to_more(packed: memoryview) -> bool:
    packer = zlib.decompressobj()
    length = 0
    try:
        for at in range(0, len(packed), _CHUNK):
            piece: memoryview | bytes = packed[at : at + _CHUNK]
            while piece and not packer.eof:
                length += len(packer.decompress(piece, _CHUNK))
                piece = packer.unconsumed_tail
            if length > _UNPACKED_MOST or packer.eof:
                break
    except zlib.error:
        # packed in another way, or not at all
        return False
    return length > _UNPACKED_MOST
