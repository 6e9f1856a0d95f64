"""An encoder's architecture as a saved model tells it: plain settings of a known kind, no more.

The configurations of `transformers` hold more than settings: which attention kernels to fetch and
run, which quantisation, which code of the model's own. None of it is taken from a folder.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import PretrainedConfig

KINDS = frozenset({
    "albert", "bert", "camembert", "deberta", "deberta-v2", "distilbert", "electra", "ernie",
    "modernbert", "mpnet", "roberta", "xlm-roberta",
})  # fmt: skip
"""Families with BERT's or RoBERTa's special tokens, by their names in `transformers`."""
_NOT_TAKEN = frozenset({"sinusoidal_pos_embds"})
"""What only says how weights begin, and would be computed number by number."""
_LARGEST = 2**21
"""Of any whole number; the largest vocabularies have a million pieces."""
_MOST_LAYERS = 128
_PLAIN = (bool, int, float, str, type(None))


def read_architecture(architecture: Mapping[str, Any]) -> "PretrainedConfig":
    """Make a configuration of the settings that a kind of encoder has of its own.

    Raises
    ------
    ValueError
        If the kind is not known, or a setting is absurd.
    """
    from huggingface_hub.errors import StrictDataclassError
    from transformers import CONFIG_MAPPING, PretrainedConfig

    kind = str(architecture.get("model_type"))
    if kind not in KINDS:
        raise ValueError(f"architecture {kind!r:.40}, which is none of {', '.join(sorted(KINDS))}")
    config_class = CONFIG_MAPPING[kind]
    own = set(config_class.__dataclass_fields__) - set(PretrainedConfig.__dataclass_fields__)
    settings = {key: architecture[key] for key in own - _NOT_TAKEN if key in architecture}
    for key, value in settings.items():
        _check(key, value)
    try:
        config: PretrainedConfig = config_class(**settings)
    except StrictDataclassError as error:
        raise ValueError(str(error)) from None
    return config


def _check(key: str, value: object) -> None:
    is_layers = "layers" in key or "group" in key
    most = _MOST_LAYERS if is_layers else _LARGEST
    parts = _parts(value)
    if len(parts) > _MOST_LAYERS or not all(isinstance(part, _PLAIN) for part in parts):
        raise ValueError(f"{key} {value!r:.40}")
    if any(isinstance(part, int | float) and not abs(part) <= most for part in parts):
        raise ValueError(f"{key} {value!r:.40}, which is more than {most:,}")


def _parts(value: object) -> list[object]:
    """Give a setting's values: most are one; types of layers are a list, and rotations nested."""
    if isinstance(value, Mapping):
        return [part for inner in value.values() for part in _parts(inner)]
    if isinstance(value, list):
        return [part for inner in value for part in _parts(inner)]
    return [value]
