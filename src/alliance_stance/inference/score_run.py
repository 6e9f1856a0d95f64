"""A run of `score`: its parts, and how it goes on after an interruption.

Parts are the unit. A part that is whole is never scored again; where the first missing one begins
is told by the facts of the part before it, so that what is done is not read again.
"""

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from alliance_stance.corpus.stream import BEGINNING, Place, SeenIds
from alliance_stance.errors import InputError
from alliance_stance.files import write_json, write_text
from alliance_stance.fingerprints import SHORT, fingerprint
from alliance_stance.inference.parts import PartWork, cut_parts, without_repeats
from alliance_stance.inference.score_folder import (
    DOCUMENTS,
    ERROR_KEYS,
    ERRORS,
    FORMAT,
    KINDS,
    RUN,
    part_file,
    read_part_facts,
    read_run,
)
from alliance_stance.inference.score_plan import Plan

_HALF_WRITTEN = (f".{RUN}.*", f".{ERRORS}.*", "*/.part-*")
_COUNTS = ("documents", "sentences", "characters", "triples")

Engine = Callable[[Iterable[PartWork]], Iterator[tuple[int, Mapping[str, Any]]]]
"""What scores and writes parts: given them in order, it gives number and facts of each, in any."""


@dataclass
class Progress:
    """How far a run is.

    Parameters
    ----------
    parts, documents, sentences, characters, triples, errors
        Numbers of what is done, earlier runs included.
    done
        Bytes of the inputs that lie behind.
    total
        Bytes of all inputs; 0 where not known.
    """

    total: int = 0
    parts: int = 0
    done: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_COUNTS, 0))
    errors: int = 0

    def add(self, facts: Mapping[str, Any]) -> None:
        """Count one more part."""
        self.parts += 1
        self.done = max(self.done, facts["done"])
        self.errors += sum(error["count"] for error in facts["errors"])
        for name in _COUNTS:
            self.counts[name] += facts[name]


def start_run(plan: Plan, *, resume: bool) -> None:
    """Make the folder ready: a new one, or one whose run goes on.

    Raises
    ------
    InputError
        If a new run finds something there, or the run that is to go on was of other inputs,
        options or another model.
    """
    folder = plan.folder
    # left by a process that was killed
    half = {one for form in _HALF_WRITTEN for one in folder.glob(form)}
    if resume and (folder / RUN).is_file():
        _check_same(plan, read_run(folder))
        _make_kinds(folder)
        for beside in half:
            beside.unlink(missing_ok=True)
        return
    if folder.exists() and (not folder.is_dir() or set(folder.iterdir()) - half):
        raise InputError(
            str(folder),
            "something that is there already" if not resume else f"other things, and no {RUN}",
            "a new or an empty folder",
            "name another one with --output"
            + (", or go on with --resume" if (folder / RUN).is_file() else ""),
        )
    folder.mkdir(parents=True, exist_ok=True)
    for beside in half:
        beside.unlink(missing_ok=True)
    # first what tells the run: if it is killed here, it can go on
    _write_run(plan, None)
    _make_kinds(folder)


def _make_kinds(folder: Path) -> None:
    for kind in KINDS:
        (folder / kind).mkdir(exist_ok=True)


def _check_same(plan: Plan, run: Mapping[str, Any]) -> None:
    was, now = _flat(run.get("depends_on", {})), _flat(plan.depends)
    where = str(plan.folder / RUN)
    for key in now:
        if was.get(key) != now[key]:
            raise InputError(
                where,
                f"a run whose {key} is {_shown(was.get(key))}, not {_shown(now[key])}",
                "the inputs, options and model that the run began with",
                "give them as they were, or score into another folder",
            )


def _flat(values: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{before}{key}.")
        else:
            flat[f"{before}{key}"] = value
    return flat


def _shown(value: object) -> str:
    text = json.dumps(value)
    return f"{text[: SHORT + 1]}..." if len(text) > 4 * SHORT else text


def _write_run(plan: Plan, progress: Progress | None) -> None:
    counts = None
    if progress is not None:
        counts = {"parts": progress.parts, **progress.counts, "errors": progress.errors}
    write_json(
        plan.folder / RUN,
        {
            "format": FORMAT,
            "finished": counts is not None,
            **plan.told,
            "fingerprint": fingerprint(plan.depends),
            "depends_on": dict(plan.depends),
            "counts": counts,
        },
    )


def run_plan(
    plan: Plan, engine: Engine, on_part: Callable[[Progress], None] | None = None
) -> Progress:
    """Score what is missing, part by part, and finish the run.

    Parameters
    ----------
    plan
        A plan whose run has been started.
    engine
        Scores and writes parts.
    on_part
        Is told at the beginning and with each part.

    Returns
    -------
    Progress
        Of the finished run.

    Raises
    ------
    StanceError
        If something cannot be read and must be, or nothing at all could be read and scored.
    """
    progress = Progress(plan.stream.size)
    seen = SeenIds()
    place = _recall(plan, progress, seen)
    if on_part is not None:
        on_part(progress)
    run = read_run(plan.folder)
    if run["finished"] and run["counts"]["parts"] == progress.parts:
        return progress
    parts = cut_parts(plan.stream.read(place), plan.size, first=progress.parts)
    for facts in _in_order(plan.folder, engine, without_repeats(parts, seen), progress.parts):
        with (plan.folder / ERRORS).open("a", encoding="utf-8") as file:
            file.writelines(_error_lines(facts))
        progress.add(facts)
        if on_part is not None:
            on_part(progress)
    if not progress.counts["documents"]:
        raise _nothing(plan.folder)
    _write_run(plan, progress)
    return progress


def _recall(plan: Plan, progress: Progress, seen: SeenIds) -> Place:
    """Take down the parts that are there, up to the first that is missing; say where that begins.

    The file of errors is written anew from them, since a process that was killed may have told an
    error twice, or half of it.
    """
    place = BEGINNING
    lines: list[str] = []
    while (facts := read_part_facts(plan.folder, progress.parts)) is not None:
        seen.add(_ids_of(plan.folder, progress.parts, facts))
        lines += _error_lines(facts)
        place = Place(*facts["end"])
        progress.add(facts)
    seen.add(plan.stream.names_before(place))
    write_text(plan.folder / ERRORS, "".join(lines))
    return place


def _in_order(
    folder: Path, engine: Engine, parts: Iterable[PartWork], number: int
) -> Iterator[Mapping[str, Any]]:
    """Give the facts of each part from a number on; those that are there are not scored again."""
    known: dict[int, Mapping[str, Any]] = {}

    def missing() -> Iterator[PartWork]:
        for work in parts:
            facts = read_part_facts(folder, work.number)
            if facts is None:
                yield work
            else:
                known[work.number] = facts

    for scored, facts in engine(missing()):
        known[scored] = facts
        while number in known:
            yield known.pop(number)
            number += 1
    for last in sorted(known):
        # they were there, and behind all that were missing
        yield known[last]


def _ids_of(folder: Path, number: int, facts: Mapping[str, Any]) -> list[str]:
    """Give the ids of the documents of a part, which no later document may have."""
    table = pq.read_table(part_file(folder, DOCUMENTS, number), columns=["document", "sentences"])
    # a ready example has no sentences; its id is compared with no other
    texts = table.filter(pc.is_valid(table.column("sentences")))
    aside = [error["document"] for error in facts["errors"] if error["document"]]
    return [*texts.column("document").to_pylist(), *aside]


def _error_lines(facts: Mapping[str, Any]) -> list[str]:
    # metadata come back with their keys sorted
    rows = ({key: error[key] for key in ERROR_KEYS} for error in facts["errors"])
    return [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]


def _nothing(folder: Path) -> InputError:
    """Give the error of a run without a document, and take its folder back."""
    lines = (folder / ERRORS).read_text(encoding="utf-8").splitlines()
    for kind in KINDS:
        shutil.rmtree(folder / kind)
    for name in (RUN, ERRORS):
        (folder / name).unlink()
    first = json.loads(lines[0]) if lines else {"where": "-", "reason": "no documents"}
    more = f", and {len(lines) - 1} more" if len(lines) > 1 else ""
    return InputError(
        first["where"],
        f"{first['reason']}{more}, and nothing that can be read and scored",
        "one readable document at least",
        "see docs/readers.md",
    )
