"""What one annotator made of one task, between a file and its check."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Judgement(NamedTuple):
    """What one annotator made of one task, as a file gives it, not yet checked.

    Parameters
    ----------
    where
        File and place in it, for errors.
    task, worker
        Ids; an empty `worker` is not known.
    act, stance, note
        As filled in; empty where nothing was.
    shown
        What the annotator was shown, by column of `tasks.csv`.
    problem
        Why this cannot be taken whatever it says; empty otherwise.
    """

    where: str
    task: str
    worker: str
    act: str
    stance: str = ""
    note: str = ""
    shown: Mapping[str, str] = MappingProxyType({})
    problem: str = ""
