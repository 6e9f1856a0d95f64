"""Take what annotators filled in, or say of every row that cannot be taken why."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from alliance_stance.errors import DatasetError, InputError, KnowledgeError
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.labeling.annotations import (
    ABSENT,
    LABELS,
    Annotation,
    read_annotation_rows,
    worker_name,
)
from alliance_stance.labeling.judgements import Judgement
from alliance_stance.labeling.label_studio import read_studio_export
from alliance_stance.labeling.sheets import read_sheet, unescape_cell
from alliance_stance.labeling.tasks import SHOWN_COLUMNS, Task, shown_difference
from alliance_stance.schema import STANCE_OF_ACT, Act

MOST_TOLD = 20
"""Problems that one error lists; the others are counted."""
_WORKER = re.compile(r"\w[\w.@+ -]*")
_NOBODY = frozenset({"tasks", "left"})
"""Names that the tool itself gives to files, so that they name no annotator."""


@dataclass(frozen=True)
class Taken:
    """What an import found.

    Parameters
    ----------
    rows
        One per worker and task, in the order of the files.
    unfilled
        Rows without an act; cancelled annotations count here too.
    noted
        How many of those have a note.
    places
        File and place of each row, in the order of `rows`.
    paths
        The files.
    """

    rows: list[Annotation]
    unfilled: int
    noted: int
    places: list[str]
    paths: Sequence[Path]

    @property
    def by_worker(self) -> Counter[str]:
        """Labels of each annotator."""
        return Counter(row.worker for row in self.rows)


def import_files(
    paths: Sequence[Path], tasks: Mapping[str, Task], knowledge: Knowledge, *, worker: str = ""
) -> Taken:
    """Read filled-in tables and Label Studio exports, and check every row against the codebook.

    Parameters
    ----------
    paths
        Files that end in ``.json`` are Label Studio exports, all others tables.
    tasks
        What was exported, by id.
    knowledge
        Whose codes are allowed.
    worker
        Name of the annotator, whatever a file of one annotator calls them; empty where the files
        tell it: in a column `worker` (or `annotator`), an export's accounts, or a table's name.

    Raises
    ------
    InputError
        If a file cannot be read, or rows cannot be taken; then all of them are told at once.
    """
    if worker and not _WORKER.fullmatch(worker):
        raise InputError("--worker", repr(worker), "letters, digits and . @ + - _", "rename")
    judgements = [j for path in paths for j in _read(path, worker)]
    filled = [j for j in judgements if j.act or j.stance]
    problems: list[str] = []
    first: dict[tuple[str, str], tuple[Annotation, str]] = {}
    for judgement in filled:
        problem = _problem(judgement, tasks, knowledge)
        if not problem:
            row = _annotation(judgement)
            known, place = first.setdefault((row.worker, row.task), (row, judgement.where))
            if known.label != row.label:
                problem = f"{row.worker!r} says {row.label!r} here, {known.label!r} in {place}"
        if problem:
            problems.append(f"{judgement.where}: {problem}")
    refuse(problems, paths)
    left = [j for j in judgements if not (j.act or j.stance)]
    return Taken(
        rows=[row for row, _ in first.values()],
        unfilled=len(left),
        noted=sum(bool(j.note) for j in left),
        places=[place for _, place in first.values()],
        paths=paths,
    )


def merge(known: Iterable[Annotation], taken: Taken, path: Path) -> list[Annotation]:
    """Add new annotations to known ones, those of `path`.

    Raises
    ------
    InputError
        If a worker has labelled a task otherwise before.
    """
    rows = {(row.task, row.worker): row for row in known}
    problems = []
    for row, place in zip(taken.rows, taken.places, strict=True):
        before = rows.get((row.task, row.worker))
        if before is not None and before.label != row.label:
            problems.append(
                f"{place}: task {row.task}: {row.worker!r} says {row.label!r} here, "
                f"{before.label!r} in {path}"
            )
        # the same label again may come without the note that it had
        rows[row.task, row.worker] = row if row.note or before is None else before
    refuse(problems, taken.paths, expected="one label of a worker for a task")
    return list(rows.values())


def refuse(
    problems: Sequence[str],
    paths: Sequence[Path],
    *,
    expected: str = f"the exported tasks, each with one act ({', '.join(LABELS)})",
) -> None:
    """Raise one error that tells all problems, or as many as can be read; with none, do nothing.

    Raises
    ------
    InputError
        If there is a problem.
    """
    if not problems:
        return
    lines = list(problems[:MOST_TOLD])
    if len(problems) > MOST_TOLD:
        lines.append(f"... and {len(problems) - MOST_TOLD} more")
    raise InputError(
        ", ".join(map(str, paths)),
        f"{len(problems)} row{'s' if len(problems) > 1 else ''} that cannot be taken",
        expected,
        "mend these and import again; nothing was written:" + "".join(f"\n  {x}" for x in lines),
    )


def _read(path: Path, worker: str) -> Iterator[Judgement]:
    """Yield a file's judgements, each with its annotator."""
    is_export = path.suffix.lower() == ".json"
    judgements = list(read_studio_export(path) if is_export else read_filled_in(path))
    named = sorted({j.worker for j in judgements if j.worker})
    if worker and len(named) > 1:
        raise InputError(
            str(path), f"labels of {', '.join(named)}", "one annotator", "leave --worker out"
        )
    by_file = "" if is_export else path.stem
    if not (worker or named) and by_file.lower() in _NOBODY:
        raise InputError(
            str(path),
            "no annotator's name",
            "a file named after its annotator",
            "rename it, or give --worker",
        )
    for judgement in judgements:
        yield judgement._replace(worker=worker_name(worker or judgement.worker or by_file))


def read_filled_in(path: Path) -> Iterator[Judgement]:
    """Yield the rows of a filled-in `tasks.csv` or `left.csv`.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    for row in read_sheet(path, ("task", "act")):
        cells = {name: unescape_cell(cell).strip() for name, cell in row.cells.items()}
        yield Judgement(
            where=row.where,
            # an id is kept as it is: that of a document may begin with a space
            task=unescape_cell(row.cells["task"]),
            worker=cells.get("worker") or cells.get("annotator") or "",
            act=cells["act"].lower(),
            stance=cells.get("stance", "").lower(),
            note=" ".join(cells.get("note", "").split()),
            shown={name: row.cells[name] for name in SHOWN_COLUMNS if name in row.cells},
        )


def _annotation(judgement: Judgement) -> Annotation:
    return Annotation(
        judgement.task, judgement.worker, judgement.act, " ".join(judgement.note.split())
    )


def _problem(judgement: Judgement, tasks: Mapping[str, Task], knowledge: Knowledge) -> str:
    """Say why a judgement cannot be taken; empty where it can."""
    if judgement.problem:
        return judgement.problem
    if not _WORKER.fullmatch(judgement.worker):
        return f"worker {judgement.worker!r}, not letters, digits and . @ + - _"
    unknown = _unknown_code(judgement, knowledge)
    if unknown:
        return unknown
    if judgement.task not in tasks:
        return f"task {judgement.task!r} is not among the exported tasks"
    return shown_difference(tasks[judgement.task], judgement.shown) or _label_problem(
        judgement.act, judgement.stance
    )


def _unknown_code(judgement: Judgement, knowledge: Knowledge) -> str:
    state, alliance = (judgement.shown.get(name, "").strip() for name in ("state", "alliance"))
    if not (state and alliance):
        return ""
    try:
        knowledge.check_pair("", state, alliance)
    except KnowledgeError as error:
        return f"{error.found}, not {error.expected}"
    return ""


def _label_problem(act: str, stance: str) -> str:
    if not act:
        return f"stance {stance!r} without an act"
    if act not in LABELS:
        near = get_close_matches(act, LABELS, n=1)
        return f"unknown act {act!r}" + (f"; did you mean {near[0]!r}?" if near else "")
    wanted = ABSENT if act == ABSENT else str(STANCE_OF_ACT[Act(act)])
    if stance and stance != wanted:
        return f"act {act!r} with stance {stance!r}; its stance is {wanted!r}"
    return ""


def read_known(path: Path) -> list[Annotation]:
    """Read the annotations that a file holds already; none where there is no file.

    Raises
    ------
    DatasetError
        If the file is no table of annotations.
    """
    if not path.exists():
        return []
    try:
        return read_annotation_rows(path)
    except DatasetError as error:
        raise DatasetError(
            error.where, error.found, error.expected, "name another --output, or mend it"
        ) from None
