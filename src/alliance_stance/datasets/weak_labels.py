"""The last costly stage of a weak data set: votes and signatures of all pieces to labels.

What a label is depends on the whole corpus, through the label model and the search for
near-duplicates, so this stage looks at every piece again. It is quick: it reads no text.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from alliance_stance.datasets.duplicates import DuplicateIndex, Repeat
from alliance_stance.datasets.shards import Shards
from alliance_stance.datasets.weak_stages import Piece, Work
from alliance_stance.fingerprints import fingerprint
from alliance_stance.labeling.label_model import LabelModel, Status, stance_sums
from alliance_stance.labeling.votes import VoteMatrix, rules_fingerprint
from alliance_stance.schema import ACTS, STANCE_OF_ACT, STANCES

LEFT_OUT = "left out"
"""Status of a candidate whose document has the id of an earlier one."""
ON_NO_SIDE = frozenset({*map(str, Repeat), LEFT_OUT})
"""Statuses of candidates that are in no split."""


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


def read_piece_votes(work: Work, piece: Piece) -> VoteMatrix:
    """Read the votes on a piece's candidates."""
    table = work.votes.read(piece.votes)
    documents = work.candidates.read(piece.candidates, ["document"]).column(0).to_pylist()
    votes = [column.to_numpy() for column in table.columns]
    return VoteMatrix(
        ids=[f"{piece.candidates}/{row}" for row in range(table.num_rows)],
        documents=documents,
        names=table.column_names,
        votes=np.column_stack(votes) if votes else np.zeros((table.num_rows, 0), np.int8),
        fingerprint=rules_fingerprint(),
    )


def gather_votes(work: Work, pieces: Sequence[Piece]) -> VoteMatrix | None:
    """Put the votes of all pieces into one matrix; None where there is no candidate."""
    parts = [read_piece_votes(work, piece) for piece in pieces if piece.candidate_count]
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


def label_pieces(
    work: Work,
    pieces: Sequence[Piece],
    labeller: Labeller,
    shards: Shards,
    *,
    repeated_ids: Sequence[Collection[str]],
) -> tuple[list[str], Tally]:
    """Label the candidates of all pieces, and keep the labels of each piece.

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

    Returns
    -------
    tuple
        The key of each piece's labels, and the counts.
    """
    tally = Tally()
    keys = []
    key = labeller.key
    with DuplicateIndex(labeller.similarity) as index:
        for piece, left_out in zip(pieces, repeated_ids, strict=True):
            repeats = _find_repeats(work, piece, labeller, index, left_out)
            table = _label(work, piece, labeller.model, repeats)
            _count(work, piece, table, tally)
            # the earlier pieces decide what is a repetition, so their keys belong to this one's
            key = fingerprint(key, piece.votes, sorted(left_out))
            shards.write(key, table)
            keys.append(key)
    return keys, tally


def _find_repeats(
    work: Work,
    piece: Piece,
    labeller: Labeller,
    index: DuplicateIndex,
    left_out: Collection[str],
) -> list[str | None]:
    """Give of each candidate why it is left out; None where it stays."""
    columns = ["document", "sentence", "text", "state", "alliance", "signature"]
    rows = work.candidates.read(piece.candidates, columns).to_pylist()
    places: dict[tuple[str, int], list[int]] = {}
    for number, row in enumerate(rows):
        places.setdefault((row["document"], row["sentence"]), []).append(number)
    found: list[str | None] = [LEFT_OUT] * len(rows)
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


def _label(work: Work, piece: Piece, model: LabelModel, repeats: Sequence[str | None]) -> pa.Table:
    """Give status, stance, act and probabilities of each candidate of a piece."""
    votes = read_piece_votes(work, piece)
    acts = model.predict_proba(votes)
    stances = stance_sums(acts)
    columns: dict[str, list[object]] = {name: [] for name in _COLUMNS.names}
    for row, (status, repeat) in enumerate(zip(model.statuses(votes), repeats, strict=True)):
        is_labelled = status is Status.LABELLED and repeat is None
        stance = STANCES[int(stances[row].argmax())]
        own = [acts[row, place] if _is_of(place, stance) else -1.0 for place in range(len(ACTS))]
        columns["status"].append(str(status) if repeat is None else repeat)
        columns["stance"].append(str(stance) if is_labelled else None)
        columns["act"].append(str(ACTS[int(np.argmax(own))]) if is_labelled else None)
        columns["probabilities"].append(np.round(stances[row], 6).tolist())
    return pa.table(columns, schema=_COLUMNS)


def _is_of(place: int, stance: str) -> bool:
    return STANCE_OF_ACT[ACTS[place]] == stance


_COLUMNS = pa.schema(
    [
        ("status", pa.string()),
        ("stance", pa.string()),
        ("act", pa.string()),
        ("probabilities", pa.list_(pa.float64(), len(STANCES))),
    ]
)


def _count(work: Work, piece: Piece, table: pa.Table, tally: Tally) -> None:
    statuses = table.column("status").to_pylist()
    places = work.candidates.read(piece.candidates, ["document", "sentence"]).to_pylist()
    stays: dict[tuple[str, int], bool] = {}
    for row, status in zip(places, statuses, strict=True):
        if status != LEFT_OUT:
            place = row["document"], row["sentence"]
            stays[place] = stays.get(place, False) or status not in ON_NO_SIDE
    tally.sentences += len(stays)
    tally.duplicates += len(stays) - sum(stays.values())
    tally.statuses.update(status for status in statuses if status != LEFT_OUT)
    tally.stances.update(s for s in table.column("stance").to_pylist() if s is not None)
