"""On a small Spark of this machine; skipped, with the reason, where pyspark or Java is missing."""

import json
import os
import shutil
import sys

import pytest

from alliance_stance.cli import main
from alliance_stance.errors import InputError
from alliance_stance.inference.score_folder import SCORES_SCHEMA
from alliance_stance.inference.scores import open_scores

pytest.importorskip("pyspark", reason="pyspark is not installed: pip install '.[spark]'")
pytestmark = [
    pytest.mark.skipif(
        shutil.which("java") is None and "JAVA_HOME" not in os.environ, reason="no Java here"
    ),
    # of pyspark's own making
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning"),
]


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    from pyspark.sql import SparkSession

    patch = pytest.MonkeyPatch()
    # its workers have to find the package and this Python
    patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    patch.setenv("PYSPARK_PYTHON", sys.executable)
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.local.dir", str(tmp_path_factory.mktemp("spark")))
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    yield session
    session.stop()
    patch.undo()


def test_spark_and_this_machine_give_the_same_rows(spark, tmp_path, linear_artifact):
    folder = tmp_path / "in"
    folder.mkdir()
    rows = [{"id": f"d{n}", "text": f"Peru praised the OAS on day {n}. Qatar left OPEC."}
            for n in range(20)]  # fmt: skip
    rows += [{"id": "d3", "text": "again"}, {"id": "x", "text": "Peru and the OAS.", "state": "PER",
             "alliance": "OAS"}, {"text": 7}]  # fmt: skip
    (folder / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "b.txt").write_text("It rained. Norway thanked NATO.")
    call = ["score", str(folder), "--model", str(linear_artifact), "--part-characters", "200"]
    assert main([*call, "-o", str(tmp_path / "local"), "--workers", "1"]) == 0
    assert main([*call, "-o", str(tmp_path / "spark"), "--engine", "spark"]) == 0
    local, there = open_scores(tmp_path / "local"), open_scores(tmp_path / "spark")
    assert local.rows().num_rows > 40
    assert there.rows().equals(local.rows())
    assert there.documents().equals(local.documents())
    assert there.run["counts"] == local.run["counts"]
    for name in ("errors.jsonl", "run.json"):
        assert (tmp_path / "spark" / name).read_text() == (tmp_path / "local" / name).read_text()

    from pyspark.sql import functions as f

    from alliance_stance.inference.spark import score_documents

    told = [(row["id"], row["text"]) for row in rows[:20]]
    documents = spark.createDataFrame([*told, ("bad", " ")], "id string, text string")
    scored = score_documents(documents.repartition(2), linear_artifact).cache()
    assert {row.document: row.error for row in scored.where("error is not null").collect()} == {
        "bad": "text ' '"
    }
    triples = scored.select(f.explode("scores").alias("row")).select("row.*").drop("source")
    assert triples.columns == [name for name in SCORES_SCHEMA.names if name != "source"]
    found = sorted(map(tuple, triples.collect()))
    in_file = local.rows().filter(_is_numbered(local.rows())).drop_columns("source")
    expected = sorted(tuple(row.values()) for row in in_file.to_pylist())
    assert found == expected
    with pytest.raises(InputError, match="no column 'id'"):
        score_documents(documents.drop("id"), linear_artifact)


def _is_numbered(rows):
    import pyarrow.compute as pc

    return pc.match_substring_regex(rows.column("document"), "^d[0-9]+$")
