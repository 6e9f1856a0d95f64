"""Where things are printed: results on standard output, progress and notes on standard error."""

import json
import logging
import os
import sys
import warnings
from typing import Any

from rich.console import Console, RenderableType

_PIPED_WIDTH = 160


def show(result: RenderableType) -> None:
    """Print a result; without colours where the output is no terminal."""
    width = None if sys.stdout.isatty() else _PIPED_WIDTH
    Console(width=width).print(result)


def show_json(result: Any) -> None:  # noqa: ANN401 - whatever JSON holds
    """Print one JSON value on one line."""
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")


def note(text: str) -> None:
    """Tell how the work goes."""
    Console(stderr=True).print(text, highlight=False, markup=False, soft_wrap=True)


def quiet_libraries() -> None:
    """Keep the libraries' own chatter out of what a user reads."""
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    if not sys.stderr.isatty():
        os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    logging.getLogger("alembic").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module=r"mlflow|datasets|torch|skorch")
