"""Score extraction: whether the pairs are found that a careful reader finds, and no others."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from alliance_stance.corpus.readers.decoding import read_lines
from alliance_stance.draws import Resamples, draw_documents
from alliance_stance.errors import InputError
from alliance_stance.evaluation.bootstrap import Interval
from alliance_stance.evaluation.metrics import Matrix
from alliance_stance.evaluation.resampling import score_interval
from alliance_stance.extraction.candidates import CandidateFinder
from alliance_stance.schema import Candidate, Stance

Pair = tuple[str, str]
_KEYS = ("text", "context", "title", "date", "speaker_state", "document")


@dataclass(frozen=True, slots=True)
class LabelledSentence:
    """A sentence with every pair that a reader found in it.

    Parameters
    ----------
    candidate
        The sentence in its context; its own pair is empty.
    pairs
        Each pair (state, alliance) to the stance that it was given.
    """

    candidate: Candidate
    pairs: dict[Pair, Stance]


@dataclass(frozen=True, slots=True)
class PairScores:
    """How well pairs were found; intervals are drawn by document."""

    sentence_count: int
    document_count: int
    pair_count: int
    missed: int
    extra: int
    recall: Interval
    precision: Interval
    polar_recall: Interval


def read_labelled_sentences(path: Path) -> Iterator[LabelledSentence]:
    """Read sentences with all their pairs (docs/formats.md).

    A line has a sentence with its list `triples`, or one triple; the triples of one sentence are
    brought together, wherever they stand.

    Raises
    ------
    InputError
        At the first line that lacks a key.
    """
    sentences: dict[tuple[str, ...], LabelledSentence] = {}
    for number, line in enumerate(read_lines(path), start=1):
        try:
            row: dict[str, Any] = json.loads(line)
            facts = {key: row[key] for key in _KEYS}
            triples = row.get("triples", [row])
            pairs = {(t["state"], t["alliance"]): Stance(t["stance"]) for t in triples}
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{path}:{number}",
                f"no labelled sentence ({error})",
                f"the keys {list(_KEYS)}, and 'triples' or a triple's own",
                "mend the line",
            ) from None
        candidate = Candidate(
            sentence=0, start=0, end=len(facts["text"]), state="", alliance="", **facts
        )
        key = (candidate.document, candidate.text, candidate.context)
        sentences.setdefault(key, LabelledSentence(candidate, {})).pairs.update(pairs)
    yield from sentences.values()


def score_pairs(
    sentences: Sequence[LabelledSentence],
    finder: CandidateFinder,
    *,
    alliances: Collection[str],
    seed: int,
) -> PairScores:
    """Compare the pairs that are found with those that were labelled.

    Parameters
    ----------
    sentences
        With every pair of theirs.
    finder
        What is scored.
    alliances
        Ids that the labels know; a pair with another is neither right nor wrong.
    seed
        Seed of the draws.
    """
    counts = []
    for sentence in sentences:
        found = {pair for pair in finder.find_pairs(sentence.candidate) if pair[1] in alliances}
        wanted = sentence.pairs.keys()
        polar = {pair for pair, stance in sentence.pairs.items() if stance is not Stance.NEUTRAL}
        right = len(found & wanted)
        counts.append((right, len(wanted), len(found), len(found & polar), len(polar)))
    resamples = draw_documents([s.candidate.document for s in sentences], seed=seed)
    sums = resamples.sum_rows(np.array(counts))
    total = sums.sum(axis=0)
    return PairScores(
        sentence_count=len(sentences),
        document_count=resamples.document_count,
        pair_count=int(total[1]),
        missed=int(total[1] - total[0]),
        extra=int(total[2] - total[0]),
        recall=_share(sums, resamples, 0, 1),
        precision=_share(sums, resamples, 0, 2),
        polar_recall=_share(sums, resamples, 3, 4),
    )


def _share(sums: Matrix, resamples: Resamples, part: int, whole: int) -> Interval:
    """Give a share with its interval; not a number where the whole is empty."""
    if not sums[:, whole].any():
        return Interval(np.nan, np.nan, np.nan)
    with np.errstate(invalid="ignore"):
        return score_interval(
            lambda both: both[..., part] / both[..., whole], [sums], resamples, ""
        )
