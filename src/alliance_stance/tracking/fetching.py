"""The model behind an address: where it lies, or sent by its store and removed after use."""

import weakref
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from alliance_stance.errors import StanceError, TrackingError
from alliance_stance.inference.artifact import Artifact, open_artifact
from alliance_stance.tracking.local_store import find_local_folder
from alliance_stance.tracking.store import (
    DATABASE,
    has_store,
    is_chosen,
    open_store,
    project_root,
)


@contextmanager
def fetched_model(address: str, root: Path | None = None) -> Iterator[Path]:
    """Give the model folder behind an address such as ``models:/alliance-stance@champion``.

    A folder that lies on this machine is given as it is; what a store has to send is removed at the
    end of the block.

    Parameters
    ----------
    address
        ``models:/NAME@ALIAS`` or ``models:/NAME/VERSION``.
    root
        Folder of the default store; None for `project_root`.

    Raises
    ------
    TrackingError
        If the store has no such model.
    """
    root = root or project_root()
    if not has_store(root):
        raise TrackingError(
            address,
            f"no {DATABASE} in {root}",
            "a tracking store",
            "train and promote a model (make run), go into the project, or name a model folder",
        )
    local = None if is_chosen() else find_local_folder(address, root / DATABASE)
    if local is not None:
        yield model_folder(local)
        return
    mlflow = open_store(root)
    with TemporaryDirectory(prefix="alliance-stance-", ignore_cleanup_errors=True) as folder:
        yield model_folder(_fetch(mlflow, address, folder))


def open_registered(address: str, root: Path | None = None) -> Artifact:
    """Open the model behind an address.

    What its store had to send is removed when the model is no longer held, or the process ends:
    some weights are read when they are first asked for.

    Parameters
    ----------
    address, root
        See `fetched_model`.

    Raises
    ------
    TrackingError
        If the store has no such model.
    ArtifactError
        If it cannot be opened.
    """
    with ExitStack() as stack:
        artifact = open_artifact(stack.enter_context(fetched_model(address, root)))
        weakref.finalize(artifact.model, stack.pop_all().close)
    return artifact


def find_damage(address: str, root: Path) -> str | None:
    """Say why the stored copy of a model cannot be opened; None where it can.

    Parameters
    ----------
    address
        Of a registered version or of a run's model.
    root
        Folder of the default store.
    """
    try:
        with fetched_model(address, root) as folder:
            open_artifact(folder)
    except StanceError as error:
        return str(error)
    return None


def model_folder(downloaded: Path) -> Path:
    """Find our model inside an MLflow model's folder.

    Raises
    ------
    TrackingError
        If the MLflow model is not one of ours.
    """
    found = [path.parent for path in downloaded.glob("data/*/manifest.json")]
    if len(found) != 1:
        raise TrackingError(
            str(downloaded), f"{len(found)} model folders", "one", "register the model again"
        )
    return found[0]


def _fetch(mlflow: Any, address: str, folder: str) -> Path:  # noqa: ANN401 - MLflow has no types
    """Let MLflow write a model into a folder, or give the one that it has on this machine."""
    from mlflow.exceptions import MlflowException

    try:
        target = None if _lies_here(address) else folder
        return Path(mlflow.artifacts.download_artifacts(artifact_uri=address, dst_path=target))
    except (MlflowException, OSError) as error:
        problem = str(error).splitlines()[0]
        raise TrackingError(
            address,
            problem,
            f"a registered model in {mlflow.get_tracking_uri()}",
            "train and promote one (make run), or name a model folder",
        ) from None


def _lies_here(address: str) -> bool:
    """Say whether MLflow keeps the files of a model in a folder of this machine."""
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
    from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository

    repository = get_artifact_repository(address)
    # one for addresses such as models:/ has the one for the address of the files
    while hasattr(repository, "repo"):
        repository = repository.repo
    return isinstance(repository, LocalArtifactRepository)
