"""An exported network at work with onnxruntime: no torch, one file, safe for many threads."""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from alliance_stance.errors import ArtifactError
from alliance_stance.models.base import Matrix
from alliance_stance.models.batches import Arrays, Inputs, read_items
from alliance_stance.models.onnx_file import LARGEST_BYTES, find_fault
from alliance_stance.models.packed_file import read_either

_ERRORS_ONLY = 3
_ROUNDED_INPUTS = "4"
"""onnxruntime's level of accuracy at which inputs of layers in blocks are eight bits too."""
_MOST_TOKENS = 512
"""Of a batch: a processor's caches hold what such a one computes (1024 took 1.07 times as long)."""
_SLOW_FUSIONS = ("SkipLayerNormFusion", "BiasGeluFusion")
"""What onnxruntime would put together into kernels that take longer than their parts (the first
took a fifth of the time of a network in eight bits; measured with 1.32)."""
_RETRAIN = "train the model again, or fetch the folder anew"


def has_onnxruntime() -> bool:
    """Say whether the package is installed, without importing it."""
    return find_spec("onnxruntime") is not None


class OnnxNetwork:
    """Gives act logits for what an encoder reads.

    Parameters
    ----------
    content
        An ONNX file that was checked.

    Raises
    ------
    ValueError
        If onnxruntime cannot open it.
    """

    def __init__(self, content: bytes) -> None:
        self._session = new_session(content)
        self._names = [given.name for given in self._session.get_inputs()]

    def logits(self, inputs: Inputs, row_count: int) -> Matrix:
        """Give act logits of shape (n, 14), in the order of the rows."""
        return read_items(
            inputs, row_count, self._run, most_tokens=_MOST_TOKENS, threads=thread_count()
        )

    def _run(self, arrays: Arrays) -> Matrix:
        answer: Matrix = self._session.run(None, arrays.named)[0]
        return answer

    def check_inputs(self, names: list[str]) -> None:
        """Refuse a network that reads something else.

        Raises
        ------
        ValueError
            With both lists of names.
        """
        if sorted(self._names) != sorted(names):
            raise ValueError(f"a network that reads {self._names}, not {names}")


def open_network(path: Path, names: list[str]) -> OnnxNetwork:
    """Check an ONNX file and open it.

    Parameters
    ----------
    path
        The file, which may be compressed (`packed_file`); what it refers to elsewhere is never
        opened.
    names
        What it has to read.

    Raises
    ------
    ArtifactError
        If the file is missing, too large, or anything but a flat graph of standard operators.
    """
    try:
        if path.exists() and path.stat().st_size > LARGEST_BYTES:
            raise ValueError(f"more than {LARGEST_BYTES} bytes")
        content = read_either(path)
        fault = find_fault(content)
        if fault is not None:
            raise ValueError(fault)
        network = OnnxNetwork(content)
        network.check_inputs(names)
    except (OSError, ValueError) as error:
        raise ArtifactError(
            str(path), str(error), "one flat graph of standard operators", _RETRAIN
        ) from None
    return network


def new_session(content: bytes, *, threads: int = 1) -> Any:  # noqa: ANN401 - onnxruntime has no types
    """Open an ONNX file in memory.

    Parameters
    ----------
    content
        The file.
    threads
        Those that work at a batch together.

    Raises
    ------
    ValueError
        If onnxruntime cannot open it.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # scoring gives each core a batch of its own: two that share one took 1.3 times as long
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    # a waiting thread must not burn the core that somebody else works on
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.qdq_matmulnbits_accuracy_level", _ROUNDED_INPUTS)
    try:
        return onnxruntime.InferenceSession(
            content,
            options,
            providers=["CPUExecutionProvider"],
            disabled_optimizers=[*_SLOW_FUSIONS],
        )
    except Exception as error:  # noqa: BLE001 - the library's errors have no common base
        raise ValueError(str(error).splitlines()[0]) from None


def thread_count() -> int:
    """Give as many threads as `OMP_NUM_THREADS` says, else as cores that this process may use."""
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    if wanted.isdecimal() and int(wanted):
        return int(wanted)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
