"""Work that is shared out to processes, with results in order and a clean end; who is alive."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import islice
from multiprocessing import active_children, get_context, parent_process, resource_tracker
from pathlib import Path
from typing import Any, TypeVar

SetupT = TypeVar("SetupT")
ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")
_THREADS = "OMP_NUM_THREADS"
"""Number of threads of a process: what numpy, torch and `models.onnx_network` go by."""
_BOOT = "/proc/sys/kernel/random/boot_id"
_STATE, _START = 0, 19
"""Where they stand in `/proc/PROCESS/stat`, behind the name."""


def available_cores() -> int:
    """Give the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def map_in_order(
    make: Callable[[SetupT], Callable[[ItemT], ResultT]],
    setup: SetupT,
    items: Iterable[ItemT],
    *,
    processes: int,
    ahead: int,
) -> Iterator[ResultT]:
    """Work through items in several processes; the results do not depend on their number.

    Each of several processes computes with its share of the cores, unless `OMP_NUM_THREADS` is set.

    Parameters
    ----------
    make
        Called once in each process: gives what works on one item. It has to be a function of a
        module.
    setup
        What `make` is given; small, and it can be pickled, as items and results can.
    items
        Taken as they are needed.
    processes
        Their number; 1 works in this one.
    ahead
        Items that wait for each process, so that none is idle and few are held.

    Yields
    ------
    ResultT
        In the order of the items.
    """
    if processes == 1:
        yield from map(make(setup), items)
        return
    others = set(active_children())
    threads = max(1, available_cores() // processes)
    with ProcessPoolExecutor(
        processes, mp_context=get_context("spawn"), initializer=_start, initargs=(threads,)
    ) as pool:
        try:
            # `make` and `setup` go with each item: with `threads` they would be unpickled before
            # `_start` runs, and bring libraries in that start a thread for every core
            yield from _in_order(pool, partial(_run, make, setup), items, processes * ahead)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            # files are written whole or not at all, so nobody has to wait for the last ones
            for child in set(active_children()) - others:
                child.terminate()
            raise


def _in_order(
    pool: Executor, work: Callable[[ItemT], ResultT], items: Iterable[ItemT], ahead: int
) -> Iterator[ResultT]:
    """Yield results in order, with only so many items handed out at a time."""
    waiting = iter(items)
    with _deaf_to_interrupts():
        # the processes begin here
        running: list[Future[ResultT]] = [pool.submit(work, one) for one in islice(waiting, ahead)]
    while running:
        result = running.pop(0).result()
        running += [pool.submit(work, one) for one in islice(waiting, 1)]
        yield result


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Let processes that begin in the block ignore Ctrl-C, which a terminal sends to all of them.

    The one that they work for hears it, behind the block if it comes in it.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # it would let Ctrl-C through again when it begins itself (Python 3.11)
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_work: Callable[[Any], Any] | None = None
"""What works on an item in this process, once there was a first one."""


def _start(threads: int) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if not os.environ.get(_THREADS):
        os.environ[_THREADS] = str(threads)


def _end_with_parent() -> None:
    """Do not wait for ever for work from a process that was killed."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _run(
    make: Callable[[SetupT], Callable[[ItemT], ResultT]], setup: SetupT, item: ItemT
) -> ResultT:
    global _work
    if _work is None:
        _work = make(setup)
    result: ResultT = _work(item)
    return result


def process_start(process: int) -> str | None:
    """Tell when a process of this machine began, so that a later one of its number is another.

    Parameters
    ----------
    process
        Its number.

    Returns
    -------
    str or None
        None where there is no such process, or it has ended and only waits to be asked how.
    """
    if Path("/proc/self/stat").is_file():
        return _start_in_proc(process)
    command = ["ps", "-o", "lstart=", "-p", str(process)]
    fixed = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
    try:
        answer = subprocess.run(command, capture_output=True, text=True, env=fixed, check=False)
    except OSError:
        # a machine that cannot be asked: its runs are never taken for gone
        return None
    return answer.stdout.strip() or None


def _start_in_proc(process: int) -> str | None:
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # the program's name stands in parentheses, and may hold some itself
    fields = text.rpartition(")")[2].split()
    if fields[_STATE] in "ZX":
        return None
    # the clock counts from when the machine was started
    return f"{Path(_BOOT).read_text(encoding='utf-8').strip()}:{fields[_START]}"
