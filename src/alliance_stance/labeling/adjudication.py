"""Settle labels that differ: by votes or by Dawid and Skene's model, and by a person in the end.

Dawid and Skene 1979 estimate with an EM algorithm how often each annotator takes each label for
each other one, and weigh the labels by it. The aggregation is crowd-kit's.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from alliance_stance.labeling.annotations import (
    ABSENT,
    ADJUDICATOR,
    LABELS,
    Annotation,
    by_worker,
)
from alliance_stance.labeling.sampling import SAMPLING_PROBABILITY
from alliance_stance.labeling.sheets import sheet_text
from alliance_stance.labeling.tasks import TASK_COLUMNS, Task, task_row
from alliance_stance.schema import STANCE_OF_ACT, Act

_SAME = 1e-9
"""Confidences that differ by less are equal: sums of floating-point numbers."""
FEW_ANNOTATORS = 3
FEW_LABELS = 50


class Method(StrEnum):
    """How labels are brought together."""

    MAJORITY = "majority"
    DAWID_SKENE = "dawid-skene"


class Why(StrEnum):
    """Why a task is not settled; the empty value says that it is."""

    SETTLED = ""
    UNLABELLED = "nobody labelled it"
    FEW = "too few labels"
    TIE = "tie"
    NO_MAJORITY = "no label has more than half"
    UNSURE = "below the wanted confidence"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one task.

    Parameters
    ----------
    label
        An act or `none`; None where it is not settled.
    by
        ``"adjudicator"`` or the method; empty where it is not settled.
    confidence
        Of the likeliest label: its share of the votes, or its probability; 1 where a person has
        settled it, None where nobody has labelled it.
    why
        Why it is not settled.
    """

    label: str | None
    by: str
    confidence: float | None
    why: Why


@dataclass(frozen=True, slots=True)
class Skill:
    """How good Dawid and Skene's model takes an annotator to be.

    `accuracy` is the probability that a label of theirs is the right one; `by_label` how often
    they give a label where it is right; `count` their labels.
    """

    count: int
    accuracy: float
    by_label: dict[str, float]


@dataclass(frozen=True)
class Settlement:
    """All verdicts by task, in the order of the tasks, and with Dawid-Skene the annotators'."""

    verdicts: dict[str, Verdict]
    skills: dict[str, Skill]

    def count(self) -> Counter[str]:
        """Count what became of the tasks, by ``by`` of a settled one and by ``why`` of another."""
        return Counter(v.by or str(v.why) for v in self.verdicts.values())


def settle(
    rows: Iterable[Annotation],
    tasks: Mapping[str, Task],
    *,
    method: Method = Method.MAJORITY,
    min_confidence: float = 0.0,
    min_labels: int = 1,
) -> Settlement:
    """Settle each task by its labels.

    A label of the adjudicator always wins. Else the likeliest label wins if its confidence is
    above one half, so that no tie and no mere plurality is settled, and at least `min_confidence`.

    Parameters
    ----------
    rows
        The annotations; those of other tasks are left aside.
    tasks
        What was exported, by id.
    method
        How the labels of the independent annotators are brought together.
    min_confidence
        In [0, 1].
    min_labels
        With fewer independent labels a task is left to a person.
    """
    own = sorted(row for row in rows if row.task in tasks)
    final = {row.task: row.label for row in own if row.worker == ADJUDICATOR}
    votes = [row for row in own if row.worker != ADJUDICATOR]
    given = Counter(row.task for row in votes)
    likely, skills = _aggregate(votes, final, method)
    verdicts = {}
    for task in tasks:
        if task in final:
            verdicts[task] = Verdict(final[task], ADJUDICATOR, 1.0, Why.SETTLED)
        elif not given[task]:
            verdicts[task] = Verdict(None, "", None, Why.UNLABELLED)
        else:
            is_enough = given[task] >= min_labels
            verdicts[task] = _verdict(likely[task], method, min_confidence, is_enough=is_enough)
    return Settlement(verdicts, skills)


def settled_rows(
    settlement: Settlement,
    tasks: Mapping[str, Task],
    probabilities: Mapping[str, float] | None = None,
) -> list[dict[str, str | float | None]]:
    """Give every settled task as a line for `panel` (docs/formats.md); a stance may be `none`.

    A panel counts every pair that extraction found, those too that no sentence holds. Their labels
    are as much a part of a random sample as the others. `probabilities` tells by id how probable a
    task was to be drawn; lines of other tasks do not tell it.
    """
    drawn = probabilities or {}
    rows: list[dict[str, str | float | None]] = []
    for task_id, verdict in settlement.verdicts.items():
        if verdict.label is None:
            continue
        task = tasks[task_id]
        is_absent = verdict.label == ABSENT
        rows.append(
            {
                "id": task.id,
                "document": task.document,
                "text": task.sentence,
                "context": task.context,
                "title": task.title,
                "date": task.date,
                "speaker_state": task.speaker_state,
                "state": task.state,
                "alliance": task.alliance,
                "stance": ABSENT if is_absent else str(STANCE_OF_ACT[Act(verdict.label)]),
                "act": None if is_absent else verdict.label,
                "settled_by": verdict.by,
                "confidence": round(verdict.confidence or 0.0, 6),
                **({SAMPLING_PROBABILITY: drawn[task_id]} if task_id in drawn else {}),
            }
        )
    return rows


def labelled_rows(
    settlement: Settlement,
    tasks: Mapping[str, Task],
    probabilities: Mapping[str, float] | None = None,
) -> list[dict[str, str | float | None]]:
    """Give the settled tasks that hold a pair as lines of ready examples (docs/formats.md)."""
    rows = settled_rows(settlement, tasks, probabilities)
    return [row for row in rows if row["stance"] != ABSENT]


def left_text(settlement: Settlement, tasks: Mapping[str, Task], rows: Sequence[Annotation]) -> str:
    """Give the tasks that a person has to settle, with what each annotator said, as CSV.

    Tasks that nobody has labelled are not among them: they are for the annotators.
    """
    labels = by_worker(rows)
    names = sorted(name for name in labels if name != ADJUDICATOR)
    notes: dict[str, list[str]] = {}
    for row in sorted(rows):
        if row.note:
            notes.setdefault(row.task, []).append(f"{row.worker}: {row.note}")
    left = [
        {
            **task_row(tasks[task]),
            "why": verdict.why,
            **{f"label_{name}": labels[name].get(task, "") for name in names},
            "notes": "; ".join(notes.get(task, ())),
        }
        for task, verdict in settlement.verdicts.items()
        if verdict.why not in (Why.SETTLED, Why.UNLABELLED)
    ]
    # the labels stand beside the cell that they help to fill in
    cut = TASK_COLUMNS.index("act")
    told = ("why", *(f"label_{name}" for name in names), "notes")
    return sheet_text((*TASK_COLUMNS[:cut], *told, *TASK_COLUMNS[cut:]), left)


def settlement_markdown(settlement: Settlement, rows: Sequence[Annotation], folder: Path) -> str:
    """Tell what became of the tasks and, with Dawid-Skene, how good the annotators seem to be."""
    verdicts = settlement.verdicts
    given = Counter(row.task for row in rows if row.worker != ADJUDICATOR)
    absent = sum(v.label == ABSENT for v in verdicts.values())
    settled = sum(v.label is not None for v in verdicts.values())
    alone = sum(
        v.label is not None and v.by != ADJUDICATOR and given[t] == 1 for t, v in verdicts.items()
    )
    lines = ["| tasks | count |", "| --- | --- |", f"| in all | {len(verdicts)} |"]
    lines += [
        f"| settled by {name} | {count} |"
        for name, count in settlement.count().items()
        if name in (ADJUDICATOR, *Method)
    ]
    lines.append(f"| of the settled: no such pair (`none`) | {absent} |")
    lines.append(f"| of the settled: by one label alone | {alone} |")
    counts = settlement.count()
    lines += [f"| not settled: {why} | {counts[why]} |" for why in Why if why and counts[why]]
    left = len(verdicts) - settled - counts[Why.UNLABELLED]
    lines += [
        "",
        f"{folder / 'labelled.jsonl'}: {settled - absent} labelled examples, for evaluate and "
        "compare  ",
        f"{folder / 'settled.jsonl'}: {settled} settled tasks, for panel --labelled; the {absent} "
        "`none`, which labelled.jsonl leaves out, count as neutral there  ",
        f"{folder / 'left.csv'}: {left} tasks for a person",
        "",
    ]
    return "\n".join([*lines, *_skill_lines(settlement.skills)])


def _skill_lines(skills: Mapping[str, Skill]) -> list[str]:
    if not skills:
        return []
    labels = [label for label in LABELS if any(label in s.by_label for s in skills.values())]
    lines = [
        "Estimated by Dawid-Skene: how often a label of the annotator is right, and how often the "
        "annotator gives a label where it is right.",
        "",
        "| annotator | labels | right | " + " | ".join(labels) + " |",
        "|" + " --- |" * (3 + len(labels)),
    ]
    for name, skill in skills.items():
        cells = " | ".join(f"{skill.by_label.get(label, 0.0):.2f}" for label in labels)
        lines.append(f"| {name} | {skill.count} | {skill.accuracy:.3f} | {cells} |")
    return [*lines, ""]


def caveats(rows: Iterable[Annotation], method: Method) -> list[str]:
    """Say what the method cannot do with so few annotators or labels; nothing for votes."""
    counts = Counter(row.worker for row in rows if row.worker != ADJUDICATOR)
    if method is not Method.DAWID_SKENE or not counts:
        return []
    told = []
    if len(counts) < FEW_ANNOTATORS:
        told.append(
            f"Dawid-Skene with {len(counts)} annotator{'s' if len(counts) > 1 else ''} cannot tell "
            "who is right where they differ: it follows the more usual label. The accuracies below "
            "say little; take --method majority, and settle what is left by hand."
        )
    few = sorted(name for name, count in counts.items() if count < FEW_LABELS)
    if few:
        told.append(
            f"fewer than {FEW_LABELS} labels of {', '.join(few)}: Dawid-Skene estimates up to 15 "
            "by 15 numbers for each annotator, so that theirs are guesses"
        )
    return told


def _verdict(
    likely: Sequence[tuple[float, str]], method: Method, wanted: float, *, is_enough: bool
) -> Verdict:
    (confidence, label), *others = likely
    if not is_enough:
        why = Why.FEW
    elif others and confidence - others[0][0] < _SAME:
        why = Why.TIE
    elif confidence <= 0.5 + _SAME:
        why = Why.NO_MAJORITY
    elif confidence < wanted - _SAME:
        why = Why.UNSURE
    else:
        return Verdict(label, str(method), confidence, Why.SETTLED)
    return Verdict(None, "", confidence, why)


def _aggregate(
    votes: Sequence[Annotation], final: Mapping[str, str], method: Method
) -> tuple[dict[str, list[tuple[float, str]]], dict[str, Skill]]:
    """Give each task's labels with their confidences, the likeliest first, and the skills."""
    if not votes:
        return {}, {}
    import pandas as pd

    # crowd-kit's sums follow the order of the rows, so it must not depend on the files'
    data = pd.DataFrame(
        sorted((row.task, row.worker, row.label) for row in votes),
        columns=["task", "worker", "label"],
    )
    skills: dict[str, Skill] = {}
    if method is Method.MAJORITY:
        from crowdkit.aggregation import MajorityVote

        probabilities = MajorityVote().fit_predict_proba(data)
    else:
        probabilities, skills = _dawid_skene(data, final)
    likely = {
        str(task): sorted(
            ((float(p), str(label)) for label, p in zip(probabilities.columns, own, strict=True)),
            key=lambda one: (-one[0], one[1]),
        )
        for task, own in zip(probabilities.index, probabilities.to_numpy(), strict=True)
    }
    return likely, skills


def _dawid_skene(data: Any, final: Mapping[str, str]) -> tuple[Any, dict[str, Skill]]:  # noqa: ANN401 - pandas
    """Fit the model; what a person has settled is taken as known."""
    import pandas as pd
    from crowdkit.aggregation import DawidSkene

    judged = set(data["task"])
    known = {task: label for task, label in sorted(final.items()) if task in judged}
    # the model knows the labels of its rows alone, and an annotator may have given none of these
    ruled = [(task, ADJUDICATOR, label) for task, label in known.items()]
    rows = pd.DataFrame([*data.itertuples(index=False, name=None), *ruled], columns=data.columns)
    model = DawidSkene(n_iter=100, tol=1e-5)
    probabilities = model.fit_predict_proba(rows, pd.Series(known, dtype=object) if known else None)
    priors, errors = model.priors_, model.errors_
    skills = {}
    for name, count in sorted(data["worker"].value_counts().items()):
        own = errors.loc[name]
        # a label that this annotator never gave was never given where it was right
        right = {
            str(label): float(own.loc[label, label]) if label in own.index else 0.0
            for label in own.columns
        }
        accuracy = sum(float(priors[label]) * share for label, share in right.items())
        skills[str(name)] = Skill(int(count), accuracy, right)
    return probabilities, skills
