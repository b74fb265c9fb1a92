"""Average precision of microscopy: matched objects over all objects at an IoU, as StarDist and cellpose do.

No scores of predictions are needed. Each rule was compared with its tool, which ``benches/peers_agree.py``
repeats.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from segscore.base.shown import brief
from segscore.base.values import Floats, Frozen, Ints, lazy, one_or_several, readonly, real
from segscore.classes.classes import Classes
from segscore.errors import ArgumentError
from segscore.scores import metrics
from segscore.scores.average_precision import place_of
from segscore.scores.matching import Matching, Threshold
from segscore.text.numbers import number, plain

Microscopy: TypeAlias = Literal["stardist", "stardist-by-image", "cellpose"]
"""Whose average precision."""
_MOST: Final = 100
"""Thresholds."""


@dataclass(frozen=True)
class MicroscopyRule:
    """How a tool makes an average precision of matched objects.

    Attributes
    ----------
    name, tool, source : str
        What users call it; the tool with its version; where the rule was read.
    thresholds : tuple of float
        IoU that are usual.
    by_image : bool
        Whether it is the mean of those of images, or of matches summed over images.
    empty : float
        What it is where neither side has an object; NaN is left out of means.
    notes : tuple of str
        What the tool does that is not done here, or has to be known, one sentence each.
    """

    name: str
    tool: str
    source: str
    thresholds: tuple[float, ...]
    by_image: bool
    empty: float
    notes: tuple[str, ...]


_STARDIST: Final[dict[str, Any]] = {
    "tool": "StarDist 0.9.2",
    "source": "stardist/matching.py of the package",
    "thresholds": tuple(round(0.5 + 0.05 * i, 2) for i in range(9)),
    "empty": 0.0,
}
MICROSCOPY: Mapping[str, MicroscopyRule] = MappingProxyType(
    {
        rule.name: rule
        for rule in (
            MicroscopyRule(
                name="stardist",
                by_image=False,
                notes=("Where no image has an object it is 0.",),
                **_STARDIST,
            ),
            MicroscopyRule(
                name="stardist-by-image",
                by_image=True,
                notes=("An image without an object on either side counts 0.",),
                **_STARDIST,
            ),
            MicroscopyRule(
                name="cellpose",
                tool="cellpose 4.2.1.1",
                source="cellpose/metrics.py of the package",
                thresholds=(0.5, 0.75, 0.9),
                by_image=True,
                empty=float("nan"),
                notes=(
                    "It counts one object less where an image has no background pixel; earlier versions took "
                    "the highest label for the number of objects. Here objects are counted.",
                    "An image without an object on either side is NaN, and left out of the mean.",
                ),
            ),
        )
    }
)
"""Every rule by its name."""


@dataclass(frozen=True, eq=False, repr=False)
class ObjectAccuracy(Frozen):
    """Average precision as microscopy has it: ``TP / (TP + FP + FN)`` of objects that match from an IoU on.

    It is no mean over recalls, and no prediction needs a score. As many objects match as can.

    Attributes
    ----------
    rule : MicroscopyRule
        What the tool does, and the version that it was read from.
    thresholds : float64 (T,)
        IoU from which on objects match.
    tp, fp, fn : int64 (n, K, T)
        Objects of each image and class that match, are invented and are missed.

    Notes
    -----
    U. Schmidt et al., "Cell detection with star-convex polygons", MICCAI 2018; C. Stringer et al.,
    "Cellpose: a generalist algorithm for cellular segmentation", Nature Methods 18 (2021).

    Examples
    --------
    >>> from segscore import InstanceEvaluator
    >>> judge = InstanceEvaluator(["cell"], outside="background")
    >>> judge.add(pred=[[1, 1, 1, 0, 2]], target=[[1, 1, 1, 1, 0]], name="well_1")
    >>> print(judge.result().average_precision("stardist", thresholds=(0.5, 0.8)))
     AP @[ IoU=0.5  ] = 0.5000
     AP @[ IoU=0.8  ] = 0.0000
    """

    rule: MicroscopyRule
    classes: Classes
    names: tuple[str, ...]
    thresholds: Floats
    tp: Ints = field(repr=False)
    fp: Ints = field(repr=False)
    fn: Ints = field(repr=False)

    @property
    def name(self) -> str:
        """Name of the convention."""
        return self.rule.name

    def _accuracy(self, tp: Ints, fp: Ints, fn: Ints) -> Floats:
        there = tp + fp + fn
        return np.where(there > 0, metrics.ratio(tp, there), self.rule.empty)

    @lazy
    def images(self) -> Floats:
        """float64 (n, K, T): that of each class in each image, 0 to 1."""
        return readonly(self._accuracy(self.tp, self.fp, self.fn))

    @lazy
    def of_classes(self) -> Floats:
        """float64 (K, T): that of each class, 0 to 1; NaN where it has none."""
        if not self.rule.by_image:
            return readonly(self._accuracy(*(one.sum(axis=0) for one in (self.tp, self.fp, self.fn))))
        there = ~np.isnan(self.images)
        return readonly(metrics.ratio(np.nan_to_num(self.images).sum(axis=0), there.sum(axis=0)))

    def at(self, threshold: float | None = None) -> float:
        """Return the mean over classes with an object, and over all thresholds or at one of them.

        Raises
        ------
        ArgumentError
            If it is none of the thresholds.
        """
        there = (self.tp + self.fp + self.fn).any(axis=(0, 2)) & self.classes.in_mean
        found = self.of_classes[:, place_of(threshold, self.thresholds)]
        if not there.any():
            return self.rule.empty
        return float(np.mean([metrics.class_mean(of, there) for of in found.T]))

    @property
    def differences(self) -> tuple[str, ...]:
        """What the tool does that is not done here, or has to be known, one sentence each."""
        return self.rule.notes

    def to_dict(self) -> dict[str, Any]:
        """Return everything but what is of single images in plain Python values; undefined ones are None."""
        return {
            "convention": self.name,
            "tool": self.rule.tool,
            "source": self.rule.source,
            "thresholds": plain(self.thresholds),
            "mean": plain(self.at()),
            "per_class": [
                {"name": name, "ap": plain(values)}
                for name, values in zip(self.classes.names, self.of_classes, strict=True)
            ],
            "differences": list(self.differences),
        }

    def __repr__(self) -> str:
        """Return a short form with the mean over thresholds."""
        return f"<ObjectAccuracy as {self.name}: {number(self.at())}>"

    def __str__(self) -> str:
        """Return a line for each threshold."""
        return "\n".join(
            f" AP @[ IoU={one:<4g} ] = {number(self.at(one))}" for one in self.thresholds.tolist()
        )


def object_accuracy(
    name: str, matching: Matching, classes: Classes, names: tuple[str, ...], thresholds: object
) -> ObjectAccuracy:
    """Return the average precision of a rule, at its usual thresholds if none are given."""
    rule = MICROSCOPY[name]
    chosen = rule.thresholds if thresholds is None else _checked(thresholds)
    found = [matching.at(Threshold.of(one, "hungarian")) for one in chosen]
    counts = (np.stack([getattr(one, count) for one in found], axis=-1) for count in ("tp", "fp", "fn"))
    return ObjectAccuracy(rule, classes, names, readonly(np.array(chosen)), *map(readonly, counts))


def _checked(thresholds: object) -> tuple[float, ...]:
    given = one_or_several(thresholds)
    known = tuple(found for found in map(real, given) if found is not None)
    if not 0 < len(given) <= _MOST or len(known) < len(given):
        raise ArgumentError(
            f"`thresholds` is {brief(thresholds)}, expected 1 to {_MOST} numbers", "such as (0.5, 0.75)"
        )
    for one in given:
        Threshold.of(one, "hungarian")
    return known
