"""One process at a time at one work: the system frees the lock, however a process ends."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from alliance_stance.errors import InputError


def lock_file(folder: Path) -> Path:
    """Give what a process holds while it writes into a folder: beside it, hidden."""
    return folder.with_name(f".{folder.name}.lock")


@contextmanager
def one_process(lock: Path, work: str) -> Iterator[None]:
    """Keep other processes out.

    Parameters
    ----------
    lock
        A file; it is made, with its folder, and stays.
    work
        What is done, in a few words: ``"fits this model"``.

    Raises
    ------
    InputError
        At once, if another process holds the lock.
    """
    from filelock import FileLock, Timeout

    lock.parent.mkdir(parents=True, exist_ok=True)
    held = FileLock(lock)
    try:
        held.acquire(blocking=False)
    except Timeout:
        raise InputError(
            str(lock), f"another process that {work}", "one process at a time",
            "wait for it, or stop it and run the same command again",
        ) from None  # fmt: skip
    try:
        yield
    finally:
        held.release()


@contextmanager
def in_turn(lock: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    """Wait until no other process holds a lock, then keep the others waiting.

    Parameters
    ----------
    lock
        A file; it is made and stays.
    on_wait
        Called once, if there is somebody to wait for.
    """
    from filelock import FileLock, Timeout

    held = FileLock(lock)
    try:
        held.acquire(blocking=False)
    except Timeout:
        on_wait()
        held.acquire()
    try:
        yield
    finally:
        held.release()
