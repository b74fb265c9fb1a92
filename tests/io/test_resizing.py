"""Class scores at another size, against the definition pixel by pixel and against onnxruntime."""

from math import floor

import ml_dtypes
import numpy as np
import onnxruntime
import pytest

from segscore import ArgumentError, predict
from segscore.predict import resize_logits
from support.refused import refused
from support.tiny_models import save

SIZES = [
    ((3, 4), (6, 8)),
    ((5, 7), (11, 6)),
    ((1, 1), (3, 2)),
    ((9, 8), (4, 3)),
    ((6, 5), (1, 1)),
    ((4, 4), (4, 9)),
]


def by_definition(plane, size):
    """Return a plane at another size: each new centre lies among four old ones; edges are repeated."""
    made = np.empty(size)
    for place in np.ndindex(*size):
        values = plane.astype(np.float64)
        for axis in (0, 1):
            at = (place[axis] + 0.5) * plane.shape[axis] / size[axis] - 0.5
            at = min(max(at, 0), plane.shape[axis] - 1)
            low = floor(at)
            high = min(low + 1, plane.shape[axis] - 1)
            values = values[low] * (1 - at + low) + values[high] * (at - low)
        made[place] = values
    return made


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize(("before", "after"), SIZES)
def test_by_definition(before, after, axis, dtype):
    logits = np.random.default_rng(0).standard_normal((3, *before)).astype(dtype)
    found = resize_logits(np.moveaxis(logits, 0, axis), after, class_axis=axis)
    expected = logits if before == after else [by_definition(plane, after) for plane in logits]
    assert found.dtype == (np.float64 if dtype is np.float64 else np.float32)
    np.testing.assert_allclose(np.moveaxis(found, axis, 0), expected, rtol=0, atol=3e-6)


@pytest.mark.parametrize(("before", "after"), [*SIZES, ((90, 120), (360, 480)), ((64, 100), (97, 333))])
def test_as_onnxruntime_resizes(tmp_path, before, after):
    text = """(float[1,c,h,w] x, int64[4] s) => (float[1,c,H,W] y)
        { y = Resize<mode="linear", coordinate_transformation_mode="half_pixel">(x, , , s) }"""
    session = onnxruntime.InferenceSession(
        save(tmp_path / "m.onnx", text), providers=["CPUExecutionProvider"]
    )
    logits = np.random.default_rng(0).standard_normal((5, *before), np.float32)
    (expected,) = session.run(None, {"x": logits[None], "s": np.array([1, 5, *after])})
    found = resize_logits(logits, after, class_axis=0)
    # Positions are float32 there, which moves them by some 1e-5 of a pixel.
    np.testing.assert_allclose(found, expected[0], rtol=0, atol=2e-4)


def test_the_size_that_it_has_is_no_work():
    logits = np.zeros((2, 3, 4), np.float16)
    assert resize_logits(logits, (3, 4), class_axis=0) is logits


def test_nan_stays():
    found = resize_logits(np.array([[[0, 0, np.nan]]], np.float32), (2, 6), class_axis=0)
    np.testing.assert_array_equal(np.isnan(found), [[[False, False, False, True, True, True]] * 2])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_class_that_is_ruled_out_never_wins(dtype):
    logits = np.array([[[-np.inf, -np.inf], [-np.inf, 3]], [[0, 1], [2, np.inf]]], dtype)
    found = resize_logits(logits, (5, 5), class_axis=0)
    assert np.isfinite(found).all()
    assert (found.argmax(axis=0) == 1).all()


def no_scores(found, said=", found "):
    return (
        f"expected class scores as floats of three axes{said}{found}\n"
        "hint: one image at a time: (K, h, w) with `class_axis=0`, or (h, w, K) with `class_axis=-1`"
    )


def no_pixels(size, shape):
    return (
        f"expected pixels on both sides, found a size of {size} and class scores of {shape}\n"
        "hint: sizes are (height, width)"
    )


NO_AXIS = "`class_axis` is 1, expected 0 or -1\nhint: (K, h, w) or (h, w, K)"


@pytest.mark.parametrize(
    ("logits", "size", "axis", "expected"),
    [
        (
            np.zeros((2, 2, 2), int),
            (4, 4),
            0,
            no_scores("`logits` is int64, expected float16, bfloat16, float32 or float64", ": "),
        ),
        ("a", (4, 4), 0, no_scores("`logits` is a text or a path, expected an array", ": ")),
        (np.zeros((1, 2, 2, 2)), (4, 4), 0, no_scores("float64 of shape (1, 2, 2, 2)")),
        (np.zeros((2, 2, 2)), (4, 4), 1, NO_AXIS),
        (np.zeros((2, 2, 2)), (4, 0), 0, no_pixels((4, 0), (2, 2, 2))),
        (np.zeros((2, 0, 2)), (4, 4), 0, no_pixels((4, 4), (2, 0, 2))),
    ],
)
def test_what_cannot_be_resized(logits, size, axis, expected):
    assert refused(ArgumentError, resize_logits, logits, size, class_axis=axis) == expected


def test_bfloat16_is_resized_as_the_float32_that_it_is():
    scores = np.random.default_rng(0).standard_normal((3, 4, 5)).astype(ml_dtypes.bfloat16)
    for size in ((4, 5), (7, 3)):
        found = resize_logits(scores, size, class_axis=0)
        assert found.dtype == np.float32
        assert np.array_equal(found, resize_logits(scores.astype(np.float32), size, class_axis=0))


def test_a_prediction_is_brought_to_the_size_of_its_target():
    prediction = predict.Prediction(logits=np.zeros((3, 2, 2), np.float32), class_axis=0)
    assert prediction.size == (2, 2)
    assert prediction.given((4, 6))["logits"].shape == (3, 4, 6)
