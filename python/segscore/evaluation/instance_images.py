"""Which images with objects are to be evaluated: files of ids, and what says which classes these are of."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from segscore.base.naming import arg, args
from segscore.base.wording import many, show
from segscore.classes.classes import Classes, ClassesLike
from segscore.classes.folding import is_background
from segscore.counts.id_maps import FORMATS, IdMaps, InstanceFormat, ids_with_outside
from segscore.counts.instances import Segmented
from segscore.counts.measures import Measures
from segscore.counts.widths import Width
from segscore.errors import ArgumentError, FileFormatError, PairingError, unknown
from segscore.evaluation.cityscapes_files import things_of
from segscore.evaluation.classes_of_ids import warn_of_classes
from segscore.evaluation.coco_files import WHOLE, WholeFormat, no_shards
from segscore.evaluation.instance_evaluator import stuff_labels
from segscore.io.cases import Case, Masks
from segscore.io.panoptic import Image, PanopticFile, check_categories, read_panoptic
from segscore.io.prediction_texts import are_texts
from segscore.io.reading import Reading
from segscore.io.stacks import find_images

Instances: TypeAlias = InstanceFormat | WholeFormat
"""Formats of objects: of maps of ids, and of masks that may overlap."""

_CLASSES: Mapping[InstanceFormat, ClassesLike] = {"ids": ["object"], "cityscapes": "cityscapes"}
"""The classes of a format, where no others are given."""


class InstanceImages(NamedTuple):
    """Images with objects, as they were found."""

    classes: Classes
    ids: IdMaps
    cases: tuple[Case, ...]
    provenance: Mapping[str, str]
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    missing_error: PairingError | None


def find_instances(
    kind: Instances,
    *,
    pred: Masks,
    target: Masks,
    classes: ClassesLike | None,
    ignore_index: int | Iterable[int] | None,
    things: Iterable[str | int] | None,
    reading: Reading,
    band: Width | None,
) -> InstanceImages:
    """Return the images of a format, or raise what `segscore.evaluate` says."""
    if kind in WHOLE or (kind == "cityscapes" and are_texts(pred)):
        raise no_shards(kind)
    if kind not in FORMATS:
        raise unknown("format of instances", kind, (*FORMATS, *WHOLE))
    if kind == "coco-panoptic":
        if classes is not None or things is not None:
            name = "things" if classes is None else "classes"
            raise ArgumentError(
                f"{arg(name)} is given with {arg('instances', kind)}",
                "the file names its classes: leave it out",
            )
        return _of_coco(pred, target, ignore_index, band)
    ids = id_maps_of(kind, classes, ignore_index, things, band)
    if kind == "ids":
        warn_of_classes(target, stacklevel=6)  # who calls `evaluate`
    found = find_images(pred, target, reading, None)
    error = found.missing_error if found.missing else None
    return InstanceImages(
        ids.classes, ids, tuple(found.cases), found.provenance, found.missing, found.extra, error
    )


def id_maps_of(
    kind: InstanceFormat,
    classes: ClassesLike | None,
    ignore_index: int | Iterable[int] | None = None,
    things: Iterable[str | int] | None = None,
    band: Width | None = None,
) -> IdMaps:
    """Return what ids in files are that no other file tells of, or raise ArgumentError."""
    given = _CLASSES[kind] if classes is None else classes
    resolved = ids_with_outside(Classes.of(given, ignore_index), kind)
    if kind == "cityscapes":
        things = things_of(resolved, things)
    objects = [name for name in resolved.names if not is_background(name)]
    if kind == "ids" and len(objects) != 1:
        raise ArgumentError(
            f"{arg('instances', kind)} needs one class that each id is an object of, found "
            f"{many(len(objects), 'class')}",
            "`InstanceEvaluator` takes the class of each id",
        )
    return IdMaps(kind, resolved, stuff=stuff_labels(resolved, things), band=band)


def _of_coco(
    pred: Any, target: Any, ignore_index: int | Iterable[int] | None, band: Width | None
) -> InstanceImages:
    targets, preds = read_panoptic(target, "target"), read_panoptic(pred, "pred")
    ids = panoptic_maps(targets, ignore_index, band)
    of_targets, of_preds = (segments_in(file, ids.classes) for file in (targets, preds))
    cases, missing = [], []
    segments = {}
    for key, image in sorted(targets.images.items(), key=lambda item: item[1].name):
        other = preds.images.get(key)
        if other is None:
            missing.append(image.name)
            continue
        cases.append(Case(image.name, other.path, image.path))
        segments[image.name] = of_targets[key], of_preds[key]
    if not cases:
        raise PairingError(
            f"no image of {show(preds.path)} is in {show(targets.path)}", "images are the same by `image_id`"
        )
    extra = tuple(sorted(one.name for key, one in preds.images.items() if key not in targets.images))
    ids = replace(ids, segments=segments)
    provenance = {"pred": preds.path, "target": targets.path}
    error = _missing(missing, preds, targets) if missing else None
    return InstanceImages(ids.classes, ids, tuple(cases), provenance, tuple(missing), extra, error)


def panoptic_maps(
    file: PanopticFile, ignore_index: int | Iterable[int] | None = None, band: Width | None = None
) -> IdMaps:
    """Return what ids in the PNG files of targets are, without their segments, or raise FileFormatError."""
    if not file.categories:
        raise FileFormatError(
            f"{show(file.path)}: there are no `categories`", "targets say which classes there are"
        )
    named = Classes([one.name for one in file.categories], [one.id for one in file.categories])
    classes = ids_with_outside(
        named if ignore_index is None else named.ignoring(ignore_index), "coco-panoptic"
    )
    things = [one.id for one in file.categories if one.thing]
    return IdMaps("coco-panoptic", classes, stuff=stuff_labels(classes, things), band=band)


def segments_in(file: PanopticFile, classes: Classes) -> dict[int | str, Segmented]:
    """Return the segments of each image by its id, or raise FileFormatError for those of no class."""
    ignored = classes.ignored_classes.tolist()
    index = {label: -1 if ignored[i] else i for i, label in enumerate(classes.labels)}
    check_categories(file, dict(zip(classes.labels, classes.names, strict=True)))
    return {key: _segmented(image, index) for key, image in file.images.items()}


def _segmented(image: Image, index: Mapping[int, int]) -> Segmented:
    columns = [
        (one.id, index[one.category], one.crowd, np.nan if one.area is None else one.area)
        for one in image.segments
    ]
    ids, labels, crowd, area = np.array(columns, dtype=np.float64).reshape(-1, 4).T
    said = area if len(area) and not np.isnan(area).any() else None
    return Segmented(ids.astype(np.int64), labels.astype(np.int64), crowd > 0, np.zeros(len(ids)), said)


def _missing(names: list[str], preds: PanopticFile, targets: PanopticFile) -> PairingError:
    listed = "".join(f"\n  {show(name)}" for name in names)
    of = f"{len(names):,} of {many(len(targets.images), 'image')}"
    return PairingError(
        f"{of} {'has' if len(names) == 1 else 'have'} no prediction in {show(preds.path)}:{listed}",
        f"add what is missing, or score the rest with {arg('on_error', 'skip')}",
    )


def check_things(things: object, instances: object) -> None:
    """Raise ArgumentError for things without instances."""
    if things is not None and instances is None:
        raise ArgumentError(
            f"{arg('things')} is given without {arg('instances')}",
            f"objects are told apart with {arg('instances', 'ids')}",
        )


def check_maps_alone(pred_classes: object, reading: Reading, measures: Measures, *, strict: bool) -> None:
    """Raise ArgumentError for options that maps of ids do not have."""
    given = {
        "pred_classes": pred_classes is not None,
        "class_axis": reading.class_axis is not None,
        "threshold": reading.threshold is not None,
        "strict": strict,
        "segments": measures.segments,
        "distances": measures.distances,
        "components": measures.components,
    }
    names = [name for name, there in given.items() if there]
    if names:
        raise ArgumentError(
            f"{args(names)} cannot be given with {arg('instances')}",
            "maps of ids hold no class scores, and their segments name their classes",
        )
