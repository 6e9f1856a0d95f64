"""``alliance-stance evaluate``: score one saved model on labelled examples."""

from pathlib import Path
from typing import Annotated

import typer

from alliance_stance.cli.options import CHAMPION, JsonOption, ModelOption


def evaluate(
    data: Annotated[Path, typer.Option("--data", help="JSONL file of labelled examples.")],
    model: ModelOption = CHAMPION,
    json_: JsonOption = False,
) -> None:
    """Score a saved model on any file of labelled examples in the exchange format."""
    from alliance_stance.cli.console import quiet_libraries, show, show_json

    quiet_libraries()
    from alliance_stance import load
    from alliance_stance.evaluation.labelled import read_labelled
    from alliance_stance.evaluation.report import measure, score_examples
    from alliance_stance.fingerprints import file_fingerprint
    from alliance_stance.reporting.tables import metrics_table

    artifact = load(model).artifact
    examples = read_labelled(data, artifact.knowledge)
    scored = score_examples(artifact.model, examples, where=str(data))
    metrics = measure(scored, split=data.name, data_fingerprint=file_fingerprint(data))
    metrics["model"] = model
    metrics["model_commit"] = artifact.manifest["commit"]
    metrics["training_data_fingerprint"] = artifact.manifest["dataset_fingerprint"]
    if json_:
        show_json(metrics)
    else:
        count = f"{metrics['example_count']} triples in {metrics['document_count']} documents"
        show(metrics_table(metrics, title=f"{model} on {data}: {count}"))
