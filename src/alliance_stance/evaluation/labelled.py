"""Read labelled examples of the exchange format, ready to be scored."""

from pathlib import Path

from alliance_stance.corpus.readers.decoding import STDIN
from alliance_stance.corpus.readers.jsonl import read_labelled_lines
from alliance_stance.errors import InputError
from alliance_stance.extraction.candidates import CandidateFinder
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.schema import Example


def read_labelled(path: Path, knowledge: Knowledge) -> list[Example]:
    """Read labelled examples and find their mentions.

    Raises
    ------
    InputError
        If `path` is standard input, which has no fingerprint, or a line is a document or has no
        stance.
    KnowledgeError
        If a state or an alliance is not known.
    """
    if path == STDIN:
        raise InputError("--data", "standard input", "a file, for its fingerprint", "name one")
    finder = CandidateFinder(knowledge)
    return [
        finder.mark_example(knowledge.settle_codes(example, where))
        for where, example in read_labelled_lines(path, _unlabelled)
    ]


def _unlabelled(where: str) -> InputError:
    return InputError(
        where,
        "a line without 'state', 'alliance' and 'stance'",
        "labelled examples only",
        "label it, or use predict",
    )
