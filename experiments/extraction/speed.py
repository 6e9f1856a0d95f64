"""Measure how fast documents become candidates, and how much memory that takes."""

import argparse
import csv
import gc
import json
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from alliance_stance.extraction.candidates import CandidateFinder
from alliance_stance.files import write_text
from alliance_stance.fingerprints import SHORT
from alliance_stance.knowledge.knowledge import load_knowledge
from alliance_stance.schema import Document
from alliance_stance.training.commit import current_commit

ROUNDS = 5
MEGABYTE = 1_000_000


def documents(corpus: Path, states: set[str]) -> Iterator[Document]:
    """Yield the corpus's documents with what is known of them."""
    with (corpus / "metadata.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            text = (corpus / row["file"]).read_text(encoding="utf-8-sig")
            yield Document(
                row["file"], text, row["title"], row["date"], row["speaker_state"] or None
            )
    for path in sorted((corpus / "un-general-debate").rglob("*.txt")):
        # named STATE_SESSION_YEAR
        state, _, year = path.stem.split("_")
        text = path.read_text(encoding="utf-8-sig", errors="replace")
        yield Document(path.stem, text, "", year, state if state in states else None)


def peak_of_command(corpus: list[Document]) -> float:
    """Give the peak memory of the command on documents in a file, in MiB; larger ones go last."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "corpus.jsonl"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(document)) + "\n" for document in corpus)
        command = [sys.executable, "-m", "alliance_stance", "extract", str(path), "--json"]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main() -> None:
    """Read the corpus once, then find its candidates several times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("results-speed.md"))
    arguments = parser.parse_args()
    knowledge = load_knowledge()
    finder = CandidateFinder(knowledge)
    corpus = list(documents(arguments.corpus, set(knowledge.states)))
    size = sum(len(document.text.encode()) for document in corpus) / MEGABYTE
    # the tables stay for good; the collector need not look at them again
    gc.collect()
    gc.freeze()
    rates = []
    for _ in range(ROUNDS):
        began = time.process_time()
        count = sum(1 for document in corpus for _ in finder.find_candidates(document))
        rates.append(size / (time.process_time() - began))
    peaks = [peak_of_command(corpus[: len(corpus) // 8] * times) for times in (1, 8)]
    memory = " and ".join(f"{peak:.0f} MiB" for peak in peaks)
    python = f"{platform.python_implementation()} {sys.version.split()[0]}"
    report = f"""# extraction: speed

Written by `experiments/extraction/speed.py`; do not edit. Documents in memory to candidates, one
process on one core, processor time, {ROUNDS} rounds over the same documents.

| what | value |
| --- | --- |
| documents, megabytes, candidates | {len(corpus)}, {size:.1f}, {count} |
| MB/s: least, median, most | {min(rates):.1f}, {statistics.median(rates):.1f}, {max(rates):.1f} |
| peak memory of `extract --json`: an eighth of the corpus; eight times that | {memory} |
| Python | {python}, {platform.python_compiler()} |
| knowledge, commit | {knowledge.fingerprint[:SHORT]}, {current_commit()} |
"""
    write_text(arguments.output, report)
    print(report)


if __name__ == "__main__":
    main()
