"""Annotations of VGG's annotator (VIA): regions of images, one attribute of which is their class."""

from typing import Any, Final

import numpy as np

from segscore.base.naming import by_face
from segscore.base.shown import brief, first
from segscore.base.wording import show
from segscore.io.annotations.drafts import (
    NO_AREA,
    Draft,
    box,
    check_points,
    ellipse,
    entry,
    finite,
    json_of,
    numbers,
    text,
    wrong,
)
from segscore.io.annotations.record import Object, Polygons

PROJECT: Final = "_via_img_metadata"
"""Where a project keeps what an export holds."""
_LEFT_OUT: Final = dict.fromkeys(("polyline", "point"), NO_AREA)
_ONE = "object"
"""The class of regions without attributes."""
_OF_CLASSES = "give each region its class in VIA, and export again"
_OF_ATTRIBUTES = by_face(
    "`read_annotations` takes as `attribute` which one is the class",
    command_line="`segscore convert` takes by `--attribute` which one is the class",
)


def read_via(draft: Draft, path: str) -> None:
    """Read an export or a project as JSON."""
    with draft.at(path):
        content = entry(json_of(draft, path))
        images = [(show(key), entry(one)) for key, one in entry(content.get(PROJECT, content)).items()]
        regions = {place: _regions(one) for place, one in images}
        attribute = _attribute(draft, [one for _, found in regions.items() for _, one in found])
        for place, one in images:
            with draft.at(path, place):
                name = text(one, "filename")
                objects = []
                size = draft.size(name, path)
                for key, region in regions[place]:
                    where = f"{place}, regions[{key}]"
                    with draft.at(path, where):
                        shape = entry(region.get("shape_attributes"), "`shape_attributes`")
                        if not draft.leaves_out(shape.get("name"), _LEFT_OUT):
                            mask = _mask(shape)
                            objects.append(Object(where, draft.label(_class(region, attribute)), (mask,)))
                draft.add(path, name, size, objects)


def _regions(image: dict[str, Any]) -> list[tuple[object, dict[str, Any]]]:
    """Return regions with their places, which are a list, or an object in files of before 2."""
    found = image.get("regions", [])
    pairs = (
        found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else None
    )
    if pairs is None:
        wrong(f"expected a list of `regions`, found {brief(found)}")
    return [(key, entry(one, "a region")) for key, one in pairs]


def _attribute(draft: Draft, regions: list[dict[str, Any]]) -> str | None:
    """Return which attribute of regions is their class: the one that is asked for, or the only one."""
    if draft.options.attribute is not None:
        return draft.options.attribute
    names = {
        name: None
        for one in regions
        if isinstance(found := one.get("region_attributes"), dict)
        for name in found
    }
    if len(names) > 1:
        wrong(f"expected one attribute of regions, found {first([*map(show, names)])}", _OF_ATTRIBUTES)
    return next(iter(names), None)


def _class(region: dict[str, Any], attribute: str | None) -> object:
    if attribute is None:
        return _ONE
    value = entry(region.get("region_attributes"), "`region_attributes`").get(attribute)
    if isinstance(value, dict):  # of a list of choices, of which one is taken
        taken = [name for name, chosen in value.items() if chosen]
        value = taken[0] if len(taken) == 1 else value
    if not isinstance(value, str) or not value.strip():
        found = "none" if value is None else brief(value)
        wrong(f"expected a class as the attribute {show(attribute)}, found {found}", _OF_CLASSES)
    return value.strip()


def _mask(shape: dict[str, Any]) -> Polygons:
    kind = shape.get("name")
    if kind == "polygon":
        x, y = (numbers(shape.get(key), f"`{key}`") for key in ("all_points_x", "all_points_y"))
        if len(x) != len(y):
            wrong(f"expected as many x as y of points, found {len(x)} and {len(y)}")
        check_points(len(x))
        return Polygons((np.column_stack([x, y]).ravel(),))
    if kind == "rect":
        return Polygons((box(*(finite(shape, key) for key in ("x", "y", "width", "height"))),))
    if kind in ("circle", "ellipse"):
        centre = finite(shape, "cx"), finite(shape, "cy")
        if kind == "circle":
            radius = finite(shape, "r")
            return Polygons((ellipse(*centre, radius, radius),))
        turned = 180 / np.pi * finite(shape, "theta") if "theta" in shape else 0.0
        return Polygons((ellipse(*centre, finite(shape, "rx"), finite(shape, "ry"), turned),))
    return wrong(f"expected a shape of VIA, found {brief(kind)}")
