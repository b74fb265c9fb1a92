"""Files of COCO and LVIS, annotations and results, become an evaluation of objects that may overlap."""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from os import PathLike
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias, TypedDict

import numpy as np

from segscore.base.naming import arg, args
from segscore.base.shown import brief, first
from segscore.base.values import Ints
from segscore.base.wording import many, show
from segscore.classes.classes import Classes, ClassesLike
from segscore.counts.coco import COCO_FILES, CocoTables, image_names, read_coco, whole_content
from segscore.counts.counting import Progress, ticking
from segscore.counts.measures import FILE_RULES, FileRule, Measures
from segscore.counts.objects import PRED, TARGET, Objects, Overlaps
from segscore.counts.record import Record
from segscore.counts.table import Table
from segscore.counts.widths import Width
from segscore.errors import ArgumentError, ClassesError, EvaluationError, FileFormatError, unknown
from segscore.evaluation.evaluation import Evaluation
from segscore.io.annotations.paths import OF_YOLO
from segscore.io.annotations.targets import ANNOTATED, annotated
from segscore.io.given import check_here
from segscore.io.groups import By, labels_of
from segscore.io.masks import MAX_PIXELS
from segscore.io.whole import refused

if TYPE_CHECKING:
    from segscore.io.annotations.reading import Annotations

WholeFormat: TypeAlias = Literal["coco", "lvis"]
WHOLE: Final[tuple[WholeFormat, ...]] = ("coco", "lvis")
"""What files of detections are called among the formats of instances, which are read in one piece."""
_AREAS: Final = ("file", "mask")
MEASURES_OF_FILES: Final = Measures().with_objects("detections", ())
"""What is measured of files of COCO, where nothing else is asked for."""
_SHOWN = 20


class WholeOptions(TypedDict):
    """What all files of detections are evaluated with; see `segscore.evaluate`."""

    pred: object
    target: object
    classes: ClassesLike | None
    groups: By | None
    max_pixels: int
    threads: int | None
    progress: Progress


def rules_of(kind: str | None, area_from: str, *, ignore_flag: bool) -> tuple[FileRule, ...]:
    """Return by what files are read, or raise ArgumentError where these have no such options."""
    if area_from not in _AREAS:
        raise unknown("origin of areas", area_from, _AREAS)
    given = {"area_from": area_from != _AREAS[0], "ignore_flag": ignore_flag}
    names = [name for name, there in given.items() if there]
    if names and kind not in WHOLE:
        verb = "is" if len(names) == 1 else "are"
        raise ArgumentError(
            f"{args(names)} {verb} given without {arg('instances', 'coco')}",
            "annotations of COCO and LVIS have an area and `ignore`",
        )
    rules = {"lvis": kind == "lvis", "mask-area": given["area_from"], "ignore": ignore_flag}
    return tuple(rule for rule in FILE_RULES if rules.get(rule))


def check_alone(kind: str, given: Mapping[str, bool]) -> None:
    """Raise ArgumentError for options that these files do not have, by their names."""
    names = [name for name, there in given.items() if there]
    if names:
        raise ArgumentError(
            f"{args(names)} cannot be given with {arg('instances', kind)}",
            "files of detections are read as they are, and say which images, classes and masks there are",
        )


def no_shards(kind: str) -> ArgumentError:
    """Return the error for shards of these files."""
    return ArgumentError(
        f"{arg('instances', kind)} has no shards of detections, whose files are read in one piece",
        "`segscore.evaluate` reads them, in several threads",
    )


def evaluate_whole(
    kind: WholeFormat,
    *,
    pred: object,
    target: object,
    classes: ClassesLike | None,
    groups: By | None,
    max_pixels: int,
    threads: int | None,
    progress: Progress,
    band: Width | None,
    rules: tuple[FileRule, ...],
) -> Evaluation:
    """Return the evaluation of both files, with images in the order of their ids.

    Arguments, and what is raised, are those of `segscore.evaluate`.
    """
    drawn = _drawn(target, max_pixels), _drawn(pred, max_pixels, scored=True)
    if kind == "lvis" and drawn[0] is not None:
        raise ArgumentError(
            f"{arg('target')} is annotations of another format, which do not say what classes "
            "were looked for",
            f"score them with {arg('instances', 'coco')}, or give LVIS' own file",
        )
    paths = _path(target, "target", drawn[0]), _path(pred, "pred", drawn[1])
    given = None if classes is None else usable(Classes.of(classes))
    found = detections_of(
        _contents(paths, drawn),
        paths,
        classes=given,
        rules=rules,
        band=band,
        max_pixels=max_pixels,
        threads=threads,
    )
    labels = None if groups is None else tuple(labels_of(found.names, groups))
    with ticking(progress, len(found.names)) as tick:
        tick(len(found.names))
    return Evaluation(
        classes=found.classes,
        names=found.names,
        table=Table.of_no_pairs(len(found.names)),
        provenance={"pred": paths[1], "target": paths[0], **_said(drawn)},
        groups=labels,
        measured=(found.objects, found.overlaps, *found.bands),
        measures=Measures().with_objects("detections", (), rules, band),
    )


class Detections(NamedTuple):
    """What both files hold, of n images in the order of their ids."""

    names: tuple[str, ...]
    classes: Classes
    sizes: Ints
    """int64 (n, 2): height and width of each image."""
    objects: Objects
    overlaps: Overlaps
    bands: tuple[Record, ...]
    """Those of both, where they are measured."""


def detections_of(
    contents: tuple[bytes, bytes],
    paths: tuple[str, str],
    *,
    classes: Classes | None = None,
    rules: tuple[FileRule, ...] = (),
    band: Width | None = None,
    max_pixels: int = MAX_PIXELS,
    threads: int | None = None,
) -> Detections:
    """Return what files of annotations and of results hold, whose paths are named in what is raised.

    Classes are those of the file of annotations, unless those of the same names are given.
    """
    tables = read_coco(
        *contents,
        names=(show(paths[0]), show(paths[1])),
        max_pixels=max_pixels,
        area_from_mask="mask-area" in rules,
        federated="lvis" in rules,
        band=band,
        threads=threads,
    )
    if not tables.class_names:
        raise FileFormatError(f"{show(paths[0])}: there are no `categories`", COCO_FILES)
    if not tables.image_names:
        raise EvaluationError(f"{show(paths[0])}: there are no images to score", "add at least one image")
    _check_names(tables, paths[0])
    _check_masks(tables.objects, paths)
    own = Classes(tables.class_names, tables.class_ids.tolist())
    index = _index(own, classes, paths[0])
    return Detections(
        names=image_names(tables.image_ids, tables.image_names),
        classes=own if classes is None else classes,
        sizes=np.stack([tables.heights, tables.widths], axis=1),
        objects=_objects(tables.objects, index, paths[0]),
        overlaps=tables.overlaps,
        bands=tables.bands or (),
    )


def _drawn(given: object, max_pixels: int, *, scored: bool = False) -> "Annotations | None":
    """Return the annotations of another format that a side is; None of a file of COCO itself."""
    own = isinstance(given, str | PathLike) and is_own(os.fsdecode(given))
    return None if own else annotated(given, max_pixels, scored=scored)


def is_own(path: str) -> bool:
    """Whether a path is that of a file of COCO or LVIS itself, and of no other annotations."""
    return path.lower().endswith(".json") and os.path.isfile(path)


def _contents(
    paths: tuple[str, str], drawn: "tuple[Annotations | None, Annotations | None]"
) -> tuple[bytes, bytes]:
    """Return what files of COCO hold, or what they would hold of annotations of other formats."""
    if drawn == (None, None):
        return whole_content(paths[0]), whole_content(paths[1])
    from segscore.io.annotations.reading import read_annotations
    from segscore.io.annotations.writing import coco_content, results_content

    if drawn[0] is not None:
        target = json.dumps(coco_content(drawn[0], outlines=True, by_name=True)).encode()
    else:
        read_annotations(paths[0], "coco")  # which says all that is wrong with it
        target = whole_content(paths[0])
    if drawn[1] is None:
        return target, whole_content(paths[1])
    return target, json.dumps(results_content(drawn[1], json.loads(target))).encode()


def _said(drawn: "tuple[Annotations | None, Annotations | None]") -> dict[str, str]:
    """Return the entry of the provenance for annotations of other formats."""
    said = [
        f"{side} are annotations: {'; '.join(one.told(ordered=False))}"
        for side, one in zip(("targets", "predictions"), drawn, strict=True)
        if one is not None
    ]
    return {ANNOTATED: "; ".join(said)} if said else {}


def _path(given: Any, side: str, drawn: "Annotations | None") -> str:
    if drawn is not None:
        return drawn.where
    if not isinstance(given, str | PathLike):
        raise ArgumentError(
            f"{arg(side)} is of type {type(given).__name__}, expected the path of a JSON file", COCO_FILES
        )
    path = os.fspath(given)
    check_here(path, side)
    if os.path.isdir(path):
        raise FileFormatError(
            f"{show(path)}: expected a file or annotations, found a folder of others", OF_YOLO
        )
    return path


def usable(classes: Classes) -> Classes:
    """Return classes that objects of files can be of, or raise ArgumentError."""
    if classes.ignored_classes.any():
        ignored = classes.names[int(np.argmax(classes.ignored_classes))]
        raise ArgumentError(
            f"{arg('classes')} ignores {show(ignored)}, and objects of files are of classes that count",
            "leave such objects out of the files, or their class out of means: `not_in_mean`",
        )
    return classes


def _index(own: Classes, given: Classes | None, path: str) -> Ints:
    """Return the class of each category of the file, int64 (C,)."""
    if given is None:
        return np.arange(len(own))
    known = {name: i for i, name in enumerate(given.names)}
    lacking = [show(name) for name in own.names if name not in known]
    if lacking:
        raise ClassesError(
            f"{show(path)}: {many(len(lacking), 'category')} {'is' if len(lacking) == 1 else 'are'} in no "
            f"class of {arg('classes')}: {first(lacking, _SHOWN)}",
            "categories are classes by their names; without `classes` they are those of the file",
        )
    return np.array([known[name] for name in own.names], dtype=np.int64)


def _check_names(tables: CocoTables, path: str) -> None:
    """Raise FileFormatError for categories of one name, as classes are told by these."""
    ids: dict[str, list[int]] = {}
    for name, own in zip(tables.class_names, tables.class_ids.tolist(), strict=True):
        ids.setdefault(name, []).append(own)
    lines = [
        f"{show(path)}, `categories`: expected names that differ, found {show(name)} as "
        f"{first([*map(str, own)])}"
        for name, own in ids.items()
        if len(own) > 1
    ]
    if lines:
        raise refused(lines, "give each category a name of its own")


def _check_masks(objects: Objects, paths: tuple[str, str]) -> None:
    """Raise FileFormatError for a file of boxes alone."""
    for side, path, what in ((TARGET, paths[0], "annotation"), (PRED, paths[1], "result")):
        own = objects.without_mask[objects.side == side]
        if own.all() and len(own):
            raise FileFormatError(
                f"{show(path)}: none of {many(len(own), what)} has a mask",
                "scores are of masks, not of boxes",
            )


def _objects(objects: Objects, index: Ints, path: str) -> Objects:
    """Return the objects with their classes, and predictions by their place, as results need not have ids."""
    wrong = np.flatnonzero((objects.side == TARGET) & ~((objects.area >= 0) & np.isfinite(objects.area)))
    if len(wrong):
        rows = wrong[np.argsort(objects.place[wrong], kind="stable")]
        lines = [
            f"{show(path)}, annotations[{place}]: expected an `area` of 0 or more, found {brief(area)}"
            for place, area in zip(objects.place[rows].tolist(), objects.area[rows].tolist(), strict=True)
        ]
        raise refused(lines)
    number = np.where(objects.side == PRED, objects.place, objects.id)
    return replace(objects, id=number, label=index[objects.label])
