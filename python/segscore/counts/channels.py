"""Masks of several channels of which one tells labels: gray saved as RGB, gray with alpha, a mask in alpha.

They are read as colours. Which labels these stand for is told from the rows of all images of a side, as one
image alone may be black and opaque in either way.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

import numpy as np

from segscore._core import PairCounts, Tally
from segscore.base.values import Bools, Ints
from segscore.classes.causes import preset_of_colours
from segscore.classes.classes import Classes
from segscore.classes.labels import COLOUR_TAG, colour_label, describe_label
from segscore.counts.palettes import ROLES, Role
from segscore.errors import LabelError, SegscoreError, of_core
from segscore.io.arrays import Array

Kind: TypeAlias = Literal["gray", "plain", "alpha", "colours"]
"""What the colours of an image are: gray; one gray alone; one colour of several alphas; or anything else."""
Way: TypeAlias = Literal["gray", "alpha"]
"""The channel that tells labels."""

_ALPHA = 0xFF << 24
_BLACK_AND_WHITE = (COLOUR_TAG, COLOUR_TAG | 0xFFFFFF)


def as_told(
    classes: Classes | None, images: Sequence[PairCounts | None]
) -> Mapping[int, PairCounts | SegscoreError]:
    """Return the pair counts of those images whose colours stand for labels, or why they cannot, by index."""
    total = Tally()
    for pairs in images:
        if pairs is not None:
            total.add(pairs)
    if not any(_painted(labels).any() for labels in total.snapshot().columns()[:2]):
        return {}
    rows = {i: list(pairs.columns()) for i, pairs in enumerate(images) if pairs is not None}
    changed: set[int] = set()
    errors: dict[int, SegscoreError] = {}
    for side in ROLES:
        at = 1 if side == "pred" else 0
        painted = {i: np.unique(own) for i, of in rows.items() if len(own := of[at][_painted(of[at])])}
        if classes is not None and classes.has_coloured_codes(side):
            continue
        way = _way(classes, painted)
        for i, own in painted.items():
            try:
                labels = _told(classes, side, rows[i][at], own, way)
            except SegscoreError as error:
                errors[i] = error
                continue
            if labels is not rows[i][at]:
                rows[i][at] = labels
                changed.add(i)
    return {i: PairCounts.from_columns(*rows[i]) for i in changed} | errors


def labels_told(classes: Classes, side: Role, labels: Array) -> Array:
    """Return the labels of one mask, which its colours may stand for; an error if nobody can know."""
    if labels.dtype != np.int64 or not labels.size or not _painted(labels.reshape(-1)[:1]).any():
        return labels
    if classes.has_coloured_codes(side):
        return labels
    own = np.unique(labels)
    way = _way(classes, {0: own})
    if way is None and _kind(own) == "plain":
        # Other images of the side, which are not known here, would tell.
        at = 1 if side == "pred" else 0
        as_colour, as_label = (classes.fold(one, one)[at] for one in (own, own & 255))
        if (as_colour != as_label).any():
            raise LabelError(
                f"`{side}` holds {describe_label(int(own[0]))} alone, which may mean the class of that "
                f"colour or the label {own[0] & 255}",
                "save label values as gray PNG",
            )
    return _told(classes, side, labels, own, way)


def _painted(labels: Array) -> Bools:
    """Return which labels are colours of pixels."""
    return np.asarray(labels >> 32 == COLOUR_TAG >> 32)


def _kind(own: Ints) -> Kind:
    """Return what the colours of one image are."""
    alone = bool((own & ~_ALPHA == own[0] & ~_ALPHA).all())
    if (own == COLOUR_TAG | (own & 255) * 0x10101).all():
        return "plain" if alone else "gray"
    return "alpha" if alone and (own & _ALPHA).any() else "colours"


def _way(classes: Classes | None, images: Mapping[int, Ints]) -> Way | None:
    """Return the channel that tells the labels of a side; None if colours are what they are."""
    kinds = {_kind(own) for own in images.values()}
    if not kinds:
        return None
    if classes is None or classes.colours:
        known = [] if classes is None else [colour_label(colour) for colour in classes.label_of_colour]
        seen = np.unique(np.concatenate(list(images.values())))
        meant = seen[np.isin(seen, known)]
        if "colours" in kinds or {"gray", "alpha"} <= kinds:
            return None
        if len(meant) == len(seen) or not np.isin(meant, _BLACK_AND_WHITE).all():
            return None
    if "gray" in kinds:
        return "gray"
    if "alpha" in kinds:
        return "alpha"
    return "gray" if "plain" in kinds else None


def _told(classes: Classes | None, side: Role, labels: Array, own: Ints, way: Way | None) -> Array:
    """Return labels in place of colours, or raise the error of an image whose colours are none."""
    kind = _kind(own)
    if way == "gray" and kind in ("gray", "plain"):
        return labels & 255
    if way == "alpha" and kind in ("alpha", "plain"):
        return 255 - (labels >> 24 & 255)
    if classes is None or classes.colours:
        return labels
    error = of_core("colours", f"`{side}` holds {describe_label(int(own[0]))}, expected labels", None)
    if classes is not None and (hint := preset_of_colours(classes, set(own.tolist()))):
        raise type(error)(error.message, hint, kind=error.kind)
    raise error
