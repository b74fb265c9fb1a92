"""Masks in files of their own, which may overlap, become objects: each is counted with its target's ids."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from segscore._core import PairCounts
from segscore.base.values import Ints
from segscore.classes.classes import Classes
from segscore.classes.labels import of_colours
from segscore.counts.id_maps import of_codes
from segscore.counts.instances import NO_SEGMENT
from segscore.counts.objects import Objects, Overlaps, Pair, SideObjects
from segscore.errors import LabelError

_COLOUR: Final = 0xFFFFFF
"""The bits of a colour."""


class MaskCounts(NamedTuple):
    """A predicted mask, as pairs of it with the ids of its target."""

    pairs: PairCounts
    label: int
    """The class, 0 to K-1."""
    score: float


def objects_of(
    classes: Classes, stuff: tuple[int, ...], own: PairCounts, masks: Sequence[MaskCounts]
) -> Pair:
    """Return the objects of an image whose ids are labels, or these times 1000 and a number.

    `own` are pair counts of the ids, with whatever. What is not 0 in a mask is a part of it; masks without
    pixels are no objects.
    """
    ids, _, pixels = own.columns()
    if of_colours(ids).any():
        raise LabelError(
            "expected ids in one channel, found colours",
            "targets are the files of Cityscapes that end in _instanceIds.png, as they are",
        )
    if (ids < 0).any():
        raise LabelError("ids of objects are 0 or more")
    size = dict(zip(*_summed(ids, pixels), strict=True))
    targets = of_codes(classes, ids, stuff, crowds=True)
    is_thing = ~np.isin(np.array(classes.labels, np.int64), np.array(stuff, np.int64))
    void = {NO_SEGMENT, *targets.id[targets.label < 0].tolist()}
    kept = np.flatnonzero((targets.label >= 0) & is_thing[targets.label])
    number = {one: i for i, one in enumerate(targets.id[kept].tolist())}
    rows: list[tuple[int, int, int, float, int]] = []
    shared: list[tuple[int, int, int]] = []
    for place, mask in enumerate(masks):
        target, pred, count = mask.pairs.columns()
        inside = np.where(of_colours(pred), pred & _COLOUR, pred) != 0
        covered = list(zip(*_summed(target[inside], count[inside]), strict=True))
        if covered:
            shared += [(number[one], len(rows), of) for one, of in covered if one in number]
            on_void = sum(of for one, of in covered if one in void)
            whole = sum(of for _, of in covered)
            rows.append((place, mask.label, whole, mask.score, on_void))
    place_of, label, of_mask, score, void_of = map(np.array, zip(*rows, strict=True) if rows else [()] * 5)
    objects = Objects.of_sides(
        SideObjects(
            targets.id[kept],
            targets.label[kept],
            np.array([size[one] for one in number], np.int64),
            np.arange(len(kept)),
            crowd=targets.crowd[kept],
        ),
        SideObjects(place_of, label, of_mask, place_of, score=score, void=void_of),
    )
    return objects, Overlaps.one_image(*np.array(sorted(shared), np.int64).reshape(-1, 3).T)


def _summed(ids: Ints, pixels: Ints) -> tuple[list[int], list[int]]:
    """Return the ids that there are, and the pixels of each."""
    own, at = np.unique(ids, return_inverse=True)
    total = np.zeros(len(own), np.int64)
    np.add.at(total, at, pixels)
    return own.tolist(), total.tolist()
