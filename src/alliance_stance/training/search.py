"""Search settings with Optuna, so that a search may be killed at any moment and goes on.

Every trial is kept in an SQLite file as it is made. The sampler of a trial is seeded from the
search's seed and the number of trials that are done, so a trial that was cut off is made again
with the same settings, and a search that was cut off is, trial for trial, the one that was not.
Only the development split decides; the test split is not read.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from statistics import mean
from typing import TYPE_CHECKING, Any

import numpy as np

from alliance_stance.draws import draw_documents
from alliance_stance.errors import ConfigError, StanceError, UnfitError
from alliance_stance.evaluation.bootstrap import Interval
from alliance_stance.evaluation.metrics import Scored, log_loss, macro_f1, polar_f1
from alliance_stance.evaluation.report import INTERVAL_SEED, score_examples
from alliance_stance.evaluation.resampling import confusion_sums, macro_f1_of, score_interval
from alliance_stance.fingerprints import fingerprint
from alliance_stance.models.base import StanceModel
from alliance_stance.schema import STANCES
from alliance_stance.training.commit import current_commit
from alliance_stance.training.experiment import ModelConfig
from alliance_stance.training.fit import DEV, FitRows, fit_rows, run_key
from alliance_stance.training.search_space import Choices, FloatRange, Search
from alliance_stance.training.search_study import (
    COMMIT,
    FITS,
    MACRO_F1,
    REASON,
    SETTINGS,
    Trial,
    finished_trials,
    passes_before,
)

if TYPE_CHECKING:
    from optuna import Study
    from optuna.distributions import BaseDistribution
    from optuna.trial import Trial as RunningTrial

_DIGITS = 4
_PREDICTED = "predicted"
"""Name under which a fit keeps its stances, as positions in `STANCES`, in the order of the rows."""

_SCORES: dict[str, Callable[[Scored], float]] = {
    "macro_f1": lambda scored: macro_f1(scored.stances, scored.predicted),
    "polar_f1": lambda scored: polar_f1(scored.stances, scored.predicted),
    "log_loss": lambda scored: log_loss(scored.stances, scored.probabilities),
}
# what a fit may raise because its settings are unfortunate, as a rate that blows up
_UNFIT = (ValueError, RuntimeError, ArithmeticError, MemoryError)


def run_trials(
    study: "Study",
    search: Search,
    rows: FitRows,
    *,
    on_trial: Callable[[list[Trial]], None],
    is_verbose: bool = False,
) -> list[Trial]:
    """Make trials until there are as many as the search wants, or its time is over.

    Parameters
    ----------
    study
        From `open_study`.
    search
        The search.
    rows
        Fitted on ``train``; ``dev`` decides.
    on_trial
        Is told all trials after each new one.
    is_verbose
        True to show a progress bar of each fit that has one.

    Returns
    -------
    list
        All trials that are done, in order.
    """
    minutes = search.settings.timeout_minutes
    deadline = math.inf if minutes is None else time.monotonic() + 60 * minutes
    done = finished_trials(study)
    while len(done) < search.settings.trials and time.monotonic() < deadline:
        _make_trial(study, search, rows, is_verbose=is_verbose)
        done = finished_trials(study)
        on_trial(done)
    return done


def _distributions(search: Search) -> "dict[str, BaseDistribution]":
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    found: dict[str, BaseDistribution] = {}
    for name, part in search.settings.space.items():
        if isinstance(part, Choices):
            found[name] = CategoricalDistribution(part.choices)
        elif isinstance(part, FloatRange):
            found[name] = FloatDistribution(part.low, part.high, log=part.log)
        else:
            found[name] = IntDistribution(part.low, part.high, log=part.log, step=part.step)
    return found


def _make_trial(study: "Study", search: Search, rows: FitRows, *, is_verbose: bool) -> None:
    """Choose settings, fit every seed, and keep what came of it."""
    from optuna import TrialPruned
    from optuna.trial import TrialState

    trial = _ask(study, search)
    try:
        value = _measure(trial, search, rows, is_verbose=is_verbose)
    except TrialPruned as pruned:
        trial.set_user_attr(REASON, str(pruned))
        study.tell(trial, state=TrialState.PRUNED)
    else:
        study.tell(trial, value)


def _ask(study: "Study", search: Search) -> "RunningTrial":
    from optuna.samplers import TPESampler
    from optuna.trial import TrialState

    done = len(finished_trials(study))
    study.sampler = TPESampler(
        seed=int(fingerprint(search.settings.sampler_seed, done)[:8], 16),
        n_startup_trials=search.settings.random_trials,
        multivariate=True,
        constant_liar=False,
    )
    is_queued = bool(study.get_trials(states=[TrialState.WAITING]))
    if search.first is not None and not done and not is_queued:
        study.enqueue_trial(search.first)
    trial = study.ask(_distributions(search))
    is_first = search.first is not None and not done
    settings = trial.params if is_first else _rounded(trial.params, search)
    trial.set_user_attr(SETTINGS, settings)
    trial.set_user_attr(COMMIT, current_commit())
    return trial


def _rounded(values: dict[str, Any], search: Search) -> dict[str, Any]:
    rounded = dict(values)
    for name, part in search.settings.space.items():
        if isinstance(part, FloatRange):
            shorter = float(f"{values[name]:.{_DIGITS}g}")
            rounded[name] = min(max(shorter, part.low), part.high)
    return rounded


def _measure(trial: "RunningTrial", search: Search, rows: FitRows, *, is_verbose: bool) -> float:
    """Fit every seed; a fit that was made before, in a trial that was cut off, is not made again.

    Raises
    ------
    TrialPruned
        If the settings give no score, or none that is worth going on for.
    """
    from optuna import TrialPruned

    try:
        config = search.model_config(trial.user_attrs[SETTINGS])
    except ConfigError as error:
        raise TrialPruned(f"settings that do not go together: {error}") from None
    known = _known_fits(trial.study)
    fits: dict[str, Any] = {}
    for position, seed in enumerate(search.settings.seeds):
        key = run_key(config, seed, rows.dataset, calibration=rows.calibration)
        is_watched = search.settings.prune and not position
        if is_watched and key in known:
            _report_again(trial, key)
        on_epoch = _watch(trial, search, rows) if is_watched else None
        metrics = known.get(key) or _fit(config, seed, rows, is_verbose, on_epoch)
        fits[key] = {"seed": seed, **metrics}
        trial.set_user_attr(FITS, fits)
    if all(_PREDICTED in metrics for metrics in fits.values()):
        trial.set_user_attr(MACRO_F1, asdict(_macro_f1(list(fits.values()), rows, search.name)))
    return mean(_value(metrics, search.settings.objective) for metrics in fits.values())


def _fit(
    config: ModelConfig,
    seed: int,
    rows: FitRows,
    is_verbose: bool,
    on_epoch: Callable[[StanceModel, int], None] | None,
) -> dict[str, Any]:
    from optuna import TrialPruned

    try:
        fit = fit_rows(config, seed, rows, is_verbose=is_verbose, on_epoch=on_epoch)
    except UnfitError as error:
        raise TrialPruned(f"the fit failed: {error}") from None
    except StanceError:
        raise
    except _UNFIT as error:
        told = " ".join(str(error).split())
        raise TrialPruned(f"the fit failed: {type(error).__name__}: {told}") from None
    if not math.isfinite(fit.metrics["log_loss"]):
        raise TrialPruned("the fit failed: its probabilities are no numbers")
    return {**fit.metrics, _PREDICTED: fit.scored.predicted.tolist()}


def _macro_f1(fits: Sequence[Mapping[str, Any]], rows: FitRows, name: str) -> Interval:
    """Give the mean over the seeds and its interval, of documents and seeds as in `compare`."""
    labels = [example.label for example in rows.dev if example.label is not None]
    right = np.array([STANCES.index(label.stance) for label in labels])
    documents = [example.candidate.document for example in rows.dev]
    resamples = draw_documents(documents, seed=INTERVAL_SEED)
    sums = [confusion_sums(right, np.array(fit[_PREDICTED]), resamples) for fit in fits]
    return score_interval(macro_f1_of, sums, resamples, name)


def _watch(
    trial: "RunningTrial", search: Search, rows: FitRows
) -> Callable[[StanceModel, int], None]:
    from optuna import TrialPruned

    def report(model: StanceModel, passes: int) -> None:
        scored = score_examples(model, rows.dev, where=f"{rows.dataset.name} {DEV}")
        trial.report(_SCORES[search.settings.objective](scored), passes)
        if trial.should_prune():
            raise TrialPruned(f"worse than the median of the others after pass {passes}")

    return report


def _report_again(trial: "RunningTrial", key: str) -> None:
    """Report the passes of a fit that this trial had made when it was cut off.

    Later trials are held against them. The fit had passed: it need not be judged again.
    """
    for passes, value in passes_before(trial.study, key).items():
        trial.report(value, passes)


def _value(metrics: Mapping[str, Any], objective: str) -> float:
    found = metrics[objective]
    return float(found["value"] if isinstance(found, Mapping) else found)


def _known_fits(study: "Study") -> dict[str, dict[str, Any]]:
    return {
        key: metrics
        for trial in study.get_trials(deepcopy=False)
        for key, metrics in trial.user_attrs.get(FITS, {}).items()
    }
