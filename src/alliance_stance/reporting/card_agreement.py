"""The part of a data card that tells how far its annotators agree."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from alliance_stance.labeling.agreement import (
    Alpha,
    alpha,
    alpha_interval,
    as_stances,
    confusion,
    denied_tasks,
    document_of,
    independent,
    only_tasks,
    pairwise,
    stance_of,
    with_pair,
)
from alliance_stance.labeling.annotations import ABSENT, read_annotations
from alliance_stance.schema import STANCES

_FEWEST = 50
"""Tasks below which a group gets no alpha of its own: it would say next to nothing."""
_WORST_ACTS = 10

_Labels = Mapping[str, Mapping[str, str]]


def agreement_rows(
    annotations: Path, registers: Mapping[str, str], *, writer: str | None = None
) -> Iterator[str]:
    """Write agreement, overall and by group, and the confusion between two passes, as Markdown.

    Parameters
    ----------
    annotations
        `task, worker, label`.
    registers
        Register of each document.
    writer
        Annotator who wrote the sentences too, and so is not independent of them; None for nobody.
    """
    everything = independent(read_annotations(annotations))
    if not pairwise(everything):
        yield "No two annotators labelled the same pairs, so there is no agreement to tell."
        return
    known = with_pair(everything)
    compared = only_tasks(known, _labelled_twice(known))
    denied = denied_tasks(everything)
    alone = {task for own in known.values() for task in own} - _labelled_twice(known)
    yield (
        f"**Agreement of {_annotators(compared, writer)}** (before adjudication; intervals "
        f"by document). On {len(denied)} more pairs at least one of them found that the sentence "
        "does not hold the pair."
        + (f" {len(alone)} more have one annotator's label alone." if alone else "")
    )
    yield ""
    yield from _overall(compared)
    yield ""
    yield "**By register** (alpha):"
    yield ""
    yield from _groups(compared, lambda task: registers.get(document_of(task), "left out"))
    yield ""
    yield f"**By alliance** (alpha; those with fewer than {_FEWEST} labelled pairs together):"
    yield ""
    yield from _groups(compared, lambda task: task.rpartition("#")[2].partition("-")[2])
    yield ""
    yield from _confusions(everything)


def part_rows(files: Iterable[Path]) -> Iterator[str]:
    """Write how far the annotators of each part of a union agree, as Markdown.

    Parameters
    ----------
    files
        The annotations of each part that has some.
    """
    yield (
        "**Agreement of annotators, part by part** (before adjudication, without pairs of which "
        "one of them found that the sentence does not hold them; intervals by document)."
    )
    yield ""
    yield "| annotations | annotators | pairs | documents | alpha of stances | alpha of acts |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for file in files:
        compared = with_pair(independent(read_annotations(file)))
        stances, acts = alpha_interval(as_stances(compared)), alpha_interval(compared)
        # a folder holds one set, and most sets call this file the same
        name = f"{file.parent.name}/{file.name}"
        cells = "- | -" if acts is None else f"{acts.tasks} | {acts.documents}"
        yield f"| {name} | {len(compared)} | {cells} | {_interval(stances)} | {_interval(acts)} |"


def _interval(found: Alpha | None) -> str:
    if found is None:
        return "-"
    bounds = "" if found.low is None else f" [{found.low:.3f}, {found.high:.3f}]"
    return f"{found.value:.3f}{bounds}"


def _labelled_twice(labels: _Labels) -> set[str]:
    """Give the tasks that two annotators or more have labelled: only these can be compared."""
    counts = Counter(task for own in labels.values() for task in own)
    return {task for task, count in counts.items() if count > 1}


def _annotators(labels: _Labels, writer: str | None) -> str:
    others = len(labels.keys() - {writer})
    if writer not in labels:
        return f"{others} independent annotators"
    more = "an independent annotator" if others == 1 else f"{others} independent annotators"
    return f"the writer of the sentences (`{writer}`) and {more}"


def _overall(labels: _Labels) -> Iterator[str]:
    yield "| label | pairs | documents | same | Cohen's kappa | Krippendorff's alpha |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for name, given in (("stance", as_stances(labels)), ("act", labels)):
        measured = next(iter(pairwise(given).values()))
        interval = alpha_interval(given)
        if interval is not None:
            yield (
                f"| {name} | {interval.tasks} | {interval.documents} | {measured.share:.3f} | "
                f"{measured.kappa:.3f} | {_interval(interval)} |"
            )


def _groups(labels: _Labels, group_of: Callable[[str], str]) -> Iterator[str]:
    members: dict[str, list[str]] = {}
    for task in sorted({task for own in labels.values() for task in own}):
        members.setdefault(group_of(task), []).append(task)
    rest = sorted(name for name, tasks in members.items() if len(tasks) < _FEWEST)
    together = [task for name in rest for task in members.pop(name)]
    ordered = sorted(members.items(), key=lambda item: -len(item[1]))
    if together:
        ordered.append((f"{len(rest)} others", together))
    yield "| group | pairs | stance | act |"
    yield "| --- | --- | --- | --- |"
    for name, tasks in ordered:
        own = only_tasks(labels, tasks)
        stance, act = (_number(alpha(given)) for given in (as_stances(own), own))
        yield f"| {name} | {len(tasks)} | {stance} | {act} |"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _confusions(labels: _Labels) -> Iterator[str]:
    first, second = sorted(labels)[:2]
    stances = as_stances(labels)
    counts = confusion(stances[first], stances[second])
    columns = [*map(str, STANCES), ABSENT]
    yield f"**Confusion of stances** (rows `{first}`, columns `{second}`):"
    yield ""
    yield "| | " + " | ".join(columns) + " |"
    yield "|" + " --- |" * (len(columns) + 1)
    for row in columns:
        yield f"| {row} | " + " | ".join(str(counts[row, column]) for column in columns) + " |"
    yield ""
    acts = confusion(labels[first], labels[second])
    worst = [item for item in acts.most_common() if item[0][0] != item[0][1]][:_WORST_ACTS]
    yield "**Acts most often confused** (first, second): " + ", ".join(
        f"{a} for {b} {count}" + ("" if stance_of(a) == stance_of(b) else " (another stance)")
        for (a, b), count in worst
    )
