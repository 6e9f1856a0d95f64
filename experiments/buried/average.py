"""Average the weights of saved encoders that went on from one another, and save the mean.

The mean of fits of one course is often better than any of them, and costs no more to score
(Izmailov et al. 2018; Wortsman et al. 2022, "Model soups"). The folders are named in the order of
their fits; the last one's sentences hold those of the others. The mean is calibrated on the
development split of one recipe, measured on that of another, and its fast form written in four
bits.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from alliance_stance.datasets.table import build_dataset
from alliance_stance.errors import ArtifactError, StanceError
from alliance_stance.evaluation.overlap import TRAINING_SENTENCES
from alliance_stance.evaluation.report import measure, score_examples
from alliance_stance.fingerprints import fingerprint
from alliance_stance.inference.artifact import Artifact, open_artifact, save_artifact
from alliance_stance.models.precision import Precision
from alliance_stance.schema import Candidate, Example, Stance
from alliance_stance.training.card import write_card
from alliance_stance.training.commit import current_commit

if TYPE_CHECKING:
    from torch import Tensor

    from alliance_stance.models.encoder import EncoderModel

ROOT = Path(__file__).resolve().parents[2]
TOLD = ("run_key", "dataset", "dataset_fingerprint", "commit")


def main() -> None:
    """Read, average, measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path, help="Folder to write.")
    parser.add_argument("models", type=Path, nargs="+", help="Saved encoders, the last fit last.")
    parser.add_argument("--data", type=Path, required=True, help="Recipe to measure the mean on.")
    parser.add_argument(
        "--calibrate", type=Path, help="Recipe to find its temperature on; else that of --data."
    )
    arguments = parser.parse_args()
    artifacts = [open_artifact(folder) for folder in arguments.models]
    last = artifacts[-1]
    model = cast("EncoderModel", last.model)
    model.network_.load_state_dict(mean([state(artifact, last) for artifact in artifacts]))
    processed = ROOT / "data" / "processed"
    real = build_dataset(arguments.calibrate or arguments.data, last.knowledge, processed)
    model.calibrate(*labelled(real.examples("dev")))
    built = build_dataset(arguments.data, last.knowledge, processed)
    rows = built.examples("dev")
    scored = score_examples(model, rows, where="dev")
    metrics = {
        **measure(scored, split="dev", data_fingerprint=built.fingerprint),
        "train_example_count": len(built.examples("train")),
        "fit_seconds": sum(fit_seconds(artifact.folder) for artifact in artifacts),
    }
    keep(model, rows)
    config = json.loads((last.folder / "config.json").read_text("utf-8"))
    parts = [{key: artifact.manifest[key] for key in TOLD} for artifact in artifacts]
    facts = {
        "run_key": fingerprint([part["run_key"] for part in parts]),
        "dataset": built.name,
        "dataset_fingerprint": built.fingerprint,
        "knowledge_fingerprint": last.knowledge.fingerprint,
        "commit": current_commit(),
        "versions": last.manifest["versions"],
        "mean_of": parts,
        "calibrated_on": real.name,
    }
    documents = {
        "metrics.json": json.dumps(metrics, indent=1) + "\n",
        "README.md": write_card(config, facts, metrics),
        TRAINING_SENTENCES: (last.folder / TRAINING_SENTENCES).read_text("utf-8"),
    }
    save_artifact(
        arguments.output, model, last.knowledge, config=config, facts=facts, documents=documents
    )
    print(f"written to {arguments.output}: dev macro-F1 {metrics['macro_f1']['value']:.3f}")


def fit_seconds(folder: Path) -> float:
    """Read how long a saved model was fitted."""
    return float(json.loads((folder / "metrics.json").read_text("utf-8"))["fit_seconds"])


def state(artifact: Artifact, last: Artifact) -> "dict[str, Tensor]":
    """Give the weights of a saved encoder of the same reading and size as the last one."""
    for name in ("weights/tokenizer.json", "weights/encoder.json"):
        if artifact.manifest["files"][name] != last.manifest["files"][name]:
            raise ArtifactError(
                str(artifact.folder), f"another {name} than in {last.folder}", "fits of one course",
                "name a model and those that went on from it",
            )  # fmt: skip
    return dict(cast("EncoderModel", artifact.model).network_.state_dict())


def mean(states: "Sequence[dict[str, Tensor]]") -> "dict[str, Tensor]":
    """Average each tensor; whole numbers, which count, are those of the last."""
    return {
        name: sum(own[name] for own in states) / len(states) if value.is_floating_point() else value
        for name, value in states[-1].items()
    }


def keep(model: "EncoderModel", rows: Sequence[Example]) -> None:
    """Let the record of the four bits tell what they lose on the development rows."""
    model.keep_rows(*labelled(rows))
    model.set_precision(Precision.INT4_BLOCKS)


def labelled(rows: Sequence[Example]) -> tuple[list[Candidate], list[Stance]]:
    """Give the candidates and stances of labelled rows."""
    pairs = [(row.candidate, row.label.stance) for row in rows if row.label is not None]
    return [candidate for candidate, _ in pairs], [stance for _, stance in pairs]


if __name__ == "__main__":
    try:
        main()
    except StanceError as error:
        sys.exit(f"error: {error}")
