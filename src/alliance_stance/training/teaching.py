"""A saved model as the teacher of another: its probabilities are learned beside the labels.

Knowledge distillation (Hinton, Vinyals and Dean 2015, "Distilling the Knowledge in a Neural
Network"); on candidates that nobody labelled the teacher's answer is all there is (self-training
where both are of one size).
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from alliance_stance.datasets.table import BuiltDataset, build_dataset
from alliance_stance.errors import ConfigError
from alliance_stance.evaluation.labelled import read_labelled
from alliance_stance.evaluation.overlap import check_told, sentence_key
from alliance_stance.fingerprints import SHORT, file_fingerprint, fingerprint
from alliance_stance.inference.artifact import open_artifact
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.models.base import Matrix, StanceModel
from alliance_stance.models.checkpoint import Checkpoint, Checkpoints
from alliance_stance.schema import ACTS, Candidate, Example
from alliance_stance.training.experiment import TeacherSettings
from alliance_stance.training.made_of import weights_identity
from alliance_stance.training.one_process import in_turn

_AT_ONCE = 1024
_ANSWERS = "answers"
"""Name of their tensor, and of the folder beside the data sets that keeps them."""
_HELD_SPLITS = ("dev", "test")
_UNLABELLED_SPLITS = ("train", "unlabelled")
"""A weak data set keeps apart what rules are silent or at odds on: there a teacher adds most."""


@dataclass(frozen=True)
class Answers:
    """What a teacher says, and how long that took it, whenever it was.

    Parameters
    ----------
    probabilities
        Of acts, of shape (n, 14).
    seconds
        Without those that were waited for another fit.
    """

    probabilities: Matrix
    seconds: float


@dataclass(frozen=True)
class Teaching:
    """What one model is taught by.

    Parameters
    ----------
    settings
        Of the experiment's entry.
    unlabelled
        Candidates without a label that the student learns besides; may be empty.
    key
        Fingerprint of teacher, share and candidates.
    folder
        Where answers are kept for every fit that asks the same.
    """

    settings: TeacherSettings
    unlabelled: list[Candidate]
    key: str
    folder: Path

    def answers(
        self,
        candidates: Sequence[Candidate],
        basis: object = None,
        *,
        is_verbose: bool,
        checkpoints: Checkpoints | None = None,
    ) -> Answers:
        """Ask the teacher for act probabilities, unless it was asked before.

        Parameters
        ----------
        candidates
            What it is asked about.
        basis
            What its answers depend on besides itself and the candidates, such as versions of
            libraries; JSON-able.
        is_verbose
            True to show a progress bar.
        checkpoints
            Of the fit; None to keep no answers and look for none.

        Raises
        ------
        ArtifactError
            If the teacher's folder is damaged.
        """
        artifact = open_artifact(self.settings.model)
        model = artifact.model
        if not artifact.is_trimmed:
            model.use_torch()
        if checkpoints is None:
            return _ask(model, candidates, None, is_verbose=is_verbose)
        numbers = None if artifact.is_trimmed else _torch_numbers()
        identity = weights_identity(self.settings.model), model.source_fingerprint(), numbers
        key = fingerprint(*identity, [repr(c) for c in candidates], basis)
        kept = checkpoints.shared(self.folder / key[:SHORT], key)
        self.folder.mkdir(parents=True, exist_ok=True)
        # another seed, fitted at the same time, has to wait, and finds all answered
        with in_turn(self.folder / f"{key[:SHORT]}.lock", _tell_waiting):
            return _ask(model, candidates, kept, is_verbose=is_verbose)


def _torch_numbers() -> str:
    from alliance_stance.models.bf16 import torch_numbers

    return torch_numbers()


def _ask(
    model: StanceModel,
    candidates: Sequence[Candidate],
    kept: Checkpoints | None,
    *,
    is_verbose: bool,
) -> Answers:
    begun = time.monotonic()
    found = np.zeros((len(candidates), len(ACTS)))
    done = 0 if kept is None else _take_up(kept, found)
    for start in _track(range(done, len(candidates), _AT_ONCE), is_shown=is_verbose):
        end = min(start + _AT_ONCE, len(candidates))
        found[start:end] = model.predict_act_proba(candidates[start:end])
        if kept is not None and (end == len(candidates) or kept.is_due()):
            kept.write(_checkpoint(found, end))
    seconds = 0.0 if kept is None else kept.seconds_before
    return Answers(found, seconds + time.monotonic() - begun)


def _tell_waiting() -> None:
    from rich.console import Console

    told = "    waits for another fit, which asks the same teacher"
    Console(stderr=True).print(told, highlight=False, markup=False, soft_wrap=True)


def _track(starts: range, *, is_shown: bool) -> Iterable[int]:
    from rich.console import Console
    from rich.progress import track

    return track(
        starts,
        description="asking the teacher",
        console=Console(stderr=True),
        transient=True,
        disable=not is_shown,
    )


def _checkpoint(found: Matrix, done: int) -> Checkpoint:
    from torch import from_numpy

    place = f"answer {done} of {len(found)} of the teacher"
    return Checkpoint(done, place, {_ANSWERS: from_numpy(found[:done])}, {})


def _take_up(checkpoints: Checkpoints, found: Matrix) -> int:
    """Fill in the answers that are kept, and say how many they are.

    A teacher that was asked to the end, such as for another seed, is no fit that goes on.
    """
    checkpoint = checkpoints.begin({"answers": found.shape})
    if checkpoint is None:
        return 0
    kept = checkpoint.tensors[_ANSWERS].numpy()
    found[: len(kept)] = kept
    if len(kept) < len(found):
        checkpoints.resume(checkpoint)
    return len(kept)


def open_teaching(
    settings: TeacherSettings | None,
    dataset: BuiltDataset,
    knowledge: Knowledge,
    processed: Path,
    calibration: BuiltDataset | None = None,
) -> Teaching | None:
    """Open what a model is taught by; None where it has no teacher.

    Documents are left out of the unlabelled candidates where they hold a sentence of the
    development or test split, of the rows that are calibrated on, or of the files to be left out.

    Parameters
    ----------
    settings
        Of the experiment's entry.
    dataset
        What the student is fitted and measured on.
    knowledge
        For labelled files.
    processed
        Where data sets are built.
    calibration
        On whose development split the student is calibrated; None for that of `dataset`.

    Raises
    ------
    ArtifactError
        If there is no such teacher, or it does not tell what it was fitted on.
    StanceError
        If the unlabelled data set cannot be built, or a file not be read.
    """
    if settings is None:
        return None
    taught_by = weights_identity(settings.model)
    check_told(settings.model)
    unlabelled: list[Candidate] = []
    parts: list[str] = []
    if settings.unlabelled is not None:
        built = build_dataset(settings.unlabelled, knowledge, processed)
        held = [
            e for split in _HELD_SPLITS if split in dataset.splits for e in dataset.examples(split)
        ]
        held += [] if calibration is None else calibration.examples("dev")
        for path in settings.left_out:
            held += read_labelled(path, knowledge)
        splits = [split for split in _UNLABELLED_SPLITS if split in built.splits]
        unlabelled = _without([e for split in splits for e in built.examples(split)], held)
        parts = [built.fingerprint, *map(file_fingerprint, settings.left_out)]
        parts += [] if calibration is None else [calibration.fingerprint]
    elif settings.left_out:
        raise ConfigError(
            "teacher", "left_out without unlabelled", "both or neither", "take left_out away"
        )
    key = fingerprint(taught_by, settings.share, parts)
    return Teaching(settings, unlabelled, key, processed / _ANSWERS)


def _without(examples: Sequence[Example], held: Sequence[Example]) -> list[Candidate]:
    keys = {sentence_key(example.candidate.text) for example in held}
    named = {e.candidate.document for e in examples if sentence_key(e.candidate.text) in keys}
    return [e.candidate for e in examples if e.candidate.document not in named]
