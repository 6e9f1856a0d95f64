"""The study of a search: Optuna's SQLite file of trials, opened by one process at a time."""

import sqlite3
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alliance_stance.datasets.table import BuiltDataset
from alliance_stance.errors import TrackingError
from alliance_stance.evaluation.bootstrap import Interval
from alliance_stance.fingerprints import SHORT, fingerprint
from alliance_stance.training.fit import fit_basis
from alliance_stance.training.made_of import weights_identity
from alliance_stance.training.one_process import one_process
from alliance_stance.training.search_space import Search

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial

DATABASE = "search.db"
_LOCK = "search.lock"
LOWER_IS_BETTER = frozenset({"log_loss"})
SETTINGS, FITS, COMMIT, REASON = "settings", "fits", "commit", "reason"
"""Names under which a trial keeps what was tried, what was measured, where, and why no more."""

MACRO_F1 = "macro_f1"
"""Name under which it keeps the mean macro-F1 over its seeds, with the interval."""

_MEDIAN_OF = 5
"""Complete trials before a fit may be ended for being under their median."""

_FIRST_JUDGED = 2
"""Pass after which a fit may first be ended."""


@dataclass(frozen=True)
class Trial:
    """One trial that is done.

    Parameters
    ----------
    number
        From 1, in the order in which trials were done.
    settings
        Values of the searched settings.
    value
        Mean of the objective over the seeds; None where the trial was ended early or failed.
    fits
        What `training.fit.fit_rows` measured, by seed; empty as above.
    macro_f1
        Mean over the seeds, with its interval over documents and seeds; None as above, and where
        a trial of several seeds was made before its interval was kept.
    reason
        Why there is no value; empty where there is one.
    passes
        Objective of the first seed after each pass, where passes are watched.
    commit
        That the trial was made at.
    started, ended
        Local time.
    """

    number: int
    settings: Mapping[str, Any]
    value: float | None
    fits: Mapping[int, Mapping[str, Any]]
    macro_f1: Interval | None
    reason: str
    passes: Mapping[int, float]
    commit: str
    started: datetime
    ended: datetime


_MAY_CHANGE = {"question", "trials", "timeout_minutes"}
_KNOWN_OTHERWISE = {"dataset", "first", "start", "start_share", "calibration"}
"""Where files lie does not count; what they hold does."""


def search_key(
    search: Search, dataset: BuiltDataset, calibration: BuiltDataset | None = None
) -> str:
    """Give the fingerprint of all that trials of one search share.

    Not in it are the number of trials, the time and the question, so that these may be changed.

    Raises
    ------
    ArtifactError
        If the trials begin with a saved model that is not there.
    """
    settings = search.settings.model_dump(mode="json", exclude=_MAY_CHANGE | _KNOWN_OTHERWISE)
    told: list[object] = [*search.sources()]
    if search.settings.start is not None:
        told += ["begun", weights_identity(search.settings.start), search.settings.start_share]
    if calibration is not None:
        told += ["calibrated", calibration.fingerprint]
    return fingerprint(settings, search.first, *fit_basis(dataset), *told)


@contextmanager
def open_study(search: Search, key: str, folder: Path) -> "Iterator[Study]":
    """Open the study of a search, or make it; nobody else can open it meanwhile.

    A trial that was running when the process ended is marked as failed.

    Parameters
    ----------
    search
        The search.
    key
        From `search_key`; another key is another study of the same file.
    folder
        Where the database lies.

    Raises
    ------
    TrackingError
        If Optuna is not installed, or the database cannot be used.
    InputError
        If another process has the study.
    """
    optuna = _import_optuna()
    with (
        one_process(folder / _LOCK, "runs this search"),
        _database_errors(folder / DATABASE),
        _quiet(),
    ):
        storage = _open_storage(optuna, folder / DATABASE)
        study = optuna.create_study(
            study_name=f"{search.name} {key[:SHORT]}",
            storage=storage,
            load_if_exists=True,
            direction="minimize" if search.settings.objective in LOWER_IS_BETTER else "maximize",
            pruner=_pruner(search),
        )
        for trial in study.get_trials(states=[optuna.trial.TrialState.RUNNING]):
            study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
        yield study


def _open_storage(optuna: Any, database: Path) -> Any:  # noqa: ANN401 - a lazy import
    try:
        return optuna.storages.RDBStorage(f"sqlite:///{database.resolve()}")
    except RuntimeError as error:
        raise TrackingError(
            str(database), str(error).split(". ")[0], f"tables of Optuna {optuna.__version__}",
            f"optuna storage upgrade --storage sqlite:///{database}, or install a later Optuna",
        ) from None  # fmt: skip


def other_studies(study: "Study", search: Search) -> list[str]:
    """Name the studies of the same search with other settings, data or code."""
    import optuna

    names = optuna.get_all_study_names(study._storage)
    return [name for name in names if name != study.study_name and name.startswith(search.name)]


def finished_trials(study: "Study") -> list[Trial]:
    """Give the trials that are done, in order; those that were cut off are not among them."""
    from optuna.trial import TrialState

    done = study.get_trials(states=[TrialState.COMPLETE, TrialState.PRUNED])
    return [_trial(number, frozen) for number, frozen in enumerate(done, start=1)]


def passes_before(study: "Study", fit: str) -> dict[int, float]:
    """Give what was reported of a fit in the trial that is to be made, before it was cut off.

    Parameters
    ----------
    study
        From `open_study`; its trials are made one after the other.
    fit
        Key of the fit among the `FITS` of a trial.

    Returns
    -------
    dict
        Score by pass; empty where this trial was not cut off behind that fit, or was not watched.
    """
    from optuna.trial import TrialState

    found: dict[int, float] = {}
    for trial in study.get_trials(deepcopy=False):
        if trial.state in (TrialState.COMPLETE, TrialState.PRUNED):
            found = {}
        elif trial.state == TrialState.FAIL and fit in trial.user_attrs.get(FITS, {}):
            found = dict(trial.intermediate_values)
    return found


def rank_trials(trials: Sequence[Trial], objective: str) -> list[Trial]:
    """Give the trials that have a value, the best first, the earlier of equal ones first."""
    sign = 1 if objective in LOWER_IS_BETTER else -1
    valued = [(sign * t.value, t.number, t) for t in trials if t.value is not None]
    return [trial for _, _, trial in sorted(valued, key=lambda entry: entry[:2])]


def setting_importances(study: "Study", search: Search) -> dict[str, float]:
    """Give the share of the objective's variance that each setting explains, the largest first.

    By functional ANOVA (Hutter et al. 2014) over the complete trials. Shares sum to 1.

    Returns
    -------
    dict
        Empty where fewer than two trials are complete or all have the same value.
    """
    from optuna.importance import FanovaImportanceEvaluator, get_param_importances

    values = {trial.value for trial in finished_trials(study)} - {None}
    if len(values) < 2:
        return {}
    evaluator = FanovaImportanceEvaluator(seed=search.settings.sampler_seed)
    return dict(get_param_importances(study, evaluator=evaluator))


@contextmanager
def _database_errors(database: Path) -> Iterator[None]:
    from optuna.exceptions import StorageInternalError
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (StorageInternalError, SQLAlchemyError, sqlite3.Error) as error:
        raise TrackingError(
            str(database), str(error).splitlines()[0], "a database of trials that can be written",
            "mend or remove the file; without it the search begins anew",
        ) from None  # fmt: skip


@contextmanager
def _quiet() -> Iterator[None]:
    """Optuna calls half of its own arguments experimental."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="optuna")
        warnings.filterwarnings("ignore", message=".*experimental.*")
        yield


def _import_optuna() -> Any:  # noqa: ANN401 - a module
    try:
        import optuna
    except ImportError:
        raise TrackingError(
            "search", "no optuna", "an installed optuna", "pip install 'alliance-stance[train]'"
        ) from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


def _pruner(search: Search) -> Any:  # noqa: ANN401 - one of two classes of a lazy import
    from optuna.pruners import MedianPruner, NopPruner

    if not search.settings.prune:
        return NopPruner()
    return MedianPruner(n_startup_trials=_MEDIAN_OF, n_warmup_steps=_FIRST_JUDGED)


def _trial(number: int, frozen: "FrozenTrial") -> Trial:
    notes = frozen.user_attrs
    reason = str(notes.get(REASON, ""))
    fits = {} if reason else {fit["seed"]: fit for fit in notes.get(FITS, {}).values()}
    return Trial(
        number=number,
        settings=notes[SETTINGS],
        value=None if reason else frozen.value,
        fits=fits,
        macro_f1=None if reason else _macro_f1(notes.get(MACRO_F1), list(fits.values())),
        reason=reason,
        passes=dict(frozen.intermediate_values),
        commit=notes[COMMIT],
        started=frozen.datetime_start or datetime.min,
        ended=frozen.datetime_complete or datetime.min,
    )


def _macro_f1(
    kept: Mapping[str, float] | None, fits: Sequence[Mapping[str, Any]]
) -> Interval | None:
    if kept is None and len(fits) == 1:
        kept = fits[0]["macro_f1"]
    return None if kept is None else Interval(**kept)
