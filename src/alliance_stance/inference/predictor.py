"""The predictor: documents or ready examples in, predictions out."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from alliance_stance.errors import ArtifactError, InputError, StanceError
from alliance_stance.extraction.candidate_rows import candidate_row
from alliance_stance.extraction.candidates import CandidateFinder
from alliance_stance.inference.artifact import Artifact, open_artifact
from alliance_stance.knowledge.tables import is_date
from alliance_stance.models.base import choose_acts, sum_acts
from alliance_stance.schema import (
    ACTS,
    STANCE_OF_ACT,
    STANCES,
    Candidate,
    Document,
    Example,
    Prediction,
)

if TYPE_CHECKING:
    from alliance_stance.inference.explanation import Explanation
    from alliance_stance.inference.neighbours import Neighbours

Scorable = str | Document | Example
"""A text, a document, or a ready example."""

_WINDOW = 2048
"""Candidates that are read together, so that batches hold sentences of like length."""
_MOST_DOCUMENTS = 1024
"""Documents that are waited with, where few of them hold candidates."""


class Bounds(NamedTuple):
    """How much there may be to judge.

    A sentence without end that lists all states and alliances has tens of thousands of pairs, and
    a model reads it once for each.

    Parameters
    ----------
    pairs
        Candidates.
    characters
        Of the sentences and contexts of all candidates, a sentence counted for each of its pairs.
    """

    pairs: int
    characters: int


OF_A_DOCUMENT = Bounds(100_000, 2**26)
"""What any document is held to; a book of a thousand pages stays below."""
_AT_ONCE = 2**22
"""Characters that a model is given at once, so that memory does not grow with the documents."""


class Predictor:
    """Scores text with a saved model; many threads may share one.

    Parameters
    ----------
    artifact
        The saved model, opened.
    """

    def __init__(self, artifact: Artifact) -> None:
        self.artifact = artifact
        self._finder = CandidateFinder(artifact.knowledge)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open a model folder.

        Raises
        ------
        ArtifactError
            If the folder is incomplete, altered or of another format.
        """
        return cls(open_artifact(folder))

    def predict(self, document: Scorable) -> list[Prediction]:
        """Score every candidate of one text or document, or one ready example.

        Returns
        -------
        list of Prediction
            In text order; empty where no sentence pairs a state with an alliance.

        Raises
        ------
        KnowledgeError
            If a ready example names a state or an alliance that the model does not know.
        InputError
            If it is no text, document or example, its date is in no form of the project, or there
            is more to judge than `OF_A_DOCUMENT`.
        """
        return self.predict_batch([document])[0]

    def predict_batch(
        self, documents: Iterable[Scorable], *, most: Bounds | None = None
    ) -> list[list[Prediction]]:
        """Score many at once, which is faster than one by one; one list for each, in order.

        Parameters
        ----------
        documents
            Texts, documents or ready examples.
        most
            What all of them together may give to judge; None holds only each to its own bounds.

        Raises
        ------
        KnowledgeError, InputError
            As `predict`; nothing has been judged then.
        """
        _check_many(documents)
        found: list[tuple[Scorable, list[Candidate]]] = []
        so_far = Bounds(0, 0)
        for document in documents:
            candidates, bounds = self._find(document)
            so_far = Bounds(so_far.pairs + bounds.pairs, so_far.characters + bounds.characters)
            if most is not None and candidates:
                _check_bounds(candidates[-1], so_far, most)
            found.append((document, candidates))
        return list(self._judged(found))

    def score(
        self,
        documents: Iterable[Scorable],
        *,
        on_refused: Callable[[Scorable, StanceError], None] | None = None,
    ) -> Iterator[list[Prediction]]:
        """Score a stream of any length, and yield one list for each document, in order.

        Documents are read ahead until they have enough candidates for full batches, and no
        further, so that memory does not grow with the stream.

        Parameters
        ----------
        documents
            Read once, as they are asked for.
        on_refused
            Is told of a document that `predict` would refuse, before the next one is read; no list
            is yielded for it. Without it, the error is raised.

        Raises
        ------
        KnowledgeError, InputError
            As `predict`; documents before the one at fault may not have been yielded.
        """
        _check_many(documents)
        waiting: list[tuple[Scorable, list[Candidate]]] = []
        count = 0
        for document in documents:
            try:
                candidates, _ = self._find(document)
            except StanceError as error:
                if on_refused is None:
                    raise
                on_refused(document, error)
                continue
            waiting.append((document, candidates))
            count += len(candidates)
            if count >= _WINDOW or len(waiting) == _MOST_DOCUMENTS:
                yield from self._judged(waiting)
                waiting, count = [], 0
        yield from self._judged(waiting)

    def explain(
        self,
        document: Scorable,
        *,
        neighbours: "Neighbours | None" = None,
    ) -> "list[Explanation]":
        """Score every candidate of one text, document or ready example, and tell why.

        Parameters
        ----------
        document
            As in `predict`.
        neighbours
            Over examples that the model was fitted on; None to search none.

        Returns
        -------
        list of Explanation
            One a prediction, in the order of `predict`. Each costs one judgement of the
            model for every word (`inference.attribution`).
        """
        # the labelling rules are many, and who only predicts should not wait for them
        from alliance_stance.inference.explanation import explain_predictions

        return explain_predictions(self.artifact, self.predict(document), neighbours=neighbours)

    def count_sentences(self, document: Document) -> int:
        """Count the sentences of a document, as they are numbered in its predictions."""
        return self._finder.count_sentences(document)

    def _judged(
        self, found: Sequence[tuple[Scorable, list[Candidate]]]
    ) -> Iterator[list[Prediction]]:
        flat = [candidate for _, candidates in found for candidate in candidates]
        predictions = iter(self._judge(flat))
        for document, candidates in found:
            yield [self._named(next(predictions), document) for _ in candidates]

    def _find(self, document: Scorable) -> tuple[list[Candidate], Bounds]:
        """Give the candidates of a document and how much they are, or refuse what has too many."""
        own: list[Candidate] = []
        characters = 0
        for candidate in self._candidates(document):
            own.append(candidate)
            characters += len(candidate.text) + len(candidate.context)
            _check_bounds(candidate, Bounds(len(own), characters), OF_A_DOCUMENT)
        return own, Bounds(len(own), characters)

    def _candidates(self, document: Scorable) -> Iterable[Candidate]:
        if isinstance(document, str):
            document = Document(id="text", text=document)
        _check_one(document)
        document = self.artifact.knowledge.settle_codes(document, document.id)
        if isinstance(document, Example):
            return [self._finder.mark_candidate(document.candidate)]
        return self._finder.find_candidates(document)

    def _judge(self, candidates: Sequence[Candidate]) -> Iterator[Prediction]:
        for some in _portions(candidates):
            act_probabilities = self.artifact.model.predict_act_proba(some)
            if not np.isfinite(act_probabilities).all():
                raise ArtifactError(
                    str(self.artifact.folder), "weights that give no numbers", "probabilities",
                    "train the model again, or fetch the folder anew",
                )  # fmt: skip
            acts = choose_acts(act_probabilities).tolist()
            shares = sum_acts(act_probabilities).tolist()
            for candidate, act, row in zip(some, acts, shares, strict=True):
                yield Prediction(
                    candidate,
                    STANCE_OF_ACT[ACTS[act]],
                    ACTS[act],
                    dict(zip(STANCES, row, strict=True)),
                )

    @staticmethod
    def _named(prediction: Prediction, document: Scorable) -> Prediction:
        if not isinstance(document, Example):
            return prediction
        return Prediction(
            prediction.candidate,
            prediction.stance,
            prediction.act,
            prediction.probabilities,
            document.id,
        )


def _check_many(documents: object) -> None:
    """Refuse one text where many are wanted: its letters would be judged one by one."""
    if isinstance(documents, str):
        raise InputError(
            "documents", "one text", "a list of texts or documents", "use predict, or write [text]"
        )


def _check_one(document: object) -> None:
    """Refuse what is no document, and a date by which no name could be looked up."""
    if not isinstance(document, Document | Example):
        raise InputError(
            "document", f"one of type {type(document).__name__}",
            "a text, a Document or an Example", "give Document(id, text), or the text itself",
        )  # fmt: skip
    date = document.candidate.date if isinstance(document, Example) else document.date
    if date and not (isinstance(date, str) and is_date(date)):
        raise InputError(
            f"{document.id:.80}", f"date {date!r:.40}", "YYYY, YYYY-MM or YYYY-MM-DD",
            "write it so, or leave it out",
        )  # fmt: skip


def _check_bounds(candidate: Candidate, found: Bounds, most: Bounds) -> None:
    if found.pairs > most.pairs or found.characters > most.characters:
        raise InputError(
            f"{candidate.document:.80}, sentence {candidate.sentence}",
            f"more than {most.pairs:,} pairs, or pairs whose sentences have more than "
            f"{most.characters:,} characters together",
            "a text of sentences, or fewer texts at once",
            "cut the text, or send fewer",
        )


def _portions(candidates: Sequence[Candidate]) -> Iterator[Sequence[Candidate]]:
    """Cut a long list by its length and by the characters that are to be read."""
    start = characters = 0
    for place, candidate in enumerate(candidates):
        characters += len(candidate.text) + len(candidate.context)
        is_full = characters > _AT_ONCE or place - start == _WINDOW
        if is_full and place > start:
            yield candidates[start:place]
            start, characters = place, len(candidate.text) + len(candidate.context)
    if start < len(candidates):
        yield candidates[start:]


def prediction_row(prediction: Prediction, *, abstain_below: float | None = None) -> dict[str, Any]:
    """Give a prediction in the exchange format (docs/formats.md).

    A ready example's carries its `id` and no offsets.

    Parameters
    ----------
    prediction
        What a model says.
    abstain_below
        A probability in [0, 1]: the row has a key `abstained`, true where the stance is less
        probable; None for a row without that key.
    """
    row = {
        **candidate_row(prediction.candidate, example_id=prediction.id),
        "stance": str(prediction.stance),
        "act": str(prediction.act),
        "score": round(prediction.score, 6),
        "probabilities": {str(s): round(p, 6) for s, p in prediction.probabilities.items()},
    }
    if abstain_below is not None:
        row["abstained"] = prediction.is_below(abstain_below)
    return row
