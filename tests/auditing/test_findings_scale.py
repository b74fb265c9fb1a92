"""What an audit tells images by, where few of many are concerned, and what it costs with many labels."""

import tracemalloc

import numpy as np
import pytest

from segscore import Classes, Evaluation, Evaluator, SegscoreWarning
from segscore.auditing.labels import smoothed
from segscore.auditing.seen import Seen


def scenes_with(swapped: int, right: int) -> Evaluation:
    """Return images of cars and buses: large ones where these are swapped, and small perfect ones."""
    judge = Evaluator(["road", "car", "bus"])
    large, small = (np.repeat([0, 1, 2], size).reshape(3, size) for size in (4_000, 40))
    for i in range(right):
        judge.add(pred=small, target=small, name=f"a_right_{i}")
    for i in range(swapped):
        judge.add(pred=np.array([0, 2, 1])[large], target=large, name=f"b_swapped_{i}")
    return judge.result()


def test_images_are_those_that_hold_the_pairs_and_not_only_their_labels() -> None:
    assert [f.kind for f in scenes_with(swapped=1, right=4).findings] == []
    (finding,) = scenes_with(swapped=5, right=4).findings
    assert finding.kind == "swapped-classes"
    assert {key: finding.evidence[key] for key in ("pixels", "images", "first")} == {
        "pixels": 40_000,
        "images": 5,
        "first": "b_swapped_0",
    }


def test_stray_values_cost_no_memory_for_each_class() -> None:
    count = 5_000
    classes = Classes([f"c{i}" for i in range(count)], range(0, 20 * count, 20))
    judge = Evaluator(classes)
    labels = np.arange(count) * 20
    with pytest.warns(SegscoreWarning):
        judge.add(pred=labels + 10, target=labels)
    ev = judge.result()
    seen = Seen(classes, ev.names, ev.table)
    assert seen.missed.all()
    tracemalloc.start()
    try:
        kind = smoothed(seen, "pred")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert kind == "resized-mask"
    assert peak < 20e6, "two arrays of strays times classes are 400 MB"


@pytest.mark.parametrize(("stray", "kind"), [(8, "jpeg-mask"), (9, "resized-mask")])
def test_values_are_near_a_class_on_either_side(stray: int, kind: str) -> None:
    judge = Evaluator(Classes(["a", "b"], [0, 255]))
    target = np.repeat([0, 255], 100)
    with pytest.warns(SegscoreWarning):
        judge.add(pred=np.abs(target - stray), target=target)
    assert [f.kind for f in judge.result().findings if f.severity == "warning"] == [kind]
