"""The table of models. Adding one: a file, a line here, and a YAML file under configs/models/."""

from typing import Any

from alliance_stance.config import Section
from alliance_stance.errors import ConfigError
from alliance_stance.models.base import StanceModel
from alliance_stance.models.conv import ConvModel, ConvSettings
from alliance_stance.models.encoder import EncoderModel, EncoderSettings
from alliance_stance.models.ensemble import EnsembleModel, EnsembleSettings
from alliance_stance.models.frozen import FrozenModel, FrozenSettings
from alliance_stance.models.lexicon import LexiconModel, LexiconSettings
from alliance_stance.models.linear import LinearModel, LinearSettings
from alliance_stance.models.majority import MajorityModel, MajoritySettings
from alliance_stance.models.packed import PackedEncoderModel, PackedEncoderSettings
from alliance_stance.models.rule_vote import RuleVoteModel, RuleVoteSettings
from alliance_stance.models.state_prior import StatePriorModel, StatePriorSettings

MODELS: dict[str, tuple[type[StanceModel], type[Section]]] = {
    "majority": (MajorityModel, MajoritySettings),
    "state_prior": (StatePriorModel, StatePriorSettings),
    "lexicon": (LexiconModel, LexiconSettings),
    "rule_vote": (RuleVoteModel, RuleVoteSettings),
    "linear": (LinearModel, LinearSettings),
    "frozen": (FrozenModel, FrozenSettings),
    "conv": (ConvModel, ConvSettings),
    "encoder": (EncoderModel, EncoderSettings),
    "packed": (PackedEncoderModel, PackedEncoderSettings),
    "ensemble": (EnsembleModel, EnsembleSettings),
}

BASELINES = ("majority", "state_prior", "lexicon")
"""Kinds that open every results table, and that a champion must beat."""


def model_kind(kind: str, *, where: str) -> tuple[type[StanceModel], type[Section]]:
    """Look a kind of model up.

    Raises
    ------
    ConfigError
        If the table has no such kind.
    """
    if kind not in MODELS:
        raise ConfigError(
            where, f"unknown model {kind!r}", f"one of {', '.join(MODELS)}", "correct 'kind'"
        )
    return MODELS[kind]


def build_model(kind: str, settings: Section, *, seed: int) -> StanceModel:
    """Construct an unfitted model; the seed reaches only models that have a random step."""
    model_class, _ = model_kind(kind, where="model")
    parameters: dict[str, Any] = settings.model_dump()
    if "random_state" in model_class.parameter_names():
        parameters["random_state"] = seed
    return model_class(**parameters)
