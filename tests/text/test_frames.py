"""Data frames of three packages, and flat tables as JSON, CSV and Parquet: every value comes back."""

import csv
import io
import json
import sys
from importlib import import_module

import numpy as np
import pytest
from pyarrow import parquet

from segscore import ArgumentError, Classes
from segscore.base.wording import visible
from segscore.text.frames import BACKENDS, FORMATS, csv_table, frame, json_table, parquet_table, table_format
from support.refused import refused
from support.results import scores_of

NAMES = ["road", "a|b\n", "nul\0"]


@pytest.fixture
def scores():
    """IoU 0.75 and 0.5; the third class is absent."""
    classes = Classes(NAMES, [7, 8, 9], not_in_mean=[8])
    return scores_of(classes, [[6, 1, 0, 0], [1, 2, 0, 0], [0, 0, 0, 0]])


def columns_of(made):
    """Return the columns of a frame as lists, by its own package's means."""
    if type(made).__module__.startswith("pandas"):
        return made.to_dict("list")
    return made.to_dict(as_series=False) if hasattr(made, "to_series") else made.to_pydict()


@pytest.mark.parametrize("backend", BACKENDS)
def test_scores_as_a_frame(scores, backend):
    package = import_module(backend)
    made = scores.to_frame(backend)
    assert isinstance(made, package.Table if backend == "pyarrow" else package.DataFrame)
    found = columns_of(made)
    assert list(found) == list(scores.to_dict()["per_class"][0])
    assert found["name"] == NAMES
    assert (found["label"], found["in_mean"], found["tp"]) == ([7, 8, 9], [True, False, True], [6, 2, 0])
    undefined = np.nan if backend == "pandas" else None
    np.testing.assert_array_equal(found["iou"], [0.75, 0.5, undefined])
    np.testing.assert_array_equal(np.array(found["specificity"], dtype=float), scores.specificity)


@pytest.mark.parametrize("backend", BACKENDS)
def test_texts_that_are_no_utf_8_are_escaped(backend):
    made = frame({"name": np.array(["a\udcff", "道"], dtype=object), "n": np.arange(2)}, backend)
    assert columns_of(made) == {"name": ["a\\udcff", "道"], "n": [0, 1]}


@pytest.mark.parametrize("backend", BACKENDS)
def test_frames_without_rows(backend):
    made = frame({"name": np.array([], dtype=object), "n": np.empty(0)}, backend)
    assert columns_of(made) == {"name": [], "n": []}


def test_a_frame_can_be_written_to(scores):
    made = scores.to_frame("pandas")
    made.loc[0, "iou"] = 0.0
    made["tp"] += 1
    assert (scores.iou[0], scores.tp[0]) == (0.75, 6)


def test_the_first_package_that_is_installed_is_taken(scores, monkeypatch):
    for i, backend in enumerate(BACKENDS):
        assert type(scores.to_frame()).__module__.startswith(backend), backend
        if i < len(BACKENDS) - 1:
            monkeypatch.setitem(sys.modules, backend, None)


# What is missing


def test_packages_that_are_broken(scores, monkeypatch, tmp_path):
    import_module("narwhals")
    for package in BACKENDS:
        monkeypatch.setitem(sys.modules, package, None)
    (tmp_path / "polars.py").write_text("raise ValueError('another NumPy')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "polars")
    said = "cannot be imported: ValueError: another NumPy"
    assert refused(ArgumentError, scores.to_frame, "polars") == (
        f"`backend` is 'polars', which {said}\nhint: `pip install polars`"
    )
    assert refused(ArgumentError, scores.to_frame) == (
        f"expected pandas, polars or pyarrow, found none of them that can be imported: polars {said}\n"
        "hint: `pip install pandas`"
    )


@pytest.mark.parametrize(
    ("missing", "backend", "message"),
    [
        (
            "narwhals",
            None,
            "data frames are made with narwhals, which is not installed\n"
            "hint: `pip install 'segscore[frames]'`",
        ),
        ("polars", "polars", "`backend` is 'polars', which is not installed\nhint: `pip install polars`"),
        (
            "pandas polars pyarrow",
            None,
            "expected pandas, polars or pyarrow, found none of them installed\nhint: `pip install pandas`",
        ),
        ("", "dask", '`backend` is \'dask\'\nhint: it is "pandas", "polars" or "pyarrow"'),
    ],
)
def test_packages_that_are_missing(scores, monkeypatch, missing, backend, message):
    import_module("narwhals")
    for package in missing.split():
        monkeypatch.setitem(sys.modules, package, None)
    assert refused(ArgumentError, scores.to_frame, backend) == message


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
        ["r2", 'two\\nlines, "quoted"', str(2**53 + 1), "", "1.0"],
        ["r3", "\\udcff straße", "0", "1e-300", ""],
    ]
    for text in ("=1", "+1", "-1", "@a", "\tb", "\rc"):
        (title, cell) = csv.reader(
            io.StringIO(csv_table({text: np.array([text], object)}).decode(), newline="")
        )
        assert title == cell == [visible(f"'{text}")]
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


def test_a_row_of_csv_is_a_line() -> None:
    names = np.array(["b\nc", "d\x1b[31m", "g\rh", "\ti", "j\u2028k", "é"], object)
    assert csv_table({"a\nb": names}).decode("utf-8").splitlines() == [
        *(r"a\nb", r"b\nc", r"d\x1b[31m", r"g\rh", r"'\ti", r"j\u2028k", "é")
    ]
