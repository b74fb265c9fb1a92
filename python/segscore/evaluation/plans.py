"""Plans: what is to be evaluated, found and checked once, and dealt out as shards to whoever evaluates them.

How shards reach other processes is no concern here: they can be pickled.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Unpack

import numpy as np

from segscore.base.foreign import translated
from segscore.base.naming import arg
from segscore.base.shown import brief
from segscore.base.values import Frozen, is_int, lazy
from segscore.base.wording import many
from segscore.classes.classes import Classes, ClassesLike
from segscore.counts.failures import skips
from segscore.counts.id_maps import IdMaps
from segscore.counts.measure_options import MeasureOptions, measuring
from segscore.counts.measures import Measures
from segscore.counts.measuring import check_measurable
from segscore.counts.spacings import with_own_spacings
from segscore.counts.widths import band_of
from segscore.errors import ArgumentError, flag
from segscore.evaluation.assembling import warn_of
from segscore.evaluation.evaluation import Evaluation
from segscore.evaluation.instance_images import (
    InstanceImages,
    Instances,
    check_maps_alone,
    check_things,
    find_instances,
)
from segscore.evaluation.parts import Part, check_alike, joined, listed_parts, missing_error, of_shard
from segscore.evaluation.shards import Shard
from segscore.io.annotations.targets import annotated
from segscore.io.array_files import ArrayFile
from segscore.io.blobs import Blob
from segscore.io.by_class import Parts
from segscore.io.cases import Case, Cases, Masks
from segscore.io.groups import By, Label, labels_of
from segscore.io.lists import ListLike
from segscore.io.masks import MAX_PIXELS, Read
from segscore.io.objects import Content
from segscore.io.reading import Reading, read_by
from segscore.io.shapes import PLANES, Dims
from segscore.io.stacks import Layer, find_images, of_stacks, unnamed
from segscore.results.sharded import Place, Sharded, Terms

_MOST_SHARDS = 1 << 20


@dataclass(frozen=True, eq=False, repr=False)
class Plan(Frozen):
    """What is to be evaluated: images that were paired, and how they are judged.

    Attributes
    ----------
    classes : Classes
        The classes, with everything that is ignored.
    names : tuple of str
        The images, in the order of the evaluation.
    missing : tuple of str
        Targets without a prediction, where these are no error.
    extra : tuple of str
        Predictions without a target.
    digest : str
        What tells the plan from others.
    """

    _terms: Terms
    _reading: Reading
    _cases: tuple[Case, ...]
    _stack: tuple[int, ...]
    _groups: tuple[Label, ...] | None
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    _ids: IdMaps | None = None

    @property
    def classes(self) -> Classes:
        """The classes, with everything that is ignored."""
        return self._terms.classes

    @property
    def measures(self) -> Measures:
        """What is measured of the images besides pairs of labels."""
        return self._terms.measures

    @lazy
    def names(self) -> tuple[str, ...]:
        """Names of the images, in the order of the evaluation."""
        return tuple(case.name for case in self._cases)

    @lazy
    def digest(self) -> str:
        """SHA-256 of all that is asked for: names of images, paths and sizes of files, arrays, and options.

        It is the same for whoever makes the same plan, so that parts of another one are found out. What is in
        files is not read: of one that is written anew only another size tells.
        """
        import json
        from hashlib import sha256

        from segscore.results.sent import terms_entries

        known: dict[int, object] = {}
        asked = {
            **terms_entries(self._terms),
            "reading": [getattr(self._reading, name) for name in _OPTIONS] + [self._reading.reader],
            "cases": [[case.name, *(_told(mask, known) for mask in case[1:3])] for case in self._cases],
            "groups": self._groups,
            "missing": self.missing,
            "extra": self.extra,
            **({} if self._ids is None else {"ids": self._ids.told()}),
        }
        return sha256(json.dumps(asked).encode("ascii")).hexdigest()

    def shards(self, number: int) -> tuple[Shard, ...]:
        """Return the images as so many shards, of which those beyond the number of images are empty.

        So there may be as many as processes, whatever is evaluated; nothing remembers how many there were.

        Parameters
        ----------
        number : int
            Of shards, at least 1. Image i is in shard ``i % number``, so that neighbours, which are of one
            sequence or of one size, are in different ones.

        Raises
        ------
        ArgumentError
            If `number` is not 1 to 1,048,576.
        """
        if not is_int(number) or not 1 <= number <= _MOST_SHARDS:
            raise ArgumentError(
                f"the number of shards is {brief(number)}, expected 1 to {_MOST_SHARDS:,}",
                "four for each worker are a good number",
            )
        return tuple(self._shard(i, int(number), self.digest) for i in range(int(number)))

    def whole(self) -> Shard:
        """Return all images as the one shard of a plan that nobody else has."""
        return self._shard(0, 1, "")

    def _shard(self, i: int, number: int, digest: str) -> Shard:
        return Shard(
            Place(i + 1, number, digest),
            self._terms,
            self._reading,
            self._cases[i::number],
            self._stack[i::number],
            None if self._groups is None else self._groups[i::number],
            self.missing[i::number],
            self.extra[i::number],
            len(self),
            None if self._ids is None else self._ids.of(case.name for case in self._cases[i::number]),
        )

    def merge(self, parts: Iterable[Part | Evaluation]) -> Evaluation:
        """Return the evaluation of all images, which is that of :func:`segscore.evaluate` in everything.

        Parameters
        ----------
        parts : iterable of Part, or of Evaluation
            What all shards of one number were evaluated to, in any order; or what `segscore.load` returned of
            them.

        Raises
        ------
        EvaluationError
            If a part is missing: its images are named, and in the `failures` of the error. If images could
            not be scored, and the plan says that they are an error; it lists all of them.
        LabelError
            As for :func:`segscore.evaluate`.
        ArgumentError
            If a part comes twice, is of another plan, or is none.
        """
        found = self._parts(parts)
        if not found:
            raise missing_error([1], Place(1, 1, self.digest), self.names)
        evaluation = joined(found, names=self.names)
        warn_of(evaluation, stacklevel=1)
        return evaluation

    def left(self, parts: Iterable[Part | Evaluation]) -> tuple[Shard, ...]:
        """Return the shards that no part was brought of, such as those that were lost with their workers.

        Parameters
        ----------
        parts : iterable of Part, or of Evaluation
            One or more, such as the `parts` of the error of an executor.

        Returns
        -------
        tuple of Shard
            By their numbers. What they are evaluated to goes with these parts to :meth:`merge`.

        Raises
        ------
        ArgumentError
            If there is no part, or parts are of another plan or number of shards.
        """
        found = self._parts(parts)
        if not found:
            raise ArgumentError("expected one part at least, found none", "`plan.shards` returns all shards")
        places = [part.place for part in found]
        check_alike(places)
        done = {place.number for place in places}
        return tuple(shard for shard in self.shards(places[0].shards) if shard.place.number not in done)

    def _parts(self, parts: object) -> list[Sharded]:
        """Return parts of this plan, or raise ArgumentError."""
        found = [of_shard(part) for part in listed_parts(parts)]
        for part in found:
            if part.place.plan != self.digest:
                raise ArgumentError(
                    f"shard {part.place.said} is of another plan",
                    "shards go together if they were made with the same masks and options",
                )
        return found

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._cases)

    def __repr__(self) -> str:
        """Return a short form with the number of images."""
        return f"<Plan of {self.classes}: {many(len(self), 'image')}>"


_OPTIONS = ("resize", "class_axis", "threshold", "dims", "max_pixels")
"""What a plan is told by, of how masks are read."""


@translated
@measuring
def plan(
    *,
    pred: Masks,
    target: Masks,
    classes: ClassesLike | None = None,
    ignore_index: int | Iterable[int] | None = None,
    pred_classes: ClassesLike | Sequence[int] | None = None,
    pairing: str | None = None,
    list: ListLike | None = None,
    groups: By | None = None,
    read: Read | None = None,
    resize: Literal["nearest"] | None = None,
    strict: bool = False,
    on_error: Literal["raise", "skip"] = "raise",
    class_axis: int | None = None,
    threshold: float | None = None,
    names: Iterable[str] | None = None,
    dims: Dims = PLANES,
    max_pixels: int = MAX_PIXELS,
    storage_options: Mapping[str, Any] | None = None,
    instances: Instances | None = None,
    things: Iterable[str | int] | None = None,
    **measures: Unpack[MeasureOptions],
) -> Plan:
    """Find out what is to be evaluated, once, so that others can evaluate shards of it.

    Parameters
    ----------
    pred, target, classes, ignore_index, pred_classes, pairing, list, groups, read, resize, strict, on_error
        As for :func:`segscore.evaluate`.
    class_axis, threshold, names, dims, max_pixels, storage_options, instances, things
        As for :func:`segscore.evaluate`.
    boundary, segments, distances, spacing, surface, within, tolerances, empty
        As for :func:`segscore.evaluate`.

    Returns
    -------
    Plan
        All faults of names and groups were found; no image has been counted.

    Raises
    ------
    PairingError, ArgumentError, ClassesError
        As for :func:`segscore.evaluate`.

    Examples
    --------
    >>> import numpy as np
    >>> masks = [np.array([[0, 1], [1, 1]]), np.array([[1, 1], [0, 0]]), np.array([[0, 0], [0, 1]])]
    >>> made = plan(pred=masks, target=masks, classes=2)
    >>> shards = made.shards(2)
    >>> shards
    (<Shard 1 of 2: 2 images>, <Shard 2 of 2: 1 image>)
    >>> made.merge(shard.evaluate() for shard in shards).scores.mean_iou
    1.0
    """
    skip, judged_strictly = skips(on_error), flag("strict", strict)
    reading = Reading(
        pairing=pairing,
        list=list,
        read=read,
        resize=resize,
        class_axis=class_axis,
        threshold=threshold,
        names=names,
        dims=dims,
        max_pixels=max_pixels,
        storage_options=storage_options,
    )
    asked = Measures.of(**measures, dims=dims)
    check_things(things, instances)
    ids: IdMaps | None = None
    found: Cases | InstanceImages
    if instances is not None:
        check_maps_alone(pred_classes, reading, asked, strict=judged_strictly)
        found = find_instances(
            instances,
            pred=pred,
            target=target,
            classes=classes,
            ignore_index=ignore_index,
            things=things,
            reading=reading,
            band=band_of(asked.boundary),
        )
        resolved, ids = found.classes, found.ids
        of_files = asked = replace(asked, boundary=()).with_objects("panoptic", ids.stuff, (), ids.band)
    else:
        if classes is None:
            target = None if read is not None else annotated(target, reading.max_pixels)
            if target is None:
                raise ArgumentError(f"{arg('classes')} is not given", "name the classes, or a preset of them")
            classes = target.classes
        resolved = Classes.of(classes, ignore_index, pred_classes)
        check_measurable(asked, resolved)
        found = find_images(pred, target, reading, resolved)
        of_files = with_own_spacings(asked, measures, found.cases, reading)
    if found.missing_error is not None and not skip:
        raise found.missing_error
    cases = tuple(found.cases)
    # A group that is missing costs no run.
    of = None if groups is None else tuple(labels_of(tuple(case.name for case in cases), groups))
    stacks = unnamed(cases, reading)
    of_scores = {name: str(value) for name, value in reading.of_scores.items()}
    provenance = {
        **found.provenance,
        **of_scores,
        **read_by(masks=reading),
        **(of_stacks(cases, reading) if asked.distances else {}),
    }
    number = {name: i for i, stack in enumerate(stacks) for name in stack.names}
    return Plan(
        Terms(
            resolved,
            of_files,
            judged_strictly,
            skip,
            bool(of_scores),
            provenance,
            tuple(stack.shape for stack in stacks),
        ),
        replace(reading, pairing=None, list=None, names=None, storage_options=None),
        cases,
        tuple(number[case.name] for case in cases) if stacks else (),
        of,
        found.missing,
        found.extra,
        ids,
    )


def _told(mask: object, known: dict[int, object]) -> object:
    """Return what a plan tells a mask by, as JSON can say it; `known` is of arrays that were met before."""
    if isinstance(mask, Blob):
        return [mask, mask.size, mask.place.digest if isinstance(mask.place, Content) else None]
    if isinstance(mask, str):
        return [mask, _size(mask)]
    if isinstance(mask, Parts):
        return [[_told(path, known) for path in mask.paths], dict(mask.numbers.labels), mask.numbers.rest]
    if isinstance(mask, Layer):
        stack = mask.stack
        return [_told(stack.path if isinstance(stack, ArrayFile) else stack, known), mask.index]
    if id(mask) not in known:
        said = [str(getattr(mask, name, type(mask).__name__)) for name in ("shape", "dtype")]
        if isinstance(mask, np.ndarray) and mask.dtype != object:
            from hashlib import sha256

            said.append(sha256(np.ascontiguousarray(mask).data).hexdigest())
        known[id(mask)] = said
    return known[id(mask)]


def _size(path: str) -> int | None:
    try:
        return os.stat(path).st_size
    except (OSError, ValueError):
        return None
