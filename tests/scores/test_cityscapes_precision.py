"""Average precision as Cityscapes has it, of tables whose numbers are known by hand.

`benches/peers_agree.py` compares random datasets with cityscapesScripts itself.
"""

import numpy as np
import pytest

from segscore.counts.objects import CROWD, Objects, Overlaps, bits
from segscore.errors import ArgumentError
from segscore.scores.cityscapes_precision import CityscapesPrecision, cityscapes_precision
from support.refused import refused

Rows = list[tuple[int, int, float]]


def scored(
    targets: list[tuple[int, int]],
    preds: list[tuple[int, float, int]],
    pairs: list[tuple[int, int, int]],
    labels: tuple[list[int], list[int]] | None = None,
) -> CityscapesPrecision:
    """Return the numbers of one image: targets of pixels and flags, predictions of pixels, score and void."""
    of_targets, of_preds = labels or ([0] * len(targets), [0] * len(preds))
    number = len(targets) + len(preds)
    pixels = [one[0] for one in (*targets, *preds)]
    columns = (
        [0] * len(targets) + [1] * len(preds),
        range(number),
        of_targets + of_preds,
        pixels,
        bits(pixels),
        bits([0.0] * len(targets) + [one[1] for one in preds]),
        [one[1] for one in targets] + [0] * len(preds),
        [0] * len(targets) + [one[2] for one in preds],
        range(number),
    )
    objects = Objects(np.array([0, number]), *(np.array(column, np.int64) for column in columns))
    shared = np.array(pairs, np.int64).reshape(-1, 3).T
    overlaps = Overlaps.one_image(*shared)
    return cityscapes_precision(objects, overlaps, np.array([True, True, False]))


def test_a_prediction_matches_above_an_iou_and_not_from_it_on() -> None:
    found = scored([(150, 0)], [(150, 0.9, 0)], [(0, 0, 100)])  # an IoU of 100 / 200
    assert found.precision[0].tolist() == [0.0] * 10
    found = scored([(150, 0)], [(150, 0.9, 0)], [(0, 0, 101)])
    # Precision 1 at recall 1, which stands for half of the way to it; the end, of precision 1, for the rest.
    assert found.precision[0].tolist() == [1.0] + [0.0] * 9
    assert (found.mean(0.5), found.mean(0.55, label=0)) == (1.0, 0.0)
    assert found.numbers.tolist() == [0.1, 1.0]


def test_of_several_on_one_target_the_surest_is_right() -> None:
    # The less sure is an error behind the right one: precision 1/2 at the same recall of 1.
    found = scored([(100, 0)], [(100, 0.3, 0), (90, 0.8, 0)], [(0, 0, 100), (0, 1, 90)])
    assert found.mean(0.5) == 0.5 * 0 + 1 * 0.5 + 1 * 0.5
    # Before it, it is right, and the other one an error.
    found = scored([(100, 0)], [(100, 0.8, 0), (90, 0.3, 0)], [(0, 0, 100), (0, 1, 90)])
    assert found.mean(0.5) == 1.0


@pytest.mark.parametrize(
    ("void", "group", "small", "is_error"),
    [
        (0, 0, 0, True),
        (50, 0, 0, True),
        (51, 0, 0, False),
        (0, 51, 0, False),
        (0, 0, 51, False),
        (20, 20, 11, False),
        (20, 20, 10, True),
    ],
)
def test_what_lies_on_void_groups_and_small_targets_is_no_error(
    void: int, group: int, small: int, is_error: bool
) -> None:
    shared = [(0, 0, 200), (1, 1, group), (2, 1, small)]
    found = scored(
        [(200, 0), (400, CROWD), (99, 0)],
        [(200, 0.5, 0), (100, 0.9, void)],
        [one for one in shared if one[2]],
    )
    # The error comes first: precision is 1/2 where recall is 1, and 0 where it is 0.
    assert found.mean(0.5) == (0.5 * 0.5 + 0 * 0.5 if is_error else 1.0)


def test_a_small_group_is_taken_twice_as_there() -> None:
    found = scored([(200, 0), (99, CROWD)], [(200, 0.5, 0), (100, 0.9, 0)], [(0, 0, 200), (1, 1, 26)])
    assert found.mean(0.5) == 1.0


def test_classes_without_targets_have_none() -> None:
    found = scored([(200, 0), (200, 0)], [(200, 0.5, 0)] * 3, [(0, 0, 200)], ([0, 2], [0, 1, 2]))
    assert np.isnan(found.precision).all(axis=1).tolist() == [False, True, True]
    assert (found.mean(), found.mean(label=np.array([0, 1, 2]))) == (1.0, 1.0)
    assert np.isnan(found.mean(label=2))
    assert str(found).splitlines() == [
        " Average Precision  (AP) @[ IoU=0.50:0.95 ] = 1.000",
        " Average Precision  (AP) @[ IoU=0.50      ] = 1.000",
    ]
    assert repr(found) == "<CityscapesPrecision of 3 classes: 1.0000>"
    assert np.isnan(scored([], [(200, 0.5, 0)], []).mean())
    assert refused(ArgumentError, lambda: found.mean(0.4)) == (
        "there is no average precision at an IoU of 0.4\nhint: it is at 0.5, 0.55, … and 0.95"
    )


def test_where_all_predictions_are_excused_nothing_is_found() -> None:
    # There the tool ends in an IndexError.
    assert scored([(200, 0)], [(100, 0.9, 100)], []).mean() == 0.0
