"""CVAT's XML for images: outlines, ellipses, and masks as run lengths by rows of a box.

It is read element by element, so that no more than an image is held. A document that declares a type is
refused, as entities that it might define can grow without bound.
"""

from collections.abc import Mapping
from posixpath import splitext
from typing import Final
from xml.parsers import expat

import numpy as np

from segscore.base.limits import number, whole_number
from segscore.base.shown import brief
from segscore.base.values import Floats, Ints
from segscore.base.wording import many
from segscore.io.annotations.drafts import (
    NO_AREA,
    NO_MASK,
    Draft,
    WrongError,
    check_points,
    colour_of,
    ellipse,
    wrong,
)
from segscore.io.annotations.record import Mask, Object, Polygons, runs_of, spread

_DEEPEST: Final = 128
_LEFT_OUT: Final = {
    **dict.fromkeys(("box", "cuboid"), NO_MASK),
    **dict.fromkeys(("polyline", "points", "skeleton"), NO_AREA),
}
_MASKS: Final = {"polygon", "ellipse", "mask"}


def read_cvat(draft: Draft, path: str) -> None:
    """Read a file, of tasks, jobs or projects."""
    with draft.at(path):
        content = draft.content(path)
        reader = _Reader(draft, path)
        try:
            reader.parser.Parse(content, True)
        except expat.ExpatError as error:
            wrong(f"expected XML, found something else: {error}")
        except (LookupError, ValueError) as error:  # of encodings that there are not
            wrong(f"expected XML in UTF-8, found something else: {error}")
        reader.add_images()


class _Reader:
    """What is met, element by element."""

    def __init__(self, draft: Draft, path: str) -> None:
        self.draft, self.path = draft, path
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.above: list[str] = []
        self.said: list[str] = []
        self.named: dict[str, str] = {}
        self.images = self.shapes = 0
        self.image: dict[str, str] = {}
        self.size: tuple[int, int] | None = None
        self.objects: list[Object] = []
        self.read: list[tuple[str, dict[str, str], tuple[int, int], list[Object]]] = []
        """Each image: its place, attributes and size, and what is in it."""

    def _refuse(self, *_: object) -> None:
        wrong("expected XML without a document type, found one, which may define what grows without bound")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.above) >= _DEEPEST:
            wrong(f"expected at most {_DEEPEST} elements within each other, found more")
        if not self.above and name != "annotations":
            wrong(f"expected `annotations` of CVAT, found `{name[:40]}`")
        within, self.said = self.above[-1] if self.above else "", []
        self.above.append(name)
        if within == "annotations" and name == "track":
            wrong("expected images, found a track of a video: export as CVAT for images")
        if within == "annotations" and name == "image":
            self._begin(attributes)
        elif within == "image" and self.size is not None:
            self._shape(name, attributes, self.size)

    def _text(self, text: str) -> None:
        self.said.append(text)

    def _end(self, name: str) -> None:
        self.above.pop()
        within = self.above[-1] if self.above else ""
        if within == "label" and "meta" in self.above and name in ("name", "color"):
            self.named[name] = "".join(self.said)
        elif name == "label" and within == "labels":
            with self.draft.at(self.path, f"the label {brief(self.named.get('name'))}"):
                self.draft.label(self.named.get("name"))
                if (colour := colour_of(self.named.get("color"))) is not None:
                    self.draft.colours[self.named["name"]] = colour
            self.named = {}
        elif name == "labels":
            self.draft.listed = True
        elif name == "image" and within == "annotations" and self.size is not None:
            self.read.append((f"image {self.images}", self.image, self.size, self.objects))

    def add_images(self) -> None:
        """Add what was read; where a project has images of one name, their subsets are before all names."""
        names = [image.get("name", "") for _, image, _, _ in self.read]
        twice = len({splitext(name)[0] for name in names}) < len(names)
        for name, (place, image, size, objects) in zip(names, self.read, strict=True):
            with self.draft.at(self.path, place):
                subset = image.get("subset", "")
                self.draft.add(self.path, f"{subset}/{name}" if twice and subset else name, size, objects)

    def _begin(self, attributes: dict[str, str]) -> None:
        self.images, self.shapes, self.size, self.objects = self.images + 1, 0, None, []
        self.image = attributes
        with self.draft.at(self.path, f"image {self.images}"):
            name = attributes.get("name", "")
            height, width = (attributes.get(side) for side in ("height", "width"))
            known = None if height is None or width is None else (_whole(height), _whole(width))
            self.size = self.draft.size(name, self.path, *(known or (None, None)))

    def _shape(self, name: str, attributes: dict[str, str], size: tuple[int, int]) -> None:
        self.shapes += 1
        if not self.draft.leaves_out(name, _LEFT_OUT) and name in _MASKS:
            place = f"image {self.images}, {name} {self.shapes}"
            with self.draft.at(self.path, place):
                label = self.draft.label(attributes.get("label"))
                z = _whole(attributes.get("z_order", "0"))
                self.objects.append(Object(place, label, (_mask(name, attributes, size),), z=z))


def _whole(text: str) -> int:
    try:
        return whole_number(text)
    except ValueError:
        wrong(f"expected a whole number, found {brief(text)}")


def _numbers(attributes: Mapping[str, str], *names: str) -> list[float]:
    try:
        return [number(attributes[name]) for name in names]
    except (KeyError, ValueError):
        found = {name: attributes.get(name) for name in names}
        wrong(f"expected numbers as {' and '.join(f'`{name}`' for name in names)}, found {brief(found)}")


def _mask(name: str, attributes: Mapping[str, str], size: tuple[int, int]) -> Mask:
    if name == "polygon":
        return Polygons((_points(attributes.get("points", "")),))
    if name == "ellipse":
        x, y, across, down = _numbers(attributes, "cx", "cy", "rx", "ry")
        degrees = _numbers(attributes, "rotation")[0] if "rotation" in attributes else 0.0
        return Polygons((ellipse(x, y, across, down, degrees),))
    left, top, width, height = map(int, _numbers(attributes, "left", "top", "width", "height"))
    if not (0 <= left <= left + width <= size[1] and 0 <= top <= top + height <= size[0]):
        wrong(
            f"expected a mask within its image of {size[0]} x {size[1]}, found {height} x {width} pixels at "
            f"{top}, {left}"
        )
    counts = _counts(attributes.get("rle", ""))
    if (total := int(counts.sum())) != height * width:
        wrong(
            f"expected run lengths that add up to {height} x {width} = {height * width} pixels, found "
            f"{total} in {many(len(counts), 'number')}"
        )
    return runs_of(spread(counts, height, width), left, top, *size)


def _points(text: str) -> Floats:
    """Return x and y in turn of points such as ``1.5,2;3,4``."""
    parts = [part.split(",") for part in text.split(";") if part.strip()]
    check_points(len(parts))
    try:
        return np.array([[number(x), number(y)] for x, y in parts]).ravel()
    except ValueError:
        wrong(f"expected points such as 1.5,2;3,4, found {brief(text)}")


def _counts(text: str) -> Ints:
    try:
        counts = [whole_number(part) for part in text.split(",")]
        found = np.array(counts, dtype=np.int64)
    except (ValueError, OverflowError) as error:
        raise WrongError(f"expected run lengths such as 3, 5, 7, found {brief(text)}") from error
    if (found < 0).any() or (found > 1 << 40).any():
        wrong(f"expected run lengths such as 3, 5, 7, found {brief(text)}")
    return found
