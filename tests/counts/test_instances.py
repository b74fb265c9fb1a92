"""Maps of ids become objects, what these share, and pair counts of classes: against loops over pixels."""

from typing import Any

import numpy as np
import pytest

from segscore import ArgumentError, Classes, ShapeError
from segscore.counts.id_maps import relabelled
from segscore.counts.instances import Outside, count_instances, outside_label, with_outside
from segscore.counts.objects import CROWD
from support.instances import drawn
from support.refused import refused

CLASSES = with_outside(Classes(["car", "person", "sky"]), "void")
TARGET = [[3, 3, 4], [3, 9, 0]]
PRED = [[7, 7, 7], [0, 8, 8]]
HINT = (
    "hint: every id but 0 that has pixels is a segment of some class, and every segment has pixels: "
    '{7: "car", 9: ("person", "crowd")}'
)


def counted(**changed: Any) -> Any:
    """Return what a small image comes to, with some arguments changed."""
    given: dict[str, Any] = {
        "target": np.array(TARGET),
        "pred": np.array(PRED),
        "target_segments": {3: "car", 9: "sky", 4: ("person", "crowd")},
        "pred_segments": {8: "sky", 7: "car"},
        "scores": {7: 0.5, 8: 0.25},
        "outside": "void",
    }
    return count_instances(CLASSES, **given | changed)


def test_objects_of_a_small_image() -> None:
    pairs, (objects, overlaps) = counted()
    assert {name: column.tolist() for name, column in objects.columns().items() if "bits" not in name} == {
        "offsets": [0, 5],
        "side": [0, 0, 0, 1, 1],
        "id": [3, 9, 4, 8, 7],
        "label": [0, 2, 1, 2, 0],
        "pixels": [3, 1, 1, 2, 3],
        "flags": [0, 0, CROWD, 0, 0],
        "void": [0, 0, 0, 1, 0],
        "place": [0, 1, 2, 0, 1],
    }
    assert objects.area.tolist() == [3, 1, 1, 2, 3]
    assert objects.score.tolist() == [0, 0, 0, 0.25, 0.5]
    assert {name: column.tolist() for name, column in overlaps.columns().items()} == {
        "offsets": [0, 3],
        "target": [0, 1, 2],
        "pred": [1, 0, 1],
        "pixels": [2, 1, 1],
    }
    rows = [tuple(map(int, row)) for row in zip(*pairs.columns(), strict=True)]
    assert rows == [(0, 0, 2), (0, 255, 1), (1, 0, 1), (2, 2, 1), (255, 2, 1)]


@pytest.mark.parametrize("seed", range(12))
def test_objects_are_those_that_loops_over_pixels_find(seed: int) -> None:
    image = drawn(seed, 3)
    outside: Outside = "void" if seed % 2 else "background"
    classes = with_outside(Classes(["car", "person", "sky"], ignore=[77]), outside)
    pairs, (objects, overlaps) = count_instances(classes, **image, outside=outside)
    target, pred = image["target"], image["pred"]
    ids = [*image["target_segments"]], [*image["pred_segments"]]
    assert objects.id.tolist() == [*ids[0], *ids[1]]
    sizes = [int((side == one).sum()) for side, of in zip((target, pred), ids, strict=True) for one in of]
    assert objects.pixels.tolist() == sizes
    void = [int(((pred == one) & (target == 0)).sum()) if outside == "void" else 0 for one in ids[1]]
    assert objects.void.tolist() == [0] * len(ids[0]) + void
    shared = [
        (i, j, int(((target == one) & (pred == other)).sum()))
        for i, one in enumerate(ids[0])
        for j, other in enumerate(ids[1])
    ]
    found = zip(overlaps.target.tolist(), overlaps.pred.tolist(), overlaps.pixels.tolist(), strict=True)
    assert list(found) == [row for row in shared if row[2]]

    def painted(ids: Any, segments: Any) -> Any:
        made = np.full(ids.shape, outside_label(classes, outside))
        for one, of in segments.items():
            name = of[0] if isinstance(of, tuple) else of
            made[ids == one] = classes.labels[classes.names.index(name)]
        return made

    both = painted(target, image["target_segments"]), painted(pred, image["pred_segments"])
    for one, other, pixels in zip(*pairs.columns(), strict=True):
        assert pixels == ((both[0] == one) & (both[1] == other)).sum()
    assert pairs.total == target.size


def test_a_segment_of_what_is_ignored_is_void() -> None:
    classes = Classes(["car", "person", "sky"], ignore=[77])
    _, (objects, _) = count_instances(
        classes,
        target=np.array([[3, 3, 4]]),
        pred=np.array([[7, 7, 7]]),
        target_segments={3: 77, 4: 0},
        pred_segments={7: 0},
        scores=None,
        outside="void",
    )
    assert objects.id.tolist() == [4, 7]
    assert objects.place.tolist() == [1, 0]
    assert objects.void.tolist() == [0, 2]


def test_wide_ids_and_negative_ones_are_told_apart() -> None:
    ids = np.array([[2**40, 2**32 - 1, -5]])
    segments = {2**40: "car", 2**32 - 1: "car", -5: "sky"}
    _, (objects, overlaps) = counted(
        target=ids, pred=ids, target_segments=segments, pred_segments=segments, scores=None
    )
    assert objects.id.tolist() == [2**40, 2**32 - 1, -5] * 2
    assert overlaps.pred.tolist() == [0, 1, 2]


def test_all_that_is_wrong_with_an_image_is_said_at_once() -> None:
    text = refused(
        ArgumentError,
        counted,
        target_segments={3: "car", 9: "cat", 0: "sky", 11: "car"},
        pred_segments={7: ("car", "crowd"), 5: "sky", "8": "sky"},
        scores={7: float("nan"), 6: 1.0},
    )
    assert text == (
        "11 faults of one image:\n"
        "  `target_segments[9]` is 'cat', which is no class\n"
        "  `target_segments` has 0, which is the id of no segment\n"
        "  `pred_segments[7]` is a crowd, which only targets have\n"
        "  `pred_segments` has '8', which is the id of no segment\n"
        "  `scores[7]` is nan, which is no finite number\n"
        "  `scores` has 6, which is no predicted segment\n"
        "  `scores` lacks those of segment 5\n"
        "  `target` has pixels of id 4 without a segment\n"
        "  `target` has no pixel of segment 11\n"
        "  `pred` has pixels of id 8 without a segment\n"
        "  `pred` has no pixel of segment 5\n"
        f"{HINT}"
    )


def test_of_very_many_faults_the_first_are_shown() -> None:
    strange = dict.fromkeys(range(100, 140), "cat")
    lines = refused(ArgumentError, counted, target_segments=strange).split("\n")
    assert lines[0] == "42 faults of one image:"
    assert lines[20:] == ["  `target_segments[119]` is 'cat', which is no class", "  and 22 more", HINT]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"target_segments": {3: "car", 9: "sky"}}, "`target` has pixels of id 4 without a segment"),
        (
            {"pred_segments": {7: "car", 8: "sky", 5: "sky"}, "scores": None},
            "`pred` has no pixel of segment 5",
        ),
        ({"scores": {7: 0.5}}, "`scores` lacks those of segment 8"),
        ({"scores": {7: 0.5, 8: float("inf")}}, "`scores[8]` is inf, which is no finite number"),
        (
            {"pred_segments": {7: 255, 8: "sky"}},
            "`pred_segments[7]` is 255, which is ignored, and no prediction",
        ),
    ],
)
def test_one_fault_is_one_line(changed: dict[str, Any], said: str) -> None:
    of_scores = "hint: `scores` has a finite number for each predicted segment: {7: 0.93}"
    hint = of_scores if said.startswith("`scores") else HINT
    assert refused(ArgumentError, counted, **changed) == (f"{said}\n{hint}")


def test_arguments_of_other_kinds_are_refused() -> None:
    assert refused(ArgumentError, counted, target_segments=[3, 4]).startswith(
        "`target_segments` is of type list, expected the class of each id"
    )
    assert refused(ArgumentError, counted, scores=[0.5]).startswith(
        "`scores` is of type list, expected the score of each id"
    )
    assert "shape" in refused(ShapeError, counted, pred=np.array([[7, 8]]))


def test_pixels_outside_have_a_label_of_their_own() -> None:
    plain = Classes(["car", "person"])
    assert with_outside(plain, "void").ignore == (255,)
    assert with_outside(Classes(["car"], ignore=[9]), "void").ignore == (9,)
    assert with_outside(plain, "background").names == ("background", "car", "person")
    assert with_outside(plain, "background").labels == (2, 0, 1)
    named = Classes(["Background", "cell"])
    assert with_outside(named, "background") == named
    assert outside_label(named, "background") == 0
    assert refused(ArgumentError, with_outside, plain, "nothing") == (
        "there is no meaning of pixels outside all segments `nothing`\n"
        "hint: the nearest are `void`, `background`"
    )
    for classes in (plain.with_predictions([1, 0]), Classes(["car"], label_rule="value // 1000")):
        assert refused(ArgumentError, with_outside, classes, "void") == (
            "the classes have label values of predictions, or a rule of codes; segments name their classes\n"
            "hint: give classes with one label value each"
        )


@pytest.mark.parametrize(
    ("shape", "labels", "rest", "dtype"),
    [
        ((20, 30), [0, 3, 7], 255, "uint8"),
        ((4, 20, 30), [0, 300, 7], 255, "uint16"),
        ((20, 30), [0, 3, 1 << 40], -1, "int64"),
        ((0, 30), [0, 3, 7], 255, "uint8"),
    ],
)
def test_ids_become_labels(shape: tuple[int, ...], labels: list[int], rest: int, dtype: str) -> None:
    ids = np.random.default_rng(2).choice([0, 5, 70_000, 6], shape).astype(np.uint32)
    found = relabelled(ids, np.array([0, 70_000, 5]), labels, rest)
    expected = np.select([ids == 0, ids == 70_000, ids == 5], labels, rest)
    assert (found.dtype, found.tolist()) == (dtype, expected.tolist())
