"""Wrong pixels near borders and inside: against a slow twin, and that together they are all errors."""

import warnings

import numpy as np
import pytest

from segscore import Classes, Evaluator

IGNORED = 9


def near_slowly(target, width):
    """Return whether a pixel with another label, or the end of the image, is at most so far away."""
    padded = np.pad(target, width, constant_values=-1)
    size = 2 * width + 1
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size))
    return (windows != target[..., None, None]).any(axis=(-1, -2))


def random_maps(seed, shape=(40, 56)):
    """Return a target of large patches with ignored ones, and a prediction with some labels of no class."""
    random = np.random.default_rng(seed)
    coarse = random.choice([0, 0, 1, 2, IGNORED], (shape[0] // 8, shape[1] // 8))
    target = np.kron(coarse, np.ones((8, 8), dtype=np.int64))
    wrong = np.roll(target, 2, axis=1) if seed % 2 else random.choice([0, 1, 2, 7], shape)
    pred = np.where(random.random(shape) < 0.7, target, wrong)
    return np.where(pred == IGNORED, 0, pred), target


@pytest.mark.parametrize("width", [1, 2, 3])
def test_every_wrong_pixel_is_near_or_inside(width):
    judge = Evaluator(Classes(["road", "car", "sky"], ignore=[IGNORED]), boundary=(1, 2, 3))
    expected = {side: np.zeros((3, 4), dtype=np.int64) for side in ("near", "inside")}
    pixels = np.zeros((2, 3), dtype=np.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for seed in range(6):
            pred, target = random_maps(seed)
            judge.add(pred=pred, target=target)
            near = near_slowly(target, width)
            for i, (side, there) in enumerate((("near", near), ("inside", ~near))):
                for label in range(3):
                    held = there & (target == label)
                    pixels[i, label] += held.sum()
                    for called in range(4):
                        of = pred == called if called < 3 else pred == 7
                        expected[side][label, called] += (held & of & (pred != target)).sum()
    ev = judge.result()
    errors = ev.boundary.at(width).errors
    assert all(of.any() for of in expected.values())
    np.testing.assert_array_equal(errors.near, expected["near"])
    np.testing.assert_array_equal(errors.inside, expected["inside"])
    np.testing.assert_array_equal(errors.wrong, [expected[side].sum(axis=1) for side in ("near", "inside")])
    np.testing.assert_array_equal(errors.pixels, pixels)
    wrong = ev.confusion.counts * (1 - np.eye(3, dtype=np.int64))
    np.testing.assert_array_equal((errors.near + errors.inside)[:, :3], wrong)
    np.testing.assert_array_equal((errors.near + errors.inside)[:, 3], ev.scores.missed)
    assert errors.total == ev.scores.pixels - ev.scores.tp.sum()
    for i, near in enumerate((True, False)):
        found = errors.called(0, near=near)
        assert [number for _, number in found] == sorted((n for _, n in found), reverse=True)
        assert dict(found) == {at: n for at, n in enumerate((errors.near, errors.inside)[i][0].tolist()) if n}


def test_rates_are_of_the_pixels_there():
    judge = Evaluator(["road", "sky", "sea"], boundary=1)
    target = np.zeros((6, 6), dtype=np.uint8)
    target[0, 0] = 1
    pred = target.copy()
    pred[0, 0] = 2  # a class of borders alone
    pred[2, 2:4] = 1
    judge.add(pred=pred, target=target)
    errors = judge.result().boundary.errors
    assert errors.near_rate["sky"] == 1.0
    assert np.isnan(errors.inside_rate["sky"])
    assert np.isnan(errors.near_rate["sea"])
    assert errors.near_rate["road"] == 0.0
    # One of the inner 16 pixels is beside the corner.
    assert errors.inside_rate["road"] == 2 / 15
    assert errors.near_share == 1 / 3
    assert repr(errors) == "<BoundaryErrors: 3 wrong pixels, 33.33% within 1 px of a border>"


def test_nothing_wrong_is_said():
    judge = Evaluator(["road", "sky"], boundary=1)
    judge.add(pred=[[0, 1]], target=[[0, 1]])
    ev = judge.result()
    assert repr(ev.boundary.errors) == "<BoundaryErrors: no pixel is wrong>"
    assert np.isnan(ev.boundary.errors.near_share)
    assert "no pixel is wrong" in str(ev)


def test_outputs_hold_them():
    judge = Evaluator(["road", "sky"], boundary=1)
    target = np.zeros((7, 9), dtype=np.uint8)
    target[:, 5:] = 1
    pred = target.copy()
    pred[:, 4] = 1
    pred[3, 2] = 1
    pred[4, 2] = 7
    with pytest.warns(UserWarning, match="no class"):
        judge.add(pred=pred, target=target)
    ev = judge.result()
    told = "7 of 9 wrong pixels (77.78%) are near: up to 1 px from a border of their target class"
    table = [
        "boundary or region:",
        "class  wrong near  wrong inside  of all near  of all inside  inside called",
        "road            7             2       0.3500         0.1333            sky",
        "sky             0             0       0.0000         0.0000              —",
    ]
    assert "\n".join(table) in str(ev)
    assert told in str(ev).replace("\n  ", " ")
    assert f"- {told}" in ev.to_markdown()
    assert told in ev._repr_html_()
    found = ev.to_dict()["boundary"][0]["errors"]
    assert found["near"]["wrong"] == 7
    assert found["inside"]["per_class"][0] == {
        "name": "road",
        "wrong": 2,
        "pixels": 15,
        "called": [{"called": "sky", "pixels": 1}, {"called": None, "pixels": 1}],
    }
