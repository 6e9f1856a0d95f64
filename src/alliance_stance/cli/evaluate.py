"""``alliance-stance evaluate``: score one saved model on labelled examples."""

from pathlib import Path
from typing import Annotated

import typer

from alliance_stance.cli.options import CHAMPION, AbstainOption, JsonOption, ModelOption


def evaluate(
    data: Annotated[Path, typer.Option("--data", help="JSONL file of labelled examples.")],
    model: ModelOption = CHAMPION,
    json_: JsonOption = False,
    abstain_below: AbstainOption = None,
    figures: Annotated[
        Path | None,
        typer.Option(
            "--figures",
            help="Folder for the reliability diagram and the curve of risk against coverage, each "
            "as PNG and SVG.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Score a saved model on any file of labelled examples in the exchange format.

    With --abstain-below P the scores of the triples that would be answered stand beside those of
    all.
    """
    from alliance_stance.cli.console import note, quiet_libraries, show, show_json

    quiet_libraries()
    from dataclasses import asdict

    from alliance_stance import load
    from alliance_stance.evaluation.calibration import abstain
    from alliance_stance.evaluation.labelled import read_labelled
    from alliance_stance.evaluation.overlap import trained_on, training_keys
    from alliance_stance.evaluation.report import INTERVAL_SEED, measure, score_examples
    from alliance_stance.evaluation.resampling import draw_documents
    from alliance_stance.fingerprints import file_fingerprint
    from alliance_stance.reporting.tables import metrics_table

    artifact = load(model).artifact
    examples = read_labelled(data, artifact.knowledge)
    scored = score_examples(artifact.model, examples, where=str(data))
    metrics = measure(scored, split=data.name, data_fingerprint=file_fingerprint(data))
    metrics["model"] = model
    metrics["model_commit"] = artifact.manifest["commit"]
    metrics["training_data_fingerprint"] = artifact.manifest["dataset_fingerprint"]
    keys = training_keys(artifact.folder)
    metrics["trained_on_count"] = None if keys is None else len(trained_on(examples, keys))
    resamples = draw_documents(scored.documents, seed=INTERVAL_SEED)
    if abstain_below is not None:
        metrics["abstention"] = asdict(abstain(scored, resamples, abstain_below))
    if figures is not None:
        from alliance_stance.cli.results import write_calibration

        write_calibration(data.name, scored, resamples, figures)
        note(f"drawn in {figures}")
    if metrics["trained_on_count"]:
        note(f"warning: the model was fitted on {metrics['trained_on_count']} of these sentences")
    if json_:
        show_json(metrics)
    else:
        count = f"{metrics['example_count']} triples in {metrics['document_count']} documents"
        show(metrics_table(metrics, title=f"{model} on {data}: {count}"))
