"""Regions: unions of classes that may overlap, such as whole tumour and tumour core, each a binary task.

Their pixels are summed from the pair counts of the images; classes that exclude each other are merged by
`merging` instead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from segscore.base.shown import brief, first
from segscore.base.values import Floats, Frozen, Ints, is_int, is_several, lazy, property_of, readonly
from segscore.base.wording import visible
from segscore.classes.classes import Classes
from segscore.classes.labels import describe_label
from segscore.counts.table import Table
from segscore.errors import ArgumentError, unknown
from segscore.scores import metrics
from segscore.scores.metric import METRICS
from segscore.scores.metric_row import Counts
from segscore.text.numbers import number
from segscore.text.plain import WIDTH
from segscore.text.table import table

_SHOWN = ("iou", "dice", "precision", "recall")


def _scored(name: str, of: Literal["", "image_"] = "") -> lazy[Floats]:
    """Return the property that has a metric of each region, in the dataset or in each image."""
    metric = METRICS[name]

    def compute(found: "Regions") -> Floats:
        tp, target, pred = (getattr(found, f"{of}{pixels}") for pixels in ("tp", "target", "pred"))
        return readonly(metric.formula(Counts(tp, target, pred, np.ones(len(found), dtype=np.bool_))))

    shape, where = ("(n, R)", "each image") if of else ("(R,)", "the dataset")
    return property_of(compute, f"{of}{name}", f"float64 {shape}: {metric.label} of the pixels of {where}.")


@dataclass(frozen=True, eq=False, repr=False)
class Regions(Frozen):
    """Scores of R regions, in the dataset and in each of n images; the arrays are read-only.

    A pixel is of a region in target or prediction if it is of one of the region's classes there. Pixels
    whose target is ignored are left out; a prediction that is no class is outside of every region.

    Attributes
    ----------
    name : tuple of str
        The regions.
    members : tuple of tuple of str
        The classes of each.
    images : tuple of str
        The images.
    image_tp, image_target, image_pred : int64 (n, R)
        Scored pixels of each image that are of the region in both, in target, and in prediction.

    Notes
    -----
    Scores are NaN where those of a class are: IoU and Dice of a region in neither target nor prediction,
    precision of one that is not predicted, and recall of one that is not in the target.
    """

    name: tuple[str, ...]
    members: tuple[tuple[str, ...], ...]
    images: tuple[str, ...]
    image_tp: Ints
    image_target: Ints
    image_pred: Ints

    def __len__(self) -> int:
        """Return the number of regions."""
        return len(self.name)

    @lazy
    def tp(self) -> Ints:
        """int64 (R,): pixels that are of the region in both target and prediction."""
        return readonly(self.image_tp.sum(axis=0))

    @lazy
    def target(self) -> Ints:
        """int64 (R,): pixels whose target is of the region."""
        return readonly(self.image_target.sum(axis=0))

    @lazy
    def pred(self) -> Ints:
        """int64 (R,): pixels that are predicted as of the region."""
        return readonly(self.image_pred.sum(axis=0))

    iou = _scored("iou")
    dice = _scored("dice")
    precision = _scored("precision")
    recall = _scored("recall")
    image_iou = _scored("iou", "image_")
    image_dice = _scored("dice", "image_")
    image_precision = _scored("precision", "image_")
    image_recall = _scored("recall", "image_")

    @lazy
    def mean_image_iou(self) -> Floats:
        """float64 (R,): mean of `image_iou` over the images whose *target* has the region."""
        return readonly(metrics.class_mean(self.image_iou.T, (self.image_target > 0).T))

    @lazy
    def mean_image_dice(self) -> Floats:
        """float64 (R,): mean of `image_dice` over the images whose *target* has the region."""
        return readonly(metrics.class_mean(self.image_dice.T, (self.image_target > 0).T))

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Return the scores of the images as one flat table: arrays of n entries under their names.

        Returns
        -------
        dict
            ``name`` (texts) and, for each region, ``iou.core``, ``dice.core``, ``precision.core`` and
            ``recall.core`` (float64, NaN where undefined).
        """
        columns = {
            f"{key}.{name}": getattr(self, f"image_{key}")[:, i]
            for i, name in enumerate(self.name)
            for key in _SHOWN
        }
        return {"name": np.array(self.images, dtype=np.str_), **columns}

    def __repr__(self) -> str:
        """Return a short form with the Dice of each of the first regions."""
        shown = [f"{brief(name)}: {dice:.4f}" for name, dice in zip(self.name, self.dice, strict=True)]
        return f"<Regions in {len(self.images):,} images, Dice {first(shown)}>"

    def __str__(self) -> str:
        """Return one row of scores a region, in 80 columns."""
        columns = [getattr(self, name) for name in _SHOWN]
        images = (self.image_target > 0).sum(axis=0).tolist()
        rows = [
            (visible(name), *(number(column[i]) for column in columns), f"{images[i]:,}")
            for i, name in enumerate(self.name)
        ]
        titles = ("region", *(METRICS[name].label for name in _SHOWN), "in images")
        return "\n".join(table(titles, rows, WIDTH))


def regions(
    classes: Classes, names: tuple[str, ...], table: Table, groups: Mapping[str, Sequence[int | str]]
) -> Regions:
    """Return the scores of unions of classes, which may overlap.

    Parameters
    ----------
    classes : Classes
        The classes.
    names : tuple of str
        The images.
    table : Table
        Their pair counts.
    groups : mapping of str to sequence of int or str
        The classes of each region, by its name: label values of targets, or names of classes.

    Raises
    ------
    ArgumentError
        If there is no such class, the nearest of which it names, or it is ignored or given twice.

    Examples
    --------
    >>> from segscore import Evaluator
    >>> judge = Evaluator(["background", "necrosis", "oedema", "enhancing"])
    >>> judge.add(pred=[[0, 1, 2], [3, 1, 2]], target=[[0, 1, 2], [1, 3, 1]])
    >>> found = judge.result().regions({"tumour": [1, 2, 3], "core": ["necrosis", "enhancing"]})
    >>> found.dice.round(4).tolist(), found.image_iou.tolist()
    ([1.0, 0.8571], [[1.0, 0.75]])
    """
    indices = _checked(classes, groups)
    target, pred = classes.fold(table.target, table.pred)
    sums = np.zeros((3, len(indices), len(names)), dtype=np.int64)
    for i, members in enumerate(indices.values()):
        # One more entry, which stays False: a prediction that is no class.
        inside = np.zeros(len(classes) + 1, dtype=np.bool_)
        inside[members] = True
        of_target, of_pred = (target >= 0) & inside[target], (target >= 0) & inside[pred]
        for rows, at in zip((of_target & of_pred, of_target, of_pred), sums[:, i], strict=True):
            np.add.at(at, table.image[rows], table.pixels[rows])
    made_of = tuple(tuple(classes.names[i] for i in members) for members in indices.values())
    return Regions(tuple(indices), made_of, names, *(np.ascontiguousarray(s.T) for s in sums))


_EXAMPLE = 'name the classes of each region: {"tumour": [1, 2, 3], "core": [1, 3]}'


def _checked(classes: Classes, groups: Mapping[str, Sequence[int | str]]) -> dict[str, list[int]]:
    if not isinstance(groups, Mapping) or not groups:
        raise ArgumentError(f"regions are given by {brief(groups)}", _EXAMPLE)
    indices: dict[str, list[int]] = {}
    for name, given in groups.items():
        if not isinstance(name, str):
            raise ArgumentError(f"a region is named by a text, found {name!r}", _EXAMPLE)
        members = list(given) if is_several(given) else []
        if not members:
            raise ArgumentError(f"region `{name}` is of {brief(given)}", _EXAMPLE)
        indices[name] = found = []
        for member in members:
            i = _index(classes, member)
            if i in found:
                raise ArgumentError(
                    f"class `{classes.names[i]}` is twice in region `{name}`", "name each class once"
                )
            if classes.ignored_classes[i]:
                raise ArgumentError(
                    f"class `{classes.names[i]}` of region `{name}` is ignored",
                    "regions are of classes that are scored",
                )
            found.append(i)
    return indices


def _index(classes: Classes, member: object) -> int:
    if not is_int(member):
        if member not in classes.names:
            raise unknown("class", member, classes.names)
        return classes.names.index(str(member))
    if member in classes.class_of:
        return classes.class_of[int(member)]
    if member in classes.ignore:
        raise ArgumentError(f"label {member} is ignored", "regions are of classes that are scored")
    nearest = sorted(classes.class_of, key=lambda label: (abs(label - member), label))[:3]
    shown = ", ".join(
        f"{describe_label(label)} (`{classes.names[classes.class_of[label]]}`)" for label in nearest
    )
    raise ArgumentError(
        f"there is no class with the label {describe_label(int(member))}", f"the nearest are {shown}"
    )
