"""Objects become masks by a rule that has a name, and lie one over the other in an order that has one.

Outlines are painted as COCO does unless another rule is asked for. The rules of Pillow and OpenCV are those
of the packages themselves, so that they are what a tool made that used them.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from segscore._core import Masks
from segscore.base.naming import arg
from segscore.base.values import Floats
from segscore.errors import MaskError, installed
from segscore.io.annotations.drafts import Draft, wrong
from segscore.io.annotations.record import Image, Object, Polygons, runs_of

Paint: TypeAlias = Literal["coco", "pillow", "opencv"]
Order: TypeAlias = Literal["file", "area", "z"]

PAINTED: Mapping[str, str] = {
    "coco": "as COCO does",
    "pillow": "as Pillow does, as LabelMe has it",
    "opencv": "as OpenCV does, points cut to whole pixels, as Ultralytics has it",
}
ORDERED: Mapping[str, str] = {
    "file": "later ones of the file on top",
    "area": "smaller ones on top",
    "z": "those of higher z on top",
}

_Bits: TypeAlias = npt.NDArray[np.bool_]
_Fill: TypeAlias = Callable[[Floats, int, int], _Bits]


def masks_of(draft: Draft, image: Image, paint: Paint) -> tuple[list[Object], Masks]:
    """Return the objects of an image that have a mask, with their masks; what is wrong is a finding."""
    fill = _fill(paint)
    objects, given = [], []
    for one in image.objects:
        if not one.masks:
            continue
        with draft.at(image.path, one.place):
            objects.append(one)
            given.append(_given(draft, one, image, fill))
    if len(given) == len(objects):
        try:
            return objects, Masks.read(image.height, image.width, given, max_pixels=draft.options.max_pixels)
        except MaskError:
            for one, mask in zip(objects, given, strict=True):
                with draft.at(image.path, one.place):
                    _read(draft, mask, image)
    return [], Masks.read(image.height, image.width, [], max_pixels=draft.options.max_pixels)


def _read(draft: Draft, mask: Any, image: Image) -> Masks:
    try:
        return Masks.read(image.height, image.width, [mask], max_pixels=draft.options.max_pixels)
    except MaskError as error:
        wrong(error.message.removeprefix("mask 0: "))


def _given(draft: Draft, one: Object, image: Image, fill: _Fill | None) -> Any:
    """Return what the core makes a mask of: its own forms, and of all others the pixels as run lengths."""
    if len(one.masks) == 1:
        mask = one.masks[0]
        if not isinstance(mask, Polygons):
            return mask
        if fill is None and not mask.holes:
            return [*mask.parts]
    if fill is None and all(isinstance(mask, Polygons) and not mask.holes for mask in one.masks):
        return [part for mask in one.masks if isinstance(mask, Polygons) for part in mask.parts]
    bits = np.zeros((image.height, image.width), np.bool_)
    for mask in one.masks:
        if isinstance(mask, Polygons):
            bits |= _united(draft, mask.parts, image, fill) & ~_united(draft, mask.holes, image, fill)
        else:
            bits |= _read(draft, mask, image).planes()[0]
    return runs_of(bits, 0, 0, image.height, image.width)


def _united(draft: Draft, parts: tuple[Floats, ...], image: Image, fill: _Fill | None) -> _Bits:
    bits = np.zeros((image.height, image.width), np.bool_)
    for part in parts:
        # The core looks at the points, whoever paints them.
        own = _read(draft, [part], image)
        bits |= own.planes()[0] if fill is None else fill(part, image.height, image.width)
    return bits


def _fill(paint: Paint) -> _Fill | None:
    """Return what paints an outline; None where the core does."""
    if paint == "pillow":
        with installed(f"{arg('paint', 'pillow')} needs Pillow", "pip install 'segscore[pillow]'"):
            import PIL.ImageDraw  # noqa: F401
        return _by_pillow
    if paint == "opencv":
        with installed(f"{arg('paint', 'opencv')} needs OpenCV", "pip install opencv-python-headless"):
            import cv2  # noqa: F401
        return _by_opencv
    return None


def _by_pillow(part: Floats, height: int, width: int) -> _Bits:
    from PIL import Image as Pictures
    from PIL import ImageDraw

    picture = Pictures.new("L", (width, height), 0)
    ImageDraw.Draw(picture).polygon(list(map(tuple, part.reshape(-1, 2).tolist())), outline=1, fill=1)
    bits: _Bits = np.asarray(picture) != 0
    return bits


def _by_opencv(part: Floats, height: int, width: int) -> _Bits:
    import cv2

    picture = np.zeros((height, width), np.uint8)
    cv2.fillPoly(picture, [part.reshape(-1, 2).astype(np.int32)], 1)
    bits: _Bits = picture != 0
    return bits


def in_order(objects: list[Object], masks: Masks, order: Order) -> list[int]:
    """Return which of the objects are painted one after the other."""
    every = range(len(objects))
    if order == "area":
        pixels = masks.pixels().tolist()
        return sorted(every, key=lambda i: -pixels[i])
    return sorted(every, key=lambda i: objects[i].z) if order == "z" else [*every]
