"""The images behind a number, held against pixels that are counted one mask after the other."""

import numpy as np
import pytest

from segscore import ArgumentError, Classes, Evaluation, Evaluator
from segscore.results.finding import Search, behind_cells, find, pixels_of

_NAMES = ("road", "sky", "car", "pole")
_LABELS = {0: 0, 1: 1, 2: 2, 3: 3, 7: 2}  # two label values are a car
_IGNORED = 255


@pytest.fixture(scope="module")
def masks() -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Forty pairs of small masks, some without a class, with ignored targets and predictions of no class."""
    random = np.random.default_rng(5)
    made = []
    for i in range(40):
        values = random.permutation([*_LABELS, _IGNORED])[: random.integers(2, 7)]
        target = random.choice(values, (9, 11)).astype(np.uint8)
        pred = np.where(random.random((9, 11)) < 0.6, target, random.choice([0, 1, 2, 3, 9], (9, 11)))
        made.append((f"{'day' if i % 3 else 'night'}_{i:02}", target, pred.astype(np.uint8)))
    return made


@pytest.fixture(scope="module")
def evaluation(masks) -> Evaluation:
    """What an evaluator makes of them."""
    with pytest.warns(match="no class"):
        return _evaluated(masks)


def _evaluated(masks) -> Evaluation:
    judge = Evaluator(Classes(list(_NAMES), [0, 1, [2, 7], 3], ignore=[_IGNORED]))
    for name, target, pred in masks:
        judge.add(pred=pred, target=target, name=name)
    return judge.result()


def _counted(masks, target=None, pred=None, *, wrong=False) -> list[int]:
    """Return the pixels of each image by looking at each."""
    found = []
    for _, target_mask, pred_mask in sorted(masks, key=lambda one: one[0]):
        pixels = 0
        for t, p in zip(target_mask.flat, pred_mask.flat, strict=True):
            if t == _IGNORED:
                continue
            a, b = _LABELS[int(t)], _LABELS.get(int(p), len(_NAMES))
            pixels += target in (None, a) and pred in (None, b) and not (wrong and a == b)
        found.append(int(pixels))
    return found


_SIDES = [None, *range(len(_NAMES))]


@pytest.mark.parametrize("wrong", [False, True])
@pytest.mark.parametrize("target", _SIDES)
def test_pixels_of_images_are_those_of_their_masks(masks, evaluation, target, wrong):
    for pred in (*_SIDES, len(_NAMES)):
        found = pixels_of(evaluation, target, pred, wrong=wrong)
        assert found.dtype == np.int64
        assert found.tolist() == _counted(masks, target, pred, wrong=wrong), (target, pred)


@pytest.mark.parametrize("wrong", [False, True])
def test_each_cell_has_its_images_with_the_most_pixels(masks, evaluation, wrong):
    behind = behind_cells(evaluation, 3, wrong=wrong)
    found: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for t, p, image, pixels in zip(*(column.tolist() for column in behind), strict=True):
        found.setdefault((t, p), []).append((image, pixels))
    expected = {}
    for t in range(len(_NAMES)):
        for p in range(len(_NAMES) + 1):
            counted = _counted(masks, t, p, wrong=wrong)
            most = sorted(((i, n) for i, n in enumerate(counted) if n), key=lambda one: (-one[1], one[0]))
            if most:
                expected[t, p] = most[:3]
    assert found == expected
    assert list(found) == sorted(found)


def test_images_are_named_with_their_pixels_the_most_first(masks, evaluation):
    counted = _counted(masks, 2, 0)
    best = sorted(range(40), key=lambda i: (-counted[i], i))[:5]
    expected = tuple((evaluation.names[i], counted[i]) for i in best)
    assert evaluation.images_with(5, target="car", pred="road") == expected
    missed = _counted(masks, 3, wrong=True)
    order = sorted((i for i in range(40) if missed[i]), key=lambda i: (-missed[i], i))
    expected = tuple((evaluation.names[i], missed[i]) for i in order)
    assert evaluation.images_with(40, target="pole", wrong=True) == expected
    none = _counted(masks, pred=len(_NAMES))
    assert sum(pixels for _, pixels in evaluation.images_with(40, pred="no class")) == sum(none) > 0
    assert evaluation.images_with(0, target="car") == ()


def test_a_class_of_that_name_comes_before_what_is_none():
    judge = Evaluator(["road", "no class"])
    judge.add(pred=[[0, 1]], target=[[0, 0]], name="a")
    assert judge.result().images_with(pred="no class") == (("a", 1),)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"target": "cra"}, "there is no class `cra`\nhint: the nearest are `car`, `road`"),
        ({"pred": "no clas"}, "there is no class `no clas`\nhint: the nearest are `no class`, `car`"),
        ({"target": 3}, "a class is named by a text, found 3\nhint: such as 'road'"),
        ({"n": -1}, "`n` is -1\nhint: it is a number of images, 0 or more"),
        ({"n": 1.5}, "`n` is 1.5\nhint: it is a number of images, 0 or more"),
    ],
)
def test_what_is_no_class_and_no_number_of_images_is_an_error(evaluation, wanted, said):
    with pytest.raises(ArgumentError) as raised:
        evaluation.images_with(**wanted)
    assert str(raised.value) == said


def test_a_search_finds_images_of_which_everything_holds(masks, evaluation):
    day = ["day" if name.startswith("day") else "night" for name in evaluation.names]
    iou, pixels = evaluation.images.metric("iou.car"), _counted(masks, 2, 0)
    search = Search(
        text=" AY_",
        target=2,
        pred=0,
        groups={"time": "day"},
        metric="iou.car",
        low=0.2,
        below=0.6,
        order="worst",
    )
    found = find(evaluation, search, {"time": day})
    expected = [
        i
        for i in evaluation.images.order("iou.car", best=False).tolist()
        if day[i] == "day" and pixels[i] and 0.2 <= iou[i] < 0.6
    ]
    assert found.images.tolist() == expected
    assert 0 < len(expected) < 40
    assert found.pixels.tolist() == pixels
    assert np.array_equal(found.values, iou, equal_nan=True)


@pytest.mark.parametrize("order", ["worst", "best", "pixels", "name"])
def test_images_are_in_the_order_that_is_asked_for(masks, evaluation, order):
    found = find(evaluation, Search(metric="iou.pole", order=order), {})
    assert sorted(found.images.tolist()) == list(range(40))
    if order == "name":
        assert found.images.tolist() == list(range(40))
    elif order == "pixels":
        of = np.array(_counted(masks))[found.images]
        assert (np.diff(of) <= 0).all()
    else:
        values = found.values[found.images]
        defined = values[~np.isnan(values)]
        assert np.isnan(values[len(defined) :]).all()
        assert (np.diff(defined) * (1 if order == "worst" else -1) >= 0).all()
        ranked = evaluation.images.ranked(40, "iou.pole", best=order == "best")
        names = [evaluation.names[i] for i in found.images.tolist()]
        assert [name for name, _ in ranked] == names[: len(defined)]


def test_one_image_can_be_looked_for(evaluation):
    assert find(evaluation, Search(image=7), {}).images.tolist() == [7]
    assert find(evaluation, Search(image=70), {}).images.tolist() == []


@pytest.mark.parametrize(
    ("search", "said"),
    [
        (Search(groups={"time": "day"}), "there is no attribute `time`\nhint: the nearest is `times`"),
        (Search(metric="iou.cra"), "there is no class `cra`\nhint: the nearest are `car`, `road`"),
        (Search(order="wurst"), "there is no order `wurst`\nhint: the nearest are `worst`, `best`"),
    ],
)
def test_a_search_by_what_there_is_not_is_an_error(evaluation, search, said):
    with pytest.raises(ArgumentError) as raised:
        find(evaluation, search, {"times": ["day"] * 40})
    assert str(raised.value) == said
