"""Flat tables as JSON, CSV and Parquet: every value comes back, and no spreadsheet computes any of it."""

import csv
import io
import json
import sys

import numpy as np
import pytest
from pyarrow import parquet

from segscore import ArgumentError
from segscore.text.frames import FORMATS, csv_table, json_table, parquet_table, table_format
from support.workspaces import refused

COLUMNS = {
    "run": np.array(["r1", "r2", "r3"], object),
    "note": np.array(["=1+1", 'two\nlines, "quoted"', "\udcff straße"], object),
    "images": np.array([1, 2**53 + 1, 0], np.int64),
    "mean_iou": np.array([1 / 3, np.nan, 1e-300]),
    "iou.@sum": np.array([0.1, 1.0, np.nan]),
}


def test_json_has_an_object_a_row() -> None:
    assert json.loads(json_table(COLUMNS)) == [
        {"run": "r1", "note": "=1+1", "images": 1, "mean_iou": 1 / 3, "iou.@sum": 0.1},
        {"run": "r2", "note": 'two\nlines, "quoted"', "images": 2**53 + 1, "mean_iou": None, "iou.@sum": 1.0},
        {"run": "r3", "note": "\udcff straße", "images": 0, "mean_iou": 1e-300, "iou.@sum": None},
    ]
    assert json_table({"run": np.array([], object)}) == b"[]\n"


def test_csv_has_no_cell_that_a_sheet_would_compute() -> None:
    content = csv_table(COLUMNS).decode("utf-8")
    assert list(csv.reader(io.StringIO(content, newline=""))) == [
        ["run", "note", "images", "mean_iou", "iou.@sum"],
        ["r1", "'=1+1", "1", repr(1 / 3), "0.1"],
        ["r2", 'two\nlines, "quoted"', str(2**53 + 1), "", "1.0"],
        ["r3", "\\udcff straße", "0", "1e-300", ""],
    ]
    for text in ("=1", "+1", "-1", "@a", "\tb", "\rc"):
        (title, cell) = csv.reader(
            io.StringIO(csv_table({text: np.array([text], object)}).decode(), newline="")
        )
        assert (title, cell) == ([f"'{text}"], [f"'{text}"])
    # A number is never a formula.
    assert csv_table({"a": np.array([-1.5])}) == b"a\r\n-1.5\r\n"


def test_parquet_comes_back_with_its_types() -> None:
    table = parquet.read_table(io.BytesIO(parquet_table(COLUMNS)))
    assert table.column_names == list(COLUMNS)
    found = table.to_pydict()
    assert found["run"] == ["r1", "r2", "r3"]
    assert found["note"] == ["=1+1", 'two\nlines, "quoted"', "\\udcff straße"]
    assert found["images"] == [1, 2**53 + 1, 0]
    assert found["mean_iou"] == [1 / 3, None, 1e-300]
    assert [str(table.schema.field(name).type) for name in ("images", "mean_iou")] == ["int64", "double"]
    names = np.array(["a", "bb"])  # Texts of fixed length, as those of images are.
    back = parquet.read_table(io.BytesIO(parquet_table({"name": names}))).to_pydict()
    assert back == {"name": ["a", "bb"]}


def test_the_ending_says_how_a_table_is_written() -> None:
    assert [table_format(f"runs{ending}") for ending in FORMATS] == [json_table, csv_table, parquet_table]
    assert table_format("a/RUNS.CSV") is csv_table
    assert refused(ArgumentError, table_format, "runs.xlsx") == (
        "runs.xlsx ends in none of .json, .csv, .parquet\n"
        "hint: the ending of the name says how the table is written"
    )
    assert refused(ArgumentError, table_format, "a\x1b[1m").startswith("'a\\x1b[1m' ends in none of")


def test_parquet_without_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert refused(ArgumentError, parquet_table, COLUMNS) == (
        "Parquet is written with pyarrow, which is not installed\n"
        "hint: `pip install 'segscore[frames]' pyarrow`; or write .csv or .json"
    )
