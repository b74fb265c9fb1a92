"""Masks that are made: label maps with the run lengths of real ones, and noise. Nothing here is timed.

Equal seeds give equal masks, so that figures of two days are of the same pixels.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.integer]

SMALL, LARGE = (360, 480), (1440, 1920)
"""Height and width of what street scenes are scored at, and of high-resolution masks."""
STREET = (1024, 2048)
"""Height and width of street scenes at full resolution."""
VOID = 11
"""The label of target pixels that are ignored; the classes of scenes are 0 to 10."""
_BORDERS = {SMALL: 14, LARGE: 11}
"""Borders in a row of a scene. With those of the prediction they cut a row of a small mask into runs of
about 20 pixels in which the pair stays the same, and a row of a large one into runs of about 100."""
_BAND = 60
"""Rows in which the segments stay the same."""


class Pairs(NamedTuple):
    """Label maps in memory, of the labels 0 to `classes` - 1 and, in targets, one that is left out."""

    pred: list[Mask]
    target: list[Mask]
    classes: int
    ignore: int | None = None

    @property
    def pixels(self) -> int:
        """Pixels of all targets."""
        return sum(target.size for target in self.target)

    def astype(self, dtype: str) -> "Pairs":
        """Return the same labels as another type."""
        pred, target = ([mask.astype(dtype) for mask in side] for side in (self.pred, self.target))
        return self._replace(pred=pred, target=target)

    def first(self, number: int) -> "Pairs":
        """Return so many of the pairs."""
        return self._replace(pred=self.pred[:number], target=self.target[:number])

    def scored(self) -> "Pairs":
        """Return pairs of which all is scored, what was left out as label 0."""
        target = [np.where(mask == self.ignore, 0, mask).astype(mask.dtype) for mask in self.target]
        return self._replace(target=target, ignore=None)

    def enlarged(self, shape: tuple[int, int]) -> "Pairs":
        """Return masks of another shape, each pixel of which is that of the old ones at its place."""
        pred, target = ([_nearest(mask, shape) for mask in side] for side in (self.pred, self.target))
        return self._replace(pred=pred, target=target)

    def repeated(self, times: int) -> "Pairs":
        """Return the pairs several times over, so that what is done once for all of them weighs less."""
        return self._replace(pred=self.pred * times, target=self.target * times)


def _nearest(mask: Mask, shape: tuple[int, int]) -> Mask:
    rows, columns = (np.arange(new) * old // new for new, old in zip(shape, mask.shape, strict=True))
    return mask[rows][:, columns]


def scenes(shape: tuple[int, int], number: int) -> Pairs:
    """Return uint8 pairs that look like street scenes to a counter.

    Borders wander from row to row, those of the prediction run beside those of the target, and one
    segment in eight is taken for another class.
    """
    made = [_scene(np.random.default_rng((20260101, i)), shape) for i in range(number)]
    return Pairs([pred for pred, _ in made], [target for _, target in made], VOID, VOID)


def noise(shape: tuple[int, int], number: int, classes: int) -> Pairs:
    """Return uint8 pairs of which every pixel is a class of its own, drawn evenly."""
    rng = np.random.default_rng(20260102)
    drawn = rng.integers(classes, size=(2, number, *shape), dtype=np.uint8)
    return Pairs(list(drawn[0]), list(drawn[1]), classes)


def _scene(rng: np.random.Generator, shape: tuple[int, int]) -> tuple[Mask, Mask]:
    bands = [
        _band(rng, min(_BAND, shape[0] - top), shape[1], _BORDERS[shape]) for top in range(0, shape[0], _BAND)
    ]
    pred, target = (np.concatenate(side) for side in zip(*bands, strict=True))
    return pred, target


def _band(rng: np.random.Generator, height: int, width: int, borders: int) -> tuple[Mask, Mask]:
    start = np.sort(rng.integers(width, size=borders))
    target = start + _walk(rng, height, borders)
    pred = target + _walk(rng, height, borders).clip(-4, 4)
    of_target = rng.integers(VOID + 1, size=borders + 1, dtype=np.uint8)
    taken = rng.integers(8, size=borders + 1) == 0
    # A model never predicts void.
    of_pred = np.where(taken | (of_target == VOID), rng.integers(VOID, size=borders + 1), of_target)
    return _filled(pred, width, of_pred.astype(np.uint8)), _filled(target, width, of_target)


def _walk(rng: np.random.Generator, height: int, borders: int) -> npt.NDArray[np.int64]:
    return rng.integers(-1, 2, size=(height, borders)).cumsum(axis=0)


def _filled(borders: npt.NDArray[np.int64], width: int, labels: Mask) -> Mask:
    """Return rows in which the next label begins at each border."""
    steps = np.zeros((len(borders), width + 1), dtype=np.intp)
    np.add.at(steps, (np.arange(len(borders))[:, None], borders.clip(0, width)), 1)
    return labels[steps[:, :width].cumsum(axis=1)]
