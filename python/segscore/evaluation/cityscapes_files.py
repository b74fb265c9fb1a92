"""Predicted masks that texts of Cityscapes name become an evaluation of objects, which may overlap."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Any

from segscore.base.wording import show
from segscore.classes.classes import Classes, ClassesLike
from segscore.counts.counted import Counted
from segscore.counts.counting import Progress, counted_as_read
from segscore.counts.failures import Failure, failure_lines
from segscore.counts.mask_files import MaskCounts, objects_of
from segscore.counts.measures import NOTHING, Measures
from segscore.counts.objects import Objects, Overlaps
from segscore.counts.table import Table
from segscore.errors import EvaluationError, SegscoreError
from segscore.evaluation.evaluation import Evaluation
from segscore.evaluation.instance_evaluator import stuff_labels
from segscore.io.cases import Case
from segscore.io.groups import By, labels_of
from segscore.io.prediction_texts import HINT, MaskLine, find_texts, read_text
from segscore.io.reading import Reading
from segscore.io.whole import refused
from segscore.scores.weighted_iou import MEAN_SIZES


def things_of(classes: Classes, things: Iterable[str | int] | None) -> Iterable[str | int]:
    """Return the classes whose objects are told apart: those of Cityscapes, if none are given."""
    return [name for name in classes.names if name in MEAN_SIZES] if things is None else things


def evaluate_texts(
    *,
    pred: Any,
    target: Any,
    classes: ClassesLike | None,
    ignore_index: int | Iterable[int] | None,
    things: Iterable[str | int] | None,
    groups: By | None,
    max_pixels: int,
    threads: int | None,
    progress: Progress,
) -> Evaluation:
    """Return the evaluation of the masks that texts name; arguments are those of `segscore.evaluate`."""
    resolved = Classes.of("cityscapes" if classes is None else classes, ignore_index)
    stuff = stuff_labels(resolved, things_of(resolved, things))
    found = find_texts(pred, target)
    index = _index(resolved, stuff)
    faults: list[str] = []
    lines = [_lines(path, found.root, index, resolved, faults) for path in found.texts]
    if faults:
        raise refused(faults, HINT)
    counted = _counted(found.targets, lines, Reading(max_pixels=max_pixels), threads, progress)
    pairs, failures = [], []
    ends = accumulate([0, *(max(1, len(own)) for own in lines)])
    for name, own, (first, end) in zip(found.names, lines, pairwise(ends), strict=True):
        masks = [one.pairs for one in counted[first:end] if one.pairs is not None]
        failed = [one.failure for one in counted[first:end] if one.failure is not None]
        # A mask that cannot be read says itself which it is; of another size it has to be called by its path.
        named = [one.message.startswith(f"{show(one.name)}: ") for one in failed]
        failures += [
            replace(one, name=name) if said else one for one, said in zip(failed, named, strict=True)
        ]
        if len(masks) == end - first:
            try:
                counts = zip(masks, own, strict=bool(own))
                of_masks = [MaskCounts(one, index[line.label], line.score) for one, line in counts]
                pairs.append(objects_of(resolved, stuff, masks[0], of_masks))
            except SegscoreError as error:
                failures.append(Failure.of(name, error))
    if failures:
        told = "\n  ".join(failure_lines(failures, ", in `failures` of this error"))
        raise EvaluationError(f"masks cannot be scored:\n  {told}", failures[0].hint, tuple(failures))
    return Evaluation(
        classes=resolved,
        names=found.names,
        table=Table.of_no_pairs(len(found.names)),
        provenance={"pred": found.root, "target": _where(target)},
        groups=None if groups is None else tuple(labels_of(found.names, groups)),
        measured=(Objects.stack([one for one, _ in pairs]), Overlaps.stack([one for _, one in pairs])),
        measures=Measures().with_objects("detections", stuff, ("cityscapes",)),
        extra=found.extra,
    )


def _where(target: object) -> str:
    return os.fspath(target) if isinstance(target, str | os.PathLike) else "a list of paths"


def _index(classes: Classes, stuff: Sequence[int]) -> Mapping[int, int]:
    """Return the class of each label whose objects are told apart."""
    return {
        label: i
        for i, labels in enumerate(classes.all_labels)
        for label in labels
        if classes.labels[i] not in stuff and not classes.ignored_classes[i]
    }


def _lines(
    path: str, root: str, index: Mapping[int, int], classes: Classes, faults: list[str]
) -> list[MaskLine]:
    """Return the lines of masks whose objects are told apart; others are left out, as Cityscapes does."""
    read = read_text(path, root, faults)
    known = {*classes.class_of, *classes.ignore}
    faults += [
        f"{show(path)}: {show(one.path)} is of label {one.label}, which is neither a class nor ignored"
        for one in read
        if one.label not in known
    ]
    return [one for one in read if one.label in index]


def _counted(
    targets: Sequence[str],
    lines: Sequence[Sequence[MaskLine]],
    reading: Reading,
    threads: int | None,
    progress: Progress,
) -> list[Counted]:
    """Return the pair counts of each mask with its target; those of a target with itself where none is."""
    cases = [
        Case(path, path, target)
        for target, own in zip(targets, lines, strict=True)
        for path in ([one.path for one in own] or [target])
    ]
    return counted_as_read(
        cases, None, reading, of_preds=reading, threads=threads, progress=progress, measures=NOTHING
    )
