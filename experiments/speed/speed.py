"""Measure how many triples a second each form of a saved model judges, on one core."""

import argparse
import json
import os
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from alliance_stance.evaluation.labelled import read_labelled
from alliance_stance.files import write_text
from alliance_stance.inference.artifact import Artifact, open_artifact
from alliance_stance.models import bf16, encoder_training
from alliance_stance.models.encoder import EncoderModel
from alliance_stance.models.fast_form import FILE
from alliance_stance.models.onnx_network import OnnxNetwork
from alliance_stance.schema import Candidate
from alliance_stance.training.commit import current_commit

SENTENCES = 300
_UNSORTED = 64
_WARM = 8


@dataclass(frozen=True)
class Measured:
    """One form of one model."""

    model: str
    form: str
    rate: float
    macro_f1: str


@contextmanager
def torch_as(*, is_sorted: bool, is_bf16: bool) -> Iterator[None]:
    """Let torch score so for a while."""
    batches, pays = encoder_training.scoring_batches, bf16.pays

    def in_order(lengths: Sequence[int]) -> Iterator[list[int]]:
        for start in range(0, len(lengths), _UNSORTED):
            yield list(range(start, min(start + _UNSORTED, len(lengths))))

    if not is_sorted:
        encoder_training.scoring_batches = in_order
    bf16.pays = lambda: is_bf16
    try:
        yield
    finally:
        encoder_training.scoring_batches, bf16.pays = batches, pays


def rate(score: Callable[[list[Candidate]], object], rows: list[Candidate]) -> float:
    """Give triples a second of processor time, after a few to warm up."""
    score(rows[:_WARM])
    began = time.process_time()
    score(rows)
    return len(rows) / (time.process_time() - began)


def measure_encoder(name: str, artifact: Artifact, rows: list[Candidate]) -> Iterator[Measured]:
    """Measure a fine-tuned encoder in torch and as ONNX."""
    model = artifact.model
    if not isinstance(model, EncoderModel):
        raise SystemExit(f"{name} is no encoder")
    saved = artifact.manifest.get("saved")
    if saved is None:
        raise SystemExit(f"{artifact.folder} has no fast form; write one: alliance-stance export")
    scores = {form: f"{value:.3f}" for form, value in saved["macro_f1"].items()}
    forms = {"fp32": model.export_plain()}
    if saved["precision"] != "fp32":
        forms[saved["precision"]] = (artifact.folder / "weights" / FILE).read_bytes()
    model.use_torch()
    has_bf16 = bf16.pays()
    for form, is_sorted, is_bf16 in (
        ("torch, fp32, batches as they come", False, False),
        ("torch, fp32, batches by length", True, False),
        ("torch, bf16, batches by length", True, True),
    ):
        if is_bf16 and not has_bf16:
            continue
        with torch_as(is_sorted=is_sorted, is_bf16=is_bf16):
            is_measured = is_bf16 or not has_bf16
            f1 = scores.get("torch", "-") if is_measured and is_sorted else "-"
            yield Measured(name, form, rate(model.predict_act_proba, rows), f1)
    for precision, content in forms.items():
        network = OnnxNetwork(content)

        def score(some: list[Candidate], network: OnnxNetwork = network) -> object:
            return network.logits(model.inputs(some), len(some))

        form = f"ONNX, {precision}, batches by length"
        yield Measured(name, form, rate(score, rows), scores.get(precision, "-"))


def measure_other(name: str, artifact: Artifact, rows: list[Candidate]) -> Iterator[Measured]:
    """Measure a model that has one form."""
    # a fast model is given so many rows that its time can be measured
    yield Measured(name, "as it is", rate(artifact.model.predict_act_proba, rows * 20), "-")


def report(measured: Sequence[Measured], rows: list[Candidate], facts: dict[str, str]) -> str:
    """Write the table; ratios are to the first form of the same model, and of the first model."""
    first = {one.model: one.rate for one in reversed(measured)}
    start = measured[0].rate
    lines = [
        f"| {one.model} | {one.form} | {one.rate:,.0f} | {one.rate / first[one.model]:.1f} | "
        f"{one.rate / start:.1f} | {one.macro_f1} |"
        for one in measured
    ]
    sentences = len({(row.document, row.text) for row in rows})
    told = "\n".join(f"| {key} | {value} |" for key, value in facts.items())
    return f"""# speed: results

Written by `experiments/speed/speed.py`; do not edit. Candidates in memory to probabilities,
tokenizing among it, one thread, processor time, one round over {len(rows)} triples in {sentences}
sentences. Macro-F1 is that of the saved model's own record, on the rows that its precision was
chosen on.

| model | form | triples/s | times its first form | times the first row | macro-F1 |
| --- | --- | --- | --- | --- | --- |
{chr(10).join(lines)}

| | |
| --- | --- |
{told}
"""


def main() -> None:
    """Measure every model that is given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labelled", type=Path, help="JSONL file of ready examples")
    parser.add_argument("models", type=Path, nargs="+", help="model folders; the slowest first")
    parser.add_argument("--sentences", type=int, default=SENTENCES)
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("results.md"))
    arguments = parser.parse_args()
    if not arguments.labelled.is_file():
        print(f"speed is not measured: {arguments.labelled} is not there")
        return
    os.environ["OMP_NUM_THREADS"] = "1"
    artifacts = [open_artifact(folder) for folder in arguments.models]
    examples = read_labelled(arguments.labelled, artifacts[0].knowledge)
    texts = list(dict.fromkeys(example.candidate.text for example in examples))
    chosen = set(texts[: arguments.sentences])
    rows = [example.candidate for example in examples if example.candidate.text in chosen]
    measured: list[Measured] = []
    for artifact in artifacts:
        config = json.loads((artifact.folder / "config.json").read_text(encoding="utf-8"))
        measure = measure_encoder if isinstance(artifact.model, EncoderModel) else measure_other
        for one in measure(config["name"], artifact, rows):
            print(one)
            measured.append(one)
    facts = {
        "load of the machine beside it (1, 5, 15 minutes)": ", ".join(
            f"{load:.1f}" for load in os.getloadavg()
        ),
        "processor": _processor(),
        "Python": platform.python_version(),
        "commit": str(current_commit()),
    }
    write_text(arguments.output, report(measured, rows, facts))


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    known = dict(line.split("\t: ", 1) for line in lines if "\t: " in line)
    wanted = [flag for flag in ("avx512_vnni", "avx512_bf16") if flag in known.get("flags", "")]
    return f"{known.get('model name', platform.machine()).strip()}, {' '.join(wanted) or 'neither'}"


if __name__ == "__main__":
    main()
