"""The costly stages of a weak data set: documents to candidates to votes, in parallel, in pieces.

A piece is a run of documents of one unit. Where a piece ends depends on the documents alone, so a
document that is put in or taken out changes the piece that it is in and no other. Candidates and
votes of a piece are kept under the fingerprint of all that they depend on (`shards`).
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa

from alliance_stance.corpus.documents import read_unit
from alliance_stance.corpus.inputs import ReadOptions
from alliance_stance.corpus.language import is_english
from alliance_stance.corpus.readers.decoding import STDIN
from alliance_stance.corpus.readers.unit import Skipped, Unit
from alliance_stance.datasets.rows import FEATURES, from_rows, to_row
from alliance_stance.datasets.shards import Shards
from alliance_stance.datasets.signatures import PERMUTATIONS, sign_sentences
from alliance_stance.errors import InputError, StanceError
from alliance_stance.extraction.candidates import CandidateFinder
from alliance_stance.files import write_json
from alliance_stance.fingerprints import file_fingerprint, fingerprint
from alliance_stance.knowledge.knowledge import Knowledge, load_knowledge
from alliance_stance.labeling.rules.table import RULES
from alliance_stance.labeling.votes import vote_on_candidate
from alliance_stance.processes import map_in_order
from alliance_stance.schema import Candidate, Document, Example

SCHEMA = FEATURES.arrow_schema.append(
    pa.field("signature", pa.binary(PERMUTATIONS * np.dtype(np.uint32).itemsize))
)
"""One row is one candidate; labels are null."""
VOTERS = b"voters"
"""Where a table of votes has the names of its rules, in order."""
STAGES = ("candidates", "votes", "labels")
"""From the first that a build goes through to the last; `--from` names one."""
_MEAN_PIECE = 128
_LONGEST_PIECE = 1024
_AHEAD = 4
"""Units that wait for each process, so that none is idle and few are held."""


@dataclass(frozen=True)
class Work:
    """What every process has to know; it can be pickled.

    Parameters
    ----------
    folder
        Where pieces are kept.
    options
        How units are read.
    knowledge_folder
        Who and what can be mentioned.
    english_only
        Whether documents in other languages are left out.
    candidates_key, votes_key
        Fingerprints of all that candidates, and votes, depend on beside their documents.
    """

    folder: Path
    options: ReadOptions
    knowledge_folder: Path
    english_only: bool
    candidates_key: str
    votes_key: str

    @property
    def candidates(self) -> Shards:
        """Where candidates are kept."""
        return Shards(self.folder / "candidates")

    @property
    def votes(self) -> Shards:
        """Where votes are kept."""
        return Shards(self.folder / "votes")

    def unit_file(self, key: str) -> Path:
        """Give where it is kept what a unit holds."""
        return self.folder / "units" / key[:2] / f"{key}.json"


@dataclass(frozen=True)
class Piece:
    """A run of documents: under which fingerprints its tables are kept, and what they hold."""

    candidates: str
    votes: str
    documents: tuple[str, ...]
    foreign: tuple[str, ...]
    candidate_count: int


@dataclass(frozen=True)
class UnitWork:
    """What became of one unit.

    `problem` says why the rest of the unit could not be read; empty where all was.
    """

    unit: Unit
    pieces: tuple[Piece, ...]
    skipped: tuple[Skipped, ...]
    problem: StanceError | None = None


def work_through(
    units: Sequence[Unit],
    work: Work,
    *,
    processes: int,
    on_unit: Callable[[UnitWork], None] | None = None,
) -> list[UnitWork]:
    """Find candidates and take votes of all units; what is kept already is not done again.

    Parameters
    ----------
    units
        What to read.
    work
        How.
    processes
        Number of processes; 1 works in this one.
    on_unit
        Is told each unit as it is done, in order.

    Returns
    -------
    list of UnitWork
        In the order of the units, whatever the number of processes.
    """
    done = []
    for result in _results(units, work, processes):
        done.append(result)
        if on_unit is not None:
            on_unit(result)
    return done


def _results(units: Sequence[Unit], work: Work, processes: int) -> Iterator[UnitWork]:
    return map_in_order(
        _make_worker,
        work,
        units,
        processes=1 if len(units) == 1 else processes,
        ahead=_AHEAD,
    )


def _make_worker(work: Work) -> Callable[[Unit], UnitWork]:
    return Worker(work).run


class Worker:
    """Works through units in one process."""

    def __init__(self, work: Work) -> None:
        self._work = work

    @cached_property
    def _knowledge(self) -> Knowledge:
        return load_knowledge(self._work.knowledge_folder)

    @cached_property
    def _finder(self) -> CandidateFinder:
        return CandidateFinder(self._knowledge)

    def run(self, unit: Unit) -> UnitWork:
        """Read a unit, and keep candidates and votes of its pieces.

        A unit that was worked through before, and has not changed, is not even read.
        """
        work = self._work
        key = fingerprint(
            unit_fingerprint(unit), work.candidates_key, work.votes_key, work.options.on_unreadable
        )
        known = self._recall(unit, key)
        return known if known is not None else self._read(unit, key)

    def _read(self, unit: Unit, key: str) -> UnitWork:
        skipped: list[Skipped] = []
        problems: list[StanceError] = []

        def readable() -> Iterator[Document]:
            # what was read before an error is kept
            try:
                yield from self._documents(unit, skipped)
            except StanceError as error:
                problems.append(error)

        pieces = [self._piece(run) for run in cut_runs(readable())]
        if problems:
            return UnitWork(unit, tuple(pieces), tuple(skipped), problems[0])
        done = UnitWork(unit, tuple(pieces), tuple(skipped))
        write_json(
            self._work.unit_file(key),
            {
                "where": unit.where,
                "pieces": list(map(asdict, pieces)),
                "skipped": list(map(asdict, skipped)),
            },
        )
        return done

    def _recall(self, unit: Unit, key: str) -> UnitWork | None:
        file = self._work.unit_file(key)
        if not file.is_file():
            return None
        try:
            told = json.loads(file.read_text(encoding="utf-8"))
            pieces = tuple(
                Piece(**p | {"documents": tuple(p["documents"]), "foreign": tuple(p["foreign"])})
                for p in told["pieces"]
            )
            skipped = tuple(_placed(Skipped(**s), told["where"], unit) for s in told["skipped"])
        except (ValueError, KeyError, TypeError):
            # damaged: the unit is read again
            return None
        work = self._work
        if not all(work.candidates.has(p.candidates) and work.votes.has(p.votes) for p in pieces):
            return None
        return UnitWork(unit, pieces, skipped)

    def _documents(self, unit: Unit, skipped: list[Skipped]) -> Iterator[Document]:
        seen: set[str] = set()
        for item in read_unit(unit, self._work.options, on_skip=skipped.append):
            if not isinstance(item, Document):
                raise InputError(
                    f"{unit.where}, id {item.id}", "a ready example", "documents",
                    "use a data set of kind pairs for sentences that are labelled",
                )  # fmt: skip
            where = f"{unit.where}, id {item.id}"
            try:
                if item.id in seen:
                    raise repeated_id(where, unit)
                document = self._knowledge.settle_codes(item, where)
            except StanceError as error:
                if self._work.options.on_unreadable == "fail":
                    raise
                skipped.append(Skipped(error.where, error.found))
                continue
            seen.add(document.id)
            yield document

    def _piece(self, documents: list[Document]) -> Piece:
        work = self._work
        content = [[d.id, d.text, d.title, d.date, d.speaker_state] for d in documents]
        key = fingerprint(work.candidates_key, content)
        votes_key = fingerprint(key, work.votes_key)
        if work.candidates.has(key):
            table = work.candidates.read(key)
        else:
            table = self._find(documents)
            work.candidates.write(key, table)
        if not work.votes.has(votes_key):
            work.votes.write(votes_key, _take_votes(table))
        foreign = (table.schema.metadata or {}).get(b"foreign", b"").decode()
        return Piece(
            key,
            votes_key,
            tuple(document.id for document in documents),
            tuple(foreign.split("\n")) if foreign else (),
            table.num_rows,
        )

    def _find(self, documents: Iterable[Document]) -> pa.Table:
        """Give the candidates of some documents, with a signature of each sentence."""
        foreign = []
        candidates: list[Candidate] = []
        for document in documents:
            if self._work.english_only and not is_english(document):
                foreign.append(document.id)
            else:
                candidates += self._finder.find_candidates(document)
        table = candidates_table(candidates)
        return table.replace_schema_metadata({"foreign": "\n".join(foreign)})


def candidates_table(candidates: Sequence[Candidate]) -> pa.Table:
    """Write candidates as a table; each sentence is signed once."""
    texts = list(dict.fromkeys(candidate.text for candidate in candidates))
    signed = dict(zip(texts, sign_sentences(texts), strict=True)) if texts else {}
    rows = [
        {**to_row(Example("", candidate)), "signature": signed[candidate.text].tobytes()}
        for candidate in candidates
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _take_votes(table: pa.Table) -> pa.Table:
    """Let the rules vote; a row is a candidate, and has a byte of each rule.

    A column of each rule would make a file of a few rows ten times as slow to read and write.
    """
    candidates = (example.candidate for example in from_rows(table.to_pylist()))
    votes = [np.array(vote_on_candidate(one), dtype=np.int8).tobytes() for one in candidates]
    names = "\n".join(rule.name for rule in RULES)
    return pa.table({"votes": pa.array(votes, pa.binary(len(RULES)))}, metadata={VOTERS: names})


def _placed(skipped: Skipped, where: str, unit: Unit) -> Skipped:
    """Say what was skipped of a unit that may have been somewhere else then."""
    return replace(
        skipped,
        where=skipped.where.replace(where, unit.where, 1),
        reason=skipped.reason.replace(where, unit.where),
    )


def repeated_id(where: str, first: Unit) -> InputError:
    """Give the error of a document whose id came before, in a unit."""
    return InputError(
        where, f"an id that came before, in {first.where}", "each document named once", "rename one"
    )


def cut_runs(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """Cut documents into runs of about 128 whose ends depend on the documents alone.

    Content-defined chunking (Muthitacharoen, Chen and Mazières 2001): a run ends behind a
    document whose hash is a multiple of 128, so runs behind a new document stay what they were.
    """
    run: list[Document] = []
    for document in documents:
        run.append(document)
        digest = hashlib.sha256(document.id.encode("utf-8", "replace")).digest()
        is_end = int.from_bytes(digest[:4], "big") % _MEAN_PIECE == 0
        if is_end or len(run) >= _LONGEST_PIECE:
            yield run
            run = []
    if run:
        yield run


def unit_fingerprint(unit: Unit) -> str:
    """Give the fingerprint of a unit: its bytes, and how it is read."""
    if unit.path == STDIN:
        raise InputError("inputs", "standard input", "files or folders", "write it to a file")
    place = replace(unit, path=Path())
    try:
        content = file_fingerprint(unit.path)
    except OSError as error:
        # its reader will say so
        content = error.strerror or ""
    return fingerprint(content, repr(place))
