"""255 as a mark of void and as a foreground: what is to be said where it is taken for the wrong one.

It is told from rows of pair counts, of a dataset or of what was counted so far.
"""

import numpy as np

from segscore.base.naming import arg
from segscore.base.shown import first
from segscore.base.values import Ints
from segscore.base.wording import many, visible
from segscore.classes.causes import BINARY, holds_foreground
from segscore.classes.classes import Classes
from segscore.classes.folding import may_be_background
from segscore.classes.labels import FOREGROUND
from segscore.counts.told import Told


def foreground_ignored(classes: Classes, target: Ints, pred: Ints) -> Told | None:
    """Return what is to be said of masks of 0 and 255 whose foreground is left out; rows are of all masks."""
    few = ignores_foreground(classes)
    if not (few or _ignores_all_but_background(classes)) or not holds_foreground(set(target.tolist())):
        return None
    if few:
        ones = not np.isin(pred, FOREGROUND).any() and np.isin(pred, 1).any()
        spelled = f" and {arg('pred_classes', 'binary')}" if ones else ""
        return Told(
            "255 is the only value of the targets beside 0: it is the foreground, and it is ignored",
            f"score with {arg('classes', 'binary-255')}{spelled}, and do not ignore 255",
        )
    return Told(
        "255 is the only value of the targets beside 0, and it is ignored: as the foreground, it would "
        f"be all that is not `{classes.names[classes.class_of[0]]}`",
        "are these files of one class each? then describe them with `{class}` for its name, as "
        f"{arg('pairing', '{id}:{id}_{class}')}; masks of one thing are {arg('classes', 'binary-255')}",
    )


def ignores_foreground(classes: Classes) -> bool:
    """Whether 255 is ignored in a task of which it may be the foreground."""
    return len(classes) <= BINARY and FOREGROUND in classes.all_ignored


def _ignores_all_but_background(classes: Classes) -> bool:
    """Whether 255 is ignored and 0 is called as a background is, whose images may hold other classes."""
    found = classes.class_of.get(0)
    return (
        found is not None
        and FOREGROUND in classes.all_ignored
        and not classes.ignored_classes[found]
        and may_be_background(classes.names[found])
    )


def marked_images(classes: Classes, image: Ints, target: Ints) -> Ints:
    """Return the images whose target holds 255 beside another label of its class, in order."""
    if classes.marked_class is None:
        return np.zeros(0, dtype=np.int64)
    others = np.isin(target, classes.all_labels[classes.marked_class]) & (target != FOREGROUND)
    return np.intersect1d(image[target == FOREGROUND], image[others])


def void_in_class(classes: Classes, images: int) -> Told:
    """Return what is to be said of so many images that `marked_images` are."""
    assert classes.marked_class is not None
    name = visible(classes.names[classes.marked_class])
    labels = sorted({*classes.all_labels[classes.marked_class]} - {FOREGROUND})
    own = first([*map(str, labels)])
    hold = "holds" if images == 1 else "hold"
    alone = (
        f"score with {arg('classes', 'binary')} and {arg('ignore_index', FOREGROUND)}"
        if classes.name == "binary-any"
        else f"take it from the class, and leave it out: {arg('ignore_index', FOREGROUND)}"
    )
    return Told(
        f"{many(images, 'target')} {hold} 255 beside {own}, and both are `{name}`: beside other labels, 255 "
        "usually marks pixels to leave out",
        f"where it does, {alone}; where it is the class, write {own} in its place",
    )
