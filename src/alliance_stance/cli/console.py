"""Where things are printed: results on standard output, progress and notes on standard error."""

import json
import logging
import math
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console, RenderableType
from rich.markup import escape

from alliance_stance.reporting.terminal import printable

_PIPED_WIDTH = 160
_EVERY = 30.0
"""Seconds between two lines about a long work."""
_SHOWN_AS_SECONDS = 90
_WORTH_TELLING = 100
"""Things below which a number of them is done before anybody asks."""


def show(result: RenderableType) -> None:
    """Print a result; without colours where the output is no terminal."""
    width = None if sys.stdout.isatty() else _PIPED_WIDTH
    Console(width=width).print(result)


def show_json(result: Any) -> None:  # noqa: ANN401 - whatever JSON holds
    """Print one JSON value on one line; a figure that could not be measured is null."""
    sys.stdout.write(json.dumps(_measured(result), ensure_ascii=False, allow_nan=False) + "\n")


def _measured(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Put None in the place of NaN, which is no JSON."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _measured(own) for key, own in value.items()}
    if isinstance(value, list | tuple):
        return [_measured(own) for own in value]
    return value


def note(text: str) -> None:
    """Tell how the work goes."""
    Console(stderr=True).print(printable(text), highlight=False, markup=False, soft_wrap=True)


def counted(number: int, noun: str) -> str:
    """Write a number with its noun, which takes an s."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def quiet_libraries() -> None:
    """Keep the libraries' own chatter out of what a user reads."""
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    if not sys.stderr.isatty():
        os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    logging.getLogger("alembic").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module=r"mlflow|datasets|torch|skorch")


@contextmanager
def counting(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show how many of a number of things are done, with a bar and the time left.

    The function that it gives takes both numbers. Where standard error is no terminal, a line is
    written at each tenth.
    """
    from rich.progress import Progress

    console = Console(stderr=True)
    if not _can_redraw(console):
        yield _tenths(what)
        return
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Say what is being done while it is; nothing is said where standard error is no terminal."""
    console = Console(stderr=True)
    if not _can_redraw(console):
        yield
        return
    with console.status(escape(printable(what))):
        yield


def _can_redraw(console: Console) -> bool:
    """Say whether a bar can be drawn over: FORCE_COLOR, which notebooks set, makes no terminal."""
    return console.is_terminal and sys.stderr.isatty()


def _tenths(what: str) -> Callable[[int, int], None]:
    def tell(done: int, total: int) -> None:
        if done and total >= _WORTH_TELLING and done * 10 // total > (done - 1) * 10 // total:
            note(f"{done} of {total} {what}")

    return tell


@contextmanager
def reckoning(what: str) -> Iterator[Callable[[int, int, int], None]]:
    """Show how many things are done, how fast, and how long it will take, with a bar.

    The function that it gives takes their number, and how much of the whole is done, of how much
    (0 where that is not known). What the first call tells was done before, and is not counted as
    speed. Where standard error is no terminal, a line is written every half minute.
    """
    from rich.progress import BarColumn, Progress, TextColumn

    console = Console(stderr=True)
    clock = Reckoning(what)
    if not _can_redraw(console):
        yield lambda count, done, total: _sometimes(clock, count, done, total)
        return
    columns = (BarColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=None)

        def tell(count: int, done: int, total: int) -> None:
            text = clock.line(count, done, total)
            progress.update(task, description=text, completed=done, total=total or None)

        yield tell


def _sometimes(clock: "Reckoning", count: int, done: int, total: int) -> None:
    line = clock.line(count, done, total)
    if clock.is_due():
        note(line)


class Reckoning:
    """Works out rate and time left.

    Parameters
    ----------
    what
        The things that are counted.
    now
        Gives the time in seconds.
    """

    def __init__(self, what: str, now: Callable[[], float] = time.monotonic) -> None:
        self._what = what
        self._now = now
        self._first: tuple[float, int, int] | None = None
        self._told = now()

    def line(self, count: int, done: int, total: int) -> str:
        """Say in a line how it goes."""
        if self._first is None:
            self._first = self._now(), count, done
        began, count_before, done_before = self._first
        seconds = self._now() - began
        text = f"{count} {self._what}"
        if seconds > 0 and count > count_before:
            text += f", {(count - count_before) / seconds:.1f} a second"
        if total and seconds > 0 and done > done_before:
            left = (total - done) * seconds / (done - done_before)
            text += f", {100 * done // total} %, {_duration(max(0.0, left))} left"
        return text

    def is_due(self) -> bool:
        """Say whether half a minute has gone since that was last so."""
        if self._now() - self._told < _EVERY:
            return False
        self._told = self._now()
        return True


def _duration(seconds: float) -> str:
    """Give a time in words.

    Examples
    --------
    >>> _duration(59.6), _duration(100), _duration(3 * 3600 + 125)
    ('60 s', '2 min', '3 h 2 min')
    """
    if seconds < _SHOWN_AS_SECONDS:
        return f"{round(seconds)} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
