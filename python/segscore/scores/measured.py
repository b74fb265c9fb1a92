"""Scores: the numbers that follow from one set of counts, computed once and never changed.

The formulas are in `metrics`, the texts and tables in `render`; nothing accumulates here.
"""

from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from segscore.base.values import Bools, Floats, Frozen, Ints, lazy, readonly
from segscore.classes.classes import Classes
from segscore.errors import ArgumentError
from segscore.scores import metrics

if TYPE_CHECKING:
    from segscore.scores.gates import GateResult, Lowest


_COUNTS = ("tp", "target", "pred", "missed")


@dataclass(frozen=True, eq=False, repr=False)
class Scores(Frozen):
    """The scores of one set of counts: immutable, equal where the counts are equal.

    Parameters
    ----------
    classes : Classes
        The K classes.
    tp : int64 (K,)
        Pixels of each class that are predicted as it.
    target : int64 (K,)
        Scored pixels whose target is the class.
    pred : int64 (K,)
        Scored pixels that are predicted as the class.
    missed : int64 (K,)
        Pixels of `target` whose prediction is no class. They count as false negatives.
    ignored : int
        Pixels that are not scored, because their target is ignored.
    images : int, optional
        How many images the counts are summed over, where that is known.

    Raises
    ------
    ArgumentError
        If the counts cannot be those of one confusion matrix of these classes.

    Notes
    -----
    Per-class scores are read-only float64 (K,) from 0 to 1, and NaN where undefined: all of them for a class
    that is ignored or is in neither target nor prediction, precision for one that is never predicted, recall
    for one without target pixels, specificity where every pixel is of the class. Means are taken over the
    classes that are `present` and not left out by ``not_in_mean``.

    Examples
    --------
    >>> classes = Classes(["road", "sky"])
    >>> scores = Scores(classes, tp=[6, 3], target=[8, 4], pred=[7, 5], missed=[0, 0], ignored=2)
    >>> scores.iou.round(4).tolist(), round(scores.mean_iou, 4), scores.pixel_accuracy
    ([0.6667, 0.5], 0.5833, 0.75)
    """

    classes: Classes
    tp: Ints
    target: Ints
    pred: Ints
    missed: Ints
    ignored: int
    images: int | None

    def __init__(
        self,
        classes: Classes,
        *,
        tp: npt.ArrayLike,
        target: npt.ArrayLike,
        pred: npt.ArrayLike,
        missed: npt.ArrayLike,
        ignored: int = 0,
        images: int | None = None,
    ) -> None:
        for name, values in zip(_COUNTS, (tp, target, pred, missed), strict=True):
            object.__setattr__(self, name, _checked(name, values, len(classes)))
        object.__setattr__(self, "classes", classes)
        object.__setattr__(self, "ignored", int(ignored))
        object.__setattr__(self, "images", images)
        self._check()

    def _check(self) -> None:
        scored, predicted, missed = (int(a.sum()) for a in (self.target, self.pred, self.missed))
        if scored != predicted + missed:
            raise ArgumentError(
                f"expected as many predictions as the {scored:,} pixels of `target`, "
                f"found {predicted:,} in `pred` and {missed:,} in `missed`",
                "`target` and `pred` are the sums of the rows and columns of one confusion matrix",
            )
        # Off the diagonal, the row and the column of a class share no cell: together they are part of all.
        of_row, of_column = self.target - self.missed - self.tp, self.pred - self.tp
        wrong = (of_row < 0) | (of_column < 0) | (of_row > of_row.sum() - of_column)
        if wrong.any():
            i = int(np.argmax(wrong))
            raise ArgumentError(
                f"class `{self.classes.names[i]}` has {self.tp[i]:,} pixels in `tp`, {self.target[i]:,} in "
                f"`target`, {self.pred[i]:,} in `pred` and {self.missed[i]:,} in `missed`, "
                f"which no confusion matrix has",
                "`tp` is its diagonal, `target` and `pred` are the sums of its rows and columns",
            )

    @property
    def pixels(self) -> int:
        """Number of scored pixels, those included whose prediction is no class."""
        return int(self.target.sum())

    @lazy
    def present(self) -> Bools:
        """bool (K,): classes that are in target or prediction and not ignored."""
        return readonly(((self.target > 0) | (self.pred > 0)) & ~self.classes.ignored_classes)

    @property
    def absent(self) -> tuple[str, ...]:
        """Names of the classes that are in neither target nor prediction, and not ignored."""
        return self.names_of(~self.present & ~self.classes.ignored_classes)

    @property
    def only_predicted(self) -> tuple[str, ...]:
        """Names of the classes that are in the prediction and not in the target: their IoU is 0."""
        return self.names_of(self.present & (self.target == 0))

    def names_of(self, chosen: Bools) -> tuple[str, ...]:
        """Return the names of the chosen classes, in the order of the classes.

        Parameters
        ----------
        chosen : bool (K,)
            True for the classes to name.
        """
        return tuple(self.classes.names[i] for i in np.flatnonzero(chosen).tolist())

    @lazy
    def iou(self) -> Floats:
        """Intersection over union of each class; see `metrics.iou`."""
        return readonly(metrics.iou(self.tp, self.target, self.pred))

    @lazy
    def dice(self) -> Floats:
        """Dice coefficient of each class; see `metrics.dice`."""
        return readonly(metrics.dice(self.tp, self.target, self.pred))

    @lazy
    def precision(self) -> Floats:
        """Precision of each class; see `metrics.precision`."""
        return readonly(metrics.precision(self.tp, self.pred))

    @lazy
    def recall(self) -> Floats:
        """Recall (sensitivity, class accuracy) of each class; see `metrics.recall`."""
        return readonly(metrics.recall(self.tp, self.target))

    @lazy
    def specificity(self) -> Floats:
        """Specificity of each class; see `metrics.specificity`."""
        values = metrics.specificity(self.tp, self.target, self.pred, self.pixels)
        return readonly(np.where(self.present, values, np.nan))

    def f_beta(self, beta: float) -> Floats:
        """Return the F-beta score of each class; see `metrics.f_beta`.

        Parameters
        ----------
        beta : float
            How many times more recall weighs than precision, 0 or more.

        Raises
        ------
        ArgumentError
            If `beta` is negative, NaN or no number.
        """
        if not isinstance(beta, Real) or not beta >= 0:
            raise ArgumentError(
                f"expected `beta` of 0 or more, found {beta!r}",
                "2 weighs recall twice as much as precision, 0.5 half as much",
            )
        return readonly(metrics.f_beta(self.tp, self.target, self.pred, beta))

    @lazy
    def mean_iou(self) -> float:
        """Mean of `iou` over the classes that are present and in the mean."""
        return float(metrics.class_mean(self.iou, self.classes.in_mean))

    @lazy
    def mean_dice(self) -> float:
        """Mean of `dice` over the classes that are present and in the mean."""
        return float(metrics.class_mean(self.dice, self.classes.in_mean))

    @lazy
    def mean_accuracy(self) -> float:
        """Mean of `recall` over the classes that have target pixels and are in the mean."""
        return float(metrics.class_mean(self.recall, self.classes.in_mean))

    @lazy
    def pixel_accuracy(self) -> float:
        """Share of the scored pixels whose prediction is right; see `metrics.pixel_accuracy`."""
        return float(metrics.pixel_accuracy(self.tp, self.pixels))

    @lazy
    def frequency_weighted_iou(self) -> float:
        """Mean of `iou` weighted by target pixels; see `metrics.frequency_weighted_iou`."""
        in_mean = self.classes.in_mean
        return float(metrics.frequency_weighted_iou(self.tp, self.target, self.pred, in_mean))

    @lazy
    def kappa(self) -> float:
        """Cohen's kappa; see `metrics.kappa`."""
        return float(metrics.kappa(self.tp, self.target, self.pred, self.pixels))

    @lazy
    def mcc(self) -> float:
        """Multi-class Matthews correlation coefficient; see `metrics.mcc`."""
        return float(metrics.mcc(self.tp, self.target, self.pred, self.pixels))

    @property
    def foreground_iou(self) -> float | None:
        """IoU of the class that is not the background, for a binary task; else None."""
        return self._of_foreground(self.iou)

    @property
    def foreground_dice(self) -> float | None:
        """Dice coefficient of the class that is not the background, for a binary task; else None."""
        return self._of_foreground(self.dice)

    def _of_foreground(self, values: Floats) -> float | None:
        background = self.classes.background
        return None if background is None else float(values[1 - background])

    def check(self, fail_under: "Lowest") -> "tuple[GateResult, ...]":
        """Return for each metric that is named whether it is high enough.

        Parameters
        ----------
        fail_under : mapping of str to float, str, or iterable of str
            The lowest values, from -1 to 1: ``{"mean_iou": 0.7, "iou.car": 0.6}``, or the text
            ``"mean_iou=0.7,iou.car=0.6"``. An undefined score is not high enough.

        Returns
        -------
        tuple of GateResult
            Name, ``passed`` and a sentence, in the order given.

        Raises
        ------
        ArgumentError
            If a metric or class is unknown, named twice or has no such value; or if none is named.

        Examples
        --------
        >>> scores = Scores(Classes(["road"]), tp=[6], target=[8], pred=[6], missed=[2])
        >>> [(gate.passed, gate.sentence) for gate in scores.check({"iou.road": 0.8})]
        [(False, '0.750000, 0.050000 below 0.8')]
        """
        from segscore.scores.gates import check

        return check(self, fail_under)

    def to_dict(self) -> dict[str, Any]:
        """Return every score under its name, in plain Python values that JSON can hold.

        Returns
        -------
        dict
            Undefined scores are None; ``per_class`` is a list with one dict a class.
        """
        from segscore.scores.summary import scores_dict

        return scores_dict(self)

    def to_frame(self, backend: str | None = None) -> Any:
        """Return a data frame with a row a class; undefined scores are null, which in pandas is NaN.

        Parameters
        ----------
        backend : "pandas", "polars" or "pyarrow", optional
            The package; by default the first of these that is installed. The extra ``frames`` is needed.

        Returns
        -------
        DataFrame, or Table of pyarrow
            Its columns are the keys of ``per_class`` in `to_dict`. It is a copy.

        Raises
        ------
        ArgumentError
            If there is no such backend, or a package is not installed.
        """
        from segscore.scores.summary import class_columns
        from segscore.text.frames import frame

        return frame(class_columns(self), backend)

    def to_markdown(self) -> str:
        """Return a table of the classes and their means as Markdown, and what the means cover."""
        from segscore.scores.summary import scores_markdown

        return scores_markdown(self)

    def to_latex(self) -> str:
        """Return a table of the classes and their means as LaTeX, for the package booktabs."""
        from segscore.scores.summary import scores_latex

        return scores_latex(self)

    def __eq__(self, other: object) -> bool:
        """Whether classes and counts are the same; `images` is not compared."""
        if not isinstance(other, Scores):
            return NotImplemented
        return (
            self.classes == other.classes
            and self.ignored == other.ignored
            and all(np.array_equal(getattr(self, name), getattr(other, name)) for name in _COUNTS)
        )

    def __hash__(self) -> int:
        return hash((self.classes, self.ignored, *(getattr(self, name).tobytes() for name in _COUNTS)))

    def __repr__(self) -> str:
        """Return a short form that ends in the mean IoU."""
        return f"<Scores of {self.classes}: {self.pixels:,} pixels, mean IoU {self.mean_iou:.6f}>"

    def __str__(self) -> str:
        """Return the table of classes and everything that is needed to read it, in 80 columns."""
        from segscore.scores.summary import scores_text

        return scores_text(self, next_step="scores.to_dict() holds every number, unrounded")

    def _repr_html_(self) -> str:
        from segscore.scores.summary import scores_html

        return scores_html(self)


def _checked(name: str, values: npt.ArrayLike, count: int) -> Ints:
    array = np.asarray(values)
    found = ""
    if array.shape != (count,):
        found = f"shape {array.shape}"
    elif array.dtype.kind not in "iu":
        found = f"{array.dtype}"
    elif array.min() < 0:
        found = f"{array.min():,}"
    if found:
        raise ArgumentError(
            f"expected `{name}` to be integers of shape ({count},), found {found}",
            "give one count of pixels, 0 or more, for each class",
        )
    return readonly(array.astype(np.int64))
