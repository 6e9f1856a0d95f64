"""The kinds of data sets that are read from labelled documents; a new one is a line here."""

from collections.abc import Callable
from typing import Any, NamedTuple

from alliance_stance.config import Section
from alliance_stance.datasets.gold import GoldSettings, build_gold, count_gold, gold_fingerprint
from alliance_stance.datasets.standoff import (
    StandoffSettings,
    build_standoff,
    count_standoff,
    note_standoff,
    standoff_fingerprint,
)


def no_notes(settings: Section, knowledge: object) -> list[str]:
    """Say nothing: the whole input was used."""
    return []


class DatasetKind(NamedTuple):
    """What a kind of data set is made by; every function takes its recipe and the knowledge.

    `count_documents` reads and checks the whole input, `measure` gives a build's fingerprint,
    `build` also takes the folder where builds are kept, and `notes` says what of the input could
    be used, a line each.
    """

    section: type[Section]
    build: Callable[..., Any]
    measure: Callable[..., str]
    count_documents: Callable[..., int]
    notes: Callable[..., list[str]] = no_notes


DOCUMENT_KINDS: dict[str, DatasetKind] = {
    "gold": DatasetKind(GoldSettings, build_gold, gold_fingerprint, count_gold),
    "standoff": DatasetKind(
        StandoffSettings, build_standoff, standoff_fingerprint, count_standoff, note_standoff
    ),
}
