"""Numbers by the names that users type: what they are, and what an unknown name is answered with."""

import math
import re

import numpy as np
import pytest

from segscore import ArgumentError, Classes, Evaluation, Evaluator, compare
from segscore.scores.metric import METRICS, class_metrics, headlines, whole_metrics
from segscore.scores.named import number_of
from support.refused import refused
from support.results import evaluated

CLASSES = Classes(["road", "sky", "car.red", "a,b", "b", "a+b"], not_in_mean=[1])
BINARY = Classes(["background", "crack"])


@pytest.fixture(scope="module")
def ev() -> Evaluation:
    random, judge = np.random.default_rng(0), Evaluator(CLASSES)
    for i in range(6):
        held = random.choice(6, 4, replace=False)
        target = random.choice(held, 99)
        judge.add(pred=np.where(random.random(99) < 0.6, target, 0), target=target, name=f"{i}")
    return judge.result()


@pytest.mark.parametrize("classes", [CLASSES, BINARY])
def test_each_property_of_scores_is_the_metric_of_its_name(classes: Classes) -> None:
    random, judge = np.random.default_rng(1), Evaluator(classes)
    judge.add(pred=random.integers(0, 2, 99), target=random.integers(0, 2, 99), name="a")
    ev = judge.result()
    for metric in (*class_metrics(), *whole_metrics(classes, of_images=False)):
        found = np.asarray(getattr(ev.scores, metric.name))
        np.testing.assert_array_equal(found, ev.scores.value(metric), err_msg=metric.name)
        if metric.of == "whole":
            assert ev.metric(metric.name) == float(found)
    for metric in class_metrics():
        for i, name in enumerate(classes.names):
            expected = getattr(ev.scores, metric.name)[i]
            np.testing.assert_equal(ev.metric(f"{metric.name}.{name}"), expected)


def test_headlines_of_a_binary_task_begin_with_its_foreground() -> None:
    assert headlines(BINARY)[:2] == ("foreground_iou", "foreground_dice")
    assert not [name for name in headlines(CLASSES, of_images=True) if "foreground" in name]


def test_a_mean_over_some_classes(ev: Evaluation) -> None:
    iou = dict(zip(CLASSES.names, ev.scores.iou.tolist(), strict=True))
    assert ev.metric("mean_iou[road,car.red]") == (iou["road"] + iou["car.red"]) / 2
    assert ev.metric("mean_iou[sky]") == iou["sky"]  # also a class that means leave out
    assert ev.metric('mean_iou[road , "car.red" ]') == ev.metric("mean_iou[road,car.red]")
    assert ev.metric("mean_dice[a,b,b]") == np.mean([ev.scores.dice[3], ev.scores.dice[4]])


def test_a_union_of_classes_is_that_of_regions(ev: Evaluation) -> None:
    found = ev.regions({"r": ["road", "car.red"], "s": ["a+b", "b"]})
    for metric in ("iou", "dice", "precision", "recall"):
        assert ev.metric(f"{metric}[road+car.red]") == getattr(found, metric)[0]
        assert ev.metric(f"{metric}[a+b+b]") == getattr(found, metric)[1]
    assert ev.metric("mean_image_dice[road+car.red]") == pytest.approx(found.mean_image_dice[0], rel=1e-14)


def test_means_over_images_are_those_of_the_images(ev: Evaluation) -> None:
    assert ev.metric("mean_image_iou") == ev.mean_image_iou == np.nanmean(ev.images.mean_image_iou)
    assert ev.metric("mean_image_dice") == ev.mean_image_dice == np.nanmean(ev.images.mean_image_dice)
    np.testing.assert_array_equal(ev.images.metric("mean_image_iou"), ev.images.mean_image_iou)


def test_the_foreground_of_images_and_what_empty_ones_count() -> None:
    judge = Evaluator(BINARY)
    images = [("a", [0, 1, 1, 1], [0, 0, 1, 1]), ("b", [0, 0], [0, 0]), ("c", [0, 1], [0, 0])]
    for name, pred, target in images:
        judge.add(pred=pred, target=target, name=name)
    ev = judge.result()
    assert ev.metric("mean_image_foreground_iou") == (2 / 3 + 0) / 2
    assert ev.metric("mean_image_foreground_iou_with_empty") == pytest.approx((2 / 3 + 1 + 0) / 3)
    assert ev.metric("mean_image_foreground_dice_with_empty") == pytest.approx((0.8 + 1 + 0) / 3)
    assert "mean image foreground IoU" in str(ev)
    assert "both empty" not in str(ev)


def test_names_of_what_python_spells_the_same(ev: Evaluation) -> None:
    correct, fine = ev.correct_at(0.4), ev.fine_grained.accuracy
    assert ev.metric("correct_at(0.4).image_share") == correct.image_share
    assert ev.metric("correct_at(0.4).cell_share") == correct.cell_share
    assert ev.metric("correct_at(0.4).class_share.a,b") == correct.class_share[3]
    assert ev.metric("fine_grained.accuracy.image_mean") == pytest.approx(fine.image_mean, rel=1e-14)
    assert ev.metric("fine_grained.accuracy.class_mean") == fine.class_mean
    assert ev.metric("fine_grained.accuracy.image_worst") == fine.image_worst
    assert ev.metric("fine_grained.accuracy.class_worst") == fine.class_worst
    assert ev.metric("fine_grained.accuracy.quantile(25).class_mean") == fine.quantile(25).class_mean


@pytest.mark.parametrize(
    "name", ["mean_image_iou", "iou[road+b]", "correct_at(0.5).image_share", "fine_grained.iou.image_worst"]
)
def test_any_number_ranks_gates_has_an_interval_and_is_compared(ev: Evaluation, name: str) -> None:
    assert ev.worst(1, by=name)[0][1] == np.nanmin(ev.images.metric(name))
    (gate,) = ev.check({name: 0.99})
    assert (gate.name, gate.passed) == (name, ev.metric(name) >= 0.99)
    assert ev.check(f"{name}=-1")[0].passed
    assert ev.confidence_interval(name).value == pytest.approx(ev.metric(name))
    assert compare(ev, ev, metrics=[name])[name].a == pytest.approx(ev.metric(name))


@pytest.mark.parametrize("of", ["image_mean", "class_mean", "class_worst", "quantile(5).class_mean"])
def test_images_are_ranked_by_what_each_has_alone(ev: Evaluation, of: str) -> None:
    name = f"fine_grained.dice.{of}"
    alone = [ev.select([image]).metric(name) for image in ev.names]
    np.testing.assert_allclose(ev.images.metric(name), alone, rtol=1e-14)


def test_scores_without_images_say_where_such_numbers_are(ev: Evaluation) -> None:
    assert refused(ArgumentError, ev.scores.check, {"mean_image_iou": 0.5}) == (
        "`mean_image_iou` is read from the counts of each image, which these scores do not hold\n"
        "hint: an evaluation holds them: `ev.check`, `segscore evaluate --fail-under`"
    )


def test_a_name_that_can_mean_two_things_is_refused() -> None:
    classes = Classes(["c,d", "c", "d", "c+d", " d"])
    for name, message in (
        ("mean_iou[c,d]", '`mean_iou["c,d"]` or `mean_iou["c", "d"]`'),
        ("iou[c+d]", '`iou["c"+"d"]` or `iou["c+d"]`'),
        ("mean_image_iou[c+d]", '`mean_image_iou["c+d"]` or `mean_image_iou["c"+"d"]`'),
        ("mean_iou[ d]", '`mean_iou["d"]` or `mean_iou[" d"]`'),
    ):
        assert refused(ArgumentError, number_of, name, classes) == (
            f"`{name}` can mean more than one thing\nhint: {message}: names may stand in quotation marks"
        )
        for reading in re.findall("`([^`]*)`", message):
            assert number_of(reading, classes).name == reading
    assert number_of('mean_iou["d", "c"]', classes).among == (2, 1)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("meaniou", "there is no metric `meaniou`\nhint: the nearest are `mean_iou`, "),
        ("iou.cat", "there is no class `cat`\nhint: the nearest is `car.red`"),
        ("zzz.sky", "there is no metric `zzz.sky`\nhint: "),
        ("mean_iou.sky", "there is no metric `mean_iou.sky`\nhint: "),
        ("iou", "there is no metric `iou`\nhint: "),
        ("mean_iou[road,cat]", "there is no class `cat`\nhint: "),
        ("mean_iou[road,road]", "there is no class `road,road`\nhint: "),
        ("mean_iou[road+sky]", "there is no class `road+sky`\nhint: "),
        ("iou[road,sky]", "there is no class `road,sky`\nhint: "),
        ("mean_iou[road, cat]", "there is no class `cat`\nhint: "),
        ("mean_iou[]", "`mean_iou[]` lacks the name of a class\nhint: such as `road`"),
        ("mean_iou[road,]", "`mean_iou[road,]` lacks the name of a class\nhint: such as `road`"),
        ("iou.", "`iou.` lacks the name of a class\nhint: such as `road`"),
        ("precison.sky", "there is no metric `precison.sky`\nhint: the nearest are `precision.sky`, "),
        ("x" * 5_000, f"there is no metric `{'x' * 200}…`\nhint: "),
        ("kappa[road]", "`kappa` is no mean over classes, so that there is none of some of them\nhint: "),
        ("correct_at(2).image_share", "there is no metric `correct_at(2).image_share`\nhint: "),
        ("correct_at(0.5).image_share.sky", "there is no metric `correct_at(0.5).image_share.sky`\nhint: "),
        ("correct_at(0.5).class_share.cat", "there is no class `cat`\nhint: "),
        ("fine_grained.iou.quantile(0).image_mean", "there is no metric `fine_grained.iou.quantile(0)."),
        ("fine_grained.iou..image_mean", "there is no metric `fine_grained.iou..image_mean`\nhint: "),
        ("fine_grained.kappa.image_mean", "there is no metric `fine_grained.kappa.image_mean`\nhint: "),
        ("foreground_iou", "there is no metric `foreground_iou`"),
        (7, "a metric is named by a text, found 7\nhint: such as 'mean_iou'"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(name: object, message: str) -> None:
    assert refused(ArgumentError, number_of, name, CLASSES).startswith(message)


def test_undefined_numbers_are_nan() -> None:
    ev = evaluated(Classes(["road", "sky"], ignore=[9]), {"a": ([0, 1], [9, 9])})
    for name in (*headlines(ev.classes, of_images=True), "iou[road+sky]", "fine_grained.iou.class_worst"):
        assert math.isnan(ev.metric(name)), name
    assert all(metric.undefined and metric.explained and metric.label for metric in METRICS.values())


def test_a_mean_of_more_classes_than_python_goes_deep() -> None:
    names = [f"c{i}" for i in range(1_100)]
    asked = number_of(f"mean_iou[{','.join(names)}]", Classes(names))
    assert asked.among == tuple(range(1_100))  # type: ignore[attr-defined]
