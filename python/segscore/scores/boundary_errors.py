"""Wrong pixels by where they lie: near a border of their target, or inside of it."""

from dataclasses import dataclass, field

import numpy as np

from segscore.base.values import Bools, Frozen, Ints, lazy, readonly
from segscore.base.wording import many
from segscore.classes.classes import Classes
from segscore.counts.bands import Bands
from segscore.counts.measures import Width, shown_width
from segscore.counts.rows import joined
from segscore.scores import metrics
from segscore.scores.by_class import ByClass, by_class
from segscore.text.numbers import percent


@dataclass(frozen=True, eq=False, repr=False)
class BoundaryErrors(Frozen):
    """What to mend first: borders that are drawn badly, or insides that are called something else.

    A pixel is near where the band of its target class has it, and inside elsewhere. The end of the image
    and ignored pixels are borders as well, as for the boundary IoU.

    Attributes
    ----------
    width : int or float
        Of the band: pixels, or a share of the diagonal of each image.
    wrong, pixels : int64 (2, K)
        Wrong pixels, and all, by the class of the target: near a border of it, then inside.
    near, inside : int64 (K, K + 1)
        Wrong pixels by the class of the target and what they are called, in the last column no class. Both
        together are all wrong pixels.

    Examples
    --------
    >>> from segscore import Evaluator
    >>> judge = Evaluator(["road", "sky"], boundary=1)
    >>> judge.add(pred=[[0, 0, 0, 1]] * 4, target=[[0, 0, 1, 1]] * 4)
    >>> errors = judge.result().boundary.errors
    >>> errors.near.tolist(), errors.total, errors.near_share
    ([[0, 0, 0], [4, 0, 0]], 4, 1.0)
    """

    classes: Classes
    width: Width
    _side: Ints = field(repr=False)
    """0 near, 1 inside: of these, each class of the target and what it is called there is one row."""
    _target: Ints = field(repr=False)
    _pred: Ints = field(repr=False)
    _pixels: Ints = field(repr=False)

    @staticmethod
    def of(classes: Classes, bands: Bands, width: Width, bin_: int) -> "BoundaryErrors":
        """Return the wrong pixels of all images, by the bands up to a bin."""
        side = (bands.target_bin > bin_).astype(np.int64)
        (side, target, pred), pixels = joined([side, bands.target, bands.pred], bands.pixels)
        return BoundaryErrors(classes, width, side, target, pred, pixels)

    def __repr__(self) -> str:
        """Return a short form with the share of errors that are near."""
        if not self.total:
            return "<BoundaryErrors: no pixel is wrong>"
        share = percent(int(self.wrong[0].sum()), self.total)
        return (
            f"<BoundaryErrors: {many(self.total, 'wrong pixel')}, "
            f"{share} within {shown_width(self.width)} of a border>"
        )

    @lazy
    def near(self) -> Ints:
        """Wrong pixels near borders by the class of the target and what they are called, int64 (K, K + 1)."""
        return self._matrix(0)

    @lazy
    def inside(self) -> Ints:
        """Wrong pixels elsewhere, in the same way."""
        return self._matrix(1)

    def _matrix(self, side: int) -> Ints:
        made = np.zeros((len(self.classes), len(self.classes) + 1), dtype=np.int64)
        rows = self._wrong & (self._side == side)
        made[self._target[rows], self._pred[rows]] = self._pixels[rows]
        return readonly(made)

    @property
    def _wrong(self) -> Bools:
        return np.asarray(self._pred != self._target)

    @lazy
    def wrong(self) -> Ints:
        """int64 (2, K): wrong pixels of each class of the target, near its borders and inside."""
        return self._sums(self._wrong)

    @lazy
    def pixels(self) -> Ints:
        """int64 (2, K): all pixels of each class of the target there, right ones as well."""
        return self._sums(np.ones(len(self._pixels), dtype=np.bool_))

    def _sums(self, which: Bools) -> Ints:
        made = np.zeros((2, len(self.classes)), dtype=np.int64)
        np.add.at(made, (self._side[which], self._target[which]), self._pixels[which])
        return readonly(made)

    @property
    def total(self) -> int:
        """All wrong pixels."""
        return int(self.wrong.sum())

    @property
    def near_share(self) -> float:
        """The share of all wrong pixels that is near a border; NaN where none is wrong."""
        return float(metrics.ratio(self.wrong[0].sum(), self.total))

    @property
    def near_rate(self) -> ByClass:
        """float64 (K,): the share of pixels near borders that is wrong; NaN where there are none."""
        return by_class(metrics.ratio(self.wrong[0], self.pixels[0]), self.classes.names)

    @property
    def inside_rate(self) -> ByClass:
        """float64 (K,): the share of the target's other pixels that is wrong; NaN where there are none."""
        return by_class(metrics.ratio(self.wrong[1], self.pixels[1]), self.classes.names)

    def called(self, index: int, *, near: bool) -> list[tuple[int, int]]:
        """Return what wrong pixels of a class there are called, K for no class, and how many, most first."""
        rows = np.flatnonzero(self._wrong & (self._side == (not near)) & (self._target == index))
        found = zip(self._pred[rows].tolist(), self._pixels[rows].tolist(), strict=True)
        return sorted(found, key=lambda one: -one[1])
