"""A stream of documents, cut into the parts that are scored, written and counted one by one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from alliance_stance.corpus.readers.unit import Skipped, Unit
from alliance_stance.corpus.stream import BEGINNING, Place, Read, SeenIds
from alliance_stance.schema import Document

_LARGEST, _SMALLEST = 4_000_000, 50_000
"""Characters of a part: more is much to lose, and less is hardly more than opening it."""
_WANTED = 64
"""Parts of a small corpus, so that as many processes as there may be are busy to the end."""


@dataclass(frozen=True, slots=True)
class PartSize:
    """Where a part ends: behind the document with which it has so many of either.

    Parameters
    ----------
    documents
        At most; what could not be read counts too.
    characters
        Of all texts; a file that is one document counts by its bytes.
    """

    documents: int = 20_000
    characters: int = _LARGEST

    @classmethod
    def fitting(cls, total: int) -> "PartSize":
        """Give parts of which a small corpus has many, too.

        It goes by the inputs alone, so that a run that goes on, and one with other processes, has
        the same parts.

        Parameters
        ----------
        total
            Bytes of the inputs; 0 where not known.

        Examples
        --------
        >>> [PartSize.fitting(total).characters for total in (0, 9_000, 64_000_000, 10**12)]
        [4000000, 50000, 1000000, 4000000]
        """
        wanted = total // _WANTED if total else _LARGEST
        return cls(characters=min(max(wanted, _SMALLEST), _LARGEST))


@dataclass(frozen=True, slots=True)
class PartOptions:
    """What parts are like.

    Parameters
    ----------
    size
        Where they end; None for what fits the inputs.
    explain
        Whether their rows tell the words that decided.
    """

    size: PartSize | None = None
    explain: bool = False


@dataclass(frozen=True, slots=True)
class PartWork:
    """A part that is to be scored; it can be pickled.

    Parameters
    ----------
    number
        From zero.
    reads
        What it holds, in order.
    end
        Where the next part begins.
    done
        Bytes of the inputs that lie behind it.
    """

    number: int
    reads: tuple[Read, ...]
    end: Place
    done: int


def cut_parts(reads: Iterable[Read], size: PartSize, *, first: int = 0) -> Iterator[PartWork]:
    """Cut a stream into parts; where they end depends on the stream alone.

    Parameters
    ----------
    reads
        In order.
    size
        How large a part becomes.
    first
        Number of the first.
    """
    run: list[Read] = []
    characters = 0
    for read in reads:
        run.append(read)
        characters += read.weight
        # what was left out stands before the first place: a part that ended there could not be
        # told from none when the run goes on
        if read.after == BEGINNING:
            continue
        if len(run) >= size.documents or characters >= size.characters:
            yield PartWork(first, tuple(run), read.after, read.done)
            first += 1
            run = []
            characters = 0
    if run:
        yield PartWork(first, tuple(run), run[-1].after, run[-1].done)


def without_repeats(parts: Iterable[PartWork], seen: SeenIds) -> Iterator[PartWork]:
    """Set documents aside whose id came before.

    Parameters
    ----------
    parts
        In order.
    seen
        The ids of earlier parts; those of these parts are added.
    """
    for part in parts:
        named = [
            place for place, read in enumerate(part.reads) if isinstance(read.item, Document | Unit)
        ]
        repeats = seen.add([_id(part.reads[place]) for place in named])
        if not any(repeats):
            yield part
            continue
        reads = list(part.reads)
        for place, is_repeat in zip(named, repeats, strict=True):
            if is_repeat:
                name = _id(reads[place])
                where = f"{reads[place].source}, id {name}"
                item = Skipped(where, "an id that came before", document=name)
                reads[place] = replace(reads[place], item=item)
        yield replace(part, reads=tuple(reads))


def _id(read: Read) -> str:
    # a unit that is one document has its id
    return read.item.id  # type: ignore[union-attr]
