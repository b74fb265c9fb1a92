"""Predictions of `evaluate` that are class scores, which are called `pred` there and not `logits`."""

from segscore._core import PairCounts
from segscore.base.naming import arg, marked
from segscore.classes.classes import Classes
from segscore.counts.logits import count_logits
from segscore.errors import DtypeError, SegscoreError


def count_predicted(
    classes: Classes,
    pred: object,
    target: object,
    class_axis: int | None,
    threshold: float | None,
    *,
    dims: int,
    threads: int,
) -> PairCounts:
    """Return the pair counts of one image, as `count_logits` does."""
    try:
        return count_logits(classes, pred, target, class_axis, threshold, dims=dims, threads=threads)
    except SegscoreError as error:
        hint = error.hint and _named(error.hint)
        if isinstance(error, DtypeError) and "`logits`" in error.message:
            options = f"{arg('class_axis')} and {arg('threshold')}"
            hint = f"class scores are floats; for label maps leave {options} out"
        raise type(error)(_named(error.message), hint, kind=error.kind) from error


def _named(text: str) -> str:
    return marked(text).replace("`logits", "`pred")
