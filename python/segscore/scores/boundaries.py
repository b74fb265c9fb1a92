"""Scores along boundaries: IoU of the bands that follow the borders of classes, of any width measured."""

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from segscore.base.naming import arg
from segscore.base.values import Bools, Floats, Frozen, Ints, lazy, readonly
from segscore.base.wording import many
from segscore.classes.classes import Classes
from segscore.counts.bands import Bands, Segments
from segscore.counts.widths import Width, shown_width, width_of
from segscore.errors import ArgumentError
from segscore.scores import metrics
from segscore.scores.boundary_errors import BoundaryErrors
from segscore.scores.by_class import ByClass, by_class
from segscore.text.numbers import number

_Parts: TypeAlias = tuple[tuple[Ints, Bools], ...]
"""The class of each row of bands, and which rows count: for both, for targets and for predictions."""


@dataclass(frozen=True, eq=False, repr=False)
class BoundaryImages(Frozen):
    """Scores along boundaries of each image.

    Attributes
    ----------
    iou : float64 (n, K)
        Boundary IoU of each class, 0 to 1; NaN for a class that is in neither target nor prediction.
    trimap_iou : float64 (n, K)
        IoU of each class among the pixels of the target's bands; NaN for a class that none of these has.
    """

    name: tuple[str, ...]
    iou: Floats
    trimap_iou: Floats

    def __repr__(self) -> str:
        """Return a short form with the number of images."""
        return f"<BoundaryImages of {many(len(self.name), 'image')}>"


@dataclass(frozen=True, eq=False, repr=False)
class BoundaryScores(Frozen):
    """Scores along boundaries of a dataset, of summed pixels as all scores are.

    A band of a class has the pixels of it from where another label, an ignored target or the end of the image
    is at most so many rows and columns away, on both sides.

    Attributes
    ----------
    width : int or float
        Of the band: pixels, or a share of the diagonal of each image.
    widths : tuple
        All that were measured; `at` has the scores of another one.

    Notes
    -----
    The boundary IoU of a class is the IoU of its bands in target and prediction (B. Cheng et al., "Boundary
    IoU: improving object-centric image segmentation evaluation", CVPR 2021). The trimap IoU is the IoU among
    all pixels of the target's bands (P. Kohli et al., "Robust higher order potentials for enforcing label
    consistency", IJCV 82 (2009)). Pixels whose target is ignored are in neither.

    Examples
    --------
    >>> from segscore import Evaluator
    >>> judge = Evaluator(["road", "sky"], boundary=1)
    >>> judge.add(pred=[[0, 0, 0, 1]] * 4, target=[[0, 0, 1, 1]] * 4)
    >>> boundary = judge.result().boundary
    >>> boundary.iou.round(3).tolist(), round(boundary.mean_iou, 3)
    ([0.5, 0.5], 0.5)
    """

    classes: Classes
    names: tuple[str, ...]
    width: Width
    widths: tuple[Width, ...]
    _bands: Bands = field(repr=False)
    _segments: Segments | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        """Return a short form with the mean over classes."""
        return f"<BoundaryScores in {shown_width(self.width)}: mean boundary IoU {number(self.mean_iou)}>"

    def at(self, width: Width | str) -> "BoundaryScores":
        """Return the scores of another width that was measured, or raise ArgumentError."""
        found = width_of(width)
        if found not in self.widths:
            raise ArgumentError(
                f"no band of {shown_width(found)} was measured",
                f"there are {', '.join(map(shown_width, self.widths))}; {arg('boundary')} takes several",
            )
        return BoundaryScores(self.classes, self.names, found, self.widths, self._bands, self._segments)

    @lazy
    def pixels(self) -> Ints:
        """int64 (n, 3, K): pixels in both bands, in the target's and in the prediction's, of each image."""
        return self._of_images(self._band_parts())

    @lazy
    def trimap_pixels(self) -> Ints:
        """int64 (n, 3, K): pixels of the target's bands that are right, of a class, and predicted as it."""
        return self._of_images(self._trimap_parts())

    def _band_parts(self) -> _Parts:
        bands, bin_ = self._bands, self.widths.index(self.width)
        in_target, in_pred = bands.target_bin <= bin_, bands.pred_bin <= bin_
        in_pred = in_pred & (bands.pred < len(self.classes))
        both = in_target & in_pred & (bands.target == bands.pred)
        return (bands.target, both), (bands.target, in_target), (bands.pred, in_pred)

    def _trimap_parts(self) -> _Parts:
        bands = self._bands
        near = bands.target_bin <= self.widths.index(self.width)
        known = near & (bands.pred < len(self.classes))
        right = near & (bands.target == bands.pred)
        return (bands.target, right), (bands.target, near), (bands.pred, known)

    def _of_images(self, parts: _Parts) -> Ints:
        """Return pixels of each class in each image, int64 (n, 3, K)."""
        made = np.zeros((len(self.names), len(parts), len(self.classes)), dtype=np.int64)
        for i, (label, which) in enumerate(parts):
            rows = np.flatnonzero(which)
            np.add.at(made[:, i], (self._bands.image[rows], label[rows]), self._bands.pixels[rows])
        return readonly(made)

    def _of_classes(self, parts: _Parts) -> Ints:
        """Return pixels of each class in all images, int64 (3, K), for which no image needs a place."""
        made = np.zeros((len(parts), len(self.classes)), dtype=np.int64)
        for of_part, (label, which) in zip(made, parts, strict=True):
            np.add.at(of_part, label[which], self._bands.pixels[which])
        return made

    @lazy
    def iou(self) -> ByClass:
        """Boundary IoU of each class, float64 (K,), 0 to 1; NaN for a class that is on neither side."""
        return by_class(band_iou(self._of_classes(self._band_parts())), self.classes.names)

    @property
    def mean_iou(self) -> float:
        """Mean of the boundary IoU over classes in target or prediction that means take in."""
        return float(metrics.class_mean(np.asarray(self.iou), self.classes.in_mean))

    @property
    def min_iou(self) -> ByClass:
        """The lower of IoU and boundary IoU of each class, float64 (K,): what boundary PQ takes."""
        bands, everywhere = self._bands, np.ones(len(self._bands.pixels), dtype=np.bool_)
        known = bands.pred < len(self.classes)
        parts = (bands.target, bands.target == bands.pred), (bands.target, everywhere), (bands.pred, known)
        of_masks = band_iou(self._of_classes(parts))
        return by_class(np.minimum(of_masks, self.iou), self.classes.names)

    @lazy
    def trimap_iou(self) -> ByClass:
        """IoU of each class among the pixels of the target's bands, float64 (K,), 0 to 1."""
        return by_class(band_iou(self._of_classes(self._trimap_parts())), self.classes.names)

    @property
    def mean_trimap_iou(self) -> float:
        """Mean of the trimap IoU over classes that means take in."""
        return float(metrics.class_mean(np.asarray(self.trimap_iou), self.classes.in_mean))

    @lazy
    def errors(self) -> BoundaryErrors:
        """Wrong pixels in missed and invented segments, near borders and inside; what they are called."""
        bin_ = self.widths.index(self.width)
        return BoundaryErrors.of(self.classes, self._bands, self._segments, self.width, bin_)

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Return what there is of each class, arrays (K,) under their names; ``name`` are texts."""
        return {
            "name": np.array(self.classes.names, dtype=object),
            "iou": np.asarray(self.iou),
            "min_iou": np.asarray(self.min_iou),
            "trimap_iou": np.asarray(self.trimap_iou),
        }

    def to_frame(self, backend: str | None = None) -> Any:
        """Return `columns` as a data frame; see :meth:`segscore.Scores.to_frame`."""
        from segscore.text.frames import frame

        return frame(self.columns(), backend)

    @lazy
    def images(self) -> BoundaryImages:
        """Return the same of each image."""
        return BoundaryImages(
            self.names, readonly(band_iou(self.pixels)), readonly(band_iou(self.trimap_pixels))
        )


def band_iou(pixels: Ints) -> Floats:
    """Return the IoU of pixels in both, in the target and in the prediction: int64 (…, 3, K) to (…, K)."""
    return metrics.iou(pixels[..., 0, :], pixels[..., 1, :], pixels[..., 2, :])
