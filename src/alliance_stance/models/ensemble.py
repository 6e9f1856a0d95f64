"""Several models fitted on the same data, their probabilities averaged.

The average is a linear opinion pool (Stone 1961, "The opinion pool"): act probabilities are summed
by weight, so that acts and stances agree as they do in every part.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field, ValidationError, field_validator

from alliance_stance.config import Section
from alliance_stance.errors import DatasetError
from alliance_stance.fingerprints import fingerprint
from alliance_stance.models.base import Matrix, StanceModel
from alliance_stance.models.counts import read_counts, shares_of, write_counts
from alliance_stance.schema import ACTS, STANCES, Act, Candidate, Stance

KIND = "ensemble"
_WEIGHTS = "weights"
_ROUNDS = 1000
_SETTLED = 1e-7


class EnsembleSettings(Section):
    """Settings of the ensemble."""

    parts: list[dict[str, Any]] = Field(
        min_length=2, description="Each as a model file of its own: kind, and every setting."
    )
    weighted: bool = Field(
        description="Weigh parts by the rows that probabilities are brought in line on, or evenly."
    )

    @field_validator("parts")
    @classmethod
    def _parts_are_models(cls, parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [_plain_part(part, number) for number, part in enumerate(parts, start=1)]


class EnsembleModel(StanceModel):
    """Averages the probabilities of its parts.

    Parameters
    ----------
    parts
        One mapping a part: ``kind``, and the settings of that kind.
    weighted
        True to let `calibrate` choose the weights; else every part weighs the same.
    random_state
        Seed of every part that has a random step.
    verbose
        True to show what a part shows while it is fitted.

    Attributes
    ----------
    parts_
        The fitted models.
    weights_
        What each weighs, of shape (parts,); they sum to 1.
    """

    def __init__(
        self,
        *,
        parts: Sequence[Mapping[str, Any]] = (),
        weighted: bool = False,
        random_state: int = 0,
        verbose: bool = False,
    ) -> None:
        self.parts = parts
        self.weighted = weighted
        self.random_state = random_state
        self.verbose = verbose

    @property
    def has_calibration(self) -> bool:
        """Whether weights are chosen, or a part can be calibrated."""
        return self.weighted or any(part.has_calibration for part in self._new_parts())

    def check_fit(self) -> None:
        """Refuse what one of the parts refuses."""
        for part in self._new_parts():
            part.check_fit()

    def _fit(self, X: Sequence[Candidate], y: Sequence[Stance], acts: Sequence[Act | None]) -> None:
        self.parts_ = self._new_parts()
        for number, part in enumerate(self.parts_):
            if self.checkpoints is not None:
                part.checkpoints = self.checkpoints.part(self._part_name(number))
            part.fit(X, y, acts=acts)
        self.fitted_in = " and ".join(sorted({p.fitted_in for p in self.parts_} - {""}))
        commits = {part.encoder_commit for part in self.parts_} - {""}
        self.encoder_commit = " and ".join(sorted(commits))
        self.weights_ = np.full(len(self.parts_), 1 / len(self.parts_))

    def calibrate(self, X: Sequence[Candidate], y: Sequence[Stance]) -> None:
        """Calibrate each part, then take the weights of least log-loss of the stances."""
        for part in self.parts_:
            part.calibrate(X, y)
        if self.weighted and len(X):
            right = [STANCES.index(stance) for stance in y]
            rows = np.arange(len(right))
            self.weights_ = find_weights(
                np.stack([part.predict_proba(X)[rows, right] for part in self.parts_])
            )

    def keep_rows(self, X: Sequence[Candidate], y: Sequence[Stance]) -> None:
        """Let each part keep the rows."""
        for part in self.parts_:
            part.keep_rows(X, y)

    def use_torch(self) -> None:
        """Let each part score as fitted."""
        for part in self.parts_:
            part.use_torch()

    def saved_facts(self) -> dict[str, Any]:
        """Tell what each part chose."""
        facts = [part.saved_facts() for part in self.parts_]
        return {"parts": facts} if any(facts) else {}

    def predict_act_proba(self, X: Sequence[Candidate]) -> Matrix:
        """Average the parts' probabilities by weight."""
        probabilities = np.zeros((len(X), len(ACTS)))
        for weight, part in zip(self.weights_, self.parts_, strict=True):
            probabilities += weight * part.predict_act_proba(X)
        return probabilities

    def source_fingerprint(self) -> str:
        """Give a fingerprint of what the parts start from; empty where all start from nothing."""
        sources = [part.source_fingerprint() for part in self._new_parts()]
        return fingerprint(*sources) if any(sources) else ""

    def save_weights(self, folder: Path) -> None:
        """Write the weights (JSON), and each part into a folder of its own."""
        write_counts(folder, {_WEIGHTS: self.weights_})
        for number, part in enumerate(self.parts_):
            own = folder / self._part_name(number)
            own.mkdir()
            part.save_weights(own)

    def load_weights(self, folder: Path) -> None:
        """Read the weights and each part, which checks its own files."""
        self.parts_ = self._new_parts()
        self.weights_ = read_counts(folder, {_WEIGHTS: shares_of(len(self.parts_))})[_WEIGHTS]
        for number, part in enumerate(self.parts_):
            part.load_weights(folder / self._part_name(number))
        self.classes_ = np.array([str(stance) for stance in STANCES])

    def _new_parts(self) -> list[StanceModel]:
        # the table lists this module, so it cannot be imported before
        from alliance_stance.models.table import build_model, model_kind

        if not self.parts:
            raise DatasetError("ensemble", "no parts", "two or more", "list them under 'parts'")
        built = []
        for part in self.parts:
            settings = {key: value for key, value in part.items() if key != "kind"}
            kind = str(part["kind"])
            _, section = model_kind(kind, where="ensemble")
            model = build_model(kind, section(**settings), seed=self.random_state)
            if self.verbose and "verbose" in model.get_params():
                model.set_params(verbose=True)
            built.append(model)
        return built

    def _part_name(self, number: int) -> str:
        return f"{number}-{self.parts[number]['kind']}"


def find_weights(given: Matrix) -> Matrix:
    """Find the mixture of least log-loss, by expectation maximisation (Dempster et al. 1977).

    The loss is convex in the weights, so there is one best mixture.

    Parameters
    ----------
    given
        Shape (parts, n): the probability that each part gave the right answer of each row.

    Returns
    -------
    Matrix
        Shape (parts,), summing to 1.

    Examples
    --------
    >>> find_weights(np.array([[0.9, 0.8], [0.2, 0.1]])).round(2)
    array([1., 0.])
    """
    weights = np.full(len(given), 1 / len(given))
    for _ in range(_ROUNDS):
        shares = weights[:, None] * np.maximum(given, 1e-12)
        new: Matrix = (shares / shares.sum(axis=0)).mean(axis=1)
        if np.abs(new - weights).max() < _SETTLED:
            return new
        weights = new
    return weights


def _plain_part(part: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Check a part as the file of a model is checked, and give its settings as plain values."""
    from alliance_stance.models.table import MODELS

    kind = str(part.get("kind"))
    if kind not in MODELS or kind == KIND:
        others = ", ".join(name for name in MODELS if name != KIND)
        raise ValueError(f"part {number}: kind {kind!r} is none of {others}")
    settings = {key: value for key, value in part.items() if key != "kind"}
    try:
        section = MODELS[kind][1](**settings)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or '(part)'}: {problem['msg']}"
            for problem in error.errors()
        )
        raise ValueError(f"part {number}, {kind}: {problems}") from None
    return {"kind": kind, **section.model_dump(mode="json")}
