"""Choose settings on development rows; each fit is kept, so that a run can be taken up again."""

import csv
import json
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

from scores import Score
from units import Unit, codes
from ways import Choice, fit

from alliance_stance.fingerprints import SHORT, code_fingerprint, fingerprint
from alliance_stance.models.linear import LinearSettings

FITS = Path(__file__).resolve().with_name("search.csv")
COLUMNS = ("key", "rows", "way", "settings", "beside", "score")


class Fold(NamedTuple):
    """Rows to fit on, and rows to score."""

    train: Sequence[Unit]
    scored: Sequence[Unit]


def grid(
    way: str,
    *,
    masked: Sequence[bool] = (False,),
    beside: str = "nothing",
    runs: Sequence[int] = (1, 2, 3),
    characters: int = 0,
) -> list[Choice]:
    """Give what is tried of one way."""
    return [
        Choice(
            way,
            LinearSettings(
                c=c, ngrams=ngrams, min_count=1, masked=own, context=beside != "nothing",
                membership=False, balanced=balanced, characters=characters,
            ),
            beside,
        )
        for own, ngrams, balanced, c in product(masked, runs, (True, False), (1.0, 4.0))
    ]  # fmt: skip


def choose(
    name: str, tried: Sequence[Choice], folds: Sequence[Fold], classes: Sequence[str], score: Score
) -> tuple[Choice, float]:
    """Give the choice with the best mean score over the folds, the first of equal ones.

    Parameters
    ----------
    name
        Of the rows, for the table of fits.
    tried
        What to try.
    folds
        Each choice is fitted and scored once on each.
    classes, score
        Of the benchmark.
    """
    data = fingerprint([[[u.label, repr(u.candidates)] for u in rows] for f in folds for rows in f])
    code = code_fingerprint("models/linear", "models/marking")
    done = _read()
    best: tuple[Choice, float] | None = None
    for choice in tried:
        key = fingerprint(data, code, choice.way, choice.settings.model_dump(), choice.features)
        key = key[:SHORT]
        if key not in done:
            done[key] = _score(choice, folds, classes, score)
            _append(name, key, choice, done[key])
            print(f"  {name}, {choice.way}: {choice.describe()}: {done[key]:.4f}", flush=True)
        if best is None or done[key] > best[1]:
            best = choice, done[key]
    assert best is not None
    return best


def _score(choice: Choice, folds: Sequence[Fold], classes: Sequence[str], score: Score) -> float:
    scores = []
    for fold in folds:
        predicted = fit(choice, fold.train, classes)(fold.scored)
        scores.append(score(codes(fold.scored, classes), predicted))
    return sum(scores) / len(scores)


def _read() -> dict[str, float]:
    if not FITS.is_file():
        return {}
    with FITS.open(encoding="utf-8", newline="") as file:
        return {row["key"]: float(row["score"]) for row in csv.DictReader(file)}


def _append(name: str, key: str, choice: Choice, score: float) -> None:
    is_new = not FITS.is_file()
    settings = json.dumps(choice.settings.model_dump(exclude={"context", "membership"}))
    with FITS.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if is_new:
            writer.writerow(COLUMNS)
        writer.writerow([key, name, choice.way, settings, choice.beside, f"{score:.4f}"])
