"""Rules that read the counts as they are: constant or perfect predictions, classes that are nowhere."""

from collections.abc import Iterator

import numpy as np

from segscore.auditing.results import Finding
from segscore.auditing.seen import Seen
from segscore.classes.labels import describe_label
from segscore.scores.summary import one_class_text

IMAGES = 10
"""Images over which a prediction must be constant: a few may hold one class, or be easy."""
PIXELS = 10_000
"""Target pixels that each of two classes must have where a constant prediction misses one of them: a class
of fewer pixels is often missed as a whole."""
PERFECT_PIXELS = 10_000
"""Scored pixels without an error that no model reaches: borders alone differ by more. Small arrays, such as
those of examples, may be perfect."""


def is_constant(seen: Seen) -> bool:
    """Whether all predictions are one value, where targets have two classes."""
    return len(np.unique(seen.rows[1])) == 1 and int((seen.scores.target > 0).sum()) >= 2


def frequent(seen: Seen) -> int:
    """Return the number of classes that are frequent enough for a constant prediction to tell something."""
    return int((seen.scores.target >= PIXELS).sum())


def constant(seen: Seen) -> Iterator[Finding]:
    """Yield a warning if all predictions are one and the same value."""
    if is_constant(seen) and frequent(seen) >= 2 and len(seen.names) >= IMAGES:
        label = describe_label(int(seen.rows[1][0]))
        yield Finding(
            "constant-prediction",
            f"every prediction is {label}, in all {len(seen.names):,} images",
            seen.evidence("pred", np.full(len(seen.rows[1]), True)),
            "check how predictions are written: was `argmax` taken over the wrong axis, or before scaling?",
        )


def is_identical(seen: Seen) -> bool:
    """Whether no pixel is wrong, where targets have two classes."""
    target, pred = seen.folded
    scored = target >= 0
    return bool((target == pred)[scored].all()) and len(np.unique(target[scored])) >= 2


def identical(seen: Seen) -> Iterator[Finding]:
    """Yield a warning if no pixel is wrong."""
    pixels = int(seen.rows[2][seen.folded[0] >= 0].sum())
    if is_identical(seen) and pixels >= PERFECT_PIXELS:
        yield Finding(
            "identical",
            "predictions and targets are identical: no pixel is wrong",
            {"pixels": pixels, "images": len(seen.names), "mean_iou": seen.scores.mean_iou},
            "check that `pred` is what a model wrote, and no copy of the targets",
        )


def one_class(seen: Seen) -> Iterator[Finding]:
    """Yield the note that the score of a single class knows no false positives."""
    said = one_class_text(seen.scores)
    if said is not None:
        names = seen.scores.names_of(~seen.classes.ignored_classes)
        yield Finding("one-class", said, {"classes": names}, "give what is no part of it a class, too")


def nowhere(seen: Seen) -> Iterator[Finding]:
    """Yield notes about classes that are never predicted, or not in any target."""
    scores = seen.scores
    valid = ~seen.classes.ignored_classes
    for kind, which, what, hint in (
        (
            "never-predicted",
            (scores.target > 0) & (scores.pred == 0) & valid,
            "never predicted",
            "these classes have IoU 0; does the model know them?",
        ),
        (
            "never-present",
            (scores.target == 0) & valid,
            "in no target",
            "nothing can be said of these classes from this dataset",
        ),
    ):
        if which.any():
            names = scores.names_of(which)
            are = "is" if len(names) == 1 else "are"
            yield Finding(
                kind,
                f"{len(names):,} of {len(seen.classes):,} classes {are} {what}",
                {"classes": names, "pixels": int(scores.target[which].sum())},
                hint,
            )
