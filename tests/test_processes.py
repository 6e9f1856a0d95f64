"""Work that is shared out to processes."""

import functools
import importlib
import os
import sys

import pytest

from alliance_stance import processes
from alliance_stance.errors import StanceError
from alliance_stance.processes import map_in_order

TOLD = "OMP_NUM_THREADS"
LIBRARY = """
import os
AT_IMPORT = os.environ.get("OMP_NUM_THREADS")

def make(setup):
    return lambda item: AT_IMPORT

def fail(setup):
    from alliance_stance.errors import StanceError
    raise StanceError("here", "this", "that", "do it")
"""


@pytest.fixture
def library(tmp_path, monkeypatch):
    """A library that counts its threads when it is imported, as numpy and torch do."""
    (tmp_path / "counts_threads.py").write_text(LIBRARY)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delenv(TOLD, raising=False)
    yield importlib.import_module("counts_threads")
    del sys.modules["counts_threads"]


@pytest.mark.parametrize(("cores", "set_", "told"), [(8, None, "4"), (1, None, "1"), (8, "3", "3")])
def test_processes_share_the_cores(library, monkeypatch, cores, set_, told):
    monkeypatch.setattr(processes, "available_cores", lambda: cores)
    if set_ is not None:
        monkeypatch.setenv(TOLD, set_)
    # set before the library is imported, and not here
    assert set(map_in_order(library.make, None, range(4), processes=2, ahead=1)) == {told}
    assert os.environ.get(TOLD) == set_


def test_one_process_is_this_one_and_has_all_cores(library):
    assert list(map_in_order(library.make, None, range(2), processes=1, ahead=1)) == [None, None]
    assert TOLD not in os.environ


def test_results_are_in_order():
    made = map_in_order(functools.partial, abs, range(-6, 0), processes=2, ahead=2)
    assert list(made) == [6, 5, 4, 3, 2, 1]


def test_what_cannot_be_made_is_told_as_it_is(library):
    with pytest.raises(StanceError, match="found this"):
        list(map_in_order(library.fail, None, range(4), processes=2, ahead=1))
