"""What an encoder reads, in batches of numpy arrays: one way for torch and for onnxruntime."""

from collections.abc import Callable, Generator, Hashable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from alliance_stance.models.base import Matrix
from alliance_stance.models.packing import PADDING, POOLED_ROLES, Pack
from alliance_stance.schema import ACTS

Array = NDArray[Any]

_MOST_ITEMS = 64
_MOST_TOKENS = 4096


@dataclass(frozen=True, slots=True)
class Arrays:
    """What a network's `forward` takes, by name and in order, for some rows.

    Attributes
    ----------
    named
        The arguments.
    rows
        How many rows the network answers.
    """

    named: dict[str, Array]
    rows: int


class Inputs(Protocol):
    """What a network reads: items of unequal length, each with the rows that it answers."""

    lengths: Sequence[int]

    def rows(self, positions: Sequence[int]) -> list[int]:
        """Give the rows that these items answer, in the order of the network's answer."""
        ...

    def content(self, position: int) -> Hashable:
        """Give all that is read of an item: a network answers items of one content alike."""
        ...

    def collate(self, positions: Sequence[int]) -> Arrays:
        """Put these items together."""
        ...


def scoring_batches(lengths: Sequence[int], most_tokens: int = _MOST_TOKENS) -> Iterator[list[int]]:
    """Yield the positions of items of like length, the shortest first.

    Parameters
    ----------
    lengths
        Tokens of each item.
    most_tokens
        Of a batch, padding among them; an item that is longer by itself has a batch of its own.

    Examples
    --------
    >>> list(scoring_batches([3000, 5, 2000, 4]))
    [[3, 1], [2], [0]]
    """
    batch: list[int] = []
    for position in sorted(range(len(lengths)), key=lengths.__getitem__):
        tokens = (len(batch) + 1) * lengths[position]
        if batch and (len(batch) == _MOST_ITEMS or tokens > most_tokens):
            yield batch
            batch = []
        batch.append(position)
    if batch:
        yield batch


def read_items(
    inputs: Inputs,
    row_count: int,
    read: Callable[[Arrays], Matrix],
    *,
    most_tokens: int = _MOST_TOKENS,
    threads: int = 1,
) -> Matrix:
    """Let a network read every item, those of one content once.

    Where names are masked, sentences that differ in names alone are one (`state_swap`), and so are
    formulas that a corpus repeats.

    Parameters
    ----------
    inputs
        What is read.
    row_count
        How many rows they answer.
    read
        Gives act logits of shape (rows, 14) for some items.
    most_tokens
        See `scoring_batches`.
    threads
        Batches that are read at a time; `read` has to be safe for as many.

    Returns
    -------
    ndarray
        Act logits of shape (row_count, 14), in the order of the rows.
    """
    logits = np.zeros((row_count, len(ACTS)))
    first: dict[Hashable, int] = {}
    alike: list[tuple[int, int]] = []
    for position in range(len(inputs.lengths)):
        read_before = first.setdefault(inputs.content(position), position)
        if read_before != position:
            alike.append((position, read_before))
    distinct = list(first.values())
    batches = [
        [distinct[place] for place in batch]
        for batch in scoring_batches([inputs.lengths[place] for place in distinct], most_tokens)
    ]
    with closing(_read_each(lambda c: read(inputs.collate(c)), batches, threads)) as answers:
        for chosen, answer in zip(batches, answers, strict=True):
            logits[inputs.rows(chosen)] = answer
    for position, read_before in alike:
        logits[inputs.rows([position])] = logits[inputs.rows([read_before])]
    return logits


def _read_each(
    read: Callable[[list[int]], Matrix], batches: Sequence[list[int]], threads: int
) -> Generator[Matrix, None, None]:
    """Yield the answers in order; once closed, what was not begun is given up."""
    if threads == 1 or len(batches) < 2:
        yield from map(read, batches)
        return
    pool = ThreadPoolExecutor(min(threads, len(batches)))
    try:
        waiting = [pool.submit(read, batch) for batch in batches]
    except RuntimeError:
        # no thread can be begun, since the interpreter ends; one that was begun works on
        pool.shutdown(cancel_futures=True)
        yield from map(read, batches)
        return
    try:
        for future in waiting:
            yield future.result()
    finally:
        pool.shutdown(cancel_futures=True)


class MarkedInputs:
    """Candidates with their pair marked in the text: one item, one row.

    Parameters
    ----------
    encoded
        Token ids of each candidate.
    padding_id
        What shorter ones are filled up with.
    """

    def __init__(self, encoded: list[list[int]], padding_id: int) -> None:
        self._encoded = encoded
        self._padding_id = padding_id
        self.lengths: Sequence[int] = [len(ids) for ids in encoded]

    def rows(self, positions: Sequence[int]) -> list[int]:
        """Give the positions themselves."""
        return list(positions)

    def content(self, position: int) -> Hashable:
        """Give the token ids."""
        return tuple(self._encoded[position])

    def collate(self, positions: Sequence[int]) -> Arrays:
        """Give ids and attention, shape (batch, tokens)."""
        ids = _filled([self._encoded[position] for position in positions], self._padding_id)
        lengths = np.array([self.lengths[position] for position in positions])
        attention = (np.arange(ids.shape[1]) < lengths[:, None]).astype(np.int64)
        return Arrays({"ids": ids, "attention": attention}, len(positions))


class PackedInputs:
    """Packs: one item each, with a row for every pair.

    Parameters
    ----------
    packs
        What is read.
    padding_id
        What shorter ones are filled up with.
    """

    def __init__(self, packs: Sequence[Pack], padding_id: int) -> None:
        self._packs = packs
        self._padding_id = padding_id
        self.lengths: Sequence[int] = [len(pack) for pack in packs]

    def rows(self, positions: Sequence[int]) -> list[int]:
        """Give the rows of the packs' pairs."""
        return [group.row for position in positions for group in self._packs[position].groups]

    def content(self, position: int) -> Hashable:
        """Give the token ids, and each pair's markers with their places."""
        pack = self._packs[position]
        return tuple(pack.text), tuple(group.markers for group in pack.groups)

    def collate(self, positions: Sequence[int]) -> Arrays:
        """Give what `PackedNetwork.forward` takes; pairs keep the order of packs and groups."""
        packs = [self._packs[position] for position in positions]
        ids = _filled([pack.ids for pack in packs], self._padding_id)
        width = ids.shape[1]
        texts = [row for row, pack in enumerate(packs) for _ in pack.groups]
        places: list[int] = []
        pools: list[int] = []
        pair = 0
        for row, pack in enumerate(packs):
            start = row * width + len(pack.text)
            places += range(start, start + len(pack.markers))
            for group in pack.groups:
                pools += [pair * POOLED_ROLES + marker.role for marker in group.markers]
                pair += 1
        named = {
            "ids": ids,
            "positions": _filled([pack.positions for pack in packs], 0),
            "groups": _filled([pack.group_numbers for pack in packs], PADDING),
            "texts": np.array(texts, dtype=np.int64),
            "places": np.array(places, dtype=np.int64),
            "pools": np.array(pools, dtype=np.int64),
        }
        return Arrays(named, len(texts))


def _filled(rows: Sequence[Sequence[int]], filling: int) -> Array:
    """Give rows of unequal length as one array, short ones filled up."""
    filled = np.full((len(rows), max(map(len, rows))), filling, dtype=np.int64)
    for number, row in enumerate(rows):
        filled[number, : len(row)] = row
    return filled
