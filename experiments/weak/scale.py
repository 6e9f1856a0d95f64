"""Measure what a weak build costs as its corpus grows: time, and memory of all its processes.

A larger corpus is made of copies of one. Plain copies say the same things again, so that all but
the first are repetitions. In salted copies every third lower-case word of five letters or more has
a syllable more, another one in each copy: hardly a sentence repeats, names stay what they are.
"""

import argparse
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import yaml

from alliance_stance.files import write_text
from alliance_stance.training.commit import current_commit

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MEGABYTE, MEBIBYTE = 1_000_000, 1024
SYLLABLES = ("ish", "ward", "ness", "hood", "like", "some", "wise", "ful", "less")
EVERY = 3
_WORD = re.compile(r"(?<![\w'\u2019-])[a-z]{5,}(?![\w'\u2019-])")
_MEMORY = re.compile(r"^(Rss|Pss_Anon): +(\d+) kB$", re.MULTILINE)
_EVERY_SECONDS = 1.0


def salt(text: str, copy: int) -> str:
    """Give a text in other words, without touching a name; copy 0 is the text itself."""
    if not copy:
        return text
    syllables = ""
    while copy:
        copy, digit = divmod(copy - 1, len(SYLLABLES))
        syllables += SYLLABLES[digit]
    number = count()
    return _WORD.sub(
        lambda word: word[0] + syllables if next(number) % EVERY == 0 else word[0], text
    )


def make_corpus(source: Path, metadata: Path, folder: Path, copies: int, *, is_salted: bool) -> int:
    """Write copies of a corpus and their metadata; give the number of bytes."""
    with metadata.open(encoding="utf-8", newline="") as file:
        facts = {Path(row["file"]).name: row for row in csv.DictReader(file)}
    size = 0
    with (folder / "metadata.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "title", "date", "speaker_state"])
        for copy in range(copies):
            own = folder / "documents" / f"{copy:03d}"
            own.mkdir(parents=True)
            for path in sorted(source.iterdir()):
                text = path.read_text(encoding="utf-8-sig")
                size += (own / path.name).write_bytes(salt(text, copy if is_salted else 0).encode())
                row = facts[path.name]
                place = f"documents/{own.name}/{path.name}"
                writer.writerow([place, row["title"], row["date"], row["speaker_state"]])
    return size


def make_recipe(folder: Path) -> Path:
    """Write the recipe, which is that of configs/datasets/weak.yaml for this corpus."""
    recipe = yaml.safe_load((ROOT / "configs" / "datasets" / "weak.yaml").read_text())
    recipe["inputs"], recipe["metadata"] = ["documents"], "metadata.csv"
    recipe["weigh_on"]["path"] = str(ROOT / "data" / "rules" / "worth.csv")
    path = folder / "weak.yaml"
    path.write_text(yaml.safe_dump(recipe))
    return path


def tree_of(process: int) -> Iterator[int]:
    """Yield a process and all that it began, as far as they are still there."""
    yield process
    try:
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from tree_of(int(child))
    except OSError:
        return


def memory_of(process: int) -> tuple[int, int]:
    """Give resident memory and the part that is of no file, in KiB."""
    try:
        told = dict(_MEMORY.findall(Path(f"/proc/{process}/smaps_rollup").read_text()))
    except OSError:
        return 0, 0
    return int(told.get("Rss", 0)), int(told.get("Pss_Anon", 0))


@dataclass
class Watch:
    """The most memory that the processes of a tree had together."""

    resident: int = 0
    own: int = 0
    _is_over: threading.Event = field(default_factory=threading.Event)

    def follow(self, process: int) -> None:
        """Look again and again until it is over."""
        while not self._is_over.wait(_EVERY_SECONDS):
            figures = [memory_of(one) for one in tree_of(process)]
            self.resident = max(self.resident, sum(resident for resident, _ in figures))
            self.own = max(self.own, sum(own for _, own in figures))

    def end(self) -> None:
        """Look no more."""
        self._is_over.set()


def build(folder: Path, recipe: Path) -> tuple[dict[str, object], float, float, Watch]:
    """Run the build as a user does; give what it printed, seconds, processor seconds and memory."""
    began, before = time.monotonic(), os.times()
    child = subprocess.Popen(
        [sys.executable, "-m", "alliance_stance", "build", str(recipe), "--json"],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
    )
    watch = Watch()
    thread = threading.Thread(target=watch.follow, args=(child.pid,))
    thread.start()
    output, _ = child.communicate()
    watch.end()
    thread.join()
    if child.returncode:
        raise SystemExit(child.returncode)
    after = os.times()
    spent = after.children_user + after.children_system
    spent -= before.children_user + before.children_system
    return json.loads(output), time.monotonic() - began, spent, watch


def measure(source: Path, metadata: Path, copies: int, *, is_salted: bool) -> str:
    """Build once; give a row of the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = make_corpus(source, metadata, folder, copies, is_salted=is_salted)
        told, seconds, spent, watch = build(folder, make_recipe(folder))
    first, *_ = told["notes"]
    documents, sentences, repeated, candidates = re.findall(r"\d+", first)
    way = "-" if copies == 1 else "salted" if is_salted else "plain"
    cells = [
        str(copies), way, f"{size / MEGABYTE:.1f}", documents, sentences, repeated, candidates,
        str(sum(sum(own.values()) for own in told["splits"].values())),
        f"{seconds:.0f}", f"{spent:.0f}", f"{watch.resident / MEBIBYTE:.0f}",
        f"{watch.own / MEBIBYTE:.0f}",
    ]  # fmt: skip
    return "| " + " | ".join(cells) + " |"


HEADER = (
    "copies", "how", "MB", "documents", "sentences with a pair", "of them repeated", "candidates",
    "rows", "seconds", "processor seconds", "peak resident, MiB", "of that no file, MiB",
)  # fmt: skip


def main() -> None:
    """Build every size, and write the table after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("documents", type=Path, help="A folder of texts.")
    parser.add_argument("metadata", type=Path, help="Their metadata: file, title, date, speaker.")
    parser.add_argument("--copies", type=int, nargs="+", default=[1, 10])
    parser.add_argument(
        "--ways", nargs="+", choices=["salted", "plain"], default=["salted", "plain"]
    )
    parser.add_argument("--output", type=Path, default=HERE / "results-scale.md")
    arguments = parser.parse_args()
    if not Path("/proc/self/smaps_rollup").is_file():
        parser.error("memory is read from /proc, which is not here")
    cores = len(os.sched_getaffinity(0))
    lines = [
        f"Whole builds of configs/datasets/weak.yaml by the command line, {cores} processes beside "
        "the first. Memory is that of all processes at one moment; what they share counts for "
        f"each. Commit: {current_commit()}.",
        "",
        "| " + " | ".join(HEADER) + " |",
        "|" + " --- |" * len(HEADER),
    ]
    for copies in arguments.copies:
        for way in arguments.ways[: None if copies > 1 else 1]:
            lines.append(
                measure(arguments.documents, arguments.metadata, copies, is_salted=way == "salted")
            )
            print(lines[-1], flush=True)
            write_text(arguments.output, "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
