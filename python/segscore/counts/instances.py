"""Maps of ids and the classes of their segments become pair counts, objects and what these share.

A map has one id in each pixel, so that its segments do not overlap. Id 0 is no segment.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np

from segscore._core import PairCounts, count
from segscore.base.naming import arg
from segscore.base.shown import brief, first, first_lines
from segscore.base.values import Bools, Floats, Ints, is_int, real
from segscore.base.wording import many, visible
from segscore.classes.classes import Classes
from segscore.classes.folding import is_background
from segscore.counts.banding import bands_of_maps
from segscore.counts.objects import Objects, Overlaps, Pair, SideObjects
from segscore.counts.record import Record
from segscore.counts.threads import threads_for_array
from segscore.counts.widths import Width
from segscore.errors import ArgumentError, unknown
from segscore.io.arrays import as_labels

Outside: TypeAlias = Literal["void", "background"]
"""What pixels of targets are that belong to no segment."""
ClassOf: TypeAlias = "str | int | tuple[str | int, str]"
"""The class of a segment, by its name or its label value; with "crowd" behind it, of a region of many."""

NO_SEGMENT = 0
_CROWD = "crowd"
_SHOWN = 20
"""Faults of an image that an error lists."""
_HINT = (
    f"every id but {NO_SEGMENT} that has pixels is a segment of some class, and every segment has pixels: "
    '{7: "car", 9: ("person", "crowd")}'
)
_SCORES_HINT = "`scores` has a finite number for each predicted segment: {7: 0.93}"


class Segmented(NamedTuple):
    """The segments of one side, in their order: int64 (m,) each, and which are crowds."""

    id: Ints
    label: Ints
    """The class, 0 to K-1; -1 for what is ignored."""
    crowd: Bools
    score: Floats
    """How sure a model is of each, float64 (m,); 0 where nothing is said."""
    area: Floats | None = None
    """The area that a file says each has, float64 (m,), if one says it."""


Sides: TypeAlias = tuple[Segmented, Segmented]
"""The segments of targets and of predictions."""


def with_outside(classes: Classes, outside: Outside) -> Classes:
    """Return classes in which pixels without a segment have a label: an ignored one, or a background."""
    if outside not in ("void", "background"):
        raise unknown("meaning of pixels outside all segments", outside, ("void", "background"))
    if classes.pred_labels is not None or classes.label_rule is not None:
        raise ArgumentError(
            "the classes have label values of predictions, or a rule of codes; segments name their classes",
            "give classes with one label value each",
        )
    taken = {*classes.class_of, *classes.ignore}
    if outside == "void":
        free = next(label for label in range(255, 1 << 20) if label not in taken)
        return classes if classes.ignore else classes.ignoring(free)  # what is 255 elsewhere
    if any(map(is_background, classes.names)):
        return classes
    free = next(label for label in range(1 << 20) if label not in taken)
    return Classes(
        ("background", *classes.names),
        ((free,), *classes.all_labels),
        ignore=classes.ignore,
        not_in_mean=classes.not_in_mean,
        colours=classes.all_colours,
        name=classes.name,
        title=classes.title,
        note=classes.note,
        source=classes.source,
        ignored_class_labels=classes.ignored_class_labels,
    )


def outside_label(classes: Classes, outside: Outside) -> int:
    """Return the label value of pixels that belong to no segment."""
    if outside == "void":
        return classes.ignore[0]
    return classes.labels[next(i for i, name in enumerate(classes.names) if is_background(name))]


def count_instances(
    classes: Classes,
    *,
    target: object,
    pred: object,
    target_segments: Mapping[int, ClassOf] | None,
    pred_segments: Mapping[int, ClassOf] | None,
    scores: Mapping[int, float] | None,
    outside: Outside,
    band: Width | None = None,
    threads: int | None = None,
) -> tuple[PairCounts, tuple[Record, ...]]:
    """Return what the maps of ids of one image come to; all that is wrong with them is one ArgumentError.

    `InstanceEvaluator.add` says what the arguments are; classes are those of `with_outside`.
    """
    maps = as_labels(target, "target"), as_labels(pred, "pred")
    pairs = count(*maps, threads=threads_for_array(maps[0].size, threads))
    faults: list[str] = []
    of_target, of_pred, _ = pairs.columns()
    if target_segments is None:
        target_segments = _of_one_class(classes, "target_segments", of_target)
    if pred_segments is None:
        pred_segments = _of_one_class(classes, "pred_segments", of_pred)
    targets = _segmented(classes, "target_segments", target_segments, faults, crowds=True)
    preds = _segmented(classes, "pred_segments", pred_segments, faults, crowds=False)
    preds = _with_scores(preds, scores, faults)
    counted, pair = counted_segments(classes, pairs, (targets, preds), outside, faults)
    if band is None:
        return counted, pair
    return counted, (*pair, *bands_of_maps(maps, pair, void_ids(targets, outside), band))


def void_ids(targets: Segmented, outside: Outside) -> Ints:
    """Return the ids of a target whose pixels are void."""
    void = targets.id[targets.label < 0]
    return np.append(void, NO_SEGMENT) if outside == "void" else void


def counted_segments(
    classes: Classes, pairs: PairCounts, sides: Sides, outside: Outside, faults: list[str]
) -> tuple[PairCounts, Pair]:
    """Return pair counts of classes and the objects of one image, of the pair counts of its ids.

    What does not fit is raised with the faults that are known already.
    """
    *ids, pixels = pairs.columns()
    # Targets alone are held against themselves: what is wrong with them is told once.
    told = faults, [] if sides[0] is sides[1] else faults
    rows = [_rows_of(*one) for one in zip(("target", "pred"), sides, ids, told, strict=True)]
    if faults:
        of_scores = all(fault.startswith("`scores") for fault in faults)
        raise ArgumentError("\n".join(fault_lines(faults)), _SCORES_HINT if of_scores else _HINT)
    # Behind the last segment stands what is none, which is ignored or a background.
    background = -1 if outside == "void" else classes.class_of[outside_label(classes, outside)]
    of_target, of_pred = (np.append(side.label, background)[at] for side, at in zip(sides, rows, strict=True))
    # Where nothing is ignored, no segment is.
    values = np.append(np.array(classes.labels, dtype=np.int64), (*classes.all_ignored, 0)[0])
    of_classes = PairCounts.from_columns(values[of_target], values[of_pred], pixels)
    none_void = np.zeros(len(pixels), dtype=np.bool_)
    targets, target = _objects(sides[0], rows[0], pixels, none_void)
    preds, pred = _objects(sides[1], rows[1], pixels, of_target < 0)
    shared = np.flatnonzero((target >= 0) & (pred >= 0))
    shared = shared[np.lexsort((pred[shared], target[shared]))]
    overlaps = Overlaps.one_image(target[shared], pred[shared], pixels[shared])
    return of_classes, (Objects.of_sides(targets, preds), overlaps)


def _objects(segments: Segmented, rows: Ints, pixels: Ints, void: Bools) -> tuple[SideObjects, Ints]:
    """Return the objects of a side, and the number of that which each row of pixels is of; -1 for none.

    Void are rows of which the other side has void.
    """
    size, covered = (np.zeros(len(segments.id) + 1, dtype=np.int64) for _ in range(2))
    np.add.at(size, rows, pixels)
    np.add.at(covered, rows[void], pixels[void])
    kept = np.flatnonzero(segments.label >= 0)
    number = np.full(len(segments.id) + 1, -1)
    number[kept] = np.arange(len(kept))
    objects = SideObjects(
        segments.id[kept],
        segments.label[kept],
        size[kept],
        kept,
        area=None if segments.area is None else segments.area[kept],
        score=segments.score[kept],
        crowd=segments.crowd[kept],
        void=covered[kept],
    )
    return objects, number[rows]


def _of_one_class(classes: Classes, name: str, ids: Ints) -> dict[int, ClassOf]:
    """Return the segments of ids where there is one class that they can be of, or raise ArgumentError."""
    names = [one for i, one in enumerate(classes.names) if not classes.ignored_classes[i]]
    names = [one for one in names if not is_background(one)]
    if len(names) != 1:
        raise ArgumentError(
            f"{arg(name)} is not given, and there are {many(len(names), 'class')} that an id may be of", _HINT
        )
    return dict.fromkeys((one for one in np.unique(ids).tolist() if one != NO_SEGMENT), names[0])


def _segmented(classes: Classes, name: str, given: object, faults: list[str], *, crowds: bool) -> Segmented:
    """Return the segments of one side; what is wrong with them is added to the faults."""
    if not isinstance(given, Mapping):
        kind = type(given).__name__
        raise ArgumentError(f"{arg(name)} is of type {kind}, expected the class of each id", _HINT)
    ids, labels, crowd = [], [], []
    for key, of in given.items():
        if not is_int(key) or not -(1 << 63) <= key < 1 << 63 or key == NO_SEGMENT:
            faults.append(f"`{name}` has {brief(key)}, which is the id of no segment")
            continue
        many_of = crowd_of(of)
        label = class_of(classes, of[0] if many_of else of)
        if label is None:
            faults.append(f"`{name}[{key}]` is {brief(of)}, which is no class")
        elif many_of and not crowds:
            faults.append(f"`{name}[{key}]` is a crowd, which only targets have")
        elif label < 0 and not crowds:
            faults.append(f"`{name}[{key}]` is {brief(of)}, which is ignored, and no prediction")
        ids.append(int(key))
        labels.append(-1 if label is None else label)
        crowd.append(many_of)
    of_ids, of_labels = np.array([ids, labels], dtype=np.int64)
    return Segmented(of_ids, of_labels, np.array(crowd, dtype=np.bool_), np.zeros(len(ids)))


def crowd_of(of: Any) -> bool:
    """Whether a class is given as that of a region of many."""
    return isinstance(of, tuple) and len(of) == 2 and isinstance(of[1], str) and of[1] == _CROWD


def class_of(classes: Classes, of: Any) -> int | None:
    """Return the index of the class of a name or a label value, -1 of an ignored one; None of no class."""
    index: int | None = None
    if isinstance(of, str):
        index = classes.names.index(of) if of in classes.names else None
    elif is_int(of):
        if of in classes.ignore:
            return -1
        index = classes.class_of.get(int(of))
    return -1 if index is not None and classes.ignored_classes[index] else index


def _with_scores(preds: Segmented, given: object, faults: list[str]) -> Segmented:
    """Return the predictions with what is said of how sure a model is of each."""
    if given is None:
        return preds
    if not isinstance(given, Mapping):
        kind = type(given).__name__
        raise ArgumentError(f"`scores` is of type {kind}, expected the score of each id", "{7: 0.93}")
    places = {int(one): i for i, one in enumerate(preds.id)}
    found = preds.score.copy()
    for key, value in given.items():
        score = real(value)
        if key not in places:
            faults.append(f"`scores` has {brief(key)}, which is no predicted segment")
        elif score is None:
            faults.append(f"`scores[{key}]` is {brief(value)}, which is no finite number")
        else:
            found[places[key]] = score
    lacking = [str(key) for key in places if key not in given]
    if lacking:
        faults.append(f"`scores` lacks those of {_listed('segment', lacking)}")
    return preds._replace(score=found)


def _rows_of(name: str, side: Segmented, ids: Ints, faults: list[str]) -> Ints:
    """Return the number of the segment that each id is of; that behind the last one for id 0."""
    order = np.argsort(side.id, kind="stable")
    ranked = side.id[order]
    at = np.searchsorted(ranked, ids)
    known = np.zeros(len(ids), dtype=np.bool_)
    inside = at < len(ranked)
    known[inside] = ranked[at[inside]] == ids[inside]
    rows = np.full(len(ids), len(ranked))
    rows[known] = order[at[known]]
    strange = np.unique(ids[~known & (ids != NO_SEGMENT)]).tolist()
    if strange:
        faults.append(f"`{name}` has pixels of {_listed('id', map(str, strange))} without a segment")
    seen = np.zeros(len(ranked) + 1, dtype=np.bool_)
    seen[rows] = True
    empty = side.id[~seen[:-1]].tolist()
    if empty:
        faults.append(f"`{name}` has no pixel of {_listed('segment', map(str, empty))}")
    return rows


def _listed(noun: str, names: Iterable[str]) -> str:
    found = list(names)
    return f"{noun if len(found) == 1 else many(len(found), noun)} {first(found)}"


def fault_lines(faults: list[str]) -> Iterator[str]:
    """Yield what is wrong with an image, a line each."""
    if len(faults) == 1:
        yield visible(faults[0])
        return
    yield f"{many(len(faults), 'fault')} of one image:"
    yield from (f"  {visible(line)}" for line in first_lines(faults, _SHOWN))
