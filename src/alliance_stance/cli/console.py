"""Where things are printed: results on standard output, progress and notes on standard error."""

import json
import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console, RenderableType

from alliance_stance.reporting.terminal import printable

_PIPED_WIDTH = 160
_WORTH_TELLING = 100
"""Things below which a number of them is done before anybody asks."""


def show(result: RenderableType) -> None:
    """Print a result; without colours where the output is no terminal."""
    width = None if sys.stdout.isatty() else _PIPED_WIDTH
    Console(width=width).print(result)


def show_json(result: Any) -> None:  # noqa: ANN401 - whatever JSON holds
    """Print one JSON value on one line."""
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")


def note(text: str) -> None:
    """Tell how the work goes."""
    Console(stderr=True).print(printable(text), highlight=False, markup=False, soft_wrap=True)


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
    if not console.is_terminal:
        yield _tenths(what)
        return
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _tenths(what: str) -> Callable[[int, int], None]:
    def tell(done: int, total: int) -> None:
        if done and total >= _WORTH_TELLING and done * 10 // total > (done - 1) * 10 // total:
            note(f"{done} of {total} {what}")

    return tell
