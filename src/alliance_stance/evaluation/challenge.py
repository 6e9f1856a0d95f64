"""Challenge items: short texts, each with one phenomenon and the pairs it must and must not give.

In the manner of behavioural tests for language models (Ribeiro et al. 2020, "Beyond Accuracy:
Behavioral Testing of NLP Models with CheckList"): a pass rate for each phenomenon, not one score.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from alliance_stance.corpus.readers.decoding import read_lines
from alliance_stance.corpus.readers.jsonl import parse_json
from alliance_stance.corpus.sentences import split_sentences
from alliance_stance.errors import InputError
from alliance_stance.extraction.candidates import CandidateFinder
from alliance_stance.knowledge.knowledge import load_knowledge
from alliance_stance.schema import Candidate, Document

Pair = tuple[str, str]
KEYS = {
    "id", "phenomenon", "text", "title", "date", "speaker_state", "scope", "must", "must_not",
    "note",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ChallengeItem:
    """One item.

    Parameters
    ----------
    document
        The text with its title, date and speaker.
    phenomenon
        What is hard about it.
    is_whole
        Whether all sentences are judged together, not only the last.
    must, must_not
        Pairs (state, alliance) that have to be found, and that may not be.
    """

    document: Document
    phenomenon: str
    is_whole: bool
    must: frozenset[Pair]
    must_not: frozenset[Pair]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was wrong with one item; it passes where both are empty."""

    item: ChallengeItem
    missed: frozenset[Pair]
    wrong: frozenset[Pair]

    @property
    def passes(self) -> bool:
        """Whether everything that must be found was, and nothing that must not be."""
        return not self.missed and not self.wrong


def read_challenge(path: Path) -> Iterator[ChallengeItem]:
    """Read a file of items, one JSON object a line.

    Raises
    ------
    InputError
        At the first line that is no item.
    """
    for number, line in enumerate(read_lines(path), start=1):
        where = f"{path}:{number}"
        row = parse_json(line, where)
        if not isinstance(row, dict) or row.keys() != KEYS or row["scope"] not in {"last", "all"}:
            raise InputError(
                where, "no item", f"the keys {sorted(KEYS)}", "compare docs/formats.md"
            )
        document = Document(row["id"], row["text"], row["title"], row["date"], row["speaker_state"])
        yield ChallengeItem(
            document,
            row["phenomenon"],
            row["scope"] == "all",
            frozenset((state, alliance) for state, alliance in row["must"]),
            frozenset((state, alliance) for state, alliance in row["must_not"]),
        )


def judge(
    item: ChallengeItem, find: Callable[[Document], Iterable[Candidate]], last_sentence: int
) -> Verdict:
    """Compare what is found in an item with what must and must not be.

    Parameters
    ----------
    item
        The item.
    find
        Gives the candidates of a document.
    last_sentence
        Number of its last sentence, the one that is judged where not all are.
    """
    found = {
        (candidate.state, candidate.alliance)
        for candidate in find(item.document)
        if item.is_whole or candidate.sentence == last_sentence
    }
    return Verdict(item, item.must - found, item.must_not & found)


def judge_all(items: Iterable[ChallengeItem]) -> list[Verdict]:
    """Judge items with the extraction of the shipped knowledge, in order."""
    finder = CandidateFinder(load_knowledge())
    return [
        judge(item, finder.find_candidates, len(split_sentences(item.document)) - 1)
        for item in items
    ]
