"""``alliance-stance annotate``: labels by people, from a corpus to labelled examples."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alliance_stance.cli.options import (
    ColumnsOption,
    DateOption,
    FormatOption,
    InputsArgument,
    JsonOption,
    MetadataOption,
    SpeakerOption,
    TitleOption,
    UnreadableOption,
)
from alliance_stance.cli.outputs import refuse_overwriting

if TYPE_CHECKING:
    from alliance_stance.cli.drawing import Drawn
    from alliance_stance.corpus.documents import Corpus
    from alliance_stance.extraction.candidates import CandidateFinder
    from alliance_stance.labeling.adjudication import Settlement
    from alliance_stance.labeling.annotations import Annotation
    from alliance_stance.labeling.tasks import Task

annotate = typer.Typer(
    help="Label pairs by hand: export tasks, import labels, measure agreement, settle the rest.",
    no_args_is_help=True,
)

_LISTED = 20
"""Disagreements that the terminal shows."""

TasksOption = Annotated[
    list[Path],
    typer.Option("--tasks", help="The tasks.csv of the export; may be given several times."),
]
AnnotationsArgument = Annotated[
    Path, typer.Argument(help="File of annotations, as import writes it.", show_default=False)
]


@annotate.command("export")
def export_tasks(
    inputs: InputsArgument,
    output: Annotated[Path, typer.Option("--output", "-o", help="New folder for the tasks.")],
    sample: Annotated[
        int | None, typer.Option("--sample", min=1, help="Draw so many sentences with a pair.")
    ] = None,
    scores: Annotated[
        Path | None,
        typer.Option(
            "--scores",
            help="With --per-stance: folder that score wrote for these inputs.",
            show_default=False,
        ),
    ] = None,
    per_stance: Annotated[
        int | None,
        typer.Option(
            "--per-stance", min=1, help="Draw so many pairs of each stance that the model gave."
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the draw.")] = 0,
    exclude: Annotated[
        list[Path] | None,
        typer.Option("--exclude", help="A tasks.csv whose tasks are not given again."),
    ] = None,
    format_: FormatOption = None,
    title: TitleOption = "",
    date: DateOption = "",
    speaker_state: SpeakerOption = None,
    columns: ColumnsOption = None,
    metadata: MetadataOption = None,
    on_unreadable: UnreadableOption = None,
) -> None:
    """Write the pairs of a corpus as tasks: a table, and files for Label Studio.

    No task shows what a model, a rule or somebody else makes of it.
    """
    from alliance_stance.cli.console import note
    from alliance_stance.cli.drawing import DrawOptions, check_draw, draw_tasks
    from alliance_stance.cli.reading import open_inputs, read_options, tell_skipped
    from alliance_stance.corpus.facts import Facts
    from alliance_stance.errors import InputError
    from alliance_stance.extraction.candidates import CandidateFinder
    from alliance_stance.knowledge.knowledge import load_knowledge
    from alliance_stance.labeling.tasks import read_tasks

    wanted = DrawOptions(sample, per_stance, scores, seed)
    check_draw(wanted, exclude)
    _check_new(output)
    knowledge = load_knowledge()
    known = read_tasks(exclude or (), knowledge)
    finder = CandidateFinder(knowledge)
    facts = Facts(title, date, speaker_state)
    options = read_options(format_, facts, columns, metadata, on_unreadable)
    corpus = open_inputs(inputs, options, knowledge)
    new = _NewTasks(_all_tasks(corpus, finder), known)
    drawn = draw_tasks(new, wanted)
    tell_skipped(corpus)
    if not drawn.tasks:
        raise InputError(
            ", ".join(map(str, inputs)),
            "no new sentence that pairs a state with an alliance"
            + (f" and is in {scores}" if scores else ""),
            "one at least",
            "try `alliance-stance extract` on it",
        )
    _write_export(output, drawn)
    sentences = len({task.place for task in drawn.tasks})
    documents = len({task.document for task in drawn.tasks})
    note(
        f"{output}: {len(drawn.tasks)} tasks in {sentences} sentences of {documents} documents"
        + drawn.told
    )
    if new.too_long_count:
        note(f"left out: {new.too_long_count} tasks whose text is longer than a table's cell")


@annotate.command("import")
def import_labels(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="Filled-in tables (.csv) and JSON exports of Label Studio (.json).",
            show_default=False,
        ),
    ],
    tasks: TasksOption,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="File of annotations; new labels are added.")
    ],
    worker: Annotated[
        str,
        typer.Option(
            "--worker",
            help="Annotator's name; else a column worker, an account or the file's name tells it.",
            show_default=False,
        ),
    ] = "",
) -> None:
    """Check filled-in tasks and add their labels to a file of annotations.

    If one row breaks the codebook, all such rows are told and nothing is written.
    """
    from alliance_stance.cli.console import note
    from alliance_stance.errors import InputError
    from alliance_stance.files import write_text
    from alliance_stance.knowledge.knowledge import load_knowledge
    from alliance_stance.labeling.annotations import annotations_text
    from alliance_stance.labeling.importing import import_files, merge, read_known
    from alliance_stance.labeling.tasks import read_tasks

    _check_place(output, is_folder=False)
    refuse_overwriting({"--output": output}, [*files, *tasks])
    knowledge = load_knowledge()
    known = read_known(output)
    taken = import_files(files, read_tasks(tasks, knowledge), knowledge, worker=worker)
    if not taken.rows:
        raise InputError(
            ", ".join(map(str, files)),
            f"no label, {taken.unfilled} rows without an act",
            "one filled-in row at least",
            "fill in the column act, or submit in Label Studio, and import again",
        )
    merged = merge(known, taken, output)
    write_text(output, annotations_text(merged))
    people = ", ".join(f"{name} {count}" for name, count in sorted(taken.by_worker.items()))
    note(f"{output}: {len(taken.rows)} labels read ({people}), {len(merged)} in all")
    if taken.unfilled:
        noted = f", {taken.noted} of them with a note" if taken.noted else ""
        note(f"without an act: {taken.unfilled} rows{noted}")


@annotate.command("agreement")
def tell_agreement(
    annotations: AnnotationsArgument,
    tasks: Annotated[
        list[Path] | None,
        typer.Option("--tasks", help="The tasks.csv of the export, to show the sentences."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the whole report here too.")
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Measure how far the annotators agree, and list where they do not.

    The adjudicator is left out, having seen the others' labels.
    """
    from alliance_stance.cli.console import note, quiet_libraries, show_json

    quiet_libraries()
    from alliance_stance.files import write_text
    from alliance_stance.knowledge.knowledge import load_knowledge
    from alliance_stance.labeling.agreement_report import agreement_markdown, measure_all
    from alliance_stance.labeling.annotations import read_annotations
    from alliance_stance.labeling.tasks import read_tasks

    if output is not None:
        _check_place(output, is_folder=False)
    refuse_overwriting({"--output": output}, [annotations, *(tasks or ())])
    labels = read_annotations(annotations)
    known = read_tasks(tasks, load_knowledge()) if tasks else None
    figures = measure_all(labels, known, where=str(annotations))
    if output is not None:
        write_text(output, agreement_markdown(figures))
    if json_:
        show_json(figures)
    else:
        typer.echo(agreement_markdown(figures, most=_LISTED), nl=False)
    if output is not None:
        note(f"written: {output}")


@annotate.command("adjudicate")
def adjudicate(
    annotations: AnnotationsArgument,
    tasks: TasksOption,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", help="Folder for labelled.jsonl, settled.jsonl and left.csv."
        ),
    ],
    method: Annotated[str, typer.Option("--method", help="majority or dawid-skene.")] = "majority",
    min_confidence: Annotated[
        float,
        typer.Option(
            "--min-confidence",
            min=0.0,
            max=1.0,
            help="Leave what is less sure to a person: share of votes, or probability.",
        ),
    ] = 0.0,
    min_labels: Annotated[
        int, typer.Option("--min-labels", min=1, help="Leave what has fewer labels to a person.")
    ] = 1,
) -> None:
    """Bring the annotators' labels together; leave to a person what cannot be settled so.

    Fill in left.csv, import it with --worker adjudicator, and run this again.
    """
    from alliance_stance.cli.console import note, quiet_libraries

    quiet_libraries()
    from alliance_stance.errors import InputError
    from alliance_stance.files import write_text
    from alliance_stance.knowledge.knowledge import load_knowledge
    from alliance_stance.labeling.adjudication import Method, caveats, left_text, settle
    from alliance_stance.labeling.annotations import read_annotation_rows
    from alliance_stance.labeling.sampling import read_sampling
    from alliance_stance.labeling.tasks import read_tasks

    if method not in set(Method):
        raise InputError("--method", repr(method), " or ".join(Method), "correct it")
    _check_place(output, is_folder=True)
    rows = read_annotation_rows(annotations)
    known = read_tasks(tasks, load_knowledge())
    probabilities = read_sampling(tasks, known)
    own = [row for row in rows if row.task in known]
    if not own:
        raise InputError(
            str(annotations),
            f"{len(rows)} labels, none of a task in --tasks {', '.join(map(str, tasks))}",
            "labels of these tasks",
            "name the tasks.csv that was labelled; nothing was written",
        )
    _check_left(output / "left.csv", own)
    settlement = settle(
        own,
        known,
        method=Method(method),
        min_confidence=min_confidence,
        min_labels=min_labels,
    )
    _write_settlement(output, settlement, known, probabilities)
    write_text(output / "left.csv", left_text(settlement, known, own))
    if probabilities:
        note("each line has its sampling_probability; evaluate does not weight by it, panel does")
    if len(own) < len(rows):
        note(f"left aside: {len(rows) - len(own)} labels of tasks that are not in --tasks")
    for caveat in caveats(own, Method(method)):
        note(f"beware: {caveat}")
    _tell_settlement(output, settlement, own)


def _check_place(path: Path, *, is_folder: bool) -> None:
    """Refuse a folder where a file is to be written, and the other way round."""
    from alliance_stance.errors import InputError

    if path.exists() and path.is_dir() != is_folder:
        found, wanted = ("a folder", "a file") if path.is_dir() else ("a file", "a folder")
        raise InputError(f"--output {path}", found, wanted, "name another")


def _check_new(folder: Path) -> None:
    from alliance_stance.errors import InputError

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            str(folder), "something there", "a new or empty folder", "name another --output"
        )
    # a new folder takes its place, and no system lets the one go that it works in
    if folder.exists() and folder.samefile(Path.cwd()):
        raise InputError(
            str(folder), "the working directory", "a new or empty folder", "name a folder in it"
        )


def _all_tasks(corpus: "Corpus", finder: "CandidateFinder") -> Iterator["Task"]:
    from alliance_stance.errors import InputError
    from alliance_stance.labeling.tasks import find_tasks

    seen: set[str] = set()
    for item in corpus:
        if item.id in seen:
            raise InputError(
                f"id {item.id}",
                "an id that came before",
                "each document and example named once",
                "rename one, or give the lines an 'id'",
            )
        seen.add(item.id)
        yield from find_tasks(item, finder)


class _NewTasks:
    """Tasks that no earlier export gave; those too long for a table's cell are counted alone."""

    def __init__(self, tasks: Iterable["Task"], known: Collection[str]) -> None:
        self._tasks = tasks
        self._known = known
        self.too_long_count = 0

    def __iter__(self) -> Iterator["Task"]:
        from alliance_stance.labeling.tasks import fits_a_cell

        for task in self._tasks:
            if task.id in self._known:
                continue
            if fits_a_cell(task):
                yield task
            else:
                self.too_long_count += 1


def _write_export(folder: Path, drawn: "Drawn") -> None:
    from alliance_stance.files import new_folder, write_json, write_text
    from alliance_stance.labeling.label_studio import labeling_config, studio_tasks
    from alliance_stance.labeling.sampling import SAMPLING, sampling_text
    from alliance_stance.labeling.tasks import tasks_text

    with new_folder(folder) as beside:
        write_text(beside / "tasks.csv", tasks_text(drawn.tasks))
        write_json(beside / "tasks.json", studio_tasks(drawn.tasks))
        write_text(beside / "labeling_config.xml", labeling_config())
        if drawn.probabilities:
            write_text(beside / SAMPLING, sampling_text(drawn.probabilities))


def _check_left(left: Path, rows: list["Annotation"]) -> None:
    """Refuse to write over answers that have not been imported yet."""
    from alliance_stance.errors import InputError
    from alliance_stance.labeling.annotations import ADJUDICATOR
    from alliance_stance.labeling.importing import read_filled_in

    if not left.exists():
        return
    known = {(row.task, row.label) for row in rows if row.worker == ADJUDICATOR}
    filled = [one for one in read_filled_in(left) if one.act]
    waiting = sum((one.task, one.act) not in known for one in filled)
    if waiting:
        raise InputError(
            str(left),
            f"{waiting} filled-in rows that are not among the annotations",
            "none, since the file is written anew",
            f"import it with --worker {ADJUDICATOR}, or name another --output",
        )


def _write_settlement(
    folder: Path,
    settlement: "Settlement",
    tasks: dict[str, "Task"],
    probabilities: dict[str, float],
) -> None:
    import json

    from alliance_stance.files import write_text
    from alliance_stance.labeling.adjudication import labelled_rows, settled_rows

    for name, make_rows in (("labelled.jsonl", labelled_rows), ("settled.jsonl", settled_rows)):
        rows = make_rows(settlement, tasks, probabilities)
        lines = (json.dumps(row, ensure_ascii=False) for row in rows)
        write_text(folder / name, "".join(f"{line}\n" for line in lines))


def _tell_settlement(folder: Path, settlement: "Settlement", rows: list["Annotation"]) -> None:
    """Print what became of the tasks, and how good the annotators seem to be."""
    from alliance_stance.labeling.adjudication import settlement_markdown

    typer.echo(settlement_markdown(settlement, rows, folder), nl=False)
