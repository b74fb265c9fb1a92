"""Fine-grained means as text and as plain values; nothing is averaged here."""

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from segscore.text.json import to_json
from segscore.text.names import listed
from segscore.text.numbers import number
from segscore.text.plain import WIDTH, wrapped
from segscore.text.table import table

if TYPE_CHECKING:
    from segscore.scores.fine_grained import FineGrained

_METRICS = {"iou": "IoU", "dice": "Dice", "accuracy": "accuracy"}
_COLUMNS = ("mean", "dataset", "images", "classes", "worst images", "worst of classes")
_PERCENT = (1, 5, *range(10, 101, 10))
_MEANS = ("dataset_mean", "image_mean", "class_mean", "image_worst", "class_worst")


def fine_grained_text(result: "FineGrained", *, width: int = WIDTH) -> str:
    """Return fine-grained means as text.

    Parameters
    ----------
    result : FineGrained
        The means.
    width : int
        Columns of the terminal.

    Returns
    -------
    str
        Lines without a final line end: a table with one row a metric, and what the means cover.
    """
    rows = [
        (label, *(number(getattr(getattr(result, name), mean)) for mean in _MEANS))
        for name, label in _METRICS.items()
    ]
    defined = int((~np.isnan(result.iou.per_image)).sum())
    in_mean, in_target = result.classes.in_mean, ~np.isnan(result.iou.per_class)
    absent = [result.classes.names[i] for i in np.flatnonzero(in_mean & ~in_target).tolist()]
    covered = f"over classes: {int((in_mean & in_target).sum()):,} of {len(result.classes):,}"
    if absent:
        covered += f"; {listed(absent)} {'is' if len(absent) == 1 else 'are'} in no target"
    facts = (
        f"over images: {defined:,} of {result.images:,} have a class of the mean in their target",
        covered,
        "worst: means over the lowest 10 %, 20 %, ..., 100 % of the images, averaged",
    )
    lines = [line for fact in facts for line in wrapped(fact, width)]
    return "\n".join([*table(_COLUMNS, rows, width), "", *lines])


def fine_grained_dict(result: "FineGrained") -> dict[str, Any]:
    """Return fine-grained means as a dict of plain Python values; undefined ones are None.

    Parameters
    ----------
    result : FineGrained
        The means.

    Returns
    -------
    dict
        ``images``, their number, and for each of ``iou``, ``dice`` and ``accuracy`` a dict: the means under
        their names; ``worst_percent``, a list of dicts with ``q``, ``image_mean`` and ``class_mean``;
        ``per_image``, a list in the order of the images; ``per_class``, a list of dicts with ``name`` and
        ``mean``.
    """
    values: dict[str, Any] = {"images": result.images}
    for name in _METRICS:
        averages = getattr(result, name)
        worst = [averages.quantile(q) for q in _PERCENT]
        values[name] = {
            **{mean: getattr(averages, mean) for mean in _MEANS},
            "worst_percent": [
                {"q": q, "image_mean": part.image_mean, "class_mean": part.class_mean}
                for q, part in zip(_PERCENT, worst, strict=True)
            ],
            "per_image": averages.per_image,
            "per_class": [
                {"name": label, "mean": mean}
                for label, mean in zip(result.classes.names, averages.per_class.tolist(), strict=True)
            ],
        }
    # What JSON gives back is plain, and null where a value is undefined.
    made: dict[str, Any] = json.loads(to_json(values))
    return made
