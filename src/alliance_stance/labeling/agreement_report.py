"""Agreement of annotators in one report: figures as JSON, and the same as Markdown."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import combinations
from typing import Any

from alliance_stance.errors import DatasetError
from alliance_stance.labeling.agreement import (
    Labels,
    alpha_interval,
    as_stances,
    class_agreement,
    confusion,
    denied_tasks,
    disagreements,
    document_of,
    independent,
    only_tasks,
    pairwise,
    stance_of,
    with_pair,
)
from alliance_stance.labeling.annotations import ABSENT
from alliance_stance.labeling.tasks import Task
from alliance_stance.schema import Act, Stance

_STANCES = (Stance.FAVOR, Stance.NEUTRAL, Stance.AGAINST, ABSENT)
_MOST_PAIRS = 3
"""Pairs of annotators whose confusion the Markdown shows one by one; the JSON has all."""
_MOST_CELLS = 12


def measure_all(
    labels: Labels, tasks: Mapping[str, Task] | None = None, *, where: str, seed: int = 0
) -> dict[str, Any]:
    """Measure all that the report tells.

    Parameters
    ----------
    labels
        By annotator and task; the adjudicator's are left out.
    tasks
        What was exported, for documents and text; None goes by the tasks' ids.
    where
        Name of the file, for errors.
    seed
        Of the intervals' draws.

    Returns
    -------
    dict
        JSON values (docs/formats.md).

    Raises
    ------
    DatasetError
        If no task has labels of two independent annotators.
    """
    own = independent(labels)
    counts = Counter(task for given in own.values() for task in given)
    shared = [task for task, count in counts.items() if count > 1]
    if not shared:
        raise DatasetError(
            where,
            f"no task with two labels, {len(counts)} with one of {', '.join(sorted(own)) or '-'}",
            "tasks labelled by two annotators or more (the adjudicator is not counted)",
            "let somebody else label them too",
        )
    known = tasks or {}
    documents = {task: known[task].document for task in shared if task in known}
    own = {name: given for name, given in only_tasks(own, shared).items() if given}
    kept = with_pair(own)
    stances = as_stances(kept)
    denied = denied_tasks(own)
    by_all = sum(all(given.get(t, ABSENT) == ABSENT for given in own.values()) for t in denied)
    alphas = {
        "stance": alpha_interval(stances, documents, seed=seed),
        "act": alpha_interval(kept, documents, seed=seed),
        "stance or none": alpha_interval(as_stances(own), documents, seed=seed),
    }
    return {
        "annotators": {name: len(given) for name, given in sorted(own.items())},
        "tasks": len(shared),
        "documents": len({documents.get(task) or document_of(task) for task in shared}),
        "labelled_once": len(counts) - len(shared),
        "denied": {"by_somebody": len(denied), "by_all": by_all},
        "alpha": {name: None if a is None else a._asdict() for name, a in alphas.items()},
        "pairs": list(_pairs(stances, kept, as_stances(own))),
        "classes": {
            "stance": _classes(as_stances(own), _STANCES),
            "act": _classes(own, (*Act, ABSENT)),
        },
        "confusion": list(_confusions(own)),
        "disagreements": [
            {
                "task": one.task,
                "labels": one.labels,
                "distance": one.distance,
                **(
                    {"sentence": known[one.task].sentence, "context": known[one.task].context}
                    if one.task in known
                    else {}
                ),
            }
            for one in disagreements(own)
        ],
    }


def agreement_markdown(figures: Mapping[str, Any], *, most: int | None = None) -> str:
    """Write the figures of `measure_all` for a reader.

    Parameters
    ----------
    figures
        As measured.
    most
        Disagreements that are listed; None lists all.
    """
    return "\n".join(
        [
            "# Agreement of the annotators",
            "",
            *_summary(figures),
            "",
            *_alpha_table(figures["alpha"]),
            "",
            *_pair_table(figures["pairs"]),
            "",
            *_class_tables(figures["classes"]),
            *_confusion_tables(figures["confusion"]),
            *_disagreement_list(figures["disagreements"], most),
            "",
        ]
    )


def _pairs(stances: Labels, acts: Labels, with_none: Labels) -> Iterator[dict[str, Any]]:
    measured = {"stance": pairwise(stances), "act": pairwise(acts), "none": pairwise(with_none)}
    for pair, everything in measured["none"].items():
        entry: dict[str, Any] = {"annotators": list(pair), "tasks": everything.count}
        for name in ("stance", "act"):
            found = measured[name].get(pair)
            entry[name] = (
                None
                if found is None
                else {"count": found.count, "share": found.share, "kappa": found.kappa}
            )
        yield entry


def _classes(labels: Labels, order: Sequence[str]) -> dict[str, dict[str, float]]:
    found = class_agreement(labels)
    return {str(name): asdict(found[name]) for name in order if name in found}


def _confusions(labels: Labels) -> Iterator[dict[str, Any]]:
    stances = as_stances(labels)
    for first, second in combinations(sorted(labels), 2):
        cells = confusion(labels[first], labels[second])
        if cells:
            counted = confusion(stances[first], stances[second])
            yield {
                "annotators": [first, second],
                "stance": {
                    str(row): {str(column): counted[row, column] for column in _STANCES}
                    for row in _STANCES
                },
                "act": [
                    [a, b, count]
                    for (a, b), count in sorted(cells.items(), key=lambda c: (-c[1], c[0]))
                    if a != b
                ],
            }


def _summary(figures: Mapping[str, Any]) -> Iterator[str]:
    people = ", ".join(f"{_plain(name)} ({n})" for name, n in figures["annotators"].items())
    denied = figures["denied"]
    yield (
        f"{figures['tasks']} tasks of {figures['documents']} documents have labels of two "
        f"annotators or more: {people}."
    )
    if figures["labelled_once"]:
        yield f"{figures['labelled_once']} more have one label, which can be compared with nothing."
    yield (
        f"On {denied['by_somebody']} of them somebody found no such pair in the sentence (`none`), "
        f"on {denied['by_all']} everybody did; the rows `stance` and `act` leave them out."
    )


def _alpha_table(alphas: Mapping[str, Any]) -> Iterator[str]:
    yield "| label | Krippendorff's alpha [95 %] | tasks |"
    yield "| --- | --- | --- |"
    for name, found in alphas.items():
        if found is None:
            yield f"| {name} | - | 0 |"
            continue
        interval = "" if found["low"] is None else f" [{found['low']:.3f}, {found['high']:.3f}]"
        yield f"| {name} | {found['value']:.3f}{interval} | {found['tasks']} |"
    yield ""
    yield (
        "The interval is over resampled documents; of one document, or where all labels are the "
        "same one, there is none. Alpha is 1 where all agree and 0 where they agree as by chance. "
        "Krippendorff takes 0.8 for reliable and 0.667 as the least for careful conclusions."
    )


def _pair_table(pairs: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    yield "## Each two annotators"
    yield ""
    yield "| annotators | tasks | no `none` | same stance | kappa | same act | kappa |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for pair in pairs:
        cells = []
        for name in ("stance", "act"):
            found = pair[name]
            cells += (
                ["-", "-"] if found is None else [f"{found[k]:.3f}" for k in ("share", "kappa")]
            )
        count = 0 if pair["act"] is None else pair["act"]["count"]
        names = " and ".join(map(_plain, pair["annotators"]))
        yield f"| {names} | {pair['tasks']} | {count} | {' | '.join(cells)} |"


def _class_tables(classes: Mapping[str, Any]) -> Iterator[str]:
    yield "## Each label"
    yield ""
    yield "Where one annotator gives the label, the share of the others who give it too."
    yield ""
    for name, rows in classes.items():
        yield f"| {name} | agreement | times given |"
        yield "| --- | --- | --- |"
        for label, found in rows.items():
            yield f"| {label} | {found['share']:.3f} | {found['count']} |"
        yield ""


def _confusion_tables(confusions: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "## Who says what where"
    yield ""
    if len(confusions) > _MOST_PAIRS:
        yield f"The matrices of the {len(confusions)} pairs of annotators are in the JSON output."
        yield ""
        return
    for found in confusions:
        first, second = map(_plain, found["annotators"])
        yield f"| {first} \\ {second} | " + " | ".join(_STANCES) + " |"
        yield "|" + " --- |" * (1 + len(_STANCES))
        for row, cells in found["stance"].items():
            yield f"| {row} | " + " | ".join(str(cells[column]) for column in _STANCES) + " |"
        yield ""
        if found["act"]:
            shown = found["act"][:_MOST_CELLS]
            listed = ", ".join(f"{a} / {b} {count}" for a, b, count in shown)
            more = len(found["act"]) - len(shown)
            yield f"Acts that differ, {first} / {second}: {listed}" + (
                f", and {more} rarer kinds." if more else "."
            )
            yield ""


def _disagreement_list(found: Sequence[Mapping[str, Any]], most: int | None) -> Iterator[str]:
    yield f"## The {len(found)} tasks that differ, the furthest apart first"
    yield ""
    shown = found if most is None else found[:most]
    for one in shown:
        labels = ", ".join(f"{_plain(name)} {label}" for name, label in one["labels"].items())
        yield f"- `{one['task'].replace('`', '')}`: {labels} ({_kind(one['labels'])})"
        if "sentence" in one:
            before = f"[{_plain(one['context'])}] " if one["context"] else ""
            yield f"  {before}{_plain(one['sentence'])}"
    if len(shown) < len(found):
        yield f"- ... and {len(found) - len(shown)} more; `--output` writes all."


def _kind(labels: Mapping[str, str]) -> str:
    stances = [stance for stance in _STANCES if stance in map(stance_of, labels.values())]
    return " / ".join(stances) if len(stances) > 1 else f"all {stances[0]}"


def _plain(text: str) -> str:
    """Give text on one line in which Markdown and HTML find nothing of theirs."""
    flat = " ".join(text.split())
    for sign in "\\`*_[]|":
        flat = flat.replace(sign, f"\\{sign}")
    return flat.replace("&", "&amp;").replace("<", "&lt;")
