"""A fitted linear model as plain arrays: quick to open, quick to score, nothing in it to run."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np
from numpy.typing import NDArray

from alliance_stance.errors import ArtifactError
from alliance_stance.models.base import Matrix
from alliance_stance.models.ngrams import Hits, NgramTable, Unit, weigh
from alliance_stance.schema import ACTS, STANCES

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

    from alliance_stance.models.pipelines import TwoPipelines

FILE = "linear.safetensors"
_UNITS: tuple[Unit, ...] = ("word", "char")
_ANSWERS = {"stance": tuple(map(str, STANCES)), "act": tuple(map(str, ACTS))}
_AT_ONCE = 1024
_FAINT = 1e-6
"""What an act has that training lacked, before it is scaled to its stance."""


@dataclass(frozen=True)
class Answer:
    """What one logistic regression knows of each run.

    Parameters
    ----------
    idf
        By unit, inverse document frequency of each run; 0 for one that it does not read.
    coefficients
        By unit, of shape (runs, classes).
    intercepts
        Of shape (classes,); minus infinity for a class that training lacked.
    """

    idf: dict[Unit, NDArray[np.float64]]
    coefficients: dict[Unit, NDArray[np.float64]]
    intercepts: NDArray[np.float64]


class LinearTables:
    """Two logistic regressions over the same runs: of stances, and of acts where any was known.

    Parameters
    ----------
    tables
        The runs, by unit.
    stance, act
        What is known of them; `act` is None where no act was known.
    """

    def __init__(self, tables: dict[Unit, NgramTable], stance: Answer, act: Answer | None) -> None:
        self.tables = tables
        self.stance = stance
        self.act = act
        # where both read the same runs, what a text holds is weighed and summed once
        self._both = _joined(stance, act) if act is not None else None

    @classmethod
    def of(cls, pipelines: "TwoPipelines") -> Self:
        """Take what two fitted pipelines know."""
        parts = {"stance": pipelines.stance, "act": pipelines.act}
        features = {
            name: _features(pipeline) for name, pipeline in parts.items() if pipeline is not None
        }
        tables: dict[Unit, NgramTable] = {}
        numbers: dict[Unit, dict[str, int]] = {}
        for unit in _UNITS:
            runs = {run for own in features.values() for run in own.get(unit, ())}
            if runs:
                tables[unit], numbers[unit] = NgramTable.of(unit, runs)
        answers = {
            name: _answer(cast("Pipeline", parts[name]), own, numbers, tables, _ANSWERS[name])
            for name, own in features.items()
        }
        return cls(tables, answers["stance"], answers.get("act"))

    def predict_proba(self, texts: Sequence[str]) -> tuple[Matrix, Matrix]:
        """Give probabilities of stances and acts, of shapes (n, 3) and (n, 14).

        Those of acts are about what is known of acts alone; where that is nothing, all are equal.
        """
        parts = [
            self._logits(texts[start : start + _AT_ONCE])
            for start in range(0, len(texts), _AT_ONCE)
        ]
        stances = _softmax(np.concatenate([stance for stance, _ in parts]))
        acts = np.full((len(texts), len(ACTS)), _FAINT)
        if self.act is not None:
            acts += _softmax(np.concatenate([act for _, act in parts]))
        return stances, acts

    def weighed_runs(self, text: str) -> tuple[list[str], Matrix]:
        """Give the n runs of a text that are known, and what each adds to the stances' logits.

        Their shape is (n, 3); a stance that training lacked has NaN.
        """
        names: list[str] = []
        parts = [np.zeros((0, len(STANCES)))]
        for unit, table in self.tables.items():
            found = weigh(table.find([text]), self.stance.idf[unit], 1)
            is_read = found.weights > 0
            runs = found.runs[is_read]
            names += [table.name(int(run)) for run in runs]
            parts.append(self.stance.coefficients[unit][runs] * found.weights[is_read][:, None])
        logits = np.concatenate(parts)
        logits[:, ~np.isfinite(self.stance.intercepts)] = np.nan
        return names, logits

    def _logits(self, texts: Sequence[str]) -> tuple[Matrix, Matrix]:
        hits = {unit: table.find(texts) for unit, table in self.tables.items()}
        if self._both is not None:
            both = _sum(self._both, hits, len(texts))
            return both[:, : len(STANCES)], both[:, len(STANCES) :]
        acts = np.zeros((len(texts), len(ACTS)))
        if self.act is not None:
            acts = _sum(self.act, hits, len(texts))
        return _sum(self.stance, hits, len(texts)), acts

    def save(self, folder: Path) -> None:
        """Write one safetensors file."""
        from safetensors.numpy import save_file

        arrays: dict[str, NDArray[Any]] = {}
        for unit, table in self.tables.items():
            text = "".join(table.tokens) if unit == "char" else "\n".join(table.tokens)
            arrays[f"{unit}.tokens"] = np.frombuffer(
                text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32
            )
            for length, level in enumerate(table.levels, start=2):
                arrays[f"{unit}.runs.{length}"] = level
        for name, answer in (("stance", self.stance), ("act", self.act)):
            if answer is None:
                continue
            arrays[f"{name}.intercepts"] = answer.intercepts
            for unit in self.tables:
                arrays[f"{name}.{unit}.idf"] = answer.idf[unit]
                arrays[f"{name}.{unit}.coefficients"] = answer.coefficients[unit]
        save_file(arrays, folder / FILE)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote.

        Raises
        ------
        ArtifactError
            If the file is damaged, or its arrays do not fit together.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        path = folder / FILE
        try:
            arrays = load_file(path)
            tables = {
                unit: _read_table(unit, arrays) for unit in _UNITS if f"{unit}.tokens" in arrays
            }
            stance = _read_answer("stance", tables, arrays)
            has_acts = "act.intercepts" in arrays
            return cls(tables, stance, _read_answer("act", tables, arrays) if has_acts else None)
        except KeyError as error:
            problem = f"no array {error}"
        except (OSError, ValueError, SafetensorError) as error:
            problem = str(error)
        raise ArtifactError(
            str(path), problem, "the arrays of one linear model", "train the model again"
        )


def _joined(stance: Answer, act: Answer) -> Answer | None:
    """Give both as one, where they read the same runs with the same weights."""
    if not all(np.array_equal(idf, act.idf[unit]) for unit, idf in stance.idf.items()):
        return None
    return Answer(
        stance.idf,
        {u: np.hstack([own, act.coefficients[u]]) for u, own in stance.coefficients.items()},
        np.concatenate([stance.intercepts, act.intercepts]),
    )


def _sum(answer: Answer, hits: dict[Unit, Hits], text_count: int) -> Matrix:
    """Give logits, a row a text."""
    logits: Matrix = np.tile(answer.intercepts, (text_count, 1))
    for unit, found in hits.items():
        weighed = weigh(found, answer.idf[unit], text_count)
        logits += weighed.sums(answer.coefficients[unit], text_count)
    return logits


def _softmax(logits: Matrix) -> Matrix:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Matrix = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _features(pipeline: "Pipeline") -> dict[Unit, dict[str, int]]:
    """Give the columns of a fitted pipeline's runs by unit, counted through."""
    vectorizer = pipeline[0]
    single = not hasattr(vectorizer, "transformer_list")
    parts = [vectorizer] if single else [part for _, part in vectorizer.transformer_list]
    columns: dict[Unit, dict[str, int]] = {}
    offset = 0
    for part in parts:
        own = {run: column + offset for run, column in part.vocabulary_.items()}
        columns["char" if part.analyzer == "char" else "word"] = own
        offset += len(own)
    return columns


def _answer(
    pipeline: "Pipeline",
    columns: dict[Unit, dict[str, int]],
    numbers: dict[Unit, dict[str, int]],
    tables: dict[Unit, NgramTable],
    classes: Sequence[str],
) -> Answer:
    """Bring what a fitted pipeline knows into the order of the tables and of the classes."""
    vectorizer, classifier = pipeline[0], pipeline[-1]
    single = not hasattr(vectorizer, "transformer_list")
    parts = [vectorizer] if single else [part for _, part in vectorizer.transformer_list]
    rarity = np.concatenate([part.idf_ for part in parts])
    weights, intercepts = _regression(classifier, len(rarity))
    places = [classes.index(name) for name in classifier.classes_]
    all_intercepts = np.full(len(classes), -np.inf)
    all_intercepts[places] = intercepts
    idf: dict[Unit, NDArray[np.float64]] = {}
    coefficients: dict[Unit, NDArray[np.float64]] = {}
    for unit, table in tables.items():
        own = columns.get(unit, {})
        rows = [numbers[unit][run] for run in own]
        sources = list(own.values())
        idf[unit] = np.zeros(len(table))
        idf[unit][rows] = rarity[sources]
        coefficients[unit] = np.zeros((len(table), len(classes)))
        coefficients[unit][np.ix_(rows, places)] = weights[:, sources].T
    return Answer(idf, coefficients, all_intercepts)


def _regression(classifier: Any, run_count: int) -> tuple[Matrix, NDArray[np.float64]]:  # noqa: ANN401
    """Give coefficients, a row a class, and intercepts; a softmax over them is the answer."""
    if not hasattr(classifier, "coef_"):
        # fitted on one class alone
        shares = np.atleast_1d(classifier.class_prior_)
        return np.zeros((len(shares), run_count)), np.log(shares)
    weights, intercepts = classifier.coef_, classifier.intercept_
    if len(weights) == 1:
        # of two classes it keeps the second one's alone
        return np.vstack([np.zeros_like(weights), weights]), np.array([0.0, intercepts[0]])
    return weights, intercepts


def _read_table(unit: Unit, arrays: dict[str, NDArray[Any]]) -> NgramTable:
    text = arrays[f"{unit}.tokens"].astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
    tokens = list(text) if unit == "char" else text.split("\n")
    levels: list[NDArray[np.int64]] = []
    while f"{unit}.runs.{len(levels) + 2}" in arrays:
        levels.append(_shaped(arrays, f"{unit}.runs.{len(levels) + 2}", np.int64, None))
    return NgramTable(unit, tokens, levels)


def _read_answer(
    name: str, tables: dict[Unit, NgramTable], arrays: dict[str, NDArray[Any]]
) -> Answer:
    width = len(_ANSWERS[name])
    return Answer(
        {u: _shaped(arrays, f"{name}.{u}.idf", np.float64, (len(t),)) for u, t in tables.items()},
        {
            u: _shaped(arrays, f"{name}.{u}.coefficients", np.float64, (len(t), width))
            for u, t in tables.items()
        },
        _shaped(arrays, f"{name}.intercepts", np.float64, (width,)),
    )


def _shaped(
    arrays: dict[str, NDArray[Any]], name: str, kind: type, shape: tuple[int, ...] | None
) -> NDArray[Any]:
    array = arrays[name]
    if array.dtype != kind or (array.ndim != 1 if shape is None else array.shape != shape):
        raise ValueError(f"{name} of type {array.dtype} and shape {array.shape}, not {shape}")
    return array
