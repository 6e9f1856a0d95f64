"""A registered model's folder, found in the default store's database without MLflow."""

import sqlite3
from contextlib import closing

import pytest

from alliance_stance.tracking.local_store import find_local_folder, find_local_version


@pytest.fixture
def database(tmp_path):
    """What MLflow's database has of one model with two versions, the first one's files gone."""
    there, gone = tmp_path / "a model" / "artifacts", tmp_path / "gone"
    there.mkdir(parents=True)
    path = tmp_path / "mlflow.db"
    with closing(sqlite3.connect(path)) as store, store:
        store.execute("CREATE TABLE registered_model_aliases (alias, version, name)")
        store.execute("CREATE TABLE model_versions (name, version, status, storage_location)")
        store.execute("INSERT INTO registered_model_aliases VALUES ('champion', 2, 'm')")
        store.executemany(
            "INSERT INTO model_versions VALUES ('m', ?, ?, ?)",
            [
                (1, "READY", gone.as_uri()),
                (2, "READY", there.as_uri()),
                (3, "PENDING_REGISTRATION", there.as_uri()),
                (4, "READY", "s3://bucket/model"),
                (5, "READY", None),
            ],
        )
    return path, there


@pytest.mark.parametrize("address", ["models:/m@champion", "models:/m/2"])
def test_folder_is_found(database, address):
    path, there = database
    assert find_local_folder(address, path) == there


@pytest.mark.parametrize(
    "address",
    [
        "models:/m/1", "models:/m/3", "models:/m/4", "models:/m/5", "models:/m/6",
        "models:/m@challenger", "models:/n@champion", "models:/m/Production", "runs:/m/2", "m",
    ],
)  # fmt: skip
def test_whatever_else_is_left_to_mlflow(database, address):
    assert find_local_folder(address, database[0]) is None


def test_other_tables_and_other_files_are_left_to_mlflow(tmp_path):
    (tmp_path / "text.db").write_text("no database", encoding="utf-8")
    sqlite3.connect(tmp_path / "empty.db").close()
    for name in ("text.db", "empty.db", "gone.db"):
        assert find_local_folder("models:/m/2", tmp_path / name) is None
    assert not (tmp_path / "gone.db").exists()


def test_version_of_an_alias_is_found_and_no_other(database):
    assert find_local_version("m", "champion", database[0]) == "2"
    assert find_local_version("m", "challenger", database[0]) is None
    assert find_local_version("n", "champion", database[0]) is None
    assert find_local_version("m", "champion", database[0].with_name("gone.db")) is None
