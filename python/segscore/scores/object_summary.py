"""What became of objects in words: a table of classes, and plain values."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from segscore.base.values import Floats
from segscore.base.wording import capital, many, visible
from segscore.counts.measures import Measures
from segscore.counts.objects import IGNORE, PRED, TARGET, UNVERIFIED, Objects
from segscore.scores import metrics
from segscore.scores.average_precision import PRECISION_CONVENTIONS, sizes_of
from segscore.scores.matching import ANY, Outcomes, Threshold
from segscore.scores.metric import METRICS
from segscore.scores.object_numbers import (
    AGGREGATED,
    BOUNDARY_PQ,
    SHOWN_IOU,
    OfAggregate,
    OfCurves,
    OfObjects,
    curves_shown,
    object_number,
    object_title,
    objects_shown,
)
from segscore.scores.panoptic import PanopticMeans, PanopticScores, quality
from segscore.scores.precision_asked import OF_AN_IMAGE, Asked, beyond_image
from segscore.scores.shapes import Shapes
from segscore.scores.weighted_iou import OfWeights
from segscore.text.numbers import DASH, brief, number, plain
from segscore.text.summary import MAX_ROWS, Headline, Section

_PARTS = ("all", "things", "stuff")
_NOTHING = "There are no objects."
_SAID = 3
"""Numbers of the whole that the sentence has: means of PQ, or those of average precision."""


def matched_at(measures: Measures) -> Threshold:
    """Return from where on objects match that outputs list: from half on, or above it as PQ has it."""
    return Threshold(SHOWN_IOU[0]) if measures.instances == "detections" else Threshold()


def object_headlines(shapes: Shapes) -> tuple[Headline, ...]:
    """Return the numbers of the whole that stand out: the first, and means of PQ, also of bands, or all."""
    names = objects_shown(shapes.measures, shapes.classes)
    if shapes.measures.instances == "panoptic":
        means = ("pq", BOUNDARY_PQ)
        first, *others = names
        names = [first, *(name for name in others if METRICS[name.partition("@")[0]].mean_of in means)]
    made = []
    for number_of in names:
        asked = _of_whole(number_of)
        value = asked.of_shapes(shapes)
        why = asked.metric.undefined if math.isnan(value) else ""
        made.append(Headline(number_of, object_title(asked, shapes.classes), number(value, 6), why))
    return tuple(made)


def _of_whole(name: str) -> OfObjects | OfAggregate | OfCurves:
    """Return a number of all classes by its name."""
    metric, _, at = name.partition("@")
    found = object_number(name, METRICS[metric], None, at or None)
    assert not isinstance(found, OfWeights)  # which needs pixels of classes as well, and is not shown
    return found


def object_verdict(shapes: Shapes) -> str:
    """Return the first of these numbers as a sentence; nothing where objects were not told apart."""
    values = [
        f"{capital(one.label)} {brief(float(one.value))}"
        if i == 0
        else f"{one.label.removeprefix('mean ').removeprefix('PQ of ')} {brief(float(one.value))}"
        for i, one in enumerate(object_headlines(shapes)[:_SAID])
        if one.value != DASH
    ]
    if not shapes.measures.instances:
        return ""
    if not values:
        crowds = _crowds_alone(shapes.matching.objects)
        if crowds == 1:
            return "The only object of targets is a crowd, which does not count."
        return f"All {crowds:,} objects of targets are crowds, which do not count." if crowds else _NOTHING
    first, *others = values
    return f"{first} ({', '.join(others)})." if others else f"{first}."


def _crowds_alone(objects: Objects) -> int:
    """Return how many crowds targets have, if they have nothing else; 0 if they do.

    CVAT writes each mask that was painted, and not outlined, as a crowd of COCO.
    """
    crowd = objects.crowd[(objects.side == TARGET) & ~objects.without_mask]
    return len(crowd) if crowd.all() else 0


def object_coverage(shapes: Shapes) -> str:
    """Return over how many classes means of objects are."""
    found = shapes.matching.at(Threshold())
    there = (found.tp + found.fp + found.fn).any(axis=0) & shapes.classes.in_mean
    return f"mean over {np.count_nonzero(there):,} of {many(len(shapes.classes), 'class')} with an object"


def object_sections(shapes: Shapes) -> Iterator[Section]:
    """Yield the table of objects by class, where these were told apart."""
    if not shapes.measures.instances:
        return
    is_panoptic = shapes.measures.instances != "detections"
    if not is_panoptic:
        yield _curves(shapes)
    above = shapes.matching.at(matched_at(shapes.measures))
    columns = scores_of_classes(shapes)
    counts = [one.sum(axis=0) for one in (above.tp, above.fn, above.fp)]
    there = np.flatnonzero(sum(counts))
    rows = tuple(
        (
            visible(shapes.classes.names[i]),
            *(number(float(values[i])) for values in columns.values()),
            *(f"{of[i]:,}" for of in counts),
        )
        for i in there[:MAX_ROWS].tolist()
    )
    if rows:
        facts = (*_means(shapes.panoptic), _cells_text(shapes)) if is_panoptic else ()
        titles = ("class", *map(_column_title, columns), "matched", "missed", "invented")
        yield Section("objects", titles, rows, (*facts, objects_text(shapes)))


def _curves(shapes: Shapes) -> Section:
    columns = curve_columns(shapes)
    told = tuple(_curve_facts(shapes.matching.objects, shapes.asked))
    return Section(
        "average precision and recall", tuple(columns), tuple(zip(*columns.values(), strict=True)), told
    )


def curve_columns(shapes: Shapes) -> dict[str, list[str]]:
    """Return the columns of the table of what the convention prints, by their titles."""
    lines = shapes.average_precision().lines
    convention = PRECISION_CONVENTIONS[shapes.asked.convention]
    columns = {
        "score": [one.name for one in lines],
        "IoU": [one.iou for one in lines],
        "area": [one.area for one in lines],
        "classes": [one.classes for one in lines],
        "detections": [str(one.detections) for one in lines],
        convention.title: [number(one.value) for one in lines],
    }
    return {title: column for title, column in columns.items() if title not in convention.unsaid}


def _curve_facts(objects: Objects, asked: Asked) -> Iterator[str]:
    """Yield what average precision makes of objects that its reader may take otherwise."""
    if asked.convention == "lvis":
        yield from _lvis_facts(objects)
    if asked.convention != "coco":
        return
    targets = (objects.side == TARGET) & ~objects.without_mask
    by_file, by_mask = (sizes_of(column[targets]) for column in (objects.area, objects.pixels))
    moved = int((by_file != by_mask).any(axis=1).sum())
    if moved:
        told = many(moved, "target")
        yield f"{told} of another size by the mask than by the area of the file, which counts"
    ignored = int(np.count_nonzero((objects.side == TARGET) & ((objects.flags & IGNORE) > 0)))
    if ignored and not asked.heed_ignore:
        yield f"{many(ignored, 'target')} with `ignore` counted, as COCO's own tool does not heed it"
    preds = (objects.side == PRED) & ~objects.without_mask
    of_one = np.unique(np.stack([objects.image[preds], objects.label[preds]]), axis=1, return_counts=True)[1]
    beyond = int(np.maximum(of_one - asked.detections[-1], 0).sum())
    if beyond:
        first = f"the first {asked.detections[-1]} of a class in an image"
        yield f"{many(beyond, 'prediction')} beyond {first} not scored, as by COCO's own tool"


def _lvis_facts(objects: Objects) -> Iterator[str]:
    preds = objects.side == PRED
    facts = (
        (preds & ((objects.flags & UNVERIFIED) > 0), "of a class that nobody looked for in its image"),
        (beyond_image(objects), f"beyond the first {OF_AN_IMAGE} of an image"),
    )
    for which, what in facts:
        if which.any():
            told = many(int(np.count_nonzero(which)), "prediction")
            yield f"{told} {what} not scored, as by LVIS' own tool"


def objects_text(shapes: Shapes) -> str:
    """Return what became of all objects, in one sentence."""
    above = matched_at(shapes.measures)
    objects, found = shapes.matching.objects, shapes.matching.at(above)
    from_where = "above" if above.iou is None else "from"
    masks = ~objects.without_mask
    left_out = shapes.matching.uncounted & (objects.side == TARGET) & masks
    targets = int(np.count_nonzero((objects.side == TARGET) & masks)) - int(np.count_nonzero(left_out))
    crowds = int(np.count_nonzero(objects.crowd & masks))
    preds = int(np.count_nonzero((objects.side == PRED) & masks))
    matched, invented = len(found.matches.iou), len(found.invented)
    excused = preds - matched - invented
    split, merged = len(shapes.matching.split()), len(shapes.matching.merged())
    told = [
        f"{matched:,} of {many(targets, 'object')} of targets matched {from_where} an IoU of 0.5, "
        f"{len(found.missed):,} missed",
        f"{invented:,} of {many(preds, 'object')} of predictions invented",
    ]
    where = PRECISION_CONVENTIONS[shapes.asked.convention].excused
    told += [f"{excused:,} {where} not counted"] if excused else []
    told += [f"{many(split, 'target')} split, {many(merged, 'prediction')} merged"] if split or merged else []
    alone = ", and nothing else: a single object has `iscrowd` 0" if _crowds_alone(objects) else ""
    told += [f"{many(crowds, 'crowd')} in targets{alone}"] if crowds else []
    if shapes.measures.components:
        untouched = shapes.matching.at(Threshold.of(ANY))
        lone = many(len(untouched.missed), "object")
        told += [f"{lone} of targets and {len(untouched.invented):,} of predictions without any overlap"]
    ignored = int(np.count_nonzero(left_out & ~objects.crowd))
    told += [f"{many(ignored, 'target')} with `ignore` not counted"] if ignored else []
    boxes = len(masks) - int(np.count_nonzero(masks))
    told += [f"{many(boxes, 'object')} with a box and no mask left out"] if boxes else []
    other = int(np.count_nonzero((objects.side == TARGET) & (objects.area != objects.pixels)))
    if shapes.measures.instances == "panoptic" and other:
        told += [f"{many(other, 'target')} with another area in the file, by which COCO's own tool goes"]
    return "; ".join(told)


def _means(panoptic: PanopticScores) -> Iterator[str]:
    for part in _PARTS if panoptic.stuff_classes.any() else _PARTS[:1]:
        means: PanopticMeans = getattr(panoptic, part)
        of = "" if part == "all" else f" of {part}"
        yield (
            f"mean PQ{of} {number(means.mean_pq, 6)}, SQ {number(means.mean_sq, 6)}, "
            f"RQ {number(means.mean_rq, 6)}, over {many(means.classes, 'class')}"
        )


def scores_of_classes(shapes: Shapes) -> dict[str, Floats]:
    """Return the scores of each class that outputs show, float64 (K,), by their names without a class.

    What is judged by stands first.
    """
    shown = _curves_of_classes(shapes)
    if shapes.measures.instances != "detections":
        above = shapes.matching.at(matched_at(shapes.measures))
        shown = {kind: of_classes(kind, above) for kind in ("pq", "sq", "rq")} | _of_bands(shapes)
    shown |= _f1_of_classes(shapes)
    first = objects_shown(shapes.measures, shapes.classes)[0].removeprefix("mean_")
    return {first: shown[first], **shown}


def _of_bands(shapes: Shapes) -> dict[str, Floats]:
    """Return the panoptic quality of bands of each class, float64 (K,), where these were measured."""
    if shapes.measures.band is None:
        return {}
    return {BOUNDARY_PQ: of_classes("pq", shapes.matching_of_bands.at(Threshold()))}


def _column_title(name: str) -> str:
    """Return the title of a column of scores of classes, such as AP or F1@0.5."""
    kind, at, iou = name.partition("@")
    return f"{METRICS[kind].label}{at}{iou}"


def _f1_of_classes(shapes: Shapes) -> dict[str, Floats]:
    """Return the F1 of each class at the thresholds that are shown, float64 (K,)."""
    at = (ANY, SHOWN_IOU[0]) if shapes.measures.components else SHOWN_IOU
    return {f"f1@{iou}": of_classes("f1", shapes.matching.at(Threshold.of(iou))) for iou in at}


def _curves_of_classes(shapes: Shapes) -> dict[str, Floats]:
    """Return the average precisions of each class, float64 (K,), where masks are detections."""
    if shapes.measures.instances != "detections":
        return {}
    columns = {}
    for kind in curves_shown(shapes.measures):
        of_class = [object_number(kind, METRICS[kind], i, None) for i in range(len(shapes.classes))]
        columns[kind] = np.array([one.of_shapes(shapes) for one in of_class if isinstance(one, OfCurves)])
    return columns


def of_classes(kind: str, found: Outcomes) -> Floats:
    """Return a score of each class, of all images, float64 (K,)."""
    return quality(kind, *(one.sum(axis=0) for one in (found.iou, found.tp, found.fp, found.fn)))


def objects_dict(shapes: Shapes) -> dict[str, Any]:
    """Return what became of objects, in plain Python values; nothing where none were told apart."""
    if shapes.measures.instances == "detections":
        return {"detections": _detections_dict(shapes)}
    if not shapes.measures.instances:
        return {}
    panoptic = shapes.panoptic
    columns = {
        **panoptic.columns(),
        **_of_bands(shapes),
        **_f1_of_classes(shapes),
        **_of_cells(shapes),
    }
    return {
        "panoptic": {
            **{part: _means_dict(shapes, part) for part in _PARTS},
            "split": len(shapes.matching.split()),
            "merged": len(shapes.matching.merged()),
            "per_class": _row_of_each(columns),
        }
    }


def _detections_dict(shapes: Shapes) -> dict[str, Any]:
    found = shapes.matching.at(matched_at(shapes.measures))
    columns = {
        "name": np.array(shapes.classes.names, dtype=object),
        **_curves_of_classes(shapes),
        **_f1_of_classes(shapes),
        **{name: getattr(found, name).sum(axis=0) for name in ("tp", "fp", "fn")},
    }
    return {
        shapes.asked.convention: shapes.average_precision().to_dict()["lines"],
        "split": len(shapes.matching.split()),
        "merged": len(shapes.matching.merged()),
        "per_class": _row_of_each(columns),
    }


def _row_of_each(columns: Mapping[str, npt.NDArray[Any]]) -> list[dict[str, Any]]:
    """Return columns of classes as a row of plain Python values for each."""
    rows = zip(*(plain(values) for values in columns.values()), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _of_cells(shapes: Shapes) -> dict[str, Floats]:
    """Return what microscopy asks for of each class, float64 (K,)."""
    least = SHOWN_IOU[0]
    found = {f"object_accuracy@{least}": of_classes("object_accuracy", shapes.matching.at(Threshold(least)))}
    for name, once in AGGREGATED.items():
        shared, union = (one.sum(axis=0) for one in shapes.matching.aggregated(once=once))
        found[name] = metrics.ratio(shared, union)
    return found


def _cells_text(shapes: Shapes) -> str:
    """Return the means of these over classes as one line."""
    told = []
    for name in (f"mean_object_accuracy@{SHOWN_IOU[0]}", *(f"mean_{one}" for one in AGGREGATED)):
        asked = _of_whole(name)
        label = object_title(asked, shapes.classes).removeprefix("mean ")
        told.append(f"{label} {number(asked.of_shapes(shapes), 6)}")
    return f"mean {', '.join(told)}"


def _means_dict(shapes: Shapes, part: str) -> dict[str, Any]:
    means: PanopticMeans = getattr(shapes.panoptic, part)
    found = {name: plain(getattr(means, name)) for name in ("mean_pq", "mean_sq", "mean_rq", "classes")}
    if shapes.measures.band is None:
        return found
    mean = f"mean_{BOUNDARY_PQ}"
    number_of = _of_whole(mean if part == "all" else f"{mean}_{part}")
    return {**found, mean: plain(number_of.of_shapes(shapes))}


def object_columns(shapes: Shapes) -> dict[str, Floats]:
    """Return the numbers of objects in each image under their names, float64 (n,) each."""
    if shapes.measures.instances in ("", "detections"):
        return {}
    images = shapes.panoptic.images
    of_classes = {f"pq.{name}": images.pq[:, i] for i, name in enumerate(shapes.classes.names)}
    found = {"mean_pq": images.mean_pq, **of_classes}
    if shapes.measures.band is not None:
        bands = shapes.matching_of_bands.at(Threshold())
        pq = quality("pq", bands.iou, bands.tp, bands.fp, bands.fn)
        found[f"mean_{BOUNDARY_PQ}"] = metrics.class_mean(pq, shapes.classes.in_mean)
        found |= {f"{BOUNDARY_PQ}.{name}": pq[:, i] for i, name in enumerate(shapes.classes.names)}
    return found
