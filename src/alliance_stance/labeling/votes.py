"""Votes: what each rule says of each candidate, as one matrix; written to disk and read back.

Columns are whoever votes: rules, and as well annotators or models. An abstention is no vote for
`describe`: it has a value of its own.
"""

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alliance_stance.errors import DatasetError
from alliance_stance.files import write_bytes
from alliance_stance.fingerprints import code_fingerprint
from alliance_stance.labeling.rules.rule import Rule
from alliance_stance.labeling.rules.table import RULES
from alliance_stance.labeling.scenes.scene import Scene
from alliance_stance.schema import ACTS, STANCE_OF_ACT, STANCES, Act, Candidate, Example

VoteArray = NDArray[np.int8]
ABSTAIN = -1
"""The value of a cell where a column does not vote."""
STANCE_POSITIONS: NDArray[np.intp] = np.array([STANCES.index(STANCE_OF_ACT[act]) for act in ACTS])
"""Position in `schema.STANCES` of each act's stance, in the order of `schema.ACTS`."""
_FORMAT = 1
_KEYS = ("format", "fingerprint", "names", "ids", "documents", "votes")


@dataclass(frozen=True, eq=False)
class VoteMatrix:
    """All votes on n candidates.

    Parameters
    ----------
    ids, documents
        Id and document of each candidate; length n.
    names
        Who votes in each column; length m, all different.
    votes
        Shape (n, m): the position of an act in `schema.ACTS`, or `ABSTAIN`.
    fingerprint
        Of the code of the rules that voted; empty where no rule did.
    """

    ids: list[str]
    documents: list[str]
    names: list[str]
    votes: VoteArray
    fingerprint: str = ""

    def __post_init__(self) -> None:
        """Check the shape, so that no later step has to."""
        shape = (len(self.ids), len(self.names))
        if self.votes.shape != shape or len(self.documents) != len(self.ids):
            raise DatasetError(
                "votes", f"shape {self.votes.shape}", f"{shape}", "give a row for each candidate"
            )
        if len(set(self.names)) != len(self.names):
            twice = sorted({name for name in self.names if self.names.count(name) > 1})
            raise DatasetError("votes", f"{twice} twice", "a name for each column", "rename one")

    @property
    def stances(self) -> VoteArray:
        """The stance of each vote, as a position in `schema.STANCES`; `ABSTAIN` stays."""
        stances = np.append(STANCE_POSITIONS, ABSTAIN)[self.votes]
        return stances.astype(np.int8)

    @property
    def fired(self) -> NDArray[np.bool_]:
        """Whether anybody votes on a candidate; shape (n,)."""
        fired: NDArray[np.bool_] = (self.votes != ABSTAIN).any(axis=1)
        return fired

    def with_column(self, name: str, acts: Sequence[Act | None]) -> "VoteMatrix":
        """Give the matrix with one more voter, an annotator or a model; None abstains."""
        column = np.array([_position(act) for act in acts], dtype=np.int8)
        if len(column) != len(self.ids):
            raise DatasetError(
                f"column {name}", f"{len(column)} votes", f"{len(self.ids)}", "give one a candidate"
            )
        votes = np.column_stack([self.votes, column])
        return VoteMatrix(self.ids, self.documents, [*self.names, name], votes, self.fingerprint)

    def rows(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> "VoteMatrix":
        """Give the matrix of some candidates."""
        places = np.arange(len(self.ids))[chosen]
        return VoteMatrix(
            [self.ids[place] for place in places],
            [self.documents[place] for place in places],
            self.names,
            self.votes[places],
            self.fingerprint,
        )


def rules_fingerprint() -> str:
    """Give the fingerprint of the code that votes depend on."""
    return code_fingerprint("labeling/rules", "labeling/scenes")


def vote_on_candidate(candidate: Candidate, rules: Sequence[Rule] = RULES) -> list[int]:
    """Give each rule's vote on one candidate."""
    scene = Scene(candidate)
    return [_position(rule.act) if rule.holds(scene) else ABSTAIN for rule in rules]


def apply_rules(examples: Iterable[Example], rules: Sequence[Rule] = RULES) -> VoteMatrix:
    """Let all rules vote on all examples, whose mentions must have been found."""
    ids, documents, rows = [], [], []
    for example in examples:
        ids.append(example.id)
        documents.append(example.candidate.document)
        rows.append(vote_on_candidate(example.candidate, rules))
    votes = np.array(rows, dtype=np.int8).reshape(len(ids), len(rules))
    names = [rule.name for rule in rules]
    return VoteMatrix(ids, documents, names, votes, rules_fingerprint())


def write_votes(path: Path, matrix: VoteMatrix) -> None:
    """Write a vote file (docs/formats.md), whole or not at all."""
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        format=np.array(_FORMAT),
        fingerprint=np.array(matrix.fingerprint),
        names=np.array(matrix.names, dtype=np.str_),
        ids=np.array(matrix.ids, dtype=np.str_),
        documents=np.array(matrix.documents, dtype=np.str_),
        votes=matrix.votes,
    )
    write_bytes(path, buffer.getvalue())


def read_votes(path: Path) -> VoteMatrix:
    """Read a vote file.

    Raises
    ------
    DatasetError
        If the file is missing, is no vote file, is of another format, or holds votes for no act.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {key: file[key] for key in _KEYS}
    except FileNotFoundError:
        raise DatasetError(str(path), "no such file", "a vote file", "check the path") from None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, AttributeError) as error:
        problem = " ".join(str(error).split())
        raise DatasetError(
            str(path), problem, f"the arrays {', '.join(_KEYS)}", "write it anew"
        ) from None
    if int(arrays["format"]) != _FORMAT:
        raise DatasetError(
            str(path), f"format {arrays['format']}", f"format {_FORMAT}", "write it anew"
        )
    votes = arrays["votes"]
    if votes.dtype != np.int8 or (votes < ABSTAIN).any() or (votes >= len(ACTS)).any():
        raise DatasetError(
            str(path), "votes that are no acts", f"{ABSTAIN} to {len(ACTS) - 1}", "write it anew"
        )
    texts = {key: [str(item) for item in arrays[key]] for key in ("names", "ids", "documents")}
    return VoteMatrix(votes=votes, fingerprint=str(arrays["fingerprint"]), **texts)


def _position(act: Act | None) -> int:
    return ABSTAIN if act is None else ACTS.index(act)
