"""Masks of objects that are given one by one, and may overlap, become objects and what they share."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from segscore._core import Masks, PairCounts
from segscore.base.shown import brief
from segscore.base.values import is_int, is_ordered, real
from segscore.base.wording import many
from segscore.classes.classes import Classes
from segscore.counts.banding import bands_of_masks
from segscore.counts.counted import NO_PAIRS
from segscore.counts.instances import class_of, crowd_of, fault_lines
from segscore.counts.objects import Objects, Overlaps, SideObjects
from segscore.counts.record import Record
from segscore.counts.widths import Width
from segscore.errors import ArgumentError, MaskError

_HINT: Final = (
    "masks are bools (n, height, width); or a list of run lengths, {'size': [height, width], 'counts': …}, "
    "of polygons, [[x, y, x, y, …], …], whose height and width `size` says, or of bools (height, width)"
)


class Side(NamedTuple):
    """What is given of one side."""

    name: str
    masks: Any
    classes: Any
    scores: Any = None


def count_masks(
    classes: Classes,
    target: Side,
    pred: Side,
    size: tuple[int, int] | None = None,
    band: Width | None = None,
) -> tuple[PairCounts, tuple[Record, ...]]:
    """Return no pair counts and the objects of one image; all that is wrong with it is one ArgumentError.

    `InstanceEvaluator.add_masks` says what the sides are.
    """
    shape = _size(size) if size is not None else _size_of(target) or _size_of(pred)
    if shape is None:
        raise ArgumentError("there is no mask that says the size of the image, and no `size`", _HINT)
    faults: list[str] = []
    of_target, of_pred = (_read(side, shape, faults) for side in (target, pred))
    labels = [
        _labels(classes, side, len(masks), faults) for side, masks in ((target, of_target), (pred, of_pred))
    ]
    scores = _scores(pred, len(of_pred), faults)
    if faults:
        raise ArgumentError("\n".join(fault_lines(faults)), _HINT)
    targets, preds = (_objects(*one) for one in zip((of_target, of_pred), labels, strict=True))
    objects = Objects.of_sides(targets, preds._replace(score=np.array(scores)))
    pair = objects, Overlaps.one_image(*of_target.overlaps(of_pred))
    bands = () if band is None else bands_of_masks((of_target, of_pred), pair, band)
    return NO_PAIRS, (*pair, *bands)


def _objects(masks: Masks, classes: tuple[list[int], list[bool]]) -> SideObjects:
    """Return the objects of one side, by the class of each and whether it is a crowd."""
    label, crowd = classes
    places = np.arange(len(masks))
    return SideObjects(
        places, np.array(label, np.int64), masks.pixels(), places, crowd=np.array(crowd, np.bool_)
    )


def _size(given: object) -> tuple[int, int]:
    sides = tuple(given) if is_ordered(given) else ()
    if len(sides) != 2 or not all(is_int(one) and 0 <= one < 1 << 32 for one in sides):
        raise ArgumentError(
            f"`size` is {brief(given)}", "expected the height and the width, such as (480, 640)"
        )
    return int(sides[0]), int(sides[1])


def _size_of(side: Side) -> tuple[int, int] | None:
    """Return the size that the masks of a side say their image has, if any says it."""
    shape = getattr(side.masks, "shape", None)
    if shape is not None and len(shape) == 3:
        return int(shape[1]), int(shape[2])
    first = next(iter(_listed(side)), None)
    shape = first.get("size") if isinstance(first, Mapping) else getattr(first, "shape", None)
    return None if shape is None or isinstance(first, Sequence) else _size(shape)


def _listed(side: Side) -> Sequence[Any]:
    if not is_ordered(side.masks):
        kind = type(side.masks).__name__
        raise ArgumentError(f"`{side.name}` is of type {kind}, expected masks", _HINT)
    return list(side.masks)


def _read(side: Side, size: tuple[int, int], faults: list[str]) -> Masks:
    """Return the masks of a side; what is wrong with them is added to the faults."""
    empty = Masks.of_planes(np.zeros((0, *size), np.bool_))
    if isinstance(side.masks, np.ndarray) and side.masks.ndim == 3:
        if side.masks.dtype != np.bool_:
            faults.append(f"`{side.name}` is of dtype {side.masks.dtype}, expected bool")
        elif side.masks.shape[1:] != size:
            faults.append(_other_size(side.name, side.masks.shape[1:], size))
        else:
            return Masks.of_planes(side.masks)
        return empty
    found: list[Any] = []
    before = len(faults)
    for place, mask in enumerate(_listed(side)):
        name = f"{side.name}[{place}]"
        try:
            one = _given(mask)
        except (TypeError, ValueError, KeyError, OverflowError):
            faults.append(f"`{name}` is {brief(mask)}, which is no mask")
            continue
        if one.size is not None and one.size != size:
            faults.append(_other_size(name, one.size, size))
        found.append(one.content)
    if len(faults) > before:
        return empty
    try:
        return Masks.read(*size, found)
    except MaskError as error:
        faults += [f"`{side.name}`, {line}" for line in error.message.splitlines()]
        return empty


class _Given(NamedTuple):
    size: tuple[int, ...] | None
    content: Any
    """What the core reads."""


def _given(mask: Any) -> _Given:
    """Return what is given as one mask, or raise a TypeError, ValueError, KeyError or OverflowError."""
    if isinstance(mask, Mapping):
        counts, size = mask["counts"], tuple(mask["size"])
        if isinstance(counts, bytes | str):
            return _Given(size, counts.encode() if isinstance(counts, str) else counts)
        lengths = list(counts)
        if not all(map(is_int, [*size, *lengths])):
            raise TypeError
        return _Given(size, np.array(lengths, dtype=np.int64))
    if isinstance(mask, np.ndarray):
        if mask.dtype != np.bool_ or mask.ndim != 2:
            raise TypeError
        return _Given(mask.shape, Masks.of_planes(mask[None]).strings()[0])
    if isinstance(mask, str | bytes):
        raise TypeError
    return _Given(None, [np.array(points, dtype=np.float64).ravel() for points in mask])


def _other_size(name: str, size: tuple[int, ...], other: tuple[int, int]) -> str:
    height_width = " x ".join(map(str, size))
    return f"`{name}` is of {height_width} pixels, expected {other[0]} x {other[1]}"


def _lacking(name: str, found: str, number: int) -> str:
    return f"`{name}` has {found}, expected one for each of {many(number, 'mask')}"


def _labels(classes: Classes, side: Side, number: int, faults: list[str]) -> tuple[list[int], list[bool]]:
    """Return the class of each mask, and which are crowds."""
    name = f"{side.name}_classes"
    given = [*side.classes] if is_ordered(side.classes) else []
    if len(given) != number and not faults:
        faults.append(_lacking(name, many(len(given), "class"), number))
    labels, crowds = [], []
    for place, of in enumerate(given):
        is_crowd = crowd_of(of)
        label = class_of(classes, of[0] if is_crowd else of)
        if label is None:
            faults.append(f"`{name}[{place}]` is {brief(of)}, which is no class")
        elif label < 0:
            faults.append(f"`{name}[{place}]` is {brief(of)}, which is ignored")
        elif is_crowd and side.name == "pred":
            faults.append(f"`{name}[{place}]` is a crowd, which only targets have")
        labels.append(-1 if label is None else label)
        crowds.append(is_crowd)
    return labels, crowds


def _scores(side: Side, number: int, faults: list[str]) -> list[float]:
    """Return the score of each mask; all 0 where none is given."""
    if side.scores is None:
        return [0.0] * number
    given = [*side.scores] if is_ordered(side.scores) else []
    if len(given) != number and not faults:
        faults.append(_lacking("scores", many(len(given), "number"), number))
    found = [real(one) for one in given]
    faults += [
        f"`scores[{place}]` is {brief(one)}, which is no finite number"
        for place, (one, score) in enumerate(zip(given, found, strict=True))
        if score is None
    ]
    return [0.0 if one is None else one for one in found]
