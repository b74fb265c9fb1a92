"""Scores along boundaries: right values against erosion, class by class, and laws that hold of any."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segscore import ArgumentError, Classes, Evaluation, Evaluator
from segscore.counts.widths import pixels_of
from support.by_hand import band, band_iou, painted
from support.masks_on_disk import Array
from support.refused import refused

LABELS = 4
SHAPES = [
    (30, 41),
    (41, 30),
    (1, 67),
    (66, 1),
    (9, 63),
    (9, 64),
    (9, 65),
    (4, 127),
    (4, 128),
    (4, 129),
    (2, 2),
]


def judged(*pairs: tuple[Array, Array], **options: object) -> Evaluation:
    judge = Evaluator(LABELS, **{"boundary": 1, **options})
    for pred, target in pairs:
        judge.add(pred=pred, target=target)
    return judge.result()


def iou(one: Array, other: Array) -> float:
    union = np.count_nonzero(one | other)
    return np.count_nonzero(one & other) / union if union else np.nan


@pytest.mark.parametrize("shape", SHAPES)
def test_scores_are_those_of_eroded_masks(shape: tuple[int, int]) -> None:
    widths = (1, 2, 5)
    for seed in range(3):
        pred, target = painted(seed, shape, LABELS)
        found = judged((pred, target), boundary=widths).boundary
        for width in widths:
            at = found.at(width)
            for label in range(LABELS):
                ours, theirs = np.equal(target, label), np.equal(pred, label)
                wanted = band_iou(theirs, ours, width)
                np.testing.assert_array_equal(at.iou[label], wanted)
                np.testing.assert_array_equal(at.images.iou[0, label], wanted)
                np.testing.assert_array_equal(at.min_iou[label], np.minimum(wanted, iou(theirs, ours)))
                near = sum(band(np.equal(target, one), width) for one in range(LABELS)) > 0
                np.testing.assert_array_equal(at.trimap_iou[label], iou(theirs & near, ours & near))
                np.testing.assert_array_equal(at.images.trimap_iou[0, label], at.trimap_iou[label])


def test_scores_of_a_dataset_are_of_summed_pixels() -> None:
    pairs = [painted(seed, shape, LABELS) for seed, shape in enumerate(SHAPES)]
    found = judged(*pairs, boundary=2).boundary
    for label in range(LABELS):
        bands = [[band(np.equal(side, label), 2) for side in pair] for pair in pairs]
        both = sum(np.count_nonzero(one & other) for one, other in bands)
        union = sum(np.count_nonzero(one | other) for one, other in bands)
        assert found.iou[label] == both / union
        np.testing.assert_array_equal(
            found.images.iou[:, label],
            [band_iou(np.equal(p, label), np.equal(t, label), 2) for p, t in pairs],
        )
    for own, pixels in ((found.iou, found.pixels), (found.trimap_iou, found.trimap_pixels)):
        both, in_target, in_pred = pixels.sum(axis=0)
        np.testing.assert_array_equal(own, both / (in_target + in_pred - both))
    assert found.mean_iou == np.mean(found.iou)
    assert found.mean_trimap_iou == np.mean(found.trimap_iou)


def test_scores_of_a_dataset_have_no_place_for_classes_that_images_have_not() -> None:
    judge = Evaluator(20_000, boundary=1)
    for _ in range(20):
        judge.add(pred=np.eye(9, dtype=np.uint8), target=np.eye(9, dtype=np.uint8))
    found = judge.result().boundary
    tracemalloc.start()
    assert (found.mean_iou, found.mean_trimap_iou, found.min_iou[1]) == (1, 1, 1)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 4e6  # three numbers for each class in each image would be 10 MB


@pytest.mark.parametrize("share", [0.001, 0.02, 0.1, 0.9])
def test_a_share_is_of_the_diagonal_of_each_image(share: float) -> None:
    for seed, shape in enumerate(SHAPES):
        pair = painted(seed, shape, LABELS)
        (width,) = pixels_of((share,), *shape)
        one, other = judged(pair, boundary=share), judged(pair, boundary=width)
        np.testing.assert_array_equal(one.boundary.iou, other.boundary.iou)
        assert one.measured == other.measured


def test_shares_that_come_to_one_width_are_both_of_it() -> None:
    pair = painted(1, (12, 9), LABELS)
    found = judged(pair, boundary=(0.05, 0.07, 0.2)).boundary
    for share, width in ((0.05, 1), (0.07, 1), (0.2, 3)):
        wanted = judged(pair, boundary=width).boundary.iou
        np.testing.assert_array_equal(found.at(share).iou, wanted)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Array, Array]:
    shape = draw(st.sampled_from([(9, 12), (1, 9), (12, 1), (4, 66)]))
    return painted(draw(st.integers(0, 10**6)), shape, LABELS, size=draw(st.sampled_from([1, 2, 4])))


@given(pairs())
def test_sides_may_be_exchanged(pair: tuple[Array, Array]) -> None:
    one, other = judged(pair).boundary, judged(pair[::-1]).boundary
    np.testing.assert_array_equal(one.iou, other.iou)
    assert (one.pixels == other.pixels[:, [0, 2, 1]]).all()


@given(pairs())
def test_a_band_without_end_has_the_whole_mask(pair: tuple[Array, Array]) -> None:
    found = judged(pair, boundary=(1, 65_535))
    whole = found.boundary.at(65_535)
    np.testing.assert_array_equal(whole.iou, whole.min_iou)
    np.testing.assert_array_equal(whole.trimap_iou, whole.iou)
    there = found.scores.counts.target + found.scores.counts.pred > 0
    np.testing.assert_array_equal(np.asarray(whole.iou)[there], np.asarray(found.scores.iou)[there])


@given(pairs())
def test_wider_bands_have_more_pixels(pair: tuple[Array, Array]) -> None:
    found = judged(pair, boundary=(1, 2, 4, 8)).boundary
    pixels = np.stack([found.at(width).pixels for width in found.widths])
    assert (np.diff(pixels[:, :, 1:], axis=0) >= 0).all()


@given(pairs())
def test_one_width_is_the_same_among_several(pair: tuple[Array, Array]) -> None:
    several = judged(pair, boundary=(1, 3, 4)).boundary
    for width in (1, 3, 4):
        alone = judged(pair, boundary=width).boundary
        assert (several.at(width).pixels == alone.pixels).all()
        assert (several.at(width).trimap_pixels == alone.trimap_pixels).all()


@given(pairs(), st.booleans())
def test_images_may_be_turned_and_seen_in_a_mirror(pair: tuple[Array, Array], turned: bool) -> None:
    other = [side.T if turned else side[::-1, ::-1] for side in pair]
    assert judged(pair, boundary=2).measured == judged((other[0], other[1]), boundary=2).measured


def test_means_are_over_classes_that_are_there_and_taken_in() -> None:
    pred, target = painted(3, (20, 20), 3)
    judge = Evaluator(Classes(["void", "a", "b", "nobody"], not_in_mean=[0]), boundary=2)
    judge.add(pred=pred, target=target)
    found = judge.result().boundary
    assert np.isnan(found.iou["nobody"])
    assert not np.isnan(found.iou["void"])
    assert found.mean_iou == (found.iou["a"] + found.iou["b"]) / 2


def test_empty_masks_have_no_band() -> None:
    empty, full = np.zeros((5, 6), int), np.ones((5, 6), int)
    found = judged((empty, full), (full, empty), (empty, empty), boundary=1).boundary
    np.testing.assert_array_equal(found.images.iou[:, 1], [0, 0, np.nan])
    assert found.iou[1] == 0
    assert np.isnan(found.iou[2])


def test_scores_show_their_width() -> None:
    found = judged(painted(1, (12, 9), LABELS), boundary=(1, 3)).boundary
    assert repr(found) == f"<BoundaryScores in 1 px: mean boundary IoU {found.mean_iou:.4f}>"
    assert repr(found.images) == "<BoundaryImages of 1 image>"
    assert refused(ArgumentError, found.at, 2) == (
        "no band of 2 px was measured\nhint: there are 1 px, 3 px; `boundary` takes several"
    )
    assert refused(ArgumentError, found.at, "2%") == (
        "no band of 2 % of the diagonal was measured\nhint: there are 1 px, 3 px; `boundary` takes several"
    )
    assert (found.at("3px").width, found.at(3).widths) == (3, (1, 3))


@pytest.mark.parametrize("said", [0, 1, 255])
def test_what_is_predicted_where_the_target_is_ignored_does_not_matter(said: int) -> None:
    target = np.ones((30, 30), dtype=np.uint8)
    pred = target.copy()
    target[12:18, 12:18], pred[12:18, 12:18] = 255, said
    judge = Evaluator(2, ignore_index=255, boundary=2)
    judge.add(pred=pred, target=target)
    boundary = judge.result().boundary
    assert boundary.iou[1] == boundary.trimap_iou[1] == 1
    assert boundary.pixels[0, :, 1].tolist() == [30**2 - 26**2 + 10**2 - 6**2] * 3


@pytest.mark.parametrize(
    "types", [("uint64", "int64"), ("int64", "uint64"), ("bool", "int16"), ("uint8", "uint16")]
)
def test_both_sides_end_where_targets_are_ignored_whatever_their_types(types: tuple[str, str]) -> None:
    target = np.ones((30, 30), dtype=np.int64)
    pred = target.astype(types[0])
    target[12:18, 12:18] = 255
    judge = Evaluator(2, ignore_index=255, boundary=2)
    judge.add(pred=pred, target=target.astype(types[1]))
    assert judge.result().boundary.iou[1] == 1
