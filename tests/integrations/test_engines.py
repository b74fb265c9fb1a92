"""Databases and engines read saved tables, group and sum their rows, and hand rows back as evaluations."""

import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from segscore import Evaluation, Evaluator
from support import loops

loops.needed("duckdb")

import duckdb

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


@pytest.mark.filterwarnings("ignore")  # of Spark, about versions of pandas
def test_spark_reads_sums_and_counts_rows(whole, saved, monkeypatch):
    if find_spec("pyspark") is None or shutil.which("java") is None:
        pytest.skip("pyspark or Java is not installed")
    from pyspark.sql import SparkSession

    monkeypatch.setitem(os.environ, "PYSPARK_PYTHON", sys.executable)
    session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    try:
        rows = session.read.parquet(str(saved))
        summed = rows.groupBy("target", "pred").sum("pixels").orderBy("target", "pred").collect()
        assert [tuple(row) for row in summed] == pairs_of(whole)
        shuffled = rows.repartition(3, "target")
        assert Evaluation.from_rows(whole.classes, shuffled) == whole
        assert Evaluation.from_rows(whole.classes, shuffled.toPandas()) == whole
    finally:
        session.stop()
