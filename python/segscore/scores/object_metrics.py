"""The metrics of objects: how many are found, and how well these fit."""

from collections.abc import Iterator

from segscore.base.values import Floats
from segscore.errors import ArgumentError
from segscore.scores.metric_row import ABSENT, Counts, Metric

_NO_OBJECT = "neither target nor prediction has an object of it"
_NO_TARGET = "no target has an object of it"
_PARTS = {"": "", "_things": " of things", "_stuff": " of stuff"}


def _no_counts(_: Counts) -> Floats:
    raise ArgumentError(
        "objects are told apart in images, and counts of pixels do not tell them",
        "an evaluation holds what was measured: `ev.metric`, `ev.check`",
    )


def _rows(
    name: str,
    label: str,
    explained: str,
    parts: tuple[str, ...] = ("",),
    *,
    undefined: str = _NO_OBJECT,
    apart: bool = False,
) -> Iterator[Metric]:
    """Yield the metric of a class, and its means over classes."""
    yield Metric(
        name,
        label,
        "class",
        _no_counts,
        undefined,
        explained,
        needs="objects",
        apart=apart,
        rational=False,
    )
    for part in parts:
        yield Metric(
            f"mean_{name}{part}",
            f"mean {label}{_PARTS[part]}",
            "whole",
            _no_counts,
            ABSENT,
            f"{explained}, mean over classes{_PARTS[part]} that means take in",
            mean_of=name,
            needs="objects",
            apart=apart,
            rational=False,
        )


OBJECTS = (
    *_rows(
        "pq", "PQ", "panoptic quality: recognition quality times segmentation quality", (*_PARTS,), apart=True
    ),
    *_rows("sq", "SQ", "segmentation quality: mean IoU of the objects that match", (*_PARTS,), apart=True),
    *_rows(
        "rq",
        "RQ",
        "recognition quality: F1 of objects that match above an IoU of 0.5",
        (*_PARTS,),
        apart=True,
    ),
    *_rows(
        "ap",
        "AP",
        "average precision of masks: of the predictions by falling score, the mean of the precision over "
        "recalls and over IoU from 0.5 to 0.95",
        undefined=_NO_TARGET,
    ),
    *_rows("ap50", "AP50", "the same at an IoU of 0.5", undefined=_NO_TARGET),
    *_rows("ap75", "AP75", "the same at an IoU of 0.75", undefined=_NO_TARGET),
    *_rows(
        "boundary_pq",
        "boundary PQ",
        "PQ, where the IoU of two objects is that of the bands along their borders, if that is less",
        (*_PARTS,),
        apart=True,
    ),
    *_rows(
        "boundary_ap",
        "boundary AP",
        "COCO's average precision, where the IoU of two objects is that of the bands along their borders, if "
        "that is less",
        undefined=_NO_TARGET,
    ),
    *_rows("boundary_ap50", "boundary AP50", "the same at an IoU of 0.5", undefined=_NO_TARGET),
    *_rows("boundary_ap75", "boundary AP75", "the same at an IoU of 0.75", undefined=_NO_TARGET),
    *_rows(
        "iiou",
        "iIoU",
        "IoU of pixels in which each object weighs as much as the mean one of its class in Cityscapes",
        undefined="no pixel is of an object of it or predicted as it, or Cityscapes tells no mean size of it",
        apart=True,
    ),
    *_rows("f1", "F1", "harmonic mean of object precision and object recall"),
    *_rows("object_precision", "object precision", "share of the predicted objects that match a target"),
    *_rows("object_recall", "object recall", "share of the targets' objects that a prediction matches"),
    *_rows(
        "object_accuracy",
        "object accuracy",
        "share of matches among all objects, those of both sides that match counted once: what microscopy "
        "calls average precision",
    ),
    *_rows(
        "aji",
        "AJI",
        "aggregated Jaccard index: pixels that targets share with the predictions of the highest IoU, over "
        "those of their unions and of all objects that are left",
        apart=True,
    ),
    *_rows(
        "aji_plus", "AJI+", "the same with each prediction taken once, for the highest sum of IoU", apart=True
    ),
)
"""All metrics of objects, in the order in which they are shown."""
