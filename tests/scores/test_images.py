"""Scores of images as columns, in the order of any metric, and how much is right at a threshold."""

import pickle
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segscore import ArgumentError, Classes, Evaluation, Evaluator
from segscore.counts import cells
from segscore.pages.report import gathered, report_page
from segscore.scores.metric import class_metrics, headlines
from support.random_masks import IGNORED, binary, classes_of, evaluation_of, masks, ratio
from support.refused import refused
from support.results import evaluated


def means_by_pixels(pred: np.ndarray, target: np.ndarray, classes: Classes, formula: str) -> float:
    scored = target != IGNORED
    inside = [label for label in classes.labels if (target == label).any()]
    inside = [label for label in inside if label not in classes.not_in_mean]
    values = [binary(pred == label, target == label, scored)[formula] for label in inside]
    return ratio(sum(values), len(values))


@settings(max_examples=40)
@given(st.integers(0, 2**32), st.integers(1, 5), st.integers(1, 4), st.booleans())
def test_columns_are_what_pixels_give(seed: int, images: int, number: int, outside: bool) -> None:
    classes = classes_of(number, not_in_mean=[10] if outside else [])
    pairs = masks(seed, images, classes)
    found = evaluation_of(pairs, classes).images.columns()
    assert list(found) == [
        "name",
        "pixels",
        "ignored",
        "pixel_accuracy",
        "mean_image_iou",
        "mean_image_dice",
        *(f"iou.{name}" for name in classes.names),
    ]
    for i, (pred, target) in enumerate(pairs):
        scored = target != IGNORED
        expected = {
            "name": f"img{i}",
            "pixels": int(scored.sum()),
            "ignored": int((~scored).sum()),
            "pixel_accuracy": ratio(int((scored & (pred == target)).sum()), int(scored.sum())),
            "mean_image_iou": means_by_pixels(pred, target, classes, "iou"),
            "mean_image_dice": means_by_pixels(pred, target, classes, "dice"),
        }
        for name, label in zip(classes.names, classes.labels, strict=True):
            expected[f"iou.{name}"] = binary(pred == label, target == label, scored)["iou"]
        for key, value in expected.items():
            if isinstance(value, float):
                np.testing.assert_allclose(found[key][i], value, rtol=1e-14)
            else:
                assert found[key][i] == value


@pytest.mark.parametrize("block", [1, 13, 1 << 22])
def test_every_metric_is_that_of_the_image_alone(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(cells, "_BLOCK", block)
    classes = classes_of(4, not_in_mean=[11])
    pairs = masks(1, 7, classes, 5)
    ev = evaluation_of(pairs, classes)
    for name in (
        *headlines(classes, of_images=True),
        *(f"{metric.name}.{label}" for metric in class_metrics() for label in classes.names),
    ):
        values = ev.images.metric(name)
        assert (values.dtype, values.shape, values.flags.writeable) == (np.float64, (7,), False)
        formula, _, label = name.partition(".")
        for i, pair in enumerate(pairs):
            scores = evaluation_of([pair], classes).scores
            if label:
                expected = getattr(scores, formula)[classes.names.index(label)]
            elif name in ("mean_image_iou", "mean_image_dice"):
                expected = means_by_pixels(*pair, classes, name.removeprefix("mean_image_"))
            else:
                expected = getattr(scores, name)
            np.testing.assert_allclose(values[i], expected, rtol=1e-12, err_msg=name)


def tied() -> Evaluation:
    """Return images that tie at IoU 0 of the car, of which some have no car in the target."""
    judge = Evaluator(["road", "sky", "car"])
    for name, pred, target in (
        ("a", [0, 0, 0, 2], [0, 0, 0, 0]),  # only predicted, 1 pixel wrong
        ("b", [0, 0, 0, 0], [0, 0, 0, 2]),  # 1 pixel missed
        ("c", [0, 0, 0, 0], [0, 0, 2, 2]),  # 2 pixels missed
        ("d", [2, 2, 2, 0], [1, 1, 1, 1]),  # only predicted, 3 of 4 pixels wrong
        ("e", [1, 1, 1, 1], [0, 0, 0, 2]),  # 1 pixel missed, all pixels wrong
        ("f", [0, 0, 0, 2], [0, 0, 0, 2]),
    ):
        judge.add(pred=pred, target=target, name=name)
    return judge.result()


def test_equal_images_are_ranked_by_their_wrong_pixels() -> None:
    ev = tied()
    by_car = ev.worst(by="iou.car")
    assert [name for name, _ in by_car] == ["d", "c", "a", "b", "e", "f"]
    assert [one.in_target for one in by_car] == [False, True, False, True, True, True]
    assert repr(by_car[:2]) == "(('d', 0.0, not in this target), ('c', 0.0))"
    by_share = ev.worst(by="correct_at(0.5).class_share.car")
    assert all(one.in_target for one in by_share)  # which is of images with the class
    assert [name for name, _ in by_share] == ["c", "b", "e", "f"]
    assert [name for name, _ in ev.best(by="iou.car")] == ["f", "a", "b", "e", "c", "d"]
    assert [name for name, _ in ev.worst(3)] == ["d", "e", "c"]
    flat = {"a": ([1, 0, 0], [0, 0, 0]), "b": ([1, 1, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0])}  # 2 of 3 are right
    assert [name for name, _ in evaluated(["road", "sky"], flat).worst()] == ["b", "a"]
    assert all(one.in_target for one in ev.worst())
    copied = pickle.loads(pickle.dumps(by_car))
    assert (copied, copied[0].in_target) == (by_car, False)


def test_pages_rank_as_worst_does_and_say_what_is_not_in_a_target() -> None:
    page = report_page(tied())
    assert '0.0000, not in this target"]' in page
    for index, name in enumerate(("road", "sky", "car")):
        (ranking,) = (one for one in gathered(tied()).rankings if one.index == index)
        for found, expected in (
            (ranking.worst, tied().worst(8, f"iou.{name}")),
            (ranking.best, tied().best(8, f"iou.{name}")),
        ):
            assert found == expected
            assert [one.in_target for one in found] == [one.in_target for one in expected]


def test_a_metric_without_a_value_is_left_out_of_worst_and_best() -> None:
    judge = Evaluator(["road", "sky"], ignore_index=255)
    for name, pred, target in (
        ("a", [0, 0, 1, 1], [0, 0, 0, 1]),  # sky 1/2
        ("b", [0, 0, 0, 0], [0, 0, 0, 0]),  # no sky
        ("c", [0, 0, 0, 1], [0, 0, 0, 0]),  # sky only predicted: 0
        ("d", [1, 1, 1, 1], [1, 1, 1, 1]),
        ("e", [1, 1, 1, 1], [1, 1, 1, 1]),
        ("f", [1, 1, 1, 1], [255] * 4),
    ):
        judge.add(pred=pred, target=target, name=name)
    ev = judge.result()
    assert ev.worst(by="iou.sky") == (("c", 0.0), ("a", 0.5), ("d", 1.0), ("e", 1.0))
    assert ev.best(by="iou.sky") == (("d", 1.0), ("e", 1.0), ("a", 0.5), ("c", 0.0))
    assert ev.best(1, by="pixel_accuracy") == (("b", 1.0),)
    assert ev.worst(2, "mean_image_dice") == (("a", (0.8 + 2 / 3) / 2), ("c", 6 / 7))
    assert ev.worst(1)[0] == ("a", pytest.approx((2 / 3 + 1 / 2) / 2))
    assert [name for name, _ in ev.best(9)] == ["b", "d", "e", "c", "a"]
    assert (ev.best(0), ev.worst(0, "kappa")) == ((), ())
    assert refused(ArgumentError, ev.best, 2, by="iou.sly") == (
        "there is no class `sly`\nhint: the nearest is `sky`"
    )
    assert refused(ArgumentError, ev.best, 2.0) == "`n` is 2.0\nhint: it is a number of images, 0 or more"


# Data frames

UNDECODABLE = "night\udcff"


@pytest.fixture
def images():
    judge = Evaluator(["road", "sky"], ignore_index=255)
    judge.add(pred=[0, 0, 1, 1], target=[0, 0, 0, 1], name="day")
    judge.add(pred=[0, 0, 0, 0], target=[0, 255, 255, 255], name=UNDECODABLE)
    return judge.result().images


@pytest.mark.parametrize(
    ("backend", "kind"), [("polars", pl.DataFrame), ("pandas", pd.DataFrame), ("pyarrow", pa.Table)]
)
def test_a_frame_holds_the_columns(images, backend, kind) -> None:
    frame = images.to_frame(backend)
    assert type(frame) is kind
    found = frame.to_pydict() if backend == "pyarrow" else {k: frame[k].to_list() for k in frame.columns}
    undefined = found["iou.sky"].pop()
    assert np.isnan(undefined) if backend == "pandas" else undefined is None
    assert found == {
        "name": ["day", "night\\udcff"],
        "pixels": [4, 1],
        "ignored": [0, 3],
        "pixel_accuracy": [0.75, 1.0],
        "mean_image_iou": [pytest.approx(7 / 12), 1.0],
        "mean_image_dice": [pytest.approx(11 / 15), 1.0],
        "iou.road": [2 / 3, 1.0],
        "iou.sky": [0.5],
    }


def test_means_of_a_frame_leave_out_the_undefined(images) -> None:
    assert images.to_frame("polars")["iou.sky"].mean() == images.to_frame("pandas")["iou.sky"].mean() == 0.5


@settings(max_examples=40)
@given(st.integers(0, 2**32), st.integers(1, 6), st.integers(1, 4), st.booleans())
def test_counts_at_every_hundredth_are_those_of_exact_fractions(
    seed: int, images: int, number: int, outside: bool
) -> None:
    classes = classes_of(number, not_in_mean=[10] if outside else [])
    pairs = masks(seed, images, classes, 10)
    ev = evaluation_of(pairs, classes)
    curve = ev.correct_curve()
    per_class = np.zeros((101, number), int)
    of_class = np.zeros(number, int)
    means = []
    for pred, target in pairs:
        scored, inside = target != IGNORED, []
        for k, label in enumerate(classes.labels):
            p, t = scored & (pred == label), target == label
            if t.any():
                iou = Fraction(int((p & t).sum()), int((p | t).sum()))
                of_class[k] += 1
                per_class[:, k] += [iou >= Fraction(i, 100) for i in range(101)]
                inside += [iou] if classes.in_mean[k] else []
        means += [sum(inside) / len(inside)] if inside else []
    assert curve.class_cells.tolist() == per_class.tolist()
    assert curve.of_class_cells.tolist() == of_class.tolist()
    assert curve.cells.tolist() == per_class[:, classes.in_mean].sum(axis=1).tolist()
    assert curve.of_cells == of_class[classes.in_mean].sum()
    assert curve.images.tolist() == [sum(mean >= Fraction(i, 100) for mean in means) for i in range(101)]
    assert curve.of_images == len(means)
    for i in (0, 30, 50, 100):
        one = ev.correct_at(i / 100)
        assert (one.threshold, one.images, one.of_images) == (i / 100, curve.images[i], len(means))
        assert (one.cells, one.of_cells) == (curve.cells[i], curve.of_cells)
        assert all(type(n) is int for n in (one.images, one.of_images, one.cells, one.of_cells))
        np.testing.assert_array_equal(one.class_cells, curve.class_cells[i])
        np.testing.assert_array_equal(one.class_share, curve.class_share[i])
        np.testing.assert_array_equal(
            [one.image_share, one.cell_share], [curve.image_share[i], curve.cell_share[i]]
        )


def test_shares_by_hand() -> None:
    judge = Evaluator(["road", "sky", "car"], ignore_index=255)
    judge.add(pred=[0, 0, 1, 1], target=[0, 0, 0, 1])  # road 2/3, sky 1/2
    judge.add(pred=[0, 0, 0, 2], target=[0, 0, 0, 0])  # road 3/4; car only predicted
    judge.add(pred=[0, 0], target=[255, 255])
    ev = judge.result()
    found = ev.correct_at(2 / 3)
    assert (found.images, found.of_images, found.image_share) == (1, 2, 0.5)
    assert (found.cells, found.of_cells, found.cell_share) == (2, 3, 2 / 3)
    assert (found.class_cells.tolist(), found.of_class_cells.tolist()) == ([2, 0, 0], [2, 1, 0])
    np.testing.assert_array_equal(found.class_share, [1.0, 0.0, np.nan])
    assert repr(found) == "<Correct at IoU 0.666667: 1 of 2 images, 2 of 3 classes in images>"
    assert ev.correct_at().images == 2
    curve = ev.correct_curve([0.5, 0.51, 0.7])
    assert (curve.cells.tolist(), curve.cell_share.tolist()) == ([3, 2, 1], [1.0, 2 / 3, 1 / 3])
    assert repr(curve) == "<CorrectCurve of 2 images: 3 thresholds from 0.5 to 0.7>"
    arrays = (curve.thresholds, curve.images, curve.cells, curve.class_cells, curve.class_share)
    assert not any(array.flags.writeable for array in (*arrays, found.class_cells, found.class_share))
    sent = pickle.loads(pickle.dumps(curve))
    assert (sent.images.tolist(), sent.images.flags.writeable) == (curve.images.tolist(), False)


def test_nothing_to_count_has_no_share() -> None:
    found = evaluated(2, [([0], [9])], ignore_index=9).correct_at(0)
    assert (found.images, found.of_images, found.cells, found.of_cells) == (0, 0, 0, 0)
    assert np.isnan([found.image_share, found.cell_share, *found.class_share]).all()


def test_a_caller_keeps_the_thresholds_writable() -> None:
    given = np.array([0.25, 0.5])
    curve = evaluation_of(masks(1, 2, classes_of(2)), classes_of(2)).correct_curve(given)
    given[0] = 0.4
    assert curve.thresholds.tolist() == [0.25, 0.5]


EV = evaluation_of([(np.array([10]), np.array([10]))], classes_of(1))


@pytest.mark.parametrize("threshold", [-0.1, 1.01, float("nan"), "0.5", True, None, [0.5], 50])
def test_a_bad_threshold_is_an_error(threshold: object) -> None:
    assert refused(ArgumentError, EV.correct_at, threshold) == (
        f"expected a threshold of IoU from 0 to 1, found {threshold!r}\n"
        "hint: such as 0.5; `correct_curve` takes several"
    )


@pytest.mark.parametrize(
    "thresholds",
    [
        0.5,
        [],
        [0.5, 0.5],
        [0.6, 0.5],
        [0, 2],
        [-1, 0],
        [0, float("nan"), 1],
        ["a"],
        [True],
        [[0.5]],
        [[1], [0, 1]],
    ],
)
def test_bad_thresholds_are_an_error(thresholds: object) -> None:
    assert refused(ArgumentError, EV.correct_curve, thresholds) == (
        f"expected thresholds of IoU from 0 to 1 in rising order, found {thresholds!r}\n"
        "hint: such as [0.5, 0.75, 0.9]"
    )


def test_an_image_has_two_means_and_each_has_its_name() -> None:
    """One over the classes of the target, one with those that are only predicted, as in its scores alone."""
    ev = tied()
    for i, name in enumerate(ev.names):
        alone = ev.select([name])
        for metric in ("mean_iou", "mean_dice", "mean_image_iou", "mean_image_dice"):
            assert ev.images.metric(metric)[i] == alone.metric(metric)
        assert alone.scores.mean_iou == ev.images.metric("mean_iou")[i]
        assert alone.mean_image_iou == ev.images.mean_image_iou[i]
    assert (ev.images.metric("mean_iou") < ev.images.mean_image_iou).tolist() == [
        name in "ad" and ev.images.mean_image_iou[i] > 0 for i, name in enumerate(ev.names)
    ]
    with pytest.raises(AttributeError) as error:
        _ = ev.images.mean_iou  # type: ignore[attr-defined]
    assert str(error.value) == (
        "'ImageScores' object has no attribute 'mean_iou'\nhint: it is called `mean_image_iou` here"
    )
