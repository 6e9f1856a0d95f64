"""Score the parts of a run on this machine, in as many processes as are wanted."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alliance_stance.corpus.inputs import ReadOptions
from alliance_stance.errors import StanceError
from alliance_stance.inference.parts import PartWork
from alliance_stance.inference.predictor import Predictor
from alliance_stance.inference.score_folder import write_part
from alliance_stance.inference.score_plan import Plan
from alliance_stance.inference.score_run import Engine
from alliance_stance.inference.scoring import score_part
from alliance_stance.processes import map_in_order

_AHEAD = 2
"""Parts that wait for each process."""


@dataclass(frozen=True)
class _Setup:
    """What a process has to know; it can be pickled."""

    model: Path
    options: ReadOptions
    folder: Path
    stamp: Mapping[str, Any]
    explain: bool


def local_engine(plan: Plan, options: ReadOptions, predictor: Predictor, *, workers: int) -> Engine:
    """Score parts on this machine.

    Parameters
    ----------
    plan
        What is scored.
    options
        How units are read.
    predictor
        The model, opened; every further process opens its folder once.
    workers
        Number of processes; 1 works in this one.
    """
    setup = _Setup(predictor.artifact.folder, options, plan.folder, plan.stamp, plan.explain)

    def score(parts: Iterable[PartWork]) -> Iterator[tuple[int, Mapping[str, Any]]]:
        if workers == 1:
            yield from map(_writer(setup, predictor), parts)
            return
        try:
            yield from map_in_order(_open_writer, setup, parts, processes=workers, ahead=_AHEAD)
        except BrokenProcessPool:
            raise StanceError(
                "a process of --workers",
                "that it was ended, perhaps for want of memory",
                "one that works to its end",
                "go on with --resume, and with fewer --workers",
            ) from None

    return score


def _open_writer(setup: _Setup) -> Callable[[PartWork], tuple[int, Mapping[str, Any]]]:
    return _writer(setup, Predictor.open(setup.model))


def _writer(
    setup: _Setup, predictor: Predictor
) -> Callable[[PartWork], tuple[int, Mapping[str, Any]]]:
    def write(work: PartWork) -> tuple[int, Mapping[str, Any]]:
        part = score_part(predictor, setup.options, work, explain=setup.explain)
        write_part(setup.folder, work.number, part, setup.stamp)
        return work.number, part.facts

    return write
