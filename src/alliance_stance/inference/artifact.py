"""A saved model: a folder of plain files, complete or refused.

::

    manifest.json   format, versions, what the model was fitted on, how its weights were saved,
                    size and SHA-256 of each file
    config.json     kind and settings of the model
    labels.json     stances and acts, in column order
    knowledge/      the tables that the model was built with
    weights/        safetensors, ONNX, JSON or skops; never pickle
    metrics.json    every score with count, interval and split
    README.md       model card
    training_sentences.txt   keys of the sentences that it was fitted on, no text

Opening one checks the manifest, the format, every file's kind, size and checksum and that nothing
else lies in the folder, before any weight is read. No file is run.
"""

import codecs
import json
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alliance_stance.config import Section, validate
from alliance_stance.errors import ArtifactError, ConfigError
from alliance_stance.files import new_folder, write_json, write_text
from alliance_stance.fingerprints import file_fingerprint
from alliance_stance.inference.card_form import with_form
from alliance_stance.knowledge.knowledge import Knowledge, load_knowledge, write_snapshot
from alliance_stance.models.base import StanceModel
from alliance_stance.models.fast_form import FILE as FAST_FORM
from alliance_stance.models.packed_file import ENDING, compress
from alliance_stance.models.table import build_model, model_kind
from alliance_stance.schema import ACTS, STANCES

FORMAT = 1
MANIFEST = "manifest.json"
_CARD = "README.md"
_CONFIG = "config.json"
_WEIGHTS = "weights"
_KNOWLEDGE = "knowledge"
_KNOWLEDGE_FACT = "knowledge_fingerprint"
_FITTED_WITH = "fitted_with_knowledge"
_OWN_FACTS = frozenset({"format", "files", "saved"})
_FAST_FORM = f"{_WEIGHTS}/{FAST_FORM}"
_FOR_FITTING = frozenset({f"{_WEIGHTS}/model.safetensors", "dev_predictions.jsonl"})
_RETRAIN = "train the model again, or fetch the folder anew"
_LARGEST = {
    MANIFEST: 2**24,
    "config.json": 2**20,
    "labels.json": 2**20,
    ".csv": 2**23,
    ".gz": 2**31,
    ".json": 2**27,
    ".jsonl": 2**30,
    ".md": 2**24,
    ".onnx": 2**34,
    ".safetensors": 2**34,
    ".skops": 2**31,
    ".txt": 2**30,
}
"""Bytes of the largest file by name, else by ending; a file of another ending is none of a model's.

Knowledge tables and settings are held shortest: they are read as a whole and become Python objects.
"""
_TEXTS = frozenset({".csv", ".json", ".jsonl", ".md", ".txt"})
_HEAD = 4096


@dataclass(frozen=True)
class Artifact:
    """A saved model, opened.

    Parameters
    ----------
    folder
        Where it lies.
    manifest
        Its manifest, as plain values.
    model
        Ready to predict.
    knowledge
        The tables that it was built with.
    """

    folder: Path
    manifest: dict[str, Any]
    model: StanceModel
    knowledge: Knowledge

    @property
    def is_trimmed(self) -> bool:
        """Whether there is a fast form alone, without the weights that it was made of."""
        return f"{_FAST_FORM}{ENDING}" in self.manifest["files"]


def save_artifact(
    folder: Path,
    model: StanceModel,
    knowledge: Knowledge,
    *,
    config: dict[str, Any],
    facts: dict[str, Any],
    documents: dict[str, str],
) -> None:
    """Write a fitted model; an older folder of that name gives way once all is written.

    Parameters
    ----------
    folder
        Where to.
    model
        Fitted.
    knowledge
        The tables that its training data were built with.
    config
        ``kind``, ``settings`` and ``seed``.
    facts
        What the manifest tells besides: versions, commit, fingerprints.
    documents
        Further text files by name, such as ``README.md`` and ``metrics.json``.
    """
    with new_folder(folder) as beside:
        (beside / _WEIGHTS).mkdir()
        model.save_weights(beside / _WEIGHTS)
        write_snapshot(knowledge, beside / _KNOWLEDGE)
        write_json(beside / "config.json", config)
        labels = {"stances": [str(s) for s in STANCES], "acts": [str(a) for a in ACTS]}
        write_json(beside / "labels.json", labels)
        for name, text in documents.items():
            write_text(beside / name, text)
        _tell_form(beside, model)
        _write_manifest(beside, model, facts)


def export_artifact(artifact: Artifact, folder: Path) -> dict[str, Any]:
    """Write a saved model anew, in the forms that this version saves weights in.

    Nothing is fitted: labels, knowledge and scores stay as they are, and so does the card but for
    what it says of the form that answers. The model keeps rows beforehand
    (`StanceModel.keep_rows`), where it has to choose by them.

    Parameters
    ----------
    artifact
        The saved model, opened.
    folder
        Where to; there must be nothing yet.

    Returns
    -------
    dict
        The new manifest.

    Raises
    ------
    ArtifactError
        If the folder exists, or the model is trimmed, or cannot be written.
    """
    if artifact.is_trimmed:
        raise ArtifactError(
            str(artifact.folder), "a trimmed model, in its fast form alone", "one with its weights",
            "name the model that was trimmed, or train one",
        )  # fmt: skip
    with _written_anew(artifact, folder) as beside:
        for name in artifact.manifest["files"]:
            if not name.startswith(f"{_WEIGHTS}/"):
                _copy(artifact.folder, name, beside)
        (beside / _WEIGHTS).mkdir()
        artifact.model.save_weights(beside / _WEIGHTS)
        _tell_form(beside, artifact.model)
    return read_manifest(folder)


def trim_artifact(artifact: Artifact, folder: Path) -> dict[str, Any]:
    """Copy a saved model without what only fitting and comparing need.

    Its weights as they were fitted, and what it said of the development split, are left out; the
    fast form is compressed, and scores as before.

    Parameters
    ----------
    artifact
        The saved model, opened.
    folder
        Where to; there must be nothing yet.

    Returns
    -------
    dict
        The new manifest.

    Raises
    ------
    ArtifactError
        If the folder exists, or the model has no fast form to be scored by, or is trimmed already.
    """
    names = set(artifact.manifest["files"])
    if artifact.is_trimmed:
        raise ArtifactError(
            str(artifact.folder), "a model that is trimmed already", "one with its weights",
            "copy the folder as it is",
        )  # fmt: skip
    if _FAST_FORM not in names:
        raise ArtifactError(
            str(artifact.folder), "no fast form", "a model that has one",
            "write it anew with one first: alliance-stance export MODEL FOLDER --data ROWS",
        )  # fmt: skip
    with _written_anew(artifact, folder) as beside:
        for name in sorted(names - _FOR_FITTING - {_FAST_FORM}):
            _copy(artifact.folder, name, beside)
        content = (artifact.folder / _FAST_FORM).read_bytes()
        (beside / f"{_FAST_FORM}{ENDING}").write_bytes(compress(content))
    return read_manifest(folder)


def renew_tables(artifact: Artifact, folder: Path, knowledge: Knowledge) -> dict[str, Any]:
    """Copy a saved model with other tables of names; its weights, scores and card stay as they are.

    Parameters
    ----------
    artifact
        The saved model, opened; it may be trimmed.
    folder
        Where to; there must be nothing yet.
    knowledge
        The tables in which it finds names from now on.

    Returns
    -------
    dict
        The new manifest: ``knowledge_fingerprint`` of the new tables, and
        ``fitted_with_knowledge`` of those that the training data were built with.

    Raises
    ------
    ArtifactError
        If the folder exists.
    """
    fitted_with = artifact.manifest.get(
        _FITTED_WITH, artifact.manifest.get(_KNOWLEDGE_FACT, artifact.knowledge.fingerprint)
    )
    facts = {_KNOWLEDGE_FACT: knowledge.fingerprint, _FITTED_WITH: fitted_with}
    with _written_anew(artifact, folder, facts) as beside:
        for name in artifact.manifest["files"]:
            if not name.startswith(f"{_KNOWLEDGE}/"):
                _copy(artifact.folder, name, beside)
        write_snapshot(knowledge, beside / _KNOWLEDGE)
    return read_manifest(folder)


@contextmanager
def _written_anew(
    artifact: Artifact, folder: Path, facts: Mapping[str, Any] | None = None
) -> Iterator[Path]:
    """Give a folder to write a saved model into, and put its manifest there at the end.

    `facts` take the place of the manifest's own.
    """
    if folder.exists():
        raise ArtifactError(str(folder), "an existing folder", "a new one", "name another")
    kept = {key: value for key, value in artifact.manifest.items() if key not in _OWN_FACTS}
    with new_folder(folder) as beside:
        yield beside
        _write_manifest(beside, artifact.model, {**kept, **(facts or {})})


def _tell_form(folder: Path, model: StanceModel) -> None:
    """Let the card, if there is one, tell in which form the weights were just saved."""
    card, saved = folder / _CARD, model.saved_facts()
    if saved and card.is_file():
        write_text(card, with_form(card.read_text(encoding="utf-8"), saved))


def _copy(source: Path, name: str, target: Path) -> None:
    (target / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source / name, target / name)


def _write_manifest(folder: Path, model: StanceModel, facts: dict[str, Any]) -> None:
    """List what lies in a folder; nothing may be added to it afterwards."""
    files = {
        path.relative_to(folder).as_posix(): {
            "sha256": file_fingerprint(path),
            "bytes": path.stat().st_size,
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    saved = model.saved_facts()
    facts = {**facts, "saved": saved} if saved else facts
    write_json(folder / MANIFEST, {"format": FORMAT, **facts, "files": files})


def open_artifact(folder: Path) -> Artifact:
    """Check a saved model and load it.

    Raises
    ------
    ArtifactError
        If the folder is missing, of another format, or a file is missing, altered, added, or a
        link; also if its labels are not those of this version.
    """
    manifest = read_manifest(folder)
    check_files(folder, manifest)
    labels = _read_json(folder / "labels.json")
    expected = {"stances": [str(s) for s in STANCES], "acts": [str(a) for a in ACTS]}
    if labels != expected:
        raise ArtifactError(str(folder / "labels.json"), f"{labels}", f"{expected}", _RETRAIN)
    config = _read_json(folder / "config.json")
    model = _empty_model(config, str(folder / "config.json"))
    try:
        model.load_weights(folder / _WEIGHTS)
    except ImportError as error:
        raise ArtifactError(
            str(folder),
            f"a model that needs {error.name}",
            "that package",
            "pip install 'alliance-stance[encoder]'",
        ) from None
    knowledge = load_knowledge(folder / _KNOWLEDGE, is_snapshot=True)
    return Artifact(folder, manifest, model, knowledge)


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read a manifest without checking the files that it lists.

    Raises
    ------
    ArtifactError
        If there is no folder, no manifest, or it is of another format.
    """
    if not folder.is_dir():
        raise ArtifactError(
            str(folder), "no such folder", "a model folder", "check the path, or train a model"
        )
    if (folder / MANIFEST).is_symlink():
        raise ArtifactError(str(folder / MANIFEST), "a link", "a plain file", _RETRAIN)
    if (folder / MANIFEST).exists():
        _check_kind(folder / MANIFEST)
    manifest = _read_json(folder / MANIFEST)
    if manifest.get("format") != FORMAT or not isinstance(manifest.get("files"), dict):
        raise ArtifactError(
            str(folder / MANIFEST),
            f"format {manifest.get('format')!r}",
            f"format {FORMAT} with a list of files",
            "use the version of alliance-stance that wrote it, or train again",
        )
    return manifest


def read_config(folder: Path) -> dict[str, Any]:
    """Read name, kind, settings and seed of a saved model, without checking what they are.

    Raises
    ------
    ArtifactError
        If there is no such file, or it is no JSON object.
    """
    return _read_json(folder / _CONFIG)


def check_files(folder: Path, manifest: dict[str, Any]) -> None:
    """Compare a folder with its manifest, file by file.

    Raises
    ------
    ArtifactError
        At the first difference.
    """
    listed: dict[str, Any] = manifest["files"]
    present = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }
    for name in sorted(present ^ ({*listed, MANIFEST})):
        kind = "an unlisted file" if name in present else "a missing file"
        raise ArtifactError(str(folder / name), kind, "the manifest's files, no more", _RETRAIN)
    for name, facts in listed.items():
        path = folder / name
        if path.is_symlink() or not path.resolve().is_relative_to(folder.resolve()):
            raise ArtifactError(str(path), "a link", "a plain file inside the folder", _RETRAIN)
        _check_kind(path)
        facts = facts if isinstance(facts, dict) else {}
        # manifests of before tell no sizes; a file of another one is not read at all
        if (size := path.stat().st_size) != facts.get("bytes", size):
            raise ArtifactError(str(path), f"{size} bytes", f"{facts['bytes']}", _RETRAIN)
        found = file_fingerprint(path)
        if found != facts.get("sha256"):
            raise ArtifactError(
                str(path), f"sha256 {found[:12]}...", "the manifest's checksum", _RETRAIN
            )


def _check_kind(path: Path) -> None:
    """Refuse what is no plain file, of no known kind, too large, or binary where text should be.

    None of it needs the whole file: a pipe would be waited for, a disk's worth of zeros hashed.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise ArtifactError(str(path), "no plain file", "a plain file", _RETRAIN)
    most = _LARGEST.get(path.name) or _LARGEST.get(path.suffix)
    if most is None:
        raise ArtifactError(
            str(path),
            f"a file of the kind {path.suffix or path.name!r:.20}",
            f"one of {', '.join(key for key in _LARGEST if key.startswith('.'))}",
            "do not use this folder",
        )
    if status.st_size > most:
        raise ArtifactError(str(path), f"{status.st_size:,} bytes", f"{most:,} at most", _RETRAIN)
    if path.suffix in _TEXTS:
        with path.open("rb") as file:
            if not _is_text(file.read(_HEAD)):
                raise ArtifactError(str(path), "binary data", "text", "do not use this folder")


def _is_text(head: bytes) -> bool:
    try:
        # a character that the end of the head cuts is no fault
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return b"\0" not in head


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ArtifactError(str(path), "no such file", "a complete model", _RETRAIN) from None
    except (OSError, ValueError, RecursionError) as error:
        raise ArtifactError(str(path), f"no JSON ({error})", "a JSON object", _RETRAIN) from None
    if not isinstance(content, dict):
        raise ArtifactError(str(path), type(content).__name__, "a JSON object", _RETRAIN)
    return content


def _empty_model(config: dict[str, Any], where: str) -> StanceModel:
    try:
        kind = str(config.get("kind"))
        _, section = model_kind(kind, where=where)
        settings: Section = validate(section, dict(config.get("settings") or {}), where=where)
        return build_model(kind, settings, seed=int(config.get("seed", 0)))
    except (ConfigError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise ArtifactError(where, str(error), "a known model", _RETRAIN) from None
