"""Record a comparison in MLflow: one parent run, and under it one run a model, side by side.

Metric names are those of the training runs (`tracking.runs.flat_metrics`): the rows, the score, and
``/low`` and ``/high`` for its interval, such as ``dev/macro_f1/low``. Only ``triples_per_second``
is another: of the form that answers, where a training run has that of the form that was fitted. To
read models side by side, filter the runs of an experiment by ``tags.comparison = 'dev'`` and select
them.
"""

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from alliance_stance.evaluation.bootstrap import Interval
from alliance_stance.fingerprints import fingerprint
from alliance_stance.reporting.comparison import comparison_summary
from alliance_stance.schema import STANCES
from alliance_stance.tracking.store import (
    DESCRIPTION,
    EXPERIMENT_PREFIX,
    open_store,
    select_experiment,
    store_errors,
)
from alliance_stance.training.compare import Comparison, Row

KEY = "comparison_key"
_NOT_IN_NAMES = re.compile(r"[^\w. -]", re.ASCII)
_LONGEST = 80
"""Characters of a part of a metric's name; MLflow takes 250 for the whole."""
_ROOM = 8000
"""Characters that MLflow takes as a description."""


def log_comparison(
    comparison: Comparison,
    rows: str,
    facts: Mapping[str, str],
    files: Sequence[Path],
    place: tuple[str, Path],
    params: Mapping[str, Mapping[str, Any]] | None = None,
) -> str:
    """Record a comparison, or find it where the same one was recorded before.

    Parameters
    ----------
    comparison
        The tables.
    rows
        Which rows: the first part of every metric's name.
    facts
        By name; kept as tags of the parent run.
    files
        Written results; kept with the parent run.
    place
        Name of our experiment, and the folder of the default store.
    params
        Settings of each model by its name, which stand beside its metrics; None for none.

    Returns
    -------
    str
        The parent run's id.

    Raises
    ------
    TrackingError
        If the store does not answer, or refuses the run.
    """
    name, root = f"{EXPERIMENT_PREFIX}{place[0]}", place[1]
    mlflow = open_store(root)
    metrics = {row.name: row_metrics(comparison, row, rows) for row in comparison.rows}
    key = fingerprint(_untimed(metrics), dict(facts))
    with store_errors():
        select_experiment(mlflow, name, root)
        recorded = mlflow.search_runs(
            experiment_names=[name],
            filter_string=f"tags.{KEY} = '{key}' and attributes.status = 'FINISHED'",
            max_results=1,
            output_format="list",
        )
        if recorded:
            return str(recorded[0].info.run_id)
        told = {"rows": rows, "key": key, "facts": facts, "params": params or {}}
        return _log(mlflow, comparison, metrics, told, files)


def _untimed(metrics: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """Leave out the speed: that of a saved model is timed anew by each comparison."""
    return {
        name: {key: value for key, value in own.items() if not key.endswith("triples_per_second")}
        for name, own in metrics.items()
    }


def _log(
    mlflow: Any,  # noqa: ANN401 - MLflow has no types
    comparison: Comparison,
    metrics: Mapping[str, Mapping[str, float]],
    told: Mapping[str, Any],
    files: Sequence[Path],
) -> str:
    tags = {"comparison": told["rows"], "reference": comparison.reference, "best": comparison.best}
    own = {_part(name).replace(" ", "_"): value for name, value in told["facts"].items()}
    prefix = _part(told["rows"])
    with mlflow.start_run(run_name=f"comparison on {told['rows']}") as parent:
        mlflow.log_metrics(
            {
                f"{prefix}/example_count": comparison.example_count,
                f"{prefix}/document_count": comparison.document_count,
            }
        )
        for file in files:
            mlflow.log_artifact(str(file))
        mlflow.set_tag(DESCRIPTION, _whole_lines(comparison_summary(comparison)))
        for row in comparison.rows:
            with mlflow.start_run(run_name=f"{row.name} on {told['rows']}", nested=True):
                mlflow.set_tags({**tags, "model": row.name, "kind": row.kind})
                mlflow.log_params(told["params"].get(row.name, {}))
                mlflow.log_metrics(metrics[row.name])
        # the key comes last, so that what was broken off is not taken for the whole
        mlflow.set_tags({**own, **tags, KEY: told["key"]})
        return str(parent.info.run_id)


def _whole_lines(text: str) -> str:
    """Leave the last lines out where a description would be too long."""
    return text if len(text) <= _ROOM else text[: text.rindex("\n", 0, _ROOM)]


def row_metrics(comparison: Comparison, row: Row, rows: str) -> dict[str, float]:
    """Give every number of a model in a comparison by its metric's name; NaN is left out."""
    found: dict[str, float | Interval | None] = {
        "macro_f1": row.macro_f1,
        "macro_f1/sd_over_seeds": row.macro_f1_spread,
        "polar_f1": row.polar_f1,
        "accuracy": row.accuracy,
        **{f"{stance}/f1": row.stance_f1[i] for i, stance in enumerate(STANCES)},
        "log_loss": row.log_loss,
        "calibration_error": row.calibration_error,
        "risk_coverage_area": None if row.curve is None else row.curve.area,
        "minimal_pairs": row.probes.minimal_pairs,
        "swapped": row.probes.swapped,
        "seed_count": float(len(row.seeds)),
    }
    if row.difference is not None:
        found |= {
            "minus_reference": row.difference.interval,
            "minus_reference/p": row.difference.p,
            "minus_reference/p_holm": row.difference.p_holm,
        }
    if row.cost is not None:
        found |= {
            "fit_seconds": row.cost.fit_seconds,
            "triples_per_second": row.cost.triples_per_second,
            "megabytes": row.cost.megabytes,
        }
    for part in comparison.slices:
        prefix = f"slice/{_part(part.dimension)}/{_part(part.name)}"
        # names that differ in what MLflow takes no more
        while f"{prefix}/example_count" in found:
            prefix += "_"
        found |= {
            f"{prefix}/macro_f1": part.macro_f1.get(row.name),
            f"{prefix}/accuracy": part.accuracy.get(row.name),
            f"{prefix}/example_count": float(part.example_count),
        }
    prefix = _part(rows)
    return {f"{prefix}/{name}": value for name, value in _flat(found) if not math.isnan(value)}


def _part(name: str) -> str:
    """Give a name as one part of a metric's, which MLflow reads as a path; none may be empty."""
    plain = _NOT_IN_NAMES.sub("_", name)[:_LONGEST]
    return plain if plain.strip(".") else "_"


def _flat(found: Mapping[str, float | Interval | None]) -> list[tuple[str, float]]:
    flat: list[tuple[str, float]] = []
    for name, value in found.items():
        if isinstance(value, Interval):
            flat += [(name, value.value), (f"{name}/low", value.low), (f"{name}/high", value.high)]
        elif value is not None:
            flat.append((name, value))
    return flat
