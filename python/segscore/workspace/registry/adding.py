"""How a version of a dataset is made: files are paired and read, targets are counted, and all is written."""

import warnings
from collections.abc import Sequence
from os import PathLike
from typing import Any

from segscore.auditing.files import header_of
from segscore.auditing.meaning import doubtful
from segscore.auditing.results import Truth
from segscore.auditing.seen import Seen
from segscore.auditing.truth import truth_of
from segscore.base.naming import marked
from segscore.base.wording import many, show
from segscore.classes.classes import Classes
from segscore.counts.counting import Progress, counted_cases
from segscore.counts.failures import failure_lines
from segscore.errors import EvaluationError, PairingError, SegscoreWarning, WorkspaceError, hints_of
from segscore.evaluation.assembling import assemble
from segscore.io.by_class import Parts
from segscore.io.cases import Case, nodata_labels
from segscore.io.groups import By, csv_columns, labels_of
from segscore.io.left_out import left_out_text
from segscore.io.pairing import Pairing, pair, proposal
from segscore.io.reading import Reading
from segscore.io.sources import SourceLike
from segscore.results.evaluated import PALETTES
from segscore.workspace.registry.datasets import KIND, Target, content_of, digest_of_content, masks_of
from segscore.workspace.store.digests import File, changes, read_files
from segscore.workspace.store.store import Row, Store

_SHOWN = 20
"""Files that an error lists."""


def add_dataset(
    store: Store,
    name: str,
    version: str | None,
    *,
    images: SourceLike,
    targets: SourceLike,
    classes: Classes,
    groups: By | None,
    attributes: str | PathLike[str] | None,
    reading: Reading,
    threads: int | None,
    progress: Progress,
) -> Row:
    """Write a version of a dataset; the parameters are those of `Datasets.add`, names checked."""
    paired, columns = paired_files(images, targets, reading, classes, attributes)
    if paired.missing:
        warnings.warn(SegscoreWarning(_without_image(paired)), stacklevel=3)
    if paired.left_out:
        warnings.warn(SegscoreWarning(left_out_text(paired.left_out)), stacklevel=3)
    names = tuple(row.name for row in paired.pairs)
    # What is quick to find out costs no reading of files.
    labels = None if groups is None else labels_of(names, groups)
    image_paths, target_paths = ([row[side] for row in paired.pairs] for side in (1, 2))
    _, by_class = paired.parts
    mask_paths = [
        path
        for first in target_paths
        for path in ([part.path for part in by_class[first]] if first in by_class else [first])
    ]
    files = read_files(store, [*image_paths, *mask_paths], threads)
    of_path = dict(zip(mask_paths, files[len(names) :], strict=True))
    made: list[Target] = [
        {part.name: of_path[part.path] for part in by_class[path]} if path in by_class else of_path[path]
        for path in target_paths
    ]
    path_of = {file: path for path, file in of_path.items()}
    masks = masks_of(classes, made, path_of.__getitem__)
    truth = _counted(names, masks, classes, reading, threads=threads, progress=progress)
    _check_still(store, files[len(names) :], threads)
    content = content_of(
        names=names,
        images=files[: len(names)],
        targets=made,
        groups=labels,
        attributes=columns,
        classes=classes,
        reading=reading,
        truth=truth,
    )
    summary: dict[str, Any] = {
        "images": truth.images,
        "pixels": truth.pixels,
        "void": truth.void,
        "classes": len(classes),
        "classes_name": classes.name,
    }
    return store.add(KIND, name, version, digest=digest_of_content(content), summary=summary, content=content)


def paired_files(
    images: SourceLike,
    targets: SourceLike,
    reading: Reading,
    classes: Classes,
    attributes: str | PathLike[str] | None = None,
) -> tuple[Pairing, dict[str, list[str]]]:
    """Return images with their targets, and the columns of their attributes; no image or mask is read.

    `Datasets.add` has the arguments, and says what is raised of files that are not found or do not match.
    """
    paired = pair(images, targets, reading.pairing, images=True, by_class=True, classes=classes.names)
    if paired.extra:
        raise _without_target(paired)
    names = tuple(row.name for row in paired.pairs)
    return paired, {} if attributes is None else csv_columns(names, attributes)


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
    *,
    threads: int | None,
    progress: Progress,
) -> Truth:
    """Return what the targets hold: each is counted with itself."""
    cases = [Case(name, mask, mask) for name, mask in zip(names, targets, strict=True)]
    counted = counted_cases(cases, classes, reading, threads=threads, progress=progress)
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
    found = assemble(classes, counted, nodata=lambda: nodata_labels(cases))
    seen = Seen(classes, names, found.table, palettes=found.provenance.get(PALETTES, ""))
    for finding in doubtful(seen, ("target",)):
        warnings.warn(
            SegscoreWarning(f"{marked(finding.message)}\nhint: {marked(finding.hint)}"), stacklevel=4
        )
    return truth_of(seen, map(header_of, targets))


def _check_still(store: Store, files: list[File], threads: int | None) -> None:
    """Refuse targets that changed between their digest and their count."""
    moved = changes(store, files, verify=False, threads=threads)
    if moved:
        raise WorkspaceError(
            f"{many(len(moved), 'target')} changed while the dataset was added, first {show(min(moved))}",
            "add it again once nothing writes to these files",
        )
