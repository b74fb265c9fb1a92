"""Saved evaluations whose parts do not fit together: none of them is believed."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segscore import Evaluation, FileFormatError, load
from support import hints
from support.refused import refused
from support.results import evaluated

HINT = f"\nhint: {hints.SAVED}"
OTHER = "expected a saved evaluation, found another kind of file or a damaged one"
NO_TEXT = "a name is not a text"
NO_FIT = "its columns do not fit together"
NO_LIST = "a column is not a list of integers"
NO_CLASS = "a target label is neither class nor ignored"
NO_ORDER = "its rows are not sorted, or two are of the same labels"

Columns = dict[str, Any]


@pytest.fixture(scope="module")
def example() -> Evaluation:
    return evaluated(["road", "sky", "tree"], {name: ([0, 0, 1, 2], [0, 1, 1, 2]) for name in "abc"})


@pytest.fixture
def columns(tmp_path: Path, example: Evaluation) -> Columns:
    example.save(tmp_path / "good.npz")
    with np.load(tmp_path / "good.npz") as arrays:
        return {**arrays}


def written(folder: Path, columns: Columns) -> Path:
    file = io.BytesIO()
    np.savez(file, **columns)
    (folder / "bad.npz").write_bytes(file.getvalue())
    return folder / "bad.npz"


def refusal(path: Path) -> str:
    text = refused(FileFormatError, load, path)
    assert text.startswith(f"{path}: ")
    assert text.endswith(HINT)
    return text.removeprefix(f"{path}: ").removesuffix(HINT)


def test_what_is_changed_below_is_right_as_it_is(
    tmp_path: Path, columns: Columns, example: Evaluation
) -> None:
    assert load(written(tmp_path, columns)) == example
    assert load(written(tmp_path, {**columns, "more": np.zeros(3)})) == example


@pytest.mark.parametrize("name", ["about", "offsets", "target", "pred", "pixels"])
def test_a_column_that_is_missing(tmp_path: Path, columns: Columns, name: str) -> None:
    del columns[name]
    assert refusal(written(tmp_path, columns)) == OTHER


def every(value: int) -> Callable[[Any], Any]:
    return lambda column: np.full(len(column), value, np.int64)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("pixels", lambda column: column.astype(float), NO_LIST),
        ("pixels", lambda column: column.astype(bool), NO_LIST),
        ("pixels", lambda column: column[None], NO_LIST),
        ("pixels", lambda column: np.int64(3), NO_LIST),
        ("target", lambda column: column.astype("u8"), NO_LIST),
        ("target", lambda column: column.astype(str), NO_LIST),
        ("pixels", every(0), NO_FIT),
        ("pixels", every(-1), NO_FIT),
        ("pixels", every(1 << 60), NO_FIT),  # 12 of these are more than 64 bits hold
        ("pixels", every((1 << 63) - 1), NO_FIT),
        ("pixels", lambda column: column[:-1], NO_FIT),
        ("target", lambda column: column[:0], NO_FIT),
        ("offsets", lambda column: column[:-1], NO_FIT),
        ("offsets", lambda column: column[:0], NO_FIT),
        ("offsets", lambda column: column[::-1], NO_FIT),
        ("offsets", lambda column: column + 1, NO_FIT),
        ("offsets", lambda column: np.array([0, 8, 4, 12]), NO_FIT),
        ("offsets", lambda column: np.array([0, -(2**63), 2**63 - 1, 12]), NO_FIT),
        ("target", lambda column: column[::-1], NO_ORDER),
        ("target", every(0), NO_ORDER),
        ("target", lambda column: np.where(column == 2, 3, column), NO_CLASS),
        ("target", lambda column: np.where(column == 2, 255, column), NO_CLASS),
    ],
)
def test_columns_that_do_not_fit(
    tmp_path: Path, columns: Columns, name: str, change: Callable[[Any], Any], message: str
) -> None:
    columns[name] = change(columns[name])
    assert refusal(written(tmp_path, columns)) == message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schema": 0}, "expected schema 1 or 2, found 0"),
        ({"schema": "2"}, "expected schema 1 or 2, found '2'"),
        ({"schema": 3}, "expected schema 1 or 2, found 3 of a later segscore"),
        ({"schema": None}, "expected schema 1 or 2, found None"),
        ({"names": ["a", "b"]}, NO_FIT),
        ({"names": ["a", "b", "c", "d"]}, NO_FIT),
        ({"names": ["a", "a", "b"]}, "two of its images have the same name"),
        ({"names": ["a", "b", 3]}, NO_TEXT),
        ({"names": "abc"}, NO_TEXT),
        ({"names": None}, OTHER),
        *(
            ({"resized": value}, f"expected a number of resized images, found {value!r}")
            for value in (-1, 4, 1.5, "1", None, True, 10**30, [])
        ),
        ({"extra": [1]}, NO_TEXT),
        ({"extra": "x"}, NO_TEXT),
        ({"extra": None}, OTHER),
        ({"failures": [{}]}, OTHER),
        ({"failures": [3]}, OTHER),
        ({"failures": [{"name": "z", "message": 1, "hint": None}]}, NO_TEXT),
        ({"failures": [{"name": "z", "message": "m", "hint": 1}]}, NO_TEXT),
        ({"provenance": {"a": 1}}, NO_TEXT),
        ({"provenance": []}, OTHER),
        ({"classes": None}, OTHER),
        ({"classes": {}}, OTHER),
    ],
)
def test_facts_that_do_not_fit(tmp_path: Path, columns: Columns, changes: Columns, message: str) -> None:
    about = json.loads(columns["about"].tobytes())
    assert refusal(written(tmp_path, {**columns, "about": encoded({**about, **changes})})) == message


@pytest.mark.parametrize(
    ("changes", "start"),
    [
        ({"labels": [0, 1, 1]}, "label 1 is given twice, to classes 1 and 2"),
        ({"labels": 3}, "expected `labels` to be label values, found 3"),
        ({"names": "abc"}, NO_TEXT),
        ({"ignored_classes": [0, 1, 2]}, "every class is ignored, so nothing is left to score"),
        ({"colours": [[0, 1]]}, "colour of label 0 is [1]"),
        ({"colours": [0]}, OTHER),
        ({"colours": [[[], 1, 2, 3]]}, OTHER),
        *(({key: value}, NO_TEXT) for key, value in (("name", 3), ("title", []), ("note", {}))),
        ({"source": "abc"}, NO_TEXT),
        ({"source": [1]}, NO_TEXT),
        ({"prediction_spaces": [3]}, OTHER),
        *(
            ({"prediction_spaces": [{"name": "x", "labels": [0, 1, 2], "note": None, **change}]}, NO_TEXT)
            for change in ({"name": 3}, {"name": ["x"]}, {"note": 4})
        ),
    ],
)
def test_classes_that_are_none(tmp_path: Path, columns: Columns, changes: Columns, start: str) -> None:
    about = json.loads(columns["about"].tobytes())
    about["classes"].update(changes)
    assert refusal(written(tmp_path, {**columns, "about": encoded(about)})) == start


def encoded(about: Columns) -> Any:
    return np.frombuffer(json.dumps(about).encode(), np.uint8)
