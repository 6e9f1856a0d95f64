"""XML from anywhere: no entities, no foreign files, no bottomless nesting."""

from collections.abc import Iterator
from typing import IO
from xml.etree.ElementTree import Element, ParseError

from alliance_stance.corpus.readers.decoding import LONGEST, too_long
from alliance_stance.corpus.readers.libraries import library
from alliance_stance.errors import InputError

_DEEPEST = 500


class _Limited:
    """Stops reading where a file is longer than a text can be."""

    def __init__(self, file: IO[bytes], where: str) -> None:
        self._file = file
        self._where = where
        self._left = LONGEST

    def read(self, size: int = -1) -> bytes:
        raw = self._file.read(size)
        self._left -= len(raw)
        if self._left < 0:
            raise too_long(self._where, "a file")
        return raw


def xml_events(file: IO[bytes], where: str) -> Iterator[tuple[str, Element]]:
    """Yield ``("start", element)`` and ``("end", element)`` as a file is read.

    Raises
    ------
    InputError
        If it is no XML, defines entities, or is too long or too deep.
    """
    reading = library("defusedxml.ElementTree", where)
    common = library("defusedxml.common", where)
    depth = 0
    try:
        for event, element in reading.iterparse(_Limited(file, where), events=("start", "end")):
            depth += 1 if event == "start" else -1
            if depth > _DEEPEST:
                raise InputError(
                    where, f"elements {_DEEPEST} deep in each other", "a document", "check it"
                )
            yield event, element
    except (ParseError, LookupError, ValueError) as error:
        if isinstance(error, common.DefusedXmlException):
            raise InputError(
                where, "XML that defines entities", "a document without them", "check who wrote it"
            ) from None
        raise InputError(
            where, f"no well-formed XML ({error!s:.80})", "whole XML", "fetch or save it again"
        ) from None


def local_name(element: Element) -> str:
    """Give an element's name without its namespace.

    Examples
    --------
    >>> local_name(Element("{http://example.org}title"))
    'title'
    """
    return str(element.tag).rpartition("}")[2]
