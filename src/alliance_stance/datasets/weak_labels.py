"""The last costly stage of a weak data set: votes and signatures of all pieces to labels.

What a label is depends on the whole corpus, through the label model and the search for
near-duplicates, so this stage looks at every piece again. It is quick: it reads no text.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from alliance_stance.datasets.duplicates import DuplicateIndex
from alliance_stance.datasets.shards import Shards
from alliance_stance.datasets.weak_stages import VOTERS, Piece, Work
from alliance_stance.fingerprints import fingerprint
from alliance_stance.labeling.label_model import LabelModel, Status, stance_sums
from alliance_stance.labeling.votes import VoteMatrix, rules_fingerprint
from alliance_stance.schema import ACTS, STANCE_OF_ACT, STANCES

UNLABELLED = "unlabelled"
"""Split of the candidates that stay and have no label."""
_LEFT_OUT = "left out"
"""Status of a candidate whose document has the id of an earlier one."""
_COLUMNS = pa.schema(
    [
        ("split", pa.string()),
        ("status", pa.string()),
        ("stance", pa.string()),
        ("act", pa.string()),
        ("probabilities", pa.list_(pa.float64(), len(STANCES))),
    ]
)
"""What is kept of a candidate; `split` is empty where it is in none."""
_READ = ("document", "sentence", "text", "state", "alliance", "signature")

_Rows = Sequence[Mapping[str, Any]]


@dataclass
class Tally:
    """Counts of a weak data set.

    Parameters
    ----------
    statuses
        Candidates by status: ``labelled``, ``unfired``, ``tie``, or a value of `Repeat`.
    stances
        Labelled candidates by stance.
    sentences, duplicates
        Sentences with a candidate, and those of them of which nothing stays, since all of it came
        before.
    """

    statuses: Counter[str] = field(default_factory=Counter)
    stances: Counter[str] = field(default_factory=Counter)
    sentences: int = 0
    duplicates: int = 0


def read_piece_votes(work: Work, piece: Piece, documents: list[str]) -> VoteMatrix:
    """Read the votes on a piece's candidates, whose documents are these."""
    table = work.votes.read(piece.votes)
    names = table.schema.metadata[VOTERS].decode().split("\n")
    votes = b"".join(table.column(0).to_pylist())
    return VoteMatrix(
        ids=[f"{piece.candidates}/{row}" for row in range(table.num_rows)],
        documents=documents,
        names=names,
        votes=np.frombuffer(votes, dtype=np.int8).reshape(-1, len(names)),
        fingerprint=rules_fingerprint(),
    )


def gather_votes(work: Work, pieces: Sequence[Piece]) -> VoteMatrix | None:
    """Put the votes of all pieces into one matrix; None where there is no candidate."""
    parts = []
    for piece in pieces:
        if piece.candidate_count:
            table = work.candidates.read(piece.candidates, ["document"])
            parts.append(read_piece_votes(work, piece, table.column(0).to_pylist()))
    if not parts:
        return None
    return VoteMatrix(
        ids=[name for part in parts for name in part.ids],
        documents=[name for part in parts for name in part.documents],
        names=parts[0].names,
        votes=np.concatenate([part.votes for part in parts]),
        fingerprint=parts[0].fingerprint,
    )


@dataclass(frozen=True)
class Labeller:
    """How candidates become labels.

    Parameters
    ----------
    model
        Fitted.
    key
        Fingerprint of the model, and of all that labels depend on beside the pieces.
    similarity
        From which two sentences are the same words.
    side_of
        Gives the side of the split on which a document stands.
    """

    model: LabelModel
    key: str
    similarity: float
    side_of: Callable[[str], str]


@dataclass(frozen=True)
class LabelledPiece:
    """Under which fingerprints the tables of a piece are kept, and the splits its rows are in."""

    candidates: str
    labels: str
    splits: tuple[str, ...]


def label_pieces(
    work: Work,
    pieces: Sequence[Piece],
    labeller: Labeller,
    shards: Shards,
    *,
    repeated_ids: Sequence[Collection[str]],
) -> tuple[list[LabelledPiece], Tally]:
    """Label the candidates of all pieces, and keep the labels of each piece that has some.

    Parameters
    ----------
    work
        Where candidates and votes are.
    pieces
        In the order of the corpus: of what repeats the first one stays.
    labeller
        How.
    shards
        Where labels are kept.
    repeated_ids
        Of each piece, the documents that are left out since an earlier one has their id.
    """
    tally = Tally()
    labelled = []
    key = labeller.key
    with DuplicateIndex(labeller.similarity) as index:
        for piece, left_out in zip(pieces, repeated_ids, strict=True):
            if not piece.candidate_count:
                continue
            rows = work.candidates.read(piece.candidates, list(_READ)).to_pylist()
            repeats = _find_repeats(rows, labeller, index, left_out)
            votes = read_piece_votes(work, piece, [row["document"] for row in rows])
            table = _label(votes, labeller, repeats)
            _count(rows, table, tally)
            # the earlier pieces decide what is a repetition, so their keys belong to this one's
            key = fingerprint(key, piece.votes, sorted(left_out))
            shards.write(key, table)
            splits = sorted({split for split in table.column("split").to_pylist() if split})
            labelled.append(LabelledPiece(piece.candidates, key, tuple(splits)))
    return labelled, tally


def _find_repeats(
    rows: _Rows, labeller: Labeller, index: DuplicateIndex, left_out: Collection[str]
) -> list[str | None]:
    """Give of each candidate why it is left out; None where it stays."""
    places: dict[tuple[str, int], list[int]] = {}
    for number, row in enumerate(rows):
        places.setdefault((row["document"], row["sentence"]), []).append(number)
    found: list[str | None] = [_LEFT_OUT] * len(rows)
    for (document, _), numbers in places.items():
        if document in left_out:
            continue
        first = rows[numbers[0]]
        repeats = index.judge(
            first["text"],
            np.frombuffer(first["signature"], dtype=np.uint32),
            [f"{rows[number]['state']}-{rows[number]['alliance']}" for number in numbers],
            labeller.side_of(document),
        )
        for number, repeat in zip(numbers, repeats, strict=True):
            found[number] = None if repeat is None else str(repeat)
    return found


def _label(votes: VoteMatrix, labeller: Labeller, repeats: Sequence[str | None]) -> pa.Table:
    """Give split, status, stance, act and probabilities of each candidate of a piece."""
    acts = labeller.model.predict_proba(votes)
    stances = stance_sums(acts)
    statuses = labeller.model.statuses(votes)
    columns: dict[str, list[object]] = {name: [] for name in _COLUMNS.names}
    for row, (status, repeat) in enumerate(zip(statuses, repeats, strict=True)):
        is_labelled = status is Status.LABELLED and repeat is None
        side = labeller.side_of(votes.documents[row]) if is_labelled else UNLABELLED
        stance = STANCES[int(stances[row].argmax())]
        own = [acts[row, place] if _is_of(place, stance) else -1.0 for place in range(len(ACTS))]
        columns["split"].append(side if repeat is None else "")
        columns["status"].append(str(status) if repeat is None else repeat)
        columns["stance"].append(str(stance) if is_labelled else None)
        columns["act"].append(str(ACTS[int(np.argmax(own))]) if is_labelled else None)
        columns["probabilities"].append(np.round(stances[row], 6).tolist())
    return pa.table(columns, schema=_COLUMNS)


def _is_of(place: int, stance: str) -> bool:
    return STANCE_OF_ACT[ACTS[place]] == stance


def _count(rows: _Rows, table: pa.Table, tally: Tally) -> None:
    statuses, splits, stances = (
        table.column(name).to_pylist() for name in ("status", "split", "stance")
    )
    stays: dict[tuple[str, int], bool] = {}
    for row, status, split in zip(rows, statuses, splits, strict=True):
        if status != _LEFT_OUT:
            place = row["document"], row["sentence"]
            stays[place] = stays.get(place, False) or bool(split)
    tally.sentences += len(stays)
    tally.duplicates += len(stays) - sum(stays.values())
    tally.statuses.update(status for status in statuses if status != _LEFT_OUT)
    tally.stances.update(stance for stance in stances if stance is not None)
