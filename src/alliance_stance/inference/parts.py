"""A stream of documents, cut into the parts that are scored, written and counted one by one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from alliance_stance.corpus.readers.unit import Skipped, Unit
from alliance_stance.corpus.stream import BEGINNING, Place, Read, SeenIds
from alliance_stance.schema import Document


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
    characters: int = 4_000_000


@dataclass(frozen=True, slots=True)
class PartOptions:
    """What parts are like.

    Parameters
    ----------
    size
        Where they end.
    explain
        Whether their rows tell the words that decided.
    """

    size: PartSize = PartSize()
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
                where = f"{reads[place].source}, id {_id(reads[place])}"
                reads[place] = replace(reads[place], item=Skipped(where, "an id that came before"))
        yield replace(part, reads=tuple(reads))


def _id(read: Read) -> str:
    # a unit that is one document has its id
    return read.item.id  # type: ignore[union-attr]
