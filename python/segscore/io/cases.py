"""What is to be compared: cases, files by name and arrays by position. Nothing is read here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from os import PathLike, fspath
from typing import Any, NamedTuple, TypeAlias

from segscore.base.naming import arg, args
from segscore.base.shown import first
from segscore.base.wording import many, show
from segscore.classes.classes import Classes
from segscore.errors import ArgumentError, PairingError, SegscoreError, ShapeError
from segscore.io.addresses import public
from segscore.io.annotations.targets import ANNOTATED, annotated
from segscore.io.arrays import is_many
from segscore.io.blobs import Blob, Blobs
from segscore.io.by_class import (
    BY_CLASS,
    SCORES_OF_CLASSES,
    Numbers,
    Parts,
    PartsByPath,
    are_tasks,
    lacking,
    names_used,
    numbered,
    numbers_of,
    refuse_doubled,
)
from segscore.io.elsewhere import are_nameless, check_options, given_side
from segscore.io.kinds import kind_of
from segscore.io.left_out import LEFT_OUT, left_out_text
from segscore.io.lists import ListLike, name_list
from segscore.io.pairing import Pairing, missing_error, pair
from segscore.io.patterns import split_pattern
from segscore.io.reading import Reading
from segscore.io.sides import Side
from segscore.io.sources import Source

Masks: TypeAlias = Any
"""A folder, a glob pattern, a list of paths, an array or a list of arrays."""


class Case(NamedTuple):
    """A prediction and its target, each a path (str), `Blob`, `Parts`, an array, or a `Layer` of a stack."""

    name: str
    pred: object
    target: object
    class_axis: int | None = None
    """Which axis of the prediction holds the classes, if it is class scores."""
    problem: SegscoreError | None = None
    """Why the two cannot be compared, if that is known before they are read."""


@dataclass(frozen=True)
class Cases:
    """What is to be compared."""

    cases: list[Case]
    pairing: Pairing | None = None
    """How files were matched, if these are files."""
    provenance: Mapping[str, str] = field(default_factory=dict)
    """Where they were found."""
    class_names: Mapping[int, str] = field(default_factory=dict)
    """What files name the classes by labels that were given to them here, as there were no classes yet."""
    alone: bool = False
    """Whether each side is one array, and no list."""

    @property
    def by_name(self) -> bool:
        """Whether files were matched by name, and not by position."""
        found = self.pairing
        return found is not None and not (found.pattern is None and found.pred.listed and found.target.listed)

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of targets without a prediction."""
        return () if self.pairing is None else self.pairing.missing

    @property
    def extra(self) -> tuple[str, ...]:
        """Predictions without a target."""
        return () if self.pairing is None else self.pairing.extra

    @property
    def missing_error(self) -> PairingError | None:
        """The error that lists all missing predictions of files that were matched by name, if any are."""
        return missing_error(self.pairing) if self.pairing is not None and self.missing else None


def nodata_labels(cases: Iterable[Case]) -> frozenset[int]:
    """Return the labels that targets call no data themselves, as GDAL's tag of TIFF files does."""
    return nodata_of_files(target_files(cases))


def target_files(cases: Iterable[Case]) -> list[str]:
    """Return the paths of targets that are one file of this machine each."""
    targets = [case.target for case in cases]
    return [target for target in targets if isinstance(target, str) and not isinstance(target, Blob)]


def nodata_of_files(paths: Iterable[str]) -> frozenset[int]:
    """Return the labels that files call no data themselves."""
    kinds = ((path, kind_of(path)) for path in paths)
    tagged = [path for path, kind in kinds if kind is not None and kind.reader == "tiff"]
    if not tagged:
        return frozenset()
    from segscore.io.tiff import nodata_of

    found = map(nodata_of, tagged)
    return frozenset(label for label in found if label is not None)


def find_cases(pred: Masks, target: Masks, reading: Reading, classes: Classes | None) -> Cases:
    """Find out what is to be compared, files by name and lists of arrays by position.

    With a threshold, gray pictures are predictions, too.
    """
    listing = None if reading.list is None else name_list(reading.list)
    opened = reading.read is None
    found_in = annotated(target, reading.max_pixels) if opened else None
    painted = None if found_in is None else found_in.label_maps(classes)
    target = target if painted is None else painted.masks()
    check_options(reading.storage_options, pred, target)
    pred = given_side("pred", pred, reading.storage_options, opened=opened)
    target = given_side("target", target, reading.storage_options, opened=opened)
    if _is_paths(pred) and _is_paths(target):
        found = pair(
            pred,
            target,
            reading.pairing,
            suffixes=reading.suffixes,
            shares=reading.threshold is not None,
            named=reading.names is not None or are_nameless("target", target),
            list=listing,
            by_class=True,
            classes=None if classes is None else classes.names,
            tasks=are_tasks(classes),
        )
        provenance = {"pred": _described(pred), "target": _described(target)}
        if reading.pairing is not None:
            provenance["pairing"] = reading.pairing
        if painted is not None:
            provenance[ANNOTATED] = f"targets are annotations: {'; '.join(painted.facts)}"
        if found.left_out:
            provenance[LEFT_OUT] = left_out_text(found.left_out)
        if listing is not None:
            provenance["list"] = listing.where
        return _of_files(found, provenance, reading, classes)
    if listing is not None:
        raise ArgumentError(
            f"{arg('list')} is given with arrays, which have no names", "it chooses files of folders"
        )
    preds, targets = _listed(pred), _listed(target)
    if len(preds) != len(targets):
        raise ShapeError(
            f"`pred` and `target` differ in length: {len(preds)} and {len(targets)}",
            "give one target for each prediction",
        )
    pairs = enumerate(zip(preds, targets, strict=True))
    alone = not _is_list(pred) and not _is_list(target)
    return Cases([Case(str(i), p, t) for i, (p, t) in pairs], alone=alone)


def _of_files(found: Pairing, provenance: dict[str, str], reading: Reading, classes: Classes | None) -> Cases:
    """Return files that were matched by name, those of one mask as one where each class has its own."""
    if found.parts[0] and reading.of_scores and not are_tasks(classes):
        raise ArgumentError(
            f"{arg('pairing')}: predictions of one file for each class are labels, and no class scores",
            f"where a file has 0 and one other value, leave {args(reading.of_scores)} out; "
            f"{SCORES_OF_CLASSES}",
        )
    if not any(found.parts):
        return Cases([Case(*pair) for pair in found.pairs], found, provenance)
    used = [names_used(of) for of in found.parts]
    numbers = (
        [numbered(used[0] | used[1])] * 2
        if classes is None
        else [
            numbers_of(classes, names, of_pred=side == 0, tasks=are_tasks(classes))
            for side, names in enumerate(used)
        ]
    )
    said = [one.said for one, names in zip(numbers, used, strict=True) if names and one.said]
    # A file of scores is read as any other, where it is a prediction of its own.
    all_parts = ({} if reading.of_scores else found.parts[0], found.parts[1])
    of_preds, of_targets = (
        partial(_mask, parts=parts, numbers=one) for parts, one in zip(all_parts, numbers, strict=True)
    )
    cases = [Case(name, of_preds(pred), of_targets(target)) for name, pred, target in found.pairs]
    for side, which in enumerate(("prediction", "target")):
        masks = {case.name: of.names for case in cases if isinstance(of := case[1 + side], Parts)}
        if not are_tasks(classes) and (lack := lacking(masks, which)):
            said.append(lack)
    unlike = [
        case.name
        for case in cases
        if isinstance(case.pred, Parts)
        and isinstance(case.target, Parts)
        and case.pred.names != case.target.names
    ]
    if unlike:
        number = many(len(unlike), "image")
        said.append(f"in {number} one side alone has a file of some class: {first([*map(show, unlike)], 3)}")
    if said:
        provenance[BY_CLASS] = "; ".join(dict.fromkeys(said))
    names = {label: name for name, label in numbers[0].labels.items()} if classes is None else {}
    return Cases(cases, found, provenance, class_names=names)


def _mask(path: str, parts: PartsByPath, numbers: Numbers) -> str | Parts:
    return Parts(parts[path], numbers) if path in parts else path


def masks_alone(source: Source, pattern: str, list: ListLike | None = None) -> Cases:
    """Return the masks of one side as a pattern describes them, or those of them that a list names.

    Each is to be compared with itself.
    """
    side = Side.of(source, split_pattern(pattern)[1], None)
    if list is None:
        refuse_doubled(side.source, side.doubled)
    else:
        side = side.chosen(name_list(list))
    numbers = numbered(names_used(side.parts))
    masks = [
        (name, _mask(path, side.parts, numbers))
        for name, path in zip(side.ids, side.source.paths, strict=True)
        if name is not None
    ]
    if not masks:
        raise PairingError(
            f"{arg(source.role)}: the pattern {show(pattern)} describes no file in {source.where}",
            "'{id}_{class}' finds one file for each class of an image, '{id}_gt' one for each image",
        )
    of_labels = {label: name for name, label in numbers.labels.items()}
    said = lacking({name: mask.names for name, mask in masks if isinstance(mask, Parts)}, "mask")
    cases = [Case(name, mask, mask) for name, mask in masks]
    return Cases(cases, provenance={BY_CLASS: said} if said else {}, class_names=of_labels)


def _is_paths(masks: Masks) -> bool:
    if isinstance(masks, Blobs):
        return True
    if isinstance(masks, list | tuple):
        return all(isinstance(mask, str | PathLike) for mask in masks)
    return isinstance(masks, str | PathLike)


def _described(masks: Masks) -> str:
    if isinstance(masks, Blobs):
        return masks.where
    return f"{len(masks)} paths" if isinstance(masks, list | tuple) else public(fspath(masks))


def _is_list(masks: Masks) -> bool:
    """Whether these are several masks; lists of numbers are one array."""
    return isinstance(masks, list | tuple) and (
        not masks or is_many(masks) or any(isinstance(mask, str | PathLike) for mask in masks)
    )


def _listed(masks: Masks) -> Sequence[object]:
    several = masks if _is_list(masks) else [masks]
    return [fspath(mask) if isinstance(mask, PathLike) else mask for mask in several]
