"""LabelMe's JSON: a file an image, with shapes of which those of one label and group are one object."""

from collections.abc import Mapping
from math import dist
from typing import Any, Final

from segscore.base.shown import brief
from segscore.io.annotations.drafts import (
    NO_AREA,
    Draft,
    box,
    ellipse,
    entry,
    items,
    json_of,
    points,
    text,
    wrong,
)
from segscore.io.annotations.folders import files_of
from segscore.io.annotations.pngs import bits_of_png
from segscore.io.annotations.record import FAR, Mask, Object, Polygons, runs_of

_LEFT_OUT: Final = dict.fromkeys(("line", "linestrip", "point", "points"), NO_AREA)


def read_labelme(draft: Draft, path: str) -> None:
    """Read a file, or those of a folder."""
    for name, file in files_of(draft, path, ".json"):
        with draft.at(file):
            content = entry(json_of(draft, file))
            shapes = items(content, "shapes")
            photograph = content.get("imagePath")
            shown = photograph if isinstance(photograph, str) and photograph else name
            last = shown.replace("\\", "/").rpartition("/")[2]
            size = draft.size(last, file, content.get("imageHeight"), content.get("imageWidth"))
            found: dict[object, Object] = {}
            for i, shape in enumerate(shapes):
                with draft.at(file, f"shapes[{i}]"):
                    _add(draft, found, f"shapes[{i}]", entry(shape), size)
            folder, slash, _ = name.rpartition("/")
            # Label maps are called as the files of shapes are, which lie side by side.
            draft.add(file, name, size, found.values(), shown=f"{folder}{slash}{last}")


def _add(
    draft: Draft, found: dict[object, Object], place: str, shape: dict[str, Any], size: tuple[int, int]
) -> None:
    label, group = draft.label(shape.get("label")), shape.get("group_id")
    if not isinstance(group, int | str | None):
        wrong(f"expected a number as `group_id`, found {brief(group)}")
    kind = shape.get("shape_type") or "polygon"
    if draft.leaves_out(kind, _LEFT_OUT):
        return
    mask = _mask(draft, kind, shape, size)
    key = place if group is None else (label, group)
    one = found.get(key, Object(place, label, ()))
    found[key] = one._replace(masks=(*one.masks, mask))


def _mask(draft: Draft, kind: object, shape: Mapping[str, Any], size: tuple[int, int]) -> Mask:
    if kind in ("polygon", "oriented_rectangle"):
        return Polygons((points(shape.get("points")),))
    if kind not in ("rectangle", "circle", "mask"):
        wrong(f"expected a `shape_type` of LabelMe, found {brief(kind)}")
    x, y, to_x, to_y = points(shape.get("points"), 2)[:4].tolist()
    if kind == "circle":
        radius = dist((x, y), (to_x, to_y))
        return Polygons((ellipse(x, y, radius, radius),))
    left, top, right, bottom = min(x, to_x), min(y, to_y), max(x, to_x), max(y, to_y)
    if kind == "rectangle":
        return Polygons((box(left, top, right - left, bottom - top),))
    if max(abs(left), abs(top)) > FAR:
        wrong(f"expected a mask near the image, found one at {left}, {top}")
    bits = bits_of_png(text(dict(shape), "mask"), draft.options.max_pixels)
    return runs_of(bits, round(left), round(top), *size)
