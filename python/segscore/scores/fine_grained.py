"""Fine-grained means: scores of each class in each image, averaged by image, by class, and over the worst.

Everything is read from the cells of an evaluation. No label is known here, no text is made, and the
dataset's own scores are those of `scores`.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

import numpy as np

from segscore.base.values import Floats, Frozen, Ints, lazy, readonly
from segscore.base.wording import many
from segscore.classes.classes import Classes
from segscore.counts.cells import Cells
from segscore.errors import ArgumentError
from segscore.scores import metrics
from segscore.text.json import to_json
from segscore.text.names import listed
from segscore.text.numbers import number
from segscore.text.plain import WIDTH, wrapped
from segscore.text.table import table

QUANTILES = tuple(range(10, 101, 10))
"""Percentages of the worst images that `image_worst` and `class_worst` average over."""

_METRICS = {"iou": "IoU", "dice": "Dice", "accuracy": "accuracy"}
_COLUMNS = ("mean", "dataset", "images", "classes", "worst images", "worst of classes")
_PERCENT = (1, 5, *range(10, 101, 10))
_MEANS = ("dataset_mean", "image_mean", "class_mean", "image_worst", "class_worst")


@dataclass(frozen=True, eq=False)
class Quantile(Frozen):
    """Means over the worst q percent of the images.

    Attributes
    ----------
    q : float
        Above 0, at most 100, in percent.
    image_mean : float
        Mean of the lowest values of images.
    class_mean : float
        Mean over classes of `per_class`.
    per_class : float64 (K,)
        Mean of the lowest values of the class; NaN for a class that is in no target.
    """

    q: float
    image_mean: float
    class_mean: float
    per_class: Floats = field(repr=False)


@dataclass(frozen=True, eq=False, repr=False)
class Averages(Frozen):
    """One metric, averaged in every order; the arrays are read-only.

    A value is one class in one image whose target has it. What is only predicted in an image has none.

    Attributes
    ----------
    dataset_mean : float
        Mean over classes of the metric of the counts of all images, the number of `Scores`: mIoU^D.
    per_image : float64 (n,)
        Mean over the classes of each image; NaN where none of the mean is in its target.
    per_class : float64 (K,)
        Mean over the images of each class; NaN for a class that is in no target.
    """

    dataset_mean: float
    per_image: Floats
    per_class: Floats
    _classes: Classes = field(repr=False)
    _label: Ints = field(repr=False)
    _value: Floats = field(repr=False)

    def __repr__(self) -> str:
        """Return a short form with the three means."""
        means = (self.dataset_mean, self.image_mean, self.class_mean)
        return "<Averages: dataset {}, images {}, classes {}>".format(*map(number, means))

    @lazy
    def image_mean(self) -> float:
        """Mean of `per_image` over the images that have one: mIoU^I. NaN if none has."""
        return self.quantile(100).image_mean

    @lazy
    def class_mean(self) -> float:
        """Mean of `per_class` over the classes of the mean that are in a target: mIoU^C. NaN if none is."""
        return self.quantile(100).class_mean

    @lazy
    def image_worst(self) -> float:
        """Mean of ``quantile(q).image_mean`` for q = 10, 20, ..., 100: mIoU^I with q averaged out."""
        return float(np.mean([self.quantile(q).image_mean for q in QUANTILES]))

    @lazy
    def class_worst(self) -> float:
        """Mean of ``quantile(q).class_mean`` for q = 10, 20, ..., 100: mIoU^C with q averaged out."""
        return float(np.mean([self.quantile(q).class_mean for q in QUANTILES]))

    def quantile(self, q: float) -> Quantile:
        """Return the means over the worst q percent: mIoU^I_q and mIoU^C_q.

        Parameters
        ----------
        q : float
            Above 0, at most 100. Of n values, ``max(1, floor(n q / 100))`` are taken: of all images for
            `image_mean`, and of those that have the class in their target for each class.

        Raises
        ------
        ArgumentError
            If `q` is not above 0 and at most 100.
        """
        if not isinstance(q, Real) or not 0 < q <= 100:
            raise ArgumentError(
                f"expected `q` above 0 and at most 100, found {q!r}",
                "it is a percentage: 5 takes the worst twentieth of the images",
            )
        values = np.sort(self.per_image[~np.isnan(self.per_image)])
        lowest = values[: int(_taken(float(q), np.int64(len(values))))]
        per_class = self._lowest(float(q))
        return Quantile(
            float(q),
            float(lowest.mean()) if len(lowest) else float("nan"),
            float(metrics.class_mean(per_class, self._classes.in_mean)),
            per_class,
        )

    def _lowest(self, q: float) -> Floats:
        # Values lie by class, lowest first, so a value's rank is its distance from the first of its class.
        count = np.bincount(self._label, minlength=len(self._classes))
        first = np.cumsum(count) - count
        rank = np.arange(len(self._label)) - first[self._label]
        taken = _taken(q, count)
        used = rank < taken[self._label]
        sums = np.bincount(self._label[used], weights=self._value[used], minlength=len(count))
        return readonly(np.where(count > 0, sums / taken, np.nan))


@dataclass(frozen=True, eq=False, repr=False)
class FineGrained(Frozen):
    """Means of IoU, Dice and accuracy by image and by class, and over the worst of them.

    Attributes
    ----------
    classes : Classes
        The K classes. Those that are not in the mean are left out of means over classes.
    images : int
        Number of images, n.
    iou, dice, accuracy : Averages
        Of the IoU, the Dice coefficient, and the accuracy (recall) of each class in each image.

    Notes
    -----
    Z. Wang, M. Berman, A. Rannen-Triki, P. Torr, D. Tuia, T. Tuytelaars, L. Van Gool, J. Yu, M. Blaschko,
    "Revisiting Evaluation Metrics for Semantic Segmentation: Optimization and Evaluation of Fine-grained
    Intersection over Union", NeurIPS (2023), and the authors' code: ``metrics/accuracy_metric.py`` of
    github.com/zifuwanggg/JDTLosses, commit 68ce8ac431a0ea07d325dacb3d94965634285362. As there, a class
    counts in the images whose *target* has it; one that an image only predicts costs the classes whose
    pixels it takes, and has no value of its own. Where segscore differs:

    - Values are 0 to 1, there percent.
    - A class that is in no target is left out of `class_mean` and of accuracy, and one in neither target
      nor prediction out of every `dataset_mean`. There such a class makes the mean NaN, and counts as 1e6
      in the worst quantiles of classes.
    - An image that has no class of the mean in its target is left out; there are no classes outside the mean.
    - Two classes are treated like any number. There, the second class alone makes up the means over the
      dataset and over images, an image of which target and prediction are one and the same class scores 1,
      and a class also counts where it is only predicted.
    - The number of worst values is floored exactly. There, ``q / 100`` is rounded before it is multiplied,
      which may take one value less.
    - A prediction that is no class is a false negative; the authors' code has no such pixels.

    Examples
    --------
    >>> from segscore import Evaluator
    >>> judge = Evaluator(["road", "sky"])
    >>> judge.add(pred=[0, 0, 0, 1], target=[0, 0, 1, 1])
    >>> judge.add(pred=[0, 0, 0, 0], target=[0, 0, 0, 0])
    >>> iou = judge.result().fine_grained.iou
    >>> iou.per_image.round(4).tolist(), round(iou.image_mean, 4)
    ([0.5833, 1.0], 0.7917)
    >>> iou.per_class.round(4).tolist(), round(iou.class_mean, 4), round(iou.quantile(50).image_mean, 4)
    ([0.8333, 0.5], 0.6667, 0.5833)
    """

    classes: Classes
    images: int
    iou: Averages
    dice: Averages
    accuracy: Averages

    @staticmethod
    def of(classes: Classes, cells: Cells) -> "FineGrained":
        """Return the means of the cells of all images."""
        counted = cells.target > 0
        columns = (cells.tp, cells.target, cells.pred)
        sums = tuple(_summed(cells.label, column, len(classes)) for column in columns)
        image, label = cells.image[counted], cells.label[counted]
        parts = tuple(column[counted] for column in columns)

        def averages(formula: Callable[[Ints, Ints, Ints], Floats]) -> Averages:
            of_all = float(metrics.class_mean(formula(*sums), classes.in_mean))
            return _averages(classes, of_all, image, label, formula(*parts), images=cells.shape[0])

        return FineGrained(
            classes,
            cells.shape[0],
            iou=averages(metrics.iou),
            dice=averages(metrics.dice),
            accuracy=averages(lambda tp, target, _: metrics.recall(tp, target)),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return every mean under its name, in plain Python values that JSON can hold.

        Returns
        -------
        dict
            One dict for ``iou``, ``dice`` and ``accuracy`` each, in which undefined values are None;
            ``worst_percent`` holds the means over the worst 1, 5, 10, 20, ..., 100 percent.
        """
        return fine_grained_dict(self)

    def __repr__(self) -> str:
        """Return a short form that ends in the mean IoU of images."""
        return (
            f"<FineGrained of {many(self.images, 'image')}: mean IoU by image {number(self.iou.image_mean)}>"
        )

    def __str__(self) -> str:
        """Return the table of means and what they cover, in 80 columns."""
        return fine_grained_text(self)


def _averages(
    classes: Classes, of_all: float, image: Ints, label: Ints, value: Floats, *, images: int
) -> Averages:
    in_mean = classes.in_mean[label]
    number = np.bincount(image[in_mean], minlength=images)
    sums = np.bincount(image[in_mean], weights=value[in_mean], minlength=images)
    per_image = np.full(images, np.nan)
    np.divide(sums, number, out=per_image, where=number > 0)
    order = np.lexsort((value, label))
    label, value = label[order], value[order]
    count = np.bincount(label, minlength=len(classes))
    per_class = np.full(len(classes), np.nan)
    of_class = np.bincount(label, weights=value, minlength=len(classes))
    np.divide(of_class, count, out=per_class, where=count > 0)
    return Averages(of_all, per_image, per_class, classes, label, value)


def _summed(label: Ints, pixels: Ints, count: int) -> Ints:
    # Not `bincount`, whose weights are floats.
    sums = np.zeros(count, dtype=np.int64)
    np.add.at(sums, label, pixels)
    return sums


def _taken(q: float, count: Any) -> Any:
    """Return how many of so many values are the worst q percent, at least 1."""
    # The product first: it is exact for whole percentages, which q / 100 is not.
    return np.maximum(1, np.floor(q * count / 100).astype(np.int64))


def fine_grained_text(result: "FineGrained", *, width: int = WIDTH) -> str:
    """Return fine-grained means as text.

    Parameters
    ----------
    result : FineGrained
        The means.
    width : int
        Columns of the terminal.

    Returns
    -------
    str
        Lines without a final line end: a table with one row a metric, and what the means cover.
    """
    rows = [
        (label, *(number(getattr(getattr(result, name), mean)) for mean in _MEANS))
        for name, label in _METRICS.items()
    ]
    defined = int((~np.isnan(result.iou.per_image)).sum())
    in_mean, in_target = result.classes.in_mean, ~np.isnan(result.iou.per_class)
    absent = [result.classes.names[i] for i in np.flatnonzero(in_mean & ~in_target).tolist()]
    covered = f"over classes: {int((in_mean & in_target).sum()):,} of {len(result.classes):,}"
    if absent:
        covered += f"; {listed(absent)} {'is' if len(absent) == 1 else 'are'} in no target"
    facts = (
        f"over images: {defined:,} of {result.images:,} have a class of the mean in their target",
        covered,
        "worst: means over the lowest 10 %, 20 %, ..., 100 % of the images, averaged",
    )
    lines = [line for fact in facts for line in wrapped(fact, width)]
    return "\n".join([*table(_COLUMNS, rows, width), "", *lines])


def fine_grained_dict(result: "FineGrained") -> dict[str, Any]:
    """Return fine-grained means as a dict of plain Python values; undefined ones are None.

    Parameters
    ----------
    result : FineGrained
        The means.

    Returns
    -------
    dict
        ``images``, their number, and for each of ``iou``, ``dice`` and ``accuracy`` a dict: the means under
        their names; ``worst_percent``, a list of dicts with ``q``, ``image_mean`` and ``class_mean``;
        ``per_image``, a list in the order of the images; ``per_class``, a list of dicts with ``name`` and
        ``mean``.
    """
    values: dict[str, Any] = {"images": result.images}
    for name in _METRICS:
        averages = getattr(result, name)
        worst = [averages.quantile(q) for q in _PERCENT]
        values[name] = {
            **{mean: getattr(averages, mean) for mean in _MEANS},
            "worst_percent": [
                {"q": q, "image_mean": part.image_mean, "class_mean": part.class_mean}
                for q, part in zip(_PERCENT, worst, strict=True)
            ],
            "per_image": averages.per_image,
            "per_class": [
                {"name": label, "mean": mean}
                for label, mean in zip(result.classes.names, averages.per_class.tolist(), strict=True)
            ],
        }
    # What JSON gives back is plain, and null where a value is undefined.
    made: dict[str, Any] = json.loads(to_json(values))
    return made
