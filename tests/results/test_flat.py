"""Numbers for trackers: right values, finite, under names that trackers take and that differ."""

import math
import re

import numpy as np
import pytest

from segscore import ArgumentError, Evaluator
from segscore.results.flat import LONGEST, written
from support.hostile_names import HOSTILE_NAMES
from support.refused import refused

ALLOWED = re.compile(r"[\w\-. /]+")
"""What MLflow takes on every system."""


def evaluated(classes=("road", "sky", "car"), **measures):
    judge = Evaluator(list(classes), **measures)
    target = np.zeros((8, 8), np.uint8)
    target[:, 5:] = 1
    pred = np.zeros_like(target)
    pred[:, 6:] = 1
    judge.add(pred=pred, target=target, name="a")
    return judge.result()


def test_numbers_are_flat_and_finite_and_those_that_are_undefined_are_left_out():
    found = evaluated().to_metrics()
    assert list(found)[:4] == [f"segscore/{name}" for name in ("images", "failures", "mean_iou", "mean_dice")]
    assert found["segscore/images"] == 1
    assert found["segscore/failures"] == 0
    assert found["segscore/iou.road"] == 40 / 48
    assert found["segscore/iou.sky"] == 16 / 24
    assert found["segscore/mean_iou"] == (40 / 48 + 16 / 24) / 2
    assert found["segscore/pixel_accuracy"] == 56 / 64
    assert "segscore/iou.car" not in found  # which is nowhere
    assert all(type(value) is float and math.isfinite(value) for value in found.values())


def test_every_headline_is_there_and_what_was_measured_of_shapes():
    plain, more = evaluated(), evaluated(boundary=(1, 2), distances=True, tolerances=(1, 2.5))
    added = more.to_metrics("").keys() - plain.to_metrics("").keys()
    of_surfaces = {"mean_surface_dice/1", "mean_surface_dice/2.5", "mean_hd95", "mean_assd"}
    assert added == {"mean_boundary_iou/1", "mean_boundary_iou/2"} | of_surfaces
    for name in ("mean_hd95", "mean_surface_dice@2.5", "mean_boundary_iou@2"):
        assert more.metric(name) in more.to_metrics("", metrics=[name]).values()


def test_infinite_distances_are_left_out():
    judge = Evaluator(["wall", "crack"], distances=True)
    target = np.zeros((8, 8), np.uint8)
    target[2:5, 2:5] = 1
    judge.add(pred=np.zeros_like(target), target=target, name="a")
    ev = judge.result()
    assert math.isinf(ev.metric("mean_hd95"))
    assert "mean_hd95" not in ev.to_metrics("")
    assert ev.to_metrics("", metrics=["surface_dice.crack@1", "hd95.crack"]) == {
        "images": 1.0,
        "failures": 0.0,
        "surface_dice.crack/1": 0.0,
    }


def test_numbers_are_chosen_by_their_names():
    ev = evaluated()
    assert ev.to_metrics("val/", metrics=["precision.sky", "mean_iou[road,sky]", "iou[road+sky]"]) == {
        "val/images": 1.0,
        "val/failures": 0.0,
        "val/precision.sky": 1.0,
        "val/mean_iou_x5b_road_x2c_sky_x5d_": (40 / 48 + 16 / 24) / 2,
        "val/iou_x5b_road_x2b_sky_x5d_": 1.0,
    }


def test_images_that_could_not_be_scored_are_counted(tmp_path):
    import segscore

    for side in ("pred", "target"):
        (tmp_path / side).mkdir()
        for name in "ab":
            shape = (2, 3 if (side, name) == ("pred", "b") else 2)
            np.save(tmp_path / side / f"{name}.npy", np.zeros(shape, np.uint8))
    sides = {side: tmp_path / side for side in ("pred", "target")}
    ev = segscore.evaluate(**sides, classes=2, on_error="skip", progress=False)
    found = ev.to_metrics("")
    assert (found["images"], found["failures"]) == (1, 1)


def test_hostile_names_become_names_that_trackers_take_and_none_becomes_another():
    names = [*HOSTILE_NAMES.values(), "a_x2f_b", "a/b", "a_b", "_x", "__x", "_x5f_x", "@1", "/1", "n" * 301]
    found = [written(f"iou.{name}", "segscore/") for name in names]
    assert len({*found}) == len({*names}) == len(names)
    for name in found:
        assert ALLOWED.fullmatch(name), name
        assert len(name) <= LONGEST
        parts = name.split("/")
        assert all(part not in ("", ".", "..") for part in parts), name
    assert found == [written(f"iou.{name}", "segscore/") for name in names]
    metrics = evaluated(names).to_metrics()
    assert {found[0], found[1]} < metrics.keys()


def test_a_class_with_an_at_sign_is_no_class_with_a_slash():
    metrics = evaluated(["a@2", "a/2"]).to_metrics("")
    assert {"iou.a/2", "iou.a_x2f_2"} <= metrics.keys()


def decoded(name):
    """Return the name that a short one was written for."""
    return re.sub(r"_x([0-9a-f]+)_", lambda match: chr(int(match[1], 16)), name.replace("/", "@"))


def test_what_is_written_can_be_read():
    random = np.random.default_rng(0)
    for _ in range(2000):
        name = "".join(random.choice(list("_x25f/@< a3ü.")) for _ in range(random.integers(1, 12)))
        assert decoded(written(name)) == name


@pytest.mark.parametrize("prefix", [None, 3, b"val/"])
def test_a_prefix_is_a_text(prefix):
    assert refused(ArgumentError, evaluated().to_metrics, prefix) == (
        f'`prefix` is {prefix!r}\nhint: it is a text, such as "val/"'
    )


def test_a_number_that_there_is_not_is_refused():
    assert refused(ArgumentError, evaluated().to_metrics, metrics=["iou.bus"]) == (
        "there is no class `bus`\nhint: the nearest are `road`, `sky`, `car`"
    )
