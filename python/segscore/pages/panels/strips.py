"""Strips: pictures of one image side by side, or of one slice of a volume along each of its axes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NotRequired, TypedDict

from segscore.pages.changes import ChangePicture
from segscore.pages.page import data_uri
from segscore.pages.pictures import Picture, Pictured
from segscore.pages.slices import Axis

VIEWER = ("layers.js", "legend.js", "viewer.js")
"""What the viewer needs, beside `viewed`."""
SCRIPTS = ("slices.js", "behind.js", "pictures.js", *VIEWER)
"""What panels of pictures need. Slices come first, as long as all cards are still in the page."""
_KINDS = {"photograph": "image/jpeg"}


class Part(TypedDict):
    """One picture of a strip, or why it is missing."""

    part: str
    title: str
    source: NotRequired[str]
    missing: NotRequired[str]


class Strip(TypedDict):
    """What a template shows; sizes are in pixels, and 0 where they are not known."""

    parts: list[Part]
    width: int
    height: int
    full: str
    """The size of the masks, or which slice is shown."""
    axis: NotRequired[str]
    """That of the slices, of a volume."""
    kept: NotRequired[Sequence[Sequence[str]]]
    """Slices along the axis: which each is, and its pictures but for those that the strip has."""
    first: NotRequired[int]
    """The place of the slice that the strip has."""


def strips_of(
    picture: Picture | ChangePicture, parts: Sequence[str], titles: Mapping[str, str]
) -> list[Strip]:
    """Return what a card shows of a picture: those of its parts that there are, in this order."""
    pngs = {part: content for part in parts if (content := getattr(picture, part))}
    strips = []
    if pngs:
        note = picture.photograph_note
        noted = {**titles, "photograph": f"{titles['photograph']} ({note})"} if note else titles
        strips.append(_strip(pngs, noted, picture.size, size_said(picture)))
    return strips + [_slices(axis, parts, titles) for axis in picture.axes]


def size_said(picture: Pictured) -> str:
    """Return how large masks of an image are, and how large they are shown where that is less."""
    if not picture.target:
        return ""
    full, shown = (f"{width} x {height}" for width, height in (picture.full_size, picture.size))
    return f"{full} pixels" if shown == full else f"shown at {shown} of {full} pixels"


def volumes_said(pictures: Iterable[Picture | ChangePicture], most: str) -> str:
    """Return which slices of volumes come first, and how they lie; empty where there are no volumes."""
    axes = [axis for picture in pictures for axis in picture.axes]
    if not axes:
        return ""
    said = f"Of a volume, the slice {most} along each axis comes first."
    if any(axis.upright for axis in axes):
        said += " The head or the front is up, and the patient's right on the left."
    return said


def _slices(axis: Axis, parts: Sequence[str], titles: Mapping[str, str]) -> Strip:
    shown = [{part: pngs[part] for part in parts if part in pngs} for pngs in axis.pictures]
    kept = [
        [said, *(_source(part, content) for part, content in pngs.items())]
        for said, pngs in zip(axis.said, shown, strict=True)
    ]
    kept[axis.first] = kept[axis.first][:1]
    strip = _strip(shown[axis.first], titles, axis.size, axis.said[axis.first])
    return {**strip, "axis": axis.title, "kept": kept, "first": axis.first}


def _strip(pngs: Mapping[str, bytes], titles: Mapping[str, str], size: tuple[int, int], full: str) -> Strip:
    parts: list[Part] = [
        {"part": part, "title": titles[part], "source": _source(part, content)}
        for part, content in pngs.items()
    ]
    return {"parts": parts, "width": size[0], "height": size[1], "full": full}


def _source(part: str, content: bytes) -> str:
    return data_uri(content, _KINDS.get(part, "image/png"))


def shown_parts(strips: Iterable[Strip]) -> set[str]:
    """Return the parts that any of the strips has a picture of."""
    return {part["part"] for strip in strips for part in strip["parts"] if "source" in part}
