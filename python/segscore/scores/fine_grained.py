"""Fine-grained means: scores of each class in each image, averaged by image, by class, and over the worst.

Everything is read from the cells of an evaluation. No label is known here, no text is made, and the
dataset's own scores are those of `scores`.
"""

import json
from dataclasses import dataclass, field, replace
from numbers import Real
from typing import Any

import numpy as np

from segscore.base.shown import brief
from segscore.base.values import Floats, Frozen, lazy, readonly
from segscore.base.wording import many
from segscore.classes.classes import Classes
from segscore.counts.cells import Cells
from segscore.errors import ArgumentError
from segscore.scores import metrics
from segscore.scores.metric import METRICS
from segscore.scores.metric_row import Counts, Metric
from segscore.scores.ranking import Ranking, taken
from segscore.text.json import to_json
from segscore.text.names import listed
from segscore.text.numbers import number
from segscore.text.plain import WIDTH, wrapped
from segscore.text.table import table

QUANTILES = tuple(range(10, 101, 10))
"""Percentages of the worst images that `image_worst` and `class_worst` average over."""

FINE = (METRICS["iou"], METRICS["dice"], replace(METRICS["recall"], name="accuracy", label="accuracy"))
"""What there are means of."""
MEANS = ("image_mean", "class_mean", "image_worst", "class_worst")
_COLUMNS = ("mean", "dataset", "images", "classes", "worst images", "worst of classes")
_PERCENT = (1, 5, *range(10, 101, 10))
_MEANS = ("dataset_mean", *MEANS)


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
    _classes: Classes
    _cells: Ranking

    def __repr__(self) -> str:
        """Return a short form with the three means."""
        means = (self.dataset_mean, self.image_mean, self.class_mean)
        return "<Averages: dataset {}, images {}, classes {}>".format(*map(number, means))

    @lazy
    def of_images(self) -> Ranking:
        """Return the values of images that have one, the lowest first."""
        image = np.flatnonzero(~np.isnan(self.per_image))
        return Ranking.of(self.per_image[image], image, np.zeros(len(image), np.int64))

    @lazy
    def of_classes(self) -> Ranking:
        """Return the values of classes in images, of those classes that means take in, by class."""
        return self._cells.only(self._classes.in_mean[self._cells.label])

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
                f"expected `q` above 0 and at most 100, found {brief(q)}",
                "it is a percentage: 5 takes the worst twentieth of the images",
            )
        values = self.of_images.value
        lowest = values[: int(taken(float(q), len(values)))]
        per_class = self._lowest(float(q))
        return Quantile(
            float(q),
            float(lowest.mean()) if len(lowest) else float("nan"),
            float(metrics.class_mean(per_class, self._classes.in_mean)),
            per_class,
        )

    def _lowest(self, q: float) -> Floats:
        # A value's rank is its distance from the first of its class.
        label = self._cells.label
        count = np.bincount(label, minlength=len(self._classes))
        rank = np.arange(len(label)) - (np.cumsum(count) - count)[label]
        number = taken(q, count)
        used = rank < number[label]
        sums = np.bincount(label[used], weights=self._cells.value[used], minlength=len(count))
        return readonly(np.where(count > 0, sums / number, np.nan))


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
        held, images, count = cells.target > 0, cells.shape[0], len(classes)
        image, label = cells.image[held], cells.label[held]
        among = classes.in_mean[label]
        each = Counts(cells.tp[held], cells.target[held], cells.pred[held], among)
        together = Counts(*cells.sums, classes.in_mean)

        def averages(metric: Metric) -> Averages:
            value = metric.formula(each)
            of_image = np.bincount(image[among], weights=value[among], minlength=images)
            ranked = Ranking.of(value, image, label)
            of_class = np.bincount(ranked.label, weights=ranked.value, minlength=count)
            return Averages(
                float(metrics.class_mean(metric.formula(together), classes.in_mean)),
                metrics.ratio(of_image, np.bincount(image[among], minlength=images)),
                metrics.ratio(of_class, np.bincount(label, minlength=count)),
                classes,
                ranked,
            )

        return FineGrained(classes, images, **{metric.name: averages(metric) for metric in FINE})

    def to_dict(self) -> dict[str, Any]:
        """Return every mean under its name, in plain Python values; undefined ones are None.

        Returns
        -------
        dict
            ``images``, their number, and one dict for ``iou``, ``dice`` and ``accuracy`` each: the means
            under their names; ``worst_percent``, those over the worst 1, 5, 10, 20, ..., 100 percent;
            ``per_image``, in the order of the images; ``per_class``, dicts with ``name`` and ``mean``.
        """
        values: dict[str, Any] = {"images": self.images}
        for metric in FINE:
            averages = getattr(self, metric.name)
            worst = [averages.quantile(q) for q in _PERCENT]
            values[metric.name] = {
                **{mean: getattr(averages, mean) for mean in _MEANS},
                "worst_percent": [
                    {"q": q, "image_mean": part.image_mean, "class_mean": part.class_mean}
                    for q, part in zip(_PERCENT, worst, strict=True)
                ],
                "per_image": averages.per_image,
                "per_class": [
                    {"name": label, "mean": mean}
                    for label, mean in zip(self.classes.names, averages.per_class.tolist(), strict=True)
                ],
            }
        # What JSON gives back is plain, and null where a value is undefined.
        made: dict[str, Any] = json.loads(to_json(values))
        return made

    def __repr__(self) -> str:
        """Return a short form that ends in the mean IoU of images."""
        return (
            f"<FineGrained of {many(self.images, 'image')}: mean IoU by image {number(self.iou.image_mean)}>"
        )

    def __str__(self) -> str:
        """Return the table of means and what they cover, in 80 columns."""
        rows = [
            (one.label, *(number(getattr(getattr(self, one.name), mean)) for mean in _MEANS)) for one in FINE
        ]
        defined = int((~np.isnan(self.iou.per_image)).sum())
        in_mean, in_target = self.classes.in_mean, ~np.isnan(self.iou.per_class)
        absent = [self.classes.names[i] for i in np.flatnonzero(in_mean & ~in_target).tolist()]
        covered = f"over classes: {int((in_mean & in_target).sum()):,} of {len(self.classes):,}"
        if absent:
            covered += f"; {listed(absent)} {'is' if len(absent) == 1 else 'are'} in no target"
        facts = (
            f"over images: {defined:,} of {self.images:,} have a class of the mean in their target",
            covered,
            "worst: means over the lowest 10 %, 20 %, ..., 100 % of the images, averaged",
        )
        lines = [line for fact in facts for line in wrapped(fact, WIDTH)]
        return "\n".join([*table(_COLUMNS, rows, WIDTH), "", *lines])
