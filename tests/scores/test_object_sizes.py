"""Objects by size: which targets are found, and which predictions invented, of each range."""

from typing import Any

import numpy as np
import pytest
from scipy import ndimage

from segscore import ArgumentError, Evaluation, Evaluator
from support.refused import refused

NAMES = ("background", "lesion")


def evaluated(**options: Any) -> Evaluation:
    judge = Evaluator(NAMES, components=True, **options)
    for seed in range(12):
        judge.add(**drawn(seed), name=f"case_{seed:02}")
    return judge.result()


def drawn(seed: int) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    target, pred = np.zeros((2, 24, 30), np.uint8)
    for _ in range(9):
        row, column, high, wide = random.integers((0, 0, 1, 1), (24, 30, 7, 7)).tolist()
        for mask in (target, pred):
            if random.random() < 0.8:
                moved = max(0, column + int(random.integers(-1, 2)))
                mask[row : row + high, moved : moved + wide] = 1
    return {"target": target, "pred": pred}


def by_hand(bounds: list[float], least: float, pixel: float = 1.0) -> np.ndarray[Any, Any]:
    """Return found and missed targets and invented predictions of each range; at 0 any overlap will do."""
    counts = np.zeros((3, len(bounds) + 1), int)
    for seed in range(12):
        sides = []
        for mask in (drawn(seed)["target"], drawn(seed)["pred"]):
            numbers, count = ndimage.label(mask, np.ones((3, 3)))
            sides.append([numbers == number for number in range(1, count + 1)])
        iou = np.array(
            [[(one & other).sum() / (one | other).sum() for other in sides[1]] for one in sides[0]]
        )
        hit = iou.reshape(len(sides[0]), -1) > least
        for side, axis, rows in ((0, 1, (1, 0)), (1, 0, (2, None))):
            for mask, is_hit in zip(sides[side], hit.any(axis=axis), strict=True):
                place = int(np.digitize(mask.sum() * pixel, bounds))
                if (row := rows[int(is_hit)]) is not None:
                    counts[row, place] += 1
    return counts


@pytest.mark.parametrize("bounds", [[5], [1, 4, 9, 20.5]])
def test_ranges_are_those_of_single_masks(bounds: list[float]) -> None:
    ev = evaluated()
    for iou, least in (("any", 0.0), (0.501, 0.501)):
        found = ev.objects_by_size(bounds, iou)  # type: ignore[arg-type] # a loop over both kinds
        expected = by_hand(bounds, least)
        for counts, one in zip((found.tp, found.fn, found.fp), expected, strict=True):
            assert counts[1].tolist() == one.tolist()
        tp, fn, fp = expected
        with np.errstate(invalid="ignore"):
            np.testing.assert_array_equal(found.recall[1], tp / (tp + fn))
            np.testing.assert_array_equal(found.precision[1], tp / (tp + fp))
            np.testing.assert_array_equal(found.f1[1], 2 * tp / (2 * tp + fn + fp))
        assert found.tp.sum() == ev.shapes.matching.at(found.threshold).tp.sum()
    assert expected.min(axis=1).max() > 0 or len(bounds) > 1


def test_sizes_in_millimetres() -> None:
    ev = evaluated(distances=True, spacing=(2.0, 0.5))
    found = ev.objects_by_size([3.5, 9], "any", unit="mm")
    np.testing.assert_array_equal([found.tp[1], found.fn[1], found.fp[1]], by_hand([3.5, 9], 0.0))
    halved = evaluated(distances=True, spacing=(0.5, 0.5)).objects_by_size([3.5, 9], "any", unit="mm")
    np.testing.assert_array_equal([halved.tp[1], halved.fn[1], halved.fp[1]], by_hand([3.5, 9], 0.0, 0.25))
    assert (found.unit, halved.unit, evaluated().objects_by_size(5).unit) == ("mm²", "mm²", "px")


def test_what_is_shown() -> None:
    found = evaluated().objects_by_size([4, 100], "any")
    assert repr(found) == "<ObjectSizes of 3 ranges in px>"
    assert found.ranges == ("below 4", "4 to 100", "from 100")
    lines = str(found).splitlines()
    titles = ["class", "size", "found", "missed", "invented", "recall", "precision", "F1"]
    assert lines[0].split() == titles
    assert len(lines) == 4
    assert lines[1].split()[:6] == [
        "lesion",
        "below",
        "4",
        *(str(of[1, 0]) for of in (found.tp, found.fn, found.fp)),
    ]
    columns = found.columns()
    assert columns["name"].tolist() == ["background"] * 3 + ["lesion"] * 3
    assert columns["recall"][3:].tolist() == pytest.approx(found.recall[1].tolist(), nan_ok=True)


@pytest.mark.parametrize("bounds", [[], [5, 5], [0], [-1, 3], ["a"], "5", [np.nan], [*range(1, 22)], None])
def test_bounds_that_are_none(bounds: Any) -> None:
    assert refused(ArgumentError, evaluated().objects_by_size, bounds).endswith(
        ", expected 1 to 20 rising numbers above 0\nhint: such as (10, 100, 1000)"
    )


def test_what_cannot_be_told() -> None:
    ev = evaluated()
    assert refused(ArgumentError, ev.objects_by_size, 5, unit="mm") == (
        "sizes are in pixels, as no spacing was given\n"
        'hint: evaluate with `distances=True` and `spacing`, or `spacing="header"`'
    )
    assert refused(ArgumentError, ev.objects_by_size, 5, unit="cm") == (
        "there is no unit of sizes `cm`\nhint: the nearest is `mm`"
    )
    assert refused(ArgumentError, ev.objects_by_size, 5, "any", rule="greedy") == (
        "where any overlap is a match, there is nothing to choose by a rule"
    )
