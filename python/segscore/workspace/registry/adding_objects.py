"""How a version of a dataset of objects is made: one file of annotations has the targets of all images."""

import os
from collections.abc import Sequence
from os import PathLike

import numpy as np

from segscore.auditing.results import Truth
from segscore.base.naming import arg
from segscore.base.wording import many, show
from segscore.classes.classes import Classes
from segscore.counts.coco import whole_content
from segscore.counts.counting import Progress, ticking
from segscore.errors import ArgumentError, PairingError
from segscore.evaluation.coco_files import Detections, detections_of, usable
from segscore.io.groups import By, csv_columns, labels_of
from segscore.io.kinds import IMAGE_SUFFIXES
from segscore.io.reading import Reading
from segscore.io.sides import IMAGES
from segscore.io.sources import SourceLike, find_files
from segscore.workspace.registry.datasets import content_of
from segscore.workspace.registry.kept import keep
from segscore.workspace.store.digests import read_files
from segscore.workspace.store.store import Row, Store


def add_objects(
    store: Store,
    name: str,
    version: str | None,
    *,
    instances: str,
    targets: SourceLike,
    images: SourceLike | None,
    classes: Classes | None,
    groups: By | None,
    attributes: str | PathLike[str] | None,
    threads: int | None,
    progress: Progress,
) -> Row:
    """Write a version of a dataset of objects; the parameters are those of `Datasets.add`, names checked."""
    if instances != "coco":
        raise ArgumentError(
            f"{arg('instances')} is {instances!r}, expected {arg('instances', 'coco')}, "
            f"{arg('instances', 'ids')} or {arg('instances', 'coco-panoptic')}",
            "other formats of objects are no datasets of workspaces, but `segscore.evaluate` scores them",
        )
    if not isinstance(targets, str | PathLike) or not os.path.isfile(targets):
        raise ArgumentError(
            f"{arg('targets')}: expected a JSON file of annotations, found {show(str(targets))}",
            "one file has the objects of all images",
        )
    path = os.fspath(targets)
    given = None if classes is None else usable(classes)
    (file,) = read_files(store, [path], threads)
    found = detections_of((whole_content(path), b"[]"), (path, ""), classes=given, threads=threads)
    names = found.names
    labels = None if groups is None else labels_of(names, groups)
    columns = {} if attributes is None else csv_columns(names, attributes)
    photographs = None if images is None else read_files(store, _photographs(images, names), threads)
    with ticking(progress, len(names)) as tick:
        tick(len(names))
    truth = _truth(found)
    content = content_of(
        names=names,
        images=photographs,
        targets=[file] * len(names),
        groups=labels,
        attributes=columns,
        classes=found.classes,
        reading=Reading(),
        reader=None,
        drawn=None,
        truth=truth,
        instances=instances,
    )
    return keep(store, name, version, content=content, truth=truth, classes=found.classes)


def _photographs(images: SourceLike, names: Sequence[str]) -> list[str]:
    """Return the photograph of each image, or raise PairingError."""
    source = find_files(IMAGES, images, IMAGE_SUFFIXES)
    places = dict(zip(source.names, source.paths, strict=True))
    lacking = [name for name in names if name not in places]
    if lacking:
        raise PairingError(
            f"{len(lacking):,} of {many(len(names), 'image')} of the annotations have no photograph in "
            f"{source.where}, first {show(lacking[0])}",
            "photographs are called as the annotations call them: `file_name`",
        )
    return [places[name] for name in names]


def _truth(found: Detections) -> Truth:
    """Return what the targets hold: pixels of masks, those that several cover for each of them."""
    objects, count = found.objects, len(found.classes)
    pixels = np.zeros(count, dtype=np.int64)
    np.add.at(pixels, objects.label, objects.pixels)
    held = np.zeros((len(found.names), count), dtype=np.bool_)
    held[objects.image, objects.label] = True
    sizes, number = np.unique(found.sizes, axis=0, return_counts=True)
    order = np.argsort(-number, kind="stable")
    return Truth(
        names=found.classes.names,
        images=len(found.names),
        pixels=int(found.sizes.prod(axis=1).sum()),
        void=0,
        class_pixels=pixels,
        class_images=held.sum(axis=0),
        one_value=(),
        sizes={tuple(sizes[i].tolist()): int(number[i]) for i in order.tolist()},
    )
