"""Results as JSON: every number unrounded, under the name that it has in Python.

Undefined is ``null``, because JSON has no NaN; counts stay integers. The pair counts of each image are not
part of it: they have files of their own.
"""

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from segscore.auditing.text import finding_dict
from segscore.scores.summary import DERIVED
from segscore.text.numbers import plain

if TYPE_CHECKING:
    from segscore.results.evaluated import Evaluation
    from segscore.scores.measured import Scores

SCHEMA = 1
"""Version of the keys and their meaning."""
_MAX_MATRIX = 256
"""Most classes whose confusion matrix is written: its size grows with their square."""


def scores_dict(scores: "Scores") -> dict[str, Any]:
    """Return scores as a dict of plain Python values; undefined scores are None.

    Parameters
    ----------
    scores : Scores
        The scores.

    Returns
    -------
    dict
        The scores under their names; ``pixels``, ``ignored`` and ``missed`` in pixels; ``images_scored``,
        None where it is not known; ``foreground_iou`` and ``foreground_dice``, None unless the task is
        binary; ``per_class``, a list with one dict a class, whose ``pixels`` are those of the target.
    """
    columns = class_columns(scores)
    rows = zip(*(plain(values) for values in columns.values()), strict=True)
    result = {
        "classes": scores.classes.name,
        "images_scored": scores.images,
        "pixels": scores.pixels,
        "ignored": scores.ignored,
        "missed": int(scores.missed.sum()),
        "foreground_iou": scores.foreground_iou,
        "foreground_dice": scores.foreground_dice,
        "mean_iou": scores.mean_iou,
        "mean_dice": scores.mean_dice,
        "mean_accuracy": scores.mean_accuracy,
        "pixel_accuracy": scores.pixel_accuracy,
        "frequency_weighted_iou": scores.frequency_weighted_iou,
        "kappa": scores.kappa,
        "mcc": scores.mcc,
        "absent": scores.absent,
        "only_predicted": scores.only_predicted,
    }
    found: dict[str, Any] = plain(result)
    found["per_class"] = [dict(zip(columns, row, strict=True)) for row in rows]
    return found


def class_columns(scores: "Scores") -> dict[str, npt.NDArray[Any]]:
    """Return what there is to say about each class, as arrays (K,); ``pixels`` are those of the target."""
    classes = scores.classes
    return {
        "name": np.array(classes.names, dtype=object),
        "label": np.array(classes.labels),
        "present": scores.present,
        "in_mean": classes.in_mean,
        "iou": scores.iou,
        "dice": scores.dice,
        "precision": scores.precision,
        "recall": scores.recall,
        "specificity": scores.specificity,
        "pixels": scores.target,
        "tp": scores.tp,
        "pred": scores.pred,
        "missed": scores.missed,
    }


def evaluation_dict(evaluation: "Evaluation", *, version: str) -> dict[str, Any]:
    """Return an evaluation as a dict of plain Python values; undefined scores are None.

    Parameters
    ----------
    evaluation : Evaluation
        The evaluation.
    version : str
        The version of segscore.

    Returns
    -------
    dict
        What `scores_dict` returns, and what is to be said of the images. ``failures`` lists every image
        that could not be scored, ``extra`` every prediction without a target, ``findings`` what an audit of
        the counts finds, without its evidence; ``derived`` says what a
        selection, a group or merged classes were made from, and is empty otherwise. ``counts`` is the
        confusion matrix in pixels, K lists of K integers, rows are targets and columns predictions; None for
        more than 256 classes. ``images`` has one dict an image, in the order of the names: ``name``,
        scored ``pixels``, ``mean_iou`` and ``pixel_accuracy``.
    """
    about_images: dict[str, Any] = {
        "images_scored": len(evaluation.names),
        "images_requested": evaluation.requested,
        "mean_image_iou": evaluation.mean_image_iou,
        "resized": evaluation.resized,
        "failures": [{"name": f.name, "message": f.message, "hint": f.hint} for f in evaluation.failures],
        "extra": evaluation.extra,
        "findings": [finding_dict(finding) for finding in evaluation.findings],
        "derived": {key: evaluation.provenance[key] for key in DERIVED if key in evaluation.provenance},
        "unknown_predictions": [
            {"value": value, "pixels": pixels, "first_image": name}
            for value, pixels, name in evaluation.unknown_predictions
        ],
    }
    images = evaluation.images
    columns = (images.name, images.pixels, images.mean_iou, images.pixel_accuracy)
    rows = zip(*(plain(column) for column in columns), strict=True)
    keys = ("name", "pixels", "mean_iou", "pixel_accuracy")
    return {
        "schema": SCHEMA,
        "segscore": version,
        **{key: plain(value) for key, value in about_images.items()},
        **{k: v for k, v in scores_dict(evaluation.scores).items() if k != "images_scored"},
        "counts": plain(evaluation.confusion.counts) if len(evaluation.classes) <= _MAX_MATRIX else None,
        "images": [dict(zip(keys, row, strict=True)) for row in rows],
    }


def to_json(values: dict[str, Any]) -> str:
    """Return a dict as strictly valid JSON in ASCII: NaN becomes null, infinity is a ValueError.

    Examples
    --------
    >>> print(to_json({"iou": np.array([0.5, np.nan]), "pixels": 3}))
    {
      "iou": [
        0.5,
        null
      ],
      "pixels": 3
    }
    """
    return json.dumps(plain(values), indent=2, allow_nan=False)
