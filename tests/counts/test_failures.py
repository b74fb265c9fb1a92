"""Failures in lists: the same is said of a few images, and counted of the others, whatever their files."""

import numpy as np
import pytest

from segscore import EvaluationError, evaluate
from segscore.base.naming import arg, said, spelled
from segscore.cli.spelling import COMMAND_LINE
from segscore.counts.failures import Failure, failure_lines
from support.refused import refused


def empty(names, folder="target"):
    return [Failure(name, f"{folder}/{name}.png: the file is empty") for name in names]


@pytest.mark.parametrize("number", [0, 1, 3])
def test_a_few_are_all_listed(number):
    names = "abc"[:number]
    assert failure_lines(empty(names)) == [f"{name}: target/{name}.png: the file is empty" for name in names]


def test_of_many_that_are_the_same_three_are_listed():
    failures = [*empty(f"{i:02}" for i in range(30)), Failure("x", "there is no prediction of this name")]
    failures += empty((f"a/{i}" for i in range(4)), folder="pred")
    assert failure_lines(failures) == [
        "00: target/00.png: the file is empty",
        "01: target/01.png: the file is empty",
        "02: target/02.png: the file is empty",
        "x: there is no prediction of this name",
        "and 31 more: the file is empty",
    ]


def test_what_differs_is_listed_up_to_a_limit():
    failures = [Failure(str(i), f"found {i}") for i in range(30)]
    expected = [f"{i}: found {i}" for i in range(20)]
    assert failure_lines(failures) == [*expected, "and 10 more"]
    assert failure_lines(failures, ", in `failures`", limit=2) == [
        *expected[:2],
        "and 28 more, in `failures`",
    ]


def test_arrays_of_another_shape_are_told_once():
    good, wide = np.zeros((2, 2), np.uint8), np.zeros((2, 3), np.uint8)
    text = refused(EvaluationError, evaluate, pred=[good] + 30 * [wide], target=31 * [good], classes=2)
    said = "`pred` and `target` differ in shape: (2, 3) and (2, 2)"
    assert text.splitlines()[:5] == [
        "30 of 31 images could not be scored:",
        *(f"  {i}: {said}" for i in (1, 10, 11)),
        f"  and 27 more: {said}",
    ]


def test_each_face_spells_what_the_failures_of_an_error_name():
    failures = [Failure(name, said(f"{name}.png: {arg('class_axis', 0)} is missing")) for name in "abcd"]
    error = EvaluationError("\n".join(failure_lines(failures)))
    assert str(error).endswith("c: c.png: `class_axis=0` is missing\nand 1 more: `class_axis=0` is missing")
    assert spelled(error.message, COMMAND_LINE).endswith(
        "c: c.png: `--class-axis 0` is missing\nand 1 more: `--class-axis 0` is missing"
    )


def test_names_with_control_characters_break_no_line() -> None:
    failure = Failure("b\nc", "b\nc\x1b[31m.png: the file is empty")
    assert str(failure) == r"'b\nc': b\nc\x1b[31m.png: the file is empty"
    assert failure.message == "b\nc\x1b[31m.png: the file is empty"
