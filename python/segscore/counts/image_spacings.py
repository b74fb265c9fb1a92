"""Spacings: how far voxels are apart in each image, beside the surfaces that were measured with it."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from segscore.base.values import Floats, Ints, lazy, readonly
from segscore.classes.classes import Classes
from segscore.counts.distance_options import LEAST_STEP, MOST_STEP
from segscore.counts.measures import HEADER, Measures
from segscore.counts.record import NO_FIT, Record
from segscore.errors import FileFormatError

_AXES = (2, 3)


@dataclass(frozen=True, eq=False, repr=False)
class Spacings(Record):
    """The spacing of each image, one row for each of its axes in their order.

    Evaluations in pixels have none, nor have those that were saved before spacings were kept.
    """

    kind = "spacings"

    step_bits: Ints
    """The bits of how far two voxels are apart along the axis, in mm."""

    @classmethod
    def of(cls, spacing: tuple[float, ...]) -> "Spacings":
        """Return that of one image."""
        return cls.one_image(np.array(spacing, dtype=np.float64).view(np.int64))

    @lazy
    def steps(self) -> Floats:
        """float64 (n, axes): the spacing of each image."""
        images = len(self.offsets) - 1
        axes = len(self.step_bits) // max(images, 1)
        return readonly(self.step_bits.view(np.float64).reshape(images, axes))

    def of_image(self, image: int) -> tuple[float, ...]:
        """Return the spacing of one image."""
        return tuple(self.steps[image].tolist())

    def check(self, classes: Classes) -> None:  # noqa: ARG002 - the same of any classes
        """Raise FileFormatError unless all images have the same number of axes, with steps that can be."""
        axes, steps = np.diff(self.offsets), self.step_bits.view(np.float64)
        good = (axes == axes[:1]).all() and np.isin(axes, _AXES).all()
        if not (good and ((steps >= LEAST_STEP) & (steps <= MOST_STEP)).all()):
            raise FileFormatError(NO_FIT)

    def fits(self, measures: Measures) -> bool:
        """Whether distances are measured with a spacing, of as many axes."""
        given = measures.spacing
        if given is None or not measures.distances:
            return False
        return given == HEADER or not len(self.steps) or self.steps.shape[1] == len(given)

    def merged(self, classes: Classes, first: Ints) -> Self:  # noqa: ARG002 - the same of any classes
        """Return it as it is."""
        return self
