"""Fine-grained means: what loops over images and classes give that follow the definition."""

import json
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segscore import ArgumentError, Classes
from segscore.scores.fine_grained import FineGrained
from support.refused import refused
from support.results import evaluated

MISSES = "ignore:`pred` holds the label"
Pairs = list[tuple[np.ndarray, np.ndarray]]


def a_value(metric: str, pred: np.ndarray, target: np.ndarray, label: int) -> float:
    """Return a class's score in pixels that are all scored; NaN where it is 0/0."""
    tp = int(((pred == label) & (target == label)).sum())
    fp = int(((pred == label) & (target != label)).sum())
    fn = int(((pred != label) & (target == label)).sum())
    part, whole = {
        "iou": (tp, tp + fp + fn),
        "dice": (2 * tp, 2 * tp + fp + fn),
        "accuracy": (tp, tp + fn),
    }[metric]
    return part / whole if whole else math.nan


def mean(values: list[float]) -> float:
    defined = [value for value in values if not math.isnan(value)]
    return sum(defined) / len(defined) if defined else math.nan


def worst(values: list[float], q: int) -> float:
    return mean(sorted(values)[: max(1, q * len(values) // 100)])


def naive(metric: str, masks: Pairs, classes: Classes, ignored: int, q: int) -> dict[str, object]:
    """Return what the definition gives, class by class and image by image."""
    scored = [(pred[target != ignored], target[target != ignored]) for pred, target in masks]
    pred, target = (np.concatenate(side) for side in zip(*scored, strict=True))
    means = np.flatnonzero(classes.in_mean).tolist()
    per_image, of_class = [], {label: [] for label in range(len(classes))}
    for p, t in scored:
        values = {label: a_value(metric, p, t, label) for label in of_class if (t == label).any()}
        per_image.append(mean([value for label, value in values.items() if label in means]))
        for label, value in values.items():
            of_class[label].append(value)
    images = [value for value in per_image if not math.isnan(value)]
    return {
        "dataset_mean": mean([a_value(metric, pred, target, label) for label in means]),
        "per_image": per_image,
        "per_class": [mean(values) for values in of_class.values()],
        "image_mean": mean(per_image),
        "class_mean": mean([mean(of_class[label]) for label in means]),
        "image_worst": mean([worst(images, p) for p in range(10, 110, 10)]),
        "class_worst": mean([mean([worst(of_class[m], p) for m in means]) for p in range(10, 110, 10)]),
        "q_image": worst(images, q),
        "q_class": mean([worst(of_class[label], q) for label in means]),
        "q_per_class": [worst(values, q) for values in of_class.values()],
    }


@pytest.mark.filterwarnings(MISSES)
@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(1, 25), st.integers(2, 5), st.integers(1, 100), st.booleans())
def test_means_follow_the_definition(
    seed: int, images: int, number: int, q: int, without_background: bool
) -> None:
    random = np.random.default_rng(seed)
    outside = [0] if without_background else []
    classes = Classes([f"c{i}" for i in range(number)], ignore=[9], not_in_mean=outside)
    masks = []
    for _ in range(images):
        known = random.choice([*range(number), 9], random.integers(1, number + 2))
        target = random.choice(known, 12)
        pred = np.where(random.random(12) < 0.5, target, random.choice([*range(number), 9], 12))
        masks.append((pred, target))
    result = evaluated(classes, masks).fine_grained
    for metric in ("iou", "dice", "accuracy"):
        averages = getattr(result, metric)
        part = averages.quantile(q)
        found = {name: getattr(averages, name) for name in ("dataset_mean", "image_mean", "class_mean")}
        found |= {name: getattr(averages, name) for name in ("image_worst", "class_worst")}
        found |= {"per_image": averages.per_image, "per_class": averages.per_class}
        found |= {"q_image": part.image_mean, "q_class": part.class_mean, "q_per_class": part.per_class}
        expected = naive(metric, masks, classes, 9, q)
        assert found.keys() == expected.keys()
        for name, value in expected.items():
            np.testing.assert_allclose(found[name], value, rtol=1e-12, atol=0, err_msg=f"{metric} {name}")


def test_a_case_by_hand() -> None:
    # IoU of image 1: road 2/3, sky 1/2; of image 2: road 1, and the sky is not in its target.
    masks = [([0, 0, 0, 1], [0, 0, 1, 1]), ([0, 0, 0, 0], [0, 0, 0, 0])]
    iou = evaluated(Classes(["road", "sky", "car"]), masks).fine_grained.iou
    assert iou.per_image.tolist() == pytest.approx([7 / 12, 1])
    assert iou.per_class[:2].tolist() == pytest.approx([5 / 6, 1 / 2])
    assert math.isnan(iou.per_class[2])
    assert iou.dataset_mean == pytest.approx((6 / 7 + 1 / 2) / 2)
    assert (iou.image_mean, iou.class_mean) == pytest.approx((19 / 24, 2 / 3))
    half = iou.quantile(50)
    assert (half.q, half.image_mean, half.class_mean) == pytest.approx((50, 7 / 12, 7 / 12))
    assert half.per_class[:2].tolist() == pytest.approx([2 / 3, 1 / 2])
    # Of two images, 10 % to 90 % are the worst one.
    assert iou.image_worst == pytest.approx((9 * 7 / 12 + 19 / 24) / 10)


def test_a_class_that_an_image_only_predicts_has_no_value_there() -> None:
    masks = [([0, 0, 1, 1], [0, 0, 0, 0]), ([0, 0, 1, 1], [0, 0, 1, 1])]
    result = evaluated(Classes(["road", "sky"]), masks).fine_grained
    assert result.iou.per_image.tolist() == [0.5, 1.0]
    assert result.iou.per_class.tolist() == [0.75, 1.0]


def test_means_over_images_and_the_dataset_are_those_of_other_properties() -> None:
    random = np.random.default_rng(1)
    masks = [(random.integers(0, 4, 50), random.integers(0, 4, 50)) for _ in range(30)]
    ev = evaluated(Classes(["a", "b", "c", "d"]), masks)
    means = ev.fine_grained
    assert means.iou.dataset_mean == ev.scores.mean_iou
    assert means.dice.dataset_mean == ev.scores.mean_dice
    assert means.accuracy.dataset_mean == ev.scores.mean_accuracy
    np.testing.assert_allclose(means.iou.per_image, ev.images.mean_image_iou, rtol=1e-15)
    assert means.iou.image_mean == pytest.approx(ev.mean_image_iou, rel=1e-15)


@pytest.mark.parametrize("q", [1, 3, 7, 29, 57, 58, 70, 100])
@pytest.mark.parametrize("images", [1, 7, 10, 100])
def test_so_many_images_are_the_worst(q: int, images: int) -> None:
    # Image i has i + 1 of 100 pixels right; in floats, 29 / 100 * 100 is less than 29.
    right = np.arange(100)
    masks = [(np.where(right <= i, 0, 1), np.zeros(100, int)) for i in range(images)]
    part = evaluated(Classes(["road", "sky"]), masks).fine_grained.accuracy.quantile(q)
    taken = max(1, q * images // 100)
    assert part.image_mean == pytest.approx((taken + 1) / 200)
    assert part.per_class[0] == pytest.approx((taken + 1) / 200)


@pytest.mark.parametrize("masks", [[([0, 1], [9, 9])], [([2, 1], [9, 9]), ([1, 0], [9, 9])]])
def test_images_without_classes_have_no_mean(masks: Pairs) -> None:
    result = evaluated(Classes(["road", "sky"], ignore=[9]), masks).fine_grained
    assert result.images == len(masks)
    for averages in (result.iou, result.dice, result.accuracy):
        part = averages.quantile(5)
        numbers = [averages.dataset_mean, averages.image_mean, averages.class_mean, part.image_mean]
        numbers += [averages.image_worst, averages.class_worst, part.class_mean]
        assert np.isnan([*numbers, *averages.per_image, *averages.per_class, *part.per_class]).all()
        assert averages.per_image.shape == (len(masks),)


def test_one_image_is_the_worst_and_the_mean() -> None:
    iou = evaluated(Classes(["road", "sky", "car"]), [([0, 1, 1], [0, 0, 1])]).fine_grained.iou
    assert iou.image_mean == iou.quantile(1).image_mean == iou.class_worst == 0.5
    assert iou.image_worst == pytest.approx(0.5, rel=1e-15)


@pytest.mark.parametrize("q", [0, -1, 100.5, math.nan, "5", None])
def test_a_quantile_is_a_percentage(q: object) -> None:
    iou = evaluated(Classes(["road"]), [([0], [0])]).fine_grained.iou
    assert refused(ArgumentError, iou.quantile, q) == (
        f"expected `q` above 0 and at most 100, found {q!r}\n"
        "hint: it is a percentage: 5 takes the worst twentieth of the images"
    )


def test_results_are_read_only_also_after_pickle() -> None:
    iou = evaluated(Classes(["road", "sky"]), [([0, 1], [0, 0])]).fine_grained.iou
    for one in (iou, pickle.loads(pickle.dumps(iou))):
        for array in (one.per_image, one.per_class, one.quantile(5).per_class):
            assert not array.flags.writeable
    assert pickle.loads(pickle.dumps(iou)).class_worst == iou.class_worst


def test_text_says_what_the_means_cover() -> None:
    masks = [([0, 0, 0, 1], [0, 0, 1, 1]), ([0, 0, 0, 0], [0, 0, 0, 0]), ([0], [9])]
    result = evaluated(Classes(["road", "sky", "\x1bcar"], ignore=[9]), masks).fine_grained
    assert str(result) == (
        "mean      dataset  images  classes  worst images  worst of classes\n"
        "IoU        0.6786  0.7917   0.6667        0.6042            0.5917\n"
        "Dice       0.7949  0.8667   0.7833        0.7467            0.7383\n"
        "accuracy   0.7500  0.8750   0.7500        0.7625            0.7500\n"
        "\n"
        "over images: 2 of 3 have a class of the mean in their target\n"
        "over classes: 2 of 3; `\\x1bcar` is in no target\n"
        "worst: means over the lowest 10 %, 20 %, ..., 100 % of the images, averaged"
    )


def test_a_dict_holds_plain_values() -> None:
    masks = [([0, 0, 0, 1], [0, 0, 1, 1]), ([0, 0, 0, 0], [0, 0, 0, 0]), ([0], [9])]
    result = evaluated(Classes(["road", "sky", "car"], ignore=[9]), masks).fine_grained
    values = result.to_dict()
    assert json.loads(json.dumps(values, allow_nan=False)) == values
    assert list(values) == ["images", "iou", "dice", "accuracy"]
    iou = values["iou"]
    assert iou["per_image"] == [*result.iou.per_image[:2].tolist(), None]
    assert iou["per_class"][1:] == [{"name": "sky", "mean": 0.5}, {"name": "car", "mean": None}]
    assert [part["q"] for part in iou["worst_percent"]] == [1, 5, *range(10, 101, 10)]
    assert iou["worst_percent"][1]["class_mean"] == result.iou.quantile(5).class_mean
    assert iou["class_worst"] == result.iou.class_worst


def test_means_are_made_once_for_all_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    made, of = [], FineGrained.of
    monkeypatch.setattr(FineGrained, "of", lambda *given: made.append(given) or of(*given))
    ev = evaluated(Classes(["road", "sky"]), [(np.array([0, 1, 1]), np.array([0, 0, 1]))] * 3)
    names = [f"fine_grained.iou.{mean}" for mean in ("image_mean", "class_mean", "class_worst")]
    of_all = [(ev.metric(name), ev.confidence_interval(name).value) for name in names]
    assert len(made) == 1
    assert [ev.images.metric(name)[0] for name in names] == pytest.approx([value for value, _ in of_all])
    assert len(made) == 2  # those of images know no evaluation
