"""Read labelled examples of the exchange format, ready to be scored."""

from pathlib import Path

from alliance_stance.corpus.readers.decoding import STDIN
from alliance_stance.corpus.readers.jsonl import read_json_lines
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
    examples = []
    for item in read_json_lines(path):
        where = f"{path}, id {item.id}"
        if not isinstance(item, Example) or item.label is None:
            raise InputError(
                where,
                "a line without 'state', 'alliance' and 'stance'",
                "labelled examples only",
                "label it, or use predict",
            )
        item = knowledge.settle_codes(item, where)
        examples.append(finder.mark_example(item))
    return examples
