"""Any number that can be named, of any draw of images, is that of an evaluation of the images drawn."""

from itertools import product

import numpy as np
import pytest

from segscore import ArgumentError, Evaluation, Evaluator, compare
from segscore.scores.named import number_of
from segscore.statistics.intervals import confidence_intervals
from segscore.statistics.paired import paired, prepared, swapped
from segscore.statistics.prepared import Prepared
from segscore.statistics.units import Draw, Units, draws, of_parts, swaps
from segscore.statistics.units import weighted as units_weighted
from support import results

CLASSES = ["road", "car", "bus", "sky"]
NAMES = (
    "mean_iou",
    "kappa",
    "recall.bus",
    "mean_iou[car,bus]",
    "iou[car+bus]",
    "specificity[car+bus]",
    "mean_image_iou",
    "mean_image_dice",
    "mean_image_dice[car,sky]",
    "mean_image_dice[car+bus]",
    "correct_at(0.6).image_share",
    "correct_at(0.6).cell_share",
    "correct_at(0.7).class_share.car",
    "fine_grained.dice.image_mean",
    "fine_grained.iou.class_mean",
    "fine_grained.iou.image_worst",
    "fine_grained.accuracy.class_worst",
    "fine_grained.iou.quantile(30).image_mean",
    "fine_grained.iou.quantile(30).class_mean",
)
Pairs = list[tuple[np.ndarray, np.ndarray]]


def masks(number: int, seed: int) -> Pairs:
    random, made = np.random.default_rng(seed), []
    for _ in range(number):
        held = random.choice(4, random.integers(1, 5), replace=False)  # not every class is in every image
        target = random.choice(held, 60)
        right = random.random(60) < random.uniform(0.5, 1)
        made.append((np.where(right, target, random.integers(0, 4, 60)), target))
    return made


def evaluated(pairs: Pairs, names: list[str]) -> Evaluation:
    return results.evaluated(CLASSES, dict(zip(names, pairs, strict=True)))


def drawn(pairs: Pairs, weights: list[int]) -> Evaluation:
    """Return the evaluation of each image as often as its weight says."""
    many = [pair for pair, times in zip(pairs, weights, strict=True) for _ in range(times)]
    return evaluated(many, [f"{i:03}" for i in range(len(many))])


def ready(pairs: Pairs, groups: list[str] | None = None) -> tuple[Evaluation, Prepared]:
    ev = evaluated(pairs, [f"{i:03}" for i in range(len(pairs))])
    chosen = [number_of(name, ev.classes) for name in NAMES]
    return ev, Prepared(ev, np.arange(len(pairs)), ev.cells, Units.made(ev.names, groups), chosen)


def weighted(prepared: Prepared, weights: np.ndarray) -> Draw:
    """Return the sums of one weighting of units."""
    return prepared.sums.weighted(np.array([weights], dtype=np.uint8))


def test_all_units_once_are_the_sample() -> None:
    ev, prepared = ready(masks(9, seed=1))
    expected = [ev.metric(name) for name in NAMES]
    np.testing.assert_allclose(prepared.values(prepared.sums.total)[0], expected, rtol=1e-13)


FEW = ["pixel_accuracy", "recall.bus", "mean_iou[car,bus]", "specificity.car", "mean_image_iou"]


@pytest.mark.parametrize("names", [FEW[:1], FEW[1:2], FEW[:3], FEW, FEW[4:], [*FEW, "kappa"]])
def test_numbers_of_few_classes_are_the_same_as_among_all(names: list[str]) -> None:
    """Classes that none of them needs are summed as one."""
    pairs, images = masks(40, seed=1), [f"{i:02}" for i in range(40)]
    one = evaluated(pairs, images)
    among_all = confidence_intervals(one, [*names, "mean_iou"])
    for name, found in confidence_intervals(one, names).items():
        expected = among_all[name]
        assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-15)
    random = np.random.default_rng(3)
    two = evaluated(
        [(np.where(random.random(60) < 0.8, target, pred), target) for pred, target in pairs], images
    )
    a, b, _ = paired(one, two, "all")
    units = Units.made(a.names, None)

    def swaps_of(chosen: list[str]) -> np.ndarray:
        numbers = [number_of(name, one.classes) for name in chosen]
        return swapped(prepared((one, two), (a, b), units, numbers), 20, 0)[:, : len(names)]

    np.testing.assert_allclose(swaps_of(names), swaps_of([*names, "mean_iou"]), atol=1e-15)


@pytest.mark.parametrize("seed", range(4))
def test_a_draw_is_the_evaluation_of_the_images_drawn(seed: int) -> None:
    pairs = masks(9, seed=2)
    _, prepared = ready(pairs)
    weights = np.random.default_rng(seed).multinomial(9, np.full(9, 1 / 9))
    expected = drawn(pairs, weights.tolist())
    found = prepared.values(weighted(prepared, weights))[0]
    np.testing.assert_allclose(found, [expected.metric(name) for name in NAMES], rtol=1e-12)


def test_groups_are_drawn_as_a_whole() -> None:
    pairs = masks(9, seed=3)
    groups = list("aabbbccdd")
    _, prepared = ready(pairs, groups)
    expected = drawn(pairs, [2, 2, 0, 0, 0, 1, 1, 1, 1])
    found = prepared.values(weighted(prepared, np.array([2, 0, 1, 1])))[0]
    np.testing.assert_allclose(found, [expected.metric(name) for name in NAMES], rtol=1e-12)


def test_each_image_left_out_is_the_evaluation_of_the_others() -> None:
    pairs = masks(6, seed=4)
    _, prepared = ready(pairs)
    total = prepared.sums.total
    found = np.concatenate([prepared.values(total.minus(each)) for (each,) in of_parts([prepared.sums], 6)])
    for i in range(6):
        expected = drawn(pairs, [int(j != i) for j in range(6)])
        np.testing.assert_allclose(found[i], [expected.metric(name) for name in NAMES], rtol=1e-12)


@pytest.mark.parametrize(("most", "made"), [(8, 8), (126, 126), (127, 127), (2_000, 127)])
def test_swaps_are_differences_of_evaluations_with_swapped_images(most: int, made: int) -> None:
    one = masks(7, seed=5)
    random = np.random.default_rng(6)
    two = [(np.where(random.random(60) < 0.8, target, pred), target) for pred, target in one]
    names = [f"{i:03}" for i in range(7)]
    samples = evaluated(one, names), evaluated(two, names)
    a, b, _ = paired(*samples, "all")
    units = Units.made(a.names, None)
    chosen = [number_of(name, samples[0].classes) for name in NAMES]
    found = swapped(prepared(samples, (a, b), units, chosen), most, seed=7)
    of_next, number = swaps(units, 7, most)
    rows = of_next(number) > 0
    assert (number, len(found)) == (made, made)
    if most >= 127:  # all that change anything, each once
        assert {tuple(row) for row in rows.tolist()} == set(product((False, True), repeat=7)) - {(False,) * 7}
    for row, swap in list(zip(found, rows, strict=True))[-8:]:
        first = evaluated([q if s else p for p, q, s in zip(one, two, swap, strict=True)], names)
        second = evaluated([p if s else q for p, q, s in zip(one, two, swap, strict=True)], names)
        expected = [second.metric(name) - first.metric(name) for name in NAMES]
        np.testing.assert_allclose(row, np.nan_to_num(expected), atol=1e-12)


@pytest.mark.parametrize("cached", [1, 70, 1 << 18])
def test_a_seed_draws_the_same_however_many_rows_are_made_at_once(
    cached: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segscore.statistics.units._CACHED", cached)
    units = Units.made([f"{i:02}" for i in range(30)], None)
    next_draws, (next_swaps, _) = draws(units, 5), swaps(units, 5, 20)
    drawn = np.random.default_rng(5).integers(0, 30, (20, 30))
    swapped_units = np.random.default_rng(5).integers(0, 2, (20, 30))
    found = np.concatenate([next_draws(7), next_draws(13)])
    assert found.tolist() == [[row.count(unit) for unit in range(30)] for row in drawn.tolist()]
    assert np.concatenate([next_swaps(1), next_swaps(19)]).tolist() == swapped_units.tolist()
    assert found.dtype == np.uint8


@pytest.mark.parametrize(
    ("names", "widest"),
    [
        (["kappa"], 3 * 4),  # sums
        ([f"fine_grained.{one}.class_mean" for one in ("iou", "dice")], 2 * 2 * 4),  # further columns
        (["fine_grained.iou.image_worst"], 2 * 30),  # values of images that are ranked, for two models
    ],
)
def test_no_array_of_draws_is_larger_than_the_limit(
    names: list[str], widest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("_NUMBERS", "_CACHED"):
        monkeypatch.setattr(f"segscore.statistics.units.{limit}", 10 * widest)
    ev = evaluated(masks(30, seed=8), [f"{i:02}" for i in range(30)])
    units = Units.made(ev.names, [i % 11 for i in range(30)])
    chosen = [number_of(name, ev.classes) for name in names]
    sums = Prepared(ev, np.arange(30), ev.cells, units, chosen).sums
    assert [len(draw.tp) for (draw,) in units_weighted([sums], draws(units, 0), 25)] == [10, 10, 5]
    assert [len(each.tp) for (each,) in of_parts([sums], 11)] == [10, 1]


def rare(seed: int) -> Evaluation:
    """Return 40 images of which three have the class `crack`."""
    random, judge = np.random.default_rng(seed), Evaluator(["background", "crack"])
    for i in range(40):
        target = random.integers(0, 2, 50) if i < 3 else np.zeros(50, int)
        judge.add(pred=np.where(random.random(50) < 0.9, target, 1 - target), target=target, name=f"{i:02}")
    return judge.result()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("iou.crack", "too few images (3)"),
        ("foreground_iou", "too few images (3)"),
        ("iou[crack]", "too few images (3)"),
        ("mean_iou", "too few images of 1 of 2 classes"),
        ("mean_iou[crack]", "too few images of 1 of 1 classes"),
        ("fine_grained.iou.class_mean", "too few images of 1 of 2 classes"),
        ("fine_grained.iou.quantile(50).class_mean", "too few images of 1 of 2 classes"),
        ("fine_grained.iou.quantile(20).image_mean", "too few images (8)"),
        ("correct_at(0.5).class_share.crack", "too few images (3)"),
        ("mean_image_iou", None),
    ],
)
def test_numbers_of_a_rare_class_have_no_interval_by_whatever_name(name: str, reason: str | None) -> None:
    assert rare(0).confidence_interval(name, resamples=500).reason == reason


def test_confusions_alone_are_a_difference() -> None:
    target = np.repeat([0, 1, 2], 5)
    one, other = (  # the margins are the same, what is confused is not
        results.evaluated(["a", "b", "c"], [(np.array(cycle)[target], target)] * 40)
        for cycle in ([1, 2, 0], [2, 0, 1])
    )
    assert not compare(one, other).identical
    assert compare(one, one).identical


def test_what_is_no_list_of_names_is_refused() -> None:
    ev = rare(1)
    for wrong in ("mean_iou", None, 5):
        with pytest.raises(ArgumentError, match=f"expected a list of names as `metrics`, found {wrong!r}"):
            compare(ev, ev, metrics=wrong)
    with pytest.raises(ArgumentError, match="a metric is named by a text"):
        ev.metric(["mean_iou"])
