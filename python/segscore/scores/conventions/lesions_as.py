"""LesionsAs: the numbers that a tool would make of the components that were told apart.

Rules are in `lesion_rules`; no name of a tool is known here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from segscore.base.naming import arg
from segscore.base.values import Floats, Ints, readonly
from segscore.base.wording import visible
from segscore.classes.classes import Classes
from segscore.counts.grown import Grown
from segscore.counts.objects import PRED, TARGET
from segscore.errors import ArgumentError
from segscore.scores import metrics
from segscore.scores.conventions import lesion_rules
from segscore.scores.conventions.images_as import ImagesAs
from segscore.scores.conventions.lesion_rules import LesionRule
from segscore.scores.matching import Matching, Threshold
from segscore.scores.shapes import Shapes
from segscore.text.numbers import number
from segscore.text.plain import WIDTH
from segscore.text.table import table


@dataclass(frozen=True, eq=False, repr=False)
class LesionsAs(ImagesAs):
    """What a challenge or a tool says of lesions.

    Attributes
    ----------
    rule : LesionRule
        What it does, and where that was read.
    names : tuple of str
        Of the images.
    images : mapping of str to float64 (n, K)
        Its numbers of each class in each image, read-only; NaN where it has none, and for classes without
        components.
    means : mapping of str to float64 (K,)
        Its numbers of each class: means over the images that have one, read-only.
    differences : tuple of str
        What the rule does, one sentence each.
    shard : str
        Of which shards of a plan the images are, in words; empty for all images that there are.

    Examples
    --------
    >>> from segscore import Evaluator
    >>> judge = Evaluator(["background", "lesion"], components=True, dilation=1)
    >>> judge.add(pred=[[0, 1, 1, 1, 0, 0, 1]], target=[[1, 1, 1, 1, 0, 0, 0]], name="case_01")
    >>> judge.result().lesions_as("brats-met").means["dice"].round(3).tolist()
    [nan, 0.429]
    """

    rule: LesionRule
    classes: Classes
    names: tuple[str, ...]
    images: Mapping[str, Floats]
    means: Mapping[str, Floats]
    differences: tuple[str, ...]
    shard: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        for values in (*self.images.values(), *self.means.values()):
            readonly(values)

    def _about(self) -> dict[str, Any]:
        return {"numbers": dict(self.rule.numbers)}

    def __str__(self) -> str:
        """Return a table of the means by class, and what the rule does."""
        there = np.flatnonzero(~np.isnan(np.stack([*self.means.values()])).all(axis=0)).tolist()
        rows = [
            (visible(self.classes.names[i]), *(number(float(of[i])) for of in self.means.values()))
            for i in there
        ]
        return self._text("means over images", table(("class", *self.means), rows, WIDTH))


def lesions_as(name: object, shapes: Shapes, shard: str = "") -> LesionsAs:
    """Return what was counted of components under the rule of a name in `LESION_RULES`."""
    rule, matching = lesion_rules.of(name), shapes.matching
    if not shapes.measures.components:
        raise ArgumentError(
            f"`{rule.name}` is of components, and objects were told apart by ids",
            f"evaluate masks of classes with {arg('components', True)}",
        )
    steps = shapes.measures.dilation
    if rule.dilation and steps != rule.dilation:
        raise ArgumentError(
            f"`{rule.name}` grows targets by {rule.dilation}, and they were grown by {steps}",
            f"evaluate with {arg('components', True)} and {arg('dilation', rule.dilation)}",
        )
    if rule.dilation and shapes.measures.connectivity not in (None, 26):
        raise ArgumentError(
            f"`{rule.name}` takes all neighbours, and components are of {shapes.measures.connectivity}",
            f"evaluate without {arg('connectivity')}",
        )
    if rule.dilation:
        images = _of_grown(rule, matching, shapes.grown, shapes.pixel_sizes)
    else:
        images = _of_matches(rule, matching)
    there = np.isin(np.arange(len(shapes.classes)), np.flatnonzero(shapes.component_classes))
    numbers = {key: np.where(there, images[key], np.nan) for key in rule.numbers}
    means = {key: _mean(values) for key, values in numbers.items()}
    return LesionsAs(rule, shapes.classes, shapes.names, numbers, means, rule.notes, shard)


def _of_grown(rule: LesionRule, matching: Matching, grown: Grown, sizes: Floats) -> dict[str, Floats]:
    """Return numbers of each class in each image, float64 (n, K), of targets that were grown.

    A lesion has the targets that touch once they are grown, and its prediction is all components within that.
    """
    objects, overlaps = matching.objects, matching.overlaps
    shape = len(objects.offsets) - 1, matching.classes
    rows = grown.rows_in(objects)
    is_target = grown.side == TARGET
    # Groups of all images by number, in the order of the images.
    starts = np.concatenate([[0], np.cumsum(_most(grown, shape[0]))])
    group = starts[grown.image] + grown.group
    count = int(starts[-1])
    of_target = np.zeros(len(objects.id), dtype=np.int64)
    of_target[rows[is_target]] = group[is_target]
    both = [np.zeros(count, dtype=np.int64) for _ in range(2)]
    for sizes_of, side in zip(both, (is_target, ~is_target), strict=True):
        np.add.at(sizes_of, group[side], objects.pixels[rows[side]])
    volume, predicted = both
    shared = np.zeros(count, dtype=np.int64)
    target, pred = overlaps.rows_in(objects)
    alike = objects.label[target] == objects.label[pred]
    np.add.at(shared, of_target[target[alike]], overlaps.pixels[alike])
    first = np.zeros(count, dtype=np.int64)
    first[group[is_target]] = rows[is_target]
    image, label = objects.image[first], objects.label[first]
    counted = volume * sizes[image] > rule.least
    touching = np.zeros(len(objects.id), dtype=np.bool_)
    touching[rows] = True

    def summed(where: Ints, values: Floats | Ints | None = None) -> Floats:
        made = np.zeros(shape)
        np.add.at(made, (image[where], label[where]), 1 if values is None else values[where])
        return made

    dice = summed(np.flatnonzero(counted), metrics.ratio(2 * shared, volume + predicted))
    tp, fn = (summed(np.flatnonzero(counted & ((predicted > 0) == found))) for found in (True, False))
    fp = np.zeros(shape)
    lone = np.flatnonzero((objects.side == PRED) & ~touching)
    np.add.at(fp, (objects.image[lone], objects.label[lone]), 1)
    there = tp + fn + fp
    return {"dice": np.where(there > 0, metrics.ratio(dice, there), rule.empty), "tp": tp, "fn": fn, "fp": fp}


def _most(grown: Grown, images: int) -> Ints:
    """Return how many groups each image has, int64 (n,)."""
    found = np.zeros(images, dtype=np.int64)
    np.maximum.at(found, grown.image, grown.group + 1)
    return found


def _of_matches(rule: LesionRule, matching: Matching) -> dict[str, Floats]:
    """Return numbers of each class in each image, float64 (n, K), of components that match."""
    found = matching.at(Threshold(0.5))
    tp, fn, fp = (one.astype(np.float64) for one in (found.tp, found.fn, found.fp))
    objects, pairs = matching.objects, found.matches
    dice = np.zeros(tp.shape)
    at = objects.image[pairs.target], objects.label[pairs.target]
    np.add.at(dice, at, 2 * pairs.iou / (1 + pairs.iou))
    there = tp + fn + fp > 0
    rq, sq, sq_dsc = (
        np.where(there, np.nan_to_num(of), rule.empty)
        for of in (
            metrics.ratio(2 * tp, 2 * tp + fp + fn),
            metrics.ratio(found.iou, tp),
            metrics.ratio(dice, tp),
        )
    )
    return {
        "pq": sq * rq,
        "sq": sq,
        "rq": rq,
        "sq_dsc": sq_dsc,
        "pq_dsc": sq_dsc * rq,
        "tp": tp,
        "fn": fn,
        "fp": fp,
    }


def _mean(values: Floats) -> Floats:
    """Return the mean over images, float64 (n, K) to (K,), of those that have a value."""
    return metrics.ratio(np.nan_to_num(values).sum(axis=0), (~np.isnan(values)).sum(axis=0))
