"""The kinds of data sets that are read from labelled documents; a new one is a line here."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from alliance_stance.config import Section
from alliance_stance.datasets.gold import GoldSettings, build_gold, count_gold, gold_fingerprint
from alliance_stance.datasets.labelled import (
    LabelledSettings,
    build_labelled,
    count_labelled,
    labelled_fingerprint,
)
from alliance_stance.datasets.standoff import (
    StandoffSettings,
    build_standoff,
    count_standoff,
    note_standoff,
    standoff_fingerprint,
)
from alliance_stance.errors import DatasetError


def no_notes(settings: Section, knowledge: object, folder: Path) -> list[str]:
    """Say nothing: the whole input was used."""
    return []


def no_stages(settings: Section, knowledge: object, folder: Path, stage: str) -> None:
    """Refuse to begin at a stage: there is but one.

    Raises
    ------
    DatasetError
        Always.
    """
    raise DatasetError(
        "--from", repr(stage), "no stage for this kind of data set", "leave the option out"
    )


class DatasetKind(NamedTuple):
    """What a kind of data set is made by; every function takes its recipe and the knowledge.

    `count_documents` reads and checks the whole input, `measure` gives a build's fingerprint,
    `build` also takes the folder where builds are kept, `notes` says what of the input could be
    used, a line each, and `forget` removes what is kept of a stage and of all later ones. Builds
    of a kind with stages take `on_unit`, which is told how many inputs are done.
    """

    section: type[Section]
    build: Callable[..., Any]
    measure: Callable[..., str]
    count_documents: Callable[..., int]
    notes: Callable[..., list[str]] = no_notes
    forget: Callable[..., None] = no_stages
    has_stages: bool = False


DOCUMENT_KINDS: dict[str, DatasetKind] = {
    "gold": DatasetKind(GoldSettings, build_gold, gold_fingerprint, count_gold),
    "standoff": DatasetKind(
        StandoffSettings, build_standoff, standoff_fingerprint, count_standoff, note_standoff
    ),
    "labelled": DatasetKind(LabelledSettings, build_labelled, labelled_fingerprint, count_labelled),
}
