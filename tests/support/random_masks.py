"""Random masks and their evaluations, and what NumPy counts in their pixels, for tests of parts of them."""

import warnings

import numpy as np
import numpy.typing as npt

from segscore import Classes, Evaluation, SegscoreWarning
from support.results import evaluated

IGNORED = 9
Masks = list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]
"""Prediction and target of each image."""


def classes_of(number: int, **options: object) -> Classes:
    """Return classes c0, c1, … with the labels 10, 11, …, of which 9 is ignored."""
    labels = [10 + i for i in range(number)]
    return Classes([f"c{i}" for i in range(number)], labels, ignore=[IGNORED], **options)


def masks(seed: int, images: int, classes: Classes, size: int = 8) -> Masks:
    """Return masks with ignored targets and predictions that are no class."""
    random = np.random.default_rng(seed)
    labels = [*classes.labels, IGNORED]
    preds = [*(classes.pred_labels or classes.labels), IGNORED]
    return [(random.choice(preds, size), random.choice(labels, size)) for _ in range(images)]


def evaluation_of(pairs: Masks, classes: Classes, names: list[str] | None = None) -> Evaluation:
    """Return the evaluation of masks, named img0, img1, … if not otherwise."""
    names = [f"img{i}" for i in range(len(pairs))] if names is None else names
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`pred` holds the label 9 ", SegscoreWarning)
        return evaluated(classes, dict(zip(names, pairs, strict=True)))


def ratio(part: float, whole: float) -> float:
    """Return the quotient, NaN for 0/0."""
    return part / whole if whole else float("nan")


def binary(pred: npt.ArrayLike, target: npt.ArrayLike, scored: npt.ArrayLike) -> dict[str, float]:
    """Return the scores of bool masks by pixels."""
    p, t = np.asarray(pred) & scored, np.asarray(target) & scored
    tp, both = int((p & t).sum()), int(p.sum()) + int(t.sum())
    return {
        "iou": ratio(tp, int((p | t).sum())),
        "dice": ratio(2 * tp, both),
        "precision": ratio(tp, int(p.sum())),
        "recall": ratio(tp, int(t.sum())),
    }
