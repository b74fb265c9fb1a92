"""Databases and engines read saved tables, group and sum their rows, and hand rows back as evaluations."""

import os
import re
import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import segscore
from segscore import Evaluation, Evaluator
from support import loops

loops.needed("duckdb")

import duckdb

DOCUMENT = Path(__file__).parents[2] / "docs" / "scaling.md"
CODE = re.findall(
    r"^```python\n(.*?)^```", DOCUMENT.read_text().split("\n## Rows\n")[1].split("\n## ")[0], re.S | re.M
)
CLASSES = ["road", "sky", "tree"]


@pytest.fixture(scope="module")
def whole() -> Evaluation:
    random, judge = np.random.default_rng(0), Evaluator(CLASSES, ignore_index=255)
    for i in range(12):
        pred, target = random.integers(0, 3, (5, 6)), random.choice([0, 1, 2, 255], (5, 6))
        judge.add(pred=pred, target=target, name=f"frame_{i:02}")
    return judge.result()


@pytest.fixture(scope="module")
def saved(whole, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("saved") / "v.parquet"
    whole.save(path)
    return path


def pairs_of(evaluation: Evaluation) -> list[tuple[int, int, int]]:
    return list(zip(*(column.tolist() for column in evaluation.confusion.to_rows()), strict=True))


def test_duckdb_sums_rows_and_hands_them_back(whole, saved):
    summed = duckdb.sql(
        f"SELECT target, pred, sum(pixels) FROM '{saved}' GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    assert summed == pairs_of(whole)
    # What it makes of a sum of 64 bits has 128.
    columns = "name, target, pred, sum(pixels) AS pixels"
    query = f"SELECT {columns} FROM '{saved}' WHERE name < 'frame_06' GROUP BY ALL"
    expected = whole.select(lambda name: name < "frame_06")
    forms = {
        "relation": lambda rows: rows,
        "stream": lambda rows: rows.arrow(),
        "polars": lambda rows: rows.pl(),
        "pandas": lambda rows: rows.df().astype({"pixels": "int64"}),
    }
    for form, made in forms.items():
        with duckdb.connect() as connection:
            assert Evaluation.from_rows(whole.classes, made(connection.sql(query))) == expected, form


@pytest.fixture
def session() -> Iterator[Any]:
    """Spark with two workers on this machine."""
    if find_spec("pyspark") is None or shutil.which("java") is None:
        pytest.skip("pyspark or Java is not installed")
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    made = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    yield made
    made.stop()


@pytest.mark.filterwarnings("ignore")  # of Spark, about versions of pandas
def test_spark_reads_sums_and_counts_rows(whole, saved, session, tmp_path, monkeypatch):
    rows = session.read.parquet(str(saved))
    summed = rows.groupBy("target", "pred").sum("pixels").orderBy("target", "pred").collect()
    assert [tuple(row) for row in summed] == pairs_of(whole)
    shuffled = rows.repartition(3, "target")
    assert Evaluation.from_rows(whole.classes, shuffled) == whole
    assert Evaluation.from_rows(whole.classes, shuffled.toPandas()) == whole

    # The code of the document.
    judge, paths = Evaluator("camvid-11"), []
    for i in range(7):
        name, masks = f"{('berlin', 'bonn')[i % 2]}_{i}", np.random.default_rng(i).integers(0, 11, (2, 5, 6))
        judge.add(pred=masks[0], target=masks[1], name=name)
        for side, mask in zip(("pred", "target"), masks, strict=True):
            np.save(tmp_path / f"{name}-{side}.npy", mask)
        paths.append((name, *(str(tmp_path / f"{name}-{side}.npy") for side in ("pred", "target"))))
    monkeypatch.chdir(tmp_path)
    ev = judge.result()
    images = session.createDataFrame(paths, "name string, pred string, target string").repartition(3)
    given = {"ev": ev, "images": images, "segscore": segscore, "np": np, "duckdb": duckdb}
    of_duckdb, of_spark = CODE
    exec(of_duckdb, given)
    assert given["berlin"] == ev.select(lambda name: name.startswith("berlin"))
    exec(of_spark, given)
    assert given["ev"] is not ev
    assert given["ev"] == ev
