"""Plain text: one file, one document."""

from collections.abc import Iterator
from pathlib import Path

from alliance_stance.corpus.readers.decoding import STDIN, read_text
from alliance_stance.schema import Document


def read_plain_text(path: Path) -> Iterator[Document]:
    """Yield the file's text as one document, named by the file's stem.

    Raises
    ------
    InputError
        As `decoding.read_text` does.
    """
    document_id = "stdin" if path == STDIN else path.stem
    yield Document(id=document_id, text=read_text(path))
