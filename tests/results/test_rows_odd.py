"""Rows in odd columns: doubled, nested, of categories, objects, times and huge numbers, read or refused."""

from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from segscore import Evaluation
from support.refused import assert_refused

pytestmark = pytest.mark.filterwarnings("ignore:.*no class.*:segscore.SegscoreWarning")


def mapping(**changed) -> dict[str, object]:
    """Return rows of two images as columns, some of which are changed."""
    rows = {"name": ["b", "a", "b"], "target": [0, 1, 1], "pred": [0, 1, 9], "pixels": [4, 3, 2]}
    return {name: column for name, column in (rows | changed).items() if column is not None}


BITS = "labels and pixels of masks fit into that: give the column that holds them"
CAST = "labels and pixels are whole numbers: cast the column to a type of 64 bits"
FLAT = "give a flat array"
TEXTS = "images are named by texts: cast the column to one of texts"
INDICES = pa.py_buffer(np.arange(4, dtype=np.int32).tobytes())
DOUBLED = pa.Table.from_arrays([pa.array([1])] * 7, ["name", "target", "pred", "pred", "pixels", "x", "x"])
WRONG = {
    **{
        f"two columns of one name in {type(frame).__module__.partition('.')[0]}": (
            frame,
            "ArgumentError: rows have several columns of one name: `pred`, `x`",
            "give each column a name of its own, or leave out the one that is not meant",
        )
        for frame in (DOUBLED, DOUBLED.to_pandas())
    },
    "titles of several parts": (
        pd.DataFrame(mapping()).set_axis(pd.MultiIndex.from_product([["x"], mapping()]), axis=1),
        "ArgumentError: rows have no column `name`, only `('x', 'name')`, `('x', 'target')`, "
        "`('x', 'pred')`, `('x', 'pixels')`",
        "they have name, target, pred and pixels: rename columns, or compute them",
    ),
    "titles that are numbers": (
        pd.DataFrame(mapping()).set_axis([1, 2, 3, 4], axis=1),
        "ArgumentError: rows have no column `name`, only `1`, `2`, `3`, `4`",
        "they have name, target, pred and pixels: rename columns, or compute them",
    ),
    "lists for numbers": (
        pd.DataFrame(mapping(pixels=[[4], [3], [2]])),
        "DtypeError: column `pixels` is of type list, expected integers",
        CAST,
    ),
    "lists for numbers in Arrow": (
        pa.table(mapping(pixels=[[4], [3], [2]])),
        "DtypeError: column `pixels` is of type List(Int64), expected integers",
        CAST,
    ),
    "lists of several lengths": (
        mapping(pixels=[[4], [3, 1], [2]]),
        "ArgumentError: column `pixels` holds lists of several lengths",
        FLAT,
    ),
    "records for names": (
        pa.table(mapping(name=[{"id": 1}, {"id": 1}, {"id": 2}])),
        "DtypeError: column `name` is of type Struct({'id': Int64}), expected texts",
        TEXTS,
    ),
    "lists for groups": (
        pl.DataFrame(mapping(group=[["x"], ["x"], ["y"]])),
        "DtypeError: column `group` is of type List(String), expected texts",
        TEXTS,
    ),
    "times of a place for groups": (
        pd.DataFrame(mapping(group=pd.date_range("2026-01-01", periods=3, tz="Europe/Berlin", unit="us"))),
        "DtypeError: column `group` is of type Datetime(time_unit='us', time_zone='Europe/Berlin'), "
        "expected texts",
        TEXTS,
    ),
    "times of no place that is known": (
        pa.table(mapping(name=pa.array([1, 2, 3], pa.timestamp("ns", tz="Mars/Olympus")))),
        "DtypeError: column `name` is of type Datetime(time_unit='ns', time_zone='Mars/Olympus'), "
        "expected texts",
        TEXTS,
    ),
    "no UTF-8": (
        pa.table(mapping(name=pa.StringArray.from_buffers(3, INDICES, pa.py_buffer(b"a\xffb")))),
        "ArgumentError: column `name` holds a text that is no UTF-8: invalid start byte",
        "read what it is made from in its own encoding",
    ),
    **{
        f"a number of 71 bits in {kind}": (
            made(mapping(pixels=[2**70, 3, 2])),
            f"ArgumentError: column `pixels` holds {2**70:,}, expected a number of 64 bits with its sign",
            BITS,
        )
        for kind, made in (("a mapping", dict), ("pandas", pd.DataFrame))
    },
    "a group of 71 bits": (
        pd.DataFrame(mapping(group=[2**70, 2**70, 1])),
        f"ArgumentError: column `group` holds {2**70:,}, expected a number of 64 bits with its sign",
        BITS,
    ),
    "a group of 71 bits in a mapping": (
        mapping(group=[2**70, 2**70, 1]),
        f"ArgumentError: column `group` holds {2**70:,}, expected a number of 64 bits with its sign",
        BITS,
    ),
    "numbers that no type of NumPy holds together": (
        mapping(pixels=[2**63, 3, -2]),
        f"ArgumentError: column `pixels` holds {2**63:,}, expected a number of 64 bits with its sign",
        BITS,
    ),
    "half a pixel among objects": (
        mapping(pixels=np.array([4, 2.5, 2], dtype=object)),
        "ArgumentError: column `pixels` holds 2.5, expected integers",
        "give whole numbers",
    ),
    "infinity": (
        mapping(pixels=[Decimal("Infinity")] * 3),
        "ArgumentError: column `pixels` holds Infinity, expected integers",
        "give whole numbers",
    ),
    "nothing in a mapping": (
        mapping(pixels=[4, None, None]),
        "ArgumentError: column `pixels` has no value in 2 rows, the first of which is 1",
        "leave such rows out, or fill them in",
    ),
    "one number": (
        mapping(pixels=3),
        "ArgumentError: column `pixels` is of type int, expected one value a row",
        "give a list or an array",
    ),
    "one text": (
        mapping(name="aab"),
        "ArgumentError: column `name` is of type str, expected one value a row",
        "give a list or an array",
    ),
    "a single column": (
        pd.Series([1, 2]),
        "ArgumentError: expected a data frame, found Series",
        "pass a table of pyarrow, polars, pandas or DuckDB, or a mapping of names to columns",
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_odd_columns_that_are_none_are_refused(kind):
    rows, message, hint = WRONG[kind]
    assert_refused(message, hint, Evaluation.from_rows, ["road", "sky"], rows)


@pytest.mark.parametrize(
    "changed",
    [
        pd.DataFrame(mapping()).astype("category"),
        pa.table({name: pa.array(column).dictionary_encode() for name, column in mapping().items()}),
        pl.DataFrame(mapping()).with_columns(pl.col("name").cast(pl.Categorical)),
        pd.DataFrame(mapping()).astype(object),
        pd.DataFrame(mapping(pixels=[Decimal(4), Decimal(3), Decimal(2)])),
        {name: pa.array(column) for name, column in mapping().items()},
        {name: pd.Categorical(column) for name, column in mapping().items()},
        {name: iter(column) for name, column in mapping().items()},
        pd.DataFrame(mapping(when=pd.date_range("2026-01-01", periods=3, tz="Asia/Tokyo"))),
        pa.table(mapping(x=[[1], [2, 3], []], y=[{"a": 1}, None, {"a": 2}])),
    ],
    ids=range(10),
)
def test_columns_may_be_categories_objects_and_others_beside_what_is_not_needed(changed):
    found = Evaluation.from_rows(["road", "sky"], changed)
    expected = Evaluation.from_rows(["road", "sky"], mapping())
    assert (found, found.groups) == (expected, expected.groups)


@pytest.mark.parametrize("groups", [[3, 3, 3], ["x", "x", "x"]])
def test_groups_may_be_categories_and_objects(groups):
    for column in (pd.Categorical(groups), pd.Series(groups, dtype=object), np.array(groups, dtype=object)):
        rows = {**mapping(), "name": ["b", "b", "b"], "target": [0, 1, 1], "pred": [0, 0, 1], "group": column}
        for one in (rows, pd.DataFrame(rows)):
            assert Evaluation.from_rows(["road", "sky"], one).groups == (groups[0],)


def test_undecodable_bytes_of_names_of_files_are_kept():
    names = ["a\udcff", "b", "a\udcff"]
    for rows in (mapping(name=names), pd.DataFrame(mapping(name=pd.Series(names, dtype=object)))):
        found = Evaluation.from_rows(["road", "sky"], rows)
        assert found.names == ("a\udcff", "b")
        assert "a\\udcff" in found.to_rows("pandas")["name"].tolist()
