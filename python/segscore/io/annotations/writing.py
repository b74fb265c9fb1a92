"""Annotations are written as label maps, as maps of ids, or as COCO's JSON, into a folder of their own."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np

from segscore._core import encode_mask
from segscore.base.naming import arg
from segscore.base.wording import many, show
from segscore.classes.classes import Classes
from segscore.errors import ArgumentError, OutputError, unknown
from segscore.io.annotations.drafts import name_of
from segscore.io.annotations.painting import in_order
from segscore.io.annotations.paths import CLASSES_OF_IDS
from segscore.io.annotations.reading import Annotations, Painted
from segscore.io.annotations.record import Polygons
from segscore.io.given import check_here
from segscore.io.whole import refused
from segscore.io.writing import write_file

Written: TypeAlias = Literal["masks", "ids", "coco", "rle"]
_MOST_IDS = 65_535
_JSON = "annotations.json"


def write_annotations(
    found: Annotations, to: Written, out: str | PathLike[str], classes: Classes | None = None
) -> tuple[str, ...]:
    """Write annotations in another form, and return what was written and what of, as phrases.

    Parameters
    ----------
    found : Annotations
        What :func:`segscore.io.annotations.reading.read_annotations` returned.
    to : "masks", "ids", "coco" or "rle"
        Label maps as gray PNG, one an image; maps of ids as gray PNG, which count the objects of an image
        from 1, with the class of each in ``objects.json``; COCO's JSON with outlines where these say all of
        a mask, else with run lengths; or with run lengths alone.
    out : path
        A folder that is not there, or is empty.
    classes : Classes, optional
        With "masks", the classes whose labels pixels have, if not those of the file.

    Raises
    ------
    OutputError
        If the folder holds something, or cannot be written to.
    ArgumentError, ClassesError
        If an argument is not usable, or an image has more than 65,535 objects for ids.
    """
    if to not in WRITERS:
        raise unknown("form of annotations", to, WRITERS)
    if classes is not None and to != "masks":
        raise ArgumentError(
            f"{arg('classes')} is given with {arg('to', to)}", "labels of classes are those of masks"
        )
    folder = _new_folder(os.fspath(out))
    return WRITERS[to](found, folder, classes)


def _new_folder(out: str) -> Path:
    check_here(out)
    folder = Path(out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with os.scandir(folder) as entries:
            there = next(iter(entries), None)
    except (OSError, ValueError) as error:
        raise OutputError(f"{show(out)}: cannot be made a folder: {error}", "name another one") from error
    if there is not None:
        raise OutputError(
            f"{show(out)}: expected a new or an empty folder, found {show(there.name)} in it",
            "name a new one, so that no file of before is taken for one of these",
        )
    return folder


def _file(folder: Path, name: str, content: bytes) -> None:
    path = folder / f"{name}.png"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{show(str(path))}: cannot be written: {error.strerror}") from error
    write_file(path, content)


def _masks(found: Annotations, folder: Path, classes: Classes | None) -> tuple[str, ...]:
    maps = found.label_maps(classes)
    for painted, content in zip(found.images, maps.contents, strict=True):
        _file(folder, painted.image.name, content)
    return f"{many(len(found.images), 'label map')} written to {show(str(folder))}", *maps.facts


def _ids(found: Annotations, folder: Path, __: Classes | None) -> tuple[str, ...]:
    for painted in found.images:
        if len(painted.objects) > _MOST_IDS:
            raise ArgumentError(
                f"{show(painted.image.name)}: expected at most {_MOST_IDS:,} objects for ids, found "
                f"{len(painted.objects):,}",
                "write COCO's JSON, which has no such limit",
            )
    hidden, objects = 0, {}
    for painted in found.images:
        order = in_order(painted.objects, painted.masks, found.order)
        pixels, _, _ = painted.masks.paint(order, [i + 1 for i in order], background=0)
        seen = {*np.unique(pixels).tolist()}
        hidden += sum(i + 1 not in seen for i in order)
        _file(folder, painted.image.name, encode_mask(pixels))
        objects[painted.image.name] = {
            str(i + 1): {"class": found.names[one.label], **({"crowd": True} if one.crowd else {})}
            for i, one in enumerate(painted.objects)
            if i + 1 in seen
        }
    _write_json(folder / CLASSES_OF_IDS, objects)
    under = (f"{hidden:,} left out: objects of which others cover all pixels",) if hidden else ()
    return f"{many(len(found.images), 'map')} of ids written to {show(str(folder))}", *found.facts, *under


def _coco(found: Annotations, folder: Path, _: Classes | None) -> tuple[str, ...]:
    _write_json(folder / _JSON, coco_content(found, outlines=True))
    return f"{_JSON} written to {show(str(folder))}", *found.facts


def _rle(found: Annotations, folder: Path, _: Classes | None) -> tuple[str, ...]:
    _write_json(folder / _JSON, coco_content(found, outlines=False))
    return f"{_JSON} written to {show(str(folder))}", *found.facts


WRITERS: Mapping[str, Callable[[Annotations, Path, Classes | None], tuple[str, ...]]] = {
    "masks": _masks,
    "ids": _ids,
    "coco": _coco,
    "rle": _rle,
}
"""What annotations are written as."""


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    write_file(path, json.dumps(content, ensure_ascii=False).encode())


def coco_content(found: Annotations, *, outlines: bool, by_name: bool = False) -> dict[str, Any]:
    """Return annotations as COCO has them, with ids counted from 1, and areas of pixels.

    With `outlines`, masks are polygons where COCO's rule makes the same pixels of these. With `by_name`,
    images are called by what they are matched by, which need not be their files.
    """
    ids = [*(found.numbers or range(1, len(found.names) + 1))]
    return {
        "images": [
            {
                "id": i,
                "file_name": f"{painted.image.name}.png" if by_name else painted.image.file,
                "height": painted.image.height,
                "width": painted.image.width,
            }
            for i, painted in enumerate(found.images, 1)
        ],
        "categories": [{"id": i, "name": name} for i, name in zip(ids, found.names, strict=True)],
        "annotations": [
            {"id": i, **one} for i, one in enumerate(_annotations(found, ids, outlines=outlines), 1)
        ],
    }


def results_content(found: Annotations, target: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return predictions as COCO has results, of the images and categories of targets of the same names.

    What no target has, and objects without a score, are a FileFormatError.
    """
    images = {name_of(one["file_name"]): one["id"] for one in target["images"]}
    classes = {one["name"]: one["id"] for one in target["categories"]}
    wrong: list[str] = []
    results = []
    for painted in found.images:
        where = show(painted.image.path)
        if painted.image.name not in images:
            wrong.append(f"{where}: expected an image of the targets, found {show(painted.image.name)}")
            continue
        runs = painted.masks.strings()
        for one, counts in zip(painted.objects, runs, strict=True):
            name = found.names[one.label]
            if name not in classes:
                wrong.append(f"{where}, {one.place}: expected a class of the targets, found {show(name)}")
            elif one.score is None:
                wrong.append(f"{where}, {one.place}: expected a score, found none")
            else:
                results.append(
                    {
                        "image_id": images[painted.image.name],
                        "category_id": classes[name],
                        "segmentation": {"size": [*painted.masks.size], "counts": counts.decode()},
                        "score": one.score,
                    }
                )
    if wrong:
        raise refused(wrong)
    return results


def _annotations(found: Annotations, ids: list[int], *, outlines: bool) -> Iterator[dict[str, Any]]:
    for number, painted in enumerate(found.images, 1):
        pixels, boxes = painted.masks.pixels().tolist(), painted.masks.boxes().tolist()
        runs = painted.masks.strings()
        for i, one in enumerate(painted.objects):
            polygons = _polygons(painted, i) if outlines and found.paint == "coco" else None
            size = [painted.image.height, painted.image.width]
            yield {
                "image_id": number,
                "category_id": ids[one.label],
                "segmentation": {"size": size, "counts": runs[i].decode()} if polygons is None else polygons,
                "area": pixels[i],
                "bbox": boxes[i],
                "iscrowd": int(one.crowd),
                **({} if one.score is None else {"score": one.score}),
            }


def _polygons(painted: Painted, i: int) -> list[list[float]] | None:
    """Return the outlines of an object, if these are all that there is to its mask."""
    masks = painted.objects[i].masks
    if not all(isinstance(mask, Polygons) and not mask.holes for mask in masks):
        return None
    return [part.tolist() for mask in masks if isinstance(mask, Polygons) for part in mask.parts]
