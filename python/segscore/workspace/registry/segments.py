"""Segments of the targets of a dataset, where a file says of which class each id in a map is."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from segscore.base.values import is_int
from segscore.classes.classes import Classes
from segscore.counts.id_maps import IdMaps
from segscore.counts.instances import Segmented

_LARGEST = 1 << 53
"""Numbers below it are whole as float64."""


class Segments(NamedTuple):
    """What a file says of targets."""

    keys: Mapping[str, int | str]
    """What the file calls each image, as files of predictions do, by its name."""
    of: Mapping[str, Segmented]
    """The segments of each image, by its name."""
    stuff: tuple[int, ...]
    """Label values of classes that are stuff."""

    def maps(self, classes: Classes) -> IdMaps:
        """Return what ids in targets are; both sides have the segments of targets."""
        both = {name: (one, one) for name, one in self.of.items()}
        return IdMaps("coco-panoptic", classes, both, self.stuff)


def segments_dict(segments: Segments, name: str) -> dict[str, Any]:
    """Return what manifests say of the segments of an image."""
    own = segments.of[name]
    return {
        "image_id": segments.keys[name],
        "segments": {
            "id": own.id.tolist(),
            "class": own.label.tolist(),
            "crowd": own.crowd.tolist(),
            **({} if own.area is None else {"area": own.area.tolist()}),
        },
    }


def segments_of(manifest: Mapping[str, Any], classes: Classes) -> Segments:
    """Return the segments that a manifest speaks of, or raise what damaged manifests raise."""
    entries = manifest["images"]
    stuff = tuple(manifest["stuff"])
    keys = {entry["name"]: entry["image_id"] for entry in entries}
    if not all(is_int(key) or isinstance(key, str) for key in keys.values()):
        raise ValueError
    if not set(stuff) <= {*classes.labels} or len({*keys.values()}) < len(entries):
        raise ValueError
    return Segments(keys, {one["name"]: _segmented(one["segments"], len(classes)) for one in entries}, stuff)


def _segmented(entry: Mapping[str, Any], classes: int) -> Segmented:
    ids, labels = (np.array(entry[name], dtype=np.int64).reshape(-1) for name in ("id", "class"))
    crowd = np.array(entry["crowd"], dtype=np.bool_).reshape(-1)
    area = np.array(entry["area"], dtype=np.float64).reshape(-1) if "area" in entry else None
    sizes = {len(ids), len(labels), len(crowd), len(ids if area is None else area)}
    fitting = (ids > 0).all() and (labels >= -1).all() and (labels < classes).all()
    if len(sizes) > 1 or not fitting or len(np.unique(ids)) < len(ids):
        raise ValueError
    if area is not None and not ((area >= 0) & (area < _LARGEST)).all():
        raise ValueError
    return Segmented(ids, labels, crowd, np.zeros(len(ids)), area)
