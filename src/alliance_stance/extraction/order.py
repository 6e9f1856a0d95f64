"""Mentions in text order, which can be asked what stands where."""

from bisect import bisect_left
from collections.abc import Iterable

from alliance_stance.schema import Mention


class Ordered(list[Mention]):
    """Mentions in text order that do not overlap.

    Parameters
    ----------
    mentions
        In any order; of overlapping ones the first is kept, and the longest of those that begin
        together.
    """

    def __init__(self, mentions: Iterable[Mention] = ()) -> None:
        super().__init__()
        free_from = 0
        for mention in sorted(mentions, key=_rank):
            if mention.start >= free_from:
                self.append(mention)
                free_from = mention.end
        self._starts = [mention.start for mention in self]

    @classmethod
    def of_ordered(cls, mentions: list[Mention]) -> "Ordered":
        """Take mentions that are in order and do not overlap, without a look at each."""
        ordered = cls()
        ordered.extend(mentions)
        ordered._starts = [mention.start for mention in mentions]
        return ordered

    def place(self, position: int) -> int:
        """Give the index of the first mention that begins at a position or behind it."""
        return bisect_left(self._starts, position)

    def inside(self, start: int, end: int) -> list[Mention]:
        """Give the mentions that lie in a stretch of text."""
        first = bisect_left(self._starts, start)
        last = bisect_left(self._starts, end, first)
        found = self[first:last]
        # only the last one can reach beyond the end
        return found[:-1] if found and found[-1].end > end else found


def _rank(mention: Mention) -> tuple[int, int]:
    return mention.start, -mention.end
