"""Kill a `score` run twenty times at random moments (-9), resume it each time, compare the rows.

    python experiments/score/kills.py MODEL INPUT... --metadata metadata.csv --workers 2

Each run is killed four times and then left to end; its folder has to be that of an undisturbed
run, byte for byte. A killed process is a fork of this one, which has opened the model, so that the
moments fall into the work and not into the start. With more workers than one it is the process that
reads which is killed; the others have to notice.
"""

import argparse
import os
import random
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alliance_stance.corpus.inputs import ReadOptions
from alliance_stance.files import write_text
from alliance_stance.inference.local_engine import local_engine
from alliance_stance.inference.parts import PartOptions, PartSize
from alliance_stance.inference.predictor import Predictor
from alliance_stance.inference.score_plan import make_plan
from alliance_stance.inference.score_run import run_plan, start_run
from alliance_stance.inference.scores import open_scores

OUTPUT = Path(__file__).parent / "results-kills.md"
EACH = 4
COLUMNS = (
    "run", "kills", "moments (s)", "parts kept after each", "parts", "triples", "errors",
    "rows equal", "every file equal",
)  # fmt: skip


def main() -> None:
    """Score undisturbed, then with kills, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("inputs", type=Path, nargs="+")
    parser.add_argument("--metadata", type=Path)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--part-characters", type=int, default=50_000)
    given = parser.parse_args()
    predictor = Predictor.open(given.model)
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as place:
        whole = Path(place) / "whole"
        began = time.monotonic()
        score(given, predictor, whole)
        seconds = time.monotonic() - began
        chance = random.Random(given.seed)
        # most moments fall before the end, so that something is left for the next
        moments = iter(lambda: chance.uniform(0, seconds / 2), None)
        killed = 0
        while killed < given.kills:
            folder = Path(place) / f"run-{len(rows)}"
            wanted = min(EACH, given.kills - killed)
            rows.append(disturbed(given, predictor, (folder, whole), moments, wanted))
            killed += rows[-1]["kills"]
            print(rows[-1], flush=True)
            write_text(OUTPUT, table(rows, killed, seconds, given))


def score(given: argparse.Namespace, predictor: Predictor, folder: Path) -> None:
    """Score what is still missing in a folder."""
    plan, options = make_plan(
        given.inputs,
        ReadOptions(metadata=given.metadata),
        predictor.artifact,
        folder,
        parts=PartOptions(PartSize(characters=given.part_characters)),
        told={"model": str(given.model), "registry_version": None},
    )
    start_run(plan, resume=True)
    run_plan(plan, local_engine(plan, options, predictor, workers=given.workers))


def disturbed(
    given: argparse.Namespace,
    predictor: Predictor,
    folders: tuple[Path, Path],
    chosen: Iterator[float],
    wanted: int,
) -> dict[str, Any]:
    """Score with kills, then to the end; compare with the undisturbed run."""
    folder, whole = folders
    moments, kept = [], []
    while len(moments) < wanted:
        child = os.fork()
        if not child:
            score(given, predictor, folder)
            os._exit(0)
        moment = next(chosen)
        time.sleep(moment)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            break
        moments.append(moment)
        kept.append(len(list(folder.glob("documents/part-*.parquet"))))
    score(given, predictor, folder)
    scores = open_scores(folder)
    return {
        "run": folder.name.removeprefix("run-"),
        "kills": len(moments),
        "moments (s)": ", ".join(f"{one:.2f}" for one in moments),
        "parts kept after each": ", ".join(map(str, kept)),
        "parts": scores.run["counts"]["parts"],
        "triples": scores.rows().num_rows,
        "errors": scores.run["counts"]["errors"],
        "rows equal": scores.rows().equals(open_scores(whole).rows()),
        "every file equal": contents(folder) == contents(whole),
    }


def contents(folder: Path) -> dict[str, bytes]:
    """Give every file of a folder, hidden ones too."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def table(
    rows: list[dict[str, Any]], killed: int, seconds: float, given: argparse.Namespace
) -> str:
    """Write the results as Markdown."""
    lines = [
        f"{killed} kills (-9); model: {given.model.parent.name}; workers: {given.workers}; an "
        f"undisturbed run took {seconds:.1f} s.",
        "",
        "| " + " | ".join(COLUMNS) + " |",
        "|" + " --- |" * len(COLUMNS),
        *("| " + " | ".join(shown(row[name]) for name in COLUMNS) + " |" for row in rows),
    ]
    return "\n".join(lines) + "\n"


def shown(value: object) -> str:
    """Give a cell of the table."""
    return {True: "yes", False: "NO"}[value] if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    main()
