"""Stacks: arrays, and files of arrays, that hold several images along their first axis.

Each image becomes a case of its own, which is read when it is counted. What is no stack stays as it is, also
where it cannot be scored: that is said when it is counted.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from segscore.base.naming import arg
from segscore.errors import ArgumentError, MaskError, SegscoreError, ShapeError
from segscore.io.array_files import ARRAY_SUFFIXES, ArrayFile, array_file
from segscore.io.arrays import as_labels
from segscore.io.cases import Case, Cases, Masks, find_cases
from segscore.io.masks import Read, checked_max_pixels
from segscore.io.shapes import checked_dims, look_like_colours, one_hot_axis
from segscore.io.sources import split_suffix

MAX_IMAGES = 1 << 20
"""Images of one stack, at most."""


@dataclass(frozen=True, eq=False)
class Layer:
    """One image of a stack."""

    stack: Any
    """An array, whatever hands out images by index, or an `ArrayFile`."""
    index: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the image."""
        return tuple(self.stack.shape[1:])

    @property
    def dtype(self) -> Any:
        """Of the stack."""
        return self.stack.dtype

    def read(self, max_pixels: int) -> object:
        """Return the image."""
        if isinstance(self.stack, ArrayFile):
            return self.stack.image(self.index, max_pixels)
        try:
            return self.stack[self.index]
        except Exception as error:
            raise MaskError(
                f"image {self.index} of the stack cannot be read: {type(error).__name__}: {error}",
                "check what it is read from",
            ) from error


def find_images(
    pred: Masks,
    target: Masks,
    pattern: str | None,
    *,
    read: Read | None,
    classes: int | None,
    names: Iterable[str] | None = None,
    dims: int,
    max_pixels: int,
) -> Cases:
    """Find out what is to be compared, as `find_cases` does, and make each image of a stack a case.

    Arguments are those of `evaluate`; `classes` is their number, if it is known. Files that a function reads
    are not looked into.
    """
    checked_dims(dims)
    checked_max_pixels(max_pixels)
    found = find_cases(pred, target, pattern, any_file=read is not None)
    cases: list[Case] = []
    for case in found.cases:
        stacks = [
            _stack(mask, dims, classes, files=read is None, max_pixels=max_pixels)
            for mask in (case.pred, case.target)
        ]
        name = "stack" if found.alone else case.name
        cases += [case] if any(stack is None for stack in stacks) else _layers(case, name, *stacks)
    if names is not None:
        if found.pairing is not None and len(found.cases) > 1:
            raise ArgumentError(
                f"{arg('names')} are given for {len(found.cases):,} files, which have names",
                "leave them out; they are for arrays, and for the images of a stack",
            )
        given = checked_names(names, len(cases))
        cases = [replace(case, name=name) for case, name in zip(cases, given, strict=True)]
    return replace(found, cases=cases)


def checked_names(names: object, images: int) -> tuple[str, ...]:
    """Return the names of so many images, or raise ArgumentError."""
    if isinstance(names, str) or not isinstance(names, Iterable):
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


def _layers(case: Case, name: str, pred: Any, target: Any) -> list[Case]:
    """Return a case for each image of two stacks; one that says why not, if they do not belong together."""
    images, others = pred.shape[0], target.shape[0]
    if images != others:
        problem = ShapeError(
            f"`pred` and `target` are stacks of {images:,} and {others:,} images",
            "give one target for each prediction",
            kind="",
        )
        return [replace(case, problem=problem)]
    if images > MAX_IMAGES:
        problem = ShapeError(
            f"expected at most {MAX_IMAGES:,} images in a stack, found {images:,} of shape {pred.shape[1:]}",
            "split it, or put the axis of the images first",
            kind="",
        )
        return [replace(case, problem=problem)]
    return [Case(f"{name}[{i}]", Layer(pred, i), Layer(target, i)) for i in range(images)]


def _stack(mask: object, dims: int, classes: int | None, *, files: bool, max_pixels: int) -> Any:
    """Return what holds several images, or None."""
    if isinstance(mask, np.ndarray) and mask.ndim <= dims:
        return None
    try:
        stack = _array(mask, dims, files=files, max_pixels=max_pixels)
    except SegscoreError:
        return None
    if stack is None or len(stack.shape) != dims + 1:
        return None
    if look_like_colours(tuple(stack.shape), stack.dtype, dims):
        return None
    return None if classes is not None and _is_one_hot(stack, classes, max_pixels) else stack


def _array(mask: object, dims: int, *, files: bool, max_pixels: int) -> Any:
    if isinstance(mask, str):
        if not files or split_suffix(mask)[1] not in ARRAY_SUFFIXES:
            return None
        file = array_file(mask)
        # What is stored by column has the numbers of each image all over the file.
        return file.whole(max_pixels) if file.by_column and len(file.shape) == dims + 1 else file
    # What lies on a disk, as datasets of HDF5 and arrays of Zarr do, is read image by image.
    lazy = all(hasattr(mask, name) for name in ("shape", "dtype", "__getitem__"))
    in_memory = any(hasattr(mask, name) for name in ("__dlpack__", "__array_interface__"))
    return mask if lazy and not in_memory else as_labels(mask, "pred")


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
