"""Scores from full matrices, and what render reads of an evaluation, for tests. Nothing here is a test."""

from types import SimpleNamespace

import numpy as np

from segscore import Evaluator
from segscore.scores.scores import Scores
from segscore.scores.shapes import Shapes

HOSTILE = [
    "\x1b[31mred\x1b[0m",
    "[bold]x[/bold]",
    "<script>alert('&')</script>",
    "道路の白線" * 30,
    "n" * 300,
    "two\nlines\r",
    "right\u202eto left",
    "undecodable \udcff",
    ":smiley: %s {0} \\x1b",
    "cafe\u0301",
]


def scores_of(classes, matrix, **others):
    """Return the scores of a full matrix of K rows and K + 1 columns, the last one "none"."""
    matrix = np.array(matrix, dtype=np.int64)
    return Scores(
        classes,
        tp=np.diagonal(matrix),
        target=matrix.sum(axis=1),
        pred=matrix[:, :-1].sum(axis=0),
        missed=matrix[:, -1],
        **others,
    )


def evaluated(classes, images, **options):
    """Return the evaluation of images, a prediction and its target each, by name or numbered."""
    judge = Evaluator(classes, **options)
    for name, (pred, target) in images.items() if isinstance(images, dict) else enumerate(images):
        judge.add(pred=pred, target=target, name=name if isinstance(images, dict) else None)
    return judge.result()


def _wrong(scores):
    """Return the pair counts of all wrong pixels, as if the first class had been called the second."""
    wrong = int(scores.pixels - scores.tp.sum())
    return [np.array([value]) for value in (*scores.classes.labels[:2], wrong)]


def evaluation_of(scores, scored=3, **changes):
    """Return what render reads of an evaluation."""
    values = {
        "scores": scores,
        "classes": scores.classes,
        "shapes": Shapes(scores.classes, ()),
        "confusion": SimpleNamespace(counts=np.array([[6, 1], [1, 2]])),
        "images": SimpleNamespace(
            metric=lambda name: getattr(values["images"], name),
            of_pixels=lambda name: getattr(values["images"], name),
            name=tuple(f"frame_{i}" for i in range(scored)),
            pixels=np.full(scored, 7),
            mean_image_iou=np.array([np.nan] + [0.25] * (scored - 1)),
            mean_image_dice=np.array([np.nan] + [0.4] * (scored - 1)),
            pixel_accuracy=np.full(scored, 0.5),
        ),
        "names": tuple(f"frame_{i}" for i in range(scored)),
        "requested": scored,
        "mean_image_iou": 0.5,
        "failures": (),
        "extra": (),
        "unknown_predictions": (),
        "resized": 0,
        "provenance": {},
        "part": None,
        "findings": (),
        "table": SimpleNamespace(sum=SimpleNamespace(columns=lambda: _wrong(scores))),
    }
    values |= {"metric": lambda name: values.get(name, 0.25), **changes}
    return SimpleNamespace(**values)
