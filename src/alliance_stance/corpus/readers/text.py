"""Plain text: one file, one document."""

from collections.abc import Iterator

from alliance_stance.corpus.readers.decoding import read_text
from alliance_stance.corpus.readers.unit import Unit
from alliance_stance.schema import Document


def read_plain_text(unit: Unit) -> Iterator[Document]:
    """Yield the file's text as one document.

    Raises
    ------
    InputError
        As `decoding.read_text` does.
    """
    yield Document(id=unit.id, text=read_text(unit.path))
