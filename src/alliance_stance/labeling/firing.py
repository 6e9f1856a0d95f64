"""Which labelling rules hold of one candidate, and what each claims."""

import re
from collections.abc import Sequence

from alliance_stance.labeling.rules.rule import Rule
from alliance_stance.labeling.rules.table import RULES
from alliance_stance.labeling.scenes.scene import Scene
from alliance_stance.schema import Candidate

_NUMBERS = re.compile(r" \([\d, ]+\)(?=\.$)")


def rules_that_hold(candidate: Candidate, rules: Sequence[Rule] = RULES) -> list[Rule]:
    """Give the rules that fire on a candidate, in the order of the table; empty where none does.

    Parameters
    ----------
    candidate
        With its mentions found.
    rules
        Those that are asked.
    """
    scene = Scene(candidate)
    return [rule for rule in rules if rule.holds(scene)]


def claim_of(rule: Rule) -> str:
    """Give what a rule claims, as its docstring has it; its name where docstrings were stripped.

    Examples
    --------
    >>> claim_of(next(rule for rule in RULES if rule.name == "supports_growth"))
    "The state supports the alliance's enlargement."
    """
    claim = " ".join((rule.holds.__doc__ or "").split())
    return _NUMBERS.sub("", claim) or rule.name
