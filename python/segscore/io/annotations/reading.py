"""Files of annotations: read as what they are, painted into label maps, and said in a sentence."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from math import isqrt
from os import PathLike
from typing import NamedTuple

from segscore._core import MAX_PIXELS, Masks, encode_mask
from segscore.base.naming import arg
from segscore.base.shown import Shown, brief
from segscore.base.values import is_int, lazy
from segscore.base.wording import many, show, visible
from segscore.classes.classes import Classes
from segscore.classes.labels import Colour
from segscore.classes.tables import drawn
from segscore.errors import ArgumentError, FileFormatError, unknown
from segscore.io.annotations.drafts import NO_AREA, NO_MASK, Draft, Options, Size
from segscore.io.annotations.formats import FORMATS, Format, format_of
from segscore.io.annotations.meaning import labels_for
from segscore.io.annotations.painting import ORDERED, PAINTED, Order, Paint, in_order, masks_of
from segscore.io.annotations.record import Image, Object
from segscore.io.annotations.sizes import sizes_of
from segscore.io.blobs import Blob, Blobs
from segscore.io.given import check_here
from segscore.io.objects import Content

_ANY_SIZE = Size(isqrt(MAX_PIXELS), isqrt(MAX_PIXELS))
"""That of images of which the classes alone are read, where nobody knows it."""


class Painted(NamedTuple):
    """An image with the objects that have a mask, and these masks."""

    image: Image
    objects: list[Object]
    masks: Masks


@dataclass(frozen=True, eq=False, repr=False)
class Annotations(Shown):
    """What files of annotations hold.

    Attributes
    ----------
    where : str
        The file or folder.
    format : str
        What it is in.
    names : tuple of str
        The classes.
    images : tuple of Painted
        The images, in the order of the file, with the masks of their objects.
    files : tuple of str
        The files that were read.
    left_out : mapping of str to int
        What has no mask, by what it is, and how much of it there is.
    paint, order : str
        By which rule outlines are painted, and which objects lie on top.
    """

    where: str
    format: str
    names: tuple[str, ...]
    numbers: tuple[int, ...]
    """What the file calls its classes, if these are numbers."""
    colours: Mapping[str, Colour]
    """Those of classes, where the file says them."""
    images: tuple[Painted, ...]
    files: tuple[str, ...]
    left_out: Mapping[str, int]
    paint: Paint
    order: Order

    @lazy
    def classes(self) -> Classes:
        """Return the classes of its label maps, of which 0 is the background."""
        return Classes(**drawn.arguments(self.names, self.numbers, self.colours))

    def label_maps(self, classes: Classes | None = None) -> "LabelMaps":
        """Return label maps of the images as PNG in memory.

        Parameters
        ----------
        classes : Classes, optional
            Those whose labels pixels have, which are the same by their names; its own if not given.

        Returns
        -------
        LabelMaps

        Raises
        ------
        ClassesError
            If objects, or pixels of no object, are of no class, or labels fit into no gray PNG.
        """
        labels = labels_for(self.names, self.classes if classes is None else classes, show(self.where))
        covered = twice = 0
        contents = []
        for _, objects, masks in self.images:
            order = in_order(objects, masks, self.order)
            own = [labels.of_classes[objects[i].label] for i in order]
            pixels, some, several = masks.paint(order, own, background=labels.rest)
            covered, twice = covered + some, twice + several
            contents.append(encode_mask(pixels))
        of_several = (
            f"{twice:,} of {covered:,} covered pixels are claimed by objects of several classes"
            if twice
            else "no pixel is claimed by objects of several classes"
        )
        files = tuple(f"{painted.image.name}.png" for painted in self.images)
        return LabelMaps(self.where, files, tuple(contents), (*self.facts, of_several, *labels.said))

    @property
    def facts(self) -> tuple[str, ...]:
        """What was read, and how it is painted, as phrases."""
        scored = sum(one.score is not None for painted in self.images for one in painted.objects)
        of_scores = f"{many(scored, 'object')} with a score, as predictions have"
        return (*self.told(ordered=True), *([of_scores] if scored else []))

    def told(self, *, ordered: bool) -> tuple[str, ...]:
        """Return what was read, and how it is painted; what lies on top only if it is asked for."""
        number = sum(len(painted.objects) for painted in self.images)
        crowds = sum(one.crowd for painted in self.images for one in painted.objects)
        of_crowds = f" ({many(crowds, 'crowd')} among them)" if crowds else ""
        empty = sum(painted.masks.pixels().tolist().count(0) for painted in self.images)
        return (
            f"{many(number, 'object')} of {many(len(self.names), 'class')} in "
            f"{many(len(self.images), 'image')}{of_crowds}, read as {FORMATS[self.format].title}",
            f"painted {PAINTED[self.paint]}{f', {ORDERED[self.order]}' if ordered else ''}",
            *[f"{count:,} left out: {visible(what)}" for what, count in self.left_out.items()],
            *([f"{many(empty, 'object')} with no pixel within the image"] if empty else []),
        )

    def __str__(self) -> str:
        """Return what was read, and how it is painted, a line each."""
        return "\n".join(self.facts)

    def __repr__(self) -> str:
        """Return a short form with the number of images."""
        return f"<Annotations in {FORMATS[self.format].title}: {many(len(self.images), 'image')}>"


class LabelMaps(NamedTuple):
    """Label maps in memory."""

    where: str
    files: tuple[str, ...]
    """What each is called."""
    contents: tuple[bytes, ...]
    """PNG files."""
    facts: tuple[str, ...]
    """What they were made of, and how."""

    def masks(self) -> Blobs:
        """Return them as masks that are matched by name."""
        named = zip(self.files, self.contents, strict=True)
        blobs = [Blob.of(f"{self.where}/{file}", Content(one), size=len(one)) for file, one in named]
        return Blobs(self.where, self.files, tuple(blobs))


def read_annotations(
    path: str | PathLike[str],
    format: str | None = None,  # noqa: A002 - as everybody calls it
    *,
    paint: Paint = "coco",
    order: Order | None = None,
    size: tuple[int, int] | None = None,
    images: str | PathLike[str] | None = None,
    attribute: str | None = None,
    annotator: str | None = None,
    max_pixels: int = MAX_PIXELS,
) -> Annotations:
    """Read files of annotations, for `target` of :func:`segscore.evaluate` and to be looked at.

    Parameters
    ----------
    path : path
        A file, or a folder of files of one image each.
    format : str, optional
        One of `FORMATS`; found out by what is in the file if not given.
    paint : "coco", "pillow" or "opencv"
        By which rule outlines become pixels. Those of Pillow and OpenCV need these packages.
    order : "file", "area" or "z", optional
        Which objects lie on top: later ones of the file, smaller ones, or those of higher z. If not given,
        it is that of the format.
    size : (int, int), optional
        Width and height of all images, where files do not say it.
    images : path, optional
        The folder of the images, whose headers say their sizes where files do not.
    attribute : str, optional
        Which attribute of a region is its class, where the format does not know (VIA).
    annotator : str, optional
        Whose annotations count, by the number of a user, where several have drawn the same image
        (Label Studio).
    max_pixels : int
        Of the largest image that is taken.

    Returns
    -------
    Annotations

    Raises
    ------
    FileFormatError
        If something is wrong with the files; it lists all of it, with file, place and what was expected.
    ArgumentError
        If an argument is not usable, or a package is not there.

    Examples
    --------
    >>> import json, tempfile
    >>> content = {
    ...     "images": [{"id": 1, "file_name": "a.jpg", "height": 4, "width": 6}],
    ...     "categories": [{"id": 1, "name": "car"}],
    ...     "annotations": [
    ...         {"image_id": 1, "category_id": 1, "segmentation": [[1, 1, 4, 1, 4, 3, 1, 3]]}
    ...     ],
    ... }
    >>> with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
    ...     json.dump(content, file)
    ...     file.flush()
    ...     found = read_annotations(file.name)
    >>> found.classes.names, found.images[0].masks.pixels().tolist()
    (('background', 'car'), [6])
    """
    where = os.fspath(path)
    check_here(where)
    if paint not in PAINTED:
        raise unknown("rule of painting", paint, PAINTED)
    if order is not None and order not in ORDERED:
        raise unknown("order of painting", order, ORDERED)
    draft = Draft(Options(sizes_of(_checked_size(size), images), attribute, annotator, max_pixels))
    named = _named(draft, format, where)
    named.read(draft, where)
    painted = [Painted(image, *masks_of(draft, image, paint)) for image in draft.images]
    if draft.findings:
        raise draft.refused()
    draft.left_out[NO_MASK] += sum(not each.masks for one in draft.images for each in one.objects)
    boxes, lines = draft.left_out[NO_MASK], draft.left_out[NO_AREA]
    if boxes + lines and not any(one.objects for one in painted):
        raise FileFormatError(
            f"{show(where)}: none of {many(boxes + lines, 'object')} has a mask",
            f"scores are of masks, not of {'boxes' if boxes else 'lines and points'}",
        )
    if not draft.images:
        raise FileFormatError(f"{show(where)}: there are no images in it", "name the file that has them")
    names, label_of = draft.ordered_classes()
    return Annotations(
        where,
        named.name,
        names,
        tuple(draft.numbers),
        draft.colours,
        tuple([_renumbered(one, label_of) for one in painted]),
        tuple(draft.files),
        {what: count for what, count in draft.left_out.items() if count},
        paint,
        named.order if order is None else order,
    )


def read_classes(path: str) -> Classes:
    """Return the classes of files of annotations, whose objects need no masks and images no sizes.

    What is wrong with the files is a FileFormatError, as for :func:`read_annotations`.
    """
    draft = Draft(Options(lambda _, __: _ANY_SIZE, None, None, MAX_PIXELS))
    format_of(draft, path).read(draft, path)
    if draft.findings:
        raise draft.refused()
    names, _ = draft.ordered_classes()
    if not names:
        raise FileFormatError(
            f"{show(path)}: there are no classes of masks in it", "name the file that has them"
        )
    return Classes(**drawn.arguments(names, draft.numbers, draft.colours))


def _named(draft: Draft, name: str | None, where: str) -> Format:
    if name is None:
        return format_of(draft, where)
    if name not in FORMATS:
        raise unknown("format of annotations", name, FORMATS)
    return FORMATS[name]


def _checked_size(size: object) -> tuple[int, int] | None:
    """Return height and width of what is given as width and height."""
    if size is None:
        return None
    if not isinstance(size, tuple | list) or len(size) != 2 or not all(is_int(n) and n > 0 for n in size):
        raise ArgumentError(
            f"{arg('size')} is {brief(size)}, expected a width and a height", "such as (640, 480)"
        )
    return size[1], size[0]


def _renumbered(painted: Painted, label_of: tuple[int, ...]) -> Painted:
    return painted._replace(objects=[one._replace(label=label_of[one.label]) for one in painted.objects])
