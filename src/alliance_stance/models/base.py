"""The contract of every model.

`X` is a sequence of marked candidates, `y` their stances. A model gives one probability per
stance and one per act; acts of a stance sum to the stance's probability, so that the two can
never contradict each other. A model's parameters are what its YAML file holds.

The contract is scikit-learn's, kept without its base classes: importing them costs more than a
second, which an opened model does not need.
"""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from alliance_stance.errors import ConfigError, DatasetError, StanceError
from alliance_stance.models.checkpoint import Checkpoints
from alliance_stance.models.precision import Precision
from alliance_stance.schema import ACTS, STANCE_OF_ACT, STANCES, Act, Candidate, Stance

Matrix = NDArray[np.float64]

ACT_STANCE_COLUMNS: NDArray[np.intp] = np.array([STANCES.index(STANCE_OF_ACT[act]) for act in ACTS])
"""For each act, the column of its stance."""


@dataclass(frozen=True)
class Lesson:
    """What a teacher says of training rows.

    Attributes
    ----------
    act_probabilities
        Shape (n, 14), rows summing to 1.
    share
        Weight of the teacher's answer on a row that has a label, in (0, 1]; the label has the
        rest.
    """

    act_probabilities: Matrix
    share: float


class StanceModel(ABC):
    """Base of every model: a scikit-learn classifier over candidates.

    Attributes
    ----------
    classes_
        The three stances, in the order of the probability columns.
    has_epochs
        True for a kind that passes over the training rows several times, and tells `on_epoch`.
    has_teacher
        True for a kind whose `fit` takes a `Lesson`.
    has_start
        True for a kind whose `fit` can begin with the weights of a fitted model.
    read_alike
        Parameters that a model has to share with the one that it begins with.
    start
        That model, of the same kind and encoder; None to begin anew. As with checkpoints it is no
        parameter, since it is no value that a model file can hold; who sets it counts it among
        what identifies the fit.
    on_epoch
        Called after each pass with the model, which can predict then with the weights that it
        would keep, and the number of passes made; what it raises ends the fit. None to call
        nothing. No parameter: it changes no fit.
    checkpoints
        Where a fit writes what it needs to go on should its process be killed, and from where it
        goes on; kinds whose fit is short write none. None to write none. No parameter either.
    fitted_in
        ``fp32`` or ``bf16``, for kinds with a network, which is fitted in what is faster here;
        empty for the others, and where the fit was another process's.
    encoder_commit
        Commit on the hub whose weights the fit began with or reads; empty for an encoder that lies
        here, for kinds without one, and where the fit was another process's.
    """

    classes_: NDArray[np.str_]
    has_epochs: ClassVar[bool] = False
    has_teacher: ClassVar[bool] = False
    has_start: ClassVar[bool] = False
    read_alike: ClassVar[tuple[str, ...]] = ()
    start: "StanceModel | None" = None
    on_epoch: Callable[["StanceModel", int], None] | None = None
    checkpoints: Checkpoints | None = None
    fitted_in: str = ""
    encoder_commit: str = ""

    @classmethod
    def read_otherwise(cls, own: Mapping[str, object], start: Mapping[str, object]) -> list[str]:
        """Name the parameters of `read_alike` that differ between a fit and its start."""
        return [name for name in cls.read_alike if own[name] != start[name]]

    def check_fit(self) -> None:  # noqa: B027 - most kinds refuse nothing
        """Refuse what cannot be fitted and can be told at once; by default nothing.

        Called with the start set, before a teacher answers or another part is fitted.

        Raises
        ------
        UnfitError
            Naming the setting.
        """

    @property
    def has_calibration(self) -> bool:
        """Whether `calibrate` changes the model's probabilities."""
        return False

    def fit(
        self,
        X: Sequence[Candidate],
        y: Sequence[Stance | None],
        acts: Sequence[Act | None] | None = None,
        lesson: Lesson | None = None,
    ) -> Self:
        """Fit the model.

        Parameters
        ----------
        X
            Marked candidates; length n >= 1.
        y
            Their stances; length n. None where only a teacher labels the row.
        acts
            Their acts, None where only the stance is known; None as a whole where no act is.
        lesson
            What a teacher says of the rows, for kinds with `has_teacher`; None for no teacher.

        Raises
        ------
        DatasetError
            If there is nothing to fit on, the lengths differ, a label is none of ours, or a row
            has neither a stance nor a teacher.
        """
        acts = acts if acts is not None else [None] * len(y)
        _check_lengths(len(X), len(y), len(acts))
        _check_labels("stance", y, STANCES)
        _check_labels("act", acts, ACTS)
        self.classes_ = np.array([str(stance) for stance in STANCES])
        try:
            self._fit_any(X, y, acts, lesson)
        except StanceError:
            # what was refused has not been fitted, and `predict` has to say so
            del self.classes_
            raise
        return self

    def _fit_any(
        self,
        X: Sequence[Candidate],
        y: Sequence[Stance | None],
        acts: Sequence[Act | None],
        lesson: Lesson | None,
    ) -> None:
        if lesson is not None:
            self._fit_taught(X, y, acts, lesson)
            return
        stances = [stance for stance in y if stance is not None]
        if len(stances) < len(y):
            raise DatasetError(
                "training data",
                f"{len(y) - len(stances)} rows without a stance",
                "one for each row, where no teacher says it",
                "label them, or leave them out",
            )
        self._fit(X, stances, acts)

    def begin_with(self, start: "StanceModel", where: str, *, share: float = 0.0) -> None:
        """Let the next fit begin with a fitted model's weights.

        Parameters
        ----------
        start
            See the attribute.
        where
            Its folder, for errors.
        share
            Of its weights in the mean of both that is kept when the fit is done, in [0, 1); 0 for
            the fit's own (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models").

        Raises
        ------
        ConfigError
            If the two do not fit together.
        """
        raise ConfigError(
            where, f"a start for {type(self).__name__}", "a kind that can begin with one",
            "take 'start' away",
        )  # fmt: skip

    def calibrate(  # noqa: B027 - most kinds have nothing to do
        self, X: Sequence[Candidate], y: Sequence[Stance]
    ) -> None:
        """Bring probabilities in line with hit rates on rows that were not fitted on.

        A model whose probabilities are shares, as those of a count or a logistic regression, has
        nothing to do.
        """

    def keep_rows(  # noqa: B027 - most kinds have nothing to do
        self, X: Sequence[Candidate], y: Sequence[Stance]
    ) -> None:
        """Keep rows that were not fitted on, where saving has to choose by them.

        `calibrate` keeps its own. A model whose weights are saved in one form has nothing to do.
        """

    def set_precision(self, precision: Precision) -> None:
        """Ask for a precision of what is scored fast, when weights are saved next.

        Raises
        ------
        ConfigError
            If a model of this kind is saved in one form.
        """
        raise ConfigError(
            f"precision {precision}", f"a model of the kind {type(self).__name__}",
            "an encoder, which has a fast form", "leave the precision out",
        )  # fmt: skip

    def use_torch(self) -> None:  # noqa: B027 - most kinds have nothing to do
        """Score as fitted from now on, and on a GPU where there is one, not from a fast form."""

    def saved_facts(self) -> dict[str, Any]:
        """Tell what was chosen when the weights were saved; empty where nothing was."""
        return {}

    def predict_proba(self, X: Sequence[Candidate]) -> Matrix:
        """Give P(stance), of shape (n, 3), columns as in `classes_`, rows summing to 1.

        Raises
        ------
        NotFittedError
            scikit-learn's, if the model has neither been fitted nor opened.
        """
        if not hasattr(self, "classes_"):
            from sklearn.exceptions import NotFittedError

            raise NotFittedError(f"{self!r} has not been fitted: call fit first")
        return sum_acts(self.predict_act_proba(X))

    def predict(self, X: Sequence[Candidate]) -> NDArray[np.str_]:
        """Give the most probable stance of each candidate; raises as `predict_proba` does."""
        columns = self.predict_proba(X).argmax(axis=1)
        stances: NDArray[np.str_] = self.classes_[columns]
        return stances

    def source_fingerprint(self) -> str:
        """Give a fingerprint of what a fit starts from besides the data; empty where nothing."""
        return ""

    @abstractmethod
    def predict_act_proba(self, X: Sequence[Candidate]) -> Matrix:
        """Give P(act), of shape (n, 14), columns as in `schema.ACTS`, rows summing to 1."""

    @abstractmethod
    def save_weights(self, folder: Path) -> None:
        """Write what was fitted into an existing folder, as JSON, skops or safetensors."""

    @abstractmethod
    def load_weights(self, folder: Path) -> None:
        """Read back what `save_weights` wrote; the parameters are those of the constructor.

        Raises
        ------
        ArtifactError
            If a file holds anything but plain numbers and trusted scikit-learn types.
        """

    @abstractmethod
    def _fit(
        self, X: Sequence[Candidate], y: Sequence[Stance], acts: Sequence[Act | None]
    ) -> None: ...

    def _fit_taught(
        self,
        X: Sequence[Candidate],
        y: Sequence[Stance | None],
        acts: Sequence[Act | None],
        lesson: Lesson,
    ) -> None:
        raise DatasetError(
            "training data",
            f"a teacher for {type(self).__name__}",
            "a kind of model that can be taught (encoder, packed)",
            "fit it on labels alone",
        )

    def score(self, X: Sequence[Candidate], y: Sequence[Stance]) -> float:
        """Give the share of candidates whose stance is predicted; in [0, 1]."""
        return float(np.mean(self.predict(X) == np.array([str(stance) for stance in y])))

    @classmethod
    def parameter_names(cls) -> list[str]:
        """Name the parameters of the constructor, in its order."""
        return [name for name in inspect.signature(cls).parameters if name != "self"]

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Give the parameters by name; `deep` is scikit-learn's and changes nothing here."""
        return {name: getattr(self, name) for name in self.parameter_names()}

    def set_params(self, **parameters: Any) -> Self:  # noqa: ANN401 - as many kinds as settings
        """Set parameters by name.

        Raises
        ------
        ValueError
            If the model has no parameter of a name.
        """
        known = self.parameter_names()
        for name, value in parameters.items():
            if name not in known:
                raise ValueError(f"{type(self).__name__} has no parameter {name!r}, but {known}")
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        """Give the call that makes an equal unfitted model."""
        given = ", ".join(f"{name}={value!r}" for name, value in self.get_params().items())
        return f"{type(self).__name__}({given})"

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401 - scikit-learn's own untyped record
        """Tell scikit-learn that this is a classifier, and that `X` is not an array of numbers."""
        from sklearn.utils import ClassifierTags, InputTags, Tags, TargetTags

        return Tags(
            estimator_type="classifier",
            target_tags=TargetTags(required=True),
            classifier_tags=ClassifierTags(),
            input_tags=InputTags(two_d_array=False, string=True),
        )


def _check_lengths(candidates: int, stances: int, acts: int) -> None:
    if not candidates or candidates != stances:
        raise DatasetError(
            "training data",
            f"{candidates} candidates with {stances} stances",
            "at least one candidate, and one stance for each",
            "check the data set's train split",
        )
    if candidates != acts:
        raise DatasetError(
            "training data",
            f"{candidates} candidates with {acts} acts",
            "one act for each candidate, or None where it is not known",
            "give as many, or leave acts out",
        )


def _check_labels(what: str, labels: Sequence[str | None], known: Sequence[str]) -> None:
    """Refuse a label that no column is of: some kinds would count it for nothing."""
    strange = sorted({str(label) for label in labels if label is not None and label not in known})
    if strange:
        raise DatasetError(
            "training data",
            f"the {what} {', '.join(strange)!r:.60}",
            f"one of {', '.join(known)}",
            "translate your labels into these",
        )


def sum_acts(act_probabilities: Matrix) -> Matrix:
    """Sum act probabilities into stance probabilities: shape (n, 14) to (n, 3)."""
    stances = np.zeros((len(act_probabilities), len(STANCES)))
    for column, stance in enumerate(ACT_STANCE_COLUMNS):
        stances[:, stance] += act_probabilities[:, column]
    return stances


def choose_acts(act_probabilities: Matrix) -> NDArray[np.intp]:
    """Choose the likeliest act of the likeliest stance, of shape (n,), as columns of `ACTS`.

    Another stance's act alone may be likelier; the answer must not contradict the stance.
    """
    stances = sum_acts(act_probabilities).argmax(axis=1)
    is_inside = ACT_STANCE_COLUMNS[None, :] == stances[:, None]
    acts: NDArray[np.intp] = np.where(is_inside, act_probabilities, -1.0).argmax(axis=1)
    return acts


def act_shares(acts: Sequence[Act | None]) -> Matrix:
    """Estimate P(act | stance) by counting, of shape (14,), add-one smoothed within a stance.

    Acts that are not given are spread evenly over those of their stance.
    """
    counts = np.ones(len(ACTS))
    for act in acts:
        if act is not None:
            counts[ACTS.index(act)] += 1
    totals = np.bincount(ACT_STANCE_COLUMNS, weights=counts, minlength=len(STANCES))
    shares: Matrix = counts / totals[ACT_STANCE_COLUMNS]
    return shares


def spread_over_acts(stance_probabilities: Matrix, shares: Matrix) -> Matrix:
    """Split stance probabilities over their acts: shapes (n, 3) and (14,) or (n, 14) to (n, 14)."""
    spread: Matrix = stance_probabilities[:, ACT_STANCE_COLUMNS] * shares
    return spread
