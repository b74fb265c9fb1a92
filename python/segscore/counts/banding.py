"""Bands along the borders of objects of one image become rows beside those of the objects."""

from collections.abc import Sequence

import numpy as np

from segscore._core import Masks
from segscore.base.naming import arg
from segscore.base.values import Ints
from segscore.counts.object_bands import ObjectBands, OverlapBands, PairBands
from segscore.counts.objects import TARGET, Pair
from segscore.counts.widths import Width, pixels_of
from segscore.errors import ShapeError


def bands_of_maps(maps: Sequence[np.ndarray], pair: Pair, void: Ints, width: Width) -> PairBands:
    """Return the bands of objects of maps of ids, of target and prediction; `void` are ids of the target."""
    if maps[0].ndim != 2:
        raise ShapeError(
            f"{arg('boundary')} is given, and maps of ids have {maps[0].ndim} dimensions",
            "bands of objects are measured in images of 2",
        )
    objects, _ = pair
    is_target = objects.side == TARGET
    ids = objects.id[is_target], objects.id[~is_target]
    masks = [Masks.of_labels(one, own) for one, own in zip(maps, ids, strict=True)]
    return bands_of_masks(masks, pair, width, Masks.of_labels(maps[0], void))


def bands_of_masks(masks: Sequence[Masks], pair: Pair, width: Width, void: Masks | None = None) -> PairBands:
    """Return the bands of masks of objects, of target and prediction; `void` are masks without overlap."""
    objects, overlaps = pair
    (pixels,) = pixels_of((width,), *masks[0].size)
    targets, preds = (one.bands(pixels) for one in masks)
    on_void = np.zeros(len(preds), np.int64)
    if void is not None:
        _, pred, covered = void.overlaps(preds)
        np.add.at(on_void, pred, covered)
    target, pred, shared = targets.overlaps(preds)
    # Whose bands share pixels do so as well.
    rows = np.searchsorted(overlaps.target * len(preds) + overlaps.pred, target * len(preds) + pred)
    of_overlaps = np.zeros(len(overlaps.pixels), np.int64)
    of_overlaps[rows] = shared
    of_objects = np.concatenate([targets.pixels(), preds.pixels()])
    void_of = np.concatenate([np.zeros(len(targets), np.int64), on_void])
    return ObjectBands(objects.offsets, of_objects, void_of), OverlapBands(overlaps.offsets, of_overlaps)
