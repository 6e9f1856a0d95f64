"""The model card: made from the run, so that no number in it was typed."""

from typing import Any


def write_card(config: dict[str, Any], facts: dict[str, Any], metrics: dict[str, Any]) -> str:
    """Write a model's card in Markdown.

    Parameters
    ----------
    config
        What ``config.json`` holds.
    facts
        What the manifest holds.
    metrics
        What ``metrics.json`` holds.
    """
    settings = "\n".join(f"| {key} | {value} |" for key, value in config["settings"].items())
    stances = "\n".join(
        f"| {stance} | {row['count']} | {row['precision']:.3f} | {row['recall']:.3f} "
        f"| {row['f1']:.3f} |"
        for stance, row in metrics["stances"].items()
    )
    origins = "".join(f"\n| {what} | {value} |" for what, value in _origins(config, facts, metrics))
    macro, polar = metrics["macro_f1"], metrics["polar_f1"]
    error = metrics["calibration_error"]
    return f"""# {config["name"]}, seed {config["seed"]}

A model of kind `{config["kind"]}` of alliance-stance {facts["versions"]["alliance-stance"]}. For
a sentence, a state and an alliance it says what position the state's government takes:
`favor`, `neutral` or `against`, with the act behind it.

**Use it** to find and count stances in English texts on international politics. **Do not use it**
to judge a single sentence that matters without reading it, persons, parties or publics (only
governments are labelled), or texts in other languages.

```python
from alliance_stance import load

predictor = load("<this folder>")
predictor.predict("Armenia froze its participation in the CSTO.")
```

## Scores
On the {metrics["split"]} split of `{facts["dataset"]}`: {metrics["example_count"]} triples in
{metrics["document_count"]} documents, intervals at {metrics["interval_level"]:.0%} by resampled
documents. Where a data set's sentences were written for it, as those of `gold` were, expect less
on real texts (see the results table in the README of the project).

| score | value | interval |
| --- | --- | --- |
| macro-F1 | {macro["value"]:.3f} | {macro["low"]:.3f} to {macro["high"]:.3f} |
| F1 of favor and against | {polar["value"]:.3f} | {polar["low"]:.3f} to {polar["high"]:.3f} |
| log-loss | {metrics["log_loss"]:.3f} | |
| expected calibration error | {error["value"]:.3f} | {error["low"]:.3f} to {error["high"]:.3f} |

| stance | triples | precision | recall | F1 |
| --- | --- | --- | --- | --- |
{stances}

## Made from
| what | value |
| --- | --- |
| data set fingerprint | {facts["dataset_fingerprint"]} |
| training triples | {metrics["train_example_count"]} |
| commit | {facts["commit"]} |
| seconds to fit | {metrics["fit_seconds"]:.1f} |{origins}
{settings}
"""


def _origins(
    config: dict[str, Any], facts: dict[str, Any], metrics: dict[str, Any]
) -> list[tuple[str, Any]]:
    """Tell what else a fit is made of: saved weights, a teacher, and rows of another data set."""
    told = [("weights begun with", config.get("start"))]
    told += [("share of them in the mean that was kept", config.get("start_share"))]
    teacher = config.get("teacher") or {}
    told += [("taught by", teacher.get("model"))]
    told += [("share of its answer where there is a label", teacher.get("share"))]
    told += [("unlabelled data set, which it alone labelled", teacher.get("unlabelled"))]
    told += [("triples of that", metrics.get("unlabelled_example_count"))]
    told += [("calibrated on the development split of", facts.get("calibrated_on"))]
    return [(what, value) for what, value in told if value]
