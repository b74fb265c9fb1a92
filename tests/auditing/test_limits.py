"""What an audit could not look for, and what that takes; nothing is said where the data has the answer."""

from collections.abc import Callable

import numpy as np
import pytest

import segscore
from segscore import Classes
from segscore.auditing.results import MASKS, PREDICTIONS, SEVERITIES
from support.planted import CLASSES, WIDTH, Mask, binary, mapped, scenes

RIGHT = (
    "labels that are shifted, scaled or in another order, but where twice as many pixels would be right "
    "without that: it takes 5 images, found {}"
)

ANYWHERE = (
    "predictions that are transposed, which no shape tells of square images, or flipped: hardly more is in "
    "place than by chance, which tells something in 10 images that differ in their classes, as predictions "
    "do with them, found {}"
)


def limits(preds: list[Mask], targets: list[Mask], classes: object = CLASSES) -> list[str]:
    found = segscore.audit(pred=preds, target=targets, classes=classes).limits
    assert all(one.kind in {*SEVERITIES, MASKS, PREDICTIONS} for one in found)
    return [*map(str, found)]


def first(images: int) -> tuple[list[Mask], list[Mask]]:
    preds, targets = scenes()
    return preds[:images], targets[:images]


@pytest.mark.parametrize(("images", "found"), [(2, "2 images"), (4, "4 images")])
def test_few_images_do_not_tell_classes_that_are_exchanged(images: int, found: str) -> None:
    preds, targets = first(images)
    swapped = [mapped(mask, {1: 2, 2: 1}) for mask in preds]
    audit = segscore.audit(pred=swapped, target=targets, classes=CLASSES)
    assert [one.kind for one in audit.limits] == ["swapped-classes", "shifted", "misplaced"]
    assert [*map(str, audit.limits)] == [
        f"two classes that are exchanged: it takes 5 images, found {found}",
        RIGHT.format(found),
        ANYWHERE.format(found),
    ]
    assert audit.limits == segscore.evaluate(pred=swapped, target=targets, classes=CLASSES).audit().limits
    assert str(audit).partition("\n")[0].endswith("; 3 things could not be looked for")


def test_enough_images_tell_all() -> None:
    preds, targets = scenes()
    assert limits(preds, targets) == []
    assert limits([mapped(mask, {1: 2, 2: 1}) for mask in preds], targets) == []
    assert limits(*binary((preds, targets)), "binary") == []


def test_binary_masks_take_more() -> None:
    said = "two classes that are exchanged: it takes 10 images, or 5 in which predictions follow the targets"
    assert limits(*binary(first(9)), "binary") == [f"{said} beyond chance, found 9 images"]
    assert limits(*binary(first(10)), "binary") == []


HALVES = np.arange(8_100).reshape(90, 90) // 4_050


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (
            lambda: ([np.ones_like(mask) for mask in first(6)[0]], first(6)[1], CLASSES),
            [
                "predictions that are constant by mistake: they have one value, which tells something in 10 "
                "images and with two classes of 10,000 target pixels, found 6 images and 3 such classes",
                "copies among 6 predictions with the same number of pixels of each label: they hold too few "
                "labels to tell copies from chance",
            ],
        ),
        (
            lambda: ([HALVES], [HALVES], 3),
            [
                "two classes that are exchanged: it takes 5 images, found 1 image",
                RIGHT.format("1 image"),
                "predictions that are copies of the targets: no pixel is wrong, which tells something from "
                "10,000 scored pixels on, found 8,100",
            ],
        ),
        (
            lambda: (
                first(4)[0],
                first(4)[1],
                Classes([*CLASSES.names, "void"], [0, 1, 2, 3, 4, 255]),
            ),
            [
                "two classes that are exchanged: it takes 5 images, found 4 images",
                RIGHT.format("4 images"),
                "void that is scored as class 255: it is never predicted, which tells something from 1,000 "
                "pixels in 5 images on, found 2,048 pixels in 4 images",
            ],
        ),
        (
            lambda: (
                binary(first(12))[0],
                [255 * mask if i == 0 else mask for i, mask in enumerate(binary(first(12))[1])],
                Classes.of("binary", 255),
            ),
            [
                "a foreground of 1 in some masks and of 255 in others: 255 is ignored, and 5 images of "
                "either kind tell that they are two kinds"
            ],
        ),
        (
            lambda: (
                [np.where(mask == 4, 3, mask) for mask in scenes()[0]],
                [np.where(mask == 4, np.arange(WIDTH) % 64 // 63 + 3, mask) for mask in scenes()[1]],
                CLASSES,
            ),
            [
                "other classes in place of `person`: it takes 1,000 target pixels of each class, found "
                "201 pixels at most"
            ],
        ),
    ],
    ids=["constant", "identical", "void as a class", "two kinds", "rare classes"],
)
def test_each_check_that_needs_more_says_so(
    make: Callable[[], tuple[list[Mask], list[Mask], object]], said: list[str]
) -> None:
    assert limits(*make()) == said


def test_ignoring_the_foreground_hides_all_else() -> None:
    preds, targets = binary(first(3), 255)
    assert limits(preds, targets, Classes.of(2, 255)) == [
        "anything else in predictions: the foreground is ignored"
    ]
