"""Stacks: arrays, and files of arrays, that hold several images along their first axis.

Each image becomes a case of its own, which is read when it is counted. What is no stack stays as it is, also
where it cannot be scored: that is said when it is counted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from segscore.base.values import is_ordered
from segscore.base.wording import many
from segscore.classes.classes import Classes
from segscore.errors import ArgumentError, MaskError, SegscoreError, ShapeError
from segscore.io.array_files import ArrayFile, array_file
from segscore.io.arrays import as_labels, as_logits, check_threshold
from segscore.io.blobs import Blob
from segscore.io.by_class import Parts
from segscore.io.cases import Case, Cases, Masks, find_cases
from segscore.io.kinds import ARRAY_SUFFIXES, kind_of
from segscore.io.reading import Reading
from segscore.io.shapes import PLANES, axis_of_image, check_images, look_like_colours, one_hot_axis
from segscore.io.void_files import refuse_void

MAX_IMAGES = 1 << 20
"""Images of one stack, at most."""


@dataclass(frozen=True, eq=False)
class Layer:
    """One image of a stack."""

    stack: Any
    """An array, whatever hands out images by index, or an `ArrayFile`."""
    index: int

    def __reduce__(self) -> tuple[type["Layer"], tuple[Any, int]]:
        # An array goes to another process image by image, and not as a whole with each of them.
        if isinstance(self.stack, np.ndarray):
            return Layer, (self.stack[self.index : self.index + 1], 0)
        return Layer, (self.stack, self.index)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the image."""
        return tuple(self.stack.shape[1:])

    @property
    def dtype(self) -> Any:
        """Of the stack."""
        return self.stack.dtype

    def read(self, max_pixels: int, *, channels: int = 1) -> object:
        """Return the image, of at most so many pixels with so many numbers each."""
        if isinstance(self.stack, ArrayFile):
            return self.stack.image(self.index, max_pixels, channels=channels)
        try:
            return self.stack[self.index]
        except (Exception, SystemExit) as error:  # whoever reads it may end the program
            raise MaskError(
                f"image {self.index} of the stack cannot be read: {type(error).__name__}: {error}",
                "check what it is read from",
            ) from error


def find_images(pred: Masks, target: Masks, reading: Reading, classes: Classes | None) -> Cases:
    """Find out what is to be compared, as `find_cases` does, and make each image of a stack a case.

    `classes` are those of the masks, if they are known. Files that a function reads are not looked into.
    """
    number = None if classes is None else len(classes)
    class_axis, dims, max_pixels = reading.class_axis, reading.dims, reading.max_pixels
    if reading.threshold is not None and number is not None:
        check_threshold(reading.threshold, number)
    found = find_cases(pred, target, reading, classes)
    look = partial(_stack, classes=number, files=reading.read is None)
    scores = bool(reading.of_scores)
    channels = 1 if class_axis is None or number is None else number
    rank = dims + (class_axis is not None)

    def images_of(case: Case) -> list[Case]:
        one = look(case.pred, rank, scores=scores, max_pixels=max_pixels * channels)
        other = None if one is None else look(case.target, dims, scores=False, max_pixels=max_pixels)
        if one is None or other is None:
            return [case._replace(class_axis=class_axis) if scores else case]
        return _checked_layers(case, "stack" if found.alone else case.name, one, other, reading)

    suffixes = None if found.pairing is None else found.pairing.pred.suffixes
    pictures = suffixes is not None and not scores and ARRAY_SUFFIXES.isdisjoint(suffixes)
    cases = found.cases if pictures else [image for case in found.cases for image in images_of(case)]
    if reading.names is not None:
        if found.by_name and len(found.cases) > 1:
            raise ArgumentError(
                f"`names` are given for {len(found.cases):,} files, which have names",
                "leave them out; they are for arrays, for two lists of paths, and for the images of a stack",
            )
        given = checked_names(reading.names, len(cases))
        cases = [case._replace(name=name) for case, name in zip(cases, given, strict=True)]
    if classes is not None and found.pairing is not None and not found.pairing.parts[1]:
        refuse_void([case.name for case in cases], found.missing)
    return replace(found, cases=cases)


def images_alone(cases: Iterable[Case], reading: Reading, classes: Classes) -> list[Case]:
    """Return masks that are compared with themselves, each image of a stack as one of its own."""
    look = partial(_stack, classes=len(classes), files=reading.read is None, max_pixels=reading.max_pixels)
    images: list[Case] = []
    for case in cases:
        stack = look(case.target, reading.dims, scores=False)
        images += [case] if stack is None else _checked_layers(case, case.name, stack, stack, reading)
    return images


def checked_names(names: object, images: int) -> tuple[str, ...]:
    """Return the names of so many images, or raise ArgumentError."""
    if not is_ordered(names):
        raise ArgumentError(
            f"`names` is of type {type(names).__name__}", "give a list of texts, one an image"
        )
    given = tuple(names)
    if len(given) != images:
        raise ArgumentError(
            f"expected one name an image, found {len(given):,} for {images:,} images", "name all of them"
        )
    for name in given:
        if not isinstance(name, str):
            raise ArgumentError(f"`names` holds one of type {type(name).__name__}", "name images by texts")
    if len(set(given)) < images:
        doubled = next(name for i, name in enumerate(given) if name in given[:i])
        raise ArgumentError(f"`names` holds `{doubled}` twice", "names are all different")
    return given


def _checked_layers(case: Case, name: str, pred: Any, target: Any, reading: Reading) -> list[Case]:
    """Return a case for each image of two stacks, or one that says why nobody can tell what is an image."""
    try:
        if reading.names is None:  # whoever names images knows how many there are
            for side, stack in (("pred", pred), ("target", target)):
                if len(stack.shape) == reading.dims + 1:
                    check_images(side, tuple(stack.shape))
    except ShapeError as error:
        return [case._replace(problem=error)]
    return _layers(case, name, pred, target, reading.class_axis)


def _layers(case: Case, name: str, pred: Any, target: Any, class_axis: int | None) -> list[Case]:
    """Return a case for each image of two stacks; one that says why not, if they do not belong together."""
    images, others = pred.shape[0], target.shape[0]
    try:
        axis = None if class_axis is None else axis_of_image(class_axis, len(pred.shape))
    except SegscoreError as error:
        return [case._replace(problem=error)]
    if images != others:
        problem = ShapeError(
            f"`pred` and `target` are stacks of {images:,} and {others:,} images",
            "give one target for each prediction",
            kind="",
        )
        return [case._replace(problem=problem)]
    if images > MAX_IMAGES:
        problem = ShapeError(
            f"expected at most {MAX_IMAGES:,} images in a stack, found {images:,} of shape {pred.shape[1:]}",
            "split it, or put the axis of the images first",
            kind="",
        )
        return [case._replace(problem=problem)]
    return [Case(f"{name}[{i}]", Layer(pred, i), Layer(target, i), axis) for i in range(images)]


class Stack(NamedTuple):
    """A stack of images that nobody named."""

    shape: tuple[int, ...]
    names: tuple[str, ...]
    """That its images were given."""


def unnamed(cases: Sequence[Case], reading: Reading) -> list[Stack]:
    """Return the stacks that label maps come from; none where some are named, or images of their own."""
    names: dict[int, list[str]] = {}
    stacks: dict[int, Any] = {}
    for case in () if reading.names is not None or reading.of_scores else cases:
        if not isinstance(case.target, Layer):
            return []
        stack = case.target.stack
        stacks[id(stack)] = stack
        names.setdefault(id(stack), []).append(case.name)
    return [Stack(tuple(stack.shape), tuple(names[key])) for key, stack in stacks.items()]


STACKS = "of_stacks"
"""Entry of the provenance that says how many images came from stacks, where each could be a volume."""


def of_stacks(cases: Sequence[Case], reading: Reading) -> dict[str, str]:
    """Return the entry of the provenance for images of stacks that may be slices, as nobody named them."""
    if reading.dims != PLANES or reading.names is not None:
        return {}
    found = [id(case.target.stack) for case in cases if isinstance(case.target, Layer)]
    return {STACKS: f"{many(len(found), 'image')} of {many(len({*found}), 'stack')}"} if found else {}


def _stack(
    mask: object, rank: int, *, scores: bool, classes: int | None, files: bool, max_pixels: int
) -> Any:
    """Return what holds several arrays of so many dimensions, labels or class scores; else None."""
    if isinstance(mask, Parts | Blob) or (isinstance(mask, np.ndarray) and mask.ndim <= rank):
        return None
    try:
        stack = _array(mask, rank, scores=scores, files=files, max_pixels=max_pixels)
    except SegscoreError:
        return None
    if stack is None or len(stack.shape) != rank + 1:
        return None
    if scores:
        return stack
    if look_like_colours(tuple(stack.shape), stack.dtype, rank):
        return None
    return None if classes is not None and _is_one_hot(stack, classes, max_pixels) else stack


def _array(mask: object, rank: int, *, scores: bool, files: bool, max_pixels: int) -> Any:
    if isinstance(mask, str):
        if not files or (kind := kind_of(mask)) is None or kind.reader != "array":
            return None
        file = array_file(mask)
        # What is stored by column has the numbers of each image all over the file.
        return file.whole(max_pixels) if file.by_column and len(file.shape) == rank + 1 else file
    # What lies on a disk, as datasets of HDF5 and arrays of Zarr do, is read image by image.
    lazy = all(hasattr(mask, name) for name in ("shape", "dtype", "__getitem__"))
    in_memory = any(hasattr(mask, name) for name in ("__dlpack__", "__array_interface__"))
    if lazy and (scores or not in_memory):
        return mask
    return as_logits(mask) if scores else as_labels(mask, "pred")


def _is_one_hot(stack: Any, classes: int, max_pixels: int) -> bool:
    """Whether a stack holds a number for each class, and no images."""
    if classes not in stack.shape:
        return False
    try:
        first = as_labels(Layer(stack, 0).read(max_pixels), "pred")
        if not np.isin(first, (0, 1)).all():
            return False
        whole = stack.whole(max_pixels * classes) if isinstance(stack, ArrayFile) else np.asarray(stack)
    except SegscoreError:
        return False
    return one_hot_axis(whole, classes) is not None
