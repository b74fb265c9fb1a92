"""Merged classes give what merged masks give."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import segscore
from segscore import ArgumentError, Classes, load
from support.random_masks import IGNORED, classes_of, evaluation_of, masks
from support.refused import refused
from support.results import evaluated

GROUPS = st.sampled_from([[[3, 0]], [[1, 2], [4, 0]], [[0, 1, 2, 3, 4]], [[2]], [[4, 1, 3]]])


@settings(max_examples=40)
@given(st.integers(0, 2**32), st.integers(1, 4), GROUPS, st.booleans())
def test_merged_classes_score_as_merged_masks(
    seed: int, images: int, groups: list[list[int]], other_labels: bool
) -> None:
    space = [20, 10, 13, 40, 5] if other_labels else None
    classes = classes_of(5, pred_labels=space)
    pairs = masks(seed, images, classes, 30)
    ev = evaluation_of(pairs, classes)
    found = ev.merge({f"m{i}": [f"c{k}" for k in group] for i, group in enumerate(groups)})

    stays = list(range(5))
    for group in groups:
        for k in group:
            stays[k] = min(group)
    names = [f"c{k}" for k in range(5)]
    for i, group in enumerate(groups):
        names[min(group)] = f"m{i}"
    kept = sorted(set(stays))
    merged = Classes([names[k] for k in kept], kept, ignore=[IGNORED])

    def relabelled(mask: np.ndarray, labels: tuple[int, ...]) -> np.ndarray:
        to = {label: stays[k] for k, label in enumerate(labels)}
        return np.array([to.get(label, IGNORED) for label in mask.tolist()])

    expected = evaluation_of(
        [
            (relabelled(p, classes.pred_labels or classes.labels), relabelled(t, classes.labels))
            for p, t in pairs
        ],
        merged,
    )
    assert found.classes.names == merged.names
    assert found.classes.labels == tuple(classes.labels[k] for k in kept)
    assert found.confusion.counts.tolist() == expected.confusion.counts.tolist()
    assert found.confusion.missed.tolist() == expected.confusion.missed.tolist()
    assert found.scores.ignored == expected.scores.ignored
    for name in ("iou", "mean_image_iou", "mean_image_dice", "pixels", "ignored"):
        np.testing.assert_array_equal(getattr(found.images, name), getattr(expected.images, name))


@settings(max_examples=10)
@given(st.integers(0, 2**32))
def test_a_merged_evaluation_is_saved_and_merged_again(seed: int) -> None:
    import tempfile

    ev = evaluation_of(masks(seed, 3, classes_of(5)), classes_of(5))
    once = ev.merge({"a": ["c0", "c3"]}).merge({"b": ["a", "c1"]})
    assert once == ev.merge({"b": ["c0", "c3", "c1"]})
    assert once.provenance["merged"] == "a = c0 + c3; b = a + c1"
    with tempfile.TemporaryDirectory() as folder:
        once.save(f"{folder}/a.npz")
        assert load(f"{folder}/a.npz") == once


def test_colours_means_and_descriptions_of_merged_classes() -> None:
    classes = Classes(
        ["sky", "car", "bus", "void"],
        [5, 6, 7, 8],
        ignore=[9],
        not_in_mean=[5, 6, 7],
        colours={5: (1, 0, 0), 6: (2, 0, 0), 7: (3, 0, 0), 9: (0, 0, 0)},
        name="streets",
        title="Streets",
    ).ignoring(8)
    ev = evaluated(classes, [([5, 6, 7, 8], [5, 7, 6, 8])])
    found = ev.merge({"vehicle": ["bus", "car"]}).classes
    assert found == Classes(
        ["sky", "vehicle", "void"],
        [5, 6, 8],
        ignore=[9],
        not_in_mean=[5, 6],
        colours={5: (1, 0, 0), 6: (2, 0, 0), 9: (0, 0, 0)},
    ).ignoring(8)
    assert (found.name, found.title) == (None, None)
    merged = evaluated(Classes(["a", "b"], not_in_mean=[0]), [([0, 1], [1, 1])]).merge({"ab": ["a", "b"]})
    assert (merged.classes.not_in_mean, merged.scores.mean_iou) == ((), 1.0)
    assert "merged: ab = a + b" in str(merged)


def test_colours_of_rgb_masks_are_merged() -> None:
    colours = {0: (1, 0, 0), 1: (0, 2, 0), 2: (0, 0, 3)}
    classes = Classes(["road", "car", "bus"], colours=colours)
    painted = [
        np.array([colours[k] for k in row], np.uint8).reshape(1, 4, 3) for row in ([0, 1, 2, 1], [0, 2, 1, 1])
    ]
    ev = segscore.evaluate(
        pred=["p"], target=["t"], classes=classes, read=lambda path: painted["pt".index(path[-1])]
    )
    assert ev.scores.iou.tolist() == [1.0, 1 / 3, 0.0]
    assert ev.merge({"vehicle": ["car", "bus"]}).scores.iou.tolist() == [1.0, 1.0]


EV = evaluation_of([(np.array([10, 11]), np.array([11, 9]))], classes_of(3).ignoring(12))


ONCE = "hint: a class is merged once; `ev.regions` scores regions that overlap"
SUCH_AS = 'hint: name the classes that become one: {"vehicle": ["car", "bus"]}'


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ({"a": ["c0", "cO"]}, "there is no class `cO`\nhint: the nearest are `c2`, `c1`, `c0`"),
        ({"a": ["c0"], "b": ["c0"]}, f"class `c0` is in `a` and in `b`\n{ONCE}"),
        ({"a": ["c0", "c0"]}, f"class `c0` is twice in `a`\n{ONCE}"),
        (
            {"a": ["c1", "c2"]},
            "class `c2` is ignored, so it cannot be merged\nhint: merge classes that are scored",
        ),
        (
            {"c1": ["c0"]},
            "class `c1` stays, so no merged class can have its name\n"
            "hint: choose another name, or list `c1` among the classes to merge",
        ),
        ({"a": "c0"}, f"`a` is merged of 'c0'\n{SUCH_AS}"),
        ({"a": []}, f"`a` is merged of []\n{SUCH_AS}"),
        ({}, f"classes are merged by {{}}\n{SUCH_AS}"),
        ({"a": [7]}, "a class is named by a text, found 7\nhint: such as 'c0'"),
    ],
)
def test_what_cannot_be_merged_is_an_error(groups: dict[str, list[str]], message: str) -> None:
    assert refused(ArgumentError, EV.merge, groups) == message


def test_classes_that_come_one_by_one_are_merged_as_those_of_a_list() -> None:
    found = EV.merge({"a": (name for name in ("c0", "c1"))})
    assert found == EV.merge({"a": ["c0", "c1"]})
    assert found.provenance["merged"] == "a = c0 + c1"
    assert "`a` is merged of <generator object" in refused(ArgumentError, EV.merge, {"a": (x for x in ())})
