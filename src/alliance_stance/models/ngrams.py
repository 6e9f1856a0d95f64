"""N-grams, runs of words or characters, looked up for many texts at once.

A run is known by its beginning (the run without its last token) and its last token, both as
numbers, so that one sorted array holds all runs of a length and no run is ever put together as a
string. A run can only be there if its beginning is, which ends most searches early.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]

Unit = Literal["word", "char"]
_WORD = re.compile(r"\b\w\w+\b")
_SPACES = re.compile(r"\s\s+")
_LONE = "surrogatepass"
"""Half a character, as damaged texts have them, is a character like others."""
_NONE, _LETTER = -1, -2
"""Numbers of a token that no run has, and of a single letter between words, which is no word."""

_LETTERS = b"abcdefghijklmnopqrstuvwxyz0123456789_"
_ONLY_WORDS = bytes(
    sign if sign in _LETTERS else ord(" ")
    for sign in (bytes([code]).lower()[0] for code in range(256))
)
"""What each ASCII character becomes before a text is cut at its spaces."""


@dataclass(frozen=True, slots=True)
class Hits:
    """Runs that were found: text and run of each, in no order."""

    texts: Numbers
    runs: Numbers


class NgramTable:
    """All n-grams that a model knows, each with a number.

    Words are those of two letters or more, in small letters; characters are those of the text in
    small letters, a stretch of white space being one (both as scikit-learn's vectorizers take
    them).

    Parameters
    ----------
    unit
        What a run is made of.
    tokens
        Single words or characters.
    levels
        For each length from two on the runs of it, ascending: number of the beginning among the
        runs of the length before, times the number of tokens, plus the number of the last token.
        Runs are numbered through from the shortest.

    Raises
    ------
    ValueError
        If a level is not ascending, or has a run without a beginning.
    """

    def __init__(self, unit: Unit, tokens: Sequence[str], levels: Sequence[Numbers]) -> None:
        self.unit = unit
        self.tokens = list(tokens)
        self.levels = list(levels)
        self._known = {
            token.encode(errors=_LONE): number for number, token in enumerate(self.tokens)
        }
        before = len(self.tokens)
        if len(self._known) != before:
            raise ValueError("a token that stands twice")
        if unit == "word":
            self._known |= {bytes([sign]): _LETTER for sign in _LETTERS}
        for level in self.levels:
            if len(level) and not (
                level[0] >= 0
                and level[-1] < before * len(self.tokens)
                and np.all(np.diff(level) > 0)
            ):
                raise ValueError("runs that are out of order")
            before = len(level)
        # single characters are no features; they stand for themselves in the runs of two
        self._sizes = [0 if unit == "char" else len(self.tokens), *map(len, self.levels)]

    def __len__(self) -> int:
        """Give the number of runs that are features."""
        return sum(self._sizes)

    @classmethod
    def of(cls, unit: Unit, runs: Iterable[str]) -> tuple[Self, dict[str, int]]:
        """Make a table of some runs.

        Parameters
        ----------
        unit
            What they are made of.
        runs
            Words with one space between, or characters; with each run its beginning, but for
            single characters.

        Returns
        -------
        tuple
            The table, and the number of each run.
        """
        split = {run: tuple(run) if unit == "char" else tuple(run.split(" ")) for run in runs}
        parts = sorted(split.values())
        tokens = sorted({token for part in parts for token in part})
        numbers = {token: number for number, token in enumerate(tokens)}
        found: dict[tuple[str, ...], int] = {(token,): numbers[token] for token in tokens}
        levels: list[Numbers] = []
        position = dict(found)
        for length in range(2, max(map(len, parts), default=1) + 1):
            keys = sorted(
                (found[part[:-1]] * len(tokens) + numbers[part[-1]], part)
                for part in parts
                if len(part) == length
            )
            found = {part: number for number, (_, part) in enumerate(keys)}
            start = sum(map(len, levels)) + (0 if unit == "char" else len(tokens))
            position |= {part: start + number for part, number in found.items()}
            levels.append(np.array([key for key, _ in keys], dtype=np.int64))
        return cls(unit, tokens, levels), {run: position[part] for run, part in split.items()}

    def name(self, number: int) -> str:
        """Give the run of a number, as it is written."""
        length = 0
        while number >= self._sizes[length]:
            number -= self._sizes[length]
            length += 1
        last: list[str] = []
        for level in reversed(self.levels[:length]):
            number, token = divmod(int(level[number]), len(self.tokens))
            last.append(self.tokens[token])
        parts = [self.tokens[number], *reversed(last)]
        return (" " if self.unit == "word" else "").join(parts)

    def find(self, texts: Sequence[str]) -> Hits:
        """Find every run of every text."""
        ids, rows = self._numbers(texts)
        found_rows, found_runs = [], []
        if self.unit == "word":
            is_known = ids >= 0
            found_rows.append(rows[is_known])
            found_runs.append(ids[is_known])
        starts = np.flatnonzero(ids >= 0)
        begun = ids[starts]
        offset = self._sizes[0]
        for length, level in enumerate(self.levels, start=2):
            starts, begun = self._longer(ids, rows, starts, begun, length, level)
            found_rows.append(rows[starts])
            found_runs.append(begun + offset)
            offset += len(level)
        if not found_rows:
            return Hits(np.zeros(0, np.int64), np.zeros(0, np.int64))
        return Hits(np.concatenate(found_rows), np.concatenate(found_runs))

    def _longer(
        self,
        ids: Numbers,
        rows: Numbers,
        starts: Numbers,
        begun: Numbers,
        length: int,
        level: Numbers,
    ) -> tuple[Numbers, Numbers]:
        """Give where runs of one token more begin, and which they are."""
        ends = starts + length - 1
        is_inside = ends < len(ids)
        starts, begun, ends = starts[is_inside], begun[is_inside], ends[is_inside]
        last = ids[ends]
        is_whole = (last >= 0) & (rows[ends] == rows[starts])
        starts = starts[is_whole]
        keys = begun[is_whole] * len(self.tokens) + last[is_whole]
        places = np.searchsorted(level, keys)
        is_there = places < len(level)
        is_there[is_there] = level[places[is_there]] == keys[is_there]
        return starts[is_there], places[is_there]

    def _numbers(self, texts: Sequence[str]) -> tuple[Numbers, Numbers]:
        """Give the number of each token of all texts, one behind the other, and its text."""
        parts: list[bytes] = []
        lengths = []
        for text in texts:
            own = self._split(text)
            lengths.append(len(own))
            parts += own
        numbers = map(self._known.get, parts, repeat(_NONE))
        ids = np.fromiter(numbers, dtype=np.int64, count=len(parts))
        rows = np.repeat(np.arange(len(lengths)), lengths)
        is_token = ids != _LETTER
        return ids[is_token], rows[is_token]

    def _split(self, text: str) -> list[bytes]:
        # the same words as those of the pattern, much sooner; single letters go by their number
        if self.unit == "word" and text.isascii():
            return text.encode().translate(_ONLY_WORDS).split()
        lowered = text.lower()
        parts = _SPACES.sub(" ", lowered) if self.unit == "char" else _WORD.findall(lowered)
        return [part.encode(errors=_LONE) for part in parts]


def weigh(hits: Hits, idf: NDArray[np.float64], text_count: int) -> "Weighed":
    """Weigh runs by how often they stand in a text and how rare they are.

    One plus the logarithm of the count, times the inverse document frequency, each text's weights
    brought to a length of one (scikit-learn's TF-IDF with `sublinear_tf`).
    """
    values = idf
    keys, counts = np.unique(hits.texts * len(values) + hits.runs, return_counts=True)
    texts, runs = np.divmod(keys, max(1, len(values)))
    weights = (1.0 + np.log(counts)) * values[runs]
    lengths = np.sqrt(np.bincount(texts, weights * weights, minlength=text_count))
    return Weighed(texts, runs, weights / np.where(lengths > 0, lengths, 1.0)[texts])


@dataclass(frozen=True, slots=True)
class Weighed:
    """Text, run and weight of each run of each text, by text."""

    texts: Numbers
    runs: Numbers
    weights: NDArray[np.float64]

    def sums(self, coefficients: NDArray[np.float64], text_count: int) -> NDArray[np.float64]:
        """Sum weights times coefficients, of shape (runs, k), for each text: shape (n, k)."""
        sums = np.zeros((text_count, coefficients.shape[1]))
        if len(self.texts):
            first = np.flatnonzero(np.diff(self.texts, prepend=-1))
            products = coefficients.take(self.runs, axis=0)
            products *= self.weights[:, None]
            sums[self.texts[first]] = np.add.reduceat(products, first, axis=0)
        return sums
