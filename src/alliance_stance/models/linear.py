"""TF-IDF with logistic regression, over the sentence with the judged pair marked."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from alliance_stance.config import Section
from alliance_stance.errors import ArtifactError
from alliance_stance.models.base import ACT_STANCE_COLUMNS, Matrix, StanceModel
from alliance_stance.models.marking import WORD_MARKERS, mark_context, mark_text
from alliance_stance.schema import ACTS, STANCES, Act, Candidate, Stance

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion, Pipeline

_STANCE_FILE = "stance.skops"
_ACT_FILE = "act.skops"


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
        self.stance_pipeline_ = self._fit_pipeline(texts, [str(stance) for stance in y])
        known = [(text, str(act)) for text, act in zip(texts, acts, strict=True) if act is not None]
        # without known acts the acts of a stance are equally likely
        self.act_pipeline_ = None
        if known:
            self.act_pipeline_ = self._fit_pipeline([t for t, _ in known], [a for _, a in known])

    def predict_act_proba(self, X: Sequence[Candidate]) -> Matrix:
        """Scale the acts' probabilities within each stance to the stance's own."""
        if not len(X):
            return np.zeros((0, len(ACTS)))
        texts = self._texts(X)
        stances = _columns(self.stance_pipeline_, texts, [str(stance) for stance in STANCES])
        acts = np.full((len(X), len(ACTS)), 1e-6)
        if self.act_pipeline_ is not None:
            acts += _columns(self.act_pipeline_, texts, [str(act) for act in ACTS])
        for column in range(len(STANCES)):
            inside = column == ACT_STANCE_COLUMNS
            acts[:, inside] *= stances[:, [column]] / acts[:, inside].sum(axis=1, keepdims=True)
        return acts

    def save_weights(self, folder: Path) -> None:
        """Write the pipelines with skops."""
        from skops.io import dump

        dump(self.stance_pipeline_, folder / _STANCE_FILE)
        if self.act_pipeline_ is not None:
            dump(self.act_pipeline_, folder / _ACT_FILE)

    def load_weights(self, folder: Path) -> None:
        """Read the pipelines; any type beyond scikit-learn's own trusted ones is refused."""
        self.classes_ = np.array([str(stance) for stance in STANCES])
        self.stance_pipeline_ = _load(folder / _STANCE_FILE)
        has_acts = (folder / _ACT_FILE).exists()
        self.act_pipeline_ = _load(folder / _ACT_FILE) if has_acts else None

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

    def _fit_pipeline(self, texts: list[str], labels: list[str]) -> "Pipeline":
        from sklearn.dummy import DummyClassifier
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        classifier = LogisticRegression(
            C=self.c,
            max_iter=2000,
            class_weight="balanced" if self.balanced else None,
            random_state=self.random_state,
        )
        if len(set(labels)) == 1:
            # a logistic regression wants two classes; one class alone is a constant
            classifier = DummyClassifier(strategy="prior")
        return make_pipeline(self._new_vectorizer(), classifier).fit(texts, labels)

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


def _columns(pipeline: "Pipeline", texts: list[str], order: list[str]) -> Matrix:
    """Give probabilities in a set order; a class that training lacked gets zero."""
    probabilities = pipeline.predict_proba(texts)
    columns = np.zeros((len(texts), len(order)))
    for position, name in enumerate(pipeline.classes_):
        columns[:, order.index(name)] = probabilities[:, position]
    return columns


def _load(path: Path) -> "Pipeline":
    from zipfile import BadZipFile

    from skops.io import get_untrusted_types, load
    from skops.io.exceptions import UnsupportedTypeException

    try:
        untrusted = get_untrusted_types(file=path)
        if untrusted:
            raise ArtifactError(
                str(path), f"types {untrusted}", "scikit-learn's own types", "do not use this file"
            )
        return load(path, trusted=[])
    except (OSError, ValueError, KeyError, BadZipFile, UnsupportedTypeException) as error:
        raise ArtifactError(
            str(path), f"no readable skops file ({error})", "one", "train the model again"
        ) from None
