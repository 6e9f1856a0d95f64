"""TF-IDF with logistic regression, over the sentence with the judged pair marked."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from alliance_stance.config import Section
from alliance_stance.errors import ArtifactError, UnfitError
from alliance_stance.models.base import Matrix, StanceModel
from alliance_stance.models.linear_tables import LinearTables
from alliance_stance.models.marking import WORD_MARKERS, mark_context, mark_text
from alliance_stance.models.pipelines import MISFITS, STANCE_FILE, TwoPipelines, scale_acts
from alliance_stance.schema import ACTS, STANCES, Act, Candidate, Stance

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion, Pipeline

_EMPTY = re.compile(r"min_df|no terms remain")


class LinearSettings(Section):
    """Settings of the TF-IDF model."""

    c: float = Field(gt=0, description="Inverse L2 strength; larger fits harder.")
    ngrams: int = Field(ge=1, le=4, description="Longest run of words that is a feature.")
    min_count: int = Field(ge=1, description="Fewest sentences that a feature stands in.")
    masked: bool = Field(description="Replace every name by a marker, or mark the judged pair.")
    context: bool = Field(description="Also read the sentence before.")
    membership: bool = Field(
        description="Also read what the state was in the alliance on the document's date."
    )
    balanced: bool = Field(description="Weigh each stance equally in training.")
    characters: Literal[0, 2, 3, 4, 5, 6] = Field(
        0,
        description="Longest run of characters, from two on, that is a feature beside the words; "
        "0 for none.",
    )


class LinearModel(StanceModel):
    """TF-IDF features with two logistic regressions: one of stances, one of acts.

    The acts' probabilities are scaled within each stance to the stance's own probability.
    scikit-learn fits it; it is scored from plain arrays (`linear_tables`), with equal answers.

    Runs of characters go over the borders of words and hold what stands between them (the features
    of Mohammad et al. 2016, "SemEval-2016 Task 6: Detecting Stance in Tweets", whose baseline has
    runs of 2 to 5 characters beside those of 1 to 3 words).

    Parameters
    ----------
    c, ngrams, min_count, masked, context, membership, balanced, characters
        See `LinearSettings`.
    random_state
        Seed of the solver.
    """

    def __init__(  # noqa: PLR0913 - scikit-learn wants every parameter named here
        self,
        *,
        c: float = 4.0,
        ngrams: int = 3,
        min_count: int = 1,
        masked: bool = True,
        context: bool = False,
        membership: bool = False,
        balanced: bool = False,
        characters: Literal[0, 2, 3, 4, 5, 6] = 0,
        random_state: int = 0,
    ) -> None:
        self.c = c
        self.ngrams = ngrams
        self.min_count = min_count
        self.masked = masked
        self.context = context
        self.membership = membership
        self.balanced = balanced
        self.characters = characters
        self.random_state = random_state

    def _fit(self, X: Sequence[Candidate], y: Sequence[Stance], acts: Sequence[Act | None]) -> None:
        texts = self._texts(X)
        try:
            self.pipelines_ = TwoPipelines.fit(self._new_pipeline, texts, y, acts)
        except ValueError as error:
            # scikit-learn's words for a vocabulary of nothing; all else is a bug, and shows itself
            if self.min_count == 1 or not _EMPTY.search(str(error)):
                raise
            known = sum(act is not None for act in acts)
            raise UnfitError(
                "linear.min_count",
                f"{self.min_count} for {len(texts)} sentences, {known} of them with an act; among "
                "all of them, or among those with an act, no word stands in so many",
                "a count that some words reach",
                "lower it",
            ) from None
        self.tables_ = LinearTables.of(self.pipelines_)

    def predict_act_proba(self, X: Sequence[Candidate]) -> Matrix:
        """Scale the acts' probabilities within each stance to the stance's own."""
        if not len(X):
            return np.zeros((0, len(ACTS)))
        return scale_acts(*self.tables_.predict_proba(self._texts(X)))

    def weighed_runs(self, candidate: Candidate) -> tuple[list[str], Matrix]:
        """Give the runs that are read of a candidate; see `LinearTables.weighed_runs`."""
        return self.tables_.weighed_runs(self._texts([candidate])[0])

    def save_weights(self, folder: Path) -> None:
        """Write runs and coefficients as plain arrays (safetensors)."""
        self.tables_.save(folder)

    def load_weights(self, folder: Path) -> None:
        """Read the arrays, or the skops files that earlier versions wrote."""
        self.classes_ = np.array([str(stance) for stance in STANCES])
        if not (folder / STANCE_FILE).exists():
            self.tables_ = LinearTables.load(folder)
            return
        pipelines = TwoPipelines.load(folder)
        try:
            self.tables_ = LinearTables.of(pipelines)
        except MISFITS as error:
            raise ArtifactError(
                str(folder), f"pipelines of other steps ({error!s:.200})",
                "TF-IDF and a logistic regression", "train the model again",
            ) from None  # fmt: skip

    def _texts(self, X: Sequence[Candidate]) -> list[str]:
        texts = [mark_text(c, WORD_MARKERS, is_masked=self.masked) for c in X]
        if self.context:
            before = [mark_context(c, WORD_MARKERS, is_masked=self.masked) for c in X]
            texts = [f"{b} [SEP] {t}" for b, t in zip(before, texts, strict=True)]
        if self.membership:
            # one word of its own, which the vectorizer keeps whole
            texts = [
                f"{t} membership_{c.membership or 'unknown'}" for t, c in zip(texts, X, strict=True)
            ]
        return texts

    def _new_pipeline(self, is_constant: bool) -> "Pipeline":
        from sklearn.dummy import DummyClassifier
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        classifier = LogisticRegression(
            C=self.c,
            max_iter=2000,
            class_weight="balanced" if self.balanced else None,
            random_state=self.random_state,
        )
        if is_constant:
            classifier = DummyClassifier(strategy="prior")
        return make_pipeline(self._new_vectorizer(), classifier)

    def _new_vectorizer(self) -> "TfidfVectorizer | FeatureUnion":
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.pipeline import make_union

        words = TfidfVectorizer(
            ngram_range=(1, self.ngrams), min_df=self.min_count, sublinear_tf=True
        )
        if not self.characters:
            return words
        runs = TfidfVectorizer(
            analyzer="char",
            ngram_range=(2, self.characters),
            min_df=self.min_count,
            sublinear_tf=True,
        )
        return make_union(words, runs)
