"""JSON lines, the exchange format: a line is a document, or a ready example of one pair.

A line with `state` and `alliance` is an example, one without is a document (docs/formats.md).
Keys that the format does not know are left alone, so that other tools can keep their own.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from alliance_stance.corpus.dates import DATE_FORMS, plain_date
from alliance_stance.corpus.readers.decoding import lines_or_errors
from alliance_stance.corpus.readers.unit import Skipped, Unit
from alliance_stance.errors import InputError, StanceError
from alliance_stance.knowledge.tables import is_date
from alliance_stance.schema import (
    STANCE_OF_ACT,
    Act,
    Candidate,
    Document,
    Example,
    Label,
    Stance,
)

ChoiceT = TypeVar("ChoiceT", Stance, Act)
_TEXT_KEYS = (
    "id", "text", "context", "title", "date", "register", "document", "state", "alliance",
    "speaker_state",
)  # fmt: skip


def read_json_lines(path: Path) -> Iterator[Document | Example]:
    """Yield what each line holds; blank lines are skipped.

    Raises
    ------
    InputError
        At the first line that is not a JSON object of the format, naming file and line.
    """
    items = read_json_unit(Unit(path, "jsonl", path.stem, is_alone=True))
    yield from (item for item in items if not isinstance(item, Skipped))


def read_labelled_lines(
    path: Path, unlabelled: Callable[[str], StanceError]
) -> Iterator[tuple[str, Example]]:
    """Yield the examples of a file that holds nothing but labelled ones, each with where it stands.

    Parameters
    ----------
    path
        The file.
    unlabelled
        Gives the error of a line that is a document or has no stance, from where it stands: what
        to do about it differs with what the examples are for.

    Raises
    ------
    StanceError
        What `unlabelled` gives, at the first such line; or as `read_json_lines` does.
    """
    for item in read_json_lines(path):
        where = f"{path}, id {item.id}"
        if not isinstance(item, Example) or item.label is None:
            raise unlabelled(where)
        yield where, item


def read_json_unit(unit: Unit) -> Iterator[Document | Example | Skipped]:
    """Yield what each line holds; a line without an id is named by its number and its unit.

    Raises
    ------
    InputError
        As `read_json_lines` does; of a patient unit only where all of it cannot be read.
    """
    for number, line in enumerate(lines_or_errors(unit.path), start=1):
        try:
            if isinstance(line, InputError):
                raise line
            if line.strip():
                yield parse_line(line, f"{unit.where}:{number}", default_id=unit.inner_id(number))
        except InputError as error:
            if not unit.is_patient:
                raise
            yield Skipped(error.where, error.found)


def parse_line(line: str, where: str, *, default_id: str) -> Document | Example:
    """Turn one line into a document or an example.

    Parameters
    ----------
    line
        One JSON object.
    where
        File and line, for errors.
    default_id
        Id of a line that has none.

    Raises
    ------
    InputError
        If the line breaks the format.
    """
    return parse_row(parse_json(line, where), where, default_id=default_id)


def parse_row(row: object, where: str, *, default_id: str) -> Document | Example:
    """Turn a JSON value that was read before into a document or an example.

    Parameters
    ----------
    row
        What a line held; an object's ids become strings in it, and its date the project's.
    where, default_id
        As in `parse_line`.

    Raises
    ------
    InputError
        If it is no object, or breaks the format.
    """
    if not isinstance(row, dict):
        raise InputError(where, f"a JSON {type(row).__name__}", "one JSON object", "mend it")
    text = row.get("text")
    if not isinstance(text, str) or not text.strip():
        raise InputError(
            where,
            "no 'text'" if text is None else f"text {text!r:.40}",
            "a JSON object with a non-empty string 'text'",
            "add it, or remove the line",
        )
    for key in _TEXT_KEYS:
        _check_string(row, key, where)
    _check_tags(row, where)
    if row.get("date"):
        row["date"] = _day(row["date"], where)
    row_id = row.get("id") or default_id
    if ("state" in row) != ("alliance" in row):
        missing = "alliance" if "state" in row else "state"
        raise InputError(
            where,
            f"no '{missing}'",
            "both 'state' and 'alliance', or neither",
            "add it, or remove the other",
        )
    if "state" not in row:
        return Document(
            row_id, text, row.get("title", ""), row.get("date", ""), row.get("speaker_state")
        )
    return _example(row, row_id, where)


def parse_json(line: str, where: str) -> object:
    """Turn one line into a JSON value.

    Raises
    ------
    InputError
        If it is no JSON.
    """
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        # ValueError covers bad JSON and numbers of thousands of digits
        problem = str(error).splitlines()[0]
        raise InputError(where, f"no JSON ({problem})", "one JSON object", "mend it") from None


def _check_string(row: dict[str, Any], key: str, where: str) -> None:
    value = row.get(key, "")
    if key == "speaker_state" and value is None:
        return
    # a Python bool is an int, too
    if key in ("id", "document") and isinstance(value, int) and not isinstance(value, bool):
        row[key] = value = str(value)
    if not isinstance(value, str):
        raise InputError(where, f"{key} {value!r:.40}", f"a string '{key}'", "quote or remove it")
    if "\0" in value:
        raise InputError(where, f"a NUL character in '{key}'", "text", "remove it")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise InputError(
            where, f"half a character (lone surrogate) in '{key}'", "valid Unicode", "remove it"
        ) from None


def _day(text: str, where: str) -> str:
    """Give a date in the project's form; programs write moments ("2024-03-01T10:00:00Z")."""
    if is_date(text):
        return text
    try:
        return plain_date(text)
    except ValueError:
        raise InputError(where, f"date {text!r:.40}", DATE_FORMS, "rewrite or empty it") from None


def _check_tags(row: dict[str, Any], where: str) -> None:
    tags = row.get("tags") or []
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise InputError(where, f"tags {tags!r:.40}", "a list of strings", "mend or remove them")
    row["tags"] = tags


def _example(row: dict[str, Any], row_id: str, where: str) -> Example:
    candidate = Candidate(
        document=row.get("document") or row_id.split("#")[0],
        sentence=0,
        start=0,
        end=len(row["text"]),
        text=row["text"],
        context=row.get("context", ""),
        state=str(row["state"]),
        alliance=str(row["alliance"]),
        title=row.get("title", ""),
        date=row.get("date", ""),
        speaker_state=row.get("speaker_state"),
    )
    return Example(
        id=row_id,
        candidate=candidate,
        label=_label(row, where),
        register=row.get("register", ""),
        tags=tuple(row.get("tags", ())),
    )


def _label(row: dict[str, Any], where: str) -> Label | None:
    if row.get("stance") is None:
        if row.get("act") is not None:
            raise InputError(where, "an act without a stance", "both, or a stance", "add it")
        return None
    stance = _choice(row["stance"], Stance, "stance", where)
    if row.get("act") is None:
        return Label(stance)
    act = _choice(row["act"], Act, "act", where)
    if STANCE_OF_ACT[act] is not stance:
        raise InputError(
            where,
            f"act '{act}' with stance '{stance}'",
            f"stance '{STANCE_OF_ACT[act]}' with that act",
            "see the table of acts in docs/codebook.md",
        )
    return Label(stance, act)


def _choice(value: object, choices: type[ChoiceT], key: str, where: str) -> ChoiceT:
    try:
        return choices(str(value))
    except ValueError:
        raise InputError(
            where, f"{key} {value!r:.40}", f"one of {', '.join(choices)}", "correct the line"
        ) from None
