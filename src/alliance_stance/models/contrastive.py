"""A supervised contrastive loss over judged pairs, and batches that keep minimal groups together.

Khosla et al. 2020, "Supervised Contrastive Learning", beside cross-entropy as in Gunel et al. 2021.
"""

import re
from collections.abc import Sequence

import torch
from torch import Tensor

from alliance_stance.schema import Candidate

TEMPERATURE = 0.1
_GROUP = re.compile(r"(contrast-\d+)-\d+")


def groups_of(candidates: Sequence[Candidate]) -> list[str]:
    """Give the minimal group of each candidate; one of none is its own."""
    names = []
    for row, candidate in enumerate(candidates):
        found = _GROUP.fullmatch(candidate.document)
        names.append(f"#{row}" if found is None else found[1])
    return names


def contrastive_loss(states: Tensor, acts: Tensor) -> Tensor:
    """Draw pairs of one act together and others apart.

    Parameters
    ----------
    states
        What the head reads of each pair, shape (p, w).
    acts
        Columns of their acts, shape (p,); -1 where unknown.
    """
    known = acts >= 0
    states, acts = torch.nn.functional.normalize(states[known].float(), dim=1), acts[known]
    size = len(acts)
    own = torch.eye(size, dtype=torch.bool, device=states.device)
    logits = (states @ states.T / TEMPERATURE).masked_fill(own, -1e9)
    log_shares = torch.log_softmax(logits, dim=1)
    alike = (acts[:, None] == acts[None, :]) & ~own
    counts = alike.sum(dim=1)
    if not bool(counts.any()):
        return states.sum() * 0.0
    sums = (log_shares * alike).sum(dim=1)
    return -(sums[counts > 0] / counts[counts > 0]).mean()
