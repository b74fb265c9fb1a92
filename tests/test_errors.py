"""What the core finds becomes an exception: its class, its message and its hint."""

import pickle
import re
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from segscore import _core, errors
from segscore.errors import ArgumentError, InternalError, MaskError, SegscoreError, ShapeError, of_core
from support.refused import refused

SOURCE = Path(__file__).parent.parent / "src" / "error.rs"


def codes() -> set[str]:
    """Return the codes of the core."""
    code = SOURCE.read_text().partition("pub fn code(&self)")[2]
    return set(re.findall(r'=> "([a-z-]+)",', code))


def test_each_code_of_the_core_has_an_error_and_no_other_has() -> None:
    assert {"shape-mismatch", "not-png", "cancelled"} <= codes()
    assert errors._OF_CORE.keys() == codes() | {"defect"}


def test_a_package_that_is_there_and_broken_is_not_called_missing(tmp_path, monkeypatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    for i, (raised, said) in enumerate(
        [
            ("ImportError('libcuda.so: no such file')", "ImportError: libcuda.so: no such file"),
            ("AttributeError('_ARRAY_API\\nnot found')", "AttributeError: _ARRAY_API"),
        ]
    ):
        (tmp_path / f"broken{i}.py").write_text(f"raise {raised}")
        with pytest.raises(MaskError) as caught, errors.installed("it needs broken", "`do this`", MaskError):
            import_module(f"broken{i}")
        assert str(caught.value) == (
            f"it needs broken, which cannot be imported: {said}\n"
            "hint: it is there, and broken: remove it, then `do this`"
        )
        assert errors.import_failure(f"broken{i}") == f"cannot be imported: {said}"
    with pytest.raises(ArgumentError) as missing, errors.installed("it needs none", "`do this`"):
        import_module("none_such")
    assert str(missing.value) == "it needs none, which is not installed\nhint: `do this`"
    assert (errors.import_failure("none_such"), errors.import_failure("json")) == ("is not installed", "")


def test_maps_that_cannot_be_resized() -> None:
    with pytest.raises(ShapeError) as caught:
        _core.count(np.zeros((2, 3, 4), np.uint8), np.zeros((2, 3, 5), np.uint8), resize=True)
    assert str(caught.value) == (
        "expected two dimensions to resize, found `pred` (2, 3, 5) and `target` (2, 3, 4)\n"
        "hint: pass images one by one, as (height, width)"
    )
    assert caught.value.kind == "shape"


def test_rows_that_are_no_counts() -> None:
    assert refused(ArgumentError, _core.PairCounts.from_columns, *np.array([[0], [0], [-1]])) == (
        "a row of pair counts has no pixels\n"
        "hint: a total of pixels stays below 2**63, and no count below one"
    )


def test_a_defect_asks_to_be_reported() -> None:
    error = of_core("defect", "defect in segscore: index out of bounds", None)
    assert type(error) is InternalError
    assert str(error) == (
        "defect in segscore: index out of bounds\n"
        "hint: this is a bug: please report it with the call that led to it"
    )


def test_an_error_in_a_file_names_it_and_may_have_no_hint() -> None:
    error = of_core("not-encodable", "cannot be written as a PNG: 0 pixels", "a/b.png")
    assert type(error) is MaskError
    assert str(error) == "a/b.png: cannot be written as a PNG: 0 pixels"
    assert error.hint is None


@pytest.mark.parametrize("code", sorted(codes()))
def test_what_the_core_finds_can_be_pickled(code: str) -> None:
    error = of_core(code, "a message", "a.png")
    copy = pickle.loads(pickle.dumps(error))
    assert isinstance(copy, SegscoreError)
    assert (type(copy), copy.message, copy.hint, copy.kind, str(copy)) == (
        type(error),
        "a.png: a message",
        error.hint,
        error.kind,
        str(error),
    )
