"""COCO's panoptic format: a JSON file that says of which class the ids in PNG files are.

A PNG in colours has the id ``red + 256 * green + 65536 * blue``. A file is untrusted input: all that is wrong
with it is said at once, and nothing of it is used then.
"""

import json
import os
from collections.abc import Iterator, Mapping
from math import isfinite
from os import PathLike
from typing import Any, NamedTuple

from segscore.base.limits import MOST_JSON
from segscore.base.naming import arg
from segscore.base.shown import brief, first_lines
from segscore.base.values import is_int
from segscore.base.wording import many, reason, show
from segscore.classes.tables.drawn import is_coco, is_panoptic
from segscore.errors import FileFormatError
from segscore.io.given import check_here
from segscore.io.whole import content_of

_SHOWN = 20
"""Faults of a file that an error lists."""
_HINT = (
    'it is {"annotations": [{"image_id", "file_name", "segments_info": [{"id", "category_id", "iscrowd"}]}], '
    '"categories": [{"id", "name", "isthing"}]}, with PNG files in a folder of its name'
)
_OF_OBJECTS = "expected COCO's panoptic format, found objects with masks of their own"
_MOST_ID = 1 << 24


class Category(NamedTuple):
    """A class of a file."""

    id: int
    name: str
    thing: bool


class Segment(NamedTuple):
    """What a file says of one id of an image."""

    id: int
    category: int
    crowd: bool
    area: float | None


class Image(NamedTuple):
    """What a file says of one image."""

    name: str
    """That of its PNG file, without the ending."""
    path: str
    segments: tuple[Segment, ...]


class PanopticFile(NamedTuple):
    """What is in a file."""

    path: str
    images: Mapping[int | str, Image]
    categories: tuple[Category, ...]
    """Empty where it names none, as those of predictions need not."""


def read_panoptic(
    given: str | PathLike[str] | tuple[Any, Any], side: str, content: bytes | None = None
) -> PanopticFile:
    """Return what a JSON file holds, or raise FileFormatError with all that is wrong with it.

    It is a path, with the folder of its PNG files behind it where that is not called as the file is. It is
    not opened where its content is given.
    """
    path, folder = given if isinstance(given, tuple) else (given, None)
    where = os.fspath(path)
    check_here(where, side)
    folder = os.path.splitext(where)[0] if folder is None else os.fspath(folder)
    faults: list[str] = []
    held = _held(where, content_of(where, MOST_JSON, _HINT) if content is None else content)
    if is_coco(held) and not is_panoptic(held) and held["annotations"]:
        raise FileFormatError(f"{show(where)}: {_OF_OBJECTS}", _hint_of_objects())
    images = _images(held.get("annotations"), folder, faults)
    categories = tuple(_categories(held.get("categories", []), faults))
    if not faults and not os.path.isdir(folder):
        faults.append(f"its PNG files are looked for in {show(folder)}, which is no folder")
    if faults:
        raise _refused(where, faults, _HINT)
    return PanopticFile(where, images, categories)


def _refused(path: str, faults: list[str], hint: str) -> FileFormatError:
    """Return the error for all faults of a file."""
    head = f"{show(path)}: {many(len(faults), 'fault')}:"
    return FileFormatError("\n  ".join([head, *first_lines(faults, _SHOWN)]), hint)


def _held(path: str, content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise FileFormatError(f"{show(path)}: cannot be read: {reason(error)}", _HINT) from error
    if not isinstance(found, dict):
        of_results = isinstance(found, list) and found and isinstance(found[0], dict)
        if of_results and "segmentation" in found[0]:
            raise FileFormatError(f"{show(path)}: {_OF_OBJECTS}", _hint_of_objects())
        raise FileFormatError(f"{show(path)}: expected an object, found {brief(found)}", _HINT)
    return found


def _hint_of_objects() -> str:
    return f"files of annotations and of results of objects are read with {arg('instances', 'coco')}"


def _images(given: object, folder: str, faults: list[str]) -> dict[int | str, Image]:
    if not isinstance(given, list):
        faults.append(f"`annotations` is {brief(given)}, expected a list")
        return {}
    found: dict[int | str, Image] = {}
    named: set[str] = set()
    for i, one in enumerate(given):
        at = f"annotations[{i}]"
        if not isinstance(one, dict):
            faults.append(f"`{at}` is {brief(one)}, expected an object")
            continue
        key, file = one.get("image_id"), one.get("file_name")
        if not (is_int(key) or isinstance(key, str)) or key in found:
            what = "that of an image before" if isinstance(key, int | str) and key in found else "no id"
            faults.append(f"`{at}.image_id` is {brief(key)}, which is {what}")
            continue
        if not isinstance(file, str) or not file or os.path.basename(file) != file or "\0" in file:
            faults.append(f"`{at}.file_name` is {brief(file)}, expected the name of a file")
            continue
        name = os.path.splitext(file)[0]
        if name in named:
            faults.append(f"`{at}.file_name` is {brief(file)}, which is that of an image before")
            continue
        named.add(name)
        segments = tuple(_segments(one.get("segments_info"), at, faults))
        found[key] = Image(name, os.path.join(folder, f"{name}.png"), segments)
    return found


def _segments(given: object, at: str, faults: list[str]) -> Iterator[Segment]:
    if not isinstance(given, list):
        faults.append(f"`{at}.segments_info` is {brief(given)}, expected a list")
        return
    ids: set[int] = set()
    for i, one in enumerate(given):
        where = f"{at}.segments_info[{i}]"
        if not isinstance(one, dict):
            faults.append(f"`{where}` is {brief(one)}, expected an object")
            continue
        key, category, crowd, area = (one.get(name) for name in ("id", "category_id", "iscrowd", "area"))
        if not is_int(key) or not 0 < key < _MOST_ID:
            faults.append(f"`{where}.id` is {brief(key)}, expected 1 to {_MOST_ID - 1:,}, as 0 is void")
        elif key in ids:
            faults.append(f"`{where}.id` is {key}, which is that of a segment before")
        elif not is_int(category):
            faults.append(f"`{where}.category_id` is {brief(category)}, expected an integer")
        elif crowd not in (None, 0, 1):
            faults.append(f"`{where}.iscrowd` is {brief(crowd)}, expected 0 or 1")
        elif area is not None and not _is_area(area):
            faults.append(f"`{where}.area` is {brief(area)}, expected a number of 0 or more")
        else:
            ids.add(key)
            yield Segment(key, int(category), bool(crowd), None if area is None else float(area))


def _is_area(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 <= value < 1 << 48 and isfinite(value)


def _categories(given: object, faults: list[str]) -> Iterator[Category]:
    if not isinstance(given, list):
        faults.append(f"`categories` is {brief(given)}, expected a list")
        return
    ids: set[int] = set()
    for i, one in enumerate(given):
        where = f"categories[{i}]"
        key, name = (one.get(field) if isinstance(one, dict) else None for field in ("id", "name"))
        if not is_int(key) or key in ids or not isinstance(name, str):
            faults.append(f"`{where}` is {brief(one)}, expected an id of its own and a name")
            continue
        ids.add(key)
        if (thing := one.get("isthing", 1)) not in (0, 1):
            faults.append(f"`{where}.isthing` is {brief(thing)}, expected 0 or 1")
            continue
        yield Category(int(key), name, bool(thing))


def check_categories(file: PanopticFile, known: Mapping[int, str]) -> None:
    """Raise FileFormatError if categories of segments are not known, or are called otherwise."""
    renamed = [
        f"category {one.id} is {show(one.name)}, but {show(known[one.id])} in the targets"
        for one in file.categories
        if one.id in known and known[one.id] != one.name
    ]
    if renamed:
        raise _refused(file.path, renamed, "an id has one name in both files: which of them is right?")
    strange = [
        f"image {image.name}: segment {segment.id} is of category {segment.category}, which there is not"
        for image in file.images.values()
        for segment in image.segments
        if segment.category not in known
    ]
    if strange:
        raise _refused(file.path, strange, f"categories are those of {arg('target')}")
