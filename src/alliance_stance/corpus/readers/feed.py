"""RSS and Atom: one entry, one document."""

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from xml.etree.ElementTree import Element

from alliance_stance.corpus.dates import plain_date
from alliance_stance.corpus.readers.decoding import open_bytes, whole_characters
from alliance_stance.corpus.readers.html import fragment_text
from alliance_stance.corpus.readers.names import UniqueNames
from alliance_stance.corpus.readers.unit import Skipped, Unit
from alliance_stance.corpus.readers.xml import local_name, xml_events
from alliance_stance.errors import InputError
from alliance_stance.schema import Document

_ROOTS = frozenset({"rss", "RDF", "feed"})
_ENTRIES = frozenset({"item", "entry"})
_TEXTS = ("encoded", "content", "description", "summary")
"""The whole text stands before its summary."""
_DATES = ("published", "pubDate", "date", "issued", "updated")
_NAMES = ("guid", "id", "link")
_DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_OWN_SPACES = frozenset({
    "", "http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#", "http://purl.org/rss/1.0/",
    "http://my.netscape.com/rdf/simple/0.9/", "http://backend.userland.com/rss2",
    _DUBLIN_CORE, _CONTENT,
})  # fmt: skip
"""What other vocabularies call a title or a description is a picture's, not the entry's."""


def read_feed(unit: Unit) -> Iterator[Document | Skipped]:
    """Yield the entries with title and date; entries without a text are counted.

    Raises
    ------
    InputError
        If the file is no RSS or Atom, or breaks off.
    """
    names = UniqueNames()
    number = empty = 0
    is_first = True
    with open_bytes(unit.path) as file:
        for event, element in xml_events(file, unit.where):
            if is_first and local_name(element) not in _ROOTS:
                raise InputError(
                    unit.where,
                    f"XML of another kind (<{local_name(element)}>)".replace("\n", " ")[:80],
                    "RSS or Atom",
                    "convert it to text",
                )
            is_first = False
            if event == "end" and local_name(element) in _ENTRIES:
                number += 1
                document = _entry(element, unit, number, names)
                element.clear()
                empty += document is None
                if document is not None:
                    yield document
    if not number:
        raise InputError(unit.where, "a feed without entries", "one at least", "fetch it again")
    if empty:
        yield Skipped(unit.where, f"entries without a text: {empty}", empty)


def _entry(element: Element, unit: Unit, number: int, names: UniqueNames) -> Document | None:
    parts: dict[str, Element] = {}
    for child in element:
        space, _, _ = str(child.tag).rpartition("}")
        if space.lstrip("{") in _OWN_SPACES:
            parts.setdefault(local_name(child), child)
    text = next(filter(None, (_text(parts[key], unit) for key in _TEXTS if key in parts)), "")
    if not text:
        return None
    name = next((_name(parts[key]) for key in _NAMES if key in parts), "") or str(number)
    title = " ".join(_text(parts["title"], unit).split()) if "title" in parts else ""
    date = next(filter(None, (_date(parts[key]) for key in _DATES if key in parts)), "")
    return Document(unit.inner_id(names.make(name)), text, title, date)


def _text(element: Element, unit: Unit) -> str:
    kind = element.get("type") or ("text" if "atom" in str(element.tag).lower() else "html")
    if len(element):
        from xml.etree.ElementTree import tostring

        # XHTML stands in the feed itself; its prefixes are of no use to an HTML parser
        for inner in element.iter():
            inner.tag = local_name(inner)
        return fragment_text(tostring(element, encoding="unicode"), unit.where)
    text = element.text or ""
    if kind in ("text", "text/plain") or ("<" not in text and "&" not in text):
        return whole_characters(text).strip()
    return fragment_text(text, unit.where)


def _name(element: Element) -> str:
    name = (element.text or "").strip() or element.get("href", "")
    return whole_characters(" ".join(name.split()))


def _date(element: Element) -> str:
    text = (element.text or "").strip()
    try:
        return plain_date(text)
    except ValueError:
        pass
    try:
        return plain_date(parsedate_to_datetime(text[:80]))
    except (ValueError, TypeError, OverflowError):
        return ""
