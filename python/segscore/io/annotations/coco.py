"""COCO's JSON: images, annotations with polygons or run lengths, and categories; also that of Roboflow."""

from typing import Any, Final

import numpy as np

from segscore.base.naming import arg, by_face
from segscore.base.shown import brief
from segscore.base.values import is_int
from segscore.classes.tables.drawn import is_panoptic, parents
from segscore.io.annotations.drafts import Draft, entry, items, json_of, numbers, text, whole, wrong
from segscore.io.annotations.record import Mask, Object, Polygons

PANOPTIC: Final = (
    "expected annotations of objects, found COCO's panoptic format, whose pixels are in PNG files"
)
OF_PANOPTIC: Final = (
    f"{by_face('`segscore.evaluate`', command_line='`segscore evaluate`')} reads them with "
    f"{arg('instances', 'coco-panoptic')}"
)
"""What is said of a panoptic file where one of objects is read, and what to do."""


def read_coco(draft: Draft, path: str) -> None:
    """Read a file of annotations."""
    with draft.at(path):
        content = entry(json_of(draft, path))
        images, annotations, categories = (
            items(content, key) for key in ("images", "annotations", "categories")
        )
        if is_panoptic(content):
            wrong(PANOPTIC, OF_PANOPTIC)
        index = _categories(draft, path, categories, annotations)
        objects: dict[int, list[Object]] = {}
        sizes: dict[int, tuple[int, int]] = {}
        named: dict[int, tuple[str, str]] = {}
        for i, one in enumerate(images):
            with draft.at(path, f"images[{i}]"):
                key = whole(entry(one), "id")
                if key in sizes:
                    wrong(f"expected an `id` of its own, found {key} again")
                sizes[key], objects[key] = (0, 0), []
                name = text(one, "file_name")
                sizes[key] = draft.size(name, path, one.get("height"), one.get("width"))
                named[key] = f"images[{i}]", name
        for i, one in enumerate(annotations):
            with draft.at(path, f"annotations[{i}]"):
                image = whole(entry(one), "image_id")
                if image not in sizes:
                    wrong(f"expected an `image_id` of `images`, found {image}")
                if (category := whole(one, "category_id")) not in index:
                    wrong(f"expected a `category_id` of `categories`, found {category}")
                objects[image].append(_object(f"annotations[{i}]", index[category], one, sizes[image]))
        for key, (place, name) in named.items():
            with draft.at(path, place):
                draft.add(path, name, sizes[key], objects[key])


def _categories(draft: Draft, path: str, categories: list[Any], annotations: list[Any]) -> dict[int, int]:
    """Return the numbers of classes by the ids of categories; a parent that owns nothing is none."""
    without = parents(categories, annotations)
    index: dict[int, int] = {}
    for i, one in enumerate(categories):
        with draft.at(path, f"categories[{i}]"):
            key, name = whole(entry(one), "id"), text(one, "name")
            if key in index:
                wrong(f"expected an `id` of its own, found {key} again")
            if i in without:
                draft.left_out[f"category `{name}`, which others are of and no object is"] += 1
                continue
            if name in draft.classes:
                wrong(f"expected a `name` of its own, found {brief(name)} again")
            index[key] = draft.label(name)
            draft.numbers.append(key)
    draft.listed = True
    return index


def _object(place: str, label: int, one: dict[str, Any], size: tuple[int, int]) -> Object:
    crowd = one.get("iscrowd")
    if crowd not in (None, 0, 1):
        wrong(f"expected 0 or 1 as `iscrowd`, found {brief(crowd)}")
    return Object(place, label, masks_of(one.get("segmentation"), size), bool(crowd))


def masks_of(found: object, size: tuple[int, int]) -> tuple[Mask, ...]:
    """Return the masks of what COCO calls a segmentation, none of an empty one, of an image of this size."""
    if found is None or found == []:
        return ()
    if isinstance(found, list):
        return (Polygons(tuple(numbers(one, "points") for one in found)),)
    lengths = entry(found, "polygons or run lengths")
    if lengths.get("size") != [*size]:
        wrong(
            f"expected a mask of {size[0]} x {size[1]}, as its image is, found a `size` of "
            f"{brief(lengths.get('size'))}"
        )
    counts = lengths.get("counts")
    if isinstance(counts, str) and counts.isascii():
        return (counts,)
    if not isinstance(counts, list) or not all(is_int(one) and abs(one) < 1 << 53 for one in counts):
        wrong(f"expected run lengths as `counts`, found {brief(counts)}")
    return (np.array(counts, dtype=np.int64),)
