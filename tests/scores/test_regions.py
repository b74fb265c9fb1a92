"""Regions are scored as binary masks of their pixels."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segscore import ArgumentError, Evaluator
from support.random_masks import IGNORED, binary, classes_of, evaluation_of, masks
from support.refused import refused

GROUPS = {"all": [10, 11, 12, 13], "some": ["c1", 13], "one": ["c2"]}
INSIDE = {"all": [0, 1, 2, 3], "some": [1, 3], "one": [2]}


@settings(max_examples=40)
@given(st.integers(0, 2**32), st.integers(1, 5), st.booleans())
def test_regions_score_as_binary_masks(seed: int, images: int, other_labels: bool) -> None:
    classes = classes_of(5, pred_labels=[3, 2, 1, 0, 4] if other_labels else None)
    pairs = masks(seed, images, classes, 12)
    found = evaluation_of(pairs, classes).regions(GROUPS)
    assert (found.name, found.images) == (tuple(GROUPS), tuple(f"img{i}" for i in range(images)))
    pred_labels = classes.pred_labels or classes.labels
    whole_pred = np.concatenate([pred for pred, _ in pairs])
    whole_target = np.concatenate([target for _, target in pairs])
    columns = found.columns()
    assert columns["name"].tolist() == list(found.images)
    for r, (name, inside) in enumerate(INSIDE.items()):
        of_pred, of_target = [pred_labels[k] for k in inside], [classes.labels[k] for k in inside]

        def scores(pred, target, of_pred=of_pred, of_target=of_target):
            return binary(np.isin(pred, of_pred), np.isin(target, of_target), target != IGNORED)

        expected = [scores(*pair) for pair in pairs]
        has = [bool(np.isin(target, of_target).any()) for _, target in pairs]
        for key, value in scores(whole_pred, whole_target).items():
            np.testing.assert_array_equal(getattr(found, key)[r], value)
            values = [image[key] for image in expected]
            np.testing.assert_array_equal(getattr(found, f"image_{key}")[:, r], values)
            np.testing.assert_array_equal(columns[f"{key}.{name}"], values)
        for key in ("iou", "dice"):
            values = [image[key] for image, there in zip(expected, has, strict=True) if there]
            mean = np.mean(values) if values else np.nan
            np.testing.assert_allclose(getattr(found, f"mean_image_{key}")[r], mean, rtol=1e-14)


def test_regions_of_single_classes_are_the_classes() -> None:
    ev = evaluation_of(masks(1, 4, classes_of(3), 20), classes_of(3))
    found = ev.regions({name: [name] for name in ev.classes.names})
    for name in ("iou", "dice", "precision", "recall"):
        np.testing.assert_array_equal(getattr(found, name), getattr(ev.scores, name))
    np.testing.assert_array_equal(found.image_iou, ev.images.iou)


def test_the_table_and_the_short_form() -> None:
    judge = Evaluator(["background", "necrosis", "oedema", "enhancing"], ignore_index=255)
    judge.add(pred=[0, 1, 2, 3, 1, 2], target=[0, 1, 2, 1, 3, 255])
    judge.add(pred=[0, 0, 0], target=[0, 0, 0])
    found = judge.result().regions({"whole \x1b": [1, 2, 3], "oedema": [2], "core": [1, 3]})
    assert str(found) == (
        "region         IoU    Dice  precision  recall  in images\n"
        "whole \\x1b  1.0000  1.0000     1.0000  1.0000          1\n"
        "oedema      1.0000  1.0000     1.0000  1.0000          1\n"
        "core        1.0000  1.0000     1.0000  1.0000          1"
    )
    assert repr(found) == (
        "<Regions in 2 images, Dice 'whole \\x1b': 1.0000, 'oedema': 1.0000, 'core': 1.0000>"
    )
    assert found.members == (("necrosis", "oedema", "enhancing"), ("oedema",), ("necrosis", "enhancing"))
    assert np.isnan(found.image_dice[1]).all()
    sent = pickle.loads(pickle.dumps(found))
    for one in (found, sent):
        assert one.dice.tolist() == [1.0, 1.0, 1.0]
        assert not any(array.flags.writeable for array in (one.image_tp, one.tp, one.dice, one.image_iou))


EV = evaluation_of([(np.array([10, 11]), np.array([11, 9]))], classes_of(3).ignoring(12))
EXAMPLE = 'hint: name the classes of each region: {"tumour": [1, 2, 3], "core": [1, 3]}'


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        (
            {"a": [10, 14]},
            "there is no class with the label 14\nhint: the nearest are 12 (`c2`), 11 (`c1`), 10 (`c0`)",
        ),
        ({"a": ["d0"]}, "there is no class `d0`\nhint: the nearest is `c0`"),
        ({"a": [9]}, "label 9 is ignored\nhint: regions are of classes that are scored"),
        ({"a": [12]}, "class `c2` of region `a` is ignored\nhint: regions are of classes that are scored"),
        ({"a": [10, "c0"]}, "class `c0` is twice in region `a`\nhint: name each class once"),
        ({"a": [1.5]}, "a class is named by a text, found 1.5\nhint: such as 'c0'"),
        ({"a": [True]}, "a class is named by a text, found True\nhint: such as 'c0'"),
        ({"a": "c0"}, f"region `a` is of 'c0'\n{EXAMPLE}"),
        ({"a": 10}, f"region `a` is of 10\n{EXAMPLE}"),
        ({"a": []}, f"region `a` is of []\n{EXAMPLE}"),
        ({1: [10]}, f"a region is named by a text, found 1\n{EXAMPLE}"),
        ({}, f"regions are given by {{}}\n{EXAMPLE}"),
        ([10], f"regions are given by [10]\n{EXAMPLE}"),
    ],
)
def test_what_is_no_region_is_an_error(groups: dict[str, list[int]], message: str) -> None:
    assert refused(ArgumentError, EV.regions, groups) == message
