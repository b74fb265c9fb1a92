"""What was measured of shapes in words: tables of classes, and plain values."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from segscore.base.values import Floats
from segscore.base.wording import many, visible
from segscore.counts.distance_options import shown_number
from segscore.counts.image_spacings import Spacings
from segscore.counts.measures import HEADER, Measures
from segscore.counts.widths import shown_width
from segscore.scores.boundaries import BoundaryScores
from segscore.scores.boundary_errors import BoundaryErrors, Place
from segscore.scores.metric import METRICS
from segscore.scores.object_summary import object_columns, object_sections, objects_dict
from segscore.scores.shapes import Shapes
from segscore.scores.surfaces import DISTANCES, SurfaceScores
from segscore.text.numbers import DASH, number, percent, plain
from segscore.text.summary import MAX_ROWS, Section

_SHOWN = ("hd", "hd95", "assd")
"""Those that tables have room for."""
_WRONG = ("wrong near", "wrong inside", "in missed", "in invented")
"""Titles of wrong pixels in the order of `PLACES`."""


def sections(shapes: Shapes) -> tuple[Section, ...]:
    """Return tables of objects, boundaries, kinds of errors, and surfaces, of those that were measured."""
    return (
        *object_sections(shapes),
        *_boundaries(shapes),
        *_errors(shapes),
        *_segments(shapes),
        *_surfaces(shapes),
    )


def shapes_dict(shapes: Shapes) -> dict[str, Any]:
    """Return what was measured, in plain Python values; nothing where nothing was."""
    found = objects_dict(shapes)
    if shapes.measures.boundary:
        found["boundary"] = [_boundary_dict(shapes.boundary.at(w)) for w in shapes.measures.boundary]
    if shapes.measures.distances:
        found["surface"] = _surface_dict(shapes.surface)
    return found


def image_columns(shapes: Shapes) -> dict[str, Floats]:
    """Return the numbers of each class in each image under their names, float64 (n,) each."""
    found = object_columns(shapes)
    names = shapes.classes.names
    if shapes.measures.boundary:
        iou = shapes.boundary.images.iou
        found |= {f"boundary_iou.{name}": iou[:, i] for i, name in enumerate(names)}
    if shapes.measures.distances:
        surface, images = shapes.surface, shapes.surface.images
        of_images = {
            **{
                f"surface_dice.{{}}@{shown_number(tau)}": images.dice(tau)
                for tau in shapes.measures.tolerances
            },
            **{f"{kind}.{{}}": images.distance(kind) for kind in DISTANCES},
        }
        for i in surface.measured.tolist():
            found |= {key.format(names[i]): values[:, i] for key, values in of_images.items()}
    return found


def _boundaries(shapes: Shapes) -> Iterator[Section]:
    if not shapes.measures.boundary:
        return
    by_width = [shapes.boundary.at(width) for width in shapes.measures.boundary]
    titles = [f"boundary IoU {_width(one.width)}" for one in by_width]
    columns = [np.asarray(one.iou) for one in by_width]
    if len(by_width) == 1:
        titles = ["boundary IoU", "lower of it and IoU", "trimap IoU"]
        columns += [np.asarray(by_width[0].min_iou), np.asarray(by_width[0].trimap_iou)]
    rows = tuple(
        (visible(name), *(number(float(values[i])) for values in columns))
        for i, name in list(enumerate(shapes.classes.names))[:MAX_ROWS]
    )
    facts = tuple(
        f"mean boundary IoU {number(one.mean_iou, 6)}, in a band of {shown_width(one.width)}"
        for one in by_width
    )
    yield Section("boundaries", ("class", *titles), rows, facts)


def _errors(shapes: Shapes) -> Iterator[Section]:
    if not shapes.measures.boundary:
        return
    errors = shapes.boundary.errors
    of_near, of_inside = errors.near_rate, errors.inside_rate
    places = len(errors.places)
    titles = ("class", *_WRONG[:places], "of all near", "of all inside", "inside called")
    rows = tuple(
        (
            visible(name),
            *(f"{pixels:,}" for pixels in errors.wrong[:places, i].tolist()),
            number(float(of_near[i])),
            number(float(of_inside[i])),
            called_text(errors, i, "inside"),
        )
        for i, name in list(enumerate(shapes.classes.names))[:MAX_ROWS]
        if errors.pixels[:, i].any()
    )
    if rows:
        yield Section("boundary or region", titles, rows, (errors_text(errors),))


def errors_text(errors: BoundaryErrors) -> str:
    """Return where wrong pixels are, in one sentence."""
    if not errors.total:
        return "no pixel is wrong"
    near, inside, missed, invented = errors.wrong.sum(axis=1).tolist()
    text = (
        f"{near:,} of {many(errors.total, 'wrong pixel')} ({percent(near, errors.total)}) are near: up to "
        f"{shown_width(errors.width)} from a border of their target class"
    )
    if not errors.has_segments:
        return text
    return f"{text}; {inside:,} are inside, {missed:,} in missed segments, {invented:,} in invented ones"


def _segments(shapes: Shapes) -> Iterator[Section]:
    if not shapes.measures.segments:
        return
    errors = shapes.boundary.errors
    counted = (errors.target_segments, errors.missed_segments, errors.pred_segments, errors.invented_segments)
    titles = ("class", "of targets", "missed", "called", "of predictions", "invented", "on")
    rows = []
    for i, name in list(enumerate(shapes.classes.names))[:MAX_ROWS]:
        of_target, missed, of_pred, invented = (int(column[i]) for column in counted)
        if of_target or of_pred:
            of_targets = f"{of_target:,}", f"{missed:,}", called_text(errors, i, "missed")
            rows.append((visible(name), *of_targets, f"{of_pred:,}", f"{invented:,}", on_text(errors, i)))
    if rows:
        yield Section("segments", titles, tuple(rows), (segments_text(errors),))


def segments_text(errors: BoundaryErrors) -> str:
    """Return how many segments are missed and invented, in one sentence."""
    of_target, missed, of_pred, invented = (
        int(column.sum())
        for column in (
            errors.target_segments,
            errors.missed_segments,
            errors.pred_segments,
            errors.invented_segments,
        )
    )
    return (
        f"{missed:,} of {many(of_target, 'segment')} of targets are missed, {invented:,} of {of_pred:,} of "
        "predictions invented: no pixel of them has their class on the other side"
    )


def called_text(errors: BoundaryErrors, index: int, place: Place) -> str:
    """Return what most wrong pixels of a class there are called, a dash where none is wrong."""
    return _first(errors, errors.called(index, place))


def on_text(errors: BoundaryErrors, index: int) -> str:
    """Return which class most pixels have where segments of a class are invented, a dash where none is."""
    return _first(errors, errors.lies_on(index))


def _first(errors: BoundaryErrors, found: Sequence[tuple[int, int]]) -> str:
    return visible((*errors.classes.names, "no class")[found[0][0]]) if found else DASH


def _width(width: float) -> str:
    return shown_width(width).removesuffix(" of the diagonal").replace(" ", "")


def _surfaces(shapes: Shapes) -> Iterator[Section]:
    if not shapes.measures.distances:
        return
    surface, unit = shapes.surface, shapes.measures.unit
    dice = {tau: surface.dice(tau) for tau in shapes.measures.tolerances}
    means = {kind: surface.mean_distance(kind) for kind in DISTANCES}
    titles = (
        "class",
        *(f"Dice@{shown_number(tau)}{unit}" for tau in dice),
        *(f"{METRICS[kind].label} {unit}" for kind in _SHOWN),
        "missed",
        "invented",
    )
    missed, invented = surface.missed, surface.invented
    rows = tuple(
        (
            visible(shapes.classes.names[i]),
            *(number(float(values[i])) for values in dice.values()),
            *(number(float(means[kind].per_class[i]), METRICS[kind].digits) for kind in _SHOWN),
            f"{missed[i]:,}",
            f"{invented[i]:,}",
        )
        for i in surface.measured.tolist()[:MAX_ROWS]
    )
    hd95 = means["hd95"]
    facts = (
        *(
            f"mean surface Dice at {shown_number(tau)} {unit} {number(surface.mean_dice(tau), 6)}"
            for tau in dice
        ),
        *(f"mean {METRICS[kind].label} {number(mean.value, 6)} {unit}" for kind, mean in means.items()),
        f"distances: {hd95.counted}; surface Dice: of all surfaces together",
        said(shapes.measures, shapes.spacings),
    )
    yield Section("surfaces", titles, rows, facts)


def said(measures: Measures, spacings: Spacings | None = None) -> str:
    """Return what distances are of, in words, with the spacings of images where these are given."""
    made_of = "voxels beside another label" if measures.surface == "voxels" else "areas between voxels"
    bound = "" if measures.within is None else f"; beyond {measures.within:g} {measures.unit} infinitely far"
    own = "" if spacings is None else _spacings(measures, spacings)
    return f"surfaces of {made_of}, in {measures.unit} ({own or measures.said_spacing}){bound}"


def _spacings(measures: Measures, spacings: Spacings) -> str:
    """Return which spacings images have, whatever was given for most of them; empty without images."""
    if not len(spacings.steps):
        return ""
    low, high = (of(spacings.steps, axis=0).tolist() for of in (np.min, np.max))
    own = measures.spacing == HEADER or low != high
    steps = zip(low, high, strict=True)
    shown = " x ".join(f"{a:g}" if a == b else f"{a:g} to {b:g}" for a, b in steps)
    return f"{'each image with its own spacing,' if own else 'spacing'} {shown} mm"


def _boundary_dict(boundary: BoundaryScores) -> dict[str, Any]:
    return {
        "width": boundary.width,
        "mean_iou": plain(boundary.mean_iou),
        "mean_trimap_iou": plain(boundary.mean_trimap_iou),
        "per_class": _per_class(boundary.columns()),
        "errors": _errors_dict(boundary.errors),
    }


def _errors_dict(errors: BoundaryErrors) -> dict[str, Any]:
    """Return wrong pixels by class, and what they are called, most first; None is no class."""

    def called(i: int, place: Place) -> list[dict[str, Any]]:
        found = errors.called(i, place)
        return [{"called": [*errors.classes.names, None][at], "pixels": pixels} for at, pixels in found]

    wrong, pixels = errors.wrong.tolist(), errors.pixels.tolist()
    found: dict[str, Any] = {
        place: {
            "wrong": sum(wrong[i]),
            "per_class": [
                {
                    "name": name,
                    "wrong": wrong[i][at],
                    "pixels": pixels[i][at],
                    "called": called(at, place),
                }
                for at, name in enumerate(errors.classes.names)
            ],
        }
        for i, place in enumerate(errors.places)
    }
    if not errors.has_segments:
        return found
    counts = {
        "name": errors.classes.names,
        "target": errors.target_segments,
        "missed": errors.missed_segments,
        "pred": errors.pred_segments,
        "invented": errors.invented_segments,
    }
    return {**found, "segments": _per_class(counts)}


def _surface_dict(surface: SurfaceScores) -> dict[str, Any]:
    measures = surface.measures
    means = {kind: surface.mean_distance(kind) for kind in DISTANCES}
    return {
        "unit": measures.unit,
        "spacing": plain(measures.spacing),
        "surface": measures.surface,
        "within": measures.within,
        "empty": measures.empty,
        "structures_of_both": means["hd95"].both,
        "missed": means["hd95"].missed,
        "invented": means["hd95"].invented,
        **{f"mean_dice@{shown_number(tau)}": plain(surface.mean_dice(tau)) for tau in measures.tolerances},
        **{f"mean_{kind}": plain(mean.value) for kind, mean in means.items()},
        "per_class": _per_class(surface.columns()),
    }


def _per_class(columns: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = zip(*(plain(values) for values in columns.values()), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]
