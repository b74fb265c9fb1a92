"""Matrices that something else has counted: the same scores as those of the pixels."""

import numpy as np
import pytest

from segscore import ArgumentError, Classes, ConfusionMatrix, DtypeError, SegscoreError, ShapeError


def counted(classes, **options) -> ConfusionMatrix:
    """Return a matrix of random pixels, some of which are ignored, and some called no class."""
    random = np.random.default_rng(7)
    target = random.choice([*classes.labels, *classes.ignore], 4000)
    pred = np.where(random.random(4000) < 0.5, target, random.choice([*classes.labels, 77], 4000))
    cm = ConfusionMatrix(classes, **options)
    with pytest.warns(match="no class"):
        cm.update(pred=pred, target=target)
    return cm


@pytest.mark.parametrize(
    "classes",
    [
        Classes(["road", "sky", "car"], ignore=[255]),
        Classes(["road", "sky", "car"], [7, [0, 3], 1], ignore=[255, 4]),
    ],
)
def test_a_matrix_of_counts_is_that_of_the_pixels(classes):
    cm = counted(classes)
    found = ConfusionMatrix.from_counts(classes, cm.counts, missed=cm.missed, ignored=cm.ignored)
    assert np.array_equal(found.counts, cm.counts)
    assert np.array_equal(found.missed, cm.missed)
    assert (found.ignored, found.pixels) == (cm.ignored, cm.pixels)
    assert found.scores.to_dict() == cm.scores.to_dict()
    assert (found + cm).pixels == 2 * cm.pixels


def test_counts_of_any_integers_can_be_used():
    counts = [[5, 1], [2, 4]]
    expected = ConfusionMatrix.from_counts(2, counts)
    assert expected.scores.iou.tolist() == [5 / 8, 4 / 7]
    for kind in (np.uint8, np.int32, np.uint64, ">i4"):
        assert ConfusionMatrix.from_counts(2, np.array(counts, dtype=kind)) == expected
    assert ConfusionMatrix.from_counts(2, [[0, 0], [0, 0]]) == ConfusionMatrix(2)
    ignored = ConfusionMatrix.from_counts(2, counts, ignored=3, ignore_index=255)
    assert (ignored.ignored, ignored.pixels) == (3, 12)


@pytest.mark.parametrize(
    ("given", "kind", "said"),
    [
        ({"counts": [[0.5, 0.5], [0, 1]]}, DtypeError, "`counts` has the type float64, expected integers"),
        (
            {"counts": [[True, False], [False, True]]},
            DtypeError,
            "`counts` has the type bool, expected integers",
        ),
        ({"counts": [[1, 2, 3]] * 3}, ShapeError, "`counts` has the shape (3, 3), expected (2, 2)"),
        ({"counts": [1, 2]}, ShapeError, "`counts` has the shape (2,), expected (2, 2)"),
        ({"counts": [[1, -2], [0, 1]]}, ArgumentError, "`counts` holds -2, expected numbers of pixels"),
        ({"missed": [1]}, ShapeError, "`missed` has the shape (1,), expected (2,)"),
        ({"missed": [1, -1]}, ArgumentError, "`missed` holds -1, expected numbers of pixels"),
        ({"ignored": 2}, ArgumentError, "2 pixels are ignored, and the classes have no label for these"),
        ({"ignored": -1}, ArgumentError, "`ignored` is -1, expected a number of pixels"),
        ({"ignored": 1.5}, ArgumentError, "`ignored` is 1.5, expected a number of pixels"),
        (
            {"counts": np.full((2, 2), 1 << 62)},
            ArgumentError,
            "18,446,744,073,709,551,616 pixels are more than 64 bits hold",
        ),
        (
            {"counts": np.full((2, 2), 1 << 63, dtype=np.uint64)},
            ArgumentError,
            "`counts` holds 9,223,372,036,854,775,808, expected numbers of pixels",
        ),
    ],
)
def test_what_are_no_counts_is_an_error(given, kind, said):
    with pytest.raises(SegscoreError) as caught:
        ConfusionMatrix.from_counts(2, **{"counts": [[1, 0], [0, 1]], **given})
    assert type(caught.value) is kind
    assert caught.value.message == said
