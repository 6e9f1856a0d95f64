"""State-prior leakage: how often a label moves when only the names do.

A model that reads gives the same stance whoever is named; one that has learnt "Russia dislikes
NATO" does not. Sensitivity to names that should not matter is measured as in perturbation
analysis (Prabhakaran, Hutchinson and Mitchell 2019, "Perturbation Sensitivity Analysis to Detect
Unintended Model Biases") and the invariance tests of Ribeiro et al. (2020).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from alliance_stance.errors import DatasetError
from alliance_stance.evaluation.bootstrap import Interval, bootstrap
from alliance_stance.evaluation.metrics import Codes
from alliance_stance.evaluation.name_swaps import PROBES, Swaps, prepare_swaps
from alliance_stance.evaluation.report import INTERVAL_SEED
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.models.base import StanceModel
from alliance_stance.models.marking import WORD_MARKERS, mark_context, mark_text
from alliance_stance.schema import Candidate, Example


@dataclass(frozen=True, slots=True)
class SwapRate:
    """How a model takes one kind of swap.

    Parameters
    ----------
    probe
        What was swapped; see `name_swaps.PROBES`.
    example_count, swapped_count
        Examples in all, and those that could be written with other names.
    swap_count, document_count
        Versions of these, and documents that they come from.
    moved
        Share of versions with another stance than the example's own prediction; the interval is
        drawn by document. Not a number where there is no version.
    remarked
        Share of versions that masking does not make the same sentence again: extraction read
        them differently, which a masked model sees too.
    moved_alike
        Share of versions, of all, that moved though masking makes them the same sentence: the
        model read the names, or what is known of them.
    """

    probe: str
    example_count: int
    swapped_count: int
    swap_count: int
    document_count: int
    moved: Interval
    remarked: float
    moved_alike: float


def swap_rates(
    model: StanceModel,
    examples: Sequence[Example],
    knowledge: Knowledge,
    *,
    probes: Sequence[str] = PROBES,
    per_example: int = 3,
    seed: int = 0,
) -> dict[str, SwapRate]:
    """Count the labels that move when names are swapped.

    To rate several models, call `prepare_swaps` once and `rate_swaps` for each.

    Parameters
    ----------
    model
        Fitted.
    examples
        With or without labels: predictions are compared with predictions.
    knowledge
        Names, and who existed when.
    probes, per_example, seed
        See `prepare_swaps`.

    Raises
    ------
    DatasetError
        If there are no examples.
    """
    swaps = prepare_swaps(examples, knowledge, probes=probes, per_example=per_example, seed=seed)
    return rate_swaps(model, swaps)


def rate_swaps(model: StanceModel, swaps: Swaps) -> dict[str, SwapRate]:
    """Count the labels that move, by probe.

    Raises
    ------
    DatasetError
        If there are no examples.
    """
    if not swaps.before:
        raise DatasetError("swapped names", "no examples", "one or more", "check the data")
    before = model.predict_proba(swaps.before).argmax(axis=1)
    forms = [_masked(candidate) for candidate in swaps.before]
    answers = _answers(model, swaps)
    rates = {}
    for probe, versions in swaps.after.items():
        rows = np.array([swap.example for swap in versions], dtype=np.intp)
        after = answers[probe]
        is_alike = np.array(
            [_masked(swap.after) == forms[swap.example] for swap in versions], dtype=bool
        )
        has_moved = after != before[rows]
        documents = [swaps.before[row].document for row in rows]
        rates[probe] = SwapRate(
            probe,
            example_count=len(swaps.before),
            swapped_count=len(set(rows.tolist())),
            swap_count=len(versions),
            document_count=len(set(documents)),
            moved=_moved(before[rows], after, documents),
            remarked=_share(~is_alike),
            moved_alike=_share(has_moved & is_alike),
        )
    return rates


def _answers(model: StanceModel, swaps: Swaps) -> dict[str, Codes]:
    """Give the stances of all versions, by probe.

    They are asked for at once: most are the same sentence to a masked model, which reads it once.
    """
    after = [swap.after for versions in swaps.after.values() for swap in versions]
    found = model.predict_proba(after).argmax(axis=1) if after else np.zeros(0, dtype=np.intp)
    edges = np.cumsum([0, *(len(versions) for versions in swaps.after.values())])
    return {
        probe: found[start:end]
        for probe, (start, end) in zip(swaps.after, pairwise(edges), strict=True)
    }


def _moved(before: Codes, after: Codes, documents: Sequence[str]) -> Interval:
    if not len(before):
        return Interval(float("nan"), float("nan"), float("nan"))
    return bootstrap(_difference, before, after, documents, seed=INTERVAL_SEED)


def _difference(before: Codes, after: Codes) -> float:
    return float((before != after).mean())


def _share(flags: np.ndarray) -> float:
    return float(flags.mean()) if len(flags) else float("nan")


def _masked(candidate: Candidate) -> tuple[str, str]:
    """Write sentence and context as a masked model sees them."""
    return (
        mark_text(candidate, WORD_MARKERS, is_masked=True),
        mark_context(candidate, WORD_MARKERS, is_masked=True),
    )
