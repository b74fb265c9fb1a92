"""How many images and classes in images are right at a threshold, and how images are spread."""

import numpy as np

from segscore.base.wording import many, visible
from segscore.pages.behind import search_of_class
from segscore.pages.page import Panel, rendered
from segscore.pages.queries import query_of
from segscore.results.evaluated import Evaluated
from segscore.scores.correct import correct_curve
from segscore.text.numbers import number

_MAX_CLASSES = 400
"""Of more classes, only all of them together have a curve."""
START = 50
"""The threshold at first, in hundredths."""


def panel(evaluation: Evaluated) -> Panel | None:
    """Return how images are spread and how many are right at 101 thresholds; None where none has a score."""
    curve = correct_curve(evaluation.classes, evaluation.cells, evaluation.images.mean_image_iou)
    if not curve.of_images:
        return None
    values = evaluation.images.mean_image_iou
    defined = values[~np.isnan(values)]
    # Entry t counts what reaches t hundredths: differences are a histogram, so no image is listed.
    by_class = curve.class_cells.T.tolist() if len(curve.classes) <= _MAX_CLASSES else []
    data = {
        "images": curve.images,
        "ofImages": curve.of_images,
        "cells": curve.cells,
        "ofCells": curve.of_cells,
        "classes": [
            {
                "index": i,
                "name": visible(name),
                "cells": cells,
                "of": of,
                "query": query_of(search_of_class(i, name), len(curve.classes)),
            }
            for i, (name, cells, of) in enumerate(
                zip(curve.classes.names, by_class, curve.of_class_cells.tolist(), strict=False)
            )
            if of
        ],
        "start": START,
    }
    quartiles = np.quantile(defined, [0.0, 0.25, 0.5, 0.75, 1.0]).tolist()
    titles = ("lowest", "a quarter below", "median", "a quarter above", "highest")
    body = rendered(
        "distribution.html",
        start=START / 100,
        images=int(curve.images[START]),
        of_images=curve.of_images,
        cells=int(curve.cells[START]),
        of_cells=curve.of_cells,
        mean=number(evaluation.mean_image_iou),
        spread=list(zip(titles, map(number, quartiles), strict=True)),
        without=len(values) - len(defined),
        alone=_alone_text(evaluation),
    )
    return Panel(
        "images",
        "Distribution over images",
        body,
        data,
        scripts=("chosen.js", "behind.js", "distribution.js"),
    )


def _alone_text(evaluation: Evaluated) -> str:
    """Return in how many images the target is one class alone, whose IoU is its recall; empty for none."""
    cells = evaluation.cells
    alone = cells.image[(cells.target > 0) & (cells.target == cells.pixels[cells.image])]
    if not len(alone):
        return ""
    right = np.count_nonzero(evaluation.images.mean_image_iou[alone] == 1.0)
    return (
        f"In {many(len(alone), 'image')} every scored pixel of the target is of one class: "
        f"no other can be called it, so that its IoU is its recall; {right:,} of them "
        f"{'has' if right == 1 else 'have'} a mean IoU of 1."
    )
