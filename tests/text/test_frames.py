"""Scores as data frames of three packages, and what is said where one is missing."""

import sys
from importlib import import_module

import numpy as np
import pytest

from segscore import ArgumentError, Classes
from segscore.text.frames import BACKENDS, frame
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
    with pytest.raises(ArgumentError) as caught:
        scores.to_frame(backend)
    assert str(caught.value) == message
