"""ConfusionMatrix: label maps or class scores go in, exact counts come out.

What has been counted stays in the core as pair counts of raw label values; classes give them a
meaning when they are read. Scores are computed by `segscore.scores`, never kept here.
"""

import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from segscore._core import PairCounts, Tally
from segscore.base.foreign import COUNTING, translated
from segscore.base.values import Ints
from segscore.classes.causes import BINARY
from segscore.classes.classes import Classes, ClassesLike
from segscore.counts.checks import not_the_same, warning_of
from segscore.counts.marks import foreground_ignored, marked_images, void_in_class
from segscore.counts.matrices import rows_of_counts
from segscore.counts.pairs import count_given
from segscore.counts.rows import Rows, Totals, totals
from segscore.counts.stacked import of_whole
from segscore.counts.thresholds import SCALE_HINT, misfit, values_of
from segscore.errors import ArgumentError, SegscoreWarning, flag
from segscore.io.arrays import is_many
from segscore.io.shapes import PLANES
from segscore.scores.scores import Scored, Scores

if TYPE_CHECKING:
    from segscore.scores.conventions.explanation import ScoresAs


_STACK = "stack"
_VOID = "void-in-class"
_FOREGROUND = "foreground-ignored"
_DOUBTS = frozenset({_STACK, _VOID, _FOREGROUND})
"""What is warned of once: stacks that may be one mask, void that may be scored, a foreground that is not."""


class ConfusionMatrix(Scored):
    """Counts of target class against predicted class, over as many updates as one likes.

    Parameters
    ----------
    classes : int, str, path, sequence of str, or Classes
        The number of classes, the name of a preset, the path of a TOML file, the names of the
        classes, or classes.
    ignore_index : int or iterable of int, optional
        Further label values whose target pixels are left out.
    pred_classes : optional
        The label values of predictions, where they differ from those of targets; see
        :meth:`Classes.with_predictions`.
    strict : bool
        Whether a prediction that is no class, on a pixel that is scored, is an error. If not, it is
        counted as missed, and warned about once.

    Raises
    ------
    ClassesError
        If the classes are not usable.

    Notes
    -----
    Updates from several threads are exact. Sums are integers, so the result depends neither on their
    order nor on how the pixels were split.

    Examples
    --------
    >>> cm = ConfusionMatrix(["road", "sky"], ignore_index=255)
    >>> cm.update(pred=[[0, 1], [1, 1]], target=[[0, 0], [1, 255]])
    >>> cm.counts.tolist(), cm.ignored
    ([[1, 1], [0, 1]], 1)
    >>> cm.scores.iou.tolist()
    [0.5, 0.5]
    """

    __hash__ = None  # type: ignore[assignment]
    _foreign = COUNTING
    _told: frozenset[str] = frozenset()  # doubts that were warned of

    @translated
    def __init__(
        self,
        classes: ClassesLike,
        *,
        ignore_index: int | Iterable[int] | None = None,
        pred_classes: ClassesLike | Sequence[int] | None = None,
        strict: bool = False,
    ) -> None:
        self._classes = Classes.of(classes, ignore_index, pred_classes)
        self._strict = flag("strict", strict)
        self._tally = Tally()
        self._warned = False
        self._parted: float | None = None  # the threshold whose scale was looked at

    @property
    def classes(self) -> Classes:
        """The classes, with everything that is ignored."""
        return self._classes

    @translated
    def update(
        self,
        *,
        target: object,
        pred: object = None,
        logits: object = None,
        class_axis: int | None = None,
        threshold: float | None = None,
    ) -> None:
        """Count the pixels of a prediction and its target.

        Parameters
        ----------
        target : array_like of bool or int
            Label values, of any integer type, shape and strides, which are read without a copy; any
            number of dimensions is one case.
        pred : array_like of bool or int, the same shape
            Label values; either these or `logits`. Two lists of arrays are several cases.
        logits : array_like of float16, bfloat16, float32 or float64
            Class scores, of the shape of `target` with an axis of K channels at `class_axis`: channel
            k holds the scores of the k-th class, whatever its label value. The highest score wins, the
            lower class where two are equal. No array of labels is made.
        class_axis : int, optional
            Which axis of `logits` holds the classes; negative ones count from the end.
        threshold : float, optional
            For two classes and scores of one channel (with `class_axis` if that channel has an axis of
            its own): a pixel is of class 1 where its score is at least this, else of class 0. It is
            rounded to the type of the scores first, as NumPy does.

        Raises
        ------
        ShapeError
            If the shapes differ, channels are not as many as classes, or bools are a stack of masks.
        DtypeError
            If the labels are no integers, or the logits no floats.
        LabelError
            If the target holds a label that is neither class nor ignored; or, with `strict`, the
            prediction one that is no class.
        ArgumentError
            If a score is NaN, also where the target is ignored; or arguments do not go together. An
            update that raises changes nothing.

        Examples
        --------
        >>> cm = ConfusionMatrix(["road", "sky", "car"])
        >>> scores = np.array([[[2.5, 0.1], [0.3, 0.2]], [[1.0, 0.7], [0.1, 0.2]], [[0.5, 0.2], [0.9, 0.1]]])
        >>> cm.update(logits=scores, target=[[0, 1], [2, 2]], class_axis=0)
        >>> cm.counts.tolist()
        [[1, 0, 0], [0, 1, 0], [1, 0, 1]]
        """
        pairs, _ = count_given(
            self._classes,
            target=target,
            pred=pred,
            logits=logits,
            class_axis=class_axis,
            threshold=threshold,
        )
        # A sum with a matrix that was not strict may hold misses, so `strict` looks at all pairs.
        new = pairs if self._strict else self._tally.unseen(pairs)
        if new is not None:
            self._check(new)
        if threshold is not None and threshold != self._parted:
            self._check_scale(logits, threshold)
        if logits is None and _STACK not in self._told:
            self._check_stack(target, pairs)
        if _VOID not in self._told:
            self._check_marks(target, pairs)
        self._tally.add(pairs)

    def _check_stack(self, target: object, pairs: PairCounts) -> None:
        if len(getattr(target, "shape", ())) != PLANES + 1:
            return
        # Two images of two classes are a usual batch.
        said = of_whole(self._classes, target, pairs.columns(), least=BINARY + 1)
        if said is not None:
            self._tell(_STACK, str(said), stacklevel=4)

    def _check_marks(self, target: object, pairs: PairCounts) -> None:
        # Several images together, which may lie flat, may be of two kinds.
        if self._classes.marked_class is None or len(getattr(target, "shape", ())) != PLANES:
            return
        labels, *_ = pairs.columns()
        if marked_images(self._classes, np.zeros_like(labels), labels).size:
            self._tell(_VOID, str(void_in_class(self._classes, 1)), stacklevel=4)

    def _tell(self, doubt: str, text: str, *, stacklevel: int) -> None:
        # Before it is taken for said, because a filter may turn the warning into an error.
        warnings.warn(SegscoreWarning(text), stacklevel=stacklevel + 1)
        self._told |= {doubt}

    def _check(self, new: PairCounts) -> None:
        warning = warning_of(self._classes, new.columns(), seen=self._seen(), strict=self._strict)
        if warning and not self._warned:
            # A warning that is made an error leaves everything as it was.
            warnings.warn(SegscoreWarning(warning), stacklevel=4)
            self._warned = True

    def _check_scale(self, logits: object, threshold: float) -> None:
        # Of the first scores alone: to look at those of all would take as long as to count them.
        first = values_of(logits[0] if is_many(logits) else logits, threshold)
        if said := misfit([first], all_there_are=False):
            warnings.warn(SegscoreWarning(f"{said}\nhint: {SCALE_HINT}"), stacklevel=4)
        self._parted = threshold

    def _seen(self) -> Iterator[int]:
        # Made only when an error asks for it: there may be a million pairs.
        yield from self._tally.snapshot().columns()[0].tolist()

    def _totals(self) -> Totals:
        return totals(self._classes, *self._tally.snapshot().columns())

    @property
    def counts(self) -> Ints:
        """int64 (K, K): pixels; rows are targets, columns predictions. Made when it is read."""
        target, pred, pixels = self._tally.snapshot().columns()
        target_class, pred_class = self._classes.fold(target, pred)
        count = len(self._classes)
        inside = (target_class >= 0) & (pred_class < count)
        try:
            matrix = np.zeros((count, count), dtype=np.int64)
        except MemoryError:
            raise ArgumentError(
                f"a matrix of {count:,} x {count:,} classes takes {8 * count**2 / 2**30:,.1f} GiB",
                "`to_rows()` returns its entries that are not 0",
            ) from None
        np.add.at(matrix, (target_class[inside], pred_class[inside]), pixels[inside])
        return matrix

    def to_rows(self) -> Rows:
        """Return label values of targets and of predictions and their pixels, int64 (M,) each.

        They are all pairs that were counted, those that are ignored or missed included.
        """
        return self._tally.snapshot().columns()

    @property
    def missed(self) -> Ints:
        """int64 (K,): scored pixels of each target class whose prediction is no class."""
        return self._totals().missed

    @property
    def ignored(self) -> int:
        """Pixels whose target is ignored."""
        return self._totals().ignored

    @property
    def pixels(self) -> int:
        """Pixels that are scored."""
        return int(self._totals().target.sum())

    @property
    def scores(self) -> Scores:
        """The scores of what has been counted so far; they do not change with later updates."""
        if _FOREGROUND not in self._told:
            # Images tell together whether 255 is the foreground, which one alone may hold as void.
            told = foreground_ignored(self._classes, *self._tally.snapshot().columns()[:2])
            if told is not None:
                self._tell(_FOREGROUND, str(told), stacklevel=2)
        return self._scored()

    def _scored(self) -> Scores:
        return Scores(self._classes, **self._totals()._asdict())

    def scores_as(self, name: str) -> "ScoresAs":
        """Return the number that another tool makes of the same counts; see `Evaluation.scores_as`.

        Raises
        ------
        ArgumentError
            If there is no such convention, or it averages over images, which are not known here.
        """
        from segscore.scores.conventions.explanation import scores_as

        return scores_as(name, self.scores)

    @classmethod
    def of_pairs(cls, classes: Classes, *parts: PairCounts, strict: bool = False) -> Self:
        """Return a matrix that holds pair counts whose labels have been checked, and doubts told."""
        made = cls(classes, strict=strict)
        made._told = _DOUBTS
        for part in parts:
            made._tally.add(part)
        return made

    @classmethod
    def from_counts(
        cls,
        classes: ClassesLike,
        counts: object,
        *,
        missed: object = None,
        ignored: int = 0,
        ignore_index: int | Iterable[int] | None = None,
    ) -> Self:
        """Return a matrix of pixels that something else has counted, such as another metric class.

        Parameters
        ----------
        classes, ignore_index
            As for the class.
        counts : array_like of int (K, K)
            Pixels; rows are targets, columns predictions.
        missed : array_like of int (K,), optional
            Pixels of each target class whose prediction is no class.
        ignored : int
            Pixels whose target is ignored.

        Raises
        ------
        DtypeError
            If counts are no integers, such as those of a normalised matrix.
        ShapeError
            If there are not as many rows and columns as classes.
        ArgumentError
            If a count is negative, all are more than 64 bits hold, or pixels are ignored and no label is.

        Examples
        --------
        >>> cm = ConfusionMatrix.from_counts(["road", "sky"], [[6, 2], [0, 4]], missed=[1, 0])
        >>> cm.counts.tolist(), cm.missed.tolist(), cm.scores.iou.round(3).tolist()
        ([[6, 2], [0, 4]], [1, 0], [0.667, 0.667])
        """
        known = Classes.of(classes, ignore_index)
        return cls.of_pairs(known, PairCounts.from_columns(*rows_of_counts(known, counts, missed, ignored)))

    def copy(self) -> Self:
        """Return a matrix of its own with the same counts."""
        made = self.of_pairs(self._classes, self._tally.snapshot(), strict=self._strict)
        made._warned, made._told = self._warned, self._told
        return made

    def reset(self) -> None:
        """Forget what was counted."""
        self._tally.clear()
        self._warned, self._told = False, frozenset()
        self._parted = None

    def __add__(self, other: object) -> Self:
        """Return the sum of two matrices with the same classes.

        Raises
        ------
        ArgumentError
            If the classes differ.
        """
        if not isinstance(other, ConfusionMatrix):
            return NotImplemented
        if self._classes != other._classes:
            raise not_the_same("confusion matrices", self._classes, other._classes)
        both = (self._tally.snapshot(), other._tally.snapshot())
        made = self.of_pairs(self._classes, *both, strict=self._strict or other._strict)
        made._warned = self._warned or other._warned
        made._told = self._told | other._told
        return made

    def __radd__(self, other: object) -> Self:
        """Let `sum` begin with 0."""
        return self.copy() if other == 0 else NotImplemented

    def __eq__(self, other: object) -> bool:
        """Whether the classes and every pair count are the same."""
        if not isinstance(other, ConfusionMatrix):
            return NotImplemented
        return self._classes == other._classes and self._tally.snapshot() == other._tally.snapshot()

    def __getstate__(self) -> dict[str, Any]:
        state = {"classes": self._classes, "strict": self._strict, "warned": self._warned}
        return {**state, "told": sorted(self._told), "pairs": self._tally.snapshot()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._classes, self._strict, self._warned = state["classes"], state["strict"], state["warned"]
        self._told = frozenset(state.get("told", ()))  # which earlier versions did not keep
        self._parted = None
        self._tally = Tally()
        self._tally.add(state["pairs"])

    def __repr__(self) -> str:
        """Return a short form that ends in the mean IoU."""
        scores = self._scored()
        return (
            f"<ConfusionMatrix of {self._classes}: {scores.pixels:,} pixels, mean IoU {scores.mean_iou:.6f}>"
        )

    def __str__(self) -> str:
        """Return the table of scores."""
        return str(self.scores)

    def _repr_html_(self) -> str:
        return self.scores._repr_html_()
