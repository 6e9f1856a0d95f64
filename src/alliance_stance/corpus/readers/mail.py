"""E-mail: one message, one document, by the standard library."""

import re
from collections.abc import Iterator
from email import policy
from email.errors import MessageError
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from itertools import chain, pairwise

from alliance_stance.corpus.dates import plain_date
from alliance_stance.corpus.readers.decoding import (
    LONGEST,
    decode_any,
    open_bytes,
    raw_lines,
    read_bytes,
    whole_characters,
)
from alliance_stance.corpus.readers.html import fragment_text
from alliance_stance.corpus.readers.unit import Skipped, Unit
from alliance_stance.errors import InputError
from alliance_stance.schema import Document

_KINDS = ("plain", "html")
"""Parts that are read; the first that holds a text."""
_BEGINS = b"From "
_MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
_DATED = re.compile(
    rb"From .*\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,?\s+"
    rb"(?:" + _MONTH + rb"\s+\d{1,2}|\d{1,2}\s+" + _MONTH + rb")\b.*\b\d{4}\b"
)
"""The line before a message, with sender and date."""
_UNDATED = re.compile(rb"From +(?:\S*@|- |\S+\s*\Z)")
"""The same as some programs write it; a line of the text may begin so too."""
_LONGEST_ENVELOPE = 500
_HEADER = re.compile(rb"[!-9;-~]{1,76}:\s")
_ODD = (MessageError, ValueError, LookupError, AttributeError, TypeError, RecursionError)
"""What the library raises at headers and parts that break the rules of mail."""


def read_message(unit: Unit) -> Iterator[Document]:
    """Yield a message's text with subject and date; attachments are left out.

    Raises
    ------
    InputError
        If the file is no message or has no text.
    """
    document = _document(read_bytes(unit.path), unit.id, unit.where)
    if document is None:
        raise InputError(unit.where, "a message without a text", "text or HTML", "check the file")
    yield document


def read_mailbox(unit: Unit) -> Iterator[Document | Skipped]:
    """Yield the messages of an mbox file, named by number; those without a text are counted.

    Raises
    ------
    InputError
        If the file does not begin as such a file does.
    """
    number = empty = 0
    for number, raw in enumerate(_messages(unit), start=1):
        where = f"{unit.where}, message {number}"
        try:
            document = _document(raw, unit.inner_id(number), where)
        except InputError as error:
            yield Skipped(where, error.found)
            continue
        empty += document is None
        if document is not None:
            yield document
    if empty:
        yield Skipped(unit.where, f"messages without a text: {empty}", empty)


def _messages(unit: Unit) -> Iterator[bytes]:
    """Cut a mailbox before each message."""
    lines: list[bytes] = []
    length = 0
    after_blank = True
    is_first = True
    with open_bytes(unit.path) as file:
        for line, behind in pairwise(chain(raw_lines(file, unit.where), [b""])):
            if after_blank and line.startswith(_BEGINS) and (is_first or _begins(line, behind)):
                if not is_first:
                    yield b"".join(lines)
                lines, length, is_first = [], 0, False
            elif is_first:
                raise InputError(
                    unit.where, "a file that does not begin with 'From '", "an mbox", "check it"
                )
            elif length <= LONGEST:
                # a line "From " of the text itself was written with a sign in front
                is_quoted = line.lstrip(b">").startswith(_BEGINS)
                lines.append(line[1:] if is_quoted and line.startswith(b">") else line)
                length += len(line)
            after_blank = not line.strip()
    if is_first:
        raise InputError(unit.where, "an empty file", "an mbox", "check it")
    yield b"".join(lines)


def _begins(line: bytes, behind: bytes) -> bool:
    """Say whether a line "From " begins a message; a paragraph of its text may open so too."""
    line = line[:_LONGEST_ENVELOPE]
    if _DATED.match(line):
        return True
    return _UNDATED.match(line) is not None and _HEADER.match(behind) is not None


def _document(raw: bytes, name: str, where: str) -> Document | None:
    try:
        message = BytesParser(policy=policy.default).parsebytes(raw)
        if not message.keys():
            raise InputError(where, "no mail headers", "a message", "check the file")
        text = _text(message, where)
    except _ODD as error:
        raise InputError(
            where, f"a broken message ({type(error).__name__})", "a message", "check the file"
        ) from None
    if not text.strip():
        return None
    return Document(name, text, " ".join(_header(message, "Subject").split()), _date(message))


def _text(message: EmailMessage, where: str) -> str:
    # an empty plain part stands before the page in many a newsletter
    texts = (_text_of(message.get_body(preferencelist=(kind,)), where) for kind in _KINDS)
    return next(filter(str.strip, texts), "")


def _text_of(part: MIMEPart | None, where: str) -> str:
    if part is None:
        return ""
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    text = decode_any(raw, part.get_content_charset() or "")
    if part.get_content_subtype() == "html":
        return fragment_text(text, where)
    return whole_characters(text).replace("\r\n", "\n").strip("\n")


def _header(message: EmailMessage, name: str) -> str:
    try:
        return whole_characters(str(message.get(name, "")))
    except _ODD:
        return ""


def _date(message: EmailMessage) -> str:
    text = _header(message, "Date")[:80]
    try:
        return plain_date(parsedate_to_datetime(text)) if text else ""
    except (ValueError, TypeError, OverflowError):
        return ""
