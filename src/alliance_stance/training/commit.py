"""Which commit the code is at, for every record of a score."""

import subprocess
from pathlib import Path


def current_commit() -> str:
    """Give the commit's hash, with ``+changes`` where files differ from it.

    Returns
    -------
    str
        ``"unknown"`` where the code is not in a git checkout, as after an install from a wheel.
    """
    own = Path(__file__).resolve()
    folder = own.parent
    try:
        # an environment may lie inside a checkout of something else
        _git(folder, "ls-files", "--error-unmatch", own.name)
        commit = _git(folder, "rev-parse", "HEAD")
        # generated tables and results do not change what is fitted
        changes = _git(folder, "status", "--porcelain", "--", ":/src", ":/configs", ":/data")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{commit}+changes" if changes else commit


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    return result.stdout.strip()
