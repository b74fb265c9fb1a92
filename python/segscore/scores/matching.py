"""Which predicted object is which target: matches of objects of a class by their IoU, and what has none.

The IoU of two objects is over their union without the predicted pixels that lie on void. A crowd is no
target: what lies on void and on a crowd of its class, with more than half of its pixels, is no error.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

import numpy as np

from segscore.base.shown import brief
from segscore.base.values import Bools, Floats, Frozen, Ints, lazy, readonly, real
from segscore.base.wording import many
from segscore.counts.matched import Matched, Weights
from segscore.counts.object_bands import PairBands
from segscore.counts.objects import CROWD, IGNORE, PRED, TARGET, UNVERIFIED, Objects, Overlaps
from segscore.errors import ArgumentError, unknown
from segscore.scores.assignment import assigned
from segscore.scores.average_precision import AveragePrecision
from segscore.scores.precision_asked import Asked

Rule: TypeAlias = Literal["greedy", "hungarian", "any"]
"""How objects are matched where one may match several: the pairs of the highest IoU first, or so that as many
match as can; or without a choice, where any pixel in common will do."""

RULES: tuple[Rule, ...] = ("greedy", "hungarian")
ANY: Final = "any"
"""What is said in place of an IoU where any overlap is a match."""
UNIQUE = 0.5
"""From which IoU on no choice changes how many objects of a label map match."""


@dataclass(frozen=True)
class Threshold:
    """From which IoU on objects match; without one, above half, as panoptic quality has it."""

    iou: float | None = None
    rule: Rule = "greedy"

    @classmethod
    def of(cls, iou: object, rule: object = None) -> "Threshold":
        """Return a threshold that users give, or raise ArgumentError.

        At "any" overlap, a target is found if a prediction of its class shares a pixel with it, and a
        prediction is invented if it shares none with a target of its class: one may find several targets.
        """
        if isinstance(iou, str) and iou == ANY:
            if rule not in (None, ANY):
                raise ArgumentError("where any overlap is a match, there is nothing to choose by a rule")
            return cls(0.0, ANY)
        found = real(iou)
        if found is None or not 0 < found <= 1:
            raise ArgumentError(
                f"{brief(iou)} is no IoU from which on objects match",
                'it is above 0, and 1 at most, such as 0.5, or "any"',
            )
        if rule is not None and rule not in RULES:
            raise unknown("rule of matching", rule, RULES)
        if rule is None and found < UNIQUE:
            raise ArgumentError(
                f"below an IoU of {UNIQUE} one object may match several, and {found:g} comes without a rule",
                "say " + " or ".join(f'`rule="{one}"`' for one in RULES),
            )
        return cls(found, "greedy" if rule is None else rule)


class Pairs(NamedTuple):
    """Rows of targets and predictions of one class that share pixels, and their IoU: (M,) each."""

    target: Ints
    pred: Ints
    iou: Floats

    def taken(self, which: Ints) -> "Pairs":
        """Return some of the pairs."""
        return Pairs(self.target[which], self.pred[which], self.iou[which])


@dataclass(frozen=True, eq=False, repr=False)
class Outcomes(Frozen):
    """What became of the objects of images, by image and class: int64 (n, K), and sums of IoU, float64."""

    tp: Ints
    fp: Ints
    fn: Ints
    iou: Floats
    matches: Pairs
    missed: Ints
    """Rows of targets without a match."""
    invented: Ints
    """Rows of predictions without a match, but for those on void and crowds."""

    def __repr__(self) -> str:
        """Return a short form with the number of matches."""
        matched, missed, invented = (len(one) for one in (self.matches.iou, self.missed, self.invented))
        return f"<Outcomes: {matched:,} matched, {missed:,} missed, {invented:,} invented>"


@dataclass(frozen=True, eq=False, repr=False)
class Matching(Frozen):
    """Objects of images, and who matches whom at any IoU."""

    objects: Objects
    overlaps: Overlaps
    classes: int
    heed_ignore: bool = False
    """Whether targets that their file says to ignore are no targets, as crowds are none."""
    bands: PairBands | None = None
    """Those of both, where they were measured."""
    by_bands: bool = False
    """Whether the IoU of two objects is that of their bands, where that is less."""

    def __repr__(self) -> str:
        """Return a short form with the number of objects."""
        return f"<Matching of {many(len(self.objects.id), 'object')}>"

    @lazy
    def _known(self) -> dict[Threshold, Outcomes]:
        return {}

    @lazy
    def _rows(self) -> tuple[Ints, Ints, Bools]:
        """Return the rows of both objects of each overlap, and whether they are of one class."""
        target, pred = self.overlaps.rows_in(self.objects)
        return target, pred, self.objects.label[target] == self.objects.label[pred]

    @lazy
    def uncounted(self) -> Bools:
        """bool (M,): objects that are crowds, or are to be ignored."""
        flags = CROWD | IGNORE if self.heed_ignore else CROWD
        return readonly((self.objects.flags & flags) > 0)

    @lazy
    def held(self) -> Bools:
        """bool (n, K): whether the target of each image has an object of each class that counts."""
        objects = self.objects
        own = (objects.side == TARGET) & ~self.uncounted & ~objects.without_mask
        found = np.zeros((len(objects.offsets) - 1, self.classes), dtype=np.bool_)
        found[objects.image[own], objects.label[own]] = True
        return readonly(found)

    @lazy
    def pairs(self) -> Pairs:
        """All pairs that can match."""
        target, pred, shared, union = self._sizes
        iou = shared / union
        if self.by_bands and self.bands is not None:
            bands, shared = self.bands[0], self.bands[1].pixels[self._kept]
            union = bands.pixels[target] + bands.pixels[pred] - bands.void[pred] - shared
            iou = np.minimum(iou, shared / union)
        return Pairs(target, pred, iou)

    @lazy
    def _kept(self) -> Ints:
        """int64 (m,): the overlaps of all pairs that can match."""
        target, _, alike = self._rows
        return readonly(np.flatnonzero(alike & ~self.uncounted[target]))

    @lazy
    def _sizes(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Return rows of all pairs that can match, the pixels that both have, and those that either has."""
        target, pred, shared = (rows[self._kept] for rows in (*self._rows[:2], self.overlaps.pixels))
        return target, pred, shared, self.objects.pixels[target] + self._unions[pred] - shared

    @property
    def _unions(self) -> Ints:
        """int64 (M,): pixels that objects bring to a union, which are not those on void."""
        return self.objects.pixels - self.objects.void

    def aggregated(self, *, once: bool) -> tuple[Ints, Ints]:
        """Return the pixels that objects share and those of their unions, int64 (n, K) each: those of an AJI.

        A target is taken with the prediction of the highest IoU, whatever that is; no prediction is taken
        twice if it may be `once` alone, so that the sum of IoU is the highest. Objects that are left are
        unions by themselves, but for predictions on void and crowds.
        """
        objects = self.objects
        target, pred, shared, union = self._sizes
        chosen = assigned(*self.pairs, most=False) if once else self._best
        matched = np.zeros(len(objects.id), dtype=np.bool_)
        matched[target[chosen]] = matched[pred[chosen]] = True
        left = ~matched & ~objects.without_mask & ~self.uncounted
        left &= (objects.side == TARGET) | ~self._excused
        of = objects.image * self.classes + objects.label
        sums = np.zeros((2, (len(objects.offsets) - 1) * self.classes), dtype=np.int64)
        np.add.at(sums[0], of[target[chosen]], shared[chosen])
        np.add.at(sums[1], of[target[chosen]], union[chosen])
        np.add.at(sums[1], of[left], self._unions[left])
        inter, whole = sums.reshape(2, -1, self.classes)
        return inter, whole

    @lazy
    def _best(self) -> Ints:
        """int64 (m,): of each target with an overlap the pair of the highest IoU.

        Of equal ones it is that of the larger union, which AJI as MoNuSeg has it takes, and then the first.
        """
        target, pred, _, union = self._sizes
        order = np.lexsort((pred, -union, -self.pairs.iou, target))
        return readonly(order[np.unique(target[order], return_index=True)[1]])

    @lazy
    def _excused(self) -> Bools:
        """bool (M,): predictions of which more than half is on void and the crowd of their class.

        Of several crowds of a class in an image the last one counts, as in COCO's own tool. So are those of a
        class that the image may have more of, or that nobody has looked for there.
        """
        objects = self.objects
        target, pred, alike = self._rows
        key = objects.image * self.classes + objects.label
        last = np.full((len(objects.offsets) - 1) * self.classes, -1)
        crowds = np.flatnonzero(self.uncounted & (objects.side == TARGET))
        np.maximum.at(last, key[crowds], crowds)
        on_crowd = alike & (last[key[target]] == target)
        covered = objects.void.copy()
        np.add.at(covered, pred[on_crowd], self.overlaps.pixels[on_crowd])
        open_ones = self.uncounted | ((objects.flags & UNVERIFIED) > 0)
        return readonly((2 * covered > objects.pixels) | open_ones)

    @lazy
    def _ranked(self) -> dict[Asked, Matched]:
        return {}

    @lazy
    def _of_all(self) -> dict[Asked, AveragePrecision]:
        return {}

    def ranked(self, asked: Asked) -> Matched:
        """Return the predictions by falling score, with the targets that they find."""
        if asked not in self._ranked:
            self._ranked[asked] = asked.matched(
                self.objects, self.overlaps, classes=self.classes, bands=self.bands
            )
        return self._ranked[asked]

    def average_precision(self, asked: Asked, weights: Weights | None = None) -> AveragePrecision:
        """Return average precision and recall; images count as often as their weights say."""
        if weights is None and asked in self._of_all:
            return self._of_all[asked]
        found = asked.read(self.ranked(asked), self.objects, classes=self.classes, weights=weights)
        if weights is None:
            self._of_all[asked] = found
        return found

    def unscored(self) -> Ints:
        """Return the images that have predictions, none of which has a score."""
        objects = self.objects
        preds = objects.side == PRED
        images = len(objects.offsets) - 1
        some = np.bincount(objects.image[preds & (objects.score_bits != 0)], minlength=images)
        return np.flatnonzero((np.bincount(objects.image[preds], minlength=images) > 0) & (some == 0))

    def at(self, threshold: Threshold) -> Outcomes:
        """Return what becomes of the objects at an IoU."""
        if threshold not in self._known:
            # Without a choice, a prediction may match several targets, and a target several predictions.
            touched = self.pairs.pred if threshold.rule == ANY else None
            self._known[threshold] = self._outcomes(self._matches(threshold), touched)
        return self._known[threshold]

    def _matches(self, threshold: Threshold) -> Pairs:
        iou = self.pairs.iou
        if threshold.rule == ANY:
            return self.pairs.taken(self._best)
        # A ratio of integers below 2**48 is on the side of a threshold that its float64 is on.
        high = iou > UNIQUE if threshold.iou is None else iou >= threshold.iou
        found = self.pairs.taken(np.flatnonzero(high))
        if all(len(np.unique(rows)) == len(rows) for rows in found[:2]):
            return found
        return found.taken(assigned(*found) if threshold.rule == "hungarian" else _greedy(found))

    def _outcomes(self, matches: Pairs, touched: Ints | None) -> Outcomes:
        objects = self.objects
        matched = np.zeros(len(objects.id), dtype=np.bool_)
        matched[matches.target] = matched[matches.pred if touched is None else touched] = True
        left = ~matched & ~objects.without_mask
        missed = np.flatnonzero((objects.side == TARGET) & left & ~self.uncounted)
        invented = np.flatnonzero((objects.side == PRED) & left & ~self._excused)
        size = len(objects.offsets) - 1, self.classes

        def counted(rows: Ints) -> Ints:
            made = np.zeros(size, dtype=np.int64)
            np.add.at(made, (objects.image[rows], objects.label[rows]), 1)
            return made

        iou = np.zeros(size)
        np.add.at(iou, (objects.image[matches.target], objects.label[matches.target]), matches.iou)
        return Outcomes(
            counted(matches.target), counted(invented), counted(missed), iou, matches, missed, invented
        )

    def split(self) -> Ints:
        """Return the rows of targets that have most of the pixels of several predictions of their class."""
        target, pred, alike = self._rows
        inside = alike & ~self.uncounted[target] & (2 * self.overlaps.pixels > self.objects.pixels[pred])
        return _several(target[inside])

    def merged(self) -> Ints:
        """Return the rows of predictions that have most of the pixels of several targets of their class."""
        target, pred, alike = self._rows
        most = 2 * self.overlaps.pixels > self.objects.pixels[target]
        return _several(pred[alike & ~self.uncounted[target] & most])


def _several(rows: Ints) -> Ints:
    found, times = np.unique(rows, return_counts=True)
    return np.asarray(found[times > 1])


def _greedy(pairs: Pairs) -> Ints:
    """Return the numbers of pairs that match: those of the highest IoU first, of equal ones the first."""

    def free() -> Iterator[int]:
        taken: set[int] = set()
        for i in np.lexsort((pairs.pred, pairs.target, -pairs.iou)).tolist():
            both = {int(pairs.target[i]), int(pairs.pred[i])}
            if not both & taken:  # rows of both sides are those of one table
                taken.update(both)
                yield i

    return np.sort(np.fromiter(free(), dtype=np.int64))
