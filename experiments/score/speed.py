"""What `alliance-stance score` takes for a corpus: time, rates, memory of all its processes.

    python experiments/score/speed.py MODEL FOLDER --metadata metadata.csv --copies 1 8 72

0 copies scores the folder as it is; N copies score one JSONL file that holds the folder N times, so
that a file of any size can be made (72 copies of the development corpus are 1 GB). Rates are given
by the clock and by processor time, since a busy machine moves the first more than the second.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alliance_stance.corpus.documents import open_corpus
from alliance_stance.corpus.inputs import ReadOptions
from alliance_stance.files import write_text
from alliance_stance.inference.score_folder import read_run
from alliance_stance.knowledge.knowledge import load_knowledge

OUTPUT = Path(__file__).parent / "results-speed.md"
COLUMNS = (
    "copies", "MB", "documents", "sentences", "triples", "workers", "s", "processor s", "MB/s",
    "MB per processor s", "sentences per processor s", "documents per processor s",
    "triples per processor s", "peak memory MB", "folder MB",
)  # fmt: skip


def main() -> None:
    """Score each size and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--metadata", type=Path)
    parser.add_argument("--copies", type=int, nargs="+", default=[0, 1, 4])
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--note", default="", help="What else the machine was doing.")
    given = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as place:
        for copies in given.copies:
            rows.append(measure(given, copies, Path(place)))
            print(rows[-1], flush=True)
            write_text(OUTPUT, table(rows, given))


def measure(given: argparse.Namespace, copies: int, place: Path) -> dict[str, Any]:
    """Score a corpus in a process of its own, and watch it."""
    source, options = given.folder, []
    if copies:
        source = copied(given.folder, given.metadata, copies, place / f"{copies}.jsonl")
    elif given.metadata is not None:
        options = ["--metadata", str(given.metadata)]
    out = place / f"out-{copies}"
    began = time.monotonic()
    child = subprocess.Popen(
        [sys.executable, "-m", "alliance_stance", "score", str(source), *options,
         "--model", str(given.model), "--output", str(out), "--workers", str(given.workers)]
    )  # fmt: skip
    peak = 0
    while True:
        peak = max(peak, memory_of(child.pid))
        done, status, usage = os.wait4(child.pid, os.WNOHANG)
        if done:
            break
        time.sleep(0.1)
    seconds = time.monotonic() - began
    if status:
        sys.exit(f"score ended with status {status}")
    # the processor time of workers that were waited for is in it
    busy = usage.ru_utime + usage.ru_stime
    counts = read_run(out)["counts"]
    size = read_run(out)["counts"]["characters"] / 1e6
    return {
        "copies": copies,
        "MB": size,
        "documents": counts["documents"],
        "sentences": counts["sentences"],
        "triples": counts["triples"],
        "workers": given.workers,
        "s": seconds,
        "processor s": busy,
        "MB/s": size / seconds,
        "MB per processor s": size / busy,
        "sentences per processor s": counts["sentences"] / busy,
        "documents per processor s": counts["documents"] / busy,
        "triples per processor s": counts["triples"] / busy,
        "peak memory MB": peak / 1e6,
        "folder MB": sum(f.stat().st_size for f in out.rglob("*") if f.is_file()) / 1e6,
    }


def copied(folder: Path, metadata: Path | None, copies: int, path: Path) -> Path:
    """Write a folder's documents into one file, so many times over."""
    options = ReadOptions(metadata=metadata)
    knowledge = load_knowledge()
    with path.open("w", encoding="utf-8") as file:
        for copy in range(copies):
            for item in open_corpus([folder], options, knowledge):
                row = {"id": f"{copy}/{item.id}", "text": item.text, "title": item.title,
                       "date": item.date, "speaker_state": item.speaker_state}  # fmt: skip
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return path


def memory_of(pid: int) -> int:
    """Give the bytes of a process and all that it began; what they share counts once."""
    total = 0
    for one in [pid, *offspring(pid)]:
        try:
            text = Path(f"/proc/{one}/smaps_rollup").read_text()
        except (OSError, ProcessLookupError):
            continue
        total += sum(int(ln.split()[1]) for ln in text.splitlines() if ln.startswith("Pss:"))
    return total * 1024


def offspring(pid: int) -> Iterator[int]:
    """Give the processes that a process began, and theirs."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in map(int, children):
        yield child
        yield from offspring(child)


def table(rows: list[dict[str, Any]], given: argparse.Namespace) -> str:
    """Write the results as Markdown."""
    lines = [
        f"Model: {given.model.parent.name}. {given.note}".strip(),
        "",
        "| " + " | ".join(COLUMNS) + " |",
        "|" + " --- |" * len(COLUMNS),
    ]
    for row in rows:
        cells = (row[name] for name in COLUMNS)
        lines.append("| " + " | ".join(shown(cell) for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def shown(value: float) -> str:
    """Give a number with as many digits as it deserves."""
    return (
        str(value) if isinstance(value, int) else f"{value:.2f}" if value < 10 else f"{value:.0f}"
    )


if __name__ == "__main__":
    main()
