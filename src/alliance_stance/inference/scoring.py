"""One part, scored: documents in, rows out, and what could not be scored set aside."""

import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from alliance_stance.corpus.inputs import ReadOptions
from alliance_stance.corpus.readers.jsonl import parse_row
from alliance_stance.corpus.readers.unit import Skipped, Unit
from alliance_stance.corpus.stream import BEGINNING, Read, read_settled
from alliance_stance.errors import InputError, StanceError
from alliance_stance.extraction.candidate_rows import candidate_row
from alliance_stance.inference.deciding import Spans, find_deciding
from alliance_stance.inference.frames import plain_row
from alliance_stance.inference.parts import PartWork
from alliance_stance.inference.predictor import Predictor
from alliance_stance.inference.score_folder import (
    DECIDING,
    DOCUMENTS_SCHEMA,
    ERROR_KEYS,
    EXPLAINED_SCHEMA,
    SCORES_SCHEMA,
    Part,
)
from alliance_stance.schema import Candidate, Document, Example, Prediction

_AT_ONCE = 256
"""Documents that are judged together, so that a model is busy and memory small."""
_SUSPICIOUS = 8
"""Documents of a part that fail, none with an answer, before it must be the program's fault."""


@dataclass(frozen=True)
class Scored:
    """What became of one document or ready example.

    Parameters
    ----------
    item
        What was scored.
    source
        Name of the input that it comes from.
    sentences
        Their number; None for a ready example.
    predictions
        In text order.
    deciding
        The words that decided, of each prediction; None where nobody asked.
    """

    item: Document | Example
    source: str
    sentences: int | None
    predictions: Sequence[Prediction]
    deciding: Sequence[Spans] | None = None


@dataclass(frozen=True)
class SetAside:
    """What could not be read or scored.

    Parameters
    ----------
    where
        The place.
    reason
        In a few words.
    document
        Id of the document, where it has been read.
    count
        Number of things, where a reader tells many at once.
    """

    where: str
    reason: str
    document: str | None = None
    count: int = 1

    def as_row(self, part: int) -> dict[str, Any]:
        """Give it as a line of errors.jsonl."""
        values = (self.where, self.reason, self.document, self.count, part)
        return dict(zip(ERROR_KEYS, values, strict=True))


def score_part(
    predictor: Predictor, options: ReadOptions, work: PartWork, *, explain: bool = False
) -> Part:
    """Read what is still to be read of a part, and score it.

    A document that cannot be scored is set aside, whatever the reason; one bad document ends no
    night's run, unless the options say that it is to.

    Parameters
    ----------
    predictor
        The saved model.
    options
        How units are read.
    work
        The part.
    explain
        Whether its rows tell the words that decided, as `EXPLAINED_SCHEMA`.

    Raises
    ------
    StanceError
        If something cannot be read or scored and must be.
    Exception
        The first one, where eight documents or more failed unexpectedly and none was scored: then
        it is the program or the model.
    """
    rows: list[dict[str, Any]] = []
    documents: list[dict[str, Any]] = []
    aside: list[SetAside] = []
    reads = _opened(predictor, options, work.reads)
    for result in score_reads(predictor, reads, explain=explain):
        if isinstance(result, SetAside):
            if options.on_unreadable == "fail":
                raise _wanted(result)
            aside.append(result)
        else:
            documents.append(document_row(result))
            rows += score_rows(result)
    facts = {
        "end": list(work.end),
        "done": work.done,
        "documents": len(documents),
        "sentences": sum(one["sentences"] or 0 for one in documents),
        "characters": sum(one["characters"] for one in documents),
        "triples": len(rows),
        "errors": [one.as_row(work.number) for one in aside],
    }
    return Part(
        pa.Table.from_pylist(rows, schema=EXPLAINED_SCHEMA if explain else SCORES_SCHEMA),
        pa.Table.from_pylist(documents, schema=DOCUMENTS_SCHEMA),
        facts,
    )


def _wanted(aside: SetAside) -> InputError:
    return InputError(
        aside.where,
        aside.reason,
        "a document that can be scored",
        "mend it, or give --on-unreadable skip",
    )


def score_reads(
    predictor: Predictor, reads: Iterator[Read], *, explain: bool = False
) -> Iterator[Scored | SetAside]:
    """Score what was read, in order.

    Parameters
    ----------
    predictor
        The saved model.
    reads
        Documents, ready examples and what could not be read.
    explain
        Whether the words that decided are found too.

    Raises
    ------
    Exception
        As `score_part` does.
    """
    failures: list[Exception] = []
    is_any_scored = False
    while chunk := list(islice(reads, _AT_ONCE)):
        answers = iter(_judged(predictor, [r for r in chunk if _is_text(r)], explain))
        for read in chunk:
            if isinstance(read.item, Skipped):
                skipped = read.item
                yield SetAside(skipped.where, skipped.reason, skipped.document, skipped.count)
                continue
            answer = next(answers)
            if isinstance(answer, Scored):
                is_any_scored = True
                yield answer
                continue
            if not isinstance(answer, StanceError):
                failures.append(answer)
            yield _failure(read, answer)
    if len(failures) >= _SUSPICIOUS and not is_any_scored:
        raise failures[0]


def _is_text(read: Read) -> bool:
    return isinstance(read.item, Document | Example)


def _opened(predictor: Predictor, options: ReadOptions, reads: Sequence[Read]) -> Iterator[Read]:
    """Read the units among what was read, each of which is one document."""
    for read in reads:
        if not isinstance(read.item, Unit):
            yield read
            continue
        for item in read_settled(read.item, options, predictor.artifact.knowledge):
            yield Read(item, read.source, read.after, read.done)


def _judged(predictor: Predictor, reads: Sequence[Read], explain: bool) -> list[Scored | Exception]:
    """Judge documents together; if that fails, one by one, to know which is to blame."""
    try:
        return list(_together(predictor, reads, explain))
    except Exception:  # noqa: BLE001 - which one it was, and why, is found below
        return [_alone(predictor, read, explain) for read in reads]


def _alone(predictor: Predictor, read: Read, explain: bool) -> Scored | Exception:
    try:
        return next(_together(predictor, [read], explain))
    except Exception as error:  # noqa: BLE001 - told in errors.jsonl; the others go on
        return error


def _together(predictor: Predictor, reads: Sequence[Read], explain: bool) -> Iterator[Scored]:
    items: list[Document | Example] = [r.item for r in reads if _is_text(r)]  # type: ignore[misc]
    groups = predictor.predict_batch(items)
    deciding = _deciding(predictor, groups) if explain else [None] * len(groups)
    for read, item, found, words in zip(reads, items, groups, deciding, strict=True):
        sentences = predictor.count_sentences(item) if isinstance(item, Document) else None
        yield Scored(item, read.source, sentences, found, words)


def _deciding(
    predictor: Predictor, groups: Sequence[Sequence[Prediction]]
) -> list[list[Spans] | None]:
    """Find the words that decided in all documents at once; encoders want full batches."""
    flat = [prediction for group in groups for prediction in group]
    words = iter(find_deciding(predictor.artifact.model, flat))
    return [list(islice(words, len(group))) for group in groups]


def _failure(read: Read, error: Exception) -> SetAside:
    name = str(getattr(read.item, "id", ""))
    where = f"{read.source}, id {name}"
    if isinstance(error, StanceError):
        return SetAside(where, f"{error.where}: {error.found}", name)
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    what = " ".join(str(error).split())[:200]
    return SetAside(where, f"unexpected {type(error).__name__}{place}: {what}", name)


def document_row(scored: Scored) -> dict[str, Any]:
    """Give a document, or a ready example, as a row of `DOCUMENTS_SCHEMA`."""
    item = scored.item
    facts: Document | Candidate = item.candidate if isinstance(item, Example) else item
    return {
        "document": facts.document if isinstance(facts, Candidate) else facts.id,
        "id": item.id if isinstance(item, Example) else None,
        "source": scored.source,
        "title": facts.title,
        "date": facts.date,
        "speaker_state": facts.speaker_state,
        "characters": len(facts.text),
        "sentences": scored.sentences,
        "triples": len(scored.predictions),
    }


def score_rows(scored: Scored) -> Iterator[dict[str, Any]]:
    """Give the triples of a document as rows of `SCORES_SCHEMA`, or `EXPLAINED_SCHEMA`."""
    for place, prediction in enumerate(scored.predictions):
        candidate = prediction.candidate
        found = candidate_row(candidate, example_id=prediction.id)
        state_start, state_end = found["state_mention"] or (None, None)
        alliance_start, alliance_end = found["alliance_mention"] or (None, None)
        yield {
            "document": candidate.document,
            "id": prediction.id,
            "source": scored.source,
            "title": candidate.title,
            "date": candidate.date,
            "speaker_state": candidate.speaker_state,
            "sentence": found.get("sentence"),
            "start": found.get("start"),
            "end": found.get("end"),
            "text": candidate.text,
            "state": candidate.state,
            "alliance": candidate.alliance,
            "state_how": found["state_how"],
            "alliance_how": found["alliance_how"],
            "state_start": state_start,
            "state_end": state_end,
            "alliance_start": alliance_start,
            "alliance_end": alliance_end,
            "membership": found["membership"],
            "stance": str(prediction.stance),
            "act": str(prediction.act),
            "score": prediction.score,
            **{str(stance): p for stance, p in prediction.probabilities.items()},
            **({} if scored.deciding is None else {DECIDING: scored.deciding[place]}),
        }


def answer_rows(
    predictor: Predictor, rows: Sequence[Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Score rows that come from another program, as lines of the exchange format are scored.

    Parameters
    ----------
    predictor
        The saved model.
    rows
        With ``id``, ``text`` and what else a document line or a ready example line may have, and
        ``source``. Cells may be of a data frame (`plain_row`); empty ones count as absent.

    Yields
    ------
    dict
        For each row in order the columns of `DOCUMENTS_SCHEMA`, ``error`` (why it was not scored;
        None where it was) and ``scores``, a list of rows of `SCORES_SCHEMA`.
    """
    reads = [_read_row(predictor, row) for row in rows]
    for read, result in zip(reads, score_reads(predictor, iter(reads)), strict=True):
        if isinstance(result, SetAside):
            name = result.document or result.where
            yield {"document": name, "source": read.source, "error": result.reason, "scores": []}
        else:
            yield {**document_row(result), "error": None, "scores": list(score_rows(result))}


def _read_row(predictor: Predictor, row: Mapping[str, Any]) -> Read:
    told = plain_row(row)
    source = str(told.pop("source", ""))
    name = str(told.get("id", ""))
    item: Document | Example | Skipped
    try:
        item = parse_row(told, f"row {name}", default_id=name)
        item = predictor.artifact.knowledge.settle_codes(item, f"row {name}")
    except StanceError as error:
        item = Skipped(name, error.found)
    return Read(item, source, BEGINNING, 0)
