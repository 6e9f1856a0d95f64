"""Sentences made to catch a model out: minimal pairs, swapped names, and items of extraction."""

from collections.abc import Iterator
from pathlib import Path

from alliance_stance.cli.judging import (
    Fitted,
    ProbeFindings,
    judged_on_dev,
    median_run,
)
from alliance_stance.cli.options import MINIMAL_PAIRS
from alliance_stance.evaluation.challenge import judge_all, read_challenge
from alliance_stance.evaluation.minimal_pairs import (
    MinimalGroup,
    held_out_groups,
    minimal_pair_scores,
    read_minimal_pairs,
)
from alliance_stance.evaluation.name_swaps import prepare_swaps
from alliance_stance.evaluation.overlap import keys_of_all
from alliance_stance.evaluation.state_swap import rate_swaps
from alliance_stance.inference.artifact import open_artifact
from alliance_stance.models.base import StanceModel
from alliance_stance.schema import Example
from alliance_stance.training.compare import Probes

CHALLENGE = Path("data/challenge/extraction.jsonl")
_SWAPPED = "state"


def probe_fitted(fitted: Fitted, examples: list[Example]) -> ProbeFindings:
    """Probe the median fit of every model.

    A project without the files of minimal pairs or of challenge items has none of these.

    Parameters
    ----------
    fitted
        The models.
    examples
        Of these the judged state is swapped for another, once each.
    """
    groups, left_out = _groups(fitted)
    swaps = prepare_swaps(examples, fitted.knowledge, probes=(_SWAPPED,), per_example=1)
    probes = {}
    for name, model in _models(fitted):
        rate = rate_swaps(model, swaps)[_SWAPPED]
        pairs = minimal_pair_scores(model, groups)["all"].rate if groups else None
        probes[name] = Probes(pairs, rate.moved if rate.swap_count else None)
    facts = {"sentences with the judged state swapped": str(len(swaps.after[_SWAPPED]))}
    if groups:
        facts["groups of minimal pairs"] = str(len(groups))
    if left_out:
        facts["groups of minimal pairs left out that were trained on"] = str(left_out)
    if CHALLENGE.is_file():
        verdicts = judge_all(read_challenge(CHALLENGE))
        passed = sum(verdict.passes for verdict in verdicts)
        share = f"{passed / len(verdicts):.3f}, {passed} of {len(verdicts)}"
        facts["challenge items that extraction passes"] = share
    return ProbeFindings(probes, facts)


def _models(fitted: Fitted) -> Iterator[tuple[str, StanceModel]]:
    """Open the median fit of every model, one after the other, and give the guests."""
    for judged in judged_on_dev(fitted):
        yield judged.name, open_artifact(median_run(fitted, judged).folder).model
    for guest in fitted.guests:
        yield guest.name, guest.artifact.model


def _groups(fitted: Fitted) -> tuple[list[MinimalGroup], int]:
    """Give the groups that are new to all models, so that all are tried on the same, and the rest.

    The rest is a count.
    """
    if not MINIMAL_PAIRS.is_file():
        return [], 0
    groups = read_minimal_pairs(MINIMAL_PAIRS, fitted.knowledge)
    keys = keys_of_all(fitted.folders)
    unseen = held_out_groups(groups, fitted.dataset.splits["train"]["text"], keys)
    return unseen, len(groups) - len(unseen)
