"""Tables of what is read from parts of an evaluation: groups of images, regions of classes."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from segscore.scores.summary import MAX_ROWS
from segscore.text.names import cut, visible
from segscore.text.numbers import DASH, number
from segscore.text.plain import WIDTH
from segscore.text.table import table

if TYPE_CHECKING:
    from segscore.results.evaluated import Evaluation
    from segscore.scores.measured import Scores
    from segscore.scores.regions import Regions

GROUP_COLUMNS = ("group", "images", "mean IoU", "mean Dice", "pixel accuracy", "worst class")
REGION_COLUMNS = ("region", "IoU", "Dice", "precision", "recall", "in images")
_WORST_WIDTH = 12
"""Columns for the name of the worst class, so that the groups' names have room."""


def groups_text(
    groups: "Mapping[str | int, Evaluation]",
    *,
    title: str = GROUP_COLUMNS[0],
    limit: int = MAX_ROWS,
    width: int = WIDTH,
) -> str:
    """Return one row a group as text.

    Parameters
    ----------
    groups : mapping of str or int to Evaluation
        The groups.
    title : str
        What they are groups by.
    limit : int
        How many are shown at most, the first ones.
    width : int
        Columns of the terminal. Names are cut to fit.
    """
    rows = []
    for name, evaluation in list(groups.items())[:limit]:
        scores = evaluation.scores
        values = (scores.mean_iou, scores.mean_dice, scores.pixel_accuracy)
        numbers = (number(value) for value in values)
        rows.append((visible(str(name)), f"{len(evaluation.names):,}", *numbers, _worst_class(scores)))
    lines = table((visible(title), *GROUP_COLUMNS[1:]), rows, width, left=(0, 5))
    if len(groups) > limit:
        lines.append(f"and {len(groups) - limit:,} more")
    return "\n".join(lines)


def regions_text(regions: "Regions", *, width: int = WIDTH) -> str:
    """Return one row a region as text; the last column counts the images whose target has the region.

    Parameters
    ----------
    regions : Regions
        The regions.
    width : int
        Columns of the terminal. Names are cut to fit.
    """
    columns = (regions.iou, regions.dice, regions.precision, regions.recall)
    images = (regions.image_target > 0).sum(axis=0).tolist()
    rows = [
        (visible(name), *(number(column[i]) for column in columns), f"{images[i]:,}")
        for i, name in enumerate(regions.name)
    ]
    return "\n".join(table(REGION_COLUMNS, rows, width))


def _worst_class(scores: "Scores") -> str:
    """Return the class of the mean with the lowest IoU, the first of equal ones, and its IoU."""
    iou = np.where(scores.classes.in_mean, scores.iou, np.nan)
    if np.isnan(iou).all():
        return DASH
    i = int(np.nanargmin(iou))
    return f"{cut(visible(scores.classes.names[i]), _WORST_WIDTH)} {number(iou[i])}"
