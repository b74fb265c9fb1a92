"""How a version of a dataset is made: files are paired and read, targets are counted, and all is written."""

import warnings
from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from typing import NamedTuple

from segscore.auditing.files import header_of
from segscore.auditing.meaning import doubtful
from segscore.auditing.results import Truth, warning_text
from segscore.auditing.seen import Seen
from segscore.auditing.truth import truth_of
from segscore.base.naming import arg
from segscore.base.wording import many, show
from segscore.classes.classes import Classes
from segscore.counts.counting import Progress
from segscore.counts.doubts import PALETTES
from segscore.counts.failures import failure_lines
from segscore.counts.id_maps import IdMaps
from segscore.counts.measures import NOTHING
from segscore.counts.palettes import differing
from segscore.counts.settling import counted_cases, painted_images
from segscore.errors import (
    ArgumentError,
    EvaluationError,
    PairingError,
    SegscoreWarning,
    WorkspaceError,
    hints_of,
)
from segscore.evaluation.assembling import assemble
from segscore.io.annotations.targets import annotated
from segscore.io.by_class import Parts, PartsByPath, lacking, names_used
from segscore.io.cases import Case, nodata_labels
from segscore.io.code import Code
from segscore.io.groups import By, csv_columns, labels_of
from segscore.io.left_out import left_out_text
from segscore.io.lists import name_list
from segscore.io.pairing import Pairing, missing_error, pair, proposal
from segscore.io.reading import Reading
from segscore.io.shapes import PLANES
from segscore.io.sources import SourceLike
from segscore.io.targets import named_targets
from segscore.io.void_files import refuse_void
from segscore.workspace.registry.datasets import content_of
from segscore.workspace.registry.kept import keep
from segscore.workspace.registry.module_names import check_function
from segscore.workspace.registry.painted import Drawn, painted_targets
from segscore.workspace.registry.photographs import doubtful_photographs
from segscore.workspace.registry.segments import Segments
from segscore.workspace.registry.target_files import Target, files_of, masks_of
from segscore.workspace.store.digests import File, changes, read_files
from segscore.workspace.store.store import Row, Store

_SHOWN = 20
"""Files that an error lists."""


def add_dataset(
    store: Store,
    name: str,
    version: str | None,
    *,
    images: SourceLike | None,
    targets: SourceLike,
    classes: Classes,
    groups: By | None,
    attributes: str | PathLike[str] | None,
    reading: Reading,
    threads: int | None,
    progress: Progress,
    ids: IdMaps | None = None,
    segments: Segments | None = None,
    beside: str | None = None,
) -> Row:
    """Write a version of a dataset; the parameters are those of `Datasets.add`, names checked.

    Where targets hold ids of objects, `ids` says what these are, by the `segments` of the file `beside`, if
    there is one.
    """
    # It is read once, so that what is kept of it is what was used.
    reading = replace(reading, list=None if reading.list is None else name_list(reading.list))
    reader = None
    if isinstance(reading.read, Code):
        check_function(reading.read, "read")
        (reader,) = read_files(store, [reading.read.file], threads)
        reading = replace(reading, read=replace(reading.read, digests=(reader.sha256,)))
    drawn = None
    drawable = ids is None and reading.read is None
    if drawable and (objects := annotated(targets, reading.max_pixels)) is not None:
        targets, drawn = painted_targets(store, objects, classes, threads)
    if beside is not None:
        drawn = Drawn(tuple(read_files(store, [beside], threads)), ())
    found = found_files(images, targets, reading, classes, attributes)
    if ids is not None and found.parts:
        raise ArgumentError(
            f"{arg('pairing')} names a file for each class, and ids of objects are in one file of each image",
            "leave `{class}` out of the pattern",
        )
    for said in found.warnings:
        warnings.warn(SegscoreWarning(said), stacklevel=3)
    names, by_class = found.names, found.parts
    # What is quick to find out costs no reading of files.
    labels = None if groups is None else labels_of(names, groups)
    mask_paths = [
        path
        for first in found.targets
        for path in ([part.path for part in by_class[first]] if first in by_class else [first])
    ]
    files = read_files(store, [*(found.images or ()), *mask_paths], threads)
    photographs, files = files[: -len(mask_paths)], files[-len(mask_paths) :]
    of_path = dict(zip(mask_paths, files, strict=True))
    made: list[Target] = [
        {part.name: of_path[part.path] for part in by_class[path]} if path in by_class else of_path[path]
        for path in found.targets
    ]
    path_of = {file: path for path, file in of_path.items()}
    masks = masks_of(classes, made, [path_of[file] for file in files_of(made)])
    with reading.ready() as ready:
        truth = _counted(names, masks, classes, ready, ids, threads=threads, progress=progress)
    still = [*files, *([] if reader is None else [reader]), *(() if drawn is None else drawn.files)]
    _check_still(store, still, threads)
    if found.images is not None and reading.dims == PLANES:
        for said in doubtful_photographs(found.images, found.targets, reading.read):
            warnings.warn(SegscoreWarning(said), stacklevel=3)
    content = content_of(
        names=names,
        images=None if found.images is None else photographs,
        targets=made,
        groups=labels,
        attributes=found.attributes,
        classes=classes,
        reading=reading,
        reader=reader,
        drawn=drawn,
        truth=truth,
        instances="" if ids is None else ids.kind,
        segments=segments,
    )
    return keep(store, name, version, content=content, truth=truth, classes=classes)


class Found(NamedTuple):
    """The files of a dataset, in the order of its names, and what is known of its images beside them."""

    names: tuple[str, ...]
    images: list[str] | None
    targets: list[str]
    parts: PartsByPath
    """The files of targets that are made of several, by the first of each."""
    attributes: dict[str, list[str]]
    warnings: list[str]
    """Which targets and other files are left out."""


def found_files(
    images: SourceLike | None,
    targets: SourceLike,
    reading: Reading,
    classes: Classes,
    attributes: str | PathLike[str] | None = None,
) -> Found:
    """Return targets, with their images if there are any, and their attributes; no image or mask is read.

    `Datasets.add` has the arguments, and says what is raised of files that are not found or do not match.
    """
    said = []
    if images is None:
        named, parts, left_out = named_targets(
            targets, reading.pairing, classes.names, reading.list, suffixes=reading.suffixes
        )
        photographs = None
    else:
        paired = pair(
            images,
            targets,
            reading.pairing,
            suffixes=reading.suffixes,
            images=True,
            list=reading.list,
            by_class=True,
            classes=classes.names,
        )
        if reading.list is not None and paired.missing:
            raise missing_error(paired)
        if paired.extra:
            raise _without_target(paired)
        if paired.missing:
            said.append(_without_image(paired))
        named = {row.name: row.target for row in paired.pairs}
        (_, parts), left_out = paired.parts, paired.left_out
        photographs = [row.pred for row in paired.pairs]
    if not parts:
        refuse_void(named)
    if left_out:
        said.append(left_out_text(left_out))
    of_classes = {name: names_used({path: parts[path]}) for name, path in named.items() if path in parts}
    if lack := lacking(of_classes, "target"):
        said.append(lack)
    names = tuple(named)
    columns = {} if attributes is None else csv_columns(names, attributes)
    return Found(names, photographs, list(named.values()), parts, columns, said)


def _without_target(paired: Pairing) -> PairingError:
    number = len(paired.extra)
    lines = [
        f"{number:,} of {many(number + len(paired.pairs), 'image')} {'has' if number == 1 else 'have'} no "
        f"target in {paired.target.where}:",
        *map(show, paired.extra[:_SHOWN]),
        *([f"and {number - _SHOWN:,} more"] if number > _SHOWN else []),
    ]
    return PairingError(
        "\n  ".join(lines),
        (proposal(paired) if paired.missing else None)
        or "add their targets, or name the images that are to count with a glob pattern",
    )


def _without_image(paired: Pairing) -> str:
    return (
        f"{many(len(paired.missing), 'target')} without an image left out, first {show(paired.missing[0])}: "
        f"the dataset has the {many(len(paired.pairs), 'image')} in {paired.pred.where}"
    )


def _counted(
    names: tuple[str, ...],
    targets: Sequence[str | Parts],
    classes: Classes,
    reading: Reading,
    ids: IdMaps | None,
    *,
    threads: int | None,
    progress: Progress,
) -> Truth:
    """Return what the targets hold: each is counted with itself."""
    cases = [Case(name, mask, mask) for name, mask in zip(names, targets, strict=True)]
    counted = counted_cases(cases, classes, reading, threads=threads, progress=progress, ids=ids)
    failures = tuple(image.failure for image in counted if image.failure is not None)
    if failures:
        raise EvaluationError(
            "\n  ".join(
                [
                    f"{len(failures):,} of {many(len(names), 'target')} cannot be read:",
                    *failure_lines(failures),
                ]
            ),
            hints_of(failures),
            failures,
        )
    measures = NOTHING if ids is None else ids.measures
    found = assemble(classes, counted, nodata=lambda: nodata_labels(cases), measures=measures)
    palettes = differing(painted_images(counted), classes, alone=True)
    seen = Seen(classes, names, found.table, told={PALETTES: palettes} if palettes else {})
    for finding in doubtful(seen, ("target",)):
        warnings.warn(SegscoreWarning(warning_text(finding)), stacklevel=4)
    return truth_of(seen, (header_of(target, reading.read) for target in targets))


def _check_still(store: Store, files: list[File], threads: int | None) -> None:
    """Refuse targets, and code that read them, that changed between their digest and their count."""
    moved = changes(store, files, verify=False, threads=threads)
    if moved:
        raise WorkspaceError(
            f"{many(len(moved), 'file')} changed while the dataset was added, first {show(min(moved))}",
            "add it again once nothing writes to these files",
        )
