"""Scoring on a Spark cluster: the same code, the same rows.

Two ways. `score_documents` takes a data frame of documents and gives a data frame; Spark reads and
writes, so nothing goes through one machine. `spark_engine` scores the parts of a run of `score`:
the driver reads and writes, with every reader of the package, and the cluster scores.

The model folder is sent packed (`SparkContext.addArchive`), once to each machine, which unpacks it.
`addFile` takes no folder of the driver on a cluster, and a broadcast would be a copy in the memory
of every Python worker, while a model is opened from a folder whose checksums are compared. Each
Python worker opens it once and keeps it for its later tasks. The opened object is never sent: it
could only travel as a pickle, and it holds caches that do not.
"""

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from alliance_stance.corpus.inputs import ReadOptions
from alliance_stance.corpus.readers.unit import Unit
from alliance_stance.corpus.stream import Read, read_settled
from alliance_stance.errors import InputError, StanceError
from alliance_stance.fingerprints import SHORT, file_fingerprint
from alliance_stance.inference.artifact import MANIFEST, Artifact
from alliance_stance.inference.parts import PartWork
from alliance_stance.inference.predictor import Predictor
from alliance_stance.inference.score_folder import DOCUMENTS_SCHEMA, SCORES_SCHEMA, Part, write_part
from alliance_stance.inference.score_plan import Plan
from alliance_stance.inference.score_run import Engine
from alliance_stance.inference.scoring import answer_rows, score_part
from alliance_stance.knowledge.knowledge import Knowledge

_WAVE = 2
"""Parts of one job for each core of the cluster: none is idle, and the driver holds few."""


def _optional(schema: pa.Schema) -> list[pa.Field]:
    """Give the fields of a schema, all nullable, as Spark has them."""
    return [field.with_nullable(True) for field in schema]


SCORED_SCHEMA = pa.schema(
    [
        *_optional(DOCUMENTS_SCHEMA),
        pa.field("error", pa.string()),
        pa.field("scores", pa.list_(pa.struct(_optional(SCORES_SCHEMA)))),
    ]
)
"""One row per document: its columns, why it could not be scored (or null), and its triples."""


def score_documents(documents: Any, model: Path) -> Any:  # noqa: ANN401 - Spark's data frames
    """Score a data frame of documents, each where Spark has it.

    Parameters
    ----------
    documents
        A data frame with columns ``id`` and ``text``, any further ones of a document line or a
        ready example line (docs/formats.md), and ``source``. Ids are not compared.
    model
        The model folder, as the driver sees it.

    Returns
    -------
    pyspark.sql.DataFrame
        As `SCORED_SCHEMA`: one row per document. One that could not be scored has an ``error``.
        ``scores`` holds rows of `SCORES_SCHEMA`; `explode` gives one row per triple.

    Raises
    ------
    InputError
        If there is no column ``id`` or ``text``, or the session is a remote one (Spark Connect).
    """
    for column in ("id", "text"):
        if column not in documents.columns:
            raise InputError(
                "documents", f"no column {column!r}", "one", "see docs/scoring.md; rename or add it"
            )
    name = _send(_context(documents.sparkSession), model)

    def score(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        predictor = _opened_model(_received(name))
        for batch in batches:
            rows = list(answer_rows(predictor, batch.to_pylist()))
            yield from pa.Table.from_pylist(rows, schema=SCORED_SCHEMA).to_batches()

    return documents.mapInArrow(score, _spark_schema(SCORED_SCHEMA))


def spark_engine(plan: Plan, options: ReadOptions, artifact: Artifact) -> Engine:
    """Score the parts of a run on the cluster of the session that is open, or of a new one.

    Parameters
    ----------
    plan
        What is scored.
    options
        How units are read.
    artifact
        The model.

    Raises
    ------
    StanceError
        If pyspark or Java is missing, or the session is a remote one.
    """
    context = _context(open_session())
    name = _send(context, artifact.folder)
    wave = _WAVE * max(1, context.defaultParallelism)
    # what `score` refers to is sent to the cluster; the plan need not be
    explain = plan.explain

    def score(work: PartWork) -> tuple[int, Part]:
        predictor = _opened_model(_received(name))
        return work.number, score_part(predictor, options, work, explain=explain)

    def job(works: list[PartWork]) -> list[tuple[int, Part]]:
        # a part is a task
        return list(context.parallelize(works, len(works)).map(score).collect())

    def run(parts: Iterable[PartWork]) -> Iterator[tuple[int, Mapping[str, Any]]]:
        waiting = (_whole(work, options, artifact.knowledge) for work in parts)
        with ThreadPoolExecutor(1) as jobs:
            running: Future[list[tuple[int, Part]]] | None = None
            while works := list(islice(waiting, wave)):
                # the next parts are read while the cluster works on the last
                last, running = running, jobs.submit(job, works)
                yield from _written(plan, last)
            yield from _written(plan, running)

    return run


def _whole(work: PartWork, options: ReadOptions, knowledge: Knowledge) -> PartWork:
    """Read the units of a part here, since other machines may not have the files."""
    reads: list[Read] = []
    for read in work.reads:
        if isinstance(read.item, Unit):
            items = read_settled(read.item, options, knowledge)
            reads += (replace(read, item=item) for item in items)
        else:
            reads.append(read)
    return replace(work, reads=tuple(reads))


def _written(
    plan: Plan, running: "Future[list[tuple[int, Part]]] | None"
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, part in running.result() if running is not None else ():
        write_part(plan.folder, number, part, plan.stamp)
        yield number, part.facts


def open_session() -> Any:  # noqa: ANN401 - Spark's
    """Give the session that is open, or begin one with the settings of the surroundings.

    Raises
    ------
    StanceError
        If pyspark or Java is missing.
    """
    try:
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession
    except ImportError:
        raise StanceError(
            "--engine spark",
            "no pyspark",
            "the extra 'spark'",
            "pip install 'alliance-stance[spark]'",
        ) from None
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        raise StanceError(
            "--engine spark", "no Java", "Java 17 or newer", "install it, or set JAVA_HOME"
        )
    # tasks on this machine need the packages that this process has
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    try:
        return SparkSession.builder.appName("alliance-stance score").getOrCreate()
    except (PySparkRuntimeError, OSError) as error:
        raise StanceError(
            "--engine spark",
            f"a session that does not begin ({str(error).splitlines()[0]:.120})",
            "a Spark session",
            "see the messages above, and docs/scoring.md",
        ) from None


def _context(spark: Any) -> Any:  # noqa: ANN401 - Spark's
    from pyspark.errors import PySparkException

    try:
        return spark.sparkContext
    except PySparkException:
        raise InputError(
            "Spark session",
            "a remote one (Spark Connect)",
            "a session of the cluster itself, which can send files",
            "use spark-submit, or MLflow's spark_udf: see docs/scoring.md",
        ) from None


def _send(context: Any, model: Path) -> str:  # noqa: ANN401 - Spark's
    """Send a model folder to every machine, under a name that no other model has."""
    name = f"alliance-stance-{file_fingerprint(model / MANIFEST)[:SHORT]}"
    if not any(str(one).endswith(f"#{name}") for one in context.listArchives):
        # machines that join later fetch it too
        beside = tempfile.mkdtemp(prefix="alliance-stance-")
        atexit.register(shutil.rmtree, beside, ignore_errors=True)
        packed = shutil.make_archive(str(Path(beside) / name), "zip", model)
        context.addArchive(f"{packed}#{name}")
    return name


def _received(name: str) -> str:
    from pyspark import SparkFiles

    return str(SparkFiles.get(name))


@lru_cache(maxsize=1)
def _opened_model(folder: str) -> Predictor:
    """Open the model of a Python worker, which lives longer than one task."""
    return Predictor.open(Path(folder))


def _spark_schema(schema: pa.Schema) -> Any:  # noqa: ANN401 - Spark's
    from pyspark.sql.pandas.types import from_arrow_schema

    return from_arrow_schema(schema)
