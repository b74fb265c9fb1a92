"""Lists of single objects: those that are missed, invented, split and merged, and a table of all."""

from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from segscore.base.values import Floats, Frozen, Ints
from segscore.base.wording import many
from segscore.counts.objects import TARGET
from segscore.scores.matching import ANY, Matching, Pairs, Threshold

_SIDES: Final = np.array(["target", "pred"], dtype=object)


class FoundObject(NamedTuple):
    """An object of an image, as lists of them have it."""

    image: str
    id: int
    """Its number in the map of ids, or of its annotation."""
    name: str
    """Of its class."""
    pixels: int


@dataclass(frozen=True, eq=False, repr=False)
class ListedObjects(Frozen):
    """The objects that are wrong where those match that reach an IoU, each list the largest first."""

    classes: tuple[str, ...]
    names: tuple[str, ...]
    threshold: Threshold
    _matching: Matching = field(repr=False)

    def __repr__(self) -> str:
        """Return a short form with how many are missed and invented."""
        return f"<ListedObjects: {many(len(self.missed), 'object')} missed, {len(self.invented):,} invented>"

    @property
    def missed(self) -> tuple[FoundObject, ...]:
        """Targets that no prediction matches."""
        return self._listed(self._matching.at(self.threshold).missed)

    @property
    def invented(self) -> tuple[FoundObject, ...]:
        """Predictions that match no target, but for those that are excused, such as on void and crowds."""
        return self._listed(self._matching.at(self.threshold).invented)

    @property
    def split(self) -> tuple[FoundObject, ...]:
        """Targets that have most of the pixels of several predictions of their class."""
        return self._listed(self._matching.split())

    @property
    def merged(self) -> tuple[FoundObject, ...]:
        """Predictions that have most of the pixels of several targets of their class."""
        return self._listed(self._matching.merged())

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Return a row for each object of both sides: NumPy arrays of M entries under their names.

        Returns
        -------
        dict
            ``image``, ``side`` ("target" or "pred") and ``name`` of the class are texts, ``id`` and
            ``pixels`` int64; ``area`` that a file says, and ``score``, float64, NaN for targets and where no
            object of an image has one. ``outcome`` is "matched", "missed" or "invented", or "uncounted" for
            crowds, targets that are to be ignored, objects without a mask, and predictions that are excused,
            as on void. Of what is matched, ``match`` is the id of the other object and ``iou`` their IoU,
            float64, NaN for all else. ``crowd``, ``split`` and ``merged`` are bool. Objects are in the order
            of their images, targets first.
        """
        objects, found = self._matching.objects, self._matching.at(self.threshold)
        preds = found.matches if self.threshold.rule != ANY else self._matching.pairs
        match, iou = self._others(found.matches, preds)
        outcome = np.full(len(objects.id), "uncounted", dtype=object)
        outcome[~np.isnan(iou)] = "matched"
        outcome[found.missed], outcome[found.invented] = "missed", "invented"
        unscored = np.isin(objects.image, self._matching.unscored()) | (objects.side == TARGET)
        rows = np.arange(len(objects.id))
        return {
            "image": np.array(self.names, dtype=object)[objects.image],
            "side": _SIDES[objects.side],
            "id": objects.id,
            "name": np.array(self.classes, dtype=object)[objects.label],
            "pixels": objects.pixels,
            "area": objects.area,
            "score": np.where(unscored, np.nan, objects.score),
            "outcome": outcome,
            "match": match,
            "iou": iou,
            "crowd": objects.crowd,
            "split": np.isin(rows, self._matching.split()),
            "merged": np.isin(rows, self._matching.merged()),
        }

    def to_frame(self, backend: str | None = None) -> Any:
        """Return `columns` as a data frame; see :meth:`segscore.Scores.to_frame`."""
        from segscore.text.frames import frame

        return frame(self.columns(), backend)

    def _others(self, targets: Pairs, preds: Pairs) -> tuple[Floats, Floats]:
        """Return the id of the object that each matches, the one of the highest IoU, and that IoU."""
        ids = self._matching.objects.id
        match, iou = np.full((2, len(ids)), np.nan)
        for pairs, own, other in (
            (targets, targets.target, targets.pred),
            (preds, preds.pred, preds.target),
        ):
            order = np.argsort(pairs.iou, kind="stable")
            match[own[order]], iou[own[order]] = ids[other[order]], pairs.iou[order]
        return match, iou

    def _listed(self, rows: Ints) -> tuple[FoundObject, ...]:
        objects = self._matching.objects
        rows = rows[np.argsort(-objects.pixels[rows], kind="stable")]
        columns = (of[rows].tolist() for of in (objects.image, objects.id, objects.label, objects.pixels))
        return tuple(
            FoundObject(self.names[image], number_of, self.classes[label], pixels)
            for image, number_of, label, pixels in zip(*columns, strict=True)
        )
