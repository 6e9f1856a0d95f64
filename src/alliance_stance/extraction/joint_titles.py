"""Which states sign a joint text, by its title.

Those that a title names only as the matter of the text ("on Iran"), or as the place where it was
signed, are no signatories (codebook, rule 37).
"""

import re
from collections.abc import Sequence

from alliance_stance.extraction.order import Ordered
from alliance_stance.schema import Mention

_JOINT = re.compile(
    r"\bjoint\b[^\n]{0,40}\b(?:statement|communiqu|declaration|readout)", re.IGNORECASE
)
_SPOKEN_OF = re.compile(
    r"\b(?:block|veto|reject|refus|oppos|condemn|critici[sz]|denounc|dismiss|slam|snub|welcom|"
    r"derail|fail|without\b)",
    re.IGNORECASE,
)
"""What a headline says of a text that others sign, or nobody."""
_MATTER = re.compile(
    r" (?:on|about|against|in|at|(?:call|concern|condemn|denounc|oppos|regard|reject|support|urg|"
    r"welcom)ing)\b|(?<=\w): ",
    re.IGNORECASE,
)
_PLACE = (" in ", " at ")
_FIELD = (" for ", " for the ")
_TOGETHER = re.compile(
    r"\b(?:meeting|visit|talks|call|consultations|summit|negotiations|relations|partnership|"
    r"cooperation|alliance|friendship|task force)\b",
    re.IGNORECASE,
)
"""What signatories do together: a title may name them as the parties of that only."""
_BY = re.compile(r" (?:by|from) ")
_TWO = 2


def is_of_a_joint_text(title: str) -> bool:
    """Say whether a title is that of a text that several sign."""
    joint = _JOINT.search(title)
    return joint is not None and _SPOKEN_OF.search(title, 0, joint.start()) is None


def signatories(title: str, states: Ordered, alliances: Sequence[Mention]) -> tuple[str, ...]:
    """Give the states that sign a joint text; empty for another kind of title.

    Parameters
    ----------
    title
        A document's title.
    states
        Its mentions of states and office-holders.
    alliances
        Its mentions of alliances, which may sign, too.
    """
    joint = _JOINT.search(title)
    signing = _parties(title, joint.end() if joint else 0, states, alliances)
    return tuple(dict.fromkeys(m.id for m in signing if not title[: m.start].endswith(_FIELD)))


def _parties(
    title: str, start: int, states: Ordered, alliances: Sequence[Mention]
) -> list[Mention]:
    """Give those who sign; the words for a joint text end at `start`."""
    matter = _MATTER.search(title, start)
    if matter is None:
        return states
    end = matter.start()
    signing = states.inside(0, end)
    named = {mention.id for mention in (*signing, *alliances) if mention.start < end}
    if len(named) >= _TWO:
        return signing
    by = _BY.search(title, end)
    if by is not None:
        behind = _MATTER.search(title, by.end())
        return signing + states.inside(by.end(), behind.start() if behind else len(title))
    if _TOGETHER.search(title, end):
        return [m for m in states if not title[: m.start].endswith(_PLACE)]
    return signing
