"""The plan of a run of `score`: what is scored, with what, and what the rows depend on."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatch
from importlib.metadata import version
from pathlib import Path
from typing import Any

from alliance_stance.corpus.documents import open_corpus
from alliance_stance.corpus.inputs import ReadOptions, fixed_part
from alliance_stance.corpus.readers.decoding import written_name
from alliance_stance.corpus.stream import Stream
from alliance_stance.errors import InputError
from alliance_stance.fingerprints import code_fingerprint, file_fingerprint, fingerprint
from alliance_stance.inference.artifact import MANIFEST, Artifact
from alliance_stance.inference.parts import PartOptions, PartSize
from alliance_stance.inference.score_folder import ERRORS, KINDS, RUN, part_file

_CODE = ("corpus", "extraction", "inference", "knowledge", "models", "schema")


@dataclass(frozen=True)
class Plan:
    """What is to be scored, with what, and where the rows go.

    Parameters
    ----------
    folder
        Of the scores.
    stream
        The documents.
    depends
        What the rows depend on, as plain values.
    size
        Where parts end.
    told
        What run.json says besides: inputs and model as they were named.
    """

    folder: Path
    stream: Stream
    depends: Mapping[str, Any]
    size: PartSize
    told: Mapping[str, Any]

    @property
    def explain(self) -> bool:
        """Whether the rows tell the words that decided."""
        return bool(self.depends["explain"])

    @property
    def stamp(self) -> dict[str, Any]:
        """What the metadata of every part tell."""
        model = self.depends["model"]
        return {
            "package": self.depends["package"],
            "model": self.told["model_name"],
            "model_fingerprint": model["fingerprint"],
            "registry_version": self.told["registry_version"],
            "knowledge_fingerprint": model["knowledge"],
            "run_fingerprint": fingerprint(self.depends),
        }


def make_plan(
    inputs: Sequence[Path],
    options: ReadOptions,
    artifact: Artifact,
    folder: Path,
    *,
    parts: PartOptions,
    told: Mapping[str, Any],
) -> tuple[Plan, ReadOptions]:
    """List the inputs, and say what the rows will depend on.

    Parameters
    ----------
    inputs, options
        As a verb is given them; where nothing is said of what cannot be read, it is set aside.
    artifact
        The model.
    folder
        Where the rows go.
    parts
        Where they end, and what their rows tell.
    told
        ``model`` and ``registry_version`` as they were named.

    Returns
    -------
    Plan
        The plan.
    ReadOptions
        As units are read.

    Raises
    ------
    StanceError
        If an input or the table of metadata cannot be used, or the folder lies in an input.
    """
    _check_outside(inputs, folder)
    options = replace(options, on_unreadable=options.on_unreadable or "skip")
    corpus = open_corpus(inputs, options, artifact.knowledge)
    stream = Stream(corpus.units, options, artifact.knowledge, corpus.left_out)
    size = parts.size or PartSize.fitting(stream.size)
    depends = {
        "package": version("alliance-stance"),
        "code": code_fingerprint(*_CODE),
        "model": {
            "fingerprint": file_fingerprint(artifact.folder / MANIFEST),
            "knowledge": artifact.knowledge.fingerprint,
        },
        "inputs": {
            "files": len(corpus.units),
            "bytes": stream.size,
            "fingerprint": stream.fingerprint,
        },
        "options": _options(options),
        "explain": parts.explain,
        "parts": asdict(size),
    }
    config = json.loads((artifact.folder / "config.json").read_text(encoding="utf-8"))
    named = {
        "inputs": [written_name(one) for one in inputs],
        "model_name": str(config.get("name") or config["kind"]),
        **told,
    }
    return Plan(folder, stream, depends, size, named), options


def _check_outside(inputs: Sequence[Path], folder: Path) -> None:
    for one in inputs:
        if _may_read(one, folder):
            raise InputError(
                str(folder),
                f"a folder in {one}, which is read",
                "a folder outside of the inputs",
                "name another one with --output",
            )


def _may_read(one: Path, folder: Path) -> bool:
    """Say whether an input, a folder or a pattern, takes in what `score` writes into a folder."""
    if one.is_dir():
        return folder.resolve().is_relative_to(one.resolve())
    root = fixed_part(one)
    if root == one or not folder.resolve().is_relative_to(root.resolve()):
        return False
    place = folder.resolve().relative_to(root.resolve()).parts
    pattern = one.parts[len(root.parts) :]
    written = [(RUN,), (ERRORS,), *((kind, part_file(folder, kind, 0).name) for kind in KINDS)]
    return any(_matches((*place, *names), pattern) for names in written)


def _matches(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Say whether the parts of a path match those of a pattern; ``**`` is any number of folders."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        rest = pattern[1:]
        # as in glob, a pattern that ends so takes in all files below
        return not rest or any(_matches(parts[at:], rest) for at in range(len(parts) + 1))
    return bool(parts) and fnmatch(parts[0], pattern[0]) and _matches(parts[1:], pattern[1:])


def _options(options: ReadOptions) -> dict[str, Any]:
    """Give the options as plain values, with the content of the table of metadata."""
    metadata = options.metadata
    return {
        "format": options.format,
        "columns": asdict(options.columns),
        "metadata": None if metadata is None else file_fingerprint(metadata),
        **asdict(options.facts),
        "on_unreadable": options.on_unreadable,
    }
