"""A project's folder that was moved: MLflow's database tells where files lay, by whole paths."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

_EXPERIMENTS = "SELECT artifact_location FROM experiments WHERE artifact_location LIKE ?"
_PLACES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)
"""Tables and columns that tell where files lie."""


def follow_files(database: Path, files: Path) -> None:
    """Let a database tell where its files lie now, if they no longer lie where it says.

    MLflow would make the old folder again and write there, and find no model of before.

    Parameters
    ----------
    database
        MLflow's SQLite file.
    files
        The folder beside it that has a folder for each experiment.
    """
    if not (database.is_file() and files.is_dir()):
        return
    here = files.as_uri()
    try:
        with closing(sqlite3.connect(database)) as store, store:
            told = store.execute(_EXPERIMENTS, (f"file:///%/{files.name}/%",)).fetchall()
            for before in {str(location).rpartition("/")[0] for (location,) in told} - {here}:
                place = unquote(urlsplit(before).path)
                if not os.path.exists(place):  # noqa: PTH110 - which raises at what is not ours
                    _replace(store, before, here)
    except sqlite3.Error:
        # of another version, or in use: MLflow knows better
        return


def _replace(store: sqlite3.Connection, before: str, here: str) -> None:
    for table, column in _PLACES:
        store.execute(
            f"UPDATE {table} SET {column} = ? || substr({column}, ?) "
            f"WHERE substr({column}, 1, ?) = ?",
            (here, len(before) + 1, len(before) + 1, f"{before}/"),
        )
