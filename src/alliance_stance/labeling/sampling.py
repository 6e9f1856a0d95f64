"""Tasks drawn by the stance that a model gave them, and how probable each was to be drawn.

The probabilities stand in a file of their own, `sampling.csv` beside `tasks.csv`: in the tasks they
would tell the annotators what the model says. Weighting by them is design-based supervised learning
(docs/panels.md).
"""

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from alliance_stance.errors import InputError
from alliance_stance.fingerprints import fingerprint
from alliance_stance.labeling.sheets import SheetRow, read_sheet, sheet_text, unescape_cell
from alliance_stance.labeling.tasks import Task

SAMPLING = "sampling.csv"
SAMPLING_PROBABILITY = "sampling_probability"
"""Column, and key of a labelled line: how probable it was that this triple would be drawn."""
_COLUMNS = ("task", SAMPLING_PROBABILITY)


class DrawnByStance(NamedTuple):
    """What was drawn.

    Parameters
    ----------
    tasks
        In the order given.
    probabilities
        Of each of them to be drawn, by id; above 0, at most 1.
    found
        How many tasks had each stance.
    """

    tasks: list[Task]
    probabilities: dict[str, float]
    found: Counter[str]


def draw_by_stance(
    tasks: Iterable[Task], stances: Mapping[str, str], count: int, *, seed: int
) -> DrawnByStance:
    """Draw so many tasks of each stance; within a stance each is as likely.

    The draw depends on the tasks, their stances and the seed, not on the order of the files.

    Parameters
    ----------
    tasks
        To draw from; those without a stance are left out.
    stances
        What the model says, by the task's id.
    count
        Tasks wanted of each stance, 1 or more; of a stance with fewer, all are given.
    seed
        Of the draw.
    """
    kept: dict[str, list[tuple[int, int, Task]]] = {}
    found: Counter[str] = Counter()
    for position, task in enumerate(tasks):
        stance = stances.get(task.id)
        if stance is None:
            continue
        found[stance] += 1
        own = kept.setdefault(stance, [])
        # the heap gives up its smallest, and the smallest numbers are wanted
        one = (-int(fingerprint(seed, task.id), base=16), position, task)
        if len(own) < count:
            heapq.heappush(own, one)
        else:
            heapq.heappushpop(own, one)
    drawn = sorted(
        (position, task, len(own) / found[stance])
        for stance, own in kept.items()
        for _, position, task in own
    )
    return DrawnByStance(
        [task for _, task, _ in drawn],
        {task.id: probability for _, task, probability in drawn},
        found,
    )


def sampling_text(probabilities: Mapping[str, float]) -> str:
    """Give probabilities by task as the content of a `sampling.csv`."""
    return sheet_text(
        _COLUMNS, (dict(zip(_COLUMNS, row, strict=True)) for row in probabilities.items())
    )


def read_sampling(paths: Iterable[Path], tasks: Iterable[str]) -> dict[str, float]:
    """Read how probable each task was to be drawn, from the files beside some `tasks.csv`.

    Parameters
    ----------
    paths
        The `tasks.csv`, which need no such file beside them.
    tasks
        Ids of all their tasks.

    Returns
    -------
    dict
        Of every task, or empty where no file was there.

    Raises
    ------
    InputError
        If a probability is none, or only some of the tasks have one.
    """
    files = [path.with_name(SAMPLING) for path in paths]
    files = [path for path in files if path.exists()]
    read = {
        unescape_cell(row.cells["task"]): _probability(row)
        for path in files
        for row in read_sheet(path, _COLUMNS)
    }
    without = [task for task in tasks if task not in read]
    if files and without:
        raise InputError(
            ", ".join(map(str, files)),
            f"no probability of {len(without)} tasks, such as {without[0]}",
            "one for each task, or none for any",
            "settle exports that were drawn in different ways one by one",
        )
    return read


def _probability(row: SheetRow) -> float:
    cell = row.cells[SAMPLING_PROBABILITY]
    try:
        value = float(cell)
    except ValueError:
        value = 0.0
    # a NaN is refused as well
    if not 0 < value <= 1:
        raise InputError(
            row.where,
            f"{SAMPLING_PROBABILITY} {cell!r}",
            "a number above 0, at most 1",
            "take the file as `annotate export` wrote it",
        )
    return value
