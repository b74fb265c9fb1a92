"""What the viewer is told beside pictures: classes by their colours, and pixels of each pair of classes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from segscore.base.values import Ints
from segscore.base.wording import visible
from segscore.classes.classes import Classes
from segscore.classes.colours import colour, other_colours
from segscore.counts.rows import joined
from segscore.pages.masks import palette_of
from segscore.results.evaluated import Evaluated

_MANY = 256


def viewed(
    classes: Classes, sides: Mapping[str, Evaluated], titles: Mapping[str, str], names: Sequence[str]
) -> dict[str, Any]:
    """Return what the viewer reads, of evaluations of the same targets by the parts that show predictions.

    ``sides`` are these parts with their titles, none of targets alone. ``classes`` are names and colours in
    their order, of many classes those that occur in these images, and at the end no class and ignored.
    ``pairs`` are, for each image and each side, places in this list and pixels, one after another: class of
    the target, class of the prediction, how many pixels of the image have both.
    """
    pairs = {part: _pairs(side, names) for part, side in sides.items()}
    held = {int(one) for found in pairs.values() for rows in found for one in rows[:2].ravel()}
    first = len(classes) if sides and len(classes) >= _MANY else 0
    occurring = sorted({*held, *range(first, len(classes) + 2)})
    place = {one: at for at, one in enumerate(occurring)}
    texts = [*(visible(name) for name in classes.names), *other_colours(classes)]
    palette = palette_of(classes)
    return {
        "sides": [[part, titles[part]] for part in sides],
        "classes": [[texts[one], colour(palette[one])] for one in occurring],
        "pairs": [
            {part: _flat(rows, place) for part, rows in zip(pairs, of, strict=True)}
            for of in zip(*pairs.values(), strict=True)
        ],
    }


def _pairs(evaluation: Evaluated, names: Sequence[str]) -> list[Ints]:
    """Return target, prediction and pixels (3, n) of each image, by the indices of `Masks`.

    What is predicted where targets are ignored is no matter.
    """
    if not names:
        return []
    place = {name: i for i, name in enumerate(evaluation.names)}
    table = evaluation.table.take(np.array([place[name] for name in names]))
    target, pred = evaluation.classes.fold(table.target, table.pred)
    count = len(evaluation.classes) + 2
    both = np.where(target < 0, count * count - 1, target * count + pred)
    (image, both), sums = joined([table.image, both], table.pixels)
    rows = np.stack([*np.divmod(both, count), sums])
    return np.split(rows, image.searchsorted(np.arange(1, len(names))), axis=1)


def _flat(rows: Ints, place: Mapping[int, int]) -> list[int]:
    return [value for t, p, pixels in rows.T.tolist() for value in (place[t], place[p], pixels)]
