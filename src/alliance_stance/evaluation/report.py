"""Score a model on examples: predictions beside labels, and the record of every number."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from alliance_stance.draws import LEVEL, draw_documents
from alliance_stance.errors import ArtifactError, DatasetError
from alliance_stance.evaluation.bootstrap import bootstrap
from alliance_stance.evaluation.calibration import calibration_interval
from alliance_stance.evaluation.metrics import (
    RESAMPLED,
    Scored,
    act_position,
    act_scores,
    confusion,
    log_loss,
    stance_scores,
)
from alliance_stance.models.base import StanceModel, sum_acts
from alliance_stance.schema import STANCES, Example

INTERVAL_SEED = 20240
"""One seed for all intervals, so that tables of different runs use the same draws."""


def score_examples(model: StanceModel, examples: Sequence[Example], *, where: str) -> Scored:
    """Let a model judge labelled examples.

    Raises
    ------
    DatasetError
        If there are no examples, or one has no label.
    ArtifactError
        If the model's answers are no numbers.
    """
    unlabelled = [example.id for example in examples if example.label is None]
    if unlabelled or not examples:
        raise DatasetError(
            where,
            f"{len(unlabelled)} examples without a stance, such as {unlabelled[:1]}"
            if examples
            else "no examples",
            "labelled examples",
            "add their stances, or use predict",
        )
    labels = [example.label for example in examples if example.label is not None]
    acts = model.predict_act_proba([example.candidate for example in examples])
    if not np.isfinite(acts).all():
        raise ArtifactError(
            f"{type(model).__name__} on {where}", "weights that give no numbers", "probabilities",
            "train the model again, or fetch its folder anew",
        )  # fmt: skip
    return Scored(
        ids=[example.id for example in examples],
        documents=[example.candidate.document for example in examples],
        stances=np.array([STANCES.index(label.stance) for label in labels]),
        probabilities=sum_acts(acts),
        acts=np.array([act_position(label.act) for label in labels]),
        act_probabilities=acts,
    )


def measure(scored: Scored, *, split: str, data_fingerprint: str) -> dict[str, Any]:
    """Give every score with its count, interval, split and the fingerprint of the data.

    Returns
    -------
    dict
        Plain numbers, ready for JSON: ``split``, ``data_fingerprint``, ``example_count``,
        ``document_count``; ``macro_f1``, ``polar_f1``, ``accuracy`` and ``calibration_error`` with
        interval; ``log_loss``; ``stances``, ``confusion``; acts where known.
    """
    resampled = {
        name: asdict(
            bootstrap(
                metric, scored.stances, scored.predicted, scored.documents, seed=INTERVAL_SEED
            )
        )
        for name, metric in RESAMPLED.items()
    }
    return {
        "split": split,
        "data_fingerprint": data_fingerprint,
        "example_count": len(scored.ids),
        "document_count": len(set(scored.documents)),
        "interval_level": LEVEL,
        **resampled,
        "log_loss": log_loss(scored.stances, scored.probabilities),
        "calibration_error": asdict(
            calibration_interval([scored], draw_documents(scored.documents, seed=INTERVAL_SEED))
        ),
        **act_scores(scored),
        "stances": stance_scores(scored),
        "confusion": confusion(scored),
    }
