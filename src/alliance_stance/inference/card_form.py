"""What a model's card says of the form that answers: its scores are of the network as fitted."""

import re
from collections.abc import Mapping
from typing import Any

from alliance_stance.models.export_choice import TORCH

_TITLE = "## The form that answers"
_SECTION = re.compile(rf"\n*^{_TITLE}$.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_NO_FORM = "none"


def with_form(card: str, saved: Mapping[str, Any]) -> str:
    """Give a card with a section on the form that answers, in the place of an earlier one.

    Parameters
    ----------
    card
        In Markdown.
    saved
        What `StanceModel.saved_facts` tells; empty for a kind that has one form, and no section.
    """
    rest = _SECTION.sub("\n\n", card).strip("\n")
    if not saved:
        return f"{rest}\n"
    parts = saved.get("parts")
    if parts is None:
        lines = [_told(saved)]
    else:
        lines = [f"part {number}: {_told(part)}" for number, part in enumerate(parts) if part]
    listing = "\n".join(f"- {line}" for line in lines)
    return (
        f"{rest}\n\n{_TITLE}\nThe scores of this card are of the network as it was fitted. Where "
        f"there is a fast form, that is\nwhat answers, and what other rows are scored with.\n\n"
        f"{listing}\n"
    )


def _told(saved: Mapping[str, Any]) -> str:
    precision = saved["precision"]
    if precision == _NO_FORM:
        return f"no fast form ({saved['reason']}): the network itself answers"
    scores = saved["macro_f1"]
    if precision not in scores:
        return f"fast form in {precision}; what it loses was not measured"
    return (
        f"fast form in {precision}: macro-F1 {scores[precision]:.3f}, where the network has "
        f"{scores[TORCH]:.3f}, on {saved['rows']} triples that it was not fitted on; the same "
        f"stance in {saved['labels_equal'][precision]:.3f} of them"
    )
