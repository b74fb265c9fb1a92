"""Supervisely's JSON: a file an image, with outlines and holes, and bitmaps; classes are in `meta.json`."""

import binascii
import zlib
from base64 import b64decode
from typing import Any, Final

from segscore.base.shown import brief
from segscore.base.values import is_int
from segscore.io.annotations.drafts import (
    NO_AREA,
    NO_MASK,
    Draft,
    colour_of,
    entry,
    items,
    json_of,
    points,
    text,
    wrong,
)
from segscore.io.annotations.folders import file_above, files_of
from segscore.io.annotations.paths import FOLDER_OF_SUPERVISELY, META_OF_SUPERVISELY
from segscore.io.annotations.pngs import bits_of
from segscore.io.annotations.record import FAR, Mask, Object, Polygons, runs_of

_LEFT_OUT: Final = {
    **dict.fromkeys(("rectangle", "cuboid", "cuboid_2d"), NO_MASK),
    **dict.fromkeys(("line", "point", "graph", "keypoint"), NO_AREA),
}
_ROOM = 1 << 16
"""Bytes of a bitmap beside its pixels."""


def read_supervisely(draft: Draft, path: str) -> None:
    """Read the folder of a project or of a dataset, or one file."""
    _classes(draft, path)
    for name, file in files_of(draft, path, ".json"):
        *folders, last = name.split("/")
        if f"{last}.json" == META_OF_SUPERVISELY or "meta" in folders:
            continue
        with draft.at(file):
            content = entry(json_of(draft, file))
            said = entry(content.get("size"), "the `size` of the image")
            shown = "/".join([*(folder for folder in folders if folder != FOLDER_OF_SUPERVISELY), last])
            size = draft.size(last, file, said.get("height"), said.get("width"))
            objects = []
            for i, one in enumerate(items(content, "objects")):
                with draft.at(file, f"objects[{i}]"):
                    if not draft.leaves_out(entry(one).get("geometryType"), _LEFT_OUT):
                        mask = _mask(one, size)
                        objects.append(Object(f"objects[{i}]", draft.label(one.get("classTitle")), (mask,)))
            draft.add(file, shown, size, objects)


def _classes(draft: Draft, path: str) -> None:
    """Read the classes of the project, if its file is found."""
    file = file_above(path, (META_OF_SUPERVISELY,))
    if file is None:
        return
    with draft.at(file):
        for i, one in enumerate(items(entry(json_of(draft, file)), "classes")):
            with draft.at(file, f"classes[{i}]"):
                draft.label(title := text(entry(one), "title"))
                if (colour := colour_of(one.get("color"))) is not None:
                    draft.colours[title] = colour
        draft.listed = True


def _mask(one: dict[str, Any], size: tuple[int, int]) -> Mask:
    kind = one.get("geometryType")
    if kind == "polygon":
        found = entry(one.get("points"), "`points` of a polygon")
        inner = found.get("interior") or []
        if not isinstance(inner, list):
            wrong(f"expected a list of `interior`, found {brief(inner)}")
        return Polygons((points(found.get("exterior")),), tuple(points(hole) for hole in inner))
    if kind != "bitmap":
        wrong(f"expected a polygon or a bitmap as `geometryType`, found {brief(kind)}")
    found = entry(one.get("bitmap"), "a `bitmap`")
    origin = found.get("origin")
    if (
        not isinstance(origin, list)
        or len(origin) != 2
        or not all(is_int(n) and abs(n) <= FAR for n in origin)
    ):
        wrong(f"expected x and y as `origin` of a bitmap, found {brief(origin)}")
    content = _inflated(text(found, "data"), size[0] * size[1] * 4 + _ROOM)
    return runs_of(bits_of(content, size[0] * size[1]), origin[0], origin[1], *size)


def _inflated(encoded: str, most: int) -> bytes:
    """Return what base64 and zlib have packed, at most so many bytes."""
    unpacker = zlib.decompressobj()
    try:
        content = unpacker.decompress(b64decode(encoded, validate=True), most)
    except (binascii.Error, ValueError, zlib.error):
        wrong("expected a bitmap in base64 and zlib, found other bytes")
    if unpacker.unconsumed_tail:
        wrong(f"expected a bitmap of at most {most:,} bytes, found more")
    if not unpacker.eof:
        wrong("expected a bitmap, found one that is cut short")
    return content
