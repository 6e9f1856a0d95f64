"""A search, told: the best trials, what each setting matters, and the best model's file."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from rich.table import Table
from rich.text import Text

from alliance_stance.datasets.table import BuiltDataset
from alliance_stance.draws import LEVEL
from alliance_stance.evaluation.overlap import keys_of_all, trained_on
from alliance_stance.fingerprints import SHORT
from alliance_stance.inference.shipped import shipped_name
from alliance_stance.training.fit import FitRows
from alliance_stance.training.search_space import Search
from alliance_stance.training.search_study import LOWER_IS_BETTER, Trial, rank_trials

SHOWN = 10
"""Trials that are listed."""

OBJECTIVE_NAMES = {
    "macro_f1": "macro-F1",
    "polar_f1": "F1 of favor and against",
    "log_loss": "log-loss",
}
_SCORES = ("macro-F1 [95 %]", "range", "favor+against", "log-loss", "ECE", "seconds")


def trial_line(trial: Trial, search: Search) -> str:
    """Tell one trial in a line."""
    settings = ", ".join(f"{name} {_plain(value)}" for name, value in trial.settings.items())
    if trial.value is None:
        return f"{settings}: {trial.reason}"
    return f"{settings}: dev {OBJECTIVE_NAMES[search.settings.objective]} {trial.value:.4f}"


def best_cells(trials: Sequence[Trial], search: Search) -> list[tuple[str, ...]]:
    """Give a row of cells for each of the best trials, as in `best_header`."""
    best = rank_trials(trials, search.settings.objective)[:SHOWN]
    return [_cells(trial, search) for trial in best]


def best_header(search: Search) -> tuple[str, ...]:
    """Give the column names of `best_cells`."""
    return ("trial", *search.settings.space, *_SCORES)


def best_table(trials: Sequence[Trial], search: Search) -> Table:
    """Lay the best trials out for a terminal."""
    name = OBJECTIVE_NAMES[search.settings.objective]
    table = Table(
        title=Text(f"{search.name}: best trials by {name} on the development split"),
        title_justify="left",
    )
    for column in best_header(search):
        table.add_column(column, justify="right")
    for position, cells in enumerate(best_cells(trials, search)):
        table.add_row(*cells, style=None if position else "bold")
    return table


def importance_table(importances: Mapping[str, float]) -> Table:
    """Lay the importances of settings out for a terminal."""
    table = Table(title=Text("share of the score's variance over trials"), title_justify="left")
    table.add_column("setting")
    table.add_column("share", justify="right")
    for name, share in importances.items():
        table.add_row(name, f"{share:.3f}")
    return table


def search_markdown(
    trials: Sequence[Trial],
    search: Search,
    importances: Mapping[str, float],
    rows: FitRows,
) -> str:
    """Write the results page of a search.

    Parameters
    ----------
    trials
        All that are done; at least one has a value.
    search
        The search.
    importances
        From `training.search_study.setting_importances`; may be empty.
    rows
        What was fitted and measured on.
    """
    settings = search.settings
    best = rank_trials(trials, settings.objective)[0]
    given_up = [trial for trial in trials if trial.value is None]
    lines = [
        f"# {search.name}: results",
        "",
        settings.question,
        "",
        "Written by `alliance-stance search`; do not edit.",
        "",
        _facts(trials, best, search, rows),
        "",
        _how_to_read(min(len(trials) - len(given_up), SHOWN), settings.objective),
        "",
        *_markdown(best_header(search), best_cells(trials, search)),
    ]
    if settings.first is not None:
        lines += ["", *_first_lines(trials[0], best, search)]
    if importances:
        lines += ["", "Share of the score's variance over trials that a setting explains:", ""]
        lines += _markdown(
            ("setting", "share"), [(name, f"{share:.3f}") for name, share in importances.items()]
        )
    if given_up:
        lines += ["", f"Without a score ({len(given_up)}):", ""]
        lines += [f"- trial {trial.number}: {trial_line(trial, search)}" for trial in given_up]
    return "\n".join([*lines, ""])


def model_yaml(best: Trial, search: Search, rows: FitRows) -> str:
    """Write the best trial's model file, ready for an experiment.

    What it was found with that only an experiment can say stands in its first lines.
    """
    import yaml

    score = f"{OBJECTIVE_NAMES[search.settings.objective]} {best.value:.4f}"
    found = search.model_config(dict(best.settings)).settings.model_dump(mode="json")
    content = yaml.safe_dump({"kind": search.settings.kind, **found}, sort_keys=False)
    return (
        f"# Found by `alliance-stance search`, {search.name}, trial {best.number}: {score} on\n"
        f"# the development split of {_told(rows.dataset)}.\n"
        + "".join(f"# {name}: {value}\n" for name, value in _beside(search, rows).items())
        + content
    )


def _told(dataset: BuiltDataset) -> str:
    return f"{dataset.name} {dataset.fingerprint[:SHORT]}"


def _beside(search: Search, rows: FitRows) -> dict[str, str]:
    """Tell what every fit began with and was calibrated on, where it is not the usual."""
    told = {}
    if search.settings.start is not None:
        share = search.settings.start_share
        told["start"] = _start_from(search) + (f" (start_share {share:g})" if share else "")
    if rows.calibration is not None:
        told["calibrated on"] = _told(rows.calibration)
    if known := seen_by_start(search, rows):
        told["triples of sentences that the start was fitted on"] = str(known)
    return told


def seen_by_start(search: Search, rows: FitRows) -> int:
    """Count the triples that decide whose sentence the start was fitted on: they flatter it."""
    if search.settings.start is None:
        return 0
    return len(trained_on(rows.dev, keys_of_all([search.settings.start])))


def _start_from(search: Search) -> str:
    """Give the start as an experiment beside the search would name it."""
    start = search.settings.start or Path()
    return shipped_name(start) or Path(os.path.relpath(start, search.folder)).as_posix()


def _facts(trials: Sequence[Trial], best: Trial, search: Search, rows: FitRows) -> str:
    settings = search.settings
    fit = next(iter(best.fits.values()))
    facts = {
        "rows": "the development split",
        "trained on": _told(rows.dataset),
        **_beside(search, rows),
        "seeds of each trial": ", ".join(map(str, settings.seeds)),
        "sampler": f"TPE, seed {settings.sampler_seed}, {settings.random_trials} trials at random",
        "commit": ", ".join(sorted({trial.commit for trial in trials})),
    }
    scored = sum(trial.value is not None for trial in trials)
    return (
        f"{len(trials)} trials, {scored} with a score; {fit['example_count']} triples in "
        f"{fit['document_count']} documents; "
        + "; ".join(f"{name}: {value}" for name, value in facts.items())
        + "."
    )


def _how_to_read(count: int, objective: str) -> str:
    order = " (lower is better)" if objective in LOWER_IS_BETTER else ""
    return (
        f"The best {count} by {OBJECTIVE_NAMES[objective]}{order}, the mean over the seeds. The "
        f"interval of this mean is {LEVEL:.0%}, by resampled documents and seeds; with one seed it "
        "holds documents alone. The best of many trials is partly the luckiest on these rows; only "
        "other rows show what it is worth."
    )


def _cells(trial: Trial, search: Search) -> tuple[str, ...]:
    fits = list(trial.fits.values())
    scores = [fit["macro_f1"]["value"] for fit in fits]
    return (
        str(trial.number),
        *(_plain(trial.settings[name]) for name in search.settings.space),
        f"{mean(scores):.3f}" if trial.macro_f1 is None else str(trial.macro_f1),
        f"{min(scores):.3f}-{max(scores):.3f}",
        f"{mean(fit['polar_f1']['value'] for fit in fits):.3f}",
        f"{mean(fit['log_loss'] for fit in fits):.3f}",
        f"{mean(fit['calibration_error']['value'] for fit in fits):.3f}",
        f"{sum(fit['fit_seconds'] for fit in fits):.1f}",
    )


def _plain(value: Any) -> str:  # noqa: ANN401 - any setting's value
    return str(value).lower() if isinstance(value, bool) or value is None else str(value)


def _first_lines(first: Trial, best: Trial, search: Search) -> list[str]:
    told = "no score" if first.value is None else f"{first.value:.4f}"
    lead = "" if first.value is None or best.value is None else f", {best.value - first.value:+.4f}"
    return [
        f"Trial 1 has the settings of `{search.settings.first}`: {told}. The best has "
        f"{best.value:.4f}{lead}."
    ]


def _markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [
        "| " + " | ".join(header) + " |",
        "|" + " --- |" * len(header),
        *("| " + " | ".join(row) + " |" for row in rows),
    ]
