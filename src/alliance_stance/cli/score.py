"""``alliance-stance score``: the stances in a corpus of any size, as Parquet."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alliance_stance import DEFAULT
from alliance_stance.cli.options import (
    BulkUnreadableOption,
    ColumnsOption,
    DateOption,
    FormatOption,
    InputsArgument,
    MetadataOption,
    ModelOption,
    SpeakerOption,
    TitleOption,
)

if TYPE_CHECKING:
    from alliance_stance.corpus.inputs import ReadOptions
    from alliance_stance.inference.predictor import Predictor
    from alliance_stance.inference.score_plan import Plan
    from alliance_stance.inference.score_run import Engine, Progress

ENGINES = ("local", "spark")


def score(
    inputs: InputsArgument,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder of the scores; new, or with --resume.")
    ],
    model: ModelOption = DEFAULT,
    format_: FormatOption = None,
    title: TitleOption = "",
    date: DateOption = "",
    speaker_state: SpeakerOption = None,
    columns: ColumnsOption = None,
    metadata: MetadataOption = None,
    on_unreadable: BulkUnreadableOption = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            min=1,
            help="Processes; by default the cores that may be used.",
            show_default=False,
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run in the folder, if there is one.")
    ] = False,
    engine: Annotated[
        str, typer.Option("--engine", help="local, or spark: documents scored on a cluster.")
    ] = "local",
    explain: Annotated[
        bool,
        typer.Option(
            "--explain",
            help="Write the words that decided as well (column `deciding`), which `report` "
            "shades: one more judgement of the model for every word; see docs/scoring.md.",
        ),
    ] = False,
    part_characters: Annotated[
        int | None,
        typer.Option(
            "--part-characters",
            min=1,
            help="Text of a part, the unit of --resume and of --workers; by default a 64th of the "
            "inputs, but 50,000 at least and 4 million at most.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Score documents in bulk: one row per triple, in a folder of Parquet files.

    Every document is scored exactly once, however often the run is killed and resumed. What cannot
    be read or scored is set aside in errors.jsonl; the rest goes on. See docs/scoring.md.
    """
    from alliance_stance.cli.console import quiet_libraries

    if engine not in ENGINES:
        raise typer.BadParameter(f"{engine!r} is none of {', '.join(ENGINES)}")
    if engine == "spark" and workers is not None:
        raise typer.BadParameter("--workers is for the local engine; Spark has its own settings")
    quiet_libraries()
    from alliance_stance import load
    from alliance_stance.cli.opening import settle_address
    from alliance_stance.cli.reading import read_options, tell_unfit
    from alliance_stance.corpus.facts import Facts
    from alliance_stance.corpus.readers.decoding import STDIN
    from alliance_stance.corpus.readers.libraries import library
    from alliance_stance.errors import InputError

    library("pyarrow", "--output")
    from alliance_stance.inference.parts import PartOptions, PartSize
    from alliance_stance.inference.score_plan import make_plan
    from alliance_stance.inference.score_run import start_run
    from alliance_stance.training.one_process import lock_file, one_process

    if resume and STDIN in inputs:
        raise InputError(
            "--resume", "standard input, which is gone", "files or folders", "write it to a file"
        )
    model = settle_address(model, is_kept=True)
    predictor = load(model)
    facts = Facts(title, date, speaker_state)
    facts.check(predictor.artifact.knowledge)
    options = read_options(format_, facts, columns, metadata, on_unreadable)
    told = {"model": model, "registry_version": _version(model)}
    size = None if part_characters is None else PartSize(characters=part_characters)
    parts = PartOptions(size, explain)
    plan, reading = make_plan(inputs, options, predictor.artifact, output, parts=parts, told=told)
    scorer = _open_engine(engine, plan, reading, predictor, workers)
    tell_unfit(plan.stream.units, metadata)
    with one_process(lock_file(output.resolve()), "scores into this folder"):
        start_run(plan, resume=resume)
        progress = _run(plan, scorer)
    _tell(plan, progress)


def _open_engine(
    name: str, plan: "Plan", reading: "ReadOptions", predictor: "Predictor", workers: int | None
) -> "Engine":
    """Give what scores parts: this machine's processes, or a cluster."""
    if name == "spark":
        from alliance_stance.inference.spark import spark_engine

        return spark_engine(plan, reading, predictor.artifact)
    from alliance_stance.inference.local_engine import local_engine
    from alliance_stance.processes import available_cores

    cores = available_cores() if workers is None else workers
    return local_engine(plan, reading, predictor, workers=cores)


def _run(plan: "Plan", scorer: "Engine") -> "Progress":
    """Score what is missing, and show how it goes."""
    from alliance_stance.cli.console import note, reckoning
    from alliance_stance.inference.score_run import run_plan

    try:
        with reckoning("documents") as tell:
            return run_plan(plan, scorer, lambda p: tell(p.counts["documents"], p.done, p.total))
    except KeyboardInterrupt:
        note(f"stopped; finished parts are kept in {plan.folder}: go on with --resume")
        raise


def _version(model: str) -> str | None:
    """Give the version of a registered model; None for a folder."""
    if not model.startswith("models:/"):
        return None
    from alliance_stance.tracking.registry import find_version

    return find_version(model)


def _tell(plan: "Plan", progress: "Progress") -> None:
    from alliance_stance.cli.console import counted, note
    from alliance_stance.inference.score_folder import ERRORS

    counts = progress.counts
    note(
        f"{counted(counts['triples'], 'triple')} in {counted(counts['documents'], 'document')} "
        f"({counted(counts['sentences'], 'sentence')}): {plan.folder}, "
        f"{counted(progress.parts, 'part')}"
    )
    if progress.errors:
        note(f"set aside, with reasons: {progress.errors} ({plan.folder / ERRORS})")
