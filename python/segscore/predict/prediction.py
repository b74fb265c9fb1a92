"""What a model says about an image, and what all models have in common."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike, fsdecode
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from segscore.base.naming import arg
from segscore.base.shown import Shown
from segscore.base.wording import many, show
from segscore.errors import ArgumentError
from segscore.io.photographs import decode_bands, decode_image, read_bands, read_image
from segscore.io.resizing import resize_logits

_COLOURS = 3
NO_NUMBERS = "no-numbers"
"""The kind of the error for class scores that are NaN, as they may be for one image and not for others."""
_MOST_LABEL = 2.0**53
"""Floats from here on skip whole numbers."""

Array = npt.NDArray[Any]
Image: TypeAlias = Array | str | PathLike[str]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Prediction(Shown):
    """A label map, or class scores, of one image.

    Attributes
    ----------
    labels : integers (H, W), read-only, or None
        Label values.
    logits : float16, float32 or float64 (K, h, w) or (h, w, K), read-only, or None
        Class scores, at the size that the model gives them.
    class_axis : int or None
        Which axis of `logits` holds the classes: 0 or -1.
    """

    labels: Array | None = None
    logits: Array | None = None
    class_axis: int | None = None

    def __post_init__(self) -> None:
        for name in ("labels", "logits"):
            array = getattr(self, name)
            if array is not None:
                locked = array.view()
                locked.flags.writeable = False
                object.__setattr__(self, name, locked)

    def __repr__(self) -> str:
        """Return a short form with what it holds."""
        of = "labels" if self.labels is not None else f"logits with classes on axis {self.class_axis}"
        array = self.logits if self.labels is None else self.labels
        return "<Prediction: none>" if array is None else f"<Prediction: {of}, {array.dtype} {array.shape}>"

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels, as the model gave them."""
        if self.labels is not None:
            height, width = self.labels.shape
        else:
            assert self.logits is not None
            assert self.class_axis is not None
            height, width = np.moveaxis(self.logits, self.class_axis, 0).shape[1:]
        return height, width

    def given(self, size: tuple[int, int]) -> dict[str, Any]:
        """Return what :meth:`segscore.Evaluator.add` is given, next to a target of this size.

        Parameters
        ----------
        size : (int, int)
            Height and width of the target. Class scores of another size are resized by
            :func:`segscore.predict.resize_logits` before the highest wins. Label maps are left as they
            are: whether they may be resized is for ``Evaluator(resize="nearest")`` to say.

        Returns
        -------
        dict
            ``pred``; or ``logits`` and ``class_axis``.
        """
        if self.labels is not None:
            return {"pred": self.labels}
        assert self.logits is not None
        assert self.class_axis is not None
        return {
            "logits": resize_logits(self.logits, size, class_axis=self.class_axis),
            "class_axis": self.class_axis,
        }


class Predictor(ABC):
    """A model: call it with an image, or its `batch` with several."""

    @property
    def takes_paths(self) -> bool:
        """Whether it is called with paths only, and reads images itself."""
        return False

    @property
    def bands(self) -> int | None:
        """How many channels its images have, whatever their type; None for uint8 (H, W, 3) alone."""
        return None

    def decoded(self, content: bytes, name: str) -> Array:
        """Return an image file in memory, called `name`, as the model is given it, or raise ImageError."""
        return decode_image(content, name) if self.bands is None else decode_bands(content, name, self.bands)

    @property
    @abstractmethod
    def classes(self) -> int | None:
        """The number of classes of its class scores, where it is known before the first image."""

    def __call__(self, image: Image, *, name: str | None = None) -> Prediction:
        """Return the prediction of one image.

        Parameters
        ----------
        image : array (H, W, channels) or path
            uint8 (H, W, 3) of red, green and blue, and for an ONNX model of other channels numbers of any
            type; or the file, which is read like this.
        name : str, optional
            What errors call the image; by default the path, if there is one.

        Raises
        ------
        ImageError
            If the file cannot be read.
        ArgumentError
            If the image is no such array, the model fails on it, or what it returns is no prediction.
        """
        return self.batch([image], names=None if name is None else [name])[0]

    def batch(self, images: Sequence[Image], *, names: Sequence[str] | None = None) -> tuple[Prediction, ...]:
        """Return the predictions of several images, which the model is given together where it can be.

        Parameters
        ----------
        images, names : sequence
            As for a call, one each.

        Raises
        ------
        ImageError, ArgumentError
            As for a call.
        """
        if names is None:
            names = [_own_name(image, i) for i, image in enumerate(images)]
        elif len(names) != len(images):
            raise ArgumentError(f"expected one name an image, found {len(names)} for {len(images)} images")
        if self.takes_paths:
            for image, name in zip(images, names, strict=True):
                if not isinstance(image, str | PathLike):
                    raise ArgumentError(
                        f"{show(name)}: expected the path of an image, found {type(image).__name__}",
                        f"the function was declared with {arg('takes', 'path')}",
                    )
            return tuple(self._predict(images, names))
        arrays = [
            self._read(image) if isinstance(image, str | PathLike) else _checked(image, name, self.bands)
            for image, name in zip(images, names, strict=True)
        ]
        return tuple(self._predict(arrays, names)) if arrays else ()

    def _read(self, path: str | PathLike[str]) -> Array:
        return read_image(path) if self.bands is None else read_bands(path, self.bands)

    @abstractmethod
    def _predict(self, images: Sequence[Any], names: Sequence[str]) -> list[Prediction]:
        """Return one prediction an image; they are checked arrays, or paths if it takes these."""


def _own_name(image: object, number: int) -> str:
    return fsdecode(image) if isinstance(image, str | PathLike) else f"image {number}"


def _checked(image: object, name: str, bands: int | None) -> Array:
    array = np.asarray(image)
    if bands not in (None, _COLOURS):
        if array.ndim != 3 or array.shape[2] != bands or array.size == 0 or array.dtype.kind not in "uif":
            raise ArgumentError(
                f"{show(name)}: expected numbers (H, W, {bands}), found {array.dtype} {array.shape}",
                f"the model takes images of {many(bands, 'channel')}",
            )
        return array
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3 or array.size == 0:
        raise ArgumentError(
            f"{show(name)}: expected an image as uint8 (H, W, 3), found {array.dtype} {array.shape}",
            "`segscore.predict.read_image` reads files as red, green and blue",
        )
    return array


def whole_labels(labels: Array, place: str) -> Array:
    """Return labels as integers, or refuse floats that are none."""
    if labels.dtype.kind != "f":
        return labels
    odd = ~((np.rint(labels) == labels) & (np.abs(labels) < _MOST_LABEL))
    if odd.any():
        raise ArgumentError(
            f"{place}: expected whole numbers as labels, found {labels[odd][0]:g} among "
            f"{np.count_nonzero(odd):,} of {many(labels.size, 'value')} that are none",
            "class scores and probabilities have four axes: export (n, K, h, w), or (n, 1, h, w) with "
            f"{arg('threshold', 0.5)}",
        )
    return labels.astype(np.int64)


def check_numbers(logits: Array, name: str) -> None:
    """Refuse class scores that hold NaN."""
    # The lowest of several numbers is NaN if any of them is, and is found without an array of answers.
    if logits.size and np.isnan(logits.min()):
        raise ArgumentError(
            f"{show(name)}: the class scores of {np.count_nonzero(np.isnan(logits)):,} of {logits.size:,} "
            "are NaN, expected numbers",
            "the model divides by zero or overflows on this image, or was given the wrong "
            f"{arg('mean')} and {arg('std')}",
            kind=NO_NUMBERS,
        )
