"""Where a model lies, asked of the default SQLite store itself.

Importing MLflow takes longer than everything else on the way from an address to an answer. Its
database tells a version's folder in one table, which is read here and never written. Whatever is
not found as expected is left to MLflow.
"""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

_ADDRESS = re.compile(r"models:/(?P<name>[^/@]+)(?:@(?P<alias>[^/@]+)|/(?P<version>[0-9]{1,9}))")
_BY_ALIAS = """
    SELECT version.storage_location FROM model_versions AS version
    JOIN registered_model_aliases AS given
    ON given.name = version.name AND given.version = version.version
    WHERE given.name = ? AND given.alias = ? AND version.status = 'READY'
"""
_BY_VERSION = """
    SELECT storage_location FROM model_versions
    WHERE name = ? AND version = ? AND status = 'READY'
"""
_VERSION_OF_ALIAS = "SELECT version FROM registered_model_aliases WHERE name = ? AND alias = ?"


def find_local_version(name: str, alias: str, database: Path) -> str | None:
    """Find the version that an alias stands for.

    Parameters
    ----------
    name
        Registered model.
    alias
        As ``champion``.
    database
        MLflow's SQLite file; opened for reading only.

    Returns
    -------
    str or None
        None where the database does not tell.
    """
    rows = _ask(database, _VERSION_OF_ALIAS, (name, alias))
    return str(rows[0][0]) if len(rows) == 1 else None


def find_local_folder(address: str, database: Path) -> Path | None:
    """Find the folder of a registered model whose files lie on this machine.

    Parameters
    ----------
    address
        ``models:/NAME@ALIAS`` or ``models:/NAME/VERSION``.
    database
        MLflow's SQLite file; opened for reading only.

    Returns
    -------
    Path or None
        MLflow's folder of the model; None where the database does not tell one that exists.
    """
    asked = _ADDRESS.fullmatch(address)
    if asked is None:
        return None
    query, key = _BY_ALIAS, asked["alias"]
    if asked["version"]:
        query, key = _BY_VERSION, int(asked["version"])
    rows = _ask(database, query, (asked["name"], key))
    location = urlsplit(str(rows[0][0])) if len(rows) == 1 else None
    if location is None or location.scheme != "file" or location.netloc:
        return None
    folder = Path(unquote(location.path))
    return folder if folder.is_dir() else None


def _ask(database: Path, query: str, keys: tuple[str | int, ...]) -> list[tuple[object, ...]]:
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as store:
            return store.execute(query, keys).fetchall()
    except sqlite3.Error:
        # of another version, or in use: MLflow knows better
        return []
