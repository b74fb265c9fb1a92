"""What the viewer is told of images: classes by their colours, and pixels of each pair of classes."""

from collections import Counter

import numpy as np
import pytest

from segscore import Classes, Evaluator, SegscoreWarning
from segscore.classes.colours import class_colours, distinct
from segscore.pages.masks import palette_of
from segscore.pages.panels.viewed import viewed

NAMES = ["road", "<b>sky", "\u202etree"]
COLOURS = {3: (255, 0, 255), 7: (20, 22, 24)}  # those of no class, and of what is ignored
CLASSES = Classes(NAMES, [3, 7, [9, 12]], ignore=[255], colours=COLOURS)


def scored(masks, classes=CLASSES):
    """Return the evaluation of pairs of masks by names."""
    judge = Evaluator(classes)
    for name, (target, pred) in masks.items():
        judge.add(pred=pred, target=target, name=name)
    return judge.result()


def told(data, at, part="pred"):
    """Return the pixels of an image by the names of both classes."""
    flat, names = data["pairs"][at][part], [name for name, _ in data["classes"]]
    rows = [flat[i : i + 3] for i in range(0, len(flat), 3)]
    found = {(names[target], names[pred]): pixels for target, pred, pixels in rows}
    assert len(found) == len(rows)
    return found


def test_pairs_are_counted_by_classes():
    random = np.random.default_rng(0)
    words = {3: "road", 7: "<b>sky", 9: "\\u202etree", 12: "\\u202etree"}
    masks = {
        name: (random.choice([3, 7, 9, 12, 255], (20, 30)), random.choice([3, 7, 9, 12, 5, 255], (20, 30)))
        for name in ("b", "a", "c")
    }
    with pytest.warns(SegscoreWarning, match="no class"):
        made = viewed(CLASSES, {"pred": scored(masks)}, {"pred": "Prediction"}, ["a", "c"])
    assert made["sides"] == [["pred", "Prediction"]]
    assert [name for name, _ in made["classes"]] == ["road", "<b>sky", "\\u202etree", "no class", "ignored"]
    for at, name in enumerate(("a", "c")):
        target, pred = (mask.ravel().tolist() for mask in masks[name])
        expected = Counter(
            ("ignored", "ignored") if t == 255 else (words[t], words.get(p, "no class"))
            for t, p in zip(target, pred, strict=True)
        )
        assert told(made, at) == dict(expected)


def test_two_sides_have_pairs_of_their_own():
    target = np.array([[3, 3, 7]])
    sides = {"a": scored({"one": (target, target)}), "b": scored({"one": (target, target[:, ::-1])})}
    made = viewed(CLASSES, sides, {"a": "v1", "b": "v2"}, ["one"])
    assert told(made, 0, "a") == {("road", "road"): 2, ("<b>sky", "<b>sky"): 1}
    assert told(made, 0, "b") == {("road", "road"): 1, ("road", "<b>sky"): 1, ("<b>sky", "road"): 1}


def test_of_many_classes_those_that_occur_are_told():
    masks = {"one": (np.array([[299, 4]]), np.array([[4, 17]])), "two": (np.array([[5]]), np.array([[5]]))}
    made = viewed(Classes.of(300), {"pred": scored(masks, Classes.of(300))}, {"pred": "Prediction"}, ["one"])
    assert [name for name, _ in made["classes"]] == ["4", "17", "299", "no class", "ignored"]
    assert told(made, 0) == {("299", "4"): 1, ("4", "17"): 1}
    made = viewed(Classes.of(300), {"pred": scored(masks, Classes.of(300))}, {"pred": "Prediction"}, [])
    assert [name for name, _ in made["classes"]] == ["no class", "ignored"]


def test_no_two_classes_have_one_colour():
    palette = palette_of(CLASSES)
    assert len({*palette}) == 5
    assert palette[:3] == [*class_colours(CLASSES)]
    assert palette[3:] == [(255, 0, 254), (20, 22, 25)]
    made = viewed(CLASSES, {}, {}, [])  # of targets alone
    assert (made["sides"], made["pairs"]) == ([], [])
    assert [one for _, one in made["classes"]] == ["#{:02x}{:02x}{:02x}".format(*one) for one in palette]
    assert len(viewed(Classes.of(300), {}, {}, [])["classes"]) == 302
    assert distinct([(1, 1, 255)] * 3) == [(1, 1, 255), (1, 1, 254), (1, 1, 253)]
