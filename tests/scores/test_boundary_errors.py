"""Wrong pixels by place: against a slow twin, and that together they are all errors."""

import warnings

import numpy as np
import pytest

from segscore import ArgumentError, Classes, Evaluator
from segscore.counts.measures import Measures
from segscore.scores.boundary_errors import PLACES
from support.objects import numbered
from support.refused import refused

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
    small = np.s_[2:4, 3::9]
    target[small], pred[small] = 2, seed % 2  # is seen by nobody
    return np.where(pred == IGNORED, 0, pred), target


def unmet_slowly(own, other, scored):
    """Return the pixels of segments that the other map lacks; and of each segment its label, and if so."""
    parts = numbered(own, 8, None)
    met = np.unique(parts[own == other])
    there = np.unique(parts[scored])
    labels = [int(own[parts == part][0]) for part in there]
    return ~np.isin(parts, met), list(zip(labels, ~np.isin(there, met), strict=True))


@pytest.mark.parametrize("width", [1, 2, 3])
def test_every_wrong_pixel_has_one_place(width):
    judge = Evaluator(Classes(["road", "car", "sky"], ignore=[IGNORED]), boundary=(1, 2, 3), segments=True)
    expected = {place: np.zeros((3, 4), dtype=np.int64) for place in PLACES}
    pixels = np.zeros((4, 3), dtype=np.int64)
    segments = np.zeros((2, 2, 3), dtype=np.int64)
    on = np.zeros((3, 3), dtype=np.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for seed in range(6):
            pred, target = random_maps(seed)
            judge.add(pred=pred, target=target)
            near = near_slowly(target, width)
            missed, of_target = unmet_slowly(target, pred, target != IGNORED)
            invented, of_pred = unmet_slowly(pred, target, target != IGNORED)
            invented &= pred != 7
            for side, found in enumerate((of_target, of_pred)):
                for label, unmet in found:
                    if label < 3:
                        segments[side, int(unmet), label] += 1
            met = ~missed & ~invented
            where = (near & met, ~near & met, missed, invented & ~missed)
            for i, (place, there) in enumerate(zip(PLACES, where, strict=True)):
                for label in range(3):
                    held = there & (target == label)
                    pixels[i, label] += held.sum()
                    on[label] += [(held & invented & (pred == called)).sum() for called in range(3)]
                    for called in range(4):
                        of = pred == called if called < 3 else pred == 7
                        expected[place][label, called] += (held & of & (pred != target)).sum()
    ev = judge.result()
    errors = ev.boundary.at(width).errors
    assert all(of.any() for of in expected.values())
    for place, of in expected.items():
        np.testing.assert_array_equal(getattr(errors, place), of)
    np.testing.assert_array_equal(errors.wrong, [of.sum(axis=1) for of in expected.values()])
    np.testing.assert_array_equal(errors.pixels, pixels)
    np.testing.assert_array_equal(errors.target_segments, segments[0].sum(axis=0))
    np.testing.assert_array_equal(errors.missed_segments, segments[0, 1])
    np.testing.assert_array_equal(errors.pred_segments, segments[1].sum(axis=0))
    np.testing.assert_array_equal(errors.invented_segments, segments[1, 1])
    together = errors.near + errors.inside + errors.missed + errors.invented
    np.testing.assert_array_equal(together[:, :3], ev.confusion.counts * (1 - np.eye(3, dtype=np.int64)))
    np.testing.assert_array_equal(together[:, 3], ev.scores.missed)
    assert errors.total == ev.scores.pixels - ev.scores.tp.sum()
    for place, of in expected.items():
        found = errors.called(0, place)
        assert [number for _, number in found] == sorted((n for _, n in found), reverse=True)
        assert dict(found) == {at: n for at, n in enumerate(of[0].tolist()) if n}
    for label in range(3):
        assert dict(errors.lies_on(label)) == {at: n for at, n in enumerate(on[:, label].tolist()) if n}


def judged(pred, target):
    """Return the errors of one image of roads and cars, of which 9 is ignored, with a band of a pixel."""
    judge = Evaluator(Classes(["road", "car"], ignore=[IGNORED]), boundary=1, segments=True)
    judge.add(pred=np.asarray(pred), target=np.asarray(target))
    return judge.result().boundary.errors


def test_a_segment_that_lies_in_ignored_pixels_does_not_count():
    target = np.zeros((8, 12), dtype=np.uint8)
    target[2:6, 2:6] = IGNORED
    pred = target * 0
    pred[3:5, 3:5] = 1
    errors = judged(pred, target)
    assert (errors.total, errors.pred_segments.tolist()) == (0, [1, 0])
    pred[3, 3:8] = 1  # two of its pixels are scored
    errors = judged(pred, target)
    assert errors.invented.tolist() == [[0, 2, 0], [0, 0, 0]]
    assert errors.invented_segments.tolist() == [0, 1]


def test_ignored_pixels_do_not_cut_predicted_segments_but_those_of_targets():
    target = np.zeros((7, 9), dtype=np.uint8)
    target[2:5, 2:4] = 1
    target[1:6, 4] = IGNORED
    target[2:5, 5] = 1
    pred = np.zeros_like(target)
    pred[2:5, 2:7] = 1
    errors = judged(pred, target)
    # The right end of the prediction is of a car that is there.
    assert (errors.invented_segments.tolist(), errors.invented.any()) == ([0, 0], False)
    assert errors.near[0].tolist() == [0, 3, 0]
    assert errors.target_segments.tolist() == [1, 2]
    assert errors.pred_segments.tolist() == [1, 1]
    pred[2:5, 5:7] = 0
    assert judged(pred, target).missed_segments.tolist() == [0, 1]


def test_a_segment_that_is_called_another_class_is_missed_and_the_other_invented():
    target = np.zeros((6, 6), dtype=np.uint8)
    target[2:4, 2:4] = 1
    judge = Evaluator(["road", "car", "bus"], boundary=1, segments=True)
    judge.add(pred=2 * target, target=target)
    errors = judge.result().boundary.errors
    assert errors.missed.tolist() == [[0] * 4, [0, 0, 4, 0], [0] * 4]
    assert not errors.invented.any()
    assert (errors.missed_segments.tolist(), errors.invented_segments.tolist()) == ([0, 1, 0], [0, 0, 1])
    assert (errors.called(1, "missed"), errors.lies_on(2)) == ([(2, 4)], [(1, 4)])


def test_rates_are_of_the_pixels_there():
    judge = Evaluator(["road", "sky", "sea"], boundary=1, segments=True)
    target = np.zeros((6, 6), dtype=np.uint8)
    target[0, :2] = 1
    pred = target.copy()
    pred[0, 1] = 0
    pred[[1, 2, 3], [1, 2, 3]] = 1  # hangs together with the corner
    pred[5, 5] = 1  # is invented
    judge.add(pred=pred, target=target)
    errors = judge.result().boundary.errors
    assert errors.near_rate["sky"] == 1 / 2
    assert np.isnan(errors.inside_rate["sky"])
    assert np.isnan(errors.near_rate["sea"])
    # Two of the inner 16 pixels are beside the sky.
    assert errors.near_rate["road"] == 1 / 19
    assert errors.inside_rate["road"] == 2 / 14
    assert errors.near_share == 2 / 5
    assert repr(errors) == "<BoundaryErrors: 5 wrong pixels, 40.00% within 1 px of a border>"


def test_nothing_wrong_is_said():
    judge = Evaluator(["road", "sky"], boundary=1, segments=True)
    judge.add(pred=[[0, 1]], target=[[0, 1]])
    ev = judge.result()
    assert repr(ev.boundary.errors) == "<BoundaryErrors: no pixel is wrong>"
    assert np.isnan(ev.boundary.errors.near_share)
    assert "no pixel is wrong" in str(ev)


def test_outputs_hold_them():
    judge = Evaluator(["road", "sky"], boundary=1, segments=True)
    target = np.zeros((7, 9), dtype=np.uint8)
    target[:, 5:] = 1
    pred = target.copy()
    pred[:, 4] = 1
    pred[3, 3] = 1
    pred[4, 2] = 7
    pred[5, 1:3] = 1
    with pytest.warns(UserWarning, match="no class"):
        judge.add(pred=pred, target=target)
    ev = judge.result()
    told = (
        "7 of 11 wrong pixels (63.64%) are near: up to 1 px from a border of their target class; 2 are "
        "inside, 0 in missed segments, 2 in invented ones"
    )
    counted = (
        "0 of 2 segments of targets are missed, 1 of 3 of predictions invented: no pixel of them has their "
        "class on the other side"
    )
    for table in (
        [
            "boundary or region:",
            "class  wrong near  wrong inside  in missed  in invented  of all near",
            "road            7             2          0            2       0.3500",
            "sky             0             0          0            0       0.0000",
            "",
            "class  of all inside  inside called",
            "road          0.1538            sky",
            "sky           0.0000              —",
        ],
        [
            "segments:",
            "class  of targets  missed  called  of predictions  invented    on",
            "road            1       0       —               1         0     —",
            "sky             1       0       —               2         1  road",
        ],
    ):
        assert "\n".join(table) in str(ev)
    for fact in (told, counted):
        assert fact in str(ev).replace("\n  ", " ")
        assert f"- {fact}" in ev.to_markdown()
        assert fact in ev._repr_html_()
    found = ev.to_dict()["boundary"][0]["errors"]
    assert found["near"]["wrong"] == 7
    assert found["inside"]["per_class"][0] == {
        "name": "road",
        "wrong": 2,
        "pixels": 13,
        "called": [{"called": "sky", "pixels": 1}, {"called": None, "pixels": 1}],
    }
    assert (found["missed"]["wrong"], found["invented"]["wrong"]) == (0, 2)
    assert found["invented"]["per_class"][0]["called"] == [{"called": "sky", "pixels": 2}]
    assert found["segments"] == [
        {"name": "road", "target": 1, "missed": 0, "pred": 1, "invented": 0},
        {"name": "sky", "target": 1, "missed": 0, "pred": 2, "invented": 1},
    ]


def test_without_segments_all_wrong_pixels_are_near_or_inside():
    target, pred = np.zeros((6, 7), dtype=np.uint8), np.zeros((6, 7), dtype=np.uint8)
    target[2:4, 1:3] = 1
    pred[3, 5] = 1
    judge = Evaluator(["road", "car"], boundary=1)
    judge.add(pred=pred, target=target)
    ev = judge.result()
    errors = ev.boundary.errors
    assert errors.near.tolist() == [[0, 0, 0], [4, 0, 0]]
    assert errors.inside.tolist() == [[0, 1, 0], [0, 0, 0]]
    assert (errors.places, errors.total) == (("near", "inside"), 5)
    told = (
        "segments were not looked for\n"
        "hint: evaluate with `segments=True`: counts of pixels do not say what hangs together"
    )
    for name in ("missed", "invented", "target_segments", "missed_segments", "pred_segments"):
        assert refused(ArgumentError, getattr, errors, name) == told
    assert refused(ArgumentError, lambda: errors.invented_segments) == told
    assert list(ev.to_dict()["boundary"][0]["errors"]) == ["near", "inside"]
    assert "segments" not in str(ev)


def test_segments_are_asked_for_with_bands():
    assert refused(ArgumentError, Evaluator, 2, segments=True) == (
        "`segments` is given without `boundary`\n"
        "hint: segments are looked for where bands are measured, such as `boundary=0.02`"
    )
    assert refused(ArgumentError, Evaluator, 2, boundary=1, segments=1).startswith(
        "`segments` is 1, expected True or False\n"
    )
    assert Measures.of(boundary=1, segments=True).said == "bands of 1 px and segments"
