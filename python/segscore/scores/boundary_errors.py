"""Wrong pixels by where they lie: in segments that one side lacks, near a border, or inside."""

from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, get_args

import numpy as np

from segscore.base.naming import arg
from segscore.base.values import Bools, Frozen, Ints, lazy, readonly
from segscore.base.wording import many
from segscore.classes.classes import Classes
from segscore.counts.bands import INVENTED, MISSED, Bands, Segments
from segscore.counts.rows import joined
from segscore.counts.widths import Width, shown_width
from segscore.errors import ArgumentError
from segscore.scores import metrics
from segscore.scores.by_class import ByClass, by_class
from segscore.text.numbers import percent

Place: TypeAlias = Literal["near", "inside", "missed", "invented"]
PLACES: Final[tuple[Place, ...]] = get_args(Place)
"""Where pixels are, in the order of rows of `BoundaryErrors.wrong`."""


@dataclass(frozen=True, eq=False, repr=False)
class BoundaryErrors(Frozen):
    """What to mend first: objects that are missed or invented, borders that are drawn badly, or insides.

    Where `segments=True` was asked for, those that one side lacks as a whole are told from all else. Segments
    are the connected components of the pixels of a class, with their neighbours all around. One of
    the target is missed if none of its pixels is called its class; one of the prediction is invented if none
    of its pixels has its class in the target. Any other pixel is near where the band of its target class has
    it, and inside elsewhere. The end of the image and ignored pixels are borders as well, as for the boundary
    IoU. A segment of the prediction is not cut by ignored pixels, and is none if it has no others.

    Attributes
    ----------
    width : int or float
        Of the band: pixels, or a share of the diagonal of each image.
    wrong, pixels : int64 (4, K)
        Wrong pixels, and all, by the class of the target: near a border of it, inside, in segments of it that
        are missed, and in invented segments of other classes; those in both are in missed ones.
    near, inside, missed, invented : int64 (K, K + 1)
        Wrong pixels by the class of the target and what they are called, in the last column no class. All
        four together are all wrong pixels.
    target_segments, missed_segments : int64 (K,)
        Segments of each class in targets, and how many of these are missed.
    pred_segments, invented_segments : int64 (K,)
        Segments of each class in predictions, and how many of these are invented.

    Examples
    --------
    >>> from segscore import Evaluator
    >>> judge = Evaluator(["road", "sky"], boundary=1, segments=True)
    >>> judge.add(pred=[[0, 0, 0, 1]] * 4, target=[[0, 0, 1, 1]] * 4)
    >>> errors = judge.result().boundary.errors
    >>> errors.near.tolist(), errors.total, errors.near_share
    ([[0, 0, 0], [4, 0, 0]], 4, 1.0)
    >>> errors.target_segments.tolist(), errors.missed_segments.tolist()
    ([1, 1], [0, 0])
    """

    classes: Classes
    width: Width
    _segments: Ints | None = field(repr=False)
    """int64 (2, 2, K): segments of target and prediction, those that are unmet first; None without any."""
    _place: Ints = field(repr=False)
    """Of `PLACES`: of these, each class of the target and what it is called there has a row, or two."""
    _target: Ints = field(repr=False)
    _pred: Ints = field(repr=False)
    _invented: Bools = field(repr=False)
    """Whether pixels are of an invented segment, those of missed ones as well."""
    _pixels: Ints = field(repr=False)

    @staticmethod
    def of(
        classes: Classes, bands: Bands, segments: Segments | None, width: Width, bin_: int
    ) -> "BoundaryErrors":
        """Return the wrong pixels of all images, by the bands up to a bin."""
        place = np.select(
            [bands.unmet & MISSED > 0, bands.unmet & INVENTED > 0, bands.target_bin > bin_],
            [PLACES.index("missed"), PLACES.index("invented"), PLACES.index("inside")],
            PLACES.index("near"),
        )
        unmet = bands.unmet & INVENTED
        (place, target, pred, unmet), pixels = joined([place, bands.target, bands.pred, unmet], bands.pixels)
        counted = None
        if segments is not None:
            counted = np.zeros((2, 2, len(classes)), dtype=np.int64)
            np.add.at(counted, (segments.side, segments.met, segments.label), segments.count)
        return BoundaryErrors(classes, width, counted, place, target, pred, unmet > 0, pixels)

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
        return self._matrix("near")

    @lazy
    def inside(self) -> Ints:
        """Wrong pixels elsewhere in segments that both sides have, in the same way."""
        return self._matrix("inside")

    @lazy
    def missed(self) -> Ints:
        """Pixels of segments of the target that are missed, in the same way."""
        self._counted()
        return self._matrix("missed")

    @lazy
    def invented(self) -> Ints:
        """Pixels of invented segments, in the same way: those of a class are in its column."""
        self._counted()
        return self._matrix("invented")

    @property
    def places(self) -> tuple[Place, ...]:
        """The places that were told apart, the first of `PLACES` or all."""
        return PLACES if self.has_segments else PLACES[:2]

    def _matrix(self, place: Place) -> Ints:
        made = np.zeros((len(self.classes), len(self.classes) + 1), dtype=np.int64)
        rows = self._wrong & (self._place == PLACES.index(place))
        np.add.at(made, (self._target[rows], self._pred[rows]), self._pixels[rows])
        return readonly(made)

    @property
    def _wrong(self) -> Bools:
        return np.asarray(self._pred != self._target)

    @lazy
    def wrong(self) -> Ints:
        """int64 (4, K): wrong pixels of each class of the target: near, inside, missed, invented."""
        return self._sums(self._wrong)

    @lazy
    def pixels(self) -> Ints:
        """int64 (4, K): all pixels of each class of the target there, right ones as well."""
        return self._sums(np.ones(len(self._pixels), dtype=np.bool_))

    def _sums(self, which: Bools) -> Ints:
        made = np.zeros((len(PLACES), len(self.classes)), dtype=np.int64)
        np.add.at(made, (self._place[which], self._target[which]), self._pixels[which])
        return readonly(made)

    @property
    def has_segments(self) -> bool:
        """Whether segments were looked for."""
        return self._segments is not None

    def _counted(self) -> Ints:
        if self._segments is None:
            raise ArgumentError(
                "segments were not looked for",
                f"evaluate with {arg('segments', True)}: counts of pixels do not say what hangs together",
            )
        return self._segments

    @property
    def target_segments(self) -> Ints:
        """int64 (K,): segments of each class in targets."""
        return readonly(self._counted()[0].sum(axis=0))

    @property
    def missed_segments(self) -> Ints:
        """int64 (K,): how many of these have no pixel that is called their class."""
        return readonly(self._counted()[0, 0])

    @property
    def pred_segments(self) -> Ints:
        """int64 (K,): segments of each class in predictions."""
        return readonly(self._counted()[1].sum(axis=0))

    @property
    def invented_segments(self) -> Ints:
        """int64 (K,): how many of these have no pixel with their class in the target."""
        return readonly(self._counted()[1, 0])

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
        """float64 (K,): the share of pixels near borders that is wrong; NaN where there are none.

        Missed and invented segments are left out, on both sides of the fraction.
        """
        return by_class(metrics.ratio(self.wrong[0], self.pixels[0]), self.classes.names)

    @property
    def inside_rate(self) -> ByClass:
        """float64 (K,): the same of pixels inside."""
        return by_class(metrics.ratio(self.wrong[1], self.pixels[1]), self.classes.names)

    def called(self, index: int, place: Place) -> list[tuple[int, int]]:
        """Return what wrong pixels of a class there are called, K for no class, and how many, most first."""
        return _most_first(getattr(self, place)[index])

    def lies_on(self, index: int) -> list[tuple[int, int]]:
        """Return the target's classes where segments of a class are invented, with pixels, most first."""
        rows = np.flatnonzero(self._invented & (self._pred == index))
        pixels = np.zeros(len(self.classes), dtype=np.int64)
        np.add.at(pixels, self._target[rows], self._pixels[rows])
        return _most_first(pixels)


def _most_first(pixels: Ints) -> list[tuple[int, int]]:
    found = [(at, int(pixels[at])) for at in np.flatnonzero(pixels).tolist()]
    return sorted(found, key=lambda one: -one[1])
