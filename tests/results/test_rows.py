"""Evaluations as rows of data frames, and rows of anybody as evaluations, or an error that says why not."""

import pickle
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segscore import ArgumentError, Classes, Evaluation, Evaluator, LabelError, SegscoreWarning
from segscore.results.rows import rows_of
from segscore.text.frames import BACKENDS
from support.refused import assert_refused, refused

NAMES = ["road", "sky", "tree"]


def judged(number: int, *, name=None, seed=0) -> Evaluation:
    """Return an evaluation of images with misses and ignored pixels; without a function, of no names."""
    random = np.random.default_rng(seed)
    judge = Evaluator(NAMES, ignore_index=255)
    for i in range(number):
        pred, target = random.choice([0, 1, 2, 9], (4, 5)), random.choice([0, 1, 2, 255], (4, 5))
        judge.add(pred=pred, target=target, name=None if name is None else name(i))
    return judge.result()


pytestmark = pytest.mark.filterwarnings("ignore:.*no class.*:segscore.SegscoreWarning")


def lists(frame) -> dict[str, list]:
    """Return the columns of a frame, by its own package's means."""
    if isinstance(frame, pd.DataFrame):
        return frame.to_dict("list")
    return frame.to_dict(as_series=False) if isinstance(frame, pl.DataFrame) else frame.to_pydict()


@pytest.mark.parametrize("backend", BACKENDS)
def test_rows_are_pairs_of_labels_with_their_pixels(backend):
    judge = Evaluator(["road", "sky"], ignore_index=255)
    judge.add(pred=[[0, 1, 7]], target=[[0, 255, 1]], name="b")
    judge.add(pred=[[1, 1, 1]], target=[[0, 0, 1]], name="a")
    rows = judge.result().to_rows(backend)
    assert type(rows).__module__.split(".")[0] == backend
    assert lists(rows) == {
        "name": ["a", "a", "b", "b", "b"],
        "target": [0, 1, 0, 1, 255],
        "pred": [1, 1, 0, 7, 1],
        "pixels": [2, 1, 1, 1, 1],
    }


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "name", [None, lambda i: f"{i}", lambda i: f"frame_{i % 7}{i}", lambda i: "ü道"[i % 2] * i]
)
def test_rows_lead_back_to_the_evaluation(backend, name):
    whole = judged(12, name=name)
    found = Evaluation.from_rows(whole.classes, whole.to_rows(backend))
    assert type(found) is Evaluation
    assert found == whole
    assert found.scores == whole.scores
    np.testing.assert_array_equal(found.images.iou, whole.images.iou)
    assert pickle.loads(pickle.dumps(found)) == whole


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("groups", [["rain", "sun"], [3, -4]])
def test_groups_are_a_column(backend, groups):
    whole = judged(6, name=str).group_by({f"{i}": groups[i % 2] for i in range(6)})
    parts = [whole[label] for label in groups]
    grouped = parts[0].__class__(**{**vars_of(judged(6, name=str)), "groups": tuple(groups * 3)})
    rows = grouped.to_rows(backend)
    assert lists(rows)["group"][0] == groups[0]
    found = Evaluation.from_rows(grouped.classes, rows)
    assert found == grouped
    assert found.group_by()[groups[1]].scores == parts[1].scores


def vars_of(evaluation: Evaluation) -> dict[str, object]:
    return {name: getattr(evaluation, name) for name in ("classes", "names", "table")}


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_image_without_pixels_has_a_row_of_none(backend):
    judge = Evaluator(Classes(["road", "sky"], [5, 6]))
    for name in "abcd":
        shape = (0, 3) if name in "ad" else (1, 3)
        judge.add(pred=np.full(shape, 5), target=np.full(shape, 6), name=name)
    whole = judge.result()
    rows = whole.to_rows(backend)
    assert lists(rows) == {
        "name": ["a", "b", "c", "d"],
        "target": [5, 6, 6, 5],
        "pred": [5, 5, 5, 5],
        "pixels": [0, 3, 3, 0],
    }
    assert Evaluation.from_rows(whole.classes, rows) == whole
    assert [column.dtype for column in rows_of(whole.table, whole.classes)] == [np.int64] * 4


def mapping(**changed) -> dict[str, object]:
    """Return rows of two images as columns, some of which are changed."""
    rows = {"name": ["b", "a", "b"], "target": [0, 1, 1], "pred": [0, 1, 9], "pixels": [4, 3, 2]}
    return {name: column for name, column in (rows | changed).items() if column is not None}


SAME = {
    "mapping": mapping(),
    "arrays": {name: np.array(column) for name, column in mapping().items()},
    "narrow": {**mapping(), **{n: np.array(mapping()[n], "u1") for n in ("target", "pred", "pixels")}},
    "64 bits without a sign": {**mapping(), "pixels": np.array([4, 3, 2], "u8")},
    "other columns": mapping(weather=["rain", None, "sun"]),
    "pandas": pd.DataFrame(mapping()),
    "pandas with an index": pd.DataFrame(mapping(), index=[7, 7, 7]),
    "pandas of objects": pd.DataFrame(mapping()).astype({"name": object}),
    "pandas of categories": pd.DataFrame(mapping()).astype({"name": "category"}),
    "pandas of pyarrow": pd.DataFrame(mapping()).convert_dtypes(dtype_backend="pyarrow"),
    "polars": pl.DataFrame(mapping()),
    "polars, later": pl.DataFrame(mapping(weather=[None] * 3)).lazy(),
    "polars of categories": pl.DataFrame(mapping(), schema_overrides={"name": pl.Categorical}),
    "polars, 128 bits": pl.DataFrame(mapping(), schema_overrides={"pixels": pl.Int128}),
    "pyarrow": pa.table(mapping()),
    "a batch": pa.RecordBatch.from_pydict(mapping()),
    "a stream": pa.table(mapping()).to_reader(),
    "a dictionary": pa.table(mapping(name=pa.array(["b", "a", "b"]).dictionary_encode())),
    "decimals": pa.table(mapping(pixels=pa.array([4, 3, 2], pa.decimal128(38, 0)))),
}


@pytest.mark.parametrize("kind", SAME)
def test_rows_come_in_any_form_and_order(kind):
    judge = Evaluator(["road", "sky"])
    judge.add(pred=[[0] * 4 + [9] * 2], target=[[0] * 4 + [1] * 2], name="b")
    judge.add(pred=[[1] * 3], target=[[1] * 3], name="a")
    assert Evaluation.from_rows(["road", "sky"], SAME[kind]) == judge.result()


def test_whatever_offers_a_stream_of_arrow_is_read():
    class Stream:
        def __arrow_c_stream__(self, requested_schema=None):
            return pa.table(mapping()).__arrow_c_stream__(requested_schema)

    assert Evaluation.from_rows(2, Stream()) == Evaluation.from_rows(2, mapping())


@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(random):
    whole = judged(5, name=str)
    rows = whole.to_rows("polars")
    shuffled = rows[random.sample(range(len(rows)), len(rows))]
    assert Evaluation.from_rows(whole.classes, shuffled) == whole


def test_rows_that_were_shuffled_are_sorted_by_name_as_text():
    whole = judged(12)
    found = Evaluation.from_rows(whole.classes, whole.to_rows("polars").reverse())
    assert found.names == tuple(sorted(whole.names)) != whole.names
    assert found.scores == whole.scores


def test_sums_of_rows_are_the_counts_of_the_matrix():
    whole = judged(9, name=str)
    rows = whole.to_rows("polars")
    summed = rows.group_by("target", "pred").agg(pl.col("pixels").sum()).sort("target", "pred")
    target, pred, pixels = whole.confusion.to_rows()
    assert summed.to_dict(as_series=False) == {
        "target": target.tolist(),
        "pred": pred.tolist(),
        "pixels": pixels.tolist(),
    }


def test_arguments_of_classes_are_those_of_a_matrix():
    found = Evaluation.from_rows(2, mapping(target=[0, 1, 255]), ignore_index=255, pred_classes=[0, 9])
    assert found.scores.ignored == 2
    assert found.classes.pred_labels == (0, 9)
    assert found.confusion.counts.tolist() == [[4, 0], [0, 0]]


def test_what_counts_may_mean_is_warned_of():
    with pytest.warns(SegscoreWarning) as caught:
        Evaluation.from_rows(2, mapping())
    assert [str(one.message).splitlines()[0] for one in caught] == [
        "`pred` holds the label 9 (2 pixels): no class, first in b; counted as missed"
    ]
    assert caught[0].filename == __file__


DAYS = [date(2026, 1, 1)] * 3
BITS = "labels and pixels of masks fit into that: give the column that holds them"
CAST = "labels and pixels are whole numbers: cast the column to a type of 64 bits"
FLAT = "give a flat array"
WRONG = {
    "no column": (
        mapping(pred=None),
        "ArgumentError: rows have no column `pred`, only `name`, `target`, `pixels`",
        "they have name, target, pred and pixels: rename columns, or compute them",
    ),
    "no columns": (
        {},
        "ArgumentError: rows have no column `name`, only none",
        "they have name, target, pred and pixels: rename columns, or compute them",
    ),
    "negative": (
        mapping(pixels=[4, -3, 2]),
        "ArgumentError: row 1, of image a, has -3 pixels, expected 0 or more",
        "pixels are counts",
    ),
    "too many": (
        mapping(pixels=[2**62, 2**62, 2]),
        f"ArgumentError: {2**63 + 2:,} pixels are more than 64 bits hold",
        "evaluate fewer at once",
    ),
    "too large": (
        mapping(pixels=np.array([1, 2**63, 1], dtype=np.uint64)),
        f"ArgumentError: column `pixels` holds {2**63:,}, expected a number of 64 bits with its sign",
        BITS,
    ),
    "too large in 128 bits": (
        pl.DataFrame(mapping(target=[0, 1, -(2**80)]), schema_overrides={"target": pl.Int128}),
        f"ArgumentError: column `target` holds {-(2**80):,}, expected a number of 64 bits with its sign",
        BITS,
    ),
    "an unknown label": (
        mapping(target=[0, 1, 7]),
        "LabelError: `target` holds the label 7 (2 pixels): neither class nor ignored, first in b",
        "give these labels to classes, or leave them out with `ignore_index`",
    ),
    "a gap": (
        pl.DataFrame(mapping(target=[0, None, None])),
        "ArgumentError: column `target` has no value in 2 rows, the first of which is 1",
        "leave such rows out, or fill them in",
    ),
    "a gap in pandas": (
        pd.DataFrame(mapping(pixels=[4, 3, None])),
        "ArgumentError: column `pixels` has no value in 1 row, the first of which is 2",
        "leave such rows out, or fill them in",
    ),
    "a name that is missing": (
        pa.table(mapping(name=["b", None, "b"])),
        "ArgumentError: column `name` has no value in 1 row, the first of which is 1",
        "leave such rows out, or fill them in",
    ),
    "floats": (
        pd.DataFrame(mapping(pixels=[4.0, 3.0, 2.0])),
        "DtypeError: column `pixels` is of type Float64, expected integers",
        CAST,
    ),
    "floats in a mapping": (
        mapping(pred=[0.0, 1.0, 9.0]),
        "DtypeError: column `pred` is of type float64, expected integers",
        CAST,
    ),
    "bools": (
        pl.DataFrame(mapping(pred=[True, False, True])),
        "DtypeError: column `pred` is of type Boolean, expected integers",
        CAST,
    ),
    "texts for numbers": (
        mapping(target=["0", "1", "1"]),
        "DtypeError: column `target` is of type <U1, expected integers",
        CAST,
    ),
    "objects": (
        pd.DataFrame(mapping(target=pd.Series([0, "1", 1], dtype=object))),
        "DtypeError: column `target` is of type str, expected integers",
        CAST,
    ),
    "parts of decimals": (
        pa.table(mapping(pixels=[Decimal("4.5"), Decimal("3"), Decimal("2")])),
        "ArgumentError: column `pixels` holds 4.5, expected integers",
        "give whole numbers",
    ),
    "days for names": (
        pl.DataFrame(mapping(name=DAYS)),
        "DtypeError: column `name` is of type Date, expected texts",
        "images are named by texts: cast the column to one of texts",
    ),
    "numbers for names": (
        mapping(name=[1, 2, 1]),
        "DtypeError: column `name` is of type int, expected texts",
        "images are named by texts: cast the column to one of texts",
    ),
    "a matrix": (
        mapping(target=[[0], [1], [1]]),
        "ArgumentError: column `target` has the shape (3, 1), expected one number a row",
        FLAT,
    ),
    "other lengths": (
        mapping(pred=[0, 1]),
        "ArgumentError: columns of rows differ in length",
        "give one value a row in each",
    ),
    "twice": (
        {**mapping(), "name": ["b", "b", "b"], "target": [1, 0, 1], "pred": [9, 1, 9]},
        "ArgumentError: rows 0 and 2 are both of image b, target 1 and prediction 9",
        "where they are parts of one image, add up their pixels first; otherwise give images different names",
    ),
    "two groups": (
        mapping(group=["rain", "rain", "sun"]),
        "ArgumentError: image b is in the groups 'rain' and 'sun'",
        "each image is in one group",
    ),
    "no rows": (
        {name: np.array([], dtype=int) for name in mapping()},
        "EvaluationError: there are no images to score",
        "give at least one row",
    ),
    "no frame": (
        [1, 2],
        "ArgumentError: expected a data frame, found list",
        "pass a table of pyarrow, polars, pandas or DuckDB, or a mapping of names to columns",
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_rows_that_are_none_are_refused(kind):
    rows, message, hint = WRONG[kind]
    assert_refused(message, hint, Evaluation.from_rows, ["road", "sky"], rows)


def test_strict_makes_a_prediction_that_is_no_class_an_error():
    said = refused(LabelError, Evaluation.from_rows, 2, mapping(), strict=True)
    assert said.startswith("`pred` holds the label 9 (2 pixels): no class, first in b\nhint: ")


def test_names_that_are_the_same_as_texts_are_refused():
    whole = judged(2, name=["a\udcff", "a\\udcff"].__getitem__)
    assert refused(ArgumentError, whole.to_rows) == (
        "two images have names that are the same as texts in UTF-8\nhint: give them names that hold no bytes"
    )


def test_a_backend_is_one_of_three():
    said = refused(ArgumentError, judged(1).to_rows, "duckdb")
    assert said == '`backend` is \'duckdb\'\nhint: it is "pandas", "polars" or "pyarrow"'
