"""Measure how many near-duplicates the index of weak builds finds, beside all there are."""

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from alliance_stance.corpus.documents import open_corpus
from alliance_stance.corpus.inputs import ReadOptions
from alliance_stance.corpus.sentences import split_sentences
from alliance_stance.datasets.duplicates import DuplicateIndex, band_shape
from alliance_stance.datasets.signatures import Signature, jaccard, shingles_of, sign_sentences
from alliance_stance.files import write_text
from alliance_stance.knowledge.knowledge import load_knowledge
from alliance_stance.schema import Document
from alliance_stance.training.commit import current_commit

HERE = Path(__file__).parent
NEAR = 0.05
"""Width of the bands of similarity just above and just below the threshold."""
SHORTEST = 25


def read_sentences(inputs: Sequence[Path]) -> list[str]:
    """Read the different sentences of some documents."""
    found: dict[str, None] = {}
    for item in open_corpus(inputs, ReadOptions(), load_knowledge()):
        if isinstance(item, Document):
            texts = (item.text[s.start : s.end] for s in split_sentences(item))
            found.update((text, None) for text in texts if len(text) >= SHORTEST)
    return list(found)


def similar_pairs(texts: Sequence[str], least: float) -> Iterator[tuple[int, int, float]]:
    """Yield every pair of sentences with its similarity, if that is large enough."""
    shingles = [shingles_of(text) for text in texts]
    holders: dict[str, list[int]] = defaultdict(list)
    for place, own in enumerate(shingles):
        shared = Counter(other for shingle in own for other in holders[shingle])
        for other in sorted(shared):
            if (likeness := jaccard(own, shingles[other])) >= least:
                yield other, place, likeness
        for shingle in own:
            holders[shingle].append(place)


def is_found(
    texts: Sequence[str], signed: Sequence[Signature], pair: tuple[int, int], at: float
) -> bool:
    """Say whether the index takes the second sentence for the first, with nothing beside them."""
    with DuplicateIndex(at) as index:
        found = [index.judge(texts[place], signed[place], ["A-B"], "train") for place in pair]
    return found[1] != [None]


def row(
    texts: Sequence[str],
    signed: Sequence[Signature],
    pairs: Sequence[tuple[int, int, float]],
    at: float,
) -> str:
    """Give the figures of one threshold."""
    above = [(a, b) for a, b, likeness in pairs if likeness >= at]
    near = [(a, b) for a, b, likeness in pairs if at <= likeness < at + NEAR]
    below = [(a, b) for a, b, likeness in pairs if at - NEAR <= likeness < at]
    hits, close, wrong = (
        sum(is_found(texts, signed, pair, at) for pair in chosen) for chosen in (above, near, below)
    )
    bands = " of ".join(map(str, band_shape(at)))
    return (
        f"| {at} | {bands} | {hits} of {len(above)} | {close} of {len(near)} | "
        f"{wrong} of {len(below)} |"
    )


def main() -> None:
    """Compare all pairs, then ask the index."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("inputs", type=Path, nargs="+", help="Files, folders or patterns.")
    parser.add_argument("--output", type=Path, default=HERE / "results-duplicates.md")
    arguments = parser.parse_args()
    texts = read_sentences(arguments.inputs)
    signed = sign_sentences(texts)
    levels = (0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
    pairs = list(similar_pairs(texts, min(levels) - NEAR))
    lines = [
        f"{len(texts)} different sentences, all {len(texts) * (len(texts) - 1) // 2} pairs "
        f"compared by word 3-grams. Commit: {current_commit()}.",
        "",
        "| threshold | bands of numbers | found of the pairs at it or above | of those less than "
        f"{NEAR} above | taken for one of those less than {NEAR} below |",
        "| --- | --- | --- | --- | --- |",
        *(row(texts, signed, pairs, at) for at in levels),
    ]
    write_text(arguments.output, "\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
