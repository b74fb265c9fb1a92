"""What an audit could not look for, as there is too little data: each check that needs more of it says so.

How much each needs, and why, stands beside the check. Where the data has the answer nothing is said here:
predictions of two values are not constant, however few there are.
"""

from collections.abc import Iterator

import numpy as np

from segscore.auditing import files, labels, matrix, meaning, placement, repairs
from segscore.auditing.results import MASKS, PREDICTIONS, Limit
from segscore.auditing.seen import Seen
from segscore.base.wording import many
from segscore.classes.causes import BINARY
from segscore.counts.doubts import PALETTES
from segscore.text.names import listed


def limits_of(seen: Seen) -> Iterator[Limit]:
    """Yield what could not be looked for, and what that takes."""
    images = len(seen.names)
    if not images:
        yield Limit(MASKS, "anything in masks: no image could be counted")
        return
    if any(meaning.foreground_ignored(seen)):
        yield Limit(PREDICTIONS, "anything else in predictions: the foreground is ignored")
        return
    yield from _orders(seen)
    if placement.untold(seen):
        yield Limit(
            placement.KIND,
            "predictions that are transposed, which no shape tells of square images, or flipped: hardly more "
            f"is in place than by chance, which tells something in {placement.IMAGES} images that differ in "
            f"their classes, as predictions do with them, found {many(images, 'image')}",
        )
    if matrix.is_constant(seen) and not any(matrix.constant(seen)):
        yield Limit(
            "constant-prediction",
            "predictions that are constant by mistake: they have one value, which tells something in "
            f"{matrix.IMAGES} images and with two classes of {matrix.PIXELS:,} target pixels, found "
            f"{many(images, 'image')} and {many(matrix.frequent(seen), 'such class')}",
        )
    if matrix.is_identical(seen) and not any(matrix.identical(seen)):
        yield Limit(
            "identical",
            "predictions that are copies of the targets: no pixel is wrong, which tells something from "
            f"{matrix.PERFECT_PIXELS:,} scored pixels on, found {seen.scores.pixels:,}",
        )
    for mark, rows in labels.marks_as_classes(seen):
        if not labels.are_many(seen, rows):
            pixels, of_mark = int(seen.rows[2][rows].sum()), len(seen.images_with(rows))
            yield Limit(
                "void-class",
                f"void that is scored as class {mark}: it is never predicted, which tells something from "
                f"{labels.MARK_PIXELS:,} pixels in {labels.MARK_IMAGES} images on, found "
                f"{many(pixels, 'pixel')} in {many(of_mark, 'image')}",
            )
    if meaning.are_two_kinds(seen, least=1):
        yield Limit(
            "foreground-ignored",
            "a foreground of 1 in some masks and of 255 in others: 255 is ignored, and "
            f"{meaning.IMAGES} images of either kind tell that they are two kinds",
        )
    shared = files.untold(seen)
    if shared:
        yield Limit(
            "doubled-predictions",
            f"copies among {many(shared, 'prediction')} with the same number of pixels of each label: they "
            "hold too few labels to tell copies from chance",
        )


def _orders(seen: Seen) -> Iterator[Limit]:
    """Yield which exchanges of classes could not be looked for."""
    images, count = len(seen.names), len(seen.classes)
    if count < 2:
        return
    if PALETTES in seen.told:
        yield Limit("other-order", "classes in another order: palettes that differ explain any order")
        return
    found = f"found {many(images, 'image')}"
    takes = f"it takes {{}} images, {found}".format
    exchanged = "two classes that are exchanged: "
    if count == BINARY and images < repairs.INVERTED_IMAGES:
        if repairs.renumbered(seen) is None:
            either = (
                f"{repairs.INVERTED_IMAGES} images, or {repairs.FOLLOWING} in which predictions follow the "
            )
            yield Limit("inverted", f"{exchanged}it takes {either}targets beyond chance, {found}")
    elif images < repairs.IMAGES:
        yield Limit("swapped-classes", exchanged + takes(repairs.IMAGES))
        yield Limit(
            "shifted",
            "labels that are shifted, scaled or in another order, but where twice as many pixels would be "
            f"right without that: {takes(repairs.IMAGES)}",
        )
    rare = (seen.scores.target > 0) & (seen.scores.target < repairs.PIXELS)
    if rare.any():
        names = seen.scores.names_of(rare)
        yield Limit(
            "swapped-classes",
            f"other classes in place of {listed([*names], width=None)}: it takes {repairs.PIXELS:,} target "
            f"pixels of each class, found {many(int(np.max(seen.scores.target[rare])), 'pixel')} at most",
        )
