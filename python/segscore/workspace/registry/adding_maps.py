"""What is known of maps of ids before a version of a dataset is made of them: classes, segments, files."""

import os
from typing import Any, NamedTuple

from segscore.base.naming import arg
from segscore.base.wording import show
from segscore.classes.classes import ClassesLike
from segscore.counts.id_maps import IdMaps
from segscore.errors import ArgumentError
from segscore.evaluation.classes_of_ids import warn_of_classes
from segscore.evaluation.instance_images import id_maps_of, panoptic_maps, segments_in
from segscore.io.panoptic import read_panoptic
from segscore.workspace.registry.segments import Segments


class Maps(NamedTuple):
    """Maps of ids, as `add_dataset` takes them."""

    targets: Any
    ids: IdMaps
    segments: Segments | None = None
    beside: str | None = None
    """The file of the segments."""


def maps_of(
    instances: str, targets: Any, classes: ClassesLike | None, ignore_index: int | list[int] | None
) -> Maps | None:
    """Return the maps of ids that targets are; None of other formats of objects."""
    if instances == "ids":
        warn_of_classes(targets, stacklevel=3)
        return Maps(targets, id_maps_of("ids", classes, ignore_index))
    if instances != "coco-panoptic":
        return None
    if classes is not None:
        raise ArgumentError(
            f"{arg('classes')} is given with {arg('instances', instances)}",
            "the file names its classes: leave it out",
        )
    if not isinstance(targets, str | os.PathLike):
        raise ArgumentError(
            f"{arg('targets')}: expected a JSON file of panoptic targets, found {show(str(targets))}",
            "one file says of which classes the ids of all images are",
        )
    file = read_panoptic(targets, "targets")
    ids = panoptic_maps(file, ignore_index)
    found = segments_in(file, ids.classes)
    names = {key: image.name for key, image in file.images.items()}
    segments = Segments(
        {name: key for key, name in names.items()},
        {name: found[key] for key, name in names.items()},
        ids.stuff,
    )
    paths = [image.path for image in file.images.values()]
    return Maps(paths, segments.maps(ids.classes), segments, os.fspath(file.path))
