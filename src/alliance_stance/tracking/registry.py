"""The model registry: versions, and the alias of the champion."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alliance_stance.errors import TrackingError
from alliance_stance.tracking.local_store import find_local_folder, find_local_version
from alliance_stance.tracking.store import (
    DATABASE,
    MODEL_TAG,
    has_store,
    is_chosen,
    open_store,
    project_root,
    store_errors,
)
from alliance_stance.training.one_process import in_turn

CHAMPION = "champion"
MODEL_NAME = "alliance-stance"
"""What the project's own experiments register their models as."""
_GATE = "gate/"
"""Begins what a decision gives a version (`training.promotion`), beside `reason`, always given."""
_FORCED = "gate/forced"
"""Why a version that did not win was promoted."""
AGREED_ON = "gate/set_fingerprint"
"""Tag of a version: fingerprint of the file, or of the data set, on which it was promoted."""
_REFUSED = "refused/"
"""Begins the name of a registered model in the tags of a run that was refused that name."""
_LOCK = ".promote.lock"
_MISSING = "RESOURCE_DOES_NOT_EXIST"


@dataclass(frozen=True)
class Holder:
    """The version that holds the champion's alias.

    Parameters
    ----------
    address
        ``models:/NAME/VERSION``.
    version
        Its number.
    run_key
        What its fit depended on (`training.fit.run_key`); empty where that was not kept.
    agreed_on
        Fingerprint of the file, or of the data set, on which it was promoted; empty likewise.
    """

    address: str
    version: str
    run_key: str
    agreed_on: str = ""


def find_holder(name: str, root: Path) -> Holder | None:
    """Find who holds the champion's alias; None where nobody does.

    Raises
    ------
    TrackingError
        If the store does not answer.
    """
    mlflow = open_store(root)
    with store_errors():
        client = mlflow.MlflowClient()
        number = _holding_version(client, name)
        if number is None:
            return None
        tags = client.get_model_version(name, number).tags
    run_key, agreed_on = (tags.get(key, "") for key in ("run_key", AGREED_ON))
    return Holder(f"models:/{name}/{number}", number, run_key, agreed_on)


def _holding_version(client: Any, name: str) -> str | None:  # noqa: ANN401 - MLflow's
    from mlflow.exceptions import MlflowException

    try:
        number = client.get_registered_model(name).aliases.get(CHAMPION)
    except MlflowException as error:
        if error.error_code != _MISSING:
            raise
        return None
    return None if number is None else str(number)


@contextmanager
def promoting(root: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    """Let one promotion at a time find the holder, decide, and move the alias.

    A store that was chosen may be another machine's, where no file can lock it; in it
    `register_champion` alone sees to it that nobody is passed over.

    Parameters
    ----------
    root
        Folder of the default store.
    on_wait
        Called once, if another promotion is at work.
    """
    with nullcontext() if is_chosen() else in_turn(root / _LOCK, on_wait):
        yield


def keep_refusal(name: str, run_id: str, tags: dict[str, str], root: Path) -> None:
    """Let a run tell that its model was refused the champion's alias of a registered model.

    Parameters
    ----------
    name
        Registered model.
    run_id
        MLflow run of the model; it gets no version.
    tags
        What the decision rests on; kept under ``refused/NAME/``, in place of an earlier refusal's.
    root
        Folder of the default store.

    Raises
    ------
    TrackingError
        If the store does not answer.
    """
    mlflow = open_store(root)
    with store_errors():
        client = mlflow.MlflowClient()
        _forget_refusal(client, name, run_id)
        for key, value in tags.items():
            client.set_tag(run_id, f"{_REFUSED}{name}/{key.removeprefix(_GATE)}", value)


def _forget_refusal(client: Any, name: str, run_id: str) -> None:  # noqa: ANN401 - MLflow's
    for key in client.get_run(run_id).data.tags:
        if key.startswith(f"{_REFUSED}{name}/"):
            client.delete_tag(run_id, key)


def register_champion(
    name: str, run_id: str, tags: dict[str, str], root: Path, *, instead_of: Holder | None
) -> str:
    """Register a run's model and move the champion's alias to it.

    The caller has decided that it may: `training.promotion`.

    Parameters
    ----------
    name
        Registered model.
    run_id
        MLflow run whose model is meant; a version of it that exists is taken.
    tags
        What the decision rests on; kept with the version in place of an earlier one's, beside
        whatever tags people gave it.
    root
        Folder of the default store.
    instead_of
        Who held the alias when that was decided; None where nobody did.

    Returns
    -------
    str
        The version.

    Raises
    ------
    TrackingError
        If another has the alias by now, or the store does not answer.
    """
    mlflow = open_store(root)
    with store_errors():
        client = mlflow.MlflowClient()
        _check_holder(client, name, instead_of)
        version = _version_of(client, name, run_id)
        if version is None:
            address = client.get_run(run_id).data.tags[MODEL_TAG]
            version = mlflow.register_model(address, name).version
        _describe(client, name, version, _why(tags))
        for key in client.get_model_version(name, version).tags.keys() - tags.keys():
            # an earlier decision on this version, such as a forced one; other tags are people's
            if key.startswith(_GATE):
                client.delete_model_version_tag(name, version, key)
        for key, value in tags.items():
            client.set_model_version_tag(name, version, key, value)
        # again, since MLflow cannot set an alias on a condition: a moment is all that is left
        _check_holder(client, name, instead_of)
        client.set_registered_model_alias(name, CHAMPION, version)
        _forget_refusal(client, name, run_id)
    return str(version)


def _describe(client: Any, name: str, version: str, why: str) -> None:  # noqa: ANN401 - MLflow's
    """Let a version's page say why it is the champion, unless somebody described it."""
    found = client.get_model_version(name, version)
    if why and found.description in (None, "", _why(found.tags)):
        client.update_model_version(name, version, why)


def _why(tags: Mapping[str, str]) -> str:
    """Say what the tags of a decision say in a sentence; empty where they say nothing."""
    forced = tags.get(_FORCED)
    return tags.get("reason", "") + (f"; promoted all the same: {forced}" if forced else "")


def _check_holder(client: Any, name: str, expected: Holder | None) -> None:  # noqa: ANN401 - MLflow's
    found = _holding_version(client, name)
    before = None if expected is None else expected.version
    if found != before:
        raise TrackingError(
            f"models:/{name}@{CHAMPION}",
            f"that {_told(found)} holds it by now",
            f"{_told(before)}, as when this promotion began",
            "promote again, to be compared with who holds it now",
        )


def _told(version: str | None) -> str:
    return "nobody" if version is None else f"version {version}"


def _version_of(client: Any, name: str, run_id: str) -> str | None:  # noqa: ANN401 - MLflow's
    for version in client.search_model_versions(f"name = '{name}'"):
        if version.run_id == run_id:
            return str(version.version)
    return None


def champion_address(name: str = MODEL_NAME, root: Path | None = None) -> str | None:
    """Give the champion's address; None where there is no store, or nobody holds the alias.

    Parameters
    ----------
    name
        Of the registered model.
    root
        Folder of the default store; None for `project_root`.

    Raises
    ------
    TrackingError
        If a store does not answer.
    """
    root = root or project_root()
    address = f"models:/{name}@{CHAMPION}"
    if not has_store(root):
        return None
    # the file itself tells it in a moment, where it can
    if not is_chosen() and find_local_folder(address, root / DATABASE) is not None:
        return address
    return address if find_holder(name, root) is not None else None


def find_version(address: str, root: Path | None = None) -> str:
    """Give the version that an address stands for; an alias may stand for another tomorrow.

    Parameters
    ----------
    address
        ``models:/NAME@ALIAS`` or ``models:/NAME/VERSION``.
    root
        Folder of the default store; None for `project_root`.

    Raises
    ------
    TrackingError
        If the store does not answer, or has no such alias.
    """
    name, is_alias, alias = address.removeprefix("models:/").partition("@")
    if not is_alias:
        return name.rpartition("/")[2]
    root = root or project_root()
    if not is_chosen():
        local = find_local_version(name, alias, root / DATABASE)
        if local is not None:
            return local
    mlflow = open_store(root)
    with store_errors():
        client = mlflow.MlflowClient()
        return str(client.get_model_version_by_alias(name, alias).version)
