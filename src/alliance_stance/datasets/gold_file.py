"""Read `data/gold/documents.jsonl`: whole documents, cut into sentences, with labelled pairs."""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from alliance_stance.corpus.readers.decoding import read_text
from alliance_stance.datasets.documents import LabelledDocument, LabelledSentence
from alliance_stance.errors import DatasetError
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.knowledge.tables import is_date
from alliance_stance.schema import STANCE_OF_ACT, Act, Document, Label, Sentence, Stance

REGISTERS = frozenset(
    {
        "wire",
        "headline",
        "communique",
        "speech",
        "press_conference",
        "cable",
        "memoir",
        "analysis",
        "encyclopaedia",
        "social",
        "parliament",
        "interview",
    }
)


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _SentenceRow(_Row):
    text: str = Field(min_length=1, pattern=r"^\S(.*\S)?$")
    triples: tuple[tuple[str, str, Stance, Act], ...]
    tags: tuple[str, ...] = ()

    @field_validator("triples")
    @classmethod
    def _act_fits_stance(cls, triples: Any) -> Any:  # noqa: ANN401 - passed through
        pairs = [(state, alliance) for state, alliance, _, _ in triples]
        if len(set(pairs)) < len(pairs):
            raise ValueError("a pair stands twice")
        for state, alliance, stance, act in triples:
            if STANCE_OF_ACT[act] is not stance:
                raise ValueError(f"{state}-{alliance}: act {act} is not {stance}")
        return triples


class _DocumentRow(_Row):
    id: str
    title: str
    date: str
    speaker_state: str | None
    # a field called `register` would hide a method of pydantic's base class
    spoken_or_written: str = Field(alias="register")
    sentences: tuple[_SentenceRow, ...]


def read_gold(path: Path, knowledge: Knowledge) -> list[LabelledDocument]:
    """Read and check a gold file.

    Raises
    ------
    DatasetError
        At the first line that breaks the format (docs/formats.md) or repeats an id.
    KnowledgeError
        At the first pair with an unknown state or alliance.
    """
    documents: dict[str, LabelledDocument] = {}
    for number, line in enumerate(read_text(path).rstrip("\n").split("\n"), start=1):
        where = f"{path}:{number}"
        document = _gold_document(line, where, knowledge)
        if document.document.id in documents:
            raise DatasetError(where, f"a second {document.document.id}", "each id once", "mend it")
        documents[document.document.id] = document
    return list(documents.values())


def _gold_document(line: str, where: str, knowledge: Knowledge) -> LabelledDocument:
    try:
        values = json.loads(line)
        # half a character (a lone surrogate) can be escaped in JSON but never written again
        json.dumps(values, ensure_ascii=False).encode("utf-8")
        row = _DocumentRow.model_validate(values)
    except ValueError as error:
        raise DatasetError(
            where, " ".join(str(error).split()), "one gold document", "see docs/formats.md"
        ) from None
    if row.spoken_or_written not in REGISTERS:
        raise DatasetError(
            where,
            f"register {row.spoken_or_written!r}",
            f"one of {', '.join(sorted(REGISTERS))}",
            "mend it",
        )
    if row.date and not is_date(row.date):
        raise DatasetError(where, f"date {row.date!r}", "YYYY, YYYY-MM or YYYY-MM-DD", "mend it")
    if row.speaker_state is not None:
        knowledge.check_state(where, row.speaker_state)
    sentences = []
    position = 0
    for index, sentence in enumerate(row.sentences):
        labels = {}
        for state, alliance, stance, act in sentence.triples:
            knowledge.check_pair(where, state, alliance)
            labels[state, alliance] = Label(stance, act)
        end = position + len(sentence.text)
        sentences.append(LabelledSentence(Sentence(index, position, end), labels, sentence.tags))
        position = end + 1
    text = " ".join(sentence.text for sentence in row.sentences)
    document = Document(row.id, text, row.title, row.date, row.speaker_state)
    return LabelledDocument(document, row.spoken_or_written, tuple(sentences))
