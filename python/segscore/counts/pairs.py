"""Pair counts of arrays: of one case, or of two lists of cases together.

Predictions are label maps or class scores; classes give both their meaning elsewhere.
"""

from collections.abc import Callable
from typing import TypeAlias

from segscore import _core
from segscore.base.naming import arg, marked
from segscore.classes.classes import Classes
from segscore.counts.logits import count_logits
from segscore.counts.threads import threads_for_array
from segscore.errors import ArgumentError, SegscoreError, ShapeError
from segscore.io.arrays import as_labels, is_many

_Counted: TypeAlias = tuple[_core.PairCounts, bool]


def count_given(
    classes: Classes,
    *,
    target: object,
    pred: object = None,
    logits: object = None,
    class_axis: int | None = None,
    threshold: float | None = None,
    resize: bool = False,
    threads: int | None = None,
) -> _Counted:
    """Return the pair counts of whichever of `pred` and `logits` is given, in label values.

    Arguments are those of :meth:`segscore.ConfusionMatrix.update` and :func:`count`; class scores are never
    resized. Also returned is whether a prediction was.
    """
    if (pred is None) == (logits is None):
        raise ArgumentError(
            f"expected either `pred` or `logits`, found {'neither' if pred is None else 'both'}",
            "label maps are `pred=`; class scores are `logits=`, with `class_axis=`",
        )
    if logits is None:
        for name, value in (("class_axis", class_axis), ("threshold", threshold)):
            if value is not None:
                raise ArgumentError(
                    f"{arg(name)} is given with `pred`, but belongs to `logits`",
                    f"class scores are passed as `logits=`; for label maps leave {arg(name)} out",
                )
        return count(pred, target, len(classes), resize=resize, threads=threads)

    def one(logits: object, target: object) -> _Counted:
        return count_logits(classes, logits, target, class_axis, threshold, threads=threads), False

    return _each("logits", logits, target, one)


def count(
    pred: object,
    target: object,
    classes: int | None,
    *,
    resize: bool = False,
    threads: int | None = None,
) -> _Counted:
    """Return the pair counts of label maps: of one case, or of two lists of cases together.

    Arguments and errors are those of :meth:`segscore.ConfusionMatrix.update`; with `resize`, a prediction of
    another size is resized to its target, to nearest pixels. Also returned is whether one was.
    """

    def one(pred: object, target: object) -> _Counted:
        pred_labels = as_labels(pred, "pred", classes=classes)
        target_labels = as_labels(target, "target", classes=classes)
        resized = pred_labels.shape != target_labels.shape
        pairs = _core.count(
            target_labels,
            pred_labels,
            resize=resize and resized,
            threads=threads_for_array(target_labels.size, threads),
        )
        return pairs, resized

    return _each("pred", pred, target, one)


def _each(
    name: str, given: object, target: object, count_one: Callable[[object, object], _Counted]
) -> _Counted:
    """Count one case, or each of two lists."""
    if not (is_many(given) and is_many(target)):
        return count_one(given, target)
    if len(given) != len(target):
        raise ShapeError(
            f"`{name}` and `target` differ in length: {len(given)} and {len(target)} arrays",
            "give one target for each prediction",
        )
    tally, any_resized = _core.Tally(), False
    for i, (one_given, one_target) in enumerate(zip(given, target, strict=True)):
        try:
            pairs, resized = count_one(one_given, one_target)
        except SegscoreError as error:
            raise type(error)(f"at index {i}: {marked(error.message)}", error.hint) from error
        tally.add(pairs)
        any_resized |= resized
    return tally.snapshot(), any_resized
