"""Which object matches which at any IoU: against all ways to match them, and one after the other."""

from itertools import permutations
from typing import Any

import numpy as np
import pytest

from segscore import ArgumentError, InstanceEvaluator
from segscore.scores.assignment import assigned
from segscore.scores.matching import Threshold
from support.instances import NAMES, drawn
from support.refused import refused

IMAGES = [drawn(seed, 1, crowds=False) for seed in range(60)]
CAR = {1: "car"}


def candidates(image: dict[str, Any], least: float) -> list[tuple[float, int, int]]:
    """Return the IoU of each pair of a target and a prediction from a least one on, by masks of both."""
    target, pred = image["target"], image["pred"]
    found = []
    for i, one in enumerate(image["target_segments"]):
        for j, other in enumerate(image["pred_segments"]):
            both = ((target == one) & (pred == other)).sum()
            union = ((target == one) | (pred == other) & (target != 0)).sum()
            if both and both / union >= least:
                found.append((float(both / union), i, j))
    return found


def one_by_one(image: dict[str, Any], least: float) -> int:
    """Return how many match where the pair of the highest IoU is taken first."""
    taken: set[tuple[str, int]] = set()
    count = 0
    for _, i, j in sorted(candidates(image, least), key=lambda pair: (-pair[0], *pair[1:])):
        if not {("target", i), ("pred", j)} & taken:
            taken |= {("target", i), ("pred", j)}
            count += 1
    return count


def most(image: dict[str, Any], least: float) -> int:
    """Return how many can match, by one augmenting path after the other."""
    pairs = candidates(image, least)
    owner: dict[int, int] = {}

    def placed(i: int, seen: set[int]) -> bool:
        for _, one, j in pairs:
            if one == i and j not in seen:
                seen.add(j)
                if j not in owner or placed(owner[j], seen):
                    owner[j] = i
                    return True
        return False

    return sum(placed(i, set()) for i in range(len(image["target_segments"])))


@pytest.mark.parametrize("iou", [0.1, 0.25, 0.5, 0.55, 0.75, 1.0])
def test_as_many_match_as_by_hand(iou: float) -> None:
    judge = InstanceEvaluator(NAMES)
    for image in IMAGES:
        judge.add(**image)
    matching = judge.result().shapes.matching
    for rule, by_hand in (("greedy", one_by_one), ("hungarian", most)):
        found = matching.at(Threshold.of(iou, rule))
        assert found.tp[:, 0].tolist() == [by_hand(image, iou) for image in IMAGES]
        targets = [len(image["target_segments"]) for image in IMAGES]
        assert (found.tp + found.fn)[:, 0].tolist() == targets
        assert len({*found.matches.target.tolist()}) == len(found.matches.target)
        assert len({*found.matches.pred.tolist()}) == len(found.matches.pred)
    if iou == 0.1:
        assert matching.at(Threshold(iou)).tp.sum() < found.tp.sum()


@pytest.mark.parametrize("seed", range(40))
def test_the_most_matches_are_those_of_the_highest_iou(seed: int) -> None:
    random = np.random.default_rng(seed)
    rows, columns = (int(one) for one in random.integers(1, 6, 2))
    held = random.random((rows, columns)) < 0.6
    target, pred = np.nonzero(held)
    iou = random.integers(1, 64, len(target)) / 64
    chosen = assigned(target, pred + rows, iou)
    assert len({*target[chosen].tolist()}) == len({*pred[chosen].tolist()}) == len(chosen)
    gain = np.zeros((max(rows, columns),) * 2)
    gain[target, pred] = iou
    ways = [[(i, j) for i, j in enumerate(way) if gain[i, j]] for way in permutations(range(len(gain)))]
    best = max((len(way), sum(gain[pair] for pair in way)) for way in ways)
    assert (len(chosen), float(iou[chosen].sum())) == best


def f1(target: Any, pred: Any, name: str) -> float:
    judge = InstanceEvaluator(["cell"], outside="background")
    judge.add(target=np.array(target), pred=np.array(pred))
    return judge.result().metric(name)


def test_from_half_on_and_above_it() -> None:
    halves = [[1, 1]], [[1, 2]]
    assert f1(*halves, "f1@0.5") == 2 / 3
    assert f1(*halves, "object_precision.cell@0.5") == 0.5
    assert f1(*halves, "mean_object_recall@0.5") == 1
    assert f1(*halves, "mean_rq") == f1(*halves, "f1@0.51") == 0
    # 0.6 itself, which no float64 is.
    assert f1([[1, 1, 1, 1, 1]], [[1, 1, 1, 0, 0]], "f1@0.6") == 1
    assert f1([[1, 1, 1, 1, 1]], [[1, 1, 1, 0, 0]], "f1@0.61") == 0
    assert np.isnan(f1([[0]], [[0]], "f1@0.5"))
    assert f1([[0]], [[1]], "object_recall@0.5") == f1([[1]], [[0]], "object_precision@0.5") == 0


def test_one_after_the_other_and_the_most() -> None:
    # The first pair has the highest IoU, and leaves both others alone.
    target, pred = [[1, 1, 1, 1, 1, 2, 2, 2]], [[1, 2, 2, 2, 2, 2, 2, 2]]
    assert f1(target, pred, "f1@0.2:greedy") == 0.5
    assert f1(target, pred, "f1@0.2:hungarian") == 1


def test_objects_that_are_split_and_merged() -> None:
    judge = InstanceEvaluator(NAMES)
    judge.add(
        target=np.array([[1, 1, 1, 1, 2, 3, 3, 4]]),
        pred=np.array([[1, 1, 2, 2, 3, 3, 3, 4]]),
        target_segments=dict.fromkeys(range(1, 5), "car"),
        pred_segments=dict.fromkeys(range(1, 5), "car"),
    )
    ev = judge.result()
    matching = ev.shapes.matching
    assert ev.panoptic.split == (("0", 1, "car", 4),)
    assert ev.panoptic.merged == (("0", 3, "car", 3),)
    assert matching.objects.id[matching.split()].tolist() == [1]
    assert matching.objects.id[matching.merged()].tolist() == [3]
    assert (matching.split() < 4).all()
    assert (matching.merged() >= 4).all()


@pytest.mark.parametrize("iou", [0, -0.5, 1.01, "0.5", None, float("nan"), True])
def test_what_is_no_iou_is_refused(iou: object) -> None:
    shown = repr(iou)
    assert refused(ArgumentError, Threshold.of, iou) == (
        f"{shown} is no IoU from which on objects match\n"
        'hint: it is above 0, and 1 at most, such as 0.5, or "any"'
    )


def test_below_half_the_rule_is_said() -> None:
    assert Threshold.of(0.5) == Threshold(0.5, "greedy")
    assert Threshold.of(0.3, "hungarian") == Threshold(0.3, "hungarian")
    assert refused(ArgumentError, Threshold.of, 0.3) == (
        "below an IoU of 0.5 one object may match several, and 0.3 comes without a rule\n"
        'hint: say `rule="greedy"` or `rule="hungarian"`'
    )
