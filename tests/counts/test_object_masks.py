"""Masks of objects: run lengths and polygons as pycocotools 2.0.11 wrote them, and bitmaps."""

import numpy as np
import pytest

from segscore import MaskError, ShapeError
from segscore._core import Masks
from segscore.errors import ArgumentError
from support.refused import refused

PAINTED = [
    ([[2, 3, 12.5, 4, 9, 15.5]], b"[11c02N1O2N2O1N2NO1M3LX;", 62, [2, 3, 10, 12]),
    ([[0, 0, 30, 0, 30, 20, 0, 20]], b"0hb0", 600, [0, 0, 30, 20]),
    (
        [[-5, 4, 18, -3, 35, 30, 3.3, 11.1]],
        b"27=001N2O1O001N2O001O001O1O001O001OY11fN2N2N2N2N2N1O2N2N2N",
        383,
        [0, 0, 30, 20],
    ),
    (
        [[1, 1, 20, 18, 20, 1, 1, 18]],
        b"e0`05O1N2N2N2N2N2N2Ne00[O2N2N2N2N2N2N2N1W6",
        160,
        [1, 1, 19, 16],
    ),
    (
        [[2, 2, 8, 2, 8, 8, 2, 8], [5, 5, 25, 6, 14, 19]],
        b"Z16>0000000012NO2N1O2N2N1O01N1O1O1O1N2O1O1O1Oc3",
        163,
        [2, 2, 22, 16],
    ),
    ([[4.2, 4.2, 4.3, 4.2, 4.3, 4.3]], b"hb0", 0, [0, 0, 0, 0]),
    ([[10, -50, 11, -50, 11, 90, 10, 90]], b"X6d0l;", 20, [10, 0, 1, 20]),
]
"""Polygons in 20 x 30 pixels: what pycocotools makes of them."""


def columns(polygons: list[list[float]]) -> list[np.ndarray]:
    """Return polygons as the core takes them."""
    return [np.array(points, np.float64) for points in polygons]


def test_polygons_are_painted_as_coco_does() -> None:
    masks = Masks.read(20, 30, [columns(polygons) for polygons, *_ in PAINTED])
    assert masks.strings() == [text for _, text, *_ in PAINTED]
    assert masks.pixels().tolist() == [pixels for _, _, pixels, _ in PAINTED]
    assert masks.boxes().tolist() == [box for *_, box in PAINTED]
    assert (masks.size, len(masks), repr(masks)) == ((20, 30), 7, "<Masks 7 of 20 x 30>")


def test_masks_are_the_same_however_they_are_given() -> None:
    strings = [text for _, text, *_ in PAINTED]
    masks = Masks.read(20, 30, strings)
    planes = masks.planes()
    assert (planes.shape, planes.dtype) == ((7, 20, 30), np.dtype(bool))
    np.testing.assert_array_equal(planes.sum(axis=(1, 2)), masks.pixels())
    number = np.arange(1, 8)[:, None, None]
    for again in (
        Masks.read(20, 30, masks.counts()),
        Masks.read(20, 30, [text.decode() for text in strings]),
        Masks.of_planes(planes),
        Masks.of_planes(np.ascontiguousarray(planes).view(np.uint8)),
    ):
        assert again.strings() == strings
    for mask, plane in enumerate(planes):
        runs = masks.runs(mask)
        assert sum((end - start for start, end in runs.tolist()), 0) == plane.sum()
        flat = plane.ravel(order="F")
        assert all(flat[start:end].all() and not flat[end : end + 1].any() for start, end in runs.tolist())
    labels = (planes[:1] * number[:1]).max(axis=0)
    assert Masks.of_labels(labels, np.array([1, 9])).strings() == [strings[0], b"hb0"]


def test_shared_pixels_are_those_of_both() -> None:
    masks = Masks.read(20, 30, [text for _, text, *_ in PAINTED])
    planes = masks.planes().astype(int)
    expected = np.einsum("nyx,myx->nm", planes, planes[1:4])
    mask, other, pixels = masks.overlaps(Masks.of_planes(planes[1:4].astype(bool)))
    rows = [(*at, expected[at]) for at in zip(*np.nonzero(expected), strict=True)]
    assert list(zip(mask, other, pixels, strict=True)) == rows


@pytest.mark.parametrize(
    ("labels", "dtype"),
    [
        ([4, 200, 4], "u1"),
        ([4, 256, 4], "u2"),
        ([4, 2**16, 4], "u4"),
        ([4, 2**32, 4], "i8"),
        ([4, -1, 4], "i8"),
    ],
)
def test_masks_are_painted_in_an_order(labels: list[int], dtype: str) -> None:
    masks = Masks.read(20, 30, [text for _, text, *_ in PAINTED])
    planes = masks.planes()
    expected = np.full((20, 30), 7)
    claims = np.zeros((2, 20, 30), int)
    for mask, label in zip([4, 0, 3], labels, strict=True):
        expected[planes[mask]] = label
        claims[int(label != 4)] |= planes[mask]
    painted, covered, twice = masks.paint([4, 0, 3], labels, background=7)
    np.testing.assert_array_equal(painted, expected)
    assert painted.dtype == dtype
    assert (covered, twice) == (claims.any(axis=0).sum(), claims.all(axis=0).sum())
    assert twice > 0
    nothing, covered, twice = masks.paint([], [], background=0)
    assert (nothing.any(), covered, twice) == (False, 0, 0)


HINT = "\n".join(
    (
        "",
        "hint: run lengths cover the whole image, column by column; polygons lie in its pixels: "
        "export them again",
    )
)


def test_all_that_is_wrong_is_told_at_once() -> None:
    far = [np.array([0, 0, 1e9, 0, 5, 5.0])]
    masks = [b"34[1", b"34[2", np.array([3, -1, 48]), far, [], [np.zeros(4)], b"3 [1"]
    assert refused(MaskError, Masks.read, 5, 10, masks) == (
        "mask 1: expected run lengths that add up to 5 x 10 = 50 pixels, found 82\n"
        "mask 2: expected run lengths of 0 to 50, found -1 as number 1\n"
        "mask 3: expected points of polygons within 1,000,000 pixels, found 1000000000 as number 2\n"
        "mask 4: expected a polygon at least, found none\n"
        "mask 5: expected polygons of three points or more, found 4 numbers\n"
        "mask 6: expected characters of `0` to `o` in run lengths, found the byte 32 at 1" + HINT
    )
    many = refused(MaskError, Masks.read, 5, 10, [b"3"] * 23).splitlines()
    assert len(many) == 22
    assert many[19:21] == [
        "mask 19: expected run lengths that add up to 5 x 10 = 50 pixels, found 3",
        "and 3 more",
    ]


@pytest.mark.parametrize(
    ("top", "left", "height", "width"), [(0, 0, 30, 40), (3, 5, 20, 7), (29, 39, 1, 1), (4, 4, 0, 9)]
)
def test_parts_of_an_image_are_cut_out(top: int, left: int, height: int, width: int) -> None:
    planes = np.random.default_rng(3).random((4, 30, 40)) < np.array([0.5, 0.9, 0.01, 0])[:, None, None]
    parts = Masks.of_planes(planes).window(top, left, height, width)
    expected = planes[:, top : top + height, left : left + width]
    np.testing.assert_array_equal(parts.planes(), expected)
    assert parts.pixels().tolist() == expected.sum(axis=(1, 2)).tolist()


@pytest.mark.parametrize("part", [(0, 0, 31, 40), (31, 0, 0, 0), (0, 1, 1, 40)])
def test_parts_lie_within_the_image(part: tuple[int, int, int, int]) -> None:
    masks = Masks.of_planes(np.ones((1, 30, 40), np.bool_))
    with pytest.raises(IndexError, match=r"^there is no such part of the image$"):
        masks.window(*part)


def test_what_does_not_fit_is_refused() -> None:
    assert refused(MaskError, Masks.read, 2**16, 2**16, []) == (
        "claims 65536 x 65536 pixels, more than max_pixels = 268435456\n"
        "hint: if the mask is really this large, raise `max_pixels`"
    )
    assert refused(TypeError, Masks.read, 5, 10, [7]) == (
        "a mask is bytes, run lengths of int64, or polygons of float64"
    )
    masks = Masks.read(5, 10, [b"34[1"])
    assert refused(ShapeError, masks.overlaps, Masks.read(10, 5, [])).startswith(
        "`pred` and `target` differ in shape: (10, 5) and (5, 10)"
    )
    for order, labels in (([0], []), ([1], [1])):
        assert refused(ArgumentError, masks.paint, order, labels, background=0).startswith(
            "expected a mask and a label for each that is painted"
        )
    assert refused(IndexError, masks.runs, 1) == "there is no such mask"
    assert refused(ShapeError, Masks.of_planes, np.zeros((2, 2), bool)).startswith(
        "expected 3 dimensions, found (2, 2)"
    )
    assert refused(ShapeError, Masks.of_labels, np.zeros(2, int), np.arange(2)).startswith(
        "expected 2 dimensions, found (2,)"
    )
