"""Word documents: paragraphs and table cells as they read with all changes accepted."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import IO
from xml.etree.ElementTree import Element

from alliance_stance.corpus.readers.decoding import LONGEST, read_bytes, too_long, whole_characters
from alliance_stance.corpus.readers.titles import sane_title
from alliance_stance.corpus.readers.unit import Unit
from alliance_stance.corpus.readers.xml import local_name, xml_events
from alliance_stance.errors import InputError
from alliance_stance.schema import Document

_TEXT_PART = "word/document.xml"
_FACTS_PART = "docProps/core.xml"
_OLD_WORD = b"\xd0\xcf\x11\xe0"
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError,
    OSError,
)  # fmt: skip
"""What the library raises where bytes are missing or wrong."""
_UNREAD = frozenset({"del", "moveFrom", "Fallback", "pPr", "rPr", "sectPr"})
"""What was deleted, what was moved away, a second copy for old programs, and what is no text."""
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": "\u00ad"}


def read_docx(unit: Unit) -> Iterator[Document]:
    """Yield the text as one document, with the title of the document's properties.

    Comments, deleted words, foot- and endnotes, headers and footers are left out.

    Raises
    ------
    InputError
        If it is no Word document, is encrypted, holds no text or unpacks to too much.
    """
    raw = read_bytes(unit.path)
    if raw.startswith(_OLD_WORD):
        raise InputError(
            unit.where, "an encrypted or an old Word document", "a .docx", "save it as .docx"
        )
    try:
        with zipfile.ZipFile(BytesIO(raw)) as packed:
            text = "\n\n".join(_paragraphs(packed, unit.where))
            title = _title(packed, unit.where)
    except InputError:
        raise
    except _DAMAGED as error:
        raise InputError(
            unit.where, f"no whole Word document ({error!s:.80})", "a .docx", "save it again"
        ) from None
    if not text.strip():
        raise InputError(unit.where, "a Word document without text", "text", "check the file")
    yield Document(unit.id, whole_characters(text), title)


@contextmanager
def _part(packed: zipfile.ZipFile, name: str, where: str) -> Iterator[IO[bytes]]:
    try:
        info = packed.getinfo(name)
    except KeyError:
        raise InputError(
            where, f"a zip file without {name}", "a Word document", "save it as .docx"
        ) from None
    # no more than this is unpacked, whatever the packed data are
    if info.file_size > LONGEST:
        raise too_long(where, "a text")
    with packed.open(info) as file:
        yield file


def _paragraphs(packed: zipfile.ZipFile, where: str) -> Iterator[str]:
    """Yield the paragraphs that have a text; one of a text box comes before the one around it."""
    open_paragraphs: list[list[str]] = []
    unread = 0
    with _part(packed, _TEXT_PART, where) as file:
        for event, element in xml_events(file, where):
            name = local_name(element)
            if name in _UNREAD:
                unread += 1 if event == "start" else -1
            elif name == "p" and event == "start":
                open_paragraphs.append([])
            elif name == "p":
                text = "".join(open_paragraphs.pop()).strip()
                element.clear()
                if text:
                    yield text
            elif event == "end" and open_paragraphs and not unread:
                open_paragraphs[-1].append(_sign(name, element))


def _sign(name: str, element: Element) -> str:
    return element.text or "" if name == "t" else _SIGNS.get(name, "")


def _title(packed: zipfile.ZipFile, where: str) -> str:
    if _FACTS_PART not in packed.namelist():
        return ""
    with _part(packed, _FACTS_PART, where) as file:
        titles = [
            element.text or ""
            for event, element in xml_events(file, where)
            if event == "end" and local_name(element) == "title"
        ]
    return sane_title(titles[0]) if titles else ""
