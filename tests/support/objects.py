"""Connected components by their definition: numbers that spread to neighbours. Nothing here is a test."""

from itertools import product

import numpy as np
import numpy.typing as npt

from support.masks_on_disk import Array

STEPS = {4: 1, 8: 2, 6: 1, 18: 2, 26: 3}
"""Along how many axes at once a neighbour lies, at most."""


def spread(mask: npt.NDArray[np.bool_], connectivity: int) -> Array:
    """Return for each pixel of a mask the number of the first pixel of its component; 0 elsewhere."""
    own = np.pad(np.where(mask, np.arange(1, mask.size + 1).reshape(mask.shape), 0), 1)
    steps = [
        step
        for step in product((-1, 0, 1), repeat=mask.ndim)
        if 0 < np.abs(step).sum() <= STEPS[connectivity]
    ]
    last = np.iinfo(own.dtype).max
    while True:
        least = np.where(own > 0, own, last)
        for step in steps:
            # The frame keeps what is rolled out of the image from coming in on the other side.
            least = np.minimum(least, np.roll(np.where(own > 0, own, last), step, range(mask.ndim)))
        next_ = np.where(own > 0, least, 0)
        if np.array_equal(next_, own):
            return np.asarray(own[(slice(1, -1),) * mask.ndim])
        own = next_


def numbered(labels: Array, connectivity: int, background: int | None) -> Array:
    """Return the components of each label, numbered in the order of their first pixels."""
    first = np.zeros(labels.shape, int)
    for label in np.unique(labels):
        if label != background:
            first += spread(labels == label, connectivity)
    return np.asarray(np.searchsorted(np.unique(first[first > 0]), first) + 1) * (first > 0)
