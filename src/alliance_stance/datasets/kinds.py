"""The kinds of data sets that are read from labelled documents; a new one is a line here."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from alliance_stance.config import Section
from alliance_stance.datasets.built import Built
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
    standoff_fingerprint,
)
from alliance_stance.errors import DatasetError


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

    `build` also takes the folder where builds are kept; of an input whose build is up to date it
    reads the bytes once, for the fingerprint. `measure` gives the fingerprint alone,
    `count_documents` reads and checks the whole input, except the texts that rules are to label,
    and `counted` says what it counts. `forget` removes what is kept of a stage and of all later
    ones. Builds of a kind with stages take `on_unit`, which is told how many inputs are done.
    """

    section: type[Section]
    build: Callable[..., Built]
    measure: Callable[..., str]
    count_documents: Callable[..., int]
    forget: Callable[..., None] = no_stages
    has_stages: bool = False
    counted: str = "document_count"


DOCUMENT_KINDS: dict[str, DatasetKind] = {
    "gold": DatasetKind(GoldSettings, build_gold, gold_fingerprint, count_gold),
    "standoff": DatasetKind(StandoffSettings, build_standoff, standoff_fingerprint, count_standoff),
    "labelled": DatasetKind(LabelledSettings, build_labelled, labelled_fingerprint, count_labelled),
}
