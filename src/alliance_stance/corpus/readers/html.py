"""HTML: the main text of a page by trafilatura, or all the text of a fragment."""

import codecs
import logging
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from alliance_stance.corpus.dates import plain_date
from alliance_stance.corpus.readers.decoding import decode_any, read_bytes, whole_characters
from alliance_stance.corpus.readers.libraries import library
from alliance_stance.corpus.readers.unit import Unit
from alliance_stance.errors import InputError
from alliance_stance.schema import Document

LONGEST_PAGE = 10_000_000
_MOST_ELEMENTS = 50_000
"""Larger pages take trafilatura long, and are lists rather than texts."""
_MOST_PAIRS = 400_000_000
"""The parser compares each attribute of an element with each other one: some five seconds."""
_LONG_TAG = 4000
_QUOTED = re.compile(r"=\s*+(?:\"[^\"]*+\"|'[^']*+')")
_TAG = re.compile(r"<[a-zA-Z]")
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_HEAD = 4096
_REACH = 65536
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MOST_NULS = 0.01
_LETTERS = re.compile(r"[^\W\d_]{2}")
_SENTENCE_END = re.compile(r"[.!?\u2026]")
_SPACE = re.compile(r"\s+")
_SHORTEST = "60"
"""Characters; below its own 250 trafilatura takes the whole page, menus and all."""
_BLOCKS = frozenset({
    "p", "div", "br", "li", "tr", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote",
    "pre", "section", "article", "header", "footer", "table", "ul", "ol", "dl", "dt", "dd", "hr",
})  # fmt: skip
_UNREAD = frozenset({"script", "style", "head", "title", "noscript", "template"})


def read_html(unit: Unit) -> Iterator[Document]:
    """Yield the main text of a page, with the title and the date that it shows.

    Raises
    ------
    InputError
        If the file cannot be read, has no main text or is too large.
    """
    yield page_document(read_bytes(unit.path), unit.where, unit.id)


def page_document(raw: bytes, where: str, name: str, *, declared: str = "") -> Document:
    """Make a document of a page.

    Parameters
    ----------
    raw
        The page as bytes.
    where
        For errors.
    name
        Id of the document.
    declared
        Encoding that whoever sent the page declared.

    Raises
    ------
    InputError
        If it has no main text or is too large.
    """
    if len(raw) > LONGEST_PAGE:
        raise _too_large(where)
    if raw[:_REACH].count(0) > _MOST_NULS * len(raw[:_REACH]) and not raw.startswith(_WIDE):
        raise InputError(where, "binary data", "a page", "check the file")
    trafilatura = library("trafilatura", where)
    _quiet()
    root = _tree(decode_any(raw, declared or _declared(raw)), where)
    if root is not None and sum(1 for _ in root.iter()) > _MOST_ELEMENTS:
        raise InputError(
            where, f"a page of more than {_MOST_ELEMENTS:,} elements", "a page", "cut it"
        )
    page: Any = None if root is None else trafilatura.bare_extraction(
        root,
        include_comments=False,
        include_tables=False,
        with_metadata=True,
        config=_config(),
        # a date guessed from anywhere on the page is worse than none
        date_extraction_params={"extensive_search": False, "original_date": True},
    )  # fmt: skip
    text = whole_characters(page.text or "") if page is not None else ""
    if not _has_sentence(text):
        raise InputError(
            where, "a page without a main text", "an article", "save its text as .txt if it has one"
        )
    # a line break of trafilatura is the end of a paragraph, not of a line
    return Document(
        name, text.replace("\n", "\n\n"), whole_characters(page.title or ""), _date(page.date)
    )


def fragment_text(markup: str, where: str) -> str:
    r"""Give all the text of a piece of HTML, a line for each block.

    Raises
    ------
    InputError
        If it is too large.

    Examples
    --------
    >>> fragment_text("<p>Peru <b>left</b>.</p><p>Chile &amp; Cuba stayed.", "a.eml")
    'Peru left.\n\nChile & Cuba stayed.'
    """
    if len(markup) > LONGEST_PAGE:
        raise _too_large(where)
    root = _tree(markup, where)
    if root is None:
        return ""
    parts: list[str] = []
    depth_unread = depth_pre = 0
    for event, element in library("lxml.etree", where).iterwalk(root, events=("start", "end")):
        is_start = event == "start"
        if element.tag in _UNREAD:
            depth_unread += 1 if is_start else -1
        elif element.tag in _BLOCKS:
            parts.append("\n")
        if element.tag == "pre":
            depth_pre += 1 if is_start else -1
        if not depth_unread:
            own = (element.text if is_start else element.tail) or ""
            # a line of the source ends where its writer's editor wrapped it
            parts.append(own if depth_pre else _SPACE.sub(" ", own))
    lines = (" ".join(line.split()) for line in whole_characters("".join(parts)).split("\n"))
    return "\n\n".join(filter(None, lines))


def _has_sentence(text: str) -> bool:
    """Say whether a text is more than a menu, which is taken where a page has nothing else."""
    letters = _LETTERS.search(text)
    return letters is not None and _SENTENCE_END.search(text, letters.end()) is not None


def _too_large(where: str) -> InputError:
    return InputError(
        where, f"a page of more than {LONGEST_PAGE // 1_000_000} MB", "a page", "cut it"
    )


def _tree(markup: str, where: str) -> Any:  # noqa: ANN401 - lxml has no types
    """Parse HTML; None where there is nothing in it. Nesting stops at 256 elements."""
    if sum(_pairs(part) for part in _QUOTED.sub("=q", markup).split(">")) > _MOST_PAIRS:
        raise InputError(
            where, "an element with too many attributes", "a page", "check who wrote it"
        )
    html = library("lxml.html", where)
    etree = library("lxml.etree", where)
    parser = html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False
    )
    raw = whole_characters(markup).encode()
    try:
        return html.document_fromstring(raw, parser=parser) if raw.strip() else None
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


def _pairs(part: str) -> int:
    """Count the pairs of attributes of the tag at the end of a piece of HTML, if it is long."""
    start = _TAG.search(part) if len(part) > _LONG_TAG else None
    return 0 if start is None else len(part[start.start() :].split()) ** 2


def _declared(raw: bytes) -> str:
    match = _DECLARED.search(raw[:_HEAD])
    return match[1].decode("ascii", "replace") if match else ""


def _date(found: str | None) -> str:
    try:
        return plain_date(found)
    except ValueError:
        return ""


@lru_cache(maxsize=1)
def _config() -> Any:  # noqa: ANN401 - a parser of settings
    config = library("trafilatura.settings", "html").use_config()
    config["DEFAULT"]["MIN_EXTRACTED_SIZE"] = _SHORTEST
    return config


def _quiet() -> None:
    """Keep to the errors of our own; the libraries tell each page without a text."""
    for name in ("trafilatura", "htmldate", "justext", "courlan"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
