"""Tasks: one pair of a sentence, laid before an annotator; nothing in it tells an answer."""

import hashlib
import heapq
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from alliance_stance.errors import InputError
from alliance_stance.extraction.candidates import CandidateFinder
from alliance_stance.fingerprints import fingerprint
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.knowledge.tables import is_date
from alliance_stance.labeling.sheets import (
    CELL_LIMIT,
    SheetRow,
    is_same_text,
    read_sheet,
    replace_controls,
    sheet_text,
    unescape_cell,
)
from alliance_stance.schema import Candidate, Document, Example

_CONTROLS = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Categories that no cell can hold: control characters, half characters, ends of lines."""
TASK_COLUMNS = (
    "task", "title", "date", "speaker_state", "speaker_name", "context", "sentence", "state",
    "state_name", "state_words", "alliance", "alliance_name", "alliance_words", "act", "note",
    "document", "start", "end", "checksum",
)  # fmt: skip
"""In the order in which they are read: the text, the pair, the answer, then the pointer."""
FILLED_IN = ("act", "note")
SHOWN_COLUMNS = ("checksum", "sentence", "context", "state", "alliance")
"""What must still stand in a filled-in file as it was exported, where the file has it."""
_TOLD = ("speaker_name", "state_words", "alliance_words")
"""Columns that only help to read a task."""
_NEEDED = tuple(name for name in TASK_COLUMNS if name not in (*FILLED_IN, *_TOLD))
_BETWEEN_WORDS = " | "
_CHECKSUM_SIGN = "sha256:"
"""Keeps a spreadsheet program from reading sixteen digits as a number."""
_CHECKSUM_DIGITS = 16

Place = tuple[str, int, int, str]
"""Document, start, end and checksum of a sentence."""


@dataclass(frozen=True, slots=True)
class Task:
    """A pair to be judged.

    Parameters
    ----------
    id
        ``DOCUMENT:START-END#STATE-ALLIANCE``, or the ready example's own.
    document
        Id of the document.
    start, end
        Offsets of the sentence in the document; of a ready example 0 and its length.
    sentence, context
        The sentence, and the text before it or nothing; control characters are replaced.
    checksum
        Of the sentence; see `checksum`.
    state, state_name, alliance, alliance_name
        The pair, as codes and in words.
    state_spans, alliance_spans
        Where the sentence names them: offsets into `sentence`, in order. Empty where nothing
        names it. Tasks read from a file have the first place of each word that stands there.
    title, date, speaker_state
        As in `Document`.
    speaker_name
        The state, or the alliance, that speaks, in words; empty where there is none.
    """

    id: str
    document: str
    start: int
    end: int
    sentence: str
    context: str
    checksum: str
    state: str
    state_name: str
    alliance: str
    alliance_name: str
    state_spans: tuple[tuple[int, int], ...] = ()
    alliance_spans: tuple[tuple[int, int], ...] = ()
    title: str = ""
    date: str = ""
    speaker_state: str | None = None
    speaker_name: str = ""

    @property
    def place(self) -> Place:
        """What the tasks of one sentence share."""
        return (self.document, self.start, self.end, self.checksum)

    def words(self, spans: Iterable[tuple[int, int]]) -> str:
        """Give the words of some spans, each once."""
        return _BETWEEN_WORDS.join(
            dict.fromkeys(" ".join(self.sentence[a:b].split()) for a, b in spans)
        )


def checksum(sentence: str) -> str:
    """Give the first 16 digits of a sentence's SHA-256, with a sign in front.

    Examples
    --------
    >>> checksum("Peru left.")
    'sha256:13f1ec77237fd54b'
    """
    return _CHECKSUM_SIGN + hashlib.sha256(sentence.encode()).hexdigest()[:_CHECKSUM_DIGITS]


def find_tasks(item: Document | Example, finder: CandidateFinder) -> Iterator[Task]:
    """Yield the tasks of a document, or the one of a ready example, without its label.

    Raises
    ------
    InputError
        If the id has a line break or a control character.
    """
    if any(unicodedata.category(character) in _CONTROLS for character in item.id):
        raise InputError(f"id {item.id!r:.80}", "a control character", "a plain id", "rename it")
    if isinstance(item, Example):
        yield _task(finder.mark_candidate(item.candidate), finder.knowledge, item.id)
        return
    for one in finder.find_candidates(item):
        id_ = pair_id(one.document, one.start, one.end, one.state, one.alliance)
        yield _task(one, finder.knowledge, id_)


def pair_id(document: str, start: int, end: int, state: str, alliance: str) -> str:
    """Name a pair of a document's sentence; ready examples have an id of their own.

    Examples
    --------
    >>> pair_id("speech", 0, 44, "ARM", "CSTO")
    'speech:0-44#ARM-CSTO'
    """
    return f"{document}:{start}-{end}#{state}-{alliance}"


def fits_a_cell(task: Task) -> bool:
    """Say whether a spreadsheet program would keep the task's text whole."""
    return max(len(task.sentence), len(task.context), len(task.title)) < CELL_LIMIT


class Drawn(NamedTuple):
    """Sentences that were drawn, all their tasks in the order given, and out of how many."""

    tasks: list[Task]
    sentence_count: int


def draw_sentences(tasks: Iterable[Task], count: int, *, seed: int) -> Drawn:
    """Draw sentences with all their tasks; every sentence is as likely.

    The draw depends on the sentences and the seed, not on the order of the files. Tasks are taken
    one at a time: only those of `count` sentences are held, and a number for each other sentence.

    Parameters
    ----------
    tasks
        To draw from.
    count
        Sentences wanted, 1 or more; with fewer, all are given.
    seed
        Of the draw.
    """
    kept: dict[Place, list[tuple[int, Task]]] = {}
    highest_first: list[tuple[int, Place]] = []
    numbers: set[int] = set()
    for position, task in enumerate(tasks):
        place = task.place
        if place not in kept:
            number = int(fingerprint(seed, place), base=16)
            numbers.add(hash(number))
            if len(kept) == count:
                if number > -highest_first[0][0]:
                    continue
                del kept[heapq.heappop(highest_first)[1]]
            heapq.heappush(highest_first, (-number, place))
            kept[place] = []
        kept[place].append((position, task))
    in_order = sorted((pair for own in kept.values() for pair in own), key=itemgetter(0))
    return Drawn([task for _, task in in_order], len(numbers))


def task_row(task: Task) -> dict[str, object]:
    """Give a task as a row of `TASK_COLUMNS`, not filled in."""
    return {
        "task": task.id,
        "title": task.title,
        "date": task.date,
        "speaker_state": task.speaker_state or "",
        "speaker_name": task.speaker_name,
        "context": task.context,
        "sentence": task.sentence,
        "state": task.state,
        "state_name": task.state_name,
        "state_words": task.words(task.state_spans),
        "alliance": task.alliance,
        "alliance_name": task.alliance_name,
        "alliance_words": task.words(task.alliance_spans),
        "document": task.document,
        "start": task.start,
        "end": task.end,
        "checksum": task.checksum,
    }


def tasks_text(tasks: Iterable[Task]) -> str:
    """Give tasks as the content of a `tasks.csv`."""
    return sheet_text(TASK_COLUMNS, map(task_row, tasks))


def read_tasks(paths: Iterable[Path], knowledge: Knowledge) -> dict[str, Task]:
    """Read one or more `tasks.csv`, keyed by id; what is filled in is not looked at.

    Raises
    ------
    InputError
        If a file cannot be read, a sentence does not fit its checksum, a cell was rewritten, or
        one id stands for two tasks.
    KnowledgeError
        If a state or an alliance is not known.
    """
    tasks: dict[str, Task] = {}
    for path in paths:
        for row in read_sheet(path, _NEEDED):
            task = _read_task(row, knowledge)
            known = tasks.setdefault(task.id, task)
            if known.place != task.place:
                raise InputError(
                    row.where, f"a second task {task.id!r}", "each id once", "remove one row"
                )
    return tasks


def _task(candidate: Candidate, knowledge: Knowledge, task_id: str) -> Task:
    sentence = replace_controls(candidate.text)

    def spans(kind: str, name: str) -> tuple[tuple[int, int], ...]:
        return tuple(
            (mention.start, mention.end)
            for mention in candidate.mentions
            if mention.kind == kind and mention.id == name
        )

    return Task(
        id=task_id,
        document=candidate.document,
        start=candidate.start,
        end=candidate.end,
        sentence=sentence,
        context=replace_controls(candidate.context),
        checksum=checksum(sentence),
        state=candidate.state,
        state_name=knowledge.states[candidate.state].name,
        alliance=candidate.alliance,
        alliance_name=knowledge.alliances[candidate.alliance].name,
        state_spans=spans("state", candidate.state),
        alliance_spans=spans("alliance", candidate.alliance),
        title=replace_controls(candidate.title),
        date=candidate.date,
        speaker_state=candidate.speaker_state,
        speaker_name=_speaker_name(candidate.speaker_state, knowledge),
    )


def _speaker_name(code: str | None, knowledge: Knowledge) -> str:
    if code is None:
        return ""
    # an alliance can speak too
    return (knowledge.alliances.get(code) or knowledge.states[code]).name


def _read_task(row: SheetRow, knowledge: Knowledge) -> Task:
    cells = {name: unescape_cell(cell) for name, cell in row.cells.items()}
    knowledge.check_pair(row.where, cells["state"], cells["alliance"])
    speaker = cells["speaker_state"] or None
    if speaker is not None and speaker not in knowledge.alliances:
        knowledge.check_state(row.where, speaker)
    _check_cells(row, cells)
    return Task(
        id=cells["task"],
        document=cells["document"],
        start=int(cells["start"]),
        end=int(cells["end"]),
        sentence=cells["sentence"],
        context=cells["context"],
        checksum=full_checksum(cells["checksum"]),
        state=cells["state"],
        state_name=knowledge.states[cells["state"]].name,
        alliance=cells["alliance"],
        alliance_name=knowledge.alliances[cells["alliance"]].name,
        state_spans=_places(cells.get("state_words", ""), cells["sentence"]),
        alliance_spans=_places(cells.get("alliance_words", ""), cells["sentence"]),
        title=cells["title"],
        date=cells["date"],
        speaker_state=speaker,
        speaker_name=_speaker_name(speaker, knowledge),
    )


def _places(words: str, sentence: str) -> tuple[tuple[int, int], ...]:
    """Find again where a sentence has the words of a cell; each place counts once."""
    places = []
    for one in filter(None, words.split(_BETWEEN_WORDS)):
        found = re.search(r"\s+".join(map(re.escape, one.split())), sentence)
        if found is not None:
            places.append(found.span())
    return tuple(sorted(places))


def _check_cells(row: SheetRow, cells: dict[str, str]) -> None:
    """Refuse a row that somebody or a spreadsheet program has rewritten."""
    problem = ""
    pointer = ":{start}-{end}#{state}-{alliance}".format_map(cells)
    if not cells["task"] or not cells["document"] or not cells["sentence"].strip():
        problem = "an empty cell among task, document and sentence"
    elif not (cells["start"].isdecimal() and cells["end"].isdecimal()):
        problem = f"start {cells['start']!r} and end {cells['end']!r}"
    elif cells["task"].endswith(pointer) and cells["task"] != cells["document"] + pointer:
        # a document 001 that a program took for the number 1
        problem = f"document {cells['document']!r} for task {cells['task']!r}"
    elif cells["date"] and not is_date(cells["date"]):
        problem = f"date {cells['date']!r}, not YYYY, YYYY-MM or YYYY-MM-DD"
    elif not _fits(row.cells["sentence"], full_checksum(cells["checksum"])):
        problem = f"a sentence that does not fit its checksum {cells['checksum']!r}"
    if problem:
        raise InputError(
            row.where, problem, "the task as it was exported", "name the tasks.csv of the export"
        )


def full_checksum(cell: str) -> str:
    """Give a checksum with its sign, whether or not it has it."""
    return cell if cell.startswith(_CHECKSUM_SIGN) else _CHECKSUM_SIGN + cell


def _fits(cell: str, wanted: str) -> bool:
    """Compare a checksum, whatever a program did to the mark and the line breaks."""
    for text in (unescape_cell(cell), cell):
        plain = text.replace("\r\n", "\n")
        if wanted in map(checksum, (text, plain, plain.replace("\n", "\r\n"))):
            return True
    return False


def shown_difference(task: Task, shown: Mapping[str, str]) -> str:
    """Say how what an annotator was shown differs from a task; empty where it does not.

    Parameters
    ----------
    task
        As it was exported.
    shown
        Cells of the filled-in file; what it lacks is not compared.
    """
    for name, own in (("state", task.state), ("alliance", task.alliance)):
        if shown.get(name, own).strip() != own:
            return f"{name} {shown[name]!r}, but the task is about {own}"
    given = shown.get("checksum", task.checksum).strip()
    if full_checksum(given) != task.checksum:
        return f"checksum {given!r}, but the task has {task.checksum!r}: another text"
    for name, own in (("sentence", task.sentence), ("context", task.context)):
        if name in shown and not is_same_text(shown[name], own):
            return f"the {name} was edited: {' '.join(shown[name].split())!r:.60}"
    return ""
