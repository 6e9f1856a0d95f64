"""The last costly stage of a weak data set: votes and signatures of all pieces to labels.

What a label is depends on the whole corpus, through the label model and the search for
near-duplicates, so this stage looks at every piece again. It is quick: it reads no text.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from alliance_stance.datasets.duplicates import DuplicateIndex
from alliance_stance.datasets.shards import Shards
from alliance_stance.datasets.weak_stages import Piece, Work
from alliance_stance.fingerprints import fingerprint
from alliance_stance.labeling.label_model import LabelModel, Status, stance_sums
from alliance_stance.labeling.votes import VoteMatrix, rules_fingerprint
from alliance_stance.schema import ACTS, STANCE_OF_ACT, STANCES

DUPLICATE = "duplicate"
"""Status of a candidate whose sentence stood in the corpus before."""


@dataclass
class Tally:
    """Counts of a weak data set.

    Parameters
    ----------
    statuses
        Candidates by status: ``labelled``, ``unfired``, ``tie`` or ``duplicate``.
    stances
        Labelled candidates by stance.
    sentences, duplicates
        Sentences with a candidate, and those of them that stood in the corpus before.
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


def label_pieces(
    work: Work,
    pieces: Sequence[Piece],
    model: LabelModel,
    shards: Shards,
    *,
    key: str,
    similarity: float,
) -> tuple[list[str], Tally]:
    """Label the candidates of all pieces, and keep the labels of each piece.

    Parameters
    ----------
    work
        Where candidates and votes are.
    pieces
        In the order of the corpus: of near-duplicates the first one stays.
    model
        Fitted.
    shards
        Where labels are kept.
    key
        Fingerprint of the model and of what it was fitted on.
    similarity
        From which two sentences are near-duplicates.

    Returns
    -------
    tuple
        The key of each piece's labels, and the counts.
    """
    index = DuplicateIndex(similarity)
    tally = Tally()
    keys = []
    for number, piece in enumerate(pieces):
        table = _label(work, piece, model, _find_repeats(work, piece, index, number, tally))
        _count(table, tally)
        # the earlier pieces decide what is a repetition, so their keys belong to this one's
        key = fingerprint(key, piece.votes, similarity)
        shards.write(key, table)
        keys.append(key)
    return keys, tally


def _find_repeats(
    work: Work, piece: Piece, index: DuplicateIndex, number: int, tally: Tally
) -> Iterator[bool]:
    """Yield of each candidate whether its sentence repeats one of another place."""
    table = work.candidates.read(piece.candidates, ["document", "sentence", "signature"])
    known: dict[tuple[str, int], bool] = {}
    for row in table.to_pylist():
        place = row["document"], row["sentence"]
        if place not in known:
            signature = np.frombuffer(row["signature"], dtype=np.uint32)
            earlier = index.find(f"{number:08d}/{place[0]}/{place[1]}", signature)
            known[place] = earlier is not None
            tally.sentences += 1
            tally.duplicates += known[place]
        yield known[place]


def _label(work: Work, piece: Piece, model: LabelModel, repeats: Iterator[bool]) -> pa.Table:
    """Give status, stance, act and probabilities of each candidate of a piece."""
    votes = read_piece_votes(work, piece)
    acts = model.predict_proba(votes)
    stances = stance_sums(acts)
    columns: dict[str, list[object]] = {name: [] for name in _COLUMNS.names}
    for row, (status, is_repeat) in enumerate(zip(model.statuses(votes), repeats, strict=True)):
        is_labelled = status is Status.LABELLED and not is_repeat
        stance = STANCES[int(stances[row].argmax())]
        own = [acts[row, place] if _is_of(place, stance) else -1.0 for place in range(len(ACTS))]
        columns["status"].append(DUPLICATE if is_repeat else str(status))
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


def _count(table: pa.Table, tally: Tally) -> None:
    tally.statuses.update(table.column("status").to_pylist())
    tally.stances.update(s for s in table.column("stance").to_pylist() if s is not None)
