"""How many images, and classes in images, are right at a threshold of IoU.

Counts of images and cells are exact integers; nothing is read but the cells and each image's mean IoU.
"""

from dataclasses import dataclass
from numbers import Real
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from segscore.base.shown import brief
from segscore.base.values import Floats, Frozen, Ints, lazy, readonly
from segscore.classes.classes import Classes
from segscore.counts.cells import Cells
from segscore.errors import ArgumentError
from segscore.scores import metrics
from segscore.scores.exact import image_means
from segscore.scores.metric import METRICS
from segscore.scores.numbers import Quotient, counted
from segscore.scores.sample import Sample


@dataclass(frozen=True, eq=False, repr=False)
class CorrectCurve(Frozen):
    """How much is right at each of T thresholds of IoU; the arrays are read-only.

    A cell is a class in an image whose *target* has it. What is at the threshold or above is right; every
    score is the float64 nearest to the quotient of its counts, so 3 of 10 pixels are right at 0.3.

    Attributes
    ----------
    classes : Classes
        The K classes.
    thresholds : float64 (T,)
        Rising, 0 to 1.
    images : int64 (T,)
        Images whose mean IoU is right.
    of_images : int
        Images that have a mean IoU.
    class_cells : int64 (T, K)
        Images where the IoU of the class is right, among those whose target has the class.
    of_class_cells : int64 (K,)
        Images whose target has the class.
    """

    classes: Classes
    thresholds: Floats
    images: Ints
    of_images: int
    class_cells: Ints
    of_class_cells: Ints

    @lazy
    def cells(self) -> Ints:
        """int64 (T,): right cells, of the classes that means take in."""
        return readonly(self.class_cells[:, self.classes.in_mean].sum(axis=-1))

    @property
    def of_cells(self) -> int:
        """Cells of the classes that means take in."""
        return int(self.of_class_cells[self.classes.in_mean].sum())

    @lazy
    def image_share(self) -> Floats:
        """float64 (T,): share of the images that is right; NaN where there are none."""
        return readonly(metrics.ratio(self.images, self.of_images))

    @lazy
    def cell_share(self) -> Floats:
        """float64 (T,): share of the cells that is right; NaN where there are none."""
        return readonly(metrics.ratio(self.cells, self.of_cells))

    @lazy
    def class_share(self) -> Floats:
        """float64 (T, K): share of each class's cells that is right; NaN for a class in no target."""
        return readonly(metrics.ratio(self.class_cells, self.of_class_cells))

    def __repr__(self) -> str:
        """Return a short form with the ends of the curve."""
        ends = f"{self.thresholds[0]:g} to {self.thresholds[-1]:g}"
        return f"<CorrectCurve of {self.of_images:,} images: {len(self.thresholds):,} thresholds from {ends}>"


@dataclass(frozen=True, eq=False, repr=False)
class Correct(Frozen):
    """How much is right at one threshold of IoU: the single entries of a `CorrectCurve`.

    Attributes
    ----------
    classes : Classes
        The K classes.
    threshold : float
        0 to 1; what reaches it is right.
    images, of_images : int
        Images whose mean IoU is right, and those that have one.
    cells, of_cells : int
        Right cells, and all cells, of the classes that means take in. A cell is a class in an image whose
        *target* has it.
    class_cells, of_class_cells : int64 (K,)
        The same for each class alone, read-only.
    image_share, cell_share : float
        `images` / `of_images` and `cells` / `of_cells`; NaN for 0/0.
    class_share : float64 (K,)
        `class_cells` / `of_class_cells`, read-only; NaN for a class in no target.
    """

    classes: Classes
    threshold: float
    images: int
    of_images: int
    cells: int
    of_cells: int
    class_cells: Ints
    of_class_cells: Ints
    image_share: float
    cell_share: float
    class_share: Floats

    def __repr__(self) -> str:
        """Return a short form with both shares."""
        return (
            f"<Correct at IoU {self.threshold:g}: {self.images:,} of {self.of_images:,} images, "
            f"{self.cells:,} of {self.of_cells:,} classes in images>"
        )


def correct_curve(
    classes: Classes, cells: Cells, image_iou: Floats, thresholds: npt.ArrayLike | None = None
) -> CorrectCurve:
    """Return how much is right at each threshold.

    Parameters
    ----------
    classes : Classes
        The K classes.
    cells : Cells
        Of the images.
    image_iou : float64 (n,)
        Mean IoU of each image; NaN where it is undefined.
    thresholds : array_like of float (T,), optional
        Rising, 0 to 1; by default 0, 0.01, … 1.

    Raises
    ------
    ArgumentError
        If the thresholds are no numbers from 0 to 1 in rising order.

    Examples
    --------
    >>> from segscore import Evaluator
    >>> judge = Evaluator(["road", "sky"])
    >>> judge.add(pred=[[0, 0], [1, 1]], target=[[0, 0], [0, 1]])
    >>> judge.add(pred=[[0, 0], [0, 0]], target=[[0, 0], [0, 0]])
    >>> curve = judge.result().correct_curve([0.5, 0.6, 0.9])
    >>> curve.images.tolist(), curve.of_images, curve.class_cells.tolist()
    ([2, 1, 1], 2, [[2, 1], [2, 0], [1, 0]])
    """
    at = _checked(np.arange(101) / 100 if thresholds is None else thresholds)
    count, in_target = len(classes), cells.target > 0
    label = cells.label[in_target]
    values = metrics.iou(cells.tp[in_target], cells.target[in_target], cells.pred[in_target])
    means = image_means(classes, cells, image_iou, at)
    means = means[~np.isnan(means)]
    return CorrectCurve(
        classes,
        at,
        _reaching(at, means, np.zeros(len(means), np.int64), 1)[:, 0],
        len(means),
        _reaching(at, values, label, count),
        np.bincount(label, minlength=count).astype(np.int64),
    )


def correct_at(classes: Classes, cells: Cells, image_iou: Floats, threshold: float = 0.5) -> Correct:
    """Return how much is right at one threshold; see `correct_curve`.

    Raises
    ------
    ArgumentError
        If the threshold is no number from 0 to 1.

    Examples
    --------
    >>> from segscore import Evaluator
    >>> judge = Evaluator(["road", "sky"])
    >>> judge.add(pred=[[0, 0], [1, 1]], target=[[0, 0], [0, 1]])
    >>> judge.result().correct_at(0.6)
    <Correct at IoU 0.6: 0 of 1 images, 1 of 2 classes in images>
    """
    if isinstance(threshold, bool) or not isinstance(threshold, Real) or not 0 <= threshold <= 1:
        raise ArgumentError(
            f"expected a threshold of IoU from 0 to 1, found {brief(threshold)}",
            "such as 0.5; `correct_curve` takes several",
        )
    curve = correct_curve(classes, cells, image_iou, [float(threshold)])
    return Correct(
        curve.classes,
        float(curve.thresholds[0]),
        int(curve.images[0]),
        curve.of_images,
        int(curve.cells[0]),
        curve.of_cells,
        curve.class_cells[0],
        curve.of_class_cells,
        float(curve.image_share[0]),
        float(curve.cell_share[0]),
        curve.class_share[0],
    )


def _reaching(at: Floats, values: Floats, group: Ints, groups: int) -> Ints:
    """Return how many values of each group reach each threshold, int64 (T, groups)."""
    reached = np.zeros((len(at) + 1, groups), dtype=np.int64)
    # Row r counts the values that reach r thresholds, the lowest ones.
    np.add.at(reached, (np.searchsorted(at, values, side="right"), group), 1)
    return np.asarray(reached[::-1].cumsum(axis=0)[::-1][1:])


def _checked(thresholds: npt.ArrayLike) -> Floats:
    given: npt.NDArray[Any]
    try:
        given = np.asarray(thresholds)
    except ValueError:  # lists of several lengths
        given = np.empty(0)
    if given.ndim == 1 and len(given) and given.dtype.kind in "fiu":
        at = np.array(given, dtype=np.float64)
        if at[0] >= 0 and at[-1] <= 1 and bool((at[1:] > at[:-1]).all()):
            return at
    raise ArgumentError(
        f"expected thresholds of IoU from 0 to 1 in rising order, found {brief(thresholds)}",
        "such as [0.5, 0.75, 0.9]",
    )


@dataclass(frozen=True, kw_only=True)
class CorrectShare(Quotient):
    """The share of images, of classes in images, or of one class in images that reaches an IoU."""

    threshold: float
    of: Literal["image", "cell", "class"]

    def columns(self, sample: Sample) -> Floats:
        """Return how many are right, and of how many, float64 (n, 2)."""
        if self.of == "image":
            means = counted(METRICS["mean_image_iou"]).of_images(sample)
            values = image_means(sample.classes, sample.cells, means, np.array([self.threshold]))
            return np.stack([values >= self.threshold, ~np.isnan(values)], axis=-1).astype(np.float64)
        cells = sample.cells
        among = sample.classes.in_mean[cells.label] if self.of == "cell" else cells.label == self.index
        held = (cells.target > 0) & among
        iou = metrics.iou(cells.tp[held], cells.target[held], cells.pred[held])
        made = np.zeros((cells.shape[0], 2))
        np.add.at(made, cells.image[held], np.stack([iou >= self.threshold, np.ones(len(iou))], axis=-1))
        return made

    def value(self, sums: Floats) -> Floats:
        """Return the share."""
        return metrics.ratio(sums[..., 0], sums[..., 1])
