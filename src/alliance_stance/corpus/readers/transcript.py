"""Transcripts: a header that tells the facts, then the turns as plain text.

The turns themselves ("PRESIDENT LEE:", "Q.") are read by extraction, which wants each at the
beginning of a line; so the text stays as it is.
"""

from collections.abc import Iterator

from alliance_stance.corpus.dates import DATE_FORMS, plain_date
from alliance_stance.corpus.readers.decoding import read_text
from alliance_stance.corpus.readers.unit import Unit
from alliance_stance.errors import InputError
from alliance_stance.schema import Document

_KEYS = {"title": "title", "date": "date", "speaker-state": "speaker_state"}


def read_transcript(unit: Unit) -> Iterator[Document]:
    """Yield the transcript as one document.

    The header is the run of lines ``Title:``, ``Date:`` and ``Speaker-State:`` at the beginning,
    each at most once, in any order. The first other line begins the text.

    Raises
    ------
    InputError
        As `decoding.read_text` does; or if nothing follows the header, or the date is of no known
        form.
    """
    text = read_text(unit.path).replace("\r\n", "\n")
    facts: dict[str, str] = {}
    position = 0
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        key, sign, value = line.partition(":")
        name = _KEYS.get(key.strip().lower().replace(" ", "-").replace("_", "-"))
        if not sign or name is None or name in facts:
            break
        facts[name] = _value(name, value.strip(), f"{unit.where}:{number}")
        position += len(line)
    body = text[position:].strip("\n")
    if not body.strip():
        raise InputError(unit.where, "a header alone", "turns below it", "add them")
    yield Document(
        unit.id,
        body,
        facts.get("title", ""),
        facts.get("date", ""),
        facts.get("speaker_state") or None,
    )


def _value(name: str, value: str, where: str) -> str:
    if name != "date":
        return value
    try:
        return plain_date(value)
    except ValueError:
        raise InputError(where, f"date {value!r:.40}", DATE_FORMS, "rewrite or empty it") from None
