"""Read what a verb is given, with the facts that its options add, and tell what was not read."""

from collections.abc import Sequence
from pathlib import Path

from alliance_stance.cli.console import note
from alliance_stance.corpus.documents import Corpus, open_corpus
from alliance_stance.corpus.facts import Facts
from alliance_stance.corpus.inputs import ReadOptions
from alliance_stance.corpus.metadata import read_metadata
from alliance_stance.corpus.readers.columns import Columns, parse_columns
from alliance_stance.corpus.readers.unit import Unit
from alliance_stance.knowledge.knowledge import Knowledge

_LISTED = 20


def read_options(
    format_: str | None,
    facts: Facts,
    columns: str | None,
    metadata: Path | None,
    on_unreadable: str | None,
) -> ReadOptions:
    """Bring the options of a verb together.

    Raises
    ------
    InputError
        If the mapping of columns cannot be read.
    """
    own = Columns() if columns is None else parse_columns(columns)
    return ReadOptions(format_, own, metadata, facts, on_unreadable)


def open_inputs(inputs: Sequence[Path], options: ReadOptions, knowledge: Knowledge) -> Corpus:
    """Open the inputs of a verb; documents and ready examples come one at a time.

    Parameters
    ----------
    inputs
        Files, folders, patterns, or ``-``.
    options
        How they are read; a ready example is taken as it is.
    knowledge
        Whose codes are allowed.

    Raises
    ------
    InputError
        If an option or an input cannot be read as it says.
    KnowledgeError
        If a code is not known.
    """
    options.facts.check(knowledge)
    return open_corpus(inputs, options, knowledge)


def tell_skipped(corpus: Corpus) -> None:
    """Say on standard error what was not read, and what metadata fits nothing."""
    shown = corpus.skipped.first[:_LISTED]
    for skipped in shown:
        note(f"skipped: {skipped}")
    if corpus.skipped.count:
        more = f"; the first {_LISTED} are listed" if len(corpus.skipped.first) > _LISTED else ""
        note(f"skipped in all: {corpus.skipped.count}{more}")
    for line in corpus.metadata_notes():
        note(line)


def tell_unfit(units: Sequence[Unit], metadata: Path | None) -> None:
    """Say before a long work what of a table of metadata fits no file.

    Whether a table of ids fits is known only when all documents have been read.
    """
    table = None if metadata is None else read_metadata(metadata)
    if table is not None and table.key == "file":
        for line in table.fit_notes(units, ()):
            note(line)
