"""IoU by the size of a class, against NumPy image by image, and ranks that are counted one by one."""

import math
import statistics

import numpy as np
import pytest

from segscore import Classes
from segscore.scores.sizes import sizes_of
from support.results import evaluated

CLASSES = Classes(["road", "car", "sky", "ghost"])


def spearman(one, other):
    """Return the rank correlation by its definition, where equal values share the mean of their ranks."""

    def ranked(values):
        return [sum(b < a for b in values) + (sum(b == a for b in values) + 1) / 2 for a in values]

    return statistics.correlation(ranked(one.tolist()), ranked(other.tolist()))


@pytest.fixture(scope="module")
def ev():
    random = np.random.default_rng(3)
    images = []
    for _ in range(41):
        held = random.choice(3, random.integers(1, 4), replace=False)
        target = random.choice(held, 20)  # so short that many sizes are equal
        images.append((np.where(random.random(20) < 0.6, target, random.integers(0, 4, 20)), target))
    return evaluated(CLASSES, images)


def test_each_class_has_the_images_whose_target_has_it_by_size(ev):
    found = list(sizes_of(ev.cells))
    assert [one.label for one in found] == [0, 1, 2]  # what is only predicted has no size
    for one in found:
        iou = ev.images.iou[:, one.label]
        size = np.zeros(41, dtype=int)
        of = ev.cells.label == one.label
        size[ev.cells.image[of]] = ev.cells.target[of]
        order = [i for i in np.argsort(size, kind="stable") if size[i]]
        assert one.image.tolist() == order
        assert one.target.tolist() == size[order].tolist()
        np.testing.assert_array_equal(one.iou, iou[order])
        assert one.median_ratio == np.median(one.pred / one.target)
        assert one.correlation == pytest.approx(spearman(size[order], iou[order]))


def test_thirds_are_by_size_and_the_smaller_have_one_more(ev):
    for one in sizes_of(ev.cells):
        count, at = len(one.image), 0
        for i, third in enumerate(one.thirds):
            end = at + count // 3 + (i < count % 3)
            assert third.images == end - at
            assert (third.low, third.high) == (one.target[at], one.target[end - 1])
            assert third.median_iou == np.median(one.iou[at:end])
            at = end
        assert at == count


@pytest.mark.parametrize(
    ("images", "thirds"),
    [([([0, 1], [0, 1])], 0), ([([0, 1], [0, 1])] * 2, 0), ([([0, 1], [0, 1])] * 3, 3)],
)
def test_few_images_are_not_divided_and_equal_ones_not_correlated(images, thirds):
    for one in sizes_of(evaluated(CLASSES, images).cells):
        assert len(one.thirds) == thirds
        assert math.isnan(one.correlation)
        assert one.median_ratio == 1.0
