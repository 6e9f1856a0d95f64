"""Read what a verb is given, with the facts that its options add."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from alliance_stance.corpus.readers.table import read_input
from alliance_stance.errors import InputError
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.knowledge.tables import is_date
from alliance_stance.schema import Document, Example

_ENDINGS = {None: None, "text": ".txt", "jsonl": ".jsonl"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the options tell of documents that do not tell it themselves; empty for nothing."""

    title: str = ""
    date: str = ""
    speaker_state: str | None = None

    def check(self, knowledge: Knowledge) -> None:
        """Refuse a date or a speaker that cannot be.

        Raises
        ------
        InputError
            If `date` is of no known form.
        KnowledgeError
            If `speaker_state` is no state and no alliance.
        """
        if self.date and not is_date(self.date):
            raise InputError("--date", repr(self.date), "YYYY, YYYY-MM or YYYY-MM-DD", "correct it")
        if self.speaker_state is not None and self.speaker_state not in knowledge.alliances:
            knowledge.check_state("--speaker-state", self.speaker_state)

    def complete(self, document: Document) -> Document:
        """Give a document with what it lacks."""
        return replace(
            document,
            title=document.title or self.title,
            date=document.date or self.date,
            speaker_state=document.speaker_state or self.speaker_state,
        )


def read_items(
    file: Path, format_: str | None, facts: Facts, knowledge: Knowledge
) -> Iterator[Document | Example]:
    """Read documents and ready examples, one at a time.

    Parameters
    ----------
    file
        The file, or ``-``.
    format_
        ``text`` or ``jsonl``; None goes by the file's name.
    facts
        For documents; a ready example is taken as it is.
    knowledge
        Whose codes are allowed.

    Raises
    ------
    InputError
        If an option or the file cannot be read as it says.
    KnowledgeError
        If a code is not known.
    """
    if format_ not in _ENDINGS:
        raise InputError("--format", repr(format_), "text or jsonl", "correct it")
    facts.check(knowledge)
    for item in read_input(file, ending=_ENDINGS[format_]):
        item = knowledge.settle_codes(item, f"{file}, id {item.id}")
        yield facts.complete(item) if isinstance(item, Document) else item
