"""Numbers of shapes by their names: what they are, and how sure they are."""

import json
import math
from typing import Any

import numpy as np
import pytest

from segscore import ArgumentError, Classes, Evaluation, Evaluator, compare
from segscore.scores.named import number_of
from segscore.scores.shape_numbers import OfBands, OfDistance, OfSurface
from segscore.statistics.trust import INFINITE
from support.organs import EMPTY, ORGANS, cases, judged, with_missed
from support.refused import refused

ODD = Classes(["x", "x@2", "q@1", "a.b", "5.x", "a,b", "5"])


@pytest.fixture(scope="module")
def ev() -> Evaluation:
    return judged(cases(6))


# Names


@pytest.mark.parametrize(
    ("name", "kind", "metric", "label"),
    [
        ("hd95.x", OfDistance, "hd95", "x"),
        ("hd95.x@2", OfDistance, "hd95", "x@2"),
        ("hd95.a.b", OfDistance, "hd95", "a.b"),
        ("hd95.a,b", OfDistance, "hd95", "a,b"),
        # What is a class is read as one, whatever else it may be.
        ("hd95.5", OfDistance, "hd95", "5"),
        ("hd95.5.x", OfDistance, "hd95", "5.x"),
        ("mean_hd95.5", OfDistance, "mean_hd95.5", None),
        ("hd99.9.x", OfDistance, "hd99.9", "x"),
        ("hd", OfDistance, "mean_hd", None),
        ("assd", OfDistance, "mean_assd", None),
        ("masd.x", OfDistance, "masd", "x"),
        ("boundary_iou.q@1", OfBands, "boundary_iou", "q@1"),
        ("boundary_iou.x@3px", OfBands, "boundary_iou", "x"),
        ("trimap_iou@2%", OfBands, "mean_trimap_iou", None),
        ("surface_dice.x@2", OfSurface, "surface_dice", "x"),
        ("surface_dice.x@2@0.5", OfSurface, "surface_dice", "x@2"),
        ("surface_dice@2", OfSurface, "mean_surface_dice", None),
        ("mean_boundary_f1@2", OfSurface, "mean_boundary_f1", None),
    ],
)
def test_names_are_of_a_metric_and_of_a_class(name: str, kind: type, metric: str, label: str | None) -> None:
    found: Any = number_of(name, ODD)
    index = None if label is None else ODD.names.index(label)
    assert (type(found), found.name, found.metric.name, found.index) == (kind, name, metric, index)


def test_numbered_classes_are_read_as_such_behind_percentiles() -> None:
    found: Any = number_of("hd95.1", Classes.of(3))
    assert (found.metric.name, found.index) == ("hd95", 1)
    assert refused(ArgumentError, number_of, "hd95.9", Classes.of(3)) == (
        "there is no class `9`\nhint: the nearest are `0`, `1`, `2`"
    )
    for classes, name in ((Classes.of(3), "mean_hd95.9"), (ORGANS, "hd95.9")):
        assert number_of(name, classes).metric.name == "mean_hd95.9"


def test_percentiles_have_their_own_words() -> None:
    for name, label in (("hd99.5.liver", "HD99.5"), ("mean_hd50", "mean HD50"), ("hd95.liver", "HD95")):
        metric = number_of(name, ORGANS).metric
        assert (metric.label, metric.better, metric.unit) == (label, "lower", "px or mm")
        assert f"percentile {label.partition('HD')[2]} of the distances" in metric.explained


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("surface_dice.liver", "`surface_dice.liver` lacks a tolerance\n"
         "hint: such as `surface_dice.liver@2`, in the unit of the spacing"),
        ("boundary_f1", "`boundary_f1` lacks a tolerance\n"
         "hint: such as `boundary_f1@2`, in the unit of the spacing"),
        *((f"surface_dice.liver@{text}", f"`surface_dice.liver@{text}` has no number of 0 or more as "
           "tolerance\n"
           "hint: such as `surface_dice@2`") for text in ("", "x", "nan", "inf", "2mm")),
        ("surface_dice.liver@-1", "`surface_dice.liver@-1` has no number of 0 or more as tolerance\n"
         "hint: such as `surface_dice@2`"),
        ("hd95.liver@2", "`hd95.liver@2` has no tolerance\nhint: such as `hd95.liver`, or `surface_dice@2`"),
        ("hd0.liver", "expected a percentile from 1 to 100, found 0.0\n"
         "hint: 95 for HD95, 100 for all"),
        ("hd100.5", "expected a percentile from 1 to 100, found 100.5\n"
         "hint: 95 for HD95, 100 for all"),
        ("hd95.livr", "there is no class `livr`\nhint: the nearest is `liver`"),
        ("surface_dice.livr@2", "there is no class `livr`\nhint: the nearest is `liver`"),
        ("mean_hd95.liver", "there is no metric `mean_hd95.liver`\n"
         "hint: the nearest are `mean_hd95`, `hd95.background`"),
        ("mean_hd95[liver,spleen]", "there is no metric `mean_hd95[liver,spleen]`\n"
         "hint: the nearest are `hd95.spleen`, `mean_hd95`, `masd.spleen`"),
        ("hd\u0669\u0665.liver", "there is no metric `hd\u0669\u0665.liver`\n"
         "hint: the nearest are `dice.liver`, `iou.liver`, `recall.liver`"),
        ("hd95.background", "`hd95.background`: the surface of `background` is not measured, as means leave "
         "it out\nhint: means take in all classes that are not in `not_in_mean`; a binary task has one "
         "foreground"),
        ("boundary_iou@x", "'x' is no width of a band\n"
         "hint: 5 or 5px are pixels, 0.02 or 2% are a share of the diagonal of the image, less than 1"),
    ],
)  # fmt: skip
def test_names_that_are_none(name: str, told: str) -> None:
    assert refused(ArgumentError, number_of, name, ORGANS) == told


def test_a_width_that_was_not_measured(ev: Evaluation) -> None:
    assert refused(ArgumentError, ev.metric, "boundary_iou.liver@2") == (
        "no band of 2 px was measured\nhint: there are 1 px, 3 px; `boundary` takes several"
    )


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("hd95.liver", "distances of surfaces were not measured\n"
         "hint: evaluate with `distances=True`: counts of pixels do not say where these are"),
        ("surface_dice@2", "distances of surfaces were not measured\n"
         "hint: evaluate with `distances=True`: counts of pixels do not say where these are"),
        ("boundary_iou", "bands along boundaries were not measured\n"
         "hint: evaluate with `boundary=0.02`: counts of pixels do not say where these are"),
    ],
)  # fmt: skip
def test_what_was_not_measured_is_said_by_all_that_ask(name: str, told: str) -> None:
    plain = judged(cases(2), distances=False, boundary=None)
    limit = 0.5
    for ask, given in (
        (plain.metric, name),
        (plain.check, {name: limit}),
        (plain.confidence_interval, name),
        (plain.images.metric, name),
        (lambda by: plain.worst(by=by), name),
        (lambda one: compare(plain, plain, metrics=[one]), name),
    ):
        assert refused(ArgumentError, ask, given) == told


# Values


def test_numbers_are_those_of_the_scores(ev: Evaluation) -> None:
    surface, boundary = ev.surface, ev.boundary
    recall, precision = surface.recall(1)["liver"], surface.precision(1)["liver"]
    for name, value in {
        "hd.liver": surface.mean_hausdorff().per_class["liver"],
        "hd95.spleen": surface.mean_hausdorff(95).per_class["spleen"],
        "hd12.5.liver": surface.mean_hausdorff(12.5).per_class["liver"],
        "hd95": surface.mean_hausdorff(95).value,
        "mean_assd": surface.mean_assd().value,
        "masd": surface.mean_masd().value,
        "surface_dice.liver@1": surface.dice(1)["liver"],
        "surface_dice@1": surface.mean_dice(1),
        "boundary_recall.liver@1": recall,
        "boundary_precision.liver@1": precision,
        "boundary_f1.liver@1": 2 * recall * precision / (recall + precision),
        "boundary_recall@1": (recall + surface.recall(1)["spleen"]) / 2,
        "boundary_iou": boundary.mean_iou,
        "boundary_iou.background@3": boundary.at(3).iou["background"],
        "trimap_iou.liver": boundary.trimap_iou["liver"],
        "mean_trimap_iou@3": boundary.at(3).mean_trimap_iou,
    }.items():
        assert ev.metric(name) == pytest.approx(value, rel=1e-14), name


def test_numbers_of_images_are_those_of_each_alone(ev: Evaluation) -> None:
    alone = [judged([pair]) for pair in cases(6)]
    for name in (
        *("hd.liver", "hd95", "mean_masd", "assd.spleen", "surface_dice@1", "surface_dice.liver@2"),
        *("boundary_f1@1", "boundary_iou", "boundary_iou.liver@3", "trimap_iou"),
    ):
        values = [one.metric(name) for one in alone]
        assert ev.images.metric(name).tolist() == pytest.approx(values, rel=1e-14), name


def test_a_mean_over_images_is_of_those_that_have_the_class() -> None:
    ev = judged([*cases(3), (EMPTY, EMPTY)])
    assert ev.metric("hd95.liver") == pytest.approx(ev.images.metric("hd95.liver")[:3].mean(), rel=1e-14)
    assert math.isnan(judged([(EMPTY, EMPTY)]).metric("hd95.liver"))


def test_columns_of_images_have_the_names_of_their_metrics(ev: Evaluation) -> None:
    odd = Evaluator(ODD, distances=True, boundary=1)
    odd.add(pred=np.arange(49).reshape(7, 7) % 7, target=np.arange(49).reshape(7, 7) // 7)
    for found in (ev, odd.result()):
        for name, column in found.images.columns().items():
            if "@" in name or name.startswith(("hd", "assd", "masd", "boundary_iou")):
                np.testing.assert_array_equal(found.images.metric(name), column, name)


# Ranks


def test_the_worst_images_are_those_with_the_largest_distances() -> None:
    ev = judged([*with_missed(5), (EMPTY, EMPTY)])
    values = dict(zip(ev.names, ev.images.metric("hd95.liver").tolist(), strict=True))
    finite = sorted((value for value in values.values() if value < math.inf), reverse=True)
    worst, best = ev.worst(9, by="hd95.liver"), ev.best(9, by="hd95.liver")
    assert [value for _, value in worst] == [math.inf, *finite]
    assert [value for _, value in best] == [*finite[::-1], math.inf]
    assert worst[0][0] == "case_04"
    assert all(values[name] == value for name, value in (*worst, *best))
    shares = [value for _, value in ev.worst(9, by="surface_dice.liver@1")]
    assert shares == sorted(shares)
    assert shares[0] == 0


# Intervals and comparisons


@pytest.fixture(scope="module")
def forty() -> Evaluation:
    return judged(cases(40))


@pytest.mark.parametrize(
    "name",
    ["hd95.liver", "mean_assd", "surface_dice.liver@1", "boundary_f1@1", "boundary_iou", "trimap_iou@3"],
)
def test_intervals_of_shapes_hold_what_was_found(forty: Evaluation, name: str) -> None:
    found = forty.confidence_interval(name)
    assert found.reason is None
    assert found.value == forty.metric(name)
    assert found.low < found.value < found.high
    values = forty.images.metric(name)
    spread = 2.02 * values.std(ddof=1) / math.sqrt(40)
    assert found.high - found.low == pytest.approx(2 * spread, rel=0.3)


def test_what_is_infinite_has_no_interval_and_says_why() -> None:
    ev = judged(with_missed(40))
    assert (ev.confidence_interval("hd95.liver").value, ev.confidence_interval("hd95").value) == (
        math.inf,
        math.inf,
    )
    for name in ("hd95.liver", "hd95", "mean_assd"):
        found = ev.confidence_interval(name)
        assert found.reason == INFINITE
        assert math.isnan(found.low)
        assert math.isnan(found.high)
    assert ev.confidence_interval("surface_dice.liver@1").reason is None


def test_distances_are_compared_as_any_metric(forty: Evaluation) -> None:
    exact = judged([(target, target) for _, target in cases(40)])
    found = compare(forty, exact, metrics=["hd95.liver", "surface_dice.liver@1"])
    distance, dice = found["hd95.liver"], found["surface_dice.liver@1"]
    assert (distance.a, distance.b, distance.better) == (forty.metric("hd95.liver"), 0.0, "lower")
    assert distance.gain == -distance.difference > 0
    assert distance.significant
    assert distance.low < distance.difference < distance.high < 0
    assert (dice.b, dice.better, dice.significant) == (1.0, "higher", True)


@pytest.mark.parametrize("exchanged", [False, True])
def test_infinite_distances_are_compared_without_a_verdict(forty: Evaluation, exchanged: bool) -> None:
    worse = judged(with_missed(40))
    one, two = (worse, forty) if exchanged else (forty, worse)
    found = compare(one, two, metrics=["hd95.liver", "surface_dice.liver@1"])
    distance = found["hd95.liver"]
    assert distance.difference == (-math.inf if exchanged else math.inf)
    assert (distance.reason, distance.significant) == (INFINITE, False)
    assert math.isnan(distance.p)
    alone = compare(one, two, metrics=["surface_dice.liver@1"])["surface_dice.liver@1"]
    assert found["surface_dice.liver@1"] == alone  # another metric has its own p-value


def test_two_infinite_distances_have_no_difference() -> None:
    worse = judged(with_missed(40))
    found = compare(worse, worse, metrics=["hd95.liver"])["hd95.liver"]
    assert (found.a, found.b) == (math.inf, math.inf)
    assert math.isnan(found.difference)
    assert found.reason == INFINITE
    assert math.isnan(found.p)
    text = json.dumps(compare(worse, worse, metrics=["hd95.liver"]).to_dict(), allow_nan=False)
    assert '"hd95.liver"' in text


@pytest.mark.parametrize(
    ("options", "name", "told"),
    [
        ({"spacing": (2, 2)}, "hd95.liver", "`spacing` None and (2.0, 2.0), `surface` 'voxels' and 'area'"),
        ({"within": 4}, "surface_dice@1", "`within` None and 4.0"),
        ({"empty": "skip"}, "mean_assd", "`empty` 'inf' and 'skip'"),
        ({"boundary": 2}, "boundary_iou", "`boundary` 1 and 2"),
    ],
)
def test_what_was_measured_in_other_ways_is_not_compared(
    ev: Evaluation, options: dict[str, Any], name: str, told: str
) -> None:
    other = judged(cases(6), **options)
    assert refused(ArgumentError, compare, ev, other, metrics=[name]) == (
        f"`{name}` cannot be compared: it was measured with {told}\n"
        "hint: evaluate both models with the same options"
    )
    assert compare(ev, other)["mean_iou"].difference == 0


def test_what_does_not_hang_on_other_options_is_compared(ev: Evaluation) -> None:
    other = judged(cases(6), empty="skip", boundary=(2, 3), tolerances=4)
    found = compare(ev, other, metrics=["surface_dice@1", "boundary_iou@3"])
    assert {found[name].difference for name in ("surface_dice@1", "boundary_iou@3")} == {0.0}


def test_a_model_that_misses_more_is_not_nearer_unseen() -> None:
    pairs = cases(40)
    few = [(EMPTY if i < 30 else pred, target) for i, (pred, target) in enumerate(pairs)]
    found = compare(judged(pairs, empty="skip"), judged(few, empty="skip"), metrics=["hd95.liver"])
    (over,) = found.uneven
    last = judged(pairs[30:]).metric("hd95.liver")
    assert (over.name, over.covers, over.shared) == ("hd95.liver", (40, 10), 10)
    assert over.values == pytest.approx((last, last))
    assert "hd95.liver is over 40 images of a and 10 of b" in " ".join(str(found).split())
