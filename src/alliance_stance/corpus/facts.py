"""Facts about documents that come from beside them: from options, or from a table of metadata."""

from dataclasses import dataclass, replace

from alliance_stance.errors import InputError
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.knowledge.tables import is_date
from alliance_stance.schema import Document


@dataclass(frozen=True, slots=True)
class Facts:
    """What is told of documents that do not tell it themselves; empty for nothing."""

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

    def correct(self, document: Document) -> Document:
        """Give a document with these facts in place of its own, where there are any."""
        return replace(
            document,
            title=self.title or document.title,
            date=self.date or document.date,
            speaker_state=self.speaker_state or document.speaker_state,
        )
