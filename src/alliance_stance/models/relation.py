"""What a state is to an alliance on a date, as words: a member, or a member of a rival."""

from functools import cache

from alliance_stance.knowledge.knowledge import Knowledge, load_knowledge
from alliance_stance.schema import Candidate

RIVALS = (
    ("NATO", "WARSAW_PACT"), ("NATO", "CSTO"), ("NATO", "SINO_SOVIET"), ("NATO", "UNION_STATE"),
    ("NATO", "RUSSIA_NORTH_KOREA"), ("WEU", "WARSAW_PACT"), ("EU", "COMECON"), ("EU", "EAEU"),
    ("EU", "UNION_STATE"), ("EU", "EFTA"), ("SEATO", "WARSAW_PACT"), ("SEATO", "SINO_SOVIET"),
    ("SEATO", "SINO_NORTH_KOREAN"), ("SEATO", "NAM"), ("CENTO", "WARSAW_PACT"),
    ("CENTO", "ARAB_LEAGUE"), ("CENTO", "NAM"), ("ANZUS", "SINO_SOVIET"),
    ("RIO_TREATY", "WARSAW_PACT"), ("OAS", "ALBA"), ("US_JAPAN", "SINO_SOVIET"),
    ("US_JAPAN", "SINO_NORTH_KOREAN"), ("US_JAPAN", "RUSSIA_NORTH_KOREA"),
    ("US_SOUTH_KOREA", "SINO_NORTH_KOREAN"), ("US_SOUTH_KOREA", "RUSSIA_NORTH_KOREA"),
    ("US_TAIWAN", "SINO_SOVIET"), ("US_PHILIPPINES", "SCO"), ("QUAD", "SCO"), ("AUKUS", "SCO"),
    ("QUAD", "SINO_NORTH_KOREAN"), ("AUKUS", "SINO_NORTH_KOREAN"), ("G7", "BRICS"),
    ("AXIS", "ANGLO_SOVIET"), ("AXIS", "FRANCO_SOVIET"), ("AXIS", "LITTLE_ENTENTE"),
    ("ENTENTE", "AXIS"), ("AES", "ECOWAS"), ("GUAM", "CSTO"), ("GUAM", "CIS"),
    ("FRANCO_GERMAN", "WARSAW_PACT"), ("INDO_SOVIET", "SINO_NORTH_KOREAN"),
    ("SOVIET_VIETNAMESE", "ASEAN"),
)  # fmt: skip
"""Alliances that were founded, or used, against each other."""

MEMBER, RIVAL = "member", "rival"


@cache
def _knowledge() -> Knowledge:
    return load_knowledge()


def _rivals(alliance: str) -> list[str]:
    return [b for pair in RIVALS if alliance in pair for b in pair if b != alliance]


def relation_words(candidate: Candidate) -> list[str]:
    """Give what is true of the state on the document's date; nothing where the date is unknown."""
    words = []
    if candidate.membership in {"member", "suspended"}:
        words.append(MEMBER)
    if candidate.date and any(
        _knowledge().memberships.status(candidate.state, rival, candidate.date) == "member"
        for rival in _rivals(candidate.alliance)
    ):
        words.append(RIVAL)
    return words
