"""The DSE builder: directed sentiment between two entities of a news sentence.

Park, Pan and Joo 2021, "Who Blames or Endorses Whom? Entity-to-Entity Directed Sentiment
Extraction in News Text". A line is a sentence with two entities in brackets, both names and one of
five labels. It becomes two pairs: the first entity toward the second, and the second toward the
first.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field

from alliance_stance.config import PathFromFile, Section
from alliance_stance.datasets.benchmark_files import Line, file_lines, find_files
from alliance_stance.datasets.pair_builder import PairsBuilder, PairSet
from alliance_stance.datasets.pair_marking import Name
from alliance_stance.datasets.pair_rows import PairRow, collect_pairs, document_of
from alliance_stance.errors import DatasetError
from alliance_stance.schema import Stance

FILES: Mapping[str, str] = {
    "train": "train_dedup.txt",
    "dev": "valid_clean.txt",
    "test": "test_clean.txt",
    "test_official": "test.txt",
}
"""File of each split. The last one shares a quarter of its lines with the training file."""

FORWARD, BACKWARD = "forward", "backward"
"""Tags: the first entity is the holder, or the second."""

DIRECTED: Mapping[str, tuple[Stance, Stance]] = {
    "0": (Stance.NEUTRAL, Stance.NEUTRAL),
    "1": (Stance.FAVOR, Stance.NEUTRAL),
    "2": (Stance.NEUTRAL, Stance.FAVOR),
    "3": (Stance.AGAINST, Stance.NEUTRAL),
    "4": (Stance.NEUTRAL, Stance.AGAINST),
}
"""Stances forward and backward of each of the five labels."""

_SOURCE = "github.com/bywords/directed_sentiment_analysis, folder dataset"
_COLUMNS = 4


class DseSettings(Section):
    """Recipe of DSE."""

    kind: Literal["dse"]
    path: PathFromFile = Field(description="Folder of its files; it may start at the recipe.")


class DseBuilder(PairsBuilder):
    """Hugging Face builder of DSE."""

    settings_class = DseSettings
    description = "Who is for or against whom, between two entities of a news sentence."
    own_code = ("datasets/dse", "datasets/benchmark_files")

    @classmethod
    def input_files(cls, settings: DseSettings) -> list[Path]:
        """Give the files of all splits."""
        return find_files(settings.path, FILES.values(), source=_SOURCE)

    @classmethod
    def read_pairs(cls, settings: DseSettings) -> PairSet:
        """Read all splits; each line gives two pairs, one after the other."""
        files = cls.input_files(settings)
        return PairSet(
            {
                split: collect_pairs(
                    row for line in file_lines(path) for row in parse_line(line, split)
                )
                for split, path in zip(FILES, files, strict=True)
            }
        )


def parse_line(line: Line, split: str) -> Iterator[PairRow]:
    """Yield the two pairs of a line, the forward one first.

    Raises
    ------
    DatasetError
        If it has not four cells, two bracketed entities that are the two names, and a label.
    """
    cells = line.text.split("\t")
    if len(cells) != _COLUMNS or cells[3].strip() not in DIRECTED:
        raise _bad(line, f"{len(cells)} cells with label {cells[-1]!r:.40}")
    sentence, *names = cells[:3]
    text, spans = take_brackets(sentence)
    bracketed = [_bare(text[start:end]) for start, end in spans]
    if bracketed != [_bare(name) for name in names] or not all(bracketed):
        raise _bad(line, f"brackets around {[text[a:b] for a, b in spans]}, names {names}")
    label = cells[3].strip()
    first, second = (
        Name(_bare(text[start:end]), whole_words(text, start, end)) for start, end in spans
    )
    pairs = ((FORWARD, first, second), (BACKWARD, second, first))
    for (tag, holder, target), stance in zip(pairs, DIRECTED[label], strict=True):
        yield PairRow(
            f"{split}:{line.number}#{tag}", document_of(text), text, holder, target, stance, label,
            tags=(tag,),
        )  # fmt: skip


def _bad(line: Line, found: str) -> DatasetError:
    return DatasetError(
        line.where, found,
        "a sentence with two [entities], both names in their order, and a label from 0 to 4, "
        "with tabs between",
        "compare the file with the original",
    )  # fmt: skip


def _bare(name: str) -> str:
    """Take off what an export as CSV has left around some of the names."""
    return name.strip().strip('"').strip()


def take_brackets(sentence: str) -> tuple[str, list[tuple[int, int]]]:
    """Take the brackets out, and say where what they held stands now.

    Examples
    --------
    >>> take_brackets("[Peru] thanked [Chile].")
    ('Peru thanked Chile.', [(0, 4), (13, 18)])
    """
    text = ""
    spans = []
    end = 0
    for match in re.finditer(r"\[([^\[\]]*)\]", sentence):
        text += sentence[end : match.start()]
        spans.append((len(text), len(text) + len(match[1])))
        text += match[1]
        end = match.end()
    return text + sentence[end:], spans


def whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a place to whole words: some brackets leave out the last letter of a name.

    Examples
    --------
    >>> whole_words("Two Chileans left.", 4, 11)
    (4, 12)
    """
    while end < len(text) and _is_inside_word(text, end):
        end += 1
    while start > 0 and _is_inside_word(text, start):
        start -= 1
    return start, end


def _is_inside_word(text: str, place: int) -> bool:
    return re.match(r"\w", text[place]) is not None and re.match(r"\w", text[place - 1]) is not None


def source_label(forward: Stance, backward: Stance) -> str | None:
    """Give the label of a line back from its two stances; None where the set has no such label.

    Examples
    --------
    >>> source_label(Stance.NEUTRAL, Stance.AGAINST)
    '4'
    """
    return next((label for label, pair in DIRECTED.items() if pair == (forward, backward)), None)
