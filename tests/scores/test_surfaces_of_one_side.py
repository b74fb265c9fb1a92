"""Distances of what one side alone has, and how scores of surfaces show and refuse."""

import numpy as np
import pytest

from segscore import ArgumentError, Classes, Evaluation, Evaluator
from support.by_hand import diagonal
from support.refused import refused

EMPTY = np.zeros((6, 8), int)
OBJECT = EMPTY.copy()
OBJECT[2:5, 2:5] = 1
TWO = Classes(["background", "liver", "spleen"], not_in_mean=[0])


def alone(**options: object) -> Evaluation:
    """Return images in which both sides have a liver, the target alone, the prediction alone, and neither."""
    judge = Evaluator(TWO, distances=True, **options)
    sides = {"both": (np.roll(OBJECT, 1, 1), OBJECT), "missed": (EMPTY, OBJECT), "invented": (OBJECT, EMPTY)}
    for name, (pred, target) in {**sides, "none": (EMPTY, EMPTY)}.items():
        judge.add(pred=pred, target=target, name=name)
    return judge.result()


@pytest.mark.parametrize(
    ("empty", "distance", "told"),
    [
        ("inf", np.inf, "mean of the 1 structure that both have; 1 missed, 1 invented infinitely far"),
        ("skip", np.nan, "mean of the 1 structure that both have; 1 missed, 1 invented left out"),
        (
            "diagonal",
            10.0,
            "mean of the 1 structure that both have; 1 missed, 1 invented as far as the diagonal",
        ),
        (374.0, 374.0, "mean of the 1 structure that both have; 1 missed, 1 invented as far as 374"),
        (0, 0.0, "mean of the 1 structure that both have; 1 missed, 1 invented as far as 0"),
    ],
)
def test_what_one_side_alone_has_is_as_far_as_is_said(empty: object, distance: float, told: str) -> None:
    chosen, later = alone(empty=empty).surface, alone().surface
    assert chosen.images.name == ("both", "invented", "missed", "none")
    for kind, near in (("hd", 1.0), ("hd95", 1.0), ("assd", 0.5), ("masd", 0.5)):
        values = chosen.images.distance(kind)[:, 1]
        np.testing.assert_array_equal(values, [near, distance, distance, np.nan])
        mean = chosen.mean_distance(kind)
        wanted = near if empty == "skip" else (near + 2 * distance) / 3
        assert (mean.value, float(mean), mean.per_class["liver"]) == (wanted, wanted, wanted)
        assert np.isnan(mean.per_class["spleen"])
        assert (mean.both, mean.missed, mean.invented, mean.empty, mean.unit) == (1, 1, 1, empty, "px")
        assert str(mean).partition(" px ")[2] == f"({told})"
    for kind in ("hausdorff", "assd", "masd"):
        given, asked = getattr(chosen.images, kind)(), getattr(later.images, kind)(empty=empty)
        np.testing.assert_array_equal(given, asked)
        given, asked = getattr(chosen, f"mean_{kind}")(), getattr(later, f"mean_{kind}")(empty=empty)
        assert (given.value, str(given)) == (asked.value, str(asked))


def test_what_one_side_alone_has_is_not_near_at_any_tolerance() -> None:
    surface = alone().surface
    assert surface.images.missed[:, 1].tolist() == [False, False, True, False]
    assert surface.images.invented[:, 1].tolist() == [False, True, False, False]
    assert (surface.missed.tolist(), surface.invented.tolist()) == ([0, 1, 0], [0, 1, 0])
    np.testing.assert_array_equal(surface.images.dice(1e9)[:, 1], [1, 0, 0, np.nan])
    # 8 of 16, and 8 of 16: one of two objects on each side.
    for value in (surface.dice(2), surface.recall(2), surface.precision(2)):
        assert value["liver"] == 0.5
        assert np.isnan(value["spleen"])
    assert surface.mean_dice(2) == 0.5


def test_the_diagonal_is_that_of_each_image() -> None:
    judge = Evaluator(2, distances=True, spacing=(2.0, 0.5), empty="diagonal")
    shapes = [(3, 4), (10, 7), (1, 1)]
    for shape in shapes:
        judge.add(pred=np.zeros(shape, int), target=np.ones(shape, int))
    judge.add(pred=np.zeros((3, 4), int), target=np.ones((3, 4), int), spacing=(5.0, 1.0))
    spacings = [(2.0, 0.5)] * 3 + [(5.0, 1.0)]
    wanted = [diagonal(np.empty(s), steps) for s, steps in zip([*shapes, (3, 4)], spacings, strict=True)]
    assert judge.result().surface.images.hausdorff()[:, 1].tolist() == wanted


def test_pooled_shares_are_not_means_of_images() -> None:
    judge = Evaluator(TWO, distances=True)
    judge.add(pred=OBJECT, target=OBJECT, name="a")
    judge.add(pred=np.roll(OBJECT, 3, 1), target=OBJECT, name="b")
    surface = judge.result().surface
    # 8 voxels a side; of the second image the nearest columns are one apart.
    assert surface.images.within(0)[:, 1].tolist() == [[8, 8], [0, 0]]
    assert surface.images.within(1)[:, 1].tolist() == [[8, 8], [3, 3]]
    assert (surface.dice(0)["liver"], surface.dice(1)["liver"]) == (16 / 32, 22 / 32)
    assert surface.images.dice(1)[:, 1].tolist() == [1.0, 6 / 16]


def test_percentiles_and_tolerances_that_are_none() -> None:
    surface = alone().surface
    for percentile in (0, -1, 100.1, float("nan"), "95", True, None):
        assert refused(ArgumentError, surface.images.hausdorff, percentile) == (
            f"expected a percentile from 1 to 100, found {percentile!r}\nhint: 95 for HD95, 100 for all"
        )
    for tolerance in (-1e-9, float("nan"), float("inf"), "2", None, True):
        assert refused(ArgumentError, surface.dice, tolerance) == (
            f"expected a tolerance of 0 or more, found {tolerance!r}\n"
            "hint: in the unit of the spacing, such as 2.0"
        )
    assert refused(ArgumentError, surface.mean_hausdorff, empty="nan") == (
        '`empty` is \'nan\'\nhint: it is "inf", "skip", "diagonal", or a distance, such as 374.0'
    )


def test_scores_show_what_they_are_of() -> None:
    surface = alone(empty="skip").surface
    assert repr(surface) == (
        "<SurfaceScores of voxels: mean HD95 1.0000 px "
        "(mean of the 1 structure that both have; 1 missed, 1 invented left out)>"
    )
    assert repr(surface.images) == "<SurfaceImages of 4 images, in px>"
    assert repr(alone(spacing=(1, 1)).surface.images) == "<SurfaceImages of 4 images, in mm>"
    assert (surface.unit, surface.measured.tolist()) == ("px", [1, 2])


def test_a_mean_says_how_many_are_farther_than_was_looked_for() -> None:
    # Beside the liver that both have, a far speck of it, and a liver that is missed.
    judge = Evaluator(TWO, distances=True, within=2.5)
    far = OBJECT.copy()
    far[0, 7] = 1
    for pred in (far, OBJECT, EMPTY):
        judge.add(pred=pred, target=OBJECT)
    surface = judge.result().surface
    farthest = surface.mean_hausdorff()
    assert (farthest.value, farthest.both, farthest.farther, farthest.within) == (np.inf, 2, 1, 2.5)
    assert farthest.counted == (
        "mean of the 2 structures that both have, 1 of them farther than 2.5 px; 1 missed infinitely far"
    )
    median = surface.mean_hausdorff(50, empty="skip")
    assert str(median) == "0.0000 px (mean of the 2 structures that both have; 1 missed left out)"
    assert median.farther == 0
