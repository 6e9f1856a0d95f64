"""Checkpoints of a fit: all that it needs to go on where it was, should its process be killed.

A folder holds `checkpoint.json` and the tensors that it names, as safetensors. Tensors are written
first, the JSON file is replaced last, and only then are older tensors removed; so a process that is
killed at any moment leaves the checkpoint of before or the new one, whole. Nothing in them is code.
Why it is so: docs/decisions/0027-checkpoints-of-a-fit.md.
"""

import json
import shutil
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alliance_stance.files import new_file, write_json
from alliance_stance.fingerprints import file_fingerprint, fingerprint

if TYPE_CHECKING:
    from torch import Tensor

FILE = "checkpoint.json"
EVERY_SECONDS = 300.0
"""Time after which a fit that is inside a pass writes again."""
_FORMAT = 2
_LARGEST = 2**20
_FIELDS = {
    "format", "fit", "key", "step", "place", "seconds", "values", "tensors", "tensors_sha256",
}  # fmt: skip


@dataclass(frozen=True)
class Checkpoint:
    """Where a fit was.

    Attributes
    ----------
    step
        Steps that were done.
    place
        The same for people: pass, step, learning rate.
    tensors
        By name.
    values
        What is no tensor, as JSON has it.
    """

    step: int
    place: str
    tensors: Mapping[str, "Tensor"]
    values: Mapping[str, Any]


class _UnusableError(Exception):
    """A checkpoint that a fit cannot go on from."""


def _warn(text: str) -> None:
    warnings.warn(text, stacklevel=2)


class Checkpoints:
    """Where one fit writes its checkpoints, and reads the last one.

    Parameters
    ----------
    folder
        Of this fit alone; made when there is something to write.
    key
        Fingerprint of all that the fit depends on. A checkpoint with another is not used.
    every_seconds
        A fit writes after each pass, and inside a pass after so many seconds.
    is_resumed
        False to start anew where there is a checkpoint.
    on_resume
        Called with the place where a fit goes on; None to call nothing.
    on_fault
        Called with one line about a checkpoint that cannot be used or written, without which the
        fit goes on, or that is of another fit and stays.
    """

    def __init__(
        self,
        folder: Path,
        key: str,
        *,
        every_seconds: float = EVERY_SECONDS,
        is_resumed: bool = True,
        on_resume: Callable[[str], None] | None = None,
        on_fault: Callable[[str], None] = _warn,
    ) -> None:
        self._folder = folder
        self._given_key = self._key = key
        self._every_seconds = every_seconds
        self._is_resumed = is_resumed
        self._on_resume = on_resume
        self._on_fault = on_fault
        self._parts: list[Checkpoints] = []
        self._shared: list[Checkpoints] = []
        self._anew = "the fit starts anew"
        self._place: str | None = None
        self._seconds_before = 0.0
        self._begun = self._written = time.monotonic()

    @property
    def place(self) -> str | None:
        """The place of the last checkpoint that is of this fit; None where there is none."""
        if self._place is not None:
            return self._place
        others = reversed([*self._shared, *self._parts])
        return next((part.place for part in others if part.place), None)

    @property
    def seconds_before(self) -> float:
        """Seconds that the fit had taken until the checkpoint that it went on from."""
        return self._seconds_before + sum(part.seconds_before for part in self._parts)

    def part(self, name: str) -> "Checkpoints":
        """Give those of a part of the model, which is fitted by itself."""
        part = self._another(self._folder / name, self._given_key, is_resumed=self._is_resumed)
        self._parts.append(part)
        return part

    def shared(self, folder: Path, key: str) -> "Checkpoints":
        """Give those of what other fits need as well: they lie elsewhere, and stay.

        They are gone on from even where the fit starts anew, and their seconds are not the fit's.

        Parameters
        ----------
        folder
            Where to; one fit at a time may work there.
        key
            Fingerprint of all that it depends on, which is less than what this fit depends on.
        """
        shared = self._another(folder, key, is_resumed=True)
        shared._anew = "what it holds is made anew"
        self._shared.append(shared)
        return shared

    def _another(self, folder: Path, key: str, *, is_resumed: bool) -> "Checkpoints":
        return Checkpoints(
            folder,
            key,
            every_seconds=self._every_seconds,
            is_resumed=is_resumed,
            on_resume=self._on_resume,
            on_fault=self._on_fault,
        )

    def begin(self, facts: object) -> Checkpoint | None:
        """Begin a fit: give the checkpoint that it goes on from; None where it starts anew.

        Parameters
        ----------
        facts
            What the model itself knows of the fit, JSON-able; part of the key from now on.
        """
        self._key = fingerprint(self._given_key, facts)
        self._begun = self._written = time.monotonic()
        if not self._is_resumed:
            # else the next training would go on from what this one was to forget
            (self._folder / FILE).unlink(missing_ok=True)
            return None
        if not (self._folder / FILE).exists():
            return None
        try:
            return self._read()
        except _UnusableError as error:
            self.refuse(str(error))
            return None

    def refuse(self, reason: str) -> None:
        """Tell that the checkpoint is not used, and why."""
        self._place, self._seconds_before = None, 0.0
        self._on_fault(f"the checkpoint in {self._folder} is {reason}; {self._anew}")

    def resume(self, checkpoint: Checkpoint) -> None:
        """Tell that the fit goes on from a checkpoint."""
        self._place = checkpoint.place
        if self._on_resume is not None:
            self._on_resume(checkpoint.place)

    def is_due(self) -> bool:
        """Say whether it is time to write inside a pass."""
        return time.monotonic() - self._written >= self._every_seconds

    def write(self, checkpoint: Checkpoint) -> None:
        """Write a checkpoint in the place of the one before."""
        from safetensors import SafetensorError

        try:
            self._write(checkpoint)
        except (OSError, SafetensorError) as error:
            self._on_fault(f"{self._folder}: no checkpoint written ({error}); the fit goes on")
        self._written = time.monotonic()

    def remove(self) -> None:
        """Remove every checkpoint, since the fit is done and saved."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def remove_own(self) -> None:
        """Remove what lies there unless another fit, which is not done, can go on from it."""
        files = sorted(self._folder.rglob(FILE))
        others = [path for path in files if _is_of_another(path, self._given_key)]
        if not others:
            self.remove()
            return
        self._on_fault(
            f"{self._folder} keeps the checkpoint of another fit, which was stopped: train goes "
            "on from it where its settings are given again; remove the folder if nobody will"
        )

    def _write(self, checkpoint: Checkpoint) -> None:
        from safetensors.torch import save_file

        name = f"step-{checkpoint.step}.safetensors"
        with new_file(self._folder / name) as beside:
            save_file(dict(checkpoint.tensors), beside)
            tensors_sum = file_fingerprint(beside)
        content = {
            "format": _FORMAT,
            "fit": self._given_key,
            "key": self._key,
            "step": checkpoint.step,
            "place": checkpoint.place,
            "seconds": self._seconds_before + time.monotonic() - self._begun,
            "values": checkpoint.values,
            "tensors": name,
            "tensors_sha256": tensors_sum,
        }
        write_json(self._folder / FILE, {**content, "sha256": fingerprint(content)})
        self._place = checkpoint.place
        for path in self._folder.iterdir():
            if path.is_file() and path.name not in {FILE, name}:
                path.unlink()

    def _read(self) -> Checkpoint:
        content = _read_sealed(self._folder / FILE)
        _check_fields(content)
        if content["key"] != self._key:
            raise _UnusableError("of another fit (settings, data, seed, code or versions differ)")
        tensors = _read_tensors(self._folder / Path(content["tensors"]).name, content)
        self._seconds_before = content["seconds"]
        return Checkpoint(content["step"], content["place"], tensors, content["values"])


def _read_sealed(path: Path) -> dict[str, Any]:
    """Read what was written, of whatever format."""
    try:
        with path.open("rb") as file:
            content = dict(json.loads(file.read(_LARGEST)))
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise _UnusableError(f"damaged ({error})") from None
    # JSON floats and whole numbers come back as they were, so the sum of what was read is that
    # of what was written
    if content.pop("sha256", None) != fingerprint(content):
        raise _UnusableError(f"damaged ({FILE} is not as it was written)")
    return content


def _check_fields(content: Mapping[str, Any]) -> None:
    if content.get("format") != _FORMAT:
        raise _UnusableError(f"of format {content.get('format')}, not {_FORMAT}")
    if content.keys() != _FIELDS:
        raise _UnusableError(f"damaged ({FILE} is not as it was written)")


def _is_of_another(path: Path, given_key: str) -> bool:
    """Say whether a fit with another key wrote this; nobody goes on from what is damaged."""
    try:
        # earlier formats do not tell, and were written by other code, which is part of a key
        return _read_sealed(path).get("fit") != given_key
    except _UnusableError:
        return False


def _read_tensors(path: Path, content: Mapping[str, Any]) -> dict[str, "Tensor"]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        if file_fingerprint(path) != content["tensors_sha256"]:
            raise _UnusableError(f"damaged ({path.name} is not as it was written)")
        tensors: dict[str, Tensor] = load_file(path)
    except (OSError, SafetensorError) as error:
        raise _UnusableError(f"damaged ({error})") from None
    return tensors
