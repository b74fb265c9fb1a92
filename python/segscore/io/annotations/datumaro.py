"""Datumaro's JSON: items with outlines and run lengths, of which those of one group are one object."""

from typing import Any, Final

from segscore.base.shown import brief
from segscore.base.values import is_int
from segscore.io.annotations.coco import masks_of
from segscore.io.annotations.drafts import (
    NO_AREA,
    NO_MASK,
    Draft,
    entry,
    items,
    json_of,
    numbers,
    text,
    whole,
    wrong,
)
from segscore.io.annotations.record import Mask, Object, Polygons

_LEFT_OUT: Final = {
    **dict.fromkeys(("bbox", "rotated_bbox", "cuboid_2d"), NO_MASK),
    **dict.fromkeys(("polyline", "points"), NO_AREA),
}


def read_datumaro(draft: Draft, path: str) -> None:
    """Read a file of annotations of one subset."""
    with draft.at(path):
        content = entry(json_of(draft, path))
        names = _classes(draft, path, entry(content.get("categories"), "`categories`"))
        for i, one in enumerate(items(content, "items")):
            with draft.at(path, f"items[{i}]"):
                name = text(entry(one), "id")
                image = entry(one.get("image", {}), "an `image`")
                file = image.get("path")
                shown = file if isinstance(file, str) and file else f"{name}.jpg"
                said = image.get("size")
                if said is not None and not (isinstance(said, list) and len(said) == 2):
                    wrong(f"expected a height and a width as the `size` of an image, found {brief(said)}")
                size = draft.size(shown, path, *(said or (None, None)))
                found: dict[object, Object] = {}
                for k, each in enumerate(items(one, "annotations")):
                    place = f"items[{i}].annotations[{k}]"
                    with draft.at(path, place):
                        _add(draft, found, place, entry(each), (names, size))
                draft.add(path, name, size, found.values(), shown=shown)


def _classes(draft: Draft, path: str, categories: dict[str, Any]) -> list[str]:
    names = []
    for i, one in enumerate(items(entry(categories.get("label", {}), "`label`"), "labels")):
        with draft.at(path, f"categories.label.labels[{i}]"):
            name = text(entry(one), "name")
            if name in draft.classes:
                wrong(f"expected a `name` of its own, found {brief(name)} again")
            draft.label(name)
            names.append(name)
    draft.listed = True
    mask = categories.get("mask")
    colours = mask.get("colormap") if isinstance(mask, dict) else None
    for one in colours if isinstance(colours, list) else []:
        if isinstance(one, dict) and is_int(label := one.get("label_id")) and 0 <= label < len(names):
            colour = [part for channel in "rgb" if is_int(part := one.get(channel)) and 0 <= part < 256]
            if len(colour) == 3:
                draft.colours[names[label]] = (colour[0], colour[1], colour[2])
    return names


def _add(
    draft: Draft,
    found: dict[object, Object],
    place: str,
    one: dict[str, Any],
    known: tuple[list[str], tuple[int, int]],
) -> None:
    names, size = known
    kind = one.get("type")
    if draft.leaves_out(kind, _LEFT_OUT) or kind not in ("polygon", "mask"):
        return  # labels and captions of images
    label = whole(one, "label_id")
    if not 0 <= label < len(names):
        wrong(f"expected a `label_id` below {len(names)}, found {label}")
    masks: tuple[Mask, ...] = (
        masks_of(entry(one.get("rle"), "an `rle`"), size)
        if kind == "mask"
        else (Polygons((numbers(one.get("points"), "points"),)),)
    )
    attributes = one.get("attributes")
    crowd = isinstance(attributes, dict) and bool(attributes.get("is_crowd"))
    group, z = whole(one, "group", 0), whole(one, "z_order", 0)
    key = (group, label, z) if group else place
    before = found.get(key, Object(place, draft.label(names[label]), (), crowd=crowd, z=z))
    found[key] = before._replace(masks=(*before.masks, *masks))
